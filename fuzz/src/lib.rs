//! What the targets share: a mutator that keeps texts readable, and the way from bytes to a run.

mod bytes;
mod mutate;
mod world;

pub use bytes::Bytes;
pub use mutate::mutate;
pub use world::{World, deny_everything, goodness, read_policy};

use pipeline_preflight::load::Input;

/// A text as if it came from a snapshot's file of that path, without a file.
pub fn input(path: &str, bytes: &[u8]) -> Input {
    Input::Stdin {
        bytes: bytes.to_owned(),
        name: path.to_owned(),
    }
}
