//! Findings that were there before: a gate that fails on what is new only.
//!
//! A baseline is a JSON file that people keep beside their pipelines: one line for each finding, sorted, without file names, lines
//! and wording, so that it changes only when the findings do, and a difference of two of them can be read.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::identity::{Identity, gone, newly_undecided, said_before};
use super::ignore::OWN;
use super::severity::Weights;
use crate::check::finding::{Affected, Finding, Result, Suppressed, SuppressedBy, Suppression};
use crate::check::fingerprints;

/// What `schema_version` of the file says.
const SCHEMA_VERSION: u64 = 1;

/// Findings of an earlier run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<Entry>,
}

/// A finding of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// [`Finding::fingerprint`], for programs; a finding is known again by the rest. Empty where somebody has left it out.
    fingerprint: String,
    identity: Identity,
}

/// Why a text is no baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineFault {
    /// Line and column, where there are any.
    pub position: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
}

/// The file, as far as it has to be understood before its entries.
#[derive(Deserialize)]
#[serde(expecting = "a JSON object with `schema_version` and `findings`")]
struct Version {
    schema_version: Value,
}

/// The file. Members that a later version of the program adds are none of this one's business.
#[derive(Deserialize)]
#[serde(expecting = "a JSON object with `schema_version` and `findings`")]
struct Document {
    findings: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "a finding, which is a JSON object")]
struct Line {
    #[serde(default)]
    fingerprint: String,
    rule: String,
    layer: String,
    principals: BTreeSet<String>,
    operations: BTreeSet<String>,
    resources: BTreeSet<String>,
    affects: Vec<LineAffected>,
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an action, which is a JSON object with `pipeline`, `stage` and `action`")]
struct LineAffected {
    pipeline: String,
    stage: String,
    action: String,
}

impl Baseline {
    /// Those of a run, to be kept. What they say of the entries of ignores is not about pipelines: the note that one is about to
    /// expire would hide that it has.
    pub fn of(findings: &[Finding]) -> Self {
        let entries = findings.iter().zip(fingerprints(findings));
        let entries = entries.filter(|(finding, _)| !OWN.contains(&finding.rule.as_str()));
        let entries = entries.map(|(finding, fingerprint)| Entry {
            fingerprint,
            identity: Identity {
                severity: None,
                ..Identity::of(finding)
            },
        });
        let mut entries: Vec<Entry> = entries.collect();
        entries.sort_by(|one, other| {
            let key = |entry: &Entry| entry.fingerprint.clone();
            one.identity
                .cmp(&other.identity)
                .then_with(|| key(one).cmp(&key(other)))
        });
        Self { entries }
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The file's text, one line for each finding.
    ///
    /// # Errors
    /// None that are known of: texts can always be written.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let lines = self.entries.iter().map(|entry| {
            let line = serde_json::to_string(&Line::of(entry))?;
            Ok(format!("    {line}"))
        });
        let lines: Vec<String> = lines.collect::<serde_json::Result<_>>()?;
        let findings = match lines.is_empty() {
            true => "[]".to_owned(),
            false => format!("[\n{}\n  ]", lines.join(",\n")),
        };
        Ok(format!(
            "{{\n  \"schema_version\": {SCHEMA_VERSION},\n  \"findings\": {findings}\n}}\n"
        ))
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// What is no JSON, of another version, or lacks something, each with its place.
    pub fn from_json(text: &str) -> std::result::Result<Self, BaselineFault> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let version: Version = serde_json::from_str(text).map_err(|error| fault(&error))?;
        if version.schema_version.as_u64() != Some(SCHEMA_VERSION) {
            return Err(BaselineFault {
                position: None,
                message: format!(
                    "a baseline of schema version {}, and only version {SCHEMA_VERSION} is known",
                    version.schema_version
                ),
            });
        }
        let document: Document = serde_json::from_str(text).map_err(|error| fault(&error))?;
        let entries = document.findings.into_iter().map(Line::entry);
        Ok(Self {
            entries: entries.collect(),
        })
    }
}

