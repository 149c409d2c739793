//! Roles and managed policies.
//!
//! Policy documents come URL-encoded, which readers understand: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>

use aws_sdk_iam::types::{AttachedPermissionsBoundary, Role, Tag};
use futures_util::future::join_all;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::super::calls::{
    GET_POLICY, GET_POLICY_VERSION, GET_ROLE, GET_ROLE_POLICY, LIST_ATTACHED_ROLE_POLICIES,
    LIST_ROLE_POLICIES,
};
use super::super::session::{Session, Sessions, client};
use super::Gathered;
use crate::graph::{Arn, RefusalKind};
use crate::load::{Refused, SnapshotFile};

/// Reads a role with all its policies.
pub(super) async fn role(session: &Session, arn: &str) -> Vec<SnapshotFile> {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let client = client!(session, aws_sdk_iam, session.region());
    let sent = client.get_role().role_name(name).send();
    let described = session.call(GET_ROLE, arn, sent);
    let inline = inline(session, &client, arn, name);
    let attached = attached(session, &client, arn, name);
    let (described, inline, attached) = futures_util::join!(described, inline, attached);
    let segments = [session.account.as_str(), "iam", "roles", name];
    let mut gathered = Gathered::default();
    let described = described.map(|answer| answer.role);
    let described = described.and_then(|role| {
        let role = role.filter(|role| role.arn() == arn);
        // Names are unique in an account whatever their paths, so one at another path is another role's ARN.
        role.ok_or_else(|| Refused {
            operation: GET_ROLE.permission,
            subject: arn.to_owned(),
            kind: RefusalKind::Absent,
            code: "NoSuchEntity".to_owned(),
            message: format!("the role `{name}` has another path"),
        })
    });
    let absent = |refused: &Refused| refused.kind == RefusalKind::Absent;
    match described.map(|role| described_role(&role)) {
        Err(refused) if absent(&refused) => gathered.refused.push(refused),
        described => {
            gathered.put("Role", described);
            let (policies, refused) = inline;
            gathered.refused.extend(refused);
            if let Some(policies) = policies {
                gathered.put("RolePolicyList", Ok(policies));
            }
            gathered.put("AttachedManagedPolicies", attached);
        }
    }
    vec![gathered.file(&segments, arn)]
}

/// The members of `get-role` that decide anything.
fn described_role(role: &Role) -> Value {
    let mut members = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            members.insert(key.to_owned(), value);
        }
    };
    put("RoleName", role.role_name().into());
    put("RoleId", role.role_id().into());
    put("Arn", role.arn().into());
    put("Path", role.path().into());
    put(
        "AssumeRolePolicyDocument",
        role.assume_role_policy_document().map(document).into(),
    );
    let boundary = role.permissions_boundary();
    let boundary = boundary.and_then(AttachedPermissionsBoundary::permissions_boundary_arn);
    put(
        "PermissionsBoundary",
        boundary
            .map(|arn| json!({ "PermissionsBoundaryArn": arn }))
            .into(),
    );
    let tags: Vec<Value> = role.tags().iter().map(tag).collect();
    put(
        "Tags",
        if tags.is_empty() {
            Value::Null
        } else {
            tags.into()
        },
    );
    Value::Object(members)
}

fn tag(tag: &Tag) -> Value {
    json!({ "Key": tag.key(), "Value": tag.value() })
}

/// A policy document as a tree, for people to read; as it came where it is no JSON.
pub(super) fn document(text: &str) -> Value {
    let decoded = match text.starts_with('%') {
        true => percent_decode_str(text).decode_utf8_lossy().into_owned(),
        false => text.to_owned(),
    };
    serde_json::from_str(&decoded).unwrap_or(Value::String(decoded))
}

