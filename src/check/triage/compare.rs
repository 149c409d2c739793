//! Two states of the same pipelines: what a change breaks, mends and leaves.

use super::identity::{Identity, gone, newly_undecided, said_before};
use crate::check::finding::{Change, Changes, Comparison, Finding, Result};
use crate::rules::Severity;

/// Says of each finding whether it was there before, and keeps what is there no more.
///
/// What was there and does not count now, because somebody ignores it, is not mended. Nor is what cannot be decided any more.
pub fn compare(result: &mut Result, before: Result, against: &str) {
    let now: Vec<&Finding> = result.findings.iter().collect();
    let counting: Vec<Identity> = now.iter().map(|one| Identity::of(one)).collect();
    let earlier: Vec<Identity> = before.findings.iter().map(Identity::of).collect();
    let known = said_before(&counting, &earlier);
    let unknown = newly_undecided(&now, &counting, &known);
    let suppressed = result.suppressed.iter();
    let suppressed = suppressed.map(|one| Identity::of(&one.finding));
    let all: Vec<Identity> = counting.iter().cloned().chain(suppressed).collect();
    let gone = gone(&earlier, &all, &unknown);
    let fixed = before.findings.into_iter().zip(gone);
    let fixed = fixed.filter(|(_, gone)| *gone).map(|(finding, _)| Finding {
        labels: Vec::new(),
        ..finding
    });
    let fixed: Vec<Finding> = fixed.collect();
    let changes = known.into_iter().map(|known| match known {
        true => Change::Unchanged,
        false => Change::New,
    });
    let changes: Vec<Change> = changes.collect();
    let new = changes.iter().filter(|one| **one == Change::New).count();
    result.comparison = Some(Comparison {
        against: against.to_owned(),
        counts: Changes {
            new,
            fixed: fixed.len(),
            unchanged: changes.len() - new,
        },
        changes,
        fixed,
    });
}

impl Result {
    /// The findings that count for whoever looks at a change: where another state is compared with, those that are new.
    pub fn new_findings(&self) -> impl Iterator<Item = &Finding> {
        self.with_changes()
            .filter(|(_, change)| *change != Some(Change::Unchanged))
            .map(|(finding, _)| finding)
    }

    /// Each finding with what became of it, where another state is compared with.
    pub fn with_changes(&self) -> impl Iterator<Item = (&Finding, Option<Change>)> {
        let changes = self.comparison.iter().flat_map(|one| &one.changes);
        let changes = changes.copied().map(Some).chain(std::iter::repeat(None));
        self.findings.iter().zip(changes)
    }

    /// Takes out what is of less weight than this. The counts stay as they are.
    pub fn retain_from(&mut self, least: Severity) {
        if let Some(comparison) = &mut self.comparison {
            let changes = self.findings.iter().zip(&comparison.changes);
            let changes = changes.filter(|(finding, _)| finding.severity >= least);
            comparison.changes = changes.map(|(_, change)| *change).collect();
            comparison.fixed.retain(|one| one.severity >= least);
        }
        self.findings.retain(|finding| finding.severity >= least);
    }
}
