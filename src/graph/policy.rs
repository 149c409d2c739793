//! Policy documents as they are written, each part with the place it was read at.
//!
//! Grammar: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use crate::source::Origin;

/// A policy document of any kind: identity, trust, bucket, key, boundary, SCP, RCP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What people know it by: an inline policy's name, a managed policy's ARN; `None` for a resource's own policy.
    pub name: Option<String>,
    /// The document.
    pub origin: Origin,
    /// Whether policy variables work.
    pub version: Version,
    /// Statements in their order.
    pub statements: Vec<Statement>,
}

impl Policy {
    /// Whether a text of it holds an unresolved value.
    pub fn holds(&self, symbol: char) -> bool {
        let has = |written: &Written| written.text.contains(symbol);
        self.statements.iter().any(|statement| {
            let principals = statement.principals.iter().flat_map(|named| &named.any_of);
            let conditions = &statement.conditions;
            statement.actions.iter().any(has)
                || statement.resources.iter().flatten().any(has)
                || principals
                    .into_iter()
                    .any(|principal| has(&principal.value))
                || conditions
                    .iter()
                    .any(|one| has(&one.operator) || has(&one.key) || one.values.iter().any(has))
        })
    }
}

/// The `Version` element; a document without one is of 2008.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, or none: `${…}` is literal text.
    V2008,
    /// `2012-10-17`: `${…}` are variables.
    V2012,
}

/// What a matching statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Grants.
    Allow,
    /// Refuses, whatever else grants.
    Deny,
}

/// A text as written, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Its place.
    pub origin: Origin,
}

/// One statement. Where an element has a `Not` twin, exactly one of both is written, and the flag tells which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`, no unique handle: S3 lets it be empty.
    pub sid: Option<String>,
    /// The statement.
    pub origin: Origin,
    /// Allow or Deny.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; `None` in identity policies.
    pub principals: Option<Principals>,
    /// Whether [`Statement::actions`] stands under `NotAction`.
    pub not_action: bool,
    /// Action patterns.
    pub actions: Vec<Written>,
    /// Whether [`Statement::resources`] stands under `NotResource`.
    pub not_resource: bool,
    /// Resource patterns; `None` where the policy is bound to its own resource (trust and repository policies).
    pub resources: Option<Vec<Written>>,
    /// Conditions: all must hold.
    pub conditions: Vec<Condition>,
}

/// The `Principal` or `NotPrincipal` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals {
    /// Whether it is `NotPrincipal`.
    pub not: bool,
    /// The element.
    pub origin: Origin,
    /// Who is named. The lone `"*"` is one entry of kind [`PrincipalKind::Aws`] with the text `*`.
    pub any_of: Vec<Principal>,
}

/// One named principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Under which key it stands.
    pub kind: PrincipalKind,
    /// The text as written: an ARN, twelve digits, `*`, a service name.
    pub value: Written,
}

/// The keys of a principal map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// `AWS`
    Aws,
    /// `Service`
    Service,
    /// `Federated`
    Federated,
    /// `CanonicalUser`
    CanonicalUser,
}

/// One key under one operator: `"StringEquals": {"aws:PrincipalOrgID": "o-1"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The operator as written, e.g. `ForAllValues:StringLikeIfExists`.
    pub operator: Written,
    /// The context key as written.
    pub key: Written,
    /// The values: one of them has to match (none of them for a negated operator).
    pub values: Vec<ConditionValue>,
}

/// A condition value; unquoted numbers and booleans mean the same as quoted ones.
pub type ConditionValue = Written;

/// The condition operators, without `IfExists` and without the set prefixes.
///
/// Their case counts: IAM answers `Invalid Condition type : stringEquals`
/// (<https://github.com/ministryofjustice/modernisation-platform-environments/pull/8893>).
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
pub(crate) const CONDITION_OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

/// What may stand before an operator, for keys with several values.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
pub(crate) const CONDITION_SET_PREFIXES: &[&str] = &["ForAllValues:", "ForAnyValue:"];

/// What may stand behind an operator: a missing key then counts as a match.
pub(crate) const CONDITION_IF_EXISTS: &str = "IfExists";
