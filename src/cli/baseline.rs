//! `baseline write`: what is found now, to be known later on; and the reading of it for `check --baseline`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::check::{Known, found};
use super::output::{write, write_out};
use super::{Exit, Streams, Voice, WriteBaseline};
use crate::check::triage::{Baseline, Entry};
use crate::report::{file_name, inert_json, printable};
use crate::source::{Sources, decoded};

/// The file, where nobody names another one.
const FILE: &str = "pipeline-preflight-baseline.json";

/// Entries that are named when they occur no more; the rest is counted.
const NAMED: usize = 5;

/// Writes what counts now: what people ignore is told where they ignore it.
pub(super) fn run(options: &WriteBaseline, voice: Voice, streams: &mut Streams<'_>) -> Exit {
    let mut sources = Sources::new();
    let Some(found) = found(&options.check, Known::Count, &mut sources, voice, streams) else {
        return Exit::Failed;
    };
    let baseline = Baseline::of(&found.result.findings);
    let text = match baseline.to_json() {
        Ok(text) => inert_json(&text),
        Err(error) => {
            let message = format!("the baseline cannot be written: {error}");
            voice.error(streams, &message, None);
            return Exit::Failed;
        }
    };
    let configured = found.begun.policy.baseline.as_deref();
    let output = options.output.as_deref().or(configured);
    let output = output.unwrap_or(Path::new(FILE));
    let output = (output != Path::new("-")).then_some(output);
    let exit = write(streams, output, text.as_bytes(), Exit::Clean, voice);
    match output {
        Some(file) if exit == Exit::Clean && !options.mute => {
            let file = file_name(&file.to_string_lossy());
            let told = format!("`{file}`: {}\n", counted(baseline.len(), "finding"));
            write_out(streams, printable(&told).as_bytes(), exit, voice)
        }
        _ => exit,
    }
}

/// What a file holds; `None`, after saying why, when it is no baseline.
pub(super) fn read(file: &Path, voice: Voice, streams: &mut Streams<'_>) -> Option<Baseline> {
    let name = file_name(&file.to_string_lossy());
    let mut refuse = |place: &str, message: &str| {
        let help = "`pipeline-preflight baseline write` writes one";
        voice.error(streams, &format!("{name}{place}: {message}"), Some(help));
    };
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = match error.kind() {
                ErrorKind::NotFound => "no such file".to_owned(),
                ErrorKind::IsADirectory => "expected a file, found a folder".to_owned(),
                ErrorKind::PermissionDenied => "cannot be read: permission denied".to_owned(),
                _ => format!("cannot be read: {error}"),
            };
            refuse("", &message);
            return None;
        }
    };
    let text = match decoded(&bytes) {
        Ok(text) => text,
        Err(message) => {
            refuse("", &message);
            return None;
        }
    };
    match Baseline::from_json(&text) {
        Ok(baseline) => Some(baseline),
        Err(fault) => {
            let place = fault
                .position
                .map(|(line, column)| format!(":{line}:{column}"));
            refuse(&place.unwrap_or_default(), &fault.message);
            None
        }
    }
}

/// Says which entries occur no more, so that the file shrinks with the work.
pub(super) fn tell_gone(
    baseline: &Baseline,
    gone: &[&Entry],
    file: &Path,
    voice: Voice,
    streams: &mut Streams<'_>,
) {
    if gone.is_empty() {
        return;
    }
    let name = file_name(&file.to_string_lossy());
    let message = match gone.len() {
        1 => format!(
            "1 of {} findings in `{name}` occurs no more",
            baseline.len()
        ),
        count => format!(
            "{count} of {} findings in `{name}` occur no more",
            baseline.len()
        ),
    };
    let mut told: Vec<String> = gone.iter().take(NAMED).map(|entry| entry.words()).collect();
    if gone.len() > NAMED {
        told.push(format!("and {} more", gone.len() - NAMED));
    }
    let help = "write it anew with `pipeline-preflight baseline write`, so that none of them comes back unseen";
    voice.note(streams, &message, &told, Some(help));
}

fn counted(count: usize, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    }
}
