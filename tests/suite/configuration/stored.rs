//! Where it is found and how it is stored.

use super::*;

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
