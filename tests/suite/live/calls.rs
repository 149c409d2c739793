//! Nothing is asked twice, and nothing waits for what it does not need.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cloud::Entry;
use super::manner::Manner;
use super::runs::System;

const TOOLS: &str = "111111111111";
const REGION: &str = "eu-west-1";

/// A pipeline with ten actions in three accounts, each with a role of its own, that deploy stacks, files and functions.
fn ten_actions() -> BTreeMap<String, Value> {
    let mut files = BTreeMap::new();
    let mut add = |path: String, value: Value| files.insert(path, value);
    let key = format!("arn:aws:kms:{REGION}:{TOOLS}:key/aaaaaaaa-0000-4000-8000-000000000000");
    let mut stages = vec![
        json!({ "name": "Source", "actions": [action("Get", "Source", "S3", None,
            json!({ "S3Bucket": "ten-sources", "S3ObjectKey": "app.zip", "PollForSourceChanges": "true" }))] }),
        json!({ "name": "Build", "actions": [action("Build", "Build", "CodeBuild", None,
            json!({ "ProjectName": "ten-build" }))] }),
    ];
    for account in ["222222222222", "333333333333"] {
        let role = format!("arn:aws:iam::{account}:role/TenDeploy");
        let execution = format!("arn:aws:iam::{account}:role/TenExecution");
        let stack = |mode: &str| {
            json!({ "ActionMode": mode, "StackName": "ten", "ChangeSetName": "next", "RoleArn": execution,
                "TemplatePath": "App::template.json", "Capabilities": "CAPABILITY_IAM" })
        };
        stages.push(json!({ "name": format!("Deploy{account}"), "actions": [
            action("Prepare", "Deploy", "CloudFormation", Some(&role), stack("CHANGE_SET_REPLACE")),
            action("Execute", "Deploy", "CloudFormation", Some(&role), stack("CHANGE_SET_EXECUTE")),
            action("Site", "Deploy", "S3", Some(&role),
                json!({ "BucketName": format!("ten-site-{account}"), "Extract": "true" })),
            action("Warm", "Invoke", "Lambda", Some(&role), json!({ "FunctionName": "ten-warm" })),
        ] }));
        add(
            format!("{account}/iam/roles/TenDeploy.json"),
            role_of(
                account,
                "TenDeploy",
                json!({ "AWS": format!("arn:aws:iam::{TOOLS}:root") }),
            ),
        );
        add(
            format!("{account}/iam/roles/TenExecution.json"),
            role_of(
                account,
                "TenExecution",
                json!({ "Service": ["cloudformation.amazonaws.com", "lambda.amazonaws.com"] }),
            ),
        );
        add(
            format!("{account}/iam/policies/TenShared.json"),
            managed(account),
        );
        add(
            format!("{account}/s3/ten-site-{account}.json"),
            bucket(&format!("ten-site-{account}"), Value::Null),
        );
        let function = format!("arn:aws:lambda:{REGION}:{account}:function:ten-warm");
        add(
            format!("{account}/{REGION}/lambda/ten-warm.json"),
            json!({ "Configuration": {
            "FunctionName": "ten-warm", "FunctionArn": function, "Role": execution }, "Policy": null }),
        );
        add(format!("{account}/organizations.json"), free());
    }
    add(format!("{TOOLS}/organizations.json"), free());
    add(
        format!("{TOOLS}/iam/roles/TenPipeline.json"),
        role_of(
            TOOLS,
            "TenPipeline",
            json!({ "Service": "codepipeline.amazonaws.com" }),
        ),
    );
    add(
        format!("{TOOLS}/iam/roles/TenBuild.json"),
        role_of(
            TOOLS,
            "TenBuild",
            json!({ "Service": "codebuild.amazonaws.com" }),
        ),
    );
    add(
        format!("{TOOLS}/iam/policies/TenShared.json"),
        managed(TOOLS),
    );
    let others = json!({ "Statement": [{ "Effect": "Allow", "Action": ["s3:Get*", "s3:Put*", "s3:List*"],
        "Principal": { "AWS": ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"] },
        "Resource": ["arn:aws:s3:::ten-artifacts", "arn:aws:s3:::ten-artifacts/*"] }] });
    add(
        format!("{TOOLS}/s3/ten-artifacts.json"),
        bucket("ten-artifacts", others),
    );
    add(
        format!("{TOOLS}/s3/ten-sources.json"),
        bucket("ten-sources", Value::Null),
    );
    let everybody = ["111111111111", "222222222222", "333333333333"];
    let everybody = everybody.map(|account| format!("arn:aws:iam::{account}:root"));
    add(
        format!("{TOOLS}/{REGION}/kms/aaaaaaaa-0000-4000-8000-000000000000.json"),
        json!({
        "KeyMetadata": { "AWSAccountId": TOOLS, "KeyId": "aaaaaaaa-0000-4000-8000-000000000000", "Arn": key, "Enabled": true,
            "KeyState": "Enabled", "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT",
            "Origin": "AWS_KMS", "MultiRegion": false },
        "Policy": { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "AWS": everybody }, "Action": "kms:*", "Resource": "*" }] },
        "Grants": [], "Aliases": [] }),
    );
    add(
        format!("{TOOLS}/{REGION}/codebuild/ten-build.json"),
        json!({
        "name": "ten-build", "arn": format!("arn:aws:codebuild:{REGION}:{TOOLS}:project/ten-build"),
        "serviceRole": format!("arn:aws:iam::{TOOLS}:role/TenBuild"), "encryptionKey": key,
        "source": { "type": "CODEPIPELINE", "buildspec": "version: 0.2\nphases: { build: { commands: [make] } }" },
        "artifacts": { "type": "CODEPIPELINE" },
        "environment": { "type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "BUILD_GENERAL1_SMALL",
            "imagePullCredentialsType": "CODEBUILD" } }),
    );
    add(
        format!("{TOOLS}/{REGION}/codepipeline/ten.json"),
        json!({ "pipeline": {
        "name": "ten", "roleArn": format!("arn:aws:iam::{TOOLS}:role/TenPipeline"), "version": 1, "pipelineType": "V2",
        "artifactStore": { "type": "S3", "location": "ten-artifacts", "encryptionKey": { "id": key, "type": "KMS" } },
        "stages": stages } }),
    );
    files
}

