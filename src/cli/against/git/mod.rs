//! Inputs as they were at a revision of git, in a folder that is there for one run.
//!
//! In: the name of a revision, and inputs. Out: the same inputs in a temporary folder. It is asked of the program `git`, which
//! reads the repository alone: nothing is fetched, checked out or written, and no filter of the repository's is run.
//! Files are taken as they are stored, so that what `git archive` leaves out or substitutes makes no difference.

mod program;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

use self::program::{Blobs, one_line};
use self::tree::{Found, Tree};
use super::Refusal;
use crate::load::{self, Input, Moved, StackInput};
use crate::report::file_name;

/// Inputs as they were.
pub(super) struct Then {
    pub(super) inputs: Vec<Input>,
    /// Inputs that were not there.
    pub(super) absent: Vec<String>,
    pub(super) moved: Moved,
    /// Where they lie.
    pub(super) folder: TempDir,
}

/// Where the working folder is.
struct Repository<'r> {
    revision: &'r str,
    /// The repository's own folder.
    top: PathBuf,
    /// The working folder, from there.
    working: PathBuf,
}

/// The inputs at a revision.
pub(super) fn then(revision: &str, inputs: &[Input]) -> Result<Then, Refusal> {
    let repository = Repository::open(revision)?;
    let tree = Tree::read(&repository.commit()?)?;
    let folder = tempfile::Builder::new()
        .prefix("pipeline-preflight-")
        .tempdir()
        .map_err(|error| unwritten(&error))?;
    // The path may lead over links, and files are known by where they really are.
    let root = fs::canonicalize(folder.path()).map_err(|error| unwritten(&error))?;
    let mut taken = Taken {
        repository: &repository,
        tree: &tree,
        root: &root,
        files: BTreeMap::new(),
        absent: Vec::new(),
    };
    let mut then = Vec::new();
    for input in inputs {
        then.extend(taken.input(input)?);
    }
    taken.write()?;
    Ok(Then {
        inputs: then,
        absent: taken.absent,
        moved: Moved {
            from: root.clone(),
            working: repository.working.clone(),
        },
        folder,
    })
}

fn unwritten(error: &std::io::Error) -> Refusal {
    Refusal {
        message: format!("no temporary folder can be written: {error}"),
        help: None,
    }
}

impl<'r> Repository<'r> {
    fn open(revision: &'r str) -> Result<Self, Refusal> {
        if revision.starts_with('-') || revision.is_empty() {
            return Err(Refusal {
                message: format!(
                    "`{revision}` is no file and no folder, and cannot be a revision of git"
                ),
                help: Some(
                    "expected a file, a folder, or a revision such as `main`, `HEAD~1` or `v1.2`"
                        .to_owned(),
                ),
            });
        }
        let unknown = |said: String| Refusal {
            message: format!(
                "`{revision}` is no file and no folder, and git knows no repository here that could have such a revision: {said}"
            ),
            help: None,
        };
        let place = |words: &[&str]| one_line(words, revision)?.map_err(unknown);
        let top = place(&["rev-parse", "--show-toplevel"])?;
        let working = place(&["rev-parse", "--show-prefix"])?;
        let top = PathBuf::from(top);
        Ok(Self {
            revision,
            top: fs::canonicalize(&top).unwrap_or(top),
            working: working.split('/').filter(|name| !name.is_empty()).collect(),
        })
    }

    /// The commit that the revision names.
    fn commit(&self) -> Result<String, Refusal> {
        let revision = self.revision;
        let object = format!("{revision}^{{commit}}");
        let words = ["rev-parse", "--verify", "--end-of-options", &object];
        let commit = one_line(&words, revision)?.ok();
        let is_one = |commit: &String| {
            commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        commit.filter(is_one).ok_or_else(|| Refusal {
            message: format!("`{revision}` is no file, no folder, and no revision that this git repository knows"),
            help: Some("a clone of a build may hold the last commit alone: fetch the other one first, say with `git fetch origin BRANCH`, \
                        and give `origin/BRANCH` or `FETCH_HEAD`".to_owned()),
        })
    }

    /// A path of now as one from the repository's folder, with `/`.
    fn inside(&self, path: &Path) -> Result<String, Refusal> {
        let outside = || Refusal {
            message: format!(
                "`{}` lies outside the git repository, so that nobody knows what it was at `{}`",
                file_name(&path.to_string_lossy()),
                self.revision
            ),
            help: Some("give the file or folder as it was to `--against`".to_owned()),
        };
        let whole = if path.is_absolute() {
            let parent = path.parent().map(fs::canonicalize);
            let (Some(Ok(parent)), Some(name)) = (parent, path.file_name()) else {
                return Err(outside());
            };
            let whole = parent.join(name);
            whole
                .strip_prefix(&self.top)
                .map_err(|_| outside())?
                .to_owned()
        } else {
            self.working.join(path)
        };
        let mut names: Vec<String> = Vec::new();
        for part in whole.components() {
            match part {
                Component::Normal(name) => names.push(name.to_string_lossy().into_owned()),
                Component::CurDir => {}
                Component::ParentDir if names.pop().is_some() => {}
                _ => return Err(outside()),
            }
        }
        Ok(names.join("/"))
    }
}

/// What is taken out of a revision.
struct Taken<'t> {
    repository: &'t Repository<'t>,
    tree: &'t Tree,
    root: &'t Path,
    /// Objects by the paths they are to have.
    files: BTreeMap<String, String>,
    absent: Vec<String>,
}

