//! What AWS CDK's bootstrap stack makes, for pipelines that name it and inputs that do not hold it.
//!
//! In: the graph of all inputs. Out: in it, roles, buckets and repositories as `cdk bootstrap` makes them, marked as [`StandIn`]s.
//! Their policies are dated data: `rules/cdk-bootstrap.yaml` tells where they come from.

mod stores;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::facts::Facts;
use super::hint::Hint;
use super::iam;
use super::reader::Reading;
use crate::graph::{Arn, Fact, Graph, Pipeline, Role, StandIn, Text, is_symbol};
use crate::source::{Origin, Sources};

const STACK: &str = include_str!("../../../rules/cdk-bootstrap.yaml");

/// What `cdk bootstrap` makes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bootstrap {
    version: u32,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by tests only"))]
    updated: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by tests only"))]
    documentation: Vec<String>,
    roles: Vec<Made>,
    stores: Vec<MadeStore>,
}

/// Its bucket or its repository.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MadeStore {
    name: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by tests only"))]
    documentation: String,
    statements: Vec<Value>,
}

/// One of its roles.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    name: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by tests only"))]
    documentation: String,
    tag: Option<String>,
    service: Option<String>,
    #[serde(default)]
    managed: Vec<String>,
    statements: Vec<Value>,
}

/// What the name of such a role tells.
#[derive(Debug, PartialEq, Eq)]
struct Named<'a> {
    role: &'a str,
    qualifier: &'a str,
    region: &'a str,
}

/// Who names a role.
struct Wanted {
    at: Origin,
    /// Accounts of the pipelines that name it.
    by: BTreeSet<String>,
}

/// Adds what pipelines name and what is not given.
pub(super) fn add(sources: &mut Sources, graph: &mut Graph) {
    let wanted = wanted(graph);
    // The file is part of the program, and a test reads it.
    let bootstrap: Bootstrap = serde_yaml::from_str(STACK).unwrap_or_default();
    for (arn, wanted) in wanted {
        let Some(role) = Arn::parse(&arn).and_then(|arn| bootstrap.role(sources, &arn, &wanted))
        else {
            continue;
        };
        graph.roles.insert(arn, role);
    }
    stores::add(&bootstrap, sources, graph);
}

/// The bootstrap roles that pipelines name, as far as nothing is known of them.
fn wanted(graph: &Graph) -> BTreeMap<String, Wanted> {
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    for pipeline in &graph.pipelines {
        for text in texts(pipeline) {
            let named = Arn::parse(&text.text).is_some_and(|arn| named(&arn).is_some());
            if !named || !matches!(graph.role(&text.text), Fact::Unseen) {
                continue;
            }
            let role = wanted.entry(text.text.clone()).or_insert_with(|| Wanted {
                at: text.origin,
                by: BTreeSet::new(),
            });
            role.by.insert(pipeline.account.clone());
        }
    }
    wanted
}

/// Where a pipeline names roles.
fn texts(pipeline: &Pipeline) -> impl Iterator<Item = &Text> {
    let actions = pipeline.stages.iter().flat_map(|stage| stage.steps());
    actions.flat_map(|action| action.role_arn.iter().chain(action.configuration.values()))
}

/// `cdk-hnb659fds-deploy-role-111111111111-eu-west-1`, where account and Region may be symbols.
fn named(arn: &Arn) -> Option<Named<'_>> {
    const ROLES: [&str; 5] = [
        "deploy-role",
        "cfn-exec-role",
        "file-publishing-role",
        "image-publishing-role",
        "lookup-role",
    ];
    if arn.service != "iam" || arn.account.is_empty() {
        return None;
    }
    let name = arn.resource.strip_prefix("role/cdk-")?;
    ROLES.into_iter().find_map(|role| {
        let behind = format!("-{role}-{}-", arn.account);
        let (qualifier, region) = name.split_once(&behind)?;
        (is_part(qualifier) && is_part(region)).then_some(Named {
            role,
            qualifier,
            region,
        })
    })
}

/// Whether a text may be a qualifier or a Region.
fn is_part(text: &str) -> bool {
    let allowed = |character: char| {
        character.is_ascii_alphanumeric() || "-_".contains(character) || is_symbol(character)
    };
    !text.is_empty() && text.chars().all(allowed)
}

impl Bootstrap {
    fn title(&self) -> String {
        format!("version {} of CDK's bootstrap stack", self.version)
    }

    /// The role as AWS would answer it, read like any other.
    fn role(&self, sources: &mut Sources, arn: &Arn, wanted: &Wanted) -> Option<Role> {
        let named = named(arn)?;
        let made = self.roles.iter().find(|made| made.name == named.role)?;
        let name = arn.to_string();
        let foreign: BTreeSet<&str> = wanted
            .by
            .iter()
            .map(String::as_str)
            .filter(|account| *account != arn.account)
            .collect();
        let text = format!("{:#}", made.answer(arn, &foreign));
        let text = text
            .replace("{partition}", &arn.partition)
            .replace("{account}", &arn.account)
            .replace("{region}", named.region)
            .replace("{qualifier}", named.qualifier);
        let source = sources.add(&name, text.as_bytes()).ok()?;
        let root = sources.roots(source).first()?.origin();
        let mut facts = Facts::default();
        let mut errors = Vec::new();
        let mut reading = Reading {
            sources,
            hint: &Hint::default(),
            facts: &mut facts,
            errors: &mut errors,
        };
        iam::read_role(&mut reading, root);
        let (mut read, _) = facts.finish();
        let mut role = read.roles.remove(&name)?;
        role.assumed = Some(StandIn {
            account: arn.account.clone(),
            version: self.title(),
            trusts: match made.service {
                Some(_) => Vec::new(),
                None => foreign.into_iter().map(str::to_owned).collect(),
            },
            named: wanted.at,
        });
        Some(role)
    }
}

