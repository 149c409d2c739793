//! What is wrong with a node, before anybody asked in which file and line it stands.

use super::LoadError;
use crate::source::{Node, Origin, Sources, SyntaxError};

/// A node that cannot be read as what it has to be.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// The node.
    pub(super) origin: Origin,
    /// What is wrong and what was expected.
    pub(super) message: String,
    /// What to do about it.
    pub(super) help: Option<String>,
}

impl Fault {
    /// A fault without further advice.
    pub(super) fn at(node: Node<'_>, message: impl Into<String>) -> Self {
        Self {
            origin: node.origin(),
            message: message.into(),
            help: None,
        }
    }

    /// The same with advice.
    pub(super) fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

impl LoadError {
    /// The error behind a fault, with its place.
    pub(super) fn fault(sources: &Sources, fault: Fault) -> Self {
        let place = sources.place(fault.origin);
        Self {
            file: place.name,
            message: fault.message,
            position: Some(place.start),
            help: fault.help,
        }
    }

    /// The error behind a text that cannot be parsed.
    pub(super) fn syntax(file: &str, error: SyntaxError) -> Self {
        Self {
            file: file.to_owned(),
            message: error.message,
            position: error.position,
            help: None,
        }
    }
}

/// Advice for a word that is not in a list: the nearest one, or the whole list when none is near.
pub(super) fn nearest(written: &str, known: &[&str]) -> Option<String> {
    let near = known
        .iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&written.to_lowercase(), &word.to_lowercase()),
                word,
            )
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, word)| *distance <= word.len() / 3);
    Some(match near {
        Some((_, word)) => format!("did you mean `{word}`?"),
        None => format!("expected one of `{}`", known.join("`, `")),
    })
}
