//! Patterns of `*` and `?` as what they are: sets of texts. Here one text is held against a pattern; `automaton` compares
//! patterns with each other.

use std::collections::BTreeSet;

use super::automaton::{COLON, signatures};
use super::effort;

/// One step of a pattern. `colon` tells whether a wildcard may run over a colon: in the leading segments of an ARN it may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    /// This unit itself.
    Unit(u16),
    /// Any one unit.
    One { colon: bool },
    /// Any number of units.
    Many { colon: bool },
}

/// A set of texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    tokens: Vec<Token>,
    shape: Shape,
}

/// What nearly all patterns are, so that nearly all comparisons are of plain texts. It follows from the tokens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    /// Only this text.
    Plain(String),
    /// Every text that begins so.
    Prefix(String),
    /// Every text that holds these pieces in this order, the first at its beginning and the last at its end: only `*` stands
    /// between them, and each may run over everything.
    Pieces(Vec<String>),
    /// Anything else, of no fewer units than `least`. `forced` when no wildcard that may run over colons stands before one that
    /// may not: then the segments of pattern and text pair off, and no choice made in one is ever to be taken back in a later one.
    Mixed { least: usize, forced: bool },
}

/// How a set of texts lies to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// Every text of it is in the other.
    Within,
    /// Some are and some are not.
    Across,
    /// None is.
    Apart,
}

impl Token {
    pub(super) fn unit(&self) -> Option<u16> {
        match self {
            Self::Unit(unit) => Some(*unit),
            Self::One { .. } | Self::Many { .. } => None,
        }
    }

    fn colon(&self) -> Option<bool> {
        match self {
            Self::Unit(_) => None,
            Self::One { colon } | Self::Many { colon } => Some(*colon),
        }
    }
}

impl Pattern {
    pub(super) fn new(tokens: Vec<Token>) -> Self {
        let shape = Shape::of(&tokens);
        Self { tokens, shape }
    }

    /// `*` and `?` over the whole text.
    pub(super) fn glob(text: &str) -> Self {
        Self::new(text.encode_utf16().map(|unit| token(unit, true)).collect())
    }

    /// The one text.
    pub(super) fn literal(text: &str) -> Self {
        Self {
            tokens: text.encode_utf16().map(Token::Unit).collect(),
            shape: Shape::Plain(text.to_owned()),
        }
    }

    /// Whether it names unresolved values: the first half of each is one of these units, and of nothing else.
    pub(super) fn is_symbolic(&self) -> bool {
        let first_half = |token: &Token| matches!(token, Token::Unit(0xDB80..=0xDBFF));
        self.tokens.iter().any(first_half)
    }

    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The only text it has, if it has but one.
    pub(super) fn plain(&self) -> Option<&str> {
        match &self.shape {
            Shape::Plain(text) => Some(text),
            Shape::Prefix(_) | Shape::Pieces(_) | Shape::Mixed { .. } => None,
        }
    }

    /// Lets a `*` run over colons that is the last character of the fourth or fifth segment of an ARN.
    pub(super) fn let_region_and_account_spill(&mut self) {
        let mut colons = 0;
        let mut rest = self.tokens.as_mut_slice();
        while let [first, behind @ ..] = rest {
            let ends = behind.first() == Some(&Token::Unit(COLON));
            match first {
                Token::Unit(COLON) => colons += 1,
                Token::Many { colon } if ends && (colons == 3 || colons == 4) => *colon = true,
                _ => {}
            }
            rest = behind;
        }
        self.shape = Shape::of(&self.tokens);
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        match &self.shape {
            Shape::Plain(plain) => plain == text,
            Shape::Prefix(prefix) => text.starts_with(prefix),
            Shape::Pieces(pieces) => {
                effort::add(pieces.len() + text.len());
                hold(pieces, text)
            }
            Shape::Mixed { least, .. } if text.len() < *least => false,
            // Of ASCII each byte is a unit.
            Shape::Mixed { forced: true, .. } if text.is_ascii() => {
                let (matches, steps) = greedy(&self.tokens, text.as_bytes());
                effort::add(steps);
                matches
            }
            Shape::Mixed { .. } => self.runs(text),
        }
    }

