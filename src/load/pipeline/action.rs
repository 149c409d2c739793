//! Actions, and the rules of stage conditions, which are written much like them.
//!
//! Shape: <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html>,
//! <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RuleDeclaration.html>

use std::collections::BTreeMap;

use super::{check_role_arn, is_open, left_open, list, required};
use crate::graph::{Action, ActionTypeId, GatePosition, Item, Text, has_symbol};
use crate::load::buildspec;
use crate::load::reader::Reading;
use crate::source::{Kind, Origin};

/// The configuration key that may hold a buildspec:
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html>
const BUILDSPEC: &str = "BuildspecOverride";

/// What is read as an action.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// An action.
    Action,
    /// A rule of a condition at a position.
    Rule(GatePosition),
}

impl Step {
    fn noun(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Rule(_) => "rule",
        }
    }

    fn type_member(self) -> &'static str {
        match self {
            Self::Action => "actionTypeId",
            Self::Rule(_) => "ruleTypeId",
        }
    }

    /// What AWS puts in where nothing is written: a rule's type needs only category and provider.
    /// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RuleTypeId.html>
    fn default_of(self, part: &str) -> Option<&'static str> {
        match (self, part) {
            (Self::Rule(_), "owner") => Some("AWS"),
            (Self::Rule(_), "version") => Some("1"),
            _ => None,
        }
    }
}

pub(super) fn read(reading: &mut Reading<'_>, action: Origin, step: Step) -> Option<Action> {
    let noun = step.noun();
    let name = required(reading, action, "name", &format!("the {noun}"), "a name");
    let which = name.as_ref().map_or_else(
        || format!("the {noun}"),
        |name| format!("{noun} `{}`", name.text),
    );
    let type_id = read_type(reading, action, step, &which);
    let role_arn = reading
        .text(action, "roleArn")
        .filter(|role| check_role_arn(reading, role));
    let region = reading
        .text(action, "region")
        .filter(|region| !region.text.is_empty());
    let run_order = match step {
        Step::Action => read_run_order(reading, action),
        Step::Rule(GatePosition::BeforeEntry) => 0,
        Step::Rule(GatePosition::OnSuccess | GatePosition::OnFailure) => u32::MAX,
    };
    if let Some(configuration) = reading
        .member(action, "configuration")
        .filter(|configuration| is_open(reading, *configuration))
    {
        left_open(reading, configuration, &which);
        return None;
    }
    let (configuration, configuration_keys) = read_configuration(reading, action, &which);
    if let Some(text) = configuration.get(BUILDSPEC) {
        buildspec::read_inline(reading, text);
    }
    let inputs = read_artifacts(reading, action, "inputArtifacts", &which);
    let inputs = inputs.into_iter().map(|(name, _)| name).collect();
    let written = read_artifacts(reading, action, "outputArtifacts", &which);
    let mut outputs = Vec::new();
    let mut output_files = BTreeMap::new();
    for (name, artifact) in written {
        let files = read_texts(reading, artifact, "files", &which);
        if !files.is_empty() {
            output_files.insert(name.text.clone(), files);
        }
        outputs.push(name);
    }
    let lists = read_lists(reading, action, &which);
    let (type_id, type_origin) = type_id?;
    Some(Action {
        name: name?,
        origin: action,
        type_id,
        type_origin,
        run_order,
        role_arn,
        region,
        configuration,
        configuration_keys,
        lists,
        inputs,
        outputs,
        output_files,
        namespace: reading.text(action, "namespace"),
        timeout: reading.text(action, "timeoutInMinutes"),
    })
}

fn read_type(
    reading: &mut Reading<'_>,
    action: Origin,
    step: Step,
    which: &str,
) -> Option<(ActionTypeId, Origin)> {
    const EXPECTED: &str = "expected an object with `category`, `owner`, `provider` and `version`";
    let member = step.type_member();
    let Some(id) = reading
        .member(action, member)
        .filter(|id| reading.node(*id).kind() == Kind::Map)
    else {
        let at = reading.member(action, member).unwrap_or(action);
        if is_open(reading, at) {
            left_open(reading, at, which);
        } else {
            reading.fail(at, format!("{which} has no `{member}`: {EXPECTED}"));
        }
        return None;
    };
    let whose = format!("`{member}` of {which}");
    let mut part = |key| match step.default_of(key) {
        Some(default) if reading.member(id, key).is_none() => Some(default.to_owned()),
        _ => required(reading, id, key, &whose, "a text").map(|text| text.text),
    };
    let (category, owner) = (part("category"), part("owner"));
    let (provider, version) = (part("provider"), part("version"));
    let type_id = ActionTypeId {
        category: category?,
        owner: owner?,
        provider: provider?,
        version: version?,
    };
    Some((type_id, id))
}

