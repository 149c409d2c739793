//! What is wrong with a text, before it is known where that text stands.

use super::{Position, SyntaxError};

/// A fault with offsets in the text that was parsed; [`super::Sources`] turns it into a
/// [`super::SyntaxError`] whose position is one of the outermost text.
#[derive(Debug)]
pub(super) enum Fault {
    /// The text as a whole is unusable.
    Whole(String),
    /// Something at one place.
    At {
        /// Byte offset.
        at: usize,
        /// What was expected, and what was found.
        message: String,
    },
    /// One key twice in a map: JSON readers silently take the last, so what a person reads is not what counts.
    Twice {
        /// The decoded key.
        key: String,
        /// Offset of the first.
        first: usize,
        /// Offset of the second.
        again: usize,
    },
}

impl Fault {
    pub(super) fn whole(message: impl Into<String>) -> Self {
        Self::Whole(message.into())
    }

    pub(super) fn at(at: usize, message: impl Into<String>) -> Self {
        Self::At {
            at,
            message: message.into(),
        }
    }

    /// The fault that nesting beyond the limit is.
    pub(super) fn too_deep(at: usize) -> Self {
        Self::at(
            at,
            format!("nested more than {} levels deep", super::tree::DEEPEST),
        )
    }
}

/// How what stands at an offset is named in a message. Of a word only the beginning: where a quote is missing it may be a secret.
pub(super) fn found(text: &str, at: usize) -> String {
    const LONGEST: usize = 6;
    let rest = text.get(at..).unwrap_or_default();
    let is_word = |next: char| next.is_alphanumeric() || next == '_';
    let mut word = rest.chars().take_while(|next| is_word(*next));
    let begin: String = word.by_ref().take(LONGEST).collect();
    if !begin.is_empty() {
        let more = if word.next().is_some() { "…" } else { "" };
        return format!("`{begin}{more}`");
    }
    match rest.chars().next() {
        None => "the end of the text".to_owned(),
        Some('\n' | '\r') => "the end of the line".to_owned(),
        Some(' ') => "a blank".to_owned(),
        Some('`') => "a backtick".to_owned(),
        Some(other) if other.is_control() || other.is_whitespace() || other == '\u{feff}' => {
            format!("the character U+{:04X}", u32::from(other))
        }
        Some(other) => format!("`{other}`"),
    }
}

impl Fault {
    /// The error for people, given where offsets stand.
    pub(super) fn told(self, position: impl Fn(usize) -> Position) -> SyntaxError {
        let (at, message) = match self {
            Self::Whole(message) => {
                return SyntaxError {
                    message,
                    position: None,
                };
            }
            Self::At { at, message } => (at, message),
            Self::Twice { key, first, again } => {
                let first = position(first).line;
                (
                    again,
                    format!("the key `{key}` stands twice in one map, first on line {first}"),
                )
            }
        };
        let position = position(at);
        SyntaxError {
            message: format!(
                "line {}, column {}: {message}",
                position.line, position.column
            ),
            position: Some(position),
        }
    }

    /// The same, said of a document inside a string.
    pub(super) fn inside_string(self) -> Self {
        let inside = |message| format!("in the JSON text inside this string: {message}");
        match self {
            Self::At { at, message } => Self::At {
                at,
                message: inside(message),
            },
            other => other,
        }
    }
}
