//! `--format sarif`: SARIF 2.1.0, with what GitHub's code scanning asks for.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>,
//! <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning>.
//! All rules are described, whatever was found, for only then do two runs compare. No `security-severity`: a rule that has
//! one counts as a security rule, and most of these tell that a run will fail.

mod rules;
mod uri;

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use self::rules::{Rule, rules};
use self::uri::artifact;
use super::places::{Shown, places_or_pipeline};
use super::text::{printable, write_json};
use super::words::{parts, path};
use super::{Rendering, file_name};
use crate::check::{Change, Finding, SuppressedBy, Suppression};
use crate::source::{Origin, Place};

/// Code scanning shows a hundred locations of a result and refuses a file with more than a thousand.
const LOCATIONS: usize = 100;

/// The state of a result that another state of the inputs had:
/// <https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html#_Toc141790912>.
const ABSENT: &str = "absent";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: Value,
    original_uri_base_ids: Value,
    column_kind: &'static str,
    results: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    semantic_version: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    information_uri: &'static str,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Value,
    locations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Value>,
    partial_fingerprints: Value,
    /// `new`, `unchanged` or `absent`: of all results or of none, as the standard would have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<Vec<Value>>,
    properties: Value,
}

/// Writes the log as one pretty-printed document with a final line feed.
pub(super) fn render(rendering: &Rendering<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let given = rendering.result;
    let found = given.with_changes();
    let found = found.map(|(finding, change)| (finding, change.map(Change::name)));
    let fixed = given.comparison.iter();
    let fixed = fixed.flat_map(|comparison| &comparison.fixed);
    let all = found.chain(fixed.map(|finding| (finding, Some(ABSENT))));
    let results = all
        .zip(given.fingerprints())
        .map(|((finding, state), fingerprint)| result(finding, &fingerprint, state, rendering));
    // What is set apart is not compared, and no state may be left out where others have one: it is nothing new to look at.
    let state = given.comparison.as_ref().map(|_| Change::Unchanged.name());
    let suppressed = given.suppressed.iter().map(|one| Entry {
        suppressions: Some(vec![suppression(&one.suppression, rendering)]),
        ..result(&one.finding, &one.fingerprint(), state, rendering)
    });
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "pipeline-preflight",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: rules(&rendering.result.rules),
                },
            },
            invocations: json!([{"executionSuccessful": true}]),
            // Where the folder is on this machine is nobody's business; a reader knows its own root.
            original_uri_base_ids: json!({
                uri::ROOT: {"description": {"text": "the folder that the check was run in"}}
            }),
            column_kind: "unicodeCodePoints",
            results: results.chain(suppressed).collect(),
        }],
    };
    write_json(&log, out)
}

fn result<'a>(
    finding: &'a Finding,
    fingerprint: &str,
    state: Option<&'static str>,
    rendering: &Rendering<'a>,
) -> Entry<'a> {
    let places = match state {
        // What is there no more has no place in what is there.
        Some(ABSENT) => Vec::new(),
        _ => places_or_pipeline(finding, rendering),
    };
    let rules = &rendering.result.rules;
    let (first, related) = match places.split_first() {
        Some((first, related)) => (Some(first), related),
        None => (None, [].as_slice()),
    };
    let related = related.get(..LOCATIONS).unwrap_or(related);
    let related = related.iter().enumerate().map(|(number, shown)| {
        let mut location = physical(&shown.place);
        add(&mut location, "id", json!(number + 1));
        message(&mut location, shown);
        location
    });
    let mut main = first.map_or_else(|| json!({}), |shown| physical(&shown.place));
    if let Some(shown) = first {
        message(&mut main, shown);
    }
    add(&mut main, "logicalLocations", actions(finding));
    Entry {
        rule_id: &finding.rule,
        rule_index: rules.iter().position(|rule| rule.id == finding.rule),
        level: finding.severity.name(),
        message: json!({"text": text(finding, &places)}),
        locations: vec![main],
        related_locations: related.collect(),
        // Code scanning looks at the first alone; its own would be of the line's text, which two findings may share.
        partial_fingerprints: json!({
            "primaryLocationLineHash": fingerprint,
            "pipelinePreflight/v1": fingerprint,
        }),
        baseline_state: state,
        // Of all results or of none it has to be said whether somebody suppresses them (§3.27.23).
        suppressions: (!rendering.result.suppressed.is_empty()).then(Vec::new),
        properties: json!({
            "decision": finding.decision.name(),
            "layer": finding.layer.name(),
            "principals": finding.principals,
            "operations": finding.operations,
            "resources": finding.resources,
            "missing": finding.missing,
        }),
    }
}

