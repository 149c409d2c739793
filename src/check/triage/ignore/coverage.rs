//! When an entry covers a finding.
//!
//! A finding is one cause with perhaps many principals, operations, resources and actions. An entry covers it when it names all
//! its principals, all its operations and all its resources; of its actions it covers those that it names, and the finding
//! stays for the others. What an entry does not speak of it does not restrict.
//!
//! An entry that stands in a template speaks of a place. It covers the actions that are written there, or that the finding
//! points into there; of a finding none of whose actions are, it covers all when the first place that the finding names, the
//! one to blame, is there. Elsewhere a finding only mentions the place.

use std::collections::{BTreeMap, BTreeSet};

use super::OWN;
use crate::check::finding::{Affected, Checked, Decided, Finding, ReportLayer};
use crate::load::Ignore;
use crate::rules::Severity;
use crate::source::{Origin, Sources};

/// How an entry lies to a finding.
pub(super) enum Coverage<'f> {
    /// It names something else.
    None,
    /// It names a part that cannot be parted from the rest.
    Short(Why),
    /// It covers these actions; of a finding without any, the finding.
    Covered(BTreeSet<&'f Affected>),
}

/// Why an entry that means a finding does not cover it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// By a pattern, though no policy could mend it.
    ByPattern,
    /// The finding has other principals as well.
    Principals,
    /// The finding has other operations as well.
    Operations,
    /// The finding has other resources as well.
    Resources,
    /// The finding mentions the place, but is about another one.
    Elsewhere,
}

/// Where things are written.
pub(super) struct Ground<'a> {
    sources: &'a Sources,
    /// Pipelines and actions.
    places: BTreeMap<Affected, Origin>,
    /// Names of pipelines by their ARNs.
    names: BTreeMap<&'a str, &'a str>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(sources: &'a Sources, checked: &'a [Checked]) -> Self {
        let mut places = BTreeMap::new();
        for one in checked {
            let affected = |stage: &str, action: &str| Affected {
                pipeline: one.pipeline.clone(),
                stage: stage.to_owned(),
                action: action.to_owned(),
            };
            places.insert(affected("", ""), one.origin);
            let steps = one.steps.iter();
            places.extend(steps.map(|step| (affected(&step.stage, &step.action), step.origin)));
        }
        let names = checked.iter();
        let names = names.map(|one| (one.pipeline.as_str(), one.name.as_str()));
        Self {
            sources,
            places,
            names: names.collect(),
        }
    }

    /// Whether an entry's places hold a node.
    fn holds(&self, within: &[Origin], inner: Origin) -> bool {
        within
            .iter()
            .any(|outer| self.sources.contains(*outer, inner))
    }

    /// Whether an action is written in one of the places, or is the one that a finding points into there.
    fn is_there(&self, within: &[Origin], affected: &Affected, pointed: bool) -> bool {
        let Some(place) = self.places.get(affected) else {
            return false;
        };
        let inside = |outer: &Origin| self.sources.contains(*place, *outer);
        self.holds(within, *place) || (pointed && within.iter().any(inside))
    }

    fn names(&self, entry: &Ignore, affected: &Affected) -> bool {
        let name = self.names.get(affected.pipeline.as_str());
        let pipeline = |pattern: &String| {
            agrees(pattern, &affected.pipeline) || name.is_some_and(|name| agrees(pattern, name))
        };
        let part = |pattern: &Option<String>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| agrees(pattern, text))
        };
        entry.pipeline.as_ref().is_none_or(pipeline)
            && part(&entry.stage, &affected.stage)
            && part(&entry.action, &affected.action)
    }
}

/// How an entry lies to a finding.
pub(super) fn coverage<'f>(
    entry: &Ignore,
    finding: &'f Finding,
    ground: &Ground<'_>,
) -> Coverage<'f> {
    if OWN.contains(&finding.rule.as_str()) || !agrees(&entry.rule, &finding.rule) {
        return Coverage::None;
    }
    let mut short = None;
    for (pattern, texts, why) in [
        (&entry.principal, &finding.principals, Why::Principals),
        (&entry.operation, &finding.operations, Why::Operations),
        (&entry.resource, &finding.resources, Why::Resources),
    ] {
        let Some(pattern) = pattern else { continue };
        let named = texts.iter().filter(|text| agrees(pattern, text)).count();
        match named {
            0 => return Coverage::None,
            named if named < texts.len() => short = short.or(Some(why)),
            _ => {}
        }
    }
    let of_actions = entry.pipeline.is_some() || entry.stage.is_some() || entry.action.is_some();
    let affects = finding.affects.iter();
    let mut covered: BTreeSet<&Affected> = affects
        .filter(|affected| ground.names(entry, affected))
        .collect();
    if of_actions && covered.is_empty() {
        return Coverage::None;
    }
    if !entry.within.is_empty() {
        let within = &entry.within;
        let labels = || finding.labels.iter().map(|label| label.origin);
        let pointed = labels().any(|label| ground.holds(within, label));
        let there: BTreeSet<&Affected> = covered
            .iter()
            .copied()
            .filter(|affected| ground.is_there(within, affected, pointed))
            .collect();
        if !there.is_empty() {
            covered = there;
        } else if !pointed {
            return Coverage::None;
        } else if !labels().take(1).any(|first| ground.holds(within, first)) {
            short = short.or(Some(Why::Elsewhere));
        }
    }
    // What no policy could mend is known to break; nobody should miss it for having ignored something else.
    let structure =
        finding.decision == Decided::Structure || finding.layer == ReportLayer::Structure;
    if structure && finding.severity == Severity::Error && entry.rule.contains('*') {
        short = Some(Why::ByPattern);
    }
    match short {
        Some(why) => Coverage::Short(why),
        None => Coverage::Covered(covered),
    }
}

/// Whether a text is one that a pattern stands for: `*` is any characters, all else is itself.
pub(super) fn agrees(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(last) = pieces.next_back() else {
        return pattern == text;
    };
    let rest = text.strip_prefix(first);
    let Some(mut rest) = rest.and_then(|rest| rest.strip_suffix(last)) else {
        return false;
    };
    // The first place that fits leaves the most for those behind it.
    pieces.all(|piece| match rest.split_once(piece) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_asterisk_stands_for_anything() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "A", false),
            ("a", "ab", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a*", "a", true),
            ("a*", "ba", false),
            ("*a", "ba", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*ab*ab*", "abab", true),
            ("*ab*ab*", "ab", false),
            ("**", "x", true),
            ("a?", "ab", false),
            ("a?", "a?", true),
            ("arn:*:role/[x]", "arn:aws:iam::111111111111:role/[x]", true),
            ("*ü*", "grün", true),
        ] {
            assert_eq!(agrees(pattern, text), expected, "{pattern} {text}");
        }
    }
}
