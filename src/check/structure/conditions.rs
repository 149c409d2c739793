//! What AWS refuses of a stage's conditions.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html>

use super::{Refusal, Walk, label};
use crate::check::finding::Label;
use crate::graph::{Gate, GatePosition, Stage, Text};
use crate::rules::Certainty;

/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_Condition.html>
const RESULTS: [&str; 4] = ["ROLLBACK", "FAIL", "RETRY", "SKIP"];
const RETRY_MODES: [&str; 2] = ["FAILED_ACTIONS", "ALL_ACTIONS"];

/// The rules whose outcome may let a stage be skipped.
const SKIPPING: [&str; 2] = ["LambdaInvoke", "VariableCheck"];

pub(super) fn check(walk: &mut Walk<'_>) {
    for (index, stage) in walk.pipeline.stages.iter().enumerate() {
        for gate in &stage.gates {
            walk.gate((index, stage), gate);
        }
    }
}

/// The results a position is documented to have.
fn results(position: GatePosition) -> &'static [&'static str] {
    match position {
        GatePosition::BeforeEntry => &["FAIL", "SKIP"],
        GatePosition::OnSuccess => &["ROLLBACK", "FAIL"],
        GatePosition::OnFailure => &["ROLLBACK", "RETRY"],
    }
}

impl<'a> Walk<'a> {
    fn gate(&mut self, (index, stage): (usize, &'a Stage), gate: &'a Gate) {
        let member = gate.position.member();
        let of_conditions = gate.conditions.iter().map(|condition| &condition.result);
        for result in of_conditions.chain([&gate.result]).flatten() {
            self.result(stage, gate, result);
        }
        if let Some(mode) = &gate.retry_mode {
            self.known(None, "retryMode", mode, &RETRY_MODES);
        }
        if let Some(result) = gate.result.as_ref().filter(|_| !gate.conditions.is_empty()) {
            let detail = format!("`{member}` has both a `result` of its own and `conditions`");
            let labels = vec![label(result.origin, "`conditions` are there as well")];
            self.refuse_condition(stage, detail, labels);
        }
        for condition in &gate.conditions {
            let skips = condition.result.as_ref();
            let Some(skips) = skips.filter(|result| result.text == "SKIP") else {
                continue;
            };
            for rule in condition.rules.clone() {
                let Some(one) = stage.rules.get(rule) else {
                    continue;
                };
                if SKIPPING.contains(&one.type_id.provider.as_str()) {
                    continue;
                }
                let refusal = Refusal {
                    rule: "condition-not-allowed",
                    resource: stage.name.text.clone(),
                    detail: format!(
                        "the result `SKIP` goes with the rules `LambdaInvoke` and `VariableCheck` only, not with `{}`",
                        one.type_id.provider
                    ),
                    labels: vec![
                        label(one.type_origin, "no rule for `SKIP`"),
                        label(skips.origin, "the result"),
                    ],
                };
                self.refuse(Some((index, stage.actions.len() + rule)), refusal);
            }
        }
    }

    fn result(&mut self, stage: &'a Stage, gate: &'a Gate, result: &'a Text) {
        let member = gate.position.member();
        let allowed = results(gate.position);
        if !RESULTS.contains(&result.text.as_str()) {
            self.known(None, "result", result, allowed);
            return;
        }
        if !allowed.contains(&result.text.as_str()) {
            let words = super::configuration::all(allowed.iter().copied());
            let detail = format!("`{member}` has the result `{}`, not {words}", result.text);
            let labels = vec![label(result.origin, format!("expected {words}"))];
            self.refuse_condition(stage, detail, labels);
            // AWS has given failures new results before, and the API takes every word everywhere.
            if gate.position == GatePosition::OnFailure
                && let Some(breach) = self.breaches.last_mut()
            {
                breach.certainty = Certainty::Conditional;
            }
        }
        let mode = self.pipeline.execution_mode.as_ref();
        if let Some(mode) = mode.filter(|mode| mode.text == "PARALLEL")
            && result.text == "ROLLBACK"
            && allowed.contains(&"ROLLBACK")
        {
            let detail = "a pipeline in `PARALLEL` mode cannot roll back".to_owned();
            let labels = vec![
                label(result.origin, "rolls back"),
                label(mode.origin, "nothing to roll back to"),
            ];
            self.refuse_condition(stage, detail, labels);
        }
    }

    fn refuse_condition(&mut self, stage: &Stage, detail: String, labels: Vec<Label>) {
        let refusal = Refusal {
            rule: "condition-not-allowed",
            resource: stage.name.text.clone(),
            detail,
            labels,
        };
        self.refuse(None, refusal);
    }
}
