//! The `Condition` element: one table of operators, and one way to read what stands around their names.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::cmp::Ordering;

use super::compare::{self, Actual, Compare, Likeness, Value};
use super::tri::{Facts, Tri};
use super::variables::{self, multivalued};
use super::{Context, ContextValue, LayerName, Missing};
use crate::graph::{Condition, Version};

/// One operator. `IfExists`, `ForAllValues:` and `ForAnyValue:` are no part of it.
struct Operator {
    name: &'static str,
    /// Whether it holds when no written value is alike, and when the key is missing.
    negated: bool,
    reads: Reads,
    compare: Compare,
}

/// How an operator reads its written values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// As text with variables.
    Text,
    /// The same in lower case.
    Folded,
    /// With variables and wildcards.
    Glob,
    /// With variables, and wildcards per segment of the ARN.
    Arn,
    /// As it is, without variables.
    Plain,
    /// It only asks whether the key is there.
    Presence,
}

const fn row(name: &'static str, negated: bool, reads: Reads, compare: Compare) -> Operator {
    Operator {
        name,
        negated,
        reads,
        compare,
    }
}

static OPERATORS: &[Operator] = &[
    row("StringEquals", false, Reads::Text, compare::text),
    row("StringNotEquals", true, Reads::Text, compare::text),
    row(
        "StringEqualsIgnoreCase",
        false,
        Reads::Folded,
        compare::folded,
    ),
    row(
        "StringNotEqualsIgnoreCase",
        true,
        Reads::Folded,
        compare::folded,
    ),
    row("StringLike", false, Reads::Glob, compare::text),
    row("StringNotLike", true, Reads::Glob, compare::text),
    row("NumericEquals", false, Reads::Plain, |a, v| {
        compare::number(a, v, Ordering::is_eq)
    }),
    row("NumericNotEquals", true, Reads::Plain, |a, v| {
        compare::number(a, v, Ordering::is_eq)
    }),
    row("NumericLessThan", false, Reads::Plain, |a, v| {
        compare::number(a, v, Ordering::is_lt)
    }),
    row("NumericLessThanEquals", false, Reads::Plain, |a, v| {
        compare::number(a, v, Ordering::is_le)
    }),
    row("NumericGreaterThan", false, Reads::Plain, |a, v| {
        compare::number(a, v, Ordering::is_gt)
    }),
    row("NumericGreaterThanEquals", false, Reads::Plain, |a, v| {
        compare::number(a, v, Ordering::is_ge)
    }),
    row("DateEquals", false, Reads::Plain, |a, v| {
        compare::date(a, v, Ordering::is_eq)
    }),
    row("DateNotEquals", true, Reads::Plain, |a, v| {
        compare::date(a, v, Ordering::is_eq)
    }),
    row("DateLessThan", false, Reads::Plain, |a, v| {
        compare::date(a, v, Ordering::is_lt)
    }),
    row("DateLessThanEquals", false, Reads::Plain, |a, v| {
        compare::date(a, v, Ordering::is_le)
    }),
    row("DateGreaterThan", false, Reads::Plain, |a, v| {
        compare::date(a, v, Ordering::is_gt)
    }),
    row("DateGreaterThanEquals", false, Reads::Plain, |a, v| {
        compare::date(a, v, Ordering::is_ge)
    }),
    row("Bool", false, Reads::Text, compare::boolean),
    row("BinaryEquals", false, Reads::Plain, compare::binary),
    row("IpAddress", false, Reads::Plain, compare::address),
    row("NotIpAddress", true, Reads::Plain, compare::address),
    row("ArnEquals", false, Reads::Arn, compare::arn),
    row("ArnLike", false, Reads::Arn, compare::arn),
    row("ArnNotEquals", true, Reads::Arn, compare::arn),
    row("ArnNotLike", true, Reads::Arn, compare::arn),
    row("Null", false, Reads::Presence, compare::boolean),
];

/// What is said about the several values of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    /// Nothing: the key must hold one value.
    One,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// An operator with what stands around its name.
struct Asked {
    operator: &'static Operator,
    over: Over,
    if_exists: bool,
}

fn parse(written: &str) -> Option<Asked> {
    let (over, rest) = match written.split_once(':') {
        Some(("ForAllValues", rest)) => (Over::All, rest),
        Some(("ForAnyValue", rest)) => (Over::Any, rest),
        Some(_) => return None,
        None => (Over::One, written),
    };
    let (name, if_exists) = match rest.strip_suffix("IfExists") {
        Some(name) => (name, true),
        None => (rest, false),
    };
    let operator = OPERATORS.iter().find(|operator| operator.name == name)?;
    // `Null` takes neither: whether a key is there is no question about its values.
    let bare = over == Over::One && !if_exists;
    (bare || operator.reads != Reads::Presence).then_some(Asked {
        operator,
        over,
        if_exists,
    })
}

