//! Failures that people really had: `tests/fixtures/failures/<id>.yaml` builds the world that failed, says what has to be found
//! in it, and that nothing is found once it is mended. What no file can decide says why, and is listed all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use pipeline_preflight::rules::Catalogue;
use pipeline_preflight::rules::explain::by_error_text;
use serde::Deserialize;

use crate::edits::Variation;
use crate::findings::rules;
use crate::world::fixtures;

/// One failure, as somebody reported it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Failure {
    /// What went wrong, for people.
    title: String,
    /// Where it was reported or documented.
    sources: Vec<String>,
    /// What people saw, and every rule that `explain` has to name for it.
    #[serde(default)]
    errors: Vec<ErrorText>,
    /// What people saw where it was no text.
    seen: Option<String>,
    /// Worlds that fail as the report describes.
    #[serde(default)]
    fails: Vec<Variation>,
    /// Worlds in which it is mended.
    #[serde(default)]
    controls: Vec<Variation>,
    /// Why no file decides it, or a part of it.
    not_decidable: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorText {
    text: String,
    rules: BTreeSet<String>,
}

/// An expectation that the tool does not meet yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotYetMet {
    id: String,
    /// The title of the world.
    world: String,
    because: String,
}

const LIST: &str = "not-yet-met.yaml";

fn failures() -> BTreeMap<String, Failure> {
    let mut failures = BTreeMap::new();
    for entry in std::fs::read_dir(fixtures("failures")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == LIST {
            continue;
        }
        let id = name.strip_suffix(".yaml").unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let failure: Failure =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{id}: {error}"));
        failures.insert(id, failure);
    }
    failures
}

fn not_yet_met() -> Vec<NotYetMet> {
    let text = std::fs::read_to_string(fixtures("failures").join(LIST)).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

#[test]
fn each_failure_is_found_and_its_control_is_silent() {
    let open = not_yet_met();
    let mut used = BTreeSet::new();
    let mut faults = Vec::new();
    let mut worlds = 0;
    for (id, failure) in failures() {
        for world in failure.fails.iter().chain(&failure.controls) {
            worlds += 1;
            let listed = open
                .iter()
                .position(|one| one.id == id && one.world == world.title);
            used.extend(listed);
            match (world.fault(), listed) {
                (Some(fault), None) => faults.push(format!("{id}: {fault}")),
                (None, Some(_)) => faults.push(format!(
                    "{id}: {}: is met now, take it off {LIST}",
                    world.title
                )),
                _ => {}
            }
        }
    }
    println!("{worlds} worlds, {} of them not yet met", used.len());
    for (index, one) in open.iter().enumerate() {
        assert!(!one.because.is_empty(), "{}: {}", one.id, one.world);
        if !used.contains(&index) {
            faults.push(format!("{}: no world is called {:?}", one.id, one.world));
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn every_failure_is_decided_or_says_why_not() {
    for (id, failure) in failures() {
        let decided = !failure.fails.is_empty();
        assert!(
            decided || failure.not_decidable.is_some(),
            "{id} neither fails nor says why it cannot"
        );
        assert_eq!(
            decided,
            !failure.controls.is_empty(),
            "{id}: a failing world needs a control, and a control a failing world"
        );
        assert!(!failure.sources.is_empty(), "{id} was reported nowhere");
        assert!(
            !failure.errors.is_empty() || failure.seen.is_some(),
            "{id}: nobody saw anything"
        );
        for world in &failure.fails {
            assert!(
                world.rules().next().is_some(),
                "{id}: {}: nothing to be found",
                world.title
            );
        }
        for world in &failure.controls {
            assert!(
                world.expect.is_empty(),
                "{id}: {}: a control is silent",
                world.title
            );
        }
    }
}

/// All rules that an error text names, no more and no fewer: a text that names a wrong rule sends people the wrong way.
#[test]
fn error_texts_name_the_rules_behind_them() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut faults = Vec::new();
    let mut count = 0;
    for (id, failure) in failures() {
        for error in &failure.errors {
            count += 1;
            for rule in &error.rules {
                assert!(
                    catalogue.findings.contains_key(rule),
                    "{id}: no rule {rule}"
                );
            }
            let named: BTreeSet<String> = by_error_text(rules().iter(), &error.text)
                .into_iter()
                .map(|found| found.rule.id.clone())
                .collect();
            if named != error.rules {
                let lacking: Vec<&String> = error.rules.difference(&named).collect();
                let wrong: Vec<&String> = named.difference(&error.rules).collect();
                faults.push(format!(
                    "{id}: {}\n  not named {lacking:?}, wrongly named {wrong:?}",
                    error.text
                ));
            }
        }
    }
    println!("{count} error texts");
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// `docs/failures.md` is made of the fixtures; `UPDATE_DOCS=1 cargo test --test suite -- failures::` writes it.
#[test]
fn the_table_for_readers_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/failures.md");
    let expected = page(&failures(), &not_yet_met());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/failures.md is not what the fixtures say; write it with UPDATE_DOCS=1"
    );
}

const INTRODUCTION: &str = "\
# Failures that people really had

Each line is a failure of a cross-account pipeline that somebody reported or AWS documents, with the error text they saw and what
`pipeline-preflight check` says to it. Each one that files can decide is a test: the world that failed is built, the rule has to be
found in it, and nothing once it is mended. They are in [`tests/fixtures/failures`](../tests/fixtures/failures), with their sources.
`pipeline-preflight explain \"<error text>\"` names the rules behind a text.

Names, account ids and request ids in the texts are left out.
";

fn page(failures: &BTreeMap<String, Failure>, open: &[NotYetMet]) -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n## Found\n\n| | what went wrong | what people saw | found by |\n| --- | --- | --- | --- |\n");
    for (id, failure) in failures.iter().filter(|(_, one)| !one.fails.is_empty()) {
        let waiting = |world: &Variation| {
            open.iter()
                .any(|one| one.id == *id && one.world == world.title)
        };
        let mut found: BTreeSet<String> = BTreeSet::new();
        let mut later = false;
        for world in &failure.fails {
            if waiting(world) {
                later = true;
            } else {
                found.extend(world.rules().map(|rule| format!("`{rule}`")));
            }
        }
        let mut by: Vec<String> = found.into_iter().collect();
        if later {
            by.push("not yet in every form".to_owned());
        }
        if let Some(why) = &failure.not_decidable {
            by.push(format!("otherwise: {why}"));
        }
        row(&mut page, id, failure, &by.join(", "));
    }
    page.push_str(
        "\n## Not to be known from files\n\n| | what went wrong | what people saw | why no file tells |\n| --- | --- | --- | --- |\n",
    );
    for (id, failure) in failures.iter().filter(|(_, one)| one.fails.is_empty()) {
        let why = failure.not_decidable.as_deref().unwrap_or_default();
        row(&mut page, id, failure, why);
    }
    page
}

fn row(page: &mut String, id: &str, failure: &Failure, last: &str) {
    let mut seen: Vec<String> = failure
        .errors
        .iter()
        .map(|error| format!("“{}”", error.text))
        .collect();
    seen.extend(failure.seen.clone());
    let cell = |text: &str| {
        text.replace('|', "\\|")
            .replace('<', "&lt;")
            .replace('*', "\\*")
    };
    writeln!(
        page,
        "| {id} | {} | {} | {} |",
        cell(&failure.title),
        cell(&seen.join("<br>")).replace("&lt;br>", "<br>"),
        last
    )
    .unwrap();
}
