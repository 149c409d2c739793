//! A request with the law that holds for it, and what each layer says to it.

use std::borrow::Cow;
use std::sync::Arc;

use super::compiled::{Compiled, Rules};
use super::judge::distinct;
use super::layer::{Court, Own};
use super::parts::Parts;
use super::principal::Identity;
use super::request::service;
use super::services::{self, ResourcePolicies};
use super::statement::{Asked, Member};
use super::symbol::{Open, missing, open_in};
use super::tri::{Facts, Reasons, Tri};
use super::{Caller, Layer, LayerName, Missing, Request};
use crate::graph::may_be_equal;
use crate::source::Origin;

static NOTHING: Open = Open::new();

/// A request with the law that holds for it.
#[derive(Debug)]
pub(super) struct Case<'a, 'p, F = Facts> {
    pub(super) request: &'a Request,
    pub(super) layers: &'a Compiled<'p>,
    pub(super) court: Court<'a, F>,
    /// What the resource's policy is called.
    pub(super) resource_layer: LayerName,
    /// The resource's policy where it has a say at all.
    pub(super) resource: Option<&'a Layer<Arc<Rules<'p>>>>,
    /// Whether the resource's policy must allow even in the own account: trust and key policies.
    pub(super) required: bool,
    /// Whether any policy could let another account's caller in.
    pub(super) crossable: bool,
    /// The statement that makes the bucket's policy public, which turns other accounts away.
    pub(super) restricted: Option<Origin>,
    pub(super) scps_bind: bool,
    pub(super) rcps_bind: bool,
    pub(super) owner: Owner,
    /// The unresolved values on which it hangs whose the resource is.
    pub(super) owner_hangs_on: Open,
    /// The unresolved values on which it hangs whether the bucket's policy is public.
    restricted_hangs_on: &'a Open,
}

/// Whose the resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Caller,
    Another,
    Unsure,
}

/// What the layers say for themselves.
pub(super) struct Heard<F: Reasons = Facts> {
    pub(super) identity: Own<F>,
    pub(super) resource: Own<F>,
    pub(super) boundary: Own<F>,
    pub(super) session: Own<F>,
    pub(super) scps: Levels<F>,
    rcps: Levels<F>,
}

/// What the levels of an organization say.
pub(super) struct Levels<F: Reasons = Facts> {
    /// Whether every one allows.
    pub(super) allow: Tri<F>,
    /// Whether any denies.
    deny: Tri<F>,
    /// Each for itself, where reasons are kept.
    pub(super) each: Vec<Own<F>>,
}

