//! What a plan takes away, and what others repeat of it: a state reads back what hangs on a role, a bucket or a key.

use super::edit::{drop_policies, keep, take};
use super::plan::{Instance, Plan};
use super::table;
use crate::load::stack::Declared;
use crate::source::Node;

/// Takes back what a role or key repeats of resources that the plan takes away.
pub(super) fn take_away(plan: &Plan<'_>, all: &mut [Declared]) {
    for (kind_name, before) in &plan.removed {
        let Some(kind) = table::of(kind_name) else {
            continue;
        };
        for owner in owners(plan, kind_name, *before) {
            let mut declared = all.iter_mut();
            let declared = declared.find(|declared| declared.logical_id == owner.address);
            let Some(Declared { properties, .. }) = declared else {
                continue;
            };
            let Some(into) = &kind.into else {
                let name = before.get("name").and_then(Node::as_str);
                if *kind_name == "aws_iam_role_policy" && !configures(owner, "Policies") {
                    drop_policies(properties, |known| Some(known) == name);
                }
                continue;
            };
            if configures(owner, &into.property) {
                continue;
            }
            if into.several {
                let gone = into.take.as_ref().and_then(|argument| before.get(argument));
                let gone = gone.and_then(Node::scalar);
                keep(properties, &into.property, |item| {
                    gone.is_none() || item.scalar() != gone
                });
            } else {
                take(properties, &into.property);
            }
        }
    }
}

/// Whether the configuration itself sets a property, so that nothing but it counts.
fn configures(owner: &Instance<'_>, property: &str) -> bool {
    let argument = table::of(&owner.kind).map(|kind| kind.argument(property));
    let expressions = owner.expressions;
    argument.is_some_and(|argument| {
        expressions.is_some_and(|expressions| expressions.get(&argument).is_some())
    })
}

/// The resources that one belonged to which the plan takes away.
pub(super) fn owners<'p, 'a>(
    plan: &'p Plan<'a>,
    kind: &str,
    before: Node<'a>,
) -> Vec<&'p Instance<'a>> {
    let Some(of) = table::of(kind).and_then(|kind| kind.of.as_ref()) else {
        return Vec::new();
    };
    let name = before.get(&of.argument).and_then(Node::scalar);
    let named = name.into_iter().flat_map(|name| plan.named(name));
    named
        .filter(|owner| of.types.contains(&owner.kind))
        .collect()
}
