//! How much a rule weighs for those who run it, and which rules they want to hear of.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::check::finding::{Finding, Result};
use crate::rules::Severity;

/// What a rule's findings are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Of this severity.
    As(Severity),
    /// Left out.
    Off,
}

/// How much rules weigh.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weights {
    /// By a rule's id: in the place of the finding's own severity.
    pub levels: BTreeMap<String, Level>,
    /// The rules that count, by their ids; all when empty.
    pub only: Vec<String>,
    /// The rules that do not count.
    pub skip: Vec<String>,
}

impl Weights {
    /// Whether anybody wants to hear of a rule.
    pub(super) fn look_at(&self, rule: &str) -> bool {
        let is_it = |id: &String| id == rule;
        (self.only.is_empty() || self.only.iter().any(is_it))
            && !self.skip.iter().any(is_it)
            && self.levels.get(rule) != Some(&Level::Off)
    }
}

/// Gives findings the severities that were asked for, and leaves out those of rules that nobody wants to hear of.
pub fn weigh(result: &mut Result, weights: &Weights) {
    result.findings.retain_mut(|finding| {
        if let Some(Level::As(severity)) = weights.levels.get(&finding.rule) {
            finding.severity = *severity;
        }
        weights.look_at(&finding.rule)
    });
    // Errors stay first; inside a severity the order of the pipelines stays.
    let weight = |finding: &Finding| Reverse(finding.severity);
    result.findings.sort_by_key(weight);
    result.recount();
}
