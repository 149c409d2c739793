//! Every single grant of every fixed system is needed: taken away, it is found, at its layer, and nothing else is an error;
//! and the statement that the finding suggests mends it.

use pipeline_preflight::check::{self, Finding, ReportLayer};
use pipeline_preflight::rules::Severity;
use serde_json::{Value, json};

use crate::world::{World, cases, document, documents, encode_like, settled};

/// One grant to take away.
struct Deletion {
    file: String,
    pointer: String,
    what: String,
    document: Value,
}

fn deletions(world: &World) -> Vec<Deletion> {
    let mut deletions = Vec::new();
    for (file, value) in &world.files {
        for pointer in documents(value) {
            let whole = document(value.pointer(&pointer).unwrap()).unwrap();
            let mut push = |what: String, document: Value| {
                deletions.push(Deletion {
                    file: file.clone(),
                    pointer: pointer.clone(),
                    what,
                    document,
                });
            };
            let statements = whole["Statement"]
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![whole["Statement"].clone()]);
            for (index, statement) in statements.iter().enumerate() {
                if statement["Effect"] != "Allow" {
                    continue;
                }
                let without = |statements: Vec<Value>| {
                    let mut document = whole.clone();
                    document["Statement"] = Value::Array(statements);
                    document
                };
                let mut others = statements.clone();
                others.remove(index);
                push(format!("statement {index}"), without(others));
                for element in [
                    "/Action",
                    "/Resource",
                    "/Principal/AWS",
                    "/Principal/Service",
                ] {
                    let Some(Value::Array(values)) = statement.pointer(element) else {
                        continue;
                    };
                    if values.len() < 2 {
                        continue;
                    }
                    for (position, value) in values.iter().enumerate() {
                        let mut fewer = values.clone();
                        fewer.remove(position);
                        let mut changed = statements.clone();
                        *changed[index].pointer_mut(element).unwrap() = Value::Array(fewer);
                        push(
                            format!("statement {index} {element} {value}"),
                            without(changed),
                        );
                    }
                }
            }
        }
    }
    deletions
}

fn layer_of(file: &str, pointer: &str) -> ReportLayer {
    if pointer.ends_with("AssumeRolePolicyDocument") {
        ReportLayer::Trust
    } else if file.contains("/s3/") {
        ReportLayer::BucketPolicy
    } else if file.contains("/kms/") {
        ReportLayer::KeyPolicy
    } else if file.ends_with("authorization-details.json") || file.contains("/iam/") {
        ReportLayer::Identity
    } else {
        ReportLayer::ResourcePolicy
    }
}

fn brief(findings: &[&Finding]) -> Vec<String> {
    let line = |finding: &&Finding| {
        format!(
            "{:?} {} at {}: {:?} lacks {:?} on {:?}",
            finding.severity,
            finding.rule,
            finding.layer.name(),
            finding.principals,
            finding.operations,
            finding.resources
        )
    };
    findings.iter().map(line).collect()
}

#[test]
fn every_grant_of_every_fixed_system_is_needed() {
    let mut faults = Vec::new();
    let mut total = 0;
    for case in cases().into_iter().filter(|case| case.ends_with("/fixed")) {
        let mut world = World::of_case(&case);
        let mut count = [0; 3];
        for deletion in deletions(&world) {
            let before = world.files[&deletion.file].clone();
            put(
                &mut world,
                &deletion.file,
                &deletion.pointer,
                &deletion.document,
            );
            let result = world.check();
            let name = format!(
                "{case}: {} {}: {}",
                deletion.file, deletion.pointer, deletion.what
            );
            let layer = layer_of(&deletion.file, &deletion.pointer);
            if let Some(fault) = fault(&result, layer) {
                let findings = settled(&result.findings);
                faults.push(format!("{name}: {fault}: {:#?}", brief(&findings)));
            } else {
                match result.findings.iter().map(|finding| finding.severity).max() {
                    Some(Severity::Error) => count[0] += 1,
                    Some(Severity::Warning) => count[1] += 1,
                    Some(Severity::Note) | None => count[2] += 1,
                }
                mend(&mut world, &result);
                let left = world.check();
                let left = settled(&left.findings);
                if !left.is_empty() {
                    faults.push(format!(
                        "{name}: what is suggested leaves {:#?}",
                        brief(&left)
                    ));
                }
            }
            for (file, value) in &World::of_case(&case).files {
                if world.files[file] != *value {
                    world.files.insert(file.clone(), value.clone());
                    world.write(file);
                }
            }
            assert_eq!(world.files[&deletion.file], before);
        }
        println!(
            "{case}: {} errors, {} warnings, {} notes",
            count[0], count[1], count[2]
        );
        total += count.iter().sum::<usize>();
    }
    println!("{total} deletions, each found at its layer, each mended by what was suggested");
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(total > 100, "only {total} deletions");
}

