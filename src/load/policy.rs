//! Policy documents: the grammar, and what AWS itself would refuse to store.
//!
//! An export holds hundreds of documents that AWS has stored, and some are odd. So only what AWS certainly
//! refuses is an error here; everything else is read as it is written.
//!
//! Grammar: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use super::LoadError;
use super::condition::conditions;
use super::fault::{Fault, nearest};
use crate::graph::{
    Effect, Policy, Principal, PrincipalKind, Principals, Statement, Version, Written, has_symbol,
};
use crate::source::{Kind, Node, Origin, Sources};

/// What a document is attached to, which decides what its statements have to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attached {
    /// A role, or an organization's unit: names resources, no principals.
    Identity,
    /// A role as its trust policy: names principals, no resources.
    Trust,
    /// A resource: names principals.
    Resource,
    /// Not told.
    Anything,
}

/// Reads a policy document: an object, a JSON string, or a percent-encoded JSON string, as AWS returns all three.
///
/// # Errors
/// The string holds no document, or AWS would refuse to store it; the error names the place and what was expected.
pub fn read(
    sources: &mut Sources,
    origin: Origin,
    name: Option<String>,
) -> Result<Policy, LoadError> {
    read_as(sources, origin, name, Attached::Anything)
}

/// As [`read`], knowing what the document is attached to.
pub(super) fn read_as(
    sources: &mut Sources,
    origin: Origin,
    name: Option<String>,
    attached: Attached,
) -> Result<Policy, LoadError> {
    let document = if sources.node(origin).kind() == Kind::String {
        let source = sources
            .add_nested(origin)
            .map_err(|error| LoadError::syntax(sources.name(origin.source()), error))?;
        sources
            .roots(source)
            .first()
            .map_or(origin, |root| root.origin())
    } else {
        origin
    };
    policy(sources.node(document), name, attached).map_err(|fault| LoadError::fault(sources, fault))
}

/// Whether a template leaves open what a document says: all of it, a statement, or what a statement does.
pub(super) fn is_open(document: Node<'_>) -> bool {
    let open = |node: Node<'_>| node.scalar().is_some_and(has_symbol);
    if let Some(text) = document.as_str() {
        return has_symbol(text) && !text.trim_start().starts_with('{');
    }
    let Some(statements) = document.get("Statement") else {
        return false;
    };
    one_or_many(statements)
        .into_iter()
        .any(|statement| open(statement) || statement.get("Effect").is_some_and(open))
}

fn policy(document: Node<'_>, name: Option<String>, attached: Attached) -> Result<Policy, Fault> {
    if document.kind() != Kind::Map {
        return Err(Fault::at(
            document,
            "expected a policy document, an object with `Statement`",
        ));
    }
    let version = match document.get("Version") {
        None => Version::V2008,
        Some(node) => match node.scalar() {
            Some("2012-10-17") => Version::V2012,
            Some("2008-10-17") => Version::V2008,
            written => {
                let written = written.unwrap_or_default();
                return Err(Fault::at(
                    node,
                    format!("`Version` is `{written}`: expected `2012-10-17` or `2008-10-17`"),
                ));
            }
        },
    };
    let statements = document
        .get("Statement")
        .ok_or_else(|| Fault::at(document, "the policy document has no `Statement`"))?;
    let statements = one_or_many(statements)
        .into_iter()
        .map(|node| statement(node, attached))
        .collect::<Result<_, _>>()?;
    Ok(Policy {
        name,
        origin: document.origin(),
        version,
        statements,
    })
}

const ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn statement(node: Node<'_>, attached: Attached) -> Result<Statement, Fault> {
    if node.kind() != Kind::Map {
        return Err(Fault::at(
            node,
            "expected a statement, an object with `Effect` and `Action`",
        ));
    }
    for (name, _, value) in node.entries() {
        if !ELEMENTS.contains(&name) {
            return Err(
                Fault::at(value, format!("unknown element `{name}` in a statement"))
                    .help(nearest(name, ELEMENTS)),
            );
        }
    }
    let effect = match node.get("Effect") {
        None => {
            return Err(Fault::at(
                node,
                "the statement has no `Effect`: expected `Allow` or `Deny`",
            ));
        }
        Some(effect) => match effect.scalar() {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            written => {
                let written = written.unwrap_or_default();
                return Err(Fault::at(
                    effect,
                    format!("`Effect` is `{written}`: expected `Allow` or `Deny`"),
                ));
            }
        },
    };
    let (not_action, actions) = twins(node, "Action", "NotAction")?.ok_or_else(|| {
        Fault::at(
            node,
            "the statement has no `Action`: expected `Action` or `NotAction`",
        )
    })?;
    let actions = texts(actions, "an action such as `s3:GetObject`")?;
    let principals = twins(node, "Principal", "NotPrincipal")?
        .map(|(not, element)| principals(element, not))
        .transpose()?;
    let resources = twins(node, "Resource", "NotResource")?;
    fits(node, attached, principals.is_some(), resources.is_some())?;
    let not_resource = resources.is_some_and(|(not, _)| not);
    let resources = resources
        .map(|(_, element)| texts(element, "an ARN or `*`"))
        .transpose()?;
    if principals.is_none() {
        for resource in resources.iter().flatten() {
            identity_resource(resource)?;
        }
    }
    Ok(Statement {
        sid: node
            .get("Sid")
            .and_then(Node::scalar)
            .map(ToOwned::to_owned),
        origin: node.origin(),
        effect,
        principals,
        not_action,
        actions,
        not_resource,
        resources,
        conditions: conditions(node.get("Condition"))?,
    })
}

