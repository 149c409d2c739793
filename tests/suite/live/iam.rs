//! Identity and Access Management: <https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html>
//!
//! Documents are URL-encoded as RFC 3986 says, lists come in pages with `IsTruncated` and `Marker`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::call::{Call, Failure, Outcome};
use super::cloud::{Inside, not_found, says, unknown};
use super::estate::{document, list, text as member};
use super::xml::{element, maybe, members, text};

/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(super) fn outcome(cloud: &Inside, call: &Call) -> Outcome {
    match call.operation.as_str() {
        "GetRole" => described(cloud, call, &ROLE),
        "GetUser" => described(cloud, call, &USER),
        "GetGroup" => described(cloud, call, &GROUP),
        "ListRolePolicies" => inline_names(cloud, call, &ROLE),
        "ListUserPolicies" => inline_names(cloud, call, &USER),
        "ListGroupPolicies" => inline_names(cloud, call, &GROUP),
        "GetRolePolicy" => inline(cloud, call, &ROLE),
        "GetUserPolicy" => inline(cloud, call, &USER),
        "GetGroupPolicy" => inline(cloud, call, &GROUP),
        "ListAttachedRolePolicies" => attached(cloud, call, &ROLE),
        "ListAttachedUserPolicies" => attached(cloud, call, &USER),
        "ListAttachedGroupPolicies" => attached(cloud, call, &GROUP),
        "ListGroupsForUser" => groups(cloud, call),
        "GetPolicy" => policy(cloud, call),
        "GetPolicyVersion" => version(cloud, call),
        _ => unknown(call),
    }
}

/// What differs between roles, users and groups.
struct Sort {
    noun: &'static str,
    name: &'static str,
    inline: &'static str,
}

const ROLE: Sort = Sort {
    noun: "role",
    name: "RoleName",
    inline: "RolePolicyList",
};
const USER: Sort = Sort {
    noun: "user",
    name: "UserName",
    inline: "UserPolicyList",
};
const GROUP: Sort = Sort {
    noun: "group",
    name: "GroupName",
    inline: "GroupPolicyList",
};

fn no_such(what: String) -> Failure {
    not_found(404, "NoSuchEntity", what)
}

fn find<'a>(cloud: &'a Inside, call: &Call, sort: &Sort) -> Result<&'a Value, Failure> {
    let name = call.text(sort.name);
    let account = cloud.estate.accounts.get(&call.account);
    let all = account.map(|account| match sort.noun {
        "role" => &account.roles,
        "user" => &account.users,
        _ => &account.groups,
    });
    let missing = || {
        no_such(format!(
            "The {} with name {name} cannot be found.",
            sort.noun
        ))
    };
    all.and_then(|all| all.get(name)).ok_or_else(missing)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>
