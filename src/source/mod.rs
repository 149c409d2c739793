//! Texts and places: one span tree for JSON and YAML, documents inside strings included.
//!
//! In: bytes with a name. Out: [`Node`]s to read values from and [`Origin`]s to find them again.
//! Knows nothing of AWS. An [`Origin`] is opaque to every other room; [`Sources::place`] turns it into
//! file, line and column, and only `report` asks for that.

mod build;
mod comments;
mod fault;
mod json;
mod made;
mod nested;
mod node;
mod place;
mod read;
mod scan;
mod text;
mod toml;
mod tree;
mod yaml;

use std::collections::BTreeMap;
use std::ops::Range;

use self::fault::Fault;
use self::made::Sourcing;
use self::text::Text;
use self::tree::{Content, Tree};

pub use self::comments::Comment;
pub use self::made::{Made, MadeValue};
pub use self::node::Node;
pub use self::read::{Misfit, Placed};
pub use self::text::decoded;

/// All texts of a run, parsed.
#[derive(Debug, Default)]
pub struct Sources {
    texts: Vec<Source>,
    /// Documents inside strings, by the string.
    nested: BTreeMap<Origin, SourceId>,
    /// Ranges of texts that must not be shown.
    hidden: BTreeMap<SourceId, Vec<Range<usize>>>,
}

/// One parsed text.
#[derive(Debug)]
struct Source {
    /// Empty for a nested document.
    name: String,
    text: Text,
    tree: Tree,
    format: Format,
    around: Option<Around>,
    /// Of a made tree: what its nodes were made from.
    made: Option<Sourcing>,
}

/// Where a nested document comes from.
#[derive(Debug)]
struct Around {
    string: Origin,
    /// From the document's offsets to those of the text around it, one step after the other.
    maps: Vec<nested::Map>,
}

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

impl Position {
    /// The position of what has no place.
    const FIRST: Self = Self { line: 1, column: 1 };
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
    /// TOML, which nothing but a file's name tells from YAML.
    Toml,
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

impl Sources {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Parses a text and keeps it under `name`.
    ///
    /// Bytes may be UTF-8 (with or without byte order mark) or UTF-16 with one. Text beginning with `{` or `[`, comments
    /// before it or not, is JSON; everything else is YAML, and broken JSON is never taken for YAML.
    ///
    /// # Errors
    /// Not text, no valid JSON or YAML, a key twice in one map, nested too deep, or empty.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<SourceId, SyntaxError> {
        self.add_text(name, bytes, |text| parse_as(text, false))
    }

    /// The same for a text in which the later of two same keys counts, as it does for CloudFormation:
    /// [`Sources::duplicates`] tells of them.
    ///
    /// # Errors
    /// As [`Sources::add`], but for keys that stand twice.
    pub fn add_lenient(&mut self, name: &str, bytes: &[u8]) -> Result<SourceId, SyntaxError> {
        self.add_text(name, bytes, |text| parse_as(text, true))
    }

    /// The same for a text that is TOML.
    ///
    /// # Errors
    /// Not text, or no valid TOML.
    pub fn add_toml(&mut self, name: &str, bytes: &[u8]) -> Result<SourceId, SyntaxError> {
        self.add_text(name, bytes, |text| Ok((toml::parse(text)?, Format::Toml)))
    }

    fn add_text(
        &mut self,
        name: &str,
        bytes: &[u8],
        parse: impl FnOnce(&str) -> Result<(Tree, Format), Fault>,
    ) -> Result<SourceId, SyntaxError> {
        let (content, parsed) = match text::decode(bytes) {
            Ok(content) => {
                let parsed = parse(&content);
                (content, parsed)
            }
            Err(fault) => (String::new(), Err(fault)),
        };
        let text = Text::new(content);
        match parsed {
            Ok((tree, format)) => Ok(self.keep(Source {
                name: name.to_owned(),
                text,
                tree,
                format,
                around: None,
                made: None,
            })),
            Err(fault) => Err(fault.told(|at| text.position(at))),
        }
    }

    /// Parses the document inside a string: JSON text, or percent-encoded JSON text. Doing it twice gives the same source.
    ///
    /// # Errors
    /// As [`Sources::add`]; the position is one of the outermost text.
    pub fn add_nested(&mut self, string: Origin) -> Result<SourceId, SyntaxError> {
        self.nest(string, one_document)
    }

    /// Parses the document inside a string that may be YAML as well: a buildspec. Doing it twice gives the same source.
    ///
    /// # Errors
    /// As [`Sources::add_nested`].
    pub fn add_nested_yaml(&mut self, string: Origin) -> Result<SourceId, SyntaxError> {
        self.nest(string, parse)
    }

    fn nest(
        &mut self,
        string: Origin,
        parse: fn(&str) -> Result<(Tree, Format), Fault>,
    ) -> Result<SourceId, SyntaxError> {
        let string = self.resolve(self.unmade(string));
        if let Some(known) = self.nested.get(&string) {
            return Ok(*known);
        }
        let (content, maps) = self.unwrapped(string);
        let parsed = match &content {
            Some(content) => parse(content),
            None => Err(Fault::at(0, "expected a string")),
        };
        let around = Around { string, maps };
        match parsed {
            Ok((tree, format)) => {
                let id = self.keep(Source {
                    name: String::new(),
                    text: Text::new(content.unwrap_or_default()),
                    tree,
                    format,
                    around: Some(around),
                    made: None,
                });
                self.nested.insert(string, id);
                Ok(id)
            }
            Err(fault) => Err(fault.inside_string().told(|at| {
                let (source, span) = self.step_out(&around, at..at);
                let (source, span) = self.outermost(source, span);
                self.source(source)
                    .map_or(Position::FIRST, |source| source.text.position(span.start))
            })),
        }
    }

