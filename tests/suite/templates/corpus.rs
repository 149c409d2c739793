//! What people publish: every template, pipeline, export and plan of the corpus is read, and nothing is passed over in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use pipeline_preflight::load::{Input, LoadError, Settings};
use pipeline_preflight::rules::Severity;
use regex_lite::Regex;
use serde::Deserialize;

use super::{Config, Run, StackConfig, run};

pub(super) const CORPUS: &str = "tests/fixtures/corpus";

/// A system of the corpus, with what its repository says of accounts and parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct System {
    /// Its folder.
    system: String,
    /// What it is, for people.
    about: String,
    #[serde(default)]
    inputs: Vec<String>,
    #[serde(default)]
    stacks: Vec<StackConfig>,
    #[serde(default)]
    assume: BTreeMap<String, String>,
}

/// An error that the tool finds in a published template, and why it is right.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Argued {
    system: String,
    /// The finding, as [`Run::line`] writes it.
    finding: String,
    because: String,
}

fn systems() -> Vec<System> {
    let text = std::fs::read_to_string("tests/fixtures/corpus-stacks.yaml").unwrap();
    // Merge keys are no part of what is deserialized until they are applied.
    let mut value: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    value.apply_merge().unwrap();
    serde_yaml::from_value(value).unwrap()
}

fn argued() -> Vec<Argued> {
    let text = std::fs::read_to_string("tests/fixtures/corpus-errors.yaml").unwrap();
    serde_yaml::from_str(&text).unwrap()
}

impl System {
    fn config(&self) -> Config {
        Config {
            inputs: self.inputs.clone(),
            stacks: self.stacks.clone(),
            assume: self.assume.clone(),
            accounts: BTreeMap::new(),
        }
    }
}

/// What the list says of one system.
pub(super) fn configuration(system: &str) -> Config {
    let known = systems().into_iter().find(|known| known.system == system);
    known
        .unwrap_or_else(|| panic!("no system {system}"))
        .config()
}

fn check(system: &System) -> Result<Run, Vec<LoadError>> {
    let folder = Path::new(CORPUS).join(&system.system);
    system.config().check(&folder)
}

fn alone(path: &Path) -> Result<Run, Vec<LoadError>> {
    run(&[Input::Path(path.to_owned())], &Settings::default())
}

/// The files of the corpus, without licences and the list of sources.
fn files() -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(CORPUS)
        .sort_by_file_name()
        .into_iter();
    let files = entries.map(|entry| entry.unwrap());
    let about = |path: &Path| path.ends_with("LICENSE.upstream") || path.ends_with("SOURCES.md");
    files
        .filter(|entry| entry.file_type().is_file() && !about(entry.path()))
        .map(walkdir::DirEntry::into_path)
        .collect()
}

fn folders() -> Vec<String> {
    let mut names = BTreeSet::new();
    for file in files() {
        let inside = file.strip_prefix(CORPUS).unwrap();
        let name = inside.iter().next().unwrap().to_str().unwrap();
        if !name.starts_with("generated__") {
            names.insert(name.to_owned());
        }
    }
    names.into_iter().collect()
}

fn counts(run: &Run) -> String {
    let summary = &run.result.summary;
    format!(
        "{} pipelines, {} actions, {} roles: {} requirements, {} allowed, {} denied, {} undecided; {} errors, {} warnings, {} notes",
        summary.pipelines,
        summary.actions,
        run.loaded.graph.roles.len(),
        summary.requirements,
        summary.allowed,
        summary.denied,
        summary.undecided,
        summary.errors,
        summary.warnings,
        summary.notes
    )
}

fn outcome(found: &Result<Run, Vec<LoadError>>) -> String {
    match found {
        Ok(run) => {
            let mut text = counts(run);
            for left_out in &run.loaded.unrecognised {
                write!(text, "\n    not recognised: {}", inside(left_out)).unwrap();
            }
            for warning in &run.loaded.warnings {
                let message = run.loaded.graph.symbols.shown(&warning.message);
                write!(text, "\n    dubious: {}", inside(&message)).unwrap();
            }
            text
        }
        Err(errors) => {
            let errors: Vec<String> = errors
                .iter()
                .map(|error| inside(&error.to_string()))
                .collect();
            errors.join("\n    ")
        }
    }
}

/// A text without the folder that all files have in common.
fn inside(text: &str) -> String {
    text.replace(&format!("{CORPUS}/"), "")
}

/// The findings of a run in lines, values that nobody knows by the file alone that leaves them open.
fn lines(run: &Run, least: Severity) -> Vec<String> {
    static FOLDERS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(" of tests/fixtures/corpus/[^<>`]*/([^/<>`]+)([>`])").unwrap());
    let lines = run.lines(least).into_iter();
    lines
        .map(|line| FOLDERS.replace_all(&line, " of $1$2").into_owned())
        .collect()
}

/// Keeps a table beside the other snapshots.
fn keep(name: &str, table: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(name, table);
    });
}

#[test]
fn every_file_says_what_it_is() {
    let mut table = String::new();
    for file in files() {
        let name = inside(file.to_str().unwrap());
        writeln!(table, "{name}\n    {}", outcome(&alone(&file))).unwrap();
    }
    keep("corpus_files", &table);
}

