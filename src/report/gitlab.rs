//! `--format gitlab`: a Code Quality report, with the members that GitLab documents and no others:
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use std::io;

use serde::Serialize;

use super::places::places_or_pipeline;
use super::text::printable;
use super::{Rendering, file_name};
use crate::check::{Finding, fingerprints};
use crate::rules::Severity;

/// The path of a finding that no file is to blame for; GitLab demands one.
const NOWHERE: &str = "pipeline-preflight";

#[derive(Serialize)]
struct Violation<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// Writes the report as one pretty-printed list with a final line feed.
pub(super) fn render(rendering: &Rendering<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let findings = &rendering.result.findings;
    let report: Vec<Violation<'_>> = findings
        .iter()
        .zip(fingerprints(findings))
        .map(|(finding, fingerprint)| violation(finding, fingerprint, rendering))
        .collect();
    serde_json::to_writer_pretty(&mut *out, &report)?;
    out.write_all(b"\n")
}

fn violation<'a>(
    finding: &'a Finding,
    fingerprint: String,
    rendering: &Rendering<'_>,
) -> Violation<'a> {
    let places = places_or_pipeline(finding, rendering);
    let place = places.first().map(|shown| &shown.place);
    Violation {
        description: printable(&finding.message).into_owned(),
        check_name: &finding.rule,
        fingerprint,
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Note => "info",
        },
        location: Location {
            path: place
                .map(|place| file_name(&place.name))
                .filter(|path| !path.is_empty())
                .unwrap_or_else(|| NOWHERE.to_owned()),
            lines: Lines {
                begin: place.map_or(1, |place| place.start.line),
            },
        },
    }
}
