//! A snapshot folder on the disk: written whole, or left as it was.
//!
//! The new tree is built in a temporary folder beside the old one and renamed into its place, so that a run that breaks off
//! (a full disk, Ctrl-C) leaves what was there. Files are as readable as the process's mask lets new files be, like those that
//! `aws … > file` writes. Links are neither written nor followed.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

use super::SnapshotFile;
use crate::load::is_account;

/// A snapshot folder that can be written.
#[derive(Debug)]
pub struct SnapshotFolder {
    /// What the user calls it.
    named: PathBuf,
    /// Where it really is.
    at: PathBuf,
    /// The folder that it is in.
    parent: PathBuf,
    /// Whether there is one already.
    exists: bool,
}

/// Why a snapshot folder cannot be written; what was there is still there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FolderError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// How the names of temporary folders begin; a leading dot keeps them from being read as inputs.
const PREFIX: &str = ".pipeline-preflight-";

impl SnapshotFolder {
    /// Sees that a snapshot can be written there, before anybody waits for one.
    ///
    /// # Errors
    /// It is a file, it holds other things than a snapshot, it is in use as the working folder, or the folder around it
    /// cannot be written.
    pub fn open(named: &Path) -> Result<Self, FolderError> {
        let folder = Self::find(named)?;
        folder.see_what_is_there()?;
        // Where the new tree cannot be built the run would be for nothing.
        folder.temporary()?;
        Ok(folder)
    }

    fn find(named: &Path) -> Result<Self, FolderError> {
        let fault = |error: io::Error| FolderError::new(named, &error);
        let exists = match fs::symlink_metadata(named) {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(fault(error)),
        };
        // A link to a folder stays a link: the folder that it leads to is what gets replaced.
        let at = match exists {
            true => fs::canonicalize(named).map_err(fault)?,
            false => {
                let name = named.file_name().unwrap_or_default();
                let parent = named.parent().filter(|up| *up != Path::new(""));
                let parent = fs::canonicalize(parent.unwrap_or(Path::new(".")));
                let parent = parent.map_err(|error| match error.kind() {
                    ErrorKind::NotFound => FolderError {
                        message: format!("`{}` is in no folder that exists", named.display()),
                        help: Some("create the folder around it".to_owned()),
                    },
                    _ => fault(error),
                })?;
                parent.join(name)
            }
        };
        let Some(parent) = at.parent().map(Path::to_owned) else {
            return Err(FolderError::other(named, "it is the root of all folders"));
        };
        Ok(Self {
            named: named.to_owned(),
            at,
            parent,
            exists,
        })
    }

