//! Roles and managed policies.

use std::collections::BTreeMap;

use super::{Fact, Policy};
use crate::source::Origin;

/// An IAM role.
#[derive(Debug, Clone)]
pub struct Role {
    /// `arn:…:iam::account:role/path/Name`
    pub arn: String,
    /// The role's document.
    pub origin: Origin,
    /// Where its name or ARN is written: what to underline when nothing nearer is to blame.
    pub name_origin: Origin,
    /// `AROA…`, when the input says it.
    pub unique_id: Option<String>,
    /// `AssumeRolePolicyDocument`.
    pub trust: Fact<Policy>,
    /// Inline policies.
    pub inline: Fact<Vec<Policy>>,
    /// Managed policies attached; their documents are in [`super::Graph::policies`].
    pub attached: Fact<Vec<AttachedPolicy>>,
    /// The permissions boundary's ARN.
    pub boundary: Fact<AttachedPolicy>,
    /// Tags by key.
    pub tags: Fact<BTreeMap<String, String>>,
}

/// A managed policy named by a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedPolicy {
    /// Its ARN.
    pub arn: String,
    /// Where the role names it.
    pub origin: Origin,
}

/// A managed policy's default version.
#[derive(Debug, Clone)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: String,
    /// Its entry.
    pub origin: Origin,
    /// The default version's document.
    pub document: Fact<Policy>,
    /// The day of the version that stands in for a document that no input holds: `2024-03-14`.
    pub assumed: Option<String>,
}
