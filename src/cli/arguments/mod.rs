//! Words → plain options, once. The only place that knows the argument parser.

mod examples;
pub(super) mod live;
mod shell;
pub(super) mod stack;
mod words;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use self::live::AccountWord;
use self::words::{
    AuthorizeWords, BaselineWords, CheckWords, ColorWord, CommandWords, ConfigWords, DecisionWord,
    GraphWords, ListWord, LiveWords, PolicyWord, RequirementsWords, SeverityWord, SnapshotWords,
    SubjectWords, WhoseWord, Words, WriteBaselineWords,
};
use super::live::LiveOptions;
use super::surroundings::{Color, Surroundings};
use super::{
    Authorize, Check, Command, Config, Draw, Given, ListFormat, Options, Report, Requirements,
    Snapshot, Subject, Voice, WriteBaseline,
};
use crate::check::triage::Weights;
use crate::load::Settings;
use crate::load::aws::Whose;
use crate::report::{Format, Style};
use crate::rules::Severity;

/// What standard input is called when nobody names it.
const STDIN_NAME: &str = "<stdin>";

/// Why there are no options.
#[derive(Debug)]
pub(super) enum Answer {
    /// Help or the version was asked for.
    Help(String),
    /// The words make no sense.
    Refused(String),
}

/// Translates words into options.
pub(super) fn options(
    words: impl IntoIterator<Item = OsString>,
    surroundings: &Surroundings,
) -> Result<Options, Answer> {
    let parsed = Words::command()
        .try_get_matches_from(words)
        .and_then(|matches| Ok((Words::from_arg_matches(&matches)?, matches)));
    let (words, matches) = parsed.map_err(|error| answer(&error, surroundings))?;
    let around = Around {
        commands: commands(&matches),
        color: words.color.into(),
        surroundings,
    };
    let mut voice = Voice {
        color: surroundings.color(around.color, surroundings.err_is_terminal),
        silent: false,
        columns: surroundings.columns_to_redraw(),
    };
    let command = match words.command {
        CommandWords::Check(words) => {
            voice.quieten(words.quiet);
            Command::Check(check(words, &around)?)
        }
        CommandWords::Baseline {
            command: BaselineWords::Write(words),
        } => {
            voice.quieten(words.quiet);
            Command::Baseline(write_baseline(words, &around)?)
        }
        CommandWords::Snapshot(words) => {
            voice.quieten(words.quiet);
            Command::Snapshot(snapshot(words, &around)?)
        }
        CommandWords::Authorize(words) => Command::Authorize(authorize(words, &around)?),
        CommandWords::Requirements(words) => Command::Requirements(requirements(words, &around)?),
        CommandWords::Graph(words) => Command::Graph(graph(words, &around)?),
        CommandWords::Rules { format, own } => Command::Rules {
            rules: own.rules,
            format: match format {
                ListWord::Human => ListFormat::Human,
                ListWord::Json => ListFormat::Json,
            },
        },
        CommandWords::Config { what } => match what {
            ConfigWords::Show(words) => {
                voice.quieten(words.quiet);
                Command::ShowConfig(check(*words, &around)?)
            }
            ConfigWords::Init => Command::InitConfig {
                folder: surroundings.folder.clone(),
            },
        },
        CommandWords::Completions { shell } => {
            return Err(Answer::Help(shell::completions(shell)));
        }
        CommandWords::Man { command } => {
            let page = shell::page(command.as_deref());
            return Err(page.map_or_else(|message| around.refused(&message), Answer::Help));
        }
        CommandWords::Permissions { whose, format } => Command::Permissions {
            whose: whose.map(|whose| match whose {
                WhoseWord::Pipeline => Whose::Pipeline,
                WhoseWord::Other => Whose::Other,
                WhoseWord::Management => Whose::Management,
            }),
            format: match format {
                PolicyWord::Human => ListFormat::Human,
                PolicyWord::Json => ListFormat::Json,
            },
        },
        CommandWords::Explain { words, own } => Command::Explain {
            rules: own.rules,
            words: words.join(" "),
        },
    };
    Ok(Options { command, voice })
}

impl Voice {
    /// As `-q` asks for: once for nothing that only looks well, twice for nothing but errors.
    fn quieten(&mut self, quiet: u8) {
        self.silent = quiet > 1;
        self.columns = self.columns.filter(|_| quiet == 0);
    }
}

