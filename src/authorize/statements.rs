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
    /// The policy: `the trust policy`, `identity policy 2`.
    policy: String,
}

impl<'a> Statements<'a> {
    pub(super) fn of(case: &'a Case, sources: &'a Sources) -> Self {
        let mut all = Self {
            sources,
            by_place: BTreeMap::new(),
        };
        let policies = &case.policies;
        let identity = policies.identity.known().map_or(&[][..], Vec::as_slice);
        all.add(LayerName::Identity, identity, "");
        for (layer, policy) in [
            (LayerName::Resource, &policies.resource),
            (LayerName::Boundary, &policies.boundary),
            (LayerName::Session, &policies.session),
        ] {
            all.add(
                layer,
                policy.known().map_or(&[][..], std::slice::from_ref),
                "",
            );
        }
        for (layer, levels) in [
            (LayerName::Scp, &policies.scps),
            (LayerName::Rcp, &policies.rcps),
        ] {
            let levels = levels.known().map_or(&[][..], Vec::as_slice);
            for (level, policies) in levels.iter().enumerate() {
                let of = match levels.len() {
                    1 => String::new(),
                    _ => format!(" of level {}", level + 1),
                };
                all.add(layer, policies, &of);
            }
        }
        all
    }

    fn add(&mut self, layer: LayerName, policies: &'a [Policy], level: &str) {
        for (at, policy) in policies.iter().enumerate() {
            let name = match policies.len() {
                1 => format!("the {{}}{level}"),
                _ => format!("{{}} {}{level}", at + 1),
            };
            for (number, statement) in policy.statements.iter().enumerate() {
                let entry = Entry {
                    statement,
                    number: number + 1,
                    policy: name.clone(),
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
    pub(super) fn short(&self, layer: LayerName, origin: Origin) -> String {
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
        let policy = self.policy(layer, origin);
        format!(
            "{} of {policy} (line {})",
            self.short(layer, origin),
            self.sources.place(origin).start.line
        )
    }

    /// `the trust policy`, `identity policy 2`, `service control policy 1 of level 2`.
    pub(super) fn policy(&self, layer: LayerName, origin: Origin) -> String {
        let name = words::policy_name(layer);
        match self.entry(layer, origin) {
            Some(entry) => entry.policy.replacen("{}", name, 1),
            None => format!("the {name}"),
        }
    }

    /// `file:line`.
    pub(super) fn place(&self, origin: Origin) -> String {
        let place = self.sources.place(origin);
        format!("{}:{}", place.name, place.start.line)
    }
}
