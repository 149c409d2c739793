//! Faults of artifact stores and their keys.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html>,
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html>

use std::collections::BTreeSet;

use super::finding::Label;
use super::layers::bucket_of;
use super::structure::{Walk, is_artifact, is_local};
use crate::graph::{Arn, ArtifactStore, Fact, Value, Want, account_in, is_unknown, may_be_equal};
use crate::rules::{Party, Requirement, Site, Store, customer_key, store_in};

/// Stores that are lacking, contradict each other, or lie in the wrong place.
pub(super) fn stores(walk: &mut Walk<'_>) {
    let pipeline = walk.pipeline;
    let psr = pipeline.role_arn.text.as_str();
    let whole = walk.site(None, pipeline.name.origin);
    if let Some(single) = pipeline
        .artifact_store
        .as_ref()
        .filter(|_| !pipeline.artifact_stores.is_empty())
    {
        let labels = vec![Label {
            origin: single.origin,
            text: "`artifactStores` is there as well".to_owned(),
        }];
        walk.push(
            "artifact-stores-conflict",
            psr,
            &single.location.text,
            String::new(),
            labels,
            whole,
        );
    }
    if let Some(home) = walk.home.clone()
        && !pipeline.artifact_stores.is_empty()
        && !pipeline
            .artifact_stores
            .keys()
            .any(|region| may_be_equal(region, &home))
    {
        let labels = vec![Label {
            origin: pipeline.name.origin,
            text: format!("this pipeline lives in {home}"),
        }];
        walk.push(
            "artifact-store-missing-for-pipeline-region",
            psr,
            &home,
            format!("`{home}`"),
            labels,
            whole,
        );
    }
    for (stage_index, stage) in pipeline.stages.iter().enumerate() {
        for (action_index, action) in stage.steps().enumerate() {
            let Some(region) = &action.region else {
                continue;
            };
            // What cannot be cross-Region at all is another finding, and no store would help it.
            let elsewhere = !is_local(action)
                && walk
                    .home
                    .as_ref()
                    .is_some_and(|home| !may_be_equal(home, &region.text));
            let stores = || pipeline.artifact_stores.keys();
            let may_be = stores().any(|other| may_be_equal(other, &region.text));
            if elsewhere && !may_be && store_in(walk.graph, pipeline, Some(&region.text)).is_none()
            {
                let labels = vec![Label {
                    origin: region.origin,
                    text: "no artifact store in this Region".to_owned(),
                }];
                let site = walk.site(Some((stage_index, action_index)), region.origin);
                let principal = walk.acting(action).to_owned();
                walk.push(
                    "region-without-artifact-store",
                    &principal,
                    &region.text,
                    format!("`{}`", region.text),
                    labels,
                    site,
                );
            }
        }
    }
    let home = walk.home.clone();
    if let Some(store) = &pipeline.artifact_store {
        place(walk, store, home.as_deref());
    }
    for (region, store) in &pipeline.artifact_stores {
        place(walk, store, Some(region));
    }
}

/// A store's bucket and key must lie in the store's Region, a key in another Region's store also in the pipeline's account.
fn place(walk: &mut Walk<'_>, store: &ArtifactStore, region: Option<&str>) {
    let psr = walk.pipeline.role_arn.text.clone();
    let site = walk.site(None, store.location.origin);
    let bucket = walk.graph.bucket(&store.location.text);
    let bucket = bucket.known();
    if let (Some(region), Some(Fact::Known(actual))) = (region, bucket.map(|bucket| &bucket.region))
        && !may_be_equal(actual, region)
    {
        let detail = format!("`{region}`");
        let labels = vec![Label {
            origin: store.location.origin,
            text: format!("lies in {actual}"),
        }];
        walk.push(
            "bucket-in-other-region",
            &psr,
            &store.location.text,
            detail,
            labels,
            site,
        );
    }
    let Some(key) = &store.encryption_key else {
        return;
    };
    let view = Store {
        region: region.map(str::to_owned),
        bucket: &store.location.text,
        origin: store.location.origin,
        key_id: Some(&key.id.text),
    };
    let Some(Ok(arn)) = customer_key(walk.graph, walk.pipeline, &view) else {
        return;
    };
    let Some(parsed) = Arn::parse(&arn) else {
        return;
    };
    let label = |text: String| {
        vec![Label {
            origin: key.id.origin,
            text,
        }]
    };
    if let Some(region) = region
        && !may_be_equal(&parsed.region, region)
        && parsed.region != "*"
    {
        let detail = format!("`{region}`");
        let labels = label(format!("a key of {}", parsed.region));
        walk.push(
            "artifact-key-in-other-region",
            &psr,
            &arn,
            detail,
            labels,
            site,
        );
    }
    let cross_region = region.is_some_and(|region| {
        walk.home
            .as_ref()
            .is_some_and(|home| !may_be_equal(home, region))
    });
    if cross_region && !may_be_equal(&parsed.account, &walk.pipeline.account) {
        let labels = label(format!("a key of account {}", parsed.account));
        walk.push(
            "artifact-key-in-other-account",
            &psr,
            &arn,
            format!("`{}`", walk.pipeline.account),
            labels,
            site,
        );
    }
    if !may_be_equal(&parsed.partition, &walk.pipeline.partition) {
        let labels = label("another partition than the pipeline's".to_owned());
        walk.push(
            "partition-mismatch",
            &psr,
            &arn,
            format!("`{}`", walk.pipeline.partition),
            labels,
            site,
        );
    }
    let Fact::Known(known) = walk.graph.key(&arn) else {
        return;
    };
    if known.spec.is_none() || known.state.is_none() {
        walk.graph.want(|| Want::Key(known.arn.clone()));
    }
    let mut labels = label("used for artifacts here".to_owned());
    if let Some(spec) = known
        .spec
        .as_ref()
        .filter(|spec| !may_be_equal(&spec.text, "SYMMETRIC_DEFAULT"))
    {
        labels.push(Label {
            origin: spec.origin,
            text: "not a symmetric key".to_owned(),
        });
        walk.push(
            "artifact-key-not-symmetric",
            &psr,
            &arn,
            format!("`{}`", spec.text),
            labels.clone(),
            site,
        );
        labels.pop();
    }
    // While a multi-Region key is being updated it can be used:
    // https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
    let unusable = |state: &&Value| {
        !["Enabled", "Updating"]
            .iter()
            .any(|one| may_be_equal(&state.text, one))
    };
    if let Some(state) = known.state.as_ref().filter(unusable) {
        labels.push(Label {
            origin: state.origin,
            text: "not usable".to_owned(),
        });
        walk.push(
            "artifact-key-disabled",
            &psr,
            &arn,
            format!("`{}`", state.text),
            labels,
            site,
        );
    }
}