fn action(
    name: &str,
    category: &str,
    provider: &str,
    role: Option<&str>,
    configuration: Value,
) -> Value {
    let mut action = json!({ "name": name, "runOrder": 1, "configuration": configuration, "region": REGION,
        "actionTypeId": { "category": category, "owner": "AWS", "provider": provider, "version": "1" },
        "inputArtifacts": [], "outputArtifacts": [] });
    let put = match (category, provider, name) {
        ("Source", _, _) => Some(("outputArtifacts", "Sources")),
        ("Build", _, _) => Some(("inputArtifacts", "Sources")),
        (_, _, "Prepare" | "Site") => Some(("inputArtifacts", "App")),
        _ => None,
    };
    if let Some((member, artifact)) = put {
        action[member] = json!([{ "name": artifact }]);
    }
    if category == "Build" {
        action["outputArtifacts"] = json!([{ "name": "App" }]);
    }
    if let Some(role) = role {
        action["roleArn"] = role.into();
    }
    action
}

/// A role that may do anything by an inline policy, and has a managed one as well.
fn role_of(account: &str, name: &str, principal: Value) -> Value {
    let all = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    json!({
        "Role": { "RoleName": name, "Path": "/", "Arn": format!("arn:aws:iam::{account}:role/{name}"),
            "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" }] } },
        "RolePolicyList": [{ "PolicyName": "Own", "PolicyDocument": all }],
        "AttachedManagedPolicies": [{ "PolicyName": "TenShared", "PolicyArn": format!("arn:aws:iam::{account}:policy/TenShared") }],
    })
}

