//! `--format human`: what a person reads in a terminal or a log.
//!
//! Each finding is a headline, a snippet for each file it points into, and what follows from it, aligned like
//! `cargo`'s diagnostics. The snippets are miette's, drawn by a handler of our own with a fixed theme: miette's report
//! would put everything into one file's frame and announce the other files as "Advice".

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use super::excerpt::{Excerpt, Mark, Page, Room};
use super::places::{Shown, places};
use super::text::{columns, printable, wrap};
use super::words::{self, count};
use super::{Rendering, Style, file_name};
use crate::check::{self, Finding, Suggestion};
use crate::rules::Severity;
use crate::source::{SourceId, Sources};

/// Places shown of one finding: a hole in one policy can break hundreds of actions, and JSON names them all.
const SHOWN_LABELS: usize = 6;
/// Affected actions that are named; the rest is counted.
const NAMED_ACTIONS: usize = 4;
/// Columns before the text of each part below a snippet: `missing: `.
const INDENT: usize = 9;

/// What a piece of text is, to be coloured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// An error's name.
    Error,
    /// A warning's name.
    Warning,
    /// A note's name, and the names of parts.
    Note,
    /// What is to be read first.
    Strong,
    /// What may be skipped.
    Faint,
}

/// Colours a text when `color` is set.
pub fn paint(text: &str, role: Role, color: bool) -> String {
    if !color {
        return text.to_owned();
    }
    // https://www.ecma-international.org/publications-and-standards/standards/ecma-48/, SGR
    let code = match role {
        Role::Error => "1;31",
        Role::Warning => "1;33",
        Role::Note => "1;36",
        Role::Strong => "1",
        Role::Faint => "2",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Writes all findings and the summary.
pub(super) fn render(rendering: &Rendering<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut writer = Writer {
        sources: rendering.sources,
        style: rendering.style,
        handler: handler(rendering.style),
        pages: BTreeMap::new(),
    };
    let (result, style) = (rendering.result, rendering.style);
    let heading = |text: &str| format!("{}\n", paint(text, Role::Strong, style.color));
    if let Some(comparison) = &result.comparison
        && result.new_findings().next().is_some()
    {
        let against = printable(&comparison.against);
        out.write_all(heading(&format!("new against {against}:")).as_bytes())?;
        out.write_all(b"\n")?;
    }
    for finding in result.new_findings() {
        out.write_all(writer.finding(finding).as_bytes())?;
        out.write_all(b"\n")?;
    }
    if let Some(comparison) = &result.comparison {
        let unchanged = words::unchanged(result);
        let unchanged = unchanged.map(|(_, finding)| finding).collect();
        let lists: [(&str, Vec<&Finding>); 2] = [
            ("fixed:", comparison.fixed.iter().collect()),
            ("unchanged:", unchanged),
        ];
        for (title, findings) in lists.iter().filter(|(_, findings)| !findings.is_empty()) {
            out.write_all(heading(title).as_bytes())?;
            for finding in findings {
                out.write_all(writer.line_of(finding).as_bytes())?;
            }
            out.write_all(b"\n")?;
        }
    }
    if style.quiet {
        return Ok(());
    }
    out.write_all(summary(result, style).as_bytes())?;
    if let Some(comparison) = &result.comparison {
        let told = words::compared(comparison);
        out.write_all(format!("{}\n", printable(&told)).as_bytes())?;
    }
    Ok(())
}

/// miette's drawing, fixed: nothing in it may depend on the environment.
fn handler(style: Style) -> GraphicalReportHandler {
    let theme = match (style.unicode, style.color) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .without_cause_chain()
        .without_syntax_highlighting()
        .with_urls(false)
}

struct Writer<'a> {
    sources: &'a Sources,
    style: Style,
    handler: GraphicalReportHandler,
    /// Texts shown so far: masking one of many megabytes twice would be felt.
    pages: BTreeMap<String, Page>,
}

impl Writer<'_> {
    fn finding(&mut self, finding: &Finding) -> String {
        let mut text = String::new();
        self.headline(&mut text, finding);
        let places = places(finding, self.sources);
        for (file, (source, marks)) in self.files(&places) {
            self.snippets(&mut text, &file, source, &marks);
        }
        let more = places.len().saturating_sub(SHOWN_LABELS);
        if more > 0 {
            let text_of_more = format!("and {} not shown", count(more, "more place"));
            self.part(&mut text, "", &[&text_of_more]);
        }
        self.part(&mut text, "help", &[finding.help.as_str()]);
        if let Some(suggestion) = &finding.suggestion {
            self.suggestion(&mut text, suggestion);
        }
        let arrow = if self.style.unicode { " › " } else { " > " };
        let broken = words::paths(&finding.affects, arrow, NAMED_ACTIONS);
        self.part(&mut text, words::affecting(finding), &strs(&broken));
        self.part(
            &mut text,
            "missing",
            &words::untold(finding).collect::<Vec<_>>(),
        );
        if let Some(page) = finding.documentation.first() {
            let page = printable(page);
            let link = if self.style.links {
                format!("\u{1b}]8;;{page}\u{1b}\\{page}\u{1b}]8;;\u{1b}\\")
            } else {
                page.into_owned()
            };
            self.line(&mut text, "docs", &link);
        }
        text
    }

    /// `error[rule-id]: sentence`
    fn headline(&self, text: &mut String, finding: &Finding) {
        self.sentence(text, finding, "", |rest| {
            paint(rest, Role::Strong, self.style.color)
        });
    }

    /// The same where a finding is only named.
    fn line_of(&self, finding: &Finding) -> String {
        let mut text = String::new();
        self.sentence(&mut text, finding, "  ", str::to_owned);
        text
    }

    fn sentence(
        &self,
        text: &mut String,
        finding: &Finding,
        indent: &str,
        painted: impl Fn(&str) -> String,
    ) {
        let (name, role) = (finding.severity.name(), role(finding.severity));
        let name = format!("{name}[{}]", printable(&finding.rule));
        let message = format!("{name}: {}", printable(&finding.message));
        let room = self.style.width.saturating_sub(2 * indent.len());
        for (number, line) in wrap(&message, room).iter().enumerate() {
            text.push_str(indent);
            match line.strip_prefix(&name).filter(|_| number == 0) {
                Some(rest) => {
                    text.push_str(&paint(&name, role, self.style.color));
                    text.push_str(&painted(rest));
                }
                None => {
                    text.push_str(if number == 0 { "" } else { indent });
                    text.push_str(&painted(line));
                }
            }
            text.push('\n');
        }
    }

    /// The finding's marks by file, in the order in which the files are first named.
    fn files(&self, places: &[Shown<'_>]) -> Vec<(String, (SourceId, Vec<Mark>))> {
        let mut files: Vec<(String, (SourceId, Vec<Mark>))> = Vec::new();
        for shown in places.iter().take(SHOWN_LABELS) {
            let mark = Mark {
                span: shown.place.span.clone(),
                column: shown.place.start.column,
                text: shown.text.to_owned(),
            };
            match files.iter_mut().find(|(name, _)| *name == shown.place.name) {
                Some((_, (_, marks))) => marks.push(mark),
                None => {
                    let source = self.sources.written(shown.origin).source();
                    files.push((shown.place.name.clone(), (source, vec![mark])));
                }
            }
        }
        files
    }

    fn snippets(&mut self, text: &mut String, name: &str, source: SourceId, marks: &[Mark]) {
        let page = self
            .pages
            .entry(name.to_owned())
            .or_insert_with(|| Page::new(self.sources, source));
        let room = Room {
            width: self.style.width,
            ellipsis: if self.style.unicode { "…" } else { "..." },
        };
        for excerpt in page.excerpts(marks, room) {
            let snippet = Snippet {
                name: printable(&file_name(name)).into_owned(),
                excerpt,
            };
            let mut drawn = String::new();
            // The handler begins with the headline, which is already written; an error would be one of `String`.
            if self.handler.render_report(&mut drawn, &snippet).is_ok()
                && let Some((_, drawing)) = drawn.split_once('\n')
            {
                for line in drawing.lines() {
                    text.push_str(line.trim_end());
                    text.push('\n');
                }
            }
        }
    }

    fn suggestion(&self, text: &mut String, suggestion: &Suggestion) {
        self.part(
            text,
            "add",
            &[format!("to {}:", suggestion.add_to).as_str()],
        );
        for line in statement(&suggestion.statement).lines() {
            text.push_str(&" ".repeat(INDENT));
            text.push_str(&printable(line));
            text.push('\n');
        }
    }

    /// A named part; each of its entries begins a line.
    fn part(&self, text: &mut String, name: &str, entries: &[&str]) {
        let mut name = name;
        for entry in entries.iter().filter(|entry| !entry.is_empty()) {
            let clean = printable(entry);
            for line in wrap(&clean, self.style.width.saturating_sub(INDENT)) {
                self.line(text, std::mem::take(&mut name), &line);
            }
        }
    }

    fn line(&self, text: &mut String, name: &str, line: &str) {
        if name.is_empty() {
            text.push_str(&" ".repeat(INDENT));
        } else {
            let name = format!("{name}: ");
            text.push_str(&" ".repeat(INDENT.saturating_sub(columns(&name))));
            text.push_str(&paint(&name, Role::Note, self.style.color));
        }
        text.push_str(line);
        text.push('\n');
    }
}

fn strs(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

/// A statement with its elements in the order that people write them in.
pub(super) fn statement(value: &serde_json::Value) -> String {
    const ORDER: &[&str] = &[
        "Sid",
        "Effect",
        "Principal",
        "Action",
        "Resource",
        "Condition",
    ];
    let pretty = |value| serde_json::to_string_pretty(value).unwrap_or_default();
    let Some(members) = value.as_object() else {
        return pretty(value);
    };
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| {
        ORDER
            .iter()
            .position(|known| known == name)
            .unwrap_or(ORDER.len())
    });
    let lines: Vec<String> = members
        .into_iter()
        .map(|(name, value)| {
            let name = serde_json::Value::from(name.as_str());
            format!("  {name}: {}", pretty(value).replace('\n', "\n  "))
        })
        .collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

/// The closing lines.
fn summary(result: &check::Result, style: Style) -> String {
    let summary = &result.summary;
    let mut lines = vec![words::checked(summary)];
    if summary.unrecognised > 0 {
        lines.push(format!(
            "{} not recognised",
            count(summary.unrecognised, "file")
        ));
    }
    let found: Vec<String> = words::found(summary)
        .into_iter()
        .map(|(severity, text)| paint(&text, role(severity), style.color))
        .collect();
    lines.push(match found.is_empty() {
        true => "no findings".to_owned(),
        false => found.join(", "),
    });
    lines.extend(words::set_apart(&result.suppressed));
    if !found.is_empty() {
        let hint = "`pipeline-preflight explain RULE` says more about a rule";
        lines.push(paint(hint, Role::Faint, style.color));
    }
    lines.join("\n") + "\n"
}

fn role(severity: Severity) -> Role {
    match severity {
        Severity::Error => Role::Error,
        Severity::Warning => Role::Warning,
        Severity::Note => Role::Note,
    }
}

/// One excerpt as miette wants it.
#[derive(Debug)]
struct Snippet {
    name: String,
    excerpt: Excerpt,
}

impl fmt::Display for Snippet {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Snippet {}

impl Diagnostic for Snippet {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.excerpt.marks.iter().enumerate();
        Some(Box::new(labels.map(|(number, (span, text))| {
            let text = Some(text.clone()).filter(|text| !text.is_empty());
            if number == 0 {
                LabeledSpan::new_primary_with_span(text, span.clone())
            } else {
                LabeledSpan::new_with_span(text, span.clone())
            }
        })))
    }
}

impl SourceCode for Snippet {
    /// Always the whole excerpt: it was made for these labels. Asked for no neighbouring lines, the handler wants the
    /// position for the frame's title, which is that of the whole file.
    fn read_span<'a>(
        &'a self,
        _span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = &self.excerpt.text;
        let (line, column) = if lines_before == 0 && lines_after == 0 {
            self.excerpt.position
        } else {
            (self.excerpt.first_line, 1)
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            text.as_bytes(),
            (0, text.len()).into(),
            line.saturating_sub(1),
            column.saturating_sub(1),
            text.lines().count(),
        )))
    }
}