async fn inline(
    session: &Session,
    client: &aws_sdk_iam::Client,
    arn: &str,
    role: &str,
) -> (Option<Value>, Vec<Refused>) {
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let sent = client
            .list_role_policies()
            .role_name(role)
            .set_marker(marker)
            .send();
        match session.call(LIST_ROLE_POLICIES, arn, sent).await {
            Ok(page) => {
                marker = page
                    .marker()
                    .filter(|_| page.is_truncated())
                    .map(str::to_owned);
                names.extend(page.policy_names);
            }
            Err(refused) => return (None, vec![refused]),
        }
        if marker.is_none() {
            break;
        }
    }
    names.sort();
    let reads = names.iter().map(|name| async move {
        let sent = client
            .get_role_policy()
            .role_name(role)
            .policy_name(name)
            .send();
        let answer = session.call(GET_ROLE_POLICY, arn, sent).await?;
        Ok(json!({ "PolicyName": name, "PolicyDocument": document(answer.policy_document()) }))
    });
    let answers: Result<Vec<Value>, Refused> = join_all(reads).await.into_iter().collect();
    // Where one of them is not known, what the others allow does not say what the role may not do.
    match answers {
        Ok(policies) => (Some(policies.into()), Vec::new()),
        Err(refused) => (None, vec![refused]),
    }
}

async fn attached(
    session: &Session,
    client: &aws_sdk_iam::Client,
    arn: &str,
    role: &str,
) -> Result<Value, Refused> {
    let mut policies = Vec::new();
    let mut marker = None;
    loop {
        let sent = client
            .list_attached_role_policies()
            .role_name(role)
            .set_marker(marker)
            .send();
        let page = session.call(LIST_ATTACHED_ROLE_POLICIES, arn, sent).await?;
        marker = page
            .marker()
            .filter(|_| page.is_truncated())
            .map(str::to_owned);
        for policy in page.attached_policies() {
            policies.push((
                policy.policy_arn().map(str::to_owned),
                policy.policy_name().map(str::to_owned),
            ));
        }
        if marker.is_none() {
            break;
        }
    }
    policies.sort();
    let policies = policies.into_iter();
    let policies = policies.map(|(arn, name)| json!({ "PolicyArn": arn, "PolicyName": name }));
    Ok(policies.collect())
}

/// Reads the default version of a managed policy; AWS's own by any account.
pub(super) async fn policy(sessions: &Sessions, arn: &str) -> Vec<SnapshotFile> {
    let account = Arn::parse(arn).map(|arn| arn.account).unwrap_or_default();
    let owner = if account == "aws" {
        &sessions.first
    } else {
        &account
    };
    let Some(session) = sessions.of(owner) else {
        return Vec::new();
    };
    let name = arn.rsplit('/').next().unwrap_or_default();
    let client = client!(session, aws_sdk_iam, session.region());
    let mut gathered = Gathered::default();
    match default_version(session, &client, arn).await {
        Ok((policy, version)) => {
            gathered.put("Policy", Ok(policy));
            gathered.put("PolicyVersion", Ok(version));
        }
        Err(refused) => gathered.refused.push(refused),
    }
    vec![gathered.file(&[session.account.as_str(), "iam", "policies", name], arn)]
}

async fn default_version(
    session: &Session,
    client: &aws_sdk_iam::Client,
    arn: &str,
) -> Result<(Value, Value), Refused> {
    let sent = client.get_policy().policy_arn(arn).send();
    let answer = session.call(GET_POLICY, arn, sent).await?;
    let policy = answer.policy();
    let version = policy
        .and_then(|policy| policy.default_version_id())
        .unwrap_or_default();
    let name = policy
        .and_then(|policy| policy.policy_name())
        .unwrap_or_default();
    let sent = client
        .get_policy_version()
        .policy_arn(arn)
        .version_id(version)
        .send();
    let answer = session.call(GET_POLICY_VERSION, arn, sent).await?;
    let text = answer
        .policy_version()
        .and_then(|version| version.document());
    Ok((
        json!({ "Arn": arn, "PolicyName": name, "DefaultVersionId": version }),
        json!({ "VersionId": version, "IsDefaultVersion": true, "Document": text.map(document) }),
    ))
}
