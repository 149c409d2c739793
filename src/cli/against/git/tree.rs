//! The files of a commit: what lies where, links followed as long as they stay inside.

use std::collections::BTreeMap;

use super::Refusal;
use super::program::{Blobs, bytes};

/// Links followed for one path: they may lead around in a circle.
const LINKS: usize = 16;

/// All files of a commit by their paths.
pub(super) struct Tree {
    entries: BTreeMap<String, Entry>,
}

enum Entry {
    File(String),
    /// Where it leads.
    Link(String),
    Submodule,
}

/// What a path leads to.
pub(super) enum Found<'t> {
    /// An object.
    File(&'t str),
    /// A folder, by the path where it really is.
    Folder(String),
    /// Into another repository, by its path.
    Submodule(String),
    Nothing,
}

impl Tree {
    /// Reads all names of a commit.
    pub(super) fn read(commit: &str) -> Result<Self, Refusal> {
        let words = ["ls-tree", "-r", "-z", "--full-tree", commit];
        let listed = bytes(&words, commit)?.map_err(|said| Refusal {
            message: format!("the files of the commit `{commit}` cannot be listed: {said}"),
            help: None,
        })?;
        let mut entries = BTreeMap::new();
        let mut links = None;
        for line in listed.split(|byte| *byte == 0) {
            // `<mode> <type> <object>TAB<path>`
            let line = String::from_utf8_lossy(line);
            let Some((head, path)) = line.split_once('\t') else {
                continue;
            };
            let mut head = head.split(' ');
            let (mode, kind, object) = (head.next(), head.next(), head.next());
            let Some(object) = object else { continue };
            let entry = match (mode, kind) {
                (Some("120000"), _) => {
                    let links = match &mut links {
                        Some(links) => links,
                        none => none.insert(Blobs::open(commit)?),
                    };
                    Entry::Link(String::from_utf8_lossy(&links.read(object)?).into_owned())
                }
                (_, Some("blob")) => Entry::File(object.to_owned()),
                _ => Entry::Submodule,
            };
            entries.insert(path.to_owned(), entry);
        }
        Ok(Self { entries })
    }

    /// What is at a path, which begins at the repository's folder.
    pub(super) fn find(&self, path: &str) -> Found<'_> {
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            match self.step(&path) {
                Step::There(found) => return found,
                Step::Go(further) => path = further,
            }
        }
        Found::Nothing
    }

    fn step(&self, path: &str) -> Step<'_> {
        let mut upto = String::new();
        let mut rest = path.split('/').filter(|name| !name.is_empty());
        while let Some(name) = rest.next() {
            let above = upto.clone();
            if !upto.is_empty() {
                upto.push('/');
            }
            upto.push_str(name);
            let behind = || rest.clone().collect::<Vec<_>>().join("/");
            match self.entries.get(&upto) {
                Some(Entry::File(object)) if rest.clone().next().is_none() => {
                    return Step::There(Found::File(object));
                }
                Some(Entry::File(_)) => return Step::There(Found::Nothing),
                Some(Entry::Submodule) => return Step::There(Found::Submodule(upto)),
                Some(Entry::Link(target)) => {
                    return match joined(&above, target) {
                        Some(there) => Step::Go(format!("{there}/{}", behind())),
                        None => Step::There(Found::Nothing),
                    };
                }
                None => {}
            }
        }
        let inside = match upto.as_str() {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let mut below = self.entries.range(inside.clone()..);
        let is_folder = below
            .next()
            .is_some_and(|(name, _)| name.starts_with(&inside));
        Step::There(match is_folder {
            true => Found::Folder(upto),
            false => Found::Nothing,
        })
    }

    /// The files below a folder, by their paths from it, as whoever walks through it sees them: what is hidden is left out, and a
    /// link to a folder is not followed.
    pub(super) fn files_below(&self, folder: &str) -> Vec<(&str, &str)> {
        let inside = match folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let below = self.entries.range(inside.clone()..);
        let below =
            below.map_while(|(name, entry)| Some((name.strip_prefix(&inside)?, name, entry)));
        below
            .filter(|(rest, ..)| !rest.split('/').any(|name| name.starts_with('.')))
            .filter_map(|(rest, name, entry)| match entry {
                Entry::File(object) => Some((rest, object.as_str())),
                Entry::Submodule => None,
                Entry::Link(_) => match self.find(name) {
                    Found::File(object) => Some((rest, object)),
                    _ => None,
                },
            })
            .collect()
    }
}

enum Step<'t> {
    There(Found<'t>),
    Go(String),
}

/// Where a link in a folder leads; `None` where that is outside.
fn joined(folder: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in target.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}
