//! Handles on nodes: what readers see of a tree.

use super::tree::{Content, NONE};
use super::{Kind, Origin, Source, Sources};

/// A handle on one node.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    sources: &'a Sources,
    origin: Origin,
}

impl<'a> Node<'a> {
    pub(super) fn new(sources: &'a Sources, origin: Origin) -> Self {
        Self { sources, origin }
    }

    /// What to remember the node by.
    pub fn origin(self) -> Origin {
        self.origin
    }

    /// Where the key of this entry stands; `None` for items of lists and for roots.
    pub fn key_origin(self) -> Option<Origin> {
        let key = self.source()?.tree.key_of(self.origin.node)?;
        Some(self.beside(key).origin)
    }

    /// The list or map around this node, where it is written; `None` for roots.
    pub fn parent(self) -> Option<Self> {
        let parent = self.source()?.tree.slot(self.origin.node)?.parent;
        (parent != NONE).then(|| self.beside(parent))
    }

    /// What the node is. Aliases and merge keys of YAML are followed.
    pub fn kind(self) -> Kind {
        match self.content() {
            Content::Null | Content::Alias(_) => Kind::Null,
            Content::Bool(_) => Kind::Bool,
            Content::Number => Kind::Number,
            Content::String(_) => Kind::String,
            Content::List => Kind::List,
            Content::Map => Kind::Map,
        }
    }

    /// Whether the node is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The value of a boolean, however it is written (`True` in YAML).
    pub fn as_bool(self) -> Option<bool> {
        match self.content() {
            Content::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The text of a string, decoded.
    pub fn as_str(self) -> Option<&'a str> {
        (self.kind() == Kind::String)
            .then(|| self.written())
            .flatten()
    }

    /// The text of a string, number or boolean: numbers and booleans as written (`012345678901` keeps its zero).
    pub fn scalar(self) -> Option<&'a str> {
        match self.kind() {
            Kind::String | Kind::Number | Kind::Bool => self.written(),
            Kind::Null | Kind::List | Kind::Map => None,
        }
    }

    /// The value under `key` of a map.
    pub fn get(self, key: &str) -> Option<Self> {
        let source = self.source()?;
        let (_, value) = source
            .tree
            .pairs(self.origin.node)
            .find(|(name, _)| source.tree.scalar(source.text.as_str(), *name) == Some(key))?;
        Some(self.beside(value))
    }

    /// The entries of a map in their order: key, where the key stands, value. Empty for other kinds.
    pub fn entries(self) -> Vec<(&'a str, Origin, Self)> {
        let Some(source) = self.source() else {
            return Vec::new();
        };
        source
            .tree
            .pairs(self.origin.node)
            .map(|(key, value)| {
                let name = source
                    .tree
                    .scalar(source.text.as_str(), key)
                    .unwrap_or_default();
                (name, self.beside(key).origin, self.beside(value))
            })
            .collect()
    }

    /// What stands behind the merge keys of a map: an alias, or a list of them.
    pub fn merges(self) -> Vec<Self> {
        let Some(source) = self.source() else {
            return Vec::new();
        };
        let map = source.tree.resolve(self.origin.node);
        let written = source.tree.written_pairs(map);
        let name = |key| source.tree.scalar(source.text.as_str(), key);
        let merges = written.filter(|(key, _)| name(*key) == Some("<<"));
        merges.map(|(_, value)| self.beside(value)).collect()
    }

    /// The items of a list. Empty for other kinds.
    pub fn items(self) -> Vec<Self> {
        let Some(source) = self.source() else {
            return Vec::new();
        };
        let items = source.tree.items(self.origin.node);
        items.map(|item| self.beside(item)).collect()
    }

    /// What this node stands for, if it is an alias.
    pub fn aliased(self) -> Option<Origin> {
        let tree = &self.source()?.tree;
        let target = tree.resolve(self.origin.node);
        (target != self.origin.node).then(|| self.beside(target).origin)
    }

    /// The YAML tag as written (`!Sub`), if any.
    pub fn tag(self) -> Option<&'a str> {
        let tree = &self.source()?.tree;
        tree.tag(tree.resolve(self.origin.node))
    }

    fn source(self) -> Option<&'a Source> {
        self.sources.source(self.origin.source)
    }

    /// Another node of the same text.
    fn beside(self, node: u32) -> Self {
        let source = self.origin.source;
        Self::new(self.sources, Origin { source, node })
    }

    fn content(self) -> Content {
        self.source()
            .and_then(|source| source.tree.slot(source.tree.resolve(self.origin.node)))
            .map_or(Content::Null, |slot| slot.content)
    }

    fn written(self) -> Option<&'a str> {
        let source = self.source()?;
        source.tree.scalar(source.text.as_str(), self.origin.node)
    }
}
