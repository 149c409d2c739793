//! Roles, users, groups and managed policies as IAM answers about them.

use super::attach::{GROUP, MANAGED, Put, ROLE, USER, own_lists};
use super::open::Open;
use super::{Answer, Thing, policies};
use crate::load::hint::{Hint, is_account};
use crate::load::iam;
use crate::load::reader::Read;
use crate::source::{Made, MadeValue};

/// `get-role-policy`'s answer for a role that no stack declares.
pub(super) fn lone(thing: &Thing<'_>, document: &Made) -> Answer {
    let account = &thing.declared.home.account;
    let mut hint = Hint::told(account, &[]);
    hint.account = hint.account.filter(|account| is_account(account));
    Answer {
        document: document.clone(),
        hint,
        read: iam::read_inline_policy,
        kind: "inline policy",
        root: thing.declared.root,
    }
}

/// What IAM answers about a principal or a managed policy; `None` for every other resource.
pub(super) fn answer(thing: &Thing<'_>, put: Option<&Put>, open: &mut Open<'_>) -> Option<Answer> {
    let declared = &*thing.declared;
    let (read, kind): (Read, _) = match declared.kind.as_str() {
        ROLE => (iam::read_role, "role"),
        USER => (iam::read_user_details, "user"),
        GROUP => (iam::read_group_details, "group"),
        MANAGED => (iam::read_managed_policy, "managed policy"),
        _ => return None,
    };
    let document = if declared.kind == MANAGED {
        managed(thing, open)
    } else {
        principal(thing, put, open)
    };
    Some(Answer {
        document,
        hint: Hint::told(&declared.home.account, &[]),
        read,
        kind,
        root: declared.root,
    })
}

fn principal(thing: &Thing<'_>, put: Option<&Put>, open: &mut Open<'_>) -> Made {
    let declared = &*thing.declared;
    let (at, properties) = (declared.origin, &declared.properties);
    let name_member = match declared.kind.as_str() {
        ROLE => "RoleName",
        USER => "UserName",
        _ => "GroupName",
    };
    let name = Made {
        value: MadeValue::Text(thing.known.name.clone()),
        at: properties
            .get(name_member)
            .map_or(declared.name_origin, |name| name.at),
        also: properties.get(name_member).and_then(|name| name.also),
    };
    let arn = thing.known.arn.clone().unwrap_or_default();
    let mut members = vec![
        (name_member, name),
        ("Arn", Made::text(arn, declared.name_origin)),
    ];
    if let Some(trust) = properties.get("AssumeRolePolicyDocument") {
        members.push(("AssumeRolePolicyDocument", policies::copy(trust, open)));
    }
    let lists = own_lists(&declared.kind).map_or("", |(list, _)| list);
    let inline = put.map(|put| put.inline.clone()).unwrap_or_default();
    members.push((lists, Made::list(inline, at)));
    let attached = put.map(|put| put.attached.clone()).unwrap_or_default();
    members.push(("AttachedManagedPolicies", Made::list(attached, at)));
    if let Some(boundary) = properties.get("PermissionsBoundary") {
        let boundary = match boundary.scalar() {
            Some("") => open.instead("", "PermissionsBoundary", boundary),
            _ => open.copy(boundary),
        };
        let at = boundary.at;
        let boundary = Made::map(vec![("PermissionsBoundaryArn", boundary)], at);
        members.push(("PermissionsBoundary", boundary));
    }
    for (property, member) in [("Tags", "Tags"), ("Groups", "GroupList")] {
        if let Some(value) = properties.get(property) {
            members.push((member, value.clone()));
        }
    }
    Made::map(members, at)
}

/// `get-policy` with `get-policy-version`. What is not known in part is not known.
fn managed(thing: &Thing<'_>, open: &mut Open<'_>) -> Made {
    let declared = &*thing.declared;
    let (at, here) = (declared.origin, declared.name_origin);
    let arn = thing.known.arn.clone().unwrap_or_default();
    let policy = Made::map(
        vec![
            ("Arn", Made::text(arn, here)),
            ("PolicyName", Made::text(thing.known.name.clone(), here)),
            ("DefaultVersionId", Made::text("v1", here)),
        ],
        at,
    );
    let mut version = vec![("VersionId", Made::text("v1", here))];
    let document = declared.properties.get("PolicyDocument");
    let read = document.map(|document| policies::identity(document, open));
    if let Some(document) = read
        .filter(|read| read.unknown.is_empty())
        .and_then(|read| read.document)
    {
        version.push(("Document", document));
    }
    let members = vec![
        ("Policy", policy),
        ("PolicyVersion", Made::map(version, at)),
    ];
    Made::map(members, at)
}
