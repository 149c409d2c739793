//! How `check` and `requirements` begin: inputs and rules are read, and what is dubious about them is said.

use super::config::Policy;
use super::live::LiveOptions;
use super::{Given, Streams, Subject, Voice, config, live, nearest};
use crate::graph::{Graph, Symbols};
use crate::load::{self, Input, LoadError, Loaded, Settings};
use crate::report::file_name;
use crate::rules::Catalogue;
use crate::source::Sources;

/// Files inside folders that are named when nobody recognised them; the rest is counted.
const NAMED_FILES: usize = 20;

/// What a run begins with.
pub(super) struct Begun {
    pub(super) loaded: Loaded,
    pub(super) catalogue: Catalogue,
    /// What the configuration file says of findings.
    pub(super) policy: Policy,
    /// What was read, for whoever reads another state of it.
    pub(super) world: World,
}

/// Inputs with all that is said of them.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) inputs: Vec<Input>,
    pub(super) settings: Settings,
    /// How AWS is asked, where it is to be asked at all.
    pub(super) live: Option<LiveOptions>,
}

/// Reads what is to be looked at, and the rules; `None`, after saying on standard error what is wrong, when that cannot be.
pub(super) fn begin(
    subject: &Subject,
    caller: Option<&str>,
    sources: &mut Sources,
    voice: Voice,
    streams: &mut Streams<'_>,
) -> Option<Begun> {
    #[cfg(not(feature = "live"))]
    if subject.live.is_some() {
        live::refuse(voice, streams);
        return None;
    }
    let mut applied = config::apply(subject, voice, streams)?;
    let inputs = inputs(&applied.inputs, voice, streams)?;
    let catalogue = applied.catalogue(voice, streams)?;
    if !applied.policy.names_rules(&catalogue, voice, streams) {
        return None;
    }
    let world = World {
        inputs,
        settings: applied.settings,
        live: applied.live,
    };
    let loaded = world.load(subject, caller, &catalogue, sources, voice, streams)?;
    warn(&loaded, sources, voice, streams);
    applied.policy.place(sources);
    pipelines_exist(&subject.pipelines, &loaded.graph, voice, streams).then_some(Begun {
        loaded,
        catalogue,
        policy: applied.policy,
        world,
    })
}

impl World {
    /// Reads it; `None`, after saying why, when that cannot be.
    #[cfg_attr(
        not(feature = "live"),
        expect(unused_variables, reason = "only what is fetched depends on all of it")
    )]
    pub(super) fn load(
        &self,
        subject: &Subject,
        caller: Option<&str>,
        catalogue: &Catalogue,
        sources: &mut Sources,
        voice: Voice,
        streams: &mut Streams<'_>,
    ) -> Option<Loaded> {
        match &self.live {
            None => told(
                load::load_with(sources, &self.inputs, &self.settings),
                voice,
                streams,
            ),
            #[cfg(not(feature = "live"))]
            Some(_) => None,
            #[cfg(feature = "live")]
            Some(options) => {
                if options.names.is_empty() && self.inputs.is_empty() {
                    let help = "name pipelines behind `--live`, `'*'` for all of the Region, or give a file that holds one";
                    voice.error(streams, "nothing says which pipelines", Some(help));
                    return None;
                }
                let gathering = live::Gathering {
                    options,
                    inputs: &self.inputs,
                    settings: &self.settings,
                    catalogue,
                    pipelines: &subject.pipelines,
                    caller,
                    aws_wins: false,
                };
                let gathered = gathering.gather(sources, voice, streams)?;
                gathering.warn_of_unreached(&gathered, voice, streams);
                Some(gathered.loaded)
            }
        }
    }
}

/// What was loaded; `None`, after saying why, when that could not be.
pub(super) fn told(
    loaded: Result<Loaded, Vec<LoadError>>,
    voice: Voice,
    streams: &mut Streams<'_>,
) -> Option<Loaded> {
    let errors = match loaded {
        Ok(loaded) => return Some(loaded),
        Err(errors) => errors,
    };
    for error in errors {
        voice.error(streams, &error_text(&error), error.help.as_deref());
    }
    None
}

/// What was given, standard input read; `None`, after saying why, when that cannot be.
pub(super) fn inputs(
    given: &[Given],
    voice: Voice,
    streams: &mut Streams<'_>,
) -> Option<Vec<Input>> {
    let mut inputs = Vec::new();
    for given in given {
        inputs.push(match given {
            Given::Path(path) => Input::Path(path.clone()),
            Given::Stdin { name } => {
                let mut bytes = Vec::new();
                if let Err(error) = streams.input.read_to_end(&mut bytes) {
                    let message = format!("standard input cannot be read: {error}");
                    voice.error(streams, &message, None);
                    return None;
                }
                Input::Stdin {
                    bytes,
                    name: name.clone(),
                }
            }
            Given::Stack(stack) => Input::Stack(stack.clone()),
        });
    }
    Some(inputs)
}

/// `file:line:column: what is wrong`
pub(super) fn error_text(error: &LoadError) -> String {
    // Where the run cannot be done nobody keeps what unresolved values are called.
    let symbols = Symbols::default();
    let message = symbols.shown(&error.message);
    match (error.file.as_str(), error.position) {
        ("", _) => message.into_owned(),
        (file, None) => format!("{}: {message}", file_name(file)),
        (file, Some(at)) => format!("{}:{}:{}: {message}", file_name(file), at.line, at.column),
    }
}

pub(super) fn warn(loaded: &Loaded, sources: &Sources, voice: Voice, streams: &mut Streams<'_>) {
    for warning in &loaded.warnings {
        let places: Vec<String> = warning
            .origins
            .iter()
            .map(|origin| {
                let place = sources.place(*origin);
                let (line, column) = (place.start.line, place.start.column);
                format!("{}:{line}:{column}", file_name(&place.name))
            })
            .collect();
        let symbols = &loaded.graph.symbols;
        let message = symbols.shown(&warning.message);
        let help = warning.help.as_deref().map(|help| symbols.shown(help));
        voice.warning(streams, &message, &places, help.as_deref());
    }
    let unknown = &loaded.unrecognised;
    if unknown.is_empty() {
        return;
    }
    let mut places: Vec<String> = unknown
        .iter()
        .take(NAMED_FILES)
        .map(|name| file_name(name))
        .collect();
    if unknown.len() > NAMED_FILES {
        places.push(format!("and {} more", unknown.len() - NAMED_FILES));
    }
    let message = match unknown.len() {
        1 => "1 file is not recognised, and left out".to_owned(),
        count => format!("{count} files are not recognised, and left out"),
    };
    voice.warning(streams, &message, &places, None);
}

/// Whether every pipeline that was asked for is there; a name with a typing error must not end as a clean run.
fn pipelines_exist(
    names: &[String],
    graph: &Graph,
    voice: Voice,
    streams: &mut Streams<'_>,
) -> bool {
    let names_of = graph.pipelines.iter().map(|pipeline| &pipeline.name.text);
    let shown: Vec<_> = names_of.map(|name| graph.symbols.shown(name)).collect();
    let known: Vec<&str> = shown.iter().map(AsRef::as_ref).collect();
    let mut all = true;
    for name in names.iter().filter(|name| !known.contains(&name.as_str())) {
        all = false;
        let help = match nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the inputs hold `{}`", known.join("`, `")),
        };
        let message = format!("no pipeline is named `{name}`");
        voice.error(streams, &message, Some(&help));
    }
    all
}
