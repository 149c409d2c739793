//! What people and programs get to see of findings: snapshots at fixed widths, and what must never be in them.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test states its expectation by panicking, in what its tests share too"
)]

use pipeline_preflight::check::{
    Affected, Decided, Finding, Label, ReportLayer, Result, Suggestion, Summary,
};
use pipeline_preflight::report::{FORMATS, Rendering, Style, format};
use pipeline_preflight::rules::Severity;
use pipeline_preflight::source::{Node, Origin, SourceId, Sources};
use serde_json::json;

const PIPELINE: &str = r#"{
  "pipeline": {
    "name": "app-release",
    "roleArn": "arn:aws:iam::111111111111:role/PipelineRole",
    "stages": [
      {
        "name": "Source",
        "actions": [
          {
            "name": "GitHub",
            "configuration": {
              "Owner": "example",
              "OAuthToken": "ghp_verysecret",
              "Branch": "main"
            }
          }
        ]
      },
      {
        "name": "Deploy",
        "actions": [
          {
            "name": "CreateChangeSet",
            "roleArn": "arn:aws:iam::222222222222:role/DeployRole",
            "configuration": {
              "EnvironmentVariables": "[{\"name\":\"KEY\",\"value\":\"plainsecret\",\"type\":\"PLAINTEXT\"}]",
              "StackName": "app"
            }
          }
        ]
      }
    ]
  }
}
"#;

const ROLE: &str = r#"Role:
  RoleName: DeployRole
  Arn: arn:aws:iam::222222222222:role/DeployRole
  AssumeRolePolicyDocument:
    Version: '2012-10-17'
    Statement:
      - Effect: Allow
        Principal:
          Service: codepipeline.amazonaws.com
        Action: sts:AssumeRole
"#;

const PIPELINE_ARN: &str = "arn:aws:codepipeline:eu-west-1:111111111111:app-release";

/// A key's export: its policy is one line of some thousand characters.
fn key() -> String {
    let mut statements: Vec<_> = (0..20)
        .map(|number| {
            json!({
                "Sid": format!("Other{number}"), "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::333333333333:root"},
                "Action": ["kms:DescribeKey"], "Resource": "*"
            })
        })
        .collect();
    statements.insert(
        12,
        json!({
            "Sid": "Use", "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111111111111:role/PipelineRole"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"
        }),
    );
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    serde_json::to_string_pretty(&json!({
        "KeyMetadata": {"KeyId": "11111111-2222-3333-4444-555555555555"},
        "Policy": policy,
        "Tags": []
    }))
    .unwrap()
}

/// Follows keys and indices from a source's root.
fn at(sources: &Sources, source: SourceId, path: &[&str]) -> Origin {
    let mut node: Node<'_> = sources.roots(source)[0];
    for step in path {
        node = match step.parse::<usize>() {
            Ok(index) => node.items()[index],
            Err(_) => node.get(step).unwrap(),
        };
    }
    node.origin()
}

fn label(origin: Origin, text: &str) -> Label {
    Label {
        origin,
        text: text.to_owned(),
    }
}

fn action(stage: &str, action: &str) -> Affected {
    Affected {
        pipeline: PIPELINE_ARN.to_owned(),
        stage: stage.to_owned(),
        action: action.to_owned(),
    }
}

