//! `pipeline-preflight.yaml`: what it may say, what is told of what it may not say, and what wins over it.

use std::fs;
use std::path::Path;
use std::process::Output;

use pipeline_preflight::report::FORMATS;
use serde_json::{Map, Value};
use tempfile::TempDir;

use crate::cli::{code, err, folder, out, program, refused, run};
use crate::formats::json_schema;
use crate::world::fixtures;

const NAME: &str = "pipeline-preflight.yaml";
/// Errors, and nothing undecided.
const BROKEN: &str = "cases/cfn-cross-account/broken";

/// A folder with a pipeline of which nothing else is known, and this configuration.
fn with(text: impl AsRef<[u8]>) -> TempDir {
    let folder = folder();
    fs::write(folder.path().join(NAME), text).unwrap();
    folder
}

fn check(folder: &TempDir, words: &[&str]) -> Output {
    run(folder.path(), [&["check"], words].concat())
}

fn json(folder: &TempDir, words: &[&str]) -> (i32, Value) {
    let output = check(folder, &[words, &["--format", "json"]].concat());
    assert_eq!(err(&output), "");
    (code(&output), serde_json::from_str(out(&output)).unwrap())
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    let rules = findings.iter().map(|one| one["rule"].as_str().unwrap());
    rules.collect()
}

fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string("docs/schema/configuration.json").unwrap()).unwrap()
}

/// What an editor sees of a text: keys are texts, however they are written.
fn seen(text: &str) -> Value {
    fn of(value: &serde_yaml::Value) -> Value {
        match value {
            serde_yaml::Value::Mapping(members) => {
                let members = members.iter().map(|(key, value)| {
                    let key = match of(key) {
                        Value::String(key) => key,
                        other => other.to_string(),
                    };
                    (key, of(value))
                });
                Value::Object(members.collect::<Map<_, _>>())
            }
            serde_yaml::Value::Sequence(items) => items.iter().map(of).collect(),
            other => serde_json::to_value(other).unwrap(),
        }
    }
    of(&serde_yaml::from_str(text).unwrap())
}

