//! Three-valued truth that remembers which facts it waits for, or, for a bare verdict, only that it waits.
//!
//! Every rule of the law is written once, over [`Reasons`]: with [`Facts`] it explains itself, with `()` the same code
//! allocates nothing. So the two cannot come to different answers.

use std::collections::BTreeSet;

use super::{LayerName, Missing};
use crate::source::Origin;

/// Missing facts, each with the layer in which it matters.
pub(super) type Facts = BTreeSet<(LayerName, Missing)>;

/// What is kept of the way to an answer.
pub(super) trait Reasons: Clone + Default {
    /// Places of statements that decide.
    type Places: Default;

    /// The facts of one layer.
    fn of(layer: LayerName, missing: impl IntoIterator<Item = Missing>) -> Self;
    fn join(self, more: Self) -> Self;
    fn note(places: &mut Self::Places, origin: Origin);
    /// Keeps the details of something, where details are kept.
    fn keep<T>(all: &mut Vec<T>, one: T);
}

impl Reasons for Facts {
    type Places = Vec<Origin>;

    fn of(layer: LayerName, missing: impl IntoIterator<Item = Missing>) -> Self {
        missing.into_iter().map(|fact| (layer, fact)).collect()
    }

    fn join(mut self, more: Self) -> Self {
        self.extend(more);
        self
    }

    fn note(places: &mut Vec<Origin>, origin: Origin) {
        places.push(origin);
    }

    fn keep<T>(all: &mut Vec<T>, one: T) {
        all.push(one);
    }
}

impl Reasons for () {
    type Places = ();

    fn of(_: LayerName, _: impl IntoIterator<Item = Missing>) -> Self {}

    fn join(self, (): Self) -> Self {}

    fn note((): &mut (), _: Origin) {}

    fn keep<T>(_: &mut Vec<T>, _: T) {}
}

/// Which statements decide, but not which facts are missing: all that an answer without doubt tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Witnesses;

impl Reasons for Witnesses {
    type Places = Vec<Origin>;

    fn of(_: LayerName, _: impl IntoIterator<Item = Missing>) -> Self {
        Self
    }

    fn join(self, _: Self) -> Self {
        self
    }

    fn note(places: &mut Vec<Origin>, origin: Origin) {
        places.push(origin);
    }

    fn keep<T>(all: &mut Vec<T>, one: T) {
        all.push(one);
    }
}

/// Certainly not, depending on facts, or certainly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tri<F = Facts> {
    /// Whatever the missing facts are.
    No,
    /// It hangs on these.
    Maybe(F),
    /// Whatever the missing facts are.
    Yes,
}

impl<F: Reasons> Tri<F> {
    /// It hangs on one fact, which is named only where reasons are kept.
    pub(super) fn maybe(layer: LayerName, missing: impl FnOnce() -> Missing) -> Self {
        Self::Maybe(F::of(layer, std::iter::once_with(missing)))
    }

    pub(super) fn is_no(&self) -> bool {
        matches!(self, Self::No)
    }

    pub(super) fn is_yes(&self) -> bool {
        matches!(self, Self::Yes)
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, other) | (other, Self::Yes) => other,
            (Self::Maybe(facts), Self::Maybe(more)) => Self::Maybe(facts.join(more)),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, other) | (other, Self::No) => other,
            (Self::Maybe(facts), Self::Maybe(more)) => Self::Maybe(facts.join(more)),
        }
    }

    /// As [`Tri::or`], in place.
    pub(super) fn add(&mut self, other: Self) {
        if !other.is_no() {
            *self = std::mem::replace(self, Self::No).or(other);
        }
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Maybe(facts) => Self::Maybe(facts),
            Self::Yes => Self::No,
        }
    }

    pub(super) fn any(all: impl IntoIterator<Item = Self>) -> Self {
        let mut truth = Self::No;
        for one in all {
            truth = truth.or(one);
            if truth.is_yes() {
                break;
            }
        }
        truth
    }

    pub(super) fn every(all: impl IntoIterator<Item = Self>) -> Self {
        let mut truth = Self::Yes;
        for one in all {
            truth = truth.and(one);
            if truth.is_no() {
                break;
            }
        }
        truth
    }

    /// The truth of something that is one of two cases, and the facts do not tell which.
    pub(super) fn either(self, other: Self, facts: impl FnOnce() -> F) -> Self {
        match (self, other) {
            (Self::Yes, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            (one, other) => Self::Maybe(facts().join(one.facts()).join(other.facts())),
        }
    }

    pub(super) fn facts(self) -> F {
        match self {
            Self::Maybe(facts) => facts,
            Self::No | Self::Yes => F::default(),
        }
    }
}

impl<F> From<bool> for Tri<F> {
    fn from(truth: bool) -> Self {
        if truth { Self::Yes } else { Self::No }
    }
}
