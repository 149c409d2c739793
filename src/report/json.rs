//! `--format json`, schema version 1.
//!
//! The structs here are the contract: members may be added, never renamed or removed, whatever happens to the types of
//! `check`. That is why they are written out and not derived there.

use std::io;

use serde::Serialize;

use super::places::places;
use super::text::write_json;
use super::{Rendering, file_name};
use crate::check::{
    Affected, Change, Changes, Comparison, Finding, Suggestion, Summary, Suppressed,
};
use crate::source::{Origin, Position, Sources};

/// What [`Report::schema_version`] says.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Report<'a> {
    schema_version: u32,
    summary: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<Compared<'a>>,
    findings: Vec<Entry<'a>>,
    /// What another state has and this one has not, where one is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Vec<Entry<'a>>>,
    /// Findings that do not count, because somebody said so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressed: Vec<SetApart<'a>>,
}

/// How many findings a change brings, mends and leaves.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Compared<'a> {
    against: &'a str,
    new: usize,
    fixed: usize,
    unchanged: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Counts {
    pipelines: usize,
    actions: usize,
    requirements: usize,
    allowed: usize,
    denied: usize,
    undecided: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    /// Files inside folders that nothing recognised.
    #[serde(skip_serializing_if = "is_zero")]
    unrecognised: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Entry<'a> {
    rule: &'a str,
    fingerprint: String,
    /// `new` or `unchanged`, where another state is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(extend("enum" = ["new", "unchanged"])))]
    change: Option<&'static str>,
    #[cfg_attr(test, schemars(extend("enum" = ["error", "warning", "note"])))]
    severity: &'static str,
    #[cfg_attr(test, schemars(extend("enum" = ["denied", "undecided", "structure"])))]
    decision: &'static str,
    #[cfg_attr(test, schemars(extend("enum" = ["identity", "trust", "bucket-policy", "key-policy", "resource-policy", "boundary", "scp", "rcp", "session", "structure"])))]
    layer: &'static str,
    principal: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principals: Option<&'a [String]>,
    operations: &'a [String],
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<&'a [String]>,
    message: &'a str,
    help: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<Addition<'a>>,
    documentation: &'a [String],
    affects: Vec<Broken<'a>>,
    missing: &'a [String],
    locations: Vec<Location<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SetApart<'a> {
    #[serde(flatten)]
    finding: Entry<'a>,
    suppression: Reason<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Reason<'a> {
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Range>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Addition<'a> {
    add_to: &'a str,
    statement: &'a serde_json::Value,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Broken<'a> {
    pipeline: &'a str,
    stage: &'a str,
    action: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Location<'a> {
    file: String,
    start: Point,
    end: Point,
    label: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Range {
    file: String,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Point {
    line: usize,
    column: usize,
}

/// Writes the report as one pretty-printed document with a final line feed.
pub(super) fn render(rendering: &Rendering<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (result, sources) = (rendering.result, rendering.sources);
    let fixed = result.comparison.iter().flat_map(|one| &one.fixed);
    let all = result.findings.iter().chain(fixed);
    let mut entries: Vec<Entry<'_>> = all
        .zip(result.fingerprints())
        .map(|(finding, fingerprint)| Entry::of(finding, fingerprint, sources))
        .collect();
    let fixed = entries.split_off(result.findings.len().min(entries.len()));
    for (entry, (_, change)) in entries.iter_mut().zip(result.with_changes()) {
        entry.change = change.map(Change::name);
    }
    let suppressed = result.suppressed.iter();
    let report = Report {
        schema_version: SCHEMA_VERSION,
        summary: Counts::of(&result.summary),
        comparison: result.comparison.as_ref().map(Compared::of),
        findings: entries,
        fixed: result.comparison.is_some().then_some(fixed),
        suppressed: suppressed.map(|one| SetApart::of(one, sources)).collect(),
    };
    write_json(&report, out)
}

impl Counts {
    fn of(summary: &Summary) -> Self {
        let &Summary {
            pipelines,
            actions,
            requirements,
            allowed,
            denied,
            undecided,
            errors,
            warnings,
            notes,
            unrecognised,
        } = summary;
        Self {
            pipelines,
            actions,
            requirements,
            allowed,
            denied,
            undecided,
            errors,
            warnings,
            notes,
            unrecognised,
        }
    }
}

impl<'a> Compared<'a> {
    fn of(comparison: &'a Comparison) -> Self {
        let Changes {
            new,
            fixed,
            unchanged,
        } = comparison.counts;
        Self {
            against: &comparison.against,
            new,
            fixed,
            unchanged,
        }
    }
}

impl<'a> Entry<'a> {
    fn of(finding: &'a Finding, fingerprint: String, sources: &Sources) -> Self {
        Self {
            rule: &finding.rule,
            fingerprint,
            change: None,
            severity: finding.severity.name(),
            decision: finding.decision.name(),
            layer: finding.layer.name(),
            principal: first(&finding.principals),
            principals: several(&finding.principals),
            operations: &finding.operations,
            resource: first(&finding.resources),
            resources: several(&finding.resources),
            message: &finding.message,
            help: &finding.help,
            suggestion: finding.suggestion.as_ref().map(Addition::of),
            documentation: &finding.documentation,
            affects: finding.affects.iter().map(Broken::of).collect(),
            missing: &finding.missing,
            locations: places(finding, sources)
                .into_iter()
                .map(|shown| Location {
                    file: file_name(&shown.place.name),
                    start: Point::of(shown.place.start),
                    end: Point::of(shown.place.end),
                    label: shown.text,
                })
                .collect(),
        }
    }
}

impl<'a> SetApart<'a> {
    fn of(suppressed: &'a Suppressed, sources: &Sources) -> Self {
        let why = &suppressed.suppression;
        Self {
            finding: Entry::of(&suppressed.finding, suppressed.fingerprint(), sources),
            suppression: Reason {
                by: why.by.name(),
                reason: why.reason.as_deref(),
                expires: why.expires.as_deref(),
                location: why.origin.and_then(|origin| Range::of(origin, sources)),
            },
        }
    }
}

impl Range {
    /// `None` for what has no place.
    fn of(origin: Origin, sources: &Sources) -> Option<Self> {
        let place = (origin != Origin::NOWHERE).then(|| sources.place(origin))?;
        Some(Self {
            file: file_name(&place.name),
            start: Point::of(place.start),
            end: Point::of(place.end),
        })
    }
}

impl<'a> Addition<'a> {
    fn of(suggestion: &'a Suggestion) -> Self {
        Self {
            add_to: &suggestion.add_to,
            statement: &suggestion.statement,
        }
    }
}

impl<'a> Broken<'a> {
    fn of(affected: &'a Affected) -> Self {
        Self {
            pipeline: &affected.pipeline,
            stage: &affected.stage,
            action: &affected.action,
        }
    }
}

impl Point {
    fn of(position: Position) -> Self {
        Self {
            line: position.line,
            column: position.column,
        }
    }
}

fn first(list: &[String]) -> &str {
    list.first().map_or("", String::as_str)
}

/// The whole list, where the first entry alone does not say it all.
fn several(list: &[String]) -> Option<&[String]> {
    (list.len() > 1).then_some(list)
}
