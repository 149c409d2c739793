//! Declared resources → the documents that AWS would answer, which the same readers then read as exports.
//!
//! In: the [`Declared`] resources of all stacks, whatever tool declares them. Out: made documents in AWS's own shapes.
//! The types, their names and their ARNs are data: `rules/resources.yaml`. Knows no template.

pub(super) mod types;

use super::hint::Hint;
use super::reader::Read;
use super::stack::Declared;
use crate::source::{Made, Origin};

/// A document to be read, and by whom.
pub(super) struct Answer {
    /// The document in AWS's own shape.
    pub(super) document: Made,
    /// What a snapshot's path would say of it.
    pub(super) hint: Hint,
    /// The reader.
    pub(super) read: Read,
    /// What it is, in the singular, for the summary.
    pub(super) kind: &'static str,
    /// Which input it comes from, by [`Declared::root`].
    pub(super) root: Origin,
}

/// What the resources are to AWS, policies put to the roles that they hang on.
pub(super) fn answers(_declared: &[Declared]) -> Vec<Answer> {
    Vec::new()
}
