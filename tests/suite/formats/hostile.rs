//! Names that try to break out of a report: every format says them and none obeys them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use pipeline_preflight::check::needs::{Kind, Need, Needs, Policies, Principal, Standing};
use pipeline_preflight::check::{
    self, Affected, Change, Changes, Checked, Comparison, Decided, Finding, Label, ReportLayer,
    Step, Suggestion, Summary, Suppressed, SuppressedBy, Suppression,
};
use pipeline_preflight::report::{FORMATS, file_name, printable};
use pipeline_preflight::rules::{Certainty, Covers, Evidence, Severity};
use pipeline_preflight::source::Sources;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::html::{Token, tokens};
use super::{json_schema, junit_schema, written};

/// Pieces that mean something to some reader of some format.
const PIECES: &[&str] = &[
    "plain",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\0",
    "\u{1b}[31m",
    "\u{1b}]8;;https://evil.example\u{1b}\\",
    "\u{7f}",
    "\u{85}",
    "\u{9b}31m",
    "\u{2028}",
    "\u{202e}",
    "\u{2066}",
    "\u{feff}",
    "\u{fffe}",
    "::error::x",
    "::add-mask::x",
    "::stop-commands::x",
    "##[error]x",
    "%0A",
    "%",
    ":",
    ",",
    "\"",
    "'",
    "\\",
    "<script>alert(1)</script>",
    "<img src=x onerror=y>",
    "<!--",
    "]]>",
    "</details>",
    "</code>",
    "&lt;",
    "&#96;",
    "|",
    "`",
    "```",
    "~~~",
    "[a](https://evil.example)",
    "](https://evil.example)",
    "![a](b)",
    "https://evil.example",
    "www.evil.example",
    "@octocat",
    "#1",
    "**b**",
    "$x$",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1",
    "{0}",
    "../",
    "/",
    "arn:aws:iam::1:role/x",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

static SARIF: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../fixtures/schemas/sarif-2.1.0.json")).unwrap()
});

/// As many as a world needs.
pub(crate) fn texts() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(text(), 32)
}

