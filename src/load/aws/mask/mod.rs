//! What is kept of answers holds no secrets: their places are taken by four asterisks, as AWS itself writes them.
//!
//! In: AWS's own members. Out: the same, without the values that may be secrets and that nothing is derived from. Names,
//! references to secrets, ARNs, account numbers, Regions and `#{variables}` stay: they tell whom a build calls and with which role.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};
use serde_json::{Map, Value};

use super::super::hint::{is_account, is_region};
use super::super::stack::secrets::named_like_one;
use crate::graph::Arn;
use crate::source::{Kind, Node, Sources};

/// What stands for a secret: <https://docs.aws.amazon.com/codepipeline/latest/userguide/appendix-github-oauth.html>
const MASK: &str = "****";

/// Types of build variables whose value only names where the secret is kept:
/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_EnvironmentVariable.html>
const REFERENCES: &[&str] = &["PARAMETER_STORE", "SECRETS_MANAGER"];

/// Masks what `get-pipeline` tells:
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html>
pub(super) fn pipeline(answer: &mut Value) {
    members(answer, &mut |key, value| match (key, &mut *value) {
        ("configuration", Value::Object(configuration)) => {
            configuration.iter_mut().for_each(configured);
            true
        }
        ("environmentVariables", _) => {
            build_variables(value);
            true
        }
        ("variables", Value::Array(variables)) => {
            variables.iter_mut().for_each(pipeline_variable);
            true
        }
        ("commands", Value::Array(commands)) => {
            for command in commands {
                replace(command, without_arguments);
            }
            true
        }
        _ => false,
    });
}

/// Masks a build project: <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html>
pub(super) fn project(project: &mut Value) {
    members(project, &mut |key, value| match key {
        "environmentVariables" => {
            build_variables(value);
            true
        }
        "buildspec" => {
            replace(value, buildspec);
            true
        }
        _ => named(key, value),
    });
}

/// Masks a function's configuration:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html>
pub(super) fn function(configuration: &mut Value) {
    members(configuration, &mut |key, value| match key {
        "Variables" | "Command" | "EntryPoint" => {
            texts(value);
            true
        }
        _ => named(key, value),
    });
}

/// Masks a service or task definition:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>
pub(super) fn containers(description: &mut Value) {
    members(description, &mut |key, value| match key {
        "environment" => {
            for variable in value.as_array_mut().into_iter().flatten() {
                if let Some(value) = variable.get_mut("value") {
                    texts(value);
                }
            }
            true
        }
        "options" => {
            for (option, value) in value.as_object_mut().into_iter().flatten() {
                let is_plain = option.starts_with("awslogs-")
                    || ["mode", "max-buffer-size"].contains(&option.as_str());
                if !is_plain {
                    texts(value);
                }
            }
            true
        }
        "command" | "entryPoint" | "dockerLabels" | "driverOpts" => {
            texts(value);
            true
        }
        _ => named(key, value),
    });
}

/// Masks what event rules send to their targets:
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html>
pub(super) fn targets(targets: &mut Value) {
    members(targets, &mut |key, value| match key {
        "Input" | "InputTemplate" | "HeaderParameters" | "QueryStringParameters" => {
            texts(value);
            true
        }
        _ => named(key, value),
    });
}

