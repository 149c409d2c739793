//! `--format markdown`: a comment for a pull request, or the summary of a job.
//!
//! GitHub's and GitLab's dialect: a line of counts, a table of the findings, and the details of each folded away. Whatever
//! comes from the inputs is written in character references where a character could mean something, so that no name can
//! become a link, a mention or a tag (<https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references>).

mod change;

use std::io;

use super::places::places;
use super::text::printable;
use super::words::{
    checked, compared, first_places, found_in_words, parts, paths, set_apart, spot,
};
use super::{Rendering, file_name};
use crate::check::{Finding, Suppressed};
use crate::source::Origin;

/// Bytes after which findings are only counted: a comment on GitHub holds 65,536 characters, a job's summary 1 MiB
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#job-summary-isolation-and-limits>).
const ROOM: usize = 56_000;
/// Of it, what the table may take.
const ROOM_FOR_TABLE: usize = 25_000;
/// What the list of findings that do not count may take beside.
const ROOM_FOR_SUPPRESSED: usize = 4_000;
/// Affected actions that a line of the table names.
const NAMED_ACTIONS: usize = 2;

/// Writes the whole page.
pub(super) fn render(rendering: &Rendering<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let result = rendering.result;
    let heading = match &result.comparison {
        None => found_in_words(&result.summary),
        Some(comparison) => text(&compared(comparison)),
    };
    let mut page = format!(
        "### pipeline-preflight: {heading}\n\n{}\n",
        checked(&result.summary)
    );
    let findings: Vec<&Finding> = result.new_findings().collect();
    match &result.comparison {
        None => table(&mut page, &findings),
        Some(comparison) => change::table(&mut page, &findings, comparison),
    }
    let mut told = 0;
    for finding in &findings {
        let details = details(finding, rendering);
        if page.len() + details.len() > ROOM {
            break;
        }
        page.push_str(&details);
        told += 1;
    }
    if told < findings.len() {
        let more = findings.len() - told;
        page.push_str(&format!(
            "\nThe details of {more} more findings do not fit in here: the other formats have all of them.\n"
        ));
    }
    if let Some(comparison) = &result.comparison {
        change::lists(&mut page, result, comparison);
    }
    page.push_str(&folded(rendering));
    out.write_all(page.as_bytes())
}

/// What does not count, and why, folded away.
fn folded(rendering: &Rendering<'_>) -> String {
    let suppressed = &rendering.result.suppressed;
    let Some(count) = set_apart(suppressed) else {
        return String::new();
    };
    let mut list = format!("\n<details>\n<summary>{count}</summary>\n\n");
    for (number, one) in suppressed.iter().enumerate() {
        if list.len() > ROOM_FOR_SUPPRESSED {
            list.push_str(&format!("- and {} more\n", suppressed.len() - number));
            break;
        }
        list.push_str(&format!("- {}\n", why(one, rendering)));
    }
    list.push_str("\n</details>\n");
    list
}

/// `trust-missing: sentence; ignored until 2026-12-31: reason (file:line)`
fn why(one: &Suppressed, rendering: &Rendering<'_>) -> String {
    let (finding, why) = (&one.finding, &one.suppression);
    let mut line = format!("{}: {}", code(&finding.rule), text(&finding.message));
    if let Some(reason) = &why.reason {
        let until = why.expires.as_deref();
        let until = until.map_or(String::new(), |day| format!(" until {}", text(day)));
        line.push_str(&format!("; ignored{until}: {}", text(reason)));
    }
    if let Some(origin) = why.origin.filter(|origin| *origin != Origin::NOWHERE) {
        let place = rendering.sources.place(origin);
        let spot = format!("{}:{}", file_name(&place.name), place.start.line);
        line.push_str(&format!(" ({})", code(&spot)));
    }
    line
}

