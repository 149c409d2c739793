//! Patterns of `*` and `?` as what they are: sets of texts, to be compared as sets.
//!
//! A pattern runs as a little automaton over UTF-16 units, because AWS counts `?` in them. Comparing two patterns is walking
//! both automata side by side, so cover, overlap and every mixture of several patterns come from one function, [`signatures`].

use std::collections::BTreeSet;
use std::str::EncodeUtf16;

const COLON: u16 = b':' as u16;

/// How many joint states a comparison may visit before it gives up; real policies stay below a few hundred.
const LIMIT: usize = 1 << 14;

/// What one match of a text may cost; a pattern of hundreds of `?` behind a `*` is at many positions at once, and for an ARN as long
/// as AWS allows even that stays below.
const MATCH: usize = 1 << 17;

/// What one comparison of two patterns may cost.
const PAIR: usize = 1 << 16;

/// How many positions may still be looked at before a comparison gives up. Counting the states alone is not enough: each of them may hold
/// thousands of positions of thousands of patterns.
#[derive(Debug)]
pub(super) struct Work(usize);

impl Work {
    /// For all resources that the statements around one request name.
    pub(super) const fn of_request() -> Self {
        Self(1 << 18)
    }

    /// Takes what something costs; `None` when there is not as much left.
    fn take(&mut self, cost: usize) -> Option<()> {
        let left = self.0.checked_sub(cost);
        self.0 = left.unwrap_or(0);
        left.map(|_| ())
    }
}

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
}

/// How a set of texts lies to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// Every text of it is in the other.
    Within,
    /// Some are and some are not, or it was too intricate to tell.
    Across,
    /// None is.
    Apart,
}

/// The positions that may be reached: sorted, without those that another one makes redundant.
type States = Vec<usize>;

impl Pattern {
    pub(super) fn new(tokens: Vec<Token>) -> Self {
        Self { tokens }
    }

    /// `*` and `?` over the whole text.
    pub(super) fn glob(text: &str) -> Self {
        Self::new(text.encode_utf16().map(|unit| token(unit, true)).collect())
    }

    /// The one text.
    pub(super) fn literal(text: &str) -> Self {
        Self::new(text.encode_utf16().map(Token::Unit).collect())
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
    }

    /// Whether it matches; `None` when that is too intricate to tell.
    pub(super) fn matches(&self, text: &str) -> Option<bool> {
        let mut units = text.encode_utf16();
        let mut prefix = 0;
        // Nearly every comparison of ARNs fails in the literal beginning, where no state set is needed.
        while let Some(Token::Unit(unit)) = self.tokens.get(prefix) {
            if units.next() != Some(*unit) {
                return Some(false);
            }
            prefix += 1;
        }
        let mut work = Work(MATCH);
        if !self.tokens.contains(&Token::Many { colon: false }) {
            return self.matches_from(prefix, units, &mut work);
        }
        let mut states = self.settle(vec![prefix]);
        for unit in units {
            work.take(states.len())?;
            states = self.step(&states, unit);
            if states.is_empty() {
                return Some(false);
            }
        }
        Some(self.accepts(&states))
    }

