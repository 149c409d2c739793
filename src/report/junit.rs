//! `--format junit`: a test suite for each pipeline and a test for each action, so that what was checked shows green.
//!
//! There is no standard; this keeps to what Jenkins accepts (its XSD is among the tests), and CodeBuild, GitLab and Azure read
//! the same. An action that an error breaks has failed; one of which something is undecided is skipped, for it has neither
//! passed nor failed (cfn-lint reports the checks that it did not make in the same way); warnings and notes go to the test's
//! output, as they do not make `check` fail either. Where another state is compared with, only new errors are failures; an action
//! that an old one breaks is skipped. No times and no host, so that equal input gives equal bytes.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::Rendering;
use super::places::places;
use super::text::printable;
use super::words::{first_places, parts, spot};
use crate::check::{Affected, Change, Decided, Finding};
use crate::rules::Severity;

/// The name of the run, and of the suite of what belongs to no pipeline.
const TOOL: &str = "pipeline-preflight";

/// A finding as it is told in every test that it breaks, put together once.
struct Told<'a> {
    finding: &'a Finding,
    /// Whether another state had it already.
    unchanged: bool,
    text: String,
}

impl Told<'_> {
    /// Whether its test has failed.
    fn fails(&self) -> bool {
        self.finding.severity == Severity::Error && !self.unchanged
    }

    /// Whether its test, unless it has failed, tells nothing.
    fn skips(&self) -> bool {
        self.finding.decision == Decided::Undecided
            || (self.unchanged && self.finding.severity == Severity::Error)
    }
}

/// One test.
struct Case<'a> {
    class: String,
    name: String,
    findings: Vec<&'a Told<'a>>,
}

/// What became of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// Writes the document with a final line feed.
pub(super) fn render(rendering: &Rendering<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let findings = rendering.result.with_changes();
    let findings: Vec<Told<'_>> = findings
        .map(|(finding, change)| {
            let unchanged = change == Some(Change::Unchanged);
            Told {
                finding,
                unchanged,
                text: text(finding, unchanged, rendering),
            }
        })
        .collect();
    let suites = suites(rendering, &findings);
    let all = suites.iter().flat_map(|(_, cases)| cases);
    let [tests, failures, _] = counts(all);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("testsuites")
        .with_attributes([
            ("name", TOOL),
            ("tests", &tests),
            ("failures", &failures),
            ("errors", "0"),
        ])
        .write_inner_content(|writer| {
            for (name, cases) in &suites {
                suite(writer, name, cases)?;
            }
            Ok(())
        })?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    out.write_all(&bytes)
}

/// Suites by their names, with their tests, in the order of the pipelines.
fn suites<'a>(rendering: &Rendering<'_>, findings: &'a [Told<'a>]) -> Vec<(String, Vec<Case<'a>>)> {
    let mut by_action: BTreeMap<(&str, &str, &str), Vec<&Told<'a>>> = BTreeMap::new();
    let mut homeless = Vec::new();
    for told in findings {
        if told.finding.affects.is_empty() {
            homeless.push(told);
        }
        for Affected {
            pipeline,
            stage,
            action,
        } in &told.finding.affects
        {
            let key = (pipeline.as_str(), stage.as_str(), action.as_str());
            by_action.entry(key).or_default().push(told);
        }
    }
    let mut suites = Vec::new();
    for checked in &rendering.result.checked {
        let mut cases = Vec::new();
        let whole = by_action.remove(&(checked.pipeline.as_str(), "", ""));
        cases.push(Case {
            class: checked.name.clone(),
            name: "the pipeline as a whole".to_owned(),
            findings: whole.unwrap_or_default(),
        });
        for step in &checked.steps {
            let key = (
                checked.pipeline.as_str(),
                step.stage.as_str(),
                step.action.as_str(),
            );
            cases.push(Case {
                class: format!("{}.{}", checked.name, step.stage),
                name: step.action.clone(),
                findings: by_action.remove(&key).unwrap_or_default(),
            });
        }
        suites.push((checked.name.clone(), cases));
    }
    // A finding must not get lost because its action is not among those that were walked.
    homeless.extend(by_action.into_values().flatten());
    if !homeless.is_empty() {
        let case = Case {
            class: TOOL.to_owned(),
            name: "beyond the actions".to_owned(),
            findings: homeless,
        };
        suites.push((TOOL.to_owned(), vec![case]));
    }
    suites
}

