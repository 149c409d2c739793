//! Roles and managed policies.
//!
//! Policy documents come URL-encoded, which readers understand: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>

use aws_sdk_iam::types::{AttachedPermissionsBoundary, AttachedPolicy, Role, Tag};
use futures_util::future::join_all;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::super::calls::{
    GET_POLICY, GET_POLICY_VERSION, GET_ROLE, GET_ROLE_POLICY, LIST_ATTACHED_ROLE_POLICIES,
    LIST_ROLE_POLICIES,
};
use super::super::session::{Session, Sessions, client};
use super::{Gathered, paged};
use crate::graph::{Arn, RefusalKind};
use crate::load::{Refused, SnapshotFile};

/// Reads a role with all its policies.
pub(super) async fn role(session: &Session, arn: &str) -> Vec<SnapshotFile> {
    let Some(name) = name_in(arn, "role") else {
        return Vec::new();
    };
    let client = client!(session, aws_sdk_iam, session.region());
    let sent = client.get_role().role_name(name).send();
    let described = session.call(GET_ROLE, arn, sent);
    let names = paged(async |marker| {
        let sent = client
            .list_role_policies()
            .role_name(name)
            .set_marker(marker)
            .send();
        let page = session.call(LIST_ROLE_POLICIES, arn, sent).await?;
        let next = page.marker().filter(|_| page.is_truncated());
        Ok((next.map(str::to_owned), page.policy_names))
    });
    let inline = inline(names, async |policy| {
        let sent = client
            .get_role_policy()
            .role_name(name)
            .policy_name(policy)
            .send();
        let answer = session.call(GET_ROLE_POLICY, arn, sent).await?;
        Ok(answer.policy_document)
    });
    let attached = paged(async |marker| {
        let sent = client
            .list_attached_role_policies()
            .role_name(name)
            .set_marker(marker)
            .send();
        let page = session.call(LIST_ATTACHED_ROLE_POLICIES, arn, sent).await?;
        let next = page.marker().filter(|_| page.is_truncated());
        Ok((
            next.map(str::to_owned),
            page.attached_policies.unwrap_or_default(),
        ))
    });
    let (described, inline, attached) = futures_util::join!(described, inline, attached);
    let mut elsewhere = None;
    let described = described.and_then(|answer| {
        let other_path = || other_path(GET_ROLE.permission, arn);
        let role = answer.role.ok_or_else(other_path)?;
        // Whoever looks for the role by its name finds it: the ARN of a session does not tell the path of its role.
        // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
        elsewhere = (role.arn() != arn).then(other_path);
        Ok(described_role(&role))
    });
    let segments = [session.account.as_str(), "iam", "roles", name];
    let lists = [
        ("RolePolicyList", inline),
        ("AttachedManagedPolicies", attached.map(listed)),
    ];
    let named = json!({ "RoleName": name, "Arn": arn });
    let mut gathered = gathered("Role", described, named, lists);
    gathered.refused.extend(elsewhere);
    vec![gathered.file(&segments, arn)]
}

/// Puts a description and its lists together. Where only the description is refused, what is told besides belongs to what the ARN
/// names: so much is known of it.
pub(super) fn gathered<const N: usize>(
    member: &str,
    described: Result<Value, Refused>,
    named: Value,
    lists: [(&str, Result<Value, Refused>); N],
) -> Gathered {
    let mut gathered = Gathered::default();
    match described {
        Ok(described) => gathered.put(member, Ok(described)),
        Err(refused) => {
            let is_there = refused.kind != RefusalKind::Absent;
            gathered.refused.push(refused);
            // Names are unique in an account whatever their paths, so the lists may be those of another ARN.
            if !is_there {
                return gathered;
            }
            if lists.iter().any(|(_, list)| list.is_ok()) {
                gathered.put(member, Ok(named));
            }
        }
    }
    for (member, list) in lists {
        gathered.put_part(member, list);
    }
    gathered
}

/// The name in the ARN of a role, user or group, which has its path before it.
pub(super) fn name_in<'a>(arn: &'a str, kind: &str) -> Option<&'a str> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next()?, parts.nth(2)?);
    let (of, _) = resource.split_once('/')?;
    (service == "iam" && of == kind).then(|| arn.rsplit('/').next())?
}

