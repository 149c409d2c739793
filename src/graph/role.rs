//! Roles, users, groups and managed policies.

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
    /// What it was taken from, when no input holds it.
    pub assumed: Option<StandIn>,
}

/// What is told of something that stands in for what no input holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandIn {
    /// Whose it is.
    pub account: String,
    /// Of what it was taken: `version 32 of CDK's bootstrap stack`.
    pub version: String,
    /// The other accounts that it is taken to trust.
    pub trusts: Vec<String>,
    /// Where it is named.
    pub named: Origin,
}

/// An IAM user.
#[derive(Debug, Clone)]
pub struct User {
    /// `arn:…:iam::account:user/path/Name`
    pub arn: String,
    /// The user's document.
    pub origin: Origin,
    /// Where its name or ARN is written.
    pub name_origin: Origin,
    /// `AIDA…`, when the input says it.
    pub unique_id: Option<String>,
    /// Inline policies.
    pub inline: Fact<Vec<Policy>>,
    /// Managed policies attached.
    pub attached: Fact<Vec<AttachedPolicy>>,
    /// The permissions boundary's ARN.
    pub boundary: Fact<AttachedPolicy>,
    /// Tags by key.
    pub tags: Fact<BTreeMap<String, String>>,
    /// Names of the groups that the user is in: they have no path, and are unique within the account.
    pub groups: Fact<Vec<String>>,
}

/// An IAM group.
#[derive(Debug, Clone)]
pub struct Group {
    /// `arn:…:iam::account:group/path/Name`
    pub arn: String,
    /// The group's document.
    pub origin: Origin,
    /// Inline policies.
    pub inline: Fact<Vec<Policy>>,
    /// Managed policies attached.
    pub attached: Fact<Vec<AttachedPolicy>>,
}

/// A managed policy named by a role, user or group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedPolicy {
    /// Its ARN.
    pub arn: String,
    /// Where it is named.
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
