//! The `Condition` element of a statement.
//!
//! Shape: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>

use super::fault::{Fault, nearest};
use super::policy::texts;
use crate::graph::{
    CONDITION_IF_EXISTS, CONDITION_OPERATORS, CONDITION_SET_PREFIXES, Condition, Written,
    has_symbol,
};
use crate::source::{Kind, Node, Origin};

/// Reads every key under every operator, in their order.
pub(super) fn conditions(element: Option<Node<'_>>) -> Result<Vec<Condition>, Fault> {
    let Some(element) = element else {
        return Ok(Vec::new());
    };
    // A condition that nobody knows is one on the unknown value.
    let open = |node: Node<'_>, operator: Origin| Condition {
        operator: written("StringEquals", operator),
        key: written(node.scalar().unwrap_or_default(), node.origin()),
        values: vec![written("true", node.origin())],
    };
    if element.scalar().is_some_and(has_symbol) {
        return Ok(vec![open(element, element.origin())]);
    }
    expect_map(
        element,
        "`Condition` is an object of operators such as `StringEquals`",
    )?;
    let mut conditions = Vec::new();
    for (operator, operator_origin, keys) in element.entries() {
        if !is_operator(operator) {
            return Err(Fault {
                origin: operator_origin,
                message: format!("unknown condition operator `{operator}`"),
                help: nearest(operator, CONDITION_OPERATORS),
            });
        }
        if keys.scalar().is_some_and(has_symbol) {
            conditions.push(open(keys, operator_origin));
            continue;
        }
        expect_map(
            keys,
            "a condition operator holds an object of context keys such as `aws:PrincipalOrgID`",
        )?;
        for (key, key_origin, values) in keys.entries() {
            conditions.push(Condition {
                operator: written(operator, operator_origin),
                key: written(key, key_origin),
                values: texts(values, "a condition value")?,
            });
        }
    }
    Ok(conditions)
}

fn written(text: &str, origin: Origin) -> Written {
    Written {
        text: text.to_owned(),
        origin,
    }
}

/// `NullIfExists` passes although the documentation excludes it: whether AWS refuses to store it is not known.
fn is_operator(written: &str) -> bool {
    let bare = CONDITION_SET_PREFIXES
        .iter()
        .find_map(|prefix| written.strip_prefix(prefix))
        .unwrap_or(written);
    let bare = bare.strip_suffix(CONDITION_IF_EXISTS).unwrap_or(bare);
    CONDITION_OPERATORS.contains(&bare)
}

fn expect_map(node: Node<'_>, expected: &str) -> Result<(), Fault> {
    if node.kind() == Kind::Map {
        Ok(())
    } else {
        Err(Fault::at(node, format!("expected an object: {expected}")))
    }
}
