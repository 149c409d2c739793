//! The words of the configuration file, as they are written.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::accounts::Accounts;
use super::ignore::IgnoreWords;
use crate::cli::arguments::stack;
use crate::load::StackInput;

/// The file's words.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// Files and folders.
    #[serde(default)]
    pub(super) inputs: Vec<PathBuf>,
    /// Templates and their homes.
    #[serde(default)]
    pub(super) stacks: Vec<StackWords>,
    /// As `--assume`.
    #[serde(default)]
    pub(super) assume: BTreeMap<String, Scalar>,
    /// As `--account`.
    #[serde(default)]
    pub(super) accounts: Accounts,
    /// Findings that are left as they are.
    #[serde(default)]
    pub(super) ignore: Vec<IgnoreWords>,
}

/// A template and its home.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StackWords {
    template: PathBuf,
    account: Option<Account>,
    region: Option<Region>,
    name: Option<Scalar>,
    #[serde(default)]
    parameters: Parameters,
}

/// A text, or a number or boolean that is taken as one.
#[derive(Debug)]
pub(super) struct Scalar(pub(super) String);

/// Twelve digits.
#[derive(Debug)]
struct Account(String);

/// A Region.
#[derive(Debug)]
struct Region(String);

/// Values by parameter, or files with them.
#[derive(Debug)]
enum Parameters {
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
    pub(super) fn input(self, folder: &Path) -> StackInput {
        let (files, values) = match self.parameters {
            Parameters::Files(files) => (files, BTreeMap::new()),
            Parameters::Values(values) => (Vec::new(), values),
        };
        let values = values
            .into_iter()
            .map(|(name, Scalar(value))| (name, value));
        StackInput {
            template: folder.join(self.template),
            account: self.account.map(|Account(id)| id),
            region: self.region.map(|Region(region)| region),
            name: self.name.map(|Scalar(name)| name),
            parameter_files: files.iter().map(|file| folder.join(file)).collect(),
            parameters: values.collect(),
        }
    }
}
