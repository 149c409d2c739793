//! Cases of `authorize`: one request, the policies around it, and what a decision has to be.
//!
//! The format is described in `tests/fixtures/iam/README.md`. Every member has to be known: a misspelt layer would be a layer that
//! says nothing, and the case would prove something else than what is written.

mod expected;
mod members;
mod policies;
mod principal;
mod request;

use std::collections::BTreeMap;

use super::facts::Facts;
use super::files;
use super::hint::Hint;
use super::reader::Reading;
use super::{Input, LoadError};
use crate::graph::{Fact, Policy};
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
    /// The context keys that are absent or have this one value.
    pub perhaps: BTreeMap<String, String>,
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
    /// Whether the bucket takes a public policy for its own account only.
    pub restrict_public_buckets: bool,
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
/// Everything that cannot be read, each with its place and what was expected; inputs without any case.
pub fn cases(sources: &mut Sources, inputs: &[Input]) -> Result<Vec<Case>, Vec<LoadError>> {
    let (texts, mut errors) = files::gather(inputs, None);
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
    "restrictPublicBuckets",
    "boundary",
    "sessionPolicy",
    "scps",
    "rcps",
    "expected",
    "deciding",
    "missing",
    "resolutions",
];

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
        Some(request) if reading.node(request).kind() == Kind::Map => {
            request::read(reading, request)
        }
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
    let policies = policies::read(reading, document);
    let expected = expected::read(reading, document);
    Some(Case {
        id,
        origin: document,
        request: request?,
        policies,
        expected,
    })
}
