//! What this project brings for CI services agrees with the program, with itself, and with what its guide says. That it works is tried
//! by tests/integrations.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{folder, out, run};

const GUIDE: &str = "docs/ci.md";

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// What stands between two marks, as often as it does.
fn between<'t>(text: &'t str, before: &'t str, after: &'t str) -> impl Iterator<Item = &'t str> {
    let pieces = text.split(before).skip(1);
    pieces.filter_map(move |piece| piece.split_once(after).map(|(inner, _)| inner))
}

/// The long flags of a text, without their values.
fn flags(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| letter.is_whitespace() || "`\"()|,;".contains(letter));
    words
        .filter(|word| word.len() > 2 && word.starts_with("--"))
        .map(|word| word.split('=').next().unwrap())
}

#[test]
fn every_flag_is_one_of_the_program() {
    let help = |command: &str| out(&run(folder().path(), [command, "--help"])).to_owned();
    let (check, permissions) = (help("check"), help("permissions"));
    let known = |help: &str, flag: &str| {
        help.split_whitespace()
            .any(|word| word.trim_end_matches([',', '.']) == flag)
    };
    let mut seen = BTreeSet::new();
    let mut takes = |help: &str, text: &str, place: &str| {
        for flag in flags(text) {
            assert!(known(help, flag), "{place}: {flag}");
            seen.insert(flag.to_owned());
        }
    };
    let script = read(".github/action/check.sh");
    takes(&check, &script, "check.sh");
    let places = [
        GUIDE,
        "docs/ci/gitlab.yml",
        "docs/ci/buildspec.yml",
        ".pre-commit-hooks.yaml",
        "Dockerfile",
    ];
    for place in places {
        for line in read(place).lines() {
            if let Some((_, words)) = line.split_once(" check ") {
                takes(&check, words.split('`').next().unwrap(), place);
            }
            if let Some((_, words)) = line.split_once("preflight permissions ") {
                takes(&permissions, words.split('`').next().unwrap(), place);
            }
        }
    }
    // In the guide's sentences.
    let guide = read(GUIDE);
    for span in between(&guide, " `--", "`") {
        if span != "user" {
            takes(&check, &format!("--{span}"), GUIDE);
        }
    }
    for flag in [
        "--exit-zero",
        "--against",
        "--baseline",
        "--report",
        "--for",
    ] {
        assert!(seen.contains(flag), "{flag} is not seen any more");
    }
}

#[test]
fn the_action_hands_everything_over_as_variables() {
    let action = yaml("action.yml");
    let text = read("action.yml");
    let mut read_by_steps = String::new();
    for step in action["runs"]["steps"].as_array().unwrap() {
        let Some(script) = step["run"].as_str() else {
            // Pinned: a tag can be moved.
            let (_, commit) = step["uses"].as_str().unwrap().split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.chars().all(|digit| digit.is_ascii_hexdigit()));
            continue;
        };
        assert!(!script.contains("${{"), "{script}");
        read_by_steps = script.to_owned();
        for path in between(script, "$GITHUB_ACTION_PATH/", "\"") {
            let source = read(path);
            assert!(!source.contains("eval"), "{path}");
            for (name, _) in step["env"].as_object().unwrap() {
                assert!(source.contains(&format!("${name}")), "{path}: {name}");
            }
        }
    }
    assert_eq!(read_by_steps, "exit \"$EXIT_CODE\"", "the last step fails");
    for name in keys(&action["inputs"]) {
        assert!(text.contains(&format!("inputs.{name}")), "{name}");
    }
}

#[test]
fn the_guide_names_every_input_and_output_with_its_default() {
    let (action, guide) = (yaml("action.yml"), read(GUIDE));
    let rows: Vec<Vec<&str>> = guide
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let row = |name: &str| {
        let code = format!("`{name}`");
        let found = rows
            .iter()
            .find(|row| row[1].split(", ").any(|word| word == code));
        found.unwrap_or_else(|| panic!("{name} is not in the guide"))
    };
    for (name, input) in action["inputs"].as_object().unwrap() {
        let default = input["default"].as_str().unwrap();
        let shown = row(name)[3];
        match default {
            "" | "." => assert!(!shown.starts_with('`') || name == "config", "{name}"),
            _ => assert_eq!(shown, format!("`{default}`"), "{name}"),
        }
    }
    for name in keys(&action["outputs"]) {
        row(name);
    }
}

#[test]
fn archives_are_called_the_same_everywhere() {
    let release = yaml(".github/workflows/release.yml");
    let matrix = release["jobs"]["build"]["strategy"]["matrix"]["include"].as_array();
    let built: BTreeSet<String> = matrix
        .unwrap()
        .iter()
        .map(|row| row["target"].as_str().unwrap().to_owned())
        .collect();
    let install = read(".github/action/install.sh");
    let downloaded = between(&install, ") echo ", " ;;").map(str::to_owned);
    assert_eq!(downloaded.collect::<BTreeSet<_>>(), built);
    let guide = read(GUIDE);
    let shown = between(&guide, "| `pipeline-preflight-", ".tar.gz`").map(str::to_owned);
    assert_eq!(shown.collect::<BTreeSet<_>>(), built);
    let buildspec = read("docs/ci/buildspec.yml");
    let wanted = between(&buildspec, "/pipeline-preflight-", ".tar.gz").next();
    assert!(built.contains(wanted.unwrap()));
    for script in [&install, &read(".github/action/pack.sh")] {
        assert!(script.contains("archive=pipeline-preflight-$"), "{script}");
    }
}

