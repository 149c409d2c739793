//! A comparison in every format.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{break_bucket, break_key, edit, in_folder};
use crate::cli::{err, out, run};

/// The bucket is closed, and a role has no policies.
pub(super) fn before(folder: &Path) {
    in_folder("codebuild-app-account/fixed", folder);
    break_bucket(folder);
    let file = folder.join("accounts/222222222222/authorization-details.json");
    edit(&file, |export| {
        let roles = export["RoleDetailList"].as_array_mut().unwrap();
        let mut roles = roles.iter_mut();
        let role = roles.find(|role| role["RoleName"] == "BookingIntegrationTestRole");
        role.unwrap()["RolePolicyList"] = Value::Array(Vec::new());
    });
}

/// The bucket is open, the key is closed, and the role has no policies still.
pub(super) fn now(folder: &Path) {
    super::copy_bucket_and_key(folder);
    break_key(folder);
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    before(&folder.path().join("old"));
    before(folder.path());
    now(folder.path());
    folder
}

fn written(folder: &TempDir, format: &str) -> String {
    let words = ["check", "accounts", "--against", "old", "--format", format];
    let output = run(folder.path(), words);
    assert_eq!(err(&output), "", "{format}");
    out(&output).to_owned()
}

/// Rules of what is unchanged: what the role's own policies would have granted.
fn unchanged(folder: &TempDir) -> Vec<String> {
    let report: Value = serde_json::from_str(&written(folder, "json")).unwrap();
    let rules = super::rules(&report, "unchanged");
    assert!(
        rules.contains(&"artifact-permission-missing".to_owned()),
        "{rules:?}"
    );
    assert_eq!(super::rules(&report, "new"), ["key-policy-missing"]);
    assert_eq!(super::rules(&report, "fixed"), ["bucket-policy-missing"]);
    rules
}

#[test]
fn sarif_tells_the_state_of_every_result() {
    let folder = folder();
    let log: Value = serde_json::from_str(&written(&folder, "sarif")).unwrap();
    let schema = fs::read_to_string(crate::world::fixtures("schemas/sarif-2.1.0.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let faults = crate::formats::json_schema::faults(&schema, &log);
    assert!(faults.is_empty(), "{faults:#?}");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let of = |state: &str| -> Vec<&Value> {
        results
            .iter()
            .filter(|one| one["baselineState"] == state)
            .collect()
    };
    let (new, fixed) = (of("new"), of("absent"));
    assert_eq!(new[0]["ruleId"], "key-policy-missing");
    assert_eq!(fixed[0]["ruleId"], "bucket-policy-missing");
    // It has no place in what is there, and code scanning wants a location of all results.
    let locations = fixed[0]["locations"].as_array().unwrap();
    assert_eq!(locations.len(), 1);
    assert_eq!(locations[0]["physicalLocation"], Value::Null);
    assert_eq!(locations[0]["logicalLocations"][0]["kind"], "action");
    assert_eq!((new.len(), fixed.len()), (1, 1));
    assert_eq!(of("unchanged").len(), unchanged(&folder).len());
    assert_eq!(results.len(), 2 + unchanged(&folder).len());
}

#[test]
fn github_annotates_what_is_new() {
    let folder = folder();
    let text = written(&folder, "github");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("title=key-policy-missing"));
}

#[test]
fn gitlab_compares_by_itself() {
    let folder = folder();
    let all: Vec<Value> = serde_json::from_str(&written(&folder, "gitlab")).unwrap();
    assert_eq!(all.len(), 1 + unchanged(&folder).len());
}

/// Both actions are broken now: `Build` by the key, which is new, and the test by what it lacked before as well.
#[test]
fn junit_fails_for_what_is_new_only() {
    let folder = folder();
    // Without the new hole nothing has failed, though the test of the old one is not green.
    let key = folder.path().join(super::KEY);
    let broken = fs::read(&key).unwrap();
    fs::copy(folder.path().join("old").join(super::KEY), &key).unwrap();
    let text = written(&folder, "junit");
    assert!(text.contains("failures=\"0\""), "{text}");
    assert!(
        text.contains("<skipped type=\"artifact-permission-missing\""),
        "{text}"
    );
    assert!(
        text.contains("unchanged: error[artifact-permission-missing]"),
        "{text}"
    );
    fs::write(&key, broken).unwrap();
    let text = written(&folder, "junit");
    assert!(
        text.contains("<failure type=\"key-policy-missing\""),
        "{text}"
    );
    assert!(
        !text.contains("<failure type=\"artifact-permission-missing\""),
        "{text}"
    );
    assert!(!text.contains("bucket-policy-missing"), "{text}");
}

#[test]
fn markdown_begins_with_the_table_of_the_change() {
    let folder = folder();
    let text = written(&folder, "markdown");
    let count = unchanged(&folder).len();
    assert!(
        text.starts_with(&format!(
            "### pipeline-preflight: 1 new, 1 fixed, {count} unchanged against old\n"
        )),
        "{text}"
    );
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(
        rows[0],
        "| principal | operation | resource | account | before | after |"
    );
    assert_eq!(rows.len(), 4, "{rows:#?}");
    let cells = |row: &str| -> Vec<String> {
        row.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    let (new, fixed) = (cells(rows[2]), cells(rows[3]));
    assert!(new[0].contains("BookingBuildRole"), "{new:?}");
    assert!(new[2].contains("key/497db5c9"), "{new:?}");
    assert_eq!(new[3], "111111111111");
    assert_eq!(new[4], "");
    assert!(
        new[5].starts_with("denied (error): [key-policy-missing]"),
        "{new:?}"
    );
    assert!(
        fixed[4].starts_with("denied (error): [bucket-policy-missing]"),
        "{fixed:?}"
    );
    assert_eq!(fixed[5], "");
    assert!(text.contains("<summary>1 fixed</summary>"));
    assert!(text.contains(&format!("<summary>{count} unchanged</summary>")));
}

#[test]
fn every_format_is_the_same_bytes_twice() {
    let folder = folder();
    for format in pipeline_preflight::report::FORMATS {
        assert_eq!(written(&folder, format.name), written(&folder, format.name));
    }
}
