//! What conditions leave out, and the parameter that would turn it on: set-ups are often deployed in two steps.

use std::collections::BTreeSet;

use super::Evaluation;
use super::call;
use super::each;
use super::index::{Entry, Memo};
use super::parameters::Overriding;
use super::scope::Scope;
use super::sub;
use crate::graph::SwitchedOff;
use crate::load::declared::types;
use crate::source::{Kind, Node, Origin};

/// What is given for a parameter that has to have any value at all.
const ANY: &str = "VALUE";

/// So many values are tried.
const MOST_TRIED: usize = 64;

/// What a condition hangs on, as it is written.
#[derive(Default)]
struct Asked {
    conditions: BTreeSet<String>,
    /// Parameters in the order in which they are asked for.
    parameters: Vec<String>,
    /// Texts that parameters are compared with.
    compared: Vec<(String, String)>,
}

impl<'s> Evaluation<'s> {
    /// A resource that its condition leaves out.
    pub(super) fn switched_off_resource(
        &mut self,
        condition: &str,
        origin: Origin,
        stack: usize,
        entry: &Entry<'s>,
    ) {
        let parameters = self.parameters_of(condition, stack);
        let turned_on_by = self.turned_on_by(condition, true, stack);
        self.world.switched_off.push(SwitchedOff {
            stack: self.title(stack),
            logical_id: entry.name.to_string(),
            kind: entry.kind.to_owned(),
            property: None,
            condition: condition.to_owned(),
            parameters,
            turned_on_by,
            origin,
        });
    }

    /// A property that `Fn::If` leaves out.
    pub(super) fn switched_off_property(
        &mut self,
        condition: &str,
        truth: bool,
        origin: Origin,
        scope: Scope<'_>,
    ) {
        let Some(resource) = scope.resource else {
            return;
        };
        if types::of(resource.kind).is_none() {
            return;
        }
        let parameters = self.parameters_of(condition, scope.stack);
        let turned_on_by = self.turned_on_by(condition, !truth, scope.stack);
        self.world.switched_off.push(SwitchedOff {
            stack: self.title(scope.stack),
            logical_id: resource.logical_id.to_owned(),
            kind: resource.kind.to_owned(),
            property: Some(scope.path()),
            condition: if truth {
                format!("not {condition}")
            } else {
                condition.to_owned()
            },
            parameters,
            turned_on_by,
            origin,
        });
    }

    /// The parameters that a condition hangs on, with their values.
    fn parameters_of(&mut self, condition: &str, stack: usize) -> Vec<(String, String)> {
        let live = self.stacks.get(stack);
        if let Some(known) = live.and_then(|live| live.memo.parameters_of.get(condition)) {
            return known.clone();
        }
        let asked = self.asked(condition, stack);
        let mut values = Vec::new();
        for name in asked.parameters {
            let made = self.parameter(&name, stack);
            let text = made.as_ref().and_then(super::shape::plain_text);
            values.push((name, text.unwrap_or_default()));
        }
        if let Some(live) = self.stacks.get_mut(stack) {
            let known = values.clone();
            live.memo.parameters_of.insert(condition.to_owned(), known);
        }
        values
    }

    /// One parameter, and a value of it, with which a condition holds, or does not.
    fn turned_on_by(
        &mut self,
        condition: &str,
        wanted: bool,
        stack: usize,
    ) -> Option<(String, String)> {
        let key = (condition.to_owned(), wanted);
        let known = self.stacks.get(stack)?.memo.turned.get(&key);
        if let Some(known) = known {
            return known.clone();
        }
        let mut tried = self.candidates(condition, stack);
        tried.truncate(MOST_TRIED);
        let found = tried
            .into_iter()
            .find(|(name, value)| self.would_be(condition, stack, name, value) == Some(wanted));
        let live = self.stacks.get_mut(stack)?;
        live.memo.turned.insert(key, found.clone());
        found
    }

    /// What a condition comes to when a parameter has another value.
    fn would_be(&mut self, condition: &str, stack: usize, name: &str, value: &str) -> Option<bool> {
        let live = self.stacks.get_mut(stack)?;
        let memo = std::mem::take(&mut live.memo);
        let before = self.overriding.replace(Overriding {
            stack,
            name: name.to_owned(),
            value: value.to_owned(),
        });
        let verdict = self.condition(condition, stack, Origin::NOWHERE);
        self.overriding = before;
        let live = self.stacks.get_mut(stack)?;
        let _: Memo = std::mem::replace(&mut live.memo, memo);
        verdict.truth
    }