impl<'a, 'p, F: Reasons> Case<'a, 'p, F> {
    pub(super) fn new(
        request: &'a Request,
        layers: &'a Compiled<'p>,
        identity: &'a Identity<'a>,
    ) -> Self {
        let action = request.action.as_str();
        let service = lower(service(action));
        let arn = Parts::of(&request.resource);
        // An action without resource types is asked of no resource, so there is no policy and no other owner.
        let nowhere = request.resource == "*" && !request.resource_is_pattern;

        let trust = services::asks_trust(&service, action) && !nowhere;
        let key = services::asks_key_policy(&service, &request.resource) && !nowhere;
        let resource_layer = match (trust, key) {
            (true, _) => LayerName::Trust,
            (_, true) => LayerName::KeyPolicy,
            _ => LayerName::Resource,
        };
        let policies = services::resource_policies(&service);
        let has_policy =
            !nowhere && policies != ResourcePolicies::None && (key || service != "kms");
        let crossable = has_policy
            && !services::passes_role(action)
            && (policies != ResourcePolicies::Reading || services::is_reading(action))
            && (!key || services::kms_across_accounts(action));

        let named = arn.map(|arn| arn.account);
        let named = named.filter(|account| !account.is_empty() && !account.contains(['*', '?']));
        let owned = layers.resource_account.as_deref().or(named);
        let owner = match (owned, identity.account()) {
            _ if nowhere => Owner::Caller,
            (Some(owner), Some(caller)) if owner == caller => Owner::Caller,
            (Some(owner), Some(caller)) if may_be_equal(owner, caller) => Owner::Unsure,
            (Some(_), Some(_)) => Owner::Another,
            _ => Owner::Unsure,
        };
        let owner_hangs_on = match owner {
            Owner::Unsure => open_in([
                owned.unwrap_or(&request.resource),
                identity.account().unwrap_or_else(|| identity.written()),
            ]),
            Owner::Caller | Owner::Another => Open::new(),
        };
        let has_boundary = match &layers.boundary {
            _ if !identity.has_account() => Tri::No,
            Layer::Absent => Tri::No,
            Layer::Known(_) => Tri::Yes,
            Layer::Unknown => {
                Tri::maybe(LayerName::Boundary, || Missing::Layer(LayerName::Boundary))
            }
        };
        Self {
            request,
            layers,
            court: Court {
                identity,
                has_boundary,
            },
            resource_layer,
            resource: has_policy.then_some(&layers.resource),
            required: trust || key,
            crossable,
            restricted: layers.restricted.filter(|_| has_policy),
            scps_bind: identity.has_account()
                && !request.caller_in_management_account
                && !request.caller_is_service_linked_role,
            rcps_bind: !matches!(layers.rcps, Layer::Absent)
                && services::bound_by_rcps(&service, action)
                && !request.resource_in_management_account
                && !request.caller_is_service_linked_role,
            owner,
            owner_hangs_on,
            restricted_hangs_on: match has_policy {
                true => &layers.restricted_hangs_on,
                false => &NOTHING,
            },
        }
    }

    /// Whether the bucket's policy, if it should be public, does not turn other accounts away.
    pub(super) fn lets_others_in(&self, allowed: Tri<F>) -> Tri<F> {
        if self.restricted_hangs_on.is_empty() {
            return allowed;
        }
        let facts = F::of(self.resource_layer, missing(self.restricted_hangs_on));
        allowed.and(Tri::Maybe(facts))
    }

    pub(super) fn asked(&self, layer: LayerName, member: &'a Member<'a>) -> Asked<'a> {
        Asked {
            request: self.request,
            member,
            layer,
        }
    }

    /// The policies behind a layer, where they are known.
    pub(super) fn policies(&self, layer: LayerName, level: usize) -> Option<&'a Rules<'p>> {
        let layers = self.layers;
        let one = match layer {
            LayerName::Identity => &layers.identity,
            LayerName::Trust | LayerName::KeyPolicy | LayerName::Resource => self.resource?,
            LayerName::Boundary => &layers.boundary,
            LayerName::Session => &layers.session,
            LayerName::Scp | LayerName::Rcp => {
                let levels = match layer {
                    LayerName::Scp => &layers.scps,
                    _ => &layers.rcps,
                };
                return match levels {
                    Layer::Known(levels) => levels.get(level).map(Arc::as_ref),
                    Layer::Absent | Layer::Unknown => None,
                };
            }
        };
        match one {
            Layer::Known(set) => Some(set),
            Layer::Absent | Layer::Unknown => None,
        }
    }

    pub(super) fn hear(&self, member: &Member<'_>) -> Heard<F> {
        let (layers, court) = (self.layers, &self.court);
        let asked = |layer| Asked {
            request: self.request,
            member,
            layer,
        };
        let personal = court.identity.has_account();
        // The silence of a layer means different things: the root user needs no identity policy, and a federated session
        // without session policy has only what resource policies give it. No identity policy can be attached to the root
        // user, so one that was seen to have none is as free as one of whom nothing is known:
        // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
        let root = matches!(court.identity.caller, Caller::Root(_));
        let federated = matches!(court.identity.caller, Caller::FederatedUser(_));
        let of_caller = |layer: &Layer<Arc<Rules<'_>>>, name, absence_allows| match personal {
            true => court.hear_layer(layer, absence_allows, &asked(name)),
            false => Own::silent(true),
        };
        Heard {
            identity: match root {
                true => Own::silent(true),
                false => of_caller(&layers.identity, LayerName::Identity, false),
            },
            resource: match self.resource {
                Some(layer) => court.hear_layer(layer, false, &asked(self.resource_layer)),
                None => Own::silent(false),
            },
            boundary: of_caller(&layers.boundary, LayerName::Boundary, true),
            session: of_caller(&layers.session, LayerName::Session, !federated),
            scps: self.hear_levels(&layers.scps, self.scps_bind, &asked(LayerName::Scp)),
            rcps: self.hear_levels(&layers.rcps, self.rcps_bind, &asked(LayerName::Rcp)),
        }
    }

    fn hear_levels(
        &self,
        levels: &Layer<Vec<Arc<Rules<'_>>>>,
        bind: bool,
        asked: &Asked<'_>,
    ) -> Levels<F> {
        let mut heard = Levels {
            allow: Tri::Yes,
            deny: Tri::No,
            each: Vec::new(),
        };
        match levels {
            _ if !bind => {}
            Layer::Absent => {}
            Layer::Known(levels) => {
                for set in levels {
                    heard.add(self.court.hear(set, asked));
                }
            }
            Layer::Unknown => heard.add(Own::unknown(asked.layer, Missing::Layer(asked.layer))),
        }
        heard
    }
}

