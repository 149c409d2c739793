//! What is secret in a parsed text: by names, by types, and by what Terraform marks as sensitive.
//!
//! In: a text among the sources. Out: ranges of it that nobody may read, for whoever shows pieces of it. Names of secrets are known
//! here for all who look for them where nothing was parsed.

mod names;

use std::collections::BTreeSet;
use std::ops::Range;

pub(crate) use self::names::{is_environment, is_secret, normal, refers};
use crate::source::{Kind, Node, Origin, SourceId, Sources};

/// Members that hold what another member of their map names.
const VALUES: &[&str] = &["value", "default", "defaultvalue", "parametervalue"];
const NAMES: &[&str] = &["name", "key", "parameterkey"];

/// Intrinsic functions, in both spellings, that name a value and do not hold it:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>
const REFERENCES: &[&str] = &[
    "Ref",
    "Fn::GetAtt",
    "Fn::ImportValue",
    "Fn::FindInMap",
    "!Ref",
    "!GetAtt",
    "!ImportValue",
    "!FindInMap",
];

/// What a plan holds, and what marks its sensitive parts:
/// <https://developer.hashicorp.com/terraform/internals/json-format>
const MARKS: &[(&str, &str)] = &[
    ("after", "after_sensitive"),
    ("before", "before_sensitive"),
    ("values", "sensitive_values"),
];

/// The ranges of a text that hold secrets, those that `load` has hidden among them.
pub(crate) fn secrets(sources: &Sources, source: SourceId) -> Vec<Range<usize>> {
    let mut walk = Walk {
        sources,
        seen: BTreeSet::new(),
        found: sources.hidden(source).to_vec(),
    };
    for root in sources.roots(source) {
        walk.enter(root, Inside::Plain);
    }
    walk.found
}

/// What a node stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Inside {
    /// Nothing that tells of secrets.
    Plain,
    /// Variables for a process, each of which may be a secret.
    Environment,
    /// The value of a name that secrets have; where it is a map, members that are no value may be read.
    Named,
    /// A secret, whatever it is made of.
    Secret,
}

struct Walk<'s> {
    sources: &'s Sources,
    /// Each node once: aliases would multiply them.
    seen: BTreeSet<(Origin, Inside)>,
    found: Vec<Range<usize>>,
}

impl<'s> Walk<'s> {
    fn enter(&mut self, node: Node<'s>, inside: Inside) {
        if let Some(target) = node.aliased() {
            // What an anchor holds is read where it stands; only here it is known to be secret.
            if inside != Inside::Plain {
                self.enter(self.sources.node(target), inside);
            }
            return;
        }
        if !self.seen.insert((node.origin(), inside)) {
            return;
        }
        let kept = node.tag().is_some_and(|tag| REFERENCES.contains(&tag));
        if kept && inside != Inside::Plain {
            return;
        }
        match node.kind() {
            Kind::Null | Kind::Bool => {}
            Kind::Number | Kind::String => self.text(node, inside),
            Kind::List => self.list(node, inside),
            Kind::Map => self.map(node, inside),
        }
    }

    fn text(&mut self, node: Node<'s>, inside: Inside) {
        let is_arn = node
            .scalar()
            .is_some_and(|text| text.starts_with("arn:") && !text.contains(char::is_whitespace));
        if matches!(inside, Inside::Named | Inside::Secret) {
            if !is_arn {
                self.hide(node);
            }
            return;
        }
        let nested = self.sources.nested_of(node.origin());
        for root in nested
            .into_iter()
            .flat_map(|nested| self.sources.roots(nested))
        {
            self.enter(root, inside);
        }
    }

    fn list(&mut self, node: Node<'s>, inside: Inside) {
        let inside = match inside {
            Inside::Named => Inside::Secret,
            other => other,
        };
        let mut after_flag = false;
        for item in node.items() {
            self.enter(item, if after_flag { Inside::Secret } else { inside });
            // `["--token", "…"]`
            after_flag = item.as_str().is_some_and(|word| {
                word.strip_prefix("--")
                    .is_some_and(|name| is_secret(&normal(name)))
            });
        }
    }

