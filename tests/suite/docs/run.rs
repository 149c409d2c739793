//! Every command that a page shows is run, in the order of the page, and what it prints is compared with what the page shows.
//!
//! A page has a folder of its own, with copies of the fixtures that it names; its commands run in bash, with this program in
//! `PATH`, one block after another. What a block prints, on either stream, is the next block of text under the same heading:
//! all of it, or pieces of it in their order with `[…]` for what is left out, also in the middle of a line. A comment
//! `<!-- test: … -->` before a block makes what its commands need and a reader has already, a tool in `bin/` too; `<!-- test: file NAME -->` before a
//! block writes that block into a file.
//! Nothing ends with a code above 1. `UPDATE_DOCS=1` writes what is printed now where something else is shown.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use walkdir::WalkDir;

use super::flags::is_understood;
use super::page::{Block, Page, Piece};
use super::shown::{compare, updated};
use super::words::calls;
use super::{TO_COME, pages, root};

/// Why blocks are not run here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// They ask AWS; `tests/moto/readme.py` reads these rows, and runs them against its emulator.
    Emulator,
    /// `.ci/run` runs them.
    Cargo,
    /// A test of their own makes what they need, and compares: `tests/suite/comparing/docs.rs`.
    Elsewhere,
}

/// Blocks that are not run: the page, how the block begins, and why. That bash takes them is checked, and that this program takes
/// each of its calls in them.
const NOT_RUN: &[(&str, &str, Why)] = &[
    ("README.md", "cargo test ", Why::Cargo),
    ("README.md", "aws codepipeline get-pipeline ", Why::Emulator),
    ("README.md", "pipeline-preflight snapshot ", Why::Emulator),
    (
        "docs/getting-started/before-update-pipeline.md",
        "aws ",
        Why::Emulator,
    ),
    (
        "docs/getting-started/offline-audit.md",
        "pipeline-preflight snapshot ",
        Why::Emulator,
    ),
    ("docs/inputs.md", "#!/usr/bin/env bash\n", Why::Emulator),
    (
        "docs/inputs.md",
        "mkdir -p \"$here\"/events/",
        Why::Emulator,
    ),
    (
        "docs/inputs.md",
        "pipeline-preflight check snapshot --caller ",
        Why::Emulator,
    ),
    ("docs/live.md", "aws ", Why::Emulator),
    (
        "docs/live.md",
        "pipeline-preflight check --live ",
        Why::Emulator,
    ),
    (
        "docs/live.md",
        "pipeline-preflight snapshot ",
        Why::Emulator,
    ),
    ("docs/live.md", "python3 -m venv ", Why::Emulator),
    ("docs/comparing.md", "pipeline-preflight ", Why::Elsewhere),
];

/// Ends a block at the first command that fails otherwise than by findings, and says where.
const PRELUDE: &str = "exec 2>&1; set -E; trap 's=$?; if [ $s -gt 1 ]; then echo \"exit code $s: $BASH_COMMAND\"; exit $s; fi' ERR\n";
/// How a comment begins that makes the next block a file.
const FILE: &str = "file ";
/// Where the fixtures are that pages name.
const FIXTURES: &str = "tests/fixtures/";
/// How the README begins before anything is installed.
const BY_CARGO: &str = "cargo run --locked --no-default-features -- ";

/// Pages, blocks that were run, blocks whose output was compared, blocks that were only parsed.
#[derive(Debug, Default)]
struct Counts {
    pages: usize,
    run: usize,
    calls: usize,
    compared: usize,
    parsed: usize,
}

