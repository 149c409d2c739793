//! Whose a bucket probably is, and where: what pipelines say that use it.

use crate::graph::{Action, Arn, Graph, Pipeline};

/// An account that probably owns the bucket, and the Region that it is used in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hint {
    pub(super) account: String,
    pub(super) region: Option<String>,
}

/// Guesses in the order in which they are worth trying.
pub(super) fn of(graph: &Graph, bucket: &str) -> Vec<Hint> {
    let pipelines = graph.pipelines.iter();
    // A store lies in its pipeline's account, or nobody knows where.
    let stores = pipelines
        .clone()
        .flat_map(|pipeline| stores(pipeline, bucket));
    let actions = pipelines.flat_map(|pipeline| {
        let steps = pipeline.stages.iter().flat_map(|stage| stage.steps());
        let naming = steps.filter(|step| names(step, bucket));
        naming.flat_map(|step| actors(pipeline, step))
    });
    let mut hints: Vec<Hint> = Vec::new();
    for hint in stores.chain(actions) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}

fn stores<'g>(pipeline: &'g Pipeline, bucket: &str) -> impl Iterator<Item = Hint> {
    let single = pipeline.artifact_store.iter();
    let single = single.map(|store| (store, pipeline.region.as_ref()));
    let by_region = pipeline.artifact_stores.iter();
    let by_region = by_region.map(|(region, store)| (store, Some(region)));
    let own = single.chain(by_region);
    own.filter(move |(store, _)| store.location.text == bucket)
        .map(|(_, region)| Hint {
            account: pipeline.account.clone(),
            region: region.cloned(),
        })
}

fn names(step: &Action, bucket: &str) -> bool {
    step.configuration
        .values()
        .any(|value| value.text == bucket)
}

/// The account that acts, then that of the pipeline.
fn actors<'g>(pipeline: &'g Pipeline, step: &'g Action) -> impl Iterator<Item = Hint> {
    let role = step.role_arn.as_ref();
    let acting = role
        .and_then(|role| Arn::parse(&role.text))
        .map(|arn| arn.account);
    let region = step.region.as_ref().map(|region| region.text.clone());
    let region = region.or_else(|| pipeline.region.clone());
    let accounts = acting.into_iter().chain([pipeline.account.clone()]);
    accounts.map(move |account| Hint {
        account,
        region: region.clone(),
    })
}
