//! Users and groups, which matter where `--caller` names a user.
//!
//! Shapes: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>,
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html>

use aws_sdk_iam::types::{Group, User};
use serde_json::{Value, json};

use super::super::calls::{
    GET_GROUP, GET_GROUP_POLICY, GET_USER, GET_USER_POLICY, LIST_ATTACHED_GROUP_POLICIES,
    LIST_ATTACHED_USER_POLICIES, LIST_GROUP_POLICIES, LIST_GROUPS_FOR_USER, LIST_USER_POLICIES,
};
use super::super::session::{Session, client};
use super::iam::{boundary, gathered, inline, listed, name_in, other_path, present, tags};
use super::paged;
use super::text;
use crate::graph::Arn;
use crate::load::SnapshotFile;

/// Reads a user with its policies and the names of its groups.
pub(super) async fn user(session: &Session, arn: &str) -> Vec<SnapshotFile> {
    let Some(name) = name_in(arn, "user") else {
        return Vec::new();
    };
    let client = client!(session, aws_sdk_iam, session.region());
    let sent = client.get_user().user_name(name).send();
    let described = session.call(GET_USER, arn, sent);
    let names = paged(async |marker| {
        let sent = client
            .list_user_policies()
            .user_name(name)
            .set_marker(marker)
            .send();
        let page = session.call(LIST_USER_POLICIES, arn, sent).await?;
        let next = page.marker().filter(|_| page.is_truncated());
        Ok((next.map(str::to_owned), page.policy_names))
    });
    let inline = inline(names, async |policy| {
        let sent = client
            .get_user_policy()
            .user_name(name)
            .policy_name(policy)
            .send();
        let answer = session.call(GET_USER_POLICY, arn, sent).await?;
        Ok(answer.policy_document)
    });
    let attached = paged(async |marker| {
        let sent = client
            .list_attached_user_policies()
            .user_name(name)
            .set_marker(marker)
            .send();
        let page = session.call(LIST_ATTACHED_USER_POLICIES, arn, sent).await?;
        let next = page.marker().filter(|_| page.is_truncated());
        Ok((
            next.map(str::to_owned),
            page.attached_policies.unwrap_or_default(),
        ))
    });
    let groups = paged(async |marker| {
        let sent = client
            .list_groups_for_user()
            .user_name(name)
            .set_marker(marker)
            .send();
        let page = session.call(LIST_GROUPS_FOR_USER, arn, sent).await?;
        let next = page.marker().filter(|_| page.is_truncated());
        Ok((next.map(str::to_owned), page.groups))
    });
    let (described, inline, attached, groups) =
        futures_util::join!(described, inline, attached, groups);
    let described = described.and_then(|answer| {
        let user = answer.user.filter(|user| user.arn() == arn);
        user.map(|user| described_user(&user))
            .ok_or_else(|| other_path(GET_USER.permission, arn))
    });
    let lists = [
        ("UserPolicyList", inline),
        ("AttachedManagedPolicies", attached.map(listed)),
        ("GroupList", groups.map(names_of)),
    ];
    let named = json!({ "UserName": name, "Arn": arn });
    let segments = [session.account.as_str(), "iam", "users", name];
    vec![gathered("User", described, named, lists).file(&segments, arn)]
}

/// Reads a group with its policies.
pub(super) async fn group(session: &Session, name: &str) -> Vec<SnapshotFile> {
    let partition = Arn::parse(&session.caller).map(|caller| caller.partition);
    let partition = partition.as_deref().unwrap_or("aws");
    // Its path is not known before AWS tells it.
    let arn = format!("arn:{partition}:iam::{}:group/{name}", session.account);
    let client = client!(session, aws_sdk_iam, session.region());
    // Who else is in it is nobody's business.
    let sent = client.get_group().group_name(name).max_items(1).send();
    let described = session.call(GET_GROUP, &arn, sent);
    let names = paged(async |marker| {
        let sent = client
            .list_group_policies()
            .group_name(name)
            .set_marker(marker)
            .send();
        let page = session.call(LIST_GROUP_POLICIES, &arn, sent).await?;
        let next = page.marker().filter(|_| page.is_truncated());
        Ok((next.map(str::to_owned), page.policy_names))
    });
    let inline = inline(names, async |policy| {
        let sent = client
            .get_group_policy()
            .group_name(name)
            .policy_name(policy)
            .send();
        let answer = session.call(GET_GROUP_POLICY, &arn, sent).await?;
        Ok(answer.policy_document)
    });
    let attached = paged(async |marker| {
        let sent = client
            .list_attached_group_policies()
            .group_name(name)
            .set_marker(marker)
            .send();
        let page = session
            .call(LIST_ATTACHED_GROUP_POLICIES, &arn, sent)
            .await?;
        let next = page.marker().filter(|_| page.is_truncated());
        Ok((
            next.map(str::to_owned),
            page.attached_policies.unwrap_or_default(),
        ))
    });
    let (described, inline, attached) = futures_util::join!(described, inline, attached);
    let named = json!({ "GroupName": name, "Arn": arn });
    let described = described.map(|answer| {
        answer
            .group()
            .map_or_else(|| named.clone(), described_group)
    });
    let told = described.as_ref().ok().and_then(|group| text(group, "Arn"));
    let file_name = told.unwrap_or(&arn).to_owned();
    let lists = [
        ("GroupPolicyList", inline),
        ("AttachedManagedPolicies", attached.map(listed)),
    ];
    let segments = [session.account.as_str(), "iam", "groups", name];
    vec![gathered("Group", described, named, lists).file(&segments, &file_name)]
}

/// The members of `get-user` that decide anything.
fn described_user(user: &User) -> Value {
    present([
        ("UserName", user.user_name().into()),
        ("UserId", user.user_id().into()),
        ("Arn", user.arn().into()),
        ("Path", user.path().into()),
        ("PermissionsBoundary", boundary(user.permissions_boundary())),
        ("Tags", tags(user.tags())),
    ])
}

fn described_group(group: &Group) -> Value {
    present([
        ("GroupName", group.group_name().into()),
        ("GroupId", group.group_id().into()),
        ("Arn", group.arn().into()),
        ("Path", group.path().into()),
    ])
}

/// Names alone, as the account export has them: they are unique within the account.
fn names_of(groups: Vec<Group>) -> Value {
    let mut names: Vec<String> = groups.into_iter().map(|group| group.group_name).collect();
    names.sort();
    names.into()
}