fn read_run_order(reading: &mut Reading<'_>, action: Origin) -> u32 {
    let Some(written) = reading.text(action, "runOrder") else {
        return 1;
    };
    match written.text.parse() {
        Ok(order) if (1..=999).contains(&order) => order,
        _ if has_symbol(&written.text) => 1,
        _ => {
            reading.fail(
                written.origin,
                format!(
                    "`runOrder` is `{}`: expected a number from 1 to 999",
                    written.text
                ),
            );
            1
        }
    }
}

/// Values are texts to AWS; YAML leaves numbers and booleans unquoted.
fn read_configuration(
    reading: &mut Reading<'_>,
    action: Origin,
    which: &str,
) -> (BTreeMap<String, Text>, BTreeMap<String, Origin>) {
    let mut values = BTreeMap::new();
    let mut keys = BTreeMap::new();
    let Some(configuration) = reading.member(action, "configuration") else {
        return (values, keys);
    };
    let mut wrong = Vec::new();
    for (key, key_origin, value) in reading.node(configuration).entries() {
        let text = value
            .scalar()
            .or_else(|| (value.kind() == Kind::Null).then_some(""));
        match text {
            Some(text) => {
                let text = Text {
                    text: text.to_owned(),
                    origin: value.origin(),
                };
                values.insert(key.to_owned(), text);
                keys.insert(key.to_owned(), key_origin);
            }
            None => wrong.push((value.origin(), key.to_owned())),
        }
    }
    for (origin, key) in wrong {
        reading.fail(
            origin,
            format!(
                "`{key}` in the configuration of {which} is an object or a list: expected a text, with JSON written inside it"
            ),
        );
    }
    (values, keys)
}

/// Names of artifacts, each with the object around it.
fn read_artifacts(
    reading: &mut Reading<'_>,
    action: Origin,
    key: &str,
    which: &str,
) -> Vec<(Text, Origin)> {
    let whose = format!("an entry of `{key}` of {which}");
    list(reading, action, key, which)
        .into_iter()
        .filter_map(|artifact| {
            let name = required(reading, artifact, "name", &whose, "a name")?;
            Some((name, artifact))
        })
        .collect()
}

fn read_texts(reading: &mut Reading<'_>, map: Origin, key: &str, which: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    for origin in list(reading, map, key, which) {
        match reading.node(origin).scalar().map(str::to_owned) {
            Some(text) => texts.push(Text { text, origin }),
            None => reading.fail(origin, format!("an entry of `{key}` of {which} is no text")),
        }
    }
    texts
}

fn read_lists(
    reading: &mut Reading<'_>,
    action: Origin,
    which: &str,
) -> BTreeMap<String, Vec<Item>> {
    let mut lists = BTreeMap::new();
    for key in ["commands", "outputVariables"] {
        if reading.member(action, key).is_none() {
            continue;
        }
        let texts = read_texts(reading, action, key, which).into_iter();
        let items = texts.map(|text| Item::from([("value".to_owned(), text)]));
        lists.insert(key.to_owned(), items.collect());
    }
    let key = "environmentVariables";
    if reading.member(action, key).is_some() {
        let items = list(reading, action, key, which)
            .into_iter()
            .map(|variable| read_environment_variable(reading, variable))
            .collect();
        lists.insert(key.to_owned(), items);
    }
    lists
}

/// The value of a plain variable stays out: only of a reference to a secret anything can be derived.
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_EnvironmentVariable.html>
fn read_environment_variable(reading: &Reading<'_>, variable: Origin) -> Item {
    let mut item = Item::new();
    let kind = reading.text(variable, "type").unwrap_or_else(|| Text {
        text: "PLAINTEXT".to_owned(),
        origin: variable,
    });
    let members = if kind.text == "SECRETS_MANAGER" {
        ["name", "value"].as_slice()
    } else {
        ["name"].as_slice()
    };
    for member in members {
        if let Some(text) = reading.text(variable, member) {
            item.insert((*member).to_owned(), text);
        }
    }
    item.insert("type".to_owned(), kind);
    item
}
