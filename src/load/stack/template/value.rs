//! Nodes → made values: plain ones as they are, functions by what they come to.

use super::Evaluation;
use super::call::{self, Call, Entries};
use super::each;
use super::scope::{Place, Scope, Step, To};
use super::statements::Chosen;
use crate::graph::Symbol;
use crate::source::{Kind, Made, MadeValue, Node, Origin};

/// Values, and what they refer to in turn, are worked out this deep.
const DEEPEST: usize = 256;

/// Nodes that a stack may come to, beside those that are written; aliases and loops in a few lines can stand for billions.
const MOST_NODES: usize = 1_000_000;

/// The longest text that functions may come to: no template, and so no text in one, is larger.
pub(super) const LONGEST: usize = 1 << 20;

/// Bytes of text that count as one node.
pub(super) const BYTES_OF_A_NODE: usize = 64;

impl<'s> Evaluation<'s> {
    /// What a node comes to; `None` for `AWS::NoValue`.
    pub(super) fn value(&mut self, node: Node<'s>, scope: Scope<'_>) -> Option<Made> {
        let scope = scope.through(node);
        if !self.enter(node, scope) {
            return Some(self.beyond(scope.place(node), scope));
        }
        let made = match call::by_tag(node) {
            Some(call) => self.call(&call, scope),
            None => self.untagged(node, scope),
        };
        self.depth -= 1;
        made
    }

    /// What the argument of a function comes to.
    pub(super) fn argument(&mut self, call: &Call<'s>, scope: Scope<'_>) -> Option<Made> {
        if !call.tagged {
            return self.value(call.argument, scope);
        }
        if !self.enter(call.node, scope) {
            return Some(self.beyond(scope.place(call.node), scope));
        }
        let made = self.untagged(call.argument, scope);
        self.depth -= 1;
        made
    }

    fn untagged(&mut self, node: Node<'s>, scope: Scope<'_>) -> Option<Made> {
        let place = scope.place(node);
        let value = match node.kind() {
            Kind::Null => MadeValue::Null,
            Kind::Bool => MadeValue::Bool(node.as_bool().unwrap_or_default()),
            Kind::Number => MadeValue::Number(node.scalar().unwrap_or_default().to_owned()),
            Kind::String => {
                let text = each::substituted(node.as_str().unwrap_or_default(), scope.bound);
                return Some(self.text(text.into_owned(), place, scope));
            }
            Kind::List => MadeValue::List(self.list(node.items(), scope)),
            Kind::Map => {
                let entries = node.entries();
                if let Some(call) = call::by_key(node, &entries) {
                    return self.call(&call, scope);
                }
                MadeValue::Map(self.members(node, &entries, scope))
            }
        };
        Some(place.made(value))
    }

