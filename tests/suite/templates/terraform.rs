//! Plans and states of Terraform: one pipeline across two accounts, seen at four times.

use std::sync::LazyLock;

use pipeline_preflight::check::{self, Decided, Finding, Options, ReportLayer, Result};
use pipeline_preflight::graph::Graph;
use pipeline_preflight::load::{self, Input};
use pipeline_preflight::rules::{Catalogue, Severity};
use pipeline_preflight::source::Sources;
use serde_json::{Value, json};

use crate::world::fixtures;

/// Before the first apply, with names that are made up or written down, and after it, as a plan and as a state.
const TIMES: [&str; 4] = ["unknown", "named", "applied", "state"];

fn text(variant: &str, time: &str) -> Vec<u8> {
    let path = fixtures(&format!("templates/terraform-shop/{variant}/{time}.json"));
    std::fs::read(path).unwrap()
}

fn shop(variant: &str, time: &str) -> (Result, Graph) {
    run(text(variant, time))
}

fn run(bytes: Vec<u8>) -> (Result, Graph) {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());
    let mut sources = Sources::new();
    let name = "plan.json".to_owned();
    let loaded = load::load(&mut sources, &[Input::Stdin { bytes, name }]).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let options = Options {
        pipelines: Vec::new(),
        caller: None,
    };
    let result = check::run(&loaded.graph, &CATALOGUE, &options);
    (result, loaded.graph)
}

fn grave(result: &Result) -> Vec<&Finding> {
    let findings = result.findings.iter();
    findings
        .filter(|finding| finding.severity != Severity::Note)
        .collect()
}

#[test]
fn a_pipeline_that_lacks_nothing_gets_no_error_at_any_time() {
    for time in TIMES {
        let (result, _) = shop("fixed", time);
        let summary = &result.summary;
        assert_eq!((summary.pipelines, summary.actions), (1, 3), "{time}");
        assert_eq!(summary.denied, 0, "{time}");
        assert!(grave(&result).is_empty(), "{time}: {:?}", grave(&result));
        // Fixed names tell all there is to tell before the apply: the key's id is the only thing that nobody chose.
        if time != "unknown" {
            assert_eq!(summary.undecided, 0, "{time}");
        }
    }
}

#[test]
fn what_is_undecided_before_the_apply_is_what_may_stand_behind_the_arn_of_the_bucket() {
    let (result, graph) = shop("fixed", "unknown");
    let undecided = result.findings.iter().filter(|finding| {
        finding.decision == Decided::Undecided && finding.rule != "organization-policies-unseen"
    });
    let mut count = 0;
    for finding in undecided {
        count += 1;
        assert!(
            finding
                .operations
                .iter()
                .all(|name| name.starts_with("s3:")),
            "{:?}",
            finding.operations
        );
        let missing = finding.missing.join(" ");
        let missing = graph.symbols.shown(&missing);
        assert!(missing.contains(".resources[0]"), "{missing}");
        assert!(missing.contains("known after the apply"), "{missing}");
        assert!(missing.contains("terraform show -json"), "{missing}");
    }
    // Three roles, two kinds of resources each, and the bucket's own policy for the two foreign ones of them.
    assert!(count > 0 && result.summary.undecided >= count);
}

#[test]
fn a_grant_that_is_missing_is_found_at_its_layer_at_any_time() {
    for time in TIMES {
        let (result, graph) = shop("broken", time);
        let grave = grave(&result);
        let [finding] = grave.as_slice() else {
            panic!("{time}: {grave:?}");
        };
        assert_eq!(finding.rule, "key-policy-missing", "{time}");
        assert_eq!(finding.layer, ReportLayer::KeyPolicy, "{time}");
        assert_eq!(finding.severity, Severity::Error, "{time}");
        assert_eq!(
            finding.operations,
            ["kms:Decrypt", "kms:DescribeKey"],
            "{time}"
        );
        let principal = graph.symbols.shown(&finding.principals[0]);
        let role = "arn:aws:iam::222222222222:role/ShopDeployRole";
        assert!(principal.starts_with(role), "{time}: {principal}");
    }
}

#[test]
fn the_accounts_of_providers_are_told_by_what_stands_in_the_plan() {
    for time in TIMES {
        let (_, graph) = shop("fixed", time);
        let mut roles: Vec<String> = graph
            .roles
            .keys()
            .map(|arn| graph.symbols.shown(arn).into_owned())
            .map(|arn| arn.split('-').next().unwrap_or_default().to_owned())
            .collect();
        roles.sort();
        // Behind the first hyphen, that of `service-role` included, stands what may be made up.
        assert_eq!(
            roles,
            [
                "arn:aws:iam::111111111111:role/service",
                "arn:aws:iam::222222222222:role/ShopDeployRole",
                "arn:aws:iam::222222222222:role/ShopStackRole",
            ],
            "{time}"
        );
    }
}

