//! Answers of IAM: the account export, single roles, inline and managed policies.
//!
//! Shapes: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>,
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html>

use std::collections::BTreeMap;

use super::Warning;
use super::facts::{LoneInline, Page};
use super::hint::is_account;
use super::policy::Attached;
use super::reader::Reading;
use crate::graph::{
    Arn, AttachedPolicy, Fact, Group, ManagedPolicy, Policy, Role, User, Written, has_symbol,
};
use crate::source::{Kind, Node, Origin};

const PRINCIPAL_LISTS: &[&str] = &["RoleDetailList", "UserDetailList", "GroupDetailList"];

fn is_list(node: Node<'_>, key: &str) -> bool {
    node.get(key).is_some_and(|list| list.kind() == Kind::List)
}

fn is_map(node: Node<'_>, key: &str) -> bool {
    node.get(key).is_some_and(|map| map.kind() == Kind::Map)
}

/// `get-account-authorization-details`, whole or one page of it.
pub(super) fn is_export(node: Node<'_>) -> bool {
    let versions = |list: Node<'_>| {
        list.items()
            .iter()
            .any(|policy| policy.get("PolicyVersionList").is_some())
    };
    PRINCIPAL_LISTS.iter().any(|key| is_list(node, key))
        || node.get("Policies").is_some_and(versions)
}

/// `get-role`, wrapped or bare.
pub(super) fn is_role(node: Node<'_>) -> bool {
    is_map(node, "Role")
        || (node.get("RoleName").is_some()
            && (node.get("Arn").is_some() || node.get("AssumeRolePolicyDocument").is_some()))
}

/// `get-user` with its lists beside it.
pub(super) fn is_user(node: Node<'_>) -> bool {
    is_arn_of(node, "User", ":user/")
}

/// `get-group` with its lists beside it.
pub(super) fn is_group(node: Node<'_>) -> bool {
    is_arn_of(node, "Group", ":group/")
}

fn is_arn_of(node: Node<'_>, wrapper: &str, kind: &str) -> bool {
    let arn = node.get(wrapper).and_then(|inner| inner.get("Arn"));
    arn.and_then(Node::as_str)
        .is_some_and(|arn| arn.contains(":iam::") && arn.contains(kind))
}

/// `get-role-policy`.
pub(super) fn is_inline_policy(node: Node<'_>) -> bool {
    ["RoleName", "PolicyName", "PolicyDocument"]
        .iter()
        .all(|key| node.get(key).is_some())
}

/// `get-policy` and `get-policy-version`, merged; or an element of an export's `Policies`.
pub(super) fn is_managed_policy(node: Node<'_>) -> bool {
    let named = |node: Node<'_>| {
        node.get("Arn")
            .and_then(Node::as_str)
            .is_some_and(|arn| arn.contains(":policy/"))
    };
    // `get-policy-version` alone does not say whose version it is.
    named(node) || node.get("Policy").is_some_and(named)
}

/// Reads an export's page: its roles, users, groups and managed policies.
pub(super) fn read_export(reading: &mut Reading<'_>, page: Origin) {
    let roles = reading.list(page, "RoleDetailList").unwrap_or_default();
    let users = reading.list(page, "UserDetailList").unwrap_or_default();
    let mut arns: Vec<Written> = Vec::new();
    for key in PRINCIPAL_LISTS.iter().chain(&["Policies"]) {
        for item in reading.list(page, key).unwrap_or_default() {
            arns.extend(reading.text(item, "Arn"));
        }
    }
    // AWS's own policies are listed in every account's export, under the account `aws`.
    let account = arns
        .iter()
        .filter_map(|arn| Arn::parse(&arn.text))
        .map(|arn| arn.account)
        .find(|account| is_account(account))
        .or_else(|| reading.hint.account.clone());
    reading.facts.add_page(Page {
        account,
        truncated: is_truncated(reading, page),
        roles: roles.len(),
        users: users.len(),
    });
    for role in roles {
        read_role_members(reading, role, role);
    }
    for user in users {
        read_user_details(reading, user);
    }
    for group in reading.list(page, "GroupDetailList").unwrap_or_default() {
        read_group_details(reading, group);
    }
    for policy in reading.list(page, "Policies").unwrap_or_default() {
        read_managed_members(reading, policy, policy);
    }
}

