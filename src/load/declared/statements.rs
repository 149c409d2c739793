//! Statements that AWS writes into the policies of functions and event buses for whom a template lets in.

use super::Thing;
use super::open::Open;
use crate::graph::{has_symbol, is_symbol};
use crate::load::hint::is_account;
use crate::source::{Made, MadeValue};

/// A function's name or ARN, and the version or alias behind it.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>
pub(super) fn function(text: &str) -> (&str, &str) {
    let parts = if text.starts_with("arn:") { 7 } else { 1 };
    // `123456789012:function:name` is a partial ARN.
    let text = match text.split_once(":function:") {
        Some((_, name)) if parts == 1 => name,
        _ => text,
    };
    let end = text
        .match_indices(':')
        .nth(parts - 1)
        .map_or(text.len(), |(at, _)| at);
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// The statement of `AWS::Lambda::Permission`, as `get-policy` shows it.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html>
pub(super) fn permission(thing: &Thing<'_>, open: &mut Open<'_>) -> Made {
    let properties = &thing.declared.properties;
    let at = thing.declared.origin;
    let get = |name: &str| properties.get(name).cloned();
    let mut conditions: Vec<(&str, &str, Made)> = Vec::new();
    for (property, operator, key) in [
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        (
            "EventSourceToken",
            "StringEquals",
            "lambda:EventSourceToken",
        ),
        (
            "FunctionUrlAuthType",
            "StringEquals",
            "lambda:FunctionUrlAuthType",
        ),
    ] {
        if let Some(value) = get(property) {
            conditions.push((operator, key, open.copy(&value)));
        }
    }
    let named = get("FunctionName");
    let named = named.unwrap_or_else(|| Made::text("", at));
    let resource = resource(thing, &named);
    let principal = get("Principal").unwrap_or_else(|| Made::text("*", at));
    let mut members = vec![
        ("Sid", Made::text(thing.declared.logical_id.clone(), at)),
        ("Effect", Made::text("Allow", at)),
        ("Principal", granted(&principal, thing)),
        (
            "Action",
            get("Action").unwrap_or_else(|| Made::text("lambda:InvokeFunction", at)),
        ),
        ("Resource", resource),
    ];
    if !conditions.is_empty() {
        members.push(("Condition", grouped(conditions, thing)));
    }
    Made::map(members, at)
}

/// Whom a permission names: a service, an account, or a principal by its ARN.
fn granted(principal: &Made, thing: &Thing<'_>) -> Made {
    let text = principal.scalar().unwrap_or_default();
    if text == "*" {
        return principal.clone();
    }
    let one = |kind: &str| Made::map(vec![(kind, principal.clone())], principal.at);
    if text.starts_with("arn:") {
        return one("AWS");
    }
    if is_account(text) {
        return root_of(principal, thing);
    }
    if text.chars().all(is_symbol) {
        let both = vec![("AWS", principal.clone()), ("Service", principal.clone())];
        return Made::map(both, principal.at);
    }
    one("Service")
}

/// `arn:aws:iam::ACCOUNT:root`, which is how AWS keeps an account.
fn root_of(account: &Made, thing: &Thing<'_>) -> Made {
    let partition = &thing.declared.home.partition;
    let text = account.scalar().unwrap_or_default();
    let arn = Made {
        value: MadeValue::Text(format!("arn:{partition}:iam::{text}:root")),
        at: account.at,
        also: account.also,
    };
    Made::map(vec![("AWS", arn)], account.at)
}

fn resource(thing: &Thing<'_>, named: &Made) -> Made {
    let text = named.scalar().unwrap_or_default();
    let (function, qualifier) = function(text);
    let home = &thing.declared.home;
    let arn = if function.starts_with("arn:") {
        function.to_owned()
    } else {
        format!(
            "arn:{}:lambda:{}:{}:function:{function}",
            home.partition, home.region, home.account
        )
    };
    Made {
        value: MadeValue::Text(format!("{arn}{qualifier}")),
        at: named.at,
        also: named.also,
    }
}

/// The statement of `AWS::Events::EventBusPolicy`: written out, or made of its principal and condition.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html>
pub(super) fn event_bus(thing: &Thing<'_>, bus: &Made, open: &mut Open<'_>) -> Option<Made> {
    let properties = &thing.declared.properties;
    let at = thing.declared.origin;
    if let Some(statement) = properties.get("Statement") {
        return Some(open.copy(statement));
    }
    let principal = properties.get("Principal")?;
    let whom = match principal.scalar()? {
        "*" => principal.clone(),
        text if is_account(text) || has_symbol(text) => root_of(principal, thing),
        text => {
            let unknown = open.instead(text, "Principal", principal);
            root_of(&unknown, thing)
        }
    };
    let action = properties.get("Action").cloned();
    let home = &thing.declared.home;
    let name = bus.scalar()?;
    let resource = if name.starts_with("arn:") {
        name.to_owned()
    } else {
        format!(
            "arn:{}:events:{}:{}:event-bus/{name}",
            home.partition, home.region, home.account
        )
    };
    let id = properties.get("StatementId").cloned();
    let mut members = vec![
        (
            "Sid",
            id.unwrap_or_else(|| Made::text(thing.declared.logical_id.clone(), at)),
        ),
        ("Effect", Made::text("Allow", at)),
        ("Principal", whom),
        (
            "Action",
            action.unwrap_or_else(|| Made::text("events:PutEvents", at)),
        ),
        ("Resource", Made::text(resource, at)),
    ];
    if let Some(condition) = properties.get("Condition") {
        let text = |name: &str| condition.get(name).and_then(Made::scalar);
        let value = condition.get("Value").cloned();
        let entry = match (text("Type"), text("Key"), value) {
            (Some(operator), Some(key), Some(value)) => {
                grouped(vec![(operator, key, value)], thing)
            }
            _ => condition.clone(),
        };
        members.push(("Condition", entry));
    }
    Some(Made::map(members, at))
}

/// Conditions as a statement writes them: keys under their operators.
fn grouped(conditions: Vec<(&str, &str, Made)>, thing: &Thing<'_>) -> Made {
    let at = thing.declared.origin;
    let mut operators: Vec<(&str, Vec<(&str, Made)>)> = Vec::new();
    for (operator, key, value) in conditions {
        match operators.iter_mut().find(|(known, _)| *known == operator) {
            Some((_, keys)) => keys.push((key, value)),
            None => operators.push((operator, vec![(key, value)])),
        }
    }
    let operators = operators
        .into_iter()
        .map(|(operator, keys)| (operator, Made::map(keys, at)));
    Made::map(operators.collect(), at)
}
