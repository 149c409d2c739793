//! `check --against` a file or a folder.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{break_bucket, break_key, edit, in_folder, report, rules};
use crate::cli::{code, err, out, program, refused, run};
use crate::world::fixtures;

/// The state before as `old/accounts`, that of now as `accounts`.
fn booking() -> TempDir {
    let folder = TempDir::new().unwrap();
    in_folder("codebuild-app-account/fixed", folder.path());
    in_folder("codebuild-app-account/fixed", &folder.path().join("old"));
    folder
}

const AGAINST_FOLDER: [&str; 4] = ["check", "accounts", "--against", "old"];

#[test]
fn a_change_is_told_by_what_it_breaks_mends_and_leaves() {
    let folder = booking();
    let old = folder.path().join("old");
    // Both lack what an integration needs; the change mends the bucket, and breaks the key.
    break_bucket(&old);
    break_key(folder.path());
    let told = report(folder.path(), AGAINST_FOLDER);
    assert_eq!(rules(&told, "new"), ["key-policy-missing"]);
    assert_eq!(rules(&told, "fixed"), ["bucket-policy-missing"]);
    assert_eq!(
        told["comparison"],
        json!({"against": "old", "new": 1, "fixed": 1, "unchanged": 0})
    );
    assert_eq!(code(&run(folder.path(), AGAINST_FOLDER)), 1);
    // Now the bucket is broken as before.
    break_bucket(folder.path());
    let told = report(folder.path(), AGAINST_FOLDER);
    assert_eq!(rules(&told, "unchanged"), ["bucket-policy-missing"]);
    assert_eq!(rules(&told, "new"), ["key-policy-missing"]);
    assert_eq!(rules(&told, "fixed"), [""; 0]);
    // And the key was.
    break_key(&old);
    let output = run(folder.path(), AGAINST_FOLDER);
    assert_eq!(code(&output), 0, "{}", out(&output));
    assert!(out(&output).ends_with("\n0 new, 0 fixed, 2 unchanged against old\n"));
}

#[test]
fn people_read_what_is_new_in_full_and_the_rest_in_a_line() {
    let folder = booking();
    let old = folder.path().join("old");
    break_bucket(&old);
    break_key(folder.path());
    let output = run(folder.path(), AGAINST_FOLDER);
    let told = out(&output);
    let order = [
        "new against old:\n\nerror[key-policy-missing]: ",
        "\n   help: ",
        "\nfixed:\n  error[bucket-policy-missing]: ",
        "\n\n1 pipeline, 3 actions: ",
        "\n1 error\n",
        "\n1 new, 1 fixed, 0 unchanged against old\n",
    ];
    let mut rest = told;
    for piece in order {
        let Some((_, behind)) = rest.split_once(piece) else {
            panic!("{piece:?} is not in\n{rest}\nof\n{told}");
        };
        rest = behind;
    }
    assert_eq!(rest, "");
    assert_eq!(told.matches("help: ").count(), 1);
    assert!(!told.contains("unchanged:"));
}

/// The threshold and strictness are those of new findings.
#[test]
fn only_new_findings_decide_the_exit_code() {
    let folder = booking();
    let pipeline = "accounts/111111111111/ap-southeast-2/codepipeline/booking.json";
    let alone = folder.path().join("alone");
    fs::create_dir(&alone).unwrap();
    fs::copy(folder.path().join(pipeline), alone.join("pipeline.json")).unwrap();
    let words = [
        "check",
        "alone",
        "--against",
        "alone",
        "--fail-on",
        "note",
        "--strict",
    ];
    let output = run(folder.path(), words);
    assert_eq!(code(&output), 0, "{}", out(&output));
    // Against the whole, in which all is known, what is not known is new.
    for more in [&["--fail-on", "note"][..], &["--strict"]] {
        let words = [&["check", "alone", "--against", "accounts"][..], more].concat();
        assert_eq!(code(&run(folder.path(), words)), 1);
    }
    // To leave a file out mends nothing.
    break_key(folder.path());
    let told = report(folder.path(), ["check", "alone", "--against", "accounts"]);
    assert_eq!(rules(&told, "fixed"), [""; 0]);
}

