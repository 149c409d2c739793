//! How many of everything AWS takes.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html>

use super::{Refusal, Walk, label};
use crate::graph::{Action, has_symbol};
use crate::rules::{Count, Provider};
use crate::source::Origin;

/// What there may be how many of, beside an action's configuration.
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html>
const LISTS: [(&str, usize); 3] = [
    ("commands", 50),
    ("environmentVariables", 10),
    ("outputVariables", 15),
];
const FILES: usize = 10;

const STAGES: Count = Count { min: 2, max: 50 };
const ACTIONS: usize = 50;
const VARIABLES: usize = 50;
const TRIGGERS: usize = 50;
const RULES: Count = Count { min: 1, max: 5 };
const CONDITIONS: Count = Count { min: 1, max: 1 };

/// Minutes that an approval may wait; the same for a rule.
const TIMEOUT: std::ops::RangeInclusive<u32> = 5..=86400;

pub(super) fn check(walk: &mut Walk<'_>) {
    let pipeline = walk.pipeline;
    let name = pipeline.name.origin;
    let whose = format!("the pipeline `{}`", pipeline.name.text);
    walk.count(None, &whose, "stages", pipeline.stages.len(), STAGES, name);
    let most = |max| Count { min: 0, max };
    let variables = pipeline.variables.len();
    walk.count(None, &whose, "variables", variables, most(VARIABLES), name);
    let triggers = pipeline.triggers.len();
    walk.count(None, &whose, "triggers", triggers, most(TRIGGERS), name);
    for (index, stage) in pipeline.stages.iter().enumerate() {
        let whose = format!("the stage `{}`", stage.name.text);
        let origin = stage.name.origin;
        let actions = stage.actions.len();
        walk.count(None, &whose, "actions", actions, most(ACTIONS), origin);
        for gate in &stage.gates {
            let whose = format!(
                "`{}` of the stage `{}`",
                gate.position.member(),
                stage.name.text
            );
            let found = gate.conditions.len();
            // `onFailure` may say its result alone.
            let alone = found == 0 && (gate.result.is_some() || gate.retry_mode.is_some());
            if !alone {
                walk.count(None, &whose, "conditions", found, CONDITIONS, gate.origin);
            }
            for condition in &gate.conditions {
                let at = (!condition.rules.is_empty())
                    .then_some((index, stage.actions.len() + condition.rules.start));
                let rules = condition.rules.len();
                walk.count(at, &whose, "rules", rules, RULES, condition.origin);
            }
        }
    }
    for (indices, step) in walk.steps() {
        walk.of_step(indices, step);
    }
}

impl<'a> Walk<'a> {
    fn of_step(&mut self, indices: (usize, usize), step: &'a Action) {
        let at = Some(indices);
        let whose = format!("`{}`", step.name.text);
        let origin = step.name.origin;
        for (list, max) in LISTS {
            let items = step.lists.get(list).map_or(0, Vec::len);
            self.count(at, &whose, list, items, Count { min: 0, max }, origin);
        }
        for (artifact, files) in &step.output_files {
            let whose = format!("the artifact `{artifact}`");
            let most = Count { min: 0, max: FILES };
            self.count(at, &whose, "files", files.len(), most, origin);
        }
        let Some(timeout) = &step.timeout else { return };
        if has_symbol(&timeout.text) {
            return;
        }
        let is_rule = step.type_id.category == "Rule";
        let fits = timeout
            .text
            .parse()
            .is_ok_and(|minutes: u32| TIMEOUT.contains(&minutes));
        let (rule, text) = if !fits {
            let text = format!("expected {} to {} minutes", TIMEOUT.start(), TIMEOUT.end());
            ("structure-limit", text)
        } else if step.type_id.category != "Approval" && !is_rule {
            ("timeout-ignored", "only approvals have one".to_owned())
        } else {
            return;
        };
        let refusal = Refusal {
            rule,
            resource: step.name.text.clone(),
            detail: format!(
                "`timeoutInMinutes` of {whose} is `{}`, where AWS takes {} to {}",
                super::names::in_brief(&timeout.text),
                TIMEOUT.start(),
                TIMEOUT.end()
            ),
            labels: vec![label(timeout.origin, text)],
        };
        self.refuse(at, refusal);
    }

    /// Artifacts of an action whose provider's file says how many there may be.
    /// <https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-action-artifacts.html>
    pub(super) fn artifact_counts(
        &mut self,
        indices: (usize, usize),
        action: &'a Action,
        provider: &'a Provider,
    ) {
        let both = [
            ("input", &action.inputs, provider.artifacts_in),
            ("output", &action.outputs, provider.artifacts_out),
        ];
        // The page counts the artifacts of actions; how many a rule takes is documented nowhere.
        let counted = action.type_id.category != "Rule";
        for (which, artifacts, count) in both {
            let Some(count) = count.filter(|_| counted) else {
                continue;
            };
            if (count.min..=count.max).contains(&artifacts.len()) {
                continue;
            }
            let origin = match artifacts.get(count.max) {
                Some(first_too_many) => first_too_many.origin,
                None => action.name.origin,
            };
            let found = artifacts.len();
            let text = format!("{found} {which} artifacts");
            let refusal = Refusal {
                rule: "artifact-count",
                resource: action.name.text.clone(),
                detail: format!(
                    "{} {which} artifacts, where `{}` takes {}",
                    found,
                    action.type_id,
                    range(count)
                ),
                labels: vec![label(origin, text)],
            };
            self.refuse(Some(indices), refusal);
        }
    }

    fn count(
        &mut self,
        at: Option<(usize, usize)>,
        whose: &str,
        what: &str,
        found: usize,
        count: Count,
        origin: Origin,
    ) {
        if (count.min..=count.max).contains(&found) {
            return;
        }
        let refusal = Refusal {
            rule: "structure-limit",
            resource: whose.replace('`', ""),
            detail: format!(
                "{whose} has {found} {what}, where AWS takes {}",
                range(count)
            ),
            labels: vec![label(origin, format!("{found} {what}"))],
        };
        self.refuse(at, refusal);
    }
}

fn range(count: Count) -> String {
    match (count.min, count.max) {
        (min, max) if min == max && max == 0 => "none".to_owned(),
        (min, max) if min == max => format!("exactly {max}"),
        (0, max) => format!("up to {max}"),
        (min, max) => format!("{min} to {max}"),
    }
}
