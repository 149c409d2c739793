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
pub(super) use with_sdk::gather;

#[cfg(feature = "live")]
mod with_sdk {
    use super::super::begin::told;
    use super::{LiveOptions, Streams, Voice};
    use crate::check;
    use crate::load::aws::{Live, LiveError};
    use crate::load::{self, Input, Loaded, Settings};
    use crate::rules::{Catalogue, operator};
    use crate::source::Sources;

    /// Rounds of fetching: what is fetched names further things, but not for ever.
    const ROUNDS: usize = 12;

    /// Reads inputs and live accounts; `None`, after saying why, when that cannot be.
    #[expect(clippy::too_many_arguments, reason = "all that a run begins with")]
    pub(in super::super) fn gather(
        options: &LiveOptions,
        given: &[Input],
        settings: &Settings,
        catalogue: &Catalogue,
        pipelines: &[String],
        caller: Option<&str>,
        sources: &mut Sources,
        voice: Voice,
        streams: &mut Streams<'_>,
    ) -> Option<(Loaded, Live)> {
        let failed = |error: LiveError, streams: &mut Streams<'_>| {
            voice.error(streams, &error.message, error.help.as_deref());
        };
        let mut live = match Live::open(&options.reach, &mut |_| {}) {
            Ok(live) => live,
            Err(error) => {
                failed(error, streams);
                return None;
            }
        };
        if let Err(error) = live.pipelines(&options.names, &mut |_| {}) {
            failed(error, streams);
            return None;
        }
        let settings = Settings {
            region: Some(live.region()),
            ..settings.clone()
        };
        let mut round = 0;
        loop {
            *sources = Sources::new();
            // What is handed over is what is to come, so it wins over what AWS tells of today.
            let mut inputs = live.inputs();
            inputs.extend(given.iter().cloned());
            let loaded = load::load_with(sources, &inputs, &settings);
            let mut loaded = told(loaded, voice, streams)?;
            loaded.graph.watch();
            let wanted = check::Options {
                pipelines: pipelines.to_vec(),
                caller: caller.and_then(|caller| operator(&loaded.graph, caller)),
            };
            check::run(&loaded.graph, catalogue, &wanted);
            let wants = loaded.graph.wanted();
            round += 1;
            match live.fetch(&wants, &loaded.graph, &mut |_| {}) {
                Ok(true) if round < ROUNDS => {}
                Ok(_) => return Some((loaded, live)),
                Err(error) => {
                    failed(error, streams);
                    return None;
                }
            }
        }
    }
}

#[cfg(not(feature = "live"))]
pub(super) fn refuse(voice: Voice, streams: &mut Streams<'_>) {
    let help = "install it with `cargo install pipeline-preflight`, which has the feature `live` on by default";
    let message =
        "this pipeline-preflight was built without the cargo feature `live`, and cannot ask AWS";
    voice.error(streams, message, Some(help));
}
