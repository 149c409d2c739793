//! The program as a shell sees it: words in; bytes on two streams and an exit code out.

#![expect(
    clippy::unwrap_used,
    reason = "a test states its expectation by panicking, in what its tests share too"
)]

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use pipeline_preflight::cli::{self, Exit};
use tempfile::TempDir;

const PIPELINE: &str = r#"{
  "pipeline": {
    "name": "app-release",
    "roleArn": "arn:aws:iam::111111111111:role/PipelineRole",
    "artifactStore": {"type": "S3", "location": "artifacts"},
    "stages": [
      {
        "name": "Source",
        "actions": [
          {
            "name": "Get",
            "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
            "configuration": {"S3Bucket": "sources", "S3ObjectKey": "app.zip"},
            "outputArtifacts": [{"name": "App"}]
          }
        ]
      },
      {
        "name": "Approve",
        "actions": [
          {
            "name": "Ask",
            "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
            "inputArtifacts": [],
            "outputArtifacts": []
          }
        ]
      }
    ],
    "version": 1
  }
}
"#;

/// The program in a folder, with nothing of this machine around it.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline-preflight"));
    command
        .env_clear()
        .env("LANG", "C.UTF-8")
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

pub(crate) fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("pipeline.json"), PIPELINE).unwrap();
    folder
}

pub(crate) fn run<S: AsRef<OsStr>>(folder: &Path, words: impl IntoIterator<Item = S>) -> Output {
    program(folder).args(words).output().unwrap()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

pub(crate) fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// Ends with 2, says so on standard error only.
pub(crate) fn refused(output: &Output) -> &str {
    assert_eq!(code(output), 2, "{}", err(output));
    assert_eq!(out(output), "");
    assert!(!err(output).is_empty());
    err(output)
}

#[test]
fn exit_codes_follow_the_threshold() {
    let folder = folder();
    let code_of = |words: &[&str]| {
        let output = run(folder.path(), [&["check", "pipeline.json"], words].concat());
        assert!(!out(&output).is_empty());
        code(&output)
    };
    // The role is not among the inputs: undecided, and no error.
    assert_eq!(code_of(&[]), 0);
    assert_eq!(code_of(&["--fail-on", "error"]), 0);
    assert_eq!(code_of(&["--fail-on", "note"]), 1);
    assert_eq!(code_of(&["--strict"]), 1);
    assert_eq!(code_of(&["--format", "json", "--strict"]), 1);
}

#[test]
fn bad_usage_is_2_with_nothing_on_standard_output() {
    let folder = folder();
    for words in [
        &[][..],
        &["check"],
        &["check", "pipeline.json", "--format", "xml"],
        &["check", "pipeline.json", "--fail-on", "never"],
        &["check", "-", "-"],
        &["check", "pipeline.json", "--stdin-filename", "x"],
        &["explain"],
        &["snapshot"],
        &["snapshot", "app"],
        &["check", "pipeline.json", "--region", "eu-west-1"],
    ] {
        refused(&run(folder.path(), words));
    }
}

#[test]
fn help_is_0_on_standard_output_and_names_every_format() {
    let folder = folder();
    for words in [
        &["--help"][..],
        &["check", "--help"],
        &["requirements", "--help"],
        &["snapshot", "--help"],
        &["authorize", "--help"],
        &["rules", "--help"],
        &["explain", "--help"],
        &["permissions", "--help"],
        &["completions", "--help"],
        &["man", "--help"],
    ] {
        let output = run(folder.path(), words);
        assert_eq!(code(&output), 0);
        assert_eq!(err(&output), "");
        assert!(out(&output).contains("Examples:"), "{}", out(&output));
    }
    let output = run(folder.path(), ["check", "--help"]);
    for format in pipeline_preflight::report::FORMATS {
        let row = format!("- {}: ", format.name);
        assert!(out(&output).contains(&row), "{}", out(&output));
    }
    let version = run(folder.path(), ["--version"]);
    assert_eq!(
        out(&version),
        concat!("pipeline-preflight ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn json_is_one_document_and_names_files_from_the_working_folder() {
    let folder = folder();
    let path = fs::canonicalize(folder.path())
        .unwrap()
        .join("pipeline.json");
    for input in [OsStr::new("./pipeline.json"), path.as_os_str()] {
        let words = [OsStr::new("check"), input, OsStr::new("--format=json")];
        let output = run(folder.path(), words);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["schema_version"], 1);
        assert_eq!(report["summary"]["pipelines"], 1);
        let findings = report["findings"].as_array().unwrap();
        assert!(!findings.is_empty());
        for finding in findings {
            for location in finding["locations"].as_array().unwrap() {
                assert_eq!(location["file"], "pipeline.json");
            }
        }
    }
}

#[test]
fn standard_input_is_read_when_a_dash_asks_for_it_and_named() {
    let folder = folder();
    for (words, name) in [
        (&["check", "-"][..], "<stdin>"),
        (&["check", "-", "--stdin-filename", "new.json"], "new.json"),
    ] {
        let mut child = program(folder.path())
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(PIPELINE.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 0, "{}", err(&output));
        let frame = format!("[{name}:4:16]");
        assert!(out(&output).contains(&frame), "{}", out(&output));
    }
}

#[test]
fn an_output_file_is_written_whole_or_not_at_all() {
    let folder = folder();
    let report = folder.path().join("report.json");
    let words = [
        "check",
        "pipeline.json",
        "--format",
        "json",
        "--output",
        "report.json",
    ];
    let output = run(folder.path(), words);
    assert_eq!((code(&output), out(&output)), (0, ""));
    let first = fs::read(&report).unwrap();
    serde_json::from_slice::<serde_json::Value>(&first).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let like_any = fs::metadata(folder.path().join("pipeline.json")).unwrap();
        let mode = fs::metadata(&report).unwrap().permissions().mode();
        assert_eq!(mode, like_any.permissions().mode());
    }
    let output = run(
        folder.path(),
        ["check", "missing.json", "--output", "report.json"],
    );
    refused(&output);
    assert_eq!(fs::read(&report).unwrap(), first);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
    refused(&run(
        folder.path(),
        ["check", "pipeline.json", "--output", "no/such/folder.json"],
    ));
    refused(&run(
        folder.path(),
        ["check", "pipeline.json", "--output", "."],
    ));
}

#[test]
#[cfg(unix)]
fn an_output_file_behind_a_link_leaves_the_link() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("target.txt"), "old").unwrap();
    std::os::unix::fs::symlink("target.txt", at("link.txt")).unwrap();
    run(
        folder.path(),
        ["check", "pipeline.json", "--output", "link.txt"],
    );
    assert!(at("link.txt").is_symlink());
    assert_ne!(fs::read_to_string(at("target.txt")).unwrap(), "old");
    let output = run(
        folder.path(),
        ["check", "pipeline.json", "--output", "/dev/null"],
    );
    assert_eq!((code(&output), out(&output)), (0, ""));
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    let folder = folder();
    fs::write(folder.path().join("broken.json"), "{\n  \"pipeline\": ,\n}").unwrap();
    let output = run(folder.path(), ["check", "pipeline.json", "./broken.json"]);
    let said = refused(&output);
    assert!(said.starts_with("error: broken.json:2:15: "), "{said}");
    let output = run(folder.path(), ["check", "pipeline.json", "missing.json"]);
    assert!(refused(&output).starts_with("error: missing.json"));
}

