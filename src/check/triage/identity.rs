//! By what a finding is known again in another run: what it says of the world, without places, weight and wording.
//!
//! In: findings of two runs. Out: which of the one were said in the other already, and of which nothing is left. A permission
//! lacks more or less from run to run, and one hole may be told in one finding or in two, so that nothing is compared as a
//! whole: it counts whether all that is said now was said before, and weighs no more.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::finding::{Affected, Decided, Finding};
use crate::rules::Severity;

/// What a finding says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    pub(super) rule: String,
    pub(super) layer: String,
    pub(super) principals: BTreeSet<String>,
    pub(super) operations: BTreeSet<String>,
    pub(super) resources: BTreeSet<String>,
    pub(super) affects: BTreeSet<Affected>,
    /// What it weighs; a baseline does not tell.
    pub(super) severity: Option<Severity>,
}

/// Combinations of one finding that are looked up one by one.
const COMBINATIONS: usize = 100_000;

impl Identity {
    pub(super) fn of(finding: &Finding) -> Self {
        let set = |list: &[String]| list.iter().cloned().collect();
        Self {
            rule: finding.rule.clone(),
            layer: finding.layer.name().to_owned(),
            principals: set(&finding.principals),
            operations: set(&finding.operations),
            resources: set(&finding.resources),
            affects: finding.affects.iter().cloned().collect(),
            severity: Some(finding.severity),
        }
    }

    fn kind(&self) -> (&str, &str) {
        (&self.rule, &self.layer)
    }

    /// Whether it weighs no less than the other one, as far as that is known: what was a warning before and breaks a run now is new.
    fn weighs_no_less(&self, other: &Self) -> bool {
        match (self.severity, other.severity) {
            (Some(own), Some(others)) => own >= others,
            _ => true,
        }
    }

    /// Whether as many of these, which are of the same rule and layer, say all that this one says: each on its own, or one this and
    /// another that, for two holes may have become so alike that they are told as one.
    fn is_said_by(&self, others: &[&Self], number: usize) -> bool {
        let whole = others.iter().filter(|other| other.covers(self));
        if whole.take(number).count() == number {
            return true;
        }
        let sizes = [
            self.principals.len(),
            self.operations.len(),
            self.resources.len(),
            self.affects.len(),
        ];
        let sizes = sizes.into_iter().map(|size| size.max(1));
        if sizes.fold(1, usize::saturating_mul) > COMBINATIONS {
            return false;
        }
        let enough = |others: &[&Self]| others.len() >= number;
        each(
            &self.affects,
            others,
            |of| &of.affects,
            |others| {
                enough(others)
                    && each(
                        &self.principals,
                        others,
                        |of| &of.principals,
                        |others| {
                            enough(others)
                                && each(
                                    &self.resources,
                                    others,
                                    |of| &of.resources,
                                    |others| {
                                        each(&self.operations, others, |of| &of.operations, enough)
                                    },
                                )
                        },
                    )
            },
        )
    }

    /// Whether it says all that the other one says, which is of the same rule and layer.
    fn covers(&self, other: &Self) -> bool {
        other.principals.is_subset(&self.principals)
            && other.operations.is_subset(&self.operations)
            && other.resources.is_subset(&self.resources)
            && other.affects.is_subset(&self.affects)
    }

    /// Whether there is anything that both say.
    fn meets(&self, other: &Self) -> bool {
        meet(&self.principals, &other.principals)
            && meet(&self.operations, &other.operations)
            && meet(&self.resources, &other.resources)
            && meet(&self.affects, &other.affects)
    }

    /// Whether the other one, being undecided, may hide what this one says: it is of the same action, and somebody or something
    /// is in both. What is not known has another rule, often names no operation, and who is not known is what is missing.
    fn may_hide_in(&self, other: &Self) -> bool {
        let same = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
            one.intersection(other).next().is_some()
        };
        meet(&self.affects, &other.affects)
            && (same(&self.principals, &other.principals)
                || same(&self.principals, &other.resources)
                || same(&self.resources, &other.resources)
                || same(&self.resources, &other.principals))
    }
}

/// Whether something holds of the others that name a matter, for each that is wanted; of all of them where none is.
fn each<'i, T: Ord + 'i>(
    wanted: &BTreeSet<T>,
    others: &[&'i Identity],
    of: impl Fn(&'i Identity) -> &'i BTreeSet<T>,
    holds: impl Fn(&[&'i Identity]) -> bool,
) -> bool {
    if wanted.is_empty() {
        return holds(others);
    }
    wanted.iter().all(|one| {
        let naming = others.iter().copied();
        let naming: Vec<&Identity> = naming.filter(|other| of(other).contains(one)).collect();
        holds(&naming)
    })
}

/// What says nothing of a matter is of all of it.
fn meet<T: Ord>(one: &BTreeSet<T>, other: &BTreeSet<T>) -> bool {
    one.is_empty() || other.is_empty() || one.intersection(other).next().is_some()
}

/// Which of these were said before: those of which earlier ones say at least as much. Of several that say the same, as many
/// as there are earlier ones to answer for them: a second statement with the same fault is a new one.
pub(super) fn said_before(now: &[Identity], before: &[Identity]) -> Vec<bool> {
    let before = by_kind(before);
    let mut told: BTreeMap<&Identity, usize> = BTreeMap::new();
    let each = now.iter().map(|one| {
        let number = told.entry(one).or_default();
        *number += 1;
        let earlier = before.get(&one.kind()).into_iter().flatten().copied();
        let earlier: Vec<_> = earlier
            .filter(|earlier| earlier.weighs_no_less(one) && earlier.meets(one))
            .collect();
        one.is_said_by(&earlier, *number)
    });
    each.collect()
}

/// Of which of these nothing is left: no later one of the same rule and layer says any of it, and none that is new and undecided may hide it.
pub(super) fn gone(
    before: &[Identity],
    now: &[Identity],
    newly_undecided: &[&Identity],
) -> Vec<bool> {
    let now = by_kind(now);
    let mut told: BTreeMap<&Identity, usize> = BTreeMap::new();
    let each = before.iter().map(|one| {
        let number = told.entry(one).or_default();
        *number += 1;
        let left = now.get(&one.kind()).into_iter().flatten();
        let left = left.filter(|left| left.meets(one));
        left.take(*number).count() < *number
            && !newly_undecided
                .iter()
                .any(|unknown| one.may_hide_in(unknown))
    });
    each.collect()
}

fn by_kind(all: &[Identity]) -> BTreeMap<(&str, &str), Vec<&Identity>> {
    let mut by_kind: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for one in all {
        by_kind.entry(one.kind()).or_default().push(one);
    }
    by_kind
}

/// Those that are undecided and were not said before.
pub(super) fn newly_undecided<'i>(
    findings: &[&Finding],
    now: &'i [Identity],
    said_before: &[bool],
) -> Vec<&'i Identity> {
    let all = findings.iter().zip(now).zip(said_before);
    all.filter(|((finding, _), before)| finding.decision == Decided::Undecided && !**before)
        .map(|((_, identity), _)| identity)
        .collect()
}
