//! Every statement of a case with the name that people find it by.

use std::collections::BTreeMap;

use crate::graph::{Policy, Statement};
use crate::iam::{LayerName, words};
use crate::load::case::Case;
use crate::source::{Origin, Sources};

/// The statements of a case.
pub(super) struct Statements<'a> {
    sources: &'a Sources,
    // An anchor in YAML makes one statement stand in several layers, so its place alone is no key.
    by_place: BTreeMap<(LayerName, Origin), Entry<'a>>,
}

struct Entry<'a> {
    statement: &'a Statement,
    /// Which statement of its policy, from 1.
    number: usize,
    /// Which policy of its layer, from 1, where there are several.
    position: Option<usize>,
    /// Which level of an organization, from 1, where there are several.
    level: Option<usize>,
}

impl<'a> Statements<'a> {
    pub(super) fn of(case: &'a Case, sources: &'a Sources) -> Self {
        let mut all = Self {
            sources,
            by_place: BTreeMap::new(),
        };
        let policies = &case.policies;
        let identity = policies.identity.known().map_or(&[][..], Vec::as_slice);
        all.add(LayerName::Identity, identity, None);
        for (layer, policy) in [
            (LayerName::Resource, &policies.resource),
            (LayerName::Boundary, &policies.boundary),
            (LayerName::Session, &policies.session),
        ] {
            all.add(
                layer,
                policy.known().map_or(&[][..], std::slice::from_ref),
                None,
            );
        }
        for (layer, levels) in [
            (LayerName::Scp, &policies.scps),
            (LayerName::Rcp, &policies.rcps),
        ] {
            let levels = levels.known().map_or(&[][..], Vec::as_slice);
            for (level, policies) in levels.iter().enumerate() {
                let level = (levels.len() > 1).then_some(level + 1);
                all.add(layer, policies, level);
            }
        }
        all
    }

    fn add(&mut self, layer: LayerName, policies: &'a [Policy], level: Option<usize>) {
        for (at, policy) in policies.iter().enumerate() {
            for (number, statement) in policy.statements.iter().enumerate() {
                let entry = Entry {
                    statement,
                    number: number + 1,
                    position: (policies.len() > 1).then_some(at + 1),
                    level,
                };
                self.by_place
                    .entry((layer, statement.origin))
                    .or_insert(entry);
            }
        }
    }

    fn entry(&self, layer: LayerName, origin: Origin) -> Option<&Entry<'a>> {
        let layer = match layer {
            LayerName::Trust | LayerName::KeyPolicy => LayerName::Resource,
            other => other,
        };
        self.by_place.get(&(layer, origin))
    }

    pub(super) fn statement(&self, layer: LayerName, origin: Origin) -> Option<&'a Statement> {
        self.entry(layer, origin).map(|entry| entry.statement)
    }

    /// `` statement `Read` `` or `statement 2`.
    fn short(&self, layer: LayerName, origin: Origin) -> String {
        match self.entry(layer, origin) {
            Some(entry) => match entry.statement.sid.as_deref().filter(|sid| !sid.is_empty()) {
                Some(sid) => format!("statement `{sid}`"),
                None => format!("statement {}", entry.number),
            },
            None => "a statement".to_owned(),
        }
    }

    /// `` statement `Read` of identity policy 2 (line 14) ``.
    pub(super) fn long(&self, layer: LayerName, origin: Origin) -> String {
        let (short, line) = (self.short(layer, origin), self.line(origin));
        format!("{short} of {} (line {line})", self.policy(layer, origin))
    }

    /// The same where the layer has been named: `` statement `Read` of policy 2 ``, `statement 1`.
    pub(super) fn within(&self, layer: LayerName, origin: Origin) -> String {
        let short = self.short(layer, origin);
        match self.entry(layer, origin).and_then(|entry| entry.position) {
            Some(position) => format!("{short} of policy {position}"),
            None => short,
        }
    }

    /// `the trust policy`, `identity policy 2`, `service control policy 1 of level 2`.
    fn policy(&self, layer: LayerName, origin: Origin) -> String {
        let name = words::policy_name(layer);
        let Some(entry) = self.entry(layer, origin) else {
            return format!("the {name}");
        };
        let level = match entry.level {
            Some(level) => format!(" of level {level}"),
            None => String::new(),
        };
        match entry.position {
            Some(position) => format!("{name} {position}{level}"),
            None => format!("the {name}{level}"),
        }
    }

    pub(super) fn line(&self, origin: Origin) -> usize {
        self.sources.place(origin).start.line
    }

    /// `file:line`.
    pub(super) fn place(&self, origin: Origin) -> String {
        let place = self.sources.place(origin);
        format!("{}:{}", place.name, place.start.line)
    }
}
