//! What AWS answers, and why.

use crate::source::Origin;

/// AWS's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The call goes through.
    Allowed,
    /// A Deny applies.
    ExplicitDeny,
    /// No Allow where one is needed.
    ImplicitDeny,
    /// Facts are missing that would change the answer.
    Unknown,
}

/// Where a permission is granted or withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayerName {
    /// The caller's own policies.
    Identity,
    /// A role's trust policy.
    Trust,
    /// A KMS key's policy.
    KeyPolicy,
    /// Any other resource policy.
    Resource,
    /// The caller's permissions boundary.
    Boundary,
    /// Service control policies.
    Scp,
    /// Resource control policies.
    Rcp,
    /// The session policy.
    Session,
}

/// The answer with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The answer; for a pattern that of its worst member.
    pub verdict: Verdict,
    /// Allowed: the layers whose Allow was needed. ExplicitDeny: every layer that denies. ImplicitDeny: every layer that lacks an
    /// Allow. Unknown: the layers whose missing fact matters.
    pub deciding: Vec<LayerName>,
    /// Every layer that certainly withholds, Denies first, not only the first one, and each Deny of its own; empty when allowed or unknown.
    pub withheld: Vec<Withheld>,
    /// With [`Verdict::Unknown`]: exactly the facts that would settle it. Empty only if resource patterns were too intricate to compare.
    pub missing: Vec<Missing>,
    /// Whether the answer differs between the members of a resource pattern: some are allowed, or a Deny hits only some.
    pub partial: bool,
    /// Statements that granted, with their layer, for the trace.
    pub granted_by: Vec<(LayerName, Origin)>,
}

/// One layer that withholds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// The layer.
    pub layer: LayerName,
    /// Which level of an organization's policies, counted from the root; 0 for a Deny and for other layers.
    pub level: usize,
    /// How.
    pub by: WithheldBy,
    /// Whether another layer could grant instead (same account: identity or resource policy), so that mending one of both is enough.
    pub alternative: bool,
    /// The statements that came nearest, best first; at most three.
    pub near_misses: Vec<NearMiss>,
}

/// How a layer withholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithheldBy {
    /// A statement denies.
    Deny(Origin),
    /// Nothing allows it.
    NoAllow,
    /// An Allow covers only some members of the resource pattern.
    PartialAllow,
    /// The bucket's policy is public by this statement, and the bucket then lets in nobody of another account, whatever else the
    /// policy says.
    Restricted(Origin),
    /// No policy could ever allow it: the service takes no grant from another account's policy, or the operation does not work across accounts.
    Impossible,
}

/// A statement that nearly applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The statement.
    pub statement: Origin,
    /// What did not fit, in the order principal, action, resource, condition.
    pub failed: Vec<Mismatch>,
}

/// What did not fit in a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// No listed principal is the caller; the nearest one as written.
    Principal {
        /// As written.
        written: String,
        /// Its place.
        origin: Origin,
    },
    /// No listed action is the one asked for; the nearest one as written.
    Action {
        /// As written.
        written: String,
        /// Its place.
        origin: Origin,
    },
    /// No listed resource covers the one asked for; the nearest one as written.
    Resource {
        /// As written.
        written: String,
        /// Its place.
        origin: Origin,
    },
    /// A condition does not hold.
    Condition {
        /// The operator as written.
        operator: String,
        /// The key as written.
        key: String,
        /// The values as written.
        values: Vec<String>,
        /// What the request carries; `None` when the key is absent.
        actual: Option<Vec<String>>,
        /// The key's place.
        origin: Origin,
    },
}

/// A fact that would settle an unknown decision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// The value, or the presence, of a context key, as written in the policy.
    Context(String),
    /// A whole layer that nobody has seen.
    Layer(LayerName),
    /// A document of a layer that nobody has seen, by its name.
    Document(LayerName, String),
    /// The name of the caller's session.
    SessionName,
    /// The account behind an S3 canonical user id.
    CanonicalUser,
    /// The account that owns the resource.
    ResourceAccount,
    /// An unresolved value of the inputs, by its character.
    Symbol(char),
}
