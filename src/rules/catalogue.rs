//! Reads the rule files, from the binary itself or from a folder, and refuses them unless all of them are sound.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

use super::locate::locate;
use super::{ActionType, CommandRules, FindingRule, PipelineRules, Provider, validate};
use crate::graph::ActionTypeId;

pub(super) static RULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

const PROVIDERS: &str = "providers";
const FINDINGS: &str = "findings";
const PIPELINE: &str = "pipeline.yaml";
const COMMANDS: &str = "commands.yaml";

/// All that the rule files say.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// Providers by the name of their file, without `.yaml`.
    pub providers: BTreeMap<String, Provider>,
    /// What every pipeline needs.
    pub pipeline: PipelineRules,
    /// What commands of builds need.
    pub commands: CommandRules,
    /// What people read about each rule, by its id.
    pub findings: BTreeMap<String, FindingRule>,
}

/// Everything that is wrong with the rule files, in one list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CatalogueError {
    /// The faults in the order of the files; never empty.
    pub faults: Vec<RuleFault>,
    /// The folder of the user's own rules, and which files are from it.
    own: Option<Own>,
}

/// Rules of the user's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Own {
    /// The folder as it was given.
    folder: String,
    /// Its files, as [`RuleFault::file`] names them.
    files: BTreeSet<String>,
}

/// One thing that is wrong with a rule file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleFault {
    /// The file, relative to the folder of rules: `providers/codebuild.yaml`.
    pub file: String,
    /// Line and column, both from 1, where they can be told.
    pub position: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
}

impl Catalogue {
    /// The rules that are built in.
    ///
    /// # Errors
    /// A rule file is broken, which the tests of this project prevent.
    pub fn builtin() -> Result<Self, CatalogueError> {
        Files::builtin().catalogue()
    }

    /// The rules that are built in and those of a folder laid out like them, of which any part may be there. A file
    /// replaces the built-in one of the same name or is added; of an action type that both describe, the folder's counts.
    ///
    /// # Errors
    /// The folder cannot be read or holds no rules, or a rule file is broken.
    pub fn with_folder(folder: &Path) -> Result<Self, CatalogueError> {
        let mut files = Files::builtin();
        files.proven = false;
        let mut own = Files::of_folder(folder);
        own.refuse_what_is_misplaced(folder);
        files.own = Some(Own {
            folder: folder.to_string_lossy().into_owned(),
            files: own.texts.keys().cloned().collect(),
        });
        if own.texts.is_empty() && own.faults.is_empty() {
            let expected = "holds no rules: expected `providers/*.yaml`, `findings/*.yaml`, `pipeline.yaml` or `commands.yaml`";
            files.fault("", expected.to_owned());
        }
        files.faults.extend(own.faults);
        files.texts.extend(own.texts);
        files.catalogue()
    }

    /// The rules of a folder laid out as `rules/` of this project.
    ///
    /// # Errors
    /// The folder cannot be read, or a rule file is broken.
    pub fn from_dir(folder: &Path) -> Result<Self, CatalogueError> {
        Files::of_folder(folder).catalogue()
    }

    /// The provider that describes an action type, by all four of its parts: `Source/AWS/S3/1` and `Deploy/AWS/S3/1` differ.
    ///
    /// A part that a file leaves open with `*` fits any; the file that leaves the fewest open counts.
    pub fn provider(&self, id: &ActionTypeId) -> Option<&Provider> {
        let open_parts = |provider: &Provider| {
            let fitting = provider
                .actions
                .iter()
                .filter_map(|action| action.open_parts(id));
            fitting.min()
        };
        let fitting = self
            .providers
            .values()
            .filter_map(|provider| Some((open_parts(provider)?, provider)));
        fitting
            .min_by_key(|(open, _)| *open)
            .map(|(_, provider)| provider)
    }
}

/// The texts of a folder of rules, with what went wrong on the way to them.
#[derive(Default)]
struct Files {
    texts: BTreeMap<String, String>,
    faults: Vec<RuleFault>,
    own: Option<Own>,
    /// Whether all of them are built in: the tests look at these, and no run has to pay for it again.
    proven: bool,
}