/// A text, what is told of it behind the file's name, and whether its shape is at fault, so that an editor can tell as well.
const FAULTS: &[(&str, &str, bool)] = &[
    // Keys, on every level.
    (
        "input: []\n",
        ":1:1: unknown key `input`\n  help: did you mean `inputs`?\n",
        true,
    ),
    (
        "strict: true\nfail_on: error\n",
        ":2:1: unknown key `fail_on`\n  help: did you mean `fail-on`?\n",
        true,
    ),
    (
        "qqq: 1\n",
        ":1:1: unknown key `qqq`\n  help: expected one of `inputs`, `stacks`, `assume`, ",
        true,
    ),
    (
        "stacks:\n  - template: a.yaml\n    acount: 111111111111\n",
        ":3:5: stacks[0]: unknown key `acount`\n  help: did you mean `account`?\n",
        true,
    ),
    (
        "accounts:\n  222222222222:\n    profile: a\n    rol: x\n",
        ":4:5: accounts.222222222222: unknown key `rol`\n  help: did you mean `role`?\n",
        true,
    ),
    (
        "severities:\n  pass-role-anything: error\n  trust-mising: off\n",
        ":3:3: no rule is called `trust-mising`\n  help: did you mean `trust-missing`?\n",
        false,
    ),
    (
        "severities:\n  qqq: off\n",
        ":2:3: no rule is called `qqq`\n  help: `pipeline-preflight rules` lists them\n",
        false,
    ),
    // Words that are none of those that may stand there.
    (
        "fail-on: errors\n",
        ":1:10: fail-on: unknown value `errors`\n  help: did you mean `error`?\n",
        true,
    ),
    (
        "fail-on: 3\n",
        ":1:10: fail-on: unknown value `3`\n  help: expected one of `error`, `warning`, `note`\n",
        true,
    ),
    (
        "fail-on: off\n",
        ":1:10: fail-on: unknown value `off`\n  help: expected one of `error`, `warning`, `note`\n",
        true,
    ),
    (
        "severities: {trust-missing: fatal}\n",
        ":1:29: severities.trust-missing: unknown value `fatal`\n  help: expected one of `error`, `warning`, `note`, `off`\n",
        true,
    ),
    // Of another kind.
    (
        "fail-on: [error]\n",
        ":1:10: fail-on: expected one of `error`, `warning`, `note`, found a list\n",
        true,
    ),
    (
        "fail-on:\n",
        ": fail-on: expected one of `error`, `warning`, `note`, found nothing\n",
        true,
    ),
    (
        "strict: yes\n",
        ":1:9: strict: expected `true` or `false`, found `yes`\n",
        true,
    ),
    (
        "strict: 1\n",
        ":1:9: strict: expected `true` or `false`, found the number `1`\n",
        true,
    ),
    (
        "inputs: pipeline.json\n",
        ":1:9: inputs: expected a list, found `pipeline.json`\n",
        true,
    ),
    (
        "inputs: [3]\n",
        ":1:10: inputs[0]: expected the name of a file or folder, found the number `3`\n",
        true,
    ),
    (
        "inputs:\n",
        ": inputs: expected a list, found nothing\n",
        true,
    ),
    (
        "stacks: {template: a.yaml}\n",
        ":1:9: stacks: expected a list, found a map\n",
        true,
    ),
    (
        "stacks: [a.yaml]\n",
        ":1:10: stacks[0]: expected a map, found `a.yaml`\n",
        true,
    ),
    (
        "stacks:\n  - account: 111111111111\n",
        ":2:5: stacks[0]: the key `template` is missing\n",
        true,
    ),
    (
        "stacks:\n  - template: a.yaml\n    account: 1111\n",
        ":3:14: stacks[0].account: expected an account's 12 digits, found `1111`\n",
        true,
    ),
    (
        "stacks:\n  - template: a.yaml\n    region: Ireland\n",
        ":3:13: stacks[0].region: expected a Region such as `eu-west-1`, found `Ireland`\n",
        true,
    ),
    (
        "stacks:\n  - template: a.yaml\n    parameters: 3\n",
        ":3:17: stacks[0].parameters: expected a file, a list of files, or a map of values, found the number `3`\n",
        true,
    ),
    (
        "assume: [a]\n",
        ":1:9: assume: expected a map, found a list\n",
        true,
    ),
    (
        "assume: {A: {b: c}}\n",
        ":1:13: assume.A: expected a text, a number or a boolean, found a map\n",
        true,
    ),
    (
        "assume: {A: 1.10}\n",
        ":1:13: assume.A: a number with a fraction is ambiguous: put it in quotes\n",
        true,
    ),
    (
        "accounts: [a]\n",
        ":1:11: accounts: expected a map of accounts, or of aliases, found a list\n",
        true,
    ),
    (
        "accounts:\n  prod: 2222\n",
        ":2:9: accounts.prod: expected an account's 12 digits, found `2222`\n",
        true,
    ),
    (
        "accounts:\n  222222222222: {profile: a, external-id: b}\n",
        ":2:17: accounts.222222222222: `external-id` belongs to a `role`\n",
        true,
    ),
    (
        "severities: [trust-missing]\n",
        ":1:13: severities: expected a map of rules and what they weigh, found a list\n",
        true,
    ),
    (
        "rules: [a]\n",
        ":1:8: rules: expected the name of a file or folder, found a list\n",
        true,
    ),
    (
        "baseline: true\n",
        ":1:11: baseline: expected the name of a file or folder, found `true`\n",
        true,
    ),
    ("- strict\n", ":1:1: expected a map, found a list\n", true),
    ("strict\n", ":1:1: expected a map, found `strict`\n", true),
    // What only a reader of the text sees.
    (
        "strict: true\nstrict: true\n",
        ":2:1: the key `strict` stands twice in one map, first on line 1\n",
        false,
    ),
    (
        "strict: true\n---\nstrict: false\n",
        ":3:1: expected one document, found a second one\n",
        false,
    ),
    (
        "strict: !maybe true\n",
        ": strict: the tag `!maybe` means nothing here\n",
        false,
    ),
    (
        "rules: !Sub x\n",
        ": rules: the tag `!Sub` means nothing here\n",
        false,
    ),
    ("inputs: [\n", ": no valid YAML: ", false),
];

