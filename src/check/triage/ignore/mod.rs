//! Findings that people ignore, with their reasons.
//!
//! In: findings and the [`Ignore`]s of the configuration file and of the inputs. Out: what an entry covers, set apart; and
//! findings about entries that cover nothing, or no longer. Nothing vanishes that an entry does not name: `coverage` says when
//! one does, and what it names of a finding's actions leaves the finding to the others.

mod coverage;
mod stale;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use self::coverage::{Coverage, Ground, coverage};
use self::stale::{Use, verdict};
use super::severity::Weights;
use crate::check::finding::{Affected, Finding, Result, Suppressed, SuppressedBy, Suppression};
use crate::graph::SwitchedOff;
use crate::load::{Ignore, SaidBy};
use crate::rules::Catalogue;
use crate::source::Sources;

pub use self::stale::advice_on_rule;

/// The rules about entries themselves, which no entry silences: they are mended by removing the entry.
pub(super) const OWN: [&str; 2] = [UNUSED, EXPIRED];
const UNUSED: &str = "ignore-unused";
const EXPIRED: &str = "ignore-expired";

/// What people ignore, and what one has to know to tell an entry that is of no use from one that was not asked.
#[derive(Debug, Clone, Copy)]
pub struct Ignoring<'a> {
    /// The entries; of several that cover a finding the first counts.
    pub ignores: &'a [Ignore],
    /// The texts that entries and findings point into.
    pub sources: &'a Sources,
    /// The rules there are.
    pub catalogue: &'a Catalogue,
    /// By which entries expire.
    pub today: Date,
    /// Which rules somebody wants to hear of: findings of others were left out before.
    pub weights: &'a Weights,
    /// Whether all was looked at that entries may speak of, and not one pipeline of several.
    pub whole: bool,
    /// What templates leave out under the given parameters.
    pub switched_off: &'a [SwitchedOff],
}

/// Sets apart what people ignore, and says of each entry that it is no longer, or never was, of use.
pub fn ignore(result: &mut Result, ignoring: &Ignoring<'_>) {
    let Ignoring {
        ignores,
        sources,
        today,
        weights,
        ..
    } = *ignoring;
    if ignores.is_empty() {
        return;
    }
    let ground = Ground::new(sources, &result.checked);
    let mut uses: Vec<Use> = ignores.iter().map(|_| Use::default()).collect();
    let counts = |entry: &Ignore| entry.expires.is_none_or(|last| today <= last);
    let numbers = result.numbers();
    let mut kept = Vec::new();
    let mut numbering = Numbering::default();
    for (finding, number) in std::mem::take(&mut result.findings)
        .into_iter()
        .zip(numbers)
    {
        let mut left = Left::of(&finding);
        let mut parts = Vec::new();
        let mut expired = Vec::new();
        for (entry, used) in ignores.iter().zip(&mut uses) {
            match coverage(entry, &finding, &ground) {
                Coverage::None => {}
                Coverage::Short(why) => used.is_near(&finding, why),
                Coverage::Covered(covered) if counts(entry) => {
                    used.covers(&finding);
                    if let Some(part) = left.take(&covered) {
                        parts.push((part, suppression(entry)));
                    }
                }
                Coverage::Covered(covered) => expired.push((used, covered)),
            }
        }
        for (used, covered) in expired {
            if left.holds(&covered) {
                used.covers(&finding);
            }
        }
        let whole = parts.len() == 1 && left.is_nothing();
        for (part, suppression) in parts {
            let finding = Finding {
                affects: part,
                ..finding.clone()
            };
            let number = match whole {
                true => number,
                false => numbering.next(&finding),
            };
            result.suppressed.push(Suppressed {
                finding,
                suppression,
                number,
            });
        }
        if !left.is_nothing() {
            kept.push(Finding {
                affects: left.affects,
                ..finding
            });
        }
    }
    result.findings = kept;
    for (entry, used) in ignores.iter().zip(&uses) {
        let verdict = verdict(entry, used, ignoring, &result.checked);
        result.findings.extend(verdict);
    }
    super::weigh(result, weights);
}

fn suppression(entry: &Ignore) -> Suppression {
    Suppression {
        by: match entry.said_by {
            SaidBy::Configuration => SuppressedBy::Configuration,
            SaidBy::Comment => SuppressedBy::Comment,
            SaidBy::Metadata => SuppressedBy::Metadata,
        },
        reason: Some(entry.reason.clone()),
        expires: entry.expires.map(|day| day.to_string()),
        origin: Some(entry.origin),
    }
}

/// What of a finding nobody has ignored yet.
struct Left {
    affects: Vec<Affected>,
    /// Of one that affects no action.
    itself: bool,
}

impl Left {
    fn of(finding: &Finding) -> Self {
        Self {
            affects: finding.affects.clone(),
            itself: finding.affects.is_empty(),
        }
    }

    fn is_nothing(&self) -> bool {
        self.affects.is_empty() && !self.itself
    }

    fn holds(&self, covered: &BTreeSet<&Affected>) -> bool {
        self.itself
            || self
                .affects
                .iter()
                .any(|affected| covered.contains(affected))
    }

    /// What an entry covers and none before it, if there is any.
    fn take(&mut self, covered: &BTreeSet<&Affected>) -> Option<Vec<Affected>> {
        if !self.holds(covered) {
            return None;
        }
        self.itself = false;
        let affects = std::mem::take(&mut self.affects).into_iter();
        let (taken, left) = affects.partition(|affected| covered.contains(affected));
        self.affects = left;
        Some(taken)
    }
}

/// Numbers for parts of findings that are equal.
#[derive(Default)]
struct Numbering(BTreeMap<String, usize>);

impl Numbering {
    fn next(&mut self, finding: &Finding) -> usize {
        let number = self.0.entry(finding.fingerprint()).or_default();
        *number += 1;
        *number
    }
}