impl Files {
    fn builtin() -> Self {
        let mut files = Self {
            proven: true,
            ..Self::default()
        };
        for file in RULES.files() {
            files.add("", file.path(), file.contents());
        }
        for folder in [PROVIDERS, FINDINGS] {
            for file in RULES.get_dir(folder).iter().flat_map(|dir| dir.files()) {
                files.add(folder, file.path(), file.contents());
            }
        }
        files
    }

    fn of_folder(folder: &Path) -> Self {
        let mut files = Self::default();
        files.add_folder(folder, "");
        for name in [PROVIDERS, FINDINGS] {
            let inner = folder.join(name);
            if inner.is_dir() {
                files.add_folder(&inner, name);
            }
        }
        files
    }

    /// A rule file beside the folders it belongs into would be lost in silence.
    fn refuse_what_is_misplaced(&mut self, folder: &Path) {
        let entries = folder.read_dir().into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let yaml = |name: &String| name.ends_with(".yaml") || name.ends_with(".yml");
        let known =
            |name: &String| [PIPELINE, COMMANDS].contains(&name.as_str()) || name.starts_with('.');
        for name in names.filter(|name| yaml(name) && !known(name)) {
            let expected = "a rule file is `pipeline.yaml` or `commands.yaml`, or is in `providers` or `findings`";
            self.fault(&name, expected.to_owned());
        }
    }

    /// Of an action type that is described twice, the user's own description counts.
    fn prefer_own(&self, providers: &mut BTreeMap<String, Provider>) {
        let Some(own) = &self.own else { return };
        let is_own = |stem: &str| own.files.contains(&format!("{PROVIDERS}/{stem}.yaml"));
        let claimed: Vec<ActionType> = providers
            .iter()
            .filter(|(stem, _)| is_own(stem))
            .flat_map(|(_, provider)| provider.actions.clone())
            .collect();
        providers.retain(|stem, provider| {
            let before = provider.actions.len();
            if !is_own(stem) {
                provider.actions.retain(|action| !claimed.contains(action));
            }
            before == 0 || !provider.actions.is_empty()
        });
    }

    fn add_folder(&mut self, folder: &Path, name: &str) {
        let entries = match folder.read_dir() {
            Ok(entries) => entries,
            Err(error) => return self.fault(name, error.to_string()),
        };
        for entry in entries {
            match entry.map(|entry| entry.path()) {
                Ok(path) if path.is_file() => match std::fs::read(&path) {
                    Ok(bytes) => self.add(name, &path, &bytes),
                    Err(error) => self.fault(&label(name, &path), error.to_string()),
                },
                Ok(_) => {}
                Err(error) => self.fault(name, error.to_string()),
            }
        }
    }

