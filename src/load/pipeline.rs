//! Pipelines: `get-pipeline`'s answer, or the bare structure that `update-pipeline` takes.
//!
//! Shape: <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html>

use std::collections::BTreeMap;

use super::buildspec;
use super::iam::is_role_arn;
use super::reader::Reading;
use crate::graph::{
    Action, ActionTypeId, Arn, ArtifactStore, EncryptionKey, Pipeline, Stage, Text,
};
use crate::source::{Kind, Node, Origin};

/// The configuration key that may hold a buildspec:
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html>
const BUILDSPEC: &str = "BuildspecOverride";

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
    let name = required(reading, structure, "name", "the pipeline", "a name");
    let role_arn = required(reading, structure, "roleArn", "the pipeline", ROLE_ARN)
        .filter(|role| check_role_arn(reading, role));
    let artifact_store = reading
        .member(structure, "artifactStore")
        .and_then(|store| read_store(reading, store));
    let artifact_stores = read_stores(reading, structure);
    let stages = read_stages(reading, structure);
    let (Some(name), Some(role_arn)) = (name, role_arn) else {
        return;
    };
    let Some(role) = Arn::parse(&role_arn.text) else {
        return;
    };
    if reading.errors.len() > errors {
        return;
    }
    let region = region(reading, document, artifact_store.as_ref(), &artifact_stores);
    reading.facts.add_pipeline(Pipeline {
        name,
        origin: structure,
        role_arn,
        account: role.account,
        partition: role.partition,
        region,
        artifact_store,
        artifact_stores,
        stages,
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
    let location = required(
        reading,
        store,
        "location",
        "the artifact store",
        "the name of a bucket",
    )?;
    let encryption_key = match reading.member(store, "encryptionKey") {
        None => None,
        Some(key) => Some(EncryptionKey {
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

fn read_stages(reading: &mut Reading<'_>, structure: Origin) -> Vec<Stage> {
    let stages = reading.list(structure, "stages").unwrap_or_default();
    if stages.is_empty() {
        let at = reading.member(structure, "stages").unwrap_or(structure);
        reading.fail(
            at,
            "the pipeline has no stages: expected `stages`, a list of at least two",
        );
    }
    stages
        .into_iter()
        .filter_map(|stage| read_stage(reading, stage))
        .collect()
}

fn read_stage(reading: &mut Reading<'_>, stage: Origin) -> Option<Stage> {
    let name = required(reading, stage, "name", "the stage", "a name");
    let actions = reading.list(stage, "actions").unwrap_or_default();
    if actions.is_empty() {
        let which = name.as_ref().map_or_else(
            || "the stage".to_owned(),
            |name| format!("stage `{}`", name.text),
        );
        let at = reading.member(stage, "actions").unwrap_or(stage);
        reading.fail(
            at,
            format!("{which} has no actions: expected `actions`, a list of at least one"),
        );
    }
    let actions = actions
        .into_iter()
        .filter_map(|action| read_action(reading, action))
        .collect();
    Some(Stage {
        name: name?,
        actions,
    })
}

fn read_action(reading: &mut Reading<'_>, action: Origin) -> Option<Action> {
    let name = required(reading, action, "name", "the action", "a name");
    let which = name.as_ref().map_or_else(
        || "the action".to_owned(),
        |name| format!("action `{}`", name.text),
    );
    let type_id = read_type(reading, action, &which);
    let role_arn = reading
        .text(action, "roleArn")
        .filter(|role| check_role_arn(reading, role));
    let region = reading
        .text(action, "region")
        .filter(|region| !region.text.is_empty());
    let run_order = read_run_order(reading, action);
    let configuration = read_configuration(reading, action, &which);
    if let Some(text) = configuration.get(BUILDSPEC) {
        buildspec::read_inline(reading, text);
    }
    let inputs = read_artifacts(reading, action, "inputArtifacts", &which);
    let outputs = read_artifacts(reading, action, "outputArtifacts", &which);
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
        inputs,
        outputs,
    })
}

fn read_type(
    reading: &mut Reading<'_>,
    action: Origin,
    which: &str,
) -> Option<(ActionTypeId, Origin)> {
    const EXPECTED: &str = "expected an object with `category`, `owner`, `provider` and `version`";
    let Some(id) = reading
        .member(action, "actionTypeId")
        .filter(|id| reading.node(*id).kind() == Kind::Map)
    else {
        let at = reading.member(action, "actionTypeId").unwrap_or(action);
        reading.fail(at, format!("{which} has no `actionTypeId`: {EXPECTED}"));
        return None;
    };
    let whose = format!("`actionTypeId` of {which}");
    let mut part = |key| required(reading, id, key, &whose, "a text").map(|text| text.text);
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
) -> BTreeMap<String, Text> {
    let Some(configuration) = reading.member(action, "configuration") else {
        return BTreeMap::new();
    };
    let mut values = BTreeMap::new();
    let mut wrong = Vec::new();
    for (key, _, value) in reading.node(configuration).entries() {
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
    values
}

fn read_artifacts(reading: &mut Reading<'_>, action: Origin, key: &str, which: &str) -> Vec<Text> {
    let whose = format!("an entry of `{key}` of {which}");
    reading
        .list(action, key)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|artifact| required(reading, artifact, "name", &whose, "a name"))
        .collect()
}
