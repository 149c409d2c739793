//! A rule as a page of plain text.

use super::{FindingRule, Severity};

/// Columns of a page.
const COLUMNS: usize = 100;

/// A rule's page, wrapped at 100 columns: what is wrong, why, how AWS words it, how to mend it, where to read on.
pub fn page(rule: &FindingRule) -> String {
    let severity = match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut page = format!("{} ({severity})\n", rule.id);
    wrap(&mut page, &rule.title, "  ", "  ");
    section(&mut page, "why it breaks", &[rule.why.as_str()], "  ", "  ");
    let errors: Vec<&str> = rule.errors.iter().map(String::as_str).collect();
    section(&mut page, "what AWS says", &errors, "  - ", "    ");
    let help = in_general(&rule.help);
    section(&mut page, "how to mend it", &[help.as_str()], "  ", "  ");
    let links: Vec<&str> = rule.documentation.iter().map(String::as_str).collect();
    section(&mut page, "documentation", &links, "  ", "  ");
    page
}

fn section(page: &mut String, heading: &str, paragraphs: &[&str], first: &str, rest: &str) {
    if paragraphs.is_empty() {
        return;
    }
    page.push('\n');
    page.push_str(heading);
    page.push('\n');
    for paragraph in paragraphs {
        wrap(page, paragraph, first, rest);
    }
}

/// Appends a paragraph; a word that is longer than a line (a link) stays whole.
fn wrap(page: &mut String, paragraph: &str, first: &str, rest: &str) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in paragraph.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > COLUMNS {
            page.push_str(&line);
            page.push('\n');
            line = rest.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    page.push_str(&line);
    page.push('\n');
}

/// A page speaks of no particular finding, so its placeholders become words.
pub(crate) fn in_general(text: &str) -> String {
    [
        ("{principal}", "the principal"),
        ("{operations}", "the operations"),
        ("{resource}", "the resource"),
        ("{pipeline}", "the pipeline"),
        ("{stage}", "the stage"),
        ("{action}", "the action"),
        ("{layer}", "the layer"),
        ("{why}", "by the action"),
        ("{missing}", "what the finding names"),
        ("{detail}", "what the finding names"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (placeholder, words)| {
        text.replace(placeholder, words)
    })
}
