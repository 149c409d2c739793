//! Conditions: whether they hold, do not, or hang on something that nobody said.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html>

use super::Evaluation;
use super::call::{self, Call};
use super::each;
use super::index::{Entry, Slot};
use super::scope::Scope;
use super::shape::json;
use crate::graph::{has_symbol, is_generated, symbols_in};
use crate::source::{Node, Origin};

/// What a condition comes to.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict {
    /// Whether it holds; `None` when that is not known.
    pub(super) truth: Option<bool>,
    /// The unresolved values that it hangs on.
    pub(super) because: Vec<char>,
}

impl Verdict {
    fn known(truth: bool) -> Self {
        Self {
            truth: Some(truth),
            because: Vec::new(),
        }
    }
}

impl<'s> Evaluation<'s> {
    /// Whether a condition of a stack holds.
    pub(super) fn condition(&mut self, name: &str, stack: usize, asked: Origin) -> Verdict {
        let Some(live) = self.stacks.get_mut(stack) else {
            return Verdict::default();
        };
        match live.memo.conditions.get(name) {
            Some(Slot::Done(verdict)) => return verdict.clone(),
            Some(Slot::Working) => {
                let message = format!(
                    "the condition `{name}` of `{}` hangs on itself",
                    live.stack.title
                );
                self.warn(message, None, vec![asked]);
                return Verdict::default();
            }
            None => {}
        }
        let Some((node, bound)) = live.conditions.get(name).cloned() else {
            let message = format!(
                "the condition `{name}` is asked for, but `Conditions` of `{}` does not have it",
                live.stack.title
            );
            self.warn(message, None, vec![asked]);
            return Verdict::default();
        };
        live.memo.conditions.insert(name.to_owned(), Slot::Working);
        let scope = Scope {
            bound: &bound,
            ..Scope::of(stack)
        };
        let verdict = self.truth(node, scope);
        if let Some(live) = self.stacks.get_mut(stack) {
            let done = Slot::Done(verdict.clone());
            live.memo.conditions.insert(name.to_owned(), done);
        }
        verdict
    }

    /// What an expression of conditions comes to.
    pub(super) fn truth(&mut self, node: Node<'s>, scope: Scope<'_>) -> Verdict {
        let scope = scope.through(node);
        if !self.enter(node, scope) {
            return Verdict::default();
        }
        let verdict = self.truth_within(node, scope);
        self.depth -= 1;
        verdict
    }

    fn truth_within(&mut self, node: Node<'s>, scope: Scope<'_>) -> Verdict {
        let Some(call) = call::by_tag(node).or_else(|| call::by_key(node, &node.entries())) else {
            if let Some(name) = node.get("Condition").and_then(Node::scalar) {
                let name = each::substituted(name, scope.bound);
                return self.condition(&name, scope.stack, node.origin());
            }
            return match node.scalar() {
                Some("true") => Verdict::known(true),
                Some("false") => Verdict::known(false),
                _ => self.no_condition(node, scope),
            };
        };
        match call.name {
            "Condition" => {
                let name = call.argument.scalar().unwrap_or_default();
                let name = each::substituted(name, scope.bound);
                self.condition(&name, scope.stack, node.origin())
            }
            "Equals" => self.equals(&call, scope),
            "Not" => {
                let arguments = call.arguments();
                let [inner] = arguments.as_slice() else {
                    return self.no_condition(node, scope);
                };
                let inner = self.truth(*inner, scope);
                Verdict {
                    truth: inner.truth.map(|truth| !truth),
                    ..inner
                }
            }
            "And" => self.all(&call, scope, true),
            "Or" => self.all(&call, scope, false),
            _ => self.no_condition(node, scope),
        }
    }

    fn no_condition(&mut self, node: Node<'s>, scope: Scope<'_>) -> Verdict {
        let message = format!(
            "this is no condition of CloudFormation; what hangs on it in `{}` is left open",
            self.title(scope.stack)
        );
        self.warn(message, None, vec![node.origin()]);
        Verdict::default()
    }

    /// `Fn::And` holds while all do, `Fn::Or` does not while none does: the first other one decides.
    fn all(&mut self, call: &Call<'s>, scope: Scope<'_>, holds: bool) -> Verdict {
        let mut open = Verdict::known(holds);
        for argument in call.arguments() {
            let verdict = self.truth(argument, scope);
            match verdict.truth {
                Some(truth) if truth == holds => {}
                Some(_) => return verdict,
                None => {
                    open.truth = None;
                    add(&mut open.because, verdict.because);
                }
            }
        }
        open
    }

