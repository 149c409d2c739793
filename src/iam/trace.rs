//! What every layer and every statement says to a request, for people who ask why.

use std::collections::BTreeSet;

use super::action::action_applies;
use super::case::Case;
use super::compiled::{Compiled, statements};
use super::layer::Court;
use super::layers::PolicySet;
use super::near::mismatches;
use super::principal::Identity;
use super::statement::{Asked, Member, Members, Rule};
use super::tri::Tri;
use super::{Layer, LayerName, Layers, Mismatch, Missing, Request};
use crate::graph::{Effect, Statement, Version};
use crate::source::Origin;

/// One layer, or one level of an organization's policies.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The layer.
    pub layer: LayerName,
    /// Which level, counted from the root; 0 for other layers.
    pub level: usize,
    /// What it is.
    pub standing: Standing,
    /// What its statements say, in their order.
    pub statements: Vec<Said>,
}

/// Whether a layer has something to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is known.
    Known,
    /// There is none.
    Absent,
    /// Nobody has seen it.
    Unknown,
    /// It is not asked: no such policy binds this caller, action or resource.
    NotAsked,
}

/// What one statement says.
#[derive(Debug, Clone)]
pub struct Said {
    /// The statement.
    pub statement: Origin,
    /// How it bears on the request.
    pub bearing: Bearing,
}

/// How a statement bears on a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearing {
    /// It applies.
    Applies,
    /// It applies to some members of the resource pattern.
    Partly,
    /// Whether it applies hangs on these facts; none when patterns were too intricate to compare.
    Perhaps(Vec<Missing>),
    /// It speaks of what is asked for, but this did not fit.
    Near(Vec<Mismatch>),
    /// It speaks of something else.
    Apart,
}

pub(super) fn trace(request: &Request, layers: &Layers<'_>) -> Vec<Heard> {
    let identity = Identity::new(&request.caller);
    let compiled = Compiled::new(layers);
    let case = Case::new(request, &compiled, &identity);
    let grouped = Members::of(request, &compiled);
    let members = match request.resource_is_pattern {
        true => grouped.all(),
        false => vec![Member::exact(&request.resource)],
    };
    let listen = |layer, level, standing, set: Option<&PolicySet<'_>>| Heard {
        layer,
        level,
        standing,
        statements: set.map_or_else(Vec::new, |set| {
            statements(set)
                .map(|(policy, statement)| Said {
                    statement: statement.origin,
                    bearing: bearing(&case, layer, statement, policy.version, &members),
                })
                .collect()
        }),
    };
    let single = |layer, policies: &Layer<PolicySet<'_>>, asked: bool| match policies {
        _ if !asked => listen(layer, 0, Standing::NotAsked, None),
        Layer::Absent => listen(layer, 0, Standing::Absent, None),
        Layer::Unknown => listen(layer, 0, Standing::Unknown, None),
        Layer::Known(set) => listen(layer, 0, Standing::Known, Some(set)),
    };
    let personal = identity.has_account();
    let mut heard = vec![
        single(LayerName::Identity, &layers.identity, personal),
        single(
            case.resource_layer,
            &layers.resource,
            case.resource.is_some(),
        ),
        single(LayerName::Boundary, &layers.boundary, personal),
        single(LayerName::Session, &layers.session, personal),
    ];
    for (layer, levels, bind) in [
        (LayerName::Scp, &layers.scps, case.scps_bind),
        (LayerName::Rcp, &layers.rcps, case.rcps_bind),
    ] {
        match levels {
            Layer::Absent => heard.push(listen(layer, 0, Standing::Absent, None)),
            _ if !bind => heard.push(listen(layer, 0, Standing::NotAsked, None)),
            Layer::Unknown => heard.push(listen(layer, 0, Standing::Unknown, None)),
            Layer::Known(levels) if !levels.is_empty() => {
                let levels = levels.iter().enumerate();
                heard.extend(
                    levels.map(|(level, set)| listen(layer, level, Standing::Known, Some(set))),
                );
            }
            Layer::Known(_) => heard.push(listen(layer, 0, Standing::Absent, None)),
        }
    }
    heard
}

fn bearing(
    case: &Case<'_, '_>,
    layer: LayerName,
    statement: &Statement,
    version: Version,
    members: &[Member<'_>],
) -> Bearing {
    let mut facts = BTreeSet::new();
    let (mut yes, mut no, mut first) = (0, 0, None);
    for member in members {
        let asked = case.asked(layer, member);
        match truth(&case.court, statement, version, &asked) {
            Tri::Yes => yes += 1,
            Tri::Maybe(more) => facts.extend(more.into_iter().map(|(_, missing)| missing)),
            Tri::No => {
                no += 1;
                first = first.or(Some(asked));
            }
        }
    }
    match first {
        None if yes == members.len() => Bearing::Applies,
        Some(asked) if no == members.len() => {
            match mismatches(statement, version, &case.court, &asked) {
                Some((failed, _)) => Bearing::Near(failed),
                None => Bearing::Apart,
            }
        }
        _ if yes > 0 => Bearing::Partly,
        _ => Bearing::Perhaps(facts.into_iter().collect()),
    }
}

fn truth(court: &Court<'_>, statement: &Statement, version: Version, asked: &Asked<'_>) -> Tri {
    if !action_applies(statement, &asked.request.action) {
        return Tri::No;
    }
    let rule = Rule::of(statement, version);
    let named = match statement.effect {
        Effect::Allow => court.admission(rule.subjects.as_ref(), asked).any(),
        Effect::Deny => court.hit(rule.subjects.as_ref(), asked),
    };
    named.and(rule.applies(asked))
}
