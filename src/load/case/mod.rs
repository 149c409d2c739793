//! Cases of `authorize`: one request, the policies around it, and what a decision has to be.
//!
//! The format is described in `tests/fixtures/iam/README.md`. Every member has to be known: a misspelt layer would be a layer that
//! says nothing, and the case would prove something else than what is written.

mod expected;
mod principal;

use std::collections::BTreeMap;

use super::facts::Facts;
use super::fault::nearest;
use super::files;
use super::hint::Hint;
use super::organization::levels;
use super::policy::Attached;
use super::reader::Reading;
use super::{Input, LoadError};
use crate::graph::{Fact, Policy, Written};
use crate::source::{Kind, Node, Origin, Sources};

pub use expected::{Expected, Resolution};
pub use principal::Who;

/// One request with the policies around it.
#[derive(Debug, Clone)]
pub struct Case {
    /// What the case is called; its place when it has no name.
    pub id: String,
    /// The case.
    pub origin: Origin,
    /// What is asked.
    pub request: Asked,
    /// What has a say in it.
    pub policies: Policies,
    /// What the decision has to be.
    pub expected: Expected,
}

/// What is asked: who, what, on which resource, with which context.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who calls.
    pub principal: Who,
    /// `service:Action`.
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
    /// Whether the resource stands for every ARN that it matches.
    pub resource_is_pattern: bool,
    /// The context keys that are there, with their values.
    pub context: BTreeMap<String, Vec<String>>,
    /// The context keys that may be absent, or have any value.
    pub unknown: Vec<String>,
    /// Whether the principal belongs to the organization's management account.
    pub principal_in_management_account: bool,
    /// Whether the resource belongs to it.
    pub resource_in_management_account: bool,
    /// Whether the principal is a service-linked role.
    pub principal_is_service_linked_role: bool,
}

/// The policies of every layer; [`Fact::Absent`] says that there are none.
#[derive(Debug, Clone)]
pub struct Policies {
    /// The principal's own.
    pub identity: Fact<Vec<Policy>>,
    /// The resource's own.
    pub resource: Fact<Policy>,
    /// Who owns the resource, when that is told.
    pub resource_account: Option<String>,
    /// The permissions boundary.
    pub boundary: Fact<Policy>,
    /// The session policy.
    pub session: Fact<Policy>,
    /// Service control policies, one list per level, root first.
    pub scps: Fact<Vec<Vec<Policy>>>,
    /// Resource control policies in the same manner.
    pub rcps: Fact<Vec<Vec<Policy>>>,
}