#[test]
fn a_file_stands_in_the_place_of_what_the_inputs_say() {
    let folder = booking();
    let pipeline = "accounts/111111111111/ap-southeast-2/codepipeline/booking.json";
    fs::copy(folder.path().join(pipeline), folder.path().join("old.json")).unwrap();
    // A new definition whose build runs in a project that nobody let in.
    fs::copy(folder.path().join(pipeline), folder.path().join("new.json")).unwrap();
    edit(&folder.path().join("new.json"), |file| {
        file["pipeline"]["artifactStore"]["encryptionKey"]["id"] = json!("alias/booking-pipeline");
    });
    let words = ["check", "accounts", "new.json", "--against", "old.json"];
    let told = report(folder.path(), words);
    let new = rules(&told, "new");
    assert!(new.contains(&"artifact-key-alias".to_owned()), "{new:?}");
    assert_eq!(code(&run(folder.path(), words)), 1);
    // What is dubious about the other state, that the pipeline stands there twice, is not said.
    assert_eq!(
        err(&run(folder.path(), words))
            .matches("described twice")
            .count(),
        1
    );
    let words = ["check", "accounts", "old.json", "--against", "new.json"];
    let told = report(folder.path(), words);
    assert!(rules(&told, "fixed").contains(&"artifact-key-alias".to_owned()));
    assert_eq!(rules(&told, "new"), [""; 0]);
    assert_eq!(code(&run(folder.path(), words)), 0);
}

/// Standard input is read once, and is there in both states.
#[test]
fn standard_input_is_an_input_of_both_states() {
    let folder = booking();
    let pipeline = "accounts/111111111111/ap-southeast-2/codepipeline/booking.json";
    fs::copy(folder.path().join(pipeline), folder.path().join("new.json")).unwrap();
    edit(&folder.path().join("new.json"), |file| {
        file["pipeline"]["artifactStore"]["encryptionKey"]["id"] = json!("alias/booking-pipeline");
    });
    for (old, new) in [(pipeline, true), ("new.json", false)] {
        let mut command = program(folder.path());
        let input = fs::File::open(folder.path().join("new.json")).unwrap();
        command.stdin(Stdio::from(input));
        let words = ["check", "accounts", "-", "--against", old];
        let output = command.args(words).output().unwrap();
        assert_eq!(code(&output), i32::from(new), "{}", err(&output));
        let told = "new against accounts/111111111111/ap-southeast-2/codepipeline/booking.json:\n\nerror[artifact-key-alias]";
        assert_eq!(out(&output).contains(told), new, "{}", out(&output));
        assert_eq!(out(&output).contains("\n0 new, 0 fixed, "), !new);
    }
    let output = run(folder.path(), ["check", "accounts", "--against", "-"]);
    assert!(refused(&output).contains("standard input"));
}

/// Of a pipeline that the inputs do not hold nothing is replaced, and that is said.
#[test]
fn a_file_with_another_pipeline_takes_nobodys_place() {
    let folder = booking();
    let pipeline = "accounts/111111111111/ap-southeast-2/codepipeline/booking.json";
    fs::copy(folder.path().join(pipeline), folder.path().join("old.json")).unwrap();
    edit(&folder.path().join("old.json"), |file| {
        file["pipeline"]["name"] = json!("booking-of-old");
        file.as_object_mut().unwrap().shift_remove("metadata");
    });
    let output = run(
        folder.path(),
        ["check", "accounts", "--against", "old.json"],
    );
    assert!(
        err(&output).contains(
            "warning: `old.json` holds the pipeline `booking-of-old` and the inputs do not"
        ),
        "{}",
        err(&output)
    );
}

fn shop(folder: &Path, name: &str, case: &str) {
    let from = fixtures("templates/terraform-shop")
        .join(case)
        .join("applied.json");
    fs::copy(from, folder.join(name)).unwrap();
}

