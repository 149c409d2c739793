//! Ways into accounts, and what a run says where there is none: each time one message, with advice, and exit code 2.
#![cfg(feature = "live")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::cli::{code, err, program, refused};

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLETOKEN0123456789abcdefghijklmnop";

/// A run that asks AWS, on a machine that knows nothing but what `variables` say.
fn live(home: &Path, words: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = program(home);
    command
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .args(["check", "--no-config", "--live", "app"])
        .args(words);
    command
}

/// What such a run says: one error, one line of advice, nothing for programmers and nothing secret.
fn said(home: &Path, words: &[&str], variables: &[(&str, &str)]) -> String {
    let begun = Instant::now();
    let output = live(home, words, variables).output().unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    let said = refused(&output).to_owned();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(
        lines[0].starts_with("error: ") && lines[1].starts_with("  help: "),
        "{said}"
    );
    for word in [
        "Failure", "Error {", "Some(", " source:", "dispatch", "kind:", "os error", KEY, SECRET,
        TOKEN,
    ] {
        assert!(!said.contains(word), "`{word}` in {said}");
    }
    said
}

const REGION: (&str, &str) = ("AWS_REGION", "eu-west-1");
const KEYS: [(&str, &str); 4] = [
    REGION,
    ("AWS_ACCESS_KEY_ID", KEY),
    ("AWS_SECRET_ACCESS_KEY", SECRET),
    ("AWS_SESSION_TOKEN", TOKEN),
];

fn home() -> TempDir {
    TempDir::new().unwrap()
}

fn configured(config: &str) -> TempDir {
    let home = home();
    fs::create_dir(home.path().join(".aws")).unwrap();
    fs::write(home.path().join(".aws/config"), config).unwrap();
    home
}

#[test]
fn without_credentials_there_is_one_message() {
    let home = home();
    let expected = "error: there are no AWS credentials\n  help: name a profile with `--profile`, set `AWS_PROFILE`, or set \
                    `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`\n";
    assert_eq!(said(home.path(), &[], &[REGION]), expected);
    assert_eq!(said(home.path(), &["--region", "eu-west-1"], &[]), expected);
    // Who has neither is told of the credentials first.
    assert_eq!(said(home.path(), &[], &[]), expected);
}

#[test]
fn without_a_region_there_is_one_message() {
    let expected = "error: nothing says which Region the pipelines are in\n  help: give `--region`, or set `AWS_REGION` or the \
                    profile's `region`\n";
    assert_eq!(said(home().path(), &[], &KEYS[1..]), expected);
    let home = configured(&format!(
        "[profile tools]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
    ));
    assert_eq!(said(home.path(), &["--profile", "tools"], &[]), expected);
    assert_eq!(
        said(home.path(), &[], &[("AWS_PROFILE", "tools")]),
        expected
    );
}

#[test]
fn a_profile_that_is_not_there_is_named() {
    let home = configured("[profile tools]\nregion = eu-west-1\n");
    let expected = "error: the AWS configuration files hold no profile `tolls`\n  help: did you mean `tools`?\n";
    assert_eq!(said(home.path(), &["--profile", "tolls"], &[]), expected);
    assert_eq!(said(home.path(), &["--profile", "tolls"], &KEYS), expected);
    assert_eq!(
        said(home.path(), &[], &[REGION, ("AWS_PROFILE", "tolls")]),
        expected
    );
    let empty = said(self::home().path(), &["--profile", "tools"], &[REGION]);
    assert!(empty.contains("they hold no profile at all"), "{empty}");
    // It is there and tells none; neither the environment's keys nor instance metadata stand in.
    let none = said(home.path(), &["--profile", "tools"], &KEYS[1..]);
    assert!(
        none.starts_with("error: the profile `tools` tells no credentials\n"),
        "{none}"
    );
}

