//! Inputs → the list of texts to read, in the order that decides which of two differing facts counts.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::stack::cdk::{is_assembly, is_byproduct};
use super::{Input, LoadError, Moved};
use crate::source::Format;

/// One text to read.
#[derive(Debug)]
pub(super) struct Text {
    /// Its path, or the name of standard input.
    pub(super) path: PathBuf,
    /// Where it belongs: a snapshot's path says what its files leave out.
    pub(super) home: PathBuf,
    /// What reports call it.
    pub(super) name: String,
    /// Whether the user named it, so that it has to be recognised.
    pub(super) named: bool,
    /// Whether it is to be a template, because `--stack` names it.
    pub(super) template: bool,
    stdin: Option<Vec<u8>>,
}

/// Lists all texts in the order of the command line, then by path; and every input that is not there.
///
/// A file reached twice, say by its name and by its folder, is read once, at its last position.
pub(super) fn gather(inputs: &[Input], moved: Option<&Moved>) -> (Vec<Text>, Vec<LoadError>) {
    let mut texts = Vec::new();
    let mut errors = Vec::new();
    for input in inputs {
        match input {
            Input::Stdin { bytes, name } => texts.push(Text {
                path: PathBuf::from(name),
                home: PathBuf::from(name),
                name: name.clone(),
                named: true,
                template: false,
                stdin: Some(bytes.clone()),
            }),
            Input::Snapshot(file) => texts.push(Text {
                path: file.path.clone(),
                home: file.path.clone(),
                name: file.name.clone(),
                named: false,
                template: false,
                stdin: Some(file.text.clone().into_bytes()),
            }),
            Input::Stack(stack) => texts.push(Text {
                path: stack.template.clone(),
                home: stack.template.clone(),
                name: name_of(&stack.template),
                named: true,
                template: true,
                stdin: None,
            }),
            Input::Path(path) if path.is_dir() => walk(path, &mut texts, &mut errors),
            Input::Path(path) => texts.push(Text {
                path: path.clone(),
                home: path.clone(),
                name: name_of(path),
                named: true,
                template: false,
                stdin: None,
            }),
        }
    }
    if let Some(moved) = moved {
        texts.iter_mut().for_each(|text| text.bring_home(moved));
    }
    (once(texts), errors)
}

fn walk(folder: &Path, texts: &mut Vec<Text>, errors: &mut Vec<LoadError>) {
    let mut assemblies: BTreeMap<PathBuf, bool> = BTreeMap::new();
    let mut byproduct = |entry: &DirEntry, name: &str| {
        let Some(folder) = entry.path().parent().filter(|_| is_byproduct(name)) else {
            return false;
        };
        let known = assemblies.get(folder).copied();
        known.unwrap_or_else(|| {
            let found = is_assembly(folder);
            assemblies.insert(folder.to_owned(), found);
            found
        })
    };
    let entries = WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0 || !(name.starts_with('.') || byproduct(entry, &name))
        });
    for entry in entries {
        match entry {
            // A link to a file is read, a link to a folder is not followed: it may lead around in a circle.
            Ok(entry) if entry.path().is_file() => texts.push(Text {
                path: entry.path().to_owned(),
                home: entry.path().to_owned(),
                name: name_of(entry.path()),
                named: false,
                template: false,
                stdin: None,
            }),
            Ok(_) => {}
            Err(error) => errors.push(unreadable(
                &name_of(error.path().unwrap_or(folder)),
                &io::Error::from(error),
            )),
        }
    }
}

fn once(texts: Vec<Text>) -> Vec<Text> {
    let mut last: BTreeMap<PathBuf, (usize, bool, bool)> = BTreeMap::new();
    let real = |text: &Text| {
        text.stdin
            .is_none()
            .then(|| fs::canonicalize(&text.path).ok())
            .flatten()
    };
    let places: Vec<Option<PathBuf>> = texts.iter().map(real).collect();
    for (at, (text, place)) in texts.iter().zip(&places).enumerate() {
        if let Some(place) = place {
            let entry = last.entry(place.clone()).or_insert((at, false, false));
            entry.0 = at;
            entry.1 |= text.named;
            entry.2 |= text.template;
        }
    }
    texts
        .into_iter()
        .zip(places)
        .enumerate()
        .filter_map(|(at, (mut text, place))| {
            if let Some((last, named, template)) = place.and_then(|place| last.get(&place).copied())
            {
                if last != at {
                    return None;
                }
                text.named = named;
                text.template = template;
            }
            Some(text)
        })
        .collect()
}