    fn equals(&mut self, call: &Call<'s>, scope: Scope<'_>) -> Verdict {
        let arguments = call.arguments();
        let [left, right] = arguments.as_slice() else {
            return self.no_condition(call.node, scope);
        };
        let left = self.compared(*left, scope);
        let right = self.compared(*right, scope);
        let truth = equal(&left, &right);
        let mut because = Vec::new();
        if truth.is_none() {
            add(&mut because, symbols_in(&left).chain(symbols_in(&right)));
        }
        Verdict { truth, because }
    }

    /// The text that is compared; of anything but a text its JSON.
    fn compared(&mut self, node: Node<'s>, scope: Scope<'_>) -> String {
        self.revealing += 1;
        let made = self.value(node, scope);
        self.revealing -= 1;
        match &made {
            None => String::new(),
            Some(made) => made
                .scalar()
                .map_or_else(|| json(made).to_string(), ToOwned::to_owned),
        }
    }

    /// Whether a resource is there, as far as its condition tells; one that is left out is told of.
    pub(super) fn exists(
        &mut self,
        stack: usize,
        entry: &Entry<'s>,
        condition: Node<'s>,
        told: bool,
    ) -> bool {
        let name = each::substituted(condition.scalar().unwrap_or_default(), &entry.bound);
        let verdict = self.condition(&name, stack, condition.origin());
        match verdict.truth {
            Some(true) => true,
            Some(false) => {
                if told {
                    self.switched_off_resource(&name, condition.origin(), stack, entry);
                }
                false
            }
            None => {
                if told {
                    self.warn_of_condition(&name, &verdict, stack);
                }
                true
            }
        }
    }

    /// Whether a condition is known to leave something out, of which nothing has to be told.
    pub(super) fn is_left_out(&mut self, stack: usize, entry: &Entry<'s>) -> bool {
        let Some(condition) = entry.condition else {
            return false;
        };
        let name = each::substituted(condition.scalar().unwrap_or_default(), &entry.bound);
        let verdict = self.condition(&name, stack, condition.origin());
        verdict.truth == Some(false)
    }

    /// Says once of a condition that nobody knows whether it holds.
    fn warn_of_condition(&mut self, name: &str, verdict: &Verdict, stack: usize) {
        let Some((node, _)) = self
            .stacks
            .get(stack)
            .and_then(|live| live.conditions.get(name))
        else {
            return;
        };
        let at = node.origin();
        let supply = self.supply(&verdict.because);
        let message = format!(
            "whether the condition `{name}` of `{}` holds is not known; resources under it are taken to exist",
            self.title(stack)
        );
        let help = (!supply.is_empty()).then_some(supply);
        self.warn(message, help, vec![at]);
    }
}

/// Adds what a condition hangs on, each once; nobody reads more than a few.
fn add(because: &mut Vec<char>, more: impl IntoIterator<Item = char>) {
    const FEW: usize = 16;
    for symbol in more {
        if because.len() < FEW && !because.contains(&symbol) {
            because.push(symbol);
        }
    }
}

/// Whether two texts are the same, if that can be told.
fn equal(left: &str, right: &str) -> Option<bool> {
    if left == right {
        return Some(true);
    }
    if !has_symbol(left) && !has_symbol(right) {
        return Some(false);
    }
    if cannot_be_equal(left, right) || made_up(left, right) || made_up(right, left) {
        return Some(false);
    }
    None
}

/// Whether the written beginnings or ends of two texts differ.
fn cannot_be_equal(left: &str, right: &str) -> bool {
    let is_symbol = |c: char| has_symbol(c.encode_utf8(&mut [0; 4]));
    let beginning = |text: &str| text.split(is_symbol).next().unwrap_or_default().to_owned();
    let end = |text: &str| text.rsplit(is_symbol).next().unwrap_or_default().to_owned();
    let (first, second) = (beginning(left), beginning(right));
    let begin_alike = first.starts_with(&second) || second.starts_with(&first);
    let (third, fourth) = (end(left), end(right));
    let end_alike = third.ends_with(&fourth) || fourth.ends_with(&third);
    let whole = |text: &str, written: &str| has_symbol(text) || text.len() >= written.len();
    !(begin_alike && end_alike && whole(left, &second) && whole(right, &first))
}

/// Whether one text has a part that AWS makes up, and the other can have none like it.
fn made_up(text: &str, other: &str) -> bool {
    let foreign = symbols_in(text).any(|symbol| is_generated(symbol) && !other.contains(symbol));
    foreign && symbols_in(other).all(is_generated)
}
