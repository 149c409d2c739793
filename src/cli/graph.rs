//! `graph`: inputs → a picture of who needs what of whom.

use super::begin::{Begun, begin};
use super::output::write;
use super::{Draw, Exit, Streams, Voice};
use crate::check;
use crate::report::picture;
use crate::source::Sources;

/// Draws the pipelines with all that they depend on; what the given policies lack is drawn and no failure.
pub(super) fn run(options: &Draw, voice: Voice, streams: &mut Streams<'_>) -> Exit {
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
    let result = check::run(&loaded.graph, &catalogue, &wanted);
    let needs = check::needs::needs(&loaded.graph, &catalogue, &wanted);
    let picture = picture(&result, &needs);
    let mut bytes = Vec::new();
    if let Err(error) = (options.format.render)(&picture, &result, &mut bytes) {
        let message = format!("the picture cannot be written: {error}");
        voice.error(streams, &message, None);
        return Exit::Failed;
    }
    let output = options.output.as_deref();
    write(streams, output, &bytes, Exit::Clean, voice)
}
