//! Principals that no longer exist: AWS keeps the unique id of a deleted role or user in every policy that named it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use std::collections::BTreeSet;

use super::finding::Label;
use super::layers::{holder, own_policy};
use super::structure::{Breach, Walk};
use super::text;
use crate::graph::{Effect, Graph, Policy, Principal, PrincipalKind};
use crate::rules::{Certainty, Requirement};

/// Beginnings of unique ids of roles, users and groups.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes>
const PREFIXES: [&str; 3] = ["AROA", "AIDA", "AGPA"];

/// Policies that decide over a requirement and name somebody who was deleted.
pub(super) fn principals(walk: &mut Walk<'_>, needed: &[Requirement]) {
    let mut seen = BTreeSet::new();
    for requirement in needed {
        let Some(policy) = own_policy(walk.graph, requirement) else {
            continue;
        };
        let dangling = dangling(walk.graph, policy);
        if dangling.is_empty() {
            continue;
        }
        let principal = requirement.caller.name().to_owned();
        let resource = holder(requirement);
        let site = requirement.site;
        if !seen.insert((resource.clone(), principal.clone(), site.action)) {
            continue;
        }
        let ids = text::unique(
            dangling
                .iter()
                .map(|principal| principal.value.text.clone()),
        );
        let labels = dangling
            .iter()
            .map(|principal| Label {
                origin: principal.value.origin,
                text: "the id of a role or user that was deleted".to_owned(),
            })
            .chain([Label {
                origin: site.origin,
                text: format!("needed {}", requirement.why),
            }])
            .collect();
        walk.breaches.push(Breach {
            rule: "deleted-principal",
            principal,
            resource,
            operations: Vec::new(),
            detail: text::join(&ids),
            certainty: Certainty::Necessary,
            site,
            labels,
        });
    }
}

/// The principals of a policy that are gone and matter: whom it lets in, and whom it excepts from a Deny.
fn dangling<'p>(graph: &Graph, policy: &'p Policy) -> Vec<&'p Principal> {
    let matters = policy.statements.iter().filter_map(|statement| {
        let principals = statement.principals.as_ref()?;
        ((statement.effect == Effect::Allow) != principals.not).then_some(principals)
    });
    matters
        .flat_map(|principals| &principals.any_of)
        .filter(|principal| {
            let id = principal.value.text.as_str();
            let owned = |known: &Option<String>| known.as_deref() == Some(id);
            principal.kind == PrincipalKind::Aws
                && is_unique_id(id)
                && !graph.roles.values().any(|role| owned(&role.unique_id))
        })
        .collect()
}

fn is_unique_id(text: &str) -> bool {
    PREFIXES.iter().any(|prefix| text.starts_with(prefix))
        && text.len() >= 16
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::is_unique_id;

    #[test]
    fn unique_ids_are_told_from_names() {
        assert!(is_unique_id("AROAUIVLNXAJOC7ND2D7H"));
        assert!(is_unique_id("AIDA524WNXFZRLB4YWBKR"));
        for other in [
            "arn:aws:iam::111111111111:role/AROAUIVLNXAJOC7ND2D7H",
            "111111111111",
            "*",
            "AROA",
            "AROA*",
        ] {
            assert!(!is_unique_id(other), "{other}");
        }
    }
}