/// Reads an element of `UserDetailList`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UserDetail.html>
pub(super) fn read_user_details(reading: &mut Reading<'_>, details: Origin) {
    read_user_members(reading, details, details, all_inline);
}

/// Reads `get-user`, with `UserPolicyList`, `AttachedManagedPolicies` and `GroupList` beside `User`.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>
pub(super) fn read_user(reading: &mut Reading<'_>, document: Origin) {
    if let Some(user) = reading.member(document, "User") {
        read_user_members(reading, user, document, |inline| inline);
    }
}

fn read_user_members(
    reading: &mut Reading<'_>,
    details: Origin,
    beside: Origin,
    inline: fn(Fact<Vec<Policy>>) -> Fact<Vec<Policy>>,
) {
    // Users run no pipelines: one that cannot be told apart is left out, and whoever asks for it hears that it is unknown.
    let Some(arn) = reading.text(details, "Arn") else {
        return;
    };
    // Every answer of AWS has it, so one without is none, and silent about everything else as well.
    let is_whole = details == beside || reading.member(details, "UserId").is_some();
    let user = User {
        origin: details,
        name_origin: reading
            .text(details, "UserName")
            .map_or(arn.origin, |name| name.origin),
        arn: arn.text,
        unique_id: reading.text(details, "UserId").map(|id| id.text),
        inline: inline(inline_policies(reading, details, beside, "UserPolicyList")),
        attached: attached_policies(reading, details, beside),
        boundary: told(boundary(reading, details), is_whole),
        tags: told(tags(reading, details), is_whole),
        groups: seen(either(reading, details, beside, "GroupList").map(|list| {
            let names = list.into_iter();
            let names = names.filter_map(|name| reading.node(name).scalar().map(str::to_owned));
            names.collect()
        })),
    };
    reading.facts.add_user(user);
}

/// Reads an element of `GroupDetailList`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GroupDetail.html>
pub(super) fn read_group_details(reading: &mut Reading<'_>, details: Origin) {
    read_group_members(reading, details, details, all_inline);
}

/// Reads `get-group`, with `GroupPolicyList` and `AttachedManagedPolicies` beside `Group`.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html>
pub(super) fn read_group(reading: &mut Reading<'_>, document: Origin) {
    if let Some(group) = reading.member(document, "Group") {
        read_group_members(reading, group, document, |inline| inline);
    }
}

fn read_group_members(
    reading: &mut Reading<'_>,
    details: Origin,
    beside: Origin,
    inline: fn(Fact<Vec<Policy>>) -> Fact<Vec<Policy>>,
) {
    let Some(arn) = reading.text(details, "Arn") else {
        return;
    };
    let group = Group {
        arn: arn.text,
        origin: details,
        inline: inline(inline_policies(reading, details, beside, "GroupPolicyList")),
        attached: attached_policies(reading, details, beside),
    };
    reading.facts.add_group(group);
}

/// `IsTruncated` is what IAM answers; `NextToken` is what the AWS CLI writes when `--max-items` stopped it.
fn is_truncated(reading: &Reading<'_>, page: Origin) -> bool {
    let there = |key| {
        reading
            .text(page, key)
            .is_some_and(|text| !text.text.is_empty())
    };
    if there("NextToken") {
        return true;
    }
    match reading.text(page, "IsTruncated") {
        Some(written) => written.text.eq_ignore_ascii_case("true"),
        None => there("Marker"),
    }
}

/// Reads `get-role`, with `RolePolicyList` and `AttachedManagedPolicies` inside `Role` or beside it.
pub(super) fn read_role(reading: &mut Reading<'_>, document: Origin) {
    let role = match reading.member(document, "Role") {
        Some(role) if reading.node(role).kind() == Kind::Map => role,
        _ => document,
    };
    read_role_members(reading, role, document);
}

