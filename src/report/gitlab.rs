//! `--format gitlab`: a Code Quality report, with the members that GitLab documents and no others:
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use std::io;

use serde::Serialize;

use super::places::places_or_pipeline;
use super::text::write_json;
use super::{Rendering, file_name};
use crate::check::Finding;
use crate::rules::Severity;

/// The path of a finding that no file is to blame for; GitLab demands one.
const NOWHERE: &str = "pipeline-preflight";

#[derive(Serialize)]
struct Violation<'a> {
    description: &'a str,
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
        .zip(rendering.result.fingerprints())
        .map(|(finding, fingerprint)| violation(finding, fingerprint, rendering))
        .collect();
    write_json(&report, out)
}

fn violation<'a>(
    finding: &'a Finding,
    fingerprint: String,
    rendering: &Rendering<'_>,
) -> Violation<'a> {
    let places = places_or_pipeline(finding, rendering);
    let place = places.first().map(|shown| &shown.place);
    Violation {
        description: &finding.message,
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