/// The command that is meant, from the outermost inwards.
fn commands(matches: &ArgMatches) -> Vec<(&str, &ArgMatches)> {
    let mut commands: Vec<(&str, &ArgMatches)> = Vec::new();
    let mut next = matches.subcommand();
    while let Some(command) = next {
        commands.push(command);
        next = command.1.subcommand();
    }
    commands
}

/// What every command's words are read with.
struct Around<'a> {
    /// The command's name and its words with their order, and those of the command inside it that is meant.
    commands: Vec<(&'a str, &'a ArgMatches)>,
    color: Color,
    surroundings: &'a Surroundings,
}

impl From<ColorWord> for Color {
    fn from(word: ColorWord) -> Self {
        match word {
            ColorWord::Auto => Self::Auto,
            ColorWord::Always => Self::Always,
            ColorWord::Never => Self::Never,
        }
    }
}

impl From<SeverityWord> for Severity {
    fn from(word: SeverityWord) -> Self {
        match word {
            SeverityWord::Error => Self::Error,
            SeverityWord::Warning => Self::Warning,
            SeverityWord::Note => Self::Note,
        }
    }
}

fn check(words: CheckWords, around: &Around<'_>) -> Result<Check, Answer> {
    if words.stdin_filename.is_some() && stdins(&words.subject.inputs) == 0 {
        return Err(around
            .refused("`--stdin-filename` names standard input, and `-` is not among the inputs"));
    }
    if words.against.as_deref() == Some("-") {
        return Err(around.refused(
            "`--against -`: standard input can be among the inputs, and not what they are compared with",
        ));
    }
    let name = words
        .stdin_filename
        .unwrap_or_else(|| STDIN_NAME.to_owned());
    let mut subject = around.subject(words.subject, words.pipelines, &name)?;
    subject.named_rules = words.only.iter().chain(&words.skip).cloned().collect();
    Ok(Check {
        reports: reports(
            words.format,
            words.output,
            words.reports,
            words.quiet > 0,
            around,
        )?,
        subject,
        caller: words.caller,
        mute: words.quiet > 1,
        fail_on: words.fail_on.map(Severity::from),
        strict: words.strict,
        exit_zero: words.exit_zero,
        weights: Weights {
            only: words.only,
            skip: words.skip,
            ..Weights::default()
        },
        min_severity: words.min_severity.map(Severity::from),
        ignores: !words.no_ignores,
        today: words.today.unwrap_or_else(|| around.surroundings.today()),
        baseline: words.baseline,
        against: words.against,
    })
}

fn write_baseline(words: WriteBaselineWords, around: &Around<'_>) -> Result<WriteBaseline, Answer> {
    Ok(WriteBaseline {
        check: Check {
            subject: around.subject(words.subject, words.pipelines, STDIN_NAME)?,
            caller: words.caller,
            reports: Vec::new(),
            mute: true,
            fail_on: None,
            strict: false,
            exit_zero: true,
            weights: Weights::default(),
            min_severity: None,
            ignores: !words.no_ignores,
            today: words.today.unwrap_or_else(|| around.surroundings.today()),
            baseline: None,
            against: None,
        },
        output: words.output,
        mute: words.quiet > 0,
    })
}

