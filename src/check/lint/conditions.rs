//! Conditions that do not say what they seem to.

use super::super::text;
use super::{Fault, labels, written_actions};
use crate::graph::{Condition, Effect, Policy, Statement, Version, Written};
use crate::iam::is_multivalued;

/// Global keys that hold one value. Of keys that are in neither list nobody here knows.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const SINGLE: [&str; 24] = [
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:CurrentTime",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalServiceName",
    "aws:PrincipalType",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:userid",
    "aws:username",
    "iam:PassedToService",
    "kms:ViaService",
];

/// Keys of a request's tags: that a call without any goes through is what people mean.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html>
const TAGS: [&str; 3] = [
    "aws:TagKeys",
    "s3:RequestObjectTagKeys",
    "sts:TransitiveTagKeys",
];

fn among(key: &Written, list: &[&str]) -> bool {
    list.iter().any(|one| one.eq_ignore_ascii_case(&key.text))
}

/// `${…}` where it is plain text.
pub(super) fn old_variables(policy: &Policy, statement: &Statement) -> Option<Fault> {
    if policy.version != Version::V2008 {
        return None;
    }
    let values = statement.conditions.iter().flat_map(|one| &one.values);
    let written: Vec<&Written> = statement
        .resources
        .iter()
        .flatten()
        .chain(values)
        .filter(|written| {
            let inside = written.text.split_once("${");
            inside.is_some_and(|(_, behind)| behind.contains('}'))
        })
        .collect();
    (!written.is_empty()).then(|| Fault {
        rule: "variable-in-old-version",
        labels: labels(
            written.iter().map(|written| written.origin),
            "literal text under this version",
        ),
        operations: written_actions(statement),
        detail: text::join(&text::unique(
            written.iter().map(|written| written.text.clone()),
        )),
    })
}

/// Set operators on keys that hold one value.
pub(super) fn sets(statement: &Statement) -> Option<Fault> {
    let wrong = |condition: &&Condition| {
        let operator = &condition.operator.text;
        (operator.starts_with("ForAllValues:") || operator.starts_with("ForAnyValue:"))
            && among(&condition.key, &SINGLE)
    };
    let wrong: Vec<&Condition> = statement.conditions.iter().filter(wrong).collect();
    fault(
        "set-operator-on-single-value",
        statement,
        &wrong,
        "this key holds one value",
    )
}

/// `ForAllValues` that lets a request without the key through.
pub(super) fn without_guard(statement: &Statement) -> Option<Fault> {
    if statement.effect != Effect::Allow {
        return None;
    }
    let guarded = |key: &Written| {
        statement.conditions.iter().any(|other| {
            let own = other.key.text.eq_ignore_ascii_case(&key.text);
            let present = |value: &Written| value.text.eq_ignore_ascii_case("false");
            let asks = !other.operator.text.starts_with("ForAllValues:")
                && !other.operator.text.ends_with("IfExists")
                && !other.operator.text.contains("Not");
            let null = other.operator.text.trim_start_matches("ForAnyValue:") == "Null";
            own && if null {
                other.values.iter().all(present)
            } else {
                asks
            }
        })
    };
    let open = |condition: &&Condition| {
        // Negated it holds without the key whatever the set; `IfExists` says in so many words that it should.
        let operator = &condition.operator.text;
        let meant = operator.contains("Not") || operator.ends_with("IfExists");
        operator.starts_with("ForAllValues:")
            && !meant
            && !among(&condition.key, &SINGLE)
            && !among(&condition.key, &TAGS)
            && is_multivalued(&condition.key.text)
            && !guarded(&condition.key)
    };
    let open: Vec<&Condition> = statement.conditions.iter().filter(open).collect();
    fault(
        "all-values-without-guard",
        statement,
        &open,
        "a request without this key fulfils it",
    )
}

fn fault(
    rule: &'static str,
    statement: &Statement,
    conditions: &[&Condition],
    text: &str,
) -> Option<Fault> {
    let keys = conditions
        .iter()
        .map(|one| format!("{} {}", one.operator.text, one.key.text));
    (!conditions.is_empty()).then(|| Fault {
        rule,
        labels: labels(conditions.iter().map(|one| one.key.origin), text),
        operations: written_actions(statement),
        detail: text::join(&text::unique(keys)),
    })
}
