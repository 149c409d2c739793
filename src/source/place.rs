//! From origins to places: out of nested documents, and up the tree for the path.

use std::fmt::Write as _;
use std::ops::Range;

use super::tree::{Content, Tree};
use super::{Around, Origin, Place, Position, SourceId, Sources};

impl Sources {
    /// Where a node stands. Total: every origin has a place.
    pub fn place(&self, origin: Origin) -> Place {
        let origin = self.written(origin);
        let span = self.span(origin);
        let (outermost, span) = self.outermost(origin.source, span);
        let text = self.source(outermost).map(|source| &source.text);
        Place {
            name: self.name(outermost).to_owned(),
            start: text.map_or(Position::FIRST, |text| text.position(span.start)),
            end: text.map_or(Position::FIRST, |text| text.position(span.end)),
            span,
            path: self.path(origin),
        }
    }

    /// Whether a node stands inside another one or is it, documents inside strings and made trees followed to where they are
    /// written. The key of an entry belongs to its value.
    pub fn contains(&self, outer: Origin, inner: Origin) -> bool {
        let outer = self.written(outer);
        let mut inner = self.written(inner);
        while inner.source != outer.source {
            let around = self.source(inner.source);
            let Some(around) = around.and_then(|source| source.around.as_ref()) else {
                return false;
            };
            inner = self.written(around.string);
        }
        let tree = self.source(outer.source).map(|source| &source.tree);
        tree.is_some_and(|tree| {
            let below = tree
                .slot(outer.node)
                .is_some_and(|slot| (outer.node..slot.after).contains(&inner.node));
            below || tree.key_of(outer.node) == Some(inner.node)
        })
    }

    /// The list or map around a node, where it is written.
    pub fn around(&self, inner: Origin) -> Option<Origin> {
        let around = self.node(self.written(inner)).parent();
        around.map(|node| node.origin())
    }

    /// Keeps what stands at a node from ever being shown: the value of a parameter that is a secret.
    pub fn hide(&mut self, origin: Origin) {
        let origin = self.written(origin);
        let span = self.span(origin);
        let (outermost, span) = self.outermost(origin.source, span);
        self.hidden.entry(outermost).or_default().push(span);
    }

    /// The ranges of a text that must not be shown.
    pub fn hidden(&self, source: SourceId) -> &[Range<usize>] {
        self.hidden.get(&source).map_or(&[], Vec::as_slice)
    }

    fn span(&self, origin: Origin) -> Range<usize> {
        self.source(origin.source)
            .and_then(|source| source.tree.slot(origin.node))
            .map_or(0..0, |slot| slot.start as usize..slot.end as usize)
    }

    /// The outermost text, and where a range of `source` stands in it.
    pub(super) fn outermost(
        &self,
        mut source: SourceId,
        mut span: Range<usize>,
    ) -> (SourceId, Range<usize>) {
        while let Some(known) = self.source(source) {
            (source, span) = match (&known.around, &known.made) {
                (Some(around), _) => self.step_out(around, span),
                (None, Some(_)) => {
                    let root = self.written(Origin { source, node: 0 });
                    (root.source, self.span(root))
                }
                (None, None) => break,
            };
        }
        (source, span)
    }

    /// One text outward.
    pub(super) fn step_out(&self, around: &Around, span: Range<usize>) -> (SourceId, Range<usize>) {
        let written = self.written(around.string);
        // A string that was put together of several has no place for each of its characters.
        if written != around.string {
            return (written.source, self.span(written));
        }
        let span = around.maps.iter().fold(span, |span, map| map.outward(span));
        (around.string.source, span)
    }

    /// The path from the root of the outermost text.
    fn path(&self, mut origin: Origin) -> String {
        let mut steps = Vec::new();
        while let Some(source) = self.source(origin.source) {
            climb(&source.tree, source.text.as_str(), origin.node, &mut steps);
            match &source.around {
                Some(around) => origin = self.written(around.string),
                None => break,
            }
        }
        let mut path = String::new();
        for step in steps.iter().rev() {
            step.write(&mut path);
        }
        path
    }
}

/// One step of a path.
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl Step<'_> {
    fn write(&self, path: &mut String) {
        let plain = |key: &str| !key.is_empty() && !key.contains(['.', '[', ']', '"', ' ', '\n']);
        // Writing to a string does not fail.
        let _ = match self {
            Self::Index(index) => write!(path, "[{index}]"),
            Self::Key(key) if !plain(key) => write!(path, "[{key:?}]"),
            Self::Key(key) if path.is_empty() => write!(path, "{key}"),
            Self::Key(key) => write!(path, ".{key}"),
        };
    }
}

/// The steps from a node up to its root, innermost first.
fn climb<'a>(tree: &'a Tree, text: &'a str, mut node: u32, steps: &mut Vec<Step<'a>>) {
    while let Some(slot) = tree.slot(node) {
        if let Some(key) = tree.key_of(node) {
            steps.push(Step::Key(tree.scalar(text, key).unwrap_or_default()));
        } else if let Some(parent) = tree.slot(slot.parent)
            && parent.content == Content::List
        {
            steps.push(Step::Index(slot.ordinal as usize));
        }
        node = slot.parent;
    }
}
