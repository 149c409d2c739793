//! Declared resources by hand, read to the end: what the graph then holds.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking"
)]

use super::*;
use crate::graph::{Fact, Graph, Pipeline, Role, Symbol, has_symbol};
use crate::load::LoadError;
use crate::load::facts::Facts;
use crate::load::reader::Reading;
use crate::source::Sources;

const TOOLS: &str = "111111111111";
const PROD: &str = "222222222222";

struct Stacks {
    sources: Sources,
    symbols: Symbols,
    declared: Vec<Declared>,
}

struct Outcome {
    graph: Graph,
    symbols: Symbols,
    warnings: Vec<String>,
    errors: Vec<LoadError>,
}

impl Stacks {
    fn new() -> Self {
        Self {
            sources: Sources::new(),
            symbols: Symbols::default(),
            declared: Vec::new(),
        }
    }

    /// The text of an unknown value.
    fn unknown(&mut self, name: &str) -> String {
        let symbol = self
            .symbols
            .unknown(&format!("parameter {name}"), || Symbol {
                name: name.to_owned(),
                what: format!("the parameter `{name}`"),
                supply: format!("add `--assume {name}=VALUE`"),
                origin: Origin::NOWHERE,
            });
        symbol.to_string()
    }

    fn declare(&mut self, account: &str, kind: &str, logical_id: &str, properties: &str) -> String {
        // A text that opens like JSON is read as JSON.
        let text = format!("# YAML\n{properties}");
        let source = self.sources.add("template.yaml", text.as_bytes()).unwrap();
        let root = self.sources.roots(source)[0].origin();
        let mut declared = Declared {
            kind: kind.to_owned(),
            home: Home {
                account: account.to_owned(),
                region: "eu-west-1".to_owned(),
                partition: "aws".to_owned(),
                stack: "tools".to_owned(),
            },
            stack: "tools".to_owned(),
            logical_id: logical_id.to_owned(),
            physical: String::new(),
            arn: None,
            origin: root,
            name_origin: root,
            properties: self.sources.copy(root),
            root,
        };
        if let Some(kind) = types::of(kind) {
            let known = identity(kind, &declared, &mut self.symbols);
            declared.physical = known.reference;
            declared.arn = known.arn;
        }
        let physical = declared.physical.clone();
        self.declared.push(declared);
        physical
    }

    fn read(mut self) -> Outcome {
        let mut warnings = Vec::new();
        let answers = answers(&self.declared, &mut self.symbols, &mut warnings);
        let (mut facts, mut errors) = (Facts::default(), Vec::new());
        for answer in answers {
            let document = self.sources.make(&answer.document);
            let mut reading = Reading {
                sources: &mut self.sources,
                hint: &answer.hint,
                facts: &mut facts,
                errors: &mut errors,
            };
            (answer.read)(&mut reading, document);
        }
        let (graph, more) = facts.finish();
        warnings.extend(more);
        Outcome {
            graph,
            symbols: self.symbols,
            warnings: warnings.into_iter().map(|one| one.message).collect(),
            errors,
        }
    }
}

impl Outcome {
    fn right(self) -> Self {
        assert_eq!(self.errors, []);
        self
    }

    fn role(&self, arn: &str) -> &Role {
        let known: Vec<&String> = self.graph.roles.keys().collect();
        self.graph
            .roles
            .get(arn)
            .unwrap_or_else(|| panic!("{arn} among {known:?}"))
    }

    fn pipeline(&self) -> &Pipeline {
        &self.graph.pipelines[0]
    }

    fn value(&self, arn: &str, path: &str) -> Option<&str> {
        let resource = &self.graph.resources[arn];
        resource.values.get(path).map(|value| value.text.as_str())
    }
}

fn names(role: &Role) -> Vec<&str> {
    let policies = role.inline.known().unwrap();
    policies
        .iter()
        .map(|policy| policy.name.as_deref().unwrap())
        .collect()
}

fn attached(role: &Role) -> Vec<&str> {
    let policies = role.attached.known().unwrap();
    policies.iter().map(|policy| policy.arn.as_str()).collect()
}

