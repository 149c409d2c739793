//! `authorize` as a shell sees it: cases in; decisions, reasons and an exit code out.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use pipeline_preflight::authorize;
use pipeline_preflight::load::{Input, case::cases as cases_of};
use pipeline_preflight::source::Sources;
use serde_json::{Value, json};
use tempfile::TempDir;

const EXAMPLE: &str = "tests/fixtures/authorize/artifacts.yaml";

fn run(folder: &Path, words: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pipeline-preflight"))
        .env_clear()
        .env("LANG", "C.UTF-8")
        .current_dir(folder)
        .arg("authorize")
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A run that is refused before it reads closes the pipe.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn here(words: &[&str]) -> Output {
    run(Path::new(env!("CARGO_MANIFEST_DIR")), words, "")
}

/// Standard input alone.
fn piped(input: &str, words: &[&str]) -> Output {
    run(Path::new("/"), &[&["-"], words].concat(), input)
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let lines = out(output).lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// A role of 111111111111 that reads an object of its own account, with whatever else the case says.
fn case(more: &Value) -> Value {
    let mut case = json!({
        "id": "read",
        "request": {
            "principal": "arn:aws:sts::111111111111:assumed-role/Build/run",
            "action": "s3:GetObject",
            "resource": "arn:aws:s3:::store/a.zip",
        },
        "identityPolicies": [{"Version": "2012-10-17", "Statement":
            {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::store/*"}}],
        "resourceAccount": "111111111111",
    });
    for (key, value) in more.as_object().unwrap() {
        match value.as_object().filter(|_| key == "request") {
            Some(members) => {
                for (key, value) in members {
                    case["request"][key] = value.clone();
                }
            }
            None => case[key] = value.clone(),
        }
    }
    case
}

#[test]
fn every_vector_comes_out_as_aws_would_decide() {
    let output = here(&["tests/fixtures/iam"]);
    assert_eq!(err(&output), "489 cases: 489 as expected\n");
    assert_eq!(code(&output), 0);
    // The program says of itself that all is as expected; this looks for itself.
    let mut expected = BTreeMap::new();
    for entry in walkdir::WalkDir::new("tests/fixtures/iam") {
        let entry = entry.unwrap();
        if entry.path().extension().is_some_and(|end| end == "json") {
            let text = fs::read_to_string(entry.path()).unwrap();
            let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
            expected.extend(
                cases
                    .into_iter()
                    .map(|case| (case["id"].as_str().unwrap().to_owned(), case)),
            );
        }
    }
    let lines = lines(&output);
    assert_eq!(lines.len(), expected.len());
    for line in lines {
        let case = &expected[line["id"].as_str().unwrap()];
        let members: Vec<&String> = line.as_object().unwrap().keys().collect();
        let unknown = line["decision"] == "Unknown";
        let known = ["id", "decision", "deciding", "because", "missing"];
        assert_eq!(members, known[..if unknown { 5 } else { 4 }], "{line}");
        assert_eq!(line["decision"], case["expected"], "{line}");
        assert!(
            line["deciding"] == case["deciding"] || case["deciding"].is_array(),
            "{line}"
        );
        let because = line["because"].as_str().unwrap();
        assert!(because.len() > 10 && !because.ends_with('.'), "{line}");
        // Every answer that a statement gives names it, with its line.
        let silent = [
            "there is no",
            "has no",
            "nobody has seen",
            "no policy can",
            "needs no",
            "hangs on the account",
        ];
        let silent = silent.iter().any(|words| because.contains(words));
        let somewhere = because.contains("(line ") || because.contains("no statement of");
        assert!(silent || somewhere, "{line}");
    }
}

#[test]
fn a_case_not_as_expected_is_explained() {
    let output = here(&[EXAMPLE]);
    assert_eq!(code(&output), 1);
    let decisions: Vec<Value> = lines(&output);
    let decided: Vec<&str> = decisions
        .iter()
        .map(|line| line["decision"].as_str().unwrap())
        .collect();
    assert_eq!(decided, ["Allowed", "ExplicitDeny", "ImplicitDeny"]);
    assert_eq!(decisions[0]["deciding"], json!(["identity", "resource"]));
    assert_eq!(decisions[1]["deciding"], "resource");
    assert_eq!(
        decisions[2]["because"],
        "no statement of the resource policy allows it; nearest is statement `DeployReads` (line 22): \
         `arn:aws:s3:::shop-artifacts/*` covers what is in it, not `arn:aws:s3:::shop-artifacts` itself"
    );
    let told = err(&output);
    for words in [
        "wrong: deploy-lists-artifacts: is ImplicitDeny, expected Allowed\n",
        "  --> tests/fixtures/authorize/artifacts.yaml:45\n",
        "identity policy: allows\n",
        "resource policy: lacks an Allow (decides)\n",
        "artifacts.yaml:27: Deny, statement `OnlyEncrypted`: does not fit:",
        "3 cases: 2 as expected, 1 not as expected\n",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert!(!told.contains("ok: "));

    let human = here(&[EXAMPLE, "--format", "human"]);
    assert_eq!(code(&human), 1);
    assert_eq!(err(&human), "3 cases: 2 as expected, 1 not as expected\n");
    assert!(out(&human).starts_with("ok: deploy-reads-artifacts: Allowed\n"));
    assert!(out(&human).contains("resource policy: lacks an Allow (decides)\n"));
}

#[test]
fn the_page_on_policies_shows_a_case_of_the_example() {
    let page = fs::read_to_string("docs/policies.md").unwrap();
    let file = fs::read_to_string(EXAMPLE).unwrap();
    let parts = page.split("```yaml\n").skip(1);
    let mut parts = parts.map(|part| part.split("```").next().unwrap());
    assert!(parts.all(|part| file.contains(part)));
}

#[test]
fn the_example_of_the_help_runs() {
    let help = here(&["--help"]);
    let (_, behind) = out(&help).split_once("<<'END'\n").unwrap();
    let (example, _) = behind.split_once("END").unwrap();
    let output = piped(example, &[]);
    assert_eq!(err(&output), "1 case: 1 as expected\n");
    assert_eq!(code(&output), 0);
}

#[test]
fn a_trace_tells_of_every_layer() {
    let deny = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "NoVault", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::vault/*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]});
    let case = case(&json!({"scps": [[deny], "[]"], "boundary": "unknown"}));
    let text = serde_json::to_string(&case)
        .unwrap()
        .replace("\"[]\"", "[]");
    let output = piped(&text, &["--trace"]);
    assert_eq!(code(&output), 0);
    assert_eq!(err(&output), "1 case: 1 without expectation\n");
    assert_eq!(
        out(&output),
        "decided: read: ImplicitDeny
    there is no service control policy of level 2
      identity policy: allows
        <stdin>:1: Allow, statement `Read`: applies
      permissions boundary: not known
      service control policy, level 1 of 2: allows
        <stdin>:1: Deny, statement `NoVault`: does not fit: denied on `arn:aws:s3:::vault/*`,
          asked for on `arn:aws:s3:::store/a.zip`
        <stdin>:1: Allow, statement 2: applies
        1 statement is about something else
      service control policy, level 2 of 2: lacks an Allow (decides)
      there is no resource policy, session policy or resource control policy
"
    );
    // For programs the decisions stay alone on standard output.
    let output = piped(&text, &["--trace", "--format", "json"]);
    assert_eq!(lines(&output).len(), 1);
    assert!(err(&output).contains("service control policy, level 2 of 2"));
}

#[test]
fn a_trace_says_why_a_deny_does_not_hit() {
    let bucket = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "NotPrincipal": {"AWS": ["arn:aws:sts::111111111111:assumed-role/Build/run",
            "arn:aws:iam::111111111111:role/Build", "111111111111"]}, "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111111111111:role/Test"}, "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "NotResource": "arn:aws:s3:::store/*", "Action": "s3:*"},
        {"Effect": "Deny", "Principal": "*", "Resource": "*", "Action": "s3:PutObject"},
        {"Effect": "Allow", "Principal": "*", "Resource": "arn:aws:s3:::store/*.zip", "Action": "s3:GetObject"}]});
    let case = case(&json!({"resourcePolicy": bucket,
        "request": {"resource": "arn:aws:s3:::store/*", "resourceIsPattern": true}}));
    let output = piped(&case.to_string(), &["--trace"]);
    assert_eq!(
        out(&output),
        "decided: read: Allowed
    statement `Read` of the identity policy (line 1) allows it
      identity policy: allows (decides)
        <stdin>:1: Allow, statement `Read`: applies
      resource policy: allows
        <stdin>:1: Deny, statement 1: does not fit: `NotPrincipal` spares
          `arn:aws:iam::111111111111:role/Build`
        <stdin>:1: Deny, statement 2: does not fit: denied is
          `arn:aws:iam::111111111111:role/Test`, the caller is
          `arn:aws:iam::111111111111:role/Build`
        <stdin>:1: Deny, statement 3: does not fit: `NotResource` leaves out
          `arn:aws:s3:::store/*`
        <stdin>:1: Deny, statement 4: does not fit: denied is `s3:PutObject`, asked for is
          `s3:GetObject`
        <stdin>:1: Allow, statement 5: applies to some of `arn:aws:s3:::store/*`
      there is no permissions boundary, session policy, service control policy or resource control
        policy
"
    );
}

#[test]
fn the_reason_is_one_sentence() {
    let bucket = |principal: &str| {
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": principal},
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::store/*"}})
    };
    let table = [
        (
            json!({}),
            "statement `Read` of the identity policy (line 1) allows it",
        ),
        (
            json!({"request": {"action": "sts:GetCallerIdentity", "resource": "*"}}),
            "`sts:GetCallerIdentity` needs no permission",
        ),
        (
            json!({"request": {"principal": "arn:aws:iam::111111111111:root"}, "identityPolicies": []}),
            "the root user needs no Allow in its own account",
        ),
        (
            json!({"identityPolicies": [], "resourcePolicy": bucket("arn:aws:sts::111111111111:assumed-role/Build/other")}),
            "one Allow would do, and there is none: the principal has no identity policy; and no statement of the \
             resource policy allows it; nearest is statement 1 (line 1): admitted is \
             `arn:aws:sts::111111111111:assumed-role/Build/other`, the caller is \
             `arn:aws:sts::111111111111:assumed-role/Build/run`",
        ),
        (
            json!({"resourceAccount": "222222222222", "resourcePolicy": bucket("111111111111")}),
            "statement `Read` of the identity policy (line 1) and statement 1 of the resource policy (line 1) allow it",
        ),
        (
            json!({"resourceAccount": "222222222222"}),
            "there is no resource policy",
        ),
        (
            json!({"resourceAccount": null}),
            "it hangs on the account that owns the resource",
        ),
        (
            json!({"request": {"action": "codebuild:StartBuild",
                    "resource": "arn:aws:codebuild:eu-west-1:222222222222:project/site"},
                   "resourceAccount": "222222222222",
                   "identityPolicies": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}),
            "no policy can allow `codebuild:StartBuild` to a caller from another account",
        ),
        (
            json!({"request": {"resource": "arn:aws:s3:::store/*", "resourceIsPattern": true}, "boundary":
                {"Statement": {"Sid": "Zips", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::store/*.zip"}}}),
            "the permissions boundary allows it for a part of `arn:aws:s3:::store/*` only; nearest is statement `Zips` \
             (line 1): allowed on `arn:aws:s3:::store/*.zip`, needed on `arn:aws:s3:::store/*`",
        ),
        (
            json!({"request": {"unknown": ["aws:SourceIp"]}, "identityPolicies": [{"Statement": {"Effect": "Allow",
                "Action": "*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}}]}),
            "it hangs on the value of `aws:SourceIp`, which statement 1 of the identity policy (line 1) asks for",
        ),
        (
            json!({"identityPolicies": [{"Statement": {"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}}]}),
            "no statement of the identity policy allows it; nearest is statement 1 (line 1): `NotAction` leaves out `s3:Get*`",
        ),
    ];
    for (more, because) in table {
        let output = piped(&case(&more).to_string(), &[]);
        assert_eq!(code(&output), 0, "{}", err(&output));
        assert_eq!(lines(&output)[0]["because"], because, "{more}");
    }
}

#[test]
fn cases_come_alone_in_lists_and_in_lines() {
    let one = case(&json!({"expected": "Allowed", "deciding": "identity"})).to_string();
    let ids = |text: &str| {
        let output = piped(text, &[]);
        assert_eq!(code(&output), 0, "{}", err(&output));
        lines(&output).len()
    };
    assert_eq!(ids(&one), 1);
    assert_eq!(ids(&format!("[{one}, {one}]")), 2);
    assert_eq!(ids(&format!("{one}\n{one}\n[{one}]\n")), 3);
    // A policy may be a string, as AWS returns it; a case may go without a name.
    let text = case(&json!({}))["identityPolicies"][0].to_string();
    let mut nameless = case(&json!({"identityPolicies": [text], "expected": "Allowed"}));
    nameless.as_object_mut().unwrap().remove("id");
    let output = piped(&format!("\n\n{nameless}"), &[]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert_eq!(lines(&output)[0]["id"], "<stdin>:3");
}

#[test]
fn several_files_and_standard_input_are_one_run() {
    let folder = TempDir::new().unwrap();
    let good = case(&json!({"expected": "Allowed"})).to_string();
    fs::write(folder.path().join("a.json"), &good).unwrap();
    fs::write(folder.path().join("notes.md"), "no case").unwrap();
    let bad = case(&json!({"id": "b", "expected": "Unknown"})).to_string();
    let output = run(folder.path(), &[".", "-"], &bad);
    assert_eq!(code(&output), 1);
    assert!(err(&output).ends_with("2 cases: 1 as expected, 1 not as expected\n"));
    assert!(err(&output).starts_with("wrong: b: is Allowed, expected Unknown\n  --> <stdin>:1\n"));
    assert_eq!(code(&run(folder.path(), &["-", "-"], &bad)), 2);
    assert_eq!(code(&run(folder.path(), &[], "")), 2);
}

#[test]
fn deciding_missing_and_resolutions_are_compared() {
    let asks = json!([{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}}]);
    let unknown = |more: &Value| {
        let mut case = case(&json!({"expected": "Unknown", "identityPolicies": asks,
            "request": {"unknown": ["aws:PrincipalTag/team"]}}));
        for (key, value) in more.as_object().unwrap() {
            case[key] = value.clone();
        }
        case
    };
    let red = json!({"context": {"aws:PrincipalTag/team": ["red"]}, "expected": "Allowed"});
    let none = json!({"context": {}, "expected": "ImplicitDeny"});
    let wrong = json!({"context": {}, "expected": "Allowed"});
    let table = [
        (
            unknown(
                &json!({"missing": ["context:aws:PrincipalTag/team"], "resolutions": [red, none]}),
            ),
            "",
        ),
        (
            unknown(&json!({"missing": "policy:scps"})),
            "read: missing `context:aws:PrincipalTag/team`, expected `policy:scps`\n",
        ),
        (
            unknown(&json!({"resolutions": [red, wrong]})),
            "read: without the unknown keys it is ImplicitDeny, expected Allowed\n",
        ),
        (
            unknown(&json!({"deciding": "resource"})),
            "read: decided by `identity`, expected `resource`\n",
        ),
        // Of several layers that lack the Allow any may be named, but not another one.
        (
            case(
                &json!({"identityPolicies": [], "expected": "ImplicitDeny", "deciding": ["identity", "resource"]}),
            ),
            "",
        ),
        (
            case(
                &json!({"identityPolicies": [], "expected": "ImplicitDeny", "deciding": ["resource", "scp"]}),
            ),
            "read: decided by `identity`, expected `resource` and `scp`\n",
        ),
    ];
    for (case, complaint) in table {
        let output = piped(&case.to_string(), &[]);
        assert_eq!(code(&output), i32::from(!complaint.is_empty()));
        assert!(err(&output).contains(complaint), "{}", err(&output));
    }
}

#[test]
fn what_cannot_be_read_is_named_all_at_once() {
    let folder = TempDir::new().unwrap();
    let text = r#"[
  {"id": "a", "request": {"principal": "Deploy", "action": "GetObject", "resource": "store"}},
  {"id": "b", "identityPolicy": [], "expected": "Allow"},
  {"id": "c", "request": {"principal": "anonymous", "action": "s3:GetObject", "resource": "*",
    "context": {"aws:SourceIp": "x"}, "unknown": ["aws:sourceip"], "resourceIsPattern": "yes"},
    "resourcePolicy": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
    "scps": [{}], "resourceAccount": "1111", "deciding": "bucket"},
  7
]"#;
    fs::write(folder.path().join("bad.json"), text).unwrap();
    fs::write(folder.path().join("worse.json"), "[{]").unwrap();
    let good = case(&json!({"expected": "Allowed"})).to_string();
    fs::write(folder.path().join("good.json"), good).unwrap();
    let words = ["good.json", "bad.json", "worse.json", "none.json"];
    let output = run(folder.path(), &words, "");
    assert_eq!(code(&output), 2);
    assert_eq!(out(&output), "");
    let told = err(&output);
    for words in [
        "error: bad.json:2:40: `Deploy` is no principal: expected the ARN of a role",
        "error: bad.json:2:60: `GetObject` is no action: expected one such as `s3:GetObject`",
        "error: bad.json:2:85: `store` is no resource: expected an ARN",
        "error: bad.json:3:3: the case has no `request`",
        "error: bad.json:3:15: unknown member `identityPolicy` in a case\n  help: did you mean `identityPolicies`?",
        "error: bad.json:3:49: `Allow` is nothing that `expected` can be\n  help: did you mean `Allowed`?",
        "error: bad.json:5:51: `aws:sourceip` is in `unknown` and in `context`",
        "error: bad.json:5:89: expected `resourceIsPattern` to be `true` or `false`",
        "error: bad.json:6:37: the statement has no `Principal`",
        "error: bad.json:7:14: expected `scps` as one list of policies per level",
        "error: bad.json:7:38: `1111` is no account: expected twelve digits",
        "error: bad.json:7:58: `bucket` is nothing that `deciding` can be",
        "error: bad.json:8:3: expected a case",
        "error: worse.json:1:3: ",
        "error: none.json: no such file or folder",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    let empty = piped("[]", &[]);
    assert_eq!(code(&empty), 2);
    assert!(err(&empty).starts_with("error: no case among the inputs\n"));
}

/// Every member of a case, left out and replaced by something that it cannot be: read, or refused with a place.
#[test]
fn no_damage_to_a_case_goes_unseen_or_stops_the_program() {
    let text = fs::read_to_string("tests/fixtures/iam/14-unknown.json").unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let (mut read, mut refused) = (0, 0);
    for case in &cases {
        for pointer in pointers(case) {
            for odd in [json!(null), json!(7), json!([[]]), json!({"a": "*"})] {
                let mut case = case.clone();
                *case.pointer_mut(&pointer).unwrap() = odd;
                let mut sources = Sources::new();
                let input = Input::Stdin {
                    bytes: case.to_string().into_bytes(),
                    name: "case.json".to_owned(),
                };
                match cases_of(&mut sources, &[input]) {
                    Ok(cases) => {
                        let answer = authorize::answer(&cases[0], &sources);
                        assert!(!answer.because.is_empty());
                        assert!(!authorize::trace(&cases[0], &answer, &sources).is_empty());
                        read += 1;
                    }
                    Err(errors) => {
                        assert!(!errors.is_empty());
                        assert!(errors.iter().all(|error| error.position.is_some()));
                        refused += 1;
                    }
                }
            }
        }
    }
    println!("{read} read, {refused} refused");
    assert!(
        read > 500 && refused > 1000,
        "{read} read, {refused} refused"
    );
}

/// Where everything inside a value stands.
fn pointers(value: &Value) -> Vec<String> {
    let inner = |key: &str, value: &Value| {
        let own = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
        let below = pointers(value)
            .into_iter()
            .map(|rest| format!("{own}{rest}"));
        let below: Vec<String> = below.collect();
        [vec![own.clone()], below].concat()
    };
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| inner(key, value))
            .collect(),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(at, value)| inner(&at.to_string(), value))
                .collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn what_a_case_is_called_gives_a_terminal_no_orders() {
    let case = case(&json!({"id": "a\u{1b}[31m", "expected": "Unknown"})).to_string();
    let output = piped(&case, &["--format", "human"]);
    assert!(
        out(&output).starts_with("wrong: a?[31m: is Allowed"),
        "{}",
        out(&output)
    );
}
