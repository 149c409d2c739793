//! Buckets, keys, and every resource of a snapshot by its path or its ARN.

use super::*;

#[test]
fn a_bucket_distinguishes_none_from_not_said() {
    let loaded = read(&[
        (
            "111111111111/s3/my.store.json",
            r#"{"LocationConstraint": null, "Policy": null, "ServerSideEncryptionConfiguration": {"Rules": [{"BucketKeyEnabled": true}]}, "PublicAccessBlockConfiguration": {"RestrictPublicBuckets": true}}"#,
        ),
        ("111111111111/s3/silent.json", r#"{"Name": "named"}"#),
        (
            "bucket.json",
            r#"{"Policy": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::lone/*\"}]}"}"#,
        ),
    ]);
    let buckets = &loaded.graph.buckets;
    let store = &buckets["my.store"];
    assert_eq!(store.account.as_deref(), Some("111111111111"));
    assert_eq!(store.region, Fact::Known("us-east-1".to_owned()));
    assert_eq!(store.policy, Fact::Absent);
    assert_eq!(store.bucket_key, Fact::Known(true));
    assert_eq!(store.restrict_public, Fact::Known(true));
    let named = &buckets["named"];
    assert!(named.region.is_unseen() && named.policy.is_unseen() && named.bucket_key.is_unseen());
    assert!(buckets["lone"].policy.known().is_some());
    assert_eq!(buckets["lone"].account, None);
}

#[test]
fn a_key_has_policy_grants_and_aliases() {
    let text = r#"{"KeyMetadata": {"Arn": "arn:aws:kms:eu-west-1:111111111111:key/k", "KeyManager": "CUSTOMER", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeyState": "Enabled"},
      "Policy": null, "Aliases": [{"AliasName": "alias/a"}, "alias/b"],
      "Grants": [{"GrantId": "g", "GranteePrincipal": "arn:aws:iam::222222222222:role/A", "Operations": ["Decrypt", "DescribeKey"], "Constraints": {"EncryptionContextEquals": {"app": "x"}}},
                 {"GranteePrincipal": "rds.amazonaws.com", "Operations": ["Encrypt"]}]}"#;
    let loaded = read(&[
        ("key.json", text),
        (
            "111111111111/cn-north-1/kms/id.json",
            r#"{"PolicyName": "default"}"#,
        ),
    ]);
    let key = &loaded.graph.keys["arn:aws:kms:eu-west-1:111111111111:key/k"];
    assert_eq!(key.policy, Fact::Absent);
    assert_eq!(
        key.aliases,
        Fact::Known(vec!["alias/a".to_owned(), "alias/b".to_owned()])
    );
    assert_eq!(key.state.as_ref().map(|s| s.text.as_str()), Some("Enabled"));
    let grants = Policy {
        name: None,
        origin: key.origin,
        version: Version::V2012,
        statements: key.grants.known().unwrap().clone(),
    };
    assert_eq!(
        said(&grants),
        "None V2012\nSome(\"g\") Allow Aws arn:aws:iam::222222222222:role/A false kms:DescribeKey\n\
         Some(\"g\") Allow Aws arn:aws:iam::222222222222:role/A false kms:Decrypt StringEquals kms:EncryptionContext:app [\"x\"] ForAllValues:StringEquals kms:EncryptionContextKeys [\"app\"]\n\
         None Allow Service rds.amazonaws.com false kms:Encrypt"
    );
    let other = &loaded.graph.keys["arn:aws-cn:kms:cn-north-1:111111111111:key/id"];
    assert!(other.policy.is_unseen() && other.aliases.is_unseen());
}

