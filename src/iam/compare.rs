//! How one request value compares with one written value, per kind of operator.
//!
//! Operators: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
//! Where AWS documents nothing (values that cannot be parsed), these follow what recorded calls showed.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use jiff::{Timestamp, civil, tz::TimeZone};

use super::Missing;
use super::pattern::{Pattern, Relation};

/// What the request carries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Actual<'a> {
    /// This text.
    Exact(&'a str),
    /// Some text that matches this pattern.
    Like(&'a str),
}

/// What the policy says.
#[derive(Debug)]
pub(super) struct Value {
    /// As a set of texts, read as the operator reads it.
    pub(super) pattern: Pattern,
    /// As a text; `None` when a variable in it has no known value.
    pub(super) text: Option<String>,
    /// The keys whose values are not known: the pattern is then too wide, never too narrow.
    pub(super) open: BTreeSet<Missing>,
    /// Whether it has unresolved parts.
    pub(super) symbolic: bool,
}

/// How they compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The positive operator holds.
    Same,
    /// The negated operator holds.
    Different,
    /// One or the other.
    Perhaps,
    /// The request value is none that the operator can read: neither it nor its negation holds.
    Neither,
}

/// Compares one request value with one written value.
pub(super) type Compare = fn(Actual<'_>, &Value) -> Likeness;

impl<'a> Actual<'a> {
    pub(super) fn text(self) -> &'a str {
        match self {
            Self::Exact(text) | Self::Like(text) => text,
        }
    }
}

impl From<bool> for Likeness {
    fn from(same: bool) -> Self {
        if same { Self::Same } else { Self::Different }
    }
}

impl From<Relation> for Likeness {
    fn from(relation: Relation) -> Self {
        match relation {
            Relation::Within => Self::Same,
            Relation::Across => Self::Perhaps,
            Relation::Apart => Self::Different,
        }
    }
}

pub(super) fn text(actual: Actual<'_>, value: &Value) -> Likeness {
    match actual {
        Actual::Exact(text) => value.pattern.matches(text).into(),
        Actual::Like(pattern) => Pattern::glob(pattern).relation_to(&value.pattern).into(),
    }
}

/// AWS compares the texts in simple lower case, which is no full case folding.
pub(super) fn folded(actual: Actual<'_>, value: &Value) -> Likeness {
    match actual {
        Actual::Exact(exact) => match value.pattern.plain() {
            Some(plain) if plain.is_ascii() && exact.is_ascii() => {
                plain.eq_ignore_ascii_case(exact).into()
            }
            _ => text(Actual::Exact(&exact.to_lowercase()), value),
        },
        Actual::Like(pattern) => text(Actual::Like(&pattern.to_lowercase()), value),
    }
}

/// Whether a text has the form of an ARN.
pub(super) fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.matches(':').count() >= 5
}

pub(super) fn arn(actual: Actual<'_>, value: &Value) -> Likeness {
    match actual {
        Actual::Exact(exact) if !is_arn(exact) => Likeness::Neither,
        Actual::Exact(_) => text(actual, value),
        Actual::Like(pattern) if is_arn(pattern) => text(actual, value),
        Actual::Like(_) => Likeness::Perhaps,
    }
}

pub(super) fn number(actual: Actual<'_>, value: &Value, holds: fn(Ordering) -> bool) -> Likeness {
    ordered(actual, value, parse_number, |a, b| {
        a.partial_cmp(b).is_some_and(holds)
    })
}

pub(super) fn date(actual: Actual<'_>, value: &Value, holds: fn(Ordering) -> bool) -> Likeness {
    ordered(actual, value, parse_date, |a, b| holds(a.cmp(b)))
}

fn ordered<T>(
    actual: Actual<'_>,
    value: &Value,
    parse: fn(&str) -> Option<T>,
    holds: impl Fn(&T, &T) -> bool,
) -> Likeness {
    let Some(written) = value.text.as_deref().and_then(parse) else {
        return Likeness::Different;
    };
    match actual {
        Actual::Exact(text) => parse(text).is_some_and(|own| holds(&own, &written)).into(),
        Actual::Like(_) => Likeness::Perhaps,
    }
}

pub(super) fn boolean(actual: Actual<'_>, value: &Value) -> Likeness {
    let written = match &value.text {
        Some(text) if text.eq_ignore_ascii_case("true") => true,
        Some(text) if text.eq_ignore_ascii_case("false") => false,
        Some(_) => return Likeness::Different,
        None => return Likeness::Perhaps,
    };
    match actual {
        Actual::Exact(text) => (text.eq_ignore_ascii_case("true") == written).into(),
        Actual::Like(_) => Likeness::Perhaps,
    }
}

pub(super) fn binary(actual: Actual<'_>, value: &Value) -> Likeness {
    let decode = |text: &str| STANDARD.decode(text).ok();
    let Some(written) = value.text.as_deref().and_then(decode) else {
        return Likeness::Different;
    };
    match actual {
        Actual::Exact(text) => (text.as_bytes() == written
            || decode(text).is_some_and(|bytes| bytes == written))
        .into(),
        Actual::Like(_) => Likeness::Perhaps,
    }
}

pub(super) fn address(actual: Actual<'_>, value: &Value) -> Likeness {
    let address = match actual {
        Actual::Like(_) => return Likeness::Perhaps,
        Actual::Exact(text) => match parse_address(text) {
            Some(address) => address,
            None => return Likeness::Neither,
        },
    };
    let network = value.text.as_deref().and_then(parse_network);
    network
        .is_some_and(|network| network.contains(&address))
        .into()
}

fn parse_number(text: &str) -> Option<f64> {
    // Rust reads `NaN` and `Infinity` as numbers, AWS does not.
    let readable = text
        .bytes()
        .all(|byte| !byte.is_ascii_alphabetic() || matches!(byte, b'e' | b'E'));
    let number = text.parse::<f64>().ok().filter(|_| readable)?;
    number.is_finite().then_some(number)
}

/// An instant in milliseconds: ISO 8601, a bare date, or seconds since 1970.
fn parse_date(text: &str) -> Option<i64> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_millisecond());
    }
    if let Some(seconds) = parse_number(text) {
        return Some((seconds * 1000.0).floor() as i64);
    }
    let day = text.parse::<civil::Date>().ok()?;
    let midnight = day.to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_millisecond())
}

fn parse_address(text: &str) -> Option<IpAddr> {
    if let Some(address) = parse_v4(text) {
        return Some(IpAddr::V4(address));
    }
    let address: Ipv6Addr = text.parse().ok()?;
    Some(
        address
            .to_ipv4_mapped()
            .map_or(IpAddr::V6(address), IpAddr::V4),
    )
}

/// Leading zeros are decimal for AWS, and an error for the standard library.
fn parse_v4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0_u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        *octet = digits.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then(|| Ipv4Addr::from(octets))
}

/// Host bits of an IPv4 network are ignored; an IPv6 network that has some never matches.
fn parse_network(text: &str) -> Option<IpNet> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
        None => (text, None),
    };
    if let Some(address) = parse_v4(address) {
        return Some(IpNet::V4(Ipv4Net::new(address, prefix.unwrap_or(32)).ok()?));
    }
    let network = Ipv6Net::new(address.parse().ok()?, prefix.unwrap_or(128)).ok()?;
    (network.addr() == network.network()).then_some(IpNet::V6(network))
}
