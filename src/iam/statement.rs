//! Statements made ready for decisions, and whether one applies to one member of what is asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::action::action_hangs_on;
use super::automaton::signatures;
use super::compiled::Compiled;
use super::condition::Test;
use super::pattern::{Pattern, Relation, beginnings};
use super::principal::Subjects;
use super::symbol::{Meeting, Open, meet, missing};
use super::tri::{Reasons, Tri};
use super::variables::{expand_resource, has_variables};
use super::{Context, LayerName, Request};
use crate::graph::{Statement, Version, Written, has_symbol};

/// How many kinds of members are decided one by one.
const KINDS: usize = 512;

/// One resource, or one kind of members of a resource pattern.
#[derive(Debug)]
pub(super) enum Member<'a> {
    /// This one, and whether it has unresolved parts.
    Exact(&'a str, bool),
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
    /// Whether what is asked for has unresolved parts.
    symbolic: bool,
}

/// Where a written pattern stands among the [`Member::Kind`]s.
#[derive(Debug, Clone)]
enum Place {
    /// It matches every member, or none.
    Same(bool),
    /// It matches some: the kinds tell it at this index.
    Differs(usize),
    /// That hangs on unresolved values.
    Open(Open),
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
    /// Whether its actions have unresolved parts.
    open_actions: bool,
}

/// One written resource.
#[derive(Debug)]
pub(super) struct Target<'a> {
    text: &'a str,
    version: Version,
    /// Its pattern, unless that depends on variables.
    fixed: Option<Pattern>,
    /// Whether it has unresolved parts of its own.
    symbolic: bool,
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
            open_actions: statement.actions.iter().any(|one| has_symbol(&one.text)),
        }
    }

    /// Whether a statement that may take in the action applies, its principals aside.
    pub(super) fn applies<F: Reasons>(&self, asked: &Asked<'_>) -> Tri<F> {
        let mut truth = self.resource_applies(asked);
        if self.open_actions {
            let open = action_hangs_on(self.statement, &asked.request.action);
            if !open.is_empty() {
                truth = truth.and(Tri::Maybe(F::of(asked.layer, missing(&open))));
            }
        }
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
            symbolic: has_symbol(text),
            text,
            version,
            fixed,
        }
    }

    /// Whether it matches the member.
    pub(super) fn matches<F: Reasons>(&self, asked: &Asked<'_>) -> Tri<F> {
        if let Some(pattern) = &self.fixed {
            return asked.member.matches(pattern, self.symbolic, asked.layer);
        }
        let expansion = expand_resource(self.text, self.version, &asked.request.context);
        if expansion.void {
            return Tri::No;
        }
        let pattern = expansion.arn(true);
        let symbolic = pattern.is_symbolic();
        let truth = asked.member.matches(&pattern, symbolic, asked.layer);
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

impl<'a> Member<'a> {
    /// The one resource.
    pub(super) fn exact(resource: &'a str) -> Self {
        Self::Exact(resource, has_symbol(resource))
    }

    fn matches<F: Reasons>(&self, pattern: &Pattern, symbolic: bool, layer: LayerName) -> Tri<F> {
        match self {
            Self::Exact(resource, false) if !symbolic => Tri::from(pattern.matches(resource)),
            Self::Exact(resource, _) => match meet(&Pattern::literal(resource), pattern) {
                Meeting::Certain(relation) => Tri::from(relation == Some(Relation::Within)),
                Meeting::Open(open) => Tri::Maybe(F::of(layer, missing(&open))),
            },
            Self::Kind(places, kind) => match places.of.get(pattern) {
                Some(Place::Same(same)) => Tri::from(*same),
                Some(Place::Open(open)) => Tri::Maybe(F::of(layer, missing(open))),
                Some(Place::Differs(index)) => {
                    Tri::from(kind.get(*index).copied().unwrap_or(false))
                }
                // Of a statement about other actions, which is asked only for how near it comes.
                None => match places.place(pattern, symbolic, false) {
                    Some(Place::Open(open)) => Tri::Maybe(F::of(layer, missing(&open))),
                    Some(Place::Same(true)) => Tri::Yes,
                    _ => Tri::No,
                },
            },
            Self::Blurred(places) => match places.of.get(pattern) {
                Some(Place::Same(same)) => Tri::from(*same),
                Some(Place::Open(open)) => Tri::Maybe(F::of(layer, missing(open))),
                _ => Tri::Maybe(F::default()),
            },
        }
    }
}

impl Places {
    /// Where a pattern stands that matches all members or none, or of which that is open; `None` where it is too intricate to
    /// tell. What differs has its index later.
    fn place(&self, pattern: &Pattern, symbolic: bool, hastily: bool) -> Option<Place> {
        let relation = if self.symbolic || symbolic {
            match meet(&self.asked, pattern) {
                Meeting::Certain(relation) => relation,
                Meeting::Open(open) => return Some(Place::Open(open)),
            }
        } else if hastily {
            self.asked.at_a_glance(pattern)
        } else {
            self.asked.compare(pattern)
        };
        Some(match relation? {
            Relation::Within => Place::Same(true),
            Relation::Apart => Place::Same(false),
            Relation::Across => Place::Differs(usize::MAX),
        })
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
        let mut places = Places {
            symbolic: of.is_symbolic(),
            asked: of,
            of: BTreeMap::new(),
        };
        let mut differing = Vec::new();
        let mut intricate = false;
        for rule in layers.in_order(&request.action) {
            for target in rule.targets.iter().flatten() {
                let Some(pattern) = target.pattern(&request.context) else {
                    continue;
                };
                if places.of.contains_key(&pattern) {
                    continue;
                }
                let symbolic = pattern.is_symbolic();
                // Once too much for a walk is there, more walks tell little more.
                let place = places.place(&pattern, symbolic, intricate);
                intricate |= place.is_none();
                let place = match place {
                    Some(Place::Differs(_)) | None => {
                        differing.push(pattern.clone());
                        Place::Differs(differing.len() - 1)
                    }
                    Some(place) => place,
                };
                places.of.insert(pattern, place);
            }
        }
        let differing: Vec<&Pattern> = differing.iter().collect();
        let of = &places.asked;
        let kinds: Option<BTreeSet<Vec<bool>>> = match differing.len() {
            // What two patterns do not tell, more of them tell still less.
            _ if intricate => None,
            0 => Some(BTreeSet::from([Vec::new()])),
            1 => Some(BTreeSet::from([vec![true], vec![false]])),
            _ => beginnings(of, &differing).or_else(|| signatures(of, &differing)),
        };
        let kinds = kinds
            .filter(|kinds| kinds.len() <= KINDS)
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
