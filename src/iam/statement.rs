//! Statements made ready for decisions, and whether one applies to one member of what is asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::automaton::signatures;
use super::compiled::Compiled;
use super::condition::Test;
use super::pattern::{Pattern, Relation, beginnings};
use super::principal::Subjects;
use super::tri::{Reasons, Tri};
use super::variables::{expand_resource, has_variables};
use super::{Context, LayerName, Request};
use crate::graph::{Statement, Version, Written};

/// How many kinds of members are decided one by one.
const KINDS: usize = 512;

/// One resource, or one kind of members of a resource pattern.
#[derive(Debug)]
pub(super) enum Member<'a> {
    /// This one.
    Exact(&'a str),
    /// All members that match exactly these patterns.
    Kind(&'a Places, Vec<bool>),
    /// All members, because there are too many kinds: of a pattern that matches only some nobody knows which.
    Blurred(&'a Places),
}

/// How the patterns of the statements that take in the action stand to the resource asked for.
#[derive(Debug)]
pub(super) struct Places {
    asked: Pattern,
    of: BTreeMap<Pattern, Place>,
}

/// Where a written pattern stands among the [`Member::Kind`]s.
#[derive(Debug, Clone, Copy)]
enum Place {
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

/// A statement that was read: what does not depend on the request is ready.
#[derive(Debug)]
pub(super) struct Rule<'a> {
    pub(super) statement: &'a Statement,
    pub(super) subjects: Option<Subjects<'a>>,
    targets: Option<Vec<Target<'a>>>,
    tests: Vec<Test<'a>>,
}

/// One written resource.
#[derive(Debug)]
pub(super) struct Target<'a> {
    text: &'a str,
    version: Version,
    /// Its pattern, unless that depends on variables.
    fixed: Option<Pattern>,
}

impl<'a> Rule<'a> {
    pub(super) fn of(statement: &'a Statement, version: Version) -> Self {
        let target = |written: &'a Written| Target::of(written, version);
        let resources = statement.resources.as_ref();
        Self {
            statement,
            subjects: statement.principals.as_ref().map(Subjects::of),
            targets: resources.map(|all| all.iter().map(target).collect()),
            tests: statement
                .conditions
                .iter()
                .map(|condition| Test::of(condition, version))
                .collect(),
        }
    }

    /// Whether a statement that takes in the action applies, its principals aside.
    pub(super) fn applies<F: Reasons>(&self, asked: &Asked<'_>) -> Tri<F> {
        let mut truth = self.resource_applies(asked);
        for test in &self.tests {
            if truth.is_no() {
                return truth;
            }
            truth = truth.and(test.holds(&asked.request.context, asked.layer));
        }
        truth
    }

    pub(super) fn resource_applies<F: Reasons>(&self, asked: &Asked<'_>) -> Tri<F> {
        let Some(targets) = &self.targets else {
            // Trust and repository policies are bound to their own resource; every other policy has to name one.
            return Tri::from(matches!(
                asked.layer,
                LayerName::Trust | LayerName::KeyPolicy | LayerName::Resource
            ));
        };
        let listed = Tri::any(targets.iter().map(|target| target.matches(asked)));
        if self.statement.not_resource {
            listed.not()
        } else {
            listed
        }
    }
}

impl<'a> Target<'a> {
    pub(super) fn of(written: &'a Written, version: Version) -> Self {
        let text = written.text.as_str();
        let fixed = (!has_variables(text, version))
            .then(|| expand_resource(text, Version::V2008, &Context::default()).arn(true));
        Self {
            text,
            version,
            fixed,
        }
    }

    /// Whether it matches the member.
    pub(super) fn matches<F: Reasons>(&self, asked: &Asked<'_>) -> Tri<F> {
        if let Some(pattern) = &self.fixed {
            return asked.member.matches(pattern);
        }
        let expansion = expand_resource(self.text, self.version, &asked.request.context);
        if expansion.void {
            return Tri::No;
        }
        let truth = asked.member.matches(&expansion.arn(true));
        if expansion.open.is_empty() {
            return truth;
        }
        truth.and(Tri::Maybe(F::of(asked.layer, expansion.open)))
    }

    fn pattern(&self, context: &Context) -> Option<Pattern> {
        if let Some(pattern) = &self.fixed {
            return Some(pattern.clone());
        }
        let expansion = expand_resource(self.text, self.version, context);
        (!expansion.void).then(|| expansion.arn(true))
    }
}

impl Member<'_> {
    fn matches<F: Reasons>(&self, pattern: &Pattern) -> Tri<F> {
        match self {
            Self::Exact(resource) => Tri::from(pattern.matches(resource)),
            Self::Kind(places, kind) => match places.of.get(pattern) {
                Some(Place::Same(same)) => Tri::from(*same),
                Some(Place::Differs(index)) => {
                    Tri::from(kind.get(*index).copied().unwrap_or(false))
                }
                // Of a statement about other actions, which is asked only for how near it comes.
                None => Tri::from(places.asked.relation_to(pattern) == Relation::Within),
            },
            Self::Blurred(places) => match places.of.get(pattern) {
                Some(Place::Same(same)) => Tri::from(*same),
                _ => Tri::Maybe(F::default()),
            },
        }
    }
}

/// The members of a resource pattern, grouped by which of the written patterns match them.
pub(super) struct Members {
    places: Places,
    kinds: Option<Vec<Vec<bool>>>,
}

impl Members {
    /// Groups the members of the resource asked for, as seen by statements that may apply to the request.
    pub(super) fn of(request: &Request, layers: &Compiled<'_>) -> Self {
        let of = expand_resource(&request.resource, Version::V2008, &request.context).arn(false);
        let mut places = BTreeMap::new();
        let mut differing = Vec::new();
        let mut intricate = false;
        for rule in layers.in_order(&request.action) {
            for target in rule.targets.iter().flatten() {
                let Some(pattern) = target.pattern(&request.context) else {
                    continue;
                };
                if places.contains_key(&pattern) {
                    continue;
                }
                // Once too much for a walk is there, more walks tell little more.
                let relation = match intricate {
                    true => of.at_a_glance(&pattern),
                    false => of.compare(&pattern),
                };
                intricate |= relation.is_none();
                let place = match relation {
                    Some(Relation::Within) => Place::Same(true),
                    Some(Relation::Apart) => Place::Same(false),
                    Some(Relation::Across) | None => {
                        differing.push(pattern.clone());
                        Place::Differs(differing.len() - 1)
                    }
                };
                places.insert(pattern, place);
            }
        }
        let differing: Vec<&Pattern> = differing.iter().collect();
        let kinds: Option<BTreeSet<Vec<bool>>> = match differing.len() {
            // What two patterns do not tell, more of them tell still less.
            _ if intricate => None,
            0 => Some(BTreeSet::from([Vec::new()])),
            1 => Some(BTreeSet::from([vec![true], vec![false]])),
            _ => beginnings(&of, &differing).or_else(|| signatures(&of, &differing)),
        };
        let kinds = kinds
            .filter(|kinds| kinds.len() <= KINDS)
            .map(|kinds| kinds.into_iter().collect());
        Self {
            places: Places {
                asked: of,
                of: places,
            },
            kinds,
        }
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
