//! What `requirements` lists: true to the references by hand, to `check` where policies are given, and the same bytes every time.

#![expect(
    clippy::unwrap_used,
    reason = "a test states its expectation by panicking, in what its tests share too"
)]

use std::path::{Path, PathBuf};

use pipeline_preflight::check::needs::{Needs, Policies, needs};
use pipeline_preflight::check::{self, Decided, Options};
use pipeline_preflight::load::{self, Input};
use pipeline_preflight::report::{NEEDS_FORMATS, Style};
use pipeline_preflight::rules::Catalogue;
use pipeline_preflight::source::Sources;
use serde_json::Value;

use crate::world::{cases, fixtures};

pub(crate) fn of_inputs(inputs: &[PathBuf]) -> Needs {
    let inputs: Vec<Input> = inputs.iter().cloned().map(Input::Path).collect();
    let mut sources = Sources::new();
    let loaded = load::load(&mut sources, &inputs).unwrap();
    needs(
        &loaded.graph,
        &Catalogue::builtin().unwrap(),
        &Options::default(),
    )
}

fn of_case(case: &str) -> Needs {
    of_inputs(&[fixtures("cases").join(case)])
}

/// The pipelines of a case, and nothing else of it.
fn pipelines(case: &str) -> Vec<PathBuf> {
    let folder = fixtures("cases").join(case);
    let files = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter();
    let files = files.map(|entry| entry.unwrap().into_path());
    let of_pipeline =
        |path: &PathBuf| path.is_file() && path.parent().unwrap().ends_with("codepipeline");
    files.filter(of_pipeline).collect()
}

