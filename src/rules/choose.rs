//! From a decision to the rule that speaks of it.

use std::cmp::Reverse;

use super::{Covered, FindingRule, Outcome, Purpose};

/// The rule that speaks of a decision: the one whose `covers` says most about it, by id where two say as much.
///
/// [`Outcome::Undecided`] yields the rule of a layer that nobody has seen at all. Where a single fact is
/// missing instead (a condition key, one attached document, a value of the run), that is another finding
/// with an id of its own: to say that a role was not given when it was would be a pretence.
pub fn rule_for<'a>(
    findings: impl IntoIterator<Item = &'a FindingRule>,
    purpose: Purpose,
    layer: &str,
    outcome: Outcome,
) -> Option<&'a FindingRule> {
    findings
        .into_iter()
        .filter_map(|rule| {
            let said = rule
                .covers
                .iter()
                .filter(|covered| includes(covered, purpose, layer, outcome))
                .map(said)
                .max()?;
            Some((said, Reverse(rule.id.as_str()), rule))
        })
        .max_by_key(|(said, id, _)| (*said, *id))
        .map(|(_, _, rule)| rule)
}

fn includes(covered: &Covered, purpose: Purpose, layer: &str, outcome: Outcome) -> bool {
    (covered.purpose.is_empty() || covered.purpose.contains(&purpose))
        && (covered.layer.is_empty() || covered.layer.iter().any(|name| name == layer))
        && (covered.outcome.is_empty() || covered.outcome.contains(&outcome))
}

/// How many of the three questions it answers; an empty list answers none.
fn said(covered: &Covered) -> usize {
    [
        !covered.purpose.is_empty(),
        !covered.layer.is_empty(),
        !covered.outcome.is_empty(),
    ]
    .into_iter()
    .filter(|answered| *answered)
    .count()
}