#[test]
fn faults_have_a_place_and_plain_words() {
    for (text, told, _) in FAULTS {
        let folder = with(text);
        for command in ["check", "requirements"] {
            let output = run(folder.path(), [command, "pipeline.json"]);
            let said = refused(&output);
            // Where a value is nothing it stands nowhere.
            let start = format!("error: {NAME}:");
            assert!(
                said.starts_with(&start) && said.contains(told),
                "{text}{said}"
            );
            assert!(
                !told.starts_with(":1") || said.starts_with(&format!("error: {NAME}{told}")),
                "{text}{said}"
            );
            for phrase in ["invalid", "sequence", "string", "struct", "unit", "field"] {
                assert!(!said.contains(phrase), "{said}");
            }
        }
    }
}

#[test]
fn editors_see_the_same_faults() {
    let schema = schema();
    for (text, _, shape) in FAULTS.iter().filter(|(_, _, shape)| *shape) {
        assert!(shape);
        assert!(
            !json_schema::faults(&schema, &seen(text)).is_empty(),
            "{text}"
        );
    }
}

/// Everything that may be said.
const FULL: &str = "\
inputs: [pipeline.json]
stacks:
  - template: tools.yaml
    account: 111111111111
    region: eu-west-1
    name: tools
    parameters: {ProdAccount: 222222222222, Switch: true, Names: [a, b]}
  - template: tools.yaml
    account: '012345678901'
    parameters: [params.json]
  - template: tools.yaml
    account: 012345678902
    parameters: params.json
assume: {ProdAccount: 222222222222, 'import:Bucket': artifacts, 'ssm:/a/b': 1}
accounts:
  prod: 222222222222
  222222222222: profile:target
  333333333333: {role: 'arn:aws:iam::333333333333:role/Audit', external-id: x}
  '444444444444': {profile: other}
rules: own
fail-on: note
strict: false
severities: {trust-missing: warning, metadata-left: off, house-rule: note}
baseline: known.json
";

fn full(text: &str) -> TempDir {
    let folder = with(text);
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "tools.yaml",
        "Parameters:\n  ProdAccount: {Type: String}\n  Switch: {Type: String, Default: 'x'}\n  Names: {Type: CommaDelimitedList, Default: ''}\n\
         Resources:\n  Topic: {Type: AWS::SNS::Topic}\n",
    );
    write("params.json", r#"{"ProdAccount": "222222222222"}"#);
    write(
        "own/findings/house-rule.yaml",
        &fs::read_to_string("rules/findings/metadata-left.yaml")
            .unwrap()
            .replace("id: metadata-left", "id: house-rule"),
    );
    write("known.json", "{\"schema_version\": 1, \"findings\": []}\n");
    folder
}

#[test]
fn all_that_may_be_said_is_taken_and_valid_for_editors() {
    let faults = json_schema::faults(&schema(), &seen(FULL));
    assert!(faults.is_empty(), "{faults:#?}");
    let folder = full(FULL);
    let output = check(&folder, &[]);
    // Of the role nothing is known: a warning, and `fail-on` is `note`.
    assert_eq!((code(&output), err(&output)), (1, ""));
}

