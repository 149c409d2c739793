//! What AWS answered instead of a description: that there is no such thing, or that whoever asks may not know.

use super::Graph;
use crate::source::Origin;

/// An answer that is no description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked about, by its ARN.
    pub subject: String,
    /// The operation as IAM names the permission for it: `iam:GetRole`.
    pub operation: String,
    /// What became of it.
    pub kind: RefusalKind,
    /// AWS's error code: `NoSuchEntity`.
    pub code: String,
    /// AWS's own words, which name who asked.
    pub message: String,
    /// Its entry.
    pub origin: Origin,
}

/// Why there is no description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusalKind {
    /// There is no such thing.
    Absent,
    /// Whoever asked may not know.
    Denied,
    /// AWS did not answer, or answered something that is no answer: throttled to the end, timed out, failing.
    Failed,
}

impl Graph {
    /// What was not answered about a thing, by its ARN.
    pub fn refusals(&self, subject: &str) -> &[Refusal] {
        self.refusals.get(subject).map_or(&[], Vec::as_slice)
    }

    /// Whether AWS says that there is no such thing.
    pub fn is_absent(&self, subject: &str) -> bool {
        let absent = |refusal: &Refusal| refusal.kind == RefusalKind::Absent;
        self.refusals(subject).iter().any(absent)
    }
}
