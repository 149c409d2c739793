//! Buckets, keys, and everything else that an action names.

use std::collections::BTreeMap;

use super::{Fact, Policy, Statement};
use crate::source::Origin;

/// An S3 bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Its document.
    pub origin: Origin,
    /// The owner, from the path of a snapshot: no ARN tells it.
    pub account: Option<String>,
    /// The Region; `us-east-1` where AWS writes `null`.
    pub region: Fact<String>,
    /// The bucket policy.
    pub policy: Fact<Policy>,
    /// Whether S3 Bucket Keys are on, which changes the encryption context that a key policy sees.
    pub bucket_key: Fact<bool>,
    /// Whether `RestrictPublicBuckets` is on.
    pub restrict_public: Fact<bool>,
}

/// A KMS key.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its ARN.
    pub arn: String,
    /// Its document.
    pub origin: Origin,
    /// The key policy.
    pub policy: Fact<Policy>,
    /// Grants, as Allow statements for their grantee.
    pub grants: Vec<Statement>,
    /// `alias/…` names.
    pub aliases: Fact<Vec<String>>,
    /// `AWS` or `CUSTOMER`.
    pub manager: Option<String>,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048` …
    pub spec: Option<Value>,
    /// `Enabled`, `Disabled`, `PendingDeletion` …
    pub state: Option<Value>,
}

/// Any other resource, as AWS describes it.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its ARN.
    pub arn: String,
    /// Its document.
    pub origin: Origin,
    /// Every scalar of the description by its dotted path (`serviceRole`, `artifacts.type`, `ecsServices[0].serviceName`).
    pub values: BTreeMap<String, Value>,
    /// Its resource policy, where the service has any.
    pub policy: Fact<Policy>,
}

/// A scalar with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The text.
    pub text: String,
    /// Its place.
    pub origin: Origin,
}