    /// Whether the automaton takes a text: slower, but right for every pattern and text.
    fn runs(&self, text: &str) -> bool {
        let mut states = self.settle(vec![0]);
        for unit in text.encode_utf16() {
            effort::add(states.len());
            states = self.step(&states, unit);
            if states.is_empty() {
                return false;
            }
        }
        self.accepts(&states)
    }

    /// How the texts of this pattern lie to another pattern; [`Relation::Across`] also where that is too intricate to tell.
    pub(super) fn relation_to(&self, other: &Self) -> Relation {
        self.compare(other).unwrap_or(Relation::Across)
    }

    /// As [`Pattern::relation_to`], but `None` where it is too intricate to tell.
    pub(super) fn compare(&self, other: &Self) -> Option<Relation> {
        self.at_a_glance(other).or_else(|| self.walk_along(other))
    }

    /// As [`Pattern::compare`], but `None` already where it takes more steps than the patterns are long.
    pub(super) fn at_a_glance(&self, other: &Self) -> Option<Relation> {
        if self == other || matches!(other.tokens.as_slice(), [Token::Many { colon: true }]) {
            return Some(Relation::Within);
        }
        compare_pieces(&self.shape.pieces()?, &other.shape.pieces()?)
    }

    fn walk_along(&self, other: &Self) -> Option<Relation> {
        let differ = |(a, b): (&Token, &Token)| Some(a.unit()? != b.unit()?);
        let heads = self.tokens.iter().zip(&other.tokens);
        if heads.map_while(differ).any(|differs| differs) {
            return Some(Relation::Apart);
        }
        let seen = signatures(self, &[other])?;
        Some(
            match (seen.contains(&vec![true]), seen.contains(&vec![false])) {
                (true, true) => Relation::Across,
                (true, false) => Relation::Within,
                (false, _) => Relation::Apart,
            },
        )
    }
}

impl Shape {
    /// What stands between the `*` of a pattern that has no other wildcards.
    fn pieces(&self) -> Option<Vec<&str>> {
        match self {
            Self::Plain(text) => Some(vec![text]),
            Self::Prefix(text) => Some(vec![text, ""]),
            Self::Pieces(pieces) => Some(pieces.iter().map(String::as_str).collect()),
            Self::Mixed { .. } => None,
        }
    }

    fn of(tokens: &[Token]) -> Self {
        let first_wild = tokens.iter().position(|token| token.unit().is_none());
        let head = tokens.get(..first_wild.unwrap_or(tokens.len()));
        let head = || char::decode_utf16(head.into_iter().flatten().filter_map(Token::unit));
        // What is written is text, so half a character cannot stand here.
        let text = || head().collect::<Result<String, _>>().ok();
        let behind = first_wild.and_then(|at| tokens.get(at..));
        match behind {
            None => {
                if let Some(plain) = text() {
                    return Self::Plain(plain);
                }
            }
            Some([Token::Many { colon: true }]) => {
                if let Some(prefix) = text() {
                    return Self::Prefix(prefix);
                }
            }
            Some(_) => {}
        }
        let pieces = || {
            let pieces = tokens.split(|token| *token == Token::Many { colon: true });
            pieces.map(plain).collect::<Option<Vec<String>>>()
        };
        if let Some(pieces) = pieces() {
            return Self::Pieces(pieces);
        }
        let wildcards = || tokens.iter().filter_map(Token::colon);
        Self::Mixed {
            least: tokens
                .iter()
                .filter(|token| !matches!(token, Token::Many { .. }))
                .count(),
            forced: wildcards().is_sorted(),
        }
    }
}

/// The text of tokens that are all units; `None` also for half a character.
fn plain(tokens: &[Token]) -> Option<String> {
    let units: Option<Vec<u16>> = tokens.iter().map(Token::unit).collect();
    String::from_utf16(&units?).ok()
}

