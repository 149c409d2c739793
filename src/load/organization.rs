//! `organizations.json` of a snapshot: what an organization imposes on one account.

use super::hint::{Hint, is_account};
use super::policy::Attached;
use super::reader::Reading;
use crate::graph::{Organization, Policy};
use crate::source::{Kind, Node, Origin};

const SERVICE: &str = "ServiceControlPolicies";
const RESOURCE: &str = "ResourceControlPolicies";

/// By its place in a snapshot, or by members that no answer of AWS has.
pub(super) fn recognise(node: Node<'_>, hint: &Hint) -> bool {
    let levels = |key| {
        node.get(key)
            .is_some_and(|levels: Node<'_>| levels.kind() == Kind::List)
    };
    hint.segments() == ["organizations"] || levels(SERVICE) || levels(RESOURCE)
}

/// Reads the organization as one account sees it.
pub(super) fn read(reading: &mut Reading<'_>, document: Origin) {
    let stated = reading.text(document, "AccountId").map(|id| id.text);
    let Some(account) = stated
        .filter(|account| is_account(account))
        .or_else(|| reading.hint.account.clone())
    else {
        reading.fail(
            document,
            "nothing says whose organization this is: expected the path `<account-id>/organizations.json`",
        );
        return;
    };
    let service_control_policies = levels(reading, document, SERVICE, Attached::Identity);
    let resource_control_policies = levels(reading, document, RESOURCE, Attached::Resource);
    let organization = Organization {
        id: reading.text(document, "OrganizationId").map(|id| id.text),
        management_account: reading
            .text(document, "ManagementAccountId")
            .map(|id| id.text),
        service_control_policies,
        resource_control_policies,
    };
    reading
        .facts
        .add_organization(account, organization, document);
}

/// One list per level, root first. Levels have to be told apart: each has to allow by itself.
pub(super) fn levels(
    reading: &mut Reading<'_>,
    document: Origin,
    key: &str,
    attached: Attached,
) -> Option<Vec<Vec<Policy>>> {
    let node = reading.node(document).get(key)?;
    if node.kind() == Kind::Null {
        return Some(Vec::new());
    }
    let expected =
        format!("expected `{key}` as one list of policies per level, root first: `[[…], […]]`");
    let Some(levels) = reading.list(document, key) else {
        let origin = node.origin();
        reading.fail(origin, expected);
        return None;
    };
    let mut read = Vec::new();
    for level in levels {
        if reading.node(level).kind() != Kind::List {
            reading.fail(level, expected);
            return None;
        }
        let items: Vec<Origin> = reading
            .node(level)
            .items()
            .into_iter()
            .map(Node::origin)
            .collect();
        read.push(
            items
                .into_iter()
                .filter_map(|item| policy(reading, item, attached))
                .collect(),
        );
    }
    Some(read)
}

/// A document, or `describe-policy`'s answer around it.
fn policy(reading: &mut Reading<'_>, item: Origin, attached: Attached) -> Option<Policy> {
    let holder = reading.member(item, "Policy").unwrap_or(item);
    let Some(content) = reading.member(holder, "Content") else {
        return reading.policy(item, None, attached);
    };
    let summary = reading.member(holder, "PolicySummary").unwrap_or(holder);
    let name = reading.text(summary, "Name").map(|name| name.text);
    reading.policy(content, name, attached)
}
