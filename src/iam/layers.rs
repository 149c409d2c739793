//! The policies of each layer that a request has to pass.

use crate::graph::Policy;

/// One layer that may be missing, known, or not known.
#[derive(Debug, Clone, Default)]
pub enum Layer<T> {
    /// There is none: no boundary set, no bucket policy, no organization.
    #[default]
    Absent,
    /// It is known.
    Known(T),
    /// Nobody has seen it: there may be none, or it may say anything.
    Unknown,
}

/// Policies that act as one: their Allows add up, any Deny counts.
#[derive(Debug, Clone, Default)]
pub struct PolicySet<'a> {
    /// The documents.
    pub policies: Vec<&'a Policy>,
    /// Names of documents that belong to the set and that nobody has seen; they may say anything.
    pub unseen: Vec<String>,
}

/// Every layer of one request.
#[derive(Debug, Clone, Default)]
pub struct Layers<'a> {
    /// Policies of the caller. [`Layer::Absent`] means that it has none.
    pub identity: Layer<PolicySet<'a>>,
    /// Policy of the resource: bucket, key, trust, topic, function, repository …
    pub resource: Layer<PolicySet<'a>>,
    /// The resource's owner; `None` when not known.
    pub resource_account: Option<String>,
    /// Whether the resource is a bucket that turns away other accounts as long as its policy is public.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
    pub restricts_public: bool,
    /// The caller's permissions boundary.
    pub boundary: Layer<PolicySet<'a>>,
    /// The session policy passed when the session was made.
    pub session: Layer<PolicySet<'a>>,
    /// Service control policies of the caller's account, root first.
    pub scps: Layer<Vec<PolicySet<'a>>>,
    /// Resource control policies of the resource's account, root first.
    pub rcps: Layer<Vec<PolicySet<'a>>>,
}
