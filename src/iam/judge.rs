//! The reasons of a verdict: what denies, what lacks an Allow, which facts are missing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::case::{Case, Heard};
use super::compiled::Rules;
use super::ruling::Ruling;
use super::statement::Member;
use super::symbol::{Open, missing};
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
    /// The statement for everybody because of which nobody of another account is let in.
    pub(super) restricted: Option<Origin>,
    pub(super) alternative: bool,
}

/// The answer for one member.
#[derive(Debug, Clone)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// Whether it would be allowed if no Deny applied.
    allow: Tri,
    /// Every Deny that certainly applies.
    pub(super) denials: Vec<(LayerName, Origin)>,
    /// Every layer that certainly lacks an Allow.
    pub(super) lacks: BTreeSet<Lack>,
    pub(super) facts: Facts,
    pub(super) deciding: Vec<LayerName>,
    pub(super) grants: Vec<(LayerName, Origin)>,
    /// The layers, with level, that certainly allow; those of a member that is allowed interest only beside another member.
    pub(super) allowing: Vec<(LayerName, usize)>,
}

impl Case<'_, '_> {
    /// Decides for one member.
    pub(super) fn judge(&self, member: &Member<'_>) -> Judgement {
        let heard = self.hear(member);
        let alone = matches!(member, Member::Exact(..));
        let conclude = |foreign| self.conclude(&heard, foreign, alone);
        match self.foreign() {
            Some(foreign) => conclude(foreign),
            None => {
                conclude(false).reconcile(conclude(true), self.resource_layer, &self.owner_hangs_on)
            }
        }
    }

    fn conclude(&self, heard: &Heard, foreign: bool, alone: bool) -> Judgement {
        let all = || heard.all(self.resource_layer);
        let Ruling {
            deny,
            allow,
            verdict,
        } = self.rule(heard, foreign);
        let denying = all();
        let denials = distinct(
            denying.flat_map(|(layer, _, own)| own.denials.iter().map(move |o| (layer, *o))),
        );
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
                Verdict::ExplicitDeny => distinct(denials.iter().map(|(layer, _)| *layer)),
                Verdict::ImplicitDeny => distinct(lacks.iter().map(|lack| lack.layer)),
                Verdict::Unknown => distinct(facts.iter().map(|(layer, _)| *layer)),
                Verdict::Allowed => self.needed(heard, foreign),
            },
            verdict,
            allow,
            denials,
            lacks,
            facts,
            grants: heard.grants(self.resource_layer),
            allowing: match verdict {
                Verdict::Allowed if alone => Vec::new(),
                _ => all()
                    .filter(|(_, _, own)| own.allow.any().is_yes())
                    .map(|(layer, level, _)| (layer, level))
                    .collect(),
            },
        }
    }

    /// Every layer that certainly lacks an Allow where the request would need it, each judged for itself.
    fn lacks(&self, heard: &Heard, foreign: bool) -> BTreeSet<Lack> {
        let lack = |layer| Lack {
            layer,
            level: 0,
            impossible: false,
            restricted: None,
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
            let restricted = self.restricted.filter(|_| self.turns_away_the_nameless());
            if admitted.direct.is_no() || restricted.is_some() {
                lacks.insert(Lack {
                    restricted,
                    ..lack(self.resource_layer)
                });
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
            if resource || !self.crossable || self.restricted.is_some() {
                lacks.insert(Lack {
                    impossible: !self.crossable,
                    restricted: self.restricted,
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
            let written = |layer: &&Layer<Arc<Rules<'_>>>| matches!(layer, Layer::Known(set) if !set.written.policies.is_empty());
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

impl<F: Reasons> Case<'_, '_, F> {
    /// The layers whose Allow was needed, of a request that is allowed.
    pub(super) fn needed(&self, heard: &Heard<F>, foreign: bool) -> Vec<LayerName> {
        let by_resource = heard.resource.allow.direct.clone().or(heard
            .resource
            .allow
            .by_role
            .clone()
            .and(heard.limits()));
        if !self.court.identity.has_account() {
            return Vec::from([self.resource_layer]);
        }
        match (foreign, self.required, by_resource.is_yes()) {
            (true, ..) | (false, true, false) => {
                distinct([LayerName::Identity, self.resource_layer])
            }
            (false, true, true) => Vec::from([self.resource_layer]),
            (false, false, _) if self.by_identity(heard).and(heard.limits()).is_yes() => {
                Vec::from([LayerName::Identity])
            }
            (false, false, _) => Vec::from([self.resource_layer]),
        }
    }
}

impl Judgement {
    /// One answer from two, where nobody knows whether the resource is the caller's own.
    fn reconcile(self, foreign: Self, resource_layer: LayerName, owner: &Open) -> Self {
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
                    Verdict::ImplicitDeny => distinct(lacks.iter().map(|lack| lack.layer)),
                    Verdict::Unknown => distinct(facts.iter().map(|(layer, _)| *layer)),
                    Verdict::Allowed | Verdict::ExplicitDeny => foreign.deciding,
                },
                lacks,
                facts,
                ..self
            };
        }
        let mut facts: Facts = self.facts.union(&foreign.facts).cloned().collect();
        if owner.is_empty() {
            facts.insert((resource_layer, Missing::ResourceAccount));
        }
        facts.extend(missing(owner).map(|fact| (resource_layer, fact)));
        Self {
            verdict: Verdict::Unknown,
            deciding: distinct(facts.iter().map(|(layer, _)| *layer)),
            lacks: BTreeSet::new(),
            facts,
            ..self
        }
    }
}

/// In order and each once.
pub(super) fn distinct<T: Ord>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = all.into_iter().collect();
    if all.len() > 1 {
        all.sort_unstable();
        all.dedup();
    }
    all
}
