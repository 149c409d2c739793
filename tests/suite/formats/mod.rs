//! Every format of reports: kept for three worlds, valid by what is published of it, and the same wherever it is written.

mod files;
pub(crate) mod hostile;
mod html;
pub(crate) mod json_schema;
mod junit_schema;
mod secrets;
mod valid;
mod whole;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pipeline_preflight::check::{self, Finding, fingerprints};
use pipeline_preflight::load::{self, Input};
use pipeline_preflight::report::{FORMATS, Rendering, Style, format};
use pipeline_preflight::rules::Catalogue;
use pipeline_preflight::source::Sources;
use serde_json::Value;

use crate::cli::{code, err, run};
use crate::world::{cases, check, fixtures};

/// One broken across accounts, one of which not all is known, one that works.
pub(crate) const WORLDS: [(&str, &str); 3] = [
    ("broken", "codebuild-app-account/broken"),
    ("undecided", "service-role-2018/working"),
    ("clean", "cfn-cross-account/fixed"),
];

/// Checks a case with all that any format lists.
pub(crate) fn checked(case: &str) -> (check::Result, Sources) {
    let catalogue = Catalogue::builtin().unwrap();
    let mut sources = Sources::new();
    let folder = Path::new("tests/fixtures/cases").join(case);
    let loaded = load::load(&mut sources, &[Input::Path(folder)]).unwrap();
    let options = check::Options::default();
    let mut result = check::run(&loaded.graph, &catalogue, &options);
    result.needs = Some(check::needs::needs(&loaded.graph, &catalogue, &options));
    (result, sources)
}

/// A report in a format.
fn written(name: &str, result: &check::Result, sources: &Sources) -> String {
    let rendering = Rendering {
        result,
        sources,
        style: Style::plain(100),
    };
    let mut bytes = Vec::new();
    (format(name).unwrap().render)(&rendering, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A SARIF log with only those rules described that have results: the other pages are kept in `docs/rules`.
fn without_silent_rules(log: &str) -> String {
    let mut log: Value = serde_json::from_str(log).unwrap();
    let run = &mut log["runs"][0];
    let results = run["results"].as_array().unwrap().clone();
    let found = |rule: &Value| results.iter().any(|one| one["ruleId"] == rule["id"]);
    let rules = run["tool"]["driver"]["rules"].as_array_mut().unwrap();
    rules.retain(found);
    // Where a rule stands among all of them is looked at by `valid`; here it would change with every new one.
    for result in run["results"].as_array_mut().unwrap() {
        result.as_object_mut().unwrap().shift_remove("ruleIndex");
    }
    serde_json::to_string_pretty(&log).unwrap()
}

#[test]
fn three_worlds_are_kept_in_every_format() {
    for (name, case) in WORLDS {
        let (result, sources) = checked(case);
        for format in FORMATS {
            if ["human", "json"].contains(&format.name) {
                continue; // Kept with all other cases.
            }
            let mut report = written(format.name, &result, &sources);
            if format.name == "sarif" {
                report = without_silent_rules(&report);
            }
            if format.name == "html" {
                report = html::outline(&report);
            }
            insta::assert_snapshot!(format!("{name}.{}", format.name), report);
        }
    }
}

/// The same program over the same files, twice in one folder and once in another: nothing of the machine is in a report.
#[test]
fn the_same_input_gives_the_same_bytes_from_any_folder() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let deep = other.path().join("a/b");
    fs::create_dir_all(&deep).unwrap();
    for folder in [one.path(), &deep] {
        copy(
            &fixtures("cases/codebuild-app-account/broken"),
            &folder.join("accounts"),
        );
    }
    for format in FORMATS {
        let words = ["check", "accounts", "--format", format.name];
        let outputs = [one.path(), one.path(), &deep].map(|folder| run(folder, words));
        assert_eq!(code(&outputs[0]), 1, "{}", err(&outputs[0]));
        assert!(!outputs[0].stdout.is_empty());
        for output in &outputs {
            assert!(output.stdout == outputs[0].stdout, "{}", format.name);
        }
        let name = one.path().to_str().unwrap();
        assert!(!String::from_utf8_lossy(&outputs[0].stdout).contains(name));
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let to = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn no_two_findings_of_a_run_have_the_same_fingerprint() {
    let mut all = 0;
    for case in cases() {
        let (result, _) = checked(&case);
        let prints = fingerprints(&result.findings);
        let distinct: BTreeSet<&String> = prints.iter().collect();
        assert_eq!(distinct.len(), result.findings.len(), "{case}");
        all += prints.len();
    }
    assert!(all > 30);
}

/// Other lines, another folder: the findings are the same ones.
#[test]
fn fingerprints_survive_what_an_export_anew_changes() {
    let sorted = |findings: &[Finding]| {
        let mut prints = fingerprints(findings);
        prints.sort();
        prints
    };
    let lines = |result: &check::Result, sources: &Sources| -> Vec<usize> {
        let labels = result.findings.iter().flat_map(|finding| &finding.labels);
        let places = labels.map(|label| sources.place(label.origin));
        places.map(|place| place.start.line).collect()
    };
    for (_, case) in WORLDS {
        let (before, old) = check(&fixtures("cases").join(case));
        let anew = tempfile::tempdir().unwrap();
        copy(&fixtures("cases").join(case), anew.path());
        for entry in walkdir::WalkDir::new(anew.path()) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let text = fs::read_to_string(entry.path()).unwrap();
                let value: Value = serde_json::from_str(&text).unwrap();
                fs::write(entry.path(), format!("\n\n\n{value}\n")).unwrap();
            }
        }
        let (after, new) = check(anew.path());
        assert_eq!(sorted(&before.findings), sorted(&after.findings), "{case}");
        if !before.findings.is_empty() {
            assert_ne!(lines(&before, &old), lines(&after, &new), "{case}");
        }
    }
}
