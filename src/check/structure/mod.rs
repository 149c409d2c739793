//! What no policy could ever allow: faults of the pipeline's own structure, and what AWS refuses of it at once.
//!
//! In: one pipeline with its requirements. Out: breaches, and one finding for each cause among them. Does not know how AWS
//! decides about permissions; what AWS takes of one provider's actions is data in `rules/providers`.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html>,
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html>

mod absent;
mod action;
mod bounds;
mod conditions;
pub(super) mod configuration;
mod findings;
mod limits;
mod members;
mod names;
mod namespaces;
mod roles;
mod sources;
mod version;

pub(super) use findings::{findings, unseen_organizations};
pub(super) use roles::no_role;

use super::deleted;
use super::finding::Label;
use super::store;
use super::trigger;
use super::undecided::Gap;
use crate::graph::{Action, Graph, Pipeline, account_in};
use crate::rules::{Catalogue, Certainty, Purpose, Requirement, Site, home_region};
use crate::source::Origin;

/// One fault at one place.
#[derive(Debug, Clone)]
pub(super) struct Breach {
    /// The rule's id.
    pub(super) rule: &'static str,
    /// The role that would act.
    pub(super) principal: String,
    /// The thing that cannot be.
    pub(super) resource: String,
    /// What could not be done, where an operation stands for it.
    pub(super) operations: Vec<String>,
    /// A clause for the message.
    pub(super) detail: String,
    /// How certain that is.
    pub(super) certainty: Certainty,
    /// Where it breaks.
    pub(super) site: Site,
    /// Where it is written, the line to blame first.
    pub(super) labels: Vec<Label>,
}

/// A breach of what AWS takes, before it is known who acts there.
struct Refusal {
    rule: &'static str,
    resource: String,
    detail: String,
    labels: Vec<Label>,
}

fn label(origin: Origin, text: impl Into<String>) -> Label {
    Label {
        origin,
        text: text.into(),
    }
}

/// A walk over one pipeline.
pub(super) struct Walk<'a> {
    pub(super) graph: &'a Graph,
    pub(super) catalogue: &'a Catalogue,
    pub(super) index: usize,
    pub(super) pipeline: &'a Pipeline,
    pub(super) home: Option<String>,
    pub(super) breaches: Vec<Breach>,
    /// What could not be decided on the way.
    pub(super) gaps: Vec<Gap>,
}

/// What a walk over one pipeline brings.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) breaches: Vec<Breach>,
    /// Roles that policies name and that are not there; a denial at the same place says more.
    pub(super) not_yet: Vec<Breach>,
    /// What could not be decided on the way.
    pub(super) gaps: Vec<Gap>,
}

/// Faults that only what is not there makes: a stage or action that a template leaves open may mend them.
const OF_WHAT_IS_NOT_THERE: &[&str] = &[
    "artifact-count",
    "first-stage-not-source",
    "member-missing",
    "only-source-actions",
    "source-outside-first-stage",
    "structure-limit",
    "trigger-without-connection",
    "unknown-input-artifact",
    "variable-namespace-unknown",
];

/// All structural faults of a pipeline.
pub(super) fn faults(
    graph: &Graph,
    catalogue: &Catalogue,
    index: usize,
    needed: &[Requirement],
) -> Faults {
    let Some(pipeline) = graph.pipelines.get(index) else {
        return Faults::default();
    };
    let home = home_region(graph, pipeline);
    let mut walk = Walk {
        graph,
        catalogue,
        index,
        pipeline,
        home,
        breaches: Vec::new(),
        gaps: Vec::new(),
    };
    walk.roles(needed);
    walk.absent(needed);
    walk.passes(needed);
    limits::check(&mut walk);
    names::check(&mut walk);
    sources::check(&mut walk);
    members::check(&mut walk);
    conditions::check(&mut walk);
    version::check(&mut walk);
    namespaces::check(&mut walk);
    for (stage_index, stage) in pipeline.stages.iter().enumerate() {
        for (action_index, action) in stage.steps().enumerate() {
            walk.action((stage_index, action_index), action);
            bounds::check(&mut walk, (stage_index, action_index), action);
            walk.inputs((stage_index, action_index), action, needed);
        }
    }
    store::stores(&mut walk);
    store::artifacts(&mut walk, needed);
    deleted::principals(&mut walk, needed);
    trigger::starts(&mut walk);
    trigger::resources(&mut walk);
    if !pipeline.open.is_empty() {
        let told = |breach: &Breach| !OF_WHAT_IS_NOT_THERE.contains(&breach.rule);
        walk.breaches.retain(told);
    }
    Faults {
        not_yet: deleted::not_yet(&walk, needed),
        breaches: walk.breaches,
        gaps: walk.gaps,
    }
}

impl<'a> Walk<'a> {
    pub(super) fn site(&self, action: Option<(usize, usize)>, origin: Origin) -> Site {
        Site {
            pipeline: self.index,
            action,
            origin,
        }
    }

    /// The role that acts in an action.
    pub(super) fn acting(&self, action: &'a Action) -> &'a str {
        action
            .role_arn
            .as_ref()
            .map_or(self.pipeline.role_arn.text.as_str(), |role| {
                role.text.as_str()
            })
    }

    pub(super) fn acting_account(&self, action: &'a Action) -> String {
        let account = account_in(self.acting(action));
        account.unwrap_or(&self.pipeline.account).to_owned()
    }

    pub(super) fn push(
        &mut self,
        rule: &'static str,
        principal: &str,
        resource: &str,
        detail: String,
        labels: Vec<Label>,
        site: Site,
    ) {
        self.breaches.push(Breach {
            rule,
            principal: principal.to_owned(),
            resource: resource.to_owned(),
            operations: Vec::new(),
            detail,
            certainty: Certainty::Necessary,
            site,
            labels,
        });
    }

    /// Notes what AWS refuses of an action, a rule, or the pipeline as a whole.
    fn refuse(&mut self, at: Option<(usize, usize)>, refusal: Refusal) {
        let Refusal {
            rule,
            resource,
            detail,
            labels,
        } = refusal;
        let step = at.and_then(|(stage, step)| self.pipeline.stages.get(stage)?.step(step));
        let principal = step
            .map_or(self.pipeline.role_arn.text.as_str(), |step| {
                self.acting(step)
            })
            .to_owned();
        let origin = labels
            .first()
            .map_or(self.pipeline.name.origin, |label| label.origin);
        let site = self.site(at, origin);
        self.push(rule, &principal, &resource, detail, labels, site);
    }

    /// Every action and rule with its place.
    fn steps(&self) -> Vec<((usize, usize), &'a Action)> {
        let stages = self.pipeline.stages.iter().enumerate();
        stages
            .flat_map(|(stage, one)| {
                one.steps()
                    .enumerate()
                    .map(move |(step, action)| ((stage, step), action))
            })
            .collect()
    }
}

/// Whether an action can run in the pipeline's own Region only.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html>
pub(super) fn is_local(action: &Action) -> bool {
    action.type_id.category == "Source" || action.type_id.owner != "AWS"
}

/// Whether a requirement is about artifact objects.
pub(super) fn is_artifact(requirement: &Requirement) -> bool {
    requirement.purpose == Purpose::Artifact
}