#[test]
fn versions_are_those_of_the_manifest() {
    let version = env!("CARGO_PKG_VERSION");
    let mut seen = 0;
    for place in [GUIDE, "docs/ci/gitlab.yml", "docs/ci/buildspec.yml"] {
        let text = read(place);
        for before in ["@v", "rev: v", "ref: v", "download/v", "preflight:"] {
            for found in between(&text, before, "\n") {
                if found.starts_with(|first: char| first.is_ascii_digit()) {
                    let found = found.split(['/', ' ', '`']).next().unwrap();
                    assert!(found == version || found == "6", "{place}: {found}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen >= 8, "{seen}");
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(read("Dockerfile").contains(&format!("FROM rust:{rust}-")));
    for place in [".github/workflows/ci.yml", ".github/workflows/release.yml"] {
        let used = format!("rustup toolchain install {rust}.");
        assert!(read(place).contains(&used), "{place}");
    }
}

#[test]
fn hooks_take_no_names_of_files() {
    for hook in yaml(".pre-commit-hooks.yaml").as_array().unwrap() {
        assert_eq!(hook["entry"], "pipeline-preflight check");
        assert_eq!(hook["pass_filenames"], false, "files are checked together");
    }
}

#[test]
fn what_the_guide_links_to_is_there() {
    let guide = read(GUIDE);
    let mut links = 0;
    for link in between(&guide, "](", ")") {
        if !link.contains("://") && !link.starts_with('#') {
            assert!(Path::new("docs").join(link).exists(), "{link}");
            links += 1;
        }
    }
    assert!(links >= 4, "{links}");
    for file in between(&read("Dockerfile"), "\nCOPY ", " /usr/share") {
        for name in file.split(' ') {
            assert!(Path::new(name).exists(), "{name}");
        }
    }
}

/// Licences under which a program under the Apache License 2.0 may be shipped with what it contains: they ask for notices, and for
/// nothing of the program. <https://www.apache.org/legal/resolved.html#category-a>
const PERMISSIVE: [&str; 13] = [
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The crates that Cargo.lock says the program may need, on any system and with any features; what only tests need is not among them.
fn locked() -> BTreeSet<String> {
    let (manifest, lock) = (read("Cargo.toml"), read("Cargo.lock"));
    let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let name = between(package, "name = \"", "\"").next().unwrap();
        let list = between(package, "dependencies = [", "]")
            .next()
            .unwrap_or("");
        let names = list.split('"').skip(1).step_by(2);
        let names = names.filter_map(|entry| entry.split(' ').next());
        needs.entry(name).or_default().extend(names);
    }
    let section = between(&manifest, "\n[dependencies]\n", "\n[").next();
    let mut todo: Vec<&str> = section
        .unwrap()
        .lines()
        .filter_map(|line| {
            let renamed = between(line, "package = \"", "\"").next();
            renamed.or_else(|| line.split_once(" = ").map(|(name, _)| name))
        })
        .collect();
    assert!(todo.len() > 30, "{todo:?}");
    let mut seen = BTreeSet::new();
    while let Some(name) = todo.pop() {
        if seen.insert(name.to_owned()) {
            todo.extend(&needs[name]);
        }
    }
    seen
}

#[test]
fn every_crate_is_listed_with_a_licence_that_may_be_shipped() {
    let list = read("THIRD-PARTY-LICENSES.md");
    let mut named: BTreeSet<String> = BTreeSet::new();
    for line in list.lines().filter(|line| line.starts_with("| ")).skip(2) {
        let row: Vec<&str> = line.split('|').map(str::trim).collect();
        for licence in row[2].split(" AND ") {
            assert!(PERMISSIVE.contains(&licence), "{line}");
            assert!(list.contains(&format!("\n## {licence}")), "{line}: no text");
        }
        named.insert(row[1].to_owned());
    }
    let unused = between(&list, "on any system:\n", "\n").next().unwrap();
    for name in unused.split(", ") {
        assert!(named.insert(name.to_owned()), "{name} is listed twice");
    }
    let needed = locked();
    let lacking: Vec<&String> = needed.difference(&named).collect();
    let stale: Vec<&String> = named.difference(&needed).collect();
    assert!(
        lacking.is_empty() && stale.is_empty(),
        "not listed: {lacking:?}, not needed: {stale:?}; .ci/licenses.py writes the list anew"
    );
    let about = read(".ci/about.toml");
    let accepted = between(&about, "accepted = [", "]").next().unwrap();
    for licence in accepted.split('"').skip(1).step_by(2) {
        assert!(PERMISSIVE.contains(&licence), "{licence}");
    }
}