/// The findings as `--format` and `--output` want them, and each `--report`.
fn reports(
    format: &'static Format,
    output: Option<PathBuf>,
    further: Vec<(&'static Format, PathBuf)>,
    quiet: bool,
    around: &Around<'_>,
) -> Result<Vec<Report>, Answer> {
    let report = |format, to: Option<PathBuf>| Report {
        format,
        style: Style {
            quiet,
            ..around.style(to.is_some())
        },
        to,
    };
    let further: Vec<Report> = further
        .into_iter()
        .map(|(format, file)| report(format, Some(file).filter(|file| !is_stdin(file))))
        .collect();
    let printed = further.iter().filter(|one| one.to.is_none()).count();
    let mut reports = Vec::new();
    if output.is_some() || printed == 0 || around.is_given("format") {
        reports.push(report(format, output));
    }
    reports.extend(further);
    if reports.iter().filter(|one| one.to.is_none()).count() > 1 {
        return Err(around.refused("standard output can hold one report only"));
    }
    let files: Vec<&PathBuf> = reports.iter().filter_map(|one| one.to.as_ref()).collect();
    let twice = files
        .iter()
        .enumerate()
        .find(|(number, file)| files.iter().take(*number).any(|before| before == *file));
    if let Some((_, file)) = twice {
        let message = format!("`{}` can hold one report only", file.display());
        return Err(around.refused(&message));
    }
    Ok(reports)
}

fn requirements(words: RequirementsWords, around: &Around<'_>) -> Result<Requirements, Answer> {
    Ok(Requirements {
        subject: around.subject(words.subject, words.pipelines, STDIN_NAME)?,
        format: words.format,
        style: around.style(words.output.is_some()),
        output: words.output,
    })
}

fn graph(words: GraphWords, around: &Around<'_>) -> Result<Draw, Answer> {
    Ok(Draw {
        subject: around.subject(words.subject, words.pipelines, STDIN_NAME)?,
        format: words.format,
        output: words.output,
    })
}

fn snapshot(words: SnapshotWords, around: &Around<'_>) -> Result<Snapshot, Answer> {
    if is_stdin(&words.output) {
        return Err(around
            .refused("a snapshot is a folder, and `-` is none: give `--output` the name of one"));
    }
    let live = LiveWords {
        live: Some(words.names),
        reach: words.reach,
    };
    let subject = SubjectWords {
        inputs: words.inputs,
        stacks: Vec::new(),
        assume: Vec::new(),
        account: words.account,
        live,
        config: words.config,
        no_config: words.no_config,
        own: words.own,
    };
    Ok(Snapshot {
        subject: around.subject(subject, Vec::new(), STDIN_NAME)?,
        output: relative(words.output, around.folder()),
        mute: words.quiet > 0,
    })
}

fn authorize(words: AuthorizeWords, around: &Around<'_>) -> Result<Authorize, Answer> {
    Ok(Authorize {
        inputs: around.given(words.inputs, STDIN_NAME)?,
        format: match (words.format, words.trace) {
            (Some(DecisionWord::Human), _) | (None, true) => ListFormat::Human,
            (Some(DecisionWord::Json), _) | (None, false) => ListFormat::Json,
        },
        trace: words.trace,
        color: around
            .surroundings
            .color(around.color, around.surroundings.out_is_terminal),
        width: around.surroundings.width(),
    })
}

fn is_stdin(input: &Path) -> bool {
    input == Path::new("-")
}

fn stdins(inputs: &[PathBuf]) -> usize {
    inputs.iter().filter(|input| is_stdin(input)).count()
}

impl Around<'_> {
    fn folder(&self) -> Option<&Path> {
        self.surroundings.folder.as_deref()
    }

    /// How what is asked for may look, in a terminal or in a file.
    fn style(&self, to_file: bool) -> Style {
        let around = Surroundings {
            out_is_terminal: self.surroundings.out_is_terminal && !to_file,
            ..self.surroundings.clone()
        };
        Style {
            color: around.color(self.color, around.out_is_terminal),
            unicode: around.unicode(),
            width: around.width(),
            links: around.links(),
            quiet: false,
        }
    }

    fn subject(
        &self,
        words: SubjectWords,
        pipelines: Vec<String>,
        stdin: &str,
    ) -> Result<Subject, Answer> {
        let inputs = self.given(words.inputs, stdin)?;
        let stacks = words.stacks.into_iter().map(|mut stack| {
            stack.template = relative(stack.template, self.folder());
            let files = std::mem::take(&mut stack.parameter_files);
            let files = files.into_iter().map(|file| relative(file, self.folder()));
            stack.parameter_files = files.collect();
            Given::Stack(stack)
        });
        // Of facts that differ the later one counts, so that files and stacks keep their order among each other.
        let mut inputs: Vec<(usize, Given)> = self
            .places("inputs")
            .into_iter()
            .zip(inputs)
            .chain(self.places("stacks").into_iter().zip(stacks))
            .collect();
        inputs.sort_by_key(|(place, _)| *place);
        let config = words.config.or_else(|| self.surroundings.config());
        let config = match (config, words.no_config) {
            (_, true) => Config::None,
            (Some(file), false) => Config::File(relative(file, self.folder())),
            (None, false) => Config::Found {
                from: self.surroundings.folder.clone(),
            },
        };
        let (mut aliases, mut doors) = (BTreeMap::new(), BTreeMap::new());
        for word in words.account {
            match word {
                AccountWord::Alias(alias, id) => {
                    aliases.insert(alias, id);
                }
                AccountWord::Access(account, door) => {
                    doors.insert(account, door);
                }
            }
        }
        let live = words.live;
        if live.live.is_none() && !doors.is_empty() {
            return Err(self.refused(
                "`--account ID=ACCESS` tells how AWS is asked, and `--live` is not given",
            ));
        }
        let verbose = live.reach.verbose;
        let reach = live.reach.into_reach(doors);
        let live = live.live.map(|names| LiveOptions {
            names,
            reach,
            verbose,
        });
        Ok(Subject {
            inputs: inputs.into_iter().map(|(_, given)| given).collect(),
            settings: Settings {
                assumed: words.assume,
                accounts: aliases,
                ..Settings::default()
            },
            live,
            config,
            pipelines,
            rules: words.own.rules.map(|rules| relative(rules, self.folder())),
            named_rules: Vec::new(),
        })
    }

    /// The words of the command that is meant.
    fn words(&self) -> Option<&ArgMatches> {
        self.commands.last().map(|(_, words)| *words)
    }

    /// Whether an argument stands among the words.
    fn is_given(&self, argument: &str) -> bool {
        let source = self.words().map(|words| words.value_source(argument));
        source == Some(Some(ValueSource::CommandLine))
    }

    /// Where the values of an argument stand among the words.
    fn places(&self, argument: &str) -> Vec<usize> {
        let words = self
            .words()
            .filter(|words| words.try_contains_id(argument).is_ok());
        let places = words.and_then(|words| words.indices_of(argument));
        places.map_or_else(Vec::new, Iterator::collect)
    }

    fn given(&self, inputs: Vec<PathBuf>, stdin: &str) -> Result<Vec<Given>, Answer> {
        if stdins(&inputs) > 1 {
            return Err(self.refused("`-` is given more than once"));
        }
        let inputs = inputs.into_iter().map(|input| {
            if is_stdin(&input) {
                Given::Stdin {
                    name: stdin.to_owned(),
                }
            } else {
                Given::Path(relative(input, self.folder()))
            }
        });
        Ok(inputs.collect())
    }

    /// An error that the argument parser does not see by itself, told as it tells its own.
    fn refused(&self, message: &str) -> Answer {
        let mut words = Words::command();
        words.build();
        let kind = clap::error::ErrorKind::ArgumentConflict;
        let mut command = &words;
        for (name, _) in &self.commands {
            command = command.find_subcommand(name).unwrap_or(command);
        }
        let error = command.clone().error(kind, message);
        answer(&error, self.surroundings)
    }
}