/// One finding in one pipeline with one requirement, all of hostile names.
pub(crate) fn world(texts: &[String], compared: bool) -> (check::Result, Sources) {
    let mut names = texts.iter().cloned().cycle();
    let mut name = || names.next().unwrap();
    let mut sources = Sources::new();
    let source = sources.add(&name(), b"a: {b: 1}\nc: x\n").unwrap();
    let root = sources.roots(source)[0];
    let (one, two) = (
        root.get("a").unwrap().origin(),
        root.get("c").unwrap().origin(),
    );
    let affected = Affected {
        pipeline: name(),
        stage: name(),
        action: name(),
    };
    let finding = Finding {
        rule: name(),
        severity: Severity::Error,
        decision: Decided::Denied,
        layer: ReportLayer::Identity,
        principals: vec![name(), name()],
        operations: vec![name()],
        resources: vec![name()],
        message: name(),
        help: name(),
        documentation: vec![name(), format!("https://docs.example/{}", name())],
        affects: vec![affected.clone()],
        missing: vec![name()],
        labels: [one, two]
            .map(|origin| Label {
                origin,
                text: name(),
            })
            .into(),
        suggestion: Some(Suggestion {
            add_to: name(),
            statement: json!({"Sid": name(), name(): [name()]}),
        }),
    };
    let need = Need {
        resource: name(),
        account: Some(name()),
        covers: Covers::Every,
        operations: vec![name(), name()],
        one_is_enough: false,
        or_for: vec![name()],
        context: [(name(), name())].into(),
        certainty: Certainty::Necessary,
        evidence: Evidence::Documented,
        why: vec![name()],
        documentation: vec![name()],
        grants: Vec::new(),
        remark: Some(name()),
        standing: Some(Standing::Missing),
        lacking: vec![ReportLayer::Identity],
        unknown: Vec::new(),
        affects: vec![affected.clone()],
    };
    let principal = Principal {
        name: name(),
        kind: Kind::PipelineRole,
        titles: vec![name()],
        policies: Policies::Given,
        assumed: Vec::new(),
        assumed_by: vec![name()],
        unknown: Vec::new(),
        needs: vec![need],
    };
    let mut note = finding.clone();
    note.severity = Severity::Note;
    note.decision = Decided::Undecided;
    note.documentation.reverse();
    let mut mended = finding.clone();
    (mended.rule, mended.message) = (name(), name());
    mended.labels.clear();
    let comparison = Comparison {
        against: name(),
        changes: vec![Change::New, Change::Unchanged],
        fixed: vec![mended],
        counts: Changes {
            new: 1,
            fixed: 1,
            unchanged: 1,
        },
    };
    let apart = |by, reason: Option<String>| Suppressed {
        finding: finding.clone(),
        suppression: Suppression {
            by,
            expires: reason.as_ref().map(|_| "2026-12-31".to_owned()),
            reason,
            origin: Some(two),
        },
        number: 2,
    };
    let suppressed = vec![
        apart(SuppressedBy::Comment, Some(name())),
        apart(SuppressedBy::Configuration, Some(name())),
        apart(SuppressedBy::Baseline, None),
    ];
    let result = check::Result {
        summary: Summary {
            pipelines: 1,
            actions: 1,
            errors: 1,
            notes: 1,
            ..Summary::default()
        },
        findings: vec![finding, note],
        checked: vec![Checked {
            pipeline: affected.pipeline,
            name: name(),
            role: name(),
            origin: one,
            steps: vec![Step {
                stage: affected.stage,
                action: affected.action,
                kind: name(),
                role: name(),
                origin: two,
            }],
        }],
        rules: Vec::new(),
        needs: Some(Needs {
            principals: vec![principal],
            ..Needs::default()
        }),
        comparison: compared.then_some(comparison),
        suppressed,
    };
    (result, sources)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn no_name_breaks_out_of_any_format(texts in texts(), compared in any::<bool>()) {
        let (result, sources) = world(&texts, compared);
        let name = file_name(&sources.place(result.checked[0].origin).name);
        for format in FORMATS {
            let report = written(format.name, &result, &sources);
            // Records of CSV end with both.
            let plain = report.replace("\r\n", "\n");
            prop_assert_eq!(printable(&plain), &*plain, "{} gives orders to a terminal", format.name);
            match format.name {
                "human" => {}
                "json" => json(&report, &result),
                "sarif" => sarif(&report, &result),
                "junit" => junit(&report, &result),
                "github" => github(&report, &result, &name),
                "gitlab" => gitlab(&report, &result),
                "markdown" => markdown(&report, &result),
                "csv" => csv(&report, &result),
                "html" => html(&report, &result),
                other => panic!("what must {other} withstand?"),
            }
        }
    }
}

/// What another state had.
fn fixed(result: &check::Result) -> &[Finding] {
    let comparison = result.comparison.as_ref();
    comparison.map_or(&[], |comparison| &comparison.fixed)
}

fn json(report: &str, result: &check::Result) {
    let report: Value = serde_json::from_str(report).unwrap();
    let suppressed = report["suppressed"].as_array().unwrap();
    let told = suppressed.iter();
    let told: Vec<Option<&str>> = told
        .map(|one| one["suppression"]["reason"].as_str())
        .collect();
    assert_eq!(told, reasons(result));
    let findings = report["findings"].as_array().unwrap();
    let fixed = fixed(result);
    assert_eq!(report["fixed"].as_array().map_or(0, Vec::len), fixed.len());
    let told = findings
        .iter()
        .chain(report["fixed"].as_array().into_iter().flatten());
    for (one, finding) in told.zip(result.findings.iter().chain(fixed)) {
        assert_eq!(one["message"], finding.message);
        assert_eq!(one["principals"], json!(finding.principals));
        assert_eq!(
            one["suggestion"]["statement"],
            finding.suggestion.as_ref().unwrap().statement
        );
    }
}

/// What stands beside the findings that do not count.
fn reasons(result: &check::Result) -> Vec<Option<&str>> {
    let each = result.suppressed.iter();
    each.map(|one| one.suppression.reason.as_deref()).collect()
}