    /// The document inside a string, if it has been added.
    pub fn nested_of(&self, string: Origin) -> Option<SourceId> {
        let string = self.resolve(self.unmade(string));
        self.nested.get(&string).copied()
    }

    /// Keys that stand twice in one map of a text that was added leniently: the earlier and the later.
    pub fn duplicates(&self, source: SourceId) -> Vec<(Origin, Origin)> {
        let twice = self
            .source(source)
            .map(|known| known.tree.duplicates.as_slice());
        let origin = |node: u32| Origin { source, node };
        let both = |(first, again): &(u32, u32)| (origin(*first), origin(*again));
        twice.unwrap_or_default().iter().map(both).collect()
    }

    /// The documents of a text: one, or several where JSON documents or YAML documents follow each other.
    pub fn roots(&self, source: SourceId) -> Vec<Node<'_>> {
        let roots = self
            .source(source)
            .map_or(&[][..], |known| known.tree.roots());
        roots
            .iter()
            .map(|node| {
                self.node(Origin {
                    source,
                    node: *node,
                })
            })
            .collect()
    }

    /// The node behind an origin; one without a place is `null`.
    pub fn node(&self, origin: Origin) -> Node<'_> {
        Node::new(self, origin)
    }

    /// How the text is written.
    pub fn format(&self, source: SourceId) -> Format {
        self.source(source)
            .map_or(Format::Json, |source| source.format)
    }

    /// The name a text was added under; for a nested document that of the outermost text, for a made tree that of the text
    /// that its root was made from.
    pub fn name(&self, source: SourceId) -> &str {
        let (source, _) = self.outermost(source, 0..0);
        self.source(source)
            .map_or("", |source| source.name.as_str())
    }

    /// The text that [`Place::span`] counts in: the outermost one, decoded and without its byte order mark.
    pub fn text(&self, source: SourceId) -> &str {
        let (source, _) = self.outermost(source, 0..0);
        self.source(source)
            .map_or("", |source| source.text.as_str())
    }

    fn source(&self, source: SourceId) -> Option<&Source> {
        self.texts.get(source.0 as usize)
    }

    fn keep(&mut self, source: Source) -> SourceId {
        let id = SourceId(text::offset32(self.texts.len()));
        self.texts.push(source);
        id
    }

    /// The node that an alias stands for.
    fn resolve(&self, origin: Origin) -> Origin {
        Origin {
            node: self
                .source(origin.source)
                .map_or(origin.node, |source| source.tree.resolve(origin.node)),
            ..origin
        }
    }

    /// The JSON text in a string, and the way back to the text around it.
    fn unwrapped(&self, string: Origin) -> (Option<String>, Vec<nested::Map>) {
        let Some(source) = self.source(string.source) else {
            return (None, Vec::new());
        };
        let Some(slot) = source.tree.slot(string.node) else {
            return (None, Vec::new());
        };
        let span = slot.start as usize..slot.end as usize;
        let raw = source.text.as_str().get(span.clone()).unwrap_or_default();
        let Some(decoded) = self.node(string).as_str() else {
            return (None, vec![nested::Map::whole(raw.len(), span)]);
        };
        let map = nested::of_string(raw, span.start, decoded);
        if !is_json(decoded)
            && let Some((text, percent)) = nested::percent_decoded(decoded)
            && is_json(&text)
        {
            return (Some(text), vec![percent, map]);
        }
        (Some(decoded.to_owned()), vec![map])
    }
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

fn parse(text: &str) -> Result<(Tree, Format), Fault> {
    parse_as(text, false)
}

fn parse_as(text: &str, lenient: bool) -> Result<(Tree, Format), Fault> {
    if let Some(at) = text.find('\0') {
        return Err(Fault::at(at, "not a text: found a NUL byte"));
    }
    if json::looks_like_json(text) {
        return json::parse(text, lenient);
    }
    let tree = yaml::parse(text, lenient)?;
    let nothing = |root: &u32| {
        tree.slot(*root)
            .is_none_or(|slot| slot.content == Content::Null && slot.start == slot.end)
    };
    if tree.roots().iter().all(nothing) {
        return Err(Fault::whole("the text is empty: expected JSON or YAML"));
    }
    Ok((tree, Format::Yaml))
}

fn one_document(text: &str) -> Result<(Tree, Format), Fault> {
    if text.trim().is_empty() {
        return Err(Fault::at(0, "the string is empty: expected JSON text"));
    }
    if !json::looks_like_json(text) {
        let at = text.len() - text.trim_start().len();
        let found = fault::found(text, at);
        return Err(Fault::at(
            at,
            format!("expected `{{` or `[`, found {found}"),
        ));
    }
    let (tree, format) = json::parse(text, false)?;
    if let Some(second) = tree.roots().get(1).and_then(|root| tree.slot(*root)) {
        return Err(Fault::at(
            second.start as usize,
            "expected the end of the string, found a second document",
        ));
    }
    Ok((tree, format))
}

impl Origin {
    /// An origin for values made in code; it has no place.
    pub const NOWHERE: Self = Self {
        source: SourceId(u32::MAX),
        node: u32::MAX,
    };

    /// The text this origin is in (the nested one for a document inside a string).
    pub fn source(self) -> SourceId {
        self.source
    }
}