#[test]
fn the_file_is_read_however_it_is_stored() {
    // The role is not among the inputs: nothing but `strict` fails the run.
    let text = "strict: true\r\ninputs: [pipeline.json]\r\n";
    let marked = format!("\u{feff}{text}");
    let little: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        text.as_bytes(),
        marked.as_bytes(),
        &little,
        &big,
        b"{\"strict\": true, \"inputs\": [\"pipeline.json\"]}",
        b"{strict: true, inputs: [pipeline.json]}\n",
        b"---\nstrict: true\ninputs: [pipeline.json]\n...\n",
    ] {
        let output = check(&with(bytes), &[]);
        assert_eq!((code(&output), err(&output)), (1, ""), "{bytes:?}");
    }
    for nothing in [
        "",
        "\n",
        "# nothing yet\n",
        "---\n",
        "\u{feff}",
        "{}\n",
        "null\n",
    ] {
        let output = check(&with(nothing), &["pipeline.json"]);
        assert_eq!((code(&output), err(&output)), (0, ""), "{nothing:?}");
    }
    for (broken, told) in [
        (&b"strict: \xff\n"[..], "not valid UTF-8"),
        (b"strict: \0\n", "not a text"),
        (b"\xff\xfes", "not valid UTF-16"),
    ] {
        let output = check(&with(broken), &["pipeline.json"]);
        let told_of = format!("error: {NAME}");
        assert!(refused(&output).starts_with(&told_of) && err(&output).contains(told));
    }
    // Aliases of aliases, which would fill any memory.
    let mut bomb = "assume:\n  a0: &a0 [x, x]\n".to_owned();
    for level in 1..60 {
        let below = level - 1;
        bomb.push_str(&format!("  a{level}: &a{level} [*a{below}, *a{below}]\n"));
    }
    assert!(
        refused(&check(&with(bomb), &["pipeline.json"])).contains("the aliases stand for more")
    );
    let folder = folder();
    fs::create_dir(folder.path().join("conf")).unwrap();
    let output = check(&folder, &["pipeline.json", "--config", "conf"]);
    assert_eq!(
        refused(&output),
        "error: conf: expected a file, found a folder\n"
    );
}

#[test]
fn the_environment_may_name_the_file() {
    let folder = with("strict: true\n");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("lax.yaml", "strict: false\n");
    write("broken.yaml", "strct: false\n");
    let run = |named: Option<&str>, words: &[&str]| {
        let mut command = program(folder.path());
        command.args(["check", "pipeline.json"]).args(words);
        command.envs(named.map(|file| ("PIPELINE_PREFLIGHT_CONFIG", file)));
        command.output().unwrap()
    };
    assert_eq!(code(&run(None, &[])), 1);
    assert_eq!(code(&run(Some("lax.yaml"), &[])), 0);
    assert_eq!(code(&run(Some(""), &[])), 1);
    assert_eq!(code(&run(Some("lax.yaml"), &["--config", NAME])), 1);
    assert_eq!(
        code(&run(Some("broken.yaml"), &["--config", "lax.yaml"])),
        0
    );
    assert_eq!(code(&run(Some("broken.yaml"), &["--no-config"])), 0);
    let output = run(Some("broken.yaml"), &[]);
    assert!(refused(&output).starts_with("error: broken.yaml:1:1: unknown key `strct`\n"));
    assert_eq!(
        refused(&run(Some("gone.yaml"), &[])),
        "error: gone.yaml: no such file\n"
    );
}

#[test]
fn paths_are_those_that_files_have() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("conf/deep")).unwrap();
    let text = "inputs: [../.././pipeline.json, x/../y.json, ../../..]\nbaseline: ../known.json\n";
    let file = folder.path().join("conf/deep/c.yaml");
    fs::write(&file, text).unwrap();
    let shown = run(
        folder.path(),
        ["config", "show", "--config", "conf/deep/c.yaml"],
    );
    let told = seen(out(&shown));
    assert_eq!(
        told["inputs"],
        serde_json::json!(["pipeline.json", "conf/deep/y.json", ".."])
    );
    assert_eq!(told["baseline"], "conf/known.json");
    let here = with("inputs: [., ./pipeline.json]\n");
    let shown = run(here.path(), ["config", "show"]);
    assert_eq!(
        seen(out(&shown))["inputs"],
        serde_json::json!([".", "pipeline.json"])
    );
}

/// A folder whose configuration names the broken case, and says this besides.
fn broken(more: &str) -> TempDir {
    let input = fixtures(BROKEN).to_str().unwrap().to_owned();
    with(format!("inputs: ['{input}']\n{more}"))
}