#[test]
fn a_broken_configuration_file_is_told_by_its_line() {
    let home = configured("[profile tools]\nregion eu-west-1\n");
    let said = said(home.path(), &[], &[REGION]);
    assert!(
        said.starts_with("error: the AWS configuration files cannot be read: "),
        "{said}"
    );
    assert!(said.contains(".aws/config on line 2"), "{said}");
}

#[test]
fn an_endpoint_that_cannot_be_reached_ends_the_run_at_once() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://127.0.0.1:{port}");
    let begun = Instant::now();
    let told = said(home().path(), &["--endpoint-url", &url], &KEYS);
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
    let expected = format!("error: `{url}` cannot be reached: ");
    assert!(told.starts_with(&expected), "{told}");
    assert!(told.contains("efused\n"), "{told}");
    let [region, rest @ ..] = KEYS;
    let variables = [&[region, ("AWS_ENDPOINT_URL", &url)], &rest[..]].concat();
    assert!(said(home().path(), &[], &variables).starts_with(&expected));
    // No name below `invalid` is ever resolved: RFC 2606.
    let told = said(
        home().path(),
        &["--endpoint-url", "http://aws.invalid"],
        &KEYS,
    );
    assert!(
        told.starts_with("error: the name of `http://aws.invalid` cannot be resolved: "),
        "{told}"
    );
}

#[test]
fn a_region_that_cannot_be_one_is_named() {
    let [_, rest @ ..] = KEYS;
    let variables = [&[("AWS_REGION", "eu west 1")], &rest[..]].concat();
    let told = said(home().path(), &[], &variables);
    assert_eq!(
        told,
        "error: `eu west 1` is no Region\n  help: correct `--region`, `AWS_REGION`, or the profile's `region`\n"
    );
}

#[test]
fn programs_and_sessions_that_bring_no_credentials_are_told() {
    let home = configured(&format!(
        "[profile fails]\nregion = eu-west-1\ncredential_process = /bin/sh -c 'echo no such user >&2; exit 3'\n\
         [profile chatters]\nregion = eu-west-1\ncredential_process = /bin/echo hello {KEY}\n\
         [profile sso]\nregion = eu-west-1\nsso_session = company\nsso_account_id = 111111111111\nsso_role_name = Read\n\
         [sso-session company]\nsso_region = eu-west-1\nsso_start_url = https://company.example/start\n\
         [profile loop]\nregion = eu-west-1\nrole_arn = arn:aws:iam::111111111111:role/R\nsource_profile = lop\n"
    ));
    for (profile, why) in [
        ("fails", "no such user"),
        ("chatters", "invalid JSON in response"),
        ("sso", "failed to load the cached SSO token"),
    ] {
        let told = said(home.path(), &["--profile", profile], &[]);
        let begin = format!("error: the credentials of the profile `{profile}` cannot be loaded: ");
        assert!(told.starts_with(&begin) && told.contains(why), "{told}");
        assert!(
            told.contains(&format!("`aws sso login --profile {profile}`")),
            "{told}"
        );
    }
    let told = said(home.path(), &["--profile", "loop"], &[]);
    assert!(told.contains("could not find source profile lop"), "{told}");
    // The variable is as good as the word.
    assert_eq!(said(home.path(), &[], &[("AWS_PROFILE", "loop")]), told);
}

#[test]
fn attempts_that_are_no_number_are_told() {
    for attempts in ["0", "many", "-1"] {
        let variables = [&KEYS[..], &[("AWS_MAX_ATTEMPTS", attempts)]].concat();
        assert_eq!(
            said(home().path(), &[], &variables),
            format!(
                "error: `AWS_MAX_ATTEMPTS` is `{attempts}`\n  help: it says how often a call is made at most: a number from 1 on\n"
            )
        );
    }
    let home = configured("[profile tools]\nregion = eu-west-1\nmax_attempts = few\n");
    let told = said(home.path(), &["--profile", "tools"], &[]);
    assert!(
        told.starts_with("error: `max_attempts` of the profile `tools` is `few`\n"),
        "{told}"
    );
    // Whatever the SDK makes of other settings, it ends no run as a bug.
    let odd = [
        ("AWS_RETRY_MODE", "odd"),
        ("AWS_USE_FIPS_ENDPOINT", "odd"),
        ("AWS_ENDPOINT_URL", "odd"),
    ];
    let told = said(self::home().path(), &[], &[&KEYS[..], &odd].concat());
    assert!(!told.contains("bug"), "{told}");
}

