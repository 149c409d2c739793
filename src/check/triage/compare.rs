//! Two states of the same pipelines: what a change breaks, mends and leaves.

use crate::check::finding::{Change, Comparison, Result};

/// Says of each finding whether it was there before, and keeps what is there no more.
pub fn compare(result: &mut Result, before: Result, against: &str) {
    let changes = result.findings.iter().map(|_| Change::New).collect();
    result.comparison = Some(Comparison {
        against: against.to_owned(),
        changes,
        fixed: before.findings,
    });
}
