//! Policies longer than AWS stores.
//!
//! What is counted is the shortest way to write what was read: a document that is too long so is too long however it is
//! written.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

use std::collections::BTreeMap;

use super::super::finding::ReportLayer;
use super::{Document, Fault, labels};
use crate::graph::{Effect, Policy, PrincipalKind, Role, Statement, Version, Written, is_symbol};

/// All inline policies of a role together, white space aside.
const INLINE: usize = 10_240;

/// A document that is longer than its kind may be.
pub(super) fn of_document(document: &Document<'_>) -> Option<Fault> {
    let managed = document
        .policy
        .name
        .as_ref()
        .is_some_and(|name| name.starts_with("arn:"));
    let limit = match document.layer {
        ReportLayer::Identity | ReportLayer::Boundary if managed => 6_144,
        // More is to be had on request, up to 4,096.
        ReportLayer::Trust => 2_048,
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
        ReportLayer::BucketPolicy => 20 * 1_024,
        // https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
        ReportLayer::KeyPolicy => 32 * 1_024,
        // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
        ReportLayer::Scp | ReportLayer::Rcp => 5_120,
        _ => return None,
    };
    let size = size(document.policy);
    let more = match document.layer {
        ReportLayer::Trust => " by default and 4,096 on request",
        _ => "",
    };
    (size > limit).then(|| Fault {
        rule: "policy-too-large",
        labels: labels([document.policy.origin], "this document"),
        operations: Vec::new(),
        detail: format!("has at least {size} characters, and AWS stores {limit}{more}"),
    })
}

/// The inline policies of a role, which share one limit.
pub(super) fn of_inline(role: &Role) -> Option<Fault> {
    let policies = role.inline.known()?;
    let size: usize = policies.iter().map(size).sum();
    (size > INLINE).then(|| Fault {
        rule: "policy-too-large",
        labels: labels([role.name_origin], "the inline policies of this role"),
        operations: Vec::new(),
        detail: format!("has at least {size} characters in its inline policies, and AWS stores {INLINE} of them together"),
    })
}

/// Characters that a document has at the least, white space aside.
fn size(policy: &Policy) -> usize {
    let version = match policy.version {
        Version::V2012 => r#""Version":"2012-10-17","#.len(),
        Version::V2008 => 0,
    };
    let statements = policy.statements.iter().map(of_statement);
    let commas = policy.statements.len().saturating_sub(1);
    let brackets = if policy.statements.len() > 1 { 2 } else { 0 };
    r#"{"Statement":}"#.len() + version + statements.sum::<usize>() + commas + brackets
}

fn of_statement(statement: &Statement) -> usize {
    let effect = match statement.effect {
        Effect::Allow => r#""Effect":"Allow""#.len(),
        Effect::Deny => r#""Effect":"Deny""#.len(),
    };
    let sid = statement
        .sid
        .as_ref()
        .map_or(0, |sid| r#","Sid":"""#.len() + count(sid));
    let mut size = "{}".len() + effect + sid;
    size += member("Action", statement.not_action) + list(&statement.actions);
    if let Some(resources) = &statement.resources {
        size += member("Resource", statement.not_resource) + list(resources);
    }
    if let Some(principals) = &statement.principals {
        let mut kinds: BTreeMap<&str, Vec<&Written>> = BTreeMap::new();
        for principal in &principals.any_of {
            let kind = match principal.kind {
                PrincipalKind::Aws => "AWS",
                PrincipalKind::Service => "Service",
                PrincipalKind::Federated => "Federated",
                PrincipalKind::CanonicalUser => "CanonicalUser",
            };
            kinds.entry(kind).or_default().push(&principal.value);
        }
        let lone = matches!(principals.any_of.as_slice(), [one] if one.value.text == "*");
        size += member("Principal", principals.not);
        size += if lone { r#""*""#.len() } else { map(&kinds) };
    }
    let mut operators: BTreeMap<&str, BTreeMap<&str, Vec<&Written>>> = BTreeMap::new();
    for condition in &statement.conditions {
        let keys = operators.entry(&condition.operator.text).or_default();
        let values = keys.entry(&condition.key.text).or_default();
        values.extend(&condition.values);
    }
    if !operators.is_empty() {
        let each = operators
            .iter()
            .map(|(operator, keys)| count(operator) + r#""":"#.len() + map(keys));
        let commas = operators.len() - 1;
        size += member("Condition", false) + "{}".len() + each.sum::<usize>() + commas;
    }
    size
}

/// `,"Name":`
fn member(name: &str, not: bool) -> usize {
    r#","":"#.len() + name.len() + if not { "Not".len() } else { 0 }
}

fn map(members: &BTreeMap<&str, Vec<&Written>>) -> usize {
    let each = members
        .iter()
        .map(|(key, values)| count(key) + r#""":"#.len() + list(values.iter().copied()));
    "{}".len() + each.sum::<usize>() + members.len().saturating_sub(1)
}

fn list<'w>(values: impl IntoIterator<Item = &'w Written>) -> usize {
    let (mut number, mut size) = (0, 0);
    for value in values {
        number += 1;
        // Numbers and booleans may stand without quotation marks.
        let bare = value.text.parse::<f64>().is_ok() || value.text.parse::<bool>().is_ok();
        size += count(&value.text) + if bare { 0 } else { 2 };
    }
    match number {
        0 => "[]".len(),
        1 => size,
        more => size + "[]".len() + (more - 1),
    }
}

fn count(text: &str) -> usize {
    text.chars()
        .filter(|one| !one.is_whitespace() && !is_symbol(*one))
        .count()
}

#[cfg(test)]
mod tests {
    use super::size;
    use crate::load::policy;
    use crate::source::Sources;

    #[test]
    fn the_shortest_way_to_write_a_policy_is_counted() {
        for text in [
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
            r#"{"Statement":[{"Sid":"One","Effect":"Deny","NotAction":["s3:*","kms:*"],"NotResource":"*"},{"Effect":"Allow","Action":"*","Resource":["arn:a:*","arn:b:*"]}]}"#,
            r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#,
            r#"{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":["1","*"],"Service":"a.b"},"Action":"sts:AssumeRole","Condition":{"Bool":{"a:b":true,"a:c":false},"StringLike":{"d":["e","f"]}}}}"#,
        ] {
            let mut sources = Sources::new();
            let source = sources.add("policy.json", text.as_bytes()).unwrap();
            let origin = sources.roots(source).first().unwrap().origin();
            let policy = policy::read(&mut sources, origin, None).unwrap();
            assert!(size(&policy) <= text.len(), "{text}");
            assert!(size(&policy) + 4 >= text.len(), "{text}");
        }
    }
}