fn fault(result: &check::Result, layer: ReportLayer) -> Option<&'static str> {
    let findings = settled(&result.findings);
    if !findings.iter().any(|finding| finding.layer == layer) {
        return Some("not found at its layer");
    }
    let elsewhere =
        |finding: &&&Finding| finding.layer != layer && finding.severity == Severity::Error;
    findings
        .iter()
        .find(elsewhere)
        .map(|_| "another layer is blamed")
}

fn put(world: &mut World, file: &str, pointer: &str, document: &Value) {
    let slot = world
        .files
        .get_mut(file)
        .unwrap()
        .pointer_mut(pointer)
        .unwrap();
    *slot = encode_like(&slot.clone(), document);
    world.write(file);
}

/// Adds what the findings suggest to the policies they name.
fn mend(world: &mut World, result: &check::Result) {
    for finding in &result.findings {
        let Some(suggestion) = &finding.suggestion else {
            continue;
        };
        let statements = match &suggestion.statement {
            Value::Array(statements) => statements.clone(),
            one => vec![one.clone()],
        };
        let resource = &finding.resources[0];
        let (file, pointer) = match finding.layer {
            ReportLayer::Identity => {
                let (file, role) = role(world, &finding.principals[0]);
                let value = world.files.get_mut(&file).unwrap();
                // Merged answers keep the list beside the wrapper of `get-role`.
                let pointers = [
                    format!("{role}/RolePolicyList"),
                    "/RolePolicyList".to_owned(),
                ];
                let pointer = pointers
                    .into_iter()
                    .find(|pointer| value.pointer(pointer).is_some())
                    .unwrap();
                let list = value.pointer_mut(&pointer).unwrap().as_array_mut().unwrap();
                let empty = json!({"Version": "2012-10-17", "Statement": []});
                list.push(json!({"PolicyName": "Suggested", "PolicyDocument": empty}));
                let last = list.len() - 1;
                (file, format!("{pointer}/{last}/PolicyDocument"))
            }
            ReportLayer::Trust => {
                let (file, role) = role(world, resource);
                (file, format!("{role}/AssumeRolePolicyDocument"))
            }
            ReportLayer::BucketPolicy => {
                let bucket = resource
                    .rsplit(":::")
                    .next()
                    .unwrap()
                    .split('/')
                    .next()
                    .unwrap();
                (
                    file_named(world, &format!("/s3/{bucket}.json")),
                    "/Policy".to_owned(),
                )
            }
            ReportLayer::KeyPolicy => {
                let id = resource.rsplit('/').next().unwrap();
                (
                    file_named(world, &format!("/kms/{id}.json")),
                    "/Policy".to_owned(),
                )
            }
            ReportLayer::ResourcePolicy => {
                let name = resource.rsplit(":repository/").next().unwrap();
                (
                    file_named(world, &format!("/ecr/{name}.json")),
                    "/policyText".to_owned(),
                )
            }
            _ => continue,
        };
        let slot = world.files[&file].pointer(&pointer).unwrap();
        let mut whole =
            document(slot).unwrap_or_else(|| json!({"Version": "2012-10-17", "Statement": []}));
        let list = whole["Statement"].as_array_mut().unwrap();
        list.extend(statements);
        put(world, &file, &pointer, &whole);
    }
}

fn file_named(world: &World, end: &str) -> String {
    world
        .files
        .keys()
        .find(|name| name.ends_with(end))
        .unwrap()
        .clone()
}

/// The file and the pointer of a role.
fn role(world: &World, arn: &str) -> (String, String) {
    for (file, value) in &world.files {
        if let Some(roles) = value.get("RoleDetailList").and_then(Value::as_array)
            && let Some(index) = roles.iter().position(|role| role["Arn"] == arn)
        {
            return (file.clone(), format!("/RoleDetailList/{index}"));
        }
        for pointer in ["", "/Role"] {
            if value
                .pointer(pointer)
                .is_some_and(|role| role.get("Arn").is_some_and(|own| own == arn))
            {
                return (file.clone(), pointer.to_owned());
            }
        }
    }
    panic!("no role {arn}")
}
