//! `requirements`: inputs → what every principal must be able to do.

use super::begin::{Begun, begin};
use super::output::write;
use super::{Exit, Requirements, Streams, Voice};
use crate::check;
use crate::source::Sources;

/// Lists what the pipelines need; whatever the policies among the inputs lack is marked and no failure.
pub(super) fn run(options: &Requirements, voice: Voice, streams: &mut Streams<'_>) -> Exit {
    let mut sources = Sources::new();
    let begun = begin(&options.subject, None, &mut sources, voice, streams);
    let Some(Begun {
        loaded, catalogue, ..
    }) = begun
    else {
        return Exit::Failed;
    };
    let wanted = check::Options {
        pipelines: options.subject.pipelines.clone(),
        caller: None,
    };
    let needs = check::needs::needs(&loaded.graph, &catalogue, &wanted);
    let mut bytes = Vec::new();
    if let Err(error) = (options.format.render)(&needs, options.style, &mut bytes) {
        let message = format!("the requirements cannot be written: {error}");
        voice.error(streams, &message, None);
        return Exit::Failed;
    }
    let output = options.output.as_deref();
    write(streams, output, &bytes, Exit::Clean, voice)
}
