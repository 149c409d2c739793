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

fn stores(pipeline: &Pipeline, bucket: &str) -> impl Iterator<Item = Hint> {
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
fn actors(pipeline: &Pipeline, step: &Action) -> impl Iterator<Item = Hint> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Input, load};
    use crate::source::Sources;

    #[test]
    fn a_bucket_is_looked_for_where_pipelines_use_it() {
        let pipeline = r#"{"pipeline": {
            "name": "shop", "roleArn": "arn:aws:iam::111111111111:role/Pipe",
            "artifactStores": {
                "eu-west-1": {"type": "S3", "location": "artifacts"},
                "us-west-2": {"type": "S3", "location": "artifacts-far"}},
            "stages": [
                {"name": "Source", "actions": [{"name": "Get", "configuration": {"S3Bucket": "source", "S3ObjectKey": "app.zip"},
                    "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"}}]},
                {"name": "Deploy", "actions": [{"name": "Put", "region": "us-west-2", "configuration": {"BucketName": "site"},
                    "roleArn": "arn:aws:iam::222222222222:role/Deploy",
                    "actionTypeId": {"category": "Deploy", "owner": "AWS", "provider": "S3", "version": "1"}}]}]},
            "metadata": {"pipelineArn": "arn:aws:codepipeline:eu-west-1:111111111111:shop"}}"#;
        let input = Input::Stdin {
            bytes: pipeline.as_bytes().to_vec(),
            name: "shop.json".to_owned(),
        };
        let loaded = load(&mut Sources::new(), &[input]).expect("a pipeline");
        let hints = |bucket: &str| {
            let hints = of(&loaded.graph, bucket).into_iter();
            let told =
                hints.map(|hint| format!("{} {}", hint.account, hint.region.unwrap_or_default()));
            told.collect::<Vec<_>>()
        };
        assert_eq!(hints("artifacts"), ["111111111111 eu-west-1"]);
        assert_eq!(hints("artifacts-far"), ["111111111111 us-west-2"]);
        assert_eq!(hints("source"), ["111111111111 eu-west-1"]);
        assert_eq!(
            hints("site"),
            ["222222222222 us-west-2", "111111111111 us-west-2"]
        );
        assert!(hints("other").is_empty());
    }
}
