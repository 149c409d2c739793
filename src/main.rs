//! Arguments → library → exit code.

#![forbid(unsafe_code)]

use std::io;
use std::process::ExitCode;

use pipeline_preflight::cli::{self, Streams, Surroundings};

fn main() -> ExitCode {
    cli::set_panic_message();
    let exit = cli::guard(|| {
        cli::run(
            std::env::args_os(),
            &Surroundings::of_process(),
            &mut Streams {
                input: &mut io::stdin().lock(),
                out: &mut io::stdout().lock(),
                err: &mut io::stderr(),
            },
        )
    });
    exit.into()
}
