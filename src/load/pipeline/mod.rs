//! Pipelines: `get-pipeline`'s answer, or the bare structure that `update-pipeline` takes.
//!
//! In: a document. Out: a [`Pipeline`] with its stages, actions and rules, or the faults that leave nothing to check.
//! What AWS refuses of a structure that can be read is found by `check`. Knows no provider.
//!
//! Shape: <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html>

mod action;
mod stage;

use std::collections::BTreeMap;

use super::Warning;
use super::iam::is_role_arn;
use super::reader::Reading;
use crate::graph::{
    Arn, ArtifactStore, EncryptionKey, Pipeline, Text, Trigger, Variable, has_symbol,
};
use crate::source::{Kind, Node, Origin};

const ROLE_ARN: &str = "`arn:aws:iam::<account>:role/<name>`";

/// By what only pipelines have together: other tools' files have `stages`, `name` or `pipeline` too.
pub(super) fn recognise(document: Node<'_>) -> bool {
    let described = document
        .get("metadata")
        .is_some_and(|metadata| metadata.get("pipelineArn").is_some());
    match document.get("pipeline") {
        Some(pipeline) if pipeline.kind() == Kind::Map => described || is_structure(pipeline),
        _ => is_structure(document),
    }
}

fn is_structure(node: Node<'_>) -> bool {
    let has = |key| node.get(key).is_some();
    let store = has("artifactStore") || has("artifactStores");
    let actions = node.get("stages").is_some_and(|stages| {
        stages.items().iter().any(|stage| {
            stage
                .get("actions")
                .is_some_and(|actions| actions.items().iter().any(is_action))
        })
    });
    actions || (has("roleArn") && (has("stages") || store)) || (has("stages") && store)
}

fn is_action(node: &Node<'_>) -> bool {
    node.get("actionTypeId").is_some()
}

/// Reads a pipeline; everything in it that AWS would reject is named.
pub(super) fn read(reading: &mut Reading<'_>, document: Origin) {
    let structure = match reading.member(document, "pipeline") {
        Some(pipeline) if reading.node(pipeline).kind() == Kind::Map => pipeline,
        _ => document,
    };
    let errors = reading.errors.len();
    reading.facts.left_open();
    let name = required(reading, structure, "name", "the pipeline", "a name");
    let role_arn = required(reading, structure, "roleArn", "the pipeline", ROLE_ARN)
        .filter(|role| check_role_arn(reading, role));
    let artifact_store = reading
        .member(structure, "artifactStore")
        .and_then(|store| read_store(reading, store));
    let artifact_stores = read_stores(reading, structure);
    let stages = stage::read_all(reading, structure);
    let variables = read_variables(reading, structure);
    let triggers = read_triggers(reading, structure);
    let declared = reading.hint.declared;
    let in_snapshot = reading.hint.region().is_some() && !declared;
    // In a snapshot the member is AWS's own word and nobody sends the file back.
    let metadata = reading
        .member(document, "metadata")
        .filter(|_| structure != document && !in_snapshot);
    let (Some(name), Some(role_arn)) = (name, role_arn) else {
        return;
    };
    let role = Arn::parse(&role_arn.text);
    let (partition, account) = match (&reading.hint.account, role) {
        // A template does not say whose role it is, but the stack says where the pipeline lives.
        (Some(account), role) if declared => (
            role.map_or("aws".to_owned(), |role| role.partition),
            account.clone(),
        ),
        (_, Some(role)) => (role.partition, role.account),
        (_, None) => return,
    };
    if reading.errors.len() > errors {
        return;
    }
    let region = region(reading, document, artifact_store.as_ref(), &artifact_stores);
    let open = reading.facts.left_open();
    reading.facts.add_pipeline(Pipeline {
        name,
        origin: structure,
        role_arn,
        account,
        partition,
        region,
        artifact_store,
        artifact_stores,
        stages,
        pipeline_type: reading.text(structure, "pipelineType"),
        execution_mode: reading.text(structure, "executionMode"),
        variables,
        triggers,
        in_snapshot,
        metadata,
        open,
    });
}

/// The Region by the surest source at hand. A pipeline's key has to be in the pipeline's Region:
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html>
fn region(
    reading: &Reading<'_>,
    document: Origin,
    store: Option<&ArtifactStore>,
    stores: &BTreeMap<String, ArtifactStore>,
) -> Option<String> {
    let described = reading
        .member(document, "metadata")
        .and_then(|metadata| reading.text(metadata, "pipelineArn"))
        .and_then(|arn| Arn::parse(&arn.text))
        .map(|arn| arn.region);
    let only_store = || {
        let mut regions = stores.keys();
        regions.next().filter(|_| regions.next().is_none()).cloned()
    };
    let key = || {
        let key = store?.encryption_key.as_ref()?;
        let arn = Arn::parse(&key.id.text)?;
        (arn.service == "kms").then_some(arn.region)
    };
    described
        .or_else(|| reading.hint.region().map(ToOwned::to_owned))
        .or_else(only_store)
        .or_else(key)
        .filter(|region| !region.is_empty())
}