fn written(needs: &Needs, format: &str, width: usize) -> String {
    let format = NEEDS_FORMATS.iter().find(|one| one.name == format).unwrap();
    let mut bytes = Vec::new();
    (format.render)(needs, Style::plain(width), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn json(needs: &Needs) -> Value {
    serde_json::from_str(&written(needs, "json", 100)).unwrap()
}

/// One line as a reader looks for it: who, what, on what, how certain, and which policies grant it.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// Whether a document has that line.
fn has(document: &Value, (who, operation, resource, certainty, layers): &Row) -> bool {
    let lists = ["principals", "unnamed_roles"];
    let principals = lists
        .iter()
        .flat_map(|list| document[*list].as_array().unwrap());
    principals
        .filter(|one| one["principal"].as_str().unwrap().ends_with(who))
        .flat_map(|one| one["requirements"].as_array().unwrap())
        .any(|line| {
            let granted = line["granted_by"].as_array().unwrap();
            let granted: Vec<&str> = granted
                .iter()
                .map(|it| it["layer"].as_str().unwrap())
                .collect();
            let operations = line["operations"].as_array().unwrap();
            operations.iter().any(|one| one == operation)
                && line["resource"].as_str().unwrap().ends_with(resource)
                && line["certainty"] == *certainty
                && granted.join(" ") == *layers
        })
}

/// What AWS's pages and the authors of the five systems say has to be granted, by hand: one row of each kind for each system.
const BY_HAND: &[(&str, &[Row])] = &[
    (
        "cfn-cross-account/fixed",
        &[
            (
                "/ShopPipelineRole",
                "sts:AssumeRole",
                ":role/ShopDeployRole",
                "necessary",
                "identity trust",
            ),
            (
                "/ShopDeployRole",
                "iam:PassRole",
                ":role/ShopCloudFormationExecutionRole",
                "necessary",
                "identity",
            ),
            (
                "/ShopDeployRole",
                "cloudformation:CreateChangeSet",
                ":222222222222:stack/shop-production/*",
                "necessary",
                "identity",
            ),
            (
                "/ShopDeployRole",
                "s3:GetObject",
                "/shop-infrastructure/*",
                "necessary",
                "identity bucket-policy",
            ),
            (
                "cloudformation.amazonaws.com",
                "sts:AssumeRole",
                ":role/ShopCloudFormationExecutionRole",
                "necessary",
                "trust",
            ),
            (
                "codepipeline.amazonaws.com",
                "sts:AssumeRole",
                "/ShopPipelineRole",
                "necessary",
                "trust",
            ),
        ],
    ),
    (
        "codebuild-app-account/fixed",
        &[
            (
                "/BookingBuildActionRole",
                "codebuild:StartBuild",
                ":222222222222:project/booking-build",
                "necessary",
                "identity",
            ),
            (
                "/BookingBuildRole",
                "s3:PutObject",
                "/booking/*",
                "necessary",
                "identity bucket-policy",
            ),
            (
                "/BookingBuildRole",
                "kms:GenerateDataKey",
                ":key/497db5c9-4023-4ab0-a858-7a34037c8fbb",
                "necessary",
                "identity key-policy",
            ),
            (
                "codebuild.amazonaws.com",
                "sts:AssumeRole",
                "/BookingBuildRole",
                "necessary",
                "trust",
            ),
        ],
    ),
    (
        "codecommit-child-role/fixed",
        &[
            (
                "/BillingPipelineRole",
                "sts:AssumeRole",
                "333333333333:role/ChildRole",
                "necessary",
                "identity trust",
            ),
            (
                "/ChildRole",
                "codecommit:UploadArchive",
                ":333333333333:billing-api",
                "necessary",
                "identity",
            ),
            (
                "/ChildRole",
                "s3:PutObject",
                "-billing/billing-api/*",
                "necessary",
                "identity bucket-policy",
            ),
            (
                "/ChildRole",
                "kms:GenerateDataKey",
                ":key/998ea3e0-1957-461e-a289-dbb2243c08ec",
                "necessary",
                "identity key-policy",
            ),
        ],
    ),
    (
        "codedeploy-ecs/fixed",
        &[
            (
                "/StorefrontDeployRole",
                "codedeploy:CreateDeployment",
                ":deploymentgroup:storefront/storefront-blue-green",
                "necessary",
                "identity",
            ),
            (
                "/StorefrontDeployRole",
                "ecs:RegisterTaskDefinition",
                ":task-definition/*:*",
                "necessary",
                "identity",
            ),
            (
                "/StorefrontDeployRole",
                "iam:PassRole",
                ":role/*",
                "necessary",
                "identity",
            ),
            (
                "ecs-tasks.amazonaws.com",
                "sts:AssumeRole",
                "/StorefrontTaskRole",
                "conditional",
                "trust",
            ),
        ],
    ),
    (
        "ecr-to-ecs/fixed",
        &[
            (
                "/OrdersPipelineRole",
                "sts:AssumeRole",
                "111111111111:role/OrdersImageSourceRole",
                "necessary",
                "identity trust",
            ),
            (
                "/OrdersPipelineRole",
                "ecs:UpdateService",
                ":222222222222:service/backend/orders",
                "necessary",
                "identity",
            ),
            (
                "/OrdersPipelineRole",
                "s3:GetObject",
                "/orders-service-image/*",
                "necessary",
                "identity",
            ),
            (
                "/OrdersImageSourceRole",
                "ecr:DescribeImages",
                ":111111111111:repository/orders",
                "necessary",
                "identity",
            ),
            (
                "/OrdersImageSourceRole",
                "s3:PutObject",
                "/orders-service-image/*",
                "necessary",
                "identity bucket-policy",
            ),
            (
                "/OrdersImageSourceRole",
                "kms:GenerateDataKey",
                ":key/41dd2687-5df6-44e9-a30a-aa2cb520e858",
                "necessary",
                "identity key-policy",
            ),
        ],
    ),
];

#[test]
fn the_five_systems_give_the_lines_that_their_references_demand() {
    for (case, rows) in BY_HAND {
        let document = json(&of_case(case));
        for row in *rows {
            assert!(has(&document, row), "{case}: {row:?} in\n{document:#}");
        }
    }
}

/// Where everything works every line is allowed, in whatever groups it stands.
#[test]
fn in_fixed_systems_every_line_is_allowed() {
    for case in cases().iter().filter(|case| case.ends_with("/fixed")) {
        let found = of_case(case);
        let counts = found.summary;
        assert!(counts.requirements > 10, "{case}");
        // What a role needs that no input can name is the one thing that stays open.
        let open: usize = found.unnamed.iter().map(|role| role.needs.len()).sum();
        assert_eq!(counts.allowed + open, counts.requirements, "{case}");
        assert!(found.unchecked.is_empty(), "{case}");
    }
}

/// What `check` finds denied is missing here, and nothing is missing that it does not find.
#[test]
fn a_line_is_missing_where_check_finds_something() {
    let catalogue = Catalogue::builtin().unwrap();
    for case in cases() {
        let folder = fixtures("cases").join(&case);
        let loaded = load::load(&mut Sources::new(), &[Input::Path(folder)]).unwrap();
        let result = check::run(&loaded.graph, &catalogue, &Options::default());
        let document = json(&needs(&loaded.graph, &catalogue, &Options::default()));
        let lines = |principal: &str| {
            let all = document["principals"].as_array().unwrap();
            let own: Vec<Value> = all
                .iter()
                .filter(|one| one["principal"] == principal)
                .flat_map(|one| one["requirements"].as_array().unwrap().clone())
                .filter(|line| line["decision"] == "missing")
                .collect();
            own
        };
        let denied = result
            .findings
            .iter()
            .filter(|finding| finding.decision == Decided::Denied);
        let mut any = false;
        for finding in denied {
            any = true;
            let layer = finding.layer.name();
            let listed = finding.principals.iter().any(|principal| {
                lines(principal).iter().any(|line| {
                    let operations = line["operations"].as_array().unwrap();
                    line["withheld_by"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|it| it == layer)
                        && operations
                            .iter()
                            .any(|it| finding.operations.iter().any(|one| it == one))
                })
            });
            assert!(listed, "{case}: {} at {layer}", finding.rule);
        }
        let missing = document["summary"]["missing"].as_u64().unwrap() > 0;
        let structure = result
            .findings
            .iter()
            .any(|finding| finding.decision == Decided::Structure);
        assert!(!missing || any || structure, "{case}");
    }
}

/// Before any policy exists nothing is marked: "undecided" on every line would be noise.
#[test]
fn a_pipeline_alone_is_enough_and_nothing_is_marked() {
    for case in cases() {
        let alone = of_inputs(&pipelines(&case));
        let counts = alone.summary;
        assert!(counts.requirements > 5, "{case}");
        assert_eq!(
            counts.allowed + counts.missing + counts.undecided,
            0,
            "{case}"
        );
        let named = alone
            .principals
            .iter()
            .filter(|one| one.name.starts_with("arn:"));
        assert!(named.clone().count() > 0);
        assert!(
            named
                .into_iter()
                .all(|one| one.policies == Policies::NotGiven),
            "{case}"
        );
    }
}

/// Whether policies are given changes the marks, not what is needed.
#[test]
fn the_lines_do_not_depend_on_the_policies() {
    let all = |needs: &Needs| {
        let principals = needs.principals.iter();
        let mut lines: Vec<_> = principals
            .filter(|one| one.name.starts_with("arn:"))
            .flat_map(|one| {
                one.needs.iter().flat_map(|need| {
                    let operations = need.operations.iter();
                    operations.map(|it| (one.name.clone(), it.clone()))
                })
            })
            .collect();
        lines.sort();
        lines
    };
    let alone = all(&of_inputs(&pipelines("ecr-to-ecs/fixed")));
    let given = all(&of_case("ecr-to-ecs/fixed"));
    // What is seen makes a resource narrower (the task definition of a service), and names more roles.
    for line in &alone {
        assert!(given.contains(line), "{line:?}");
    }
}

#[test]
fn what_no_input_names_says_which_export_tells() {
    let needs = of_inputs(&pipelines("codebuild-app-account/broken"));
    let build = &needs.unnamed[0];
    assert_eq!(build.name, "CodeBuild service role");
    assert_eq!(build.assumed_by, ["codebuild.amazonaws.com"]);
    assert!(
        build.unknown[0]
            .supply
            .contains("aws codebuild batch-get-projects --names booking-build")
    );
    assert!(
        build.unknown[0]
            .supply
            .contains("222222222222/ap-southeast-2/codebuild/booking-build.json")
    );
    assert!(
        build
            .needs
            .iter()
            .any(|need| need.operations == ["s3:PutObject"])
    );
    // The other project is another unknown.
    assert_eq!(needs.unnamed.len(), 2);
}

#[test]
fn a_role_that_cannot_be_passed_is_granted_by_nobody() {
    let needs = of_inputs(&pipelines("cfn-cross-account/broken"));
    let role = &needs.principals[0];
    let pass = |need: &&check::needs::Need| need.operations == ["iam:PassRole"];
    let pass = role.needs.iter().find(pass).unwrap();
    assert!(pass.grants.is_empty());
    assert!(
        pass.remark
            .as_deref()
            .unwrap()
            .contains("inside its own account")
    );
}

#[test]
fn what_is_printed_is_kept() {
    let systems = [
        (
            "codebuild-app-account--pipeline-alone",
            of_inputs(&pipelines("codebuild-app-account/broken")),
        ),
        ("codedeploy-ecs--broken", of_case("codedeploy-ecs/broken")),
    ];
    for (name, needs) in systems {
        for format in NEEDS_FORMATS {
            let text = written(&needs, format.name, 100);
            insta::assert_snapshot!(format!("{name}.{}", format.name), text);
        }
        let narrow = written(&needs, "human", 80);
        for line in narrow.lines().filter(|line| line.chars().count() > 80) {
            // Only what cannot be broken is wider: an ARN, a link, a command.
            let words = line
                .split_whitespace()
                .filter(|word| word.chars().count() > 20);
            assert!(words.count() > 0 || line.contains('`'), "{line}");
        }
        assert_eq!(narrow, written(&needs, "human", 80));
    }
}

const SECRETS: &str = r#"{"pipeline": {
  "name": "app", "roleArn": "arn:aws:iam::111111111111:role/PipelineRole",
  "artifactStore": {"type": "S3", "location": "artifacts"},
  "stages": [
    {"name": "Source", "actions": [{"name": "GitHub",
      "actionTypeId": {"category": "Source", "owner": "ThirdParty", "provider": "GitHub", "version": "1"},
      "configuration": {"Owner": "o", "Repo": "r", "Branch": "b", "OAuthToken": "ghp_verysecret"},
      "outputArtifacts": [{"name": "Source"}]}]},
    {"name": "Build", "actions": [{"name": "Build",
      "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
      "configuration": {"ProjectName": "app",
        "EnvironmentVariables": "[{\"name\":\"KEY\",\"value\":\"plainsecret\",\"type\":\"PLAINTEXT\"}]"},
      "inputArtifacts": [{"name": "Source"}], "outputArtifacts": [{"name": "Out"}]}]}
  ], "version": 1}}"#;

