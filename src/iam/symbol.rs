//! Texts with unresolved parts: what holds of them whatever those parts turn out to be, and what only may hold.
//!
//! An unknown value may be any text at all, a whole ARN included; a generated one any text, but none that holds another
//! generated one. So nothing that is certain here is ever taken back once the values are known, except that a value is taken to
//! have no `*` of its own where it names something that is asked for, and no colon where it is one segment of an ARN.

use std::collections::BTreeSet;

use super::Missing;
use super::automaton::COLON;
use super::pattern::{Pattern, Relation, Token};
use crate::graph::{is_generated, is_symbol, symbols_in};

/// The unresolved values that an answer hangs on.
pub(super) type Open = BTreeSet<char>;

/// How the texts of a pattern lie to another pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meeting {
    /// So, whatever the unresolved values are; `None` where it is too intricate to tell.
    Certain(Option<Relation>),
    /// That hangs on these values.
    Open(Open),
}

/// The missing facts behind unresolved values.
pub(super) fn missing(open: &Open) -> impl Iterator<Item = Missing> {
    open.iter().copied().map(Missing::Symbol)
}

/// The unresolved values of some texts that an answer hangs on: what AWS makes up only where nothing else is open, since nobody
/// can supply it.
pub(super) fn open_in<'t>(texts: impl IntoIterator<Item = &'t str>) -> Open {
    blamed(texts.into_iter().flat_map(symbols_in))
}

fn blamed(symbols: impl Iterator<Item = char>) -> Open {
    let all: Open = symbols.collect();
    let unknown: Open = all
        .iter()
        .copied()
        .filter(|one| !is_generated(*one))
        .collect();
    if unknown.is_empty() { all } else { unknown }
}

/// How the texts of `of` lie to `written`, where either has unresolved parts.
pub(super) fn meet(of: &Pattern, written: &Pattern) -> Meeting {
    let (own, other) = (read(of.tokens()), read(written.tokens()));
    let (own, other) = unlike(&own, &other);
    let symbols = || own.iter().chain(other).filter_map(Part::symbol);
    if symbols().next().is_none() {
        return Meeting::Certain(plain(own).compare(&plain(other)));
    }
    let units = Units::of(own, other);
    // Each value as one unit that only itself and `*` read. How long it is nobody knows, so no `?` does.
    let strict = |parts: &[Part], wild: bool| {
        let one = |part: &Part| match part {
            Part::Token(Token::One { .. }) if !wild => Token::Unit(units.none),
            Part::Token(token) => *token,
            Part::Symbol { symbol, .. } => Token::Unit(units.unit(*symbol)),
        };
        Pattern::new(parts.iter().map(one).collect())
    };
    if units.enough && strict(own, true).compare(&strict(other, false)) == Some(Relation::Within) {
        return Meeting::Certain(Some(Relation::Within));
    }
    let generates = |parts: &[Part]| parts.iter().filter_map(Part::symbol).any(is_generated);
    let told_apart = units.enough && generates(own) && generates(other);
    let loose = |parts: &[Part]| {
        let one = |part: &Part| match part {
            Part::Token(token) => *token,
            Part::Symbol { symbol, .. } if told_apart && is_generated(*symbol) => {
                Token::Unit(units.unit(*symbol))
            }
            Part::Symbol { segment, .. } => Token::Many { colon: !segment },
        };
        Pattern::new(parts.iter().map(one).collect())
    };
    match loose(own).compare(&loose(other)) {
        Some(Relation::Apart) => Meeting::Certain(Some(Relation::Apart)),
        _ => Meeting::Open(blamed(symbols())),
    }
}

/// What is left of both without the beginning and the end that they have in common: these are alike whatever stands in them.
fn unlike<'t>(own: &'t [Part], other: &'t [Part]) -> (&'t [Part], &'t [Part]) {
    let alike = |(a, b): &(&Part, &Part)| match (a, b) {
        (Part::Token(Token::Many { .. }), _) => false,
        (Part::Token(a), Part::Token(b)) => a == b,
        (a, b) => a.symbol().is_some() && a.symbol() == b.symbol(),
    };
    let head = own.iter().zip(other).take_while(alike).count();
    let behind = |all: &'t [Part]| all.get(head..).unwrap_or_default();
    let (own, other) = (behind(own), behind(other));
    let end = own.iter().rev().zip(other.iter().rev());
    let end = end.take_while(alike).count();
    let before = |all: &'t [Part]| all.get(..all.len() - end).unwrap_or_default();
    (before(own), before(other))
}

/// A token, or the two that are an unresolved value.
enum Part {
    Token(Token),
    Symbol {
        symbol: char,
        /// Whether it stands in one of the leading segments of an ARN.
        segment: bool,
    },
}

impl Part {
    fn symbol(&self) -> Option<char> {
        match self {
            Self::Symbol { symbol, .. } => Some(*symbol),
            Self::Token(_) => None,
        }
    }
}

fn read(tokens: &[Token]) -> Vec<Part> {
    let is_colon = |token: &&Token| token.unit() == Some(COLON);
    let beginning = tokens.iter().zip("arn:".encode_utf16());
    let is_arn = beginning
        .filter(|(token, unit)| token.unit() == Some(*unit))
        .count()
        == 4;
    let is_arn = is_arn && tokens.iter().filter(is_colon).count() >= 5;
    let mut parts = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    let mut colons = 0;
    while let [first, behind @ ..] = rest {
        colons += usize::from(is_colon(&first));
        let pair = [first.unit(), behind.first().and_then(Token::unit)];
        let symbol = match pair {
            [Some(high), Some(low)] => {
                let mut read = char::decode_utf16([high, low]);
                let first = read.next().and_then(Result::ok);
                first.filter(|one| is_symbol(*one))
            }
            _ => None,
        };
        rest = if let Some(symbol) = symbol {
            parts.push(Part::Symbol {
                symbol,
                segment: is_arn && colons < 5,
            });
            behind.get(1..).unwrap_or_default()
        } else {
            parts.push(Part::Token(*first));
            behind
        };
    }
    parts
}

