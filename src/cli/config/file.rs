//! The file: where it is found, and its words with their places.

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::words::Words;
use crate::cli::{Config, one_of};
use crate::report::file_name;
use crate::source::{Origin, Position, Sources};

/// What the file is called.
pub(super) const NAME: &str = "pipeline-preflight.yaml";

/// A configuration file that was read; none says nothing.
#[derive(Debug, Default)]
pub(super) struct File {
    /// From the working folder.
    pub(super) path: Option<PathBuf>,
    pub(super) words: Words,
    sources: Sources,
}

/// Why a configuration file does not count: its name, the place in it, what is wrong, and advice.
pub(super) struct Fault {
    file: PathBuf,
    position: Option<Position>,
    message: String,
    pub(super) help: Option<String>,
}

impl Fault {
    fn new(file: &Path, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            position: None,
            message: message.into(),
            help: None,
        }
    }

    /// `file:line:column: what is wrong`
    pub(super) fn text(&self) -> String {
        let file = file_name(&self.file.to_string_lossy());
        let message = &self.message;
        match self.position {
            Some(Position { line, column }) => format!("{file}:{line}:{column}: {message}"),
            None => format!("{file}: {message}"),
        }
    }
}

impl File {
    /// The file that counts, if there is one.
    pub(super) fn of(config: &Config) -> Result<Option<Self>, Fault> {
        let path = match config {
            Config::None => None,
            Config::File(path) => Some(path.clone()),
            Config::Found { from } => from.as_deref().and_then(find),
        };
        path.map(read).transpose()
    }

    /// The folder that its paths are relative to.
    pub(super) fn folder(&self) -> Folder {
        let folder = self.path.as_deref().and_then(Path::parent);
        Folder(folder.unwrap_or(Path::new("")).to_owned())
    }

    /// `file:line:column`
    pub(super) fn place(&self, origin: Origin) -> String {
        let place = self.sources.place(origin);
        let Position { line, column } = place.start;
        format!("{}:{line}:{column}", file_name(&place.name))
    }
}

/// The folder of the file.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// A path of the file as one from the working folder. `conf/../a.json` is `a.json`: whoever reads a report looks for the file by the
    /// name that it has.
    pub(super) fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        let mut joined = self.0.clone();
        for part in path.as_ref().components() {
            let last = joined.components().next_back();
            match (part, last) {
                // What is above a link is not what the words say.
                (Component::ParentDir, Some(Component::Normal(_))) if !joined.is_symlink() => {
                    joined.pop();
                }
                (Component::CurDir, _) => {}
                (part, _) => joined.push(part),
            }
        }
        match joined.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => joined,
        }
    }
}

/// The first configuration file from a folder upwards, no further than the repository that the folder is in; its path is one
/// from that folder, so that what it names is reported from there.
fn find(from: &Path) -> Option<PathBuf> {
    let mut up = PathBuf::new();
    for folder in from.ancestors() {
        if folder.join(NAME).is_file() {
            return Some(up.join(NAME));
        }
        if folder.join(".git").exists() {
            return None;
        }
        up.push("..");
    }
    None
}

fn read(path: PathBuf) -> Result<File, Fault> {
    let bytes = fs::read(&path).map_err(|error| {
        let message = match error.kind() {
            ErrorKind::NotFound => "no such file".to_owned(),
            ErrorKind::IsADirectory => "expected a file, found a folder".to_owned(),
            _ => format!("cannot be read: {error}"),
        };
        Fault::new(&path, message)
    })?;
    let mut sources = Sources::new();
    let read = sources.read::<Words>(&path.to_string_lossy(), &bytes);
    let words = read.map_err(|misfit| Fault {
        position: misfit.position,
        help: misfit.unknown.map(|(written, known)| {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            one_of(&written, &known)
        }),
        ..Fault::new(&path, misfit.message)
    })?;
    Ok(File {
        path: Some(path),
        words: words.unwrap_or_default(),
        sources,
    })
}
