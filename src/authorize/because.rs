//! Why a decision came out as it did, in one sentence.

use std::borrow::Cow;

use super::statements::Statements;
use crate::iam::{
    Bearing, Decision, Layer, LayerName, Layers, Mismatch, Missing, NearMiss, Request, Verdict,
    Withheld, WithheldBy, trace, words,
};
use crate::load::case::{Case, Who};
use crate::source::Sources;

/// How many statements of one layer are named.
const NAMED: usize = 3;

pub(super) fn because(
    case: &Case,
    request: &Request,
    layers: &Layers<'_>,
    decision: &Decision,
    sources: &Sources,
) -> String {
    let telling = Telling {
        case,
        layers,
        request,
        decision,
        statements: Statements::of(case, sources),
    };
    match decision.verdict {
        Verdict::Allowed => telling.allowed(),
        Verdict::ExplicitDeny => telling.denied(),
        Verdict::ImplicitDeny => telling.lacking(),
        Verdict::Unknown => telling.undecided(),
    }
}

struct Telling<'a> {
    case: &'a Case,
    request: &'a Request,
    layers: &'a Layers<'a>,
    decision: &'a Decision,
    statements: Statements<'a>,
}

/// The clauses of a near miss.
pub(super) fn near(
    near: &NearMiss,
    layer: LayerName,
    statements: &Statements<'_>,
    case: &Case,
) -> String {
    let clauses = near.failed.iter().map(|mismatch| {
        // Against the ARN of another session only the own session's tells the difference.
        let of_session = matches!(mismatch, Mismatch::Principal { written, .. } if written.contains(":assumed-role/"));
        let principal = principal(&case.request.principal, of_session);
        let asked = words::Asked {
            principal: &principal,
            action: &case.request.action,
            resource: &case.request.resource,
        };
        match statements.statement(layer, near.statement) {
            Some(statement) => words::apart(mismatch, statement, &asked),
            None => words::lacking(mismatch, &asked),
        }
    });
    clauses.collect::<Vec<_>>().join("; ")
}

/// The caller as a policy would name it.
fn principal(who: &Who, of_session: bool) -> Cow<'_, str> {
    match who {
        Who::Role {
            arn,
            session: Some(session),
        } if of_session => {
            let arn = arn.replacen(":iam:", ":sts:", 1);
            Cow::Owned(format!(
                "{}/{session}",
                arn.replacen(":role/", ":assumed-role/", 1)
            ))
        }
        Who::Role { arn, .. } | Who::User(arn) | Who::FederatedUser(arn) | Who::Root(arn) => {
            Cow::Borrowed(arn)
        }
        Who::Service(name) => Cow::Borrowed(name),
        Who::Anonymous => Cow::Borrowed("anonymous"),
    }
}

