//! The whole program in every format of every command that has some: hostile files, other surroundings, streams that break.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Output, Stdio};

use pipeline_preflight::report::{FORMATS, NEEDS_FORMATS, printable};
use serde_json::{Value, json};

use super::{copy, json_schema, junit_schema};
use crate::cli::{code, err, folder, out, program, run};
use crate::world::fixtures;

/// Each command with each of its formats.
fn reports() -> Vec<[&'static str; 3]> {
    let check = FORMATS
        .iter()
        .map(|format| ["check", "--format", format.name]);
    let needs = NEEDS_FORMATS
        .iter()
        .map(|format| ["requirements", "--format", format.name]);
    check.chain(needs).collect()
}

/// What means something to a terminal, to a log, or to a reader of a format; none of it may get through as it is.
const HOSTILE: &[&str] = &[
    "a\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]8;;https://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "line\n::error::x\r\n::stop-commands::y",
    "\u{202e}desrever\u{2066}\u{200b}\u{feff}",
    "<script>alert(1)</script><!--",
    "]]></failure>",
    "%0A::error::x%25",
    "| a | `b` | [c](https://evil.example) ![d](e)",
    "=cmd|' /C calc'!A1",
    "nul\0bell\u{7}del\u{7f}c1\u{9b}31m\u{85}\u{2028}\u{fffe}",
    "\"quoted\\\" 'and' \\",
];

/// A pipeline and an account of hostile names, in the places where names stand.
fn hostile(text: &str) -> [(&'static str, Value); 3] {
    let role = format!("arn:aws:iam::111111111111:role/{text}");
    let pipeline = json!({"pipeline": {
        "name": text, "pipelineType": text, "roleArn": role,
        "artifactStore": {"type": text, "location": text, "encryptionKey": {"id": text, "type": "KMS"}},
        "variables": [{"name": text, "defaultValue": text, "description": text}],
        "stages": [
            {"name": text, "actions": [{
                "name": text,
                "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
                "configuration": {"S3Bucket": text, "S3ObjectKey": text, text: text},
                "outputArtifacts": [{"name": text}],
            }]},
            {"name": format!("{text}2"), "actions": [{
                "name": text,
                "actionTypeId": {"category": "Deploy", "owner": "AWS", "provider": "CloudFormation", "version": "1"},
                "roleArn": format!("arn:aws:iam::222222222222:role/{text}"),
                "configuration": {
                    "ActionMode": text, "StackName": text, "RoleArn": role, "TemplatePath": format!("{text}::{text}"),
                },
                "inputArtifacts": [{"name": text}, {"name": "Other"}],
            }, {
                "name": "Unknown",
                "actionTypeId": {"category": "Deploy", "owner": "AWS", "provider": text, "version": text},
                "configuration": {text: text},
            }]},
        ],
    }});
    let statement = json!({
        "Sid": text, "Effect": "Allow", "Action": ["s3:GetObject", format!("s3:{text}")],
        "Resource": [format!("arn:aws:s3:::{text}"), "*"],
        "Condition": {"StringEquals": {text: text}, "StringLike": {"aws:PrincipalArn": text}},
    });
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": text, "Effect": "Allow", "Principal": {"AWS": text, "Service": text}, "Action": "sts:AssumeRole",
    }]});
    let account = json!({
        "UserDetailList": [], "GroupDetailList": [], "Policies": [],
        "RoleDetailList": [{
            "RoleName": text, "Arn": role, "Path": "/", "AssumeRolePolicyDocument": trust,
            "RolePolicyList": [{"PolicyName": text, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}],
            "AttachedManagedPolicies": [{"PolicyName": text, "PolicyArn": text}],
            "Tags": [{"Key": text, "Value": text}],
        }],
    });
    [
        ("pipeline", pipeline),
        ("account", account),
        ("other", json!({text: text})),
    ]
}

