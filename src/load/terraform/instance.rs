//! One resource of a plan, in all that tells of it.

use std::collections::BTreeSet;

use crate::source::Node;

/// One instance of a resource or of a data source.
#[derive(Debug, Clone)]
pub(super) struct Instance<'a> {
    /// Its address with all indices.
    pub(super) address: String,
    /// The address of the module around it; empty for the root.
    pub(super) module: String,
    /// Its type.
    pub(super) kind: String,
    /// Whether Terraform makes it; otherwise it only reads it.
    pub(super) managed: bool,
    /// Its index as addresses write it: `[0]`, `["a"]`, or nothing.
    pub(super) index: String,
    /// Its arguments and attributes, as far as they are known.
    pub(super) values: Option<Node<'a>>,
    /// Where `true` stands for what is known after the apply only.
    pub(super) unknown: Option<Node<'a>>,
    /// Where `true` stands for what must not be shown.
    pub(super) sensitive: Option<Node<'a>>,
    /// Its expressions in the configuration.
    pub(super) expressions: Option<Node<'a>>,
    /// Which provider of the configuration it belongs to.
    pub(super) provider: Option<&'a str>,
    /// What it hangs on, as a state tells.
    pub(super) depends_on: Vec<&'a str>,
    /// The resource itself.
    pub(super) node: Node<'a>,
}

/// Attributes by which others name a resource.
const NAMES: &[&str] = &["id", "name", "arn", "bucket", "key_id", "function_name"];

impl<'a> Instance<'a> {
    /// What others may call it by, each once.
    pub(super) fn names(&self) -> BTreeSet<&'a str> {
        let known = NAMES.iter().filter_map(|attribute| self.known(attribute));
        known.collect()
    }

    /// A known value that may be shown.
    pub(super) fn known(&self, argument: &str) -> Option<&'a str> {
        let hides = |node: Node<'_>| node.as_bool() == Some(true);
        let hidden = self
            .sensitive
            .is_some_and(|all| hides(all) || all.get(argument).is_some_and(hides));
        if hidden {
            return None;
        }
        let text = self.values?.get(argument)?.scalar()?;
        (!text.is_empty()).then_some(text)
    }

    /// Whether an argument is known after the apply only.
    pub(super) fn is_unknown(&self, argument: &str) -> bool {
        let unknown = self.unknown.and_then(|node| node.get(argument));
        unknown.is_some_and(|node| node.as_bool() == Some(true))
    }
}
