//! What is a function: `Fn::Name` as the only key of a map, or the tag `!Name`.

use crate::source::{Kind, Node, Origin};

/// A function with its argument.
#[derive(Clone, Copy)]
pub(super) struct Call<'s> {
    /// Without `Fn::` or `!`.
    pub(super) name: &'s str,
    /// The whole: what findings underline.
    pub(super) node: Node<'s>,
    /// What it is given.
    pub(super) argument: Node<'s>,
    /// Whether the argument is the same node, which then must be read without its tag.
    pub(super) tagged: bool,
}

/// The entries of a map.
pub(super) type Entries<'s> = Vec<(&'s str, Origin, Node<'s>)>;

/// The function that a node is.
pub(super) fn of(node: Node<'_>) -> Option<Call<'_>> {
    by_tag(node).or_else(|| by_key(node, &node.entries()))
}

/// The function that a node's tag says it is. YAML's own tags (`!!str`) are none.
pub(super) fn by_tag(node: Node<'_>) -> Option<Call<'_>> {
    let name = node.tag()?.strip_prefix('!')?;
    let own = name.is_empty() || name.starts_with(['!', '<']) || name.starts_with("tag:");
    (!own).then_some(Call {
        name,
        node,
        argument: node,
        tagged: true,
    })
}

/// The function that a map with these entries is.
pub(super) fn by_key<'s>(node: Node<'s>, entries: &Entries<'s>) -> Option<Call<'s>> {
    let [(key, _, argument)] = entries.as_slice() else {
        return None;
    };
    let name = match *key {
        "Ref" => "Ref",
        key => key.strip_prefix("Fn::")?,
    };
    if name.starts_with("ForEach::") {
        return None;
    }
    Some(Call {
        name,
        node,
        argument: *argument,
        tagged: false,
    })
}

impl<'s> Call<'s> {
    /// The arguments of a function that takes a list of them.
    pub(super) fn arguments(&self) -> Vec<Node<'s>> {
        if self.argument.kind() == Kind::List && (self.tagged || self.argument.tag().is_none()) {
            self.argument.items()
        } else {
            Vec::new()
        }
    }

    /// How people write it.
    pub(super) fn shown(&self) -> String {
        match self.name {
            "Ref" => "Ref".to_owned(),
            name => format!("Fn::{name}"),
        }
    }
}