impl Made {
    /// What `get-role` and its kin answer; `foreign` are the accounts that `cdk bootstrap --trust` was told of.
    fn answer(&self, arn: &Arn, foreign: &BTreeSet<&str>) -> Value {
        let admit = |account: &str, operation: &str, condition: Value| {
            json!({
                "Effect": "Allow",
                "Principal": {"AWS": format!("arn:{}:iam::{account}:root", arn.partition)},
                "Action": operation,
                "Condition": condition,
            })
        };
        let accounts = std::iter::once(arn.account.as_str()).chain(foreign.iter().copied());
        let trust: Vec<Value> = match &self.service {
            Some(service) => vec![json!({
                "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
            })],
            // Whoever brings an external id along is turned away, unless the stack was told otherwise.
            None => accounts
                .flat_map(|account| {
                    let no_external_id = json!({"Null": {"sts:ExternalId": "true"}});
                    [
                        admit(account, "sts:AssumeRole", no_external_id),
                        admit(account, "sts:TagSession", json!({})),
                    ]
                })
                .collect(),
        };
        let attached = self
            .managed
            .iter()
            .map(|policy| json!({"PolicyName": policy.rsplit('/').next(), "PolicyArn": policy}));
        let tags = self.tag.iter();
        let tags = tags.map(|tag| json!({"Key": "aws-cdk:bootstrap-role", "Value": tag}));
        let document =
            |statements: &[Value]| json!({"Version": "2012-10-17", "Statement": statements});
        let inline = (!self.statements.is_empty()).then(
            || json!({"PolicyName": "default", "PolicyDocument": document(&self.statements)}),
        );
        json!({
            "RoleName": arn.name(),
            "Arn": arn.to_string(),
            "AssumeRolePolicyDocument": document(&trust),
            "RolePolicyList": inline.into_iter().collect::<Vec<_>>(),
            "AttachedManagedPolicies": attached.collect::<Vec<_>>(),
            "Tags": tags.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arn: &str) -> Arn {
        Arn::parse(arn).unwrap()
    }

    #[test]
    fn the_data_is_whole() {
        let bootstrap: Bootstrap = serde_yaml::from_str(STACK).unwrap();
        assert!(bootstrap.version >= 21);
        assert_eq!(bootstrap.updated.len(), 10);
        let links = bootstrap.roles.iter().map(|role| &role.documentation);
        let links = links.chain(bootstrap.stores.iter().map(|store| &store.documentation));
        for link in links.chain(&bootstrap.documentation) {
            assert!(link.starts_with("https://docs.aws.amazon.com/cdk/v2/guide/"));
        }
        for made in &bootstrap.roles {
            let arn = parse(&format!(
                "arn:aws:iam::222222222222:role/cdk-own_1-{}-222222222222-eu-west-1",
                made.name
            ));
            let wanted = Wanted {
                at: Origin::NOWHERE,
                by: BTreeSet::from(["111111111111".to_owned()]),
            };
            let mut sources = Sources::new();
            let role = bootstrap.role(&mut sources, &arn, &wanted).unwrap();
            assert_eq!(role.arn, arn.to_string());
            assert!(role.trust.known().is_some() && role.inline.known().is_some());
            let text = sources.text(role.origin.source());
            assert!(!text.contains("{account") && !text.contains("{region"));
            assert!(!text.contains("{partition") && !text.contains("{qualifier"));
        }
    }

    #[test]
    fn names_are_told_apart() {
        let arn =
            parse("arn:aws:iam::222222222222:role/cdk-my-app-deploy-role-222222222222-eu-west-1");
        let expected = Named {
            role: "deploy-role",
            qualifier: "my-app",
            region: "eu-west-1",
        };
        assert_eq!(named(&arn), Some(expected));
        for other in [
            // Of another account than its name says.
            "arn:aws:iam::333333333333:role/cdk-hnb659fds-deploy-role-222222222222-eu-west-1",
            "arn:aws:iam::222222222222:role/cdk-hnb659fds-deploy-role-222222222222-",
            "arn:aws:iam::222222222222:role/cdk-hnb659fds-deployer-role-222222222222-eu-west-1",
            "arn:aws:iam::222222222222:role/team/cdk-hnb659fds-deploy-role-222222222222-eu-west-1",
            "arn:aws:iam::222222222222:role/cdk-*-deploy-role-222222222222-eu-west-1",
        ] {
            assert_eq!(named(&parse(other)), None, "{other}");
        }
    }
}
