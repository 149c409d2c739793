//! Layers made ready for many decisions: everything that does not depend on the request is read once.

use super::action::{Index, action_applies};
use super::statement::Rule;
use super::{Decision, Layer, Layers, PolicySet, Request, Verdict, combine};
use crate::graph::{Policy, Statement};

/// Layers that were read once, to decide many requests by them.
#[derive(Debug)]
pub struct Compiled<'a> {
    pub(super) identity: Layer<Rules<'a>>,
    pub(super) resource: Layer<Rules<'a>>,
    pub(super) resource_account: Option<String>,
    pub(super) boundary: Layer<Rules<'a>>,
    pub(super) session: Layer<Rules<'a>>,
    pub(super) scps: Layer<Vec<Rules<'a>>>,
    pub(super) rcps: Layer<Vec<Rules<'a>>>,
}

/// A [`PolicySet`] that was read.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    /// As it was written, to look for near misses in.
    pub(super) written: PolicySet<'a>,
    rules: Vec<Rule<'a>>,
    index: Index,
}

impl<'a> Compiled<'a> {
    /// Reads the layers.
    pub fn new(layers: &Layers<'a>) -> Self {
        Self::with(layers, &Rules::of)
    }

    /// Reads only what speaks of one action, which is cheaper for one decision.
    pub(super) fn narrowed(layers: &Layers<'a>, action: &str) -> Self {
        Self::with(layers, &|set| Rules::narrowed(set, action))
    }

    fn with(layers: &Layers<'a>, read: &dyn Fn(&PolicySet<'a>) -> Rules<'a>) -> Self {
        let levels = |layer: &Layer<Vec<PolicySet<'a>>>| {
            mapped(layer, |levels| levels.iter().map(read).collect())
        };
        Self {
            identity: mapped(&layers.identity, read),
            resource: mapped(&layers.resource, read),
            resource_account: layers.resource_account.clone(),
            boundary: mapped(&layers.boundary, read),
            session: mapped(&layers.session, read),
            scps: levels(&layers.scps),
            rcps: levels(&layers.rcps),
        }
    }

    /// Decides a request as AWS would, and says why.
    pub fn decide(&self, request: &Request) -> Decision {
        combine::decide(request, self)
    }

    /// The [`Decision::verdict`] alone, which is quicker: one resource that is allowed costs no allocation.
    pub fn verdict(&self, request: &Request) -> Verdict {
        combine::verdict(request, self)
    }

    /// Everything that takes in an action, in any layer, in the order in which it is written: which member of a resource pattern
    /// speaks for all that lack the same must not hang on how statements are looked up.
    pub(super) fn in_order<'s>(&'s self, action: &'s str) -> impl Iterator<Item = &'s Rule<'a>> {
        let single = [
            &self.identity,
            &self.resource,
            &self.boundary,
            &self.session,
        ];
        let single = single.into_iter().filter_map(known);
        let levels = [&self.scps, &self.rcps].into_iter().filter_map(known);
        single
            .chain(levels.flatten())
            .flat_map(|rules| rules.in_order(action))
    }
}

impl<'a> Rules<'a> {
    fn of(set: &PolicySet<'a>) -> Self {
        let all = statements(set);
        let rules: Vec<_> = all.map(|(policy, s)| Rule::of(s, policy.version)).collect();
        Self {
            written: set.clone(),
            index: Index::of(rules.iter().map(|rule| rule.statement)),
            rules,
        }
    }

    fn narrowed(set: &PolicySet<'a>, action: &str) -> Self {
        let naming = statements(set).filter(|(_, statement)| action_applies(statement, action));
        let rules: Vec<_> = naming.map(|(p, s)| Rule::of(s, p.version)).collect();
        Self {
            written: set.clone(),
            index: Index::flat(rules.len()),
            rules,
        }
    }

    fn in_order(&self, action: &str) -> impl Iterator<Item = &Rule<'a>> {
        let all = self.rules.iter();
        all.filter(move |rule| action_applies(rule.statement, action))
    }

    /// What takes in an action, in any order.
    pub(super) fn naming(&self, action: &str) -> impl Iterator<Item = &Rule<'a>> {
        let (exact, open) = self.index.candidates(action);
        let exact = exact.iter().filter_map(|at| self.rules.get(*at));
        let open = open.filter_map(|at| self.rules.get(at));
        exact.chain(open.filter(move |rule| action_applies(rule.statement, action)))
    }
}

/// All statements of a set.
pub(super) fn statements<'a>(
    set: &PolicySet<'a>,
) -> impl Iterator<Item = (&'a Policy, &'a Statement)> {
    set.policies
        .iter()
        .flat_map(|policy| policy.statements.iter().map(move |s| (*policy, s)))
}

fn known<T>(layer: &Layer<T>) -> Option<&T> {
    match layer {
        Layer::Known(known) => Some(known),
        Layer::Absent | Layer::Unknown => None,
    }
}

fn mapped<T, U>(layer: &Layer<T>, read: impl FnOnce(&T) -> U) -> Layer<U> {
    match layer {
        Layer::Absent => Layer::Absent,
        Layer::Known(known) => Layer::Known(read(known)),
        Layer::Unknown => Layer::Unknown,
    }
}