#[test]
#[cfg_attr(windows, ignore = "the pages speak bash")]
fn every_command_prints_what_its_page_shows() {
    let pages = pages();
    let mut wrong = Vec::new();
    let mut counts = Counts::default();
    for page in &pages {
        wrong.extend(walk(page, &mut counts));
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(counts.compared >= 12, "{counts:?}");
    for (name, begins, why) in NOT_RUN {
        if TO_COME.contains(name) && !root().join(name).exists() {
            continue;
        }
        let page = pages.iter().find(|page| page.name == *name);
        let found = page.is_some_and(|page| {
            let mut blocks = page.blocks();
            blocks.any(|block| block.is_shell() && block.text.starts_with(begins))
        });
        assert!(found, "no block of {name} begins with `{begins}` ({why:?})");
    }
}

/// Runs one page; gives what is wrong.
fn walk(page: &Page, counts: &mut Counts) -> Vec<String> {
    let folder = folder(page);
    let mut wrong = Vec::new();
    let mut text = page.text.clone();
    // From the end, so that places before stay true.
    let mut updates = Vec::new();
    let mut commands = page.commands();
    counts.pages += 1;
    for (at, piece) in page.pieces.iter().enumerate() {
        let block = match piece {
            Piece::SetUp(script) if script.starts_with(FILE) => {
                let Some(Piece::Block(block)) = page.pieces.get(at + 1) else {
                    wrong.push(format!("{}: no block behind `{script}`", page.name));
                    continue;
                };
                let file = folder.path().join(&script[FILE.len()..]);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, &block.text).unwrap();
                continue;
            }
            Piece::SetUp(script) => {
                let output = bash(folder.path(), &format!("{PRELUDE}{script}"));
                if output.status.code() != Some(0) {
                    wrong.push(format!("{}: {script}\n{}", page.name, out(&output)));
                }
                continue;
            }
            Piece::Block(block) if block.is_shell() => block,
            _ => continue,
        };
        let (_, shown) = commands.next().unwrap();
        let place = format!("{}:{}", page.name, block.line);
        if why_not(page, block).is_some() {
            counts.parsed += 1;
            wrong.extend(parse(block).map(|fault| format!("{place}: {fault}")));
            continue;
        }
        counts.run += 1;
        let script = block.text.replace(BY_CARGO, "pipeline-preflight ");
        counts.calls += calls(&script).len();
        let output = bash(folder.path(), &format!("{PRELUDE}{script}"));
        let printed = out(&output);
        if output.status.code().is_none_or(|code| code > 1) {
            wrong.push(format!("{place}: {}\n{printed}", block.text));
            continue;
        }
        let Some(shown) = shown else { continue };
        counts.compared += 1;
        if let Err(fault) = compare(&shown.text, &printed) {
            let fault: String = fault.chars().take(1500).collect();
            wrong.push(format!("{}:{}: {fault}", page.name, shown.line));
            updates.push((shown.place.clone(), updated(&shown.text, &printed)));
        }
    }
    if std::env::var_os("UPDATE_DOCS").is_some() && !updates.is_empty() {
        for (place, printed) in updates.into_iter().rev() {
            text.replace_range(place, &printed);
        }
        fs::write(root().join(&page.name), text).unwrap();
    }
    wrong
}

fn why_not(page: &Page, block: &Block) -> Option<Why> {
    let mut rows = NOT_RUN.iter();
    let row = rows.find(|(name, begins, _)| page.name == *name && block.text.starts_with(begins));
    row.map(|(_, _, why)| *why)
}

/// A folder with copies of the fixtures that a page names, where it names them.
fn folder(page: &Page) -> TempDir {
    let folder = TempDir::new().unwrap();
    let known = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
    for (at, _) in page.text.match_indices(FIXTURES) {
        let name = page.text[at..]
            .split(|letter| !known(letter))
            .next()
            .unwrap();
        let name = name.trim_end_matches(['.', '/']);
        if name.len() < FIXTURES.len() || !root().join(name).exists() {
            continue;
        }
        for entry in WalkDir::new(root().join(name)) {
            let entry = entry.unwrap();
            let to = folder
                .path()
                .join(entry.path().strip_prefix(root()).unwrap());
            if entry.file_type().is_file() {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    folder
}

/// Runs a script with nothing of this machine around it but its tools.
fn bash(folder: &Path, script: &str) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_pipeline-preflight"));
    let tools = std::env::var_os("PATH").unwrap_or_default();
    let paths = [program.parent().unwrap().to_owned(), folder.join("bin")];
    let paths = paths.into_iter().chain(std::env::split_paths(&tools));
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", script])
        .env_clear()
        .env("PATH", std::env::join_paths(paths).unwrap())
        .env("LANG", "C.UTF-8")
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        bash.env(format!("GIT_{who}_NAME"), "Jane Doe")
            .env(format!("GIT_{who}_EMAIL"), "jane@example.com");
    }
    bash.current_dir(folder).stdin(Stdio::null());
    bash.output().expect("bash")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .replace("\r\n", "\n")
}

/// What is wrong with a block that is not run: bash does not take it, or this program a call in it.
fn parse(block: &Block) -> Option<String> {
    let checked = Command::new("bash")
        .args(["-n", "-c", &block.text])
        .output()
        .expect("bash");
    if !checked.status.success() {
        return Some(String::from_utf8_lossy(&checked.stderr).into_owned());
    }
    let calls = calls(&block.text);
    let mut faults = calls.iter().filter_map(|words| is_understood(words).err());
    faults.next()
}
