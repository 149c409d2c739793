//! `--format github`: workflow commands, which GitHub Actions shows as annotations of files and of the run.
//!
//! The most severe come first, because of each severity GitHub shows only the first ten of a step:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message>.
//! Each command is one line; what would end a line, a property or the properties is escaped as the runner undoes it
//! (`%`, line ends; in properties `:` and `,` too).

use std::io;

use super::places::places_or_pipeline;
use super::text::printable;
use super::words::parts;
use super::{Rendering, file_name};
use crate::check::Finding;
use crate::rules::Severity;

/// Writes one command for each finding; where another state is compared with, for each that is new.
pub(super) fn render(rendering: &Rendering<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in rendering.result.new_findings() {
        out.write_all(command(finding, rendering).as_bytes())?;
    }
    Ok(())
}

fn command(finding: &Finding, rendering: &Rendering<'_>) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    let places = places_or_pipeline(finding, rendering);
    if let Some(shown) = places.first() {
        let (start, end) = (shown.place.start, shown.place.end);
        properties.push(("file", file_name(&shown.place.name)));
        properties.push(("line", start.line.to_string()));
        properties.push(("endLine", end.line.to_string()));
        // https://docs.github.com/en/rest/checks/runs#create-a-check-run: columns only where both lines are the same.
        if start.line == end.line {
            properties.push(("col", start.column.to_string()));
            properties.push(("endColumn", end.column.to_string()));
        }
    }
    properties.push(("title", finding.rule.clone()));
    let properties: Vec<String> = properties
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| format!("{key}={}", property(&value)))
        .collect();
    let mut text = finding.message.clone();
    for part in parts(finding) {
        text.push_str(&format!("\n{}: {}", part.name, part.whole()));
    }
    format!("::{name} {}::{}\n", properties.join(","), data(&text))
}

/// A command's text.
fn data(text: &str) -> String {
    one_line(text).replace('%', "%25").replace('\n', "%0A")
}

/// The value of a command's property.
fn property(text: &str) -> String {
    one_line(text)
        .replace('%', "%25")
        .replace('\n', "%0A")
        .replace(':', "%3A")
        .replace(',', "%2C")
}

/// What some reader of lines takes for the end of one is no more in it, line feeds apart.
fn one_line(text: &str) -> String {
    printable(text).replace(['\u{2028}', '\u{2029}'], " ")
}
