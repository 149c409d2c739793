//! How the layers combine for one member of what is asked for.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
//! and <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use std::collections::BTreeSet;

use super::case::{Case, Heard, Owner};
use super::compiled::Rules;
use super::layer::Own;
use super::statement::Member;
use super::tri::{Facts, Reasons, Tri};
use super::{Layer, LayerName, Missing, Verdict};
use crate::source::Origin;

/// A layer that does not allow, where it would have to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lack {
    pub(super) layer: LayerName,
    /// Which level of the service control policies; 0 for other layers.
    pub(super) level: usize,
    pub(super) impossible: bool,
    pub(super) alternative: bool,
}

/// The answer for one member, and the two truths it comes from.
struct Ruling<F> {
    deny: Tri<F>,
    /// Whether it would be allowed if no Deny applied.
    allow: Tri<F>,
    verdict: Verdict,
}

/// The answer for one member.
#[derive(Debug, Clone)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// Whether it would be allowed if no Deny applied.
    allow: Tri,
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

impl<F: Reasons> Case<'_, F> {
    /// The answer for one member, without its reasons.
    pub(super) fn verdict(&self, member: &Member<'_>) -> Verdict {
        let heard = self.hear(member);
        let verdict = |foreign| self.rule(&heard, foreign).verdict;
        match self.foreign() {
            Some(foreign) => verdict(foreign),
            None => match (verdict(false), verdict(true)) {
                (own, foreign) if own == foreign => own,
                _ => Verdict::Unknown,
            },
        }
    }

    /// Whether the resource is another account's as far as the law is concerned; `None` when nobody knows.
    fn foreign(&self) -> Option<bool> {
        match self.owner {
            _ if !self.court.identity.has_account() => Some(false),
            Owner::Caller => Some(false),
            Owner::Another => Some(true),
            Owner::Unsure => None,
        }
    }

    fn rule(&self, heard: &Heard<F>, foreign: bool) -> Ruling<F> {
        let (deny, allow) = (heard.deny(), self.allows(heard, foreign));
        let verdict = match (&deny, &allow) {
            (Tri::Yes, _) => Verdict::ExplicitDeny,
            (_, Tri::No) => Verdict::ImplicitDeny,
            (Tri::No, Tri::Yes) => Verdict::Allowed,
            _ => Verdict::Unknown,
        };
        Ruling {
            deny,
            allow,
            verdict,
        }
    }

    fn allows(&self, heard: &Heard<F>, foreign: bool) -> Tri<F> {
        // Resource control policies only deny: the one that allows everything cannot be detached.
        let scps = heard.scps.allow.clone();
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

    fn by_identity(&self, heard: &Heard<F>) -> Tri<F> {
        let delegated = match self.required {
            true => heard.resource.allow.by_account.clone(),
            false => Tri::Yes,
        };
        heard.identity.allow.direct.clone().and(delegated)
    }
}

impl Case<'_> {
    /// Decides for one member.
    pub(super) fn judge(&self, member: &Member<'_>) -> Judgement {
        let heard = self.hear(member);
        match self.foreign() {
            Some(foreign) => self.conclude(&heard, foreign),
            None => {
                let (own, foreign) = (self.conclude(&heard, false), self.conclude(&heard, true));
                own.reconcile(foreign, self.resource_layer)
            }
        }
    }

    fn conclude(&self, heard: &Heard, foreign: bool) -> Judgement {
        let all = || heard.all(self.resource_layer);
        let Ruling {
            deny,
            allow,
            verdict,
        } = self.rule(heard, foreign);
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
            Verdict::Unknown => deny.or(Tri::Maybe(allow.clone().facts())).facts(),
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
            allow,
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
        for (level, scp) in heard.scps.each.iter().enumerate() {
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
            let written = |layer: &&Layer<Rules<'_>>| matches!(layer, Layer::Known(set) if !set.written.policies.is_empty());
            if resource && alternative && self.resource.as_ref().is_some_and(written) {
                lacks.insert(Lack {
                    alternative,
                    ..lack(self.resource_layer)
                });
            }
        }
        lacks
    }
}

impl Judgement {
    /// One answer from two, where nobody knows whether the resource is the caller's own.
    fn reconcile(self, foreign: Self, resource_layer: LayerName) -> Self {
        // Two unknown answers may still part once their facts are known, unless only a Deny is in doubt.
        let may_part =
            self.verdict == Verdict::Unknown && !(self.allow.is_yes() && foreign.allow.is_yes());
        if self.verdict == foreign.verdict && !may_part {
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
