//! From the answers for the members to the one answer: the worst, with every layer that withholds.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::compiled::Compiled;
use super::judge::{Judgement, Lack, distinct};
use super::near::near_misses;
use super::principal::Identity;
use super::services;
use super::statement::{Member, Members};
use super::tri::Witnesses;
use super::{Decision, LayerName, Missing, Request, Verdict, Withheld, WithheldBy};

pub(super) fn decide(request: &Request, layers: &Compiled<'_>) -> Decision {
    let identity = Identity::new(&request.caller);
    if services::needs_no_permission(&request.action) && identity.has_account() {
        return Decision::allowed();
    }
    if !request.resource_is_pattern {
        let member = Member::exact(&request.resource);
        // The most frequent answer by far has no doubts to tell of.
        if let Some(allowed) = allowed(&Case::new(request, layers, &identity), &member) {
            return allowed;
        }
        let case = Case::new(request, layers, &identity);
        return conclude(&case, &[(&member, case.judge(&member))]);
    }
    let case = Case::new(request, layers, &identity);
    let members = Members::of(request, layers);
    let members = members.all();
    let judged = members.iter().map(|member| (member, case.judge(member)));
    conclude(&case, &judged.collect::<Vec<_>>())
}

/// The decision for a member that is certainly allowed.
fn allowed(case: &Case<'_, '_, Witnesses>, member: &Member<'_>) -> Option<Decision> {
    let foreign = case.foreign()?;
    let heard = case.hear(member);
    (case.rule(&heard, foreign).verdict == Verdict::Allowed).then(|| Decision {
        deciding: case.needed(&heard, foreign),
        granted_by: heard.grants(case.resource_layer),
        ..Decision::allowed()
    })
}

/// [`Decision::verdict`] of [`decide`]: the same law, without reasons.
pub(super) fn verdict(request: &Request, layers: &Compiled<'_>) -> Verdict {
    let identity = Identity::new(&request.caller);
    if services::needs_no_permission(&request.action) && identity.has_account() {
        return Verdict::Allowed;
    }
    let case = Case::<()>::new(request, layers, &identity);
    if !request.resource_is_pattern {
        return case.verdict(&Member::exact(&request.resource));
    }
    let members = Members::of(request, layers);
    worst(members.all().iter().map(|member| case.verdict(member)))
}

fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let badness = |verdict: &Verdict| match verdict {
        Verdict::Allowed => 0,
        Verdict::Unknown => 1,
        Verdict::ImplicitDeny => 2,
        Verdict::ExplicitDeny => 3,
    };
    verdicts.max_by_key(badness).unwrap_or(Verdict::Allowed)
}

fn conclude(case: &Case<'_, '_>, judged: &[(&Member<'_>, Judgement)]) -> Decision {
    let verdicts = || judged.iter().map(|(_, j)| j.verdict);
    let worst = worst(verdicts());

    let like_worst = || judged.iter().map(|(_, j)| j).filter(|j| j.verdict == worst);
    let missing: BTreeSet<Missing> = match worst {
        Verdict::Unknown => like_worst()
            .flat_map(|j| j.facts.iter().map(|(_, missing)| missing.clone()))
            .collect(),
        _ => BTreeSet::new(),
    };
    Decision {
        verdict: worst,
        deciding: distinct(like_worst().flat_map(|j| &j.deciding).copied()),
        withheld: match worst {
            Verdict::ExplicitDeny | Verdict::ImplicitDeny => withheld(case, judged),
            Verdict::Unknown | Verdict::Allowed => Vec::new(),
        },
        missing: missing.into_iter().collect(),
        partial: verdicts().any(|verdict| verdict != worst),
        granted_by: distinct(judged.iter().flat_map(|(_, j)| &j.grants).copied()),
    }
}

fn withheld(case: &Case<'_, '_>, judged: &[(&Member<'_>, Judgement)]) -> Vec<Withheld> {
    let denials: BTreeSet<_> = judged.iter().flat_map(|(_, j)| &j.denials).collect();
    let denied = denials.into_iter().map(|(layer, origin)| Withheld {
        layer: *layer,
        level: 0,
        by: WithheldBy::Deny(*origin),
        alternative: false,
        near_misses: Vec::new(),
    });
    // Several members may lack the same; the first one speaks for all.
    let mut lacks: BTreeMap<(LayerName, usize), (&Lack, &Member<'_>)> = BTreeMap::new();
    for (member, judgement) in judged {
        for lack in &judgement.lacks {
            let key = (lack.layer, lack.level);
            lacks.entry(key).or_insert((lack, member));
        }
    }
    let lacking = lacks.into_iter().map(|(key, (lack, member))| {
        let elsewhere = judged.iter().any(|(_, j)| j.allowing.contains(&key));
        Withheld {
            layer: lack.layer,
            level: lack.level,
            by: match lack.impossible {
                true => WithheldBy::Impossible,
                false if lack.restricted.is_some() => lack
                    .restricted
                    .map_or(WithheldBy::NoAllow, WithheldBy::Restricted),
                false if elsewhere => WithheldBy::PartialAllow,
                false => WithheldBy::NoAllow,
            },
            alternative: lack.alternative,
            near_misses: match case.policies(lack.layer, lack.level) {
                Some(set) if !lack.impossible && lack.restricted.is_none() => {
                    near_misses(&set.written, &case.court, &case.asked(lack.layer, member))
                }
                _ => Vec::new(),
            },
        }
    });
    denied.chain(lacking).collect()
}

impl Decision {
    /// What needs no policy to be allowed.
    fn allowed() -> Self {
        Self {
            verdict: Verdict::Allowed,
            deciding: Vec::new(),
            withheld: Vec::new(),
            missing: Vec::new(),
            partial: false,
            granted_by: Vec::new(),
        }
    }
}
