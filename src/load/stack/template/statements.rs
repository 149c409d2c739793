//! `Fn::If`, and what it comes to when nobody knows whether its condition holds: statements of policies are kept under a
//! condition that nobody can answer either, anything else is a symbol.

use super::Evaluation;
use super::call::{self, Call};
use super::each;
use super::scope::{Place, Scope};
use super::shape::json;
use crate::graph::Symbol;
use crate::source::{Made, MadeValue, Node};

/// What `Fn::If` comes to.
pub(super) enum Chosen {
    /// One value, or `AWS::NoValue`.
    One(Option<Made>),
    /// Statements of both branches, each under an unknown condition.
    Many(Vec<Made>),
}

impl<'s> Evaluation<'s> {
    /// What an item of a list comes to, if it is an `Fn::If`.
    pub(super) fn chosen(&mut self, item: Node<'s>, scope: Scope<'_>) -> Option<Chosen> {
        let call = call::by_tag(item).or_else(|| {
            item.get("Fn::If")?;
            call::by_key(item, &item.entries())
        })?;
        (call.name == "If").then(|| self.choose(&call, scope.through(item)))
    }

    /// What `Fn::If` comes to.
    pub(super) fn choose(&mut self, call: &Call<'s>, scope: Scope<'_>) -> Chosen {
        let place = scope.place(call.node);
        let arguments = call.arguments();
        let [condition, yes, no] = arguments.as_slice() else {
            return Chosen::One(Some(self.misused(call, place, scope)));
        };
        let name = each::substituted(condition.scalar().unwrap_or_default(), scope.bound);
        let verdict = match condition.scalar() {
            Some(_) => self.condition(&name, scope.stack, condition.origin()),
            None => self.truth(*condition, scope),
        };
        match verdict.truth {
            Some(truth) => {
                let made = self.value(if truth { *yes } else { *no }, scope);
                if made.is_none() {
                    self.switched_off_property(&name, truth, call.node.origin(), scope);
                }
                Chosen::One(made)
            }
            None => {
                let yes = self.value(*yes, scope);
                let no = self.value(*no, scope);
                self.undecided(&name, &verdict.because, yes, no, place, scope)
            }
        }
    }

    fn undecided(
        &mut self,
        condition: &str,
        because: &[char],
        yes: Option<Made>,
        no: Option<Made>,
        place: Place,
        scope: Scope<'_>,
    ) -> Chosen {
        if same(yes.as_ref(), no.as_ref()) {
            return Chosen::One(yes);
        }
        let symbol = self.symbol_of_if(condition, because, place, scope);
        if is_statements(yes.as_ref()) && is_statements(no.as_ref()) {
            let mut kept = Vec::new();
            for branch in [yes, no].into_iter().flatten() {
                match branch.value {
                    MadeValue::List(items) => kept.extend(items),
                    _ => kept.push(branch),
                }
            }
            for statement in &mut kept {
                put_under(statement, &symbol, place);
            }
            return Chosen::Many(kept);
        }
        if is_document(yes.as_ref()) && is_document(no.as_ref()) {
            return Chosen::One(Some(both_documents(yes, no, &symbol, place)));
        }
        Chosen::One(Some(place.text(symbol)))
    }

    fn symbol_of_if(
        &mut self,
        condition: &str,
        because: &[char],
        place: Place,
        scope: Scope<'_>,
    ) -> String {
        let label = self.label(scope.stack);
        let title = self.title(scope.stack);
        let at = place.also_written();
        let bound = scope.bound;
        let supply = self.supply(because);
        let key = format!(
            "if {label} {condition} {}.{} {bound:?}",
            at.source.0, at.node
        );
        self.unknown(&key, || Symbol {
            name: format!("if {condition}"),
            what: format!("whether the condition `{condition}` of `{title}` holds"),
            supply,
            origin: place.at,
        })
    }
}

/// Whether both branches say the same, wherever they are written.
fn same(yes: Option<&Made>, no: Option<&Made>) -> bool {
    match (yes, no) {
        (None, None) => true,
        (Some(yes), Some(no)) => json(yes) == json(no),
        _ => false,
    }
}

/// Whether a branch is one or several statements, or policies with statements in them, or nothing.
fn is_statements(branch: Option<&Made>) -> bool {
    let is_one = |made: &Made| {
        made.get("Effect").is_some()
            || made
                .get("PolicyDocument")
                .is_some_and(|document| document.get("Statement").is_some())
    };
    match branch {
        None => true,
        Some(made) => match &made.value {
            MadeValue::List(items) => items.iter().all(is_one),
            _ => is_one(made),
        },
    }
}

/// Whether a branch is a whole policy document, or nothing.
fn is_document(branch: Option<&Made>) -> bool {
    branch.is_none_or(|made| made.get("Statement").is_some())
}

/// A document with the statements of both branches.
fn both_documents(yes: Option<Made>, no: Option<Made>, symbol: &str, place: Place) -> Made {
    let mut statements = Vec::new();
    let mut members: Vec<_> = Vec::new();
    for branch in [yes, no].into_iter().flatten() {
        let MadeValue::Map(own) = branch.value else {
            continue;
        };
        for (key, at, value) in own {
            if key == "Statement" {
                match value.value {
                    MadeValue::List(items) => statements.extend(items),
                    _ => statements.push(value),
                }
            } else if !members.iter().any(|(known, _, _)| *known == key) {
                members.push((key, at, value));
            }
        }
    }
    for statement in &mut statements {
        put_under(statement, symbol, place);
    }
    let statements = place.made(MadeValue::List(statements));
    members.push(("Statement".to_owned(), place.at, statements));
    place.made(MadeValue::Map(members))
}

/// Puts a statement, or the statements of a policy, under a condition that asks for a symbol.
fn put_under(made: &mut Made, symbol: &str, place: Place) {
    let MadeValue::Map(members) = &mut made.value else {
        return;
    };
    if members.iter().any(|(key, _, _)| key == "PolicyDocument") {
        let inner = members
            .iter_mut()
            .filter(|(key, _, _)| key == "PolicyDocument");
        for (_, _, document) in inner {
            let MadeValue::Map(document) = &mut document.value else {
                continue;
            };
            for (_, _, statements) in document.iter_mut().filter(|(key, _, _)| key == "Statement") {
                match &mut statements.value {
                    MadeValue::List(items) => {
                        for item in items {
                            put_under(item, symbol, place);
                        }
                    }
                    _ => put_under(statements, symbol, place),
                }
            }
        }
        return;
    }
    let asked = (symbol.to_owned(), place.at, place.text("true"));
    let known = members.iter_mut().find(|(key, _, _)| key == "Condition");
    let Some((_, _, condition)) = known else {
        let operator = place.made(MadeValue::Map(vec![asked]));
        let operators = vec![("StringEquals".to_owned(), place.at, operator)];
        let condition = place.made(MadeValue::Map(operators));
        members.push(("Condition".to_owned(), place.at, condition));
        return;
    };
    let MadeValue::Map(operators) = &mut condition.value else {
        // A condition that is itself unknown stays so.
        return;
    };
    let known = operators
        .iter_mut()
        .find(|(key, _, _)| key == "StringEquals");
    match known {
        Some((_, _, operator)) => {
            if let MadeValue::Map(keys) = &mut operator.value {
                keys.push(asked);
            }
        }
        None => {
            let operator = place.made(MadeValue::Map(vec![asked]));
            operators.push(("StringEquals".to_owned(), place.at, operator));
        }
    }
}
