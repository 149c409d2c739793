//! What AWS refuses of an action's configuration.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html>

use std::collections::BTreeSet;

use super::names::in_brief;
use super::{Refusal, Walk, label};
use crate::graph::{Action, Text, has_symbol};
use crate::rules::{Certainty, Provider, When};

/// Characters of a key and of a value.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html>
const KEY: usize = 50;
const VALUE: usize = 1000;

/// What AWS shows instead of a secret.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/appendix-github-oauth.html>
const MASK: &str = "****";

/// How much a key may differ from a known one to be a slip of the pen.
const SLIP: usize = 2;

impl<'a> Walk<'a> {
    pub(super) fn configuration(
        &mut self,
        indices: (usize, usize),
        action: &'a Action,
        provider: Option<&'a Provider>,
    ) {
        let missing = provider.map_or_else(BTreeSet::new, |provider| {
            self.missing(indices, action, provider)
        });
        if let Some(provider) = provider {
            self.unknown_keys(indices, action, provider);
            self.values(indices, action, provider);
        }
        self.lengths(indices, action, &missing);
        self.secrets(indices, action);
    }

    /// Keys and lists that are lacking.
    fn missing(
        &mut self,
        indices: (usize, usize),
        action: &'a Action,
        provider: &'a Provider,
    ) -> BTreeSet<&'a str> {
        let empty = |key: &str| {
            let value = action.configuration.get(key);
            value.is_none_or(|value| value.text.is_empty())
        };
        let keys = provider.configuration.required.iter();
        let keys: BTreeSet<&str> = keys
            .filter(|required| required.when.iter().all(|when| holds(when, action)))
            .map(|required| required.key.as_str())
            .filter(|key| empty(key))
            .collect();
        let no_items = |list: &&str| action.lists.get(*list).is_none_or(Vec::is_empty);
        let lists = provider.required_lists.iter().map(String::as_str);
        for lacking in keys.iter().copied().chain(lists.filter(no_items)) {
            let refusal = Refusal {
                rule: "configuration-missing",
                resource: lacking.to_owned(),
                detail: format!("`{lacking}`"),
                labels: vec![label(action.name.origin, "this action")],
            };
            self.refuse(Some(indices), refusal);
        }
        keys
    }

    /// A slip of the pen is an error. What resembles no key may be one that AWS has made since, so it is a warning.
    fn unknown_keys(
        &mut self,
        indices: (usize, usize),
        action: &'a Action,
        provider: &'a Provider,
    ) {
        if provider.configuration.optional.is_none() {
            return;
        }
        let known: BTreeSet<&str> = provider.configuration.keys().collect();
        for (key, origin) in &action.configuration_keys {
            if known.contains(key.as_str()) || has_symbol(key) {
                continue;
            }
            let written = key.to_lowercase();
            let distance = |known: &str| {
                // Comparing takes the product of both lengths.
                if written.len() > 2 * KEY {
                    return usize::MAX;
                }
                strsim::damerau_levenshtein(&written, &known.to_lowercase())
            };
            let meant = known
                .iter()
                .map(|known| (distance(known), *known))
                .filter(|(distance, _)| *distance <= SLIP)
                .min();
            let text = match meant {
                Some((_, meant)) => format!("`{meant}` is meant"),
                None => format!("not one of {}", all(known.iter().copied())),
            };
            let refusal = Refusal {
                rule: "configuration-unknown",
                resource: in_brief(key),
                detail: format!("`{}`", in_brief(key)),
                labels: vec![label(*origin, text)],
            };
            self.refuse(Some(indices), refusal);
            if let Some(breach) = self.breaches.last_mut().filter(|_| meant.is_none()) {
                breach.certainty = Certainty::Conditional;
            }
        }
    }

    fn values(&mut self, indices: (usize, usize), action: &'a Action, provider: &'a Provider) {
        for (key, allowed) in &provider.configuration.values {
            let Some(value) = action.configuration.get(key) else {
                continue;
            };
            let known = allowed
                .iter()
                .any(|one| one.eq_ignore_ascii_case(&value.text));
            // What stands in braces only the run knows.
            if known
                || value.text.is_empty()
                || value.text.contains("#{")
                || has_symbol(&value.text)
            {
                continue;
            }
            let words: Vec<&str> = allowed.iter().map(String::as_str).collect();
            self.refuse_value(Some(indices), key, value, &words);
        }
    }

    /// A value that is none of those that AWS takes.
    pub(super) fn refuse_value(
        &mut self,
        at: Option<(usize, usize)>,
        key: &str,
        value: &Text,
        allowed: &[&str],
    ) {
        let refusal = Refusal {
            rule: "value-not-allowed",
            resource: in_brief(&value.text),
            detail: format!(
                "`{key}` is `{}`, where AWS takes {}",
                in_brief(&value.text),
                all(allowed.iter().copied())
            ),
            labels: vec![label(value.origin, "AWS does not take this value")],
        };
        self.refuse(at, refusal);
    }

    /// The value itself is not told: it may be a secret.
    fn lengths(&mut self, indices: (usize, usize), action: &'a Action, missing: &BTreeSet<&str>) {
        for (key, value) in &action.configuration {
            let characters = value.text.chars().count();
            let open = has_symbol(key) || has_symbol(&value.text);
            let wrong = if open {
                None
            } else if key.chars().count() > KEY {
                let origin = action.configuration_keys.get(key).copied();
                Some((
                    origin.unwrap_or(value.origin),
                    format!("too long: a key has up to {KEY} characters"),
                ))
            } else if characters > VALUE {
                Some((
                    value.origin,
                    format!(
                        "too long: its value has {characters} characters, where AWS takes up to {VALUE}"
                    ),
                ))
            } else if characters == 0 && !missing.contains(key.as_str()) {
                Some((value.origin, "empty".to_owned()))
            } else {
                None
            };
            if let Some((origin, detail)) = wrong {
                let refusal = Refusal {
                    rule: "configuration-length",
                    resource: in_brief(key),
                    detail: detail.clone(),
                    labels: vec![label(origin, detail)],
                };
                self.refuse(Some(indices), refusal);
            }
        }
    }

    fn secrets(&mut self, indices: (usize, usize), action: &'a Action) {
        if self.pipeline.in_snapshot {
            return;
        }
        for (key, value) in &action.configuration {
            if value.text != MASK {
                continue;
            }
            let refusal = Refusal {
                rule: "masked-secret",
                resource: in_brief(key),
                detail: format!("`{}`", in_brief(key)),
                labels: vec![label(value.origin, "what AWS shows instead of the secret")],
            };
            self.refuse(Some(indices), refusal);
        }
    }
}

/// All words in backticks: `text::join` counts those behind the fourth, and here each may be the one that is sought.
pub(super) fn all<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [init @ .., last] if !init.is_empty() => format!("{} or {last}", init.join(", ")),
        _ => words.join(""),
    }
}

/// Whether a condition on the action itself holds; one on accounts, keys or descriptions cannot be told here and does not.
pub(in crate::check) fn holds(when: &When, action: &Action) -> bool {
    let category = &when.category;
    if when.foreign.is_some()
        || when.customer_key.is_some()
        || when.value.is_some()
        || when.inputs == Some(action.inputs.is_empty())
        || when.outputs == Some(action.outputs.is_empty())
        || !category.is_empty() && !category.contains(&action.type_id.category)
    {
        return false;
    }
    let Some(key) = &when.configuration else {
        return true;
    };
    let value = action.configuration.get(key);
    let value = value.map(|value| value.text.as_str());
    let value = value.filter(|value| !value.is_empty());
    when.hangs_on(value).is_empty() && when.fits(value)
}
