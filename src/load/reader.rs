//! The table of readers, and what every reader reads with.

use super::facts::Facts;
use super::fault::Fault;
use super::hint::Hint;
use super::policy::{self, Attached};
use super::{
    LoadError, Warning, buildspec, event_target, iam, organization, pipeline, refused, resource,
    storage,
};
use crate::graph::{Fact, Policy, Written};
use crate::source::{Format, Kind, Node, Origin, SourceId, Sources};

/// Turns a recognised document into facts.
pub(super) type Read = fn(&mut Reading<'_>, Origin);

/// One kind of document.
struct Reader {
    /// What it is when the content, or for a snapshot the path, fits; in the singular.
    recognise: fn(Node<'_>, &Hint) -> Option<&'static str>,
    read: Read,
}

/// All kinds of documents. The first that recognises a document reads it, so what is told by its content alone comes first.
const READERS: &[Reader] = &[
    Reader {
        recognise: |node, _| refused::recognise(node).then_some("refused read"),
        // What is refused is read of every file, beside what the file describes.
        read: |_, _| {},
    },
    Reader {
        recognise: |node, hint| event_target::recognise(node, hint).then_some("event target"),
        read: event_target::read,
    },
    Reader {
        recognise: |node, _| pipeline::recognise(node).then_some("pipeline"),
        read: pipeline::read,
    },
    Reader {
        recognise: |node, _| iam::is_export(node).then_some("account export"),
        read: iam::read_export,
    },
    Reader {
        recognise: |node, _| iam::is_role(node).then_some("role"),
        read: iam::read_role,
    },
    Reader {
        recognise: |node, _| iam::is_user(node).then_some("user"),
        read: iam::read_user,
    },
    Reader {
        recognise: |node, _| iam::is_group(node).then_some("group"),
        read: iam::read_group,
    },
    Reader {
        recognise: |node, _| iam::is_inline_policy(node).then_some("inline policy"),
        read: iam::read_inline_policy,
    },
    Reader {
        recognise: |node, _| iam::is_managed_policy(node).then_some("managed policy"),
        read: iam::read_managed_policy,
    },
    Reader {
        recognise: |node, hint| organization::recognise(node, hint).then_some("organization"),
        read: organization::read,
    },
    Reader {
        recognise: |node, hint| storage::is_key(node, hint).then_some("key"),
        read: storage::read_key,
    },
    Reader {
        recognise: |node, hint| storage::is_bucket(node, hint).then_some("bucket"),
        read: storage::read_bucket,
    },
    Reader {
        recognise: |node, _| buildspec::recognise(node).then_some("buildspec"),
        read: buildspec::read,
    },
    Reader {
        recognise: resource::recognise,
        read: resource::read,
    },
    Reader {
        recognise: |node, _| refused::is_there(node).then_some("refused read"),
        read: |_, _| {},
    },
];

/// What a document is, and who reads it.
pub(super) fn recognise(node: Node<'_>, hint: &Hint) -> Option<(&'static str, Read)> {
    if node.kind() != Kind::Map {
        return None;
    }
    READERS
        .iter()
        .find_map(|reader| (reader.recognise)(node, hint).map(|kind| (kind, reader.read)))
}

/// What the readers understand, as advice.
pub(super) fn understood() -> String {
    "expected a CloudFormation or SAM template, a `cdk.out` folder, the output of `terraform show -json`, or AWS's own answers: \
     `get-pipeline`, `get-account-authorization-details`, `get-role`, `get-role-policy`, `get-policy` with \
     `get-policy-version`, or a file of a snapshot folder under its `<account-id>/…` path"
        .to_owned()
}

/// The documents of a text: several where they follow each other, or stand in one list.
pub(super) fn documents(sources: &Sources, source: SourceId) -> Vec<Origin> {
    sources
        .roots(source)
        .into_iter()
        .flat_map(|root| {
            if root.kind() == Kind::List {
                root.items()
            } else {
                vec![root]
            }
        })
        .filter(|node| node.kind() != Kind::Null)
        .map(Node::origin)
        .collect()
}

/// A warning about comments, which we read and AWS does not.
pub(super) fn comments(sources: &Sources, source: SourceId) -> Option<Warning> {
    let root = sources.roots(source).first()?.origin();
    (sources.format(source) == Format::JsonWithComments).then(|| Warning {
        message: format!(
            "`{}` is not strict JSON: AWS will not accept the comments or trailing commas in it",
            sources.name(source)
        ),
        help: Some("remove them before the file is sent to AWS".to_owned()),
        origins: vec![root],
    })
}

/// One document on its way into the facts.
pub(super) struct Reading<'a> {
    /// All texts.
    pub(super) sources: &'a mut Sources,
    /// What the file's path says.
    pub(super) hint: &'a Hint,
    /// Where facts go.
    pub(super) facts: &'a mut Facts,
    /// Where errors go: a reader reads on, so that all of them are told in one run.
    pub(super) errors: &'a mut Vec<LoadError>,
}

impl Reading<'_> {
    /// The node behind an origin. Reading a nested document changes the texts, so readers keep origins, not nodes.
    pub(super) fn node(&self, origin: Origin) -> Node<'_> {
        self.sources.node(origin)
    }

    /// A member that is there and not `null`.
    pub(super) fn member(&self, map: Origin, key: &str) -> Option<Origin> {
        self.node(map)
            .get(key)
            .filter(|node| node.kind() != Kind::Null)
            .map(Node::origin)
    }

    /// The items of a list member; `None` when it is missing or no list.
    pub(super) fn list(&self, map: Origin, key: &str) -> Option<Vec<Origin>> {
        let list = self
            .node(map)
            .get(key)
            .filter(|node| node.kind() == Kind::List)?;
        Some(list.items().into_iter().map(Node::origin).collect())
    }

    /// A scalar member, as text with its place.
    pub(super) fn text(&self, map: Origin, key: &str) -> Option<Written> {
        let node = self.node(map).get(key)?;
        node.scalar().map(|text| Written {
            text: text.to_owned(),
            origin: node.origin(),
        })
    }

    /// Names something that is wrong.
    pub(super) fn fail(&mut self, origin: Origin, message: impl Into<String>) {
        let fault = Fault {
            origin,
            message: message.into(),
            help: None,
        };
        self.errors.push(LoadError::fault(self.sources, fault));
    }

    /// A policy document; `None` when it is wrong, which is then named, or when a template leaves open what it says.
    pub(super) fn policy(
        &mut self,
        origin: Origin,
        name: Option<String>,
        attached: Attached,
    ) -> Option<Policy> {
        if policy::is_open(self.node(origin)) {
            return None;
        }
        policy::read_as(self.sources, origin, name, attached)
            .map_err(|error| self.errors.push(error))
            .ok()
    }

    /// A member that holds a policy: `null` and the empty string say that there is none, a missing member says nothing.
    pub(super) fn policy_member(
        &mut self,
        map: Origin,
        key: &str,
        attached: Attached,
    ) -> Fact<Policy> {
        let Some(node) = self.node(map).get(key) else {
            return Fact::Unseen;
        };
        if node.kind() == Kind::Null || node.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Fact::Absent;
        }
        // `get-policy` of Lambda and `get-key-policy` wrap the document once more.
        let document = match node.get(key) {
            Some(inner) if node.get("Statement").is_none() => inner.origin(),
            _ => node.origin(),
        };
        self.policy(document, None, attached)
            .map_or(Fact::Unseen, Fact::Known)
    }
}
