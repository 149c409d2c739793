//! What came of it, in words that need no legend.

use std::collections::BTreeSet;

use super::prose::clean;
use crate::check::{self, Decided, Finding};
use crate::report::words::{affecting, count};
use crate::rules::Severity;

/// What a finding, a requirement or an action comes to, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// It will fail for certain.
    Fails,
    /// It may fail, or it opens more than it has to.
    Warned,
    /// A fact is missing.
    Undecided,
    /// Something is amiss that does not count, because somebody said so.
    Aside,
    /// Advice.
    Noted,
    /// Nothing is amiss.
    Fine,
}

impl Verdict {
    /// The name in classes and filters.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::Warned => "warned",
            Self::Undecided => "undecided",
            Self::Aside => "aside",
            Self::Noted => "noted",
            Self::Fine => "fine",
        }
    }

    /// What is said of an action.
    pub(super) fn of_action(self) -> &'static str {
        match self {
            Self::Fails => "will fail",
            Self::Warned => "warning",
            Self::Undecided => "undecided",
            Self::Aside => "set aside",
            Self::Noted => "note",
            Self::Fine => "nothing missing",
        }
    }

    /// A sign that says the same without a colour.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Fails => "✕",
            Self::Warned => "!",
            Self::Undecided => "?",
            Self::Aside => "–",
            Self::Noted => "i",
            Self::Fine => "✓",
        }
    }

    pub(super) fn of(finding: &Finding) -> Self {
        match (finding.severity, finding.decision) {
            (Severity::Error, _) => Self::Fails,
            (_, Decided::Undecided) => Self::Undecided,
            (Severity::Warning, _) => Self::Warned,
            (Severity::Note, _) => Self::Noted,
        }
    }
}

/// The top of the page.
pub(super) struct Headline {
    pub(super) verdict: Verdict,
    /// `5 errors in 1 pipeline: it will fail`
    pub(super) text: String,
    /// What else is to be known before reading on.
    pub(super) also: Vec<String>,
    pub(super) counts: Vec<Count>,
}

/// A number with its name.
pub(super) struct Count {
    /// `1 pipeline`
    pub(super) number: usize,
    pub(super) name: String,
    /// The class of its colour; none for what is neither good nor bad.
    pub(super) class: &'static str,
}

pub(super) fn of(result: &check::Result) -> Headline {
    let summary = &result.summary;
    let (verdict, text) = verdict(result);
    let number = |name: &str, number, class| Count {
        name: match name {
            _ if number == 1 => name.to_owned(),
            "allowed" | "denied" | "undecided" => name.to_owned(),
            _ => format!("{name}s"),
        },
        number,
        class: if number == 0 { "" } else { class },
    };
    Headline {
        verdict,
        text,
        also: also(result),
        counts: vec![
            number("error", summary.errors, "fails"),
            number("warning", summary.warnings, "warned"),
            number("note", summary.notes, "noted"),
            number("pipeline", summary.pipelines, ""),
            number("action", summary.actions, ""),
            number("requirement", summary.requirements, ""),
            number("allowed", summary.allowed, "fine"),
            number("denied", summary.denied, "fails"),
            number("undecided", summary.undecided, "undecided"),
        ],
    }
}

fn verdict(result: &check::Result) -> (Verdict, String) {
    let summary = &result.summary;
    let pipelines = count(summary.pipelines, "pipeline");
    if summary.errors > 0 {
        let errors = format!("{} in {pipelines}", count(summary.errors, "error"));
        let broken = broken(result);
        let fate = match (broken, summary.pipelines) {
            (0, _) => String::new(),
            (1, 1) => ": it will fail".to_owned(),
            (broken, all) if broken == all => ": all of them will fail".to_owned(),
            (broken, _) => format!(": {broken} of them will fail"),
        };
        return (Verdict::Fails, format!("{errors}{fate}"));
    }
    let of_all = format!(
        "{} of {}",
        summary.undecided,
        count(summary.requirements, "requirement")
    );
    if summary.warnings > 0 {
        let text = format!(
            "no errors, but {} in {pipelines}",
            count(summary.warnings, "warning")
        );
        return (Verdict::Warned, text);
    }
    if summary.undecided > 0 {
        let verb = if summary.undecided == 1 { "is" } else { "are" };
        let text = format!("no errors found in {pipelines}, but {of_all} {verb} undecided");
        return (Verdict::Undecided, text);
    }
    if summary.notes > 0 {
        let text = format!("no errors in {pipelines}, {}", count(summary.notes, "note"));
        return (Verdict::Noted, text);
    }
    match summary.denied {
        0 if summary.requirements > 0 && summary.allowed == summary.requirements => {
            let all = count(summary.requirements, "requirement");
            let verb = if summary.requirements == 1 {
                "is"
            } else {
                "are"
            };
            (
                Verdict::Fine,
                format!("nothing found in {pipelines}: {all} {verb} allowed"),
            )
        }
        0 => (Verdict::Fine, format!("nothing found in {pipelines}")),
        _ => (
            Verdict::Aside,
            format!("nothing that counts in {pipelines}"),
        ),
    }
}

