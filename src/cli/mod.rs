//! Arguments → options → the library → bytes on the streams, and an exit code.
//!
//! In: words, the process's [`Surroundings`], three [`Streams`]. Out: an [`Exit`]. Nothing here knows how findings come
//! about. Words become plain options once, in `arguments`; nothing behind it sees the argument parser.
//! What was asked for goes to standard output, all else to standard error, and a run that could not be done
//! ([`Exit::Failed`]) has written nothing to standard output.

mod against;
mod arguments;
mod authorize;
mod baseline;
mod begin;
mod check;
mod config;
mod explain;
mod graph;
mod live;
mod output;
mod permissions;
#[cfg(feature = "live")]
mod progress;
mod requirements;
mod rules;
mod snapshot;
mod surroundings;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::panic;
use std::path::PathBuf;
use std::process::ExitCode;

pub use surroundings::Surroundings;

use jiff::civil::Date;

use crate::check::triage::Weights;
use crate::load::aws::Whose;
use crate::load::{Settings, StackInput};
use crate::report::{Format, NeedsFormat, PictureFormat, Role, Style, paint};
use crate::rules::Severity;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings.
    Findings,
    /// The run could not be done.
    Failed,
}

impl Exit {
    /// The number that a shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Failed => 2,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The three standard streams, or what stands for them.
pub struct Streams<'a> {
    /// Read only where `-` asks for it.
    pub input: &'a mut dyn io::Read,
    /// What was asked for.
    pub out: &'a mut dyn io::Write,
    /// Everything else.
    pub err: &'a mut dyn io::Write,
}

/// What was asked for, and how to speak on standard error.
#[derive(Debug)]
pub(crate) struct Options {
    command: Command,
    voice: Voice,
}

/// How to speak on standard error.
#[derive(Debug, Clone, Copy, Default)]
struct Voice {
    color: bool,
    /// Say nothing but why the run could not be done.
    silent: bool,
    /// The columns of a terminal on which a line may be redrawn while somebody waits.
    columns: Option<usize>,
}

#[derive(Debug)]
enum Command {
    Check(Check),
    Baseline(WriteBaseline),
    Requirements(Requirements),
    Graph(Draw),
    Snapshot(Snapshot),
    Authorize(Authorize),
    /// What a check with these options would go by.
    ShowConfig(Check),
    /// A file to begin with, in this folder.
    InitConfig {
        folder: Option<PathBuf>,
    },
    Rules {
        format: ListFormat,
        rules: Option<PathBuf>,
    },
    Permissions {
        whose: Option<Whose>,
        format: ListFormat,
    },
    Explain {
        words: String,
        rules: Option<PathBuf>,
    },
}

/// What is to be looked at.
#[derive(Debug)]
struct Subject {
    inputs: Vec<Given>,
    settings: Settings,
    live: Option<live::LiveOptions>,
    config: Config,
    /// Pipelines by their names; none are all.
    pipelines: Vec<String>,
    /// A folder of the user's own rules.
    rules: Option<PathBuf>,
    /// Rules that the words name; each has to exist.
    named_rules: Vec<String>,
}

/// Which configuration file counts.
#[derive(Debug)]
enum Config {
    /// None.
    None,
    /// This one.
    File(PathBuf),
    /// The first one from a folder upwards.
    Found { from: Option<PathBuf> },
}

/// What `check` is to do.
#[derive(Debug)]
struct Check {
    subject: Subject,
    caller: Option<String>,
    reports: Vec<Report>,
    /// Write nothing to standard output.
    mute: bool,
    /// `None`: as the configuration file says, or errors.
    fail_on: Option<Severity>,
    strict: bool,
    /// End with 0 whatever is found.
    exit_zero: bool,
    /// The rules that count; the levels are the configuration file's.
    weights: Weights,
    /// The least severity that is shown.
    min_severity: Option<Severity>,
    /// Whether what people ignore is set apart.
    ignores: bool,
    /// The day on which entries that expire are looked at.
    today: Date,
    /// Findings that are known already.
    baseline: Option<PathBuf>,
    /// The other state of the inputs.
    against: Option<String>,
}

/// One report of a check.
#[derive(Debug, Clone)]
struct Report {
    format: &'static Format,
    /// A file, or standard output.
    to: Option<PathBuf>,
    style: Style,
}

/// What `baseline write` is to do.
#[derive(Debug)]
struct WriteBaseline {
    /// What is checked, without reports.
    check: Check,
    /// The file, `-` for standard output; `None`: as the configuration file says, or one of the usual name.
    output: Option<PathBuf>,
    /// Write no summary.
    mute: bool,
}

/// What `requirements` is to do.
#[derive(Debug)]
struct Requirements {
    subject: Subject,
    format: &'static NeedsFormat,
    output: Option<PathBuf>,
    style: Style,
}

/// What `graph` is to do.
#[derive(Debug)]
struct Draw {
    subject: Subject,
    format: &'static PictureFormat,
    output: Option<PathBuf>,
}

