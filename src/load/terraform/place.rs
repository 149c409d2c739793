//! One place in the arguments of a resource, in all that tells of it: values, marks of what is unknown or secret, expressions.

use super::plan::Instance;
use crate::source::{Kind, Node, Origin};

/// A place in the arguments, seen in all four trees that tell of it.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    pub(super) value: Option<Node<'a>>,
    pub(super) unknown: Option<Node<'a>>,
    pub(super) hidden: Option<Node<'a>>,
    pub(super) expression: Option<Node<'a>>,
    /// Whether the configuration would have an expression here, so that one without is left to the provider.
    pub(super) told: bool,
    /// Whether there are marks for what is unknown; plans of old only leave it out.
    pub(super) marked: bool,
    /// The way here without indices, as the table writes it.
    pub(super) path: String,
    /// The same with indices.
    pub(super) label: String,
    /// The nearest place that is written.
    pub(super) origin: Origin,
}

/// Whether a mark says so.
pub(super) fn flag(node: Option<Node<'_>>) -> bool {
    node.is_some_and(|node| node.as_bool() == Some(true))
}

impl<'a> Place<'a> {
    pub(super) fn of(instance: &Instance<'a>) -> Self {
        Self {
            value: instance.values,
            unknown: instance.unknown,
            hidden: instance.sensitive,
            expression: instance.expressions,
            told: instance.expressions.is_some(),
            marked: instance.unknown.is_some(),
            path: String::new(),
            label: String::new(),
            origin: instance.node.origin(),
        }
    }

    pub(super) fn member(&self, key: &str) -> Self {
        let below = |node: Option<Node<'a>>| node.and_then(|node| node.get(key));
        // `true` speaks for all that is inside.
        let marked = |node: Option<Node<'a>>| if flag(node) { node } else { below(node) };
        let join = |path: &str| {
            if path.is_empty() {
                key.to_owned()
            } else {
                format!("{path}.{key}")
            }
        };
        let is_block = self.expression.is_some_and(|node| {
            node.get("references").is_none() && node.get("constant_value").is_none()
        });
        let value = below(self.value);
        Self {
            value,
            unknown: marked(self.unknown),
            hidden: marked(self.hidden),
            expression: below(self.expression).filter(|_| is_block),
            told: self.told && is_block,
            marked: self.marked,
            path: join(&self.path),
            label: join(&self.label),
            origin: value.map_or(self.origin, Node::origin),
        }
    }

    pub(super) fn item(&self, at: usize) -> Self {
        let below = |node: Option<Node<'a>>| node.and_then(|node| node.items().get(at).copied());
        let marked = |node: Option<Node<'a>>| if flag(node) { node } else { below(node) };
        let value = below(self.value);
        let expression = self.block(value, at);
        Self {
            value,
            unknown: marked(self.unknown),
            hidden: marked(self.hidden),
            expression,
            told: self.told && expression.is_some(),
            marked: self.marked,
            path: self.path.clone(),
            label: format!("{}[{at}]", self.label),
            origin: value.map_or(self.origin, Node::origin),
        }
    }

    /// The block of the configuration that an item comes from. Sets have an order of their own, so what both say must agree.
    fn block(&self, value: Option<Node<'a>>, at: usize) -> Option<Node<'a>> {
        let expression = self.expression?;
        if expression.kind() != Kind::List {
            return None;
        }
        let blocks = expression.items();
        let fitting = |block: &Node<'a>| value.is_none_or(|value| agree(value, *block));
        let found: Vec<Node<'a>> = blocks.iter().copied().filter(fitting).collect();
        match found.as_slice() {
            [one] => Some(*one),
            _ if blocks.len() == self.len() => blocks.get(at).copied().filter(fitting),
            _ => None,
        }
    }

    pub(super) fn len(&self) -> usize {
        let length = |node: Option<Node<'a>>| node.map_or(0, |node| node.items().len());
        length(self.value).max(length(self.unknown))
    }

    pub(super) fn keys(&self) -> Vec<&'a str> {
        let mut keys: Vec<&str> = Vec::new();
        let nodes = [self.value, self.unknown];
        for (key, _, _) in nodes.into_iter().flatten().flat_map(Node::entries) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if !self.marked && self.told {
            let expressions = self.expression.map(Node::entries).unwrap_or_default();
            for (key, _, _) in expressions {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys
    }

    pub(super) fn key_origin(&self, key: &str) -> Origin {
        let value = self.value.and_then(|node| node.get(key));
        let origin = value.and_then(Node::key_origin);
        origin.unwrap_or(self.origin)
    }

    /// Whether it is unknown until the apply.
    pub(super) fn is_unknown(&self) -> bool {
        let left_out = !self.marked && self.told && self.expression.is_some();
        flag(self.unknown) || (left_out && self.value.is_none())
    }
}

/// Whether a block of the configuration may have made these values: no constant in it says otherwise.
fn agree(value: Node<'_>, block: Node<'_>) -> bool {
    block.entries().into_iter().all(|(key, _, expression)| {
        let constant = expression.get("constant_value").and_then(Node::scalar);
        let known = value.get(key).and_then(Node::scalar);
        constant.is_none() || known.is_none() || constant == known
    })
}
