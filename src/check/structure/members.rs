//! Members of the structure that AWS demands, and words that it takes for them.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html>

use super::{Refusal, Walk, label};
use crate::graph::{Text, has_symbol};
use crate::source::Origin;

type At = Option<(usize, usize)>;

pub(super) fn check(walk: &mut Walk<'_>) {
    let pipeline = walk.pipeline;
    let store = "an artifact store";
    if pipeline.artifact_store.is_none() && pipeline.artifact_stores.is_empty() {
        let whose = "the pipeline";
        walk.lacks(None, whose, "artifactStore", pipeline.name.origin);
    }
    let stores = pipeline.artifact_stores.values();
    for store_of in stores.chain(&pipeline.artifact_store) {
        let origin = store_of.location.origin;
        walk.word(None, store, "type", store_of.kind.as_ref(), &["S3"], origin);
        if let Some(key) = &store_of.encryption_key {
            let whose = "an encryption key";
            walk.word(
                None,
                whose,
                "type",
                key.kind.as_ref(),
                &["KMS"],
                key.id.origin,
            );
        }
    }
    let words = [
        (
            "pipelineType",
            &pipeline.pipeline_type,
            ["V1", "V2"].as_slice(),
        ),
        (
            "executionMode",
            &pipeline.execution_mode,
            &["SUPERSEDED", "QUEUED", "PARALLEL"],
        ),
    ];
    for (key, value, allowed) in words {
        if let Some(value) = value {
            walk.known(None, key, value, allowed);
        }
    }
    for trigger in &pipeline.triggers {
        let (origin, whose) = (trigger.origin, "a trigger");
        let providers = ["CodeStarSourceConnection"];
        let provider = trigger.provider.as_ref();
        walk.word(None, whose, "providerType", provider, &providers, origin);
        if trigger.source_action.is_none() {
            walk.lacks(None, whose, "sourceActionName", origin);
        }
    }
    for (indices, step) in walk.steps() {
        let at = Some(indices);
        let variables = step.lists.get("environmentVariables").into_iter().flatten();
        for variable in variables {
            let kinds = ["PLAINTEXT", "SECRETS_MANAGER"];
            if let Some(kind) = variable.get("type") {
                walk.known(at, "type", kind, &kinds);
            }
            if !variable.contains_key("name") {
                let origin = variable.get("type").map_or(step.origin, |kind| kind.origin);
                walk.lacks(at, "an environment variable", "name", origin);
            }
        }
    }
    if let Some(origin) = pipeline.metadata {
        let refusal = Refusal {
            rule: "metadata-left",
            resource: pipeline.name.text.clone(),
            detail: String::new(),
            labels: vec![label(origin, "not part of the structure")],
        };
        walk.refuse(None, refusal);
    }
}

impl Walk<'_> {
    /// A member that has to be one of some words.
    fn word(
        &mut self,
        at: At,
        whose: &str,
        key: &str,
        value: Option<&Text>,
        allowed: &[&str],
        origin: Origin,
    ) {
        match value {
            Some(value) => self.known(at, key, value, allowed),
            None => self.lacks(at, whose, key, origin),
        }
    }

    /// The words of the structure itself are compared letter by letter, as AWS does.
    pub(super) fn known(&mut self, at: At, key: &str, value: &Text, allowed: &[&str]) {
        if !allowed.contains(&value.text.as_str()) && !has_symbol(&value.text) {
            self.refuse_value(at, key, value, allowed);
        }
    }

    fn lacks(&mut self, at: At, whose: &str, key: &str, origin: Origin) {
        let refusal = Refusal {
            rule: "member-missing",
            resource: key.to_owned(),
            detail: format!("{whose} has no `{key}`"),
            labels: vec![label(origin, format!("without `{key}`"))],
        };
        self.refuse(at, refusal);
    }
}
