//! `--live`: inputs are read, the graph tells what it lacks, that is fetched, until nothing is lacking that somebody gave access to.

use std::collections::BTreeMap;

use super::{Streams, Voice};
use crate::load::aws::{Door, Reach};

/// What `--live` and its companions ask for.
#[derive(Debug, Clone, Default)]
pub(super) struct LiveOptions {
    /// Pipelines of the first account by their names; `*` are all. None where files hold the pipeline.
    pub(super) names: Vec<String>,
    /// How accounts are reached; the configuration file may name more of them.
    pub(super) reach: Reach,
    /// Whether every call is told.
    #[cfg_attr(
        not(feature = "live"),
        expect(dead_code, reason = "nothing is called without it")
    )]
    pub(super) verbose: bool,
}

impl LiveOptions {
    /// The same with the accounts of the configuration file, of which those of the command line win.
    pub(super) fn with_accounts(&self, accounts: &BTreeMap<String, Door>) -> Self {
        let mut all = self.clone();
        for (account, door) in accounts {
            let known = all.reach.accounts.entry(account.clone());
            known.or_insert_with(|| door.clone());
        }
        all
    }
}

#[cfg(feature = "live")]
pub(super) use with_sdk::{Gathered, Gathering, unreached};

#[cfg(feature = "live")]
mod with_sdk {
    use std::collections::BTreeMap;

    use super::super::begin::told;
    use super::super::progress::Progress;
    use super::{LiveOptions, Streams, Voice};
    use crate::check;
    use crate::load::aws::{Live, LiveError};
    use crate::load::{self, Input, Loaded, Settings};
    use crate::rules::{Catalogue, operator};
    use crate::source::Sources;

    /// Rounds of fetching: what is fetched names further things, but not for ever.
    const ROUNDS: usize = 12;

