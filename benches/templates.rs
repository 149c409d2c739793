//! Templates: a whole check of the largest one of the corpus, and of one of five megabytes, against parsing the same text.
//!
//! `cargo bench --bench templates` prints, before the table, how many times longer the check takes than the parser alone.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark says what it takes for granted by panicking, and what it measured by printing"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use divan::{Bencher, black_box};
use pipeline_preflight::check::{self, Options};
use pipeline_preflight::load::{self, Input, Settings, StackInput};
use pipeline_preflight::report::{FORMATS, Rendering, Style};
use pipeline_preflight::rules::Catalogue;
use pipeline_preflight::source::Sources;

fn main() {
    for (name, text) in [("largest", largest()), ("five megabytes", synthetic())] {
        let rounds = if text.len() > 1_000_000 { 5 } else { 100 };
        let world = World::of(&text);
        let parsed = shortest(rounds, || {
            black_box(parse(&text));
        });
        let checked = shortest(rounds, || {
            black_box(world.check());
        });
        let stages = world.stages(rounds);
        println!("  {stages:?}");
        println!(
            "{name}: {} bytes, parsed in {parsed:?}, checked in {checked:?}: {:.2} times as long",
            text.len(),
            checked.as_secs_f64() / parsed.as_secs_f64()
        );
    }
    divan::main();
}

fn shortest(rounds: u32, mut work: impl FnMut()) -> Duration {
    let measured = (0..rounds).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    measured.min().expect("a round")
}

/// The largest template of the corpus.
fn largest() -> String {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/corpus");
    let files = walkdir::WalkDir::new(corpus)
        .sort_by_file_name()
        .into_iter();
    let files = files.map(|entry| entry.expect("readable").into_path());
    let template = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| {
            name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with("template.json")
        })
    };
    let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |known| known.len());
    let path = files.filter(template).max_by_key(size).expect("a template");
    std::fs::read_to_string(path).expect("a text")
}

/// Projects with a role each, a pipeline that runs a hundred of them, and roles of other people, as people write them.
fn synthetic() -> String {
    const PROJECTS: usize = 2000;
    const RUN: usize = 100;
    let mut text = String::from(HEAD);
    for number in 0..PROJECTS {
        text.push_str(&PROJECT.replace("NUMBER", &number.to_string()));
    }
    text.push_str(PIPELINE);
    for number in 0..RUN {
        text.push_str(&ACTION.replace("NUMBER", &number.to_string()));
    }
    let mut number = 0;
    while text.len() < 5_000_000 {
        number += 1;
        text.push_str(&ROLE.replace("NUMBER", &number.to_string()));
    }
    text
}

fn parse(text: &str) -> serde_yaml::Value {
    serde_yaml::from_str(text).expect("YAML")
}

/// A template on disk, with its home.
struct World {
    _folder: tempfile::TempDir,
    inputs: [Input; 1],
    catalogue: Catalogue,
}

impl World {
    fn of(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let template = folder.path().join("template.yaml");
        std::fs::write(&template, text).expect("written");
        let stack = StackInput {
            template,
            account: Some("111111111111".to_owned()),
            region: Some("eu-west-1".to_owned()),
            name: Some("bench".to_owned()),
            ..StackInput::default()
        };
        Self {
            _folder: folder,
            inputs: [Input::Stack(stack)],
            // A run reads the rules once, whatever it is given, and that is a benchmark of its own.
            catalogue: Catalogue::builtin().expect("sound rules"),
        }
    }

    fn stages(&self, rounds: u32) -> [Duration; 3] {
        let source = shortest(rounds, || {
            let Input::Stack(stack) = &self.inputs[0] else {
                return;
            };
            let bytes = std::fs::read(&stack.template).expect("read");
            let mut sources = Sources::new();
            black_box(sources.add("a", &bytes)).expect("ok");
            black_box(sources);
        });
        let loading = shortest(rounds, || {
            let mut sources = Sources::new();
            black_box(
                load::load_with(&mut sources, &self.inputs, &Settings::default()).expect("x"),
            );
            black_box(sources);
        });
        let mut sources = Sources::new();
        let loaded = load::load_with(&mut sources, &self.inputs, &Settings::default()).expect("x");
        let checking = shortest(rounds, || {
            black_box(check::run(
                &loaded.graph,
                &self.catalogue,
                &Options::default(),
            ));
        });
        [source, loading, checking]
    }

