//! One table of condition operators, and how to read what stands around their names.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::cmp::Ordering;

use super::compare::{self, Compare};

/// One operator. `IfExists`, `ForAllValues:` and `ForAnyValue:` are no part of it.
#[derive(Debug)]
pub(super) struct Operator {
    pub(super) name: &'static str,
    /// Whether it holds when no written value is alike, and when the key is missing.
    pub(super) negated: bool,
    pub(super) reads: Reads,
    pub(super) compare: Compare,
}

/// How an operator reads its written values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
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
pub(super) enum Over {
    /// Nothing: the key must hold one value.
    One,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// An operator with what stands around its name.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) operator: &'static Operator,
    pub(super) over: Over,
    pub(super) if_exists: bool,
}

pub(super) fn parse(written: &str) -> Option<Asked> {
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