/// How much of a file is looked at before deciding that it is no text.
const SNIFFED: u64 = 8 * 1024;

impl Text {
    /// A file that another one names; `None` when it is not there.
    pub(super) fn beside(path: PathBuf, moved: Option<&Moved>) -> Option<Self> {
        path.is_file().then(|| {
            let mut text = Self {
                name: name_of(&path),
                home: path.clone(),
                path,
                named: false,
                template: false,
                stdin: None,
            };
            if let Some(moved) = moved {
                text.bring_home(moved);
            }
            text
        })
    }

    /// Calls it by the place where it belongs.
    fn bring_home(&mut self, moved: &Moved) {
        if self.stdin.is_none() {
            self.home = moved.shown(&self.path);
            self.name = name_of(&self.home);
        }
    }

    /// Where its file really is; `None` for standard input.
    pub(super) fn place(&self) -> Option<PathBuf> {
        match self.stdin {
            Some(_) => None,
            None => fs::canonicalize(&self.path).ok(),
        }
    }

    /// The text's bytes; `None` for a file inside a folder that is plainly no text, so that no archive is read whole.
    pub(super) fn read(&self) -> Result<Option<Vec<u8>>, LoadError> {
        if let Some(bytes) = &self.stdin {
            return Ok(Some(bytes.clone()));
        }
        let read = || -> io::Result<Option<Vec<u8>>> {
            let mut file = fs::File::open(&self.path)?;
            let mut bytes = Vec::new();
            file.by_ref().take(SNIFFED).read_to_end(&mut bytes)?;
            if !self.named && !has_input_extension(&self.path) && is_binary(&bytes) {
                return Ok(None);
            }
            file.read_to_end(&mut bytes)?;
            Ok(Some(bytes))
        };
        read().map_err(|error| unreadable(&self.name, &error))
    }
}

pub(super) fn unreadable(name: &str, error: &io::Error) -> LoadError {
    let message = match error.kind() {
        ErrorKind::IsADirectory => "expected a file, found a folder".to_owned(),
        ErrorKind::NotFound => "no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "cannot be read: permission denied".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    LoadError {
        file: name.to_owned(),
        message,
        position: None,
        help: None,
    }
}

/// The path as reports write it: with `/` on every system, without a leading `./`.
pub(super) fn name_of(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    };
    match text.strip_prefix("./") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => text,
    }
}

const UTF_8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];
const UTF_16_MARKS: &[&[u8]] = &[&[0xFE, 0xFF], &[0xFF, 0xFE]];

fn is_binary(bytes: &[u8]) -> bool {
    bytes.contains(&0) && !UTF_16_MARKS.iter().any(|mark| bytes.starts_with(mark))
}

/// Whether a file's ending is one of inputs.
pub(super) fn has_input_extension(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["json", "yaml", "yml", "template"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// What a file that cannot be parsed was meant as, by its ending, or because it opens like JSON; `None` for no input at all.
///
/// Markdown (`[![badge]`), TOML (`[package]`) and templates (`{{`, `{%`, `{#`) open with a bracket too.
pub(super) fn looks_like_input(path: &Path, bytes: &[u8]) -> Option<Format> {
    let text = bytes.strip_prefix(UTF_8_MARK).unwrap_or(bytes);
    let utf_16 = UTF_16_MARKS
        .iter()
        .find_map(|mark| bytes.strip_prefix(*mark));
    let mut opening = utf_16
        .unwrap_or(text)
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace() && (utf_16.is_none() || *byte != 0));
    let like_json = matches!(
        (opening.next(), opening.next()),
        (Some(b'{'), None | Some(b'"' | b'}' | b'/')) | (Some(b'['), Some(b'{' | b'/'))
    );
    let json = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    match (like_json || json, has_input_extension(path)) {
        (true, _) => Some(Format::Json),
        (false, true) => Some(Format::Yaml),
        (false, false) => None,
    }
}
