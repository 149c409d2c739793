//! `pipeline-preflight.yaml`: what is to be checked, for those who do not want to say it each time.
//!
//! In: what the command line asks for. Out: the inputs and settings that count, those of the command line first.
//! A run without such a file is as if there were no such thing.

mod accounts;
mod file;
mod ignore;
mod init;
#[cfg(test)]
mod schema;
mod show;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;

use self::accounts::Accounts;
use self::file::File;
use self::ignore::IgnoreWords;
use self::words::Scalar;
pub(super) use self::{init::run as init, show::run as show};
use super::live::LiveOptions;
use super::rules::catalogue;
use super::{Given, Streams, Subject, Voice, nearest};
use crate::check::triage::Level;
use crate::load::aws::Door;
use crate::load::{Ignore, Settings};
use crate::rules::{Catalogue, Severity};

/// What counts, of the command line and of the configuration file.
pub(super) struct Applied {
    pub(super) inputs: Vec<Given>,
    pub(super) settings: Settings,
    /// How AWS is asked, where it is to be asked at all.
    pub(super) live: Option<LiveOptions>,
    /// The ways into accounts, whether AWS is to be asked or not.
    pub(super) doors: BTreeMap<String, Door>,
    pub(super) policy: Policy,
    /// A folder of the user's own rules.
    pub(super) rules: Option<PathBuf>,
    /// The file that was read.
    pub(super) file: Option<PathBuf>,
    /// Rules that are named, each with where the file does so.
    named_rules: Vec<(String, Option<String>)>,
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
    /// Findings that are known already.
    pub(super) baseline: Option<PathBuf>,
}

/// The inputs and settings that count; `None`, after saying why, when the configuration file cannot be read.
///
/// Inputs of the command line stand in the place of all inputs and stacks of the file; values of both are taken, and of two for
/// the same name that of the command line counts.
pub(super) fn apply(subject: &Subject, voice: Voice, streams: &mut Streams<'_>) -> Option<Applied> {
    let file = match File::of(&subject.config) {
        Ok(file) => file.unwrap_or_default(),
        Err(fault) => {
            voice.error(streams, &fault.text(), fault.help.as_deref());
            return None;
        }
    };
    let folder = file.folder();
    let by_words = subject.named_rules.iter().map(|rule| (rule.clone(), None));
    let by_file = file.words.severities.0.iter();
    let by_file = by_file.map(|(rule, _)| (rule.value.clone(), Some(file.place(rule.origin))));
    let named_rules = by_words.chain(by_file).collect();
    let words = file.words;
    let assumed = words
        .assume
        .into_iter()
        .map(|(name, Scalar(value))| (name, value));
    let assumed = assumed.chain(subject.settings.assumed.iter().cloned());
    let severities = words.severities.0.into_iter();
    let mut policy = Policy {
        fail_on: words.fail_on.map(Severity::from),
        strict: words.strict.unwrap_or_default(),
        severities: severities
            .map(|(rule, level)| (rule.value, level.into()))
            .collect(),
        ignores: words.ignore.into_iter().map(IgnoreWords::ignore).collect(),
        text: file.path.as_deref().and_then(ignore::Text::of),
        inputs_replaced: false,
        baseline: words.baseline.map(|file| folder.join(file)),
    };
    let rules = words.rules.map(|rules| folder.join(rules));
    let Accounts { aliases, mut doors } = words.accounts;
    let given = subject.settings.accounts.clone();
    let settings = Settings {
        assumed: assumed.collect(),
        accounts: aliases.into_iter().chain(given).collect(),
        ..Settings::default()
    };
    let live = subject.live.as_ref();
    let live = live.map(|live| live.with_accounts(&doors));
    doors.extend(live.iter().flat_map(|live| live.reach.accounts.clone()));
    // Who names live pipelines wants these, and not what the file names.
    let named = live.as_ref().is_some_and(|live| !live.names.is_empty());
    let inputs = if !subject.inputs.is_empty() || named {
        policy.inputs_replaced = named || !(words.inputs.is_empty() && words.stacks.is_empty());
        subject.inputs.clone()
    } else {
        let inputs = words
            .inputs
            .iter()
            .map(|path| Given::Path(folder.join(path)));
        let stacks = words
            .stacks
            .into_iter()
            .map(|stack| Given::Stack(stack.input(&folder)));
        inputs.chain(stacks).collect()
    };
    Some(Applied {
        inputs,
        settings,
        live,
        doors,
        policy,
        rules: subject.rules.clone().or(rules),
        file: file.path,
        named_rules,
    })
}

impl Applied {
    /// The rules that count; `None`, after saying why, where they are broken, or where one is named that does not exist.
    pub(super) fn catalogue(&self, voice: Voice, streams: &mut Streams<'_>) -> Option<Catalogue> {
        let catalogue = catalogue(self.rules.as_deref(), voice, streams)?;
        let known: Vec<&str> = catalogue.findings.keys().map(String::as_str).collect();
        let mut all = true;
        for (rule, place) in &self.named_rules {
            if catalogue.findings.contains_key(rule) {
                continue;
            }
            all = false;
            let message = match place {
                Some(place) => format!("{place}: no rule is called `{rule}`"),
                None => format!("no rule is called `{rule}`"),
            };
            let help = match nearest(rule, &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`pipeline-preflight rules` lists them".to_owned(),
            };
            voice.error(streams, &message, Some(&help));
        }
        all.then_some(catalogue)
    }
}
