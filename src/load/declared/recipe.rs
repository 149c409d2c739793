//! The part of `rules/resources.yaml` that tells what AWS answers about a resource, and what hangs on what.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What AWS answers about a resource; the file tells what each member means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::load) struct Recipe {
    pub(super) kind: String,
    #[serde(default)]
    pub(super) reader: Reader,
    pub(super) path: String,
    #[serde(default)]
    pub(super) case: Case,
    pub(super) wrap: Option<String>,
    pub(super) take: Vec<String>,
    #[serde(default)]
    pub(super) rename: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) values: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) texts: Vec<String>,
    #[serde(default)]
    pub(super) json: Vec<String>,
    #[serde(default)]
    pub(super) by_key: BTreeMap<String, ByKey>,
    #[serde(default)]
    pub(super) role_arns: Vec<String>,
    #[serde(default)]
    pub(super) not_empty: Vec<String>,
    #[serde(default)]
    pub(super) add: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) default: BTreeMap<String, Option<String>>,
    #[serde(default)]
    pub(super) from: BTreeMap<String, From>,
    #[serde(default)]
    pub(super) beside: BTreeMap<String, String>,
    pub(super) policy: Option<PolicyMember>,
}

/// Who reads an answer.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::load) enum Reader {
    #[default]
    Resource,
    Pipeline,
    Bucket,
    Key,
}

/// How the API writes the members.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::load) enum Case {
    #[default]
    Same,
    Camel,
}

/// A list here that is a map there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct ByKey {
    pub(super) key: String,
    pub(super) value: String,
}

/// A member that stands in the description of another resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct From {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) by: String,
    pub(super) property: String,
    pub(super) otherwise: String,
}

/// The member that holds the resource policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct PolicyMember {
    pub(super) member: String,
    pub(super) property: Option<String>,
    pub(super) otherwise: Option<Otherwise>,
}

/// The policy that AWS makes up.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::load) enum Otherwise {
    /// The account may do everything with it.
    Root,
}

/// What a resource hangs on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Hanging {
    pub(super) types: Vec<String>,
    pub(super) by: String,
    pub(super) otherwise: Option<String>,
    pub(super) policy: Option<String>,
    pub(super) statement: Option<StatementOf>,
    pub(super) listed: Option<Listed>,
}

/// Who writes a statement.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::load) enum StatementOf {
    LambdaPermission,
    EventBus,
}

/// A list that names the resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Listed {
    pub(super) member: String,
    #[serde(rename = "as")]
    pub(super) name: String,
}
