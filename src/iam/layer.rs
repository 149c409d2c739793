//! What one layer says for itself, whatever the others say.

use std::sync::Arc;

use super::compiled::Rules;
use super::principal::{self, Admission, Identity, Subjects};
use super::statement::{Asked, Rule};
use super::tri::{Facts, Reasons, Tri};
use super::{Layer, LayerName, Missing};
use crate::graph::Effect;

/// What a layer says.
#[derive(Debug)]
pub(super) struct Own<F: Reasons = Facts> {
    /// Whether it allows; without principals in it that is [`Admission::direct`].
    pub(super) allow: Admission<F>,
    /// Whether it denies.
    pub(super) deny: Tri<F>,
    /// The Allow statements that certainly apply.
    pub(super) grants: F::Places,
    /// The Deny statements that certainly apply.
    pub(super) denials: F::Places,
}

impl<F: Reasons> Own<F> {
    /// A layer that says nothing, and whose silence allows or does not.
    pub(super) fn silent(allows: bool) -> Self {
        Self {
            allow: Admission::direct(allows.into()),
            deny: Tri::No,
            grants: F::Places::default(),
            denials: F::Places::default(),
        }
    }

    /// A layer that may say anything.
    pub(super) fn unknown(layer: LayerName, missing: Missing) -> Self {
        let mut own = Self::silent(false);
        own.may_say_anything(&Tri::maybe(layer, || missing));
        own
    }

    fn may_say_anything(&mut self, maybe: &Tri<F>) {
        self.allow.add_all(Admission {
            direct: maybe.clone(),
            by_role: maybe.clone(),
            by_account: maybe.clone(),
        });
        self.deny.add(maybe.clone());
    }
}

/// Who asks whom.
#[derive(Debug)]
pub(super) struct Court<'a, F = Facts> {
    pub(super) identity: &'a Identity<'a>,
    /// Whether the caller has a boundary, which a Deny with NotPrincipal does not forgive.
    pub(super) has_boundary: Tri<F>,
}

impl<F: Reasons> Court<'_, F> {
    /// What a set of policies says.
    pub(super) fn hear(&self, set: &Rules<'_>, asked: &Asked<'_>) -> Own<F> {
        let mut own = Own::silent(false);
        for rule in set.naming(&asked.request.action) {
            let truth = rule.applies(asked);
            if !truth.is_no() {
                self.add(&mut own, rule, truth, asked);
            }
        }
        for name in &set.written.unseen {
            let missing = || Missing::Document(asked.layer, name.clone());
            own.may_say_anything(&Tri::maybe(asked.layer, missing));
        }
        own
    }

    /// What a layer says that need not exist.
    pub(super) fn hear_layer(
        &self,
        layer: &Layer<Arc<Rules<'_>>>,
        absence_allows: bool,
        asked: &Asked<'_>,
    ) -> Own<F> {
        match layer {
            Layer::Absent => Own::silent(absence_allows),
            Layer::Known(set) => self.hear(set, asked),
            Layer::Unknown => Own::unknown(asked.layer, Missing::Layer(asked.layer)),
        }
    }

    /// Adds what a statement says that applies in this measure.
    fn add(&self, own: &mut Own<F>, rule: &Rule<'_>, truth: Tri<F>, asked: &Asked<'_>) {
        let origin = rule.statement.origin;
        match rule.statement.effect {
            Effect::Allow => {
                let allow = self.admission(rule.subjects.as_ref(), asked).and(&truth);
                if allow.any().is_yes() {
                    F::note(&mut own.grants, origin);
                }
                own.allow.add_all(allow);
            }
            Effect::Deny => {
                let deny = self.hit(rule.subjects.as_ref(), asked).and(truth);
                if deny.is_yes() {
                    F::note(&mut own.denials, origin);
                }
                own.deny.add(deny);
            }
        }
    }

    /// How the principals of an Allow admit the caller.
    pub(super) fn admission(
        &self,
        subjects: Option<&Subjects<'_>>,
        asked: &Asked<'_>,
    ) -> Admission<F> {
        if !has_principals(asked.layer) {
            return Admission::direct(Tri::Yes);
        }
        let Some(subjects) = subjects else {
            return Admission::NOBODY;
        };
        let context = &asked.request.context;
        principal::admits(subjects, self.identity, context, asked.layer)
    }

    /// Whether the principals of a Deny hit the caller.
    pub(super) fn hit(&self, subjects: Option<&Subjects<'_>>, asked: &Asked<'_>) -> Tri<F> {
        if !has_principals(asked.layer) {
            return Tri::Yes;
        }
        let Some(subjects) = subjects else {
            return Tri::No;
        };
        principal::hits(
            subjects,
            self.identity,
            &asked.request.context,
            asked.layer,
            &self.has_boundary,
        )
    }
}

/// Whether statements of a layer say for whom they are.
pub(super) fn has_principals(layer: LayerName) -> bool {
    matches!(
        layer,
        LayerName::Trust | LayerName::KeyPolicy | LayerName::Resource | LayerName::Rcp
    )
}
