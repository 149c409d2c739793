//! Readers: trees → facts → graph.
//!
//! In: files, folders and standard input, recognised by their content and never by their extension. Out: a [`Graph`]
//! of facts, each with its [`Origin`], and what was recognised, what was not, and what is dubious.
//! Knows nothing of rules, findings or how AWS decides: it reads what AWS answers and says where that stands.
//!
//! [`case`] reads the cases of `authorize`, which are no facts: each stands alone.
//!
//! Every bad file of a run is named, not only the first.

pub mod aws;
mod bootstrap;
mod buildspec;
pub mod case;
mod condition;
mod declared;
mod event_target;
mod facts;
mod fault;
mod files;
mod foreign;
mod hint;
mod iam;
mod ignore;
mod managed;
mod moved;
mod no_pipeline;
mod organization;
mod pipeline;
pub mod policy;
mod reader;
mod refused;
mod resource;
mod run;
mod same;
pub(crate) mod secret;
mod snapshot;
mod stack;
mod storage;
mod terraform;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

pub use hint::{is_account, is_region};
pub use ignore::{Ignore, SaidBy, Written as WrittenIgnore, day, written as written_ignores};
pub use moved::Moved;
#[cfg(feature = "live")]
pub(crate) use no_pipeline::{counted, listed};
pub use snapshot::{FolderError, Refused, SnapshotFile, SnapshotFolder};
pub use stack::secrets::Secrets;

use crate::graph::Graph;
use crate::source::{Origin, Position, Sources};
use files::Text;
use run::Run;

/// What a user hands over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file or a folder.
    Path(PathBuf),
    /// Standard input, under the name that reports give it.
    Stdin {
        /// What was read.
        bytes: Vec<u8>,
        /// The name.
        name: String,
    },
    /// A template with its home.
    Stack(StackInput),
    /// What AWS answered just now.
    Snapshot(SnapshotFile),
}

/// A template with its home, as `--stack` or the configuration file gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackInput {
    /// The template's file.
    pub template: PathBuf,
    /// The account it is deployed to, twelve digits.
    pub account: Option<String>,
    /// The Region it is deployed to.
    pub region: Option<String>,
    /// The stack's name.
    pub name: Option<String>,
    /// Files with values for its parameters, in the order in which later ones win.
    pub parameter_files: Vec<PathBuf>,
    /// Values for its parameters, which win over those of files.
    pub parameters: BTreeMap<String, String>,
}

/// What else a user says about the inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// `--assume NAME=VALUE`: values of parameters (`Name`, or `STACK.Name`), of imports (`import:NAME`) and of SSM
    /// parameters (`ssm:/path`), in the order in which later ones win.
    pub assumed: Vec<(String, String)>,
    /// `--account ALIAS=ID`: accounts by the alias of a Terraform provider; `default` is the provider without one.
    pub accounts: BTreeMap<String, String>,
    /// The Region of pipelines that do not say theirs.
    pub region: Option<String>,
    /// Whether inputs without any pipeline are read like all others.
    pub without_pipeline: bool,
    /// Where inputs lie for the time of this run.
    pub moved: Option<Moved>,
}

/// What a run has read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The facts.
    pub graph: Graph,
    /// Every document that a reader recognised, in the order they were read.
    pub recognised: Vec<Recognised>,
    /// Files inside folders that no reader recognised.
    pub unrecognised: Vec<String>,
    /// What is dubious about the inputs.
    pub warnings: Vec<Warning>,
    /// What comments and metadata of templates say of findings.
    pub ignores: Vec<Ignore>,
}

/// A document that a reader recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// What it is, in the singular: `pipeline`, `account export`, `CodeBuild project`.
    pub kind: &'static str,
    /// The file it stands in.
    pub file: String,
    /// The document.
    pub origin: Origin,
}

/// Something dubious about the inputs that does not keep the run from going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What is dubious.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where, the place to blame first.
    pub origins: Vec<Origin>,
}

/// An input that cannot be read, so that the run cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", before_message(file, *position))]
pub struct LoadError {
    /// The file; empty when the inputs as a whole are to blame.
    pub file: String,
    /// What is wrong and what was expected.
    pub message: String,
    /// Where in the file, when it can be told.
    pub position: Option<Position>,
    /// What to do about it.
    pub help: Option<String>,
}