#[test]
fn files_that_nobody_recognises_are_named() {
    let folder = folder();
    fs::write(folder.path().join("other.json"), "{\"hello\": \"world\"}").unwrap();
    let output = run(folder.path(), ["check", "."]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let said = err(&output);
    assert!(
        said.contains("1 file is not recognised, and left out\n  --> other.json\n"),
        "{said}"
    );
    let output = run(folder.path(), ["check", "other.json"]);
    refused(&output);
}

#[test]
fn a_pipeline_that_is_not_there_is_no_clean_run() {
    let folder = folder();
    let check = |name| {
        run(
            folder.path(),
            ["check", "pipeline.json", "--pipeline", name],
        )
    };
    assert_eq!(code(&check("app-release")), 0);
    let output = check("app-relaese");
    let said = refused(&output);
    assert!(said.contains("did you mean `app-release`?"), "{said}");
    let output = check("zzz");
    assert!(refused(&output).contains("the inputs hold `app-release`"));
}

#[test]
fn colours_are_asked_for_or_left_out() {
    let folder = folder();
    let coloured = |variables: &[(&str, &str)], words: &[&str]| {
        let output = program(folder.path())
            .envs(variables.iter().copied())
            .args(["check", "pipeline.json"])
            .args(words)
            .output()
            .unwrap();
        out(&output).contains('\u{1b}')
    };
    assert!(!coloured(&[], &[]));
    assert!(coloured(&[("FORCE_COLOR", "1")], &[]));
    assert!(!coloured(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], &[]));
    assert!(coloured(&[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(!coloured(&[("FORCE_COLOR", "1")], &["--color=never"]));
    assert!(!coloured(&[("FORCE_COLOR", "1")], &["--format", "json"]));
}

#[test]
fn without_a_locale_of_utf_8_everything_is_ascii() {
    let folder = folder();
    let output = program(folder.path())
        .env("LC_ALL", "C")
        .args(["check", "pipeline.json"])
        .output()
        .unwrap();
    assert!(out(&output).is_ascii());
    assert!(out(&output).contains(",-[pipeline.json:"));
}

#[test]
fn quiet_leaves_findings_and_twice_quiet_nothing() {
    let folder = folder();
    fs::write(folder.path().join("other.json"), "{\"hello\": \"world\"}").unwrap();
    let loud = run(folder.path(), ["check", "."]);
    let quiet = run(folder.path(), ["check", ".", "-q"]);
    assert!(out(&loud).starts_with(out(&quiet)));
    assert!(!out(&quiet).is_empty() && !out(&quiet).contains("1 pipeline, "));
    let mute = run(folder.path(), ["check", ".", "-qq", "--strict"]);
    assert_eq!((code(&mute), out(&mute), err(&mute)), (1, "", ""));
    refused(&run(folder.path(), ["check", "missing.json", "-qq"]));
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let folder = folder();
    for (words, expected) in [
        (&["check", "pipeline.json", "--strict"][..], 1),
        (&["rules"], 0),
        (&["--help"], 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program(folder.path())
            .args(words)
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        assert_eq!((code(&output), err(&output)), (expected, ""), "{words:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let folder = folder();
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = program(folder.path())
        .arg("rules")
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("standard output cannot be written"));
}

#[test]
fn explain_knows_rules_and_error_texts() {
    let folder = folder();
    let page = run(folder.path(), ["explain", "trust-missing"]);
    assert_eq!(code(&page), 0);
    assert!(out(&page).starts_with("trust-missing (error)\n"));
    let error = "is not authorized to perform AssumeRole on role arn:aws:iam::222222222222:role/x";
    let whole = run(folder.path(), ["explain", error]);
    assert_eq!(code(&whole), 0);
    assert!(out(&whole).contains("\ntrust-missing\n"), "{}", out(&whole));
    assert!(out(&whole).contains("\n  help: "), "{}", out(&whole));
    assert!(out(&whole).contains("`pipeline-preflight explain "));
    let in_words = run(
        folder.path(),
        ["explain"].into_iter().chain(error.split(' ')),
    );
    assert_eq!(out(&in_words), out(&whole));
    let misspelt = run(folder.path(), ["explain", "trust-mising"]);
    assert!(refused(&misspelt).contains("did you mean `trust-missing`"));
    refused(&run(
        folder.path(),
        ["explain", "the moon is made of cheese"],
    ));
}

#[test]
fn rules_lists_what_explain_knows() {
    let folder = folder();
    let json = run(folder.path(), ["rules", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let table = run(folder.path(), ["rules"]);
    let rules = list["rules"].as_array().unwrap();
    assert!(!rules.is_empty());
    for rule in rules {
        let row = format!("  {} ", rule["id"].as_str().unwrap());
        assert!(out(&table).contains(&row), "{row}");
    }
    for provider in list["providers"].as_array().unwrap() {
        let action = provider["actions"][0].as_str().unwrap();
        assert!(out(&table).contains(action), "{action}");
    }
}

#[test]
fn a_bug_ends_with_2() {
    assert_eq!(cli::guard(|| panic!("as a test")), Exit::Failed);
    assert_eq!(cli::guard(|| Exit::Findings), Exit::Findings);
    assert_eq!(
        [Exit::Clean, Exit::Findings, Exit::Failed].map(Exit::code),
        [0, 1, 2]
    );
}

#[test]
fn requirements_are_listed_whatever_the_policies_lack() {
    let folder = folder();
    let list = |words: &[&str]| {
        run(
            folder.path(),
            [&["requirements", "pipeline.json"], words].concat(),
        )
    };
    let human = list(&[]);
    assert_eq!((code(&human), err(&human)), (0, ""));
    assert!(
        out(&human).starts_with("arn:aws:iam::111111111111:role/PipelineRole\n"),
        "{}",
        out(&human)
    );
    let json = list(&["--format", "json"]);
    let list_of: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(list_of["schema_version"], 1);
    assert_eq!(list_of["summary"]["pipelines"], 1);
    let file = list(&["--format", "markdown", "--output", "needs.md"]);
    assert_eq!((code(&file), out(&file)), (0, ""));
    let page = fs::read_to_string(folder.path().join("needs.md")).unwrap();
    assert!(page.starts_with("# What the principals need\n"));
    refused(&list(&["--pipeline", "other"]));
    refused(&list(&["--format", "xml"]));
    refused(&run(folder.path(), ["requirements", "missing.json"]));
    refused(&run(folder.path(), ["requirements"]));
}

#[test]
fn rules_of_ones_own_count_in_every_command_and_broken_ones_end_the_run() {
    let folder = folder();
    let own = folder.path().join("own/providers");
    fs::create_dir_all(&own).unwrap();
    let approval = "title: our approval
documentation: https://wiki.example.com/approval
actions: [{category: Approval, owner: AWS, provider: Manual, version: \"1\"}]
requirements:
  - id: ask
    role: action-role
    operations: [sqs:SendMessage]
    resources: [\"arn:${partition}:sqs:${region}:${account}:approvals\"]
    why: to ask in our own queue
    documentation: https://wiki.example.com/approval
";
    fs::write(own.join("approval.yaml"), approval).unwrap();
    let said = |words: &[&str]| {
        let output = run(folder.path(), [words, &["--rules", "own"]].concat());
        assert_eq!((code(&output), err(&output)), (0, ""));
        out(&output).to_owned()
    };
    assert!(said(&["requirements", "pipeline.json"]).contains("to ask in our own queue"));
    assert!(said(&["check", "pipeline.json"]).contains("sqs:SendMessage"));
    assert!(said(&["rules"]).contains("our approval"));
    assert!(said(&["explain", "approval"]).contains("to ask in our own queue"));
    fs::write(
        own.join("approval.yaml"),
        approval.replace("why: to", "why: in order to"),
    )
    .unwrap();
    for words in [
        &["check", "pipeline.json", "--output", "report.json"][..],
        &["requirements", "pipeline.json", "--output", "report.json"],
        &["rules"],
        &["explain", "approval"],
    ] {
        let output = run(folder.path(), [words, &["--rules", "own"]].concat());
        let said = refused(&output);
        assert!(
            said.starts_with("error: own/providers/approval.yaml:"),
            "{said}"
        );
    }
    assert!(!folder.path().join("report.json").exists());
}

#[test]
fn explain_knows_providers() {
    let folder = folder();
    for words in ["codebuild", "CodeBuild", "aws codebuild", "pipeline"] {
        let output = run(folder.path(), ["explain", words]);
        assert_eq!((code(&output), err(&output)), (0, ""), "{words}");
        assert!(
            out(&output).contains("\nthe pipeline's role")
                || out(&output).contains("codebuild:StartBuild")
        );
    }
}

#[test]
fn the_caller_is_asked_for_what_updating_takes() {
    let folder = folder();
    let user = |name: &str| format!("arn:aws:iam::111111111111:user/{name}");
    let export = format!(
        r#"{{"RoleDetailList": [], "GroupDetailList": [], "Policies": [], "UserDetailList": [{{
          "UserName": "jane", "Arn": "{}", "GroupList": [], "AttachedManagedPolicies": [],
          "UserPolicyList": [{{"PolicyName": "Pass", "PolicyDocument": {{"Version": "2012-10-17", "Statement":
            {{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111111111111:role/PipelineRole"}}}}}}]}}]}}"#,
        user("jane")
    );
    fs::write(folder.path().join("users.json"), export).unwrap();
    let check = |caller: &str| {
        let words = ["check", "pipeline.json", "users.json", "--format", "json"];
        run(folder.path(), words.into_iter().chain(["--caller", caller]))
    };
    let output = check(&user("jane"));
    assert_eq!(code(&output), 1, "{}", err(&output));
    let report: serde_json::Value = serde_json::from_str(out(&output)).unwrap();
    let of_jane = |finding: &&serde_json::Value| finding["principal"] == *user("jane");
    let findings: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(of_jane)
        .collect();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0]["rule"], "permission-missing");
    assert_eq!(findings[0]["severity"], "error");
    let operations = &findings[0]["operations"];
    assert_eq!(
        *operations,
        serde_json::json!(["codepipeline:UpdatePipeline"])
    );
    // Without the question there is no answer.
    let words = ["check", "pipeline.json", "users.json"];
    assert_eq!(code(&run(folder.path(), words)), 0);
    assert_eq!(code(&check("arn:aws:iam::111111111111:root")), 0);
    // A name with a typing error must not end as a clean run.
    assert!(refused(&check(&user("jnae"))).contains("complete export"));
    for nobody in [
        "jane",
        "arn:aws:iam::111111111111:group/people",
        "arn:aws:iam::111:user/jane",
        "arn:aws:iam::111111111111:user/",
        "arn:aws:sts::111111111111:assumed-role/Deploy",
        "arn:aws:sts::111111111111:federated-user/jane",
        "",
    ] {
        assert!(refused(&check(nobody)).contains("names nobody"), "{nobody}");
    }
}