#[test]
fn rules_weigh_what_the_file_says() {
    let (before, report) = json(&broken(""), &[]);
    let counts = |report: &Value| {
        let count = |name: &str| report["summary"][name].as_u64().unwrap();
        (count("errors"), count("warnings"), count("notes"))
    };
    assert_eq!((before, counts(&report)), (1, (1, 0, 0)));
    assert_eq!(rules(&report), ["passed-role-in-other-account"]);
    for (level, after, expected) in [
        ("error", 1, (1, 0, 0)),
        ("warning", 0, (0, 1, 0)),
        ("note", 0, (0, 0, 1)),
        ("off", 0, (0, 0, 0)),
    ] {
        let folder = broken(&format!(
            "severities: {{passed-role-in-other-account: {level}}}\n"
        ));
        let (code, changed) = json(&folder, &[]);
        assert_eq!((code, counts(&changed)), (after, expected), "{level}");
        // Who weighs findings otherwise decides nothing otherwise.
        for name in ["requirements", "allowed", "denied", "undecided"] {
            assert_eq!(changed["summary"][name], report["summary"][name]);
        }
        match changed["findings"].as_array().unwrap().as_slice() {
            [finding] => {
                assert_eq!(finding["severity"], level);
                assert_eq!(finding["fingerprint"], report["findings"][0]["fingerprint"]);
            }
            none => assert!(none.is_empty() && level == "off"),
        }
    }
}

#[test]
fn what_is_undecided_weighs_what_the_file_says() {
    let inputs = "inputs: [pipeline.json]\n";
    let (before, report) = json(&with(inputs), &[]);
    let found = rules(&report);
    let undecided = report["findings"].as_array().unwrap().iter();
    let mut undecided = undecided.filter(|one| one["decision"] == "undecided");
    let rule = undecided.next().unwrap()["rule"].as_str().unwrap();
    assert!(before == 0 && found.contains(&rule));
    let (after, report) = json(
        &with(format!("{inputs}severities: {{{rule}: error}}\n")),
        &[],
    );
    assert_eq!(
        (after, &report["findings"][0]["rule"]),
        (1, &Value::from(rule))
    );
    assert_eq!(report["findings"][0]["decision"], "undecided");
}

#[test]
fn the_command_line_wins_over_the_file() {
    let lax = broken("severities: {passed-role-in-other-account: note}\nfail-on: note\n");
    assert_eq!(code(&check(&lax, &[])), 1);
    assert_eq!(code(&check(&lax, &["--fail-on", "warning"])), 0);
    assert_eq!(code(&check(&lax, &["--exit-zero"])), 0);
    assert_eq!(
        code(&check(&lax, &["--skip", "passed-role-in-other-account"])),
        0
    );
    assert_eq!(
        code(&check(
            &lax,
            &["--only", "trust-missing,key-unusable-by-nobody"]
        )),
        2
    );
    let strict = with("strict: true\ninputs: [pipeline.json]\n");
    assert_eq!(code(&check(&strict, &[])), 1);
    assert_eq!(code(&check(&strict, &["--no-config", "pipeline.json"])), 0);
}

#[test]
fn what_is_left_of_the_undecided_fails_a_strict_run() {
    let folder = with("inputs: [pipeline.json]\n");
    let (_, report) = json(&folder, &[]);
    assert!(report["summary"]["undecided"].as_u64().unwrap() > 0);
    let findings = report["findings"].as_array().unwrap();
    let undecided = findings.iter().filter(|one| one["decision"] == "undecided");
    let mut undecided: Vec<&str> = undecided.map(|one| one["rule"].as_str().unwrap()).collect();
    undecided.dedup();
    assert!(!undecided.is_empty());
    assert_eq!(code(&check(&folder, &["--strict"])), 1);
    let skip = undecided.join(",");
    assert_eq!(code(&check(&folder, &["--strict", "--skip", &skip])), 0);
    assert_eq!(
        code(&check(&folder, &["--strict", "--only", "trust-missing"])),
        0
    );
    assert_eq!(
        code(&check(&folder, &["--strict", "--skip", "trust-missing"])),
        1
    );
    let off: String = undecided
        .iter()
        .map(|rule| format!("  {rule}: off\n"))
        .collect();
    let off = with(format!(
        "inputs: [pipeline.json]\nstrict: true\nseverities:\n{off}"
    ));
    assert_eq!(code(&check(&off, &[])), 0);
    // What is not shown counts all the same.
    let (shown, report) = json(&folder, &["--strict", "--min-severity", "error"]);
    assert_eq!((shown, rules(&report).len()), (1, 0));
}

