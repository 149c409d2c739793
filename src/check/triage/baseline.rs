//! Findings that were there before: a gate that fails on what is new only.

use crate::check::finding::{Finding, Result};

/// Findings of an earlier run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {}

impl Baseline {
    /// Those of a run, to be kept.
    pub fn of(_findings: &[Finding]) -> Self {
        Self {}
    }
}

/// Sets apart what a baseline holds.
pub fn set_known_apart(result: &mut Result, _baseline: &Baseline) {
    result.recount();
}