fn described(cloud: &Inside, call: &Call, sort: &Sort) -> Outcome {
    let found = find(cloud, call, sort)?;
    let arn = member(found, "Arn").unwrap();
    let id = sort.name.replace("Name", "Id");
    let mut inside = text("Path", member(found, "Path").unwrap_or("/"))
        + &text(sort.name, member(found, sort.name).unwrap())
        + &text(&id, member(found, &id).unwrap_or("AROAEXAMPLEEXAMPLEEX"))
        + &text("Arn", arn)
        + &text("CreateDate", "2024-01-01T00:00:00Z");
    if let Some(trust) = document(&found["AssumeRolePolicyDocument"]) {
        inside += &text("AssumeRolePolicyDocument", &encoded(&trust));
    }
    let boundary = &found["PermissionsBoundary"];
    if let Some(arn) = member(boundary, "PermissionsBoundaryArn") {
        let boundary =
            text("PermissionsBoundaryType", "Policy") + &text("PermissionsBoundaryArn", arn);
        inside += &element("PermissionsBoundary", &boundary);
    }
    let tags = list(found, "Tags");
    if !tags.is_empty() {
        let tags = tags.iter().map(|tag| {
            text("Key", member(tag, "Key").unwrap()) + &text("Value", member(tag, "Value").unwrap())
        });
        inside += &members("Tags", tags);
    }
    let noun = sort.name.replace("Name", "");
    says(element(&noun, &inside))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html>
fn inline_names(cloud: &Inside, call: &Call, sort: &Sort) -> Outcome {
    let policies = list(find(cloud, call, sort)?, sort.inline);
    let names: Vec<&str> = policies
        .iter()
        .filter_map(|policy| member(policy, "PolicyName"))
        .collect();
    let (page, marker) = cloud.page(&names, call.text("Marker"));
    let names = page.iter().map(|name| super::xml::escaped(name));
    says(members("PolicyNames", names) + &more(marker))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>
fn inline(cloud: &Inside, call: &Call, sort: &Sort) -> Outcome {
    let found = find(cloud, call, sort)?;
    let wanted = call.text("PolicyName");
    let mut policies = list(found, sort.inline).iter();
    let policy = policies.find(|policy| member(policy, "PolicyName") == Some(wanted));
    let policy = policy.ok_or_else(|| {
        let noun = sort.noun;
        no_such(format!(
            "The {noun} policy with name {wanted} cannot be found."
        ))
    })?;
    let text_of = document(&policy["PolicyDocument"]).unwrap();
    says(
        text(sort.name, call.text(sort.name))
            + &text("PolicyName", wanted)
            + &text("PolicyDocument", &encoded(&text_of)),
    )
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html>
fn attached(cloud: &Inside, call: &Call, sort: &Sort) -> Outcome {
    let policies = list(find(cloud, call, sort)?, "AttachedManagedPolicies");
    let (page, marker) = cloud.page(policies, call.text("Marker"));
    let page = page.iter().map(|policy| {
        let arn = member(policy, "PolicyArn").unwrap();
        let name = arn.rsplit('/').next().unwrap();
        text("PolicyName", name) + &text("PolicyArn", arn)
    });
    says(members("AttachedPolicies", page) + &more(marker))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html>
fn groups(cloud: &Inside, call: &Call) -> Outcome {
    let user = find(cloud, call, &USER)?;
    // Account exports list names; the description of a user may hold whole groups.
    let names: Vec<&str> = list(user, "GroupList")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let (page, marker) = cloud.page(&names, call.text("Marker"));
    let page = page.iter().map(|name| {
        let arn = format!("arn:aws:iam::{}:group/{name}", call.account);
        text("Path", "/")
            + &text("GroupName", name)
            + &text("GroupId", "AGPAEXAMPLEEXAMPLEEX")
            + &text("Arn", &arn)
            + &text("CreateDate", "2024-01-01T00:00:00Z")
    });
    says(members("Groups", page) + &more(marker))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html>
fn policy(cloud: &Inside, call: &Call) -> Outcome {
    let arn = call.text("PolicyArn");
    let policy = find_policy(cloud, call, arn)?;
    let inside = text("PolicyName", arn.rsplit('/').next().unwrap())
        + &text("PolicyId", "ANPAEXAMPLEEXAMPLEEX")
        + &text("Arn", arn)
        + &text("Path", member(policy, "Path").unwrap_or("/"))
        + &text("DefaultVersionId", default(policy))
        + &text("AttachmentCount", "1")
        + &text("IsAttachable", "true");
    says(element("Policy", &inside))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html>
fn version(cloud: &Inside, call: &Call) -> Outcome {
    let arn = call.text("PolicyArn");
    let policy = find_policy(cloud, call, arn)?;
    let wanted = call.text("VersionId");
    let mut versions = list(policy, "PolicyVersionList").iter();
    let version = versions.find(|version| member(version, "VersionId") == Some(wanted));
    let version = version.ok_or_else(|| {
        no_such(format!(
            "Policy {arn} version {wanted} does not exist or is not attachable."
        ))
    })?;
    let document = document(&version["Document"]).map(|text| encoded(&text));
    let is_default = (default(policy) == wanted).to_string();
    let inside = maybe("Document", document.as_deref())
        + &text("VersionId", wanted)
        + &text("IsDefaultVersion", &is_default)
        + &text("CreateDate", "2024-01-01T00:00:00Z");
    says(element("PolicyVersion", &inside))
}

fn find_policy<'a>(cloud: &'a Inside, call: &Call, arn: &str) -> Result<&'a Value, Failure> {
    let missing = || no_such(format!("Policy {arn} does not exist or is not attachable."));
    cloud.estate.policy(&call.account, arn).ok_or_else(missing)
}

fn default(policy: &Value) -> &str {
    let named = member(policy, "DefaultVersionId");
    named.unwrap_or_else(|| {
        let mut versions = list(policy, "PolicyVersionList").iter();
        let version = versions.find(|version| version["IsDefaultVersion"] == true);
        member(version.unwrap(), "VersionId").unwrap()
    })
}

fn more(marker: Option<String>) -> String {
    text("IsTruncated", &marker.is_some().to_string()) + &maybe("Marker", marker.as_deref())
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
