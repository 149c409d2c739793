//! Patterns as little automata over UTF-16 units, because AWS counts `?` in them.
//!
//! Comparing patterns is walking their automata side by side, so cover, overlap and every mixture of several patterns come from
//! one function, [`signatures`]. The positions reached are collected to states and each state's steps are found once, so that
//! even patterns full of `*` cost a table look-up per step.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::effort;
use super::pattern::{Pattern, Token};

pub(super) const COLON: u16 = b':' as u16;

/// How many steps a comparison may take, of all patterns together, before it gives up. Patterns of real policies part at their
/// first differing character, so that their steps grow with their length; only patterns made of stars go through every
/// combination of their positions.
fn limit(patterns: &[Walker<'_>]) -> usize {
    const LEAST: usize = 1 << 12;
    const PER_TOKEN: usize = 16;
    const MOST: usize = 1 << 16;
    let tokens: usize = patterns.iter().map(|one| one.pattern.tokens().len()).sum();
    (LEAST + PER_TOKEN * tokens).min(MOST)
}

/// How many positions may be visited on the way: a long run of `?` behind a `*` keeps thousands of them at once.
const VISITS: usize = 1 << 16;

/// The positions that may be reached: sorted, without those that another one makes redundant.
pub(super) type States = Vec<usize>;

impl Pattern {
    /// Adds what is reached without reading anything, and drops what is redundant: while a `*` is active, every earlier position
    /// from which the way to it reads nothing that the `*` does not read leads to nothing that the `*` does not reach too. For an
    /// unrestricted `*` these are all, for one that stops at colons those of its segment. This keeps the state sets tiny.
    pub(super) fn settle(&self, mut states: States) -> States {
        let tokens = self.tokens();
        let mut index = 0;
        let mut keep_from = 0;
        let mut last_bounded = None;
        while let Some(&position) = states.get(index) {
            if let Some(Token::Many { colon }) = tokens.get(position) {
                states.push(position + 1);
                if *colon {
                    keep_from = keep_from.max(position);
                } else {
                    last_bounded = last_bounded.max(Some(position));
                }
            }
            index += 1;
        }
        if let Some(star) = last_bounded {
            let reads_colons = |token: &Token| {
                matches!(
                    token,
                    Token::Unit(COLON) | Token::One { colon: true } | Token::Many { colon: true }
                )
            };
            let before = tokens.get(..star).unwrap_or_default();
            let segment = before.iter().rposition(reads_colons).map_or(0, |at| at + 1);
            states.retain(|position| !(segment..star).contains(position));
        }
        states.retain(|position| *position >= keep_from);
        states.sort_unstable();
        states.dedup();
        states
    }

    pub(super) fn step(&self, states: &[usize], unit: u16) -> States {
        let mut next = Vec::with_capacity(states.len() + 1);
        for &position in states {
            match self.tokens().get(position) {
                Some(Token::Unit(own)) if *own == unit => next.push(position + 1),
                Some(Token::One { colon }) if *colon || unit != COLON => next.push(position + 1),
                Some(Token::Many { colon }) if *colon || unit != COLON => next.push(position),
                _ => {}
            }
        }
        self.settle(next)
    }

    pub(super) fn accepts(&self, states: &[usize]) -> bool {
        states.last() == Some(&self.tokens().len())
    }
}

/// A pattern's states by number, found as they are needed.
struct Walker<'p> {
    pattern: &'p Pattern,
    numbers: BTreeMap<States, usize>,
    rows: Vec<Row>,
}

/// A state with the units that its positions name, and its steps as far as they were taken.
struct Row {
    states: States,
    accepts: bool,
    units: Vec<u16>,
    steps: Vec<(u16, usize)>,
}

impl<'p> Walker<'p> {
    /// Behind a literal beginning; the first state has number 0.
    fn new(pattern: &'p Pattern, beginning: usize) -> Self {
        let mut walker = Self {
            pattern,
            numbers: BTreeMap::new(),
            rows: Vec::new(),
        };
        walker.number(pattern.settle(vec![beginning]));
        walker
    }

    fn number(&mut self, states: States) -> usize {
        if let Some(number) = self.numbers.get(&states) {
            return *number;
        }
        let number = self.rows.len();
        let tokens = states
            .iter()
            .filter_map(|at| self.pattern.tokens().get(*at));
        let units = tokens.filter_map(Token::unit).collect();
        self.numbers.insert(states.clone(), number);
        self.rows.push(Row {
            accepts: self.pattern.accepts(&states),
            states,
            units,
            steps: Vec::new(),
        });
        number
    }

