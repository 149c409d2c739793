//! Pipelines as `get-pipeline` shows them.
//!
//! Shape: <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html>

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use super::Arn;
use crate::source::Origin;

/// A text with its place.
pub type Text = super::Written;

/// A pipeline.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// Its name.
    pub name: Text,
    /// The structure's document.
    pub origin: Origin,
    /// The service role.
    pub role_arn: Text,
    /// The account: that of the service role, as AWS demands.
    pub account: String,
    /// The partition of the service role.
    pub partition: String,
    /// The Region, from `metadata.pipelineArn`, the snapshot's path, or a store's key.
    pub region: Option<String>,
    /// `artifactStore`, single-Region form.
    pub artifact_store: Option<ArtifactStore>,
    /// `artifactStores` by Region.
    pub artifact_stores: BTreeMap<String, ArtifactStore>,
    /// Stages in their order.
    pub stages: Vec<Stage>,
    /// `pipelineType`: `V1` or `V2`.
    pub pipeline_type: Option<Text>,
    /// `executionMode`: `SUPERSEDED`, `QUEUED`, `PARALLEL`.
    pub execution_mode: Option<Text>,
    /// `variables`, which a run may set.
    pub variables: Vec<Variable>,
    /// `triggers`, which start a run.
    pub triggers: Vec<Trigger>,
    /// Whether it was read where a snapshot keeps what AWS answers, which nobody sends back.
    pub in_snapshot: bool,
    /// `metadata` beside the structure, in a file that is no part of a snapshot: `update-pipeline` does not take it.
    pub metadata: Option<Origin>,
    /// Where a template leaves stages, actions or artifacts open: they are left out here, so what is not there may be.
    pub open: Vec<Origin>,
}

/// A variable of the pipeline.
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineVariableDeclaration.html>
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: Text,
    /// Its value in a run that does not set it.
    pub default: Option<Text>,
}

/// What starts a run.
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineTriggerDeclaration.html>
#[derive(Debug, Clone)]
pub struct Trigger {
    /// The trigger.
    pub origin: Origin,
    /// `providerType`.
    pub provider: Option<Text>,
    /// The source action whose repository is watched.
    pub source_action: Option<Text>,
}

/// Where artifacts of one Region lie.
#[derive(Debug, Clone)]
pub struct ArtifactStore {
    /// The store.
    pub origin: Origin,
    /// `type`, of which there is only `S3`.
    pub kind: Option<Text>,
    /// The bucket's name.
    pub location: Text,
    /// The customer's key; without one AWS uses `aws/s3`.
    pub encryption_key: Option<EncryptionKey>,
}

/// `encryptionKey` of a store.
#[derive(Debug, Clone)]
pub struct EncryptionKey {
    /// `type`, of which there is only `KMS`.
    pub kind: Option<Text>,
    /// Key ARN, key id, alias ARN or alias name.
    pub id: Text,
}

/// A stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name.
    pub name: Text,
    /// Actions in their order.
    pub actions: Vec<Action>,
    /// The rules of all its conditions, in the order of [`Stage::gates`]: what they need is derived as for actions.
    pub rules: Vec<Action>,
    /// Its conditions by position.
    pub gates: Vec<Gate>,
}

impl Stage {
    /// Actions, then the rules of conditions: [`Stage::step`] finds each by its place in this order.
    pub fn steps(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().chain(&self.rules)
    }

    /// The action or, behind the actions, the rule at an index.
    pub fn step(&self, index: usize) -> Option<&Action> {
        match index.checked_sub(self.actions.len()) {
            None => self.actions.get(index),
            Some(index) => self.rules.get(index),
        }
    }
}

/// The conditions of one position of a stage.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html>
#[derive(Debug, Clone)]
pub struct Gate {
    /// Where in the stage's life it stands.
    pub position: GatePosition,
    /// The member of the stage.
    pub origin: Origin,
    /// `result` of `onFailure` itself.
    pub result: Option<Text>,
    /// `retryConfiguration.retryMode` of `onFailure`.
    pub retry_mode: Option<Text>,
    /// Its conditions; AWS takes exactly one.
    pub conditions: Vec<StageCondition>,
}