/// Who says that a result does not count; what people say in templates stands beside what it is about.
fn suppression(why: &Suppression, rendering: &Rendering<'_>) -> Value {
    let kind = match why.by {
        SuppressedBy::Comment | SuppressedBy::Metadata => "inSource",
        SuppressedBy::Configuration | SuppressedBy::Baseline => "external",
    };
    let mut suppression = json!({"kind": kind, "status": "accepted"});
    if let Some(reason) = &why.reason {
        add(&mut suppression, "justification", json!(printable(reason)));
    }
    if let Some(origin) = why.origin.filter(|origin| *origin != Origin::NOWHERE) {
        let location = physical(&rendering.sources.place(origin));
        add(&mut suppression, "location", location);
    }
    let mut properties = json!({"by": why.by.name()});
    if let Some(expires) = &why.expires {
        add(&mut properties, "expires", json!(expires));
    }
    add(&mut suppression, "properties", properties);
    suppression
}

/// The sentence, which is all that is shown where room is short, then the rest, then links to the other places.
fn text(finding: &Finding, places: &[Shown<'_>]) -> String {
    let mut text = printable(&finding.message).replace("](", "] (");
    for part in parts(finding) {
        let content = printable(&part.whole()).replace("](", "] (");
        text.push_str(&format!("\n{}: {content}", part.name));
    }
    let related = places.iter().enumerate().skip(1).take(LOCATIONS);
    for (number, shown) in related {
        let place = &shown.place;
        let label = match shown.text {
            "" => format!("{}:{}", file_name(&place.name), place.start.line),
            label => label.to_owned(),
        };
        let label = printable(&label)
            .replace("](", "] (")
            .replace('\\', "\\\\")
            .replace('[', "\\[")
            .replace(']', "\\]")
            .replace('\n', " ");
        text.push_str(&format!("\nsee: [{label}]({number})"));
    }
    text
}

fn physical(place: &Place) -> Value {
    let Some(artifact) = artifact(&file_name(&place.name)) else {
        return json!({});
    };
    json!({
        "physicalLocation": {
            "artifactLocation": artifact,
            "region": {
                "startLine": place.start.line,
                "startColumn": place.start.column,
                "endLine": place.end.line,
                "endColumn": place.end.column,
            },
        },
    })
}

fn message(location: &mut Value, shown: &Shown<'_>) {
    if !shown.text.is_empty() {
        let text = printable(shown.text).replace("](", "] (");
        add(location, "message", json!({"text": text}));
    }
}

/// The actions that a finding affects; of one that asks AWS itself nothing else is a place.
fn actions(finding: &Finding) -> Value {
    let affects = finding.affects.iter().take(LOCATIONS);
    let actions = affects.map(|affected| {
        let (name, kind) = match affected.action.as_str() {
            "" => (&affected.pipeline, "pipeline"),
            _ => (&affected.action, "action"),
        };
        json!({"name": name, "fullyQualifiedName": path(affected, "/"), "kind": kind})
    });
    actions.collect()
}

fn add(location: &mut Value, key: &str, value: Value) {
    let empty = value.as_array().is_some_and(Vec::is_empty);
    if let Some(members) = location.as_object_mut()
        && !empty
    {
        members.insert(key.to_owned(), value);
    }
}
