//! The span tree of one text: slots in the order of the text, so that a subtree is a range of them.

use std::collections::BTreeMap;

/// Maps and lists may nest this deep, in both formats.
pub(super) const DEEPEST: usize = 256;

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

/// One node.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// First byte.
    pub(super) start: u32,
    /// Just behind the last byte.
    pub(super) end: u32,
    /// The list or map around it, or [`NONE`].
    pub(super) parent: u32,
    /// The first slot behind this subtree.
    pub(super) after: u32,
    /// Index of its tag, or [`NONE`].
    pub(super) tag: u32,
    /// How many children of the parent precede it; in maps, keys have even and values odd numbers.
    pub(super) ordinal: u32,
    pub(super) content: Content,
}

/// What a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Null,
    Bool(bool),
    Number,
    String(Written),
    List,
    Map,
    /// The slot that the alias stands for.
    Alias(u32),
}

/// Where the text of a string is to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// It is the text under the span.
    Plain,
    /// The same without the quotes.
    Quoted,
    /// It had to be decoded: index into the decoded strings.
    Decoded(u32),
}

/// All documents of one text.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) slots: Vec<Slot>,
    /// Strings that had to be decoded.
    pub(super) strings: Vec<Box<str>>,
    /// Tags as written, each once.
    pub(super) tags: Vec<Box<str>>,
    pub(super) roots: Vec<u32>,
    /// What readers see of maps with merge keys or same keys: keys and values, merged.
    pub(super) merged: BTreeMap<u32, Vec<(u32, u32)>>,
    /// Keys that stand twice in one map, in a text where the later one counts: the earlier and the later.
    pub(super) duplicates: Vec<(u32, u32)>,
}

impl Tree {
    pub(super) fn roots(&self) -> &[u32] {
        &self.roots
    }

    pub(super) fn slot(&self, index: u32) -> Option<&Slot> {
        self.slots.get(index as usize)
    }

    /// The slot an alias stands for, otherwise the slot itself.
    pub(super) fn resolve(&self, index: u32) -> u32 {
        match self.slot(index).map(|slot| slot.content) {
            Some(Content::Alias(target)) => target,
            _ => index,
        }
    }

    pub(super) fn tag(&self, index: u32) -> Option<&str> {
        let tag = self.slot(index)?.tag;
        self.tags.get(tag as usize).map(AsRef::as_ref)
    }

    /// The text of any scalar; of `null` as it is written.
    pub(super) fn scalar<'a>(&'a self, text: &'a str, index: u32) -> Option<&'a str> {
        let slot = self.slot(self.resolve(index))?;
        let (start, end) = (slot.start as usize, slot.end as usize);
        match slot.content {
            Content::Null
            | Content::Bool(_)
            | Content::Number
            | Content::String(Written::Plain) => text.get(start..end),
            Content::String(Written::Quoted) => text.get(start + 1..end.saturating_sub(1)),
            Content::String(Written::Decoded(at)) => {
                self.strings.get(at as usize).map(AsRef::as_ref)
            }
            Content::List | Content::Map | Content::Alias(_) => None,
        }
    }

    /// The items of a list.
    pub(super) fn items(&self, index: u32) -> impl Iterator<Item = u32> {
        let index = self.resolve(index);
        let list = self
            .slot(index)
            .is_some_and(|slot| slot.content == Content::List);
        self.children(if list { index } else { NONE })
    }

    /// The direct children of a slot: items, or keys and values in turn.
    pub(super) fn children(&self, index: u32) -> impl Iterator<Item = u32> {
        let end = self.slot(index).map_or(0, |slot| slot.after);
        let mut next = index.saturating_add(1);
        std::iter::from_fn(move || {
            let child = next;
            let slot = self.slot(child).filter(|_| child < end)?;
            next = slot.after;
            Some(child)
        })
    }

    /// Keys and values of a map, merge keys followed.
    pub(super) fn pairs(&self, index: u32) -> Pairs<'_> {
        let index = self.resolve(index);
        match self.merged.get(&index) {
            Some(merged) => Pairs::Merged(merged.iter()),
            None => self.written_pairs(index),
        }
    }

    /// The same without following merge keys.
    pub(super) fn written_pairs(&self, index: u32) -> Pairs<'_> {
        let end = match self.slot(index) {
            Some(slot) if slot.content == Content::Map => slot.after,
            _ => 0,
        };
        Pairs::Written {
            tree: self,
            next: index.saturating_add(1),
            end,
        }
    }

    /// The key that a value belongs to. Keys are single slots, so it is the one before.
    pub(super) fn key_of(&self, index: u32) -> Option<u32> {
        let slot = self.slot(index)?;
        let parent = self.slot(slot.parent)?;
        let before = slot.ordinal % 2;
        (parent.content == Content::Map).then(|| index.saturating_sub(before))
    }
}

/// Iterates over the entries of a map.
pub(super) enum Pairs<'a> {
    Written { tree: &'a Tree, next: u32, end: u32 },
    Merged(std::slice::Iter<'a, (u32, u32)>),
}

impl Iterator for Pairs<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Merged(pairs) => pairs.next().copied(),
            Self::Written { tree, next, end } => {
                if *next >= *end {
                    return None;
                }
                let key = *next;
                let value = tree.slot(key)?.after;
                *next = tree.slot(value)?.after;
                Some((key, value))
            }
        }
    }
}
