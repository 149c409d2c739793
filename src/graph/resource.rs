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

impl Bucket {
    /// Whether all is told of it that calls on it may depend on.
    pub(super) fn is_whole(&self) -> bool {
        self.account.is_some()
            && !self.region.is_unseen()
            && !self.policy.is_unseen()
            && !self.bucket_key.is_unseen()
            && !self.restrict_public.is_unseen()
    }
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
    /// Grants, as Allow statements for their grantee; unseen ones are taken for none, unless AWS refused to tell them.
    pub grants: Fact<Vec<Statement>>,
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