#[test]
fn every_resource_of_a_snapshot_gets_its_arn() {
    let policy = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "a:B"}}"#;
    let cases: &[(&str, String, &str, &str)] = &[
        ("codebuild/p.json", r#"{"project": {"serviceRole": "R", "artifacts": {"type": "CODEPIPELINE"}}}"#.into(), "codebuild:eu-west-1:111111111111:project/p", "artifacts.type"),
        ("codedeploy/app/group.json", r#"{"deploymentGroupInfo": {"ecsServices": [{"serviceName": "s"}]}, "computePlatform": "ECS"}"#.into(), "codedeploy:eu-west-1:111111111111:deploymentgroup:app/group", "ecsServices[0].serviceName"),
        ("codedeploy/app/two.json", r#"{"deploymentGroupInfo": {"a": 1}, "computePlatform": "ECS"}"#.into(), "codedeploy:eu-west-1:111111111111:deploymentgroup:app/two", "computePlatform"),
        ("ecs/c/s.json", r#"{"taskDefinition": "T"}"#.into(), "ecs:eu-west-1:111111111111:service/c/s", "taskDefinition"),
        // A service from before ARNs had clusters in them.
        ("ecs/c/old.json", r#"{"serviceArn": "arn:aws:ecs:eu-west-1:111111111111:service/old", "clusterArn": "arn:aws:ecs:eu-west-1:111111111111:cluster/c", "taskDefinition": "T"}"#.into(), "ecs:eu-west-1:111111111111:service/c/old", "taskDefinition"),
        ("ecs/task-definitions/f.json", r#"{"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:eu-west-1:111111111111:task-definition/f:3", "taskRoleArn": "R"}}"#.into(), "ecs:eu-west-1:111111111111:task-definition/f:3", "taskRoleArn"),
        ("ecr/team/app.json", format!(r#"{{"repository": {{"repositoryName": "team/app"}}, "policyText": {policy}}}"#), "ecr:eu-west-1:111111111111:repository/team/app", "repositoryName"),
        ("lambda/f.json", r#"{"Configuration": {"Role": "R"}, "Policy": null}"#.into(), "lambda:eu-west-1:111111111111:function:f", "Configuration.Role"),
        ("lambda/bare.json", r#"{"FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:other", "Role": "R"}"#.into(), "lambda:eu-west-1:111111111111:function:other", "Configuration.Role"),
        ("events/rules/r.json", r#"{"Targets": [{"RoleArn": "R"}]}"#.into(), "events:eu-west-1:111111111111:rule/r", "Targets[0].RoleArn"),
        ("events/buses/b.json", format!(r#"{{"Name": "b", "Policy": {policy}}}"#), "events:eu-west-1:111111111111:event-bus/b", "Name"),
        ("sns/t.json", r#"{"Attributes": {"KmsMasterKeyId": "k"}}"#.into(), "sns:eu-west-1:111111111111:t", "KmsMasterKeyId"),
        ("cloudformation/s.json", r#"{"StackId": "arn:aws:cloudformation:eu-west-1:111111111111:stack/s/uuid", "RoleARN": "R"}"#.into(), "cloudformation:eu-west-1:111111111111:stack/s/uuid", "RoleARN"),
        ("states/m.json", r#"{"type": "EXPRESS"}"#.into(), "states:eu-west-1:111111111111:stateMachine:m", "type"),
        ("connections/c.json", r#"{"Connection": {"ConnectionArn": "arn:aws:codeconnections:eu-west-1:111111111111:connection/c", "ConnectionStatus": "AVAILABLE"}}"#.into(), "codeconnections:eu-west-1:111111111111:connection/c", "ConnectionStatus"),
    ];
    for (path, text, arn, value) in cases {
        let path = format!("/builds/999999999999/x/111111111111/eu-west-1/{path}");
        let loaded = read(&[(&path, text)]);
        let resource = loaded
            .graph
            .resources
            .get(&format!("arn:aws:{arn}"))
            .unwrap_or_else(|| panic!("{path}: {:?}", loaded.graph.resources.keys()));
        assert!(
            resource.values.contains_key(*value),
            "{path}: {:?}",
            resource.values.keys()
        );
        let expected = match path.rsplit('/').nth(1) {
            Some("team" | "buses") => resource.policy.known().is_some(),
            Some("sns") => resource.policy.is_unseen(),
            _ if path.ends_with("bare.json") => resource.policy.is_unseen(),
            _ => resource.policy == Fact::Absent,
        };
        assert!(expected, "{path}: {:?}", resource.policy);
    }
}

#[test]
fn a_policy_that_names_a_bucket_need_not_be_a_buckets() {
    let text = r#"{"Policy": "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Action\":\"lambda:InvokeFunction\",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:s3:::b\"}}}}"}"#;
    let loaded = read(&[("111111111111/eu-west-1/lambda/f.json", text)]);
    assert!(loaded.graph.buckets.is_empty());
    let function = &loaded.graph.resources["arn:aws:lambda:eu-west-1:111111111111:function:f"];
    assert!(function.policy.known().is_some());
}

#[test]
fn a_resource_outside_a_snapshot_is_told_by_its_arn() {
    let answer = r#"{"projects": [{"arn": "arn:aws:codebuild:eu-west-1:111111111111:project/a"}, {"arn": "arn:aws:codebuild:eu-west-1:111111111111:project/b"}], "projectsNotFound": []}"#;
    let loaded = read(&[("answer.json", answer)]);
    assert_eq!(loaded.graph.resources.len(), 2);
    assert_eq!(loaded.recognised[1].kind, "CodeBuild project");
}

#[test]
fn a_secret_is_known_by_the_arn_in_its_description() {
    let loaded = read(&[(
        "111111111111/eu-west-1/secretsmanager/shop/db.json",
        r#"{"ARN": "arn:aws:secretsmanager:eu-west-1:111111111111:secret:shop/db-Ab12Cd", "Name": "shop/db", "ResourcePolicy": null}"#,
    )]);
    let arn = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:shop/db-Ab12Cd";
    assert_eq!(loaded.graph.resources[arn].policy, Fact::Absent);
}

/// `describe-event-bus` shows a policy wherever there is one: a bus of which nobody said so admits nobody.
#[test]
fn an_answer_about_an_event_bus_without_policy_says_that_there_is_none() {
    let folder = "111111111111/eu-west-1/events/buses";
    let arn = |name: &str| format!("arn:aws:events:eu-west-1:111111111111:event-bus/{name}");
    let answer = format!(r#"{{"Name": "default", "Arn": "{}"}}"#, arn("default"));
    let loaded = read(&[
        (&format!("{folder}/default.json"), &answer),
        (&format!("{folder}/silent.json"), r#"{"Name": "silent"}"#),
    ]);
    let policy = |name: &str| &loaded.graph.resources[&arn(name)].policy;
    assert_eq!(*policy("default"), Fact::Absent);
    assert!(policy("silent").is_unseen());
}