/// Every argument that the configuration writes, as the way to it inside the values.
fn leaves(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let mut down = |key: String, inner: &Value, path: &mut Vec<String>| {
        path.push(key);
        leaves(inner, path, found);
        path.pop();
    };
    match value {
        Value::Object(members) => {
            for (key, inner) in members {
                down(key.clone(), inner, path);
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                down(at.to_string(), inner, path);
            }
        }
        Value::Null => {}
        _ => found.push(path.clone()),
    }
}

fn is_written(expression: &Value, path: &[String]) -> bool {
    let leaf = ["references", "constant_value"]
        .iter()
        .any(|member| expression.get(member).is_some());
    let Some((first, rest)) = path.split_first() else {
        return true;
    };
    let inner = match expression {
        Value::Array(items) => items.get(first.parse::<usize>().unwrap()),
        _ => expression.get(first),
    };
    leaf || inner.is_some_and(|inner| inner == &json!({}) || is_written(inner, rest))
}

/// Takes a value away and marks it as unknown, in the shape that Terraform gives to marks.
fn hide(value: &mut Value, marks: &mut Value, path: &[String]) {
    let Some((first, rest)) = path.split_first() else {
        *value = Value::Null;
        *marks = json!(true);
        return;
    };
    match value {
        Value::Array(items) => {
            let like = |item: &Value| match item {
                Value::Object(_) => json!({}),
                Value::Array(_) => json!([]),
                _ => json!(false),
            };
            if !marks.is_array() {
                *marks = Value::Array(items.iter().map(like).collect());
            }
            let at: usize = first.parse().unwrap();
            hide(&mut items[at], &mut marks[at], rest);
        }
        Value::Object(members) if rest.is_empty() => {
            members.remove(first);
            marks[first.as_str()] = json!(true);
        }
        _ => {
            if !marks.is_object() {
                *marks = json!({});
            }
            let mut inner = marks.get(first).cloned().unwrap_or_default();
            hide(&mut value[first.as_str()], &mut inner, rest);
            marks[first.as_str()] = inner;
        }
    }
}

fn expressions_of(plan: &Value, change: &Value) -> Value {
    let root = &plan["configuration"]["root_module"];
    let module = match change.get("module_address") {
        Some(_) => &root["module_calls"]["production"]["module"],
        None => root,
    };
    let address = change["address"].as_str().unwrap();
    let own = address
        .strip_prefix("module.production.")
        .unwrap_or(address);
    let resources = module["resources"].as_array().unwrap().iter();
    let mut same = resources.filter(|resource| resource["address"] == own);
    same.next().unwrap()["expressions"].clone()
}

#[test]
fn to_know_less_before_an_apply_makes_no_error() {
    // Names stand in other resources as well, where they would be unknown too.
    let names = ["name", "bucket", "path", "repository_name"];
    let mut count = 0;
    let mut faults = Vec::new();
    for time in ["named", "applied"] {
        let plan: Value = serde_json::from_slice(&text("fixed", time)).unwrap();
        let changes = plan["resource_changes"].as_array().unwrap();
        for (at, change) in changes.iter().enumerate() {
            let expressions = expressions_of(&plan, change);
            let mut found = Vec::new();
            leaves(&change["change"]["after"], &mut Vec::new(), &mut found);
            for path in found {
                let is_name = path.len() == 1 && names.contains(&path[0].as_str());
                if is_name || !is_written(&expressions, &path) {
                    continue;
                }
                let mut less = plan.clone();
                let change = &mut less["resource_changes"][at]["change"];
                let mut after = change["after"].take();
                let mut marks = change["after_unknown"].take();
                hide(&mut after, &mut marks, &path);
                change["after"] = after;
                change["after_unknown"] = marks;
                let (result, graph) = run(less.to_string().into_bytes());
                let errors = result.findings.iter();
                let errors = errors.filter(|finding| finding.severity == Severity::Error);
                faults.extend(errors.map(|finding| {
                    let address = &plan["resource_changes"][at]["address"];
                    let message = graph.symbols.shown(&finding.message);
                    format!("{time} {address} {path:?}: {message}")
                }));
                count += 1;
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 100, "{count}");
}