fn read_role_members(reading: &mut Reading<'_>, details: Origin, beside: Origin) {
    let Some(arn) = reading.text(details, "Arn") else {
        reading.fail(
            details,
            "the role has no `Arn`: expected `arn:aws:iam::<account>:role/<name>`",
        );
        return;
    };
    if !is_role_arn(&arn.text) {
        reading.fail(
            arn.origin,
            format!(
                "`Arn` is `{}`: expected the ARN of a role, `arn:aws:iam::<account>:role/<name>`",
                arn.text
            ),
        );
        return;
    }
    let inline = inline_policies(reading, details, beside, "RolePolicyList");
    let attached = attached_policies(reading, details, beside);
    // A role cannot be without a trust policy, so what does not show it shows only a part.
    let is_whole = reading
        .member(details, "AssumeRolePolicyDocument")
        .is_some();
    let boundary = told(boundary(reading, details), is_whole);
    let trust = reading.policy_member(details, "AssumeRolePolicyDocument", Attached::Trust);
    let role = Role {
        origin: details,
        name_origin: reading
            .text(details, "RoleName")
            .map_or(arn.origin, |name| name.origin),
        arn: arn.text,
        unique_id: reading.text(details, "RoleId").map(|id| id.text),
        trust,
        inline,
        attached,
        boundary,
        tags: told(tags(reading, details), is_whole),
        assumed: None,
    };
    reading.facts.add_role(role);
}

/// The export leaves the list of a user's or group's inline policies out where there are none.
fn all_inline(policies: Fact<Vec<Policy>>) -> Fact<Vec<Policy>> {
    match policies {
        Fact::Unseen => Fact::Absent,
        Fact::Known(_) | Fact::Absent => policies,
    }
}

fn inline_policies(
    reading: &mut Reading<'_>,
    details: Origin,
    beside: Origin,
    key: &str,
) -> Fact<Vec<Policy>> {
    let policies = either(reading, details, beside, key).map(|list| {
        list.into_iter()
            .filter_map(|entry| read_inline_entry(reading, entry))
            .collect()
    });
    seen(policies)
}

fn attached_policies(
    reading: &mut Reading<'_>,
    details: Origin,
    beside: Origin,
) -> Fact<Vec<AttachedPolicy>> {
    let policies = either(reading, details, beside, "AttachedManagedPolicies").map(|list| {
        list.into_iter()
            .filter_map(|entry| read_attached_entry(reading, entry))
            .collect()
    });
    seen(policies)
}

/// Both `get-role` and the export show a boundary when there is one.
fn boundary(reading: &Reading<'_>, details: Origin) -> Fact<AttachedPolicy> {
    match reading.member(details, "PermissionsBoundary") {
        None => Fact::Absent,
        Some(boundary) => seen(reading.text(boundary, "PermissionsBoundaryArn").map(named)),
    }
}

/// What a description that may be only a part says: silence in a part says nothing.
fn told<T>(fact: Fact<T>, is_whole: bool) -> Fact<T> {
    match fact {
        Fact::Absent if !is_whole => Fact::Unseen,
        fact => fact,
    }
}

/// Whether a text is the ARN of a role as AWS accepts it, or may be one: what is not known of it may be right.
pub(super) fn is_role_arn(text: &str) -> bool {
    if has_symbol(text) {
        return true;
    }
    Arn::parse(text).is_some_and(|arn| {
        arn.partition.starts_with("aws")
            && arn.service == "iam"
            && arn.region.is_empty()
            && is_account(&arn.account)
            && arn
                .resource
                .strip_prefix("role/")
                .is_some_and(|name| !name.is_empty())
    })
}

fn seen<T>(value: Option<T>) -> Fact<T> {
    value.map_or(Fact::Unseen, Fact::Known)
}

fn named(arn: Written) -> AttachedPolicy {
    AttachedPolicy {
        arn: arn.text,
        origin: arn.origin,
    }
}

fn either(
    reading: &Reading<'_>,
    details: Origin,
    beside: Origin,
    key: &str,
) -> Option<Vec<Origin>> {
    reading
        .list(details, key)
        .or_else(|| reading.list(beside, key))
}