fn managed(account: &str) -> Value {
    json!({
        "Policy": { "PolicyName": "TenShared", "Arn": format!("arn:aws:iam::{account}:policy/TenShared"), "DefaultVersionId": "v2" },
        "PolicyVersion": { "VersionId": "v2", "IsDefaultVersion": true, "Document": { "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "logs:*", "Resource": "*" }] } },
    })
}

fn bucket(name: &str, policy: Value) -> Value {
    json!({ "Name": name, "LocationConstraint": REGION, "Policy": policy, "Versioning": { "Status": "Enabled" },
        "ServerSideEncryptionConfiguration": { "Rules": [{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }] },
        "OwnershipControls": { "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] } })
}

fn free() -> Value {
    json!({ "OrganizationId": null, "ServiceControlPolicies": [], "ResourceControlPolicies": [] })
}

/// The longest chain of calls of which each names something that only the answer before it told.
fn chain(log: &[Entry]) -> Vec<&Entry> {
    let mut chains: Vec<Vec<usize>> = Vec::new();
    for (index, entry) in log.iter().enumerate() {
        let earlier = |word: &str| {
            let known = (0..index).filter(|other| {
                let other = &log[*other];
                other.ended <= entry.begun && other.body.contains(word)
            });
            known.min_by_key(|other| chains[*other].len())
        };
        let words = entry
            .subject
            .split([' ', '/'])
            .filter(|word| word.len() > 3);
        let before = words
            .filter_map(earlier)
            .max_by_key(|other| chains[*other].len());
        let mut chain = before.map_or_else(Vec::new, |before| chains[before].clone());
        chain.push(index);
        chains.push(chain);
    }
    let longest = chains.iter().max_by_key(|chain| chain.len()).unwrap();
    longest.iter().map(|index| &log[*index]).collect()
}

/// As many calls as can be found of which none began before the one before it had ended.
fn rounds(log: &[Entry]) -> usize {
    let mut by_end: Vec<&Entry> = log.iter().collect();
    by_end.sort_by_key(|entry| entry.ended);
    let mut free = Duration::ZERO;
    let mut rounds = 0;
    for entry in by_end {
        if entry.begun >= free {
            free = entry.ended;
            rounds += 1;
        }
    }
    rounds
}

#[test]
fn ten_actions_in_three_accounts_ask_each_thing_once_and_nothing_waits_in_vain() {
    let folder = tempfile::tempdir().unwrap();
    for (path, value) in ten_actions() {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, value.to_string()).unwrap();
    }
    let system = System::of(folder.path());
    let latency = Duration::from_millis(50);
    let cloud = system.cloud(Manner {
        latency,
        ..Manner::default()
    });
    let begun = Instant::now();
    let report = system.check(&cloud);
    let took = begun.elapsed();
    assert_eq!(report.summary()["actions"], 10, "{}", report.errors);
    assert_eq!(report.summary()["denied"], 0, "{:#?}", report.findings());
    assert_eq!(report.findings(), system.check_files().findings());

    let log = cloud.log();
    let mut asked: BTreeMap<(&str, &str, &str, &str), usize> = BTreeMap::new();
    for entry in &log {
        let question = (
            &*entry.account,
            &*entry.region,
            &*entry.operation,
            &*entry.subject,
        );
        *asked.entry(question).or_default() += 1;
    }
    let twice: Vec<_> = asked.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "asked more than once: {twice:#?}");

    let (chain, rounds) = (chain(&log), rounds(&log));
    let at_least = latency * u32::try_from(chain.len()).unwrap();
    println!(
        "{} calls; {rounds} rounds; {took:?}, of which at least {at_least:?} must be",
        log.len()
    );
    for entry in &chain {
        println!(
            "  {:>4} ms {} {} {}",
            entry.begun.as_millis(),
            entry.account,
            entry.operation,
            entry.subject
        );
    }
    println!("{}", report.errors);
    assert!(
        rounds <= 3 * chain.len(),
        "{rounds} rounds for a chain of {}",
        chain.len()
    );
}