#[test]
fn rules_that_do_not_exist_cannot_be_named() {
    let folder = broken("");
    for flag in ["--only", "--skip"] {
        for (rule, help) in [
            ("trust-mising", "did you mean `trust-missing`?"),
            ("qqq", "`pipeline-preflight rules` lists them"),
            (
                "pass-role-anything,",
                "`pipeline-preflight rules` lists them",
            ),
            ("*", "`pipeline-preflight rules` lists them"),
        ] {
            let output = check(&folder, &[flag, rule]);
            let said = refused(&output);
            assert!(said.starts_with("error: no rule is called `"), "{said}");
            assert!(said.ends_with(&format!("  help: {help}\n")), "{said}");
        }
        let both = check(&folder, &[flag, "trust-mising,metadata-lef"]);
        assert_eq!(refused(&both).matches("error: ").count(), 2);
    }
    // Those of one's own exist where they are read.
    let own = full("inputs: [pipeline.json]\n");
    assert_eq!(
        code(&check(&own, &["--rules", "own", "--only", "house-rule"])),
        0
    );
    assert!(refused(&check(&own, &["--only", "house-rule"])).contains("`house-rule`"));
    let output = check(&own, &["--only", "house-rule", "--config", NAME]);
    refused(&output);
    fs::write(
        own.path().join(NAME),
        "rules: own\nseverities: {house-rule: off}\n",
    )
    .unwrap();
    fs::create_dir(own.path().join("below")).unwrap();
    let below = own.path().join("below");
    assert_eq!(
        code(&run(
            &below,
            ["check", "../pipeline.json", "--only", "house-rule"]
        )),
        0
    );
    assert_eq!(code(&run(&below, ["requirements", "../pipeline.json"])), 0);
    // A folder of the command line stands in its place.
    fs::create_dir_all(below.join("others/findings")).unwrap();
    let other = fs::read_to_string("rules/findings/metadata-left.yaml").unwrap();
    let other = other.replace("id: metadata-left", "id: other-rule");
    fs::write(below.join("others/findings/other-rule.yaml"), other).unwrap();
    let output = run(&below, ["check", "../pipeline.json", "--rules", "others"]);
    assert!(refused(&output).starts_with(&format!(
        "error: ../{NAME}:2:14: no rule is called `house-rule`\n"
    )));
}

#[test]
fn a_least_severity_changes_what_is_shown_and_nothing_else() {
    let input = fixtures(BROKEN).to_str().unwrap().to_owned();
    let folder = with(format!(
        "inputs: ['{input}']\nseverities: {{passed-role-in-other-account: warning}}\nfail-on: warning\n"
    ));
    let (before, all) = json(&folder, &[]);
    let (after, shown) = json(&folder, &["--min-severity", "error"]);
    assert_eq!((before, after), (1, 1));
    assert_eq!(shown["summary"], all["summary"]);
    assert_eq!(
        (
            all["findings"].as_array().unwrap().len(),
            rules(&shown).len()
        ),
        (1, 0)
    );
    for format in FORMATS.iter().filter(|format| format.name != "csv") {
        let output = check(
            &folder,
            &["--min-severity", "error", "--format", format.name],
        );
        assert_eq!(code(&output), 1, "{}", format.name);
        let finding = "ShopPipelineRole` cannot pass";
        let words: Vec<&str> = out(&output).split_whitespace().collect();
        let told = words.join(" ").matches(finding).count();
        assert_eq!(told, 0, "{}", format.name);
        let output = check(
            &folder,
            &["--min-severity", "note", "--format", format.name],
        );
        let all = check(&folder, &["--format", format.name]);
        assert_eq!(out(&output), out(&all));
    }
}

