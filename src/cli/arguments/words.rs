//! The words of the command line, as the argument parser takes them.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use jiff::civil::Date;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use super::examples::{
    AUTHORIZE_EXAMPLES, BASELINE_EXAMPLES, CHECK_EXAMPLES, COMPLETIONS_EXAMPLES, CONFIG_EXAMPLES,
    EXPLAIN_EXAMPLES, GRAPH_EXAMPLES, MAIN_EXAMPLES, MAN_EXAMPLES, PERMISSIONS_EXAMPLES,
    REQUIREMENTS_EXAMPLES, RULES_EXAMPLES, SNAPSHOT_EXAMPLES,
};
use super::live::{self, AccountWord};
use super::stack;
use crate::cli::one_of;
use crate::load::StackInput;
use crate::report::{
    FORMATS, Format, NEEDS_FORMATS, NeedsFormat, PICTURE_FORMATS, PictureFormat, format,
    needs_format, picture_format,
};

#[derive(Debug, Parser)]
#[command(
    name = "pipeline-preflight",
    version,
    about = "Finds every IAM, KMS and S3 permission a cross-account AWS CodePipeline lacks, before it runs",
    long_about = "Finds every IAM, KMS and S3 permission a cross-account AWS CodePipeline lacks, before it runs.\n\n\
        It reads templates, or pipelines, roles, keys and buckets as the AWS CLI exports them, derives what every \
        principal will have to do, decides each of these requests as AWS would, and names the policy and the line that lacks something. \
        It calls AWS only when `check --live` or `snapshot` asks for it, and then it only reads.",
    after_long_help = MAIN_EXAMPLES,
    max_term_width = 100,
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true
)]
pub(super) struct Words {
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        display_order = 90
    )]
    pub(super) color: ColorWord,
    #[command(subcommand)]
    pub(super) command: CommandWords,
}