impl Telling<'_> {
    fn allowed(&self) -> String {
        if self.decision.deciding.is_empty() {
            return format!("`{}` needs no permission", self.request.action);
        }
        let granted = |layer: &LayerName| {
            let layer = *layer;
            let own = self.decision.granted_by.iter();
            let mut own = own.filter(move |(of, _)| *of == layer);
            let named: Vec<String> = own
                .by_ref()
                .take(NAMED)
                .map(|(_, origin)| self.statements.long(layer, *origin))
                .collect();
            let more = own.count();
            if more > 0 {
                vec![named.join(", "), format!("{more} more")]
            } else {
                named
            }
        };
        let granted: Vec<String> = self.decision.deciding.iter().flat_map(granted).collect();
        match granted.as_slice() {
            // Only the root user is allowed without a statement: IAM does not limit it in its own account.
            [] => "the root user needs no Allow in its own account".to_owned(),
            [one] => format!("{one} allows it"),
            _ => format!("{} allow it", listed(&granted)),
        }
    }

    fn denied(&self) -> String {
        let denials = self.decision.withheld.iter().filter_map(|withheld| {
            let WithheldBy::Deny(origin) = withheld.by else {
                return None;
            };
            Some(self.statements.long(withheld.layer, origin))
        });
        let denials: Vec<String> = denials.collect();
        let of = match self.decision.partial {
            true => format!(" for some of `{}`", self.request.resource),
            false => String::new(),
        };
        match denials.as_slice() {
            [one] => format!("{one} denies it{of}"),
            _ => format!("{} deny it{of}", listed(&denials)),
        }
    }

    fn lacking(&self) -> String {
        let all: Vec<String> = self
            .decision
            .withheld
            .iter()
            .map(|withheld| self.lack(withheld))
            .collect();
        let either = all.len() > 1 && self.decision.withheld.iter().all(|w| w.alternative);
        let all = all.join("; and ");
        match either {
            true => format!("one Allow would do, and there is none: {all}"),
            false => all,
        }
    }

    fn lack(&self, withheld: &Withheld) -> String {
        let layer = withheld.layer;
        let name = words::policy_name(layer);
        let level = match layer {
            LayerName::Scp | LayerName::Rcp => format!(" of level {}", withheld.level + 1),
            _ => String::new(),
        };
        let lack = match withheld.by {
            WithheldBy::Impossible => {
                return format!(
                    "no policy can allow `{}` to a caller from another account",
                    self.request.action
                );
            }
            WithheldBy::Restricted(origin) => {
                return format!(
                    "{} makes the {name} public, and the bucket then lets in nobody of another account",
                    self.statements.long(layer, origin)
                );
            }
            WithheldBy::PartialAllow => format!(
                "the {name}{level} allows it for a part of `{}` only",
                self.request.resource
            ),
            _ if self.is_empty(layer, withheld.level) => match layer {
                LayerName::Identity => "the principal has no identity policy".to_owned(),
                LayerName::Scp => format!("there is no {name}{level}"),
                _ => format!("there is no {name}"),
            },
            _ => format!("no statement of the {name}{level} allows it"),
        };
        match withheld.near_misses.first() {
            Some(nearest) => format!(
                "{lack}; nearest is {} (line {}): {}",
                self.statements.within(layer, nearest.statement),
                self.statements.line(nearest.statement),
                near(nearest, layer, &self.statements, self.case)
            ),
            None => lack,
        }
    }

    fn is_empty(&self, layer: LayerName, level: usize) -> bool {
        let layers = self.layers;
        let one = match layer {
            LayerName::Identity => &layers.identity,
            LayerName::Boundary => &layers.boundary,
            LayerName::Session => &layers.session,
            LayerName::Trust | LayerName::KeyPolicy | LayerName::Resource => &layers.resource,
            LayerName::Scp | LayerName::Rcp => {
                return matches!(&layers.scps, Layer::Known(levels)
                    if levels.get(level).is_none_or(|set| set.policies.is_empty()));
            }
        };
        match one {
            Layer::Absent => true,
            Layer::Known(set) => set.policies.is_empty(),
            Layer::Unknown => false,
        }
    }

    fn undecided(&self) -> String {
        if self.decision.missing.is_empty() {
            return "the resource patterns are too intricate to be compared".to_owned();
        }
        let heard = trace(self.request, self.layers);
        let asking = |missing: &Missing| {
            heard.iter().find_map(|heard| {
                let said = heard.statements.iter().find(|said| {
                    matches!(&said.bearing, Bearing::Perhaps(facts) if facts.contains(missing))
                })?;
                let name = self.statements.long(heard.layer, said.statement);
                Some(format!(", which {name} asks for"))
            })
        };
        let facts = self.decision.missing.iter().map(|missing| {
            let fact = match missing {
                Missing::Context(key) => format!("the value of `{key}`"),
                Missing::Layer(layer) => {
                    return format!("the {}, which nobody has seen", words::policy_name(*layer));
                }
                Missing::Document(_, name) => format!("the document `{name}`"),
                Missing::SessionName => "the name of the session".to_owned(),
                Missing::CanonicalUser => "the account behind a canonical user id".to_owned(),
                Missing::ResourceAccount => "the account that owns the resource".to_owned(),
                Missing::Symbol(_) => "a value that is not resolved".to_owned(),
            };
            format!("{fact}{}", asking(missing).unwrap_or_default())
        });
        let facts: Vec<String> = facts.collect();
        format!("it hangs on {}", facts.join("; and on "))
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(items: &[String]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
