//! How the layers combine for one member of what is asked for.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
//! and <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use std::collections::BTreeSet;

use super::layer::{Court, Own};
use super::layers::PolicySet;
use super::principal::Identity;
use super::services::{self, ResourcePolicies};
use super::statement::{Asked, Member};
use super::tri::{Facts, Tri};
use super::{Caller, Layer, LayerName, Layers, Missing, Request, Verdict};
use crate::graph::Arn;
use crate::source::Origin;

/// A request with the law that holds for it.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) request: &'a Request,
    pub(super) layers: &'a Layers<'a>,
    pub(super) court: Court<'a>,
    /// What the resource's policy is called.
    pub(super) resource_layer: LayerName,
    /// The resource's policy where it has a say at all.
    pub(super) resource: Option<&'a Layer<PolicySet<'a>>>,
    /// Whether the resource's policy must allow even in the own account: trust and key policies.
    required: bool,
    /// Whether any policy could let another account's caller in.
    crossable: bool,
    scps_bind: bool,
    rcps_bind: bool,
    owner: Owner,
}

/// Whose the resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Caller,
    Another,
    Unsure,
}

/// What the layers say for themselves.
struct Heard {
    identity: Own,
    resource: Own,
    boundary: Own,
    session: Own,
    scps: Vec<Own>,
    rcps: Vec<Own>,
}

/// A layer that does not allow, where it would have to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lack {
    pub(super) layer: LayerName,
    /// Which level of the service control policies; 0 for other layers.
    pub(super) level: usize,
    pub(super) impossible: bool,
    pub(super) alternative: bool,
}

