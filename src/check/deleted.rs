//! Principals that do not exist: AWS keeps the unique id of a deleted role or user in every policy that named it, and takes
//! no policy that names a role which is not there yet.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use std::collections::BTreeSet;

use super::finding::Label;
use super::layers::{holder, own_policy, service_of};
use super::refused;
use super::structure::{Breach, Walk, no_role};
use super::text;
use crate::graph::{Effect, Fact, Graph, Policy, Principal, PrincipalKind};
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

/// Roles that a policy names and a complete export of their account does not contain. Trust, bucket and key policies are
/// refused as long as they name one: <https://github.com/awslabs/cdk-eks-blueprints/issues/329>
pub(super) fn not_yet(walk: &Walk<'_>, needed: &[Requirement]) -> Vec<Breach> {
    let mut seen = BTreeSet::new();
    let mut breaches = Vec::new();
    for requirement in needed {
        let refuses = matches!(service_of(&requirement.operation), "s3" | "kms" | "sts");
        let Some(policy) = own_policy(walk.graph, requirement).filter(|_| refuses) else {
            continue;
        };
        let absent = all_named(policy).filter(|principal| {
            let arn = principal.value.text.as_str();
            arn.contains(":role/")
                && !arn.contains(['*', '?'])
                && matches!(walk.graph.role(arn), Fact::Absent)
        });
        for principal in absent {
            let written = &principal.value;
            if !seen.insert((written.origin, requirement.site.action)) {
                continue;
            }
            breaches.push(Breach {
                rule: "role-missing",
                principal: written.text.clone(),
                resource: written.text.clone(),
                operations: Vec::new(),
                detail: no_role(refused::no_such(walk.graph, &written.text)),
                certainty: Certainty::Necessary,
                site: requirement.site,
                labels: vec![Label {
                    origin: written.origin,
                    text: "AWS takes no policy that names a role which does not exist".to_owned(),
                }],
            });
        }
    }
    breaches
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

/// Every principal that is named by an ARN or an id, in whatever kind of statement.
fn all_named(policy: &Policy) -> impl Iterator<Item = &Principal> {
    policy
        .statements
        .iter()
        .filter_map(|statement| statement.principals.as_ref())
        .flat_map(|principals| &principals.any_of)
        .filter(|principal| principal.kind == PrincipalKind::Aws)
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
