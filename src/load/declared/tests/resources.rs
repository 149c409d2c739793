//! Buckets, keys, functions, buses and everything else.

use super::*;

#[test]
fn a_bucket_has_the_policy_of_any_stack_the_last_one_counts() {
    let mut stacks = Stacks::new();
    let bucket = stacks.declare(TOOLS, "AWS::S3::Bucket", "Artifacts", "{BucketEncryption: {ServerSideEncryptionConfiguration: [{BucketKeyEnabled: true}]}, PublicAccessBlockConfiguration: {RestrictPublicBuckets: true}}");
    stacks.declare(TOOLS, "AWS::S3::Bucket", "Plain", "{BucketName: plain}");
    let policy = |action: &str| {
        format!(
            "PolicyDocument: {{Statement: [{{Effect: Allow, Principal: '*', Action: '{action}', Resource: '*'}}]}}"
        )
    };
    stacks.declare(
        TOOLS,
        "AWS::S3::BucketPolicy",
        "P1",
        &format!("{{Bucket: '{bucket}', {}}}", policy("s3:GetObject")),
    );
    stacks.declare(
        TOOLS,
        "AWS::S3::BucketPolicy",
        "P2",
        &format!("{{Bucket: '{bucket}', {}}}", policy("s3:PutObject")),
    );
    stacks.declare(
        PROD,
        "AWS::S3::BucketPolicy",
        "Far",
        &format!("{{Bucket: elsewhere, {}}}", policy("s3:GetObject")),
    );
    let read = stacks.read().right();
    let artifacts = &read.graph.buckets[&bucket];
    assert!(bucket.starts_with("tools-artifacts-"));
    assert_eq!(artifacts.account.as_deref(), Some(TOOLS));
    assert_eq!(artifacts.region, Fact::Known("eu-west-1".to_owned()));
    assert_eq!(
        (&artifacts.bucket_key, &artifacts.restrict_public),
        (&Fact::Known(true), &Fact::Known(true))
    );
    let statements = &artifacts.policy.known().unwrap().statements;
    assert_eq!(statements[0].actions[0].text, "s3:PutObject");
    assert_eq!(read.warnings.len(), 1, "{:?}", read.warnings);
    let plain = &read.graph.buckets["plain"];
    assert_eq!(
        (&plain.policy, &plain.bucket_key),
        (&Fact::Absent, &Fact::Absent)
    );
    assert_eq!(plain.restrict_public, Fact::Unseen);
    // Of a bucket that no stack declares only the policy is known.
    let far = &read.graph.buckets["elsewhere"];
    assert_eq!(far.account.as_deref(), Some(PROD));
    assert_eq!(
        (&far.region, &far.bucket_key),
        (&Fact::Unseen, &Fact::Unseen)
    );
    assert!(far.policy.known().is_some());
}

