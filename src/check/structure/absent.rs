//! Things that AWS says are not there.

use super::{Breach, Walk};
use crate::check::finding::Label;
use crate::check::layers::holder;
use crate::check::refused;
use crate::rules::{Certainty, Party, Requirement};

impl Walk<'_> {
    /// What requirements are about, or hang on, and what does not exist. The pipeline cannot run without the artifact store's bucket
    /// and key; what else is missing an earlier action may create, or a later deployment.
    pub(super) fn absent(&mut self, needed: &[Requirement]) {
        for requirement in needed {
            let of_caller = match &requirement.caller {
                Party::Unknown { missing, .. } => missing.as_slice(),
                _ => &[],
            };
            let facts = requirement.target.missing.iter().chain(of_caller);
            let mut things: Vec<String> = facts.map(|fact| fact.told_by.thing.clone()).collect();
            let holder = holder(requirement);
            // A secret is asked about without the end of its ARN that nobody knows.
            let secret = holder.trim_end_matches(['*', '?']);
            if holder.contains(":secretsmanager:") && secret != holder {
                things.push(secret.trim_end_matches('-').to_owned());
            }
            things.push(holder);
            for thing in things {
                let Some(refusal) = refused::absent(self.graph, &thing) else {
                    continue;
                };
                let certainty = match refused::is_of_store(requirement, &thing) {
                    true => requirement.certainty,
                    false => Certainty::Conditional,
                };
                let needed = Label {
                    origin: requirement.site.origin,
                    text: format!("needed {}", requirement.why),
                };
                self.breaches.push(Breach {
                    rule: "resource-not-found",
                    principal: requirement.caller.name().to_owned(),
                    resource: thing,
                    operations: Vec::new(),
                    detail: refused::answer(refusal),
                    certainty,
                    site: requirement.site,
                    labels: vec![needed, refused::label(refusal)],
                });
            }
        }
    }
}