#[test]
fn secrets_are_in_no_format() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pipeline.json");
    std::fs::write(&file, SECRETS).unwrap();
    let needs = of_inputs(&[file]);
    for format in NEEDS_FORMATS {
        let text = written(&needs, format.name, 100);
        assert!(text.contains("Build"), "{text}");
        for secret in ["ghp_verysecret", "plainsecret"] {
            assert!(!text.contains(secret), "{}: {text}", format.name);
        }
    }
}

/// A rule of the user's own must not print a secret either.
#[test]
fn a_template_may_not_hold_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let providers = folder.path().join("providers");
    std::fs::create_dir(&providers).unwrap();
    let file = "title: worker
documentation: https://wiki.example.com/worker
actions: [{category: Deploy, owner: Custom, provider: Worker, version: \"1\"}]
configuration:
  required: [{key: Token}]
  secret: [Token]
requirements:
  - id: start
    role: action-role
    operations: [sns:Publish]
    resources: [\"arn:${partition}:sns:${region}:${account}:${configuration.Token}\"]
    why: to start
    documentation: https://wiki.example.com/worker
";
    std::fs::write(providers.join("worker.yaml"), file).unwrap();
    let error = Catalogue::with_folder(folder.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`${configuration.Token}` is a secret"),
        "{error}"
    );
    assert!(error.contains("worker.yaml:11:"), "{error}");
}

#[test]
fn markdown_keeps_its_tables() {
    for case in cases() {
        let text = written(&of_case(&case), "markdown", 100);
        let mut columns = 0;
        for line in text.lines() {
            if !line.starts_with('|') {
                columns = 0;
                continue;
            }
            let own = line.replace("\\|", "").matches('|').count();
            assert!(columns == 0 || own == columns, "{case}: {line}");
            columns = own;
        }
        assert!(Path::new(&case).components().count() == 2 && text.ends_with('\n'));
    }
}