/// A run with one finding of each kind.
fn run() -> (Sources, Result) {
    let mut sources = Sources::new();
    let pipeline = sources.add("./pipeline.json", PIPELINE.as_bytes()).unwrap();
    let role = sources
        .add(
            "accounts/222222222222/iam/roles/DeployRole.json",
            ROLE.as_bytes(),
        )
        .unwrap();
    let key = sources
        .add("accounts/111111111111/kms/key.json", key().as_bytes())
        .unwrap();
    let key_policy = sources.add_nested(at(&sources, key, &["Policy"])).unwrap();
    let deploy = ["pipeline", "stages", "1", "actions", "0"];
    let deploy_role = at(&sources, pipeline, &[&deploy[..], &["roleArn"]].concat());
    let findings = vec![
        Finding {
            rule: "trust-missing".to_owned(),
            severity: Severity::Error,
            decision: Decided::Denied,
            layer: ReportLayer::Trust,
            principals: vec!["arn:aws:iam::111111111111:role/PipelineRole".to_owned()],
            operations: vec!["sts:AssumeRole".to_owned()],
            resources: vec!["arn:aws:iam::222222222222:role/DeployRole".to_owned()],
            message: "`arn:aws:iam::222222222222:role/DeployRole` does not let `arn:aws:iam::111111111111:role/PipelineRole` assume it".to_owned(),
            help: "an action role is assumed by the pipeline's service role, not by the service: name that role, or its account, as a principal".to_owned(),
            documentation: vec![
                "https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html".to_owned(),
            ],
            affects: vec![action("Deploy", "CreateChangeSet")],
            missing: Vec::new(),
            labels: vec![
                label(
                    at(
                        &sources,
                        role,
                        &["Role", "AssumeRolePolicyDocument", "Statement", "0", "Principal", "Service"],
                    ),
                    "only the service is let in here",
                ),
                label(deploy_role, "the action is to run as this role"),
            ],
            suggestion: Some(Suggestion {
                add_to: "the trust policy of `arn:aws:iam::222222222222:role/DeployRole`".to_owned(),
                statement: json!({
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::111111111111:role/PipelineRole"},
                    "Action": "sts:AssumeRole"
                }),
            }),
        },
        Finding {
            rule: "key-policy-missing".to_owned(),
            severity: Severity::Warning,
            decision: Decided::Denied,
            layer: ReportLayer::KeyPolicy,
            principals: vec![
                "arn:aws:iam::222222222222:role/DeployRole".to_owned(),
                "arn:aws:iam::222222222222:role/CloudFormationRole".to_owned(),
            ],
            operations: vec!["kms:Decrypt".to_owned(), "kms:DescribeKey".to_owned()],
            resources: vec![
                "arn:aws:kms:eu-west-1:111111111111:key/11111111-2222-3333-4444-555555555555".to_owned(),
            ],
            message: "the key policy does not let two roles of account 222222222222 decrypt artifacts".to_owned(),
            help: "add both roles to the key policy".to_owned(),
            documentation: Vec::new(),
            affects: (1..=7).map(|number| action("Deploy", &format!("Step{number}"))).collect(),
            missing: Vec::new(),
            labels: vec![label(
                at(&sources, key_policy, &["Statement", "12", "Principal", "AWS"]),
                "the statement that comes nearest names only the pipeline's own role",
            )],
            suggestion: None,
        },
        Finding {
            rule: "organization-policies-unseen".to_owned(),
            severity: Severity::Note,
            decision: Decided::Undecided,
            layer: ReportLayer::Scp,
            principals: vec!["arn:aws:iam::222222222222:role/DeployRole".to_owned()],
            operations: vec!["cloudformation:CreateChangeSet".to_owned()],
            resources: vec!["arn:aws:cloudformation:eu-west-1:222222222222:stack/app/*".to_owned()],
            message: "whether the organization lets `DeployRole` do this is not known".to_owned(),
            help: "add the organization's policies to the inputs".to_owned(),
            documentation: Vec::new(),
            affects: vec![action("", "")],
            missing: vec![
                "the service control policies of account `222222222222`: `aws organizations list-policies-for-target`".to_owned(),
            ],
            labels: vec![
                label(
                    at(&sources, pipeline, &[&deploy[..], &["configuration", "StackName"]].concat()),
                    "",
                ),
                label(
                    at(
                        &sources,
                        pipeline,
                        &["pipeline", "stages", "0", "actions", "0", "configuration", "Branch"],
                    ),
                    "the branch\u{1b}[31m",
                ),
            ],
            suggestion: None,
        },
    ];
    let summary = Summary {
        pipelines: 1,
        actions: 8,
        requirements: 47,
        allowed: 41,
        denied: 4,
        undecided: 2,
        errors: 1,
        warnings: 1,
        notes: 1,
        unrecognised: 0,
    };
    let result = Result {
        summary,
        findings,
        ..Result::default()
    };
    (sources, result)
}

