//! The numbers by which the page names actions, and the accounts that it can be filtered by.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::needs::Principal;
use crate::check::{self, Affected};
use crate::graph::Arn;

/// Actions by number, in the order of the pipelines; a pipeline as a whole has the number before its first action.
pub(super) struct Index<'a> {
    /// Two of one name, which AWS refuses, cannot be told apart by what affects them.
    numbers: BTreeMap<(&'a str, &'a str, &'a str), Vec<usize>>,
    /// Owners of buckets and other resources whose ARNs do not tell.
    owners: BTreeMap<&'a str, &'a str>,
    accounts: BTreeSet<String>,
}

impl<'a> Index<'a> {
    pub(super) fn new(result: &'a check::Result) -> Self {
        let mut index = Self {
            numbers: BTreeMap::new(),
            owners: BTreeMap::new(),
            accounts: BTreeSet::new(),
        };
        let mut number = 0;
        for checked in &result.checked {
            let whole = [(checked.pipeline.as_str(), "", "")];
            let steps = checked.steps.iter();
            let steps = steps.map(|step| {
                (
                    checked.pipeline.as_str(),
                    step.stage.as_str(),
                    step.action.as_str(),
                )
            });
            for key in whole.into_iter().chain(steps) {
                index.numbers.entry(key).or_default().push(number);
                number += 1;
            }
        }
        for principal in principals(result) {
            for need in &principal.needs {
                if let Some(account) = &need.account {
                    index.owners.insert(&need.resource, account);
                }
                for grant in &need.grants {
                    if let Some(account) = &grant.account {
                        index.owners.insert(&grant.of, account);
                    }
                }
            }
        }
        let findings = result.findings.iter();
        let findings = findings.chain(result.suppressed.iter().map(|one| &one.finding));
        let named =
            findings.flat_map(|finding| finding.principals.iter().chain(&finding.resources));
        let needed = principals(result).flat_map(|one| {
            let resources = one.needs.iter().map(|need| &need.resource);
            resources.chain([&one.name])
        });
        let pipelines = result.checked.iter().map(|checked| &checked.pipeline);
        let names: Vec<&String> = named.chain(needed).chain(pipelines).collect();
        index.accounts = index.accounts_of(names.into_iter().map(String::as_str));
        index
    }

    /// The numbers of an action; none of one that was not walked.
    pub(super) fn numbers(&self, affects: &[Affected]) -> BTreeSet<usize> {
        let keys = affects.iter().map(|affected| {
            (
                affected.pipeline.as_str(),
                affected.stage.as_str(),
                affected.action.as_str(),
            )
        });
        let numbers = keys.filter_map(|key| self.numbers.get(&key));
        numbers.flatten().copied().collect()
    }

    /// The numbers of actions as the script reads them: `0 3-5 9`.
    pub(super) fn ranges(&self, affects: &[Affected]) -> String {
        ranges(&self.numbers(affects))
    }

    /// The accounts of everything that is named, sorted.
    pub(super) fn accounts_of<'t>(&self, names: impl Iterator<Item = &'t str>) -> BTreeSet<String> {
        let accounts = names.filter_map(|name| self.account_of(name));
        accounts.collect()
    }

    /// The account that a role, a bucket, a key is of, where that is known.
    pub(super) fn account_of(&self, name: &str) -> Option<String> {
        let own = Arn::parse(name).map(|arn| arn.account);
        own.filter(|account| is_account(account)).or_else(|| {
            // Objects are of their bucket's owner.
            let bucket = name.split('/').next().unwrap_or(name);
            let owner = self.owners.get(name).or_else(|| self.owners.get(bucket));
            owner
                .filter(|account| is_account(account))
                .map(|&account| account.to_owned())
        })
    }

    /// Every account, sorted.
    pub(super) fn accounts(&self) -> Vec<String> {
        self.accounts.iter().cloned().collect()
    }
}

/// Everybody who needs something.
fn principals(result: &check::Result) -> impl Iterator<Item = &Principal> {
    let needs = result.needs.iter();
    needs.flat_map(|needs| needs.principals.iter().chain(&needs.unnamed))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `0 3-5 9`
pub(super) fn ranges(numbers: &BTreeSet<usize>) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let words = runs.into_iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_one_range() {
        let of = |numbers: &[usize]| ranges(&numbers.iter().copied().collect());
        assert_eq!(of(&[]), "");
        assert_eq!(of(&[0, 3, 4, 5, 9]), "0 3-5 9");
        assert_eq!(of(&[7, 8]), "7-8");
    }
}
