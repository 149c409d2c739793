//! Readers: trees → facts → graph.
//!
//! In: files, folders and standard input, recognised by their content and never by their extension. Out: a [`Graph`]
//! of facts, each with its [`Origin`], and what was recognised, what was not, and what is dubious.
//! Knows nothing of rules, findings or how AWS decides: it reads what AWS answers and says where that stands.
//!
//! [`case`] reads the cases of `authorize`, which are no facts: each stands alone.
//!
//! Every bad file of a run is named, not only the first.

mod buildspec;
pub mod case;
mod condition;
mod facts;
mod fault;
mod files;
mod hint;
mod iam;
mod managed;
mod organization;
mod pipeline;
pub mod policy;
mod reader;
mod resource;
mod same;
mod storage;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::graph::Graph;
use crate::source::{Origin, Position, Sources};
use facts::Facts;
use files::Text;
use hint::Hint;
use reader::Reading;

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

/// Reads all inputs into one graph.
///
/// # Errors
/// Every input that is missing, unreadable, not recognised or refused by AWS, each with what was expected;
/// and inputs without any pipeline.
pub fn load(sources: &mut Sources, inputs: &[Input]) -> Result<Loaded, Vec<LoadError>> {
    let mut facts = Facts::default();
    let mut loaded = Loaded::default();
    let (texts, mut errors) = files::gather(inputs);
    let count = texts.len();
    for text in texts {
        match text.read() {
            Err(error) => errors.push(error),
            Ok(None) => loaded.unrecognised.push(text.name),
            Ok(Some(bytes)) => {
                read_text(sources, &text, &bytes, &mut facts, &mut loaded, &mut errors);
            }
        }
    }
    let (mut graph, warnings) = facts.finish();
    managed::add(sources, &mut graph);
    loaded.graph = graph;
    loaded.warnings.extend(warnings);
    if errors.is_empty() && loaded.graph.pipelines.is_empty() {
        errors.push(no_pipeline(
            inputs,
            count,
            &loaded.recognised,
            &loaded.unrecognised,
        ));
    }
    if errors.is_empty() {
        Ok(loaded)
    } else {
        Err(errors)
    }
}

fn read_text(
    sources: &mut Sources,
    text: &Text,
    bytes: &[u8],
    facts: &mut Facts,
    loaded: &mut Loaded,
    errors: &mut Vec<LoadError>,
) {
    let source = match sources.add(&text.name, bytes) {
        Ok(source) => source,
        Err(error) if text.named || files::looks_like_input(&text.path, bytes) => {
            errors.push(LoadError::syntax(&text.name, error));
            return;
        }
        Err(_) => {
            loaded.unrecognised.push(text.name.clone());
            return;
        }
    };
    let hint = Hint::of(&text.path);
    let documents = reader::documents(sources, source);
    let known: Vec<_> = documents
        .iter()
        .map(|document| reader::recognise(sources.node(*document), &hint))
        .collect();
    if known.iter().all(Option::is_none) {
        if text.named {
            errors.push(LoadError {
                file: text.name.clone(),
                message: "not recognised as anything that can be checked".to_owned(),
                position: None,
                help: Some(reader::understood()),
            });
        } else {
            loaded.unrecognised.push(text.name.clone());
        }
        return;
    }
    facts.begin_file();
    for (document, known) in documents.into_iter().zip(known) {
        let Some((kind, read)) = known else {
            loaded.warnings.push(Warning {
                message: format!(
                    "a document in `{}` is not recognised, and left out",
                    text.name
                ),
                help: Some(reader::understood()),
                origins: vec![document],
            });
            continue;
        };
        loaded.recognised.push(Recognised {
            kind,
            file: text.name.clone(),
            origin: document,
        });
        let mut reading = Reading {
            sources: &mut *sources,
            hint: &hint,
            facts: &mut *facts,
            errors: &mut *errors,
        };
        read(&mut reading, document);
    }
    loaded.warnings.extend(reader::comments(sources, source));
}

/// Names of unrecognised files that one message holds.
const NAMED_FILES: usize = 10;

fn no_pipeline(
    inputs: &[Input],
    texts: usize,
    recognised: &[Recognised],
    unrecognised: &[String],
) -> LoadError {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for document in recognised {
        *counts.entry(document.kind).or_default() += 1;
    }
    let message = if inputs.is_empty() {
        "no input: expected files or folders with at least one pipeline".to_owned()
    } else if counts.is_empty() {
        format!(
            "no pipeline among the inputs: nothing was recognised in {}",
            counted(texts, "file")
        )
    } else {
        let counts: Vec<String> = counts
            .iter()
            .map(|(kind, count)| counted(*count, kind))
            .collect();
        format!(
            "no pipeline among the inputs: recognised {} instead",
            listed(&counts)
        )
    };
    let names: Vec<String> = unrecognised
        .iter()
        .take(NAMED_FILES)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = unrecognised.len().saturating_sub(names.len());
    let message = match (names.is_empty(), more) {
        (true, _) => message,
        (false, 0) => format!("{message}; not recognised: {}", listed(&names)),
        (false, more) => format!(
            "{message}; not recognised: {}, and {more} more",
            names.join(", ")
        ),
    };
    LoadError {
        file: String::new(),
        message,
        position: None,
        help: Some(
            "add the output of `aws codepipeline get-pipeline --name NAME` to the inputs"
                .to_owned(),
        ),
    }
}

/// `1 role`, `2 inline policies`.
fn counted(count: usize, kind: &str) -> String {
    let mut text = format!("{count} ");
    let written = match (count, kind.strip_suffix('y')) {
        (1, _) => write!(text, "{kind}"),
        (_, Some(stem)) => write!(text, "{stem}ies"),
        (_, None) if kind.ends_with('s') => write!(text, "{kind}es"),
        (_, None) => write!(text, "{kind}s"),
    };
    debug_assert!(written.is_ok(), "writing into a string does not fail");
    text
}

/// `a`, `a and b`, `a, b and c`.
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