    /// From the text to the report.
    fn check(&self) -> Vec<u8> {
        let mut sources = Sources::new();
        let loaded = load::load_with(&mut sources, &self.inputs, &Settings::default());
        let loaded = loaded.expect("a template with a pipeline");
        let result = check::run(&loaded.graph, &self.catalogue, &Options::default());
        let rendering = Rendering {
            result: &result,
            sources: &sources,
            style: Style::plain(100),
        };
        let mut bytes = Vec::new();
        let json = FORMATS.iter().find(|format| format.name == "json");
        let render = json.expect("a format").render;
        render(&rendering, &mut bytes).expect("writing into memory");
        bytes
    }
}

#[divan::bench]
fn parse_largest(bencher: Bencher<'_, '_>) {
    let text = largest();
    bencher.bench_local(|| parse(black_box(&text)));
}

#[divan::bench]
fn check_largest(bencher: Bencher<'_, '_>) {
    let world = World::of(&largest());
    bencher.bench_local(|| black_box(&world).check());
}

#[divan::bench(sample_count = 5)]
fn parse_five_megabytes(bencher: Bencher<'_, '_>) {
    let text = synthetic();
    bencher.bench_local(|| parse(black_box(&text)));
}

#[divan::bench(sample_count = 5)]
fn check_five_megabytes(bencher: Bencher<'_, '_>) {
    let world = World::of(&synthetic());
    bencher.bench_local(|| black_box(&world).check());
}

const HEAD: &str = "\
AWSTemplateFormatVersion: '2010-09-09'
Description: Many builds
Parameters:
  Team: { Type: String, Default: platform }
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: { AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root' }
            Action: kms:*
            Resource: '*'
  Store:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub ${Team}-artifacts-${AWS::AccountId}
";

const ROLE: &str = "  OtherNUMBER:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub ${Team}-other-NUMBER
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: Work
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action:
                  - dynamodb:GetItem
                  - dynamodb:PutItem
                Resource: !Sub arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Team}-NUMBER
";

const PROJECT: &str = "  RoleNUMBER:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal:
              Service: codebuild.amazonaws.com
            Action: sts:AssumeRole
      Path: /builds/
  PolicyNUMBER:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: !Join ['-', [build, !Ref Team, 'NUMBER']]
      Roles:
        - !Ref RoleNUMBER
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action:
              - logs:CreateLogGroup
              - logs:CreateLogStream
              - logs:PutLogEvents
            Resource: !Sub arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/codebuild/*
          - Effect: Allow
            Action:
              - s3:GetObject
              - s3:GetObjectVersion
              - s3:PutObject
            Resource: !Sub ${Store.Arn}/*
          - Effect: Allow
            Action:
              - kms:Decrypt
              - kms:GenerateDataKey*
            Resource: !GetAtt Key.Arn
  ProjectNUMBER:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: !Sub ${Team}-build-NUMBER
      ServiceRole: !GetAtt RoleNUMBER.Arn
      EncryptionKey: !GetAtt Key.Arn
      Artifacts:
        Type: CODEPIPELINE
      Environment:
        Type: LINUX_CONTAINER
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/standard:7.0
        EnvironmentVariables:
          - Name: TEAM
            Value: !Ref Team
      Source:
        Type: CODEPIPELINE
        BuildSpec: |
          version: 0.2
          phases:
            build:
              commands:
                - make build
                - make test
          artifacts:
            files:
              - '**/*'
";

const PIPELINE: &str = "  PipelineRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal:
              Service: codepipeline.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: Run
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action:
                  - codebuild:BatchGetBuilds
                  - codebuild:StartBuild
                Resource: !Sub arn:aws:codebuild:${AWS::Region}:${AWS::AccountId}:project/${Team}-*
              - Effect: Allow
                Action:
                  - s3:*
                Resource:
                  - !GetAtt Store.Arn
                  - !Sub ${Store.Arn}/*
              - Effect: Allow
                Action: kms:*
                Resource: !GetAtt Key.Arn
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: !Sub ${Team}-builds
      RoleArn: !GetAtt PipelineRole.Arn
      ArtifactStore:
        Type: S3
        Location: !Ref Store
        EncryptionKey:
          Id: !GetAtt Key.Arn
          Type: KMS
      Stages:
        - Name: Source
          Actions:
            - Name: Source
              ActionTypeId: { Category: Source, Owner: AWS, Provider: S3, Version: '1' }
              Configuration:
                S3Bucket: !Ref Store
                S3ObjectKey: source.zip
                PollForSourceChanges: false
              OutputArtifacts:
                - Name: Source
        - Name: Build
          Actions:
";

const ACTION: &str = "            - Name: BuildNUMBER
              ActionTypeId:
                Category: Build
                Owner: AWS
                Provider: CodeBuild
                Version: '1'
              Configuration:
                ProjectName: !Ref ProjectNUMBER
              InputArtifacts:
                - Name: Source
              RunOrder: 1
";
