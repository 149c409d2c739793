//! What keeps a pipeline from starting by itself, or makes it start twice, whatever any policy says.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/change-detection-methods.html>

use super::finding::Label;
use super::structure::{Breach, Walk};
use crate::rules::{
    Certainty, EventSource, Obstacle, Taken, Trigger, event_sources, triggers, unusable,
};
use crate::source::Origin;

/// Checks how the pipeline comes to start.
pub(super) fn starts(walk: &mut Walk<'_>) {
    let sources = event_sources(walk.graph, walk.catalogue, walk.pipeline);
    let triggers = triggers(walk.graph, walk.pipeline, &sources);
    for trigger in &triggers {
        match (trigger.obstacle(walk.pipeline), trigger.rule.disabled) {
            (Some(obstacle), _) => barred(walk, trigger, obstacle),
            (None, Some(state)) => disabled(walk, trigger, state.origin),
            (None, None) => twice(walk, trigger, &sources),
        }
    }
    for source in sources
        .iter()
        .filter(|source| source.polls && source.disputed)
    {
        polled_from_afar(walk, source);
    }
}

/// A rule that cannot reach its target.
fn barred(walk: &mut Walk<'_>, trigger: &Trigger<'_>, obstacle: Obstacle) {
    let target = label(trigger.target.arn.origin, "the target");
    let (detail, labels) = match (obstacle, trigger.target.role) {
        (Obstacle::ForeignPipeline, _) => (
            "a pipeline can only be a target of rules of its own account",
            vec![label(
                trigger.target.arn.origin,
                "a pipeline of another account",
            )],
        ),
        (Obstacle::ForeignRole, Some(role)) => (
            "the role of its target belongs to another account, and roles can only be passed inside their own",
            vec![label(role.origin, "a role of another account"), target],
        ),
        (Obstacle::NoRole | Obstacle::ForeignRole, _) => (
            "its target has no role, without which EventBridge starts no pipeline",
            vec![label(trigger.target.arn.origin, "a target without a role")],
        ),
    };
    let detail = detail.to_owned();
    push(walk, "event-rule-barred", trigger, detail, labels);
}

fn disabled(walk: &mut Walk<'_>, trigger: &Trigger<'_>, state: Origin) {
    let labels = vec![
        label(state, "it takes no event"),
        label(trigger.target.arn.origin, "what it would reach"),
    ];
    push(walk, "event-rule-disabled", trigger, String::new(), labels);
}

/// A change that CodePipeline finds by polling, and hears of by an event as well, starts the pipeline twice.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/PollForSourceChanges-defaults.html>
fn twice(walk: &mut Walk<'_>, trigger: &Trigger<'_>, sources: &[EventSource<'_>]) {
    let pairs = sources.iter().zip(&trigger.takes);
    for (source, _) in pairs.filter(|(_, taken)| trigger.starts && **taken == Taken::Yes) {
        let Some(key) = source.polling.filter(|_| source.polls) else {
            continue;
        };
        let written = source.action.configuration.get(key);
        let origin = written.map_or(source.action.name.origin, |value| value.origin);
        walk.breaches.push(Breach {
            rule: "started-twice",
            principal: walk.acting(source.action).to_owned(),
            resource: trigger.rule.resource.arn.clone(),
            operations: Vec::new(),
            detail: format!("`{key}`"),
            certainty: Certainty::Necessary,
            site: walk.site(Some(source.indices), source.action.name.origin),
            labels: vec![
                label(origin, "polled, as long as nothing says `false`"),
                label(trigger.target.arn.origin, "started by an event as well"),
            ],
        });
    }
}

fn polled_from_afar(walk: &mut Walk<'_>, source: &EventSource<'_>) {
    let action = source.action;
    let key = source.polling.unwrap_or_default();
    let written = action.configuration.get(key);
    let mut labels = vec![label(
        written.map_or(action.name.origin, |value| value.origin),
        "polled, as long as nothing says `false`",
    )];
    if let Some(role) = &action.role_arn {
        labels.push(label(role.origin, "a role of another account"));
    }
    let principal = walk.acting(action).to_owned();
    let site = walk.site(Some(source.indices), action.name.origin);
    let resource = action.type_id.to_string();
    let detail = format!("`{key}`");
    walk.push(
        "foreign-source-polled",
        &principal,
        &resource,
        detail,
        labels,
        site,
    );
}

/// Resources of every action that cannot work as they are.
pub(super) fn resources(walk: &mut Walk<'_>) {
    let pipeline = walk.pipeline;
    for (stage_index, stage) in pipeline.stages.iter().enumerate() {
        for (index, action) in stage.steps().enumerate() {
            let site = walk.site(Some((stage_index, index)), action.name.origin);
            let principal = walk.acting(action).to_owned();
            for found in unusable(walk.graph, walk.catalogue, pipeline, action) {
                let works: Vec<String> = found.works.iter().map(|one| format!("`{one}`")).collect();
                let detail = format!(
                    "its `{}` is `{}`, and only {} works",
                    found.member,
                    found.value.text,
                    works.join(" or ")
                );
                let labels = vec![
                    label(found.value.origin, "it does not work in this state"),
                    label(action.name.origin, "this action needs it"),
                ];
                let resource = &found.resource.arn;
                walk.push(
                    "resource-not-ready",
                    &principal,
                    resource,
                    detail,
                    labels,
                    site,
                );
            }
        }
    }
}

fn push(
    walk: &mut Walk<'_>,
    rule: &'static str,
    trigger: &Trigger<'_>,
    detail: String,
    labels: Vec<Label>,
) {
    let role = trigger.target.role;
    let principal = role.map_or("events.amazonaws.com", |role| &role.text);
    let site = walk.site(None, trigger.target.arn.origin);
    let resource = trigger.rule.resource.arn.clone();
    walk.push(rule, principal, &resource, detail, labels, site);
}

fn label(origin: Origin, text: &str) -> Label {
    Label {
        origin,
        text: text.to_owned(),
    }
}