#[derive(Debug, Subcommand)]
pub(super) enum CommandWords {
    /// Check pipelines against the policies of all their accounts
    // What follows `--live` is taken for names, so that a usage with the files behind it leads astray.
    #[command(
        after_long_help = CHECK_EXAMPLES,
        override_usage = "pipeline-preflight check [OPTIONS] [INPUT]... [--live [NAME]...]"
    )]
    Check(CheckWords),
    /// Write down the findings of now, so that later checks report new ones only
    #[command(
        after_long_help = BASELINE_EXAMPLES,
        subcommand_required = true,
        arg_required_else_help = true,
        disable_help_subcommand = true
    )]
    Baseline {
        #[command(subcommand)]
        command: BaselineWords,
    },
    /// List what every principal must be able to do, and where that is documented
    ///
    /// A pipeline alone is enough: this is what its roles and the policies of its buckets, keys and repositories have to
    /// grant. Where policies are given as well, each line says whether they allow it.
    #[command(
        after_long_help = REQUIREMENTS_EXAMPLES,
        override_usage = "pipeline-preflight requirements [OPTIONS] [INPUT]... [--live [NAME]...]"
    )]
    Requirements(RequirementsWords),
    /// Draw the accounts, the roles and resources in them, and who may do what it needs to do
    ///
    /// An account is a box. What a pipeline's actions act as, and what each role needs of buckets, keys, roles and the rest, are
    /// arrows: allowed, denied or undecided by the given policies, several operations on the same thing in one.
    #[command(
        after_long_help = GRAPH_EXAMPLES,
        override_usage = "pipeline-preflight graph [OPTIONS] [INPUT]... [--live [NAME]...]"
    )]
    Graph(GraphWords),
    /// Write down what AWS tells of pipelines and of all that they depend on, to be checked anywhere
    ///
    /// A snapshot is a folder with AWS's own answers, one file for each resource, without the values of secrets. It is read by
    /// `check` like any other folder. Only reads are made; what may not be read is written down as such.
    #[command(after_long_help = SNAPSHOT_EXAMPLES)]
    Snapshot(SnapshotWords),
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
    /// Print the least IAM policy that `--live` needs
    ///
    /// Only reads are in it. What is not allowed is no error later on: it is unknown, and said to be.
    #[command(after_long_help = PERMISSIONS_EXAMPLES)]
    Permissions {
        /// Whose account the policy is for; all of them, one after another, for people
        #[arg(
            long = "for",
            value_enum,
            value_name = "ACCOUNT",
            required_if_eq("format", "json")
        )]
        whose: Option<WhoseWord>,
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: PolicyWord,
    },
    /// Show what `check` goes by here, or begin a configuration file
    #[command(after_long_help = CONFIG_EXAMPLES)]
    Config {
        #[command(subcommand)]
        what: ConfigWords,
    },
    /// Print the completions of a shell
    #[command(after_long_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        #[arg(value_enum, value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print a manual page
    #[command(after_long_help = MAN_EXAMPLES)]
    Man {
        /// The command whose page it is; without one the page of the whole
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
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

#[derive(Debug, Subcommand)]
pub(super) enum ConfigWords {
    /// Print what counts, of the configuration file and of these options, as a configuration file
    ///
    /// It takes the options of `check`. Those that say how a report is written change nothing; those that no file can say are named in
    /// a comment. Secrets are `****`.
    #[command(override_usage = "pipeline-preflight config show [OPTIONS OF check] [INPUT]...")]
    Show(Box<CheckWords>),
    /// Write a `pipeline-preflight.yaml` to begin with, all of it comments, into this folder
    Init,
}

/// What is to be looked at.
#[derive(Debug, Args)]
pub(super) struct SubjectWords {
    /// Files and folders, recognised by their content; `-` is standard input
    ///
    /// A folder is read with all its subfolders. At least one pipeline must be among the inputs.
    #[arg(value_name = "INPUT")]
    pub(super) inputs: Vec<PathBuf>,
    /// A CloudFormation template and where it is deployed; may be repeated
    ///
    /// `FILE,account=ID,region=REGION[,parameters=FILE][,name=STACK]`. Of several files with parameters the later ones win; a
    /// `samconfig.toml` may name its environment, as in `parameters=samconfig.toml:prod`. A template may be given several
    /// times. One without account or Region is checked as far as it goes without.
    #[arg(long = "stack", value_name = "FILE,KEY=VALUE,…", value_parser = stack::stack)]
    pub(super) stacks: Vec<StackInput>,
    /// A value for a parameter, an import or an SSM parameter of templates; may be repeated
    ///
    /// NAME is a parameter of all templates, `STACK.NAME` that of one, `import:NAME` an export of a stack that is not given,
    /// `ssm:/PATH` an SSM parameter. It wins over files with parameters, and switches on what a template holds back.
    #[arg(long, value_name = "NAME=VALUE", value_parser = stack::assumed)]
    pub(super) assume: Vec<(String, String)>,
    /// The way into another account, or the account behind a Terraform provider's alias; may be repeated
    ///
    /// `222222222222=profile:NAME` takes a profile of the AWS configuration files as it is; a role that the profile names is
    /// assumed by the SDK. `222222222222=role:ARN[,external-id=ID]` assumes a role with the first credentials, and with a session
    /// policy by which it can only read. Either must lead to that account. An account that nobody gave access to is not asked.
    /// `ALIAS=222222222222` tells the account of a Terraform provider, `default=…` of the one without alias.
    #[arg(long, value_name = "ID=ACCESS|ALIAS=ID", value_parser = live::account)]
    pub(super) account: Vec<AccountWord>,
    #[command(flatten)]
    pub(super) live: LiveWords,
    /// The configuration file, instead of `pipeline-preflight.yaml` in the working folder or above
    ///
    /// Without it the environment variable `PIPELINE_PREFLIGHT_CONFIG` may name one.
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Read no configuration file
    #[arg(long)]
    pub(super) no_config: bool,
    #[command(flatten)]
    pub(super) own: OwnRules,
}

/// What is asked of AWS itself.
#[derive(Debug, Args)]
#[command(mut_group("ReachWords", |reach| reach.requires("live")))]
pub(super) struct LiveWords {
    /// Ask AWS for everything that the inputs do not hold; with names, for these pipelines too, `*` for all
    ///
    /// Files go before it. Only reads are made; `pipeline-preflight permissions` prints what they need.
    #[arg(long, value_name = "NAME", num_args = 0.., value_parser = live::pipeline)]
    pub(super) live: Option<Vec<String>>,
    #[command(flatten)]
    pub(super) reach: ReachWords,
}

/// How AWS is reached.
#[derive(Debug, Args)]
pub(super) struct ReachWords {
    /// The profile of the AWS configuration files to begin with
    ///
    /// Without it the environment counts as for the AWS CLI: keys, `AWS_PROFILE`, a container, the instance's metadata last.
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// The Region of the pipelines; else `AWS_REGION`, or that of the profile
    #[arg(long, value_name = "REGION", value_parser = stack::region)]
    pub(super) region: Option<String>,
    /// Send all calls there instead of to AWS
    ///
    /// Where a profile itself names a role, that is assumed at AWS all the same, unless `AWS_ENDPOINT_URL` says so.
    #[arg(long, value_name = "URL", value_parser = live::endpoint_url)]
    pub(super) endpoint_url: Option<String>,
    /// Tell every call, and at the end how many there were
    #[arg(short, long)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct OwnRules {
    /// A folder with rules of your own, which replace built-in files of the same name or are added
    ///
    /// It is laid out as the built-in rules are: `providers/*.yaml`, `findings/*.yaml`, `pipeline.yaml`, `commands.yaml`, any of them.
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
}

#[derive(Debug, Parser)]
pub(super) struct CheckWords {
    #[command(flatten)]
    pub(super) subject: SubjectWords,
    /// Check only the pipeline of this name; may be repeated
    #[arg(long = "pipeline", value_name = "NAME")]
    pub(super) pipelines: Vec<String>,
    /// Also check that this role, user or session may update the pipelines
    ///
    /// An ARN as `aws sts get-caller-identity` tells it, whose policies are among the inputs. Asked are the update itself, the
    /// passing of the pipeline's role, and that of the connections it names.
    #[arg(long, value_name = "ARN")]
    pub(super) caller: Option<String>,
    /// How to write the findings
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = FORMATS.first().map_or("", |first| first.name),
        value_parser = formats()
    )]
    pub(super) format: &'static Format,
    /// Write the findings to this file instead of standard output
    ///
    /// The file is replaced as a whole when the run is done, and left alone when the run could not be done.
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Write a report in this format to this file as well; may be repeated
    ///
    /// All files are replaced as a whole when the run is done. `-` is standard output, and stands in the place of the findings
    /// that are written there otherwise.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report)]
    pub(super) reports: Vec<(&'static Format, PathBuf)>,
    /// The least severity that makes the exit code 1: error, unless the configuration file says otherwise
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(super) fail_on: Option<SeverityWord>,
    /// Also end with exit code 1 when anything could not be decided
    #[arg(long)]
    pub(super) strict: bool,
    /// End with exit code 0 whatever is found; not where the run cannot be done
    #[arg(long, conflicts_with_all = ["fail_on", "strict"])]
    pub(super) exit_zero: bool,
    /// Report only these rules, by their ids, with commas between them
    #[arg(
        long,
        value_name = "RULE",
        value_delimiter = ',',
        help_heading = "Selecting"
    )]
    pub(super) only: Vec<String>,
    /// Leave out these rules; `severities` of the configuration file makes them weigh less
    #[arg(
        long,
        value_name = "RULE",
        value_delimiter = ',',
        help_heading = "Selecting"
    )]
    pub(super) skip: Vec<String>,
    /// Show only findings of this severity and above; the exit code and the counts are as if all were shown
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Selecting")]
    pub(super) min_severity: Option<SeverityWord>,
    /// Report what is ignored, too, as if nobody had said so
    #[arg(long, help_heading = "Selecting")]
    pub(super) no_ignores: bool,
    /// The day on which ignores expire or not, instead of today: `2026-12-31`
    #[arg(long, value_name = "DATE", help_heading = "Selecting")]
    pub(super) today: Option<Date>,
    /// Set apart the findings that this file holds, as `baseline write` wrote it: only others make the exit code 1
    ///
    /// A finding is known where the file holds one of the same rule that says at least as much. Lines and file names do not count.
    #[arg(long, value_name = "FILE", help_heading = "Comparing")]
    pub(super) baseline: Option<PathBuf>,
    /// Tell what has changed since another state of the inputs: only new findings make the exit code 1
    ///
    /// A folder is the whole of what was before. A file stands in the place of what the inputs say of the same things. Anything else is
    /// a revision of git: the same files and folders as they were then.
    #[arg(long, value_name = "FOLDER|FILE|REVISION", help_heading = "Comparing")]
    pub(super) against: Option<String>,
    /// What reports call standard input
    #[arg(long, value_name = "NAME")]
    pub(super) stdin_filename: Option<String>,
    /// Write findings only, no summary; twice: nothing but the exit code
    #[arg(short, long, action = ArgAction::Count)]
    pub(super) quiet: u8,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineWords {
    /// Write all findings that count now into a file, for `check --baseline`
    ///
    /// The file holds one line for each finding, sorted, without lines and file names of the inputs: it is made to be committed. What
    /// people ignore is not in it.
    #[command(
        after_long_help = BASELINE_EXAMPLES,
        override_usage = "pipeline-preflight baseline write [OPTIONS] [INPUT]... [--live [NAME]...]"
    )]
    Write(WriteBaselineWords),
}

