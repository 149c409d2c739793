//! Where source actions stand, and what triggers name.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html>

use super::{Refusal, Walk, label};
use crate::graph::{Action, has_symbol, may_be_equal};

pub(super) fn check(walk: &mut Walk<'_>) {
    let pipeline = walk.pipeline;
    let mut only_sources = true;
    for (stage_index, stage) in pipeline.stages.iter().enumerate() {
        for (action_index, action) in stage.actions.iter().enumerate() {
            let is_source = is_source(action);
            only_sources &= is_source;
            if has_symbol(&action.type_id.category) {
                continue;
            }
            let (rule, text) = match (stage_index, is_source) {
                (0, false) => ("first-stage-not-source", "not a source action"),
                (1.., true) => ("source-outside-first-stage", "not in the first stage"),
                _ => continue,
            };
            let refusal = Refusal {
                rule,
                resource: action.name.text.clone(),
                detail: format!("`{}`", stage.name.text),
                labels: vec![label(action.type_origin, text)],
            };
            walk.refuse(Some((stage_index, action_index)), refusal);
        }
    }
    if only_sources {
        let refusal = Refusal {
            rule: "only-source-actions",
            resource: pipeline.name.text.clone(),
            detail: String::new(),
            labels: vec![label(pipeline.name.origin, "only source actions")],
        };
        walk.refuse(None, refusal);
    }
    for trigger in &pipeline.triggers {
        let Some(named) = &trigger.source_action else {
            continue;
        };
        let mut actions = pipeline.stages.iter().flat_map(|stage| &stage.actions);
        let found = actions.find(|action| action.name.text == named.text && is_source(action));
        let open = has_symbol(&named.text)
            || pipeline
                .stages
                .iter()
                .flat_map(|stage| &stage.actions)
                .any(|action| {
                    has_symbol(&action.name.text) && may_be_equal(&action.name.text, &named.text)
                });
        if open {
            continue;
        }
        if found.is_some_and(|action| action.type_id.provider == "CodeStarSourceConnection") {
            continue;
        }
        let mut labels = vec![label(
            named.origin,
            if found.is_some() {
                "this action has no connection"
            } else {
                "there is no source action of this name"
            },
        )];
        labels.extend(found.map(|action| label(action.type_origin, "not a connection")));
        let refusal = Refusal {
            rule: "trigger-without-connection",
            resource: super::names::in_brief(&named.text),
            detail: String::new(),
            labels,
        };
        walk.refuse(None, refusal);
    }
}

fn is_source(action: &Action) -> bool {
    action.type_id.category == "Source"
}
