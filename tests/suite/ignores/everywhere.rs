//! What is ignored, on the command line and in every format.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::cli::{code, err, out, refused, run};
use crate::world::fixtures;

/// Runs in a folder with a configuration file that names the booking system and ignores what is said.
fn check(ignore: &str, words: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let case = fixtures("cases/codebuild-app-account/broken");
    let inputs = serde_json::to_string(&[case]).unwrap();
    let file = format!("inputs: {inputs}\nassume: {{Token: not-to-be-shown}}\nignore:\n{ignore}");
    fs::write(folder.path().join("pipeline-preflight.yaml"), file).unwrap();
    run(
        folder.path(),
        [&["check", "--today", "2026-11-20"], words].concat(),
    )
}

const ALL: &str = "  - {rule: '*-missing', reason: we know, expires: 2027-01-31}\n";
const BUCKET: &str = "  - rule: bucket-policy-missing\n    action: Build\n    reason: later\n";

#[test]
fn the_exit_code_counts_what_is_left() {
    assert_eq!(code(&check(ALL, &[])), 0);
    assert_eq!(code(&check(ALL, &["--no-ignores"])), 1);
    assert_eq!(code(&check(BUCKET, &[])), 1);
    let expired = ALL.replace("2027-01-31", "2026-11-19");
    assert_eq!(code(&check(&expired, &[])), 1);
    assert_eq!(
        code(&check(&expired, &["--today", "2026-11-19"])),
        2,
        "twice is once too many"
    );
}

#[test]
fn the_summary_counts_what_is_ignored() {
    let output = check(ALL, &[]);
    assert!(
        out(&output).ends_with("no findings\n6 ignored\n"),
        "{}",
        out(&output)
    );
    let output = check(BUCKET, &[]);
    let end = "6 errors\n1 ignored\n`pipeline-preflight explain RULE` says more about a rule\n";
    assert!(out(&output).ends_with(end), "{}", out(&output));
    let output = check(ALL, &["--no-ignores"]);
    assert!(!out(&output).contains("ignored"));
}

#[test]
fn json_keeps_what_is_ignored_and_why() {
    let report = |words: &[&str]| -> Value {
        let words = [&["--format", "json"], words].concat();
        serde_json::from_str(out(&check(BUCKET, &words))).unwrap()
    };
    let all = report(&["--no-ignores"]);
    assert!(all.get("suppressed").is_none());
    let report = report(&[]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 6);
    let suppressed = report["suppressed"].as_array().unwrap();
    assert_eq!(suppressed.len(), 1);
    let one = &suppressed[0];
    assert_eq!(one["rule"], "bucket-policy-missing");
    assert_eq!(one["affects"].as_array().unwrap().len(), 1);
    assert_eq!(one["affects"][0]["action"], "Build");
    let why = &one["suppression"];
    assert_eq!(why["by"], "configuration");
    assert_eq!(why["reason"], "later");
    assert!(why.get("expires").is_none());
    assert_eq!(why["location"]["file"], "pipeline-preflight.yaml");
    // The first entry of the list in the file that `check` writes.
    assert_eq!(
        why["location"]["start"],
        serde_json::json!({"line": 4, "column": 5})
    );
    // All that a finding has.
    let members =
        |finding: &Value| -> Vec<String> { finding.as_object().unwrap().keys().cloned().collect() };
    let mut expected = members(&all["findings"][1]);
    assert_eq!(all["findings"][1]["rule"], "bucket-policy-missing");
    expected.push("suppression".to_owned());
    assert_eq!(members(one), expected);
}