/// What stands in for the instance's metadata: it counts who comes, and never answers.
fn metadata() -> (String, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            *count.lock().unwrap() += 1;
            kept.push(stream);
        }
    });
    (url, asked)
}

#[test]
fn instance_metadata_is_asked_only_when_nothing_else_is_left() {
    let home = configured(&format!(
        "[profile keys]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n[profile none]\noutput = json\n"
    ));
    let (url, asked) = metadata();
    let metadata = [
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str()),
    ];
    let said = |words: &[&str], variables: &[(&str, &str)]| {
        said(home.path(), words, &[&metadata, variables].concat())
    };
    let dead = ["--endpoint-url", "http://127.0.0.1:9"];
    let count = || *asked.lock().unwrap();
    said(&[], &KEYS[1..]);
    said(&dead, &KEYS);
    for profile in ["keys", "none"] {
        said(&["--profile", profile], &[]);
        said(&["--profile", profile, "--region", "eu-west-1"], &[]);
    }
    said(&[], &[("AWS_PROFILE", "keys")]);
    assert_eq!(count(), 0);
    // An instance's role may be all that there is: for the Region, and for the credentials. A metadata service that never
    // answers must not hold up the run.
    for variables in [&[][..], &[REGION], &[REGION, ("AWS_PROFILE", "none")]] {
        let before = count();
        let told = said(&[], variables);
        assert!(
            told.starts_with("error: there are no AWS credentials\n"),
            "{told}"
        );
        assert!(count() > before, "{variables:?}");
    }
}

/// What stands in for AWS: answers by the operation, and what it was asked.
struct Aws {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

type Answer = (u16, String);

impl Aws {
    /// The operation is the `Action` of a form or the end of `X-Amz-Target`; each of its answers is given once, the last for ever.
    fn answering(answers: &[(&str, &[Answer])]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut answers: BTreeMap<String, Vec<Answer>> = answers
            .iter()
            .map(|(operation, answers)| ((*operation).to_owned(), answers.to_vec()))
            .collect();
        let keep = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read(&stream) else {
                    continue;
                };
                let found = answers.iter_mut().find(|(operation, _)| {
                    request.contains(&format!("Action={operation}&"))
                        || request.contains(&format!(".{operation}\r\n"))
                });
                let (status, body) = match found {
                    Some((_, all)) if all.len() > 1 => all.remove(0),
                    Some((_, all)) => all[0].clone(),
                    None => (400, error("ValidationException", "not known here")),
                };
                keep.lock().unwrap().push(request);
                let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n", body.len());
                let _ = write!(stream, "{head}Connection: close\r\n\r\n{body}");
            }
        });
        Self { url, asked }
    }

    fn said(&self, words: &[&str], variables: &[(&str, &str)]) -> String {
        said(
            home().path(),
            &[&["--endpoint-url", &self.url], words].concat(),
            variables,
        )
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut text = String::new();
    let mut length = 0;
    loop {
        let begin = text.len();
        reader
            .read_line(&mut text)
            .ok()
            .filter(|count| *count > 0)?;
        let line = text[begin..].trim().to_ascii_lowercase();
        if let Some(count) = line.strip_prefix("content-length:") {
            length = count.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(text + &String::from_utf8_lossy(&body))
}

fn error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    )
}

fn identity(account: &str) -> Answer {
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account}:user/me</Arn><UserId>AIDAEXAMPLE</UserId><Account>{account}</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    (200, body)
}