fn before_message(file: &str, position: Option<Position>) -> String {
    match (file, position) {
        ("", _) => String::new(),
        (file, Some(Position { line, column })) => format!("{file}:{line}:{column}: "),
        (file, None) => format!("{file}: "),
    }
}

/// A kind of file that says of a whole what it consists of: what it leaves out is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WholeKind {
    /// A CloudFormation template.
    Template,
    /// The manifest of a cloud assembly.
    Manifest,
    /// A plan or a state of Terraform, as [`Recognised::kind`] calls it.
    Terraform(&'static str),
}

impl WholeKind {
    /// As [`Recognised::kind`] calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Template => run::TEMPLATE,
            Self::Manifest => run::MANIFEST,
            Self::Terraform(kind) => kind,
        }
    }
}

/// Which of these kinds a text is.
pub fn whole_kind(bytes: &[u8]) -> Option<WholeKind> {
    let mut sources = Sources::new();
    let source = sources.add_lenient("", bytes).ok()?;
    sources.roots(source).into_iter().find_map(|root| {
        if stack::recognise(root) {
            Some(WholeKind::Template)
        } else if stack::cdk::recognise(root) {
            Some(WholeKind::Manifest)
        } else {
            terraform::recognise(root).map(WholeKind::Terraform)
        }
    })
}

/// The files that a text of this path takes in, be they there or not: the nested templates that a template names.
pub fn taken_in(path: &std::path::Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut sources = Sources::new();
    let Ok(source) = sources.add_lenient("", bytes) else {
        return Vec::new();
    };
    let roots = sources.roots(source).into_iter();
    roots
        .filter(|root| stack::recognise(*root))
        .flat_map(|root| stack::nested_files(root, path))
        .collect()
}

/// Reads all inputs into one graph.
///
/// # Errors
/// Every input that is missing, unreadable, not recognised or refused by AWS, each with what was expected;
/// and inputs without any pipeline.
pub fn load(sources: &mut Sources, inputs: &[Input]) -> Result<Loaded, Vec<LoadError>> {
    load_with(sources, inputs, &Settings::default())
}

/// The same with what else a user says about the inputs.
///
/// # Errors
/// As [`load`].
pub fn load_with(
    sources: &mut Sources,
    inputs: &[Input],
    settings: &Settings,
) -> Result<Loaded, Vec<LoadError>> {
    let (texts, errors) = files::gather(inputs, settings.moved.as_ref());
    let count = texts.len();
    let mut run = Run::new(sources, errors);
    let mut places: BTreeSet<PathBuf> = texts.iter().filter_map(Text::place).collect();
    let mut texts = VecDeque::from(texts);
    while let Some(text) = texts.pop_front() {
        match text.read() {
            Err(error) => run.errors.push(error),
            Ok(None) => run.loaded.unrecognised.push(text.name),
            Ok(Some(bytes)) => {
                let nested = run.read_text(&text, &bytes).into_iter();
                let nested = nested.filter_map(|path| Text::beside(path, settings.moved.as_ref()));
                texts
                    .extend(nested.filter(|text| text.place().is_some_and(|at| places.insert(at))));
            }
        }
    }
    let (symbols, switched_off) = run.read_found(inputs, settings);
    let Run {
        sources,
        facts,
        mut loaded,
        mut errors,
        broken,
        ..
    } = run;
    let (mut graph, warnings) = facts.finish();
    for pipeline in &mut graph.pipelines {
        let told = || settings.region.clone();
        pipeline.region = pipeline.region.take().or_else(told);
    }
    graph.symbols = symbols;
    graph.switched_off = switched_off;
    bootstrap::add(sources, &mut graph);
    managed::add(sources, &mut graph);
    loaded.graph = graph;
    loaded.warnings.extend(warnings);
    if errors.is_empty() && loaded.graph.pipelines.is_empty() {
        // Among what was left out for being broken may be the pipeline.
        errors.extend(broken);
        if !settings.without_pipeline {
            errors.push(no_pipeline::error(inputs, count, &loaded));
        }
    }
    if errors.is_empty() {
        Ok(loaded)
    } else {
        Err(errors)
    }
}
