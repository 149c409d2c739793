//! Secrets in templates and in files with parameters are never printed, in no format, whatever stands beside them.

use std::fs;

use pipeline_preflight::report::{FORMATS, NEEDS_FORMATS};

use crate::cli::{code, err, folder, out, run};

/// Every secret of the template holds this word.
const WORD: &str = "hunter";

/// Secrets beside whatever a finding may point at: faulty types, foreign roles, missing keys and permissions.
const TEMPLATE: &str = r#"AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Account: { Type: String, Default: '222222222222' }
  Pat: { Type: String, NoEcho: true, Default: hunter1 }
  GitHubToken:
    Type: String
    Default: hunter2
  Given: { Type: String, NoEcho: 'true' }
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: codepipeline.amazonaws.com}, Action: sts:AssumeRole}]
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: !Sub 'arn:aws:iam::${Account}:role/build'
      Environment:
        ComputeType: BUILD_GENERAL1_SMALL
        EnvironmentVariables:
          - Name: DB
            Value: hunter3
          - { Name: KEY, Type: PLAINTEXT, Value: hunter4 }
          - Name: SUBBED
            Value: !Sub 'x-${Given}-hunter5'
      Source: { Type: CODEPIPELINE }
      Artifacts: { Type: CODEPIPELINE }
  Hook:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: hook
      Role: !GetAtt Role.Arn
      Environment: { Variables: { DB: hunter6 } }
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: release
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: { Type: S3, Location: artifacts }
      Stages:
        - Name: Source
          Actions:
            - Name: Fetch
              ActionTypeId: { Category: Source, Owner: ThirdParty, Provider: GitHub, Version: '1' }
              Configuration:
                Owner: example
                Repo: app
                OAuthToken: hunter7
                Nonsense: true
              OutputArtifacts: [ { Name: App } ]
            - Name: Again
              ActionTypeId: { Category: Source, Owner: ThirdParty, Provider: GitHub, Version: '1' }
              Configuration: { Owner: example, Repo: app, Branch: main, OAuthToken: !Ref Pat }
              OutputArtifacts: [ { Name: Two } ]
        - Name: Build
          Actions:
            - Name: Build
              ActionTypeId: { Category: Build, Owner: AWS, Provider: CodeBuild, Version: '1' }
              Configuration:
                ProjectName: !Ref Build
                EnvironmentVariables: '[{"name":"A","value":"hunter8","type":"PLAINTEXT"}]'
                Nonsense: true
              InputArtifacts: [ { Name: App } ]
              RoleArn: !Sub 'arn:aws:iam::${Account}:role/act'
            - Name: Call
              ActionTypeId: { Category: Invoke, Owner: AWS, Provider: Lambda, Version: '1' }
              Configuration: { FunctionName: !Ref Hook }
"#;

#[test]
fn no_secret_of_a_template_or_of_its_parameters_is_printed() {
    let folder = folder();
    fs::write(folder.path().join("tools.yaml"), TEMPLATE).unwrap();
    let list = r#"[{"ParameterKey": "Account", "ParameterValue": "333333333333"},
{"ParameterKey": "Given", "ParameterValue": "hunter9"}]"#;
    let plain = r#"{"Account": "333333333333", "Given": "hunter9"}"#;
    for (text, beside) in [
        (Some(plain), r#""Given": *********}"#),
        (Some(list), r#""ParameterValue": *********}]"#),
        (
            None,
            "Pat: { Type: String, NoEcho: true, Default: ******* }",
        ),
    ] {
        let mut stack = "tools.yaml,account=111111111111,region=eu-west-1".to_owned();
        if let Some(text) = text {
            fs::write(folder.path().join("parameters.json"), text).unwrap();
            stack.push_str(",parameters=parameters.json");
        }
        let check = FORMATS.iter().map(|format| ("check", format.name));
        let needs = NEEDS_FORMATS
            .iter()
            .map(|format| ("requirements", format.name));
        for (command, format) in check.chain(needs) {
            let words = [command, "--stack", &stack, "--format", format];
            let output = run(folder.path(), words);
            assert!(code(&output) < 2, "{}", err(&output));
            assert!(!out(&output).contains(WORD), "{words:?}\n{}", out(&output));
            assert!(!err(&output).contains(WORD), "{words:?}\n{}", err(&output));
        }
        // Findings do stand beside the secrets, so what hides them is put to the test.
        let output = run(folder.path(), ["check", "--stack", &stack]);
        for beside in ["OAuthToken: *******", "Nonsense", beside] {
            assert!(out(&output).contains(beside), "{beside}\n{}", out(&output));
        }
    }
}
