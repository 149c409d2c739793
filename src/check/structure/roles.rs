//! Roles that do not exist, and roles that cannot be passed on.

use super::{Breach, Walk};
use crate::check::decision::is_impossible_pass;
use crate::check::finding::Label;
use crate::check::refused;
use crate::graph::{Fact, Refusal};
use crate::rules::{Party, Purpose, Requirement};

/// How it is known that a role does not exist.
pub(in crate::check) fn no_role(told: Option<&Refusal>) -> String {
    match told {
        Some(refusal) => refused::answer(refusal),
        None => "the complete export of its account does not contain it".to_owned(),
    }
}

impl Walk<'_> {
    /// Roles that a complete export does not contain.
    pub(super) fn roles(&mut self, needed: &[Requirement]) {
        for requirement in needed {
            let mut named = Vec::new();
            if let Party::Role(role) = &requirement.caller {
                named.push((role.arn.clone(), role.origin));
            }
            if requirement.operation == "sts:AssumeRole" && !requirement.target.is_pattern {
                named.push((requirement.target.arn.clone(), requirement.site.origin));
            }
            for (arn, origin) in named {
                if !matches!(self.graph.role(&arn), Fact::Absent) {
                    continue;
                }
                let told = refused::no_such(self.graph, &arn);
                let text = match told {
                    Some(_) => "this role does not exist",
                    None => "the account's export does not contain this role",
                };
                let label = Label {
                    origin,
                    text: text.to_owned(),
                };
                self.breaches.push(Breach {
                    rule: "role-missing",
                    principal: arn.clone(),
                    detail: no_role(told),
                    resource: arn,
                    operations: Vec::new(),
                    certainty: requirement.certainty,
                    site: requirement.site,
                    labels: std::iter::once(label)
                        .chain(told.map(refused::label))
                        .collect(),
                });
            }
        }
    }

    /// Roles of another account than the caller's.
    pub(super) fn passes(&mut self, needed: &[Requirement]) {
        for requirement in needed
            .iter()
            .filter(|requirement| is_impossible_pass(requirement))
        {
            let (Party::Role(caller) | Party::User(caller)) = &requirement.caller else {
                continue;
            };
            let label = |origin, text: &str| Label {
                origin,
                text: text.to_owned(),
            };
            let mut labels = vec![label(
                requirement.site.origin,
                "a role of another account is passed on here",
            )];
            if caller.origin != requirement.site.origin {
                let text = format!("the {} acts, in its own account", caller.title);
                labels.push(Label {
                    origin: caller.origin,
                    text,
                });
            }
            self.breaches.push(Breach {
                rule: match requirement.purpose {
                    Purpose::PassRoleInBuild => "foreign-role-in-command",
                    _ => "passed-role-in-other-account",
                },
                principal: caller.arn.clone(),
                resource: requirement.target.arn.clone(),
                operations: vec!["iam:PassRole".to_owned()],
                detail: String::new(),
                certainty: requirement.certainty,
                site: requirement.site,
                labels,
            });
        }
    }
}
