//! Documents of AWS's own managed policies, for roles, users and groups that have one attached and inputs that do not hold it.
//!
//! The documents are dated data: `rules/managed-policies.md` tells where they come from.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::policy;
use crate::graph::{Fact, Graph, ManagedPolicy};
use crate::source::Sources;

const DOCUMENTS: &str = include_str!("../../rules/managed-policies.json");

/// One of AWS's managed policies.
#[derive(Deserialize)]
struct Published {
    /// The day of its last change, `2024-03-14`.
    updated: String,
    document: serde_json::Value,
}

/// Adds the documents that are known and not given.
pub(super) fn add(sources: &mut Sources, graph: &mut Graph) {
    let mut lacking = BTreeSet::new();
    let roles = graph.roles.values();
    let roles = roles.map(|role| (&role.attached, role.boundary.known()));
    let users = graph.users.values();
    let users = users.map(|user| (&user.attached, user.boundary.known()));
    let groups = graph.groups.values().map(|group| (&group.attached, None));
    for (attached, boundary) in roles.chain(users).chain(groups) {
        for policy in attached.known().into_iter().flatten().chain(boundary) {
            let known = graph.policies.get(&policy.arn);
            if known.is_none_or(|known| known.document.is_unseen()) {
                lacking.insert((policy.arn.clone(), policy.origin));
            }
        }
    }
    lacking.retain(|(arn, _)| arn.starts_with("arn:aws:iam::aws:policy/"));
    if lacking.is_empty() {
        return;
    }
    let published: BTreeMap<String, Published> =
        serde_json::from_str(DOCUMENTS).unwrap_or_default();
    for (arn, origin) in lacking {
        let Some(one) = published.get(&arn) else {
            continue;
        };
        let text = format!("{:#}", one.document);
        let Ok(source) = sources.add(&arn, text.as_bytes()) else {
            continue;
        };
        let root = sources.roots(source).first().map(|root| root.origin());
        let document = root.map(|root| policy::read(sources, root, Some(arn.clone())));
        if let Some(Ok(document)) = document {
            let policy = ManagedPolicy {
                arn: arn.clone(),
                origin,
                document: Fact::Known(document),
                assumed: Some(one.updated.clone()),
            };
            graph.policies.insert(arn, policy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_a_policy() {
        let published: BTreeMap<String, Published> = serde_json::from_str(DOCUMENTS).unwrap();
        assert!(published.len() > 30);
        for (arn, one) in published {
            let mut sources = Sources::new();
            let source = sources
                .add(&arn, one.document.to_string().as_bytes())
                .unwrap();
            let root = sources.roots(source)[0].origin();
            policy::read(&mut sources, root, None).unwrap();
            assert_eq!(one.updated.len(), 10, "{arn}");
        }
    }
}
