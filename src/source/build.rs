//! Building a tree: the rules that both formats share, from depth and duplicate keys to what aliases may cost.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fault::Fault;
use super::text::offset32;
use super::tree::{Content, DEEPEST, NONE, Slot, Tree, Written};

/// How many nodes aliases may add to what is written; a few lines of YAML can stand for billions.
const MOST_ADDED: u64 = 1_000_000;

/// Fills a [`Tree`] in the order of the text; both front ends use it, so their rules are the same.
pub(super) struct Builder<'t> {
    text: &'t str,
    tree: Tree,
    open: Vec<Open>,
    tags: BTreeMap<Box<str>, u32>,
    /// Whether of two same keys in one map the later one counts, as for CloudFormation, instead of being refused.
    lenient: bool,
}

/// A list or map whose end has not come yet.
struct Open {
    slot: u32,
    map: bool,
    children: u32,
    extent: Extent,
    /// Slot of the merge key, if the map has one.
    merge: u32,
}

/// How large a node is once its aliases are followed; counted, never expanded.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent {
    nodes: u64,
    height: usize,
}

impl Extent {
    pub(super) const SCALAR: Self = Self {
        nodes: 1,
        height: 0,
    };
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            tree: Tree::default(),
            open: Vec::new(),
            tags: BTreeMap::new(),
            lenient: false,
        }
    }

    /// One for which the later of two same keys counts; [`Tree::duplicates`] tells of them.
    pub(super) fn lenient(text: &'t str, lenient: bool) -> Self {
        Self {
            lenient,
            ..Self::new(text)
        }
    }

    pub(super) fn finish(self) -> Tree {
        self.tree
    }

    /// Keeps a decoded string.
    pub(super) fn keep(&mut self, decoded: impl Into<Box<str>>) -> Written {
        self.tree.strings.push(decoded.into());
        Written::Decoded(offset32(self.tree.strings.len() - 1))
    }

    /// Keeps a tag, each only once.
    pub(super) fn tag(&mut self, tag: String) -> u32 {
        if let Some(known) = self.tags.get(tag.as_str()) {
            return *known;
        }
        let index = offset32(self.tree.tags.len());
        self.tree.tags.push(tag.clone().into());
        self.tags.insert(tag.into(), index);
        index
    }

    /// Whether the next node is a key.
    fn at_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| open.map && open.children % 2 == 0)
    }

    fn push(&mut self, start: usize, end: usize, tag: u32, content: Content) -> u32 {
        let index = offset32(self.tree.slots.len());
        let (parent, ordinal) = self.open.last_mut().map_or((NONE, 0), |open| {
            open.children += 1;
            (open.slot, open.children - 1)
        });
        if parent == NONE {
            self.tree.roots.push(index);
        }
        self.tree.slots.push(Slot {
            start: offset32(start),
            end: offset32(end),
            parent,
            after: index + 1,
            tag,
            ordinal,
            content,
        });
        index
    }

    /// Opens a list or map.
    pub(super) fn begin(&mut self, start: usize, map: bool, tag: u32) -> Result<(), Fault> {
        if self.open.len() >= DEEPEST {
            return Err(Fault::too_deep(start));
        }
        if self.at_key() {
            return Err(Fault::at(
                start,
                "expected a plain key, found a list or map used as a key",
            ));
        }
        let content = if map { Content::Map } else { Content::List };
        let slot = self.push(start, start, tag, content);
        self.open.push(Open {
            slot,
            map,
            children: 0,
            extent: Extent {
                nodes: 1,
                height: 1,
            },
            merge: NONE,
        });
        Ok(())
    }

    /// Closes the innermost list or map; without `end` it ends with its last child.
    pub(super) fn end(&mut self, end: Option<usize>) -> Result<(u32, Extent), Fault> {
        let Some(open) = self.open.pop() else {
            return Err(Fault::whole("a list or map ends that has not begun"));
        };
        let after = offset32(self.tree.slots.len());
        if let Some(slot) = self.tree.slots.get_mut(open.slot as usize) {
            slot.after = after;
        }
        let last = self
            .tree
            .children(open.slot)
            .last()
            .and_then(|child| self.tree.slot(child))
            .map(|slot| slot.end);
        let mut start = 0;
        if let Some(slot) = self.tree.slots.get_mut(open.slot as usize) {
            start = slot.start as usize;
            slot.end = end
                .map(offset32)
                .or(last)
                .unwrap_or(slot.start)
                .max(slot.start);
        }
        if open.map {
            self.settle_duplicates(open.slot)?;
        }
        if open.merge != NONE {
            self.merge(open.slot, open.merge)?;
        }
        self.add(open.extent, start)?;
        Ok((open.slot, open.extent))
    }

    pub(super) fn scalar(
        &mut self,
        start: usize,
        end: usize,
        tag: u32,
        content: Content,
    ) -> Result<u32, Fault> {
        let slot = self.push(start, end, tag, content);
        self.add(Extent::SCALAR, start)?;
        Ok(slot)
    }

    /// A node that stands for another one, already closed.
    pub(super) fn alias(
        &mut self,
        start: usize,
        end: usize,
        target: u32,
        extent: Extent,
    ) -> Result<u32, Fault> {
        if self.at_key() && extent.height > 0 {
            return Err(Fault::at(
                start,
                "expected a plain key, found a list or map used as a key",
            ));
        }
        let slot = self.push(start, end, NONE, Content::Alias(target));
        self.add(extent, start)?;
        Ok(slot)
    }

    /// Marks the last key as a merge key.
    pub(super) fn mark_merge(&mut self, key: u32) {
        if let Some(open) = self.open.last_mut()
            && open.map
            && self.tree.key_of(key) == Some(key)
        {
            open.merge = key;
        }
    }

    /// Counts a finished node towards the one around it.
    fn add(&mut self, extent: Extent, at: usize) -> Result<(), Fault> {
        let written = self.tree.slots.len() as u64;
        let depth = self.open.len();
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        open.extent.nodes = open.extent.nodes.saturating_add(extent.nodes);
        open.extent.height = open.extent.height.max(extent.height + 1);
        if open.extent.nodes > MOST_ADDED.saturating_add(written) {
            return Err(Fault::at(
                at,
                "the aliases stand for more than 1000000 nodes in total",
            ));
        }
        if depth + extent.height > DEEPEST {
            return Err(Fault::too_deep(at));
        }
        Ok(())
    }

    /// Refuses a key that stands twice in one map, or, when lenient, keeps the later one for readers.
    fn settle_duplicates(&mut self, map: u32) -> Result<(), Fault> {
        let twice = self.duplicates(map);
        let Some((first, again)) = twice.first().copied() else {
            return Ok(());
        };
        if !self.lenient {
            let start = |index| {
                self.tree
                    .slot(index)
                    .map_or(0, |slot: &Slot| slot.start as usize)
            };
            let key = self.tree.scalar(self.text, again).unwrap_or_default();
            return Err(Fault::Twice {
                key: key.to_owned(),
                first: start(first),
                again: start(again),
            });
        }
        let dropped: BTreeSet<u32> = twice.iter().map(|(first, _)| *first).collect();
        let kept = self.tree.written_pairs(map);
        let kept = kept.filter(|(key, _)| !dropped.contains(key)).collect();
        self.tree.merged.insert(map, kept);
        self.tree.duplicates.extend(twice);
        Ok(())
    }

    /// Keys that stand twice in a map: the earlier one and the next.
    fn duplicates(&self, map: u32) -> Vec<(u32, u32)> {
        const FEW: usize = 8;
        let mut twice = Vec::new();
        let mut few: Vec<(&str, u32)> = Vec::new();
        let mut many: HashMap<&str, u32> = HashMap::new();
        for (key, _) in self.tree.written_pairs(map) {
            let name = self.tree.scalar(self.text, key).unwrap_or_default();
            let earlier = if few.len() < FEW {
                let known = few.iter_mut().find(|(known, _)| *known == name);
                let earlier = known.map(|(_, last)| std::mem::replace(last, key));
                if earlier.is_none() {
                    few.push((name, key));
                }
                earlier
            } else {
                if many.is_empty() {
                    many.extend(few.iter().copied());
                }
                many.insert(name, key)
            };
            twice.extend(earlier.map(|earlier| (earlier, key)));
        }
        twice
    }

    /// Works out what readers see of a map with a merge key: own keys win, then earlier maps over later ones.
    /// Its size is bounded by the extent, which is checked as aliases are added.
    fn merge(&mut self, map: u32, merge: u32) -> Result<(), Fault> {
        let tree = &self.tree;
        let name = |key| tree.scalar(self.text, key).unwrap_or_default();
        let mut seen: BTreeSet<&str> = tree
            .pairs(map)
            .filter(|(key, _)| *key != merge)
            .map(|(key, _)| name(key))
            .collect();
        let mut pairs = Vec::new();
        for (key, value) in tree.pairs(map) {
            if key != merge {
                pairs.push((key, value));
                continue;
            }
            let target = tree.resolve(value);
            let maps: Vec<u32> = match tree.slot(target).map(|slot| slot.content) {
                Some(Content::List) => tree.items(target).map(|item| tree.resolve(item)).collect(),
                _ => vec![target],
            };
            for merged in maps {
                if tree
                    .slot(merged)
                    .is_none_or(|slot| slot.content != Content::Map)
                {
                    let at = tree.slot(value).map_or(0, |slot| slot.start as usize);
                    return Err(Fault::at(
                        at,
                        "expected a map or a list of maps after the merge key `<<`",
                    ));
                }
                for (key, value) in tree.pairs(merged) {
                    if seen.insert(name(key)) {
                        pairs.push((key, value));
                    }
                }
            }
        }
        self.tree.merged.insert(map, pairs);
        Ok(())
    }
}
