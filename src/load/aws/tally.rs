//! What a live run has done so far.

use std::collections::BTreeMap;
use std::time::Duration;

/// Counts of a live run, and what happened since somebody last looked.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Calls begun; those by which the SDK gets credentials are not among them.
    pub calls: usize,
    /// Calls ended.
    pub ended: usize,
    /// Requests sent: more than calls where some had to be repeated.
    pub attempts: usize,
    /// Answers that told to slow down.
    pub throttled: usize,
    /// Calls that brought no answer: denied or failed.
    pub refused: usize,
    /// Calls by account.
    pub by_account: BTreeMap<String, usize>,
    /// Calls that ended since somebody last looked, in their order.
    pub events: Vec<Event>,
}

/// A call that ended.
#[derive(Debug, Clone)]
pub struct Event {
    /// The account that was asked; empty for the first call of all, which asks whose account it is.
    pub account: String,
    /// The permission that the call needs: `iam:GetRole`.
    pub operation: &'static str,
    /// What was asked about.
    pub subject: String,
    /// AWS's error code, where it brought no description.
    pub code: Option<String>,
    /// How long it took with all its repeats, waiting for its turn not counted.
    pub took: Duration,
}
