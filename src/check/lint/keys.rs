//! Allow statements that hang on a context key which none of the calls they are for ever carries.
//!
//! Only keys of which AWS documents who carries them; whether a call carries any other one, its service decides.

use super::super::finding::ReportLayer;
use super::super::text;
use super::{Document, Fault, labels, written_actions};
use crate::graph::{Condition, Effect, Principal, PrincipalKind, Statement, may_be_equal};
use crate::iam::needs_key;

/// Keys that are there only where an AWS service calls as itself.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcearn>
const OF_SERVICES: [&str; 6] = [
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
];

/// The key that only IAM users have.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-username>
const OF_USERS: &str = "aws:username";

/// The key that a caller has to pass on purpose, which CodePipeline does not.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html>
const EXTERNAL_ID: &str = "sts:ExternalId";

/// For whom a statement is, as far as its keys are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Audience {
    /// Nobody but principals of accounts: no service, nobody unnamed.
    of_accounts: bool,
    /// Nobody but sessions of roles.
    of_roles: bool,
    /// Nobody but the roles of pipelines that take up the role.
    of_pipelines: bool,
}

/// An Allow with a condition that fails for everybody for whom the statement is.
pub(super) fn never_carried(document: &Document<'_>, statement: &Statement) -> Option<Fault> {
    if statement.effect != Effect::Allow {
        return None;
    }
    let audience = audience(document, statement);
    let is = |condition: &Condition, key: &str| condition.key.text.eq_ignore_ascii_case(key);
    let lacking = |condition: &&Condition| {
        let of_services = OF_SERVICES.iter().any(|key| is(condition, key));
        let lacks = audience.of_accounts && of_services
            || audience.of_roles && is(condition, OF_USERS)
            || audience.of_pipelines && is(condition, EXTERNAL_ID);
        lacks && needs_key(condition, document.policy.version)
    };
    let conditions: Vec<&Condition> = statement.conditions.iter().filter(lacking).collect();
    let keys = conditions.iter().map(|one| one.key.text.clone());
    (!conditions.is_empty()).then(|| Fault {
        rule: "condition-never-met",
        labels: labels(
            conditions.iter().map(|one| one.key.origin),
            "no call for which this statement is carries this key",
        ),
        operations: written_actions(statement),
        detail: text::join(&text::unique(keys)),
    })
}

fn audience(document: &Document<'_>, statement: &Statement) -> Audience {
    let is_role = |text: &str| text.contains(":role/") || text.contains(":assumed-role/");
    if document.layer == ReportLayer::Identity {
        let name = document.policy.name.as_deref().unwrap_or_default();
        let of_roles = document.holders.iter().all(|holder| is_role(holder));
        return Audience {
            of_accounts: true,
            // A managed policy may be attached to users as well.
            of_roles: of_roles && !name.starts_with("arn:"),
            of_pipelines: false,
        };
    }
    let named = match &statement.principals {
        Some(principals) if !principals.not => principals.any_of.as_slice(),
        Some(_) | None => &[],
    };
    let all = |fits: &dyn Fn(&Principal) -> bool| !named.is_empty() && named.iter().all(fits);
    let of_account =
        |one: &Principal| one.kind == PrincipalKind::Aws && !may_be_equal(&one.value.text, "*");
    let is_pipeline = |text: &String| is_role(text) && document.users.principals.contains(text);
    Audience {
        of_accounts: all(&|one| {
            // EventBridge sends events to a bus of another account in the name of the account itself.
            let is_named = is_role(&one.value.text) || one.value.text.contains(":user/");
            of_account(one) && (is_named || document.layer != ReportLayer::ResourcePolicy)
        }),
        of_roles: all(&|one| of_account(one) && is_role(&one.value.text)),
        of_pipelines: document.layer == ReportLayer::Trust
            && all(&|one| of_account(one) && is_pipeline(&one.value.text)),
    }
}
