//! AWS is called only when somebody asks for it, nothing else in the house can call it, and Ctrl-C ends it.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::cli::{code, folder, out, program};

/// A server that never answers, and counts who calls.
struct Listener(TcpListener);

impl Listener {
    fn new() -> Self {
        Self(TcpListener::bind(("127.0.0.1", 0)).unwrap())
    }

    /// The program in a folder, with credentials for the server.
    fn program(&self, folder: &Path) -> Command {
        let mut command = program(folder);
        self.surround(&mut command);
        command
    }

    fn surround(&self, command: &mut Command) {
        let port = self.0.local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        command
            .env("AWS_ENDPOINT_URL", &url)
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url)
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)
            .env("HTTP_PROXY", &url)
            .env("HTTPS_PROXY", &url)
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "made-up")
            .env("AWS_REGION", "us-east-1");
    }

    fn calls(&self) -> usize {
        self.0.set_nonblocking(true).unwrap();
        let mut calls = 0;
        loop {
            match self.0.accept() {
                Ok(_) => calls += 1,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return calls,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Every command that is not told to ask AWS.
const COMMANDS: &[&[&str]] = &[
    &["check", "pipeline.json", "--format", "json", "--strict"],
    &[
        "check",
        "pipeline.json",
        "--account",
        "default=111111111111",
    ],
    &["requirements", "pipeline.json"],
    &["explain", "trust-missing"],
    &["rules"],
    &["authorize", "case.json"],
    &["--help"],
];

const CASE: &str = r#"{
  "id": "one",
  "request": {
    "principal": "arn:aws:iam::111111111111:role/Deploy",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::artifacts/a.zip"
  },
  "identityPolicies": [],
  "resourceAccount": "111111111111"
}"#;

fn plain(output: &Output) -> (i32, &str) {
    (code(output), out(output))
}

#[test]
fn nothing_is_called_unless_asked_for() {
    let listener = Listener::new();
    let folder = folder();
    fs::write(folder.path().join("case.json"), CASE).unwrap();
    for words in COMMANDS {
        let output = listener
            .program(folder.path())
            .args(*words)
            .output()
            .unwrap();
        assert_ne!(out(&output), "", "{words:?}");
        assert_eq!(listener.calls(), 0, "{words:?}");
        // A machine that can call nobody makes no difference, where this one can stand for such a machine.
        let mut alone = Command::new("unshare");
        alone
            .args(["--user", "--map-root-user", "--net"])
            .arg(env!("CARGO_BIN_EXE_pipeline-preflight"))
            .args(*words)
            .env_clear()
            .env("LANG", "C.UTF-8")
            .env("PATH", "/usr/bin:/bin")
            .current_dir(folder.path())
            .stdin(Stdio::null());
        listener.surround(&mut alone);
        if can_unshare() {
            let alone = alone.output().unwrap();
            assert_eq!(plain(&alone), plain(&output), "{words:?}");
        }
    }
}

fn can_unshare() -> bool {
    let tried = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "true"])
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

#[test]
#[cfg(all(unix, feature = "live"))]
fn ctrl_c_ends_it_with_one_line_and_writes_nothing() {
    use std::time::{Duration, Instant};

    for words in [
        &["check", "--live", "app"][..],
        &["check", "pipeline.json", "--live", "-v"],
        &["snapshot", "app", "--output", "snapshot"],
        &["snapshot", "app", "--output", "earlier"],
    ] {
        let listener = Listener::new();
        let folder = folder();
        let earlier = folder.path().join("earlier/111111111111/s3");
        fs::create_dir_all(&earlier).unwrap();
        let child = listener
            .program(folder.path())
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let called = listener.0.accept().unwrap();
        let pressed = Instant::now();
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -INT {}", child.id())])
            .status();
        assert!(sent.unwrap().success());
        let output = child.wait_with_output().unwrap();
        drop(called);
        assert_eq!(
            crate::cli::refused(&output),
            "error: interrupted; nothing was written\n",
            "{words:?}"
        );
        assert!(pressed.elapsed() < Duration::from_secs(10));
        let left = fs::read_dir(folder.path()).unwrap();
        let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["earlier", "pipeline.json"], "{words:?}");
        assert!(earlier.exists());
    }
}

/// What cannot be written is known before anybody waits for AWS.
#[test]
#[cfg(feature = "live")]
fn a_snapshot_that_has_no_place_asks_nobody() {
    let listener = Listener::new();
    let folder = folder();
    for (words, told) in [
        (&["--output", "pipeline.json"][..], "it is no folder"),
        (&["--output", "."], "it holds `pipeline.json`"),
        (&["--output", "no/where"], "is in no folder that exists"),
        (
            &["--output", "new", "--input", "missing", "--config", "none"],
            "none: no such file",
        ),
    ] {
        let output = listener
            .program(folder.path())
            .args(["snapshot", "app"])
            .args(words)
            .output()
            .unwrap();
        let error = crate::cli::refused(&output);
        assert!(error.contains(told), "{error}");
        assert_eq!(error.matches("error:").count(), 1, "{error}");
    }
    let output = listener
        .program(folder.path())
        .args(["snapshot", "--output", "new"])
        .output()
        .unwrap();
    assert!(crate::cli::refused(&output).contains("nothing says which pipelines"));
    assert_eq!(listener.calls(), 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
#[cfg(not(feature = "live"))]
fn without_the_feature_it_is_said_how_to_get_it() {
    let folder = folder();
    for words in [
        &["check", "pipeline.json", "--live"][..],
        &["check", "--live", "app", "--region", "eu-west-1"],
        &["requirements", "--live", "app"],
        &["snapshot", "app", "--output", "snapshot"],
    ] {
        let output = crate::cli::run(folder.path(), words);
        let error = crate::cli::refused(&output);
        assert!(
            error.contains("cargo install pipeline-preflight"),
            "{error}"
        );
        assert_eq!(error.matches("error:").count(), 1, "{error}");
    }
    let help = crate::cli::run(folder.path(), ["check", "--help"]);
    assert!(out(&help).contains("--live"));
    let help = crate::cli::run(folder.path(), ["--help"]);
    assert!(out(&help).contains("snapshot"));
}

/// Whoever leaves the feature out gets a binary that could not call anybody.
#[test]
fn without_the_feature_there_is_no_network_code() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = |features: &[&str]| {
        let words = [
            "tree",
            "--locked",
            "--offline",
            "-e",
            "normal",
            "--prefix",
            "none",
        ];
        let output = Command::new(&cargo).args(words).args(features).output();
        let output = output.unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        String::from_utf8(output.stdout).unwrap()
    };
    let foreign = |tree: &str| {
        let names = tree.lines().filter_map(|line| line.split(' ').next());
        let kinds = ["aws-", "hyper", "rustls", "tokio", "h2", "futures", "ring"];
        let foreign = names.filter(|name| kinds.iter().any(|kind| name.starts_with(kind)));
        foreign.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(foreign(&tree(&["--no-default-features"])), [""; 0]);
    assert!(!foreign(&tree(&[])).is_empty());
}
