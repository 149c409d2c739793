//! Which statements of a set can speak of an action, without looking at all of them.

use std::cmp::Ordering;

use super::effort;
use super::request::service;
use crate::graph::{Statement, Written};

/// Whether an action's name matches a pattern of a policy; case is ignored.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>
pub(super) fn action_matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    let (mut p, mut a) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    let mut steps = 0;
    while let Some(byte) = action.get(a) {
        steps += 1;
        match pattern.get(p) {
            Some(b'*') if p + 1 == pattern.len() => return true,
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
                    // Only who goes back can take long.
                    effort::add(std::mem::take(&mut steps));
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

/// Whether the `Action` or `NotAction` of a statement takes in an action.
pub(super) fn action_applies(statement: &Statement, action: &str) -> bool {
    let listed = |written: &Written| action_matches(&written.text, action);
    statement.actions.iter().any(listed) != statement.not_action
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
            let wild = |text: &str| text.contains(['*', '?']);
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