/// A path below the working folder as one relative to it, which is how reports name files.
fn relative(path: PathBuf, folder: Option<&Path>) -> PathBuf {
    match folder.and_then(|folder| path.strip_prefix(folder).ok()) {
        Some(rest) if rest == Path::new("") => PathBuf::from("."),
        Some(rest) => rest.to_path_buf(),
        None => path,
    }
}

fn answer(error: &clap::Error, surroundings: &Surroundings) -> Answer {
    let refused = error.use_stderr();
    let is_terminal = if refused {
        surroundings.err_is_terminal
    } else {
        surroundings.out_is_terminal
    };
    let text = error.render();
    let text = if surroundings.color(Color::Auto, is_terminal) {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    if refused {
        Answer::Refused(text)
    } else {
        Answer::Help(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parser_is_sound() {
        Words::command().debug_assert();
    }

    #[test]
    fn paths_below_the_working_folder_become_relative() {
        let folder = Some(Path::new("/home/me"));
        let relative = |path: &str| relative(PathBuf::from(path), folder);
        assert_eq!(relative("/home/me/a/b.json"), PathBuf::from("a/b.json"));
        assert_eq!(relative("/home/me"), PathBuf::from("."));
        assert_eq!(
            relative("/home/you/b.json"),
            PathBuf::from("/home/you/b.json")
        );
        assert_eq!(relative("../b.json"), PathBuf::from("../b.json"));
    }
}