#[derive(Debug, Parser)]
pub(super) struct WriteBaselineWords {
    #[command(flatten)]
    pub(super) subject: SubjectWords,
    /// Only the pipeline of this name; may be repeated
    #[arg(long = "pipeline", value_name = "NAME")]
    pub(super) pipelines: Vec<String>,
    /// Also what this role, user or session lacks to update the pipelines, as with `check`
    #[arg(long, value_name = "ARN")]
    pub(super) caller: Option<String>,
    /// The file to write, instead of the configuration file's `baseline` or `pipeline-preflight-baseline.json`; `-` is standard
    /// output
    ///
    /// It is replaced as a whole when the run is done, and left alone when the run could not be done.
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Write down what is ignored, too, as if nobody had said so
    #[arg(long)]
    pub(super) no_ignores: bool,
    /// The day on which ignores expire or not, instead of today: `2026-12-31`
    #[arg(long, value_name = "DATE")]
    pub(super) today: Option<Date>,
    /// Write no summary; twice: no warnings either
    #[arg(short, long, action = ArgAction::Count)]
    pub(super) quiet: u8,
}

#[derive(Debug, Parser)]
pub(super) struct RequirementsWords {
    #[command(flatten)]
    pub(super) subject: SubjectWords,
    /// List only what the pipeline of this name needs; may be repeated
    #[arg(long = "pipeline", value_name = "NAME")]
    pub(super) pipelines: Vec<String>,
    /// How to write the list
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = NEEDS_FORMATS.first().map_or("", |first| first.name),
        value_parser = needs_formats()
    )]
    pub(super) format: &'static NeedsFormat,
    /// Write the list to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Parser)]
