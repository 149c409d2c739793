//! `config show`: what counts, of the command line and of the configuration file, as a configuration file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::{Applied, apply};
use crate::check::triage::Level;
use crate::cli::output::write_out;
use crate::cli::{Check, Exit, Given, Streams, Voice};
use crate::load::aws::Door;
use crate::load::{Ignore, Input, Secrets, StackInput};
use crate::report::{file_name, printable};
use crate::rules::Severity;

/// What stands in the place of a value that nobody may read.
const MASK: &str = "****";

/// The words of a file, in the order in which the reference lists them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Shown {
    inputs: Vec<String>,
    stacks: Vec<Stack>,
    assume: BTreeMap<String, String>,
    accounts: BTreeMap<String, Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<String>,
    fail_on: &'static str,
    strict: bool,
    severities: BTreeMap<String, &'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignore: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<String>,
}

#[derive(Debug, Serialize)]
struct Stack {
    template: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Parameters>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Parameters {
    Files(Vec<String>),
    Values(BTreeMap<String, String>),
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Account {
    Id(String),
    Way {
        #[serde(skip_serializing_if = "Option::is_none")]
        profile: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        role: Option<String>,
        #[serde(rename = "external-id", skip_serializing_if = "Option::is_none")]
        external_id: Option<&'static str>,
    },
}

#[derive(Debug, Serialize)]
struct Entry {
    rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

/// Prints what counts.
pub(in crate::cli) fn run(options: &Check, voice: Voice, streams: &mut Streams<'_>) -> Exit {
    let Some(applied) = apply(&options.subject, voice, streams) else {
        return Exit::Failed;
    };
    // Rules that do not exist are no configuration.
    if applied.catalogue(voice, streams).is_none() {
        return Exit::Failed;
    }
    let mut text = match &applied.file {
        Some(file) => format!("# from {}, and the command line\n", path(file)),
        None => "# no configuration file, only the command line\n".to_owned(),
    };
    text.push_str("# paths are relative to the working folder\n");
    let unsaid = unsaid(options, &applied);
    if !unsaid.is_empty() {
        let unsaid = unsaid.join("`, `");
        text.push_str(&format!("# no file can say, and is left out: `{unsaid}`\n"));
    }
    let shown = shown(options, &applied);
    let yaml = match serde_yaml::to_string(&shown) {
        Ok(yaml) => yaml,
        Err(error) => {
            let message = format!("the configuration cannot be written: {error}");
            voice.error(streams, &message, None);
            return Exit::Failed;
        }
    };
    if yaml.contains(MASK) {
        text.push_str(&format!(
            "# `{MASK}` stands for a value that is not shown\n"
        ));
    }
    text.push_str(&yaml);
    write_out(streams, printable(&text).as_bytes(), Exit::Clean, voice)
}

/// Words of the command line that have a say in a check, and have no key.
fn unsaid(options: &Check, applied: &Applied) -> Vec<&'static str> {
    let stdin = |given: &Given| matches!(given, Given::Stdin { .. });
    [
        ("-", applied.inputs.iter().any(stdin)),
        ("--live", applied.live.is_some()),
        ("--pipeline", !options.subject.pipelines.is_empty()),
        ("--caller", options.caller.is_some()),
        ("--exit-zero", options.exit_zero),
        ("--only", !options.weights.only.is_empty()),
        ("--skip", !options.weights.skip.is_empty()),
        ("--min-severity", options.min_severity.is_some()),
        ("--no-ignores", !options.ignores),
        ("--against", options.against.is_some()),
    ]
    .into_iter()
    .filter_map(|(word, given)| given.then_some(word))
    .collect()
}

fn shown(options: &Check, applied: &Applied) -> Shown {
    let policy = &applied.policy;
    let read: Vec<Input> = applied.inputs.iter().filter_map(read).collect();
    let secrets = Secrets::of(&read);
    let inputs = applied.inputs.iter().filter_map(|given| match given {
        Given::Path(input) => Some(path(input)),
        _ => None,
    });
    let stacks = applied.inputs.iter().filter_map(|given| match given {
        Given::Stack(stack) => Some(Stack::of(stack, &secrets)),
        _ => None,
    });
    let assumed = applied.settings.assumed.iter();
    let aliases = applied.settings.accounts.iter();
    let aliases = aliases.map(|(alias, id)| (alias.clone(), Account::Id(id.clone())));
    let doors = applied.doors.iter();
    let doors = doors.map(|(account, door)| (account.clone(), Account::of(door)));
    let fail_on = options.fail_on.or(policy.fail_on);
    let baseline = options.baseline.as_deref().or(policy.baseline.as_deref());
    let severities = policy.severities.iter();
    Shown {
        inputs: inputs.collect(),
        stacks: stacks.collect(),
        assume: assumed
            .map(|(name, value)| (name.clone(), masked(secrets.hide(name), value)))
            .collect(),
        accounts: aliases.chain(doors).collect(),
        rules: applied.rules.as_deref().map(path),
        fail_on: fail_on.unwrap_or(Severity::Error).name(),
        strict: options.strict || policy.strict,
        severities: severities
            .map(|(rule, level)| (rule.clone(), name(*level)))
            .collect(),
        ignore: policy.ignores.iter().map(Entry::of).collect(),
        baseline: baseline.map(path),
    }
}

/// What may hold templates; standard input is left alone.
fn read(given: &Given) -> Option<Input> {
    match given {
        Given::Path(path) => Some(Input::Path(path.clone())),
        Given::Stack(stack) => Some(Input::Stack(stack.clone())),
        Given::Stdin { .. } => None,
    }
}

fn name(level: Level) -> &'static str {
    match level {
        Level::As(severity) => severity.name(),
        Level::Off => "off",
    }
}

fn path(path: &Path) -> String {
    file_name(&path.to_string_lossy())
}

fn masked(hide: bool, value: &str) -> String {
    let value = if hide { MASK } else { value };
    value.to_owned()
}

impl Stack {
    fn of(stack: &StackInput, secrets: &Secrets) -> Self {
        let files = stack.parameter_files.iter().map(|file| path(file));
        let values = stack.parameters.iter();
        let parameters = match (stack.parameter_files.is_empty(), values.len()) {
            (true, 0) => None,
            (true, _) => Some(Parameters::Values(
                values
                    .map(|(name, value)| (name.clone(), masked(secrets.hide(name), value)))
                    .collect(),
            )),
            (false, _) => Some(Parameters::Files(files.collect())),
        };
        Self {
            template: path(&stack.template),
            account: stack.account.clone(),
            region: stack.region.clone(),
            name: stack.name.clone(),
            parameters,
        }
    }
}

impl Account {
    fn of(door: &Door) -> Self {
        match door {
            Door::Profile(name) => Self::Way {
                profile: Some(name.clone()),
                role: None,
                external_id: None,
            },
            Door::Role { arn, external_id } => Self::Way {
                profile: None,
                role: Some(arn.clone()),
                external_id: external_id.as_ref().map(|_| MASK),
            },
        }
    }
}

impl Entry {
    fn of(entry: &Ignore) -> Self {
        Self {
            rule: entry.rule.clone(),
            pipeline: entry.pipeline.clone(),
            stage: entry.stage.clone(),
            action: entry.action.clone(),
            principal: entry.principal.clone(),
            operation: entry.operation.clone(),
            resource: entry.resource.clone(),
            reason: entry.reason.clone(),
            expires: entry.expires.map(|day| day.to_string()),
        }
    }
}
