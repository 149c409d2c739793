//! Where the bootstrap stack keeps assets: a bucket for files and a repository for images, whose names tell account and Region.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Bootstrap, is_part};
use crate::graph::{Graph, StandIn};
use crate::load::facts::Facts;
use crate::load::hint::{Hint, is_account, partition_of};
use crate::load::reader::{Read, Reading};
use crate::load::{resource, storage};
use crate::source::{Origin, Sources};

/// A bucket or repository by its name: `cdk-hnb659fds-assets-111111111111-eu-west-1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Store {
    name: String,
    images: bool,
    account: String,
    region: String,
}

/// Adds the stores that actions and images name and that are not given.
pub(super) fn add(bootstrap: &Bootstrap, sources: &mut Sources, graph: &mut Graph) {
    for (store, at) in wanted(graph) {
        if let Some(stand_in) = bootstrap.store(sources, graph, &store, at) {
            graph.stand_ins.insert(store.arn(), stand_in);
        }
    }
}

fn wanted(graph: &Graph) -> BTreeMap<Store, Origin> {
    let pipelines = graph.pipelines.iter();
    let actions = pipelines.flat_map(|pipeline| &pipeline.stages);
    let actions = actions.flat_map(|stage| stage.steps());
    let written = actions.flat_map(|action| action.configuration.values());
    let written = written.map(|text| (text.text.as_str(), text.origin));
    let images = graph.resources.values();
    let images = images.flat_map(|resource| resource.values.values());
    let images = images.map(|value| (value.text.as_str(), value.origin));
    let mut wanted = BTreeMap::new();
    for (text, at) in written.chain(images) {
        let Some(store) = named(text) else { continue };
        let known = if store.images {
            graph.resource(&store.arn()).known().is_some()
        } else {
            graph.bucket(&store.name).known().is_some()
        };
        if !known {
            wanted.entry(store).or_insert(at);
        }
    }
    wanted
}

/// Reads a name, or that of an image in a repository: `….amazonaws.com/cdk-hnb659fds-container-assets-…:tag`.
fn named(text: &str) -> Option<Store> {
    let name = text.rsplit('/').next().unwrap_or_default();
    let name = name.split([':', '@']).next().unwrap_or_default();
    let rest = name.strip_prefix("cdk-")?;
    let (images, (qualifier, home)) = match rest.split_once("-container-assets-") {
        Some(parts) => (true, parts),
        None => (false, rest.split_once("-assets-")?),
    };
    let (account, region) = home.split_once('-')?;
    let fits = is_part(qualifier) && is_account(account) && is_part(region);
    fits.then(|| Store {
        name: name.to_owned(),
        images,
        account: account.to_owned(),
        region: region.to_owned(),
    })
}

impl Store {
    fn arn(&self) -> String {
        let Self {
            name,
            account,
            region,
            ..
        } = self;
        let partition = partition_of(region);
        if self.images {
            format!("arn:{partition}:ecr:{region}:{account}:repository/{name}")
        } else {
            format!("arn:{partition}:s3:::{name}")
        }
    }
}

impl Bootstrap {
    fn store(
        &self,
        sources: &mut Sources,
        graph: &mut Graph,
        store: &Store,
        at: Origin,
    ) -> Option<StandIn> {
        let kind = if store.images {
            "container-assets"
        } else {
            "assets"
        };
        let made = self.stores.iter().find(|made| made.name == kind)?;
        let policy = json!({"Version": "2012-10-17", "Statement": made.statements});
        let (answer, hint, read): (Value, Hint, Read) = if store.images {
            let path = [store.region.as_str(), "ecr", store.name.as_str()];
            let repository = json!({
                "repositoryArn": store.arn(),
                "registryId": store.account,
                "repositoryName": store.name,
            });
            let answer = json!({"repository": repository, "policyText": policy});
            (answer, Hint::told(&store.account, &path), resource::read)
        } else {
            let answer = json!({
                "Name": store.name,
                "LocationConstraint": store.region,
                "Policy": policy,
                "PublicAccessBlockConfiguration": {"RestrictPublicBuckets": true},
            });
            let hint = Hint::told(&store.account, &["s3", store.name.as_str()]);
            (answer, hint, storage::read_bucket)
        };
        let text = format!("{answer:#}")
            .replace("{partition}", partition_of(&store.region))
            .replace("{account}", &store.account)
            .replace("{region}", &store.region)
            .replace("{name}", &store.name);
        let source = sources.add(&store.arn(), text.as_bytes()).ok()?;
        let root = sources.roots(source).first()?.origin();
        let mut facts = Facts::default();
        let mut errors = Vec::new();
        let mut reading = Reading {
            sources,
            hint: &hint,
            facts: &mut facts,
            errors: &mut errors,
        };
        read(&mut reading, root);
        let (read, _) = facts.finish();
        graph.buckets.extend(read.buckets);
        graph.resources.extend(read.resources);
        Some(StandIn {
            account: store.account.clone(),
            version: self.title(),
            trusts: Vec::new(),
            named: at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Fact;

    #[test]
    fn a_name_tells_account_and_region() {
        let store = named("cdk-my-app-assets-222222222222-eu-west-1").unwrap();
        assert_eq!(
            store.arn(),
            "arn:aws:s3:::cdk-my-app-assets-222222222222-eu-west-1"
        );
        let image = "222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn/cdk-hnb659fds-container-assets-222222222222-cn-north-1:1a2b";
        let arn = "arn:aws-cn:ecr:cn-north-1:222222222222:repository/cdk-hnb659fds-container-assets-222222222222-cn-north-1";
        assert_eq!(named(image).unwrap().arn(), arn);
        for other in [
            "cdk-hnb659fds-assets-22222222222-eu-west-1",
            "cdk-hnb659fds-assets-222222222222",
            "my-cdk-hnb659fds-assets-222222222222-eu-west-1",
            "cdk-*-assets-222222222222-eu-west-1",
        ] {
            assert_eq!(named(other), None, "{other}");
        }
    }

    #[test]
    fn both_are_read_like_any_other() {
        let bootstrap: Bootstrap = serde_yaml::from_str(super::super::STACK).unwrap();
        for name in ["assets", "container-assets"] {
            let mut graph = Graph::default();
            let store = named(&format!("cdk-q-{name}-222222222222-us-east-1")).unwrap();
            let mut sources = Sources::new();
            bootstrap
                .store(&mut sources, &mut graph, &store, Origin::NOWHERE)
                .unwrap();
            let bucket = graph.buckets.get(&store.name);
            let policies = [
                bucket.map(|bucket| &bucket.policy),
                graph.resources.get(&store.arn()).map(|one| &one.policy),
            ];
            let known = |policy: &&Fact<_>| policy.known().is_some();
            assert_eq!(
                policies.iter().flatten().filter(|one| known(one)).count(),
                1,
                "{name}"
            );
            let account =
                bucket.map_or("222222222222", |bucket| bucket.account.as_deref().unwrap());
            assert_eq!(account, "222222222222");
        }
    }
}
