//! Which statements of a set can speak of an action, without looking at all of them.

use std::cmp::Ordering;

use super::effort;
use super::request::service;
use super::symbol::{Open, open_in};
use crate::graph::{Statement, Written, has_symbol, is_symbol};

/// Whether an action is one of those that a pattern stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fits {
    No,
    /// That hangs on an unresolved value in the pattern.
    Perhaps,
    Yes,
}

impl From<bool> for Fits {
    fn from(fits: bool) -> Self {
        if fits { Self::Yes } else { Self::No }
    }
}

/// Whether an action's name matches a pattern of a policy; case is ignored.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>
pub(super) fn action_matches(text: &str, action: &str) -> Fits {
    let whole = action;
    let (pattern, action) = (text.as_bytes(), action.as_bytes());
    let (mut p, mut a) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    let mut steps = 0;
    while let Some(byte) = action.get(a) {
        steps += 1;
        match pattern.get(p) {
            Some(b'*') if p + 1 == pattern.len() => return Fits::Yes,
            Some(b'*') => {
                retry = Some((p + 1, a));
                p += 1;
            }
            Some(own) if *own == b'?' || own.eq_ignore_ascii_case(byte) => {
                p += 1;
                a += 1;
            }
            Some(SYMBOL..) => return may_match(text, whole),
            _ => match retry {
                Some((after_star, from)) => {
                    // Only who goes back can take long.
                    effort::add(std::mem::take(&mut steps));
                    p = after_star;
                    a = from + 1;
                    retry = Some((after_star, from + 1));
                }
                None => return Fits::No,
            },
        }
    }
    let mut rest = pattern.iter().skip(p);
    match rest.find(|byte| **byte != b'*') {
        None => Fits::Yes,
        Some(SYMBOL..) => may_match(text, whole),
        Some(_) => Fits::No,
    }
}

/// What unresolved values begin with, in UTF-8; no action does.
const SYMBOL: u8 = 0xF3;

/// As [`action_matches`], of a pattern with an unresolved value, which may be any text.
fn may_match(pattern: &str, action: &str) -> Fits {
    let wide: String = pattern
        .chars()
        .map(|one| if is_symbol(one) { '*' } else { one })
        .collect();
    // Wide is never narrower, and holds no unresolved value.
    match wide != pattern && action_matches(&wide, action) == Fits::Yes {
        true => Fits::Perhaps,
        false => Fits::No,
    }
}

/// Whether the `Action` or `NotAction` of a statement takes in an action, or may.
pub(super) fn action_applies(statement: &Statement, action: &str) -> bool {
    let fits = |written: &Written| action_matches(&written.text, action);
    let mut listed = statement.actions.iter().map(fits);
    match statement.not_action {
        true => listed.all(|fits| fits != Fits::Yes),
        false => listed.any(|fits| fits != Fits::No),
    }
}

/// The unresolved values on which it hangs whether a statement takes in an action that it may take in; none where it does so
/// certainly.
pub(super) fn action_hangs_on(statement: &Statement, action: &str) -> Open {
    let fits = |written: &Written| action_matches(&written.text, action);
    let certain =
        !statement.not_action && statement.actions.iter().any(|one| fits(one) == Fits::Yes);
    let open = statement
        .actions
        .iter()
        .filter(|one| !certain && fits(one) == Fits::Perhaps);
    open_in(open.map(|written| written.text.as_str()))
}

/// The numbers of statements by what their actions say: the cost of a decision grows with the statements that name the service,
/// not with all. A statement that several lists could hold is, for one action, found in one of them only.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By whole action: these certainly take it in.
    exact: Names,
    /// By service: actions with wildcards behind a plain service prefix.
    services: Names,
    /// `*`, `NotAction`, wildcards in the prefix.
    anywhere: Vec<usize>,
}

/// Sorted by name in lower case.
type Names = Vec<(String, Vec<usize>)>;

impl Index {
    /// Takes in every statement, in their order.
    pub(super) fn of<'s>(statements: impl Iterator<Item = &'s Statement>) -> Self {
        let (mut exact, mut services, mut anywhere) = (Vec::new(), Vec::new(), Vec::new());
        for (number, statement) in statements.enumerate() {
            let wild = |text: &str| text.contains(['*', '?']) || has_symbol(text);
            let unbound = |written: &Written| match written.text.split_once(':') {
                Some((prefix, _)) => wild(prefix),
                None => wild(&written.text),
            };
            if statement.not_action || statement.actions.iter().any(unbound) {
                anywhere.push(number);
                continue;
            }
            let names = || {
                statement
                    .actions
                    .iter()
                    .map(|written| written.text.to_ascii_lowercase())
            };
            let open: Vec<String> = names()
                .filter(|name| wild(name))
                .map(|name| service(&name).to_owned())
                .collect();
            let plain = names().filter(|name| !open.iter().any(|open| open == service(name)));
            exact.extend(plain.map(|name| (name, number)));
            services.extend(open.into_iter().map(|name| (name, number)));
        }
        Self {
            exact: grouped(exact),
            services: grouped(services),
            anywhere,
        }
    }

    /// Everything may speak of the action: for sets that were narrowed to it.
    pub(super) fn flat(count: usize) -> Self {
        Self {
            anywhere: (0..count).collect(),
            ..Self::default()
        }
    }

    /// The statements that take in an action for certain, and those that have to be asked.
    pub(super) fn candidates(&self, action: &str) -> (&[usize], impl Iterator<Item = usize>) {
        let open = look_up(&self.services, service(action));
        let open = open.iter().chain(&self.anywhere).copied();
        (look_up(&self.exact, action), open)
    }
}

fn grouped(mut pairs: Vec<(String, usize)>) -> Names {
    pairs.sort_unstable();
    pairs.dedup();
    let mut names: Names = Vec::new();
    for (name, number) in pairs {
        match names.last_mut() {
            Some((last, numbers)) if *last == name => numbers.push(number),
            _ => names.push((name, vec![number])),
        }
    }
    names
}

fn look_up<'n>(names: &'n Names, name: &str) -> &'n [usize] {
    let found = names.binary_search_by(|(own, _)| ignoring_case(own, name));
    let entry = found.ok().and_then(|at| names.get(at));
    entry.map_or(&[], |(_, numbers)| numbers)
}

/// How a name in lower case lies to another of any case.
fn ignoring_case(lower: &str, other: &str) -> Ordering {
    lower
        .bytes()
        .cmp(other.bytes().map(|byte| byte.to_ascii_lowercase()))
}
