//! What `create-pipeline` refuses: each finding points at the very text, and every limit holds to the unit.

use std::collections::BTreeSet;

use pipeline_preflight::check::{self, Options, Result};
use pipeline_preflight::load::{self, Input};
use pipeline_preflight::report::{self, Rendering, Style};
use pipeline_preflight::rules::Catalogue;
use pipeline_preflight::source::Sources;
use serde_json::{Value, json};

use crate::world::{World, fixtures};

const CASE: &str = "cfn-cross-account/fixed";
const FILE: &str = "111111111111/us-east-1/codepipeline/shop-infrastructure.json";

/// The fixed pipeline with one change.
fn changed(pointer: &str, value: Value) -> (Result, Sources) {
    let mut world = World::of_case(CASE);
    let file = world.files.get_mut(FILE).unwrap();
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let parent = file.pointer_mut(&format!("/pipeline{parent}")).unwrap();
    match parent {
        Value::Array(items) if last == "-" => items.push(value),
        Value::Array(items) => items[last.parse::<usize>().unwrap()] = value,
        parent => parent[last] = value,
    }
    world.write(FILE);
    world.check_with_sources()
}

fn rules(result: &Result) -> Vec<&str> {
    let findings = result.findings.iter();
    findings.map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn each_finding_points_at_the_very_text() {
    let cases = [
        (
            "/stages/1/actions/0/configuration/Stackname",
            json!("x"),
            "configuration-unknown",
            "\"Stackname\"",
        ),
        (
            "/stages/1/actions/0/configuration/ActionMode",
            json!("APPLY"),
            "value-not-allowed",
            "\"APPLY\"",
        ),
        (
            "/stages/0/actions/0/configuration/BranchName",
            json!("x".repeat(1001)),
            "configuration-length",
            &format!("\"{}\"", "x".repeat(1001)),
        ),
        (
            "/stages/1/name",
            json!("a b"),
            "name-not-allowed",
            "\"a b\"",
        ),
        (
            "/stages/1/name",
            json!("Source"),
            "name-twice",
            "\"Source\"",
        ),
        (
            "/artifactStore/encryptionKey/type",
            json!("AWS"),
            "value-not-allowed",
            "\"AWS\"",
        ),
        (
            "/stages/0/actions/0/outputArtifacts/-",
            json!({"name": "Second"}),
            "artifact-count",
            "\"Second\"",
        ),
        (
            "/stages/1/actions/0/timeoutInMinutes",
            json!(60),
            "timeout-ignored",
            "60",
        ),
        (
            "/triggers",
            json!([{"providerType": "CodeStarSourceConnection", "gitConfiguration": {"sourceActionName": "Gone"}}]),
            "trigger-without-connection",
            "\"Gone\"",
        ),
        (
            "/stages/0/actions/0/configuration/BranchName",
            json!("#{Gone.Branch}"),
            "variable-namespace-unknown",
            "\"#{Gone.Branch}\"",
        ),
        (
            "/stages/1/onSuccess",
            json!({"conditions": [{"result": "RETRY", "rules": []}]}),
            "condition-not-allowed",
            "\"RETRY\"",
        ),
    ];
    for (pointer, value, rule, expected) in cases {
        let (result, sources) = changed(pointer, value);
        let finding = result.findings.iter().find(|finding| finding.rule == rule);
        let finding = finding.unwrap_or_else(|| panic!("{pointer}: {:?}", rules(&result)));
        let origin = finding.labels[0].origin;
        let text = &sources.text(origin.source())[sources.place(origin).span];
        assert_eq!(text, expected, "{pointer}");
    }
}

fn stages(count: usize) -> Value {
    let world = World::of_case(CASE);
    let stages = world.files[FILE].pointer("/pipeline/stages").unwrap();
    let source = stages[0].clone();
    let approve = |index: usize| {
        json!({"name": format!("Approve{index}"), "actions": [{"name": "Ask", "inputArtifacts": [], "outputArtifacts": [],
            "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}}]})
    };
    std::iter::once(source)
        .chain((1..count).map(approve))
        .collect()
}

fn approvals(count: usize) -> Value {
    let ask = stages(2)[1]["actions"][0].clone();
    let named = |index: usize| {
        let mut ask = ask.clone();
        ask["name"] = format!("Ask{index}").into();
        ask
    };
    (0..count).map(named).collect()
}

fn texts(count: usize) -> Value {
    (0..count).map(|index| format!("a{index}")).collect()
}

#[test]
fn limits_hold_to_the_unit() {
    type Make = fn(usize) -> Value;
    let variables: Make = |count| {
        (0..count)
            .map(|index| json!({"name": format!("v{index}")}))
            .collect()
    };
    let environment: Make = |count| {
        (0..count)
            .map(|index| json!({"name": format!("v{index}"), "value": "x"}))
            .collect()
    };
    let files: Make = |count| json!([{"name": "SourceOutput", "files": texts(count)}]);
    let condition: Make = |count| {
        let id =
            json!({"category": "Rule", "owner": "Custom", "provider": "Clock", "version": "1"});
        let rules: Value = (0..count)
            .map(|index| json!({"name": format!("r{index}"), "ruleTypeId": id}))
            .collect();
        json!({"conditions": [{"result": "FAIL", "rules": rules}]})
    };
    let cases: [(&str, Make, usize); 8] = [
        ("/stages", stages, 50),
        ("/stages/1/actions", approvals, 50),
        ("/variables", variables, 50),
        ("/stages/1/actions/1/commands", texts, 50),
        ("/stages/1/actions/1/environmentVariables", environment, 10),
        ("/stages/1/actions/1/outputVariables", texts, 15),
        ("/stages/0/actions/0/outputArtifacts", files, 10),
        ("/stages/1/beforeEntry", condition, 5),
    ];
    for (pointer, make, most) in cases {
        for (count, expected) in [(most, 0), (most + 1, 1)] {
            let (result, _) = changed(pointer, make(count));
            let found = rules(&result)
                .iter()
                .filter(|rule| **rule == "structure-limit")
                .count();
            assert_eq!(found, expected, "{pointer}: {count}");
        }
    }
}

fn check_with(provider: &str, change: impl FnOnce(&mut Value)) -> Result {
    let mut catalogue = Catalogue::builtin().unwrap();
    let provider = serde_yaml::from_str(provider).unwrap();
    catalogue.providers.insert("widget".to_owned(), provider);
    let path = fixtures("cases").join(CASE).join(FILE);
    let mut pipeline: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    pipeline["pipeline"]["stages"][1]["actions"] = json!([{"name": "Widget",
        "actionTypeId": {"category": "Compute", "owner": "AWS", "provider": "Widget", "version": "1"}, "commands": []}]);
    change(&mut pipeline["pipeline"]);
    let input = Input::Stdin {
        bytes: pipeline.to_string().into_bytes(),
        name: FILE.to_owned(),
    };
    let loaded = load::load(&mut Sources::new(), &[input]).unwrap();
    check::run(&loaded.graph, &catalogue, &Options::default())
}

const WIDGET: &str = "
title: widget
documentation: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
actions: [{category: Compute, owner: AWS, provider: Widget, version: '1'}]
pipeline-type: V2
required-lists: [commands]
";

#[test]
fn a_provider_says_which_lists_and_which_type_it_needs() {
    let of = |result: &Result, wanted: &str| rules(result).contains(&wanted);
    let bare = check_with(WIDGET, |_| {});
    assert!(of(&bare, "configuration-missing"), "{:?}", rules(&bare));
    assert!(!of(&bare, "pipeline-type-too-old"));
    let filled = check_with(WIDGET, |pipeline| {
        pipeline["stages"][1]["actions"][0]["commands"] = json!(["true"]);
        pipeline["pipelineType"] = json!("V1");
        pipeline["executionMode"] = json!("SUPERSEDED");
    });
    assert!(!of(&filled, "configuration-missing"));
    assert!(of(&filled, "pipeline-type-too-old"));
    let unsaid = check_with(WIDGET, |pipeline| {
        pipeline.as_object_mut().unwrap().remove("pipelineType");
        pipeline.as_object_mut().unwrap().remove("executionMode");
    });
    assert!(of(&unsaid, "pipeline-type-unwritten"));
    assert!(!of(&unsaid, "pipeline-type-too-old"));
}

/// A file that does not list the optional keys says nothing about unknown ones.
#[test]
fn keys_are_unknown_only_where_all_are_known() {
    let key = |pipeline: &mut Value| {
        pipeline["stages"][1]["actions"][0]["configuration"] = json!({"Colour": "red"});
    };
    assert!(!rules(&check_with(WIDGET, key)).contains(&"configuration-unknown"));
    let all = format!("{WIDGET}configuration: {{optional: [Color]}}\n");
    let result = check_with(&all, key);
    let finding = result
        .findings
        .iter()
        .find(|finding| finding.rule == "configuration-unknown");
    assert_eq!(finding.unwrap().labels[0].text, "`Color` is meant");
}

/// The role of a condition's rule is assumed like that of an action, and the rule is named in the finding; it is no action.
#[test]
fn rules_of_conditions_are_checked_like_actions() {
    let rule = json!({"name": "Night", "roleArn": "arn:aws:iam::222222222222:role/Nobody",
        "ruleTypeId": {"category": "Rule", "provider": "DeploymentWindow"}, "inputArtifacts": [{"name": "SourceOutput"}]});
    let gate = json!({"conditions": [{"result": "FAIL", "rules": [rule]}]});
    let (result, _) = changed("/stages/1/beforeEntry", gate);
    let (before, _) = changed("/version", json!(5));
    assert_eq!(result.summary.actions, before.summary.actions);
    assert!(result.summary.requirements > before.summary.requirements);
    let missing = result
        .findings
        .iter()
        .find(|finding| finding.rule == "role-missing");
    assert_eq!(missing.unwrap().affects[0].action, "Night");
    assert!(!rules(&result).contains(&"unknown-input-artifact"));
}

/// Neither a value that is refused for its length nor a plain variable is ever told.
#[test]
fn values_that_may_be_secrets_are_not_told() {
    let secret = "hush".repeat(300);
    let mut world = World::of_case(CASE);
    let action = &mut world.files.get_mut(FILE).unwrap()["pipeline"]["stages"][1]["actions"][0];
    action["configuration"]["OAuthToken"] = json!(secret);
    action["environmentVariables"] =
        json!([{"name": "Plain Text", "value": "hushhush", "type": "plaintext"}]);
    world.write(FILE);
    let (result, sources) = world.check_with_sources();
    let found: BTreeSet<&str> = rules(&result).into_iter().collect();
    assert!(found.contains("configuration-length") && found.contains("value-not-allowed"));
    for format in report::FORMATS {
        let mut bytes = Vec::new();
        let rendering = Rendering {
            result: &result,
            sources: &sources,
            style: Style::plain(100),
        };
        (format.render)(&rendering, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("hush"), "{}: {text}", format.name);
    }
}
