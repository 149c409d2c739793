//! Three-valued truth that remembers which facts it waits for.

use std::collections::BTreeSet;

use super::{LayerName, Missing};

/// Missing facts, each with the layer in which it matters.
pub(super) type Facts = BTreeSet<(LayerName, Missing)>;

/// Certainly not, depending on facts, or certainly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tri {
    /// Whatever the missing facts are.
    No,
    /// It hangs on these.
    Maybe(Facts),
    /// Whatever the missing facts are.
    Yes,
}

impl Tri {
    pub(super) fn maybe(layer: LayerName, missing: Missing) -> Self {
        Self::Maybe(Facts::from([(layer, missing)]))
    }

    pub(super) fn is_no(&self) -> bool {
        *self == Self::No
    }

    pub(super) fn is_yes(&self) -> bool {
        *self == Self::Yes
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, other) | (other, Self::Yes) => other,
            (Self::Maybe(facts), Self::Maybe(more)) => Self::Maybe(union(facts, more)),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, other) | (other, Self::No) => other,
            (Self::Maybe(facts), Self::Maybe(more)) => Self::Maybe(union(facts, more)),
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
        all.into_iter().fold(Self::No, Self::or)
    }

    pub(super) fn every(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().fold(Self::Yes, Self::and)
    }

    /// The truth of something that is one of two cases, and the facts do not tell which.
    pub(super) fn either(self, other: Self, facts: impl FnOnce() -> Facts) -> Self {
        match (self, other) {
            (Self::Yes, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            (one, other) => Self::Maybe(union(union(facts(), one.facts()), other.facts())),
        }
    }

    pub(super) fn facts(self) -> Facts {
        match self {
            Self::Maybe(facts) => facts,
            Self::No | Self::Yes => Facts::new(),
        }
    }
}

impl From<bool> for Tri {
    fn from(truth: bool) -> Self {
        if truth { Self::Yes } else { Self::No }
    }
}

fn union(mut facts: Facts, more: Facts) -> Facts {
    facts.extend(more);
    facts
}