/// Both `get-role` and the export leave `Tags` out when there are none.
fn tags(reading: &Reading<'_>, details: Origin) -> Fact<BTreeMap<String, String>> {
    if reading.member(details, "Tags").is_none() {
        return Fact::Absent;
    }
    let Some(list) = reading.list(details, "Tags") else {
        return Fact::Unseen;
    };
    let tags: BTreeMap<String, String> = list
        .into_iter()
        .filter_map(|tag| {
            let key = reading.text(tag, "Key")?.text;
            let value = reading.text(tag, "Value").map(|value| value.text);
            Some((key, value.unwrap_or_default()))
        })
        .collect();
    if tags.is_empty() {
        Fact::Absent
    } else {
        Fact::Known(tags)
    }
}

fn read_inline_entry(reading: &mut Reading<'_>, entry: Origin) -> Option<Policy> {
    let name = reading.text(entry, "PolicyName").map(|name| name.text);
    let Some(document) = reading.member(entry, "PolicyDocument") else {
        reading.fail(entry, "the inline policy has no `PolicyDocument`");
        return None;
    };
    reading.policy(document, name, Attached::Identity)
}

fn read_attached_entry(reading: &mut Reading<'_>, entry: Origin) -> Option<AttachedPolicy> {
    let arn = reading.text(entry, "PolicyArn").map(named);
    if arn.is_none() {
        reading.fail(entry, "the attached policy has no `PolicyArn`");
    }
    arn
}

/// Reads `get-role-policy`: one inline policy, which does not say whether the role has more of them.
pub(super) fn read_inline_policy(reading: &mut Reading<'_>, document: Origin) {
    let Some(role) = reading.text(document, "RoleName") else {
        return;
    };
    if let Some(policy) = read_inline_entry(reading, document) {
        let account = reading.hint.account.clone();
        let declared = reading.hint.declared;
        reading.facts.add_inline(LoneInline {
            account,
            role,
            policy,
            declared,
        });
    }
}

/// Reads `get-policy`'s `Policy` with `get-policy-version`'s `PolicyVersion`.
pub(super) fn read_managed_policy(reading: &mut Reading<'_>, document: Origin) {
    let policy = match reading.member(document, "Policy") {
        Some(policy) if reading.node(policy).kind() == Kind::Map => policy,
        _ => document,
    };
    read_managed_members(reading, policy, document);
}

fn read_managed_members(reading: &mut Reading<'_>, details: Origin, beside: Origin) {
    let Some(arn) = reading.text(details, "Arn") else {
        reading.fail(
            details,
            "the managed policy has no `Arn`: expected `get-policy`'s `Policy` beside `PolicyVersion`",
        );
        return;
    };
    let default = reading.text(details, "DefaultVersionId");
    let mut versions = Vec::new();
    for holder in [details, beside] {
        versions.extend(reading.member(holder, "PolicyVersion"));
        versions.extend(
            reading
                .list(holder, "PolicyVersionList")
                .unwrap_or_default(),
        );
    }
    let is_default = |version: &Origin| {
        let id = reading.text(*version, "VersionId");
        let flag = reading.text(*version, "IsDefaultVersion");
        match (&default, id, flag) {
            (Some(default), Some(id), _) => default.text == id.text,
            (_, _, Some(flag)) => flag.text.eq_ignore_ascii_case("true"),
            _ => true,
        }
    };
    let chosen = versions.iter().copied().find(is_default);
    // A role runs under the default version, whatever other versions say: they settle nothing.
    if let (None, Some(other)) = (chosen, versions.first()) {
        let warning = Warning {
            message: format!(
                "the version supplied of managed policy `{}` is not its default version, and left out",
                arn.text
            ),
            help: Some(
                "export the version that `get-policy` names as `DefaultVersionId`".to_owned(),
            ),
            origins: vec![*other],
        };
        reading.facts.warn(warning);
    }
    let document = chosen.and_then(|version| reading.member(version, "Document"));
    let document = document
        .and_then(|document| reading.policy(document, Some(arn.text.clone()), Attached::Identity));
    reading.facts.add_managed_policy(ManagedPolicy {
        arn: arn.text,
        origin: details,
        document: seen(document),
        assumed: None,
    });
}
