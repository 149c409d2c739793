//! The smallest statement that mends a finding.

use serde_json::{Value, json};

use super::finding::{ReportLayer, Suggestion};
use super::group::Denial;
use super::text;
use crate::rules::{Party, Purpose};

/// What to add to which policy; `None` where a statement stands in the way instead of lacking.
pub(super) fn suggestion(group: &[Denial]) -> Option<Suggestion> {
    let first = group.first()?;
    if first.deny.is_some() {
        return None;
    }
    let resource = &first.requirement.target.arn;
    let principal = first.principal();
    let add_to = match first.layer {
        ReportLayer::Identity => {
            let kind = match first.requirement.caller {
                Party::User(_) => "user",
                _ => "role",
            };
            format!("a policy of the {kind} {principal}")
        }
        ReportLayer::Trust => format!("the trust policy of {resource}"),
        ReportLayer::BucketPolicy => format!(
            "the bucket policy of {}",
            super::layers::bucket_of(resource)
        ),
        ReportLayer::KeyPolicy => format!("the key policy of {resource}"),
        ReportLayer::ResourcePolicy => format!("the resource policy of {resource}"),
        ReportLayer::Boundary => format!("the permissions boundary of {principal}"),
        ReportLayer::Scp => format!("a service control policy of the account of {principal}"),
        ReportLayer::Session | ReportLayer::Rcp | ReportLayer::Structure => return None,
    };
    let mut statements: Vec<Value> = Vec::new();
    // One statement for each set of principals that lack the same operations on the same resource.
    let resources = text::unique(
        group
            .iter()
            .map(|denial| denial.requirement.target.arn.clone()),
    );
    let mut rows: Vec<(Vec<String>, Vec<String>, Vec<String>)> = Vec::new();
    for resource in &resources {
        let on_it: Vec<&Denial> = group
            .iter()
            .filter(|denial| denial.requirement.target.arn == *resource)
            .collect();
        for principal in text::unique(on_it.iter().map(|denial| denial.principal())) {
            let own = on_it
                .iter()
                .filter(|denial| denial.principal() == principal);
            let operations = text::operations(own.copied());
            let same = rows
                .iter_mut()
                .find(|row| row.1 == operations && row.2.contains(resource));
            match same {
                Some(row) => row.0.push(principal),
                None => rows.push((vec![principal], operations, vec![resource.clone()])),
            }
        }
    }
    let mut merged: Vec<(Vec<String>, Vec<String>, Vec<String>)> = Vec::new();
    for (principals, operations, resources) in rows {
        match merged
            .iter_mut()
            .find(|row| row.0 == principals && row.1 == operations)
        {
            Some(row) => row.2.extend(resources),
            None => merged.push((principals, operations, resources)),
        }
    }
    for (principals, operations, resources) in merged {
        statements.push(statement(first, &principals, &operations, &resources));
    }
    let statement = if statements.len() == 1 {
        statements.pop()?
    } else {
        Value::Array(statements)
    };
    Some(Suggestion { add_to, statement })
}

fn statement(
    first: &Denial,
    principals: &[String],
    operations: &[String],
    resources: &[String],
) -> Value {
    let mut statement = serde_json::Map::new();
    statement.insert("Effect".to_owned(), json!("Allow"));
    if first.is_of_resource() {
        let kind = if matches!(first.requirement.caller, Party::Service(_)) {
            "Service"
        } else {
            "AWS"
        };
        let mut principal = serde_json::Map::new();
        principal.insert(kind.to_owned(), one_or_many(principals));
        statement.insert("Principal".to_owned(), Value::Object(principal));
    }
    statement.insert("Action".to_owned(), one_or_many(operations));
    match first.layer {
        // A trust policy is bound to its role, a key policy to its key.
        ReportLayer::Trust => {}
        ReportLayer::KeyPolicy => {
            statement.insert("Resource".to_owned(), json!("*"));
        }
        ReportLayer::ResourcePolicy if first.requirement.operation.starts_with("ecr:") => {}
        _ => {
            statement.insert("Resource".to_owned(), one_or_many(resources));
        }
    }
    if first.requirement.purpose == Purpose::PassRole
        && let Some(Some(service)) = first.requirement.context.get("iam:PassedToService")
    {
        statement.insert(
            "Condition".to_owned(),
            json!({ "StringEquals": { "iam:PassedToService": service } }),
        );
    }
    Value::Object(statement)
}

fn one_or_many(values: &[String]) -> Value {
    match values {
        [one] => json!(one),
        many => json!(many),
    }
}
