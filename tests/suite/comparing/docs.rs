//! The guide shows what its commands print, one after another in one repository, or pieces of it with `[…]` between them.

use std::fs;

use crate::cli::{code, err, out, program};

use super::formats::{before, now};
use super::git::Repository;

#[test]
fn the_guide_shows_the_real_output() {
    let guide = fs::read_to_string("docs/comparing.md").unwrap();
    let repository = Repository::new(before);
    now(repository.path());
    let mut shown = 0;
    for section in guide.split("\n```sh\n").skip(1) {
        let (command, behind) = section.split_once("\n```\n").unwrap();
        let words = command.strip_prefix("pipeline-preflight ").unwrap();
        let output = program(repository.path())
            .env("PATH", std::env::var_os("PATH").unwrap())
            .args(words.split_whitespace())
            .output()
            .unwrap();
        assert!(code(&output) < 2, "{command}: {}", err(&output));
        let (_, excerpt) = behind.split_once("```text\n").unwrap();
        let (excerpt, _) = excerpt.split_once("\n```\n").unwrap();
        let mut rest = out(&output);
        for piece in excerpt.split("\n[…]\n") {
            let Some((_, behind)) = rest.split_once(piece) else {
                panic!(
                    "{command} does not print\n{piece}\nin this order; it prints\n{}",
                    out(&output)
                );
            };
            rest = behind;
        }
        shown += 1;
    }
    assert_eq!(shown, 4);
    // The note, whose ARN the guide shortens.
    super::copy_bucket_and_key(repository.path());
    let words = [
        "check",
        "accounts",
        "--baseline",
        "pipeline-preflight-baseline.json",
    ];
    let output = program(repository.path()).args(words).output().unwrap();
    let (_, note) = guide.split_once("```text\nnote: ").unwrap();
    let (note, _) = note.split_once("\n```\n").unwrap();
    let mut told = err(&output);
    for piece in format!("note: {note}").split('…') {
        let piece = piece.trim_start_matches('`');
        let (_, behind) = told
            .split_once(piece)
            .unwrap_or_else(|| panic!("{piece:?} is not in {told}"));
        told = behind;
    }
}
