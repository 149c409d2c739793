//! Stages and their conditions.
//!
//! Shape: <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StageDeclaration.html>

use super::action::{self, Step};
use super::{is_open, list, required};
use crate::graph::{Action, Gate, GatePosition, Stage, StageCondition};
use crate::load::reader::Reading;
use crate::source::Origin;

pub(super) fn read_all(reading: &mut Reading<'_>, structure: Origin) -> Vec<Stage> {
    let stages = list(reading, structure, "stages", "the pipeline");
    if stages.is_empty() && !hangs_on_unknown(reading, structure, "stages") {
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

/// Whether a list is empty only because a template leaves it, or what is in it, open.
fn hangs_on_unknown(reading: &Reading<'_>, map: Origin, key: &str) -> bool {
    let Some(list) = reading.member(map, key) else {
        return false;
    };
    let entries = reading.list(map, key).unwrap_or_default();
    is_open(reading, list) || !entries.is_empty()
}

fn read(reading: &mut Reading<'_>, stage: Origin) -> Option<Stage> {
    let name = required(reading, stage, "name", "the stage", "a name");
    let which = name.as_ref().map_or_else(
        || "the stage".to_owned(),
        |name| format!("stage `{}`", name.text),
    );
    let actions = list(reading, stage, "actions", &which);
    if actions.is_empty() && !hangs_on_unknown(reading, stage, "actions") {
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