/// What `snapshot` is to do.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "live"),
    expect(dead_code, reason = "there is nothing to write down without it")
)]
struct Snapshot {
    subject: Subject,
    output: PathBuf,
    /// Write no summary.
    mute: bool,
}

/// What `authorize` is to do.
#[derive(Debug, Clone)]
struct Authorize {
    inputs: Vec<Given>,
    format: ListFormat,
    /// Tell for every case what each statement says, not only where a case is not as expected.
    trace: bool,
    color: bool,
    width: usize,
}

/// An input before anything is read.
#[derive(Debug, Clone)]
enum Given {
    Path(PathBuf),
    Stdin { name: String },
    Stack(StackInput),
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ListFormat {
    Human,
    Json,
}

/// Does what the words ask for. The first word is the program's name.
pub fn run(
    words: impl IntoIterator<Item = OsString>,
    surroundings: &Surroundings,
    streams: &mut Streams<'_>,
) -> Exit {
    match arguments::options(words, surroundings) {
        Ok(Options { command, voice }) => match command {
            Command::Check(check) => check::run(&check, voice, streams),
            Command::Baseline(wanted) => baseline::run(&wanted, voice, streams),
            Command::Authorize(authorize) => authorize::run(&authorize, voice, streams),
            Command::Requirements(wanted) => requirements::run(&wanted, voice, streams),
            Command::Graph(wanted) => graph::run(&wanted, voice, streams),
            Command::Snapshot(wanted) => snapshot::run(&wanted, voice, streams),
            Command::ShowConfig(check) => config::show(&check, voice, streams),
            Command::InitConfig { folder } => config::init(folder.as_deref(), voice, streams),
            Command::Rules { format, rules } => {
                rules::run(format, rules.as_deref(), voice, streams)
            }
            Command::Permissions { whose, format } => {
                permissions::run(whose, format, voice, streams)
            }
            Command::Explain { words, rules } => {
                explain::run(&words, rules.as_deref(), voice, streams)
            }
        },
        Err(arguments::Answer::Help(text)) => {
            output::write_out(streams, text.as_bytes(), Exit::Clean, Voice::default())
        }
        Err(arguments::Answer::Refused(text)) => {
            // Where standard error is gone there is nobody left to tell.
            let _ = streams.err.write_all(text.as_bytes());
            Exit::Failed
        }
    }
}

/// Runs `work`, and turns a panic into [`Exit::Failed`]: a gate must not read a crash (101) or a finding (1) out of a bug.
pub fn guard(work: impl FnOnce() -> Exit) -> Exit {
    panic::catch_unwind(panic::AssertUnwindSafe(work)).unwrap_or(Exit::Failed)
}

/// Makes a panic say one line. It leaves the panic's own message out: that may quote the text it stumbled over, secrets included.
pub fn set_panic_message() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| {
            format!(" at {}:{}", place.file(), place.line())
        });
        let _ = writeln!(
            io::stderr(),
            "error: this is a bug in pipeline-preflight {}{place}; please report it with the command that was run",
            env!("CARGO_PKG_VERSION"),
        );
    }));
}

impl Voice {
    /// Says why the run cannot be done.
    fn error(self, streams: &mut Streams<'_>, message: &str, help: Option<&str>) {
        self.say(streams, "error", Role::Error, message, &[], help);
    }

    /// Says what is dubious, and where.
    fn warning(
        self,
        streams: &mut Streams<'_>,
        message: &str,
        places: &[String],
        help: Option<&str>,
    ) {
        if !self.silent {
            self.say(streams, "warning", Role::Warning, message, places, help);
        }
    }

    /// Says what is good to know.
    fn note(
        self,
        streams: &mut Streams<'_>,
        message: &str,
        details: &[String],
        help: Option<&str>,
    ) {
        if !self.silent {
            self.say(streams, "note", Role::Note, message, details, help);
        }
    }

    fn say(
        self,
        streams: &mut Streams<'_>,
        name: &str,
        role: Role,
        message: &str,
        places: &[String],
        help: Option<&str>,
    ) {
        let mut text = format!("{}: {message}\n", paint(name, role, self.color));
        for place in places {
            text.push_str(&format!("  --> {place}\n"));
        }
        if let Some(help) = help {
            text.push_str(&format!(
                "  {}: {help}\n",
                paint("help", Role::Note, self.color)
            ));
        }
        let _ = streams
            .err
            .write_all(crate::report::printable(&text).as_bytes());
    }
}

/// The known word that a written one was meant to be.
fn nearest<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(known, written);
    let near = known.iter().map(|known| (likeness(known), *known));
    let near = near.filter(|(likeness, _)| *likeness > 0.6);
    near.max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, known)| known)
}

/// Advice for a word that is not among the known ones: the nearest of them, or all when none is near.
fn one_of(written: &str, known: &[&str]) -> String {
    match nearest(written, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected one of `{}`", known.join("`, `")),
    }
}