#[test]
fn what_counts_is_shown_as_a_configuration_file() {
    let folder = full(FULL);
    let shown = run(folder.path(), ["config", "show"]);
    assert_eq!((code(&shown), err(&shown)), (0, ""));
    let text = out(&shown);
    assert!(
        text.starts_with("# from pipeline-preflight.yaml, and the command line\n"),
        "{text}"
    );
    let faults = json_schema::faults(&schema(), &seen(text));
    assert!(faults.is_empty(), "{faults:#?}\n{text}");
    // A file that says it says the same.
    fs::write(folder.path().join("again.yaml"), text).unwrap();
    let again = run(folder.path(), ["config", "show", "--config", "again.yaml"]);
    assert_eq!(out(&again), text.replacen(NAME, "again.yaml", 1));
    let (mut told, expected) = (seen(text), seen(FULL));
    assert_eq!(told["accounts"]["333333333333"]["external-id"], "****");
    told["accounts"]["333333333333"]["external-id"] = "x".into();
    for key in [
        "rules",
        "fail-on",
        "strict",
        "severities",
        "baseline",
        "inputs",
    ] {
        assert_eq!(told[key], expected[key], "{key}");
    }
    assert_eq!(told["stacks"][0]["parameters"]["Names"], "a,b");
    assert_eq!(told["stacks"][1]["account"], "012345678901");
    assert_eq!(told["stacks"][2]["account"], "012345678902");
    assert_eq!(
        told["accounts"]["333333333333"],
        expected["accounts"]["333333333333"]
    );
    assert_eq!(told["accounts"]["222222222222"]["profile"], "target");
    // From below all paths lead up, and the command line counts.
    fs::create_dir(folder.path().join("below")).unwrap();
    fs::write(folder.path().join("below/x.json"), "{}").unwrap();
    let words = [
        "config",
        "show",
        "x.json",
        "--fail-on",
        "error",
        "--strict",
        "--rules",
        "../own",
        "--assume",
        "ProdAccount=3",
        "--assume",
        "DbPassword=hunter2",
        "--only",
        "house-rule",
        "--format",
        "sarif",
        "--baseline",
        "b.json",
    ];
    let below = run(&folder.path().join("below"), words);
    assert_eq!((code(&below), err(&below)), (0, ""));
    let text = out(&below);
    assert!(
        text.starts_with("# from ../pipeline-preflight.yaml, and the command line\n"),
        "{text}"
    );
    assert!(
        text.contains("\n# no file can say, and is left out: `--only`\n"),
        "{text}"
    );
    let told = seen(text);
    assert_eq!(told["inputs"], serde_json::json!(["x.json"]));
    assert_eq!(
        (&told["fail-on"], &told["strict"]),
        (&"error".into(), &true.into())
    );
    assert_eq!(
        (&told["rules"], &told["baseline"]),
        (&"../own".into(), &"b.json".into())
    );
    assert_eq!(told["assume"]["ProdAccount"], "3");
    assert_eq!(told["assume"]["DbPassword"], "****");
    assert!(!text.contains("hunter2"));
}

#[test]
fn without_a_file_the_defaults_are_shown() {
    let folder = folder();
    let shown = run(folder.path(), ["config", "show"]);
    assert_eq!((code(&shown), err(&shown)), (0, ""));
    let told = seen(out(&shown));
    assert!(json_schema::faults(&schema(), &told).is_empty());
    assert_eq!(
        (&told["fail-on"], &told["strict"]),
        (&"error".into(), &false.into())
    );
    assert!(out(&shown).starts_with("# no configuration file, only the command line\n"));
    for words in [
        &["config"][..],
        &["config", "show", "--config", "gone.yaml"],
        &["config", "show", "--skip", "no-such-rule"],
        &["config", "show", "--fail-on", "never"],
        &["config", "show", "-", "-"],
    ] {
        refused(&run(folder.path(), words));
    }
}