/// Pipelines that will fail; an error that breaks nothing, as an undecided one may be made by who weighs it, does not say so.
fn broken(result: &check::Result) -> usize {
    let breaking = result
        .findings
        .iter()
        .filter(|finding| affecting(finding) == "breaks");
    let pipelines = breaking.flat_map(|finding| &finding.affects);
    let pipelines: BTreeSet<&str> = pipelines
        .map(|affected| affected.pipeline.as_str())
        .collect();
    pipelines.len()
}

fn also(result: &check::Result) -> Vec<String> {
    let summary = &result.summary;
    let mut also = Vec::new();
    if let Some(comparison) = &result.comparison {
        let counts = comparison.counts;
        also.push(format!(
            "compared with {}: {} new, {} unchanged, {} fixed",
            clean(&comparison.against).replace('\n', " "),
            counts.new,
            counts.unchanged,
            counts.fixed
        ));
    }
    if !result.suppressed.is_empty() {
        let verb = if result.suppressed.len() == 1 {
            "is"
        } else {
            "are"
        };
        let findings = count(result.suppressed.len(), "finding");
        also.push(format!("{findings} {verb} set aside and not counted"));
    }
    let counted = summary.errors + summary.warnings + summary.notes;
    let hidden = counted.saturating_sub(result.findings.len());
    if hidden > 0 {
        let verb = if hidden == 1 { "is" } else { "are" };
        also.push(format!(
            "{} of less weight {verb} counted and not shown",
            count(hidden, "finding")
        ));
    }
    if summary.unrecognised > 0 {
        also.push(format!(
            "{} not recognised",
            count(summary.unrecognised, "file")
        ));
    }
    also
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Affected, ReportLayer, Summary};

    fn finding(pipeline: &str, decision: Decided) -> Finding {
        Finding {
            rule: "a-rule".to_owned(),
            severity: Severity::Error,
            decision,
            layer: ReportLayer::Identity,
            principals: Vec::new(),
            operations: Vec::new(),
            resources: Vec::new(),
            message: String::new(),
            help: String::new(),
            documentation: Vec::new(),
            affects: vec![Affected {
                pipeline: pipeline.to_owned(),
                stage: "Build".to_owned(),
                action: "Build".to_owned(),
            }],
            missing: Vec::new(),
            labels: Vec::new(),
            suggestion: None,
        }
    }

    fn said(findings: Vec<Finding>, summary: Summary) -> String {
        let result = check::Result {
            findings,
            summary,
            ..check::Result::default()
        };
        of(&result).text
    }

    #[test]
    fn the_verdict_is_a_sentence() {
        let errors = |errors, pipelines| Summary {
            errors,
            pipelines,
            ..Summary::default()
        };
        let broken = |pipeline| finding(pipeline, Decided::Denied);
        assert_eq!(
            said(vec![broken("a")], errors(1, 1)),
            "1 error in 1 pipeline: it will fail"
        );
        assert_eq!(
            said(vec![broken("a"), broken("a")], errors(2, 3)),
            "2 errors in 3 pipelines: 1 of them will fail"
        );
        assert_eq!(
            said(vec![broken("a"), broken("b")], errors(2, 2)),
            "2 errors in 2 pipelines: all of them will fail"
        );
        // Made an error by who weighs it; that it fails is not known.
        assert_eq!(
            said(vec![finding("a", Decided::Undecided)], errors(1, 1)),
            "1 error in 1 pipeline"
        );
        let summary = |warnings, notes, undecided, requirements| Summary {
            warnings,
            notes,
            undecided,
            requirements,
            pipelines: 1,
            ..Summary::default()
        };
        assert_eq!(
            said(Vec::new(), summary(2, 1, 4, 9)),
            "no errors, but 2 warnings in 1 pipeline"
        );
        assert_eq!(
            said(Vec::new(), summary(0, 1, 4, 9)),
            "no errors found in 1 pipeline, but 4 of 9 requirements are undecided"
        );
        assert_eq!(
            said(Vec::new(), summary(0, 1, 0, 9)),
            "no errors in 1 pipeline, 1 note"
        );
        assert_eq!(
            said(Vec::new(), summary(0, 0, 0, 9)),
            "nothing found in 1 pipeline"
        );
    }
}
