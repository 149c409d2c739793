//! Policies made to cost as much as they can: each is decided, or said to be undecided. Without its bound each of them runs for
//! minutes, so that a lost bound cannot be overlooked.

#![cfg(test)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// What `authorize` decides for one request with one identity policy.
fn decided(request: &Value, statement: &Value) -> Result<Value, String> {
    let mut asked = json!({
        "principal": "arn:aws:iam::111111111111:role/Caller",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::store/a",
    });
    for (key, value) in request.as_object().unwrap() {
        asked[key] = value.clone();
    }
    let mut written = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    for (key, value) in statement.as_object().unwrap() {
        written[key] = value.clone();
    }
    let case = json!({
        "request": asked,
        "resourceAccount": "111111111111",
        "identityPolicies": [{"Version": "2012-10-17", "Statement": [written]}],
    })
    .to_string();
    assert!(case.len() < 64 * 1024);
    let mut child = Command::new(env!("CARGO_BIN_EXE_pipeline-preflight"))
        .args(["authorize", "--format", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(case.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    if output.stdout.is_empty() {
        return Err(String::from_utf8(output.stderr).unwrap());
    }
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    Ok(line["decision"].clone())
}

#[test]
fn a_thousand_patterns_that_cut_across_each_other_are_undecided() {
    let patterns: Vec<String> = (0..1500)
        .map(|n| format!("arn:aws:s3:::*{}*{n:x}*", n % 7))
        .collect();
    let all = json!({"resource": "arn:aws:s3:::*", "resourceIsPattern": true});
    assert_eq!(
        decided(&all, &json!({"Resource": patterns})).unwrap(),
        "Unknown"
    );
}

#[test]
fn hundreds_of_names_behind_one_path_are_told_apart() {
    let names: Vec<String> = (0..300)
        .map(|n| format!("arn:aws:s3:::store/service/{n}"))
        .collect();
    let all = json!({"resource": "arn:aws:s3:::store/*", "resourceIsPattern": true});
    assert_eq!(
        decided(&all, &json!({"Resource": names})).unwrap(),
        "ImplicitDeny"
    );
}

#[test]
fn a_pattern_at_thousands_of_positions_at_once_is_undecided() {
    let pattern = format!("arn:aws:s3:::*a{}", "?".repeat(20_000));
    let all = json!({"resource": "arn:aws:s3:::*", "resourceIsPattern": true});
    assert_eq!(
        decided(&all, &json!({"Resource": pattern})).unwrap(),
        "Unknown"
    );
}

#[test]
fn variables_do_not_make_texts_without_end() {
    let context = json!({"context": {"a": ["x".repeat(20_000)]}});
    let many = "${a}".repeat(8000);
    let resource = json!({"Resource": format!("arn:aws:s3:::{many}")});
    assert_ne!(decided(&context, &resource).unwrap(), "Allowed");
    let condition = json!({"Condition": {"StringNotLike": {"a": many}}});
    assert_eq!(decided(&context, &condition).unwrap(), "Unknown");
}

#[test]
fn a_variable_with_the_longest_value_that_an_arn_can_hold_is_still_put_in() {
    let value = "x".repeat(2000);
    let request = json!({"context": {"a": [value]}, "resource": format!("arn:aws:s3:::{value}")});
    let resource = json!({"Resource": "arn:aws:s3:::${a}"});
    assert_eq!(decided(&request, &resource).unwrap(), "Allowed");
}

#[test]
fn thousands_of_values_meet_thousands_of_patterns() {
    let values: Vec<String> = (0..3000).map(|n| format!("v{n}")).collect();
    let patterns: Vec<String> = (0..2500).map(|n| format!("*w{n}*")).collect();
    let condition = json!({"Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": patterns}}});
    let context = json!({"context": {"aws:TagKeys": values}});
    assert_eq!(decided(&context, &condition).unwrap(), "ImplicitDeny");
}

#[test]
fn what_is_longer_than_aws_takes_is_refused() {
    let long = json!({"resource": format!("arn:{}:s3:::x", "a".repeat(20_000))});
    let error = decided(&long, &json!({})).unwrap_err();
    assert!(error.contains("the resource is too long"), "{error}");
    let long = json!({"action": format!("s3:{}", "a".repeat(30_000))});
    let error = decided(&long, &json!({})).unwrap_err();
    assert!(error.contains("the action is too long"), "{error}");
}
