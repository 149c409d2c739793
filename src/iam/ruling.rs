//! The law itself: how the layers combine to one verdict for one member of what is asked for.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
//! and <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use super::case::{Case, Heard, Owner};
use super::statement::Member;
use super::tri::{Reasons, Tri};
use super::{Caller, Verdict};

/// The answer for one member, and the two truths it comes from.
pub(super) struct Ruling<F> {
    pub(super) deny: Tri<F>,
    /// Whether it would be allowed if no Deny applied.
    pub(super) allow: Tri<F>,
    pub(super) verdict: Verdict,
}

impl<F: Reasons> Case<'_, '_, F> {
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
    pub(super) fn foreign(&self) -> Option<bool> {
        match self.owner {
            _ if !self.court.identity.has_account() => Some(false),
            Owner::Caller => Some(false),
            Owner::Another => Some(true),
            Owner::Unsure => None,
        }
    }

    pub(super) fn rule(&self, heard: &Heard<F>, foreign: bool) -> Ruling<F> {
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

    pub(super) fn allows(&self, heard: &Heard<F>, foreign: bool) -> Tri<F> {
        // Resource control policies only deny: the one that allows everything cannot be detached.
        let scps = heard.scps.allow.clone();
        scps.and(match (self.court.identity.has_account(), foreign) {
            // AWS services are let in by a public policy too, and whoever does not say who he is belongs to no account.
            (false, _) if self.turns_away_the_nameless() => Tri::No,
            (false, _) if matches!(self.court.identity.caller, Caller::Anonymous) => {
                self.lets_others_in(heard.resource.allow.direct.clone())
            }
            (false, _) => heard.resource.allow.direct.clone(),
            (true, true) if !self.crossable || self.restricted.is_some() => Tri::No,
            (true, true) => self.lets_others_in(
                heard
                    .resource
                    .allow
                    .any()
                    .and(heard.identity.allow.direct.clone())
                    .and(heard.limits()),
            ),
            (true, false) => Tri::any([
                heard.resource.allow.direct.clone(),
                heard.resource.allow.by_role.clone().and(heard.limits()),
                self.by_identity(heard).and(heard.limits()),
            ]),
        })
    }

    /// Whether a bucket keeps an anonymous caller out.
    pub(super) fn turns_away_the_nameless(&self) -> bool {
        self.restricted.is_some() && matches!(self.court.identity.caller, Caller::Anonymous)
    }

    pub(super) fn by_identity(&self, heard: &Heard<F>) -> Tri<F> {
        let delegated = match self.required {
            true => heard.resource.allow.by_account.clone(),
            false => Tri::Yes,
        };
        heard.identity.allow.direct.clone().and(delegated)
    }
}
