//! What `config show` and `config init` print and write.

use super::*;

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