#[test]
fn code_scanning_is_told_who_suppresses_what() {
    let output = check(ALL, &["--format", "sarif"]);
    let log: Value = serde_json::from_str(out(&output)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 6);
    for one in results {
        let [suppression] = one["suppressions"].as_array().unwrap().as_slice() else {
            panic!("{one}");
        };
        assert_eq!(suppression["kind"], "external");
        assert_eq!(suppression["justification"], "we know");
        assert_eq!(suppression["properties"]["expires"], "2027-01-31");
        let place = &suppression["location"]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "pipeline-preflight.yaml");
        assert_eq!(place["region"]["startLine"], 4);
    }
    // Of those that count it is said that nobody does; where nobody ignores anything, nothing is said.
    let output = check(BUCKET, &["--format", "sarif"]);
    let log: Value = serde_json::from_str(out(&output)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let counts: Vec<usize> = results
        .iter()
        .map(|one| one["suppressions"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [0, 0, 0, 0, 0, 0, 1]);
    let output = check(BUCKET, &["--format", "sarif", "--no-ignores"]);
    assert!(!out(&output).contains("suppressions"));
}

#[test]
fn markdown_folds_it_away_and_the_others_leave_it_out() {
    let page = check(ALL, &["--format", "markdown"]);
    let page = out(&page);
    assert!(page.starts_with("### pipeline-preflight: no findings\n"));
    assert!(page.contains("<summary>6 ignored</summary>\n\n- <code>"));
    assert_eq!(
        page.matches(
            "; ignored until 2027-01-31: we know (<code>pipeline-preflight.yaml:4</code>)\n"
        )
        .count(),
        6
    );
    for format in ["junit", "github", "gitlab"] {
        let output = check(ALL, &["--format", format]);
        assert!(!out(&output).contains("-missing"), "{format}");
        assert!(!out(&output).contains("we know"), "{format}");
    }
    // What is needed is needed, whoever knows of it.
    let plain = check(ALL, &["--format", "csv", "--no-ignores"]);
    assert_eq!(out(&plain), out(&check(ALL, &["--format", "csv"])));
}

/// A place in the configuration file is shown with the lines around it, which may hold values of parameters.
#[test]
fn of_the_configuration_file_only_the_entries_are_shown() {
    let output = check("  - {rule: trust-missing, reason: gone}\n", &[]);
    assert!(
        out(&output).contains("{rule: trust-missing, reason: gone}"),
        "{}",
        out(&output)
    );
    assert!(
        !out(&output).contains("not-to-be-shown"),
        "{}",
        out(&output)
    );
}

#[test]
fn entries_that_say_too_little_end_the_run() {
    for (ignore, expected) in [
        (
            "  - {rule: trust-mising, reason: x}\n",
            "pipeline-preflight.yaml:4:12: `trust-mising` names no rule that there is",
        ),
        (
            "  - {rule: trust-mising, reason: x}\n",
            "did you mean `trust-missing`?",
        ),
        (
            "  - {rule: 'nothing-*', reason: x}\n",
            "`nothing-*` names no rule that there is",
        ),
        (
            "  - {rule: ignore-unused, reason: x}\n",
            "names a rule about ignores themselves",
        ),
        ("  - {rule: trust-missing}\n", "`reason`"),
        (
            "  - {rule: trust-missing, reason: ''}\n",
            "the reason is empty",
        ),
        (
            "  - {rule: trust-missing, reason: '  '}\n",
            "the reason is empty",
        ),
        ("  - {reason: x}\n", "`rule`"),
        (
            "  - {rule: trust-missing, reason: x, acton: Build}\n",
            "did you mean `action`?",
        ),
        (
            "  - {rule: trust-missing, reason: x, expires: June}\n",
            "`June` is no day such as `2026-12-31`",
        ),
        (
            "  - {rule: trust-missing, reason: x, expires: 2026-02-30}\n",
            "`2026-02-30` is no day",
        ),
    ] {
        let output = check(ignore, &[]);
        assert!(
            refused(&output).contains(expected),
            "{ignore}{}",
            err(&output)
        );
        assert!(
            refused(&output).contains("pipeline-preflight.yaml:"),
            "{ignore}{}",
            err(&output)
        );
    }
}

/// Every place of an entry, as another tool would open it.
#[test]
fn comments_and_metadata_are_named_in_the_reports() {
    let folder = tempfile::tempdir().unwrap();
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/templates/readme");
    let tools = fs::read_to_string(templates.join("tools.yaml")).unwrap();
    let prod = templates.join("prod.yaml");
    let check = |tools: &str, words: &[&str]| {
        fs::write(folder.path().join("tools.yaml"), tools).unwrap();
        let prod = format!("{},account=222222222222,region=eu-west-1", prod.display());
        let stack = "tools.yaml,account=111111111111,region=eu-west-1";
        let first = [
            "check",
            "--stack",
            stack,
            "--stack",
            &prod,
            "--assume",
            "ToolsAccount=111111111111",
            "--assume",
            "ProdAccount=222222222222",
            "--today",
            "2026-11-20",
        ];
        run(folder.path(), [&first, words].concat())
    };
    let line = tools
        .lines()
        .position(|line| line == "  ArtifactsPolicy:")
        .unwrap()
        + 1;
    let comment = tools.replace(
        "  ArtifactsPolicy:\n",
        "  ArtifactsPolicy: # pipeline-preflight: ignore[bucket-policy-missing] renamed\n",
    );
    let metadata = tools.replace("  ArtifactsPolicy:\n", "  ArtifactsPolicy:\n    Metadata: {pipeline-preflight: {ignore: [{rule: bucket-policy-missing, reason: renamed}]}}\n");
    for (template, by, line, column) in [
        (&comment, "comment", line, 20),
        (&metadata, "metadata", line + 1, 46),
    ] {
        let output = check(template, &["--format", "json"]);
        assert_eq!(code(&output), 0, "{}", err(&output));
        let report: Value = serde_json::from_str(out(&output)).unwrap();
        let why = &report["suppressed"][0]["suppression"];
        assert_eq!(why["by"], by);
        assert_eq!(why["reason"], "renamed");
        assert_eq!(why["location"]["file"], "tools.yaml");
        assert_eq!(why["location"]["start"]["line"], line);
        assert_eq!(why["location"]["start"]["column"], column, "{by}");
        let output = check(template, &["--format", "sarif"]);
        assert!(out(&output).contains("\"kind\": \"inSource\""));
        assert_eq!(code(&check(template, &["--no-ignores"])), 1);
    }
    let lacking = comment.replace("] renamed\n", "]\n");
    let output = check(&lacking, &[]);
    assert_eq!(code(&output), 1);
    let said = format!("tools.yaml:{line}:20");
    assert!(
        err(&output).contains("the comment gives no reason; it ignores nothing"),
        "{}",
        err(&output)
    );
    assert!(err(&output).contains(&said), "{}", err(&output));
}

/// What the guide shows of a template is what its command reads.
#[test]
fn the_guide_shows_the_template_that_it_checks() {
    let guide = fs::read_to_string("docs/ignoring.md").unwrap();
    let template = fs::read_to_string("tests/fixtures/ignoring/tools.yaml").unwrap();
    let blocks = guide.split("```yaml\n").skip(2);
    let blocks: Vec<&str> = blocks
        .map(|block| block.split("```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        assert!(template.contains(block), "{block}");
    }
}