/// Whether a condition holds.
pub(super) fn holds(
    condition: &Condition,
    version: Version,
    context: &Context,
    layer: LayerName,
) -> Tri {
    let key = condition.key.text.as_str();
    let hangs_on_key = || Facts::from([(layer, Missing::Context(key.to_owned()))]);
    // AWS stores no policy with an operator it does not know, so nobody can say what this one would do.
    let Some(asked) = parse(&condition.operator.text) else {
        return Tri::Maybe(hangs_on_key());
    };
    let check = Check {
        values: read(condition, version, context, asked.operator.reads, layer),
        asked,
        key,
        layer,
    };
    match context.get(key) {
        None => check.absent(),
        Some(ContextValue::Known(values)) if values.is_empty() => check.absent(),
        Some(ContextValue::Known(values)) => {
            let values: Vec<_> = values.iter().map(|value| Actual::Exact(value)).collect();
            check.present(&values)
        }
        Some(ContextValue::Like(pattern)) if !pattern.contains(['*', '?']) => {
            check.present(&[Actual::Exact(pattern)])
        }
        Some(ContextValue::Like(pattern)) => check.present(&[Actual::Like(pattern)]),
        Some(ContextValue::Unknown) => check
            .absent()
            .either(check.present(&[Actual::Like("*")]), hangs_on_key),
    }
}

struct Check<'a> {
    asked: Asked,
    values: Vec<(Value, Facts)>,
    key: &'a str,
    layer: LayerName,
}

fn read(
    condition: &Condition,
    version: Version,
    context: &Context,
    reads: Reads,
    layer: LayerName,
) -> Vec<(Value, Facts)> {
    let version = match reads {
        Reads::Plain | Reads::Presence => Version::V2008,
        _ => version,
    };
    let expanded = condition
        .values
        .iter()
        .map(|value| variables::expand(&value.text, version, context))
        // A variable without a value equals nothing, so the value may as well not be there.
        .filter(|expansion| !expansion.void)
        // What is no ARN matches none; only the lone `*` is taken for every ARN.
        .filter(|expansion| match (reads, expansion.text()) {
            (Reads::Arn, Some(text)) => text == "*" || text.matches(':').count() >= 5,
            _ => true,
        });
    expanded
        .map(|expansion| {
            let pattern = match reads {
                Reads::Glob => expansion.glob(),
                Reads::Arn => expansion.arn(false),
                Reads::Folded => expansion.literal(true),
                Reads::Text | Reads::Plain | Reads::Presence => expansion.literal(false),
            };
            let text = expansion.text();
            let open = expansion.open.into_iter().map(|fact| (layer, fact));
            (Value { pattern, text }, open.collect())
        })
        .collect()
}

impl Check<'_> {
    fn absent(&self) -> Tri {
        if self.asked.operator.reads == Reads::Presence {
            return self.presence("true");
        }
        let holds = match self.asked.over {
            Over::One => self.asked.if_exists || self.asked.operator.negated,
            Over::All => true,
            // `ForAnyValue` wants a value that is there, and `IfExists` behind it changes nothing about that: a request to list
            // queues, which carries no `aws:TagKeys`, was refused under `ForAnyValue:StringEqualsIfExists`.
            // <https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w/foranyvalue-stringequalsifexists-behaving-unexpectedly>
            // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
            Over::Any => false,
        };
        holds.into()
    }

    fn present(&self, values: &[Actual<'_>]) -> Tri {
        if self.asked.operator.reads == Reads::Presence {
            return self.presence("false");
        }
        match (self.asked.over, values) {
            (Over::One, [value]) if !multivalued(self.key) => self.one(*value),
            // A list never satisfies a plain operator, be it negated or not.
            (Over::One, _) => Tri::No,
            (Over::All, values) => Tri::every(values.iter().map(|value| self.one(*value))),
            (Over::Any, values) => Tri::any(values.iter().map(|value| self.one(*value))),
        }
    }

    fn presence(&self, wanted: &str) -> Tri {
        let wants = |(value, _): &(Value, Facts)| {
            let text = value.text.as_deref();
            text.is_some_and(|text| text.eq_ignore_ascii_case(wanted))
        };
        self.values.iter().any(wants).into()
    }

    /// One request value against the written ones: any of them for a positive operator, none for a negated one.
    fn one(&self, actual: Actual<'_>) -> Tri {
        let mut alike = Tri::No;
        for (value, open) in &self.values {
            let facts = match (self.asked.operator.compare)(actual, value) {
                Likeness::Same if open.is_empty() => {
                    return Tri::from(!self.asked.operator.negated);
                }
                Likeness::Neither => return Tri::No,
                Likeness::Different => continue,
                Likeness::Same => open.clone(),
                Likeness::Perhaps => {
                    let mut facts = open.clone();
                    if matches!(actual, Actual::Like(_)) {
                        facts.insert((self.layer, Missing::Context(self.key.to_owned())));
                    }
                    facts
                }
            };
            alike = alike.or(Tri::Maybe(facts));
        }
        if self.asked.operator.negated {
            alike.not()
        } else {
            alike
        }
    }
}