#[test]
fn what_aws_has_against_credentials_is_told_in_its_words() {
    let aws = |code: &str, message: &str| {
        let refused = (403, error(code, message));
        Aws::answering(&[("GetCallerIdentity", &[refused])]).said(&[], &KEYS)
    };
    assert_eq!(
        aws(
            "ExpiredToken",
            "The security token included in the request is expired"
        ),
        "error: the default credentials have expired: The security token included in the request is expired (ExpiredToken)\n  \
         help: renew them, for instance with `aws sso login`, and run again\n"
    );
    assert_eq!(
        aws(
            "InvalidClientTokenId",
            "The security token included in the request is invalid."
        ),
        "error: AWS does not know the default credentials: The security token included in the request is invalid \
         (InvalidClientTokenId)\n  help: correct or renew them; AWS says so as well where the Region `eu-west-1` is not enabled \
         for the account\n"
    );
    // What AWS would have signed holds the session token.
    let canonical = format!("x-amz-security-token:{TOKEN}\nhost;x-amz-date");
    let message = format!(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
         signing method. The Canonical String for this request should have been\n'{canonical}'"
    );
    assert_eq!(
        aws("SignatureDoesNotMatch", &message),
        "error: AWS does not accept what is signed with the default credentials: The request signature we calculated does not \
         match the signature you provided (SignatureDoesNotMatch)\n  help: see that the secret access key is the one of the \
         access key, whole, and that this machine's clock is right\n"
    );
}

#[test]
fn what_is_not_aws_is_told() {
    let aws = |status: u16, body: &str| {
        let answer = (status, body.to_owned());
        let aws = Aws::answering(&[("GetCallerIdentity", &[answer])]);
        let said = aws.said(&[], &KEYS);
        said.replace(&aws.url, "URL")
    };
    let told = aws(404, "<html><body>no such page</body></html>");
    assert!(
        told.starts_with(
            "error: `URL` does not tell who calls: the answer is none that AWS gives (HTTP 404)\n"
        ),
        "{told}"
    );
    let told = aws(200, "hello");
    assert!(
        told.starts_with(
            "error: `URL` does not tell who calls: the answer is none that AWS gives (HTTP 200)\n"
        ),
        "{told}"
    );
}

#[test]
fn who_is_busy_is_asked_again() {
    let busy = (400, error("Throttling", "Rate exceeded"));
    let missing =
        "{\"__type\":\"PipelineNotFoundException\",\"message\":\"no pipeline\"}".to_owned();
    let aws = Aws::answering(&[
        ("GetCallerIdentity", &[busy, identity("111111111111")]),
        ("GetPipeline", &[(400, missing)]),
    ]);
    let told = aws.said(&[], &KEYS);
    let expected = "error: there is no pipeline `app` in account 111111111111, Region eu-west-1\n";
    assert!(told.starts_with(expected), "{told}");
    assert_eq!(aws.asked().len(), 3);
}

