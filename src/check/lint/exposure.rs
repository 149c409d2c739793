//! Principals and roles that are open wider than a cross-account set-up needs, or that are meant to be and are not.

use super::super::finding::ReportLayer;
use super::super::text;
use super::{Document, Fault, labels, written_actions};
use crate::graph::{Effect, PrincipalKind, Statement, Written};
use crate::iam::names_action;

/// Keys whose conditions tell how a call is made, not by whom.
const NOT_WHO: [&str; 9] = [
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:RequestedRegion",
    "aws:SecureTransport",
    "aws:TagKeys",
    "aws:UserAgent",
    "aws:ViaAWSService",
    "kms:ViaService",
    "s3:TlsVersion",
];

/// The same for all keys that begin so.
const NOT_WHO_BEGINNINGS: [&str; 5] = [
    "aws:RequestTag/",
    "kms:EncryptionContext",
    "s3:ExistingObjectTag/",
    "s3:prefix",
    "s3:x-amz-",
];

/// A principal with a wildcard in it, which is no pattern: it matches nobody.
pub(super) fn partial_principals(statement: &Statement) -> Option<Fault> {
    let principals = statement.principals.as_ref()?;
    let written: Vec<&Written> = principals
        .any_of
        .iter()
        .filter(|principal| {
            let text = &principal.value.text;
            principal.kind == PrincipalKind::Aws && text != "*" && text.contains(['*', '?'])
        })
        .map(|principal| &principal.value)
        .collect();
    (!written.is_empty()).then(|| Fault {
        rule: "principal-wildcard",
        labels: labels(
            written.iter().map(|written| written.origin),
            "no pattern: this matches nobody",
        ),
        operations: written_actions(statement),
        detail: text::join(&text::unique(
            written.iter().map(|written| written.text.clone()),
        )),
    })
}

/// An Allow for everybody that no condition narrows to somebody.
pub(super) fn anyone(document: &Document<'_>, statement: &Statement) -> Option<Fault> {
    let principals = statement.principals.as_ref()?;
    let shared = matches!(
        document.layer,
        ReportLayer::Trust | ReportLayer::BucketPolicy | ReportLayer::KeyPolicy
    );
    if !shared
        || statement.effect != Effect::Allow
        || principals.not
        || document.closed_to_the_public
        || statement.conditions.iter().any(|one| tells_who(&one.key))
    {
        return None;
    }
    let everybody: Vec<&Written> = principals
        .any_of
        .iter()
        .filter(|one| one.kind == PrincipalKind::Aws && one.value.text == "*")
        .map(|one| &one.value)
        .collect();
    (!everybody.is_empty()).then(|| Fault {
        rule: "principal-anyone",
        labels: labels(
            everybody.iter().map(|one| one.origin),
            "everybody, of every account",
        ),
        operations: written_actions(statement),
        detail: String::new(),
    })
}

fn tells_who(key: &Written) -> bool {
    let key = key.text.to_ascii_lowercase();
    let is = |one: &str| one.to_ascii_lowercase() == key;
    let begins = |one: &str| key.starts_with(&one.to_ascii_lowercase());
    !NOT_WHO.iter().any(|one| is(one)) && !NOT_WHO_BEGINNINGS.iter().any(|one| begins(one))
}

/// `iam:PassRole` for every role, to whatever service.
pub(super) fn passes_anything(statement: &Statement) -> Option<Fault> {
    if statement.effect != Effect::Allow || statement.not_action || statement.not_resource {
        return None;
    }
    // Whoever may do everything anyway needs no passing; that is another fault than this one.
    let passes = |action: &&Written| {
        let own = action.text.get(..4);
        own.is_some_and(|own| own.eq_ignore_ascii_case("iam:"))
            && action.text != "iam:*"
            && names_action(&action.text, "iam:PassRole")
    };
    let actions: Vec<&Written> = statement.actions.iter().filter(passes).collect();
    let every = |resource: &&Written| {
        let of_roles = resource.text.strip_suffix(":role/*");
        resource.text == "*" || of_roles.is_some_and(|start| start.starts_with("arn:"))
    };
    let resources: Vec<&Written> = statement.resources.iter().flatten().filter(every).collect();
    let narrowed = statement.conditions.iter().any(|one| {
        let key = one.key.text.to_ascii_lowercase();
        key.starts_with("iam:") || key.starts_with("aws:resourcetag/")
    });
    if actions.is_empty() || resources.is_empty() || narrowed {
        return None;
    }
    let mut places = labels(
        actions.iter().map(|action| action.origin),
        "passes roles on",
    );
    places.extend(labels(
        resources.iter().map(|resource| resource.origin),
        "every role of the account",
    ));
    Some(Fault {
        rule: "pass-role-anything",
        labels: places,
        operations: text::unique(actions.iter().map(|action| action.text.clone())),
        detail: String::new(),
    })
}