/// Each folder as it is: no template says where it lives, so that little is decided, and nothing may be wrong.
#[test]
fn every_folder_as_it_is() {
    let mut table = String::new();
    for folder in folders() {
        let found = alone(&Path::new(CORPUS).join(&folder));
        writeln!(table, "{folder}\n    {}", outcome(&found)).unwrap();
        if let Ok(run) = found {
            for line in lines(&run, Severity::Warning) {
                writeln!(table, "  - {line}").unwrap();
            }
        }
    }
    keep("corpus_folders", &table);
}

#[test]
fn every_system_as_its_instructions_have_it() {
    let mut table = String::new();
    for system in systems() {
        let found = check(&system);
        writeln!(table, "{}\n    {}", system.system, outcome(&found)).unwrap();
        if let Ok(run) = found {
            for line in lines(&run, Severity::Note) {
                writeln!(table, "  - {line}").unwrap();
            }
        }
    }
    keep("corpus_systems", &table);
}

/// What works in reality has no error; each one that is found is a fault of the template, and says which.
#[test]
fn every_error_in_a_published_system_is_argued() {
    let mut expected: BTreeMap<(String, String), String> = argued()
        .into_iter()
        .map(|one| ((one.system, one.finding), one.because))
        .collect();
    let mut faults = Vec::new();
    let mut runs = Vec::new();
    for system in systems() {
        let run = check(&system).unwrap_or_else(|errors| panic!("{}: {errors:#?}", system.system));
        runs.push((system.system, run));
    }
    for folder in folders() {
        // Some have no pipeline; every_folder_as_it_is keeps what is said of them.
        if let Ok(run) = alone(&Path::new(CORPUS).join(&folder)) {
            runs.push((folder, run));
        }
    }
    for (system, run) in runs {
        for line in lines(&run, Severity::Error) {
            let key = (system.clone(), line);
            match expected.remove(&key) {
                Some(because) => assert!(!because.is_empty(), "{key:?}"),
                None => faults.push(format!("{}: {}", key.0, key.1)),
            }
        }
    }
    for ((system, finding), _) in expected {
        faults.push(format!("{system}: is not found: {finding}"));
    }
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// `docs/corpus.md` is made of the corpus; `UPDATE_DOCS=1 cargo test --test suite -- templates::` writes it.
#[test]
fn the_table_for_readers_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/corpus.md");
    let expected = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/corpus.md is not what the corpus says; write it with UPDATE_DOCS=1"
    );
}

const INTRODUCTION: &str = "\
# Templates of public repositories

What `pipeline-preflight check` says to the templates, pipelines, exports and plans in [`tests/fixtures/corpus`](../tests/fixtures/corpus),
which are unmodified copies from public repositories; [`SOURCES.md`](../tests/fixtures/corpus/SOURCES.md) says where each is from and
under which licence. Every file is read in the tests, alone and with its system, and the whole of what is found in each is kept
there. This page is made of the same runs.
";

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str(
        "\n## Systems\n\nEach as the instructions of its repository have it, with accounts, Regions and parameters of\n[`corpus-stacks.yaml`](../tests/fixtures/corpus-stacks.yaml).\n\n| system | | pipelines | actions | roles | requirements | allowed | denied | undecided | errors | warnings |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut total = [0; 9];
    for system in systems() {
        let found = check(&system);
        let run = found.unwrap_or_else(|errors| panic!("{}: {errors:#?}", system.system));
        let summary = &run.result.summary;
        let row = [
            summary.pipelines,
            summary.actions,
            run.loaded.graph.roles.len(),
            summary.requirements,
            summary.allowed,
            summary.denied,
            summary.undecided,
            summary.errors,
            summary.warnings,
        ];
        for (sum, one) in total.iter_mut().zip(row) {
            *sum += one;
        }
        writeln!(
            page,
            "| {} | {} | {} |",
            system.system,
            system.about,
            cells(&row)
        )
        .unwrap();
    }
    writeln!(page, "| | | {} |", cells(&total)).unwrap();
    page.push_str("\n## Errors that are right\n\nEach of these is a fault of the template: what AWS documents as needed is not granted.\n\n| system | found | because |\n| --- | --- | --- |\n");
    for one in argued() {
        let cell = |text: &str| {
            text.replace(" | ", ", ")
                .replace('|', "\\|")
                .replace('<', "&lt;")
                .replace('*', "\\*")
        };
        writeln!(
            page,
            "| {} | {} | {} |",
            one.system,
            cell(&one.finding),
            cell(&one.because)
        )
        .unwrap();
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut broken = Vec::new();
    let all = files();
    for file in &all {
        match alone(file) {
            Ok(_) => *kinds.entry("checked on their own").or_default() += 1,
            Err(errors) => {
                let first = &errors[0];
                if first.position.is_some() {
                    broken.push(inside(&first.to_string()));
                } else if first.file.is_empty() {
                    *kinds.entry("read, without a pipeline").or_default() += 1;
                } else {
                    *kinds.entry("not recognised").or_default() += 1;
                }
            }
        }
    }
    writeln!(
        page,
        "\n## Files\n\nOf {} files, each on its own:\n",
        all.len()
    )
    .unwrap();
    for (kind, count) in kinds {
        writeln!(page, "- {count} {kind}").unwrap();
    }
    writeln!(
        page,
        "- {} refused, with the place of the fault:\n",
        broken.len()
    )
    .unwrap();
    for line in broken {
        writeln!(page, "  - `{line}`").unwrap();
    }
    page
}

fn cells(row: &[usize]) -> String {
    let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
    cells.join(" | ")
}