/// The answer for one member.
#[derive(Debug, Clone)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// Every Deny that certainly applies.
    pub(super) denials: BTreeSet<(LayerName, Origin)>,
    /// Every layer that certainly lacks an Allow.
    pub(super) lacks: BTreeSet<Lack>,
    pub(super) facts: Facts,
    pub(super) deciding: BTreeSet<LayerName>,
    pub(super) grants: BTreeSet<(LayerName, Origin)>,
    /// The layers, with level, that certainly allow.
    pub(super) allowing: BTreeSet<(LayerName, usize)>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        request: &'a Request,
        layers: &'a Layers<'a>,
        identity: &'a Identity<'a>,
    ) -> Self {
        let action = request.action.as_str();
        let service = action.split_once(':').map_or("", |(service, _)| service);
        let service = service.to_ascii_lowercase();
        let arn = Arn::parse(&request.resource);
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

        let named = arn.as_ref().map(|arn| arn.account.as_str());
        let named = named.filter(|account| !account.is_empty() && !account.contains(['*', '?']));
        let owner = match (
            layers.resource_account.as_deref().or(named),
            identity.account(),
        ) {
            _ if nowhere => Owner::Caller,
            (Some(owner), Some(caller)) if owner == caller => Owner::Caller,
            (Some(_), Some(_)) => Owner::Another,
            _ => Owner::Unsure,
        };
        let has_boundary = match &layers.boundary {
            _ if !identity.has_account() => Tri::No,
            Layer::Absent => Tri::No,
            Layer::Known(_) => Tri::Yes,
            Layer::Unknown => Tri::maybe(LayerName::Boundary, Missing::Layer(LayerName::Boundary)),
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
            scps_bind: identity.has_account()
                && !request.caller_in_management_account
                && !request.caller_is_service_linked_role,
            rcps_bind: services::bound_by_rcps(&service, action)
                && !request.resource_in_management_account
                && !request.caller_is_service_linked_role,
            owner,
        }
    }

    pub(super) fn asked(&self, layer: LayerName, member: &'a Member<'a>) -> Asked<'a> {
        Asked {
            request: self.request,
            member,
            layer,
        }
    }

    /// The policies behind a layer, where they are known.
    pub(super) fn policies(&self, layer: LayerName, level: usize) -> Option<&PolicySet<'a>> {
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
                    Layer::Known(levels) => levels.get(level),
                    Layer::Absent | Layer::Unknown => None,
                };
            }
        };
        match one {
            Layer::Known(set) => Some(set),
            Layer::Absent | Layer::Unknown => None,
        }
    }

    /// Decides for one member.
    pub(super) fn judge(&self, member: &Member<'_>) -> Judgement {
        let heard = self.hear(member);
        match self.owner {
            _ if !self.court.identity.has_account() => self.conclude(&heard, false),
            Owner::Caller => self.conclude(&heard, false),
            Owner::Another => self.conclude(&heard, true),
            Owner::Unsure => {
                let (own, foreign) = (self.conclude(&heard, false), self.conclude(&heard, true));
                own.reconcile(foreign, self.resource_layer)
            }
        }
    }

    fn hear(&self, member: &Member<'_>) -> Heard {
        let (layers, court) = (self.layers, &self.court);
        let asked = |layer| Asked {
            request: self.request,
            member,
            layer,
        };
        let personal = court.identity.has_account();
        // The silence of a layer means different things: the root user needs no identity policy, and a federated session
        // without session policy has only what resource policies give it.
        let root = matches!(court.identity.caller, Caller::Root(_));
        let federated = matches!(court.identity.caller, Caller::FederatedUser(_));
        let of_caller = |layer: &Layer<PolicySet<'_>>, name, absence_allows| match personal {
            true => court.hear_layer(layer, absence_allows, &asked(name)),
            false => Own::silent(true),
        };
        Heard {
            identity: of_caller(&layers.identity, LayerName::Identity, root),
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
        levels: &Layer<Vec<PolicySet<'_>>>,
        bind: bool,
        asked: &Asked<'_>,
    ) -> Vec<Own> {
        match levels {
            _ if !bind => Vec::new(),
            Layer::Absent => Vec::new(),
            Layer::Known(levels) => levels
                .iter()
                .map(|set| self.court.hear(set, asked))
                .collect(),
            Layer::Unknown => vec![Own::unknown(asked.layer, Missing::Layer(asked.layer))],
        }
    }

    fn conclude(&self, heard: &Heard, foreign: bool) -> Judgement {
        let all = || heard.all(self.resource_layer);
        let deny = Tri::any(all().map(|(_, _, own)| own.deny.clone()));
        let allow = self.allows(heard, foreign);
        let verdict = match (&deny, &allow) {
            (Tri::Yes, _) => Verdict::ExplicitDeny,
            (_, Tri::No) => Verdict::ImplicitDeny,
            (Tri::No, Tri::Yes) => Verdict::Allowed,
            _ => Verdict::Unknown,
        };
        let tagged = |of: fn(&Own) -> &Vec<Origin>| {
            let layers = all();
            let pairs =
                layers.flat_map(move |(layer, _, own)| of(own).iter().map(move |o| (layer, *o)));
            pairs.collect::<BTreeSet<_>>()
        };
        let denials = tagged(|own| &own.denials);
        let lacks = match verdict {
            Verdict::ExplicitDeny | Verdict::ImplicitDeny => self.lacks(heard, foreign),
            Verdict::Allowed | Verdict::Unknown => BTreeSet::new(),
        };
        let facts = match verdict {
            Verdict::Unknown => deny.or(Tri::Maybe(allow.facts())).facts(),
            _ => Facts::new(),
        };
        Judgement {
            deciding: match verdict {
                Verdict::ExplicitDeny => denials.iter().map(|(layer, _)| *layer).collect(),
                Verdict::ImplicitDeny => lacks.iter().map(|lack| lack.layer).collect(),
                Verdict::Unknown => facts.iter().map(|(layer, _)| *layer).collect(),
                Verdict::Allowed => self.needed(heard, foreign),
            },
            verdict,
            denials,
            lacks,
            facts,
            grants: tagged(|own| &own.grants),
            allowing: all()
                .filter(|(_, _, own)| own.allow.any().is_yes())
                .map(|(layer, level, _)| (layer, level))
                .collect(),
        }
    }

    fn allows(&self, heard: &Heard, foreign: bool) -> Tri {
        // Resource control policies only deny: the one that allows everything cannot be detached.
        let scps = Tri::every(heard.scps.iter().map(|own| own.allow.direct.clone()));
        scps.and(match (self.court.identity.has_account(), foreign) {
            (false, _) => heard.resource.allow.direct.clone(),
            (true, true) if !self.crossable => Tri::No,
            (true, true) => heard
                .resource
                .allow
                .any()
                .and(heard.identity.allow.direct.clone())
                .and(heard.limits()),
            (true, false) => Tri::any([
                heard.resource.allow.direct.clone(),
                heard.resource.allow.by_role.clone().and(heard.limits()),
                self.by_identity(heard).and(heard.limits()),
            ]),
        })
    }

    fn by_identity(&self, heard: &Heard) -> Tri {
        let delegated = match self.required {
            true => heard.resource.allow.by_account.clone(),
            false => Tri::Yes,
        };
        heard.identity.allow.direct.clone().and(delegated)
    }

    /// The layers whose Allow was needed, of a request that is allowed.
    fn needed(&self, heard: &Heard, foreign: bool) -> BTreeSet<LayerName> {
        let by_resource = heard.resource.allow.direct.clone().or(heard
            .resource
            .allow
            .by_role
            .clone()
            .and(heard.limits()));
        if !self.court.identity.has_account() {
            return BTreeSet::from([self.resource_layer]);
        }
        match (foreign, self.required, by_resource.is_yes()) {
            (true, ..) | (false, true, false) => {
                BTreeSet::from([LayerName::Identity, self.resource_layer])
            }
            (false, true, true) => BTreeSet::from([self.resource_layer]),
            (false, false, _) if self.by_identity(heard).and(heard.limits()).is_yes() => {
                BTreeSet::from([LayerName::Identity])
            }
            (false, false, _) => BTreeSet::from([self.resource_layer]),
        }
    }

    /// Every layer that certainly lacks an Allow where the request would need it, each judged for itself.
    fn lacks(&self, heard: &Heard, foreign: bool) -> BTreeSet<Lack> {
        let lack = |layer| Lack {
            layer,
            level: 0,
            impossible: false,
            alternative: false,
        };
        let admitted = &heard.resource.allow;
        let mut lacks = BTreeSet::new();
        for (level, scp) in heard.scps.iter().enumerate() {
            if scp.allow.direct.is_no() {
                lacks.insert(Lack {
                    level,
                    ..lack(LayerName::Scp)
                });
            }
        }
        if !self.court.identity.has_account() {
            if admitted.direct.is_no() {
                lacks.insert(lack(self.resource_layer));
            }
            return lacks;
        }
        if !foreign && !admitted.direct.is_no() {
            return lacks;
        }
        if heard.boundary.allow.direct.is_no() {
            lacks.insert(lack(LayerName::Boundary));
        }
        if heard.session.allow.direct.is_no() {
            lacks.insert(lack(LayerName::Session));
        }
        let identity = heard.identity.allow.direct.is_no();
        let resource = admitted.any().is_no();
        if foreign {
            if identity {
                lacks.insert(lack(LayerName::Identity));
            }
            if resource || !self.crossable {
                lacks.insert(Lack {
                    impossible: !self.crossable,
                    ..lack(self.resource_layer)
                });
            }
        } else if !admitted.by_role.is_no() {
            // The role is named, and only boundary and session policy can still stand in the way.
        } else if self.required {
            // Without an Allow in the key or trust policy, identity policies have no say.
            if resource {
                lacks.insert(lack(self.resource_layer));
            } else if identity {
                lacks.insert(lack(LayerName::Identity));
            }
        } else if identity {
            let alternative = self.crossable;
            lacks.insert(Lack {
                alternative,
                ..lack(LayerName::Identity)
            });
            // A resource without a policy is no second place to look at.
            if resource && alternative && matches!(self.resource, Some(Layer::Known(_))) {
                lacks.insert(Lack {
                    alternative,
                    ..lack(self.resource_layer)
                });
            }
        }
        lacks
    }
}

