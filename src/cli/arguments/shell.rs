//! Completions and manual pages, made from the words themselves.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::words::Words;
use crate::cli::one_of;

const NAME: &str = "pipeline-preflight";

/// The completions of a shell.
pub(super) fn completions(shell: Shell) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Words::command(), NAME, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The manual page of a command, or of the whole, in troff.
///
/// # Errors
/// A command that does not exist, with the nearest one.
pub(super) fn page(name: Option<&str>) -> Result<String, String> {
    let mut whole = Words::command();
    whole.build();
    let command = match name {
        None => whole,
        Some(name) => {
            let found = whole.find_subcommand(name).cloned();
            let names: Vec<&str> = whole
                .get_subcommands()
                .map(clap::Command::get_name)
                .collect();
            found
                .ok_or_else(|| format!("there is no command `{name}`: {}", one_of(name, &names)))?
        }
    };
    let mut text = Vec::new();
    // Writing into memory does not fail.
    let _ = clap_mangen::Man::new(command).render(&mut text);
    Ok(String::from_utf8_lossy(&text).into_owned())
}
