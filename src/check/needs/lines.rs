//! Calls of one principal → lines: what is said twice is said once, and operations that differ in nothing stand together.

use std::collections::{BTreeMap, BTreeSet};

use super::super::run::all_affected;
use super::sides::Sides;
use super::{Kind, Need, Standing, Unknown};
use crate::check::finding::ReportLayer;
use crate::graph::Graph;
use crate::rules::{Certainty, Covers, Evidence, Site};

/// What makes two requirements of one principal one call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call {
    pub(super) resource: String,
    pub(super) context: BTreeMap<String, String>,
    pub(super) operation: String,
}

/// One call with everything that was said of it.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) certainty: Certainty,
    pub(super) evidence: Evidence,
    pub(super) why: Vec<String>,
    pub(super) documentation: Vec<String>,
    pub(super) account: Option<String>,
    pub(super) covers: Covers,
    pub(super) sides: Sides,
    pub(super) sites: BTreeSet<Site>,
    pub(super) standing: Option<Standing>,
    pub(super) lacking: BTreeSet<ReportLayer>,
    pub(super) unknown: BTreeSet<Unknown>,
    /// The set of alternatives inside one principal that the call belongs to, by pipeline.
    pub(super) sets: BTreeSet<(usize, usize)>,
    pub(super) or_for: Vec<String>,
}

/// A section while it is being written.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) kind: Option<Kind>,
    pub(super) titles: Vec<String>,
    pub(super) assumed_by: Vec<String>,
    /// Calls in the order in which the actions first ask for them.
    pub(super) order: Vec<Call>,
    pub(super) calls: BTreeMap<Call, Said>,
}

impl Said {
    /// Adds what another requirement says of the same call: the strongest reason counts, and the worst answer.
    pub(super) fn join(&mut self, other: Self) {
        self.certainty = self.certainty.min(other.certainty);
        self.evidence = self.evidence.min(other.evidence);
        add(&mut self.why, other.why);
        add(&mut self.documentation, other.documentation);
        add(&mut self.or_for, other.or_for);
        self.sites.extend(other.sites);
        self.standing = self.standing.max(other.standing);
        self.lacking.extend(other.lacking);
        self.unknown.extend(other.unknown);
        self.sets.extend(other.sets);
    }

    /// Whether two operations on one resource stand in one line.
    fn is_like(&self, other: &Self) -> bool {
        let key = |said: &Self| {
            (
                said.certainty,
                said.evidence,
                said.why.clone(),
                said.standing,
                said.lacking.clone(),
                said.unknown.clone(),
                said.sets.clone(),
                said.or_for.clone(),
            )
        };
        let sites = |said: &Self| -> Vec<_> {
            let sites = said.sites.iter();
            sites.map(|site| (site.pipeline, site.action)).collect()
        };
        self.sides.grants == other.sides.grants
            && sites(self) == sites(other)
            && key(self) == key(other)
    }
}

fn add(known: &mut Vec<String>, more: Vec<String>) {
    for one in more {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}

impl Section {
    pub(super) fn lines(&self, graph: &Graph) -> Vec<Need> {
        let mut lines: Vec<(&Call, Said, Vec<String>)> = Vec::new();
        for call in &self.order {
            let Some(said) = self.calls.get(call) else {
                continue;
            };
            let line = lines.iter_mut().find(|(known, like, _)| {
                known.resource == call.resource
                    && known.context == call.context
                    && like.is_like(said)
            });
            match line {
                Some((_, like, operations)) => {
                    operations.push(call.operation.clone());
                    add(&mut like.documentation, said.documentation.clone());
                }
                None => lines.push((call, said.clone(), vec![call.operation.clone()])),
            }
        }
        let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
        for (position, call) in self.order.iter().enumerate() {
            positions.entry(&call.resource).or_insert(position);
        }
        lines.sort_by_cached_key(|(call, said, _)| {
            let position = positions.get(call.resource.as_str());
            (position.copied(), said.sides.grants.clone(), said.certainty)
        });
        let line = |(call, said, mut operations): (&Call, Said, Vec<String>)| {
            operations.sort();
            Need {
                resource: call.resource.clone(),
                account: said.account,
                covers: said.covers,
                one_is_enough: !said.sets.is_empty() && operations.len() > 1,
                operations,
                or_for: said.or_for,
                context: call.context.clone(),
                certainty: said.certainty,
                evidence: said.evidence,
                why: said.why,
                documentation: said.documentation,
                grants: said.sides.grants,
                remark: said.sides.remark,
                standing: said.standing,
                lacking: said.lacking.into_iter().collect(),
                unknown: said.unknown.into_iter().collect(),
                affects: all_affected(graph, said.sites.into_iter()),
            }
        };
        lines.into_iter().map(line).collect()
    }
}
