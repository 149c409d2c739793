//! Words → plain options, once. The only place that knows the argument parser.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use clap::{ArgAction, CommandFactory as _, Parser, Subcommand, ValueEnum};

use super::surroundings::{Color, Surroundings};
use super::{Authorize, Check, Command, Given, ListFormat, Options, Requirements, Voice};
use crate::report::{FORMATS, Format, NEEDS_FORMATS, NeedsFormat, Style, format, needs_format};
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

#[derive(Debug, Parser)]
#[command(
    name = "pipeline-preflight",
    version,
    about = "Finds every IAM, KMS and S3 permission a cross-account AWS CodePipeline lacks, before it runs",
    long_about = "Finds every IAM, KMS and S3 permission a cross-account AWS CodePipeline lacks, before it runs.\n\n\
        It reads pipelines, roles, keys and buckets as the AWS CLI exports them, derives what every principal will have \
        to do, decides each of these requests as AWS would, and names the policy and the line that lacks something. \
        It never calls AWS.",
    after_long_help = MAIN_EXAMPLES,
    max_term_width = 100,
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true
)]
struct Words {
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        display_order = 90
    )]
    color: ColorWord,
    #[command(subcommand)]
    command: CommandWords,
}

#[derive(Debug, Subcommand)]
enum CommandWords {
    /// Check pipelines against the policies of all their accounts
    #[command(after_long_help = CHECK_EXAMPLES)]
    Check(CheckWords),
    /// List what every principal must be able to do, and where that is documented
    ///
    /// A pipeline alone is enough: this is what its roles and the policies of its buckets, keys and repositories have to
    /// grant. Where policies are given as well, each line says whether they allow it.
    #[command(after_long_help = REQUIREMENTS_EXAMPLES)]
    Requirements(RequirementsWords),
    /// Decide given requests by given policies: unit tests for policies
    ///
    /// A case holds one request, the policies of every layer around it, and what the decision has to be. Nothing is added to it:
    /// context keys that it does not name are absent, `aws:PrincipalArn` and its like too. Layers that it leaves out do not
    /// exist; a layer that is `"unknown"` may say anything.
    #[command(after_long_help = AUTHORIZE_EXAMPLES)]
    Authorize(AuthorizeWords),
    /// List the rules, and the action providers that they know
    #[command(after_long_help = RULES_EXAMPLES)]
    Rules {
        /// How to write the list
        #[arg(long, value_enum, default_value_t)]
        format: ListWord,
        #[command(flatten)]
        own: OwnRules,
    },
    /// Tell what a rule means, what a provider needs, or which rules are behind an error message from AWS
    #[command(after_long_help = EXPLAIN_EXAMPLES)]
    Explain {
        /// A rule's id, a provider's name, or an error message
        #[arg(required = true, value_name = "RULE|PROVIDER|ERROR TEXT")]
        words: Vec<String>,
        #[command(flatten)]
        own: OwnRules,
    },
}

#[derive(Debug, Parser)]
struct OwnRules {
    /// A folder with rules of your own, which replace built-in files of the same name or are added
    ///
    /// It is laid out as the built-in rules are: `providers/*.yaml`, `findings/*.yaml`, `pipeline.yaml`, `commands.yaml`, any of them.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

#[derive(Debug, Parser)]
struct CheckWords {
    /// Files and folders, recognised by their content; `-` is standard input
    ///
    /// A folder is read with all its subfolders. At least one pipeline must be among the inputs.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Check only the pipeline of this name; may be repeated
    #[arg(long = "pipeline", value_name = "NAME")]
    pipelines: Vec<String>,
    /// Also check that this role, user or session may update the pipelines
    ///
    /// An ARN as `aws sts get-caller-identity` tells it, whose policies are among the inputs. Asked are the update itself, the
    /// passing of the pipeline's role, and that of the connections it names.
    #[arg(long, value_name = "ARN")]
    caller: Option<String>,
    /// How to write the findings
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = FORMATS.first().map_or("", |first| first.name),
        value_parser = formats()
    )]
    format: &'static Format,
    /// Write the findings to this file instead of standard output
    ///
    /// The file is replaced as a whole when the run is done, and left alone when the run could not be done.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: SeverityWord,
    /// Also end with exit code 1 when anything could not be decided
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    own: OwnRules,
    /// What reports call standard input
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,
    /// Write findings only, no summary; twice: nothing but the exit code
    #[arg(short, long, action = ArgAction::Count)]
    quiet: u8,
}