#[test]
fn secrets_are_not_shown() {
    let folder = with(
        "stacks:\n  - template: t.yaml\n    parameters: {Hidden: hunter1, Plain: a, ApiToken: hunter2}\nassume: {tools.Hidden: hunter3, 'ssm:/db/password': hunter4, Plain: b}\n",
    );
    let template = "Parameters:\n  Hidden: {Type: String, NoEcho: true}\n  Plain: {Type: String}\nResources: {}\n";
    let shown = || {
        let shown = run(folder.path(), ["config", "show"]);
        assert_eq!(code(&shown), 0);
        assert!(
            !out(&shown).contains("hunter") && !err(&shown).contains("hunter"),
            "{}",
            out(&shown)
        );
        seen(out(&shown))
    };
    // A template that is not there may hold back anything.
    let told = shown();
    assert_eq!(told["stacks"][0]["parameters"]["Plain"], "****");
    for stored in [template.as_bytes().to_vec(), {
        let marked = format!("\u{feff}{template}");
        marked.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }] {
        fs::write(folder.path().join("t.yaml"), stored).unwrap();
        let told = shown();
        assert_eq!(told["stacks"][0]["parameters"]["Plain"], "a");
        assert_eq!(told["assume"]["Plain"], "b");
    }
}

#[test]
fn a_file_to_begin_with_is_written_once() {
    let folder = folder();
    let begun = run(folder.path(), ["config", "init"]);
    assert_eq!((code(&begun), err(&begun)), (0, ""));
    let text = fs::read_to_string(folder.path().join(NAME)).unwrap();
    assert_eq!(code(&check(&folder, &["pipeline.json"])), 0);
    fs::write(folder.path().join(NAME), "strict: true\n").unwrap();
    let again = run(folder.path(), ["config", "init"]);
    assert_eq!(
        refused(&again),
        format!("error: `{NAME}` is there already, and left as it is\n")
    );
    assert_eq!(
        fs::read_to_string(folder.path().join(NAME)).unwrap(),
        "strict: true\n"
    );
    assert!(
        text.lines()
            .all(|line| line.is_empty() || line.starts_with('#'))
    );
}

/// Whatever is undecided is told by a finding, so that what is left of the findings tells what is left undecided.
#[test]
fn what_is_undecided_has_a_finding() {
    for case in crate::world::cases() {
        let (result, _) = crate::world::check(&fixtures("cases").join(&case));
        let told = result
            .findings
            .iter()
            .any(|one| one.decision.name() == "undecided");
        assert!(result.summary.undecided == 0 || told, "{case}");
    }
}

/// The reference says something of every key, and all it shows is taken.
#[test]
fn the_reference_is_complete_and_true() {
    let page = fs::read_to_string("docs/configuration.md").unwrap();
    let schema = schema();
    let mut open = vec![&schema];
    while let Some(next) = open.pop() {
        match next {
            Value::Object(members) => {
                for (key, member) in members
                    .get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    assert!(
                        member["description"].is_string(),
                        "{key} has no description"
                    );
                    // Rules have pages of their own.
                    let is_rule = Path::new("docs/rules").join(format!("{key}.md")).exists();
                    assert!(is_rule || page.contains(&format!("`{key}`")), "{key}");
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    let blocks: Vec<&str> = page
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(blocks.len() > 3);
    for block in blocks {
        let faults = json_schema::faults(&schema, &seen(block));
        assert!(faults.is_empty(), "{block}{faults:#?}");
        let folder = folder();
        fs::write(folder.path().join(NAME), block).unwrap();
        let shown = run(folder.path(), ["config", "show", "--no-config"]);
        assert_eq!(code(&shown), 0);
        let output = run(folder.path(), ["config", "show"]);
        let own_rules = block.contains("\nrules:") || block.starts_with("rules:");
        assert!(code(&output) == 0 || own_rules, "{block}{}", err(&output));
    }
}
