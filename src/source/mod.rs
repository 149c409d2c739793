//! Texts and places: one span tree for JSON and YAML, documents inside strings included.
//!
//! In: bytes with a name. Out: [`Node`]s to read values from and [`Origin`]s to find them again.
//! Knows nothing of AWS. An [`Origin`] is opaque to every other room; [`Sources::place`] turns it into
//! file, line and column, and only `report` asks for that.

use std::ops::Range;

/// All texts of a run, parsed.
#[derive(Debug, Default)]
pub struct Sources {}

/// One text among the [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub(crate) u32);

/// One node of one parsed text: where a fact was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    pub(crate) source: SourceId,
    pub(crate) node: u32,
}

/// A position for people: both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Where a node stands in the outermost text that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The name of the outermost text, as it was given.
    pub name: String,
    /// First character.
    pub start: Position,
    /// Just behind the last character.
    pub end: Position,
    /// The same as a byte range of that text.
    pub span: Range<usize>,
    /// Dotted path of keys and indices from the root, e.g. `Statement[0].Action`.
    pub path: String,
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Strict JSON.
    Json,
    /// JSON with comments or trailing commas, as pasted from tutorials.
    JsonWithComments,
    /// YAML 1.2.
    Yaml,
}

/// A text that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong and what was expected, in one line.
    pub message: String,
    /// Where, when it can be told.
    pub position: Option<Position>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number, kept as written.
    Number,
    /// A string.
    String,
    /// A list.
    List,
    /// A map; keys keep their order.
    Map,
}

/// A handle on one node.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    sources: &'a Sources,
    origin: Origin,
}

impl Sources {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Parses a text and keeps it under `name`.
    ///
    /// Bytes may be UTF-8 (with or without byte order mark) or UTF-16 with one. Text beginning with `{` or `[` is
    /// JSON, everything else YAML.
    ///
    /// # Errors
    /// Not text, no valid JSON or YAML, a key twice in one map, nested too deep, or empty.
    pub fn add(&mut self, _name: &str, _bytes: &[u8]) -> Result<SourceId, SyntaxError> {
        unimplemented!()
    }

    /// Parses the document inside a string: JSON text, or percent-encoded JSON text. Doing it twice gives the same source.
    ///
    /// # Errors
    /// As [`Sources::add`]; the position is one of the outermost text.
    pub fn add_nested(&mut self, _string: Origin) -> Result<SourceId, SyntaxError> {
        unimplemented!()
    }

    /// The documents of a text: one, or several where JSON documents or YAML documents follow each other.
    pub fn roots(&self, _source: SourceId) -> Vec<Node<'_>> {
        unimplemented!()
    }

    /// The node behind an origin.
    pub fn node(&self, origin: Origin) -> Node<'_> {
        Node {
            sources: self,
            origin,
        }
    }

    /// How the text is written.
    pub fn format(&self, _source: SourceId) -> Format {
        unimplemented!()
    }

    /// The name a text was added under; for a nested document that of the outermost text.
    pub fn name(&self, _source: SourceId) -> &str {
        unimplemented!()
    }

    /// The text that [`Place::span`] counts in: the outermost one, decoded.
    pub fn text(&self, _source: SourceId) -> &str {
        unimplemented!()
    }

    /// Where a node stands. Total: every origin has a place.
    pub fn place(&self, _origin: Origin) -> Place {
        unimplemented!()
    }
}

impl Origin {
    /// For policies made in code: it has no place.
    pub const NOWHERE: Self = Self {
        source: SourceId(u32::MAX),
        node: 0,
    };

    /// The text this origin is in (the nested one for a document inside a string).
    pub fn source(self) -> SourceId {
        self.source
    }
}

impl<'a> Node<'a> {
    /// What to remember the node by.
    pub fn origin(self) -> Origin {
        self.origin
    }

    /// What the node is. Aliases and merge keys of YAML are followed.
    pub fn kind(self) -> Kind {
        unimplemented!()
    }

    /// The text of a string, decoded.
    pub fn as_str(self) -> Option<&'a str> {
        unimplemented!()
    }

    /// The text of a string, number or boolean: numbers and booleans as written (`012345678901` keeps its zero).
    pub fn scalar(self) -> Option<&'a str> {
        unimplemented!()
    }

    /// The value under `key` of a map.
    pub fn get(self, _key: &str) -> Option<Node<'a>> {
        unimplemented!()
    }

    /// The entries of a map in their order: key, where the key stands, value. Empty for other kinds.
    pub fn entries(self) -> Vec<(&'a str, Origin, Node<'a>)> {
        unimplemented!()
    }

    /// The items of a list. Empty for other kinds.
    pub fn items(self) -> Vec<Node<'a>> {
        unimplemented!()
    }

    /// The YAML tag as written (`!Sub`), if any.
    pub fn tag(self) -> Option<&'a str> {
        unimplemented!()
    }
}