    /// What a live run begins with.
    pub(in super::super) struct Gathering<'a> {
        pub(in super::super) options: &'a LiveOptions,
        /// What is handed over besides.
        pub(in super::super) inputs: &'a [Input],
        pub(in super::super) settings: &'a Settings,
        pub(in super::super) catalogue: &'a Catalogue,
        /// The pipelines that count, by their names; none are all.
        pub(in super::super) pipelines: &'a [String],
        pub(in super::super) caller: Option<&'a str>,
        /// Whether AWS wins over what is handed over: for what is now. What is handed over wins for what is to come.
        pub(in super::super) aws_wins: bool,
    }

    /// What a live run ends with.
    pub(in super::super) struct Gathered {
        pub(in super::super) loaded: Loaded,
        pub(in super::super) live: Live,
        /// How many things would have been needed of accounts that nobody gave access to.
        pub(in super::super) unreached: BTreeMap<String, usize>,
    }

    impl Gathering<'_> {
        /// Reads inputs and live accounts; `None`, after saying why, when that cannot be.
        pub(in super::super) fn gather(
            &self,
            sources: &mut Sources,
            voice: Voice,
            streams: &mut Streams<'_>,
        ) -> Option<Gathered> {
            let mut progress = Progress::new(voice, self.options.verbose);
            let gathered = self.rounds(&mut progress, sources, voice, streams);
            progress.clear(streams.err);
            match gathered {
                Ok((gathered, rounds)) => {
                    progress.sum_up(&gathered.live.tally(), rounds, streams.err);
                    Some(gathered)
                }
                Err(error) => {
                    if let Some(error) = error {
                        voice.error(streams, &error.message, error.help.as_deref());
                    }
                    None
                }
            }
        }

        /// What was gathered in how many rounds; an error that is `None` was told already.
        fn rounds(
            &self,
            progress: &mut Progress,
            sources: &mut Sources,
            voice: Voice,
            streams: &mut Streams<'_>,
        ) -> Result<(Gathered, usize), Option<LiveError>> {
            let reach = &self.options.reach;
            let mut live = Live::open(reach, &mut |tally| progress.tell(tally, streams.err))?;
            live.pipelines(&self.options.names, &mut |tally| {
                progress.tell(tally, streams.err);
            })?;
            let settings = Settings {
                region: Some(live.region()),
                ..self.settings.clone()
            };
            for round in 1.. {
                *sources = Sources::new();
                let (mut inputs, given) = (live.inputs(), self.inputs.iter().cloned());
                match self.aws_wins {
                    true => inputs = given.chain(inputs).collect(),
                    false => inputs.extend(given),
                }
                let mut loaded = match load::load_with(sources, &inputs, &settings) {
                    Ok(loaded) => loaded,
                    refused => {
                        progress.clear(streams.err);
                        told(refused, voice, streams);
                        return Err(None);
                    }
                };
                loaded.graph.watch();
                let wanted = check::Options {
                    pipelines: self.pipelines.to_vec(),
                    caller: self
                        .caller
                        .and_then(|caller| operator(&loaded.graph, caller)),
                };
                check::run(&loaded.graph, self.catalogue, &wanted);
                let wants = loaded.graph.wanted();
                let mut tell = |tally: &_| progress.tell(tally, streams.err);
                if round == ROUNDS || !live.fetch(&wants, &loaded.graph, &mut tell)? {
                    let unreached = live.unreached().into_iter();
                    let unreached = unreached.map(|(account, wants)| (account, wants.len()));
                    let unreached = unreached.collect();
                    let gathered = Gathered {
                        loaded,
                        live,
                        unreached,
                    };
                    return Ok((gathered, round));
                }
            }
            Err(None)
        }
    }

    impl Gathering<'_> {
        /// Says of each account that nobody gave access to how to come by what it knows.
        pub(in super::super) fn warn_of_unreached(
            &self,
            gathered: &Gathered,
            voice: Voice,
            streams: &mut Streams<'_>,
        ) {
            let there = self.command_there(gathered, "snapshot");
            let names: Vec<String> = self.options.names.iter().map(|name| word(name)).collect();
            let first = match names.is_empty() {
                true => String::new(),
                false => format!(
                    " after `pipeline-preflight snapshot {} --output snapshot` here",
                    names.join(" ")
                ),
            };
            for (account, count) in &gathered.unreached {
                let help = format!(
                    "add `--account {account}=profile:NAME`; or let whoever has access run `{there}`{first}, and check the folder \
                     `snapshot` too"
                );
                voice.warning(streams, &unreached(account, *count), &[], Some(&help));
            }
        }

        /// What whoever has access to another account is to run, so that a snapshot gets what that account knows.
        pub(in super::super) fn command_there(&self, gathered: &Gathered, folder: &str) -> String {
            let mut command = "pipeline-preflight snapshot".to_owned();
            let mut inputs: Vec<String> = self.inputs.iter().map(shown).collect();
            // What is in files says less of its Region than what AWS tells.
            let region = match inputs.iter().all(|input| input == folder) {
                true => String::new(),
                false => format!(" --region {}", gathered.live.region()),
            };
            let names = !self.options.names.is_empty();
            if names && !inputs.iter().any(|input| input == folder) {
                inputs.push(folder.to_owned());
            }
            for input in inputs {
                command.push_str(&format!(" --input {}", word(&input)));
            }
            command.push_str(&format!(" --output {}{region}", word(folder)));
            command
        }
    }

    /// What an input is called where it is to be given again.
    fn shown(input: &Input) -> String {
        match input {
            Input::Path(path) => path.display().to_string(),
            Input::Stack(stack) => stack.template.display().to_string(),
            Input::Stdin { .. } | Input::Snapshot(_) => "FILE".to_owned(),
        }
    }

    /// A text as one word for a shell.
    fn word(text: &str) -> String {
        let plain = |character: char| {
            character.is_alphanumeric() || matches!(character, '/' | '.' | '-' | '_' | ':' | '+')
        };
        match !text.is_empty() && text.chars().all(plain) {
            true => text.to_owned(),
            false => format!("'{}'", text.replace('\'', r"'\''")),
        }
    }

    /// How much is unknown of an account that nobody gave access to.
    pub(in super::super) fn unreached(account: &str, count: usize) -> String {
        let things = match count {
            1 => "1 thing is".to_owned(),
            count => format!("{count} things are"),
        };
        format!("nobody gave access to account {account}, so {things} unknown there")
    }
}

#[cfg(not(feature = "live"))]
pub(super) fn refuse(voice: Voice, streams: &mut Streams<'_>) {
    let help = "install it with `cargo install pipeline-preflight`, which has the feature `live` on by default";
    let message =
        "this pipeline-preflight was built without the cargo feature `live`, and cannot ask AWS";
    voice.error(streams, message, Some(help));
}