    /// Only a snapshot, or nothing, may be replaced.
    fn see_what_is_there(&self) -> Result<(), FolderError> {
        if !self.exists {
            return Ok(());
        }
        let fault = |error: io::Error| FolderError::new(&self.named, &error);
        if !fs::metadata(&self.at).map_err(fault)?.is_dir() {
            return Err(FolderError::other(&self.named, "it is no folder"));
        }
        for entry in fs::read_dir(&self.at).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if !is_account(&name) || !entry.file_type().map_err(fault)?.is_dir() {
                let what = format!("it holds `{name}`, which is no part of a snapshot");
                return Err(FolderError::other(&self.named, &what));
            }
        }
        let working = std::env::current_dir().and_then(fs::canonicalize);
        if working.is_ok_and(|working| working.starts_with(&self.at)) {
            // It is replaced as a whole: whoever stands in it would be left in a folder that is gone.
            return Err(FolderError::other(&self.named, "it is the working folder"));
        }
        Ok(())
    }

    fn temporary(&self) -> Result<TempDir, FolderError> {
        let made = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(&self.parent);
        made.map_err(|error| {
            let around = self.parent.display();
            FolderError {
                message: format!(
                    "nothing can be written beside `{}`, in `{around}`: {}",
                    self.named.display(),
                    reason(&error)
                ),
                help: Some("name a folder in another place".to_owned()),
            }
        })
    }

    /// Lays files over what is there. Gives the place of the old tree where that could not be removed.
    ///
    /// # Errors
    /// Something cannot be written; what was there is still there.
    pub fn write<'f>(
        &self,
        files: impl IntoIterator<Item = &'f SnapshotFile>,
    ) -> Result<Option<PathBuf>, FolderError> {
        let fault = |error: io::Error| FolderError::new(&self.named, &error);
        // It may have changed while AWS was asked.
        let now = Self::find(&self.named)?;
        now.see_what_is_there()?;
        let temporary = now.temporary()?;
        let (new, old) = (temporary.path().join("new"), temporary.path().join("old"));
        fs::create_dir(&new).map_err(fault)?;
        for file in files {
            if !is_inside(&file.path) {
                let what = format!("`{}` would lie outside of it", file.path.display());
                return Err(FolderError::other(&self.named, &what));
            }
            let path = new.join(&file.path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(fault)?;
            }
            fs::write(&path, &file.text).map_err(fault)?;
        }
        if !now.exists {
            // Renaming takes an empty folder's place, so that one that came up meanwhile is no harm, and any other an error.
            fs::rename(&new, &now.at).map_err(fault)?;
            return Ok(None);
        }
        keep(&now.at, &new).map_err(fault)?;
        let permissions = fs::metadata(&now.at).map_err(fault)?.permissions();
        fs::set_permissions(&new, permissions).map_err(fault)?;
        fs::rename(&now.at, &old).map_err(fault)?;
        if let Err(error) = fs::rename(&new, &now.at) {
            return Err(match fs::rename(&old, &now.at) {
                Ok(()) => fault(error),
                Err(_) => {
                    // Whatever happens, the old snapshot is not thrown away with the temporary folder.
                    let kept = temporary.keep().join("old");
                    let kept = kept.display();
                    FolderError::other(
                        &self.named,
                        &format!("{}; what was there is now in `{kept}`", reason(&error)),
                    )
                }
            });
        }
        let left = temporary.path().to_owned();
        Ok(temporary.close().is_err().then_some(left))
    }
}

/// Whether a path stays below the folder that it is laid into.
fn is_inside(path: &Path) -> bool {
    path.components().next().is_some()
        && path
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

/// Takes over what the new tree does not hold. Files are linked, where the disk can do that: nobody writes into them.
fn keep(old: &Path, new: &Path) -> io::Result<()> {
    for entry in fs::read_dir(old)? {
        let entry = entry?;
        let (from, to) = (entry.path(), new.join(entry.file_name()));
        let kind = entry.file_type()?;
        let there = fs::symlink_metadata(&to).ok();
        if kind.is_dir() {
            match &there {
                Some(there) if !there.is_dir() => continue,
                Some(_) => {}
                None => fs::create_dir(&to)?,
            }
            keep(&from, &to)?;
        } else if kind.is_file() {
            if there.is_none() && fs::hard_link(&from, &to).is_err() {
                fs::copy(&from, &to)?;
            }
        } else {
            let what = format!("`{}` is neither file nor folder", from.display());
            return Err(io::Error::other(what));
        }
    }
    Ok(())
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::StorageFull => "the disk is full".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "the disk cannot be written".to_owned(),
        ErrorKind::NotADirectory => "what is around it is no folder".to_owned(),
        ErrorKind::NotFound => "it leads nowhere".to_owned(),
        _ => error.to_string(),
    }
}

impl FolderError {
    fn new(named: &Path, error: &io::Error) -> Self {
        Self {
            message: format!("`{}` cannot be written: {}", named.display(), reason(error)),
            help: None,
        }
    }

    fn other(named: &Path, what: &str) -> Self {
        Self {
            message: format!("`{}` cannot be written: {what}", named.display()),
            help: Some("name a new folder, an empty one, or an earlier snapshot".to_owned()),
        }
    }
}
