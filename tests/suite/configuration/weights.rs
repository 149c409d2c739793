//! What findings weigh, and what wins over the file.

use super::*;

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
