//! Roles that do not exist, and roles that cannot be passed on.

use super::{Breach, Walk};
use crate::check::decision::is_impossible_pass;
use crate::check::finding::Label;
use crate::graph::Fact;
use crate::rules::{Party, Purpose, Requirement};

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
                let label = Label {
                    origin,
                    text: "the account's export does not contain this role".to_owned(),
                };
                self.breaches.push(Breach {
                    rule: "role-missing",
                    principal: arn.clone(),
                    resource: arn,
                    operations: Vec::new(),
                    detail: String::new(),
                    certainty: requirement.certainty,
                    site: requirement.site,
                    labels: vec![label],
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
