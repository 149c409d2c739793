//! `check --against OLD`: the same check of another state of the inputs.
//!
//! In: what was checked, and a file, a folder or a git revision. Out: what the same check finds there. What is dubious about the
//! other state was told when it was the present one; only what keeps it from being read is told, and what it lacks altogether.

mod git;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::begin::World;
use super::check::Found;
use super::{Check, Streams, Voice};
use crate::check;
use crate::graph::Graph;
use crate::load::{self, Input, StackInput, WholeKind};
use crate::report::{Role, file_name, paint};
use crate::rules::operator;
use crate::source::Sources;

/// Another state of the inputs.
struct Before {
    world: World,
    /// Holds files that are there for the time of the check.
    _folder: Option<tempfile::TempDir>,
    /// Inputs that were not there.
    absent: Vec<String>,
    /// Whether it is one file that stands in the place of what the inputs say.
    in_place: bool,
}

/// Why another state cannot be looked at.
struct Refusal {
    message: String,
    help: Option<String>,
}

/// What the same check finds in another state; `None`, after saying why, when that cannot be read.
pub(super) fn before(
    old: &str,
    options: &Check,
    found: &Found,
    voice: Voice,
    streams: &mut Streams<'_>,
) -> Option<check::Result> {
    let before = match state(old, found) {
        Ok(before) => before,
        Err(Refusal { message, help }) => {
            voice.error(streams, &message, help.as_deref());
            return None;
        }
    };
    let Before { world, absent, .. } = &before;
    let nothing = world.inputs.is_empty() && world.live.is_none();
    if nothing {
        let message =
            format!("nothing of what is checked was there at `{old}`: all findings are new");
        voice.note(streams, &message, &[], Some(NOT_COMMITTED));
        return Some(check::Result::default());
    }
    for input in absent {
        let message =
            format!("`{input}` was not there at `{old}`, and is left out of what was before");
        voice.note(streams, &message, &[], Some(NOT_COMMITTED));
    }
    let mut sources = Sources::new();
    let mut told = Vec::new();
    let quiet = Voice {
        silent: true,
        columns: None,
        ..voice
    };
    let loaded = world.load(
        &options.subject,
        options.caller.as_deref(),
        &found.begun.catalogue,
        &mut sources,
        quiet,
        &mut Streams {
            input: &mut io::empty(),
            out: &mut io::sink(),
            err: &mut told,
        },
    );
    let Some(loaded) = loaded else {
        let told = String::from_utf8_lossy(&told);
        let _ = streams
            .err
            .write_all(said_of(&told, old, &before, voice).as_bytes());
        return None;
    };
    if loaded.graph.pipelines.is_empty() {
        let message = format!("no pipeline was there at `{old}`: all findings are new");
        voice.note(streams, &message, &[], None);
    } else if before.in_place {
        warn_of_others(
            old,
            &loaded.graph,
            &found.begun.loaded.graph,
            voice,
            streams,
        );
    }
    let mut policy = found.begun.policy.clone();
    policy.place(&mut sources);
    // Who is to update the pipelines and was not there yet could not do so either.
    let caller = options.caller.as_deref();
    let caller = caller.and_then(|caller| operator(&loaded.graph, caller));
    let judged = found.judge(&loaded, &policy, caller, options, &sources);
    Some(judged.result)
}

const NOT_COMMITTED: &str = "what is not committed, such as `cdk.out`, is not known to git: write it as it was into a folder, and give that \
                             folder to `--against`";

/// Errors with whose they are, and without the folder that is there for this run only.
fn said_of(told: &str, old: &str, before: &Before, voice: Voice) -> String {
    let error = format!("{}: ", paint("error", Role::Error, voice.color));
    let mut text = String::new();
    for line in told.lines() {
        match line.strip_prefix(&error) {
            Some(rest) => {
                let old = crate::report::printable(old);
                text.push_str(&format!("{error}against `{old}`: {rest}\n"));
            }
            None => text.push_str(&format!("{line}\n")),
        }
    }
    match &before.world.settings.moved {
        Some(moved) => {
            let folder = file_name(&moved.from.to_string_lossy());
            text.replace(&format!("{folder}/"), "")
        }
        None => text,
    }
}

/// A pipeline of the old file that the inputs do not hold replaces none, so that what replaced it seems to have been there.
fn warn_of_others(old: &str, before: &Graph, now: &Graph, voice: Voice, streams: &mut Streams<'_>) {
    let names = |graph: &Graph| -> BTreeSet<String> {
        let names = graph.pipelines.iter().map(|pipeline| &pipeline.name.text);
        names
            .map(|name| graph.symbols.shown(name).into_owned())
            .collect()
    };
    let now = names(now);
    for name in names(before).difference(&now) {
        let message = format!(
            "`{old}` holds the pipeline `{name}` and the inputs do not, so that it takes no pipeline's place: what they hold counts as \
             it is now"
        );
        let help = "where a pipeline has got another name, give a folder with all that was before, or a git revision";
        voice.warning(streams, &message, &[], Some(help));
    }
}

