//! References of the configuration: `module.a.role_arn` → the attribute of the resource behind the module's output.
//!
//! A plan says which values an expression takes up, not what it does with them. So a reference stands for the whole value only in
//! arguments of which the table says so.

use super::address;
use super::plan::{Instance, Plan};
use crate::source::Node;

/// What a reference leads to.
#[derive(Debug, Clone)]
pub(super) enum Target<'p, 'a> {
    /// An attribute of a resource; empty when the reference is to the whole resource.
    Attribute(&'p Instance<'a>, String),
    /// A value of the configuration or of a variable.
    Value(Node<'a>),
    /// Something that the plan does not tell, by what identifies it within the plan.
    Open(String),
    /// A resource that there is none of: `try` and `count = 0` lead to such.
    Absent,
}

/// Where an expression stands: the module, and the index of what it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The address of the module.
    pub(super) module: &'s str,
    /// The index of the resource, `[0]`.
    pub(super) index: &'s str,
    /// How many modules the way here led through.
    depth: usize,
}

/// A way through more variables and outputs than anybody writes leads in a circle.
const DEEPEST: usize = 64;

impl<'s> Scope<'s> {
    /// Where an expression of a resource stands. Its own index is that of others only where the expression takes it up.
    pub(super) fn of(instance: &'s Instance<'_>, expression: Node<'_>) -> Self {
        let references = expression.get("references").map(Node::items);
        let mut references = references.unwrap_or_default().into_iter();
        let own = references.any(|text| matches!(text.as_str(), Some("each.key" | "count.index")));
        Self {
            module: &instance.module,
            index: if own { &instance.index } else { "" },
            depth: 0,
        }
    }

    /// Within a module.
    pub(super) fn module(module: &'s str) -> Self {
        Self {
            module,
            index: "",
            depth: 0,
        }
    }
}

/// What an expression is, as far as it takes up one value. Of several, it is the only one that there is, or the only one of the type
/// that the argument wants: what is known cannot be why the whole is unknown.
pub(super) fn expression<'p, 'a>(
    plan: &'p Plan<'a>,
    expression: Node<'a>,
    wanted: Option<&str>,
    scope: Scope<'_>,
) -> Option<Target<'p, 'a>> {
    if let Some(value) = expression.get("constant_value") {
        return Some(Target::Value(value));
    }
    let references = specific(expression);
    let found = references
        .iter()
        .map(|one| reference(plan, one, wanted, scope));
    let mut found: Vec<Option<Target<'p, 'a>>> = found
        .filter(|target| !matches!(target, Some(Target::Absent)))
        .collect();
    if found.len() > 1 {
        let wants = |target: &Option<Target<'_, '_>>| matches!(target, Some(Target::Attribute(one, _)) if Some(one.kind.as_str()) == wanted);
        found.retain(wants);
        found.dedup_by_key(|target| match target {
            Some(Target::Attribute(one, _)) => Some(one.address.clone()),
            _ => None,
        });
    }
    match found.as_mut_slice() {
        [one] => one.take(),
        _ => None,
    }
}

/// The references of an expression, without those that only repeat the beginning of another, and without indices.
pub(super) fn specific(expression: Node<'_>) -> Vec<&str> {
    let mut specific: Vec<&str> = Vec::new();
    let references = expression.get("references").map(Node::items);
    for text in references
        .unwrap_or_default()
        .into_iter()
        .filter_map(Node::as_str)
    {
        let repeats = specific.last().is_some_and(|last| {
            let rest = last.strip_prefix(text);
            rest.is_some_and(|rest| rest.starts_with(['.', '[']))
        });
        if !repeats && !matches!(text, "each.key" | "count.index") {
            specific.push(text);
        }
    }
    specific
}

