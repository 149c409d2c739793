//! What one layer says for itself, whatever the others say.

use super::layers::PolicySet;
use super::principal::{self, Admission, Identity};
use super::statement::{Asked, applies};
use super::tri::Tri;
use super::{Layer, LayerName, Missing};
use crate::graph::{Effect, Policy, Statement};
use crate::source::Origin;

/// What a layer says.
#[derive(Debug, Clone)]
pub(super) struct Own {
    /// Whether it allows; without principals in it that is [`Admission::direct`].
    pub(super) allow: Admission,
    /// Whether it denies.
    pub(super) deny: Tri,
    /// The Allow statements that certainly apply.
    pub(super) grants: Vec<Origin>,
    /// The Deny statements that certainly apply.
    pub(super) denials: Vec<Origin>,
}

impl Own {
    /// A layer that says nothing, and whose silence allows or does not.
    pub(super) fn silent(allows: bool) -> Self {
        Self {
            allow: Admission::direct(allows.into()),
            deny: Tri::No,
            grants: Vec::new(),
            denials: Vec::new(),
        }
    }

    /// A layer that may say anything.
    pub(super) fn unknown(layer: LayerName, missing: Missing) -> Self {
        let maybe = Tri::maybe(layer, missing);
        Self {
            allow: Admission {
                direct: maybe.clone(),
                by_role: maybe.clone(),
                by_account: maybe.clone(),
            },
            deny: maybe,
            grants: Vec::new(),
            denials: Vec::new(),
        }
    }

    fn or(mut self, other: Self) -> Self {
        self.allow = self.allow.or(other.allow);
        self.deny = self.deny.or(other.deny);
        self.grants.extend(other.grants);
        self.denials.extend(other.denials);
        self
    }
}

/// Who asks whom.
#[derive(Debug)]
pub(super) struct Court<'a> {
    pub(super) identity: &'a Identity<'a>,
    /// Whether the caller has a boundary, which a Deny with NotPrincipal does not forgive.
    pub(super) has_boundary: Tri,
}

impl Court<'_> {
    /// What a set of policies says.
    pub(super) fn hear(&self, set: &PolicySet<'_>, asked: &Asked<'_>) -> Own {
        let mut own = Own::silent(false);
        for (policy, statement) in statements(set) {
            let truth = applies(statement, policy.version, asked);
            if !truth.is_no() {
                own = own.or(self.statement(statement, &truth, asked));
            }
        }
        for name in &set.unseen {
            let missing = Missing::Document(asked.layer, name.clone());
            own = own.or(Own::unknown(asked.layer, missing));
        }
        own
    }

    /// What a layer says that need not exist.
    pub(super) fn hear_layer(
        &self,
        layer: &Layer<PolicySet<'_>>,
        absence_allows: bool,
        asked: &Asked<'_>,
    ) -> Own {
        match layer {
            Layer::Absent => Own::silent(absence_allows),
            Layer::Known(set) => self.hear(set, asked),
            Layer::Unknown => Own::unknown(asked.layer, Missing::Layer(asked.layer)),
        }
    }

    fn statement(&self, statement: &Statement, truth: &Tri, asked: &Asked<'_>) -> Own {
        let mut own = Own::silent(false);
        match statement.effect {
            Effect::Allow => {
                own.allow = self.admission(statement, asked).and(truth);
                if own.allow.any().is_yes() {
                    own.grants.push(statement.origin);
                }
            }
            Effect::Deny => {
                own.deny = self.hit(statement, asked).and(truth.clone());
                if own.deny.is_yes() {
                    own.denials.push(statement.origin);
                }
            }
        }
        own
    }

    /// How the principals of an Allow admit the caller.
    pub(super) fn admission(&self, statement: &Statement, asked: &Asked<'_>) -> Admission {
        if !has_principals(asked.layer) {
            return Admission::direct(Tri::Yes);
        }
        let Some(principals) = &statement.principals else {
            return Admission::NOBODY;
        };
        let context = &asked.request.context;
        principal::admits(principals, self.identity, context, asked.layer)
    }

    /// Whether the principals of a Deny hit the caller.
    pub(super) fn hit(&self, statement: &Statement, asked: &Asked<'_>) -> Tri {
        if !has_principals(asked.layer) {
            return Tri::Yes;
        }
        let Some(principals) = &statement.principals else {
            return Tri::No;
        };
        principal::hits(
            principals,
            self.identity,
            &asked.request.context,
            asked.layer,
            &self.has_boundary,
        )
    }
}

/// All statements of a set.
pub(super) fn statements<'a>(
    set: &PolicySet<'a>,
) -> impl Iterator<Item = (&'a Policy, &'a Statement)> {
    set.policies
        .iter()
        .flat_map(|policy| policy.statements.iter().map(move |s| (*policy, s)))
}

/// Whether statements of a layer say for whom they are.
pub(super) fn has_principals(layer: LayerName) -> bool {
    matches!(
        layer,
        LayerName::Trust | LayerName::KeyPolicy | LayerName::Resource | LayerName::Rcp
    )
}
