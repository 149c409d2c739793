//! The `Condition` element: one table of operators, and one way to read what stands around their names.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::cmp::Ordering;
use std::iter::{once, once_with};

use super::compare::{self, Actual, Compare, Likeness, Value};
use super::tri::{Reasons, Tri};
use super::variables::{self, has_variables, multivalued};
use super::{Context, ContextValue, LayerName, Missing};
use crate::graph::{Condition, Version};

/// One operator. `IfExists`, `ForAllValues:` and `ForAnyValue:` are no part of it.
#[derive(Debug)]
struct Operator {
    name: &'static str,
    /// Whether it holds when no written value is alike, and when the key is missing.
    negated: bool,
    reads: Reads,
    compare: Compare,
}

/// How an operator reads its written values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// Nothing: the key must hold one value.
    One,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// An operator with what stands around its name.
#[derive(Debug)]
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

/// A condition that was read.
#[derive(Debug)]
pub(super) struct Test<'a> {
    condition: &'a Condition,
    version: Version,
    /// `None` for an operator that AWS does not know.
    asked: Option<Asked>,
    /// The key in lower case, as a context looks it up.
    key: String,
    multivalued: bool,
    /// The written values, unless they depend on variables.
    fixed: Option<Vec<Value>>,
}

impl<'a> Test<'a> {
    pub(super) fn of(condition: &'a Condition, version: Version) -> Self {
        let key = &condition.key.text;
        let asked = parse(&condition.operator.text);
        let version = match &asked {
            Some(asked) if matches!(asked.operator.reads, Reads::Plain | Reads::Presence) => {
                Version::V2008
            }
            _ => version,
        };
        let mut values = condition.values.iter();
        let depends = values.any(|value| has_variables(&value.text, version));
        let read = |asked: &Asked| {
            let reads = asked.operator.reads;
            read(condition, version, &Context::default(), reads)
        };
        Self {
            fixed: asked.as_ref().filter(|_| !depends).map(read),
            condition,
            version,
            asked,
            key: key.to_ascii_lowercase(),
            multivalued: multivalued(key),
        }
    }

    /// Whether the condition holds.
    pub(super) fn holds<F: Reasons>(&self, context: &Context, layer: LayerName) -> Tri<F> {
        // AWS stores no policy with an operator it does not know, so nobody can say what this one would do.
        let Some(asked) = &self.asked else {
            return Tri::maybe(layer, || self.missing());
        };
        let read_now;
        let values = match &self.fixed {
            Some(values) => values,
            None => {
                read_now = read(self.condition, self.version, context, asked.operator.reads);
                &read_now
            }
        };
        let check = Check {
            test: self,
            asked,
            values,
            layer,
        };
        match context.get_lower(&self.key) {
            None => check.absent(),
            Some(ContextValue::Known(values)) if values.is_empty() => check.absent(),
            Some(ContextValue::Known(values)) => {
                check.present(values.iter().map(|value| Actual::Exact(value)))
            }
            Some(ContextValue::Like(pattern)) if !pattern.contains(['*', '?']) => {
                check.present(once(Actual::Exact(pattern)))
            }
            Some(ContextValue::Like(pattern)) => check.present(once(Actual::Like(pattern))),
            Some(ContextValue::Unknown) => check
                .absent()
                .either(check.present(once(Actual::Like("*"))), || {
                    F::of(layer, once_with(|| self.missing()))
                }),
        }
    }

    fn missing(&self) -> Missing {
        Missing::Context(self.condition.key.text.clone())
    }
}

/// A condition held against a context.
struct Check<'t> {
    test: &'t Test<'t>,
    asked: &'t Asked,
    values: &'t [Value],
    layer: LayerName,
}

fn read(condition: &Condition, version: Version, context: &Context, reads: Reads) -> Vec<Value> {
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
            Value {
                pattern,
                text: expansion.text(),
                open: expansion.open,
            }
        })
        .collect()
}

impl Check<'_> {
    fn absent<F: Reasons>(&self) -> Tri<F> {
        if self.asked.operator.reads == Reads::Presence {
            return self.presence("true");
        }
        let holds = self.asked.if_exists
            || match self.asked.over {
                Over::One => self.asked.operator.negated,
                Over::All => true,
                Over::Any => false,
            };
        holds.into()
    }

    fn present<'v, F: Reasons>(
        &self,
        mut values: impl ExactSizeIterator<Item = Actual<'v>>,
    ) -> Tri<F> {
        if self.asked.operator.reads == Reads::Presence {
            return self.presence("false");
        }
        match self.asked.over {
            // A list never satisfies a plain operator, be it negated or not.
            Over::One if values.len() != 1 || self.test.multivalued => Tri::No,
            Over::One => values.next().map_or(Tri::No, |value| self.one(value)),
            Over::All => Tri::every(values.map(|value| self.one(value))),
            Over::Any => Tri::any(values.map(|value| self.one(value))),
        }
    }

    fn presence<F: Reasons>(&self, wanted: &str) -> Tri<F> {
        let wants = |value: &Value| {
            let text = value.text.as_deref();
            text.is_some_and(|text| text.eq_ignore_ascii_case(wanted))
        };
        self.values.iter().any(wants).into()
    }

    /// One request value against the written ones: any of them for a positive operator, none for a negated one.
    fn one<F: Reasons>(&self, actual: Actual<'_>) -> Tri<F> {
        let mut alike = Tri::No;
        for value in self.values {
            let open = || F::of(self.layer, value.open.iter().cloned());
            let facts = match (self.asked.operator.compare)(actual, value) {
                Likeness::Same if value.open.is_empty() => {
                    return Tri::from(!self.asked.operator.negated);
                }
                Likeness::Neither => return Tri::No,
                Likeness::Different => continue,
                Likeness::Perhaps if matches!(actual, Actual::Like(_)) => {
                    open().join(F::of(self.layer, once_with(|| self.test.missing())))
                }
                Likeness::Same | Likeness::Perhaps => open(),
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