const TRUST: &str = "AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {Service: codepipeline.amazonaws.com}, Action: sts:AssumeRole}]}";
const DOCUMENT: &str = "PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}";

#[test]
fn policies_of_all_kinds_come_to_their_role() {
    let mut stacks = Stacks::new();
    stacks.declare(
        TOOLS,
        "AWS::IAM::Policy",
        "ByPolicy",
        &format!("{{PolicyName: by-policy, Roles: [deploy], {DOCUMENT}}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "Deploy",
        &format!("{{RoleName: deploy, Path: /ci/, {TRUST}, ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'], Policies: [{{PolicyName: own, {DOCUMENT}}}], PermissionsBoundary: 'arn:aws:iam::111111111111:policy/edge', Tags: [{{Key: team, Value: ci}}]}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::RolePolicy",
        "ByRolePolicy",
        &format!("{{PolicyName: by-role-policy, RoleName: deploy, {DOCUMENT}}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::ManagedPolicy",
        "Managed",
        &format!("{{ManagedPolicyName: managed, Roles: [deploy], {DOCUMENT}}}"),
    );
    stacks.declare(
        PROD,
        "AWS::IAM::Role",
        "Other",
        &format!("{{RoleName: deploy, {TRUST}}}"),
    );
    let read = stacks.read().right();
    let role = read.role("arn:aws:iam::111111111111:role/ci/deploy");
    assert_eq!(names(role), ["by-policy", "by-role-policy", "own"]);
    assert_eq!(
        attached(role),
        [
            "arn:aws:iam::111111111111:policy/managed",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        ]
    );
    assert!(role.trust.known().is_some());
    assert_eq!(
        role.boundary.known().unwrap().arn,
        "arn:aws:iam::111111111111:policy/edge"
    );
    assert_eq!(role.tags.known().unwrap()["team"], "ci");
    let managed = &read.graph.policies["arn:aws:iam::111111111111:policy/managed"];
    assert!(managed.document.known().is_some());
    // Policies of one account do not come to the role of the same name in another.
    let other = read.role("arn:aws:iam::222222222222:role/deploy");
    assert_eq!(names(other), [""; 0]);
    assert_eq!(attached(other), [""; 0]);
    assert_eq!(other.boundary, Fact::Absent);
    assert_eq!(read.warnings, [""; 0]);
}

#[test]
fn a_role_without_a_name_has_one_that_nobody_can_foretell_but_its_policies_find_it() {
    let mut stacks = Stacks::new();
    let name = stacks.declare(TOOLS, "AWS::IAM::Role", "Deploy", &format!("{{{TRUST}}}"));
    stacks.declare(
        TOOLS,
        "AWS::IAM::Policy",
        "P",
        &format!("{{PolicyName: p, Roles: ['{name}'], {DOCUMENT}}}"),
    );
    let read = stacks.read().right();
    assert!(name.starts_with("tools-Deploy-"));
    let role = read.role(&format!("arn:aws:iam::111111111111:role/{name}"));
    assert_eq!(names(role), ["p"]);
}

#[test]
fn an_unknown_policy_is_one_whose_document_nobody_has_seen() {
    let mut stacks = Stacks::new();
    let (all, one, statement, effect) = (
        stacks.unknown("All"),
        stacks.unknown("One"),
        stacks.unknown("Statement"),
        stacks.unknown("Effect"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "A",
        &format!("{{RoleName: a, {TRUST}, Policies: '{all}'}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "B",
        &format!("{{RoleName: b, {TRUST}, Policies: [{{PolicyName: known, {DOCUMENT}}}, {{PolicyName: open, PolicyDocument: '{one}'}}]}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "C",
        &format!("{{RoleName: c, {TRUST}, Policies: [{{PolicyName: half, PolicyDocument: {{Statement: ['{statement}', {{Effect: '{effect}', Action: '*', Resource: '*'}}, {{Effect: Deny, Action: 'iam:*', Resource: '*'}}]}}}}]}}"),
    );
    let read = stacks.read().right();
    let role = |name: &str| read.role(&format!("arn:aws:iam::111111111111:role/{name}"));
    assert_eq!(
        (names(role("a")), attached(role("a"))),
        (vec![], vec![all.as_str()])
    );
    assert_eq!(
        (names(role("b")), attached(role("b"))),
        (vec!["known"], vec![one.as_str()])
    );
    assert_eq!(names(role("c")), ["half"]);
    assert_eq!(role("c").inline.known().unwrap()[0].statements.len(), 1);
    assert_eq!(attached(role("c")), [statement.as_str(), effect.as_str()]);
}

#[test]
fn what_is_open_in_a_trust_or_resource_policy_leaves_it_unseen() {
    let mut stacks = Stacks::new();
    let open = stacks.unknown("Open");
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "A",
        &format!("{{RoleName: a, AssumeRolePolicyDocument: '{open}'}}"),
    );
    stacks.declare(TOOLS, "AWS::S3::Bucket", "B", "{BucketName: b}");
    stacks.declare(
        TOOLS,
        "AWS::S3::BucketPolicy",
        "P",
        &format!("{{Bucket: b, PolicyDocument: {{Statement: ['{open}']}}}}"),
    );
    let read = stacks.read().right();
    assert!(
        read.role("arn:aws:iam::111111111111:role/a")
            .trust
            .is_unseen()
    );
    assert!(read.graph.buckets["b"].policy.is_unseen());
}

#[test]
fn unknown_principals_and_conditions_can_be_read() {
    let mut stacks = Stacks::new();
    let open = stacks.unknown("Open");
    let trust = format!(
        "AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: '{open}', Action: sts:AssumeRole, Condition: '{open}'}}, {{Effect: Allow, Principal: {{AWS: ['{open}']}}, Action: sts:AssumeRole, Condition: {{StringEquals: {{'{open}': 'true'}}, Bool: '{open}'}}}}]}}"
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "A",
        &format!("{{RoleName: a, {trust}}}"),
    );
    let read = stacks.read().right();
    let role = read.role("arn:aws:iam::111111111111:role/a");
    let trust = role.trust.known().unwrap();
    let keys = |at: usize| -> Vec<(&str, &str)> {
        let conditions = trust.statements[at].conditions.iter();
        conditions
            .map(|one| (one.operator.text.as_str(), one.key.text.as_str()))
            .collect()
    };
    // What the engine takes for an unknown condition, whatever operator the unknown keys stand under.
    assert_eq!(keys(0), [("StringEquals", open.as_str())]);
    assert_eq!(
        keys(1),
        [
            ("StringEquals", open.as_str()),
            ("StringEquals", open.as_str())
        ]
    );
    let all = trust.statements[0].principals.as_ref().unwrap();
    assert!(all.any_of.iter().all(|one| one.value.text == open));
    assert_eq!(all.any_of.len(), 4);
}

#[test]
fn roles_that_a_parameter_names_are_told_and_those_of_exports_get_the_policy() {
    let mut stacks = Stacks::new();
    let open = stacks.unknown("RoleName");
    stacks.declare(
        TOOLS,
        "AWS::IAM::Policy",
        "Any",
        &format!("{{PolicyName: any, Roles: '{open}', {DOCUMENT}}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Policy",
        "Lone",
        &format!("{{PolicyName: lone, Roles: [exported], {DOCUMENT}}}"),
    );
    let read = stacks.read().right();
    assert_eq!(
        read.warnings,
        [
            "policy `Any` is put to the roles that the parameter `RoleName` names, and nobody knows which they are: no role gets it",
            "inline policy `lone` is left out: no role among the inputs has the name `exported`",
        ]
    );
}

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

const PIPELINE: &str = r#"
RoleArn: ROLE
ArtifactStores:
  - {Region: eu-west-1, ArtifactStore: {Type: S3, Location: artifacts, EncryptionKey: {Id: 'arn:aws:kms:eu-west-1:111111111111:key/k', Type: KMS}}}
  - {Region: us-east-1, ArtifactStore: {Type: S3, Location: artifacts-us}}
RestartExecutionOnUpdate: true
Stages:
  - Name: Source
    Actions:
      - Name: Fetch
        ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeCommit, Version: 1}
        Configuration: {RepositoryName: app, PollForSourceChanges: false, BranchName: main}
        OutputArtifacts: [{Name: App}]
        RunOrder: 1
  - Name: Deploy
    OnFailure: {Result: ROLLBACK}
    Actions:
      - Name: Stack
        ActionTypeId: {Category: Deploy, Owner: AWS, Provider: CloudFormation, Version: '1'}
        Configuration: {ActionMode: CREATE_UPDATE, StackName: app, ParameterOverrides: {Bucket: {'Fn::GetArtifactAtt': [App, BucketName]}}}
        InputArtifacts: [{Name: App}]
        RoleArn: ACTION
        Region: us-east-1
PipelineType: V2
Variables: [{Name: Tag, DefaultValue: latest}]
Triggers: [{ProviderType: CodeStarSourceConnection, GitConfiguration: {SourceActionName: Fetch}}]
"#;

#[test]
fn a_pipeline_is_what_get_pipeline_shows() {
    let mut stacks = Stacks::new();
    let text = PIPELINE
        .replace("ROLE", "arn:aws:iam::111111111111:role/p")
        .replace("ACTION", "arn:aws:iam::222222222222:role/deploy");
    let name = stacks.declare(TOOLS, "AWS::CodePipeline::Pipeline", "Release", &text);
    let read = stacks.read().right();
    let pipeline = read.pipeline();
    assert_eq!(pipeline.name.text, name);
    assert!(has_symbol(&name));
    assert_eq!(
        (pipeline.account.as_str(), pipeline.region.as_deref()),
        (TOOLS, Some("eu-west-1"))
    );
    assert_eq!((pipeline.in_snapshot, pipeline.metadata), (false, None));
    let stores: Vec<&String> = pipeline.artifact_stores.keys().collect();
    assert_eq!(stores, ["eu-west-1", "us-east-1"]);
    let source = &pipeline.stages[0].actions[0];
    assert_eq!(source.type_id.to_string(), "Source/AWS/CodeCommit/1");
    assert_eq!(source.configuration["PollForSourceChanges"].text, "false");
    let deploy = &pipeline.stages[1].actions[0];
    assert_eq!(
        deploy.configuration["ParameterOverrides"].text,
        r#"{"Bucket":{"Fn::GetArtifactAtt":["App","BucketName"]}}"#
    );
    assert_eq!(
        deploy.role_arn.as_ref().unwrap().text,
        "arn:aws:iam::222222222222:role/deploy"
    );
    assert_eq!(deploy.region.as_ref().unwrap().text, "us-east-1");
    assert_eq!(pipeline.stages[1].gates.len(), 1);
    assert_eq!(pipeline.pipeline_type.as_ref().unwrap().text, "V2");
    assert_eq!(pipeline.variables[0].name.text, "Tag");
    assert_eq!(
        pipeline.triggers[0].source_action.as_ref().unwrap().text,
        "Fetch"
    );
}

#[test]
fn placeholders_and_unknown_values_of_a_pipeline_are_no_errors() {
    let mut stacks = Stacks::new();
    let role = stacks.unknown("RoleArn");
    let text = PIPELINE
        .replace("ROLE", &format!("'{role}'"))
        .replace("ACTION", "'arn:aws:iam::TEST_ACCOUNT:role/deploy'")
        .replace("artifacts-us", "''");
    stacks.declare(TOOLS, "AWS::CodePipeline::Pipeline", "Release", &text);
    let again = text.replace(
        "'arn:aws:iam::TEST_ACCOUNT:role/deploy'",
        "'arn:aws:iam:::role/deploy'",
    );
    stacks.declare(TOOLS, "AWS::CodePipeline::Pipeline", "Second", &again);
    let third = text.replace("'arn:aws:iam::TEST_ACCOUNT:role/deploy'", "TBD");
    stacks.declare(TOOLS, "AWS::CodePipeline::Pipeline", "Third", &third);
    let read = stacks.read().right();
    assert_eq!(read.pipeline().role_arn.text, role);
    assert_eq!(read.pipeline().account, TOOLS);
    let shown = |at: usize| {
        let deploy = &read.graph.pipelines[at].stages[1].actions[0];
        read.symbols
            .shown(&deploy.role_arn.as_ref().unwrap().text)
            .into_owned()
    };
    assert_eq!(shown(0), "arn:aws:iam::<TEST_ACCOUNT>:role/deploy");
    assert_eq!(shown(1), "arn:aws:iam::<account>:role/deploy");
    assert_eq!(shown(2), "<TBD>");
    let store = &read.pipeline().artifact_stores["us-east-1"].location.text;
    assert_eq!(read.symbols.shown(store), "<Location>");
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
fn a_serverless_function_gets_a_role() {
    let mut stacks = Stacks::new();
    stacks.declare(TOOLS, "AWS::Serverless::Function", "Hook", "{FunctionName: hook, Policies: [AmazonS3ReadOnlyAccess, 'arn:aws:iam::111111111111:policy/own', {Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}, {CodePipelineLambdaExecutionPolicy: {}}, {DynamoDBCrudPolicy: {TableName: t}}]}");
    stacks.declare(
        TOOLS,
        "AWS::Serverless::Function",
        "With",
        "{FunctionName: with, Role: 'arn:aws:iam::111111111111:role/own'}",
    );
    let read = stacks.read().right();
    let arn = read
        .value(
            "arn:aws:lambda:eu-west-1:111111111111:function:hook",
            "Configuration.Role",
        )
        .unwrap();
    assert!(
        arn.starts_with("arn:aws:iam::111111111111:role/tools-HookRole-"),
        "{arn}"
    );
    let role = read.role(arn);
    assert_eq!(names(role), ["HookRolePolicy2", "HookRolePolicy3"]);
    let shown: Vec<String> = attached(role)
        .iter()
        .map(|arn| read.symbols.shown(arn).into_owned())
        .collect();
    assert_eq!(
        shown,
        [
            "arn:aws:iam::111111111111:policy/own",
            "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            "<DynamoDBCrudPolicy>",
        ]
    );
    assert_eq!(read.graph.roles.len(), 1);
    assert_eq!(
        read.value(
            "arn:aws:lambda:eu-west-1:111111111111:function:with",
            "Configuration.Role"
        ),
        Some("arn:aws:iam::111111111111:role/own")
    );
}

#[test]
fn placeholders_in_policies_are_unknown_values() {
    let mut stacks = Stacks::new();
    stacks.declare(TOOLS, "AWS::KMS::Key", "K", "{KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: ['arn:aws:iam::DEV:root', '', '222222222222', 'DEV']}, Action: 'kms:*', Resource: '*'}]}}");
    stacks.declare(TOOLS, "AWS::IAM::Role", "R", &format!("{{RoleName: r, {TRUST}, Policies: [{{PolicyName: p, PolicyDocument: {{Statement: {{Effect: Allow, Action: 's3:*', Resource: ['', 'arn:aws:s3:::b/*']}}}}}}]}}"));
    let read = stacks.read().right();
    let key = read.graph.keys.values().next().unwrap();
    let any_of = &key.policy.known().unwrap().statements[0]
        .principals
        .as_ref()
        .unwrap()
        .any_of;
    let shown: Vec<_> = any_of
        .iter()
        .map(|one| read.symbols.shown(&one.value.text))
        .collect();
    assert_eq!(
        shown,
        [
            "arn:aws:iam::<DEV>:root",
            "<Principal>",
            "222222222222",
            "<DEV>"
        ]
    );
    let role = read.role("arn:aws:iam::111111111111:role/r");
    let resources = role.inline.known().unwrap()[0].statements[0]
        .resources
        .as_ref()
        .unwrap();
    assert!(has_symbol(&resources[0].text));
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
