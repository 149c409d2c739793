//! Layers made ready for many decisions: everything that does not depend on the request is read once.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::action::{Index, action_applies};
use super::statement::Rule;
use super::symbol::Open;
use super::{Decision, Layer, Layers, PolicySet, Request, Verdict, combine, public};
use crate::graph::{Policy, Statement, Version};
use crate::source::Origin;

/// Layers that were read once, to decide many requests by them.
#[derive(Debug)]
pub struct Compiled<'a> {
    pub(super) identity: Layer<Arc<Rules<'a>>>,
    pub(super) resource: Layer<Arc<Rules<'a>>>,
    pub(super) resource_account: Option<String>,
    /// The statement that makes the resource's policy public, where that turns other accounts away.
    pub(super) restricted: Option<Origin>,
    /// The unresolved values on which that hangs, where it does.
    pub(super) restricted_hangs_on: Open,
    pub(super) boundary: Layer<Arc<Rules<'a>>>,
    pub(super) session: Layer<Arc<Rules<'a>>>,
    pub(super) scps: Layer<Vec<Arc<Rules<'a>>>>,
    pub(super) rcps: Layer<Vec<Arc<Rules<'a>>>>,
}

/// Policy sets that were read once, whatever layers they stand in: callers share the policies of a bucket, and requests those of
/// a caller.
#[derive(Debug, Default)]
pub struct Library<'a> {
    read: BTreeMap<Volume, Arc<Rules<'a>>>,
}

/// A policy set by where its documents lie: while they are borrowed nothing else can lie there.
type Volume = (Vec<*const Policy>, Vec<String>);

/// A [`PolicySet`] that was read.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    /// As it was written, to look for near misses in.
    pub(super) written: PolicySet<'a>,
    entries: Vec<Entry<'a>>,
    index: Index,
}

/// A statement that is read when it is first needed: most of a large set never is.
#[derive(Debug)]
struct Entry<'a> {
    statement: &'a Statement,
    version: Version,
    rule: OnceLock<Rule<'a>>,
}

impl<'a> Library<'a> {
    /// Puts layers together, reading only those policy sets that were not read before.
    pub fn compile(&mut self, layers: &Layers<'a>) -> Compiled<'a> {
        Compiled::with(layers, &mut |set| {
            let documents = set
                .policies
                .iter()
                .map(|policy| std::ptr::from_ref(*policy));
            let volume = (documents.collect(), set.unseen.clone());
            let rules = self.read.entry(volume);
            Arc::clone(rules.or_insert_with(|| Arc::new(Rules::of(set))))
        })
    }
}

impl<'a> Compiled<'a> {
    /// Reads the layers.
    pub fn new(layers: &Layers<'a>) -> Self {
        Self::with(layers, &mut |set| Arc::new(Rules::of(set)))
    }

    /// Reads only what speaks of one action, which is cheaper for one decision.
    pub(super) fn narrowed(layers: &Layers<'a>, action: &str) -> Self {
        Self::with(layers, &mut |set| Arc::new(Rules::narrowed(set, action)))
    }

    fn with(layers: &Layers<'a>, read: Read<'_, 'a>) -> Self {
        let levels = |layer: &Layer<Vec<PolicySet<'a>>>, read: Read<'_, 'a>| {
            mapped(layer, |levels| levels.iter().map(read).collect())
        };
        let public = match &layers.resource {
            Layer::Known(set) if layers.restricts_public => public::statement(set),
            Layer::Known(_) | Layer::Absent | Layer::Unknown => Ok(None),
        };
        Self {
            identity: mapped(&layers.identity, &mut *read),
            resource: mapped(&layers.resource, &mut *read),
            resource_account: layers.resource_account.clone(),
            restricted: public.as_ref().ok().copied().flatten(),
            restricted_hangs_on: public.err().unwrap_or_default(),
            boundary: mapped(&layers.boundary, &mut *read),
            session: mapped(&layers.session, &mut *read),
            scps: levels(&layers.scps, &mut *read),
            rcps: levels(&layers.rcps, &mut *read),
        }
    }

    /// How many statements a decision about an action looks at, in all layers together: those that name its service, and those
    /// whose service is open.
    pub fn looks_at(&self, action: &str) -> usize {
        let looks_at = |rules: &Arc<Rules<'a>>| {
            let (exact, open) = rules.index.candidates(action);
            exact.len() + open.count()
        };
        self.sets().map(looks_at).sum()
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
        self.sets().flat_map(|rules| rules.in_order(action))
    }

    fn sets(&self) -> impl Iterator<Item = &Arc<Rules<'a>>> {
        let single = [
            &self.identity,
            &self.resource,
            &self.boundary,
            &self.session,
        ];
        let single = single.into_iter().filter_map(known);
        let levels = [&self.scps, &self.rcps].into_iter().filter_map(known);
        single.chain(levels.flatten())
    }
}

/// How a policy set is read.
type Read<'r, 'a> = &'r mut dyn FnMut(&PolicySet<'a>) -> Arc<Rules<'a>>;

impl<'a> Entry<'a> {
    fn new((policy, statement): (&'a Policy, &'a Statement)) -> Self {
        Self {
            statement,
            version: policy.version,
            rule: OnceLock::new(),
        }
    }

    fn rule(&self) -> &Rule<'a> {
        self.rule
            .get_or_init(|| Rule::of(self.statement, self.version))
    }
}

impl<'a> Rules<'a> {
    fn of(set: &PolicySet<'a>) -> Self {
        let entries: Vec<_> = statements(set).map(Entry::new).collect();
        Self {
            written: set.clone(),
            index: Index::of(entries.iter().map(|entry| entry.statement)),
            entries,
        }
    }

    fn narrowed(set: &PolicySet<'a>, action: &str) -> Self {
        let naming = statements(set).filter(|(_, statement)| action_applies(statement, action));
        let entries: Vec<_> = naming.map(Entry::new).collect();
        Self {
            written: set.clone(),
            index: Index::flat(entries.len()),
            entries,
        }
    }

    fn in_order(&self, action: &str) -> impl Iterator<Item = &Rule<'a>> {
        let all = self.entries.iter();
        all.filter(move |entry| action_applies(entry.statement, action))
            .map(Entry::rule)
    }

    /// What takes in an action, in any order.
    pub(super) fn naming(&self, action: &str) -> impl Iterator<Item = &Rule<'a>> {
        let (exact, open) = self.index.candidates(action);
        let exact = exact.iter().filter_map(|at| self.entries.get(*at));
        let open = open.filter_map(|at| self.entries.get(at));
        exact
            .chain(open.filter(move |entry| action_applies(entry.statement, action)))
            .map(Entry::rule)
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
