//! Whether a statement applies to one member of what is asked for.

use std::collections::BTreeMap;

use super::condition;
use super::pattern::{Pattern, Relation, Work, action_matches, signatures};
use super::tri::{Facts, Tri};
use super::variables::{Expansion, expand_resource};
use super::{LayerName, Request};
use crate::graph::{Statement, Version, Written};

/// How many kinds of members are decided one by one.
const KINDS: usize = 512;

/// How many written resources may be held against kinds of members, all together.
const HELD: usize = 1 << 17;

/// One resource, or one kind of members of a resource pattern.
#[derive(Debug)]
pub(super) enum Member<'a> {
    /// This one.
    Exact(&'a str),
    /// All members that match exactly these patterns.
    Kind(&'a BTreeMap<Pattern, Place>, Vec<bool>),
    /// All members, because there are too many kinds: of a pattern that matches only some nobody knows which.
    Blurred(&'a BTreeMap<Pattern, Place>),
}

/// Where a written pattern stands among the [`Member::Kind`]s.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// It matches every member, or none.
    Same(bool),
    /// It matches some: the kinds tell it at this index.
    Differs(usize),
}

/// What a statement is held against.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) request: &'a Request,
    pub(super) member: &'a Member<'a>,
    pub(super) layer: LayerName,
}

/// Whether a statement applies, its principals aside.
pub(super) fn applies(statement: &Statement, version: Version, asked: &Asked<'_>) -> Tri {
    if !action_applies(statement, &asked.request.action) {
        return Tri::No;
    }
    let mut truth = resource_applies(statement, version, asked);
    for condition in &statement.conditions {
        if truth.is_no() {
            return truth;
        }
        truth = truth.and(condition::holds(
            condition,
            version,
            &asked.request.context,
            asked.layer,
        ));
    }
    truth
}

pub(super) fn action_applies(statement: &Statement, action: &str) -> bool {
    let listed = |written: &Written| action_matches(&written.text, action);
    statement.actions.iter().any(listed) != statement.not_action
}

pub(super) fn resource_applies(statement: &Statement, version: Version, asked: &Asked<'_>) -> Tri {
    let Some(resources) = &statement.resources else {
        // Trust and repository policies are bound to their own resource; every other policy has to name one.
        return Tri::from(matches!(
            asked.layer,
            LayerName::Trust | LayerName::KeyPolicy | LayerName::Resource
        ));
    };
    let matches = |written| resource_matches(written, version, asked);
    let listed = Tri::any(resources.iter().map(matches));
    if statement.not_resource {
        listed.not()
    } else {
        listed
    }
}

/// Whether one written resource matches the member.
pub(super) fn resource_matches(written: &Written, version: Version, asked: &Asked<'_>) -> Tri {
    let expansion = expand_resource(&written.text, version, &asked.request.context);
    if expansion.void {
        return Tri::No;
    }
    let pattern = expansion.arn(true);
    let truth = match asked.member {
        Member::Exact(resource) => match pattern.matches(resource) {
            Some(matches) => Tri::from(matches),
            None => Tri::Maybe(Facts::new()),
        },
        Member::Kind(places, kind) => match places.get(&pattern) {
            Some(Place::Same(same)) => Tri::from(*same),
            Some(Place::Differs(index)) => Tri::from(kind.get(*index).copied().unwrap_or(false)),
            None => Tri::No,
        },
        Member::Blurred(places) => match places.get(&pattern) {
            Some(Place::Same(same)) => Tri::from(*same),
            _ => Tri::Maybe(Facts::new()),
        },
    };
    truth.and(open(expansion, asked.layer))
}

fn open(expansion: Expansion, layer: LayerName) -> Tri {
    if expansion.open.is_empty() {
        return Tri::Yes;
    }
    Tri::Maybe(
        expansion
            .open
            .into_iter()
            .map(|missing| (layer, missing))
            .collect(),
    )
}

/// The members of a resource pattern, grouped by which of the written patterns match them.
pub(super) struct Members {
    places: BTreeMap<Pattern, Place>,
    kinds: Option<Vec<Vec<bool>>>,
}

impl Members {
    /// Groups the members of `resource`, as seen by statements that may apply to the request.
    pub(super) fn of<'s>(
        request: &Request,
        statements: impl Iterator<Item = (&'s Statement, Version)>,
    ) -> Self {
        let of = expand_resource(&request.resource, Version::V2008, &request.context).arn(false);
        let mut places = BTreeMap::new();
        let mut differing = Vec::new();
        let mut work = Work::of_request();
        let mut held = 0;
        for (statement, version) in statements {
            if !action_applies(statement, &request.action) {
                continue;
            }
            for written in statement.resources.iter().flatten() {
                held += 1;
                let expansion = expand_resource(&written.text, version, &request.context);
                if expansion.void {
                    continue;
                }
                let pattern = expansion.arn(true);
                if places.contains_key(&pattern) {
                    continue;
                }
                let place = match of.relation_within(&pattern, &mut work) {
                    Relation::Within => Place::Same(true),
                    Relation::Apart => Place::Same(false),
                    Relation::Across => {
                        differing.push(pattern.clone());
                        Place::Differs(differing.len() - 1)
                    }
                };
                places.insert(pattern, place);
            }
        }
        let differing: Vec<&Pattern> = differing.iter().collect();
        let kinds = signatures(&of, &differing, &mut work)
            .filter(|kinds| kinds.len() <= KINDS && kinds.len() * held <= HELD)
            .map(|kinds| kinds.into_iter().collect());
        Self { places, kinds }
    }

    /// One member of each kind.
    pub(super) fn all(&self) -> Vec<Member<'_>> {
        match &self.kinds {
            Some(kinds) => kinds
                .iter()
                .map(|kind| Member::Kind(&self.places, kind.clone()))
                .collect(),
            None => vec![Member::Blurred(&self.places)],
        }
    }
}
