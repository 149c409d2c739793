//! A case's snapshot folder in memory, to be changed and checked again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jiff::civil::date;
use pipeline_preflight::check::triage::{self, Ignoring, Weights};
use pipeline_preflight::check::{self, Finding, Options};
use pipeline_preflight::load::{self, Input};
use pipeline_preflight::rules::{Catalogue, operator};
use pipeline_preflight::source::Sources;
use serde_json::Value;

/// `tests/fixtures/…`
pub(crate) fn fixtures(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(path)
}

/// Every folder `tests/fixtures/cases/<system>/<case>`, as `<system>/<case>`, sorted.
pub(crate) fn cases() -> Vec<String> {
    let mut cases = Vec::new();
    for system in folders(&fixtures("cases")) {
        for case in folders(&fixtures("cases").join(&system)) {
            cases.push(format!("{system}/{case}"));
        }
    }
    cases
}

fn folders(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Checks a folder.
pub(crate) fn check(folder: &Path) -> (check::Result, Sources) {
    check_as(folder, None)
}

/// Hundreds of worlds are checked, and to read the rules takes longer than to check one of them.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());

/// Checks a folder, and that somebody may update its pipelines.
fn check_as(folder: &Path, caller: Option<&str>) -> (check::Result, Sources) {
    let mut sources = Sources::new();
    let loaded = load::load(&mut sources, &[Input::Path(folder.to_owned())]).unwrap();
    assert!(
        loaded.unrecognised.is_empty(),
        "{:?} not recognised",
        loaded.unrecognised
    );
    let options = Options {
        pipelines: Vec::new(),
        caller: caller.map(|arn| operator(&loaded.graph, arn).unwrap()),
    };
    let mut result = check::run(&loaded.graph, &CATALOGUE, &options);
    let ignoring = Ignoring {
        ignores: &loaded.ignores,
        sources: &sources,
        catalogue: &CATALOGUE,
        today: date(2026, 11, 20),
        weights: &Weights::default(),
        whole: true,
        switched_off: &loaded.graph.switched_off,
    };
    triage::ignore(&mut result, &ignoring);
    (result, sources)
}

/// All findings but those that nothing in a snapshot can settle: that a role cannot be named.
pub(crate) fn settled(findings: &[Finding]) -> Vec<&Finding> {
    findings
        .iter()
        .filter(|finding| finding.rule != "role-unnamed")
        .collect()
}

/// One case, file by file, with a copy on disk that follows the changes.
pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) files: BTreeMap<String, Value>,
}

impl World {
    /// A folder without files.
    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            files: BTreeMap::new(),
        }
    }

    pub(crate) fn of_case(case: &str) -> Self {
        let root = fixtures("cases").join(case);
        let mut files = BTreeMap::new();
        for entry in walkdir::WalkDir::new(&root) {
            let entry = entry.unwrap();
            let is_json = entry.path().extension().is_some_and(|end| end == "json");
            if entry.file_type().is_file() && is_json {
                let name = entry
                    .path()
                    .strip_prefix(&root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                let text = std::fs::read_to_string(entry.path()).unwrap();
                files.insert(name, serde_json::from_str(&text).unwrap());
            }
        }
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            files,
        };
        for name in world.files.keys() {
            world.write(name);
        }
        world
    }

    /// Brings one file on disk up to date.
    pub(crate) fn write(&self, name: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(
            path,
            serde_json::to_string_pretty(&self.files[name]).unwrap(),
        )
        .unwrap();
    }

    /// Where its files lie.
    #[cfg(feature = "live")]
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Takes a file away, here and on disk.
    pub(crate) fn remove(&mut self, name: &str) {
        assert!(self.files.remove(name).is_some(), "no file {name}");
        std::fs::remove_file(self.folder.path().join(name)).unwrap();
    }

    pub(crate) fn check(&self) -> check::Result {
        self.check_with_sources().0
    }

    /// As [`World::check`], unless the files make no system.
    pub(crate) fn check_if_read(&self) -> Option<check::Result> {
        let mut sources = Sources::new();
        let loaded = load::load(&mut sources, &[Input::Path(self.folder.path().to_owned())]);
        let catalogue = Catalogue::builtin().unwrap();
        Some(check::run(
            &loaded.ok()?.graph,
            &catalogue,
            &Options::default(),
        ))
    }

    pub(crate) fn check_as(&self, caller: Option<&str>) -> check::Result {
        check_as(self.folder.path(), caller).0
    }

    pub(crate) fn check_with_sources(&self) -> (check::Result, Sources) {
        check(self.folder.path())
    }
}

/// A policy document wherever it stands: an object, JSON text, or percent-encoded JSON text.
pub(crate) fn document(value: &Value) -> Option<Value> {
    let document = match value {
        Value::Object(_) => value.clone(),
        Value::String(text) => {
            let decoded = percent_encoding::percent_decode_str(text)
                .decode_utf8()
                .ok()?;
            serde_json::from_str(text)
                .or_else(|_| serde_json::from_str(&decoded))
                .ok()?
        }
        _ => return None,
    };
    document.get("Statement").is_some().then_some(document)
}

/// Writes a document back in the encoding it was read in.
pub(crate) fn encode_like(before: &Value, document: &Value) -> Value {
    match before {
        Value::String(text) if text.starts_with('%') => {
            let plain = document.to_string();
            Value::String(
                percent_encoding::utf8_percent_encode(&plain, percent_encoding::NON_ALPHANUMERIC)
                    .to_string(),
            )
        }
        Value::String(_) => Value::String(document.to_string()),
        _ => document.clone(),
    }
}

/// Pointers (RFC 6901) to all policy documents of a file that belong to the system; what is called `Unrelated…` does not.
pub(crate) fn documents(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(value, String::new(), &mut found);
    found
}

fn collect(value: &Value, pointer: String, found: &mut Vec<String>) {
    let unrelated = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .is_some_and(|name| name.starts_with("Unrelated"))
    };
    // Nobody can edit AWS's own managed policies, so no grant in them can be taken away.
    let of_aws = value
        .get("Arn")
        .and_then(Value::as_str)
        .is_some_and(|arn| arn.starts_with("arn:aws:iam::aws:policy/"));
    if of_aws
        || ["RoleName", "PolicyName", "UserName", "GroupName"]
            .into_iter()
            .any(unrelated)
    {
        return;
    }
    if document(value).is_some() {
        found.push(pointer);
        return;
    }
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(member, format!("{pointer}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}