    fn map(&mut self, node: Node<'s>, inside: Inside) {
        let members = node.entries();
        let is_reference = matches!(&*members, [(name, ..)] if REFERENCES.contains(name));
        if is_reference && inside != Inside::Plain {
            return;
        }
        let is_named = members.iter().any(|(key, _, name)| {
            let name = name.as_str().filter(|_| NAMES.contains(&&*normal(key)));
            name.is_some_and(|name| is_secret(&normal(name)))
        });
        let is_kept_elsewhere = members
            .iter()
            .any(|(key, _, kind)| normal(key) == "type" && kind.as_str().is_some_and(refers));
        let is_sensitive = node.get("sensitive").and_then(Node::as_bool) == Some(true);
        let is_foreign = is_foreign(node);
        for (key, _, value) in &members {
            let key = &*normal(key);
            let holds = VALUES.contains(&key) || key == "constantvalue";
            let inside = match inside {
                Inside::Secret => Inside::Secret,
                Inside::Named if holds => Inside::Secret,
                // Of a text in pieces nobody can tell which piece is what.
                Inside::Named | Inside::Environment if key.starts_with("fn::") => Inside::Secret,
                Inside::Environment if key == "value" && !is_kept_elsewhere => Inside::Secret,
                Inside::Environment if key == "variables" => Inside::Secret,
                _ if (is_named && holds && !is_kept_elsewhere) || (is_sensitive && holds) => {
                    Inside::Secret
                }
                _ if key == "configuration" && is_foreign => Inside::Secret,
                Inside::Environment => Inside::Environment,
                _ if is_environment(key) => Inside::Environment,
                _ if is_secret(key) => Inside::Named,
                Inside::Plain | Inside::Named => Inside::Plain,
            };
            self.enter(*value, inside);
        }
        for (values, marks) in MARKS {
            if let (Some(value), Some(mark)) = (node.get(values), node.get(marks)) {
                self.marked(value, mark);
            }
        }
        self.variables(node);
    }

    /// Hides what is marked: a mark is as its value is, `true` where all of it is sensitive.
    fn marked(&mut self, value: Node<'s>, mark: Node<'s>) {
        if mark.as_bool() == Some(true) {
            self.enter(value, Inside::Secret);
            return;
        }
        for (key, _, mark) in mark.entries() {
            if let Some(value) = value.get(key) {
                self.marked(value, mark);
            }
        }
        for (value, mark) in value.items().into_iter().zip(mark.items()) {
            self.marked(value, mark);
        }
    }

    /// Hides what is given for sensitive variables, of the root module and of others.
    fn variables(&mut self, node: Node<'s>) {
        let module = node
            .get("configuration")
            .and_then(|it| it.get("root_module"));
        let of_root = (module, node.get("variables"));
        let of_call = (node.get("module"), node.get("expressions"));
        for (module, given) in [of_root, of_call] {
            let declared = module.and_then(|module| module.get("variables"));
            let (Some(declared), Some(given)) = (declared, given) else {
                continue;
            };
            for (name, _, variable) in declared.entries() {
                let is_sensitive = variable.get("sensitive").and_then(Node::as_bool);
                if let (Some(true), Some(given)) = (is_sensitive, given.get(name)) {
                    self.enter(given, Inside::Secret);
                }
            }
        }
    }

    fn hide(&mut self, node: Node<'s>) {
        let place = self.sources.place(node.origin());
        let text = self.sources.text(node.origin().source());
        let span = place.span;
        let quoted = text.get(span.clone()).is_some_and(|text| {
            text.len() > 1
                && text.starts_with(['"', '\''])
                && text.chars().next() == text.chars().next_back()
        });
        self.found.push(match quoted {
            true => span.start + 1..span.end - 1,
            false => span,
        });
    }
}

/// Whether an action is none of AWS's own, so that nobody knows which of its configuration is secret: a custom action type has
/// `Secret` properties. <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionConfigurationProperty.html>
fn is_foreign(action: Node<'_>) -> bool {
    let member = |node: Node<'_>, names: [&str; 2]| {
        names
            .into_iter()
            .find_map(|name| node.get(name)?.as_str().map(str::to_owned))
    };
    let kind = ["actionTypeId", "ActionTypeId"];
    let kind = kind
        .into_iter()
        .find_map(|key| action.get(key))
        .unwrap_or(action);
    let owner = member(kind, ["owner", "Owner"]);
    let provider = member(kind, ["provider", "Provider"]);
    match owner.as_deref() {
        Some("Custom") => true,
        Some("ThirdParty") => provider.as_deref() != Some("GitHub"),
        _ => false,
    }
}