/// Whom and what a statement has to name hangs on where the document sits.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
fn fits(
    node: Node<'_>,
    attached: Attached,
    principals: bool,
    resources: bool,
) -> Result<(), Fault> {
    let fault = match (attached, principals, resources) {
        (Attached::Identity, true, _) => {
            "the statement of an identity policy names a `Principal`: AWS allows none here"
        }
        (Attached::Identity, _, false) => "the statement has no `Resource`: expected ARNs or `*`",
        (Attached::Trust, _, true) => {
            "the statement of a trust policy names a `Resource`: AWS allows none here"
        }
        (Attached::Trust | Attached::Resource, false, _) => {
            "the statement has no `Principal`: expected `*` or an object such as `{\"AWS\": \"arn:…\"}`"
        }
        (Attached::Anything, false, false) => {
            "the statement names neither a `Principal` nor a `Resource`"
        }
        _ => return Ok(()),
    };
    Err(Fault::at(node, fault))
}

/// One of two elements that exclude each other, and whether it is the `Not` one.
fn twins<'a>(
    node: Node<'a>,
    plain: &str,
    negated: &str,
) -> Result<Option<(bool, Node<'a>)>, Fault> {
    match (node.get(plain), node.get(negated)) {
        (Some(_), Some(second)) => Err(Fault::at(
            second,
            format!("the statement has both `{plain}` and `{negated}`: expected one of them"),
        )),
        (Some(element), None) => Ok(Some((false, element))),
        (None, Some(element)) => Ok(Some((true, element))),
        (None, None) => Ok(None),
    }
}

const PRINCIPAL_KINDS: &[(&str, PrincipalKind)] = &[
    ("AWS", PrincipalKind::Aws),
    ("Service", PrincipalKind::Service),
    ("Federated", PrincipalKind::Federated),
    ("CanonicalUser", PrincipalKind::CanonicalUser),
];

fn principals(element: Node<'_>, not: bool) -> Result<Principals, Fault> {
    const EXPECTED: &str = "expected `*` or an object such as `{\"AWS\": \"arn:…\"}`";
    let mut any_of = Vec::new();
    match (element.kind(), element.as_str()) {
        (_, Some("*")) => any_of.push(Principal {
            kind: PrincipalKind::Aws,
            value: Written {
                text: "*".to_owned(),
                origin: element.origin(),
            },
        }),
        (Kind::Map, _) => {
            for (name, _, values) in element.entries() {
                let Some((_, kind)) = PRINCIPAL_KINDS.iter().find(|(known, _)| *known == name)
                else {
                    let known: Vec<&str> =
                        PRINCIPAL_KINDS.iter().map(|(known, _)| *known).collect();
                    return Err(
                        Fault::at(values, format!("unknown kind of principal `{name}`"))
                            .help(nearest(name, &known)),
                    );
                };
                let values = texts(values, "a principal")?;
                any_of.extend(
                    values
                        .into_iter()
                        .map(|value| Principal { kind: *kind, value }),
                );
            }
        }
        // What nobody knows may name principals of every kind.
        (_, Some(written)) if has_symbol(written) => {
            let value = Written {
                text: written.to_owned(),
                origin: element.origin(),
            };
            any_of.extend(PRINCIPAL_KINDS.iter().map(|(_, kind)| Principal {
                kind: *kind,
                value: value.clone(),
            }));
        }
        (_, Some(written)) => {
            return Err(Fault::at(
                element,
                format!("the principal is `{written}`: {EXPECTED}"),
            ));
        }
        _ => return Err(Fault::at(element, EXPECTED)),
    }
    Ok(Principals {
        not,
        origin: element.origin(),
        any_of,
    })
}

/// IAM stores `*` and ARNs only. A shorter ARN stands when its `*` can fill the missing parts.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
fn identity_resource(resource: &Written) -> Result<(), Fault> {
    let text = resource.text.as_str();
    let any = !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    let arn = text.starts_with("arn:") && (text.contains('*') || text.split(':').count() >= 6);
    if any || arn || has_symbol(text) {
        return Ok(());
    }
    Err(Fault {
        origin: resource.origin,
        message: format!(
            "the resource `{text}` is no ARN: expected `*` or `arn:partition:service:region:account:resource`"
        ),
        help: None,
    })
}

/// A single value or a list of them, all scalars: YAML leaves account numbers unquoted.
pub(super) fn texts(node: Node<'_>, expected: &str) -> Result<Vec<Written>, Fault> {
    one_or_many(node)
        .into_iter()
        .map(|item| {
            item.scalar()
                .map(|text| Written {
                    text: text.to_owned(),
                    origin: item.origin(),
                })
                .ok_or_else(|| Fault::at(item, format!("expected {expected}, written as a string")))
        })
        .collect()
}

fn one_or_many(node: Node<'_>) -> Vec<Node<'_>> {
    if node.kind() == Kind::List {
        node.items()
    } else {
        vec![node]
    }
}