/// Keys that roles of other accounts cannot use, whatever the policies say.
pub(super) fn artifacts(walk: &mut Walk<'_>, needed: &[Requirement]) {
    let pipeline = walk.pipeline;
    let mut seen = BTreeSet::new();
    for requirement in needed.iter().filter(|requirement| is_artifact(requirement)) {
        let Some((stage, action)) = requirement.site.action else {
            continue;
        };
        let Some(action) = pipeline
            .stages
            .get(stage)
            .and_then(|stage| stage.step(action))
        else {
            continue;
        };
        let (principal, account) = match &requirement.caller {
            Party::Role(role) => (role.arn.clone(), account_in(&role.arn).map(str::to_owned)),
            // A project whose definition nobody has seen still lies in the account of the role that starts it.
            Party::Unknown { .. } => (
                walk.acting(action).to_owned(),
                Some(walk.acting_account(action)),
            ),
            Party::User(_) | Party::Account(_) | Party::Service(_) => continue,
        };
        if account.is_none_or(|account| may_be_equal(&account, &pipeline.account)) {
            continue;
        }
        let bucket = bucket_of(&requirement.target.arn);
        // AWS documents that an alias does not work across accounts. AWS CDK names the keys of other Regions' stores by
        // alias ARN all the same, for roles that only read, and these deployments work: S3 keeps the key's ARN with the
        // object, so that a reader never looks the key up. CodeBuild writes with the key of its project.
        let reads =
            requirement.operation != "s3:PutObject" || action.type_id.provider == "CodeBuild";
        if !seen.insert((
            principal.clone(),
            requirement.site.action,
            bucket.to_owned(),
            reads,
        )) {
            continue;
        }
        let home = walk.home.clone();
        // What may lie elsewhere is spared as what does.
        let elsewhere = |region: &String| home.as_ref().is_some_and(|home| home != region);
        let regional = pipeline.artifact_stores.iter();
        let stores = regional
            .map(|(region, store)| (store, elsewhere(region)))
            .chain(pipeline.artifact_store.iter().map(|store| (store, false)));
        for (store, elsewhere) in stores.filter(|(store, _)| store.location.text == bucket) {
            key_of_store(
                walk,
                store,
                &principal,
                requirement.site,
                reads && elsewhere,
            );
        }
    }
}

fn key_of_store(
    walk: &mut Walk<'_>,
    store: &ArtifactStore,
    principal: &str,
    site: Site,
    spares_alias_arn: bool,
) {
    let acts = Label {
        origin: site.origin,
        text: "a role of another account acts here".to_owned(),
    };
    let bucket = store.location.text.as_str();
    let key = store.encryption_key.as_ref().map(|key| &key.id);
    let (rule, resource, origin, text) = match key {
        None => (
            "artifact-key-default",
            bucket,
            store.location.origin,
            "no `encryptionKey`: AWS's own key `aws/s3` is used",
        ),
        Some(id) if id.text.ends_with("alias/aws/s3") => {
            ("artifact-key-default", bucket, id.origin, "AWS's own key")
        }
        Some(id) if id.text.contains("alias/") => {
            if spares_alias_arn && id.text.starts_with("arn:") {
                return;
            }
            let text = "looked up in the acting account";
            ("artifact-key-alias", id.text.as_str(), id.origin, text)
        }
        // A parameter may be a whole ARN.
        Some(id) if id.text.starts_with(is_unknown) => return,
        Some(id) if !id.text.starts_with("arn:") => {
            let text = "looked up in the acting account";
            ("artifact-key-bare-id", id.text.as_str(), id.origin, text)
        }
        Some(_) => return,
    };
    let label = Label {
        origin,
        text: text.to_owned(),
    };
    walk.push(
        rule,
        principal,
        resource,
        String::new(),
        vec![label, acts],
        site,
    );
}