fn fault(error: &serde_json::Error) -> BaselineFault {
    let told = error.to_string();
    let position = (error.line(), error.column());
    let suffix = format!(" at line {} column {}", position.0, position.1);
    BaselineFault {
        position: (position.0 > 0).then_some(position),
        message: told.strip_suffix(&suffix).unwrap_or(&told).to_owned(),
    }
}

impl Line {
    fn of(entry: &Entry) -> Self {
        let identity = entry.identity.clone();
        let affects = identity.affects.into_iter();
        Self {
            fingerprint: entry.fingerprint.clone(),
            rule: identity.rule,
            layer: identity.layer,
            principals: identity.principals,
            operations: identity.operations,
            resources: identity.resources,
            affects: affects
                .map(|affected| LineAffected {
                    pipeline: affected.pipeline,
                    stage: affected.stage,
                    action: affected.action,
                })
                .collect(),
        }
    }

    fn entry(self) -> Entry {
        let affects = self.affects.into_iter().map(|affected| Affected {
            pipeline: affected.pipeline,
            stage: affected.stage,
            action: affected.action,
        });
        Entry {
            fingerprint: self.fingerprint,
            identity: Identity {
                rule: self.rule,
                layer: self.layer,
                principals: self.principals,
                operations: self.operations,
                resources: self.resources,
                affects: affects.collect(),
                severity: None,
            },
        }
    }
}

impl Entry {
    /// Rule, principal, operation and resource, the first of each.
    pub fn words(&self) -> String {
        let Identity {
            rule,
            principals,
            operations,
            resources,
            ..
        } = &self.identity;
        let first = |set: &BTreeSet<String>| set.first().map(|text| format!("`{text}`"));
        let told = [
            first(principals),
            first(operations),
            first(resources).map(|text| format!("on {text}")),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        format!("{rule}: {}", told.join(" "))
    }
}

/// Sets apart what a baseline holds, and tells which of its entries occur no more, as far as this run has looked for them: at
/// their rules, and at one of their pipelines.
pub fn set_known_apart<'b>(
    result: &mut Result,
    baseline: &'b Baseline,
    weights: &Weights,
) -> Vec<&'b Entry> {
    let entries = baseline.entries.iter();
    let entries: Vec<Identity> = entries.map(|entry| entry.identity.clone()).collect();
    let findings: Vec<&Finding> = result.findings.iter().collect();
    let now: Vec<Identity> = findings.iter().map(|one| Identity::of(one)).collect();
    let known = said_before(&now, &entries);
    let unknown = newly_undecided(&findings, &now, &known);
    let suppressed = result.suppressed.iter();
    let suppressed = suppressed.map(|one| Identity::of(&one.finding));
    let all: Vec<Identity> = now.iter().cloned().chain(suppressed).collect();
    let gone = gone(&entries, &all, &unknown);
    let looked_for = |entry: &Entry| {
        let Identity { rule, affects, .. } = &entry.identity;
        let pipelines = || result.checked.iter().map(|checked| &checked.pipeline);
        let at_one = |affected: &Affected| pipelines().any(|one| *one == affected.pipeline);
        weights.look_at(rule) && (affects.is_empty() || affects.iter().any(at_one))
    };
    let gone = baseline.entries.iter().zip(gone);
    let gone = gone.filter(|(entry, gone)| *gone && looked_for(entry));
    let gone = gone.map(|(entry, _)| entry).collect();
    let numbers = result.numbers();
    let findings = std::mem::take(&mut result.findings);
    for ((finding, known), number) in findings.into_iter().zip(known).zip(numbers) {
        match known {
            false => result.findings.push(finding),
            true => result.suppressed.push(Suppressed {
                finding,
                suppression: Suppression {
                    by: SuppressedBy::Baseline,
                    reason: None,
                    expires: None,
                    origin: None,
                },
                number,
            }),
        }
    }
    result.recount();
    gone
}