    fn list(&mut self, items: Vec<Node<'s>>, scope: Scope<'_>) -> Vec<Made> {
        let mut made = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            let step = Step {
                before: scope.path,
                to: To::Item(at),
            };
            let scope = scope.inside(&step);
            if self.is_exhausted(scope) {
                made.extend(self.value(item, scope));
                break;
            }
            match self.chosen(item, scope) {
                Some(Chosen::Many(several)) => made.extend(several),
                Some(Chosen::One(one)) => made.extend(one),
                None => made.extend(self.value(item, scope)),
            }
        }
        made
    }

    /// The members of a map; loops among them are run.
    pub(super) fn members(
        &mut self,
        map: Node<'s>,
        entries: &Entries<'s>,
        scope: Scope<'_>,
    ) -> Vec<(String, Origin, Made)> {
        let mut members = Vec::with_capacity(entries.len());
        let mut merges = None;
        for (key, key_at, value) in entries {
            let scope = Scope {
                alias: scope.alias.or_else(|| merged_by(map, &mut merges, *value)),
                ..scope
            };
            if key.starts_with(each::KEY) {
                self.loop_members(*value, scope, &mut members);
                continue;
            }
            if *key == "Fn::Transform" {
                self.warn_of_macro(*value, scope);
                continue;
            }
            let name = each::substituted(key, scope.bound);
            let step = Step {
                before: scope.path,
                to: To::Member(&name),
            };
            if let Some(made) = self.value(*value, scope.inside(&step)) {
                let key_at = scope.alias.unwrap_or(*key_at);
                members.push((name.into_owned(), key_at, made));
            }
        }
        members
    }

    /// A text, with the dynamic references in it resolved.
    pub(super) fn text(&mut self, text: String, place: Place, scope: Scope<'_>) -> Made {
        if text.len() >= BYTES_OF_A_NODE && !self.charge(text.len() / BYTES_OF_A_NODE, scope) {
            return self.beyond(place, scope);
        }
        let text = self.dereferenced(text, place, scope);
        place.text(text)
    }

    /// A text that a function has put together.
    pub(super) fn built(&mut self, text: String, place: Place, scope: Scope<'_>) -> Made {
        if text.len() > LONGEST {
            let text = self.too_long(place, scope);
            return place.text(text);
        }
        self.text(text, place, scope)
    }

    /// What stands for a text that is too long.
    pub(super) fn too_long(&mut self, place: Place, scope: Scope<'_>) -> String {
        let message = format!(
            "a text of more than {LONGEST} characters in `{}` is not worked out",
            self.title(scope.stack)
        );
        self.warn(message, None, vec![place.at]);
        let made = self.opaque("a text too long", place, scope);
        made.scalar().unwrap_or_default().to_owned()
    }

    /// Goes one level deeper, unless that is too deep or the stack has come to too much.
    pub(super) fn enter(&mut self, node: Node<'s>, scope: Scope<'_>) -> bool {
        if self.depth >= DEEPEST {
            let message = format!(
                "values in `{}` refer to each other more than {DEEPEST} levels deep; what is deeper is not worked out",
                self.title(scope.stack)
            );
            self.warn(message, None, vec![node.origin()]);
            return false;
        }
        let charged = self.charge(1, scope);
        self.depth += usize::from(charged);
        charged
    }

    /// What stands for all that is too deep or too much.
    pub(super) fn beyond(&mut self, place: Place, scope: Scope<'_>) -> Made {
        let key = format!("beyond {}", self.label(scope.stack));
        let title = self.title(scope.stack);
        let text = self.unknown(&key, || Symbol {
            name: "not worked out".to_owned(),
            what: format!("what is too deep or too much in `{title}` to be worked out"),
            supply: String::new(),
            origin: place.at,
        });
        place.text(text)
    }

    /// Counts what a stack comes to; `false` when that is too much.
    pub(super) fn charge(&mut self, nodes: usize, scope: Scope<'_>) -> bool {
        let Some(live) = self.stacks.get_mut(scope.stack) else {
            return false;
        };
        live.made = live.made.saturating_add(nodes);
        if live.made <= live.written.saturating_add(MOST_NODES) {
            return true;
        }
        let root = live.stack.template.root;
        let message = format!(
            "`{}` comes to more than {MOST_NODES} values; the rest is not worked out",
            live.stack.title
        );
        self.warn(message, None, vec![root]);
        false
    }

    /// Whether the stack has come to too much.
    pub(super) fn is_exhausted(&self, scope: Scope<'_>) -> bool {
        let live = self.stacks.get(scope.stack);
        live.is_none_or(|live| live.made > live.written.saturating_add(MOST_NODES))
    }

    /// How many values there are in a made one.
    pub(super) fn size(made: &Made) -> usize {
        match &made.value {
            MadeValue::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            MadeValue::Map(members) => {
                let sizes = members.iter().map(|(_, _, value)| Self::size(value));
                1 + sizes.sum::<usize>()
            }
            _ => 1 + made.scalar().map_or(0, str::len) / BYTES_OF_A_NODE,
        }
    }
}

/// The alias behind a merge key that brought a member into a map, if it does not stand in the map itself.
fn merged_by<'s>(
    map: Node<'s>,
    merges: &mut Option<Vec<Node<'s>>>,
    member: Node<'s>,
) -> Option<Origin> {
    let around = member.parent()?.origin();
    if around == map.aliased().unwrap_or_else(|| map.origin()) {
        return None;
    }
    let merges = merges.get_or_insert_with(|| {
        let mut merges = map.merges();
        let more: Vec<_> = merges.iter().flat_map(|merged| merged.items()).collect();
        merges.extend(more);
        merges
    });
    let bringing = merges.iter().find(|alias| alias.aliased() == Some(around));
    bringing.or(merges.first()).map(|alias| alias.origin())
}
