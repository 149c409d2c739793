//! The `Condition` element: a condition made ready for decisions, and whether it holds.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::iter::{once, once_with};

use super::compare::{Actual, Likeness, Value, is_arn};
use super::operator::{Asked, Over, Reads, parse};
use super::pattern::Pattern;
use super::symbol::{Meeting, Open, meet, missing, open_in};
use super::tri::{Reasons, Tri};
use super::variables::{self, has_variables, multivalued};
use super::{Context, ContextValue, LayerName, Missing};
use crate::graph::{Condition, Version, has_symbol};

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
    /// The unresolved values in key and operator, so that nobody knows what is asked.
    unasked: Open,
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
            unasked: open_in([key.as_str(), condition.operator.text.as_str()]),
        }
    }

    /// Whether the condition holds.
    pub(super) fn holds<F: Reasons>(&self, context: &Context, layer: LayerName) -> Tri<F> {
        if !self.unasked.is_empty() {
            return Tri::Maybe(F::of(layer, missing(&self.unasked)));
        }
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
            symbolic: context.is_symbolic(),
        };
        let unknown = || F::of(layer, once_with(|| self.missing()));
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
            Some(ContextValue::Perhaps(value)) => {
                let present = check.present(once(Actual::Exact(value)));
                check.absent().either(present, unknown)
            }
            Some(ContextValue::Unknown) => {
                let present = check.present(once(Actual::Like("*")));
                check.absent().either(present, unknown)
            }
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
    /// Whether a value of the request may have unresolved parts.
    symbolic: bool,
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
            (Reads::Arn, Some(text)) => {
                text == "*" || text.matches(':').count() >= 5 || has_symbol(&text)
            }
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
            let symbolic = pattern.is_symbolic();
            let mut open = expansion.open;
            // It may turn out to be no ARN, and then it is not there. A key that holds an ARN is held against nothing else.
            if symbolic
                && reads == Reads::Arn
                && !holds_arn(&condition.key.text)
                && let Some(text) = text.as_deref().filter(|text| text.matches(':').count() < 5)
            {
                open.extend(missing(&open_in([text])));
            }
            Value {
                pattern,
                text,
                open,
                symbolic,
            }
        })
        .collect()
}

/// Whether a key holds an ARN and nothing else: `aws:SourceArn`, `aws:PrincipalArn`, `lambda:FunctionArn`.
fn holds_arn(key: &str) -> bool {
    let end = key.len().checked_sub(3).and_then(|at| key.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case("arn"))
}

impl Check<'_> {
    fn absent<F: Reasons>(&self) -> Tri<F> {
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
        let open = self.values.iter().filter(|value| value.symbolic);
        let open = open_in(open.filter_map(|value| value.text.as_deref()));
        match self.values.iter().any(wants) {
            false if !open.is_empty() => Tri::Maybe(F::of(self.layer, missing(&open))),
            wants => wants.into(),
        }
    }

    /// How a request value compares with a written one, and the unresolved values on which that hangs.
    fn compare(&self, actual: Actual<'_>, value: &Value) -> (Likeness, Open) {
        let operator = self.asked.operator;
        let own = self.symbolic && has_symbol(actual.text());
        if !own && !value.symbolic {
            return ((operator.compare)(actual, value), Open::new());
        }
        let perhaps = || {
            let written = value.text.as_deref().unwrap_or_default();
            (Likeness::Perhaps, open_in([actual.text(), written]))
        };
        let asked = match (operator.reads, actual) {
            (Reads::Plain | Reads::Presence, _) => return perhaps(),
            (Reads::Text, _) if operator.name == "Bool" => return perhaps(),
            (Reads::Folded, Actual::Exact(text)) => Pattern::literal(&text.to_lowercase()),
            (Reads::Folded, Actual::Like(text)) => Pattern::glob(&text.to_lowercase()),
            (Reads::Arn, _) if !is_arn(actual.text()) && !holds_arn(&self.test.key) => {
                // What is certainly no ARN is like none.
                return match own || matches!(actual, Actual::Like(_)) {
                    true => perhaps(),
                    false => (Likeness::Neither, Open::new()),
                };
            }
            (Reads::Arn, Actual::Exact(text)) if !own && !is_arn(text) => {
                return (Likeness::Neither, Open::new());
            }
            (_, Actual::Exact(text)) => Pattern::literal(text),
            (_, Actual::Like(text)) => Pattern::glob(text),
        };
        match meet(&asked, &value.pattern) {
            Meeting::Certain(Some(relation)) => (relation.into(), Open::new()),
            Meeting::Certain(None) => (Likeness::Perhaps, Open::new()),
            Meeting::Open(open) => (Likeness::Perhaps, open),
        }
    }

    /// One request value against the written ones: any of them for a positive operator, none for a negated one.
    fn one<F: Reasons>(&self, actual: Actual<'_>) -> Tri<F> {
        let (mut alike, mut unread) = (Tri::No, None::<F>);
        for value in self.values {
            let open = || F::of(self.layer, value.open.iter().cloned());
            let (likeness, symbols) = self.compare(actual, value);
            let facts = match likeness {
                Likeness::Same if value.open.is_empty() => {
                    return Tri::from(!self.asked.operator.negated);
                }
                // A value that turns out to be no ARN would not be there at all, and nothing to be held against.
                Likeness::Neither if !value.open.is_empty() => {
                    unread = Some(unread.unwrap_or_default().join(open()));
                    continue;
                }
                Likeness::Neither => return Tri::No,
                Likeness::Different => continue,
                Likeness::Perhaps if !symbols.is_empty() => {
                    open().join(F::of(self.layer, missing(&symbols)))
                }
                Likeness::Perhaps if matches!(actual, Actual::Like(_)) => {
                    open().join(F::of(self.layer, once_with(|| self.test.missing())))
                }
                Likeness::Same | Likeness::Perhaps => open(),
            };
            alike = alike.or(Tri::Maybe(facts));
        }
        if self.asked.operator.negated {
            match unread {
                Some(facts) => alike.not().and(Tri::Maybe(facts)),
                None => alike.not(),
            }
        } else {
            alike
        }
    }
}
