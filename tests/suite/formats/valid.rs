//! Reports keep to what is published of their formats.

use std::fs;
use std::path::Path;

use pipeline_preflight::report::{FORMATS, Style, needs_format};
use serde_json::{Value, json};

use super::{WORLDS, checked, json_schema, junit_schema, written};
use crate::world::{cases, fixtures};

fn sarif_schema() -> Value {
    let text = fs::read_to_string(fixtures("schemas/sarif-2.1.0.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn sarif(case: &str) -> Value {
    let (result, sources) = checked(case);
    serde_json::from_str(&written("sarif", &result, &sources)).unwrap()
}

#[test]
fn sarif_keeps_to_the_schema_of_oasis() {
    let schema = sarif_schema();
    for (_, case) in WORLDS {
        let faults = json_schema::faults(&schema, &sarif(case));
        assert!(faults.is_empty(), "{case}: {faults:#?}");
    }
}

fn own_schema(name: &str) -> Value {
    let text = fs::read_to_string(Path::new("docs/schema").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The same with no members but those that it knows: what is written and not described is a hole in the contract.
fn closed(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let mut open = vec![&mut schema];
    while let Some(next) = open.pop() {
        match next {
            Value::Object(members) => {
                if members.contains_key("properties") {
                    members
                        .entry("additionalProperties")
                        .or_insert(Value::Bool(false));
                }
                open.extend(members.values_mut());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    schema
}

#[test]
fn json_keeps_to_its_own_schemas() {
    let (report, list) = (own_schema("report.json"), own_schema("requirements.json"));
    for (_, case) in WORLDS {
        let (result, sources) = checked(case);
        let written = written("json", &result, &sources);
        let document: Value = serde_json::from_str(&written).unwrap();
        let faults = json_schema::faults(&closed(&report), &document);
        assert!(faults.is_empty(), "{case}: {faults:#?}");
        let mut bytes = Vec::new();
        let render = needs_format("json").unwrap().render;
        render(
            result.needs.as_ref().unwrap(),
            Style::plain(100),
            &mut bytes,
        )
        .unwrap();
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        let faults = json_schema::faults(&closed(&list), &document);
        assert!(faults.is_empty(), "{case}: {faults:#?}");
    }
    let (result, sources) = checked(WORLDS[0].1);
    let sound: Value = serde_json::from_str(&written("json", &result, &sources)).unwrap();
    for (pointer, value) in [
        ("/schema_version", json!("1")),
        ("/summary", json!({"pipelines": 1})),
        ("/findings/0/severity", json!("fatal")),
        ("/findings/0/layer", json!("policy")),
        ("/findings/0/locations/0/start", json!({"line": 1})),
        ("/findings/0/suggestion", Value::Null),
    ] {
        let mut broken = sound.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(
            !json_schema::faults(&report, &broken).is_empty(),
            "{pointer}"
        );
    }
}

/// The check of schemas finds what is wrong.
#[test]
fn sarif_that_does_not_keep_to_the_schema_is_found() {
    let schema = sarif_schema();
    let log = sarif(WORLDS[0].1);
    let result = "/runs/0/results/0";
    let place = format!("{result}/locations/0/physicalLocation");
    for (pointer, value) in [
        ("/version".to_owned(), json!("2.0.0")),
        ("/runs/0/tool".to_owned(), json!({})),
        ("/runs/0/tool/driver/name".to_owned(), json!(1)),
        (
            "/runs/0/tool/driver/rules/0".to_owned(),
            json!({"id": "x", "helps": {}}),
        ),
        ("/runs/0/columnKind".to_owned(), json!("bytes")),
        (format!("{result}/level"), json!("fatal")),
        (format!("{result}/message"), json!({"markdown": "alone"})),
        (format!("{result}/ruleIndex"), json!(-2)),
        (format!("{place}/region/startLine"), json!(0)),
        (
            format!("{place}/artifactLocation/uri"),
            json!("not a reference"),
        ),
        (format!("{result}/partialFingerprints"), json!({"x": 1})),
    ] {
        let mut broken = log.clone();
        *broken.pointer_mut(&pointer).unwrap() = value;
        assert!(
            !json_schema::faults(&schema, &broken).is_empty(),
            "{pointer}"
        );
    }
}

/// What GitHub's code scanning requires beyond the schema, and its limits:
/// <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning>.
#[test]
fn sarif_has_what_code_scanning_requires() {
    for case in cases() {
        let (result, sources) = checked(&case);
        let log: Value = serde_json::from_str(&written("sarif", &result, &sources)).unwrap();
        assert!(log["$schema"].as_str().unwrap().starts_with("https://"));
        let run = &log["runs"][0];
        let text = |value: &Value, pointer: &str| {
            let text = value.pointer(pointer).and_then(Value::as_str);
            text.unwrap_or_else(|| panic!("{case}: no {pointer}"))
                .to_owned()
        };
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), result.rules.len());
        for rule in rules {
            for pointer in ["/shortDescription/text", "/fullDescription/text"] {
                let text = text(rule, pointer);
                assert!(!text.is_empty() && text.chars().count() <= 1024);
            }
            assert!(
                !text(rule, "/help/text").is_empty() && !text(rule, "/help/markdown").is_empty()
            );
            assert!(text(rule, "/helpUri").starts_with("https://"));
            assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10);
            assert!(rule["properties"].get("security-severity").is_none());
        }
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), result.findings.len());
        for (one, finding) in results.iter().zip(&result.findings) {
            let index = one["ruleIndex"].as_u64().unwrap();
            assert_eq!(rules[index as usize]["id"], one["ruleId"]);
            assert!(text(one, "/message/text").starts_with(&finding.message));
            assert_eq!(
                text(one, "/partialFingerprints/primaryLocationLineHash").len(),
                32
            );
            let place = "/locations/0/physicalLocation";
            assert!(!text(one, &format!("{place}/artifactLocation/uri")).is_empty());
            for member in ["startLine", "startColumn", "endLine", "endColumn"] {
                let number = one.pointer(&format!("{place}/region/{member}"));
                assert!(number.and_then(Value::as_u64).unwrap() > 0);
            }
            let related = one["relatedLocations"].as_array();
            for (number, location) in related.into_iter().flatten().enumerate() {
                let id = number as u64 + 1;
                assert_eq!(location["id"], id);
                // Only those that the message links to are shown.
                assert!(text(one, "/message/text").contains(&format!("]({id})")));
            }
            let uri = text(one, &format!("{place}/artifactLocation/uri"));
            assert!(Path::new(&uri).exists(), "{uri}");
        }
    }
}

#[test]
fn junit_keeps_to_the_schema_of_jenkins_and_counts_right() {
    let schema = fs::read_to_string(fixtures("schemas/junit-10.xsd")).unwrap();
    for case in cases() {
        let (result, sources) = checked(&case);
        let document = junit_schema::parse(&written("junit", &result, &sources));
        let faults = junit_schema::faults(&schema, &document);
        assert!(faults.is_empty(), "{case}: {faults:#?}");
        let tests = document.named("testcase").count();
        let steps: usize = result.checked.iter().map(|one| one.steps.len() + 1).sum();
        assert_eq!(tests, steps, "{case}");
        let failures = document.named("failure").count();
        assert_eq!(failures > 0, result.summary.errors > 0, "{case}");
        let mut sums = [0, 0];
        for suite in document.named("testsuite") {
            for (attribute, name) in [
                ("tests", "testcase"),
                ("failures", "failure"),
                ("skipped", "skipped"),
                ("errors", "error"),
            ] {
                let count = suite.named(name).count().to_string();
                assert_eq!(suite.attributes[attribute], count, "{case}: {attribute}");
            }
            sums[0] += suite.named("testcase").count();
            sums[1] += suite.named("failure").count();
        }
        assert_eq!(document.attributes["tests"], sums[0].to_string());
        assert_eq!(document.attributes["failures"], sums[1].to_string());
        // Every finding is told of, in one of them or in several.
        for finding in &result.findings {
            let head = format!(
                "{}[{}]: {}",
                finding.severity.name(),
                finding.rule,
                finding.message
            );
            assert!(
                document.all().iter().any(|one| one.text.contains(&head)),
                "{head}"
            );
        }
    }
}

#[test]
fn junit_that_does_not_keep_to_the_schema_is_found() {
    let schema = fs::read_to_string(fixtures("schemas/junit-10.xsd")).unwrap();
    for broken in [
        "<testsuites><testcase name='x'/></testsuites>",
        "<testsuites><testsuite name='x' tests='0' failures='0'/></testsuites>",
        "<testsuite name='x' tests='0' failures='0' errors='0' file_name='y'/>",
        "<testcase name='x'><warning/></testcase>",
    ] {
        let faults = junit_schema::faults(&schema, &junit_schema::parse(broken));
        assert!(!faults.is_empty(), "{broken}");
    }
}

/// <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>
#[test]
fn gitlab_gets_the_members_that_it_documents() {
    for case in cases() {
        let (result, sources) = checked(&case);
        let report = written("gitlab", &result, &sources);
        let report: Vec<Value> = serde_json::from_str(&report).unwrap();
        assert_eq!(report.len(), result.findings.len());
        for one in &report {
            let members: Vec<&str> = one
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            assert_eq!(
                members,
                [
                    "description",
                    "check_name",
                    "fingerprint",
                    "severity",
                    "location"
                ]
            );
            let severities = ["info", "minor", "major", "critical", "blocker"];
            assert!(severities.contains(&one["severity"].as_str().unwrap()));
            let path = one["location"]["path"].as_str().unwrap();
            assert!(Path::new(path).exists() && !path.starts_with('/'), "{path}");
            assert!(one["location"]["lines"]["begin"].as_u64().unwrap() > 0);
        }
    }
}

/// A comment on GitHub holds 65,536 characters, and a finding that breaks a thousand actions must not fill it.
#[test]
fn a_comment_has_room_for_what_is_most_important() {
    let (mut result, sources) = checked(WORLDS[0].1);
    let some = result.findings.clone();
    for _ in 0..100 {
        result.findings.extend(some.clone());
    }
    let page = written("markdown", &result, &sources);
    assert!(page.len() <= 65_536, "{}", page.len());
    assert!(page.contains(" more findings do not fit in here"), "{page}");
    assert_eq!(
        page.matches("<details>").count(),
        page.matches("</details>").count()
    );
    assert!(page.contains("</details>"));
}

/// Each action of a long pipeline is a test of its own, and must not list all the others again.
#[test]
fn a_finding_of_hundreds_of_actions_does_not_make_a_test_report_explode() {
    let (mut result, sources) = checked(WORLDS[0].1);
    let finding = result.findings.first().unwrap().clone();
    let (affected, label) = (finding.affects[0].clone(), finding.labels[0].clone());
    let steps = &mut result.checked[0].steps;
    let step = steps[0].clone();
    result.findings = vec![finding];
    for number in 0..300 {
        let action = format!("Action{number}");
        let mut one = affected.clone();
        one.action.clone_from(&action);
        result.findings[0].affects.push(one);
        result.findings[0].labels.push(label.clone());
        let stage = affected.stage.clone();
        steps.push(pipeline_preflight::check::Step {
            stage,
            action,
            ..step.clone()
        });
    }
    let report = written("junit", &result, &sources);
    let document = junit_schema::parse(&report);
    assert_eq!(document.named("failure").count(), 301);
    assert!(report.contains("and 297 more") && report.contains("more places"));
    assert!(report.len() < 2_000_000, "{}", report.len());
    for format in ["github", "markdown"] {
        assert!(
            written(format, &result, &sources).len() < 10_000,
            "{format}"
        );
    }
}

/// One row of the table of formats for each file, and each with its place in the guide.
#[test]
fn every_format_is_in_the_guide() {
    let guide = fs::read_to_string("docs/formats.md").unwrap();
    for format in FORMATS {
        assert!(
            guide.contains(&format!("\n## {}\n", format.name)),
            "{}",
            format.name
        );
    }
}
