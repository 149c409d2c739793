//! Pipelines.

use super::*;

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
fn what_a_template_leaves_open_of_a_pipeline_is_left_out_and_told() {
    let mut stacks = Stacks::new();
    let (stage, action, actions, all) = (
        stacks.unknown("Stage"),
        stacks.unknown("Action"),
        stacks.unknown("Actions"),
        stacks.unknown("All"),
    );
    let role = "arn:aws:iam::111111111111:role/p";
    let approve = "{Name: Approve, ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: '1'}}";
    stacks.declare(
        TOOLS,
        "AWS::CodePipeline::Pipeline",
        "Release",
        &format!("{{RoleArn: '{role}', Stages: ['{stage}', {{Name: One, Actions: ['{action}', {approve}]}}, {{Name: Two, Actions: '{actions}'}}]}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::CodePipeline::Pipeline",
        "Whole",
        &format!("{{RoleArn: '{role}', ArtifactStore: '{all}', Stages: '{all}'}}"),
    );
    let read = stacks.read().right();
    let names: Vec<&str> = read
        .pipeline()
        .stages
        .iter()
        .map(|stage| stage.name.text.as_str())
        .collect();
    assert_eq!(names, ["One", "Two"]);
    assert_eq!(read.pipeline().stages[0].actions.len(), 1);
    assert_eq!(read.pipeline().open.len(), 3);
    assert_eq!(read.graph.pipelines[1].open.len(), 1);
    assert_eq!(
        read.graph.pipelines[1]
            .artifact_store
            .as_ref()
            .unwrap()
            .location
            .text,
        all
    );
    assert_eq!(read.warnings.len(), 4, "{:?}", read.warnings);
}
