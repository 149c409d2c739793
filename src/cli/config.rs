//! `pipeline-preflight.yaml`: what is to be checked, for those who do not want to say it each time.
//!
//! In: what the command line asks for. Out: the inputs and settings that count, those of the command line first.
//! A run without such a file is as if there were no such thing.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::arguments::{live as words, stack};
use super::live::LiveOptions;
use super::{Config, Given, Streams, Subject, Voice, one_of};
use crate::load::aws::Door;
use crate::load::{Settings, StackInput, is_account};
use crate::report::file_name;

/// What the file is called.
const NAME: &str = "pipeline-preflight.yaml";

/// The file's words.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    /// Files and folders.
    #[serde(default)]
    inputs: Vec<PathBuf>,
    /// Templates and their homes.
    #[serde(default)]
    stacks: Vec<StackWords>,
    /// As `--assume`.
    #[serde(default)]
    assume: BTreeMap<String, Scalar>,
    /// As `--account`.
    #[serde(default)]
    accounts: Accounts,
}

/// Accounts behind aliases, and ways into accounts.
#[derive(Debug, Default)]
struct Accounts {
    aliases: BTreeMap<String, String>,
    doors: BTreeMap<String, Door>,
}

/// A way into an account: a profile, or a role and what its trust policy demands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DoorWords {
    profile: Option<Scalar>,
    role: Option<Scalar>,
    #[serde(rename = "external-id")]
    external_id: Option<Scalar>,
}

/// A template and its home.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StackWords {
    template: PathBuf,
    account: Option<Account>,
    region: Option<Region>,
    name: Option<Scalar>,
    #[serde(default)]
    parameters: Parameters,
}

/// A text, or a number or boolean that is taken as one.
#[derive(Debug)]
struct Scalar(String);

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

impl<'de> Deserialize<'de> for Accounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AccountsVisitor)
    }
}

struct AccountsVisitor;

impl<'de> Visitor<'de> for AccountsVisitor {
    type Value = Accounts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of accounts, or of aliases")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Accounts, A::Error> {
        let mut accounts = Accounts::default();
        while let Some(Scalar(key)) = members.next_key()? {
            if is_account(&key) {
                let door = members.next_value_seed(Way { account: &key })?;
                accounts.doors.insert(key, door);
            } else {
                let id = members.next_value_seed(Alias(&key))?;
                accounts.aliases.insert(key, id);
            }
        }
        Ok(accounts)
    }
}

/// The account behind this alias.
struct Alias<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Alias<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Alias<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account's 12 digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        stack::account(text).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<String, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(de::Error::custom(format!(
            "`{}` is no account's 12 digits, by which a way into an account stands",
            self.0
        )))
    }
}

/// The way into this account, as on the command line or as a map.
struct Way<'a> {
    account: &'a str,
}

