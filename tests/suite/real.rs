//! Set-ups that work in reality, and what their authors warn of: each known mistake in them is found, and nothing else is an error.

use pipeline_preflight::check::{Finding, Result};
use pipeline_preflight::rules::Severity;
use serde_json::{Value, json};

use crate::world::World;

const REFARCH: &str = "real-refarch/working";
const PIPELINE: &str = "111111111111/us-east-1/codepipeline/sample-lambda-pipeline.json";
const PROJECT: &str = "111111111111/us-east-1/codebuild/sample-lambda.json";

fn errors(result: &Result) -> Vec<&Finding> {
    let findings = result.findings.iter();
    findings
        .filter(|finding| finding.severity == Severity::Error)
        .collect()
}

/// Changes one file of a case and checks it.
fn changed(case: &str, file: &str, change: impl FnOnce(&mut Value)) -> Result {
    let mut world = World::of_case(case);
    change(world.files.get_mut(file).unwrap());
    world.write(file);
    world.check()
}

fn rules_of_errors(result: &Result) -> Vec<&str> {
    let mut rules: Vec<&str> = errors(result)
        .into_iter()
        .map(|finding| finding.rule.as_str())
        .collect();
    rules.sort_unstable();
    rules
}

#[test]
fn a_project_that_nobody_has_seen_is_no_error() {
    let mut world = World::of_case(REFARCH);
    world.remove(PROJECT);
    let result = world.check();
    assert!(errors(&result).is_empty(), "{:#?}", errors(&result));
    assert!(result.summary.undecided > 0);
}

#[test]
fn a_project_without_the_store_s_key_is_an_error() {
    let result = changed(REFARCH, PROJECT, |project| {
        project["encryptionKey"] = json!("arn:aws:kms:us-east-1:111111111111:alias/aws/s3");
    });
    assert_eq!(rules_of_errors(&result), ["project-key-differs"]);
}

#[test]
fn a_key_policy_of_the_first_phase_is_an_error() {
    let key = "111111111111/us-east-1/kms/65c91958-2713-c9ad-5610-70d6dc0d6347.json";
    let result = changed(REFARCH, key, |key| {
        let admitted = key
            .pointer_mut("/Policy/Statement/1/Principal/AWS")
            .and_then(Value::as_array_mut)
            .unwrap();
        admitted
            .retain(|role| role != "arn:aws:iam::111111111111:role/sample-lambda-CodeBuildRole");
    });
    assert_eq!(rules_of_errors(&result), ["key-policy-missing"]);
}

#[test]
fn a_foreign_execution_role_without_an_action_role_is_an_error() {
    let result = changed(REFARCH, PIPELINE, |pipeline| {
        let action = pipeline.pointer_mut("/pipeline/stages/2/actions/0");
        action.unwrap().as_object_mut().unwrap().remove("roleArn");
    });
    let rules = rules_of_errors(&result);
    assert!(rules.contains(&"passed-role-in-other-account"), "{rules:?}");
}

/// The store of the other Region names its key by an alias ARN as well, and its reader is not among the affected.
#[test]
fn an_alias_hinders_who_writes_to_another_account_s_store() {
    let pipeline = "111111111111/eu-west-1/codepipeline/classic-cross-account.json";
    let result = changed("real-cdk-classic/working", pipeline, |pipeline| {
        let id = pipeline.pointer_mut("/pipeline/artifactStores/eu-west-1/encryptionKey/id");
        *id.unwrap() = json!("arn:aws:kms:eu-west-1:111111111111:alias/artifacts");
    });
    let findings = errors(&result).into_iter();
    let affected: Vec<&str> = findings
        .filter(|finding| finding.rule == "artifact-key-alias")
        .flat_map(|finding| &finding.affects)
        .map(|affected| affected.action.as_str())
        .collect();
    assert!(affected.contains(&"Src"), "{affected:?}");
    assert!(!affected.contains(&"Deploy"), "{affected:?}");
}

/// <https://github.com/aws/aws-cdk/issues/1034>: why AWS CDK binds the change set's name only if it exists.
#[test]
fn a_change_set_s_name_is_no_condition_for_reading_stacks() {
    let account = "222222222222/authorization-details.json";
    let result = changed("real-cdk-classic/working", account, |account| {
        let text = account.to_string();
        let strict = text.replace(
            "\"StringEqualsIfExists\":{\"cloudformation:ChangeSetName\"",
            "\"StringEquals\":{\"cloudformation:ChangeSetName\"",
        );
        assert_ne!(strict, text);
        *account = serde_json::from_str(&strict).unwrap();
    });
    let findings = errors(&result);
    assert!(!findings.is_empty());
    for finding in findings {
        let operations = &finding.operations;
        assert!(operations.contains(&"cloudformation:DescribeStacks".to_owned()));
        assert!(
            operations
                .iter()
                .all(|one| one.starts_with("cloudformation:Describe"))
        );
    }
}