fn table(page: &mut String, findings: &[&Finding]) {
    if findings.is_empty() {
        return;
    }
    page.push_str("\n| severity | rule | finding | actions |\n| --- | --- | --- | --- |\n");
    for (number, finding) in findings.iter().enumerate() {
        if page.len() > ROOM_FOR_TABLE {
            let more = findings.len() - number;
            page.push_str(&format!("| | | and {more} more | |\n"));
            break;
        }
        page.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            finding.severity.name(),
            rule(finding),
            text(&finding.message),
            text(&paths(&finding.affects, " › ", NAMED_ACTIONS).join(", ")),
        ));
    }
}

/// A finding's rule, as a link to the page behind it.
fn rule(finding: &Finding) -> String {
    match finding.documentation.first().and_then(|page| address(page)) {
        Some(address) => format!("[{}]({address})", text(&finding.rule)),
        None => text(&finding.rule),
    }
}

fn details(finding: &Finding, rendering: &Rendering<'_>) -> String {
    let mut page = format!(
        "\n<details>\n<summary>{}: {}</summary>\n\n",
        finding.severity.name(),
        text(&finding.message)
    );
    let places = places(finding, rendering.sources);
    let (first, more) = first_places(&places);
    for shown in first {
        page.push_str(&format!("- {}", code(&spot(shown))));
        if !shown.text.is_empty() {
            page.push_str(&format!(": {}", text(shown.text)));
        }
        page.push('\n');
    }
    if let Some(more) = more {
        page.push_str(&format!("- {more}\n"));
    }
    for part in parts(finding) {
        let content = match (part.name, address(&part.text)) {
            ("docs", Some(address)) => format!("[{}]({address})", text(&part.text)),
            _ => text(&part.text),
        };
        page.push_str(&format!("\n**{}**: {content}\n", part.name));
        if let Some(statement) = &part.statement {
            page.push_str(&format!("\n```json\n{}\n```\n", json(statement)));
        }
    }
    page.push_str("\n</details>\n");
    page
}

/// Text in which pairs of backticks make code, in one line.
fn text(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    // One without its other half is only a character.
    if pieces.len().is_multiple_of(2) {
        return escaped(text);
    }
    let pieces = pieces.into_iter().enumerate();
    let pieces = pieces.map(|(number, piece)| match number % 2 {
        0 => escaped(piece),
        _ => code(piece),
    });
    pieces.collect()
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// What could be markup as a character reference, in one line.
fn escaped(text: &str) -> String {
    let clean = printable(text);
    let mut escaped = String::with_capacity(clean.len());
    let mut rest = clean.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\n' | '\u{2028}' | '\u{2029}' => escaped.push(' '),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '`' | '|' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' | '@' | '!' | '$' => {
                escaped.push_str(&format!("&#{};", u32::from(character)));
            }
            // Otherwise an address becomes a link by itself.
            ':' if rest.peek() == Some(&'/') => escaped.push_str("&#58;"),
            'w' | 'W'
                if rest
                    .peek()
                    .is_some_and(|next| next.eq_ignore_ascii_case(&'w')) =>
            {
                escaped.push_str(&format!("&#{};", u32::from(character)));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A statement that cannot end the block of code around it; to a reader of JSON it is the same.
fn json(statement: &str) -> String {
    printable(statement)
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('`', "\\u0060")
}

/// The target of a link to a page, if it is one; what could end it is percent-encoded.
fn address(page: &str) -> Option<String> {
    let is_page = page.starts_with("https://") && !page.contains(char::is_whitespace);
    is_page.then(|| {
        let clean = printable(page);
        let mut address = String::with_capacity(clean.len());
        for character in clean.chars() {
            match character {
                '(' | ')' | '<' | '>' | '|' | '`' | '[' | ']' | '\\' | '"' | '*' | '@' | '!' => {
                    address.push_str(&format!("%{:02X}", u32::from(character)));
                }
                _ => address.push(character),
            }
        }
        address
    })
}