    fn step(&mut self, from: usize, unit: u16, visits: &mut usize) -> usize {
        let Some(row) = self.rows.get(from) else {
            return from;
        };
        if let Some((_, to)) = row.steps.iter().find(|(own, _)| *own == unit) {
            return *to;
        }
        let next = self.pattern.step(&row.states, unit);
        *visits += row.states.len() + next.len();
        let to = self.number(next);
        if let Some(row) = self.rows.get_mut(from) {
            row.steps.push((unit, to));
        }
        to
    }

    fn row(&self, number: usize) -> Option<&Row> {
        self.rows.get(number)
    }

    fn accepts(&self, number: usize) -> bool {
        self.row(number).is_some_and(|row| row.accepts)
    }

    fn is_dead(&self, number: usize) -> bool {
        self.row(number).is_none_or(|row| row.states.is_empty())
    }
}

/// The kinds of members that `of` has: for each kind, which of the `written` patterns match it. Everything that can be asked of
/// several patterns together (does their union cover it, does a Deny hit a part) is asked of these few kinds one by one.
/// `None` when it takes too many steps.
pub(super) fn signatures(of: &Pattern, written: &[&Pattern]) -> Option<BTreeSet<Vec<bool>>> {
    let patterns = || std::iter::once(of).chain(written.iter().copied());
    let used: BTreeSet<u16> = patterns()
        .flat_map(Pattern::tokens)
        .filter_map(Token::unit)
        .collect();
    // One unit that no pattern names stands for all of them.
    let other = (0x21..u16::MAX).find(|unit| *unit != COLON && !used.contains(unit));
    let other = other?;

    // What all have in common tells nothing.
    let common = |(at, token): &(usize, &Token)| {
        token.unit().is_some() && written.iter().all(|p| p.tokens().get(*at) == Some(*token))
    };
    let beginning = of.tokens().iter().enumerate().take_while(common).count();
    let walkers = patterns().map(|pattern| Walker::new(pattern, beginning));
    let mut walkers: Vec<Walker<'_>> = walkers.collect();
    let limit = limit(&walkers);
    let start = vec![0; walkers.len()];
    // Only asked whether something is in it: its order tells nothing.
    let mut seen = HashSet::from([start.clone()]);
    let mut open = vec![start];
    let mut found = BTreeSet::new();
    let (mut steps, mut visits) = (0, 0);
    let (mut units, mut next) = (Vec::new(), Vec::new());
    while let Some(joint) = open.pop() {
        let mut accepted = walkers.iter().zip(&joint).map(|(w, at)| w.accepts(*at));
        if accepted.next() == Some(true) {
            found.insert(accepted.collect());
        }
        units.clear();
        units.extend([COLON, other]);
        for (walker, at) in walkers.iter().zip(&joint) {
            units.extend(walker.row(*at).into_iter().flat_map(|row| &row.units));
        }
        units.sort_unstable();
        units.dedup();
        let alive = |(walker, at): &(&Walker<'_>, &usize)| !walker.is_dead(**at);
        let alive = walkers.iter().zip(&joint).filter(alive).count();
        for &unit in &units {
            steps += alive;
            if steps > limit || visits > VISITS {
                effort::add(steps + visits);
                return None;
            }
            next.clear();
            let both = walkers.iter_mut().zip(&joint);
            next.extend(both.map(|(walker, at)| walker.step(*at, unit, &mut visits)));
            let dead = |(walker, at): (&Walker<'_>, &usize)| walker.is_dead(*at);
            if walkers.iter().zip(&next).next().is_none_or(dead) {
                continue;
            }
            if !seen.contains(&next) {
                seen.insert(next.clone());
                open.push(next.clone());
            }
        }
    }
    effort::add(steps + visits);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stars(count: usize, end: &str) -> Pattern {
        Pattern::glob(&format!("{}*{end}", "*a".repeat(count)))
    }

    #[test]
    fn comparing_hostile_patterns_takes_bounded_steps() {
        for count in [1, 4, 16, 64, 256] {
            let (of, some) = (stars(count, "b"), [stars(count, "c"), stars(count, "a")]);
            let some = some.each_ref();
            let (_, steps) = effort::counted(|| signatures(&of, &some));
            assert!(steps <= 40_000 + 3, "{count} stars: {steps} steps");
        }
    }

    /// The states of one pattern are as many as its tokens, not as many as the sets of them.
    #[test]
    fn a_pattern_has_no_more_states_than_tokens() {
        for count in [1, 4, 16, 64] {
            for text in [
                format!("{}b", "*a".repeat(count)),
                format!("arn:aws:s3:{}b::c", "*a".repeat(count)),
            ] {
                let pattern = super::super::variables::written_arn(&text);
                let (found, steps) = effort::counted(|| signatures(&pattern, &[]));
                assert!(found.is_some());
                assert!(steps <= 16 * text.len() + 32, "{text}: {steps} steps");
            }
        }
    }
}
