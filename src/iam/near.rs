//! Which statements nearly allowed, and what in them did not fit.

use super::action::{Fits, action_applies, action_matches};
use super::compiled::statements;
use super::condition::Test;
use super::layer::{Court, has_principals};
use super::layers::PolicySet;
use super::principal::Subjects;
use super::statement::{Asked, Rule, Target};
use super::{Context, ContextValue, Mismatch, NearMiss};
use crate::graph::{Condition, Effect, Statement, Version, Written};

/// How many statements are worth naming.
const MOST: usize = 3;

/// How far off something written is: differing segments first, then edits.
type Distance = (usize, usize);

/// The Allow statements that came nearest, best first.
pub(super) fn near_misses(
    set: &PolicySet<'_>,
    court: &Court<'_>,
    asked: &Asked<'_>,
) -> Vec<NearMiss> {
    let mut found: Vec<(usize, Distance, NearMiss)> = statements(set)
        .filter(|(_, statement)| statement.effect == Effect::Allow)
        .filter_map(|(policy, statement)| {
            let (failed, distance) = mismatches(statement, policy.version, court, asked)?;
            let statement = statement.origin;
            Some((failed.len(), distance, NearMiss { statement, failed }))
        })
        .collect();
    // The sort is stable: of equals the one written first stays first.
    found.sort_by_key(|(failed, distance, _)| (*failed, *distance));
    found
        .into_iter()
        .take(MOST)
        .map(|(_, _, near)| near)
        .collect()
}

/// What did not fit; `None` when nothing certainly failed, or when the statement speaks of something else altogether.
pub(super) fn mismatches(
    statement: &Statement,
    version: Version,
    court: &Court<'_>,
    asked: &Asked<'_>,
) -> Option<(Vec<Mismatch>, Distance)> {
    let mut failed = Vec::new();
    let mut total = (0, 0);
    let mut add = |mismatch, (segments, edits): Distance| {
        failed.push(mismatch);
        total = (total.0 + segments, total.1 + edits);
    };
    let subjects = statement.principals.as_ref().map(Subjects::of);
    let missed = || match statement.effect {
        Effect::Allow => court.admission(subjects.as_ref(), asked).any().is_no(),
        Effect::Deny => court.hit(subjects.as_ref(), asked).is_no(),
    };
    if has_principals(asked.layer) && missed() {
        let principals = statement.principals.as_ref()?;
        let written = principals.any_of.iter().map(|principal| &principal.value);
        let (written, distance) = nearest(written, court.identity.written())?;
        let (written, origin) = (written.text.clone(), written.origin);
        add(Mismatch::Principal { written, origin }, distance);
    }
    let action = asked.request.action.as_str();
    let action_fits = action_applies(statement, action);
    if !action_fits {
        let (written, distance) = nearest_action(statement, action)?;
        let (written, origin) = (written.text.clone(), written.origin);
        add(Mismatch::Action { written, origin }, distance);
    }
    if Rule::of(statement, version)
        .resource_applies::<()>(asked)
        .is_no()
    {
        if !action_fits {
            return None;
        }
        let (written, distance) = nearest_resource(statement, version, asked)?;
        let (written, origin) = (written.text.clone(), written.origin);
        add(Mismatch::Resource { written, origin }, distance);
    }
    for condition in &statement.conditions {
        let context = &asked.request.context;
        let truth = Test::of(condition, version).holds::<()>(context, asked.layer);
        if truth.is_no() {
            add(condition_mismatch(condition, context), (0, 0));
        }
    }
    (!failed.is_empty()).then_some((failed, total))
}

fn nearest_action<'s>(statement: &'s Statement, action: &str) -> Option<(&'s Written, Distance)> {
    let lower = action.to_ascii_lowercase();
    let (service, _) = lower.split_once(':')?;
    let of_service = |written: &&Written| match written.text.split_once(':') {
        // Under NotAction it is the one that excludes the action.
        _ if statement.not_action => action_matches(&written.text, action) != Fits::No,
        Some((prefix, _)) => action_matches(prefix, service) != Fits::No,
        None => false,
    };
    let candidates = statement.actions.iter().filter(of_service);
    candidates
        .map(|written| {
            (
                written,
                (0, edits(&written.text.to_ascii_lowercase(), &lower)),
            )
        })
        .min_by_key(|(_, distance)| *distance)
}

fn nearest_resource<'s>(
    statement: &'s Statement,
    version: Version,
    asked: &Asked<'_>,
) -> Option<(&'s Written, Distance)> {
    let excludes = |written: &&Written| {
        !statement.not_resource || !Target::of(written, version).matches::<()>(asked).is_no()
    };
    let candidates = statement.resources.iter().flatten().filter(excludes);
    nearest(candidates, &asked.request.resource)
}

fn condition_mismatch(condition: &Condition, context: &Context) -> Mismatch {
    Mismatch::Condition {
        operator: condition.operator.text.clone(),
        key: condition.key.text.clone(),
        values: condition.values.iter().map(|v| v.text.clone()).collect(),
        actual: match context.get(&condition.key.text) {
            Some(ContextValue::Known(values)) => Some(values.clone()),
            Some(ContextValue::Like(pattern)) => Some(vec![pattern.clone()]),
            Some(ContextValue::Perhaps(_) | ContextValue::Unknown) | None => None,
        },
        origin: condition.key.origin,
    }
}

fn nearest<'s>(
    written: impl Iterator<Item = &'s Written>,
    wanted: &str,
) -> Option<(&'s Written, Distance)> {
    written
        .map(|written| (written, distance(&written.text, wanted)))
        .min_by_key(|(_, distance)| *distance)
}

fn distance(written: &str, wanted: &str) -> Distance {
    let (own, other) = (written.splitn(6, ':'), wanted.splitn(6, ':'));
    let longer = own.clone().count().max(other.clone().count());
    let equal = own.zip(other).filter(|(a, b)| a == b).count();
    (longer - equal, edits(written, wanted))
}

/// Edits between two texts; long ones are compared in length only, as a bound on the work.
fn edits(a: &str, b: &str) -> usize {
    const LONG: usize = 512;
    if a.len() > LONG || b.len() > LONG {
        return a.len().max(b.len());
    }
    strsim::levenshtein(a, b)
}