/// When the conditions of a [`Gate`] are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GatePosition {
    /// `beforeEntry`
    BeforeEntry,
    /// `onSuccess`
    OnSuccess,
    /// `onFailure`
    OnFailure,
}

impl GatePosition {
    /// All positions, in the order in which a stage passes them.
    pub const ALL: [Self; 3] = [Self::BeforeEntry, Self::OnSuccess, Self::OnFailure];

    /// The member of a stage that holds its conditions.
    pub fn member(self) -> &'static str {
        match self {
            Self::BeforeEntry => "beforeEntry",
            Self::OnSuccess => "onSuccess",
            Self::OnFailure => "onFailure",
        }
    }
}

/// One condition: its rules, and what becomes of the stage when one of them fails.
#[derive(Debug, Clone)]
pub struct StageCondition {
    /// The condition.
    pub origin: Origin,
    /// `ROLLBACK`, `FAIL`, `RETRY`, `SKIP`.
    pub result: Option<Text>,
    /// Which of the stage's [`Stage::rules`] are its own.
    pub rules: Range<usize>,
}

/// An item of a list in an action, by its members; one that is a plain text has the single member `value`.
pub type Item = BTreeMap<String, Text>;

/// An action, or a rule of a stage's condition.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its name.
    pub name: Text,
    /// The action.
    pub origin: Origin,
    /// What it does.
    pub type_id: ActionTypeId,
    /// Where [`Action::type_id`] is written.
    pub type_origin: Origin,
    /// `runOrder`, 1 when not written. Of rules: 0 before the stage is entered, the highest number after its actions.
    pub run_order: u32,
    /// The action's own role.
    pub role_arn: Option<Text>,
    /// The action's own Region.
    pub region: Option<Text>,
    /// Configuration by key; secret values are kept out of every output by `report`.
    pub configuration: BTreeMap<String, Text>,
    /// Where each key of the configuration stands.
    pub configuration_keys: BTreeMap<String, Origin>,
    /// Lists beside the configuration by their member: `commands`, `environmentVariables`, `outputVariables`. Empty ones too.
    /// A variable of type `PLAINTEXT` has no `value` here: it may be a secret, and what is not known cannot be printed.
    pub lists: BTreeMap<String, Vec<Item>>,
    /// Names of artifacts read.
    pub inputs: Vec<Text>,
    /// Names of artifacts written.
    pub outputs: Vec<Text>,
    /// `files` of the artifacts written, by the artifact's name; only of those that list any.
    pub output_files: BTreeMap<String, Vec<Text>>,
    /// What its variables are called by.
    pub namespace: Option<Text>,
    /// `timeoutInMinutes`.
    pub timeout: Option<Text>,
}

/// The four-tuple that names an action type: the provider alone is ambiguous.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionTypeId {
    /// `Source`, `Build`, `Deploy`, `Test`, `Invoke`, `Approval`, `Compute`; of rules `Rule`.
    pub category: String,
    /// `AWS`, `ThirdParty`, `Custom`.
    pub owner: String,
    /// `CodeBuild`, `S3` …
    pub provider: String,
    /// `1`.
    pub version: String,
}

impl fmt::Display for ActionTypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            category,
            owner,
            provider,
            version,
        } = self;
        write!(f, "{category}/{owner}/{provider}/{version}")
    }
}

impl Pipeline {
    /// `arn:…:codepipeline:region:account:name`; the Region is `*` when no input says it.
    pub fn arn(&self) -> Arn {
        Arn {
            partition: self.partition.clone(),
            service: "codepipeline".to_owned(),
            region: self.region.clone().unwrap_or_else(|| "*".to_owned()),
            account: self.account.clone(),
            resource: self.name.text.clone(),
        }
    }
}
