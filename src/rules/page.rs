//! A rule as a page: plain text for `explain`, Markdown for `docs/rules`, both of the same sections.

use super::{FindingRule, Outcome, Severity};

/// Columns of a page of plain text.
const COLUMNS: usize = 100;

/// A part of a page.
struct Section<'a> {
    heading: &'static str,
    content: Content<'a>,
}

/// What a part of a page is made of.
enum Content<'a> {
    Prose(String),
    Quotes(&'a [String]),
    Example(&'a str),
    Links(&'a [String]),
}

/// The parts of a rule's page: what is wrong, why, how AWS words it, how to mend it, where to read on.
fn sections(rule: &FindingRule) -> Vec<Section<'_>> {
    let mut sections = vec![Section {
        heading: "why it breaks",
        content: Content::Prose(rule.why.clone()),
    }];
    let mut add = |heading, content| sections.push(Section { heading, content });
    if !rule.errors.is_empty() {
        add("what AWS says", Content::Quotes(&rule.errors));
    }
    add("how to mend it", Content::Prose(in_general(&rule.help)));
    if let Some(broken) = &rule.broken {
        add("broken", Content::Example(broken));
    }
    if let Some(fixed) = &rule.fixed {
        add("fixed", Content::Example(fixed));
    }
    add("how it counts", Content::Prose(weight(rule)));
    add("documentation", Content::Links(&rule.documentation));
    sections
}

/// What a finding of the rule does to the exit code; there is nothing else yet that silences one.
fn weight(rule: &FindingRule) -> String {
    let of_severity = match rule.severity {
        Severity::Error => "`check` ends with exit code 1, whatever `--fail-on` says.",
        Severity::Warning => {
            "`check` ends with exit code 1 only with `--fail-on warning` or `--fail-on note`."
        }
        Severity::Note => "`check` ends with exit code 1 only with `--fail-on note`.",
    };
    let mut text = of_severity.to_owned();
    let decided = |covered: &super::Covered| !covered.outcome.contains(&Outcome::Undecided);
    if rule.severity == Severity::Error && rule.covers.iter().any(decided) {
        text.push_str(
            " Where the permission is needed in some configurations only, it is a warning, and where it is merely advised, a note.",
        );
    }
    if rule.message.starts_with("undecided") || rule.id.ends_with("-unseen") {
        text.push_str(" `--strict` makes everything undecided count.");
    }
    text
}

/// A rule's page as plain text, wrapped at 100 columns.
pub fn page(rule: &FindingRule) -> String {
    let mut page = format!("{} ({})\n", rule.id, rule.severity.name());
    wrap(&mut page, &rule.title, "  ", "  ");
    for section in sections(rule) {
        page.push('\n');
        page.push_str(section.heading);
        page.push('\n');
        match section.content {
            Content::Prose(text) => wrap(&mut page, &text, "  ", "  "),
            Content::Quotes(quotes) => {
                for quote in quotes {
                    wrap(&mut page, quote, "  - ", "    ");
                }
            }
            Content::Example(example) => {
                for line in example.lines() {
                    page.push_str(format!("  {line}").trim_end());
                    page.push('\n');
                }
            }
            Content::Links(links) => {
                for link in links {
                    wrap(&mut page, link, "  ", "  ");
                }
            }
        }
    }
    page
}

/// A rule's page as Markdown.
pub fn markdown(rule: &FindingRule) -> String {
    let mut page = format!(
        "# {}\n\n**{}**: {}\n",
        rule.id,
        rule.severity.name(),
        text(&rule.title)
    );
    for section in sections(rule) {
        page.push_str(&format!("\n## {}\n\n", capital(section.heading)));
        match section.content {
            Content::Prose(prose) => page.push_str(&format!("{}\n", text(&sentence(&prose)))),
            Content::Quotes(quotes) => {
                for quote in quotes {
                    page.push_str(&format!("- {}\n", code(quote)));
                }
            }
            Content::Example(example) => {
                let language = if example.starts_with('$') {
                    "console"
                } else {
                    "jsonc"
                };
                page.push_str(&format!("```{language}\n{}\n```\n", example.trim_end()));
            }
            Content::Links(links) => {
                for link in links {
                    page.push_str(&format!("- <{link}>\n"));
                }
            }
        }
    }
    page
}

/// Appends a paragraph; a word that is longer than a line (a link) stays whole.
pub(super) fn wrap(page: &mut String, paragraph: &str, first: &str, rest: &str) {
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

/// Prose as Markdown: what stands between backticks stays as it is.
pub(super) fn text(prose: &str) -> String {
    let mut quoted = false;
    let mut clean = String::with_capacity(prose.len());
    for letter in prose.chars() {
        match letter {
            '`' => quoted = !quoted,
            '*' | '_' | '<' | '[' | ']' if !quoted => clean.push('\\'),
            _ => {}
        }
        clean.push(letter);
    }
    clean
}

/// A code span, also of a text with backticks in it: <https://spec.commonmark.org/0.31.2/#code-spans>.
pub(super) fn code(text: &str) -> String {
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

/// A heading of its own line begins with a capital.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// A clause as a sentence, as a page of prose has it.
fn sentence(text: &str) -> String {
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{}{end}", capital(text))
}

/// A page speaks of no particular finding, so its placeholders become words.
pub(crate) fn in_general(text: &str) -> String {
    if text == "{detail}" {
        return "do what the finding asks for".to_owned();
    }
    [
        (
            "{missing}: {detail}",
            "what the finding names, by the command that it names",
        ),
        ("{detail}; ", "do what the finding asks for; "),
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
