//! Stages and their conditions.
//!
//! Shape: <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StageDeclaration.html>

use super::action::{self, Step};
use super::{list, required};
use crate::graph::{Action, Gate, GatePosition, Stage, StageCondition};
use crate::load::reader::Reading;
use crate::source::Origin;

pub(super) fn read_all(reading: &mut Reading<'_>, structure: Origin) -> Vec<Stage> {
    let stages = reading.list(structure, "stages").unwrap_or_default();
    if stages.is_empty() {
        let at = reading.member(structure, "stages").unwrap_or(structure);
        reading.fail(
            at,
            "the pipeline has no stages: expected `stages`, a list of at least two",
        );
    }
    stages
        .into_iter()
        .filter_map(|stage| read(reading, stage))
        .collect()
}

fn read(reading: &mut Reading<'_>, stage: Origin) -> Option<Stage> {
    let name = required(reading, stage, "name", "the stage", "a name");
    let which = name.as_ref().map_or_else(
        || "the stage".to_owned(),
        |name| format!("stage `{}`", name.text),
    );
    let actions = reading.list(stage, "actions").unwrap_or_default();
    if actions.is_empty() {
        let at = reading.member(stage, "actions").unwrap_or(stage);
        reading.fail(
            at,
            format!("{which} has no actions: expected `actions`, a list of at least one"),
        );
    }
    let actions = actions
        .into_iter()
        .filter_map(|action| action::read(reading, action, Step::Action))
        .collect();
    let mut rules = Vec::new();
    let gates = GatePosition::ALL
        .into_iter()
        .filter_map(|position| read_gate(reading, stage, position, &which, &mut rules))
        .collect();
    Some(Stage {
        name: name?,
        actions,
        rules,
        gates,
    })
}

fn read_gate(
    reading: &mut Reading<'_>,
    stage: Origin,
    position: GatePosition,
    which: &str,
    rules: &mut Vec<Action>,
) -> Option<Gate> {
    let origin = reading.member(stage, position.member())?;
    let whose = format!("`{}` of {which}", position.member());
    let conditions = list(reading, origin, "conditions", &whose)
        .into_iter()
        .map(|condition| {
            let first = rules.len();
            for rule in list(reading, condition, "rules", &whose) {
                rules.extend(action::read(reading, rule, Step::Rule(position)));
            }
            StageCondition {
                origin: condition,
                result: reading.text(condition, "result"),
                rules: first..rules.len(),
            }
        })
        .collect();
    let retry_mode = reading
        .member(origin, "retryConfiguration")
        .and_then(|retry| reading.text(retry, "retryMode"));
    Some(Gate {
        position,
        origin,
        result: reading.text(origin, "result"),
        retry_mode,
        conditions,
    })
}