fn sarif(report: &str, result: &check::Result) {
    let log: Value = serde_json::from_str(report).unwrap();
    let faults = json_schema::faults(&SARIF, &log);
    assert!(faults.is_empty(), "{faults:#?}");
    let link = regex_lite::Regex::new(r"(?m)^see: \[(?:[^\]\[\\]|\\.)*\]\((\d+)\)$").unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let apart = result.suppressed.iter().map(|one| &one.finding);
    let counted = result.findings.iter().chain(fixed(result));
    let all: Vec<&Finding> = counted.clone().chain(apart).collect();
    assert_eq!(results.len(), all.len());
    let told = results.iter().skip(counted.count());
    for (one, reason) in told.zip(reasons(result)) {
        let told = one["suppressions"][0]["justification"].as_str();
        assert_eq!(
            told.map(str::to_owned),
            reason.map(|one| printable(one).into_owned())
        );
    }
    for (one, finding) in results.iter().zip(all) {
        assert_eq!(one["ruleId"], finding.rule);
        let message = one["message"]["text"].as_str().unwrap();
        // The links are those to the other places and no others.
        let links = link.find_iter(message).count();
        let related = one["relatedLocations"].as_array().map_or(0, Vec::len);
        assert_eq!(links, related, "{message}");
        assert_eq!(message.matches("](").count(), links, "{message}");
        let uri = one.pointer("/locations/0/physicalLocation/artifactLocation/uri");
        if let Some(uri) = uri.and_then(Value::as_str) {
            let scheme = uri.split('/').next().unwrap().contains(':');
            assert!(!scheme || uri.starts_with("file:"), "{uri}");
        }
    }
}

fn junit(report: &str, result: &check::Result) {
    let document = junit_schema::parse(report);
    let schema = include_str!("../../fixtures/schemas/junit-10.xsd");
    let faults = junit_schema::faults(schema, &document);
    assert!(faults.is_empty(), "{faults:#?}");
    let allowed = |character: char| matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(report.chars().all(allowed), "{report:?}");
    let failures: Vec<_> = document.named("failure").collect();
    assert_eq!(failures.len(), 1);
    assert_eq!(
        failures[0].attributes["message"],
        in_xml(&result.findings[0].message)
    );
    assert_eq!(
        failures[0].attributes["type"],
        in_xml(&result.findings[0].rule)
    );
    let suite = document.named("testsuite").next().unwrap();
    assert_eq!(suite.attributes["name"], in_xml(&result.checked[0].name));
}

fn in_xml(text: &str) -> String {
    let clean = printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    clean.replace('\n', " ")
}

/// Reads as the runner reads, whose escapes are undone one after the other, the one of `%` last:
/// <https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs>.
fn github(report: &str, result: &check::Result, file: &str) {
    let lines: Vec<&str> = report.lines().collect();
    let findings: Vec<&Finding> = result.new_findings().collect();
    assert_eq!(lines.len(), findings.len(), "{report}");
    for ((line, finding), name) in lines.iter().zip(findings).zip(["error", "notice"]) {
        assert!(!line.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}']));
        let rest = line.strip_prefix("::").unwrap();
        let (command, data) = rest.split_once("::").unwrap();
        let (command, properties) = command.split_once(' ').unwrap();
        assert_eq!(command, name);
        let undone = |text: &str| {
            let pairs = [
                ("%0D", "\r"),
                ("%0A", "\n"),
                ("%3A", ":"),
                ("%2C", ","),
                ("%25", "%"),
            ];
            pairs
                .into_iter()
                .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
        };
        for pair in properties.split(',').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap();
            match key {
                "file" => assert_eq!(undone(value), one_line(file)),
                "title" => assert_eq!(undone(value), one_line(&finding.rule)),
                "line" | "endLine" | "col" | "endColumn" => {
                    value.parse::<u32>().unwrap();
                }
                other => panic!("{other} in {line}"),
            }
        }
        let first = one_line(&finding.message);
        let told = data
            .replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%25", "%");
        assert!(
            told.starts_with(&first),
            "{told:?} does not begin with {first:?}"
        );
    }
}

fn one_line(text: &str) -> String {
    printable(text).replace(['\u{2028}', '\u{2029}'], " ")
}

