//! What of CDK's bootstrap stack stood in for what no input holds.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Decided, Finding, Label, ReportLayer};
use super::group::Denial;
use super::layers::holder;
use super::run::all_affected;
use super::text;
use crate::graph::{Graph, StandIn};
use crate::rules::{Catalogue, Certainty, Party, Requirement, Severity, Site};

/// What a run has relied on, each with the requirements that it is part of.
#[derive(Debug, Default)]
pub(super) struct Bootstrap {
    relied_on: BTreeMap<String, Reliance>,
}

#[derive(Debug, Default)]
struct Reliance {
    callers: BTreeSet<String>,
    sites: BTreeSet<Site>,
}

/// The ARN of the role, bucket or repository, if it stands in for one that no input holds.
pub(super) fn assumed<'g>(graph: &'g Graph, arn: &str) -> Option<(&'g str, &'g StandIn)> {
    if let Some((arn, store)) = graph.stand_ins.get_key_value(arn) {
        return Some((arn, store));
    }
    // Asked of every resource, and few are roles.
    let role = graph.role(arn.contains(":role/").then_some(arn)?);
    let role = role.known().copied()?;
    Some((&role.arn, role.assumed.as_ref()?))
}

/// What an organization changed about its bootstrap stack nobody has said, so what it lacks is no fact.
pub(super) fn temper(graph: &Graph, denials: &mut [Denial]) {
    for denial in denials {
        let whose = match denial.layer {
            ReportLayer::Trust | ReportLayer::BucketPolicy | ReportLayer::ResourcePolicy => {
                holder(&denial.requirement)
            }
            ReportLayer::Identity | ReportLayer::Boundary => denial.principal(),
            _ => continue,
        };
        if assumed(graph, &whose).is_some() {
            denial.certainty = denial.certainty.max(Certainty::Conditional);
        }
    }
}

impl Bootstrap {
    /// Adds what calls or is called on.
    pub(super) fn add(&mut self, graph: &Graph, needed: &[Requirement]) {
        for requirement in needed {
            let caller = match &requirement.caller {
                Party::Role(role) => role.arn.as_str(),
                _ => "",
            };
            for arn in [caller, &holder(requirement)] {
                if let Some((arn, _)) = assumed(graph, arn) {
                    let reliance = self.relied_on.entry(arn.to_owned()).or_default();
                    let name = requirement.caller.name().to_owned();
                    reliance.callers.insert(name);
                    reliance.sites.insert(requirement.site);
                }
            }
        }
    }

    /// One note for each account, with what its roles are taken to trust.
    pub(super) fn findings(&self, graph: &Graph, catalogue: &Catalogue) -> Vec<Finding> {
        let Some(rule) = catalogue.findings.get("bootstrap-role-assumed") else {
            return Vec::new();
        };
        let mut stacks: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for arn in self.relied_on.keys() {
            if let Some((arn, of)) = assumed(graph, arn) {
                let stack = (of.account.as_str(), of.version.as_str());
                stacks.entry(stack).or_default().push(arn);
            }
        }
        let finding = |((account, version), roles): (&(&str, &str), &Vec<&str>)| {
            let known = roles.iter().filter_map(|arn| assumed(graph, arn));
            let trusts: BTreeSet<&str> = known
                .flat_map(|(_, of)| of.trusts.iter().map(String::as_str))
                .collect();
            let trusts: Vec<&str> = trusts.into_iter().collect();
            let detail = match trusts.as_slice() {
                [] => (*version).to_owned(),
                trusts => format!("{version}, made with `--trust {}`", trusts.join(",")),
            };
            let reliances = || roles.iter().filter_map(|arn| self.relied_on.get(*arn));
            let principals: BTreeSet<&String> =
                reliances().flat_map(|reliance| &reliance.callers).collect();
            let principals: Vec<String> = principals.into_iter().cloned().collect();
            let resources: Vec<String> = roles.iter().map(|&arn| arn.to_owned()).collect();
            let sites = reliances().flat_map(|reliance| reliance.sites.iter().copied());
            let affects = all_affected(graph, sites);
            let words = text::Words {
                principals: &principals,
                operations: &[],
                resources: &resources,
                affects: &affects,
                layer: ReportLayer::Identity,
                why: "",
                missing: account,
                detail: &detail,
            };
            let label = |arn: &&str| {
                let (_, of) = assumed(graph, arn)?;
                Some(Label {
                    origin: of.named,
                    text: format!("taken as in {}", of.version),
                })
            };
            Finding {
                missing: vec![format!(
                    "the bootstrap roles of account `{account}`: export them with `aws iam get-account-authorization-details`"
                )],
                ..words.finding(
                    rule,
                    rule.severity.min(Severity::Note),
                    Decided::Undecided,
                    roles.iter().filter_map(label).collect(),
                )
            }
        };
        stacks.iter().map(finding).collect()
    }
}