impl Taken<'_> {
    /// An input as it was, if it was there.
    fn input(&mut self, input: &Input) -> Result<Option<Input>, Refusal> {
        Ok(match input {
            Input::Path(path) => self.path(path)?.map(Input::Path),
            Input::Stack(stack) => self.path(&stack.template)?.map(|template| {
                let files = stack.parameter_files.iter();
                let parameter_files = files.filter_map(|file| self.parameters(file)).collect();
                Input::Stack(StackInput {
                    template,
                    parameter_files,
                    ..stack.clone()
                })
            }),
            Input::Stdin { name, .. } => {
                return Err(Refusal {
                    message: format!(
                        "nobody knows what standard input (`{name}`) was at `{}`",
                        self.repository.revision
                    ),
                    help: Some(
                        "write it as it was into a file, and give that to `--against`".to_owned(),
                    ),
                });
            }
            Input::Snapshot(_) => None,
        })
    }

    /// Takes a file or a whole folder; gives where it will lie.
    fn path(&mut self, path: &Path) -> Result<Option<PathBuf>, Refusal> {
        let inside = self.repository.inside(path)?;
        match self.tree.find(&inside) {
            Found::File(object) => {
                self.files.insert(inside.clone(), object.to_owned());
            }
            Found::Folder(real) => {
                let files = self.tree.files_below(&real);
                for (rest, object) in files {
                    let name = match inside.as_str() {
                        "" => rest.to_owned(),
                        folder => format!("{folder}/{rest}"),
                    };
                    self.files.insert(name, object.to_owned());
                }
            }
            Found::Submodule(name) => {
                return Err(Refusal {
                    message: format!(
                        "`{}` lies in the submodule `{name}`, whose files `{}` does not hold",
                        file_name(&path.to_string_lossy()),
                        self.repository.revision
                    ),
                    help: Some("give the file or folder as it was to `--against`".to_owned()),
                });
            }
            Found::Nothing => {
                self.absent.push(file_name(&path.to_string_lossy()));
                return Ok(None);
            }
        }
        Ok(Some(self.root.join(inside)))
    }

    /// A file with parameters, which may have its environment behind a colon.
    fn parameters(&mut self, file: &Path) -> Option<PathBuf> {
        let text = file.to_string_lossy();
        let (plain, environment) = match text.rsplit_once(':') {
            Some((plain, environment)) if !file.exists() => (plain, Some(environment)),
            _ => (&*text, None),
        };
        let inside = self.repository.inside(Path::new(plain)).ok()?;
        let Found::File(object) = self.tree.find(&inside) else {
            return None;
        };
        self.files.insert(inside.clone(), object.to_owned());
        let there = self.root.join(inside);
        Some(match environment {
            None => there,
            Some(environment) => {
                let mut name = there.into_os_string();
                name.push(":");
                name.push(environment);
                PathBuf::from(name)
            }
        })
    }

    /// Writes all that is taken, and the templates that templates nest.
    fn write(&mut self) -> Result<(), Refusal> {
        let mut blobs = Blobs::open(self.repository.revision)?;
        let mut written = BTreeSet::new();
        let mut waiting: Vec<(String, String)> = self.files.clone().into_iter().collect();
        while let Some((name, object)) = waiting.pop() {
            // Git itself refuses such names, but a repository can be put together by hand.
            if !is_harmless(&name) || !written.insert(name.clone()) {
                continue;
            }
            let bytes = blobs.read(&object)?;
            let path = self.root.join(&name);
            let folder = path.parent().unwrap_or(self.root);
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&path, &bytes))
                .map_err(|error| unwritten(&error))?;
            for nested in load::taken_in(&path, &bytes) {
                let inside = nested.strip_prefix(self.root).ok();
                let inside = inside.map(|path| path.to_string_lossy().replace('\\', "/"));
                if let Some(inside) = inside
                    && let Found::File(object) = self.tree.find(&inside)
                {
                    waiting.push((inside, object.to_owned()));
                }
            }
        }
        Ok(())
    }
}

/// Whether a name stays below the folder that it is joined to.
fn is_harmless(name: &str) -> bool {
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    !name.is_empty()
        && Path::new(name).components().all(plain)
        && !(cfg!(windows) && name.contains(['\\', ':']))
}
