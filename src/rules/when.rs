//! Whether the conditions of a rule hold for an action.

use super::expand::Expansion;
use super::variables::{Scope, customer_key};
use super::{Party, When};
use crate::graph::{Action, Arn};

impl Expansion<'_> {
    pub(super) fn holds(
        &self,
        when: &[When],
        scope: Scope<'_>,
        caller: &Party,
        action: Option<&Action>,
    ) -> bool {
        when.iter()
            .all(|when| self.holds_one(when, scope, caller, action))
    }

    pub(super) fn holds_one(
        &self,
        when: &When,
        scope: Scope<'_>,
        caller: &Party,
        action: Option<&Action>,
    ) -> bool {
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
                return wanted != missing;
            }
            if missing && asks_for_a_value(when) {
                return false;
            }
            let filled = filled.filter(|filled| !filled.absent && !missing);
            let value = written.or_else(|| filled.map(|filled| filled.text));
            let value = value.as_deref().filter(|value| !value.is_empty());
            let among = |list: &[String]| {
                value.is_some_and(|value| list.iter().any(|one| one.eq_ignore_ascii_case(value)))
            };
            let contains = |list: &[String]| {
                let value = value.unwrap_or_default().to_ascii_lowercase();
                list.iter()
                    .any(|part| value.contains(&part.to_ascii_lowercase()))
            };
            let tested = when.present.is_some()
                || [&when.is, &when.is_not, &when.contains, &when.contains_not]
                    .iter()
                    .any(|list| !list.is_empty());
            if !when.contains.is_empty() && !contains(&when.contains)
                || !when.contains_not.is_empty() && contains(&when.contains_not)
                || !when.is.is_empty() && !among(&when.is)
                || !when.is_not.is_empty() && among(&when.is_not)
                || when
                    .present
                    .is_some_and(|present| present != value.is_some())
                || !tested && value.is_none()
            {
                return false;
            }
        }
        let foreign = match caller {
            Party::Role(named) | Party::User(named) | Party::Account(named) => {
                Arn::parse(&named.arn).is_some_and(|arn| arn.account != self.pipeline.account)
            }
            Party::Unknown { .. } => scope.account() != self.pipeline.account,
            Party::Service(_) => false,
        };
        let customer_key = scope
            .store
            .is_some_and(|store| customer_key(self.graph, self.pipeline, store).is_some());
        when.foreign.is_none_or(|wanted| wanted == foreign)
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
                || action.is_some_and(|action| when.category.contains(&action.type_id.category)))
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
