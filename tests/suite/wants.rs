//! Demand is complete: whoever fetches only what a run asked for finds what whoever fetches everything finds.
//!
//! The whole of a fixture stands for AWS. A run begins with the pipelines alone and is given, round after round, exactly what it
//! wants of the whole, as a live run is.

use std::collections::{BTreeMap, BTreeSet};

use pipeline_preflight::check::{self, Finding, Options};
use pipeline_preflight::graph::{Arn, Fact, Graph, Want};
use pipeline_preflight::load::{self, Input, SnapshotFile};
use pipeline_preflight::rules::{Catalogue, operator};
use pipeline_preflight::source::Sources;
use serde_json::{Value, json};

use crate::world::{World, cases};

/// All that AWS would tell, file by file, and what each file is about.
struct Whole {
    start: Vec<SnapshotFile>,
    rest: Vec<(SnapshotFile, BTreeSet<Want>)>,
}

impl Whole {
    fn of(files: &BTreeMap<String, Value>) -> Self {
        let mut start = Vec::new();
        let mut rest = Vec::new();
        for (path, text) in files.iter().flat_map(|(path, value)| split(path, value)) {
            let file = SnapshotFile {
                refused: Vec::new(),
                name: path.clone(),
                path: path.into(),
                text: text.to_string(),
                refused: Vec::new(),
            };
            match file.path.to_str().unwrap().contains("/codepipeline/") {
                true => start.push(file),
                false => rest.push(file),
            }
        }
        let known = start.clone();
        let rest = rest.into_iter().map(|file| {
            let mut files = known.clone();
            files.push(file.clone());
            let about = about(&graph_of(&files, None).1);
            assert!(!about.is_empty(), "{} is about nothing", file.name);
            (file, about)
        });
        Self {
            rest: rest.collect(),
            start,
        }
    }

    fn all(&self) -> Vec<SnapshotFile> {
        let rest = self.rest.iter().map(|(file, _)| file.clone());
        self.start.iter().cloned().chain(rest).collect()
    }
}

/// An account export as one file for each of its principals and policies: nobody who asks for one role is given all of them.
fn split(path: &str, value: &Value) -> Vec<(String, Value)> {
    let Some(account) = path
        .split('/')
        .next()
        .filter(|_| value.get("RoleDetailList").is_some() || value.get("Policies").is_some())
    else {
        return vec![(path.to_owned(), value.clone())];
    };
    let list = |key: &str| value[key].as_array().cloned().unwrap_or_default();
    let name = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
    let mut files = Vec::new();
    for role in list("RoleDetailList") {
        let name = name(&role, "RoleName");
        files.push((
            format!("{account}/iam/roles/{name}.json"),
            json!({ "Role": role }),
        ));
    }
    for policy in list("Policies") {
        let name = name(&policy, "PolicyName");
        files.push((format!("{account}/iam/policies/{name}.json"), policy));
    }
    for (member, key, folder) in [
        ("UserDetailList", "UserName", "users"),
        ("GroupDetailList", "GroupName", "groups"),
    ] {
        for one in list(member) {
            let path = format!("{account}/iam/{folder}/{}.json", name(&one, key));
            files.push((path, json!({ member: [one], "IsTruncated": true })));
        }
    }
    files
}

fn graph_of(files: &[SnapshotFile], caller: Option<&str>) -> (check::Result, Graph) {
    let mut sources = Sources::new();
    let inputs: Vec<Input> = files.iter().cloned().map(Input::Snapshot).collect();
    let loaded = load::load(&mut sources, &inputs).unwrap();
    assert!(loaded.unrecognised.is_empty(), "{:?}", loaded.unrecognised);
    let mut graph = loaded.graph;
    graph.watch();
    let options = Options {
        pipelines: Vec::new(),
        caller: caller.map(|arn| operator(&graph, arn).unwrap()),
    };
    let catalogue = Catalogue::builtin().unwrap();
    (check::run(&graph, &catalogue, &options), graph)
}