pub(super) struct GraphWords {
    #[command(flatten)]
    pub(super) subject: SubjectWords,
    /// Draw only the pipeline of this name; may be repeated
    #[arg(long = "pipeline", value_name = "NAME")]
    pub(super) pipelines: Vec<String>,
    /// How to write the picture
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = PICTURE_FORMATS.first().map_or("", |first| first.name),
        value_parser = picture_formats()
    )]
    pub(super) format: &'static PictureFormat,
    /// Write the picture to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Parser)]
pub(super) struct SnapshotWords {
    /// Pipelines by their names; `*` are all of the Region
    #[arg(value_name = "NAME", value_parser = live::pipeline)]
    pub(super) names: Vec<String>,
    /// A file or folder with pipelines, and what is known of them already; may be repeated
    ///
    /// A snapshot that somebody took in another account: what this account knows of its pipelines is added. What an input holds
    /// is not asked again.
    #[arg(long = "input", value_name = "PATH")]
    pub(super) inputs: Vec<PathBuf>,
    /// The folder to write: a new one, an empty one, or an earlier snapshot, over which the new one is laid
    ///
    /// It is replaced as a whole when all is read, and left alone when the run could not be done.
    #[arg(long, value_name = "DIR")]
    pub(super) output: PathBuf,
    #[command(flatten)]
    pub(super) reach: ReachWords,
    /// The way into another account; may be repeated
    ///
    /// `222222222222=profile:NAME` takes a profile of the AWS configuration files, `222222222222=role:ARN` assumes a role, with a
    /// session policy that only lets it read.
    #[arg(long, value_name = "ID=ACCESS", value_parser = live::account)]
    pub(super) account: Vec<AccountWord>,
    /// The configuration file, instead of `pipeline-preflight.yaml` in the working folder or above
    ///
    /// Without it the environment variable `PIPELINE_PREFLIGHT_CONFIG` may name one.
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Read no configuration file
    #[arg(long)]
    pub(super) no_config: bool,
    #[command(flatten)]
    pub(super) own: OwnRules,
    /// Write no summary; twice: no warnings either
    #[arg(short, long, action = ArgAction::Count)]
    pub(super) quiet: u8,
}

