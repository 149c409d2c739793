//! `pipeline-preflight.yaml`: what is to be checked, for those who do not want to say it each time.
//!
//! In: what the command line asks for. Out: the inputs and settings that count, those of the command line first.
//! A run without such a file is as if there were no such thing.

mod accounts;
mod ignore;
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use self::accounts::Accounts;
use self::ignore::IgnoreWords;
use self::words::{Scalar, Words};
use super::live::LiveOptions;
use super::{Config, Given, Streams, Subject, Voice, one_of};
use crate::check::triage::Level;
use crate::load::{Ignore, Settings};
use crate::report::file_name;
use crate::rules::Severity;

/// What the file is called.
const NAME: &str = "pipeline-preflight.yaml";

/// Why a configuration file does not count: its name, the place in it, what is wrong, and advice.
struct Fault {
    file: String,
    position: Option<(usize, usize)>,
    message: String,
    help: Option<String>,
}

/// What counts, of the command line and of the configuration file.
pub(super) struct Applied {
    pub(super) inputs: Vec<Given>,
    pub(super) settings: Settings,
    /// How AWS is asked, where it is to be asked at all.
    pub(super) live: Option<LiveOptions>,
    pub(super) policy: Policy,
}

/// What the configuration file says of findings.
#[derive(Debug, Clone, Default)]
pub(super) struct Policy {
    /// The least severity that makes the exit code 1.
    pub(super) fail_on: Option<Severity>,
    /// Whether what is undecided does so as well.
    pub(super) strict: bool,
    /// By a rule's id.
    pub(super) severities: BTreeMap<String, Level>,
    pub(super) ignores: Vec<Ignore>,
    /// The file's text, which the entries stand in.
    pub(super) text: Option<ignore::Text>,
    /// Whether other things are looked at than those that the file names.
    pub(super) inputs_replaced: bool,
}

/// The inputs and settings that count; `None`, after saying why, when the configuration file cannot be read.
///
/// Inputs of the command line stand in the place of all inputs and stacks of the file; values of both are taken, and of two for
/// the same name that of the command line counts.
pub(super) fn apply(subject: &Subject, voice: Voice, streams: &mut Streams<'_>) -> Option<Applied> {
    let file = match &subject.config {
        Config::None => None,
        Config::File(file) => Some(file.clone()),
        Config::Found { from } => from.as_deref().and_then(find),
    };
    let read = file.map(|file| read(&file).map(|words| (words, file)));
    let (words, file) = match read.transpose() {
        Ok(read) => read.unwrap_or_default(),
        Err(fault) => {
            let Fault {
                file,
                position,
                message,
                help,
            } = fault;
            let file = file_name(&file);
            let message = match position {
                Some((line, column)) => format!("{file}:{line}:{column}: {message}"),
                None => format!("{file}: {message}"),
            };
            voice.error(streams, &message, help.as_deref());
            return None;
        }
    };
    let policy = Policy {
        text: ignore::Text::of(&file),
        ignores: words.ignore.into_iter().map(IgnoreWords::ignore).collect(),
        ..Policy::default()
    };
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let assumed = words
        .assume
        .into_iter()
        .map(|(name, Scalar(value))| (name, value));
    let assumed = assumed.chain(subject.settings.assumed.iter().cloned());
    let Accounts { aliases, doors } = words.accounts;
    let given = subject.settings.accounts.clone();
    let settings = Settings {
        assumed: assumed.collect(),
        accounts: aliases.into_iter().chain(given).collect(),
        region: None,
    };
    let live = subject.live.as_ref();
    let live = live.map(|live| live.with_accounts(&doors));
    // Who names live pipelines wants these, and not what the file names.
    let named = live.as_ref().is_some_and(|live| !live.names.is_empty());
    if !subject.inputs.is_empty() || named {
        return Some(Applied {
            inputs: subject.inputs.clone(),
            settings,
            live,
            policy: Policy {
                inputs_replaced: named || !(words.inputs.is_empty() && words.stacks.is_empty()),
                ..policy
            },
        });
    }
    let inputs = words
        .inputs
        .iter()
        .map(|path| Given::Path(folder.join(path)));
    let stacks = words
        .stacks
        .into_iter()
        .map(|stack| Given::Stack(stack.input(&folder)));
    Some(Applied {
        inputs: inputs.chain(stacks).collect(),
        settings,
        live,
        policy,
    })
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

fn read(file: &Path) -> Result<Words, Fault> {
    let fault = |message: String| Fault {
        file: file.to_string_lossy().into_owned(),
        position: None,
        message,
        help: None,
    };
    let text = fs::read_to_string(file).map_err(|error| {
        fault(match error.kind() {
            ErrorKind::NotFound => "no such file".to_owned(),
            _ => format!("cannot be read: {error}"),
        })
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // Parameters are a map, which takes the later of two same keys without a word; a plain tree refuses them.
    let read = serde_yaml::from_str::<serde_yaml::Value>(text)
        .and_then(|_| serde_yaml::from_str::<Option<Words>>(text));
    read.map(Option::unwrap_or_default).map_err(|error| {
        let position = error.location().map(|at| (at.line(), at.column()));
        let told = error.to_string();
        let suffix = position
            .map(|(line, column)| format!(" at line {line} column {column}"))
            .unwrap_or_default();
        let message = told.strip_suffix(&suffix).unwrap_or(&told).to_owned();
        let (message, help) = unknown_key(&message).unwrap_or((message, None));
        Fault {
            position,
            help,
            ..fault(message)
        }
    })
}

/// What to say of an unknown key, from serde's sentence: ``unknown field `x`, expected one of `a`, `b` ``.
fn unknown_key(message: &str) -> Option<(String, Option<String>)> {
    let (before, told) = message.split_once("unknown field ")?;
    let mut names = told.split('`').skip(1).step_by(2);
    let written = names.next()?;
    let known: Vec<&str> = names.collect();
    Some((
        format!("{before}unknown key `{written}`"),
        Some(one_of(written, &known)),
    ))
}
