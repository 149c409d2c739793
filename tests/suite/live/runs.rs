//! How tests run the program against a cloud.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;
use tempfile::TempDir;

use super::call::key_of;
use super::cloud::Cloud;
use super::estate::Estate;
use super::manner::Manner;
use crate::cli::{code, err, out, program};
use crate::world::fixtures;

/// A system to be looked at: where its files lie, what is in them.
pub(super) struct System {
    pub(super) folder: std::path::PathBuf,
    pub(super) estate: Estate,
    /// The account and Region of its pipelines, and their names.
    pub(super) account: String,
    pub(super) region: String,
    pub(super) pipelines: Vec<String>,
}

impl System {
    pub(super) fn of_case(case: &str) -> Self {
        Self::of(&fixtures("cases").join(case))
    }

    pub(super) fn of(folder: &Path) -> Self {
        let estate = Estate::of(folder);
        let mut places = BTreeSet::new();
        let mut pipelines = Vec::new();
        for ((account, region), things) in &estate.things {
            for (path, thing) in things {
                if path.starts_with("codepipeline/") {
                    places.insert((account.clone(), region.clone()));
                    let pipeline = thing.get("pipeline").unwrap_or(thing);
                    pipelines.push(pipeline["name"].as_str().unwrap().to_owned());
                }
            }
        }
        let (account, region) = places.pop_first().unwrap();
        assert!(places.is_empty(), "pipelines in more than one place");
        Self {
            folder: folder.to_owned(),
            estate,
            account,
            region,
            pipelines,
        }
    }

    /// Words that open the way into all accounts but the first.
    pub(super) fn doors(&self) -> Vec<String> {
        let others = self.estate.accounts.keys();
        let others = others.filter(|account| **account != self.account);
        others
            .flat_map(|account| {
                let role = format!("{account}=role:arn:aws:iam::{account}:role/Reader");
                ["--account".to_owned(), role]
            })
            .collect()
    }

    /// The program before this system's cloud, in an empty folder.
    pub(super) fn program(&self, cloud: &Cloud, folder: &TempDir) -> Command {
        let mut command = program(folder.path());
        command
            .env("HOME", folder.path())
            .env("AWS_ENDPOINT_URL", cloud.url())
            .env("AWS_ACCESS_KEY_ID", key_of(&self.account))
            .env("AWS_SECRET_ACCESS_KEY", "made-up")
            .env("AWS_REGION", &self.region)
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// A cloud with these accounts.
    pub(super) fn cloud(&self, manner: Manner) -> Cloud {
        let delegate = Some(self.account.clone());
        Cloud::start(self.estate.clone(), Manner { delegate, ..manner })
    }

    /// Words that name all pipelines as they are now.
    pub(super) fn live(&self) -> Vec<String> {
        let words = ["--live".to_owned()];
        words
            .into_iter()
            .chain(self.pipelines.iter().cloned())
            .collect()
    }

    /// `check --live` with all doors open.
    pub(super) fn check(&self, cloud: &Cloud) -> Report {
        self.check_with(cloud, &[])
    }

    /// The same with settings of the environment.
    pub(super) fn check_with(&self, cloud: &Cloud, settings: &[(&str, &str)]) -> Report {
        let folder = TempDir::new().unwrap();
        let mut command = self.program(cloud, &folder);
        command.envs(settings.iter().copied());
        command.arg("check").args(self.live()).args(self.doors());
        Report::of(command.args(["-v", "--format", "json"]))
    }

    /// `check PIPELINE.json --live`: the pipelines from files, all else from the accounts.
    pub(super) fn check_new(&self, cloud: &Cloud) -> Report {
        let folder = TempDir::new().unwrap();
        let mut command = self.program(cloud, &folder);
        command.arg("check");
        let place = (self.account.clone(), self.region.clone());
        for (path, pipeline) in &self.estate.things[&place] {
            if let Some(name) = path.strip_prefix("codepipeline/") {
                let mut pipeline = pipeline.clone();
                // What an update refuses is removed by whoever writes a new definition.
                pipeline.as_object_mut().unwrap().remove("metadata");
                std::fs::write(folder.path().join(name), pipeline.to_string()).unwrap();
                command.arg(name);
            }
        }
        command.arg("--live").args(self.doors());
        Report::of(command.args(["-v", "--format", "json"]))
    }

    /// `check` on the files.
    pub(super) fn check_files(&self) -> Report {
        let folder = TempDir::new().unwrap();
        let mut command = program(folder.path());
        command.arg("check").arg(&self.folder);
        Report::of(command.args(["--format", "json"]))
    }
}

/// Does something for all items on both cores, and gathers what is wrong with each.
pub(super) fn faults<T: Send>(
    items: impl IntoIterator<Item = T>,
    test: impl Fn(T) -> Option<String> + Sync,
) -> Vec<String> {
    let items = Mutex::new(items.into_iter().enumerate().collect::<VecDeque<_>>());
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let Some((index, item)) = items.lock().unwrap().pop_front() else {
                        return;
                    };
                    let found = test(item).map(|fault| (index, fault));
                    faults.lock().unwrap().extend(found);
                }
            });
        }
    });
    let mut faults = faults.into_inner().unwrap();
    faults.sort();
    faults.into_iter().map(|(_, fault)| fault).collect()
}