/// Whether a text holds pieces in their order, the first at its beginning and the last at its end. Each is taken where it first
/// fits, for whatever fits behind a later place fits behind an earlier one too; so it takes one look at every character.
fn hold<T: AsRef<str>>(pieces: &[T], text: &str) -> bool {
    let [first, between @ .., last] = pieces else {
        return pieces.first().is_some_and(|only| only.as_ref() == text);
    };
    let mut rest = text.strip_prefix(first.as_ref());
    for piece in between {
        rest = rest
            .and_then(|rest| rest.split_once(piece.as_ref()))
            .map(|(_, behind)| behind);
    }
    rest.is_some_and(|rest| rest.ends_with(last.as_ref()))
}

/// How patterns of pieces with `*` between them lie to each other, in as many steps as they are long.
///
/// All texts of one are texts of the other exactly if that one is which has at each `*` a character that the other does not name:
/// only a `*` of the other can have read it, and that reads everything else too. Two that both have a `*` share a text as soon as
/// neither their beginnings nor their ends contradict each other: their pieces can stand one behind the other.
fn compare_pieces(own: &[&str], other: &[&str]) -> Option<Relation> {
    let length = |pieces: &[&str]| pieces.iter().map(|piece| piece.len() + 1).sum::<usize>();
    effort::add(length(own) + length(other));
    let unnamed = ('\u{e000}'..='\u{f8ff}').find(|mark| {
        let named = |piece: &&str| piece.contains(*mark);
        !own.iter().any(named) && !other.iter().any(named)
    });
    let text = own.join(unnamed?.encode_utf8(&mut [0; 4]));
    if hold(other, &text) {
        return Some(Relation::Within);
    }
    let meet = match (own, other) {
        ([_], _) => false,
        (_, [text]) => hold(own, text),
        ([own_head, .., own_end], [head, .., end]) => {
            let heads = own_head.starts_with(head) || head.starts_with(own_head);
            heads && (own_end.ends_with(end) || end.ends_with(own_end))
        }
        _ => false,
    };
    // What has a `*` has more than one text, so none that meets a text lies within it.
    Some(match meet {
        true => Relation::Across,
        false => Relation::Apart,
    })
}

/// As [`signatures`], of patterns that are all plain texts or beginnings, as those of most policies are: a member is told by the
/// longest of them that it begins with, and for each of them there is a member that is nothing more. `None` of other patterns.
pub(super) fn beginnings(of: &Pattern, written: &[&Pattern]) -> Option<BTreeSet<Vec<bool>>> {
    let Shape::Prefix(own) = &of.shape else {
        return None;
    };
    let mut kinds = BTreeSet::from([vec![false; written.len()]]);
    for pattern in written {
        let (text, whole) = match &pattern.shape {
            Shape::Plain(text) => (text, true),
            Shape::Prefix(text) => (text, false),
            Shape::Pieces(_) | Shape::Mixed { .. } => return None,
        };
        if !text.starts_with(own) {
            return None;
        }
        kinds.insert(
            written
                .iter()
                .map(|other| match &other.shape {
                    Shape::Plain(other) => whole && other == text,
                    Shape::Prefix(other) => text.starts_with(other),
                    Shape::Pieces(_) | Shape::Mixed { .. } => false,
                })
                .collect(),
        );
    }
    Some(kinds)
}

/// Walks pattern and text together, and on a mismatch lets only the latest `*` take one unit more: whatever an earlier `*` could
/// take instead, the latest one could take as well. Also tells how many steps it took, never more than tokens times bytes.
fn greedy(tokens: &[Token], text: &[u8]) -> (bool, usize) {
    let (mut token, mut at, mut steps) = (0, 0, 0);
    let mut retry: Option<(usize, usize, bool)> = None;
    while let Some(byte) = text.get(at) {
        steps += 1;
        let unit = u16::from(*byte);
        match tokens.get(token) {
            Some(Token::Many { colon: true }) if token + 1 == tokens.len() => return (true, steps),
            Some(Token::Many { colon }) => {
                token += 1;
                retry = Some((token, at, *colon));
            }
            Some(Token::Unit(own)) if *own == unit => (token, at) = (token + 1, at + 1),
            Some(Token::One { colon }) if *colon || unit != COLON => {
                (token, at) = (token + 1, at + 1);
            }
            _ => match &mut retry {
                Some((behind, from, colon)) if *colon || text.get(*from) != Some(&b':') => {
                    *from += 1;
                    (token, at) = (*behind, *from);
                }
                _ => return (false, steps),
            },
        }
    }
    let rest = tokens.get(token..).unwrap_or_default();
    let matches = rest.iter().all(|token| matches!(token, Token::Many { .. }));
    (matches, steps + rest.len())
}

