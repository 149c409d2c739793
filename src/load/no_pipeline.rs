//! What to say when no input holds a pipeline: what was recognised instead, and how to come by one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Input, LoadError, Loaded, foreign};
use crate::graph::{Graph, SwitchedOff};

const NO_INPUT: &str = "name files, folders or `--stack FILE,account=ID,region=REGION`, or list them in `pipeline-preflight.yaml`";
const NO_PIPELINE: &str = "add a template with a pipeline, or the output of `aws codepipeline get-pipeline --name NAME`, to the inputs";

/// Names of unrecognised files that one message holds.
const NAMED_FILES: usize = 10;

/// The error of a run without pipelines.
pub(super) fn error(inputs: &[Input], texts: usize, loaded: &Loaded) -> LoadError {
    let unrecognised = &loaded.unrecognised;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for document in &loaded.recognised {
        *counts.entry(document.kind).or_default() += 1;
    }
    let message = if inputs.is_empty() {
        "no input: expected files or folders with at least one pipeline".to_owned()
    } else if counts.is_empty() {
        format!(
            "no pipeline among the inputs: nothing was recognised in {}",
            counted(texts, "file")
        )
    } else {
        let counts: Vec<String> = counts
            .iter()
            .map(|(kind, count)| counted(*count, kind))
            .collect();
        format!(
            "no pipeline among the inputs: recognised {} instead",
            listed(&counts)
        )
    };
    let names: Vec<String> = unrecognised
        .iter()
        .take(NAMED_FILES)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = unrecognised.len().saturating_sub(names.len());
    let message = match (names.is_empty(), more) {
        (true, _) => message,
        (false, 0) => format!("{message}; not recognised: {}", listed(&names)),
        (false, more) => format!(
            "{message}; not recognised: {}, and {more} more",
            names.join(", ")
        ),
    };
    let (message, help) = match switched_off(&loaded.graph) {
        Some((why, help)) => (format!("{message}; {why}"), help),
        None if inputs.is_empty() => (message, NO_INPUT.to_owned()),
        None if unrecognised.iter().any(|name| name.ends_with(".tf")) => {
            (message, foreign::TERRAFORM.to_owned())
        }
        None => (message, NO_PIPELINE.to_owned()),
    };
    LoadError {
        file: String::new(),
        message,
        position: None,
        help: Some(help),
    }
}

/// The pipelines that templates hold back, and what turns them on.
fn switched_off(graph: &Graph) -> Option<(String, String)> {
    let pipelines: Vec<&SwitchedOff> = graph
        .switched_off
        .iter()
        .filter(|off| off.kind == "AWS::CodePipeline::Pipeline" && off.property.is_none())
        .collect();
    let first = pipelines.first()?;
    let why: Vec<String> = pipelines
        .iter()
        .map(|off| {
            let (id, stack, condition) = (&off.logical_id, &off.stack, &off.condition);
            format!("`{id}` of `{stack}` is left out, because `{condition}` is false")
        })
        .collect();
    let help = match &first.turned_on_by {
        Some((name, value)) => format!("`--assume {name}={value}` turns it on"),
        None => {
            let names: Vec<String> = first
                .parameters
                .iter()
                .map(|(name, value)| format!("`{name}`, which is `{value}`"))
                .collect();
            format!(
                "it hangs on {}: `--assume NAME=VALUE` sets one",
                listed(&names)
            )
        }
    };
    Some((listed(&why), help))
}

/// `1 role`, `2 inline policies`.
pub(crate) fn counted(count: usize, kind: &str) -> String {
    let mut text = format!("{count} ");
    let stem = kind.strip_suffix('y');
    let stem = stem.filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    let written = match (count, stem) {
        (1, _) => write!(text, "{kind}"),
        (_, Some(stem)) => write!(text, "{stem}ies"),
        (_, None) if kind.ends_with('s') => write!(text, "{kind}es"),
        (_, None) => write!(text, "{kind}s"),
    };
    debug_assert!(written.is_ok(), "writing into a string does not fail");
    text
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn kinds_are_counted_in_the_plural() {
        let several = ["key", "inline policy", "role", "alias"].map(|kind| counted(2, kind));
        assert_eq!(
            several,
            ["2 keys", "2 inline policies", "2 roles", "2 aliases"]
        );
        assert_eq!(counted(1, "key"), "1 key");
    }
}
