//! Two states of the same pipelines: `check --against`, `check --baseline`, `baseline write`.

mod against;
mod baseline;
mod docs;
mod formats;
mod git;
mod matching;

use std::fs;
use std::path::Path;

use pipeline_preflight::check::Result;
use pipeline_preflight::check::triage::{Baseline, Weights, compare, set_known_apart};
use serde_json::Value;

use crate::cli::{out, run};
use crate::world::{cases, check, fixtures};

/// A case in a folder of its own, as `accounts`.
fn in_folder(case: &str, folder: &Path) {
    copy(&fixtures("cases").join(case), &folder.join("accounts"));
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

/// Changes one JSON file.
fn edit(file: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    change(&mut value);
    fs::write(file, serde_json::to_string_pretty(&value).unwrap()).unwrap();
}

const BUCKET: &str = "accounts/111111111111/s3/booking-pipeline-111111111111.json";
const KEY: &str =
    "accounts/111111111111/ap-southeast-2/kms/497db5c9-4023-4ab0-a858-7a34037c8fbb.json";

/// The bucket's policy admits nobody of the other account any more.
fn break_bucket(folder: &Path) {
    edit(&folder.join(BUCKET), |bucket| {
        bucket["Policy"] = Value::Null;
    });
}

/// Nor does the key's: what is left is the statement for its own account.
fn break_key(folder: &Path) {
    edit(&folder.join(KEY), |key| {
        key["Policy"]["Statement"]
            .as_array_mut()
            .unwrap()
            .truncate(1);
    });
}

/// Both as they are in the world that works.
fn copy_bucket_and_key(folder: &Path) {
    for file in [BUCKET, KEY] {
        let from = file.replace("accounts", "cases/codebuild-app-account/fixed");
        fs::copy(fixtures(&from), folder.join(file)).unwrap();
    }
}

/// The JSON report of a run in a folder.
fn report<const N: usize>(folder: &Path, words: [&str; N]) -> Value {
    let output = run(folder, words.iter().chain(&["--format", "json"]));
    serde_json::from_str(out(&output)).unwrap()
}

/// Rules of the findings of which something became.
fn rules(report: &Value, change: &str) -> Vec<String> {
    let findings = match change {
        "fixed" => &report["fixed"],
        _ => &report["findings"],
    };
    let findings = findings.as_array().unwrap().iter();
    let fits = findings.filter(|one| change == "fixed" || one["change"] == change);
    fits.map(|one| one["rule"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_world_compared_with_itself_has_nothing_new_and_nothing_fixed() {
    let mut all = 0;
    for case in cases() {
        let folder = fixtures("cases").join(&case);
        let ((mut now, _), (before, _)) = (check(&folder), check(&folder));
        compare(&mut now, before, "itself");
        let comparison = now.comparison.unwrap();
        let counts = comparison.counts;
        assert_eq!((counts.new, counts.fixed), (0, 0), "{case}");
        assert_eq!(counts.unchanged, now.findings.len(), "{case}");
        assert!(comparison.fixed.is_empty());
        all += counts.unchanged;
    }
    assert!(all > 30, "{all}");
}

/// What is fixed from one world to the other is new on the way back.
#[test]
fn what_one_world_lacks_and_another_has_is_told_both_ways() {
    let mut all = 0;
    for case in cases().iter().filter(|case| case.ends_with("/fixed")) {
        for broken in cases().iter().filter(|one| {
            one.split('/').next() == case.split('/').next() && one.contains("/broken")
        }) {
            let world = |case: &str| check(&fixtures("cases").join(case)).0;
            let told = |now: &str, before: &str| {
                let mut now = world(now);
                compare(&mut now, world(before), before);
                now.comparison.unwrap().counts
            };
            let (there, back) = (told(broken, case), told(case, broken));
            assert!(there.new > 0, "{broken}");
            assert_eq!((there.new, there.fixed), (back.fixed, back.new), "{broken}");
            all += there.new;
        }
    }
    assert!(all > 10, "{all}");
}

#[test]
fn a_baseline_of_a_world_holds_all_of_it_and_survives_being_written() {
    let mut all = 0;
    for case in cases() {
        let (mut now, _) = check(&fixtures("cases").join(&case));
        let findings = now.findings.len();
        let text = Baseline::of(&now.findings).to_json().unwrap();
        let baseline = Baseline::from_json(&text).unwrap();
        assert_eq!(baseline.to_json().unwrap(), text, "{case}");
        assert_eq!(
            text.lines().count(),
            if findings == 0 { 4 } else { findings + 5 },
            "{case}"
        );
        let gone = set_known_apart(&mut now, &baseline, &Weights::default());
        assert!(gone.is_empty(), "{case}");
        assert!(now.findings.is_empty(), "{case}");
        assert_eq!(now.suppressed.len(), findings, "{case}");
        let counts = (now.summary.errors, now.summary.warnings, now.summary.notes);
        assert_eq!(counts, (0, 0, 0), "{case}");
        all += findings;
    }
    assert!(all > 30, "{all}");
}

/// The order of the findings, and that of what they name, makes no difference to the file.
#[test]
fn a_baseline_is_the_same_bytes_whatever_the_order() {
    let (mut result, _): (Result, _) = check(&fixtures("cases/codebuild-app-account/broken"));
    let text = Baseline::of(&result.findings).to_json().unwrap();
    result.findings.reverse();
    for finding in &mut result.findings {
        finding.principals.reverse();
        finding.operations.reverse();
        finding.affects.reverse();
        finding.labels.clear();
        finding.message.push_str(" in other words");
    }
    assert_eq!(Baseline::of(&result.findings).to_json().unwrap(), text);
}
