//! Buildspecs: files of their own, and texts inside a project's description or an action's configuration.
//!
//! Shape: <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html>

use std::collections::BTreeMap;

use super::reader::Reading;
use crate::graph::{Buildspec, Text};
use crate::source::{Kind, Node, Origin};

/// The phases in the order they run; each may clean up in `finally`.
const PHASES: [&str; 4] = ["install", "pre_build", "build", "post_build"];

/// By what only buildspecs have together: many files have a `version`.
pub(super) fn recognise(document: Node<'_>) -> bool {
    document.get("version").is_some()
        && document.get("phases").is_some_and(|phases| {
            phases.kind() == Kind::Map && PHASES.iter().any(|phase| phases.get(phase).is_some())
        })
}

/// Reads a buildspec that is a file of its own.
pub(super) fn read(reading: &mut Reading<'_>, document: Origin) {
    let buildspec = buildspec(reading, document);
    let file = reading.sources.name(document.source()).to_owned();
    reading.facts.add_buildspec_file(file, buildspec);
}

/// Reads the buildspec inside a text; the path of a file, an object in S3 and what is no buildspec are left alone.
pub(super) fn read_inline(reading: &mut Reading<'_>, text: &Text) {
    let inside = text.text.trim_start();
    if !inside.contains('\n') && !inside.starts_with('{') {
        return;
    }
    let Ok(source) = reading.sources.add_nested_yaml(text.origin) else {
        return;
    };
    let Some(document) = reading
        .sources
        .roots(source)
        .first()
        .map(|node| node.origin())
    else {
        return;
    };
    if recognise(reading.node(document)) {
        let buildspec = buildspec(reading, document);
        reading.facts.add_inline_buildspec(text.origin, buildspec);
    }
}

fn buildspec(reading: &Reading<'_>, document: Origin) -> Buildspec {
    let mut commands = Vec::new();
    let phases = reading.member(document, "phases");
    for phase in PHASES {
        let Some(phase) = phases.and_then(|phases| reading.member(phases, phase)) else {
            continue;
        };
        for list in ["commands", "finally"] {
            for command in reading.list(phase, list).unwrap_or_default() {
                let node = reading.node(command);
                commands.extend(node.scalar().map(|text| Text {
                    text: text.to_owned(),
                    origin: node.origin(),
                }));
            }
        }
    }
    Buildspec {
        origin: document,
        commands,
        variables: variables(reading, document),
    }
}

fn variables(reading: &Reading<'_>, document: Origin) -> BTreeMap<String, Text> {
    let variables = reading
        .member(document, "env")
        .and_then(|env| reading.member(env, "variables"));
    let Some(variables) = variables else {
        return BTreeMap::new();
    };
    let entries = reading.node(variables).entries();
    let text = |(name, _, value): (&str, Origin, Node<'_>)| {
        let text = Text {
            text: value.scalar()?.to_owned(),
            origin: value.origin(),
        };
        Some((name.to_owned(), text))
    };
    entries.into_iter().filter_map(text).collect()
}
