//! The places that a report shows of a finding: those that the check names, and where their values are written.
//!
//! A value that a template takes from elsewhere (a parameter's default, a file with parameters, a mapping, what a YAML alias
//! stands for) is used in one place and written in another, and whoever mends it may have to go to either.

use super::Rendering;
use super::words::first_pipeline;
use crate::check::Finding;
use crate::source::{Origin, Place, Sources};

/// The remark at the place where a value is written.
const WRITTEN: &str = "its value is written here";

/// A place with its remark.
pub(super) struct Shown<'a> {
    /// The place.
    pub(super) place: Place,
    /// The remark.
    pub(super) text: &'a str,
    /// What stands there.
    pub(super) origin: Origin,
}

/// All places of a finding in the order of its labels, each followed by the one where its value is written, if that is a
/// place that has not been named.
pub(super) fn places<'a>(finding: &'a Finding, sources: &Sources) -> Vec<Shown<'a>> {
    let mut shown: Vec<Shown<'a>> = Vec::new();
    let named: Vec<Place> = finding
        .labels
        .iter()
        .map(|label| sources.place(label.origin))
        .collect();
    for (label, place) in finding.labels.iter().zip(&named) {
        shown.push(Shown {
            place: place.clone(),
            text: &label.text,
            origin: label.origin,
        });
        let Some(origin) = sources.defined(label.origin) else {
            continue;
        };
        let place = sources.place(origin);
        let same = |other: &Place| other.name == place.name && other.span == place.span;
        if named.iter().any(same) || shown.iter().any(|shown| same(&shown.place)) {
            continue;
        }
        shown.push(Shown {
            place,
            text: WRITTEN,
            origin,
        });
    }
    shown
}

/// The places of a finding; where it names none, that of the pipeline of its first action, for there are formats in which
/// a finding without a place is not shown.
pub(super) fn places_or_pipeline<'a>(
    finding: &'a Finding,
    rendering: &Rendering<'_>,
) -> Vec<Shown<'a>> {
    let mut shown = places(finding, rendering.sources);
    if shown.is_empty()
        && let Some(pipeline) = first_pipeline(finding, &rendering.result.checked)
    {
        shown.push(Shown {
            place: rendering.sources.place(pipeline.origin),
            text: "",
            origin: pipeline.origin,
        });
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Decided, Label, ReportLayer};
    use crate::rules::Severity;
    use crate::source::{Made, MadeValue};

    fn finding(origins: &[Origin]) -> Finding {
        let label = |origin: &Origin| Label {
            origin: *origin,
            text: "used here".to_owned(),
        };
        Finding {
            rule: String::new(),
            severity: Severity::Error,
            decision: Decided::Denied,
            layer: ReportLayer::Identity,
            principals: Vec::new(),
            operations: Vec::new(),
            resources: Vec::new(),
            message: String::new(),
            help: String::new(),
            documentation: Vec::new(),
            affects: Vec::new(),
            missing: Vec::new(),
            labels: origins.iter().map(label).collect(),
            suggestion: None,
        }
    }

    #[test]
    fn a_value_is_shown_where_it_is_used_and_once_where_it_is_written() {
        let mut sources = Sources::new();
        let text = "Default: arn:x\nOne: !Ref P\nTwo: !Ref P\n";
        let source = sources.add("t.yaml", text.as_bytes()).unwrap();
        let root = sources.roots(source)[0];
        let at = |key: &str| root.get(key).unwrap().origin();
        let (default, one, two) = (at("Default"), at("One"), at("Two"));
        let value = |at| Made {
            value: MadeValue::Text("arn:x".to_owned()),
            at,
            also: Some(default),
        };
        let made = sources.make(&Made::list(vec![value(one), value(two)], one));
        let items: Vec<Origin> = sources
            .node(made)
            .items()
            .iter()
            .map(|item| item.origin())
            .collect();
        let finding = finding(&items);
        let shown = places(&finding, &sources);
        let lines: Vec<(usize, &str)> = shown
            .iter()
            .map(|shown| (shown.place.start.line, shown.text))
            .collect();
        assert_eq!(lines, [(2, "used here"), (1, WRITTEN), (3, "used here")]);
        // A place that the finding names itself is not named again.
        let finding = super::tests::finding(&[items[0], default]);
        let shown = places(&finding, &sources);
        let lines: Vec<usize> = shown.iter().map(|shown| shown.place.start.line).collect();
        assert_eq!(lines, [2, 1]);
    }
}
