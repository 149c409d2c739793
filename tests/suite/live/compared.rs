//! `check --live --against`: a new definition with AWS as it is now, and what is now with what was written down.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::manner::Manner;
use super::runs::{Report, System};

fn rules(report: &Report, change: &str) -> Vec<String> {
    let findings = report.tree["findings"].as_array();
    let findings = findings.unwrap_or_else(|| panic!("{}", report.errors));
    let findings = findings.iter().filter(|one| one["change"] == change);
    findings
        .map(|one| one["rule"].as_str().unwrap().to_owned())
        .collect()
}

/// Both definitions are checked with what AWS says of all else.
#[test]
fn a_new_definition_is_compared_with_the_old_one() {
    let system = System::of_case("codebuild-app-account/fixed");
    let cloud = system.cloud(Manner::default());
    let folder = TempDir::new().unwrap();
    let place = (system.account.clone(), system.region.clone());
    let mut pipeline = system.estate.things[&place]["codepipeline/booking.json"].clone();
    pipeline.as_object_mut().unwrap().remove("metadata");
    fs::write(folder.path().join("old.json"), pipeline.to_string()).unwrap();
    pipeline["pipeline"]["artifactStore"]["encryptionKey"]["id"] = json!("alias/booking-pipeline");
    fs::write(folder.path().join("new.json"), pipeline.to_string()).unwrap();
    let told = |new: &str, old: &str| {
        let mut command = system.program(&cloud, &folder);
        command.args(["check", new, "--against", old, "--format", "json", "--live"]);
        Report::of(command.args(system.doors()))
    };
    let report = told("new.json", "old.json");
    assert_eq!(report.code, 1, "{}", report.errors);
    let new = rules(&report, "new");
    assert!(new.contains(&"artifact-key-alias".to_owned()), "{new:?}");
    // The old one is known as well as the new one: nothing is undecided that is not so now.
    let report = told("old.json", "old.json");
    let counts = &report.tree["comparison"];
    assert_eq!((&counts["new"], &counts["fixed"]), (&json!(0), &json!(0)));
    let report = told("old.json", "new.json");
    assert_eq!((report.code, rules(&report, "new")), (0, Vec::new()));
    let fixed = report.tree["fixed"].as_array().unwrap();
    assert!(fixed.iter().any(|one| one["rule"] == "artifact-key-alias"));
}

/// A folder is the whole of what was before: AWS is not asked for it.
#[test]
fn what_is_now_is_compared_with_what_was_written_down() {
    let system = System::of_case("codebuild-app-account/fixed");
    let cloud = system.cloud(Manner::default());
    let folder = TempDir::new().unwrap();
    let broken = system.folder.parent().unwrap().join("broken");
    let mut command = system.program(&cloud, &folder);
    command
        .arg("check")
        .args(system.live())
        .args(system.doors());
    command.arg("--against").arg(&broken);
    let report = Report::of(command.args(["--format", "json"]));
    assert_eq!(report.code, 0, "{}", report.errors);
    let errors = |list: &Value| {
        let all = list.as_array().unwrap().iter();
        all.filter(|one| one["severity"] == "error").count()
    };
    // All that the broken system lacks.
    let alone = System::of(&broken).check_files();
    assert!(errors(&alone.tree["findings"]) > 0);
    assert_eq!(
        errors(&report.tree["fixed"]),
        errors(&alone.tree["findings"])
    );
}
