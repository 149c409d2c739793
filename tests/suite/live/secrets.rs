//! What is secret in the accounts stays there.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::manner::Manner;
use super::runs::System;
use crate::cli::{err, out};

/// What no line of any output may hold.
const SECRET: &str = "hunter2-";

/// Puts secrets wherever services let people keep them; tells how many.
fn hide(system: &mut System) -> usize {
    let mut hidden = 0;
    let mut secret = || {
        hidden += 1;
        Value::from(format!("{SECRET}{hidden}"))
    };
    let places = system.estate.things.values_mut();
    for (path, thing) in places.flatten() {
        match path.split('/').next().unwrap() {
            "codebuild" => {
                thing["environment"]["environmentVariables"] = json!([
                    { "name": "TOKEN", "value": secret(), "type": "PLAINTEXT" },
                    { "name": "PASSWORD", "value": secret() },
                ]);
            }
            "ecs" if path.contains("task-definitions") => {
                let task = match thing.get("taskDefinition") {
                    Some(_) => &mut thing["taskDefinition"],
                    None => thing,
                };
                for container in task["containerDefinitions"].as_array_mut().unwrap() {
                    container["environment"] = json!([{ "name": "TOKEN", "value": secret() }]);
                }
            }
            "lambda" => {
                let variables = json!({ "Variables": { "TOKEN": secret() } });
                thing["Configuration"]["Environment"] = variables;
            }
            "codepipeline" => {
                let stages = thing["pipeline"]["stages"].as_array_mut().unwrap();
                for stage in stages {
                    for action in stage["actions"].as_array_mut().unwrap() {
                        let configuration = &mut action["configuration"];
                        configuration["OAuthToken"] = secret();
                        if action["actionTypeId"]["provider"] == "CodeBuild" {
                            let variables =
                                json!([{ "name": "T", "type": "PLAINTEXT", "value": secret() }]);
                            action["configuration"]["EnvironmentVariables"] =
                                variables.to_string().into();
                        }
                    }
                }
            }
            _ => {}
        }
    }
    hidden
}

#[test]
fn secrets_are_neither_printed_nor_written_down() {
    let mut served = String::new();
    for case in [
        "ecr-to-ecs/fixed",
        "site-and-functions/fixed",
        "default-key/fixed",
    ] {
        let mut system = System::of_case(case);
        assert!(hide(&mut system) > 2, "{case}");
        let cloud = system.cloud(Manner::default());
        let live = [system.live(), system.doors()].concat();
        let snapshot = [system.pipelines.clone(), system.doors()].concat();
        let folder = TempDir::new().unwrap();
        let formats = pipeline_preflight::report::FORMATS
            .iter()
            .map(|format| format.name);
        let mut runs: Vec<Vec<&str>> = formats
            .map(|format| vec!["check", "-v", "--format", format])
            .collect();
        runs.push(vec!["requirements", "--format", "json"]);
        runs.push(vec!["snapshot", "-v", "--output", "taken"]);
        for run in runs {
            let mut command = system.program(&cloud, &folder);
            let words = if run[0] == "snapshot" {
                &snapshot
            } else {
                &live
            };
            let output = command.args(&run).args(words).output().unwrap();
            assert!(!out(&output).is_empty(), "{case} {run:?}: {}", err(&output));
            for text in [out(&output), err(&output)] {
                assert!(!text.contains(SECRET), "{case} {run:?}: {text}");
            }
        }
        for entry in walkdir::WalkDir::new(folder.path()) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                assert!(
                    !text.contains(SECRET),
                    "{case} {}: {text}",
                    entry.path().display()
                );
            }
        }
        served.extend(
            cloud
                .log()
                .into_iter()
                .map(|entry| entry.operation + &entry.body),
        );
    }
    // What was not served could not have been printed.
    for operation in [
        "codepipeline:GetPipeline",
        "codebuild:BatchGetProjects",
        "ecs:DescribeTaskDefinition",
        "lambda:GetFunctionConfiguration",
    ] {
        let mut told = served.split(operation).skip(1);
        assert!(
            told.any(|body| body.contains(SECRET)),
            "{operation} told no secret"
        );
    }
}
