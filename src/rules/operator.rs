//! Whoever updates the pipeline: a caller by its ARN, and what it must be allowed.

use std::collections::BTreeSet;

use super::expand::{Expansion, Ground, purpose_of};
use super::variables::Scope;
use super::{Catalogue, Certainty, NamedParty, Party, Requirement, RequirementRule, Site};
use crate::graph::{Action, Arn, Graph};
use crate::source::Origin;

/// What people call it.
const TITLE: &str = "caller";

/// The caller behind the ARN of a role, a user, a session of a role, or the root user; `None` for everything else.
///
/// A session's ARN names its role without the path, but names are unique within an account:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
pub fn operator(graph: &Graph, arn: &str) -> Option<Party> {
    let parsed = Arn::parse(arn)?;
    let is_account =
        parsed.account.len() == 12 && parsed.account.bytes().all(|b| b.is_ascii_digit());
    if !is_account || !parsed.partition.starts_with("aws") || !parsed.region.is_empty() {
        return None;
    }
    let (kind, name) = parsed
        .resource
        .split_once('/')
        .unwrap_or((&parsed.resource, ""));
    let named = |arn: String, origin: Option<Origin>| NamedParty {
        arn,
        title: TITLE.to_owned(),
        origin: origin.unwrap_or(Origin::NOWHERE),
    };
    match (parsed.service.as_str(), kind, name) {
        ("iam", "root", "") => Some(Party::User(named(arn.to_owned(), None))),
        ("iam", "user", name) if !name.is_empty() => {
            let origin = graph.user(arn).known().map(|user| user.name_origin);
            Some(Party::User(named(arn.to_owned(), origin)))
        }
        ("iam", "role", name) if !name.is_empty() => {
            let origin = graph.role(arn).known().map(|role| role.name_origin);
            Some(Party::Role(named(arn.to_owned(), origin)))
        }
        ("sts", "assumed-role", name) => {
            let (name, _session) = name.split_once('/')?;
            let role = graph.roles.values().find(|role| {
                Arn::parse(&role.arn)
                    .is_some_and(|role| role.account == parsed.account && role.name() == name)
            });
            let arn = role.map_or_else(
                || {
                    format!(
                        "arn:{}:iam::{}:role/{name}",
                        parsed.partition, parsed.account
                    )
                },
                |role| role.arn.clone(),
            );
            Some(Party::Role(named(arn, role.map(|role| role.name_origin))))
        }
        _ => None,
    }
}

/// What the caller must be allowed to update the pipeline at `index`, which needs all of `needed` besides.
pub fn operator_requirements(
    graph: &Graph,
    catalogue: &Catalogue,
    index: usize,
    caller: &Party,
    needed: &[Requirement],
) -> Vec<Requirement> {
    let Some(pipeline) = graph.pipelines.get(index) else {
        return Vec::new();
    };
    let groups = needed.iter().filter_map(|one| one.alternatives);
    let mut expansion = Expansion {
        alternatives: groups.map(|one| one.group).max().unwrap_or_default(),
        ..Expansion::new(graph, catalogue, index, pipeline)
    };
    for rule in &catalogue.pipeline.update_pipeline {
        let role = rule
            .resources
            .iter()
            .any(|template| template.contains("${pipeline-role}"));
        let origin = if role {
            pipeline.role_arn.origin
        } else {
            pipeline.name.origin
        };
        expansion.operator(rule, caller, None, origin);
    }
    for (stage_index, stage) in pipeline.stages.iter().enumerate() {
        for (action_index, action) in stage.actions.iter().enumerate() {
            for rule in &catalogue.pipeline.update_action {
                let at = Some(((stage_index, action_index), action));
                expansion.operator(rule, caller, at, action.name.origin);
            }
        }
    }
    // That one name of an operation is enough, and the other of no use, is all that is known of these.
    for alternatives in expansion
        .requirements
        .iter_mut()
        .filter_map(|requirement| requirement.alternatives.as_mut())
    {
        alternatives.others_matter = false;
    }
    expansion.requirements
}

impl<'a> Expansion<'a> {
    fn operator(
        &mut self,
        rule: &RequirementRule,
        caller: &Party,
        at: Option<((usize, usize), &'a Action)>,
        origin: Origin,
    ) {
        let action = at.map(|(_, action)| action);
        // The caller's names are looked up where the action acts, if anywhere.
        let scope = Scope {
            action,
            ..self.scope()
        };
        let site = Site {
            pipeline: self.index,
            action: at.map(|(indices, _)| indices),
            origin,
        };
        self.put(
            rule,
            Ground {
                scope,
                doubt: BTreeSet::new(),
                purpose: purpose_of(rule),
                caller: caller.at(origin),
                certainty: Certainty::Necessary,
                site,
                action,
            },
        );
    }
}
