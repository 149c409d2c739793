//! What only pipelines of type `V2` have.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/pipeline-types.html>

use super::{Refusal, Walk, label};
use crate::check::text;
use crate::rules::PipelineType;
use crate::source::Origin;

/// Something that needs the newer type.
struct Feature {
    at: Option<(usize, usize)>,
    /// What people call it, as an object: `the pipeline has …`.
    what: String,
    origin: Origin,
    /// Whether AWS makes the pipeline a `V2` for it where no type is written.
    /// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html>
    turns: bool,
}

/// All features have one cause, the type, so they become one finding.
pub(super) fn check(walk: &mut Walk<'_>) {
    let written = walk.pipeline.pipeline_type.as_ref();
    let (rule, of_type) = match written.map(|written| written.text.as_str()) {
        Some("V1") => ("pipeline-type-too-old", written),
        None => ("pipeline-type-unwritten", None),
        Some(_) => return,
    };
    let mut features = features(walk);
    if written.is_none() && features.iter().any(|feature| feature.turns) {
        return;
    }
    features.sort_by_key(|feature| feature.at);
    let what = text::unique(features.iter().map(|feature| feature.what.clone()));
    let detail = match what.as_slice() {
        [init @ .., last] if !init.is_empty() => format!("{} and {last}", init.join(", ")),
        _ => what.join(""),
    };
    for feature in features {
        let mut labels = vec![label(feature.origin, "needs `V2`")];
        labels.extend(of_type.map(|kind| label(kind.origin, "the type")));
        let refusal = Refusal {
            rule,
            resource: walk.pipeline.name.text.clone(),
            detail: detail.clone(),
            labels,
        };
        walk.refuse(feature.at, refusal);
    }
}

fn features(walk: &Walk<'_>) -> Vec<Feature> {
    let pipeline = walk.pipeline;
    let whole = |what: &str, origin, turns| Feature {
        at: None,
        what: what.to_owned(),
        origin,
        turns,
    };
    let mut features = Vec::new();
    let mode = pipeline.execution_mode.as_ref();
    if let Some(mode) = mode.filter(|mode| matches!(mode.text.as_str(), "QUEUED" | "PARALLEL")) {
        let what = format!("the execution mode `{}`", mode.text);
        features.push(whole(&what, mode.origin, false));
    }
    let variable = pipeline.variables.first();
    features.extend(variable.map(|one| whole("variables", one.name.origin, true)));
    let trigger = pipeline.triggers.first();
    features.extend(trigger.map(|one| whole("triggers", one.origin, true)));
    let gates = pipeline.stages.iter().flat_map(|stage| &stage.gates);
    features.extend(gates.map(|gate| whole("stage conditions", gate.origin, false)));
    for (indices, step) in walk.steps() {
        let provider = walk.catalogue.provider(&step.type_id);
        // A condition's rule needs the type because of its condition.
        let is_rule = step.type_id.category == "Rule";
        if !is_rule
            && provider.is_some_and(|provider| provider.pipeline_type == Some(PipelineType::V2))
        {
            features.push(Feature {
                at: Some(indices),
                what: format!("actions of type `{}`", step.type_id),
                origin: step.type_origin,
                turns: false,
            });
        }
    }
    features
}
