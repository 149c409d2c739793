//! Changes to properties that are made already.

use crate::source::{Made, MadeValue};

/// Sets a property, or adds to it where there are several.
pub(super) fn set(properties: &mut Made, property: &str, value: &Made, several: bool) {
    let MadeValue::Map(members) = &mut properties.value else {
        return;
    };
    let known = members.iter_mut().find(|(key, _, _)| key == property);
    if !several {
        match known {
            Some((_, _, known)) => known.clone_from(value),
            None => members.push((property.to_owned(), value.at, value.clone())),
        }
        return;
    }
    let new: &[Made] = match &value.value {
        MadeValue::List(items) => items,
        _ => std::slice::from_ref(value),
    };
    let Some((_, _, known)) = known else {
        let list = Made::list(new.to_vec(), value.at);
        members.push((property.to_owned(), value.at, list));
        return;
    };
    let mut items = match &known.value {
        MadeValue::List(items) => items.clone(),
        _ => vec![known.clone()],
    };
    for item in new {
        let text = item.scalar();
        if text.is_none() || !items.iter().any(|other| other.scalar() == text) {
            items.push(item.clone());
        }
    }
    known.value = MadeValue::List(items);
}

pub(super) fn take(properties: &mut Made, property: &str) -> Option<Made> {
    let MadeValue::Map(members) = &mut properties.value else {
        return None;
    };
    let at = members.iter().position(|(key, _, _)| key == property)?;
    Some(members.remove(at).2)
}

/// Keeps the items of a list that pass.
pub(super) fn keep(properties: &mut Made, property: &str, passes: impl Fn(&Made) -> bool) {
    let MadeValue::Map(members) = &mut properties.value else {
        return;
    };
    let list = members.iter_mut().find(|(key, _, _)| key == property);
    if let Some((_, _, list)) = list
        && let MadeValue::List(items) = &mut list.value
    {
        items.retain(passes);
    }
}

pub(super) fn drop_policies(properties: &mut Made, named: impl Fn(&str) -> bool) {
    keep(properties, "Policies", |policy| {
        let name = policy.get("PolicyName").and_then(Made::scalar);
        !name.is_some_and(&named)
    });
}