    /// As [`Pattern::matches`] from a token on, without state sets: where every `*` may run over everything, only the last one that was
    /// met can have to take more. Thousands of values against thousands of conditions come through here.
    fn matches_from(
        &self,
        mut position: usize,
        mut units: EncodeUtf16<'_>,
        work: &mut Work,
    ) -> Option<bool> {
        let mut retry: Option<(usize, EncodeUtf16<'_>)> = None;
        loop {
            work.take(1)?;
            let before = units.clone();
            let token = self.tokens.get(position);
            if let Some(Token::Many { .. }) = token {
                position += 1;
                retry = Some((position, before));
                continue;
            }
            let Some(unit) = units.next() else {
                // A text that ends too early for the rest ends too early for every later beginning.
                return Some(token.is_none());
            };
            let fits = match token {
                Some(Token::Unit(own)) => *own == unit,
                Some(Token::One { colon }) => *colon || unit != COLON,
                Some(Token::Many { .. }) | None => false,
            };
            if fits {
                position += 1;
                continue;
            }
            let Some((after_star, from)) = &mut retry else {
                return Some(false);
            };
            if from.next().is_none() {
                return Some(false);
            }
            position = *after_star;
            units = from.clone();
        }
    }

    /// How the texts of this pattern lie to another pattern.
    pub(super) fn relation_to(&self, other: &Self) -> Relation {
        self.relation_within(other, &mut Work(PAIR))
    }

    /// As [`Pattern::relation_to`], as one of many comparisons that share what they may cost.
    pub(super) fn relation_within(&self, other: &Self, work: &mut Work) -> Relation {
        if self == other || matches!(other.tokens.as_slice(), [Token::Many { colon: true }]) {
            return Relation::Within;
        }
        let differ = |(a, b): (&Token, &Token)| match (a, b) {
            (Token::Unit(a), Token::Unit(b)) => Some(a != b),
            _ => None,
        };
        let heads = self.tokens.iter().zip(&other.tokens);
        if heads.map_while(differ).any(|differs| differs) {
            return Relation::Apart;
        }
        // One intricate pattern must not use up what the others need.
        let mut own = Work(work.0.min(PAIR));
        let granted = own.0;
        let seen = signatures(self, &[other], &mut own);
        work.0 -= granted - own.0;
        let Some(seen) = seen else {
            return Relation::Across;
        };
        match (seen.contains(&vec![true]), seen.contains(&vec![false])) {
            (true, true) => Relation::Across,
            (true, false) => Relation::Within,
            (false, _) => Relation::Apart,
        }
    }

    /// Adds what is reached without reading anything, and drops what is redundant: while an unrestricted `*` is active,
    /// every earlier position leads to nothing that the `*` does not reach too. This keeps the state sets tiny.
    fn settle(&self, mut states: States) -> States {
        let mut index = 0;
        let mut keep_from = 0;
        while let Some(&position) = states.get(index) {
            if let Some(Token::Many { colon }) = self.tokens.get(position) {
                states.push(position + 1);
                if *colon {
                    keep_from = keep_from.max(position);
                }
            }
            index += 1;
        }
        states.retain(|position| *position >= keep_from);
        states.sort_unstable();
        states.dedup();
        states
    }

    fn step(&self, states: &States, unit: u16) -> States {
        let mut next = Vec::with_capacity(states.len() + 1);
        for &position in states {
            match self.tokens.get(position) {
                Some(Token::Unit(own)) if *own == unit => next.push(position + 1),
                Some(Token::One { colon }) if *colon || unit != COLON => next.push(position + 1),
                Some(Token::Many { colon }) if *colon || unit != COLON => next.push(position),
                _ => {}
            }
        }
        self.settle(next)
    }

    fn accepts(&self, states: &States) -> bool {
        states.last() == Some(&self.tokens.len())
    }

    fn units_at<'a>(&'a self, states: &'a States) -> impl Iterator<Item = u16> + 'a {
        states
            .iter()
            .filter_map(|position| match self.tokens.get(*position) {
                Some(Token::Unit(unit)) => Some(*unit),
                _ => None,
            })
    }
}

/// A unit as a wildcard where it is one.
pub(super) fn token(unit: u16, colon: bool) -> Token {
    match u8::try_from(unit) {
        Ok(b'*') => Token::Many { colon },
        Ok(b'?') => Token::One { colon },
        _ => Token::Unit(unit),
    }
}

/// The kinds of members that `of` has: for each kind, which of the `written` patterns match it. Everything that can be asked of
/// several patterns together (does their union cover it, does a Deny hit a part) is asked of these few kinds one by one.
/// `None` when there are too many states to walk.
pub(super) fn signatures(
    of: &Pattern,
    written: &[&Pattern],
    work: &mut Work,
) -> Option<BTreeSet<Vec<bool>>> {
    let used: BTreeSet<u16> = std::iter::once(of)
        .chain(written.iter().copied())
        .flat_map(|pattern| &pattern.tokens)
        .filter_map(|token| match token {
            Token::Unit(unit) => Some(*unit),
            _ => None,
        })
        .collect();
    // One unit that no pattern names stands for all of them.
    let other = (0x21..u16::MAX).find(|unit| *unit != COLON && !used.contains(unit))?;

    // Of the written patterns only those are kept that can still match: of a hundred names behind one path all but one die at once.
    let start = (
        of.settle(vec![0]),
        written
            .iter()
            .enumerate()
            .map(|(index, pattern)| (index, pattern.settle(vec![0])))
            .collect::<Vec<_>>(),
    );
    let mut seen = BTreeSet::from([start.clone()]);
    let mut open = vec![start];
    let mut found = BTreeSet::new();
    while let Some((own, theirs)) = open.pop() {
        let alive = || {
            theirs.iter().filter_map(|(index, states)| {
                let pattern = written.get(*index)?;
                Some((*index, *pattern, states))
            })
        };
        if of.accepts(&own) {
            let mut signature = vec![false; written.len()];
            for (index, pattern, states) in alive() {
                if let Some(matches) = signature.get_mut(index) {
                    *matches = pattern.accepts(states);
                }
            }
            found.insert(signature);
        }
        let mut units = BTreeSet::from([COLON, other]);
        units.extend(of.units_at(&own));
        for (_, pattern, states) in alive() {
            units.extend(pattern.units_at(states));
        }
        let cost = own.len() + theirs.iter().map(|(_, states)| states.len()).sum::<usize>();
        for unit in units {
            work.take(cost)?;
            let next = of.step(&own, unit);
            if next.is_empty() {
                continue;
            }
            let theirs = alive().filter_map(|(index, pattern, states)| {
                let next = pattern.step(states, unit);
                (!next.is_empty()).then_some((index, next))
            });
            let state = (next, theirs.collect());
            if seen.insert(state.clone()) {
                open.push(state);
            }
        }
        if seen.len() > LIMIT {
            return None;
        }
    }
    Some(found)
}

/// Whether an action's name matches a pattern of a policy; case is ignored.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>
pub(super) fn action_matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    let (mut p, mut a) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(byte) = action.get(a) {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, a));
                p += 1;
            }
            Some(own) if *own == b'?' || own.eq_ignore_ascii_case(byte) => {
                p += 1;
                a += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    p = after_star;
                    a = from + 1;
                    retry = Some((after_star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|byte| *byte == b'*')
}