/// What one reference leads to.
pub(super) fn reference<'p, 'a>(
    plan: &'p Plan<'a>,
    text: &str,
    wanted: Option<&str>,
    scope: Scope<'_>,
) -> Option<Target<'p, 'a>> {
    if scope.depth > DEEPEST {
        return None;
    }
    let segments = address::segments(text);
    match segments.as_slice() {
        ["var", rest @ ..] => variable(plan, text, rest, wanted, scope),
        ["module", name, output, ..] => {
            let found = plan_output(plan, name, address::cut(output).0, wanted, scope);
            found.or_else(|| Some(open(text, scope)))
        }
        ["local", ..] => Some(open(text, scope)),
        ["each" | "count" | "path" | "terraform" | "self", ..] => None,
        ["data", kind, name, attribute @ ..] => {
            let local = format!("data.{kind}.{name}");
            attribute_of(plan, &local, attribute, scope)
        }
        [kind, name, attribute @ ..] => {
            let local = format!("{kind}.{name}");
            attribute_of(plan, &local, attribute, scope)
        }
        _ => None,
    }
}

fn open<'p, 'a>(text: &str, scope: Scope<'_>) -> Target<'p, 'a> {
    let text = address::inside(scope.module, text);
    Target::Open(format!("{text}{}", scope.index))
}

fn variable<'p, 'a>(
    plan: &'p Plan<'a>,
    text: &str,
    segments: &[&str],
    wanted: Option<&str>,
    scope: Scope<'_>,
) -> Option<Target<'p, 'a>> {
    let (name, rest) = segments.split_first()?;
    let name = address::cut(name).0;
    let Some((around, call)) = address::outward(scope.module) else {
        if is_secret(plan, scope, name) {
            return Some(open(text, scope));
        }
        let value = plan.variables.and_then(|all| all.get(name));
        let mut value = value.and_then(|value| value.get("value"));
        for member in rest {
            value = value.and_then(|value| value.get(member));
        }
        return Some(value.map_or_else(|| open(text, scope), Target::Value));
    };
    if is_secret(plan, scope, name) {
        return Some(open(text, scope));
    }
    let call = plan.module(&around)?.get("module_calls")?.get(call)?;
    let Some(given) = call.get("expressions").and_then(|all| all.get(name)) else {
        let module = plan.module(scope.module)?;
        let declared = module.get("variables").and_then(|all| all.get(name))?;
        return declared.get("default").map(Target::Value);
    };
    let outer = Scope {
        module: &around,
        index: "",
        depth: scope.depth + 1,
    };
    if !rest.is_empty() {
        return Some(open(text, scope));
    }
    let found = expression(plan, given, wanted, outer);
    found.or_else(|| Some(open(text, scope)))
}

/// Whether a variable, or an output, is marked as one that must not be shown.
fn is_secret(plan: &Plan<'_>, scope: Scope<'_>, variable: &str) -> bool {
    let variables = plan
        .module(scope.module)
        .and_then(|module| module.get("variables"));
    let mark = variables.and_then(|all| all.get(variable)?.get("sensitive"));
    mark.is_some_and(|mark| mark.as_bool() == Some(true))
}

fn plan_output<'p, 'a>(
    plan: &'p Plan<'a>,
    name: &str,
    output: &str,
    wanted: Option<&str>,
    scope: Scope<'_>,
) -> Option<Target<'p, 'a>> {
    let module = address::inside(scope.module, &format!("module.{name}"));
    let outputs = plan.module(&module)?.get("outputs")?;
    let inner = Scope {
        module: &module,
        index: "",
        depth: scope.depth + 1,
    };
    expression(plan, outputs.get(output)?.get("expression")?, wanted, inner)
}

fn attribute_of<'p, 'a>(
    plan: &'p Plan<'a>,
    local: &str,
    attribute: &[&str],
    scope: Scope<'_>,
) -> Option<Target<'p, 'a>> {
    let address = address::inside(scope.module, local);
    let exact = plan
        .instance(&address)
        .or_else(|| plan.instance(&format!("{address}{}", scope.index)));
    let instance = match exact {
        Some(instance) => instance,
        None => match plan.instances_of(&address).as_slice() {
            [] => return Some(Target::Absent),
            [one] => *one,
            _ => return None,
        },
    };
    Some(Target::Attribute(instance, attribute.join(".")))
}