/// Hands every member to `masked`, outermost first, and what it did not mask whole its members.
fn members(value: &mut Value, masked: &mut dyn FnMut(&str, &mut Value) -> bool) {
    match value {
        Value::Object(inside) => {
            for (key, value) in inside {
                if !masked(key, value) {
                    members(value, masked);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                members(item, masked);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Masks a member whose name says that it is a secret, and what a web address has of one.
fn named(key: &str, value: &mut Value) -> bool {
    match is_secret(key) {
        true => replace(value, hidden),
        false => replace(value, address),
    }
    false
}

fn is_secret(name: &str) -> bool {
    let plain = name.replace(['_', '-'], "").to_ascii_lowercase();
    named_like_one(name) || plain.ends_with("accesskey")
}

/// Puts another text in a text's place.
fn replace(value: &mut Value, with: impl FnOnce(&str) -> String) {
    if let Value::String(text) = value {
        *text = with(text);
    }
}

/// Masks every text and number in a value, whatever it looks like.
fn texts(value: &mut Value) {
    match value {
        Value::String(_) | Value::Number(_) => *value = MASK.into(),
        Value::Array(items) => items.iter_mut().for_each(texts),
        Value::Object(members) => members.values_mut().for_each(texts),
        Value::Null | Value::Bool(_) => {}
    }
}

/// A configuration value: <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html>
fn configured((key, value): (&String, &mut Value)) {
    match key.as_str() {
        "EnvironmentVariables" => replace(value, |text| match serde_json::from_str(text) {
            Ok(mut variables @ Value::Array(_)) => {
                build_variables(&mut variables);
                variables.to_string()
            }
            Ok(_) | Err(_) => hidden(text),
        }),
        "BuildspecOverride" => replace(value, buildspec),
        key if is_secret(key) => replace(value, hidden),
        _ => replace(value, |text| {
            let before = serde_json::from_str::<Value>(text);
            let before = before.ok().filter(|it| it.is_object() || it.is_array());
            let Some(before) = before else {
                return address(text);
            };
            let mut after = before.clone();
            members(&mut after, &mut named);
            match after == before {
                true => text.to_owned(),
                false => after.to_string(),
            }
        }),
    }
}

fn pipeline_variable(variable: &mut Value) {
    let name = variable.get("name").and_then(Value::as_str);
    if name.is_some_and(is_secret)
        && let Some(value) = variable.get_mut("defaultValue")
    {
        replace(value, hidden);
    }
}

/// Masks the values of a list of variables with `name`, `value` and `type`, but those that name where the value is kept.
fn build_variables(list: &mut Value) {
    let variables = list.as_array_mut().into_iter().flatten();
    for variable in variables.filter_map(Value::as_object_mut) {
        if !is_reference(variable)
            && let Some(value) = variable.get_mut("value")
        {
            match value {
                Value::String(text) => *text = hidden(text),
                other => texts(other),
            }
        }
    }
}

fn is_reference(variable: &Map<String, Value>) -> bool {
    let kind = variable.get("type").and_then(Value::as_str);
    kind.is_some_and(|kind| REFERENCES.contains(&kind))
}

/// A text without what may be a secret: of `x-#{Source.CommitId}` the variable stays.
fn hidden(text: &str) -> String {
    if text.is_empty() || is_no_secret(text) {
        return text.to_owned();
    }
    let mut told = String::new();
    let mut rest = text;
    loop {
        let (before, behind) = rest.split_once("#{").unwrap_or((rest, ""));
        if !before.is_empty() {
            told.push_str(MASK);
        }
        let Some((variable, after)) = behind.split_once('}') else {
            return told;
        };
        told.extend(["#{", variable, "}"]);
        if after.is_empty() {
            return told;
        }
        rest = after;
    }
}

/// Whether a text is one that everybody may read, and that tells which role a command works with.
fn is_no_secret(text: &str) -> bool {
    let is_arn = || {
        let plain = |it: char| it.is_ascii_alphanumeric() || "_+=,.@:/-".contains(it);
        Arn::parse(text).is_some() && text.chars().all(plain)
    };
    is_account(text) || is_region(text) || is_arn()
}

/// A web address without the name and password in it, and without its query: a webhook's has a token there.
fn address(text: &str) -> String {
    let Some((scheme @ ("http" | "https"), rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let (rest, query) = match rest.split_once('?') {
        Some((rest, _)) => (rest, Some(MASK)),
        None => (rest, None),
    };
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, Some(path)),
        None => (rest, None),
    };
    let mut told = format!("{scheme}://");
    match host.rsplit_once('@') {
        Some((_, host)) => told.extend([MASK, "@", host]),
        None => told.push_str(host),
    }
    for (mark, part) in [("/", path), ("?", query)] {
        told.extend(part.into_iter().flat_map(|part| [mark, part]));
    }
    told
}

/// A buildspec without the values of its variables, and without what its commands say of secrets:
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html>
fn buildspec(text: &str) -> String {
    // The path of a file, or an object in S3.
    let text = text.trim_start_matches('\u{feff}');
    if !text.contains('\n') && !text.trim_start().starts_with('{') {
        return text.to_owned();
    }
    let masked = without_values(text).filter(|masked| {
        // Whether what was written in the values' places is read as meant, whatever quotes and anchors stood there.
        without_values(masked).as_deref() == Some(masked)
    });
    masked.map_or_else(|| MASK.to_owned(), |text| without_arguments(&text))
}

/// The text with other texts in the places of the variables' values; `None` where it is no tree.
fn without_values(text: &str) -> Option<String> {
    let mut sources = Sources::new();
    let source = sources.add("", text.as_bytes()).ok()?;
    let mut spans = Vec::new();
    for root in sources.roots(source) {
        let variables = root.get("env").and_then(|env| env.get("variables"));
        let entries = variables.map(Node::entries).unwrap_or_default();
        spans.extend(entries.into_iter().filter_map(|(_, _, value)| {
            let is_plain = match value.kind() {
                Kind::Null => true,
                _ => value
                    .scalar()
                    .is_some_and(|text| text == MASK || is_no_secret(text)),
            };
            (!is_plain).then(|| sources.place(value.origin()).span)
        }));
    }
    spans.sort_by_key(|span| (span.start, span.end));
    spans.dedup();
    let mut masked = String::new();
    let mut done = 0;
    for span in spans {
        masked.push_str(text.get(done..span.start)?);
        // Bare asterisks would be an alias in YAML.
        masked.extend(["\"", MASK, "\""]);
        done = span.end;
    }
    masked.push_str(text.get(done..)?);
    Some(masked)
}

/// Commands that write a secret out: `TOKEN=…`, `--password …`. What only names a variable, or is the output of a command, stays.
fn without_arguments(text: &str) -> String {
    static ARGUMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let name = r"([A-Za-z0-9_-]*(?:token|secret|password|passwd|private[_-]?key|api[_-]?key|access[_-]?key))";
        let value = r#"(\\?"[^"\\]*\\?"|'[^']*'|[^\s"'\\;&|]+)"#;
        Regex::new(&format!(r"(?i)(\b{name}=|--{name}\s+){value}")).ok()
    });
    let Some(argument) = ARGUMENT.as_ref() else {
        return MASK.to_owned();
    };
    let masked = argument.replace_all(text, |found: &Captures<'_>| {
        let part = |index| found.get(index).map_or("", |part| part.as_str());
        let (whole, before, value) = (part(0), part(1), part(4));
        let inside = value.trim_matches(['\\', '"', '\'']);
        match inside.starts_with(['$', '`', '-', '*']) || inside.is_empty() {
            true => whole.to_owned(),
            false => format!("{before}{MASK}"),
        }
    });
    masked.into_owned()
}

#[cfg(test)]
mod tests;