fn plain(parts: &[Part]) -> Pattern {
    let token = |part: &Part| match part {
        Part::Token(token) => Some(*token),
        Part::Symbol { .. } => None,
    };
    Pattern::new(parts.iter().filter_map(token).collect())
}

/// Units that neither pattern names: one for each unresolved value, and one that stands nowhere.
struct Units {
    symbols: Vec<(char, u16)>,
    none: u16,
    /// Whether there were enough of them.
    enough: bool,
}

impl Units {
    fn of(own: &[Part], other: &[Part]) -> Self {
        let parts = || own.iter().chain(other);
        let named: BTreeSet<u16> = parts()
            .filter_map(|part| match part {
                Part::Token(token) => token.unit(),
                Part::Symbol { .. } => None,
            })
            .collect();
        let symbols: BTreeSet<char> = parts().filter_map(Part::symbol).collect();
        let mut free = (0xE000..=0xF8FF).filter(|unit| !named.contains(unit));
        let none = free.next();
        let symbols: Vec<(char, Option<u16>)> =
            symbols.into_iter().map(|one| (one, free.next())).collect();
        Self {
            enough: none.is_some() && symbols.iter().all(|(_, unit)| unit.is_some()),
            none: none.unwrap_or_default(),
            symbols: symbols
                .into_iter()
                .filter_map(|(symbol, unit)| Some((symbol, unit?)))
                .collect(),
        }
    }

    fn unit(&self, symbol: char) -> u16 {
        let found = self.symbols.iter().find(|(own, _)| *own == symbol);
        found.map_or(self.none, |(_, unit)| *unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::variables::written_arn;

    const A: char = '\u{F0000}';
    const B: char = '\u{F0001}';
    const G: char = '\u{100000}';
    const H: char = '\u{100001}';

    fn met(of: &str, written: &str) -> Meeting {
        meet(&Pattern::literal(of), &written_arn(written))
    }

    fn open(symbols: &[char]) -> Meeting {
        Meeting::Open(symbols.iter().copied().collect())
    }

    const WITHIN: Meeting = Meeting::Certain(Some(Relation::Within));
    const APART: Meeting = Meeting::Certain(Some(Relation::Apart));

    #[test]
    fn what_hangs_on_a_value_is_open() {
        let role = |account: &dyn std::fmt::Display, name: &str| {
            format!("arn:aws:iam::{account}:role/{name}")
        };
        let table = [
            // The same value is the same.
            (role(&A, "Deploy"), role(&A, "Deploy"), WITHIN),
            (role(&A, "Deploy"), role(&A, "Build"), APART),
            (role(&A, "Deploy"), role(&"*", "Deploy"), WITHIN),
            (role(&A, "Deploy"), "*".to_owned(), WITHIN),
            // Another one may be.
            (role(&A, "Deploy"), role(&B, "Deploy"), open(&[A, B])),
            (
                role(&A, "Deploy"),
                role(&"111111111111", "Deploy"),
                open(&[A]),
            ),
            (
                role(&"111111111111", "Deploy"),
                role(&A, "Deploy"),
                open(&[A]),
            ),
            (role(&A, "Deploy"), role(&"111111111111", "Build"), APART),
            // A parameter may be a whole ARN.
            (role(&"111111111111", "Deploy"), A.to_string(), open(&[A])),
            (A.to_string(), role(&"*", "Deploy"), open(&[A])),
            (A.to_string(), format!("{A}/*"), APART),
            (format!("{A}/x"), format!("{A}/*"), WITHIN),
            (format!("{A}/x"), format!("{A}/y"), APART),
            // How long a value is nobody knows.
            (A.to_string(), "?".to_owned(), open(&[A])),
            (A.to_string(), "??".to_owned(), open(&[A])),
            (A.to_string(), "*?".to_owned(), open(&[A])),
            (A.to_string(), "*".to_owned(), WITHIN),
            // Values that AWS makes up differ from each other, and are like nothing but what was copied from AWS.
            (format!("r-{G}"), format!("r-{G}"), WITHIN),
            (format!("r-{G}"), format!("r-{H}"), APART),
            (format!("r-{G}"), "r-X1Y2Z3".to_owned(), open(&[G])),
            (format!("r-{G}"), format!("r-{A}"), open(&[A])),
            (format!("r-{G}"), "r-*".to_owned(), WITHIN),
            (format!("r-{G}"), "s-*".to_owned(), APART),
        ];
        for (of, written, expected) in table {
            assert_eq!(met(&of, &written), expected, "{of:?} {written:?}");
        }
    }

    #[test]
    fn halves_of_characters_are_not_compared() {
        // Both begin with the same half.
        assert_eq!(met(&format!("x{A}"), &format!("x{B}")), open(&[A, B]));
        assert_eq!(met(&format!("{A}😀"), &format!("{B}😀")), open(&[A, B]));
        // And end with the same half, of different planes.
        assert_eq!(met(&format!("{A}x"), &format!("{G}x")), open(&[A]));
    }
}
