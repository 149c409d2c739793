//! How accounts are reached, and why they are not.

use std::collections::BTreeMap;

/// How accounts are reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// The profile of the AWS configuration files; without one the SDK's default chain of credentials.
    pub profile: Option<String>,
    /// The Region of the pipelines; without one that of the environment or the profile.
    pub region: Option<String>,
    /// Where all calls go instead of AWS.
    pub endpoint_url: Option<String>,
    /// Other accounts by their twelve digits.
    pub accounts: BTreeMap<String, Door>,
}

/// The way into another account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// A profile of the AWS configuration files.
    Profile(String),
    /// A role that is assumed with the credentials of the first account, with a session policy that only lets it read.
    Role {
        /// Its ARN.
        arn: String,
        /// What its trust policy demands as `sts:ExternalId`.
        external_id: Option<String>,
    },
}

/// Why a live run cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LiveError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

#[cfg(feature = "live")]
impl LiveError {
    /// An error with advice.
    #[cfg(feature = "live")]
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
        }
    }
}