/// Reads the cases of all inputs: one per document, or a list of them.
///
/// # Errors
/// Everything that cannot be read, in the order of the inputs, each with its place and what was expected; inputs without any case.
pub fn cases(sources: &mut Sources, inputs: &[Input]) -> Result<Vec<Case>, Vec<LoadError>> {
    let (texts, mut errors) = files::gather(inputs);
    let mut cases = Vec::new();
    for text in texts {
        if !text.named && !files::has_input_extension(&text.path) {
            continue;
        }
        let bytes = match text.read() {
            Ok(bytes) => bytes.unwrap_or_default(),
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        match sources.add(&text.name, &bytes) {
            Ok(source) => {
                let documents: Vec<Origin> = sources
                    .roots(source)
                    .into_iter()
                    .filter(|root| !root.is_null())
                    .flat_map(|root| match root.kind() {
                        Kind::List => root.items(),
                        _ => vec![root],
                    })
                    .map(Node::origin)
                    .collect();
                for document in documents {
                    cases.extend(one(sources, document, &mut errors));
                }
            }
            Err(error) => errors.push(LoadError::syntax(&text.name, error)),
        }
    }
    if errors.is_empty() && cases.is_empty() {
        errors.push(LoadError {
            file: String::new(),
            message: "no case among the inputs".to_owned(),
            position: None,
            help: Some(
                "a case is an object with `request` and the policies around it; `pipeline-preflight authorize --help` shows one"
                    .to_owned(),
            ),
        });
    }
    if errors.is_empty() {
        Ok(cases)
    } else {
        Err(errors)
    }
}

const MEMBERS: &[&str] = &[
    "id",
    "why",
    "source",
    "request",
    "identityPolicies",
    "resourcePolicy",
    "resourceAccount",
    "boundary",
    "sessionPolicy",
    "scps",
    "rcps",
    "expected",
    "deciding",
    "missing",
    "resolutions",
];

const REQUEST_MEMBERS: &[&str] = &[
    "principal",
    "action",
    "resource",
    "resourceIsPattern",
    "context",
    "unknown",
    "principalInManagementAccount",
    "resourceInManagementAccount",
    "principalIsServiceLinkedRole",
];

/// What stands in place of a layer that nobody has seen.
const UNKNOWN: &str = "unknown";

/// One case; `None` when something in it is wrong, which is then named.
fn one(sources: &mut Sources, document: Origin, errors: &mut Vec<LoadError>) -> Option<Case> {
    let before = errors.len();
    // Cases are no facts about accounts: what a reader could add there is thrown away.
    let mut reading = Reading {
        sources,
        hint: &Hint::default(),
        facts: &mut Facts::default(),
        errors,
    };
    let case = read(&mut reading, document);
    case.filter(|_| errors.len() == before)
}

fn read(reading: &mut Reading<'_>, document: Origin) -> Option<Case> {
    if reading.node(document).kind() != Kind::Map {
        reading.fail(
            document,
            "expected a case, an object with `request` and the policies around it",
        );
        return None;
    }
    reading.only(document, MEMBERS, "a case");
    let id = reading.string(document, "id").unwrap_or_else(|| {
        let place = reading.sources.place(document);
        format!("{}:{}", place.name, place.start.line)
    });
    let request = match reading.node(document).get("request").map(Node::origin) {
        Some(request) if reading.node(request).kind() == Kind::Map => asked(reading, request),
        Some(request) => {
            reading.fail(
                request,
                "expected an object with `principal`, `action` and `resource`",
            );
            None
        }
        None => {
            reading.fail(document, "the case has no `request`");
            None
        }
    };
    let policies = Policies {
        identity: list(reading, document, "identityPolicies"),
        resource: policy(reading, document, "resourcePolicy", Attached::Resource),
        resource_account: reading.account(document, "resourceAccount"),
        boundary: policy(reading, document, "boundary", Attached::Identity),
        session: policy(reading, document, "sessionPolicy", Attached::Identity),
        scps: organization(reading, document, "scps", Attached::Identity),
        rcps: organization(reading, document, "rcps", Attached::Resource),
    };
    let expected = expected::read(reading, document);
    Some(Case {
        id,
        origin: document,
        request: request?,
        policies,
        expected,
    })
}

fn asked(reading: &mut Reading<'_>, request: Origin) -> Option<Asked> {
    reading.only(request, REQUEST_MEMBERS, "`request`");
    let principal = required(reading, request, "principal").and_then(|written| {
        let who = principal::read(&written.text);
        if who.is_none() {
            reading.fail(
                written.origin,
                format!(
                    "`{}` is no principal: {}",
                    written.text,
                    principal::EXPECTED
                ),
            );
        }
        who
    });
    let action = required(reading, request, "action").filter(|written| {
        let fits = matches!(written.text.split_once(':'), Some((service, name))
            if !service.is_empty() && !name.is_empty() && !written.text.contains(['*', '?', ' ']));
        if !fits {
            let text = &written.text;
            reading.fail(
                written.origin,
                format!("`{text}` is no action: expected one such as `s3:GetObject`"),
            );
        }
        fits
    });
    let resource = required(reading, request, "resource").filter(|written| {
        let text = &written.text;
        let fits = text == "*" || (text.starts_with("arn:") && text.split(':').count() >= 6);
        if !fits {
            reading.fail(
                written.origin,
                format!("`{text}` is no resource: expected an ARN, or `*` for an action without resource types"),
            );
        }
        fits
    });
    let context = context(reading, request, "context");
    let unknown = reading.strings(request, "unknown").unwrap_or_default();
    for key in &unknown {
        if context
            .keys()
            .any(|known| known.eq_ignore_ascii_case(&key.text))
        {
            let text = &key.text;
            reading.fail(
                key.origin,
                format!("`{text}` is in `unknown` and in `context`: expected it in one of them"),
            );
        }
    }
    Some(Asked {
        principal: principal?,
        action: action?.text,
        resource: resource?.text,
        resource_is_pattern: reading.flag(request, "resourceIsPattern"),
        context,
        unknown: unknown.into_iter().map(|key| key.text).collect(),
        principal_in_management_account: reading.flag(request, "principalInManagementAccount"),
        resource_in_management_account: reading.flag(request, "resourceInManagementAccount"),
        principal_is_service_linked_role: reading.flag(request, "principalIsServiceLinkedRole"),
    })
}

fn required(reading: &mut Reading<'_>, map: Origin, key: &str) -> Option<Written> {
    let found = reading.text(map, key);
    if found.is_none() {
        let at = reading.node(map).get(key).map_or(map, Node::origin);
        reading.fail(at, format!("expected `{key}`, written as a string"));
    }
    found
}

/// Context keys with their values: a list, or one value alone.
fn context(reading: &mut Reading<'_>, map: Origin, key: &str) -> BTreeMap<String, Vec<String>> {
    let mut context: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let Some(keys) = reading.member(map, key) else {
        return context;
    };
    if reading.node(keys).kind() != Kind::Map {
        reading.fail(
            keys,
            "expected an object of context keys, each with a list of values",
        );
        return context;
    }
    let entries: Vec<(String, Origin)> = reading
        .node(keys)
        .entries()
        .into_iter()
        .map(|(name, _, value)| (name.to_owned(), value.origin()))
        .collect();
    for (name, values) in entries {
        if context
            .keys()
            .any(|known| known.eq_ignore_ascii_case(&name))
        {
            reading.fail(
                values,
                format!("`{name}` is there twice: context keys ignore case"),
            );
        }
        let values = reading.texts(values, "a value, written as a string");
        context.insert(name, values.into_iter().map(|value| value.text).collect());
    }
    context
}

/// Whether a layer is there at all; what is left out is absent.
fn layer(reading: &Reading<'_>, map: Origin, key: &str) -> Fact<Origin> {
    match reading.node(map).get(key) {
        None => Fact::Absent,
        Some(node) if node.is_null() => Fact::Absent,
        Some(node) if node.as_str() == Some(UNKNOWN) => Fact::Unseen,
        Some(node) => Fact::Known(node.origin()),
    }
}

fn policy(reading: &mut Reading<'_>, map: Origin, key: &str, attached: Attached) -> Fact<Policy> {
    match layer(reading, map, key) {
        Fact::Absent => Fact::Absent,
        Fact::Unseen => Fact::Unseen,
        Fact::Known(document) => reading
            .policy(document, None, attached)
            .map_or(Fact::Unseen, Fact::Known),
    }
}

/// A list of policies, or one alone.
fn list(reading: &mut Reading<'_>, map: Origin, key: &str) -> Fact<Vec<Policy>> {
    layer(reading, map, key).map(|origin| {
        let node = reading.node(origin);
        let documents: Vec<Origin> = match node.kind() {
            Kind::List => node.items().into_iter().map(Node::origin).collect(),
            _ => vec![origin],
        };
        documents
            .into_iter()
            .filter_map(|document| reading.policy(document, None, Attached::Identity))
            .collect()
    })
}

fn organization(
    reading: &mut Reading<'_>,
    map: Origin,
    key: &str,
    attached: Attached,
) -> Fact<Vec<Vec<Policy>>> {
    layer(reading, map, key).map(|_| levels(reading, map, key, attached).unwrap_or_default())
}

/// What only cases ask of a map.
impl Reading<'_> {
    /// Names every member that is not known.
    fn only(&mut self, map: Origin, known: &[&str], of: &str) {
        let unknown: Vec<(String, Origin)> = self
            .node(map)
            .entries()
            .into_iter()
            .filter(|(name, _, _)| !known.contains(name))
            .map(|(name, key, _)| (name.to_owned(), key))
            .collect();
        for (name, key) in unknown {
            self.fail_with(
                key,
                format!("unknown member `{name}` in {of}"),
                nearest(&name, known),
            );
        }
    }

    /// A member that is `true`; `false` when it is left out.
    fn flag(&mut self, map: Origin, key: &str) -> bool {
        let Some(origin) = self.member(map, key) else {
            return false;
        };
        let value = self.node(origin).as_bool();
        if value.is_none() {
            self.fail(origin, format!("expected `{key}` to be `true` or `false`"));
        }
        value.unwrap_or(false)
    }

    /// A member that is a string; `None` when it is left out.
    fn string(&mut self, map: Origin, key: &str) -> Option<String> {
        let origin = self.member(map, key)?;
        let text = self.node(origin).scalar().map(ToOwned::to_owned);
        if text.is_none() {
            self.fail(origin, format!("expected `{key}` to be a string"));
        }
        text
    }

    fn account(&mut self, map: Origin, key: &str) -> Option<String> {
        let text = self.string(map, key)?;
        if !super::hint::is_account(&text) {
            let origin = self.member(map, key)?;
            self.fail(
                origin,
                format!("`{text}` is no account: expected twelve digits"),
            );
        }
        Some(text)
    }

    /// A member that is a string or a list of them; `None` when it is left out.
    fn strings(&mut self, map: Origin, key: &str) -> Option<Vec<Written>> {
        let origin = self.member(map, key)?;
        Some(self.texts(origin, "a string"))
    }

    fn texts(&mut self, origin: Origin, expected: &str) -> Vec<Written> {
        match super::policy::texts(self.sources.node(origin), expected) {
            Ok(texts) => texts,
            Err(fault) => {
                self.errors.push(LoadError::fault(self.sources, fault));
                Vec::new()
            }
        }
    }

    fn fail_with(&mut self, origin: Origin, message: String, help: Option<String>) {
        let fault = super::fault::Fault {
            origin,
            message,
            help,
        };
        self.errors.push(LoadError::fault(self.sources, fault));
    }
}