#[derive(Debug, Parser)]
struct RequirementsWords {
    /// Files and folders, recognised by their content; `-` is standard input
    ///
    /// A folder is read with all its subfolders. At least one pipeline must be among the inputs.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// List only what the pipeline of this name needs; may be repeated
    #[arg(long = "pipeline", value_name = "NAME")]
    pipelines: Vec<String>,
    /// How to write the list
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = NEEDS_FORMATS.first().map_or("", |first| first.name),
        value_parser = needs_formats()
    )]
    format: &'static NeedsFormat,
    /// Write the list to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    own: OwnRules,
}

#[derive(Debug, Parser)]
struct AuthorizeWords {
    /// Files with cases, JSON or YAML, and folders of them; `-` is standard input
    ///
    /// A file holds one case, a list of cases, or several documents one after another (JSON Lines).
    #[arg(required = true, value_name = "CASES")]
    inputs: Vec<PathBuf>,
    /// Tell for every case what each layer and statement says, not only for those not as expected
    #[arg(long)]
    trace: bool,
    /// How to write the decisions; the default is json, and human with `--trace`
    #[arg(long, value_enum)]
    format: Option<DecisionWord>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DecisionWord {
    /// For people, each with the reason
    Human,
    /// One line of JSON for each case; traces go to standard error
    Json,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum ColorWord {
    /// In a terminal, unless `NO_COLOR` is set; `FORCE_COLOR` forces them
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum ListWord {
    /// A table for people
    #[default]
    Human,
    /// One JSON document
    Json,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum SeverityWord {
    /// The run will fail
    #[default]
    Error,
    /// It may fail
    Warning,
    /// Undecided, or good advice
    Note,
}

const MAIN_EXAMPLES: &str = "\
Examples:
  pipeline-preflight check accounts/ pipeline.json
  pipeline-preflight requirements pipeline.json
  pipeline-preflight explain trust-missing
  pipeline-preflight authorize policy-tests.json
  pipeline-preflight rules

Exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  the run could not be done; the reason is on standard error";

const CHECK_EXAMPLES: &str = "\
Examples:
  Collect a pipeline and the roles of both of its accounts, and check them:
    aws codepipeline get-pipeline --name app --profile tools > pipeline.json
    aws iam get-account-authorization-details --profile tools > tools.json
    aws iam get-account-authorization-details --profile target > target.json
    pipeline-preflight check pipeline.json tools.json target.json

  Check a folder with one subfolder for each account, for a program to read:
    pipeline-preflight check snapshot/ --format json --output report.json

  Check a pipeline before it is updated, and let nothing undecided pass:
    generate-pipeline | pipeline-preflight check snapshot/ - --strict

  Check besides that whoever is signed in may update it:
    pipeline-preflight check snapshot/ --caller \"$(aws sts get-caller-identity --query Arn --output text)\"

Exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  the run could not be done; the reason is on standard error";

const REQUIREMENTS_EXAMPLES: &str = "\
Examples:
  See what the roles of a pipeline have to be given, before there is any:
    pipeline-preflight requirements pipeline.json

  The same as a page for a wiki or a pull request:
    pipeline-preflight requirements pipeline.json --format markdown --output requirements.md

  See what of it the given policies grant already:
    pipeline-preflight requirements snapshot/ --pipeline app

Exit codes:
  0  the list is written, whatever the given policies lack
  2  the run could not be done; the reason is on standard error";

const AUTHORIZE_EXAMPLES: &str = "\
Examples:
  Decide the cases of a file, and compare with what they expect:
    pipeline-preflight authorize policy-tests.json

  See what every statement says to them:
    pipeline-preflight authorize policy-tests.json --trace

  Decide a single request:
    pipeline-preflight authorize --trace - <<'END'
    {
      \"id\": \"deploy-reads-artifacts\",
      \"request\": {
        \"principal\": \"arn:aws:sts::111111111111:assumed-role/Deploy/run\",
        \"action\": \"s3:GetObject\",
        \"resource\": \"arn:aws:s3:::artifacts/app/a.zip\",
        \"context\": {\"aws:SecureTransport\": [\"true\"]}
      },
      \"identityPolicies\": [{
        \"Version\": \"2012-10-17\",
        \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::artifacts/*\"}
      }],
      \"resourceAccount\": \"111111111111\",
      \"expected\": \"Allowed\"
    }
    END

Exit codes:
  0  every case that expects something is as expected
  1  some are not; standard error, or the human form, tells why
  2  the cases cannot be read; the reason is on standard error";

const RULES_EXAMPLES: &str = "\
Examples:
  pipeline-preflight rules
  pipeline-preflight rules --format json
  pipeline-preflight rules --rules company-rules/";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  pipeline-preflight explain trust-missing
  pipeline-preflight explain codebuild
  pipeline-preflight explain \"is not authorized to perform AssumeRole on role\"";

/// The choices of `--format`, from the table of formats.
fn formats() -> impl clap::builder::TypedValueParser<Value = &'static Format> {
    PossibleValuesParser::new(
        FORMATS
            .iter()
            .map(|format| PossibleValue::new(format.name).help(format.help)),
    )
    .try_map(|name| format(&name).ok_or("no such format"))
}

/// The choices of `requirements --format`.
fn needs_formats() -> impl clap::builder::TypedValueParser<Value = &'static NeedsFormat> {
    PossibleValuesParser::new(
        NEEDS_FORMATS
            .iter()
            .map(|format| PossibleValue::new(format.name).help(format.help)),
    )
    .try_map(|name| needs_format(&name).ok_or("no such format"))
}

/// Translates words into options.
pub(super) fn options(
    words: impl IntoIterator<Item = OsString>,
    surroundings: &Surroundings,
) -> Result<Options, Answer> {
    let words = Words::try_parse_from(words).map_err(|error| answer(&error, surroundings))?;
    let color = match words.color {
        ColorWord::Auto => Color::Auto,
        ColorWord::Always => Color::Always,
        ColorWord::Never => Color::Never,
    };
    let mut voice = Voice {
        color: surroundings.color(color, surroundings.err_is_terminal),
        silent: false,
    };
    let command = match words.command {
        CommandWords::Check(words) => {
            voice.silent = words.quiet > 1;
            Command::Check(check(words, color, surroundings)?)
        }
        CommandWords::Authorize(words) => {
            Command::Authorize(authorize(words, color, surroundings)?)
        }
        CommandWords::Requirements(words) => {
            Command::Requirements(requirements(words, color, surroundings)?)
        }
        CommandWords::Rules { format, own } => Command::Rules {
            rules: own.rules,
            format: match format {
                ListWord::Human => ListFormat::Human,
                ListWord::Json => ListFormat::Json,
            },
        },
        CommandWords::Explain { words, own } => Command::Explain {
            rules: own.rules,
            words: words.join(" "),
        },
    };
    Ok(Options { command, voice })
}

fn check(words: CheckWords, color: Color, surroundings: &Surroundings) -> Result<Check, Answer> {
    let stdins = stdins(&words.inputs);
    if stdins > 1 {
        return Err(refused("check", TWO_STDINS, surroundings));
    }
    if words.stdin_filename.is_some() && stdins == 0 {
        return Err(refused(
            "check",
            "`--stdin-filename` names standard input, and `-` is not among the inputs",
            surroundings,
        ));
    }
    let name = words
        .stdin_filename
        .unwrap_or_else(|| STDIN_NAME.to_owned());
    let inputs = given(words.inputs, &name, surroundings);
    Ok(Check {
        inputs,
        pipelines: words.pipelines,
        rules: words.own.rules,
        caller: words.caller,
        format: words.format,
        style: Style {
            quiet: words.quiet > 0,
            ..style(words.output.is_some(), color, surroundings)
        },
        output: words.output,
        mute: words.quiet > 1,
        fail_on: match words.fail_on {
            SeverityWord::Error => Severity::Error,
            SeverityWord::Warning => Severity::Warning,
            SeverityWord::Note => Severity::Note,
        },
        strict: words.strict,
    })
}

/// How what is asked for may look, in a terminal or in a file.
fn style(to_file: bool, color: Color, surroundings: &Surroundings) -> Style {
    let around = Surroundings {
        out_is_terminal: surroundings.out_is_terminal && !to_file,
        ..surroundings.clone()
    };
    Style {
        color: around.color(color, around.out_is_terminal),
        unicode: around.unicode(),
        width: around.width(),
        links: around.links(),
        quiet: false,
    }
}

fn requirements(
    words: RequirementsWords,
    color: Color,
    surroundings: &Surroundings,
) -> Result<Requirements, Answer> {
    if stdins(&words.inputs) > 1 {
        return Err(refused("requirements", TWO_STDINS, surroundings));
    }
    Ok(Requirements {
        inputs: given(words.inputs, STDIN_NAME, surroundings),
        pipelines: words.pipelines,
        rules: words.own.rules,
        format: words.format,
        style: style(words.output.is_some(), color, surroundings),
        output: words.output,
    })
}

fn authorize(
    words: AuthorizeWords,
    color: Color,
    surroundings: &Surroundings,
) -> Result<Authorize, Answer> {
    if stdins(&words.inputs) > 1 {
        return Err(refused("authorize", TWO_STDINS, surroundings));
    }
    Ok(Authorize {
        inputs: given(words.inputs, STDIN_NAME, surroundings),
        format: match (words.format, words.trace) {
            (Some(DecisionWord::Human), _) | (None, true) => ListFormat::Human,
            (Some(DecisionWord::Json), _) | (None, false) => ListFormat::Json,
        },
        trace: words.trace,
        color: surroundings.color(color, surroundings.out_is_terminal),
        width: surroundings.width(),
    })
}

const TWO_STDINS: &str = "`-` is given more than once";

fn is_stdin(input: &Path) -> bool {
    input == Path::new("-")
}

fn stdins(inputs: &[PathBuf]) -> usize {
    inputs.iter().filter(|input| is_stdin(input)).count()
}

fn given(inputs: Vec<PathBuf>, stdin: &str, surroundings: &Surroundings) -> Vec<Given> {
    let inputs = inputs.into_iter().map(|input| {
        if is_stdin(&input) {
            Given::Stdin {
                name: stdin.to_owned(),
            }
        } else {
            Given::Path(relative(input, surroundings.folder.as_deref()))
        }
    });
    inputs.collect()
}

/// A path below the working folder as one relative to it, which is how reports name files.
fn relative(path: PathBuf, folder: Option<&Path>) -> PathBuf {
    match folder.and_then(|folder| path.strip_prefix(folder).ok()) {
        Some(rest) if rest == Path::new("") => PathBuf::from("."),
        Some(rest) => rest.to_path_buf(),
        None => path,
    }
}

fn refused(command: &str, message: &str, surroundings: &Surroundings) -> Answer {
    let mut words = Words::command();
    words.build();
    let kind = clap::error::ErrorKind::ArgumentConflict;
    let error = match words.find_subcommand_mut(command) {
        Some(command) => command.error(kind, message),
        None => words.error(kind, message),
    };
    answer(&error, surroundings)
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
