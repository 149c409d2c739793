//! `config init`: a file to begin with, all of it comments.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::file::NAME;
use crate::cli::output::write_out;
use crate::cli::{Exit, Streams, Voice};

/// The file. Each line that begins with `#` and no blank is one to uncomment.
pub(super) const BEGINNING: &str = include_str!("beginning.yaml");

/// Writes it into a folder, where there is none yet.
pub(in crate::cli) fn run(folder: Option<&Path>, voice: Voice, streams: &mut Streams<'_>) -> Exit {
    let path = folder.unwrap_or(Path::new("")).join(NAME);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .and_then(|mut file| file.write_all(BEGINNING.as_bytes()));
    match written {
        Ok(()) => {
            let told = format!("{NAME} is written: uncomment what you need\n");
            write_out(streams, told.as_bytes(), Exit::Clean, voice)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let message = format!("`{NAME}` is there already, and left as it is");
            voice.error(streams, &message, None);
            Exit::Failed
        }
        Err(error) => {
            let message = format!("`{NAME}` cannot be written: {error}");
            voice.error(streams, &message, None);
            Exit::Failed
        }
    }
}