fn rendered(name: &str, style: Style) -> String {
    let (sources, result) = run();
    let mut bytes = Vec::new();
    let rendering = Rendering {
        result: &result,
        sources: &sources,
        style,
    };
    (format(name).unwrap().render)(&rendering, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn human_at_80_columns() {
    insta::assert_snapshot!(rendered("human", Style::plain(80)));
}

#[test]
fn human_at_100_columns() {
    insta::assert_snapshot!(rendered("human", Style::plain(100)));
}

#[test]
fn human_in_ascii() {
    let style = Style {
        unicode: false,
        ..Style::plain(80)
    };
    let report = rendered("human", style);
    assert!(report.is_ascii(), "{report}");
    insta::assert_snapshot!(report);
}

#[test]
fn colours_change_nothing_but_colours() {
    let style = Style {
        color: true,
        ..Style::plain(80)
    };
    let report = rendered("human", style);
    assert!(report.contains("\u{1b}[1;31merror[trust-missing]\u{1b}[0m"));
    let mut plain = String::new();
    let mut rest = report.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    let trimmed = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    assert_eq!(
        trimmed(&plain),
        trimmed(&rendered("human", Style::plain(80)))
    );
}

#[test]
fn marks_over_several_lines() {
    let (sources, mut result) = run();
    let source =
        |finding: usize, label: usize| result.findings[finding].labels[label].origin.source();
    let (role, pipeline) = (source(0, 0), source(0, 1));
    let document = ["Role", "AssumeRolePolicyDocument", "Statement", "0"];
    result.findings.truncate(1);
    result.findings[0].suggestion = None;
    result.findings[0].labels = vec![
        label(at(&sources, role, &document), "the only statement"),
        label(
            at(
                &sources,
                role,
                &[&document[..], &["Principal", "Service"]].concat(),
            ),
            "only the service is let in here",
        ),
        label(
            at(&sources, pipeline, &["pipeline", "stages", "1"]),
            "nothing in this stage can run",
        ),
    ];
    let mut bytes = Vec::new();
    let rendering = Rendering {
        result: &result,
        sources: &sources,
        style: Style::plain(80),
    };
    (format("human").unwrap().render)(&rendering, &mut bytes).unwrap();
    insta::assert_snapshot!(String::from_utf8(bytes).unwrap());
}

#[test]
fn json_is_schema_version_1() {
    let report = rendered("json", Style::plain(80));
    assert!(report.ends_with("}\n"));
    insta::assert_snapshot!(report);
}

#[test]
fn no_secret_reaches_any_format() {
    for format in FORMATS {
        for width in [40, 80, 120] {
            let report = rendered(format.name, Style::plain(width));
            assert!(!report.contains("verysecret"), "{report}");
            assert!(!report.contains("plainsecret"), "{report}");
        }
    }
}

#[test]
fn no_line_of_a_source_floods_the_terminal() {
    for width in [40, 60, 80, 100, 120] {
        for unicode in [true, false] {
            let style = Style {
                unicode,
                ..Style::plain(width)
            };
            let report = rendered("human", style);
            for line in report.lines().filter(|line| line.contains("Other")) {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn quiet_leaves_out_the_summary_and_nothing_else() {
    let whole = rendered("human", Style::plain(80));
    let quiet = rendered(
        "human",
        Style {
            quiet: true,
            ..Style::plain(80)
        },
    );
    let rest = whole.strip_prefix(&quiet).unwrap();
    assert!(rest.starts_with("1 pipeline, 8 actions: "), "{rest}");
}

#[test]
fn a_run_without_findings_says_so() {
    let result = Result {
        summary: Summary {
            pipelines: 2,
            actions: 1,
            requirements: 3,
            allowed: 3,
            ..Summary::default()
        },
        ..Result::default()
    };
    let mut bytes = Vec::new();
    let rendering = Rendering {
        result: &result,
        sources: &Sources::new(),
        style: Style::plain(80),
    };
    (format("human").unwrap().render)(&rendering, &mut bytes).unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "2 pipelines, 1 action: 3 requirements: 3 allowed, 0 denied, 0 undecided\nno findings\n"
    );
}
