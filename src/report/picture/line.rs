//! A requirement → what an arrow says of it.

use std::collections::BTreeMap;

use super::{Line, Mark};
use crate::check::Affected;
use crate::check::needs::{Need, Needs, Policies, Principal, Standing, Unknown};
use crate::report::needs::{alternatives, certainty, conditions, granted_by, lacking, why};

/// The lines by which roles are taken up, by the role.
pub(super) struct Trusts<'n> {
    by_role: BTreeMap<&'n str, Vec<(&'n Principal, &'n Need)>>,
}

impl<'n> Trusts<'n> {
    pub(super) fn of(needs: &'n Needs) -> Self {
        let mut by_role: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for principal in &needs.principals {
            for need in &principal.needs {
                if need.operations.iter().any(|it| it == "sts:AssumeRole") {
                    let lines = by_role.entry(&need.resource).or_default();
                    lines.push((principal, need));
                }
            }
        }
        Self { by_role }
    }

    /// The lines by which the role of a step, or of a pipeline as a whole, is taken up.
    pub(super) fn lines(&self, role: &str, affected: &Affected) -> Vec<Line> {
        let lines = self.by_role.get(role).into_iter().flatten();
        let lines = lines.filter(|(_, need)| need.affects.contains(affected));
        lines
            .map(|(principal, need)| Line {
                affects: vec![affected.clone()],
                ..line(principal, need)
            })
            .collect()
    }
}

/// A line of what a principal needs.
pub(super) fn line(principal: &Principal, need: &Need) -> Line {
    let mut remarks: Vec<String> = Vec::new();
    remarks.extend(need.remark.clone());
    remarks.extend(alternatives(need));
    remarks.extend(conditions(need).map(|it| format!("the call carries {it}")));
    let mut unknown = need.unknown.clone();
    if need.standing.is_none() && unknown.is_empty() && principal.unknown.is_empty() {
        unknown.push(Unknown {
            what: format!("the policies of `{}`", principal.name),
            supply: "the export of its account".to_owned(),
        });
    }
    unknown.extend(principal.unknown.iter().cloned());
    Line {
        principal: principal.name.clone(),
        resource: need.resource.clone(),
        operations: need.operations.clone(),
        mark: Mark::of(need.standing, need.certainty),
        why: why(need),
        certainty: certainty(need),
        granted_by: granted_by(need, principal),
        lacking: (need.standing == Some(Standing::Missing))
            .then(|| lacking(need))
            .flatten(),
        remarks,
        unknown,
        affects: need.affects.clone(),
    }
}

/// What is remarkable about a principal's policies, and what would tell who it is.
pub(super) fn remarks(principal: &Principal) -> Vec<String> {
    let mut remarks: Vec<String> = match principal.policies {
        Policies::Given => Vec::new(),
        Policies::NotGiven if !principal.unknown.is_empty() => Vec::new(),
        Policies::NotGiven => vec!["its policies were not given".to_owned()],
        Policies::NoSuchRole => {
            vec!["the export of its account does not contain this role".to_owned()]
        }
    };
    let assumed = principal.assumed.iter();
    remarks.extend(assumed.map(|(policy, day)| format!("with `{policy}` as AWS had it on {day}")));
    let unknown = principal.unknown.iter();
    remarks.extend(unknown.map(|fact| format!("not known: {} ({})", fact.what, fact.supply)));
    remarks
}
