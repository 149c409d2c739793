//! What another engine was found to fail at, beyond the vectors of `fixtures/iam/16-peers.json`.

#![cfg(test)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn authorize(case: &Value) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pipeline-preflight"))
        .args(["authorize", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a run");
    let mut stdin = child.stdin.take().expect("standard input");
    write!(stdin, "{case}").expect("written");
    drop(stdin);
    child.wait_with_output().expect("an end")
}

#[test]
fn a_misspelt_operator_in_a_deny_is_refused_and_allows_nothing() {
    for operator in [
        "StringNotEqual",
        "stringNotEquals",
        "ForAllValue:StringEquals",
    ] {
        let run = authorize(&json!({
            "request": {
                "principal": "arn:aws:sts::111111111111:assumed-role/Pipeline/run-7",
                "action": "s3:GetObject",
                "resource": "arn:aws:s3:::artifact-store/a.zip",
            },
            "identityPolicies": [{"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "*", "Resource": "*",
                    "Condition": {operator: {"aws:PrincipalOrgID": "o-one"}}},
            ]}],
            "resourceAccount": "111111111111",
        }));
        let told = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{operator}: {told}");
        assert!(run.stdout.is_empty(), "{operator}");
        assert!(told.contains("unknown condition operator"), "{told}");
    }
}

#[test]
fn every_layer_that_lacks_an_allow_is_named() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/iam/16-peers.json");
    let cases = std::fs::read_to_string(file).expect("vectors");
    let cases: Vec<Value> = serde_json::from_str(&cases).expect("JSON");
    let case = cases.iter().find(|case| case["id"] == "p-every-gap");
    let case = case.expect("the case");
    let answer: Value = serde_json::from_slice(&authorize(case).stdout).expect("JSON");
    let sorted = |names: &Value| {
        let names = names.as_array().expect("several").iter();
        let mut names: Vec<_> = names.filter_map(Value::as_str).map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(sorted(&answer["deciding"]), sorted(&case["deciding"]));
}
