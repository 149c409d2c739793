//! Made values as texts, as JSON, and at another place.

use super::scope::Place;
use crate::source::{Made, MadeValue};

/// A value as a part of a text; lists are joined by commas, as CloudFormation keeps them.
pub(super) fn plain_text(made: &Made) -> Option<String> {
    match &made.value {
        MadeValue::Null => Some(String::new()),
        MadeValue::List(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Made::scalar).collect();
            texts.map(|texts| texts.join(","))
        }
        MadeValue::Map(_) => None,
        _ => made.scalar().map(ToOwned::to_owned),
    }
}

/// The same value, used here: each part of it is written where it was found.
pub(super) fn relocated(made: Made, place: Place) -> Made {
    let inner = |made: Made| {
        let also = made.also.or(Some(made.at));
        relocated(made, Place { also, ..place })
    };
    let value = match made.value {
        MadeValue::List(items) => MadeValue::List(items.into_iter().map(inner).collect()),
        MadeValue::Map(members) => MadeValue::Map(
            members
                .into_iter()
                .map(|(key, _, value)| (key, place.at, inner(value)))
                .collect(),
        ),
        scalar => scalar,
    };
    place.made(value)
}

/// A made value as JSON.
pub(super) fn json(made: &Made) -> serde_json::Value {
    use serde_json::Value;
    match &made.value {
        MadeValue::Null => Value::Null,
        MadeValue::Bool(truth) => Value::Bool(*truth),
        MadeValue::Number(text) => {
            let number = text.parse::<serde_json::Number>();
            number.map_or_else(|_| Value::String(text.clone()), Value::Number)
        }
        MadeValue::Text(text) => Value::String(text.clone()),
        MadeValue::List(items) => Value::Array(items.iter().map(json).collect()),
        MadeValue::Map(members) => {
            let members = members.iter();
            Value::Object(
                members
                    .map(|(key, _, value)| (key.clone(), json(value)))
                    .collect(),
            )
        }
    }
}
