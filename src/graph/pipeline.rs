//! Pipelines as `get-pipeline` shows them.
//!
//! Shape: <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html>

use std::collections::BTreeMap;
use std::fmt;

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
}

/// Where artifacts of one Region lie.
#[derive(Debug, Clone)]
pub struct ArtifactStore {
    /// The store.
    pub origin: Origin,
    /// The bucket's name.
    pub location: Text,
    /// The customer's key; without one AWS uses `aws/s3`.
    pub encryption_key: Option<EncryptionKey>,
}

/// `encryptionKey` of a store.
#[derive(Debug, Clone)]
pub struct EncryptionKey {
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
}

/// An action.
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
    /// `runOrder`, 1 when not written.
    pub run_order: u32,
    /// The action's own role.
    pub role_arn: Option<Text>,
    /// The action's own Region.
    pub region: Option<Text>,
    /// Configuration by key; secret values are kept out of every output by `report`.
    pub configuration: BTreeMap<String, Text>,
    /// Names of artifacts read.
    pub inputs: Vec<Text>,
    /// Names of artifacts written.
    pub outputs: Vec<Text>,
}

/// The four-tuple that names an action type: the provider alone is ambiguous.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionTypeId {
    /// `Source`, `Build`, `Deploy`, `Test`, `Invoke`, `Approval`, `Compute`.
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