/// What the program said.
pub(super) struct Report {
    pub(super) code: i32,
    pub(super) text: String,
    pub(super) errors: String,
    pub(super) tree: Value,
}

impl Report {
    pub(super) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: code(&output),
            text: out(&output).to_owned(),
            errors: err(&output).to_owned(),
            tree: serde_json::from_slice(&output.stdout).unwrap_or_default(),
        }
    }

    pub(super) fn summary(&self) -> &Value {
        &self.tree["summary"]
    }

    /// How many requirements are undecided.
    pub(super) fn undecided(&self) -> u64 {
        self.summary()["undecided"].as_u64().unwrap_or_default()
    }

    /// All findings without their places, sorted.
    pub(super) fn findings(&self) -> Vec<Value> {
        let mut findings: Vec<Value> = self.tree["findings"]
            .as_array()
            .unwrap_or_else(|| panic!("exit {}: {}{}", self.code, self.text, self.errors))
            .clone();
        for finding in &mut findings {
            finding.as_object_mut().unwrap().remove("locations");
        }
        findings.sort_by_key(Value::to_string);
        findings
    }

    /// Findings without a doubt, errors and warnings, that say more than those of another report: where less is known, what is
    /// left of a finding that merges several principals, operations and resources is no new one.
    pub(super) fn settled_beyond(&self, other: &Self) -> Vec<Value> {
        let known = other.findings();
        let mut findings = self.findings();
        findings.retain(|finding| {
            let settled = finding["decision"] != "undecided" && finding["severity"] != "note";
            settled && !known.iter().any(|other| within(finding, other))
        });
        findings
    }
}

/// Whether a finding says nothing that another one does not say. Where a resource's name is not known, it is a pattern, and
/// whoever may not do something at all may not do it there.
fn within(finding: &Value, other: &Value) -> bool {
    let same = |member: &str| finding[member] == other[member];
    let part = |one: &str, all: &str| {
        let (these, those) = (several(finding, one, all), several(other, one, all));
        let is_pattern = |this: &Value| this.as_str().is_some_and(|this| this.contains('*'));
        these
            .iter()
            .all(|this| those.contains(this) || is_pattern(this))
    };
    same("rule")
        && same("layer")
        && same("decision")
        && part("principal", "principals")
        && part("resource", "resources")
        && part("operations", "operations")
}

/// All that a finding names of something: one, or a list where there are several.
fn several<'a>(finding: &'a Value, one: &str, all: &str) -> Vec<&'a Value> {
    match finding.get(all).and_then(Value::as_array) {
        Some(several) => several.iter().collect(),
        None => vec![&finding[one]],
    }
}
