//! Templates as they are found: those of public repositories, those of systems that stand as exports too, and what becomes of
//! them when a grant is taken away.

mod corpus;
mod refarch;
mod systems;
mod terraform;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use pipeline_preflight::check::{self, Finding, Options};
use pipeline_preflight::load::{self, Input, LoadError, Loaded, Settings, StackInput};
use pipeline_preflight::rules::{Catalogue, Severity};
use pipeline_preflight::source::Sources;
use serde::Deserialize;

/// What `pipeline-preflight.yaml` says of templates; paths are relative to the folder that it speaks of.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default)]
    inputs: Vec<String>,
    #[serde(default)]
    stacks: Vec<StackConfig>,
    #[serde(default)]
    assume: BTreeMap<String, String>,
    #[serde(default)]
    accounts: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StackConfig {
    template: String,
    account: Option<String>,
    region: Option<String>,
    name: Option<String>,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Parameters {
    Values(BTreeMap<String, String>),
    File(String),
    Files(Vec<String>),
}

impl Default for Parameters {
    fn default() -> Self {
        Self::Values(BTreeMap::new())
    }
}

/// What a run came to.
struct Run {
    result: check::Result,
    loaded: Loaded,
}

impl Config {
    /// The configuration in a folder.
    fn of(folder: &Path) -> Self {
        let path = folder.join("pipeline-preflight.yaml");
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// What the configuration names, for a folder.
    fn inputs(&self, folder: &Path) -> (Vec<Input>, Settings) {
        let at = |path: &String| plain(&folder.join(path));
        let paths = self.inputs.iter().map(|path| Input::Path(at(path)));
        let stacks = self.stacks.iter().map(|stack| {
            let mut input = StackInput {
                template: at(&stack.template),
                account: stack.account.clone(),
                region: stack.region.clone(),
                name: stack.name.clone(),
                ..StackInput::default()
            };
            match &stack.parameters {
                Parameters::Values(values) => input.parameters.clone_from(values),
                Parameters::File(file) => input.parameter_files = vec![at(file)],
                Parameters::Files(files) => input.parameter_files = files.iter().map(at).collect(),
            }
            Input::Stack(input)
        });
        let settings = Settings {
            assumed: self.assume.clone().into_iter().collect(),
            accounts: self.accounts.clone(),
            ..Settings::default()
        };
        (paths.chain(stacks).collect(), settings)
    }

    fn check(&self, folder: &Path) -> Result<Run, Vec<LoadError>> {
        let (inputs, settings) = self.inputs(folder);
        run(&inputs, &settings)
    }
}

fn run(inputs: &[Input], settings: &Settings) -> Result<Run, Vec<LoadError>> {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());
    let mut sources = Sources::new();
    let loaded = load::load_with(&mut sources, inputs, settings)?;
    let result = check::run(&loaded.graph, &CATALOGUE, &Options::default());
    Ok(Run { result, loaded })
}

/// A path without `..`, so that the folders of a snapshot in it say what they say.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

fn severity(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

impl Run {
    /// A finding in one line, as far as it does not hang on how its sentences are worded; values that nobody knows in
    /// angle brackets.
    fn line(&self, finding: &Finding) -> String {
        let symbols = &self.loaded.graph.symbols;
        let sorted = |list: &[String]| {
            let mut shown: Vec<String> = list
                .iter()
                .map(|text| symbols.shown(text).into_owned())
                .collect();
            shown.sort();
            shown.dedup();
            shown.join(", ")
        };
        let mut affects: Vec<String> = finding
            .affects
            .iter()
            .map(|one| {
                let pipeline = one.pipeline.splitn(6, ':').last().unwrap_or_default();
                format!(
                    "{}/{}/{}",
                    symbols.shown(pipeline),
                    symbols.shown(&one.stage),
                    symbols.shown(&one.action)
                )
            })
            .collect();
        affects.sort();
        affects.dedup();
        let mut line = format!(
            "{} {} {} {:?} | {} | {} | {} | {}",
            severity(finding),
            finding.rule,
            finding.layer.name(),
            finding.decision,
            sorted(&finding.principals),
            sorted(&finding.operations),
            sorted(&finding.resources),
            affects.join(", "),
        );
        if !finding.missing.is_empty() {
            line.push_str(" | missing: ");
            line.push_str(&symbols.shown(&finding.missing.join("; ")));
        }
        line
    }

    fn lines(&self, least: Severity) -> Vec<String> {
        let findings = self.result.findings.iter();
        findings
            .filter(|finding| finding.severity >= least)
            .map(|finding| self.line(finding))
            .collect()
    }
}
