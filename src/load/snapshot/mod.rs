//! A file of a snapshot folder before it is written: what AWS answered about one thing, as canonical JSON.
//!
//! In: answers as JSON values. Out: text that is the same for the same answers, whatever the order of their members was,
//! and where it lies in the folder. Files and live accounts meet here: both are read from these texts.

mod folder;

use std::path::PathBuf;

pub use folder::{FolderError, SnapshotFolder};

use serde_json::{Map, Value};

use super::is_account;
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
        let path = segments.iter().enumerate();
        let path = path.map(|(at, segment)| safe(segment, at + 1 == segments.len(), at == 0));
        let path = format!("{}.json", path.collect::<Vec<_>>().join("/"));
        let mut text =
            serde_json::to_string_pretty(&sorted(Value::Object(members))).unwrap_or_default();
        text.push('\n');
        Self {
            path: PathBuf::from(path),
            name: name.to_owned(),
            text,
        }
    }
}

/// A name as a segment of a path; slashes in names of repositories and secrets make folders. What a file cannot be called
/// everywhere, and what would make a reader take it for something else, is written as in URLs, so that two names stay two.
fn safe(segment: &str, last: bool, account: bool) -> String {
    let parts: Vec<&str> = segment.split('/').collect();
    let safe = parts.iter().enumerate().map(|(at, part)| {
        let folder = !(last && at + 1 == parts.len());
        // A hidden file is no input, and a folder of twelve digits is an account.
        let first = part.starts_with('.') || (folder && !account && is_account(part));
        let mut text = String::new();
        for (at, character) in part.char_indices() {
            match character {
                _ if at == 0 && first => text.push_str(&encoded(character)),
                '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%' => {
                    text.push_str(&encoded(character));
                }
                _ if character.is_control() => text.push_str(&encoded(character)),
                _ => text.push(character),
            }
        }
        match text.as_str() {
            "" => "%".to_owned(),
            // Beside `a.json` there may be `a.json/b.json`.
            _ if folder && text.ends_with(".json") => format!("{text}%"),
            _ => text,
        }
    });
    safe.collect::<Vec<_>>().join("/")
}

/// `%3A`
fn encoded(character: char) -> String {
    let mut bytes = [0; 4];
    let bytes = character.encode_utf8(&mut bytes).bytes();
    bytes.map(|byte| format!("%{byte:02X}")).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_paths_that_lie_in_the_folder_and_stay_apart() {
        for (segments, expected) in [
            (&["iam", "roles", "Deploy"][..], "iam/roles/Deploy.json"),
            (&["ecr", "team/app"], "ecr/team/app.json"),
            (&["ecr", "team/app.json"], "ecr/team/app.json.json"),
            (&["ecr", "app.json/tools"], "ecr/app.json%/tools.json"),
            (&["iam", "roles", ".."], "iam/roles/%2E..json"),
            (&["iam", "roles", "../../x"], "iam/roles/%2E./%2E./x.json"),
            (&["iam", "roles", ".hidden"], "iam/roles/%2Ehidden.json"),
            (&["iam", "roles", ""], "iam/roles/%.json"),
            (&["secretsmanager", "/a//b"], "secretsmanager/%/a/%/b.json"),
            (&["lambda", "hook:prod"], "lambda/hook%3Aprod.json"),
            (&["lambda", "hook_prod"], "lambda/hook_prod.json"),
            (&["lambda", "hook%3Aprod"], "lambda/hook%253Aprod.json"),
            (&["ecs", r"a\..\b", "c"], "ecs/a%5C..%5Cb/c.json"),
            (&["ecs", "333333333333", "c"], "ecs/%3333333333333/c.json"),
            (&["ecr", "333333333333/c"], "ecr/%3333333333333/c.json"),
            (
                &["codepipeline", "333333333333"],
                "codepipeline/333333333333.json",
            ),
        ] {
            let segments = [&["222222222222"], segments].concat();
            let file = SnapshotFile::new(&segments, "", Map::new(), &[]);
            let expected = format!("222222222222/{expected}");
            assert_eq!(file.path, PathBuf::from(expected), "{segments:?}");
        }
    }
}
