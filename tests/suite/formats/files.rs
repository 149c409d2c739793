//! `--report`: several reports of one run, each whole or not at all.

use std::fs;

use pipeline_preflight::report::FORMATS;

use crate::cli::{code, err, folder, out, refused, run};

#[test]
fn one_run_writes_every_format_as_the_format_alone_does() {
    let folder = folder();
    let mut words = vec!["check".to_owned(), "pipeline.json".to_owned()];
    for format in FORMATS {
        words.extend(["--report".to_owned(), format!("{0}={0}.txt", format.name)]);
    }
    let output = run(folder.path(), &words);
    assert_eq!(code(&output), 0, "{}", err(&output));
    // The log is there as ever.
    assert_eq!(
        output.stdout,
        run(folder.path(), ["check", "pipeline.json"]).stdout
    );
    for format in FORMATS {
        let file = fs::read(folder.path().join(format!("{}.txt", format.name))).unwrap();
        let alone = run(
            folder.path(),
            ["check", "pipeline.json", "--format", format.name],
        );
        assert!(!file.is_empty() && file == alone.stdout, "{}", format.name);
    }
}

#[test]
fn a_dash_is_standard_output_once() {
    let folder = folder();
    let run = |words: &[&str]| run(folder.path(), [&["check", "pipeline.json"], words].concat());
    let output = run(&["--report", "gitlab=-", "--report", "json=x.json"]);
    assert_eq!(output.stdout, run(&["--format", "gitlab"]).stdout);
    let output = run(&["--report", "gitlab=-", "--output", "log.txt"]);
    assert_eq!(output.stdout, run(&["--format", "gitlab"]).stdout);
    assert_eq!(
        fs::read(folder.path().join("log.txt")).unwrap(),
        run(&[]).stdout
    );
    for words in [
        &["--report", "gitlab=-", "--report", "json=-"][..],
        &["--format", "human", "--report", "json=-"],
    ] {
        let said = refused(&run(words)).to_owned();
        assert!(
            said.contains("standard output can hold one report only"),
            "{said}"
        );
    }
}

#[test]
fn what_makes_no_sense_is_said() {
    let folder = folder();
    for (words, message) in [
        (&["--report", "sarif"][..], "expected `FORMAT=FILE`"),
        (
            &["--report", "sarf=x"],
            "unknown format `sarf`: did you mean `sarif`?",
        ),
        (
            &["--report", "sarif="],
            "expected a file for `sarif`, or `-`",
        ),
        (
            &["--report", "sarif=x", "--report", "json=x"],
            "`x` can hold one report only",
        ),
        (
            &["--output", "x", "--report", "json=x"],
            "`x` can hold one report only",
        ),
    ] {
        let output = run(folder.path(), [&["check", "pipeline.json"], words].concat());
        assert!(refused(&output).contains(message), "{}", err(&output));
        assert!(!folder.path().join("x").exists());
    }
}

/// Where one file cannot be written, the others are as they were, and standard output is empty.
#[test]
fn no_report_is_written_when_one_cannot_be() {
    let folder = folder();
    fs::write(folder.path().join("old.json"), "old").unwrap();
    let output = run(
        folder.path(),
        [
            "check",
            "pipeline.json",
            "--report",
            "json=old.json",
            "--report",
            "sarif=none/x.sarif",
        ],
    );
    let said = refused(&output);
    assert!(said.contains("`none/x.sarif` cannot be written"), "{said}");
    for word in ["os error", ".pipeline-preflight-"] {
        assert!(!said.contains(word), "`{word}` in {said}");
    }
    let old = fs::read_to_string(folder.path().join("old.json")).unwrap();
    assert_eq!(old, "old");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
    // A run that cannot be done writes none either.
    let words = ["check", "none.json", "--report", "json=old.json"];
    refused(&run(folder.path(), words));
    let old = fs::read_to_string(folder.path().join("old.json")).unwrap();
    assert_eq!(old, "old");
}

#[test]
fn quiet_twice_still_writes_files() {
    let folder = folder();
    let output = run(
        folder.path(),
        [
            "check",
            "pipeline.json",
            "-qq",
            "--fail-on",
            "note",
            "--report",
            "json=x.json",
        ],
    );
    assert_eq!((code(&output), out(&output)), (1, ""));
    assert!(folder.path().join("x.json").exists());
}

#[test]
fn requirements_come_as_a_table_too() {
    let folder = folder();
    let words = ["requirements", "pipeline.json", "--format", "csv"];
    let alone = run(folder.path(), words);
    assert_eq!(code(&alone), 0, "{}", err(&alone));
    let beside = run(folder.path(), ["check", "pipeline.json", "--format", "csv"]);
    assert_eq!(out(&alone), out(&beside));
    assert!(out(&alone).starts_with("decision,principal,"));
    assert!(out(&alone).lines().count() > 5);
}
