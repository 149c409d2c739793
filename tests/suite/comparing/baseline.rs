//! `baseline write` and `check --baseline`.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{break_bucket, break_key, edit, in_folder, report};
use crate::cli::{code, err, folder, out, program, refused, run};

const FILE: &str = "pipeline-preflight-baseline.json";

fn booking() -> TempDir {
    let folder = TempDir::new().unwrap();
    in_folder("codebuild-app-account/fixed", folder.path());
    folder
}

fn entries(folder: &TempDir) -> Vec<Value> {
    let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["schema_version"], 1);
    let schema = fs::read_to_string("docs/schema/baseline.json").unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let faults = crate::formats::json_schema::faults(&schema, &file);
    assert!(faults.is_empty(), "{faults:#?}");
    file["findings"].as_array_mut().unwrap().drain(..).collect()
}

#[test]
fn what_was_there_is_known_and_what_comes_is_not() {
    let folder = booking();
    break_bucket(folder.path());
    let written = run(folder.path(), ["baseline", "write", "accounts"]);
    assert_eq!(code(&written), 0, "{}", err(&written));
    assert_eq!(out(&written), format!("`{FILE}`: 1 finding\n"));
    assert_eq!(entries(&folder)[0]["rule"], "bucket-policy-missing");
    let check = ["check", "accounts", "--baseline", FILE];
    assert_eq!(code(&run(folder.path(), ["check", "accounts"])), 1);
    let known = run(folder.path(), check);
    assert_eq!((code(&known), err(&known)), (0, ""));

    break_key(folder.path());
    assert_eq!(code(&run(folder.path(), check)), 1);
    let report = report(folder.path(), check);
    let found = report["findings"].as_array().unwrap();
    let rules: Vec<&Value> = found.iter().map(|one| &one["rule"]).collect();
    assert_eq!(rules, ["key-policy-missing"]);
    assert_eq!(report["summary"]["errors"], 1);
}

/// A note that an entry is about to expire, once it is known, would hide the warning that it has.
#[test]
fn what_is_said_of_ignores_is_never_known() {
    let folder = booking();
    break_bucket(folder.path());
    let ignoring = "inputs: [accounts]\nignore:\n- {rule: bucket-policy-missing, reason: later, expires: 2026-11-25}\n";
    fs::write(folder.path().join("pipeline-preflight.yaml"), ignoring).unwrap();
    let written = run(
        folder.path(),
        ["baseline", "write", "--today", "2026-11-21"],
    );
    assert_eq!(out(&written), format!("`{FILE}`: 0 findings\n"));
    for (today, expected) in [
        ("2026-11-21", &["ignore-expired"][..]),
        ("2026-11-26", &["bucket-policy-missing", "ignore-expired"]),
    ] {
        let report = report(
            folder.path(),
            ["check", "--baseline", FILE, "--today", today],
        );
        let found = report["findings"].as_array().unwrap();
        let rules: Vec<&str> = found
            .iter()
            .map(|one| one["rule"].as_str().unwrap())
            .collect();
        assert_eq!(rules, expected, "{today}");
    }
}

#[test]
fn entries_that_occur_no_more_are_told_where_the_run_looked_for_them() {
    let folder = booking();
    break_bucket(folder.path());
    run(folder.path(), ["baseline", "write", "accounts"]);
    let mended = folder.path().join("mended");
    fs::create_dir(&mended).unwrap();
    in_folder("codebuild-app-account/fixed", &mended);
    let words = ["check", "mended/accounts", "--baseline", FILE];
    let output = run(folder.path(), words);
    assert_eq!(code(&output), 0);
    let told = err(&output);
    assert!(told.starts_with("note: 1 of 1 findings in"), "{told}");
    assert!(
        told.contains(
            "bucket-policy-missing: `arn:aws:iam::222222222222:role/service-role/BookingBuildRole`"
        ),
        "{told}"
    );
    assert!(told.contains("baseline write"), "{told}");
    let quiet = |more: &[&str]| {
        let output = run(folder.path(), [&words[..], more].concat());
        err(&output).to_owned()
    };
    assert_eq!(quiet(&["-q", "-q"]), "");
    // Nobody looked for that rule.
    assert_eq!(quiet(&["--only", "trust-missing"]), "");
    assert_eq!(quiet(&["--skip", "bucket-policy-missing"]), "");
    // Nor at that pipeline.
    in_folder("cfn-cross-account/fixed", &folder.path().join("other"));
    let output = run(
        folder.path(),
        ["check", "other/accounts", "--baseline", FILE],
    );
    assert_eq!((code(&output), err(&output)), (0, ""));
}

/// One of the roles that the policy left out is admitted: the finding is smaller, and known. The other way round it is new.
#[test]
fn less_is_known_and_more_is_new() {
    let folder = booking();
    break_bucket(folder.path());
    run(folder.path(), ["baseline", "write", "accounts"]);
    let role = "arn:aws:iam::222222222222:role/service-role/BookingIntegrationTestRole";
    edit(&folder.path().join(super::BUCKET), |bucket| {
        let allow = |action: Value, resource: &str| json!({"Effect": "Allow", "Principal": {"AWS": role}, "Action": action, "Resource": resource});
        bucket["Policy"] = json!({"Version": "2012-10-17", "Statement": [
            allow(json!(["s3:GetObject", "s3:GetObjectVersion"]), "arn:aws:s3:::booking-pipeline-111111111111/*"),
            allow(json!(["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"]), "arn:aws:s3:::booking-pipeline-111111111111"),
        ]});
    });
    let all = report(folder.path(), ["check", "accounts"]);
    assert_eq!(all["summary"]["errors"], 1);
    assert_eq!(
        all["findings"][0]["principal"],
        "arn:aws:iam::222222222222:role/service-role/BookingBuildRole"
    );
    assert_eq!(all["findings"][0]["principals"], Value::Null);
    let known = run(folder.path(), ["check", "accounts", "--baseline", FILE]);
    assert_eq!((code(&known), err(&known)), (0, ""));

    run(folder.path(), ["baseline", "write", "accounts"]);
    break_bucket(folder.path());
    assert_eq!(
        code(&run(
            folder.path(),
            ["check", "accounts", "--baseline", FILE]
        )),
        1
    );
}