#[test]
fn keys_have_a_policy_and_the_aliases_of_all_stacks() {
    let mut stacks = Stacks::new();
    let one = stacks.declare(TOOLS, "AWS::KMS::Key", "One", "{Enabled: false}");
    let two = stacks.declare(TOOLS, "AWS::KMS::Key", "Two", "{KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: '*'}, Action: 'kms:*', Resource: '*'}]}}");
    stacks.declare(
        TOOLS,
        "AWS::KMS::Alias",
        "ById",
        &format!("{{AliasName: alias/one, TargetKeyId: '{one}'}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::KMS::Alias",
        "ByArn",
        &format!(
            "{{AliasName: alias/two, TargetKeyId: 'arn:aws:kms:eu-west-1:111111111111:key/{two}'}}"
        ),
    );
    let read = stacks.read().right();
    let key = |id: &str| &read.graph.keys[&format!("arn:aws:kms:eu-west-1:111111111111:key/{id}")];
    let policy = key(&one).policy.known().unwrap();
    let principal = &policy.statements[0].principals.as_ref().unwrap().any_of[0];
    assert_eq!(principal.value.text, "arn:aws:iam::111111111111:root");
    assert_eq!(key(&one).aliases, Fact::Known(vec!["alias/one".to_owned()]));
    assert_eq!(key(&one).state.as_ref().unwrap().text, "Disabled");
    assert_eq!(key(&one).manager.as_deref(), Some("CUSTOMER"));
    assert_eq!(
        key(&two).policy.known().unwrap().statements[0].actions[0].text,
        "kms:*"
    );
    assert_eq!(key(&two).aliases, Fact::Known(vec!["alias/two".to_owned()]));
}

#[test]
fn descriptions_have_the_names_of_the_api() {
    let mut stacks = Stacks::new();
    stacks.declare(TOOLS, "AWS::CodeBuild::Project", "Build", "{Name: build, ServiceRole: 'arn:aws:iam::111111111111:role/b', Artifacts: {Type: CODEPIPELINE}, Source: {Type: CODEPIPELINE, BuildSpec: other.yml}, Environment: {ImagePullCredentialsType: CODEBUILD, EnvironmentVariables: [{Name: A, Value: b, Type: PARAMETER_STORE}]}, VpcConfig: {VpcId: vpc-1}}");
    stacks.declare(
        TOOLS,
        "AWS::CodeDeploy::Application",
        "App",
        "{ApplicationName: app, ComputePlatform: ECS}",
    );
    stacks.declare(TOOLS, "AWS::CodeDeploy::DeploymentGroup", "Group", "{ApplicationName: app, DeploymentGroupName: group, ServiceRoleArn: 'arn:aws:iam::111111111111:role/d', ECSServices: [{ClusterName: c, ServiceName: s}]}");
    let task = stacks.declare(TOOLS, "AWS::ECS::TaskDefinition", "Task", "{Family: app, TaskRoleArn: 'arn:aws:iam::111111111111:role/t', ExecutionRoleArn: 'arn:aws:iam::111111111111:role/e', ContainerDefinitions: [{Name: web, Secrets: [{Name: S, ValueFrom: x}]}]}");
    stacks.declare(TOOLS, "AWS::ECS::Service", "Service", &format!("{{ServiceName: s, Cluster: 'arn:aws:ecs:eu-west-1:111111111111:cluster/c', TaskDefinition: '{task}'}}"));
    stacks.declare(TOOLS, "AWS::Events::Rule", "Rule", "{Name: on-push, EventPattern: {source: [aws.codecommit]}, State: ENABLED, Targets: [{Arn: 'arn:aws:codepipeline:eu-west-1:111111111111:p', RoleArn: 'arn:aws:iam::111111111111:role/s', Id: t}]}");
    stacks.declare(
        TOOLS,
        "AWS::StepFunctions::StateMachine",
        "Machine",
        "{StateMachineName: m, RoleArn: 'arn:aws:iam::111111111111:role/m'}",
    );
    stacks.declare(TOOLS, "AWS::ECR::Repository", "Images", "{RepositoryName: team/images, RepositoryPolicyText: {Statement: [{Effect: Allow, Principal: '*', Action: 'ecr:*'}]}}");
    stacks.declare(
        TOOLS,
        "AWS::SNS::Topic",
        "Topic",
        "{TopicName: topic, KmsMasterKeyId: alias/aws/sns}",
    );
    let connection = stacks.declare(
        TOOLS,
        "AWS::CodeStarConnections::Connection",
        "Git",
        "{ConnectionName: git, ProviderType: GitHub}",
    );
    let read = stacks.read().right();
    let build = "arn:aws:codebuild:eu-west-1:111111111111:project/build";
    for (path, text) in [
        ("serviceRole", "arn:aws:iam::111111111111:role/b"),
        ("artifacts.type", "CODEPIPELINE"),
        ("source.buildspec", "other.yml"),
        ("environment.imagePullCredentialsType", "CODEBUILD"),
        ("environment.environmentVariables[0].name", "A"),
        ("vpcConfig.vpcId", "vpc-1"),
        (
            "encryptionKey",
            "arn:aws:kms:eu-west-1:111111111111:alias/aws/s3",
        ),
    ] {
        assert_eq!(read.value(build, path), Some(text), "{path}");
    }
    let group = "arn:aws:codedeploy:eu-west-1:111111111111:deploymentgroup:app/group";
    for (path, text) in [
        ("serviceRoleArn", "arn:aws:iam::111111111111:role/d"),
        ("ecsServices[0].clusterName", "c"),
        ("computePlatform", "ECS"),
        ("deploymentConfigName", "CodeDeployDefault.OneAtATime"),
    ] {
        assert_eq!(read.value(group, path), Some(text), "{path}");
    }
    let service = "arn:aws:ecs:eu-west-1:111111111111:service/c/s";
    assert_eq!(read.value(service, "taskDefinition"), Some(task.as_str()));
    assert_eq!(
        read.value(&task, "taskRoleArn"),
        Some("arn:aws:iam::111111111111:role/t")
    );
    assert_eq!(
        read.value(&task, "executionRoleArn"),
        Some("arn:aws:iam::111111111111:role/e")
    );
    assert_eq!(
        read.value(&task, "containerDefinitions[0].secrets[0].valueFrom"),
        Some("x")
    );
    let rule = "arn:aws:events:eu-west-1:111111111111:rule/on-push";
    assert_eq!(
        read.value(rule, "EventPattern"),
        Some(r#"{"source":["aws.codecommit"]}"#)
    );
    assert_eq!(
        read.value(rule, "Targets[0].RoleArn"),
        Some("arn:aws:iam::111111111111:role/s")
    );
    let machine = "arn:aws:states:eu-west-1:111111111111:stateMachine:m";
    assert_eq!(read.value(machine, "type"), Some("STANDARD"));
    assert_eq!(
        read.value(machine, "roleArn"),
        Some("arn:aws:iam::111111111111:role/m")
    );
    let images = &read.graph.resources["arn:aws:ecr:eu-west-1:111111111111:repository/team/images"];
    assert!(images.policy.known().is_some());
    let topic = "arn:aws:sns:eu-west-1:111111111111:topic";
    assert_eq!(read.value(topic, "KmsMasterKeyId"), Some("alias/aws/sns"));
    assert_eq!(read.graph.resources[topic].policy, Fact::Absent);
    assert_eq!(read.value(&connection, "ProviderType"), Some("GitHub"));
    assert_eq!(read.value(&connection, "ConnectionStatus"), None);
}

#[test]
fn permissions_of_functions_and_buses_are_statements_of_their_policies() {
    let mut stacks = Stacks::new();
    stacks.declare(TOOLS, "AWS::Lambda::Function", "F", "{FunctionName: f, Role: 'arn:aws:iam::111111111111:role/f', Environment: {Variables: {TOKEN: hidden}}}");
    stacks.declare(TOOLS, "AWS::Lambda::Permission", "P1", "{FunctionName: f, Action: lambda:InvokeFunction, Principal: events.amazonaws.com, SourceArn: 'arn:aws:events:eu-west-1:111111111111:rule/r', SourceAccount: 111111111111}");
    stacks.declare(TOOLS, "AWS::Lambda::Permission", "P2", "{FunctionName: 'arn:aws:lambda:eu-west-1:111111111111:function:f:live', Action: lambda:InvokeFunction, Principal: 222222222222}");
    stacks.declare(
        TOOLS,
        "AWS::Events::EventBusPolicy",
        "B1",
        "{StatementId: let-in, Action: events:PutEvents, Principal: '222222222222'}",
    );
    stacks.declare(TOOLS, "AWS::Events::EventBusPolicy", "B2", "{StatementId: org, Action: events:PutEvents, Principal: '*', Condition: {Key: aws:PrincipalOrgID, Type: StringEquals, Value: o-1}}");
    let read = stacks.read().right();
    let function = "arn:aws:lambda:eu-west-1:111111111111:function:f";
    assert_eq!(
        read.value(function, "Configuration.Role"),
        Some("arn:aws:iam::111111111111:role/f")
    );
    assert!(
        read.graph.resources[function]
            .values
            .values()
            .all(|value| value.text != "hidden")
    );
    let told = |arn: &str| -> Vec<String> {
        let policy = read.graph.resources[arn].policy.known().unwrap();
        let statements = policy.statements.iter();
        statements
            .map(|one| {
                let whom = &one.principals.as_ref().unwrap().any_of[0];
                let conditions = one.conditions.iter();
                let conditions: Vec<String> = conditions
                    .map(|one| {
                        format!(
                            "{} {}={}",
                            one.operator.text, one.key.text, one.values[0].text
                        )
                    })
                    .collect();
                format!(
                    "{:?} {} {} {} {}",
                    whom.kind,
                    whom.value.text,
                    one.actions[0].text,
                    one.resources.as_ref().unwrap()[0].text,
                    conditions.join(" ")
                )
            })
            .collect()
    };
    assert_eq!(
        told(function),
        [
            "Service events.amazonaws.com lambda:InvokeFunction arn:aws:lambda:eu-west-1:111111111111:function:f ArnLike AWS:SourceArn=arn:aws:events:eu-west-1:111111111111:rule/r StringEquals AWS:SourceAccount=111111111111",
            "Aws arn:aws:iam::222222222222:root lambda:InvokeFunction arn:aws:lambda:eu-west-1:111111111111:function:f:live ",
        ]
    );
    let bus = "arn:aws:events:eu-west-1:111111111111:event-bus/default";
    assert_eq!(
        told(bus),
        [
            "Aws arn:aws:iam::222222222222:root events:PutEvents arn:aws:events:eu-west-1:111111111111:event-bus/default ",
            "Aws * events:PutEvents arn:aws:events:eu-west-1:111111111111:event-bus/default StringEquals aws:PrincipalOrgID=o-1",
        ]
    );
}

#[test]
fn a_policy_of_a_type_that_nobody_reads_is_told() {
    let mut stacks = Stacks::new();
    stacks.declare(TOOLS, "AWS::Widget::FolderPolicy", "Strange", "{}");
    stacks.declare(TOOLS, "AWS::Widget::Folder", "Silent", "{}");
    let read = stacks.read().right();
    assert_eq!(read.warnings.len(), 1);
    assert!(read.warnings[0].contains("AWS::Widget::FolderPolicy"));
}

#[test]
fn recipes_speak_of_members_that_are_there() {
    for kind in types::all() {
        let Some(recipe) = &kind.answer else { continue };
        let taken = |path: &String| {
            let first = path.split('.').next().unwrap();
            recipe.take.iter().any(|taken| taken == first)
        };
        let paths = recipe
            .texts
            .iter()
            .chain(&recipe.json)
            .chain(&recipe.role_arns);
        let paths = paths.chain(&recipe.not_empty).chain(recipe.rename.keys());
        for path in paths
            .chain(recipe.by_key.keys())
            .chain(recipe.values.keys())
        {
            assert!(taken(path), "{}: {path}", kind.kind);
        }
        assert!(recipe.path.contains('{'), "{}", kind.kind);
    }
    for kind in types::all() {
        let Some(hanging) = &kind.hangs_on else {
            continue;
        };
        assert!(hanging.types.iter().all(|kind| types::of(kind).is_some()));
    }
}

#[test]
fn a_literal_is_the_key_or_bucket_whose_name_aws_made_up_when_nothing_else_can_be_meant() {
    const ID: &str = "11111111-2222-3333-4444-555555555555";
    let mut stacks = Stacks::new();
    stacks.declare(TOOLS, "AWS::KMS::Key", "Key", "{}");
    stacks.declare(TOOLS, "AWS::S3::Bucket", "Artifacts", "{}");
    stacks.declare(TOOLS, "AWS::S3::Bucket", "Named", "{BucketName: named}");
    stacks.stack = "pipeline".to_owned();
    stacks.declare(TOOLS, "AWS::S3::BucketPolicy", "P", "{Bucket: tools-artifacts-1a2b3c4d5e6f, PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::tools-artifacts-1a2b3c4d5e6f/*'}]}}");
    stacks.declare(PROD, "AWS::IAM::Policy", "Q", &format!("{{PolicyName: q, Roles: [r], PolicyDocument: {{Statement: [{{Effect: Allow, Action: 'kms:*', Resource: 'arn:aws:kms:eu-west-1:111111111111:key/{ID}'}}, {{Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::tools-artifacts-production/*'}}]}}}}"));
    let read = stacks.read().right();
    let keys: Vec<&String> = read.graph.keys.keys().collect();
    assert_eq!(
        keys,
        [&format!("arn:aws:kms:eu-west-1:111111111111:key/{ID}")]
    );
    let bucket = &read.graph.buckets["tools-artifacts-1a2b3c4d5e6f"];
    assert!(bucket.policy.known().is_some());
    assert_eq!(bucket.region, Fact::Known("eu-west-1".to_owned()));
    let taken = read
        .warnings
        .iter()
        .filter(|one| one.contains("is taken to be"));
    assert_eq!(taken.count(), 2, "{:?}", read.warnings);
}

#[test]
fn a_literal_that_may_mean_several_things_is_none_of_them() {
    let key = |id: &str| format!("arn:aws:kms:eu-west-1:111111111111:key/{id}");
    let other = |stacks: &mut Stacks, ids: &[&str]| {
        let arns: Vec<String> = ids.iter().map(|id| format!("'{}'", key(id))).collect();
        stacks.declare(PROD, "AWS::IAM::Policy", "Q", &format!("{{PolicyName: q, Roles: [r], PolicyDocument: {{Statement: [{{Effect: Allow, Action: 'kms:*', Resource: [{}]}}]}}}}", arns.join(", ")));
    };
    let (one, two) = (
        "11111111-2222-3333-4444-555555555555",
        "99999999-2222-3333-4444-555555555555",
    );
    // Two keys are declared, or two are named, or the stack of the key names another.
    let mut both = Stacks::new();
    both.declare(TOOLS, "AWS::KMS::Key", "A", "{}");
    both.declare(TOOLS, "AWS::KMS::Key", "B", "{}");
    other(&mut both, &[one]);
    let mut named = Stacks::new();
    named.declare(TOOLS, "AWS::KMS::Key", "A", "{}");
    other(&mut named, &[one, two]);
    let mut own = Stacks::new();
    own.declare(TOOLS, "AWS::KMS::Key", "A", "{}");
    own.declare(
        TOOLS,
        "AWS::CodeBuild::Project",
        "P",
        &format!("{{Name: p, EncryptionKey: '{}'}}", key(one)),
    );
    for stacks in [both, named, own] {
        let read = stacks.read().right();
        assert!(read.graph.keys.keys().all(|arn| has_symbol(arn)));
        assert!(
            read.warnings
                .iter()
                .all(|one| !one.contains("is taken to be"))
        );
    }
}
