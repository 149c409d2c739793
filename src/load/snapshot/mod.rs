//! A file of a snapshot folder before it is written: what AWS answered about one thing, as canonical JSON.
//!
//! In: answers as JSON values. Out: text that is the same for the same answers, whatever the order of their members was,
//! and where it lies in the folder. Files and live accounts meet here: both are read from these texts.

mod folder;

use std::path::PathBuf;

pub use folder::{FolderError, SnapshotFolder};

use serde_json::{Map, Value};

use crate::graph::RefusalKind;

/// One file of a snapshot folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotFile {
    /// Where it lies in the folder: `222222222222/iam/roles/Deploy.json`.
    pub path: PathBuf,
    /// What reports call it: the ARN of what it describes.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What of it was not answered; its text says so too.
    pub refused: Vec<Refused>,
}

/// A read that brought no description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The operation as IAM names the permission for it: `iam:GetRole`.
    pub operation: &'static str,
    /// What was asked about, by its ARN.
    pub subject: String,
    /// What became of it.
    pub kind: RefusalKind,
    /// AWS's error code: `NoSuchEntity`.
    pub code: String,
    /// AWS's own words.
    pub message: String,
}

/// The member of a snapshot's file that lists what was not answered; no answer of AWS has it.
pub(super) const ERRORS: &str = "Errors";

impl Refused {
    /// The entry in a file's `Errors`.
    fn entry(&self) -> Value {
        let kind = match self.kind {
            RefusalKind::Absent => "absent",
            RefusalKind::Denied => "denied",
            RefusalKind::Failed => "failed",
        };
        let members = [
            ("Operation", self.operation),
            ("Resource", &self.subject),
            ("Kind", kind),
            ("Code", &self.code),
            ("Message", &self.message),
        ];
        let members = members.map(|(key, text)| (key.to_owned(), Value::from(text)));
        Value::Object(members.into_iter().collect())
    }
}

impl SnapshotFile {
    /// A file that holds members of AWS's answers, and what was not answered. Segments are names, not paths: none leads out of
    /// the folder.
    pub fn new(
        segments: &[&str],
        name: &str,
        mut members: Map<String, Value>,
        refused: &[Refused],
    ) -> Self {
        if !refused.is_empty() {
            let mut entries: Vec<&Refused> = refused.iter().collect();
            entries.sort_by_key(|entry| (entry.operation, &entry.subject));
            let entries = entries.into_iter().map(Refused::entry);
            members.insert(ERRORS.to_owned(), entries.collect());
        }
        let mut path: PathBuf = segments.iter().map(|segment| safe(segment)).collect();
        let file = path.file_name().map_or_else(String::new, |file| {
            format!("{}.json", file.to_string_lossy())
        });
        path.set_file_name(file);
        let mut text =
            serde_json::to_string_pretty(&sorted(Value::Object(members))).unwrap_or_default();
        text.push('\n');
        Self {
            path,
            name: name.to_owned(),
            text,
            refused: refused.to_vec(),
        }
    }
}

/// A name as a segment of a path; slashes in names of repositories and secrets make folders.
fn safe(segment: &str) -> String {
    let parts = segment.split('/').map(|part| match part {
        "" | "." | ".." => "_".to_owned(),
        part => part.replace(['\\', ':', '\0'], "_"),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Members in the order of their names: services return them in any order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members.into_iter().collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            let members = members.into_iter().map(|(key, value)| (key, sorted(value)));
            Value::Object(members.collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}