impl<F: Reasons> Levels<F> {
    fn add(&mut self, own: Own<F>) {
        self.allow = std::mem::replace(&mut self.allow, Tri::No).and(own.allow.direct.clone());
        self.deny.add(own.deny.clone());
        F::keep(&mut self.each, own);
    }
}

impl<F: Reasons> Heard<F> {
    /// Boundary and session policy, which take away.
    pub(super) fn limits(&self) -> Tri<F> {
        let boundary = self.boundary.allow.direct.clone();
        boundary.and(self.session.allow.direct.clone())
    }

    /// Whether any layer denies.
    pub(super) fn deny(&self) -> Tri<F> {
        let all = [
            &self.identity.deny,
            &self.resource.deny,
            &self.boundary.deny,
            &self.session.deny,
            &self.scps.deny,
            &self.rcps.deny,
        ];
        Tri::any(all.into_iter().cloned())
    }
}

impl<F: Reasons<Places = Vec<Origin>>> Heard<F> {
    /// The Allow statements that certainly apply, each once.
    pub(super) fn grants(&self, resource: LayerName) -> Vec<(LayerName, Origin)> {
        let all = self.all(resource);
        distinct(all.flat_map(|(layer, _, own)| own.grants.iter().map(move |at| (layer, *at))))
    }

    /// Every layer with its level.
    pub(super) fn all(
        &self,
        resource: LayerName,
    ) -> impl Iterator<Item = (LayerName, usize, &Own<F>)> {
        let single = [
            (LayerName::Identity, 0, &self.identity),
            (resource, 0, &self.resource),
            (LayerName::Boundary, 0, &self.boundary),
            (LayerName::Session, 0, &self.session),
        ];
        single
            .into_iter()
            .chain(numbered(LayerName::Scp, &self.scps.each))
            .chain(numbered(LayerName::Rcp, &self.rcps.each))
    }
}

fn numbered<F: Reasons>(
    layer: LayerName,
    levels: &[Own<F>],
) -> impl Iterator<Item = (LayerName, usize, &Own<F>)> {
    let levels = levels.iter().enumerate();
    levels.map(move |(level, own)| (layer, level, own))
}

/// In lower case, as a service nearly always is already.
fn lower(text: &str) -> Cow<'_, str> {
    match text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(text.to_ascii_lowercase()),
        false => Cow::Borrowed(text),
    }
}
