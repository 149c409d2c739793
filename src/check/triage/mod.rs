//! What people have said of findings beforehand: how much a rule weighs, what they ignore and why, what they knew already.
//!
//! In: a [`Result`] as `run` made it, and what was said. Out: the same with other severities, with the suppressed findings
//! set apart, each with who said so. Knows neither files nor formats, and takes no decision about a request.

mod baseline;
mod compare;
mod identity;
mod ignore;
mod severity;

pub use baseline::{Baseline, BaselineFault, Entry, set_known_apart};
pub use compare::compare;
pub use ignore::{Ignoring, advice_on_rule, ignore};
pub use severity::{Level, Weights, weigh};

use super::finding::{Result, Summary};
use crate::rules::Severity;

impl Result {
    /// Counts the findings anew, those that are suppressed left out.
    fn recount(&mut self) {
        let of = |severity| {
            let findings = self.findings.iter();
            findings.filter(|one| one.severity == severity).count()
        };
        self.summary = Summary {
            errors: of(Severity::Error),
            warnings: of(Severity::Warning),
            notes: of(Severity::Note),
            ..self.summary
        };
    }
}