/// What facts of a graph answer which wants.
fn about(graph: &Graph) -> BTreeSet<Want> {
    let mut about = BTreeSet::new();
    let given = |assumed: bool| !assumed;
    let roles = graph
        .roles
        .values()
        .filter(|role| given(role.assumed.is_some()));
    about.extend(roles.map(|role| Want::Role(role.arn.clone())));
    let policies = graph
        .policies
        .values()
        .filter(|policy| given(policy.assumed.is_some()));
    about.extend(policies.map(|policy| Want::Policy(policy.arn.clone())));
    about.extend(graph.users.keys().cloned().map(Want::User));
    about.extend(graph.groups.keys().map(|arn| {
        let arn = Arn::parse(arn).unwrap();
        Want::Group {
            name: arn.name().to_owned(),
            account: arn.account,
        }
    }));
    let stands_in = |arn: &str| graph.stand_ins.contains_key(arn);
    let buckets = graph.buckets.keys();
    let buckets = buckets.filter(|name| !stands_in(&format!("arn:aws:s3:::{name}")));
    about.extend(buckets.cloned().map(Want::Bucket));
    for key in graph.keys.values() {
        let arn = Arn::parse(&key.arn).unwrap();
        let mut names = vec![arn.resource.clone()];
        if let Fact::Known(aliases) = &key.aliases {
            names.extend(aliases.iter().cloned());
        }
        for name in names {
            for region in [arn.region.as_str(), "*"] {
                let arn = Arn {
                    region: region.to_owned(),
                    resource: name.clone(),
                    ..arn.clone()
                };
                about.insert(Want::Key(arn.to_string()));
            }
        }
    }
    for resource in graph.resources.values().filter(|one| !stands_in(&one.arn)) {
        let arn = Arn::parse(&resource.arn).unwrap();
        about.insert(Want::Resource(resource.arn.clone()));
        if arn.service == "secretsmanager" {
            // AWS takes the ARN without the end that it has added as well.
            let (name, _) = resource.arn.rsplit_once('-').unwrap();
            about.insert(Want::Resource(name.to_owned()));
        }
        if arn.service == "events" && arn.resource.starts_with("rule/") {
            about.remove(&Want::Resource(resource.arn.clone()));
            let targets = (0..).map_while(|at| resource.values.get(&format!("Targets[{at}].Arn")));
            about.extend(targets.map(|target| Want::EventRules {
                account: arn.account.clone(),
                region: arn.region.clone(),
                target: target.text.clone(),
            }));
        }
    }
    let accounts = graph.accounts.iter();
    let told = accounts.filter(|(_, account)| account.organization.is_some());
    about.extend(told.map(|(account, _)| Want::Organization(account.clone())));
    about
}

/// What a run on demand ends with: what it found, and what it asked for.
fn on_demand(whole: &Whole, caller: Option<&str>) -> (check::Result, BTreeSet<Want>) {
    let mut files = whole.start.clone();
    let mut asked = BTreeSet::new();
    for _ in 0..12 {
        let (result, graph) = graph_of(&files, caller);
        let new: BTreeSet<Want> = graph.wanted().difference(&asked).cloned().collect();
        if new.is_empty() {
            return (result, asked);
        }
        for (file, about) in &whole.rest {
            if !about.is_disjoint(&new) && !files.contains(file) {
                files.push(file.clone());
            }
        }
        asked.extend(new);
    }
    panic!("wants without end: {asked:?}");
}

/// A finding without its places, which differ with the files it is read from.
fn said(finding: &Finding) -> String {
    let Finding {
        rule,
        severity,
        decision,
        layer,
        principals,
        operations,
        resources,
        message,
        help,
        affects,
        missing,
        labels,
        ..
    } = finding;
    let mut labels: Vec<&str> = labels.iter().map(|label| label.text.as_str()).collect();
    labels.sort_unstable();
    format!(
        "{rule} {severity:?} {decision:?} {layer:?} {principals:?} {operations:?} {resources:?} {message} {help} {affects:?} {missing:?} {labels:?}"
    )
}

fn all_said(result: &check::Result) -> (String, Vec<String>) {
    let mut said: Vec<String> = result.findings.iter().map(said).collect();
    said.sort();
    (format!("{:?}", result.summary), said)
}

#[test]
fn what_is_asked_for_is_all_that_matters() {
    for case in cases() {
        let world = World::of_case(&case);
        let whole = Whole::of(&world.files);
        let (all, _) = graph_of(&whole.all(), None);
        let (result, asked) = on_demand(&whole, None);
        assert_eq!(all_said(&result), all_said(&all), "{case}");
        let told: BTreeSet<&Want> = whole.rest.iter().flat_map(|(_, about)| about).collect();
        for want in asked.iter().filter(|want| !told.contains(want)) {
            println!("{case}: {want:?}");
        }
        for (file, about) in &whole.rest {
            if about.is_disjoint(&asked) {
                println!("{case}: not asked {}", file.name);
            }
        }
    }
}