/// What a plan leaves out is not there: nothing of the new plan may be left in the state before.
#[test]
fn a_plan_takes_the_place_of_the_whole_plan() {
    let folder = TempDir::new().unwrap();
    shop(folder.path(), "new.json", "fixed");
    shop(folder.path(), "old.json", "broken");
    let account = [
        "--account",
        "default=111111111111",
        "--account",
        "production=222222222222",
    ];
    let told = |now: &str, old: &str| -> Value {
        let words = [
            &["check", now, "--against", old, "--format", "json"][..],
            &account,
        ]
        .concat();
        serde_json::from_str(out(&run(folder.path(), words))).unwrap()
    };
    let alone = |file: &str| -> Value {
        let words = [&["check", file, "--format", "json"][..], &account].concat();
        serde_json::from_str(out(&run(folder.path(), words))).unwrap()
    };
    let count = |report: &Value| report["summary"]["errors"].as_u64().unwrap();
    let (broken, fixed) = (count(&alone("old.json")), count(&alone("new.json")));
    assert!(broken > fixed);
    let errors = |list: &Value| {
        let all = list.as_array().unwrap().iter();
        all.filter(|one| one["severity"] == "error").count() as u64
    };
    assert_eq!(errors(&told("new.json", "old.json")["fixed"]), broken);
    let back = told("old.json", "new.json");
    let new: Vec<Value> = back["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["change"] == "new")
        .cloned()
        .collect();
    assert_eq!(errors(&json!(new)), broken);
    // Of two it is not said which.
    shop(folder.path(), "second.json", "fixed");
    let words = [
        &["check", "new.json", "second.json", "--against", "old.json"][..],
        &account,
    ]
    .concat();
    let output = run(folder.path(), words);
    assert!(refused(&output).contains("which of those among the inputs it was is not said"));
}

/// Templates of the other folder live where those of the same name do.
#[test]
fn a_folder_of_templates_keeps_their_homes() {
    let folder = TempDir::new().unwrap();
    let systems = ["templates", "cases"].map(|kind| format!("{kind}/codebuild-app-account"));
    for system in systems {
        super::copy(&fixtures(&system), &folder.path().join(system));
    }
    let world = folder.path().join("templates/codebuild-app-account");
    let (fixed, broken) = (world.join("fixed"), world.join("broken"));
    let before = report(&broken, ["check"]);
    let errors = before["summary"]["errors"].as_u64().unwrap();
    assert!(errors > 0);
    assert_eq!(report(&fixed, ["check"])["summary"]["errors"], 0);
    // The organizations, which the templates do not tell, are files of neither folder.
    for name in ["111111111111", "222222222222"] {
        let from = folder.path().join(format!(
            "cases/codebuild-app-account/broken/{name}/organizations.json"
        ));
        fs::create_dir_all(broken.join(name)).unwrap();
        fs::copy(from, broken.join(name).join("organizations.json")).unwrap();
    }
    let told = report(&fixed, ["check", "--against", "../broken"]);
    let count = |list: &Value, change: Option<&str>| {
        let all = list.as_array().unwrap().iter();
        let errors = all.filter(|one| one["severity"] == "error");
        let fits = errors.filter(|one| change.is_none_or(|change| one["change"] == change));
        fits.count() as u64
    };
    assert_eq!(count(&told["fixed"], None), errors);
    let back = report(&broken, ["check", "--against", "../fixed"]);
    assert_eq!(count(&back["findings"], Some("new")), errors);
}

#[test]
fn a_state_that_cannot_be_read_ends_the_run() {
    let folder = booking();
    fs::write(folder.path().join("old.json"), "{\"pipeline\": ").unwrap();
    let output = run(
        folder.path(),
        ["check", "accounts", "--against", "old.json"],
    );
    let told = refused(&output);
    assert!(
        told.starts_with("error: against `old.json`: old.json:1:"),
        "{told}"
    );
    let output = run(
        folder.path(),
        ["check", "accounts", "--against", "old.json", "-q", "-q"],
    );
    assert!(refused(&output).starts_with("error: against"));
    // The present state comes first.
    let output = run(folder.path(), ["check", "none", "--against", "old.json"]);
    assert!(!refused(&output).contains("against"));
}

#[test]
fn a_state_without_pipelines_makes_all_findings_new() {
    let folder = booking();
    break_key(folder.path());
    fs::remove_dir_all(
        folder
            .path()
            .join("old/accounts/111111111111/ap-southeast-2/codepipeline"),
    )
    .unwrap();
    let output = run(folder.path(), AGAINST_FOLDER);
    assert_eq!(code(&output), 1);
    assert_eq!(
        err(&output),
        "note: no pipeline was there at `old`: all findings are new\n"
    );
    assert!(out(&output).contains("1 new, 0 fixed, 0 unchanged against old"));
    // Nothing at all is the same.
    fs::remove_dir_all(folder.path().join("old")).unwrap();
    fs::create_dir(folder.path().join("old")).unwrap();
    assert_eq!(code(&run(folder.path(), AGAINST_FOLDER)), 1);
}

/// `--min-severity` hides findings, and neither counts nor exit code change.
#[test]
fn what_is_not_shown_counts_all_the_same() {
    let folder = booking();
    let pipeline = "accounts/111111111111/ap-southeast-2/codepipeline/booking.json";
    let alone = folder.path().join("alone");
    fs::create_dir(&alone).unwrap();
    fs::copy(folder.path().join(pipeline), alone.join("pipeline.json")).unwrap();
    let words = [
        "check",
        "alone",
        "--against",
        "accounts",
        "--strict",
        "--min-severity",
        "error",
    ];
    let told = report(folder.path(), words);
    assert_eq!(told["findings"], json!([]));
    assert!(told["comparison"]["new"].as_u64().unwrap() > 0);
    assert_eq!(code(&run(folder.path(), words)), 1);
}

#[test]
fn a_baseline_counts_in_both_states() {
    let folder = booking();
    break_bucket(folder.path());
    run(folder.path(), ["baseline", "write", "accounts"]);
    break_key(folder.path());
    let words = [
        "check",
        "accounts",
        "--against",
        "old",
        "--baseline",
        "pipeline-preflight-baseline.json",
    ];
    let told = report(folder.path(), words);
    assert_eq!(rules(&told, "new"), ["key-policy-missing"]);
    // What is known is not fixed.
    break_bucket(&folder.path().join("old"));
    let told = report(folder.path(), words);
    assert_eq!(rules(&told, "fixed"), [""; 0]);
}
