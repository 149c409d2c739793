//! `pipeline-preflight.yaml`: what it may say, what is told of what it may not say, and what wins over it.

mod faults;
mod shown;
mod stored;
mod weights;

use std::fs;
use std::path::Path;
use std::process::Output;

use pipeline_preflight::report::FORMATS;
use serde_json::{Map, Value};
use tempfile::TempDir;

use crate::cli::{code, err, folder, out, program, refused, run};
use crate::formats::json_schema;
use crate::world::fixtures;

const NAME: &str = "pipeline-preflight.yaml";
/// Errors, and nothing undecided.
const BROKEN: &str = "cases/cfn-cross-account/broken";

/// A folder with a pipeline of which nothing else is known, and this configuration.
fn with(text: impl AsRef<[u8]>) -> TempDir {
    let folder = folder();
    fs::write(folder.path().join(NAME), text).unwrap();
    folder
}

fn check(folder: &TempDir, words: &[&str]) -> Output {
    run(folder.path(), [&["check"], words].concat())
}

fn json(folder: &TempDir, words: &[&str]) -> (i32, Value) {
    let output = check(folder, &[words, &["--format", "json"]].concat());
    assert_eq!(err(&output), "");
    (code(&output), serde_json::from_str(out(&output)).unwrap())
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    let rules = findings.iter().map(|one| one["rule"].as_str().unwrap());
    rules.collect()
}

fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string("docs/schema/configuration.json").unwrap()).unwrap()
}

/// What an editor sees of a text: keys are texts, however they are written.
fn seen(text: &str) -> Value {
    fn of(value: &serde_yaml::Value) -> Value {
        match value {
            serde_yaml::Value::Mapping(members) => {
                let members = members.iter().map(|(key, value)| {
                    let key = match of(key) {
                        Value::String(key) => key,
                        other => other.to_string(),
                    };
                    (key, of(value))
                });
                Value::Object(members.collect::<Map<_, _>>())
            }
            serde_yaml::Value::Sequence(items) => items.iter().map(of).collect(),
            other => serde_json::to_value(other).unwrap(),
        }
    }
    of(&serde_yaml::from_str(text).unwrap())
}

/// Everything that may be said.
const FULL: &str = "\
inputs: [pipeline.json]
stacks:
  - template: tools.yaml
    account: 111111111111
    region: eu-west-1
    name: tools
    parameters: {ProdAccount: 222222222222, Switch: true, Names: [a, b]}
  - template: tools.yaml
    account: '012345678901'
    parameters: [params.json]
  - template: tools.yaml
    account: 012345678902
    parameters: params.json
assume: {ProdAccount: 222222222222, 'import:Bucket': artifacts, 'ssm:/a/b': 1}
accounts:
  prod: 222222222222
  222222222222: profile:target
  333333333333: {role: 'arn:aws:iam::333333333333:role/Audit', external-id: x}
  '444444444444': {profile: other}
rules: own
fail-on: note
strict: false
severities: {trust-missing: warning, metadata-left: off, house-rule: note}
baseline: known.json
";

fn full(text: &str) -> TempDir {
    let folder = with(text);
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "tools.yaml",
        "Parameters:\n  ProdAccount: {Type: String}\n  Switch: {Type: String, Default: 'x'}\n  Names: {Type: CommaDelimitedList, Default: ''}\n\
         Resources:\n  Topic: {Type: AWS::SNS::Topic}\n",
    );
    write("params.json", r#"{"ProdAccount": "222222222222"}"#);
    write(
        "own/findings/house-rule.yaml",
        &fs::read_to_string("rules/findings/metadata-left.yaml")
            .unwrap()
            .replace("id: metadata-left", "id: house-rule"),
    );
    write("known.json", "{\"schema_version\": 1, \"findings\": []}\n");
    folder
}

/// A folder whose configuration names the broken case, and says this besides.
fn broken(more: &str) -> TempDir {
    let input = fixtures(BROKEN).to_str().unwrap().to_owned();
    with(format!("inputs: ['{input}']\n{more}"))
}

/// The reference says something of every key, and all it shows is taken.
#[test]
fn the_reference_is_complete_and_true() {
    let page = fs::read_to_string("docs/configuration.md").unwrap();
    let schema = schema();
    let mut open = vec![&schema];
    while let Some(next) = open.pop() {
        match next {
            Value::Object(members) => {
                for (key, member) in members
                    .get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    assert!(
                        member["description"].is_string(),
                        "{key} has no description"
                    );
                    // Rules have pages of their own.
                    let is_rule = Path::new("docs/rules").join(format!("{key}.md")).exists();
                    assert!(is_rule || page.contains(&format!("`{key}`")), "{key}");
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    let blocks: Vec<&str> = page
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(blocks.len() > 3);
    for block in blocks {
        let faults = json_schema::faults(&schema, &seen(block));
        assert!(faults.is_empty(), "{block}{faults:#?}");
        let folder = folder();
        fs::write(folder.path().join(NAME), block).unwrap();
        let shown = run(folder.path(), ["config", "show", "--no-config"]);
        assert_eq!(code(&shown), 0);
        let output = run(folder.path(), ["config", "show"]);
        let own_rules = block.contains("\nrules:") || block.starts_with("rules:");
        assert!(code(&output) == 0 || own_rules, "{block}{}", err(&output));
    }
}