/// Whether a report is what its format says, and gives no orders to a terminal.
fn assert_valid(words: &[&str], report: &str) {
    let plain = report.replace("\r\n", "\n");
    assert_eq!(
        printable(&plain),
        plain,
        "{words:?} gives orders to a terminal"
    );
    match *words.last().unwrap() {
        "json" | "gitlab" => {
            serde_json::from_str::<Value>(report).unwrap();
        }
        "sarif" => {
            let schema = fs::read_to_string(fixtures("schemas/sarif-2.1.0.json")).unwrap();
            let log: Value = serde_json::from_str(report).unwrap();
            let faults = json_schema::faults(&serde_json::from_str(&schema).unwrap(), &log);
            assert!(faults.is_empty(), "{faults:#?}");
        }
        "junit" => {
            let schema = fs::read_to_string(fixtures("schemas/junit-10.xsd")).unwrap();
            let faults = junit_schema::faults(&schema, &junit_schema::parse(report));
            assert!(faults.is_empty(), "{faults:#?}");
        }
        "csv" => {
            let mut reader = ::csv::Reader::from_reader(report.as_bytes());
            let columns = reader.headers().unwrap().len();
            for record in reader.records() {
                assert_eq!(record.unwrap().len(), columns);
            }
        }
        "github" => {
            for line in report.lines() {
                let is_known = ["error", "warning", "notice"].iter().any(|kind| {
                    line.starts_with(&format!("::{kind} "))
                        || line.starts_with(&format!("::{kind}::"))
                });
                assert!(is_known, "{line}");
            }
        }
        _ => {}
    }
}

#[test]
#[cfg(unix)]
fn hostile_files_break_out_of_nothing() {
    for texts in HOSTILE.chunks(4) {
        let text = &*texts.concat();
        let folder = tempfile::tempdir().unwrap();
        // What no file can be called.
        let name: String = text.replace(['\0', '/'], "-").chars().take(80).collect();
        let inputs = folder.path().join(&name);
        fs::create_dir_all(&inputs).unwrap();
        for (kind, value) in hostile(text) {
            fs::write(inputs.join(format!("{kind}{name}.json")), value.to_string()).unwrap();
        }
        // A reader that stops in a file of such a name says so.
        let broken = format!("broken{name}.json");
        fs::write(folder.path().join(&broken), format!("{{\"a\": {name}")).unwrap();
        for words in reports() {
            let output = run(folder.path(), [&words[..], &[&*name]].concat());
            let told = || format!("{words:?} {text:.60?}\n{}", err(&output));
            assert!(code(&output) < 2, "{}", told());
            assert_valid(&words, out(&output));
            assert_eq!(printable(err(&output)), err(&output), "{}", told());
            assert!(err(&output).contains("not recognised"), "{}", told());
        }
        for words in [
            ["check", &broken],
            ["requirements", &broken],
            ["check", &format!("missing{name}")],
            ["explain", &name],
            ["authorize", &broken],
        ] {
            let output = run(folder.path(), words);
            assert_eq!(code(&output), 2, "{words:?} {}", out(&output));
            assert_eq!(printable(err(&output)), err(&output), "{words:?}");
        }
    }
}

#[test]
fn a_name_of_ten_thousand_letters_is_a_name() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, value) in hostile(&"long".repeat(2_500)) {
        fs::write(
            folder.path().join(format!("{kind}.json")),
            value.to_string(),
        )
        .unwrap();
    }
    for words in reports() {
        let output = run(folder.path(), [&words[..], &["."]].concat());
        assert!(code(&output) < 2 && !output.stdout.is_empty(), "{words:?}");
        assert!(output.stdout.len() < 50_000_000, "{words:?}");
        assert!(err(&output).len() < 20_000, "{}", err(&output).len());
    }
}

/// Half of a pair that stands for one character is none: <https://www.rfc-editor.org/rfc/rfc8259#section-8.2>
#[test]
fn half_a_character_breaks_nothing() {
    let folder = folder();
    let text = fs::read_to_string(folder.path().join("pipeline.json")).unwrap();
    for half in [
        r"\ud800",
        r"\udc00",
        r"\udc00\ud800",
        r"\ud83d",
        r"\ud83d\ude",
    ] {
        let broken = text.replace("\"app-release\"", &format!("\"app{half}\""));
        fs::write(folder.path().join("half.json"), broken).unwrap();
        for words in reports() {
            let output = run(folder.path(), [&words[..], &["half.json"]].concat());
            assert_eq!(printable(err(&output)), err(&output), "{words:?}");
            match code(&output) {
                2 => assert!(
                    err(&output).starts_with("error: half.json:3:"),
                    "{}",
                    err(&output)
                ),
                _ => assert_valid(&words, out(&output)),
            }
        }
    }
}

