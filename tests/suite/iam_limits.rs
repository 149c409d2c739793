//! Policies made to cost as much as they can: each is decided, or said to be undecided. Without its bound each of them runs for
//! minutes, so that a lost bound cannot be overlooked.

#![cfg(test)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use pipeline_preflight::authorize;
use pipeline_preflight::iam::{Compiled, ContextValue, Verdict, counted};
use serde_json::{Value, json};

use crate::iam::case;

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

/// A pattern of so many stars, whose text any other may hold and which ends as it says.
fn stars(step: &str, count: usize, end: &str) -> String {
    format!("{}{end}", step.repeat(count))
}

/// Steps that patterns take in one verdict, and the verdict.
fn cost(request: &Value, statement: &Value) -> (Verdict, usize) {
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
    let case = case(&json!({
        "request": asked,
        "resourceAccount": "111111111111",
        "identityPolicies": [{"Version": "2012-10-17", "Statement": [written]}],
    }));
    let (mut request, layers) = (authorize::request(&case), authorize::layers(&case));
    if let Some(like) = asked["context"]["aws:UserAgent"].as_str() {
        request
            .context
            .set("aws:UserAgent", ContextValue::Like(like.to_owned()));
    }
    let compiled = Compiled::new(&layers);
    counted(|| compiled.verdict(&request))
}

/// A step takes some ten nanoseconds or less where it is measured, so each of these stays far below a millisecond there.
#[test]
fn hostile_patterns_take_few_steps() {
    let arn = |tail: &str| format!("arn:aws:s3:::{tail}");
    let long = "a".repeat(2000);
    let asked = json!({"resource": arn(&stars("*a", 64, "c")), "resourceIsPattern": true});
    let three = ["*a", "*b", "*d"].map(|step| arn(&stars(step, 60, "e*")));
    let agent = json!({"context": {"aws:UserAgent": stars("*a", 64, "c")}});
    let values: Vec<String> = (0..40).map(|at| stars("*a", 64, &at.to_string())).collect();
    let marks: Vec<String> = (0..3)
        .map(|at| arn(&stars("*?a", 64, &at.to_string())))
        .collect();
    let text = json!({"resource": arn(&long)});
    for (name, request, statement, most) in [
        (
            "one pattern",
            &asked,
            json!({"Resource": arn(&stars("*a", 64, "b"))}),
            1_000,
        ),
        ("three patterns", &asked, json!({"Resource": three}), 30_000),
        (
            "three with marks",
            &asked,
            json!({"Resource": marks}),
            60_000,
        ),
        (
            "a text",
            &text,
            json!({"Resource": arn(&stars("*a", 64, "b"))}),
            3_000,
        ),
        (
            "a text that nearly fits",
            &text,
            json!({"Resource": arn(&format!("*{long}b*"))}),
            6_000,
        ),
        (
            "one value",
            &agent,
            json!({"Condition": {"StringLike": {"aws:UserAgent": stars("*a", 64, "b")}}}),
            1_000,
        ),
        (
            "forty values",
            &agent,
            json!({"Condition": {"StringLike": {"aws:UserAgent": values}}}),
            20_000,
        ),
        (
            "forty values not",
            &agent,
            json!({"Condition": {"StringNotLike": {"aws:UserAgent": values}}}),
            20_000,
        ),
        (
            "an action",
            &json!({"action": format!("s3:{}", "a".repeat(100))}),
            json!({"Action": format!("s3:{}", stars("*a", 64, "b"))}),
            1_000,
        ),
    ] {
        let (verdict, steps) = cost(request, &statement);
        println!("{name}: {steps} steps, {verdict:?}");
        assert!(steps > 0 && steps <= most, "{name}: {steps} steps");
        assert!(
            verdict != Verdict::Allowed || name == "forty values not",
            "{name}"
        );
    }
}