#[test]
fn a_call_that_is_throttled_to_the_end_leaves_its_fact_unknown() {
    let busy = (400, error("Throttling", "Rate exceeded"));
    let aws = Aws::answering(&[
        ("GetCallerIdentity", &[identity("111111111111")]),
        ("GetRole", &[busy]),
    ]);
    let folder = crate::cli::folder();
    let mut command = program(folder.path());
    command.envs(KEYS).env("AWS_EC2_METADATA_DISABLED", "true");
    command
        .env("AWS_MAX_ATTEMPTS", "2")
        .env("HOME", folder.path());
    command.args(["check", "pipeline.json", "--format", "json", "--live"]);
    let output = command.args(["--endpoint-url", &aws.url]).output().unwrap();
    assert_eq!(code(&output), 0, "{}", err(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let summary = &report["summary"];
    assert!(summary["undecided"].as_u64().unwrap() > 0, "{summary}");
    assert_eq!(
        (&summary["allowed"], &summary["denied"]),
        (&0.into(), &0.into()),
        "{summary}"
    );
    let asked = aws.asked();
    let asked = asked
        .iter()
        .filter(|asked| asked.contains("Action=GetRole&"));
    assert_eq!(asked.count(), 2);
}

#[test]
fn credentials_that_expire_on_the_way_end_the_run() {
    let expired = "{\"__type\":\"ExpiredTokenException\",\"message\":\"The security token included in the request is expired\"}";
    let aws = Aws::answering(&[
        ("GetCallerIdentity", &[identity("111111111111")]),
        ("GetPipeline", &[(400, expired.to_owned())]),
    ]);
    assert_eq!(
        aws.said(&[], &KEYS),
        "error: the default credentials for account 111111111111 have expired: The security token included in the request is \
         expired (ExpiredTokenException)\n  help: renew them, for instance with `aws sso login`, and run again\n"
    );
}

#[test]
fn access_must_lead_to_the_account_that_it_is_given_for() {
    let home = configured(&format!(
        "[profile target]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = {SECRET}\n"
    ));
    let aws = Aws::answering(&[("GetCallerIdentity", &[identity("111111111111")])]);
    let words = [
        "--account",
        "222222222222=profile:target",
        "--endpoint-url",
        &aws.url,
    ];
    assert_eq!(
        said(home.path(), &words, &KEYS),
        "error: the access given for account 222222222222 leads to account 111111111111 (`arn:aws:iam::111111111111:user/me`)\n  \
         help: correct `--account` or `accounts`, or the profile that it names\n"
    );
    // Keys of the environment do not go before a profile that is named.
    let asked = aws.asked();
    assert!(
        asked[0].contains(&format!("Credential={KEY}/")),
        "{}",
        asked[0]
    );
    assert!(
        asked[1].contains("Credential=AKIAI44QH8DHBEXAMPLE/"),
        "{}",
        asked[1]
    );
    let words = ["--profile", "target", "--endpoint-url", &aws.url];
    let _ = live(home.path(), &words, &KEYS).output().unwrap();
    let asked = aws.asked();
    assert!(
        asked[2].contains("Credential=AKIAI44QH8DHBEXAMPLE/"),
        "{}",
        asked[2]
    );
}

#[test]
fn a_role_is_assumed_to_read_only_and_a_refusal_is_told() {
    let denied = "User: arn:aws:iam::111111111111:user/me is not authorized to perform: sts:AssumeRole on resource: \
                  arn:aws:iam::222222222222:role/Audit";
    let aws = Aws::answering(&[
        ("GetCallerIdentity", &[identity("111111111111")]),
        ("AssumeRole", &[(403, error("AccessDenied", denied))]),
    ]);
    let role = "222222222222=role:arn:aws:iam::222222222222:role/Audit,external-id=x-1";
    let told = aws.said(&["--account", role], &KEYS);
    let (first, help) = told.split_once('\n').unwrap();
    assert_eq!(
        first,
        format!(
            "error: the role `arn:aws:iam::222222222222:role/Audit` cannot be assumed: {denied} (AccessDenied)"
        )
    );
    assert!(
        help.contains("`arn:aws:iam::111111111111:user/me`"),
        "{help}"
    );
    let asked = aws.asked();
    let asked = asked
        .iter()
        .find(|asked| asked.contains("Action=AssumeRole&"))
        .unwrap();
    assert!(
        asked.contains("&RoleSessionName=pipeline-preflight&"),
        "{asked}"
    );
    assert!(asked.contains("&ExternalId=x-1"), "{asked}");
    assert!(
        asked.contains("&Policy=%7B%22Version%22") && asked.contains("iam%3AGetRole"),
        "{asked}"
    );
}

#[test]
fn a_role_of_another_account_is_refused_before_any_call() {
    let home = home();
    let words = "333333333333=role:arn:aws:iam::222222222222:role/Audit";
    let output = live(home.path(), &["--account", words], &KEYS)
        .output()
        .unwrap();
    assert!(
        refused(&output)
            .contains("is a role of account 222222222222, and no way into 333333333333"),
        "{}",
        err(&output)
    );
}

/// Files behind `--live` would be names, so that no usage may show them there.
#[test]
fn what_can_be_no_pipeline_is_refused_before_any_call() {
    let home = home();
    for words in [&["./app.json"][..], &["app*"], &["", "app"]] {
        let output = live(home.path(), words, &KEYS).output().unwrap();
        let said = refused(&output);
        assert!(said.contains("expected a pipeline's name"), "{said}");
        assert!(said.contains("files go before `--live`"), "{said}");
    }
    for command in ["check", "requirements"] {
        let output = program(home.path())
            .args([command, "app.json", "--profile", "tools"])
            .output()
            .unwrap();
        let usage = format!(
            "Usage: pipeline-preflight {command} [OPTIONS] [INPUT]... [--live [NAME]...]\n"
        );
        assert!(refused(&output).contains(&usage), "{}", err(&output));
    }
    let output = program(home.path())
        .args(["snapshot", "app", "--output", "-"])
        .output()
        .unwrap();
    let said = refused(&output);
    assert!(said.starts_with("error: a snapshot is a folder"), "{said}");
    assert!(!home.path().join("-").exists());
}

#[test]
fn the_configuration_file_names_accounts() {
    let refusal = |accounts: &str| {
        let home = configured("[profile target]\nregion = eu-west-1\n");
        let text = format!("accounts:\n{accounts}");
        fs::write(home.path().join("pipeline-preflight.yaml"), text).unwrap();
        let mut command = program(home.path());
        command.env("HOME", home.path()).envs(KEYS);
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.args(["check", "--live", "app"]);
        let aws = Aws::answering(&[("GetCallerIdentity", &[identity("111111111111")])]);
        let output = command.args(["--endpoint-url", &aws.url]).output().unwrap();
        refused(&output).to_owned()
    };
    // A good one is used: the profile is there and tells no credentials.
    for good in [
        "  222222222222: {profile: target}\n",
        "  '222222222222': profile:target\n  prod: 222222222222\n",
    ] {
        let told = refusal(good);
        assert!(
            told.starts_with("error: the profile `target` tells no credentials\n"),
            "{told}"
        );
    }
    let arn = "arn:aws:iam::222222222222:role/Audit";
    for (accounts, expected) in [
        (
            "  222222222222:\n    rol: x\n".to_owned(),
            "pipeline-preflight.yaml:3:5: accounts.222222222222: unknown key `rol`\n  help: did you mean `role`?\n",
        ),
        (
            format!("  333333333333: {{role: '{arn}'}}\n"),
            "pipeline-preflight.yaml:2:17: accounts.333333333333: `arn:aws:iam::222222222222:role/Audit` is a role of account \
             222222222222, and no way into 333333333333\n",
        ),
        (
            "  222222222222: 333333333333\n".to_owned(),
            "pipeline-preflight.yaml:2:17: accounts.222222222222: expected `profile: NAME` or `role: ARN`, found \
             the number `333333333333`\n",
        ),
        (
            "  222222222222: {profile: a, external-id: b}\n".to_owned(),
            "pipeline-preflight.yaml:2:17: accounts.222222222222: `external-id` belongs to a `role`\n",
        ),
        (
            "  prod: {profile: a}\n".to_owned(),
            "pipeline-preflight.yaml:2:9: accounts.prod: `prod` is no account's 12 digits, by which a way into an account stands\n",
        ),
        (
            "  prod: 2222\n".to_owned(),
            "pipeline-preflight.yaml:2:9: accounts.prod: expected an account's 12 digits, found `2222`\n",
        ),
    ] {
        assert_eq!(refusal(&accounts), format!("error: {expected}"));
    }
}