    /// Keeps a rule file. Elsewhere than beside `pipeline.yaml` everything else is refused: a rule in a file `x.yml` would be lost in silence.
    fn add(&mut self, folder: &str, path: &Path, bytes: &[u8]) {
        let name = label(folder, path);
        if name.rsplit('/').next().unwrap_or(&name).starts_with('.') {
            return;
        }
        if folder.is_empty() {
            if name != PIPELINE && name != COMMANDS {
                return;
            }
        } else if !name.ends_with(".yaml") {
            return self.fault(&name, "a rule file's name ends with `.yaml`".to_owned());
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                self.texts.insert(name, text.to_owned());
            }
            Err(error) => self.fault(&name, format!("not UTF-8: {error}")),
        }
    }

    fn fault(&mut self, file: &str, message: String) {
        self.faults.push(RuleFault {
            file: file.to_owned(),
            position: None,
            message,
        });
    }

    fn catalogue(mut self) -> Result<Catalogue, CatalogueError> {
        let mut providers = BTreeMap::new();
        let mut findings = BTreeMap::new();
        let mut pipeline = None;
        let mut commands = None;
        let texts = std::mem::take(&mut self.texts);
        for (file, text) in &texts {
            let (folder, name) = file.split_once('/').unwrap_or(("", file));
            let stem = name.trim_end_matches(".yaml").to_owned();
            match folder {
                PROVIDERS => {
                    providers.extend(self.read(file, text).map(|provider| (stem, provider)));
                }
                FINDINGS => {
                    let rule = self.read::<FindingRule>(file, text).map(|mut rule| {
                        rule.id.clone_from(&stem);
                        (stem, rule)
                    });
                    findings.extend(rule);
                }
                _ if file == COMMANDS => commands = Some(self.read::<CommandRules>(file, text)),
                _ => pipeline = Some(self.read::<PipelineRules>(file, text)),
            }
        }
        for (file, there) in [
            (PIPELINE, pipeline.is_some()),
            (COMMANDS, commands.is_some()),
        ] {
            if !there {
                self.fault(file, "is missing".to_owned());
            }
        }
        self.prefer_own(&mut providers);
        if let (Some(pipeline), Some(commands)) = (pipeline.flatten(), commands.flatten()) {
            let catalogue = Catalogue {
                providers,
                pipeline,
                commands,
                findings,
            };
            let own = self.own.as_ref().map(|own| &own.files);
            let faults = match self.proven {
                true => Vec::new(),
                false => validate::faults(&catalogue, own.unwrap_or(&BTreeSet::new())),
            };
            self.faults.extend(faults.into_iter().map(|fault| {
                let text = texts.get(&fault.file);
                RuleFault {
                    position: text.and_then(|text| locate(text, &fault.message)),
                    ..fault
                }
            }));
            if self.faults.is_empty() {
                return Ok(catalogue);
            }
        }
        self.faults.sort();
        Err(CatalogueError {
            faults: self.faults,
            own: self.own,
        })
    }

    fn read<T: DeserializeOwned>(&mut self, file: &str, text: &str) -> Option<T> {
        // A map with string keys takes the later of two equal keys without a word; a plain tree refuses them.
        let tree = match self.proven {
            true => Ok(()),
            false => serde_yaml::from_str::<serde_yaml::Value>(text).map(|_| ()),
        };
        let read = tree.and_then(|()| serde_yaml::from_str(text));
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                self.faults.push(RuleFault::new(file, &error));
                None
            }
        }
    }
}

fn label(folder: &str, path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if folder.is_empty() {
        name.into_owned()
    } else {
        format!("{folder}/{name}")
    }
}

impl RuleFault {
    fn new(file: &str, error: &serde_yaml::Error) -> Self {
        let position = error
            .location()
            .map(|location| (location.line(), location.column()));
        let mut message = error.to_string();
        if let Some((line, column)) = position {
            let suffix = format!(" at line {line} column {column}");
            if let Some(bare) = message.strip_suffix(&suffix) {
                message = bare.to_owned();
            }
        }
        Self {
            file: file.to_owned(),
            position,
            message,
        }
    }
}

impl RuleFault {
    /// `folder/file:line:column: what is wrong`
    fn text(&self, folder: &str) -> String {
        let Self { file, message, .. } = self;
        let path = Path::new(folder).join(file);
        let path = path.to_string_lossy();
        let path = path.trim_end_matches(std::path::MAIN_SEPARATOR);
        match self.position {
            Some((line, column)) => format!("{path}:{line}:{column}: {message}"),
            None => format!("{path}: {message}"),
        }
    }
}

impl fmt::Display for RuleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text("rules"))
    }
}

impl CatalogueError {
    /// A fault with its file as the user named it.
    pub fn text(&self, fault: &RuleFault) -> String {
        let own = self.own.as_ref();
        let builtin =
            |own: &&Own| RULES.get_file(&fault.file).is_some() && !own.files.contains(&fault.file);
        match own.filter(|own| !builtin(own)) {
            Some(own) => fault.text(&own.folder),
            None => fault.to_string(),
        }
    }
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{}", self.text(fault))?;
        }
        Ok(())
    }
}