    /// Values worth trying: those that the condition compares with, those that a parameter allows, and any at all.
    fn candidates(&mut self, condition: &str, stack: usize) -> Vec<(String, String)> {
        let asked = self.asked(condition, stack);
        let mut candidates = Vec::new();
        for name in &asked.parameters {
            let node = self
                .stacks
                .get(stack)
                .and_then(|live| live.parameters.get(name.as_str()));
            let Some(node) = node else {
                continue;
            };
            let allowed = node
                .get("AllowedValues")
                .map(Node::items)
                .unwrap_or_default();
            let allowed: Vec<&str> = allowed.into_iter().filter_map(Node::scalar).collect();
            let compared = asked
                .compared
                .iter()
                .filter(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
                .filter(|value| allowed.is_empty() || allowed.contains(value));
            let any = allowed.is_empty().then_some(ANY);
            let values: Vec<&str> = compared.chain(any).chain(allowed.iter().copied()).collect();
            candidates.extend(
                values
                    .into_iter()
                    .map(|value| (name.clone(), value.to_owned())),
            );
        }
        candidates
    }

    /// What a condition hangs on.
    fn asked(&self, condition: &str, stack: usize) -> Asked {
        let mut asked = Asked::default();
        let mut open = vec![condition.to_owned()];
        let mut next = 0;
        while let Some(name) = open.get(next).cloned() {
            next += 1;
            if !asked.conditions.insert(name.clone()) {
                continue;
            }
            let Some((node, bound)) = self
                .stacks
                .get(stack)
                .and_then(|live| live.conditions.get(&name))
            else {
                continue;
            };
            self.ask(*node, bound, stack, &mut asked, &mut open);
        }
        asked
    }

    fn ask(
        &self,
        node: Node<'s>,
        bound: &[(String, String)],
        stack: usize,
        asked: &mut Asked,
        open: &mut Vec<String>,
    ) {
        if let Some(call) = call::of(node) {
            match call.name {
                "Ref" => {
                    self.ask_name(call.argument.scalar().unwrap_or_default(), stack, asked);
                    return;
                }
                "Condition" => {
                    let name = call.argument.scalar().unwrap_or_default();
                    open.push(each::substituted(name, bound).into_owned());
                    return;
                }
                "Sub" => {
                    let text = match call.argument.kind() {
                        Kind::List => call.argument.items().first().copied(),
                        _ => Some(call.argument),
                    };
                    let text = text.and_then(Node::scalar).unwrap_or_default();
                    for name in sub::names(text) {
                        self.ask_name(name, stack, asked);
                    }
                }
                "Equals" => self.ask_equals(&call.arguments(), stack, asked),
                _ => {}
            }
            if !call.tagged {
                self.ask(call.argument, bound, stack, asked, open);
                return;
            }
        } else if let Some(name) = node.get("Condition").and_then(Node::scalar) {
            open.push(each::substituted(name, bound).into_owned());
            return;
        }
        for item in node.items() {
            self.ask(item, bound, stack, asked, open);
        }
        for (_, _, value) in node.entries() {
            self.ask(value, bound, stack, asked, open);
        }
    }

    fn ask_name(&self, name: &str, stack: usize, asked: &mut Asked) {
        let live = self.stacks.get(stack);
        let is_parameter = live.is_some_and(|live| live.parameters.contains_key(name));
        if is_parameter && !asked.parameters.iter().any(|known| known == name) {
            asked.parameters.push(name.to_owned());
        }
    }

    fn ask_equals(&self, arguments: &[Node<'s>], stack: usize, asked: &mut Asked) {
        let [left, right] = arguments else {
            return;
        };
        for (one, other) in [(left, right), (right, left)] {
            let name = call::of(*one)
                .filter(|call| call.name == "Ref")
                .and_then(|call| call.argument.scalar());
            let literal = other.scalar().filter(|_| call::by_tag(*other).is_none());
            if let (Some(name), Some(literal)) = (name, literal) {
                self.ask_name(name, stack, asked);
                asked.compared.push((name.to_owned(), literal.to_owned()));
            }
        }
    }
}
