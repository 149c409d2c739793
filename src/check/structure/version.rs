//! What only pipelines of type `V2` have.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/pipeline-types.html>

use super::{Refusal, Walk, label};
use crate::rules::PipelineType;
use crate::source::Origin;

/// Something that needs the newer type.
struct Feature {
    at: Option<(usize, usize)>,
    resource: String,
    detail: String,
    origin: Origin,
    /// Whether AWS makes the pipeline a `V2` for it where no type is written.
    /// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html>
    turns: bool,
}

pub(super) fn check(walk: &mut Walk<'_>) {
    let written = walk.pipeline.pipeline_type.as_ref();
    let (rule, of_type) = match written.map(|written| written.text.as_str()) {
        Some("V1") => ("pipeline-type-too-old", written),
        None => ("pipeline-type-unwritten", None),
        Some(_) => return,
    };
    for feature in features(walk) {
        if written.is_none() && feature.turns {
            continue;
        }
        let mut labels = vec![label(feature.origin, "needs `V2`")];
        labels.extend(of_type.map(|kind| label(kind.origin, "the type")));
        let refusal = Refusal {
            rule,
            resource: feature.resource,
            detail: feature.detail,
            labels,
        };
        walk.refuse(feature.at, refusal);
    }
}

fn features(walk: &Walk<'_>) -> Vec<Feature> {
    let pipeline = walk.pipeline;
    let whole = |detail: &str, origin, turns| Feature {
        at: None,
        resource: pipeline.name.text.clone(),
        detail: detail.to_owned(),
        origin,
        turns,
    };
    let mut features = Vec::new();
    let variable = pipeline.variables.first();
    features.extend(variable.map(|one| whole("the pipeline has variables", one.name.origin, true)));
    let trigger = pipeline.triggers.first();
    features.extend(trigger.map(|one| whole("the pipeline has triggers", one.origin, true)));
    let mode = pipeline.execution_mode.as_ref();
    if let Some(mode) = mode.filter(|mode| matches!(mode.text.as_str(), "QUEUED" | "PARALLEL")) {
        let detail = format!("the execution mode is `{}`", mode.text);
        features.push(whole(&detail, mode.origin, false));
    }
    let gates = pipeline.stages.iter().flat_map(|stage| &stage.gates);
    let detail = "the pipeline has stages with conditions or with a result of failure";
    features.extend(gates.map(|gate| whole(detail, gate.origin, false)));
    for (indices, step) in walk.steps() {
        let provider = walk.catalogue.provider(&step.type_id);
        // A condition's rule needs the type because of its condition.
        let is_rule = step.type_id.category == "Rule";
        if !is_rule
            && provider.is_some_and(|provider| provider.pipeline_type == Some(PipelineType::V2))
        {
            features.push(Feature {
                at: Some(indices),
                resource: step.type_id.to_string(),
                detail: format!("there is an action of type `{}`", step.type_id),
                origin: step.type_origin,
                turns: false,
            });
        }
    }
    features
}