fn state(old: &str, found: &Found) -> Result<Before, Refusal> {
    let now = &found.begun.world;
    let place = Path::new(old);
    let mut before = Before {
        world: now.clone(),
        _folder: None,
        absent: Vec::new(),
        in_place: false,
    };
    before.world.settings.without_pipeline = true;
    if place.is_dir() {
        before.world.live = None;
        before.world.inputs = folder(place, &now.inputs);
    } else if place.exists() {
        before.in_place = true;
        before.world.inputs = file(place, found)?;
    } else {
        let then = git::then(old, &now.inputs)?;
        before.world.inputs = then.inputs;
        before.world.settings.moved = Some(then.moved);
        before._folder = Some(then.folder);
        before.absent = then.absent;
        let live = before.world.live.as_ref();
        if before.world.inputs.is_empty() && live.is_some_and(|live| live.names.is_empty()) {
            before.world.live = None;
        }
    }
    Ok(before)
}

/// A folder is all that was before; its templates live where those of now do that have the same name in it.
fn folder(old: &Path, now: &[Input]) -> Vec<Input> {
    let folders = now.iter().filter_map(|input| match input {
        Input::Path(path) if path.is_dir() => Some(path.as_path()),
        _ => None,
    });
    let folders: Vec<&Path> = folders.collect();
    let there = |path: &Path| -> Option<PathBuf> {
        let mut inside = folders
            .iter()
            .filter_map(|folder| path.strip_prefix(folder).ok());
        let inside = inside.next().or_else(|| path.file_name().map(Path::new))?;
        Some(old.join(inside)).filter(|path| path.is_file())
    };
    let stacks = now.iter().filter_map(|input| match input {
        Input::Stack(stack) => Some(Input::Stack(StackInput {
            template: there(&stack.template)?,
            parameter_files: stack
                .parameter_files
                .iter()
                .map(|file| there(file).unwrap_or_else(|| file.clone()))
                .collect(),
            ..stack.clone()
        })),
        _ => None,
    });
    std::iter::once(Input::Path(old.to_owned()))
        .chain(stacks)
        .collect()
}

/// A file stands in the place of what the inputs say of the same things: behind them, for the later one counts. What says nothing
/// of a thing says that it is not there in templates and plans, which therefore take the place of the whole file.
fn file(old: &Path, found: &Found) -> Result<Vec<Input>, Refusal> {
    let now = &found.begun.world.inputs;
    let bytes = fs::read(old).unwrap_or_default();
    let kind = load::whole_kind(&bytes);
    let of_kind = |name: &str| {
        let recognised = &found.begun.loaded.recognised;
        let mut of_file = recognised.iter().filter(|one| one.file == name);
        of_file.any(|one| kind.as_ref().is_some_and(|kind| kind.name() == one.kind))
    };
    let mut files: BTreeSet<&str> = BTreeSet::new();
    for one in &found.begun.loaded.recognised {
        if of_kind(&one.file) {
            files.insert(&one.file);
        }
    }
    let name = |path: &Path| file_name(&path.to_string_lossy());
    let Some(kind) = kind.as_ref().filter(|_| !files.is_empty()) else {
        let old = Input::Path(old.to_owned());
        return Ok(now.iter().cloned().chain([old]).collect());
    };
    let named = now.iter().filter_map(|input| match input {
        Input::Path(path) => Some(name(path)),
        Input::Stack(stack) => Some(name(&stack.template)),
        Input::Stdin { name, .. } => Some(name.clone()),
        Input::Snapshot(_) => None,
    });
    let named: BTreeSet<String> = named.filter(|name| files.contains(name.as_str())).collect();
    let mut one = named.into_iter();
    let (Some(replaced), None) = (one.next(), one.next()) else {
        let article = match kind {
            WholeKind::Template => "a template",
            WholeKind::Manifest => "the manifest of a cloud assembly",
            WholeKind::Terraform(_) => "what Terraform says of a whole configuration",
        };
        return Err(Refusal {
            message: format!(
                "`{}` is {article}, and which of those among the inputs it was is not said",
                name(old)
            ),
            help: Some("give the folder with all that was before to `--against`, or a git revision; or check one file only".to_owned()),
        });
    };
    let inputs = now.iter().cloned().map(|input| match input {
        Input::Path(path) if name(&path) == replaced => Input::Path(old.to_owned()),
        Input::Stack(stack) if name(&stack.template) == replaced => Input::Stack(StackInput {
            template: old.to_owned(),
            ..stack
        }),
        Input::Stdin { name, .. } if name == replaced => Input::Path(old.to_owned()),
        other => other,
    });
    Ok(inputs.collect())
}
