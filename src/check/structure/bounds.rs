//! What an action names in a Region or an account from which it cannot be reached.

use super::{Breach, Walk, label};
use crate::graph::Action;
use crate::rules::{Certainty, Same, outside};

pub(super) fn check(walk: &mut Walk<'_>, at: (usize, usize), action: &Action) {
    for one in outside(walk.graph, walk.catalogue, walk.index, action) {
        let (rule, detail) = match (one.same, one.is_bucket) {
            (Same::Account, _) => ("impossible-across-accounts", String::new()),
            (Same::Region, true) => ("bucket-in-other-region", format!("`{}`", one.expected)),
            (Same::Region, false) => (
                "value-not-allowed",
                format!(
                    "`{}` lies in `{}`, and AWS takes one in `{}` only",
                    one.resource, one.found, one.expected
                ),
            ),
        };
        let text = match one.same {
            Same::Region => format!("lies in `{}`", one.found),
            Same::Account => format!("belongs to account {}", one.found),
        };
        let site = walk.site(Some(at), one.origin);
        walk.breaches.push(Breach {
            rule,
            principal: one.principal.name().to_owned(),
            resource: one.resource,
            operations: one.operations,
            detail,
            certainty: Certainty::Necessary,
            site,
            labels: vec![label(one.origin, text)],
        });
    }
}
