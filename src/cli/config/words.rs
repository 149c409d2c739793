//! The words of the configuration file, as they are written.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::accounts::Accounts;
use super::file::Folder;
use super::ignore::IgnoreWords;
use crate::check::triage::Level;
use crate::cli::arguments::stack;
use crate::load::StackInput;
use crate::rules::Severity;
use crate::source::Placed;

/// What `pipeline-preflight` goes by where the command line does not say otherwise. Every path is relative to this file.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Words {
    /// Files and folders to check: pipelines, exports of accounts, snapshots, templates. They count where the command line names no
    /// input of its own.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) inputs: Vec<PathBuf>,
    /// CloudFormation templates and where they are deployed, as `--stack` gives them. They count where the command line names no
    /// input of its own.
    #[serde(default)]
    pub(super) stacks: Vec<StackWords>,
    /// Values for what templates leave open, as `--assume` gives them: `Name` is a parameter of all templates, `STACK.Name` that of
    /// one, `import:NAME` an export of a stack that is not given, `ssm:/PATH` an SSM parameter. `--assume` wins.
    #[serde(default)]
    pub(super) assume: BTreeMap<String, Scalar>,
    /// Ways into accounts for `--live`, and accounts of Terraform providers by their aliases, as `--account` gives them. `--account`
    /// wins.
    #[serde(default)]
    pub(super) accounts: Accounts,
    /// A folder with rules of your own, which replace built-in ones of the same name or are added. `--rules` stands in its place.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(super) rules: Option<PathBuf>,
    /// The least severity that makes the exit code 1; `error` where nothing is said. `--fail-on` wins.
    pub(super) fail_on: Option<SeverityWord>,
    /// Whether the exit code is 1 also when anything could not be decided, as with `--strict`.
    pub(super) strict: Option<bool>,
    /// What the findings of rules weigh, by the rules' ids, in the place of what they weigh by themselves; `off` leaves them out.
    #[serde(default)]
    pub(super) severities: Severities,
    /// A file with findings that are known already, which are left out. `--baseline` stands in its place.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(super) baseline: Option<PathBuf>,
    /// Findings that are left as they are, each with the reason.
    #[serde(default)]
    pub(super) ignore: Vec<IgnoreWords>,
}

/// What rules weigh, by their ids.
#[derive(Debug, Default)]
pub(super) struct Severities(pub(super) Vec<(Placed<String>, LevelWord)>);

/// A severity.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Severity"))]
#[serde(rename_all = "lowercase")]
pub(super) enum SeverityWord {
    /// The run will fail.
    Error,
    /// It may fail.
    Warning,
    /// Undecided, or good advice.
    Note,
}

/// What a rule's findings weigh, or that they are left out.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Level"))]
#[serde(rename_all = "lowercase")]
pub(super) enum LevelWord {
    /// All of them are errors.
    Error,
    /// All of them are warnings.
    Warning,
    /// All of them are notes.
    Note,
    /// They are left out.
    Off,
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

impl From<LevelWord> for Level {
    fn from(word: LevelWord) -> Self {
        match word {
            LevelWord::Error => Self::As(Severity::Error),
            LevelWord::Warning => Self::As(Severity::Warning),
            LevelWord::Note => Self::As(Severity::Note),
            LevelWord::Off => Self::Off,
        }
    }
}

/// A CloudFormation template and where it is deployed.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Stack"))]
#[serde(deny_unknown_fields)]
pub(super) struct StackWords {
    /// The template's file.
    #[cfg_attr(test, schemars(with = "String"))]
    template: PathBuf,
    /// The account it is deployed to, twelve digits.
    account: Option<Account>,
    /// The Region it is deployed to.
    region: Option<Region>,
    /// The stack's name.
    name: Option<Scalar>,
    /// Values for its parameters by their names, or files that hold some: those of the AWS CLI and of CodePipeline, and `samconfig.toml`
    /// with its environment behind a colon. Of several files the later ones win.
    #[serde(default)]
    parameters: Parameters,
}

/// A text, or a number or boolean that is taken as one.
#[derive(Debug)]
pub(super) struct Scalar(pub(super) String);

/// Twelve digits.
#[derive(Debug)]
pub(super) struct Account(String);

/// A Region.
#[derive(Debug)]
pub(super) struct Region(String);

/// Values by parameter, or files with them.
#[derive(Debug)]
pub(super) enum Parameters {
    Files(Vec<PathBuf>),
    Values(BTreeMap<String, Scalar>),
}

impl Default for Parameters {
    fn default() -> Self {
        Self::Files(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number or a boolean")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Scalar, E> {
        // `1.10` would become `1.1`.
        Err(E::custom(
            "a number with a fraction is ambiguous: put it in quotes",
        ))
    }

    /// A list, as CloudFormation takes it.
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar, A::Error> {
        let mut all: Vec<String> = Vec::new();
        while let Some(Scalar(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Scalar(all.join(",")))
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Scalar(text) = Scalar::deserialize(deserializer)?;
        stack::account(&text).map(Self).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Scalar(text) = Scalar::deserialize(deserializer)?;
        stack::region(&text).map(Self).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Severities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SeveritiesVisitor)
    }
}

struct SeveritiesVisitor;

impl<'de> Visitor<'de> for SeveritiesVisitor {
    type Value = Severities;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of rules and what they weigh")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Severities, A::Error> {
        let mut all = Vec::new();
        while let Some(entry) = members.next_entry()? {
            all.push(entry);
        }
        Ok(Severities(all))
    }
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParametersVisitor)
    }
}

struct ParametersVisitor;

impl<'de> Visitor<'de> for ParametersVisitor {
    type Value = Parameters;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file, a list of files, or a map of values")
    }

    fn visit_str<E: de::Error>(self, file: &str) -> Result<Parameters, E> {
        Ok(Parameters::Files(vec![PathBuf::from(file)]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Parameters, A::Error> {
        let mut files = Vec::new();
        while let Some(file) = items.next_element()? {
            files.push(file);
        }
        Ok(Parameters::Files(files))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Parameters, A::Error> {
        let mut values = BTreeMap::new();
        while let Some((name, value)) = members.next_entry()? {
            values.insert(name, value);
        }
        Ok(Parameters::Values(values))
    }
}

impl StackWords {
    pub(super) fn input(self, folder: &Folder) -> StackInput {
        let (files, values) = match self.parameters {
            Parameters::Files(files) => (files, BTreeMap::new()),
            Parameters::Values(values) => (Vec::new(), values),
        };
        let values = values
            .into_iter()
            .map(|(name, Scalar(value))| (name, value));
        StackInput {
            template: folder.join(&self.template),
            account: self.account.map(|Account(id)| id),
            region: self.region.map(|Region(region)| region),
            name: self.name.map(|Scalar(name)| name),
            parameter_files: files.iter().map(|file| folder.join(file)).collect(),
            parameters: values.collect(),
        }
    }
}