/// A text that has to be there and not empty.
fn required(
    reading: &mut Reading<'_>,
    map: Origin,
    key: &str,
    whose: &str,
    expected: &str,
) -> Option<Text> {
    let text = reading.text(map, key);
    match text {
        Some(text) if !text.text.is_empty() => Some(text),
        Some(text) => {
            reading.fail(
                text.origin,
                format!("`{key}` of {whose} is empty: expected {expected}"),
            );
            None
        }
        None => {
            reading.fail(map, format!("{whose} has no `{key}`: expected {expected}"));
            None
        }
    }
}

/// The items of a list that need not be there; anything else than a list is named.
fn list(reading: &mut Reading<'_>, map: Origin, key: &str, whose: &str) -> Vec<Origin> {
    let Some(list) = reading.member(map, key) else {
        return Vec::new();
    };
    if is_open(reading, list) {
        left_open(reading, list, &format!("`{key}` of {whose}"));
    } else if reading.node(list).kind() != Kind::List {
        reading.fail(list, format!("`{key}` of {whose} is no list"));
    }
    known(reading, reading.list(map, key).unwrap_or_default(), || {
        format!("an entry of `{key}` of {whose}")
    })
}

/// Whether a template leaves open what stands here.
fn is_open(reading: &Reading<'_>, origin: Origin) -> bool {
    reading.node(origin).scalar().is_some_and(has_symbol)
}

/// The entries of a list that a template tells; those that it leaves open are named.
fn known(
    reading: &mut Reading<'_>,
    entries: Vec<Origin>,
    what: impl Fn() -> String,
) -> Vec<Origin> {
    let mut told = Vec::new();
    for entry in entries {
        // What is a text here may be one of a list of texts.
        if is_open(reading, entry) && is_alone(reading, entry) {
            left_open(reading, entry, &what());
        } else {
            told.push(entry);
        }
    }
    told
}

fn is_alone(reading: &Reading<'_>, origin: Origin) -> bool {
    let node = reading.node(origin);
    node.scalar().is_some_and(|text| text.chars().count() == 1)
}

fn left_open(reading: &mut Reading<'_>, origin: Origin, what: &str) {
    let text = reading.node(origin).scalar().unwrap_or_default().to_owned();
    reading.facts.leave_open(origin);
    reading.facts.warn(Warning {
        message: format!("{what} hangs on `{text}`, which is not known: it is left out"),
        help: Some("give the parameter behind it a value".to_owned()),
        origins: vec![origin],
    });
}

fn check_role_arn(reading: &mut Reading<'_>, role: &Text) -> bool {
    let right = is_role_arn(&role.text);
    if !right {
        reading.fail(
            role.origin,
            format!("`roleArn` is `{}`: expected {ROLE_ARN}", role.text),
        );
    }
    right
}

fn read_store(reading: &mut Reading<'_>, store: Origin) -> Option<ArtifactStore> {
    if is_open(reading, store) {
        let text = reading.node(store).scalar().unwrap_or_default().to_owned();
        let unknown = Text {
            text,
            origin: store,
        };
        return Some(ArtifactStore {
            origin: store,
            kind: None,
            location: unknown.clone(),
            encryption_key: Some(EncryptionKey {
                kind: None,
                id: unknown,
            }),
        });
    }
    let location = required(
        reading,
        store,
        "location",
        "the artifact store",
        "the name of a bucket",
    )?;
    let encryption_key = match reading.member(store, "encryptionKey") {
        None => None,
        Some(key) if is_open(reading, key) => {
            let text = reading.node(key).scalar().unwrap_or_default().to_owned();
            let id = Text { text, origin: key };
            Some(EncryptionKey { kind: None, id })
        }
        Some(key) => Some(EncryptionKey {
            kind: reading.text(key, "type"),
            id: required(
                reading,
                key,
                "id",
                "the encryption key",
                "a key ARN, key id or alias ARN",
            )?,
        }),
    };
    Some(ArtifactStore {
        origin: store,
        kind: reading.text(store, "type"),
        location,
        encryption_key,
    })
}

fn read_stores(reading: &mut Reading<'_>, structure: Origin) -> BTreeMap<String, ArtifactStore> {
    let stores: Vec<(String, Origin)> = reading
        .member(structure, "artifactStores")
        .map(|stores| reading.node(stores).entries())
        .unwrap_or_default()
        .into_iter()
        .map(|(region, _, store)| (region.to_owned(), store.origin()))
        .collect();
    stores
        .into_iter()
        .filter_map(|(region, store)| Some((region, read_store(reading, store)?)))
        .collect()
}

fn read_variables(reading: &mut Reading<'_>, structure: Origin) -> Vec<Variable> {
    let whose = "a variable of the pipeline";
    list(reading, structure, "variables", "the pipeline")
        .into_iter()
        .filter_map(|variable| {
            Some(Variable {
                name: required(reading, variable, "name", whose, "a name")?,
                default: reading.text(variable, "defaultValue"),
            })
        })
        .collect()
}

fn read_triggers(reading: &mut Reading<'_>, structure: Origin) -> Vec<Trigger> {
    list(reading, structure, "triggers", "the pipeline")
        .into_iter()
        .map(|origin| Trigger {
            origin,
            provider: reading.text(origin, "providerType"),
            source_action: reading
                .member(origin, "gitConfiguration")
                .and_then(|git| reading.text(git, "sourceActionName")),
        })
        .collect()
}