/// That what has the name has another path, so that there is nothing of the ARN that was asked for.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
pub(super) fn other_path(operation: &'static str, arn: &str) -> Refused {
    Refused {
        operation,
        subject: arn.to_owned(),
        kind: RefusalKind::Absent,
        code: "NoSuchEntity".to_owned(),
        message: format!("what is named like `{arn}` has another path"),
    }
}

/// The members of `get-role` that decide anything.
fn described_role(role: &Role) -> Value {
    let trust = role.assume_role_policy_document().map(document);
    present([
        ("RoleName", role.role_name().into()),
        ("RoleId", role.role_id().into()),
        ("Arn", role.arn().into()),
        ("Path", role.path().into()),
        ("AssumeRolePolicyDocument", trust.into()),
        ("PermissionsBoundary", boundary(role.permissions_boundary())),
        ("Tags", tags(role.tags())),
    ])
}

/// The members that AWS answers with.
pub(super) fn present<const N: usize>(members: [(&str, Value); N]) -> Value {
    let told = members.into_iter().filter(|(_, value)| !value.is_null());
    let told: Map<String, Value> = told.map(|(key, value)| (key.to_owned(), value)).collect();
    Value::Object(told)
}

pub(super) fn boundary(told: Option<&AttachedPermissionsBoundary>) -> Value {
    let arn = told.and_then(AttachedPermissionsBoundary::permissions_boundary_arn);
    arn.map(|arn| json!({ "PermissionsBoundaryArn": arn }))
        .into()
}

pub(super) fn tags(told: &[Tag]) -> Value {
    let tags = told.iter();
    let tags: Vec<Value> = tags
        .map(|tag| json!({ "Key": tag.key(), "Value": tag.value() }))
        .collect();
    (!tags.is_empty()).then_some(tags).into()
}

/// A policy document as a tree, for people to read; as it came where it is no JSON.
pub(super) fn document(text: &str) -> Value {
    let decoded = match text.starts_with('%') {
        true => percent_decode_str(text).decode_utf8_lossy().into_owned(),
        false => text.to_owned(),
    };
    serde_json::from_str(&decoded).unwrap_or(Value::String(decoded))
}

/// Inline policies by their names. Where one of them is not known, what the others allow does not say what may not be done.
pub(super) async fn inline(
    names: impl Future<Output = Result<Vec<String>, Refused>>,
    read: impl AsyncFn(&str) -> Result<String, Refused>,
) -> Result<Value, Refused> {
    let mut names = names.await?;
    names.sort();
    let reads = names.iter().map(|name| read(name));
    let answers = names.iter().zip(join_all(reads).await);
    let policy = |(name, answer): (&String, Result<String, Refused>)| {
        let answer = answer?;
        Ok(json!({ "PolicyName": name, "PolicyDocument": document(&answer) }))
    };
    let policies: Result<Vec<Value>, Refused> = answers.map(policy).collect();
    policies.map(Value::from)
}

/// Attached policies, which AWS lists in no particular order.
pub(super) fn listed(policies: Vec<AttachedPolicy>) -> Value {
    let mut policies: Vec<_> = policies
        .into_iter()
        .map(|one| (one.policy_arn, one.policy_name))
        .collect();
    policies.sort();
    let policies = policies.into_iter();
    let policies = policies.map(|(arn, name)| json!({ "PolicyArn": arn, "PolicyName": name }));
    policies.collect()
}

/// Reads the default version of a managed policy; AWS's own by any account of the partition.
pub(super) async fn policy(sessions: &Sessions, arn: &str) -> Vec<SnapshotFile> {
    let Some(parsed) = Arn::parse(arn).filter(|arn| arn.service == "iam") else {
        return Vec::new();
    };
    let is_aws = parsed.account == "aws";
    let in_partition = |session: &&Session| {
        let caller = Arn::parse(&session.caller);
        caller.is_none_or(|caller| caller.partition == parsed.partition)
    };
    let session = match is_aws {
        true => sessions.all().find(in_partition),
        false => sessions.of(&parsed.account),
    };
    let Some(session) = session else {
        return Vec::new();
    };
    let name = arn.rsplit('/').next().unwrap_or_default();
    let client = client!(session, aws_sdk_iam, session.region());
    let mut gathered = Gathered::default();
    match default_version(session, &client, arn).await {
        Ok((policy, version)) => {
            gathered.put("Policy", Ok(policy));
            gathered.put_part("PolicyVersion", version);
        }
        Err(refused) => gathered.refused.push(refused),
    }
    let account = session.account.as_str();
    // A customer's policy may have the name of one of AWS's.
    let file = match is_aws {
        true => gathered.file(&[account, "iam", "policies", "aws", name], arn),
        false => gathered.file(&[account, "iam", "policies", name], arn),
    };
    vec![file]
}

