//! Policy documents of templates: placeholders become unknown values, and what is not known of a document is set apart.

use super::open::{Open, is_open};
use crate::graph::{has_symbol, symbols_in};
use crate::load::Warning;
use crate::load::hint::is_account;
use crate::source::{Made, MadeValue, Origin};

/// A document of a role, user or group.
pub(super) struct Identity {
    /// What is known of it; `None` when nothing is.
    pub(super) document: Option<Made>,
    /// What is not: each may grant or deny anything, as a policy does whose document nobody has seen.
    pub(super) unknown: Vec<Made>,
}

/// A document with an unknown value instead of each placeholder.
pub(super) fn copy(document: &Made, open: &mut Open<'_>) -> Made {
    let Some(statements) = document.get("Statement") else {
        return open.copy(document);
    };
    let copied = match &statements.value {
        MadeValue::List(items) => {
            let items = items.iter().map(|item| statement(item, open));
            with(statements, MadeValue::List(items.collect()))
        }
        _ => statement(statements, open),
    };
    replaced(document, "Statement", copied, open)
}

/// The same for a document whose unknown parts must not spoil what is known.
pub(super) fn identity(document: &Made, open: &mut Open<'_>) -> Identity {
    // A text may be a document as JSON, with unknown values inside.
    if is_open(document) && !document.scalar().is_some_and(is_object) {
        return Identity {
            document: None,
            unknown: vec![document.clone()],
        };
    }
    let mut copied = copy(document, open);
    let mut unknown = Vec::new();
    let MadeValue::Map(members) = &mut copied.value else {
        return Identity {
            document: Some(copied),
            unknown,
        };
    };
    for (key, _, statements) in members.iter_mut().filter(|(key, ..)| key == "Statement") {
        debug_assert_eq!(key, "Statement", "filtered");
        match &mut statements.value {
            MadeValue::List(items) => items.retain(|item| {
                let lacks = unknown_in(item);
                unknown.extend(lacks.clone());
                lacks.is_none()
            }),
            _ => {
                if let Some(lacks) = unknown_in(statements) {
                    unknown.push(lacks);
                    *statements = Made::list(Vec::new(), statements.at);
                }
            }
        }
    }
    Identity {
        document: Some(copied),
        unknown,
    }
}

/// `root` of the account may do everything with a key that was made without a policy.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
pub(super) fn of_root(partition: &str, account: &str, at: Origin) -> Made {
    let root = format!("arn:{partition}:iam::{account}:root");
    let statement = Made::map(
        vec![
            ("Sid", Made::text("Enable IAM User Permissions", at)),
            ("Effect", Made::text("Allow", at)),
            (
                "Principal",
                Made::map(vec![("AWS", Made::text(root, at))], at),
            ),
            ("Action", Made::text("kms:*", at)),
            ("Resource", Made::text("*", at)),
        ],
        at,
    );
    of_statements(vec![statement], at)
}

/// A document of these statements.
pub(super) fn of_statements(statements: Vec<Made>, at: Origin) -> Made {
    Made::map(
        vec![
            ("Version", Made::text("2012-10-17", at)),
            ("Statement", Made::list(statements, at)),
        ],
        at,
    )
}

/// Adds statements to a document, unless nothing is known of it.
pub(super) fn append(document: &mut Made, more: Vec<Made>) {
    let MadeValue::Map(members) = &mut document.value else {
        return;
    };
    for (_, _, statements) in members.iter_mut().filter(|(key, ..)| key == "Statement") {
        if !matches!(statements.value, MadeValue::List(_)) {
            *statements = Made::list(vec![statements.clone()], statements.at);
        }
        if let MadeValue::List(items) = &mut statements.value {
            items.extend(more);
            return;
        }
    }
}

/// The text of unknown values alone that keeps a statement from being read.
fn unknown_in(statement: &Made) -> Option<Made> {
    if is_open(statement) {
        return Some(statement.clone());
    }
    let effect = statement.get("Effect").filter(|effect| is_open(effect))?;
    let symbols: String = symbols_in(effect.scalar().unwrap_or_default()).collect();
    Some(with(effect, MadeValue::Text(symbols)))
}

fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

fn with(like: &Made, value: MadeValue) -> Made {
    Made {
        value,
        at: like.at,
        also: like.also,
    }
}

/// A copy of a map with another value for one member.
fn replaced(map: &Made, name: &str, value: Made, open: &mut Open<'_>) -> Made {
    let members = map.members().iter().map(|(key, place, old)| {
        let new = if key == name {
            value.clone()
        } else {
            open.copy(old)
        };
        (key.clone(), *place, new)
    });
    with(map, MadeValue::Map(members.collect()))
}

fn statement(statement: &Made, open: &mut Open<'_>) -> Made {
    let MadeValue::Map(members) = &statement.value else {
        return open.copy(statement);
    };
    let members = members
        .iter()
        .filter(|(_, _, value)| value.value != MadeValue::Null);
    let members = members.map(|(key, place, value)| {
        let value = match key.as_str() {
            "Principal" | "NotPrincipal" => principals(value, open),
            "Resource" | "NotResource" => each(value, &mut |text| resource(text, open)),
            _ => open.copy(value),
        };
        (key.clone(), *place, value)
    });
    with(statement, MadeValue::Map(members.collect()))
}

fn principals(element: &Made, open: &mut Open<'_>) -> Made {
    let MadeValue::Map(members) = &element.value else {
        return open.copy(element);
    };
    let members = members.iter().map(|(kind, place, value)| {
        let value = match kind.as_str() {
            "AWS" => each(value, &mut |text| principal(text, open)),
            _ => open.copy(value),
        };
        (kind.clone(), *place, value)
    });
    with(element, MadeValue::Map(members.collect()))
}

/// Each item of a list, or the one value.
fn each(made: &Made, change: &mut dyn FnMut(&Made) -> Made) -> Made {
    match &made.value {
        MadeValue::List(items) => with(made, MadeValue::List(items.iter().map(change).collect())),
        _ => change(made),
    }
}

/// Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
fn principal(made: &Made, open: &mut Open<'_>) -> Made {
    let Some(text) = made.scalar() else {
        return open.copy(made);
    };
    let unique_id = text.len() >= 16
        && text.starts_with('A')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let known = text == "*" || text.starts_with("arn:") || is_account(text) || unique_id;
    if known || has_symbol(text) {
        return open.copy(made);
    }
    open.instead(text, "Principal", made)
}

/// A resource that is no ARN is a placeholder. One that comes out of no parameter is AWS's to refuse, and nobody deploys it.
fn resource(made: &Made, open: &mut Open<'_>) -> Made {
    let Some(text) = made.scalar() else {
        return open.copy(made);
    };
    let known = text.starts_with('*') || text.starts_with("arn:") || has_symbol(text);
    if known {
        return open.copy(made);
    }
    if made.also.is_none() {
        open.warnings.push(Warning {
            message: format!(
                "the resource `{text}` is no ARN, which AWS refuses; it is taken for one that is not known yet"
            ),
            help: Some("write an ARN, or `*`".to_owned()),
            origins: vec![made.at],
        });
    }
    open.instead(text, "Resource", made)
}
