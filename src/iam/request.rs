//! What is asked: who, what, on which resource, with which context.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{has_symbol, is_symbol};

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A session of a role.
    Role {
        /// The role's ARN, path included where it is known.
        arn: String,
        /// The session's name; `None` when the service chooses one nobody knows.
        session: Option<String>,
    },
    /// An IAM user by ARN.
    User(String),
    /// A `GetFederationToken` session by ARN.
    FederatedUser(String),
    /// The root user of an account, by ARN.
    Root(String),
    /// An AWS service calling as itself: `codepipeline.amazonaws.com`.
    Service(String),
    /// Nobody in particular.
    Anonymous,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who calls.
    pub caller: Caller,
    /// `service:Action`.
    pub action: String,
    /// An ARN, or `*` for an action without resource types.
    pub resource: String,
    /// Whether [`Request::resource`] stands for every ARN it matches. Then the worst member decides.
    pub resource_is_pattern: bool,
    /// The context keys.
    pub context: Context,
    /// Whether the caller belongs to the organization's management account: no SCP binds it.
    pub caller_in_management_account: bool,
    /// Whether the resource belongs to the management account: no RCP protects it.
    pub resource_in_management_account: bool,
    /// Whether the caller is a service-linked role: neither SCPs nor RCPs bind it.
    pub caller_is_service_linked_role: bool,
}

/// What is known of one context key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// Present with these values (one for a single-valued key).
    Known(Vec<String>),
    /// Present with one value that matches this pattern of `*` and `?`; `*` alone means any value.
    Like(String),
    /// Absent, or present with this one value.
    Perhaps(String),
    /// Absent, or present with any value.
    Unknown,
}

/// The request context. Keys ignore case. A key that is not in it is certainly absent.
#[derive(Debug, Clone, Default)]
pub struct Context {
    values: BTreeMap<String, ContextValue>,
    unknown_prefixes: BTreeSet<String>,
    /// Whether some value has unresolved parts.
    symbolic: bool,
}

impl Context {
    /// Sets a key, replacing what was there.
    pub fn set(&mut self, key: &str, value: ContextValue) {
        self.symbolic |= match &value {
            ContextValue::Known(values) => values.iter().any(|value| has_symbol(value)),
            ContextValue::Like(text) | ContextValue::Perhaps(text) => has_symbol(text),
            ContextValue::Unknown => false,
        };
        // Which key an unresolved name means nobody knows.
        if let Some((before, _)) = key.split_once(is_symbol) {
            self.set_unknown_prefix(before);
        }
        self.values.insert(key.to_ascii_lowercase(), value);
    }

    /// Whether some value has unresolved parts.
    pub(super) fn is_symbolic(&self) -> bool {
        self.symbolic
    }

    /// Makes every key under a prefix (`aws:PrincipalTag/`) unknown that is not set itself.
    pub fn set_unknown_prefix(&mut self, prefix: &str) {
        self.unknown_prefixes.insert(prefix.to_ascii_lowercase());
    }

    /// What is known of a key; `None` when it is certainly absent.
    pub fn get(&self, key: &str) -> Option<&ContextValue> {
        self.get_lower(&key.to_ascii_lowercase())
    }

    /// As [`Context::get`], of a key that is in lower case already.
    pub(super) fn get_lower(&self, key: &str) -> Option<&ContextValue> {
        self.values.get(key).or_else(|| {
            self.unknown_prefixes
                .iter()
                .any(|prefix| key.starts_with(prefix))
                .then_some(&ContextValue::Unknown)
        })
    }
}

/// The service prefix of an action; empty for what has none.
pub(super) fn service(action: &str) -> &str {
    action.split_once(':').map_or("", |(service, _)| service)
}