fn gitlab(report: &str, result: &check::Result) {
    let report: Vec<Value> = serde_json::from_str(report).unwrap();
    assert_eq!(report.len(), result.findings.len());
    for (one, finding) in report.iter().zip(&result.findings) {
        assert_eq!(one["description"], finding.message);
        assert!(!one["location"]["path"].as_str().unwrap().is_empty());
    }
}

/// Nothing is left that Markdown knows but what the page itself is made of.
fn markdown(report: &str, result: &check::Result) {
    let link = regex_lite::Regex::new(r"\[[^\]\[]*\]\(https://[^()\s<>\[\]|`]*\)").unwrap();
    let tags = ["code", "details", "summary"];
    let compared = result.comparison.is_some();
    let shown: Vec<&Finding> = result.new_findings().collect();
    let columns = if compared { 7 } else { 5 };
    let mut block: Option<String> = None;
    let (mut rows, mut blocks) = (0, 0);
    for line in report.lines() {
        match (&mut block, line) {
            (None, "```json") => {
                block = Some(String::new());
                continue;
            }
            (Some(text), "```") => {
                serde_json::from_str::<Value>(text).unwrap();
                blocks += 1;
                block = None;
                continue;
            }
            (Some(text), line) => {
                assert!(!line.contains(['`', '<', '>']), "{line}");
                text.push_str(line);
                continue;
            }
            (None, _) => {}
        }
        let mut rest = link.replace_all(line, "").into_owned();
        for tag in tags {
            let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
            if tag != "details" {
                assert_eq!(
                    rest.matches(&open).count(),
                    rest.matches(&close).count(),
                    "{line}"
                );
            }
            rest = rest.replace(&open, "").replace(&close, "");
        }
        let pipes = rest.matches('|').count();
        rows += usize::from(pipes > 0);
        assert!(
            pipes == 0 || (pipes == columns && line.starts_with('|')),
            "{line}"
        );
        for (part, mark) in [
            ("**help**", 0),
            ("**add**", 0),
            ("**breaks**", 0),
            ("**affects**", 0),
            ("**missing**", 0),
            ("**docs**", 0),
            ("### ", 0),
            ("- ", 0),
        ] {
            if let Some((before, behind)) = rest.split_once(part)
                && before.len() == mark
            {
                rest = behind.to_owned();
                break;
            }
        }
        let rest = rest.replace("&#", "");
        let forbidden = [
            '<', '>', '`', '*', '_', '[', ']', '\\', '~', '#', '@', '!', '$',
        ];
        assert!(!rest.contains(forbidden), "{line}\n{rest}");
        let bare = rest.replace("&amp;", "");
        assert!(
            !bare.contains("://") && !bare.to_lowercase().contains("www."),
            "{line}"
        );
    }
    assert!(block.is_none(), "{report}");
    // Its headings, and a row for each finding; of a comparison for each that is new or fixed, and the lists of the others.
    assert_eq!(rows, 2 + shown.len() + fixed(result).len(), "{report}");
    assert_eq!(blocks, shown.len(), "{report}");
    // And one for what does not count.
    let folded = shown.len() + if compared { 3 } else { 1 };
    assert_eq!(report.matches("<details>").count(), folded);
    assert_eq!(report.matches("</details>").count(), folded);
    // Told in full, once its references are read as the characters they stand for.
    let told = characters(report);
    let messages = result.findings.iter().chain(fixed(result));
    let messages = messages.map(|one| one.message.as_str());
    for message in messages.chain(reasons(result).into_iter().flatten()) {
        let message = printable(message).replace(['\n', '\u{2028}', '\u{2029}'], " ");
        let message = match message.matches('`').count() % 2 {
            0 => message.replace('`', ""),
            _ => message,
        };
        assert!(told.contains(&message), "{message:?} is not in\n{report}");
    }
}