#[derive(Debug, Parser)]
pub(super) struct AuthorizeWords {
    /// Files with cases, JSON or YAML, and folders of them; `-` is standard input
    ///
    /// A file holds one case, a list of cases, or several documents one after another (JSON Lines).
    #[arg(required = true, value_name = "CASES")]
    pub(super) inputs: Vec<PathBuf>,
    /// Tell for every case what each layer and statement says, not only for those not as expected
    #[arg(long)]
    pub(super) trace: bool,
    /// How to write the decisions; the default is json, and human with `--trace`
    #[arg(long, value_enum)]
    pub(super) format: Option<DecisionWord>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum DecisionWord {
    /// For people, each with the reason
    Human,
    /// One line of JSON for each case; traces go to standard error
    Json,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum ColorWord {
    /// In a terminal, unless `NO_COLOR` is set; `FORCE_COLOR` forces them
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum ListWord {
    /// A table for people
    #[default]
    Human,
    /// One JSON document
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum WhoseWord {
    /// The account of the pipelines
    Pipeline,
    /// Every other account that a pipeline reaches into
    Other,
    /// The organization's management account, or one that may read its policies
    Management,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum PolicyWord {
    /// Lists for people
    #[default]
    Human,
    /// A policy document
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum SeverityWord {
    /// The run will fail
    Error,
    /// It may fail
    Warning,
    /// Undecided, or good advice
    Note,
}

/// `FORMAT=FILE`
fn report(text: &str) -> Result<(&'static Format, PathBuf), String> {
    let Some((name, file)) = text.split_once('=') else {
        return Err("expected `FORMAT=FILE`".to_owned());
    };
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    let Some(format) = format(name) else {
        return Err(format!("unknown format `{name}`: {}", one_of(name, &names)));
    };
    if file.is_empty() {
        return Err(format!("expected a file for `{name}`, or `-`"));
    }
    Ok((format, PathBuf::from(file)))
}

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

/// The choices of `graph --format`.
fn picture_formats() -> impl clap::builder::TypedValueParser<Value = &'static PictureFormat> {
    PossibleValuesParser::new(
        PICTURE_FORMATS
            .iter()
            .map(|format| PossibleValue::new(format.name).help(format.help)),
    )
    .try_map(|name| picture_format(&name).ok_or("no such format"))
}