fn broken_world() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().canonicalize().unwrap();
    copy(
        &fixtures("cases/codebuild-app-account/broken"),
        &at.join("accounts"),
    );
    (folder, at)
}

/// What this machine, its user and its clock are called changes no report.
#[test]
fn surroundings_change_no_byte() {
    let (_kept, folder) = broken_world();
    for words in reports() {
        let words = [&words[..], &["accounts"]].concat();
        let plain = run(&folder, &words);
        assert!(
            code(&plain) < 2 && !plain.stdout.is_empty(),
            "{}",
            err(&plain)
        );
        let surrounded = program(&folder)
            .args(&words)
            .env("LANG", "tr_TR.UTF-8")
            .env("LC_NUMERIC", "de_DE.UTF-8")
            .env("TZ", "Pacific/Kiritimati")
            .env("HOME", "/nonexistent")
            .env("USER", "somebody")
            .env("TMPDIR", "/nonexistent")
            .env("PWD", "/nonexistent")
            .env("AWS_REGION", "sa-east-1")
            .env("AWS_PROFILE", "none")
            .env("AWS_ACCOUNT_ID", "333333333333")
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .output()
            .unwrap();
        assert!(same(&plain, &surrounded), "{words:?}");
        let absolute = folder.join("accounts");
        let words = [&words[..3], &[absolute.to_str().unwrap()]].concat();
        assert!(same(&plain, &run(&folder, &words)), "{words:?}");
    }
}

fn same(one: &Output, other: &Output) -> bool {
    (&one.stdout, &one.stderr, code(one)) == (&other.stdout, &other.stderr, code(other))
}

/// A folder lists its files in any order; the order in which they were written is the usual one.
#[test]
fn the_order_of_files_in_a_folder_changes_no_byte() {
    let (_kept, folder) = broken_world();
    let other = tempfile::tempdir().unwrap();
    let mut files: Vec<_> = walkdir::WalkDir::new(folder.join("accounts"))
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    for file in files.iter().rev() {
        let to = other.path().join(file.strip_prefix(&folder).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
    for words in reports() {
        let words = [&words[..], &["accounts"]].concat();
        assert!(
            same(&run(&folder, &words), &run(other.path(), &words)),
            "{words:?}"
        );
    }
}

/// `pipeline-preflight … | head -c 10`
#[test]
#[cfg(unix)]
fn nobody_is_told_that_a_reader_went_away() {
    let (_kept, folder) = broken_world();
    for words in reports() {
        let mut child = program(&folder)
            .args(words)
            .arg("accounts")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Gone before the first byte, so that every report meets it, however short it is.
        drop(child.stdout.take());
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        let status = child.wait().unwrap();
        let whole = run(&folder, [&words[..], &["accounts"]].concat());
        assert_eq!(status.code(), Some(code(&whole)), "{words:?} {said}");
        assert_eq!(said, err(&whole), "{words:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_in_every_format() {
    let (_kept, folder) = broken_world();
    let full = || {
        fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    for words in reports() {
        let mut command = program(&folder);
        let output = command
            .args(words)
            .arg("accounts")
            .stdout(full())
            .output()
            .unwrap();
        assert_eq!(code(&output), 2, "{words:?}");
        let said = "standard output cannot be written";
        assert!(err(&output).contains(said), "{words:?} {}", err(&output));
        let file = [&words[..], &["accounts", "--output", "/dev/full"]].concat();
        let output = run(&folder, &file);
        assert_eq!(code(&output), 2, "{words:?}");
        assert!(Path::new("/dev/full").exists());
    }
}
