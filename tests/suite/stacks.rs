//! Templates with homes: `--stack`, `--assume`, the configuration file, files with parameters, and texts that break naive readers.

use std::fs;
use std::process::Output;

use tempfile::TempDir;

use crate::cli::{code, err, folder, out, refused, run};
use crate::world::fixtures;

const TEMPLATE: &str = "AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  ProdAccount:
    Type: String
Resources:
  Topic:
    Type: AWS::SNS::Topic
";

/// A folder with a pipeline and a template, and these files.
fn with(files: &[(&str, &str)]) -> TempDir {
    let folder = folder();
    for (name, text) in [("tools.yaml", TEMPLATE)].iter().chain(files) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn check(folder: &TempDir, words: &[&str]) -> Output {
    run(folder.path(), [&["check"], words].concat())
}

#[test]
fn a_stack_is_an_input_among_others() {
    let folder = with(&[("prod.json", r#"{"ProdAccount": "222222222222"}"#)]);
    let stack = "tools.yaml,account=111111111111,region=eu-west-1,parameters=prod.json,name=tools";
    for words in [
        &["pipeline.json", "--stack", stack][..],
        &["--stack", stack, "pipeline.json"],
        &["--stack", "./tools.yaml", "--stack", stack, "pipeline.json"],
        &[
            "pipeline.json",
            "--stack",
            stack,
            "--assume",
            "ProdAccount=333333333333",
            "--account",
            "prod=222222222222",
        ],
    ] {
        let output = check(&folder, words);
        assert_eq!((code(&output), err(&output)), (0, ""), "{words:?}");
        let listed = run(folder.path(), [&["requirements"], words].concat());
        assert_eq!((code(&listed), err(&listed)), (0, ""), "{words:?}");
    }
}

#[test]
fn what_makes_no_sense_about_a_stack_ends_the_run() {
    let folder = with(&[
        ("other.yaml", "hello: world\n"),
        (
            "role.json",
            r#"{"Role": {"RoleName": "x", "Arn": "arn:aws:iam::111111111111:role/x"}}"#,
        ),
        ("broken.json", "{\"A\": \n"),
        ("nested.json", r#"{"ProdAccount": {"Ref": "x"}}"#),
    ]);
    for (stack, said) in [
        (
            "tools.yaml,acount=111111111111",
            "unknown key `acount`: did you mean `account`?",
        ),
        (
            "tools.yaml,account=1111",
            "expected an account's 12 digits, found `1111`",
        ),
        ("tools.yaml,account=", "`account` has no value"),
        (
            "missing.yaml,account=111111111111",
            "error: missing.yaml: no such file or folder\n",
        ),
        (
            ".,account=111111111111",
            "error: .: expected a file, found a folder\n",
        ),
        (
            "other.yaml,account=111111111111",
            "error: other.yaml: expected a CloudFormation template\n",
        ),
        (
            "role.json,account=111111111111",
            "error: role.json: expected a CloudFormation template\n",
        ),
        (
            "pipeline.json",
            "error: pipeline.json: expected a CloudFormation template\n",
        ),
        (
            "tools.yaml,parameters=missing.json",
            "error: missing.json: no such file or folder\n",
        ),
        ("tools.yaml,parameters=broken.json", "error: broken.json:2:"),
        (
            "tools.yaml,parameters=nested.json",
            "error: nested.json:1:17: expected a text, a number",
        ),
        (
            "tools.yaml,parameters=nested.json:prod",
            "error: nested.json:1:1: only a `samconfig.toml` has environments",
        ),
    ] {
        let output = check(&folder, &["pipeline.json", "--stack", stack]);
        let told = refused(&output);
        assert!(told.contains(said), "{stack}: {told}");
        assert!(told.matches("error: ").count() == 1, "{stack}: {told}");
    }
    for words in [
        &["--assume", "ProdAccount"][..],
        &["--account", "prod=22"],
        &["--config", "pipeline-preflight.yaml", "--no-config"],
    ] {
        refused(&check(&folder, &[&["pipeline.json"], words].concat()));
    }
}

#[test]
fn a_value_for_no_parameter_is_dubious() {
    let folder = with(&[("prod.json", "{\n  \"ProdAcount\": \"222222222222\"\n}\n")]);
    let output = check(
        &folder,
        &[
            "pipeline.json",
            "--stack",
            "tools.yaml,parameters=prod.json",
        ],
    );
    assert_eq!(
        err(&output),
        "warning: a value is given for the parameter `ProdAcount`, but `tools.yaml` does not have it\n  --> prod.json:2:17\n  help: did you mean `ProdAccount`?\n"
    );
}

#[test]
fn the_configuration_file_says_what_to_check() {
    let folder = with(&[
        (
            "pipeline-preflight.yaml",
            "inputs: [pipeline.json]\nstacks:\n  - template: tools.yaml\n    account: 111111111111\n    region: eu-west-1\n    name: tools\n    parameters: {ProdAccount: 222222222222}\n  - template: tools.yaml\n    account: '012345678901'\n    parameters: [params/prod.json]\nassume:\n  ProdAccount: 222222222222\naccounts:\n  prod: 222222222222\n",
        ),
        ("params/prod.json", r#"{"ProdAccount": "222222222222"}"#),
        ("deep/er/x", ""),
        ("other.json", r#"{"x": 1}"#),
    ]);
    let output = check(&folder, &[]);
    assert_eq!((code(&output), err(&output)), (0, ""));
    assert!(
        out(&output).contains("[pipeline.json:4:16]"),
        "{}",
        out(&output)
    );
    // What the file names is found, and reported, from below.
    let deep = run(&folder.path().join("deep/er"), ["check"]);
    assert_eq!((code(&deep), err(&deep)), (0, ""));
    assert!(
        out(&deep).contains("[../../pipeline.json:4:16]"),
        "{}",
        out(&deep)
    );
    let named = run(
        &folder.path().join("deep"),
        ["check", "--config", "../pipeline-preflight.yaml"],
    );
    assert_eq!((code(&named), err(&named)), (0, ""));
    // Inputs of the command line stand in the place of those of the file.
    assert!(refused(&check(&folder, &["other.json"])).contains("other.json: not recognised"));
    assert!(refused(&check(&folder, &["--no-config"])).contains("no input"));
    // A repository of its own looks no further up.
    fs::create_dir(folder.path().join("deep/er/.git")).unwrap();
    let repository = folder.path().join("deep/er");
    assert!(refused(&run(&repository, ["check"])).contains("no input"));
}

#[test]
fn faults_of_the_configuration_file_have_a_place() {
    for (text, said) in [
        (
            "input: []\n",
            "error: pipeline-preflight.yaml:1:1: unknown key `input`\n  help: did you mean `inputs`?\n",
        ),
        (
            "stacks:\n  - template: tools.yaml\n    acount: 111111111111\n",
            "error: pipeline-preflight.yaml:3:5: stacks[0]: unknown key `acount`\n  help: did you mean `account`?\n",
        ),
        (
            "stacks:\n  - template: tools.yaml\n    account: 1111\n",
            "error: pipeline-preflight.yaml:3:14: stacks[0].account: expected an account's 12 digits, found `1111`\n",
        ),
        (
            "stacks:\n  - account: 111111111111\n",
            "error: pipeline-preflight.yaml:2:5: stacks[0]: the key `template` is missing\n",
        ),
        (
            "assume: {A: 1.10}\n",
            "error: pipeline-preflight.yaml:1:13: assume.A: a number with a fraction is ambiguous: put it in quotes\n",
        ),
        ("inputs: [\n", "error: pipeline-preflight.yaml:1:9: "),
        (
            "inputs: []\ninputs: []\n",
            "error: pipeline-preflight.yaml:",
        ),
    ] {
        let folder = with(&[("pipeline-preflight.yaml", text)]);
        let output = check(&folder, &["pipeline.json"]);
        let told = refused(&output);
        assert!(told.starts_with(said), "{told}");
    }
    let folder = with(&[("pipeline-preflight.yaml", "# nothing yet\n")]);
    assert_eq!(code(&check(&folder, &["pipeline.json"])), 0);
    refused(&check(
        &folder,
        &["pipeline.json", "--config", "missing.yaml"],
    ));
}

#[test]
fn files_with_parameters_in_a_folder_are_no_noise() {
    let folder = with(&[
        (
            "params/aws.json",
            r#"[{"ParameterKey": "A", "ParameterValue": "b"}]"#,
        ),
        (
            "params/codepipeline.json",
            r#"{"Parameters": {"A": "b"}, "Tags": {"x": "y"}}"#,
        ),
        (
            "params/samconfig.toml",
            "version = 0.1\n[default.deploy.parameters]\nstack_name = \"x\"\n",
        ),
        ("params/plain.json", r#"{"ProdAccount": "222222222222"}"#),
    ]);
    let output = check(&folder, &["."]);
    assert_eq!(
        err(&output),
        "warning: 1 file is not recognised, and left out\n  --> params/plain.json\n"
    );
    let alone = check(&folder, &["params"]);
    assert!(
        refused(&alone)
            .contains("recognised 3 parameter files instead; not recognised: `params/plain.json`")
    );
    let named = check(&folder, &["pipeline.json", "params/aws.json"]);
    assert!(
        refused(&named)
            .contains("  help: it holds values for the parameters of a template: `--stack ")
    );
    // One that a stack names is no more unknown.
    let output = check(
        &folder,
        &[".", "--stack", "tools.yaml,parameters=./params/plain.json"],
    );
    assert_eq!((code(&output), err(&output)), (0, ""));
}

#[test]
fn a_broken_template_in_a_folder_does_not_keep_the_others_from_being_checked() {
    let broken = "Resources:\n  A:\n    Principal: *\n";
    let folder = with(&[("templates/broken.yaml", broken)]);
    let output = check(&folder, &["."]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let said = err(&output);
    assert!(
        said.starts_with("warning: templates/broken.yaml:3:16: "),
        "{said}"
    );
    assert!(said.contains("; the file is left out\n"), "{said}");
    assert!(
        out(&output).contains("1 file not recognised"),
        "{}",
        out(&output)
    );
    // Named, it ends the run, and so it does where nothing else holds a pipeline.
    assert!(
        refused(&check(&folder, &["pipeline.json", "templates/broken.yaml"]))
            .starts_with("error: templates/broken.yaml:3:16: ")
    );
    let said = check(&folder, &["templates"]);
    let said = refused(&said);
    assert!(
        said.starts_with("error: templates/broken.yaml:3:16: "),
        "{said}"
    );
    assert!(
        said.contains("error: no pipeline among the inputs"),
        "{said}"
    );
    // Broken JSON is no guess, wherever it is.
    fs::write(folder.path().join("templates/b.json"), "{\"a\": }").unwrap();
    refused(&check(&folder, &["."]));
}

#[test]
fn texts_of_other_tools_are_told_what_makes_an_input_of_them() {
    let plan = "terraform plan -out plan && terraform show -json plan > plan.json";
    let folder = with(&[
        (
            "infra/main.tf",
            "resource \"aws_codepipeline\" \"p\" {\n}\n",
        ),
        (
            "jinja.yaml",
            "Resources:\n{% for name in names %}\n  {{ name }}: {}\n{% endfor %}\n",
        ),
        (
            "cookiecutter.yaml",
            "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: '{{ cookiecutter.name }}'\n",
        ),
    ]);
    assert!(refused(&check(&folder, &["infra"])).contains(plan));
    assert!(refused(&check(&folder, &["infra/main.tf"])).contains(plan));
    assert!(refused(&check(&folder, &["jinja.yaml"])).contains("it is a template of another tool"));
    let output = check(&folder, &["pipeline.json", "cookiecutter.yaml"]);
    let said = err(&output);
    assert!(said.contains("such as `{{ cookiecutter.name }}`"), "{said}");
}

/// Line ends of Windows, a byte order mark, and an ending that says nothing.
#[test]
fn a_template_is_read_however_it_is_stored() {
    let folder = with(&[
        ("crlf.template", &TEMPLATE.replace('\n', "\r\n")),
        ("mark.yml", &format!("\u{feff}{TEMPLATE}")),
    ]);
    for name in ["crlf.template", "mark.yml"] {
        let stack = format!("{name},account=111111111111");
        let output = check(&folder, &["pipeline.json", "--stack", &stack]);
        assert_eq!((code(&output), err(&output)), (0, ""), "{name}");
    }
}

#[test]
fn of_a_key_that_stands_twice_in_a_template_the_later_one_counts() {
    let twice =
        "Resources:\n  Topic:\n    Type: AWS::SNS::Subscription\n    Type: AWS::SNS::Topic\n";
    let folder = with(&[("twice.yaml", twice), ("role.yaml", "Role: {}\nRole: {}\n")]);
    let output = check(&folder, &["pipeline.json", "--stack", "twice.yaml"]);
    assert_eq!(code(&output), 0);
    let said = "warning: the key `Type` stands twice in one map; the later one counts\n  --> twice.yaml:4:5\n  --> twice.yaml:3:5\n";
    assert!(err(&output).starts_with(said), "{}", err(&output));
    // Elsewhere it is an error, as it has been.
    refused(&check(&folder, &["pipeline.json", "role.yaml"]));
}

/// The example that docs/inputs.md checks, with what is wrong in it mended.
#[test]
fn the_example_of_the_docs_has_one_fault() {
    let folder = folder();
    for file in ["tools.yaml", "prod.yaml", "tools.json"] {
        let text = fs::read_to_string(fixtures("templates/readme").join(file)).unwrap();
        let text = text.replace(":role/ShopDeployRole", ":role/ShopDeploy");
        fs::write(folder.path().join(file), text).unwrap();
    }
    let tools = "tools.yaml,account=111111111111,region=eu-west-1,parameters=tools.json";
    let prod = "prod.yaml,account=222222222222,region=eu-west-1";
    let words = [
        "--stack",
        tools,
        "--stack",
        prod,
        "--assume",
        "ToolsAccount=111111111111",
    ];
    let output = check(&folder, &words);
    assert_eq!((code(&output), err(&output)), (0, ""));
    let summary = "25 requirements: 25 allowed, 0 denied, 0 undecided\n1 note\n";
    assert!(out(&output).contains(summary), "{}", out(&output));
}

/// A role and a bucket as a template declares them, and as AWS answers.
#[test]
fn a_template_and_an_export_of_the_same_thing_are_one_or_a_conflict() {
    let template = r#"Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: PipelineRole
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: codepipeline.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: Read
          PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: s3:GetObject, Resource: "*"}]}
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: artifacts}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {AWS: "111111111111"}, Action: s3:GetObject, Resource: !Sub "${Bucket.Arn}/*"}]}
"#;
    let role = r#"{"Role": {"RoleName": "PipelineRole", "Arn": "arn:aws:iam::111111111111:role/PipelineRole",
      "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"}}},
      "RolePolicyList": [{"PolicyName": "Read", "PolicyDocument": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}}],
      "AttachedManagedPolicies": []}"#;
    let bucket = r#"{"Name": "artifacts", "LocationConstraint": "eu-west-1", "Policy":
      {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::artifacts/*"}]}}"#;
    let files = [
        ("t.yaml", template),
        ("111111111111/iam/roles/PipelineRole.json", role),
        ("111111111111/s3/artifacts.json", bucket),
    ];
    let folder = with(&files);
    let stack = "t.yaml,account=111111111111,region=eu-west-1";
    let words = ["pipeline.json", "111111111111", "--stack", stack];
    let output = check(&folder, &words);
    assert_eq!((code(&output), err(&output)), (1, ""), "{}", out(&output));

    for (name, text) in &files[1..] {
        let text = text.replace("s3:GetObject", "s3:PutObject");
        fs::write(folder.path().join(name), text).unwrap();
    }
    let output = check(&folder, &words);
    assert_eq!(
        err(&output),
        "warning: role `arn:aws:iam::111111111111:role/PipelineRole` is described twice, and the two differ in the inline policies; the later one counts\n  \
         --> t.yaml:3:5\n  --> 111111111111/iam/roles/PipelineRole.json:1:10\n  help: remove the description that is out of date\n\
         warning: bucket `artifacts` is described twice, and the two differ in the policy; the later one counts\n  \
         --> t.yaml:13:5\n  --> 111111111111/s3/artifacts.json:1:1\n  help: remove the description that is out of date\n"
    );
}

#[test]
fn a_pipeline_that_is_switched_off_is_named_with_what_turns_it_on() {
    let template = "Parameters:
  Phase: {Type: String, Default: one}
Conditions:
  Second: !Equals [!Ref Phase, two]
Resources:
  Release:
    Type: AWS::CodePipeline::Pipeline
    Condition: Second
    Properties: {Name: release}
";
    let folder = with(&[("t.yaml", template)]);
    let output = check(&folder, &["t.yaml"]);
    let said = refused(&output);
    let why = "; `Release` of `t.yaml` is left out, because `Second` is false\n  help: `--assume Phase=two` turns it on\n";
    assert!(said.ends_with(why), "{said}");
    // The command line has the last word about what the configuration file assumes.
    fs::write(
        folder.path().join("pipeline-preflight.yaml"),
        "inputs: [t.yaml]\nassume: {Phase: two}\n",
    )
    .unwrap();
    let on = refused(&check(&folder, &[])).to_owned();
    assert!(!on.contains("left out"), "{on}");
    let off = check(&folder, &["--assume", "Phase=one"]);
    assert!(refused(&off).ends_with(why));
}

/// What YAML makes of it stays text: an account's leading zero, and the date of a policy's version.
#[test]
fn numbers_and_dates_stay_as_they_are_written() {
    let template = "Parameters:
  Tools: {Type: Number, Default: 012345678901}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: PipelineRole
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {AWS: !Ref Tools}, Action: sts:AssumeRole}]
";
    let folder = with(&[("t.yaml", template), ("prod.yaml", "Tools: 012345678901\n")]);
    for parameters in ["", ",parameters=prod.yaml"] {
        let stack = format!("t.yaml,account=111111111111{parameters}");
        let output = check(&folder, &["pipeline.json", "--stack", &stack]);
        // The trust policy admits that account, and not CodePipeline.
        assert_eq!((code(&output), err(&output)), (1, ""));
        assert!(out(&output).contains("`012345678901`"), "{}", out(&output));
    }
}

#[test]
fn an_alias_is_shown_with_what_it_stands_for() {
    let template = "Metadata:
  Trust: &trust
    AWS: arn:aws:iam::111111111111:role/Nobody
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: PipelineRole
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: *trust, Action: sts:AssumeRole}]
";
    let folder = with(&[("t.yaml", template)]);
    let words = [
        "pipeline.json",
        "--stack",
        "t.yaml,account=111111111111",
        "--format",
        "json",
    ];
    let output = check(&folder, &words);
    let report: serde_json::Value = serde_json::from_str(out(&output)).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let is_it = |finding: &&serde_json::Value| finding["rule"] == "pipeline-role-trust-missing";
    let finding = findings.iter().find(is_it).unwrap();
    let lines: Vec<_> = finding["locations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|location| location["file"] == "t.yaml")
        .map(|location| {
            (
                location["start"]["line"].as_u64().unwrap(),
                location["label"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(lines[0].0, 11, "{lines:?}");
    assert_eq!(lines[1], (3, "its value is written here"), "{lines:?}");
}
