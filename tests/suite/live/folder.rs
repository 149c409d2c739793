//! A snapshot is what was seen: the same is found in it, and whoever serves it is seen as the same.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::manner::Manner;
use super::runs::{Report, System, faults};
use crate::cli::{code, err, program};

/// Takes a snapshot of a system into `taken`, and gives the folder around it.
fn taken(system: &System) -> TempDir {
    let cloud = system.cloud(Manner::default());
    let folder = TempDir::new().unwrap();
    let mut command = system.program(&cloud, &folder);
    command.arg("snapshot").args(&system.pipelines);
    command.args(system.doors()).args(["--output", "taken"]);
    let output = command.output().unwrap();
    assert_eq!(code(&output), 0, "{}", err(&output));
    cloud.log();
    folder
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder).unwrap();
            let text = std::fs::read_to_string(entry.path()).unwrap();
            files.insert(name.to_str().unwrap().to_owned(), text);
        }
    }
    files
}

/// The places of all findings: where in a file, and what is said of it.
fn places(report: &Report) -> Vec<String> {
    let findings = report.tree["findings"].as_array().unwrap().iter();
    let places = findings.flat_map(|finding| {
        let rule = &finding["rule"];
        let locations = finding["locations"].as_array().unwrap().iter();
        locations.map(move |at| format!("{rule} {} {} {}", at["start"], at["end"], at["label"]))
    });
    let mut places: Vec<String> = places.collect();
    places.sort();
    places
}

const CASES: [&str; 6] = [
    "cfn-cross-account/broken",
    "codebuild-app-account/broken",
    "codedeploy-ecs/broken",
    "landing-zone/working",
    "real-nemmym/working",
    "site-and-functions/fixed",
];

#[test]
fn a_snapshot_gives_what_the_live_accounts_give_and_serves_as_they_do() {
    let faults = faults(CASES, |case| {
        let system = System::of_case(case);
        let folder = taken(&system);
        let snapshot = folder.path().join("taken");
        let live = system.check(&system.cloud(Manner::default()));
        let mut command = program(folder.path());
        let offline = Report::of(command.args(["check", "taken", "--format", "json"]));
        if live.findings() != offline.findings() || live.summary() != offline.summary() {
            let (live, offline) = (live.findings(), offline.findings());
            return Some(format!("{case}: live {live:#?}\noffline {offline:#?}"));
        }
        if places(&live) != places(&offline) {
            let (live, offline) = (places(&live), places(&offline));
            return Some(format!("{case}: live {live:#?}\noffline {offline:#?}"));
        }
        let again = taken(&System::of(&snapshot));
        let (once, twice) = (files(&snapshot), files(&again.path().join("taken")));
        let names: Vec<&String> = once.keys().chain(twice.keys()).collect();
        let other: Vec<_> = names
            .iter()
            .filter(|name| once.get(**name) != twice.get(**name))
            .map(|name| (name, once.get(*name), twice.get(*name)))
            .collect();
        (!other.is_empty()).then(|| format!("{case}: {other:#?}"))
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What stands at a place, as a tree whose members are in order, for a document may stand there in one form or another.
fn standing(text: &str, at: &Value) -> String {
    let offset = |at: &Value| {
        let (line, column) = (at["line"].as_u64().unwrap(), at["column"].as_u64().unwrap());
        let before: usize = text
            .split_inclusive('\n')
            .take(line as usize - 1)
            .map(str::len)
            .sum();
        let own = text[before..]
            .chars()
            .take(column as usize - 1)
            .map(char::len_utf8);
        before + own.sum::<usize>()
    };
    let part = &text[offset(&at["start"])..offset(&at["end"])];
    let tree: Value = serde_json::from_str(part).unwrap_or_else(|_| part.into());
    let tree = match &tree {
        Value::String(inside) => serde_json::from_str(inside).unwrap_or(tree),
        _ => tree,
    };
    ordered(&tree)
}

fn ordered(tree: &Value) -> String {
    match tree {
        Value::Array(items) => format!("{:?}", items.iter().map(ordered).collect::<Vec<_>>()),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| (key, ordered(value)));
            format!("{:?}", members.collect::<BTreeMap<_, _>>())
        }
        leaf => leaf.to_string(),
    }
}

/// The text at each place that a report of a folder speaks of.
fn said_of(report: &Report, folder: &Path) -> Vec<String> {
    let findings = report.tree["findings"].as_array().unwrap().iter();
    let texts = findings.flat_map(|finding| {
        let locations = finding["locations"].as_array().unwrap().iter();
        locations.map(move |at| {
            let file = folder.join(at["file"].as_str().unwrap());
            let text = std::fs::read_to_string(file).unwrap();
            format!(
                "{} {}: {}",
                finding["rule"],
                at["label"],
                standing(&text, at)
            )
        })
    });
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts
}

/// A finding of live accounts shows the very words that their files show.
#[test]
fn findings_show_the_same_words_of_policies_live_and_in_files() {
    let faults = faults(&CASES[..3], |case| {
        let system = System::of_case(case);
        let folder = taken(&system);
        let check = |folder: &Path, input: &Path| {
            let mut command = program(folder);
            Report::of(command.arg("check").arg(input).args(["--format", "json"]))
        };
        let live = check(folder.path(), Path::new("taken"));
        let files = check(&system.folder, Path::new("."));
        let (live, files) = (
            said_of(&live, folder.path()),
            said_of(&files, &system.folder),
        );
        let only = |these: &[String], those: &[String]| {
            let only = these.iter().filter(|one| !those.contains(one));
            only.cloned().collect::<Vec<_>>()
        };
        let (lost, new) = (only(&files, &live), only(&live, &files));
        (!lost.is_empty() || !new.is_empty())
            .then(|| format!("{case}: lost {lost:#?} new {new:#?}"))
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