impl Case<'_> {
    fn outcome(&self) -> Outcome {
        if self.findings.iter().any(|told| told.fails()) {
            Outcome::Failed
        } else if self.findings.iter().any(|told| told.skips()) {
            Outcome::Skipped
        } else {
            Outcome::Passed
        }
    }
}

/// How many tests there are, how many have failed, and how many are skipped.
fn counts<'c, 'f: 'c>(cases: impl Iterator<Item = &'c Case<'f>>) -> [String; 3] {
    let mut counts = [0_usize; 3];
    let [tests, failures, skipped] = &mut counts;
    for case in cases {
        *tests += 1;
        match case.outcome() {
            Outcome::Failed => *failures += 1,
            Outcome::Skipped => *skipped += 1,
            Outcome::Passed => {}
        }
    }
    counts.map(|count| count.to_string())
}

type Xml = Writer<Vec<u8>>;

fn suite(writer: &mut Xml, name: &str, cases: &[Case<'_>]) -> io::Result<()> {
    let [tests, failures, skipped] = counts(cases.iter());
    let name = attribute(name);
    writer
        .create_element("testsuite")
        .with_attributes([
            ("name", name.as_str()),
            ("tests", &tests),
            ("failures", &failures),
            ("errors", "0"),
            ("skipped", &skipped),
        ])
        .write_inner_content(|writer| {
            for case in cases {
                self::case(writer, case)?;
            }
            Ok(())
        })?;
    Ok(())
}

fn case(writer: &mut Xml, case: &Case<'_>) -> io::Result<()> {
    let (class, name) = (attribute(&case.class), attribute(&case.name));
    let element = writer
        .create_element("testcase")
        .with_attributes([("classname", class.as_str()), ("name", &name)]);
    if case.findings.is_empty() {
        element.write_empty()?;
        return Ok(());
    }
    let outcome = case.outcome();
    // One element for all of them: most readers look at the first only.
    let decisive = |told: &Told<'_>| match outcome {
        Outcome::Failed => told.fails(),
        Outcome::Skipped => told.skips(),
        Outcome::Passed => false,
    };
    let (decisive, others): (Vec<&Told<'_>>, Vec<&Told<'_>>) =
        case.findings.iter().partition(|told| decisive(told));
    element.write_inner_content(|writer| {
        if let Some(first) = decisive.first() {
            let more = match decisive.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            let message = attribute(&format!("{}{more}", first.finding.message));
            let kind = attribute(&first.finding.rule);
            let tag = match outcome {
                Outcome::Failed => "failure",
                _ => "skipped",
            };
            let text = together(&decisive);
            writer
                .create_element(tag)
                .with_attributes([("type", kind.as_str()), ("message", &message)])
                .write_text_content(BytesText::new(&text))?;
        }
        if !others.is_empty() {
            let text = together(&others);
            writer
                .create_element("system-out")
                .write_text_content(BytesText::new(&text))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The texts of several findings, with a blank line between them.
fn together(findings: &[&Told<'_>]) -> String {
    let texts: Vec<&str> = findings.iter().map(|told| told.text.as_str()).collect();
    format!("\n{}", texts.join("\n"))
}

/// A finding as people read it in a log.
fn text(finding: &Finding, unchanged: bool, rendering: &Rendering<'_>) -> String {
    let mut text = String::new();
    let severity = finding.severity.name();
    let before = if unchanged { "unchanged: " } else { "" };
    text.push_str(&format!(
        "{before}{severity}[{}]: {}\n",
        finding.rule, finding.message
    ));
    let places = places(finding, rendering.sources);
    let (first, more) = first_places(&places);
    for shown in first {
        text.push_str(&format!("  --> {}", spot(shown)));
        if !shown.text.is_empty() {
            text.push_str(&format!(": {}", shown.text));
        }
        text.push('\n');
    }
    if let Some(more) = more {
        text.push_str(&format!("  --> {more}\n"));
    }
    for part in parts(finding) {
        let content = part.whole().replace('\n', "\n  ");
        text.push_str(&format!("  {}: {content}\n", part.name));
    }
    characters(&text)
}

/// A reader makes a blank of a line feed in an attribute, so that it is one from the start.
fn attribute(text: &str) -> String {
    characters(text).replace('\n', " ")
}

/// Only characters that XML 1.0 allows: <https://www.w3.org/TR/xml/#charsets>.
fn characters(text: &str) -> String {
    printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