impl Heard {
    /// Boundary and session policy, which take away.
    fn limits(&self) -> Tri {
        let boundary = self.boundary.allow.direct.clone();
        boundary.and(self.session.allow.direct.clone())
    }

    fn all(&self, resource: LayerName) -> impl Iterator<Item = (LayerName, usize, &Own)> {
        let single = [
            (LayerName::Identity, 0, &self.identity),
            (resource, 0, &self.resource),
            (LayerName::Boundary, 0, &self.boundary),
            (LayerName::Session, 0, &self.session),
        ];
        single
            .into_iter()
            .chain(numbered(LayerName::Scp, &self.scps))
            .chain(numbered(LayerName::Rcp, &self.rcps))
    }
}

fn numbered(layer: LayerName, levels: &[Own]) -> impl Iterator<Item = (LayerName, usize, &Own)> {
    let levels = levels.iter().enumerate();
    levels.map(move |(level, own)| (layer, level, own))
}

impl Judgement {
    /// One answer from two, where nobody knows whether the resource is the caller's own.
    fn reconcile(self, foreign: Self, resource_layer: LayerName) -> Self {
        if self.verdict == foreign.verdict {
            let common: BTreeSet<_> = self.lacks.intersection(&foreign.lacks).copied().collect();
            let lacks = if common.is_empty() {
                self.lacks.union(&foreign.lacks).copied().collect()
            } else {
                common
            };
            let facts: Facts = self.facts.union(&foreign.facts).cloned().collect();
            return Self {
                deciding: match self.verdict {
                    Verdict::ImplicitDeny => lacks.iter().map(|lack| lack.layer).collect(),
                    Verdict::Unknown => facts.iter().map(|(layer, _)| *layer).collect(),
                    Verdict::Allowed | Verdict::ExplicitDeny => foreign.deciding,
                },
                lacks,
                facts,
                ..self
            };
        }
        let mut facts: Facts = self.facts.union(&foreign.facts).cloned().collect();
        facts.insert((resource_layer, Missing::ResourceAccount));
        Self {
            verdict: Verdict::Unknown,
            deciding: facts.iter().map(|(layer, _)| *layer).collect(),
            lacks: BTreeSet::new(),
            facts,
            ..self
        }
    }
}
