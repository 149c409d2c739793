//! The policies of a case, layer by layer.

use super::Policies;
use crate::graph::{Fact, Policy};
use crate::load::organization::levels;
use crate::load::policy::Attached;
use crate::load::reader::Reading;
use crate::source::{Kind, Node, Origin};

/// What stands in place of a layer that nobody has seen.
const UNKNOWN: &str = "unknown";

/// Reads every layer; what is wrong in one is named.
pub(super) fn read(reading: &mut Reading<'_>, case: Origin) -> Policies {
    Policies {
        identity: list(reading, case, "identityPolicies"),
        resource: policy(reading, case, "resourcePolicy", Attached::Resource),
        resource_account: reading.account(case, "resourceAccount"),
        restrict_public_buckets: reading.flag(case, "restrictPublicBuckets"),
        boundary: policy(reading, case, "boundary", Attached::Identity),
        session: policy(reading, case, "sessionPolicy", Attached::Identity),
        scps: organization(reading, case, "scps", Attached::Identity),
        rcps: organization(reading, case, "rcps", Attached::Resource),
    }
}

/// Whether a layer is there at all; what is left out is absent.
fn layer(reading: &Reading<'_>, map: Origin, key: &str) -> Fact<Origin> {
    match reading.node(map).get(key) {
        None => Fact::Absent,
        Some(node) if node.is_null() => Fact::Absent,
        Some(node) if node.as_str() == Some(UNKNOWN) => Fact::Unseen,
        Some(node) => Fact::Known(node.origin()),
    }
}

fn policy(reading: &mut Reading<'_>, map: Origin, key: &str, attached: Attached) -> Fact<Policy> {
    match layer(reading, map, key) {
        Fact::Absent => Fact::Absent,
        Fact::Unseen => Fact::Unseen,
        Fact::Known(document) => reading
            .policy(document, None, attached)
            .map_or(Fact::Unseen, Fact::Known),
    }
}

/// A list of policies, or one alone. An empty list says that there are none.
fn list(reading: &mut Reading<'_>, map: Origin, key: &str) -> Fact<Vec<Policy>> {
    let origin = match layer(reading, map, key) {
        Fact::Known(origin) => origin,
        Fact::Absent => return Fact::Absent,
        Fact::Unseen => return Fact::Unseen,
    };
    let node = reading.node(origin);
    let documents: Vec<Origin> = match node.kind() {
        Kind::List => node.items().into_iter().map(Node::origin).collect(),
        _ => vec![origin],
    };
    if documents.is_empty() {
        return Fact::Absent;
    }
    let read = |document| reading.policy(document, None, Attached::Identity);
    Fact::Known(documents.into_iter().filter_map(read).collect())
}

fn organization(
    reading: &mut Reading<'_>,
    map: Origin,
    key: &str,
    attached: Attached,
) -> Fact<Vec<Vec<Policy>>> {
    layer(reading, map, key).map(|_| levels(reading, map, key, attached).unwrap_or_default())
}