async fn default_version(
    session: &Session,
    client: &aws_sdk_iam::Client,
    arn: &str,
) -> Result<(Value, Result<Value, Refused>), Refused> {
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
    let answer = session.call(GET_POLICY_VERSION, arn, sent).await;
    let described = answer.map(|answer| {
        let told = answer
            .policy_version()
            .and_then(|version| version.document());
        json!({ "VersionId": version, "IsDefaultVersion": true, "Document": told.map(document) })
    });
    let policy = json!({ "Arn": arn, "PolicyName": name, "DefaultVersionId": version });
    Ok((policy, described))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: RefusalKind) -> Refused {
        Refused {
            operation: "iam:GetRole",
            subject: String::new(),
            kind,
            code: String::new(),
            message: String::new(),
        }
    }

    #[test]
    fn only_an_arn_of_the_kind_has_a_name() {
        for (arn, kind, expected) in [
            (
                "arn:aws:iam::111111111111:role/Deploy",
                "role",
                Some("Deploy"),
            ),
            (
                "arn:aws-cn:iam::111111111111:role/service-role/Deploy",
                "role",
                Some("Deploy"),
            ),
            ("arn:aws:iam::111111111111:user/Deploy", "role", None),
            ("arn:aws:iam::111111111111:root", "user", None),
            ("arn:aws:kms:eu-west-1:111111111111:key/1", "role", None),
            (
                "arn:aws:sts::111111111111:assumed-role/Deploy/x",
                "role",
                None,
            ),
            ("Deploy", "role", None),
        ] {
            assert_eq!(name_in(arn, kind), expected, "{arn}");
        }
    }

    #[test]
    fn documents_are_read_in_each_of_their_encodings() {
        let expected = json!({ "Version": "2012-10-17", "Statement": [] });
        for text in [
            r#"{"Version":"2012-10-17","Statement":[]}"#,
            "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D",
            "%0A%7B%22Version%22%3A%222012-10-17%22%2C%0A%22Statement%22%3A%5B%5D%7D",
        ] {
            assert_eq!(document(text), expected, "{text}");
        }
        assert_eq!(document("no policy"), json!("no policy"));
    }

    #[test]
    fn a_role_that_may_not_be_described_keeps_what_is_told_of_its_policies() {
        let lists = || [("RolePolicyList", Ok(json!([])))];
        let named = json!({ "Arn": "a" });
        let denied = gathered(
            "Role",
            Err(refused(RefusalKind::Denied)),
            named.clone(),
            lists(),
        );
        assert_eq!(
            Value::Object(denied.members),
            json!({ "Role": { "Arn": "a" }, "RolePolicyList": [] })
        );
        assert_eq!(denied.refused.len(), 1);
        let absent = gathered(
            "Role",
            Err(refused(RefusalKind::Absent)),
            named.clone(),
            lists(),
        );
        assert!(absent.members.is_empty());
        let all = [("RolePolicyList", Err(refused(RefusalKind::Denied)))];
        let nothing = gathered("Role", Err(refused(RefusalKind::Denied)), named, all);
        assert!(nothing.members.is_empty());
        assert_eq!(nothing.refused.len(), 2);
    }

    #[test]
    fn a_role_that_is_described_is_there_whatever_its_lists_say() {
        let lists = [("RolePolicyList", Err(refused(RefusalKind::Absent)))];
        let described = gathered("Role", Ok(json!({})), Value::Null, lists);
        let kinds: Vec<RefusalKind> = described.refused.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [RefusalKind::Failed]);
    }
}