/// A unit as a wildcard where it is one.
pub(super) fn token(unit: u16, colon: bool) -> Token {
    match u8::try_from(unit) {
        Ok(b'*') => Token::Many { colon },
        Ok(b'?') => Token::One { colon },
        _ => Token::Unit(unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::variables::written_arn;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn text(alphabet: &'static [&'static str]) -> impl Strategy<Value = String> {
        prop::collection::vec(select(alphabet), 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn the_short_way_and_the_automaton_agree(
            pattern in text(&["a", "b", ":", "*", "?", "é", "😀"]),
            of in text(&["a", "b", ":", "é", "😀"]),
        ) {
            for pattern in [Pattern::glob(&pattern), written_arn(&pattern), Pattern::literal(&pattern)] {
                prop_assert_eq!(pattern.matches(&of), pattern.runs(&of), "{:?}", pattern);
            }
        }

        #[test]
        fn pieces_and_the_automaton_lie_alike(
            one in text(&["a", "b", ":", "*", "é"]),
            other in text(&["a", "b", ":", "*", "*", "é"]),
        ) {
            let (one, other) = (Pattern::glob(&one), Pattern::glob(&other));
            let kinds = signatures(&one, &[&other]).unwrap();
            let expected = match (kinds.contains(&vec![true]), kinds.contains(&vec![false])) {
                (true, true) => Relation::Across,
                (true, false) => Relation::Within,
                (false, _) => Relation::Apart,
            };
            prop_assert_eq!(one.compare(&other), Some(expected));
        }

        #[test]
        fn beginnings_have_the_kinds_that_the_automaton_finds(
            of in text(&["a", "b"]),
            some in prop::collection::vec((text(&["a", "b"]), any::<bool>()), 1..5),
        ) {
            let asked = Pattern::glob(&format!("{of}*"));
            let star = |open: bool| if open { "*" } else { "" };
            let written: Vec<Pattern> = some
                .iter()
                .map(|(tail, open)| Pattern::glob(&format!("{of}{tail}{}", star(*open))))
                .collect();
            let written: Vec<&Pattern> = written.iter().collect();
            let all_differ = written.iter().all(|one| asked.compare(one) == Some(Relation::Across));
            if all_differ {
                prop_assert_eq!(beginnings(&asked, &written), signatures(&asked, &written));
            }
        }

        #[test]
        fn leading_segments_are_no_exception(
            pattern in text(&["a", "b", ":", ":", "*", "?"]),
            of in text(&["a", "b", ":", ":"]),
        ) {
            let pattern = written_arn(&format!("{pattern}::::*a"));
            let of = format!("{of}::::a");
            prop_assert_eq!(pattern.matches(&of), pattern.runs(&of), "{:?}", pattern);
        }
    }

    /// Steps grow with the text for `*a*a…*b`, whatever the number of stars.
    #[test]
    fn many_stars_cost_no_more_than_one() {
        for stars in [1, 16, 64, 256] {
            for length in [64, 512, 2048] {
                let text = "a".repeat(length);
                for pattern in [
                    format!("{}b", "*a".repeat(stars)),
                    format!("arn:aws:s3:::{}b", "*a".repeat(stars)),
                    format!("arn:aws:{}b:::x", "*a".repeat(stars)),
                ] {
                    let text = match pattern.split_once('*') {
                        Some((head, _)) => format!("{head}{text}:::x"),
                        None => text.clone(),
                    };
                    let pattern = written_arn(&pattern);
                    let (_, steps) = greedy(pattern.tokens(), text.as_bytes());
                    let most = 3 * (text.len() + pattern.tokens().len());
                    assert!(steps <= most, "{stars} stars over {length}: {steps} steps");
                }
            }
        }
    }
}
