//! AWS's own managed policies whose documents stood in for what no input holds.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Decided, Finding, Label, ReportLayer};
use super::run::all_affected;
use super::text;
use crate::graph::{Arn, AttachedPolicy, Fact, Graph};
use crate::rules::{Catalogue, Party, Requirement, Severity};
use crate::source::Origin;

/// The policies a run has relied on, each with the requirements of those who have it.
#[derive(Debug, Default)]
pub(super) struct Assumed {
    policies: BTreeMap<String, Reliance>,
}

#[derive(Debug, Default)]
struct Reliance {
    updated: String,
    attached: Option<Origin>,
    callers: BTreeSet<String>,
    sites: BTreeSet<crate::rules::Site>,
}

impl Assumed {
    /// Adds the policies of those who call.
    pub(super) fn add(&mut self, graph: &Graph, needed: &[Requirement]) {
        for requirement in needed {
            for policy in policies(graph, &requirement.caller) {
                let known = graph.policy(&policy.arn);
                let Some(updated) = known.known().and_then(|known| known.assumed.clone()) else {
                    continue;
                };
                let reliance = self.policies.entry(policy.arn.clone()).or_default();
                reliance.updated = updated;
                reliance.attached = reliance.attached.or(Some(policy.origin));
                reliance
                    .callers
                    .insert(requirement.caller.name().to_owned());
                reliance.sites.insert(requirement.site);
            }
        }
    }

    /// One note for each.
    pub(super) fn findings(&self, graph: &Graph, catalogue: &Catalogue) -> Vec<Finding> {
        let Some(rule) = catalogue.findings.get("managed-policy-assumed") else {
            return Vec::new();
        };
        let finding = |(arn, reliance): (&String, &Reliance)| {
            let principals: Vec<String> = reliance.callers.iter().cloned().collect();
            let resources = vec![arn.clone()];
            let affects = all_affected(graph, reliance.sites.iter().copied());
            let words = text::Words {
                principals: &principals,
                operations: &[],
                resources: &resources,
                affects: &affects,
                layer: ReportLayer::Identity,
                why: "",
                missing: "",
                detail: &reliance.updated,
            };
            let label = |origin| Label {
                origin,
                text: format!("taken as it was on {}", reliance.updated),
            };
            Finding {
                missing: vec![format!(
                    "the document of `{arn}`: export it with `aws iam get-account-authorization-details`"
                )],
                ..words.finding(
                    rule,
                    rule.severity.min(Severity::Note),
                    Decided::Undecided,
                    reliance.attached.map(label).into_iter().collect(),
                )
            }
        };
        self.policies.iter().map(finding).collect()
    }
}

/// The managed policies of a role, or of a user and its groups.
fn policies<'g>(graph: &'g Graph, caller: &Party) -> Vec<&'g AttachedPolicy> {
    let mut found: Vec<&AttachedPolicy> = Vec::new();
    if let Party::Role(party) = caller
        && let Fact::Known(role) = graph.role(&party.arn)
        // What stands in for a role as a whole is told of as a whole.
        && role.assumed.is_none()
    {
        found.extend(role.attached.known().into_iter().flatten());
        found.extend(role.boundary.known());
    }
    if let Party::User(party) = caller
        && let Fact::Known(user) = graph.user(&party.arn)
    {
        found.extend(user.attached.known().into_iter().flatten());
        found.extend(user.boundary.known());
        let account = Arn::parse(&user.arn).map(|arn| arn.account);
        for name in user.groups.known().into_iter().flatten() {
            let group = account
                .as_ref()
                .and_then(|account| graph.group(account, name));
            found.extend(
                group
                    .into_iter()
                    .flat_map(|group| group.attached.known().into_iter().flatten()),
            );
        }
    }
    found
}