impl<'de> DeserializeSeed<'de> for Way<'_> {
    type Value = Door;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Door, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Way<'_> {
    type Value = Door;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`profile: NAME` or `role: ARN`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Door, E> {
        words::door(self.account, text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Door, A::Error> {
        let words = DoorWords::deserialize(MapAccessDeserializer::new(members))?;
        let external_id = words.external_id.map(|Scalar(id)| id);
        let door = match (words.profile, words.role) {
            (Some(Scalar(name)), None) if external_id.is_none() => words::profile(&name),
            (None, Some(Scalar(arn))) => words::role(self.account, &arn, external_id),
            (Some(_), None) => Err("`external-id` belongs to a `role`".to_owned()),
            _ => Err(format!(
                "expected one of `profile` and `role` for account {}",
                self.account
            )),
        };
        door.map_err(de::Error::custom)
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

/// Why a configuration file does not count: its name, the place in it, what is wrong, and advice.
struct Fault {
    file: String,
    position: Option<(usize, usize)>,
    message: String,
    help: Option<String>,
}

/// What counts, of the command line and of the configuration file.
pub(super) struct Applied {
    pub(super) inputs: Vec<Given>,
    pub(super) settings: Settings,
    /// How AWS is asked, where it is to be asked at all.
    pub(super) live: Option<LiveOptions>,
}

/// The inputs and settings that count; `None`, after saying why, when the configuration file cannot be read.
///
/// Inputs of the command line stand in the place of all inputs and stacks of the file; values of both are taken, and of two for
/// the same name that of the command line counts.
pub(super) fn apply(subject: &Subject, voice: Voice, streams: &mut Streams<'_>) -> Option<Applied> {
    let file = match &subject.config {
        Config::None => None,
        Config::File(file) => Some(file.clone()),
        Config::Found { from } => from.as_deref().and_then(find),
    };
    let read = file.map(|file| read(&file).map(|words| (words, file)));
    let (words, file) = match read.transpose() {
        Ok(read) => read.unwrap_or_default(),
        Err(fault) => {
            let Fault {
                file,
                position,
                message,
                help,
            } = fault;
            let file = file_name(&file);
            let message = match position {
                Some((line, column)) => format!("{file}:{line}:{column}: {message}"),
                None => format!("{file}: {message}"),
            };
            voice.error(streams, &message, help.as_deref());
            return None;
        }
    };
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let assumed = words
        .assume
        .into_iter()
        .map(|(name, Scalar(value))| (name, value));
    let assumed = assumed.chain(subject.settings.assumed.iter().cloned());
    let Accounts { aliases, doors } = words.accounts;
    let given = subject.settings.accounts.clone();
    let settings = Settings {
        assumed: assumed.collect(),
        accounts: aliases.into_iter().chain(given).collect(),
        region: None,
    };
    let live = subject.live.as_ref();
    let live = live.map(|live| live.with_accounts(&doors));
    // Who names live pipelines wants these, and not what the file names.
    let named = live.as_ref().is_some_and(|live| !live.names.is_empty());
    if !subject.inputs.is_empty() || named {
        return Some(Applied {
            inputs: subject.inputs.clone(),
            settings,
            live,
        });
    }
    let inputs = words
        .inputs
        .iter()
        .map(|path| Given::Path(folder.join(path)));
    let stacks = words
        .stacks
        .into_iter()
        .map(|stack| Given::Stack(stack.input(&folder)));
    Some(Applied {
        inputs: inputs.chain(stacks).collect(),
        settings,
        live,
    })
}

/// The first configuration file from a folder upwards, no further than the repository that the folder is in; its path is one
/// from that folder, so that what it names is reported from there.
fn find(from: &Path) -> Option<PathBuf> {
    let mut up = PathBuf::new();
    for folder in from.ancestors() {
        if folder.join(NAME).is_file() {
            return Some(up.join(NAME));
        }
        if folder.join(".git").exists() {
            return None;
        }
        up.push("..");
    }
    None
}

fn read(file: &Path) -> Result<Words, Fault> {
    let fault = |message: String| Fault {
        file: file.to_string_lossy().into_owned(),
        position: None,
        message,
        help: None,
    };
    let text = fs::read_to_string(file).map_err(|error| {
        fault(match error.kind() {
            ErrorKind::NotFound => "no such file".to_owned(),
            _ => format!("cannot be read: {error}"),
        })
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // Parameters are a map, which takes the later of two same keys without a word; a plain tree refuses them.
    let read = serde_yaml::from_str::<serde_yaml::Value>(text)
        .and_then(|_| serde_yaml::from_str::<Option<Words>>(text));
    read.map(Option::unwrap_or_default).map_err(|error| {
        let position = error.location().map(|at| (at.line(), at.column()));
        let told = error.to_string();
        let suffix = position
            .map(|(line, column)| format!(" at line {line} column {column}"))
            .unwrap_or_default();
        let message = told.strip_suffix(&suffix).unwrap_or(&told).to_owned();
        let (message, help) = unknown_key(&message).unwrap_or((message, None));
        Fault {
            position,
            help,
            ..fault(message)
        }
    })
}

/// What to say of an unknown key, from serde's sentence: ``unknown field `x`, expected one of `a`, `b` ``.
fn unknown_key(message: &str) -> Option<(String, Option<String>)> {
    let (before, told) = message.split_once("unknown field ")?;
    let mut names = told.split('`').skip(1).step_by(2);
    let written = names.next()?;
    let known: Vec<&str> = names.collect();
    Some((
        format!("{before}unknown key `{written}`"),
        Some(one_of(written, &known)),
    ))
}

impl StackWords {
    fn input(self, folder: &Path) -> StackInput {
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
