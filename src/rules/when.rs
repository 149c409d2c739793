//! Whether the conditions of a rule hold for an action.

use std::collections::BTreeSet;

use super::expand::Expansion;
use super::variables::{Scope, customer_key};
use super::{Party, When};
use crate::graph::{Action, may_be_equal, symbols_in};

/// Unresolved values.
type Open = BTreeSet<char>;

impl When {
    /// The unresolved values on which it hangs whether [`When::fits`]; none where that can be told.
    pub fn hangs_on(&self, value: Option<&str>) -> Open {
        let lists = [&self.is, &self.is_not, &self.contains, &self.contains_not];
        let value = value.filter(|_| lists.iter().any(|list| !list.is_empty()));
        value.into_iter().flat_map(symbols_in).collect()
    }

    /// Whether a configuration key's value, or a filled-in template, is what the condition asks for; `None` stands for no
    /// value and for an empty one.
    pub fn fits(&self, value: Option<&str>) -> bool {
        let among = |list: &[String]| {
            value.is_some_and(|value| list.iter().any(|one| one.eq_ignore_ascii_case(value)))
        };
        let lower = value.unwrap_or_default().to_ascii_lowercase();
        let contains = |list: &[String]| {
            list.iter()
                .any(|part| lower.contains(&part.to_ascii_lowercase()))
        };
        let lists = [&self.is, &self.is_not, &self.contains, &self.contains_not];
        let tested = self.present.is_some() || lists.iter().any(|list| !list.is_empty());
        (tested || value.is_some())
            && (self.is.is_empty() || among(&self.is))
            && !among(&self.is_not)
            && (self.contains.is_empty() || contains(&self.contains))
            && !contains(&self.contains_not)
            && self
                .present
                .is_none_or(|present| present == value.is_some())
    }
}

impl Expansion<'_> {
    /// The unresolved values on which it hangs whether all conditions hold: none where they do, `None` where they do not.
    pub(super) fn holds(
        &self,
        when: &[When],
        scope: Scope<'_>,
        caller: &Party,
        action: Option<&Action>,
    ) -> Option<Open> {
        let mut open = Open::new();
        for when in when {
            open.extend(self.holds_one(when, scope, caller, action)?);
        }
        Some(open)
    }

    fn holds_one(
        &self,
        when: &When,
        scope: Scope<'_>,
        caller: &Party,
        action: Option<&Action>,
    ) -> Option<Open> {
        let mut open = Open::new();
        if when.configuration.is_some() || when.value.is_some() {
            let written = when
                .configuration
                .as_ref()
                .and_then(|key| action?.configuration.get(key))
                .map(|value| value.text.clone());
            let filled = when.value.as_ref().map(|template| scope.fill(template));
            let missing = filled
                .as_ref()
                .is_some_and(|filled| !filled.missing.is_empty());
            if let Some(wanted) = when.known {
                return (wanted != missing).then_some(open);
            }
            if missing && asks_for_a_value(when) {
                return None;
            }
            let filled = filled.filter(|filled| !filled.absent && !missing);
            let value = written.or_else(|| filled.map(|filled| filled.text));
            let value = value.as_deref().filter(|value| !value.is_empty());
            open = when.hangs_on(value);
            if open.is_empty() && !when.fits(value) {
                return None;
            }
        }
        let account = match caller {
            Party::Role(_) | Party::User(_) | Party::Account(_) => caller.account(),
            Party::Unknown { .. } => Some(scope.account()),
            Party::Service(_) => None,
        };
        let own = &self.pipeline.account;
        let foreign = account.as_ref().is_some_and(|account| account != own);
        let open_account = account
            .filter(|account| foreign && when.foreign.is_some() && may_be_equal(account, own));
        if let Some(account) = &open_account {
            open.extend(symbols_in(account).chain(symbols_in(own)));
        }
        let customer_key = scope
            .store
            .is_some_and(|store| customer_key(self.graph, self.pipeline, store).is_some());
        let holds = (open_account.is_some() || when.foreign.is_none_or(|wanted| wanted == foreign))
            && when
                .customer_key
                .is_none_or(|wanted| wanted == customer_key)
            && when.inputs.is_none_or(|wanted| {
                action.is_some_and(|action| wanted != action.inputs.is_empty())
            })
            && when.outputs.is_none_or(|wanted| {
                action.is_some_and(|action| wanted != action.outputs.is_empty())
            })
            && (when.category.is_empty()
                || action.is_some_and(|action| when.category.contains(&action.type_id.category)));
        holds.then_some(open)
    }
}

/// Whether a condition holds of some values only: of a value that nobody knows it is then not said.
fn asks_for_a_value(when: &When) -> bool {
    let excludes = !when.is_not.is_empty() || !when.contains_not.is_empty();
    !when.is.is_empty()
        || !when.contains.is_empty()
        || when.present == Some(true)
        || when.present.is_none() && !excludes
}