/// Undecided findings that are known do not fail a strict run; new ones do.
#[test]
fn strictness_asks_for_what_is_new() {
    let folder = folder();
    let words = ["check", "pipeline.json", "--strict"];
    assert_eq!(code(&run(folder.path(), words)), 1);
    run(folder.path(), ["baseline", "write", "pipeline.json"]);
    let with = [&words[..], &["--baseline", FILE]].concat();
    assert_eq!(code(&run(folder.path(), &with)), 0);
    let entries = entries(&folder);
    let fewer = json!({"schema_version": 1, "findings": entries.get(1..).unwrap()});
    fs::write(folder.path().join(FILE), fewer.to_string()).unwrap();
    assert_eq!(code(&run(folder.path(), &with)), 1);
}

#[test]
fn it_is_written_the_same_twice_and_anywhere() {
    let folder = booking();
    break_bucket(folder.path());
    break_key(folder.path());
    run(folder.path(), ["baseline", "write", "accounts"]);
    let written = fs::read(folder.path().join(FILE)).unwrap();
    let printed = run(
        folder.path(),
        ["baseline", "write", "accounts", "--output", "-"],
    );
    assert_eq!(printed.stdout, written);
    let quiet = run(
        folder.path(),
        [
            "baseline",
            "write",
            "accounts",
            "--output",
            "other.json",
            "-q",
        ],
    );
    assert_eq!((code(&quiet), out(&quiet)), (0, ""));
    assert_eq!(fs::read(folder.path().join("other.json")).unwrap(), written);
    // With other lines and in another folder.
    let deep = folder.path().join("a/b");
    fs::create_dir_all(&deep).unwrap();
    in_folder("codebuild-app-account/fixed", &deep);
    break_key(&deep);
    break_bucket(&deep);
    run(folder.path(), ["baseline", "write", "a/b/accounts"]);
    assert_eq!(fs::read(folder.path().join(FILE)).unwrap(), written);
}

#[test]
fn what_a_later_version_adds_is_no_trouble_and_another_version_is() {
    let folder = booking();
    break_bucket(folder.path());
    run(folder.path(), ["baseline", "write", "accounts"]);
    let file = folder.path().join(FILE);
    let words = ["check", "accounts", "--baseline", FILE];
    edit(&file, |file| {
        file["written_by"] = json!("2.0");
        file["findings"][0]["owner"] = json!("somebody");
        file["findings"][0]
            .as_object_mut()
            .unwrap()
            .shift_remove("fingerprint");
    });
    assert_eq!(code(&run(folder.path(), words)), 0);
    // As a shell of Windows writes it.
    let text = fs::read_to_string(&file).unwrap();
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    fs::write(&file, utf16).unwrap();
    assert_eq!(code(&run(folder.path(), words)), 0);

    for (text, expected) in [
        (
            "{\"schema_version\": 2, \"entries\": 1}",
            "schema version 2, and only version 1 is known",
        ),
        (
            "{\"schema_version\": \"1\", \"findings\": []}",
            "schema version \"1\"",
        ),
        (
            "{\n  \"schema_version\": 1,\n  \"findings\": [,]\n}",
            "baseline.json:3:16: ",
        ),
        ("{\"findings\": []}", "missing field `schema_version`"),
        ("{\"schema_version\": 1}", "missing field `findings`"),
        (
            "{\"schema_version\": 1, \"findings\": [{\"rule\": \"x\"}]}",
            "missing field `layer`",
        ),
        (
            "[]",
            "expected a JSON object with `schema_version` and `findings`",
        ),
        ("", "baseline.json:1:0: "),
        ("\u{0}", "baseline.json:1:1: "),
    ] {
        fs::write(&file, text).unwrap();
        let output = run(folder.path(), words);
        let told = refused(&output);
        assert!(told.contains(expected), "{text}\n{told}");
    }
    fs::write(&file, [0xff, 0x00, 0x41]).unwrap();
    assert!(refused(&run(folder.path(), words)).contains("not a text"));
    let missing = run(
        folder.path(),
        ["check", "accounts", "--baseline", "none.json"],
    );
    assert!(refused(&missing).contains("none.json: no such file"));
    let folder_given = run(
        folder.path(),
        ["check", "accounts", "--baseline", "accounts"],
    );
    assert!(refused(&folder_given).contains("found a folder"));
}

#[test]
fn nothing_is_written_where_the_run_cannot_be_done() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(FILE), "mine").unwrap();
    refused(&run(folder.path(), ["baseline", "write", "none"]));
    refused(&run(folder.path(), ["baseline"]));
    assert_eq!(
        fs::read_to_string(folder.path().join(FILE)).unwrap(),
        "mine"
    );
}

#[test]
fn standard_input_is_an_input_as_for_check() {
    let folder = folder();
    let mut command = program(folder.path());
    command.stdin(fs::File::open(folder.path().join("pipeline.json")).unwrap());
    let output = command.args(["baseline", "write", "-"]).output().unwrap();
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(!entries(&folder).is_empty());
}