/// A page without its marks of code, and with characters in the place of references to them.
fn characters(page: &str) -> String {
    let reference = regex_lite::Regex::new(r"&(?:#(\d+)|amp|lt|gt);").unwrap();
    let page = page.replace("<code>", "").replace("</code>", "");
    let told = reference.replace_all(&page, |found: &regex_lite::Captures<'_>| {
        match (&found[0], found.get(1)) {
            (_, Some(number)) => {
                let number: u32 = number.as_str().parse().unwrap();
                char::from_u32(number).unwrap().to_string()
            }
            ("&amp;", _) => "&".to_owned(),
            ("&lt;", _) => "<".to_owned(),
            _ => ">".to_owned(),
        }
    });
    told.into_owned()
}

fn csv(report: &str, result: &check::Result) {
    let mut reader = ::csv::Reader::from_reader(report.as_bytes());
    let columns = reader.headers().unwrap().len();
    let records: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let needs = result.needs.as_ref().unwrap();
    let need = &needs.principals[0].needs[0];
    assert_eq!(records.len(), need.operations.len(), "{report}");
    for (record, operation) in records.iter().zip(&need.operations) {
        assert_eq!(record.len(), columns);
        for cell in record {
            assert!(!cell.contains(['\n', '\r']), "{cell:?}");
            let formula = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
            assert!(!cell.trim_start().starts_with(formula), "{cell:?}");
        }
        let told = record[3].strip_prefix('\'').unwrap_or(&record[3]);
        let operation = printable(operation).replace('\n', " ");
        assert_eq!(told, operation.strip_prefix('\'').unwrap_or(&operation));
    }
}

/// Elements and attributes that a page is made of; no name of anybody's may add to them.
const ELEMENTS: &str = "html head meta title style body a header p h1 h2 h3 h4 span ul ol li b nav main form label input select \
     option optgroup button section article details summary div code pre figure figcaption mark dl dt dd table thead tbody tr th td \
     br footer script svg g rect path text";
const ATTRIBUTES: &str = "lang charset http-equiv content name class href aria-label aria-hidden aria-labelledby role hidden id type \
     value autocomplete spellcheck placeholder label tabindex data-do data-a data-acc data-p data-k data-n open rel scope width height viewBox x y rx d data-account data-from data-to";

fn html(report: &str, result: &check::Result) {
    let tokens = tokens(report);
    let elements: Vec<&str> = ELEMENTS.split_whitespace().collect();
    let known: Vec<&str> = ATTRIBUTES.split_whitespace().collect();
    let mut once = [
        ("script", 0),
        ("style", 0),
        ("h1", 0),
        ("main", 0),
        ("title", 0),
    ];
    let mut ids = BTreeSet::new();
    let mut text = String::new();
    for token in &tokens {
        match token {
            Token::Start(name, attributes) => {
                assert!(elements.contains(&name.as_str()), "<{name}> in {report}");
                for (once, number) in &mut once {
                    *number += usize::from(once == name);
                }
                for (attribute, value) in attributes {
                    assert!(
                        known.contains(&attribute.as_str()),
                        "{attribute} of <{name}> in {report}"
                    );
                    let is_address = value.starts_with('#') || value.starts_with("https://");
                    assert!(attribute != "href" || is_address, "{value}");
                    assert!(
                        attribute != "id" || ids.insert(value.clone()),
                        "{value} twice"
                    );
                }
            }
            Token::Text(part) => text.push_str(part),
            Token::End(_) => {}
        }
    }
    assert!(once.iter().all(|(_, number)| *number == 1), "{once:?}");
    for finding in &result.findings {
        for told in [
            &finding.rule,
            &finding.principals[0],
            &finding.principals[1],
            &finding.resources[0],
        ] {
            assert!(text.contains(&in_page(told)), "{told:?} is not in {text}");
        }
        for told in [&finding.message, &finding.help] {
            let told = in_page(told);
            let paired = told.matches('`').count().is_multiple_of(2);
            let told = if paired { told.replace('`', "") } else { told };
            assert!(text.contains(&told), "{told:?} is not in {text}");
        }
    }
}

/// As [`in_xml`], with what is no character at all in any plane.
fn in_page(text: &str) -> String {
    let is_none = |character: char| {
        matches!(character, '\u{fdd0}'..='\u{fdef}') || u32::from(character) & 0xfffe == 0xfffe
    };
    printable(text).replace(is_none, "\u{fffd}")
}
