//! The items of a list for which a rule is repeated: of a description, of the action itself, or of a configuration value.

use std::collections::{BTreeMap, BTreeSet};

use regex_lite::Regex;

use super::Each;
use super::template::{Part, Template};
use super::variables::{Filled, Scope, with_variables};
use crate::graph::{Resource, Text, Value, has_symbol};
use crate::source::Origin;

/// An item's members, each filled in as far as the facts go. An item that is a plain text has the one member `value`.
pub(super) type Item = BTreeMap<String, Filled>;

/// The one member of an item that is a plain text.
const ALONE: &str = "value";

/// The items a rule is repeated for: one `None` for a rule that asks for no list, none of a list that nobody has seen.
pub(super) fn items(scope: Scope<'_>, each: Option<&Each>) -> Vec<Option<Item>> {
    let Some(each) = each else {
        return vec![None];
    };
    let Some(expressions) = expressions(each) else {
        return Vec::new();
    };
    let list = list(scope, each);
    list.into_iter()
        .filter_map(|item| fitting(item, each, &expressions))
        .map(Some)
        .collect()
}

/// The expressions that members must match, read once for all items; none that cannot be read gets past the catalogue.
fn expressions(each: &Each) -> Option<Vec<(&str, Regex)>> {
    each.matches
        .iter()
        .map(|(name, text)| Some((name.as_str(), Regex::new(text).ok()?)))
        .collect()
}

fn list(scope: Scope<'_>, each: &Each) -> Vec<Item> {
    let Ok(template) = Template::parse(&each.of) else {
        return Vec::new();
    };
    let [Part::Variable(variable)] = template.parts() else {
        return Vec::new();
    };
    let Some(member) = variable.member.as_deref() else {
        return Vec::new();
    };
    if variable.name == "configuration" {
        let value = scope
            .action
            .and_then(|action| action.configuration.get(member));
        return value.map_or_else(Vec::new, |value| {
            of_text(&value.text, value.origin, each, member)
        });
    }
    if variable.name == "action" {
        let items = scope.action.and_then(|action| action.lists.get(member));
        return items.map_or_else(Vec::new, |items| items.iter().map(of_action).collect());
    }
    scope
        .described(&variable.name)
        .map_or_else(Vec::new, |resource| of_description(resource, member))
}

/// A configuration value that holds a list, as JSON or with separators.
fn of_text(text: &str, origin: Origin, each: &Each, key: &str) -> Vec<Item> {
    let whose = format!("the configuration key `{key}`");
    let filled = |text: &str| with_variables(text, origin, &whose);
    let alone = |text: &str| Item::from([(ALONE.to_owned(), filled(text))]);
    if let Some(separator) = &each.separator {
        let parts = text.split(separator.as_str()).map(str::trim);
        return parts.filter(|part| !part.is_empty()).map(alone).collect();
    }
    let Ok(serde_json::Value::Array(items)) = serde_json::from_str(text) else {
        return Vec::new();
    };
    let scalar = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(flag) => Some(flag.to_string()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            None
        }
    };
    let item = |value: &serde_json::Value| match value {
        serde_json::Value::Object(members) => members
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), filled(&scalar(value)?))))
            .collect(),
        value => scalar(value).map_or_else(Item::new, |text| alone(&text)),
    };
    items.iter().map(item).collect()
}

/// An item of a list in the action itself.
fn of_action(item: &crate::graph::Item) -> Item {
    let member = |(name, text): (&String, &Text)| {
        let whose = format!("`{name}` in a list of the action");
        (
            name.clone(),
            with_variables(&text.text, text.origin, &whose),
        )
    };
    item.iter().map(member).collect()
}

/// The items of `member[0]`, `member[1]` … of a description; a member that is no list is a list of one. `[]` within the
/// member stands for every index there.
fn of_description(resource: &Resource, member: &str) -> Vec<Item> {
    if let Some(value) = resource.values.get(member) {
        return vec![Item::from([(ALONE.to_owned(), of_value(value))])];
    }
    if let Some((outer, inner)) = member.split_once("[]") {
        return indices(resource, outer)
            .into_iter()
            .flat_map(|index| of_description(resource, &format!("{outer}[{index}]{inner}")))
            .collect();
    }
    let start = format!("{member}[");
    let mut items: BTreeMap<usize, Item> = BTreeMap::new();
    let of_list = resource
        .values
        .range(start.clone()..)
        .take_while(|(path, _)| path.starts_with(&start));
    for (path, value) in of_list {
        let rest = path
            .strip_prefix(&start)
            .and_then(|rest| rest.split_once(']'));
        let Some((Ok(index), name)) = rest.map(|(index, name)| (index.parse(), name)) else {
            continue;
        };
        let name = match name.strip_prefix('.') {
            Some(name) => name,
            None if name.is_empty() => ALONE,
            // A list within the list.
            None => continue,
        };
        items
            .entry(index)
            .or_default()
            .insert(name.to_owned(), of_value(value));
    }
    items.into_values().collect()
}

fn of_value(value: &Value) -> Filled {
    Filled {
        text: value.text.clone(),
        origin: Some(value.origin),
        ..Filled::default()
    }
}

/// The indices of a description's list.
fn indices(resource: &Resource, member: &str) -> BTreeSet<usize> {
    let start = format!("{member}[");
    let of_list = resource
        .values
        .range(start.clone()..)
        .map_while(|(path, _)| path.strip_prefix(&start));
    of_list
        .filter_map(|rest| rest.split_once(']')?.0.parse().ok())
        .collect()
}

/// The item with the groups of its expressions, or nothing when it does not fit.
fn fitting(mut item: Item, each: &Each, expressions: &[(&str, Regex)]) -> Option<Item> {
    for (name, wanted) in &each.r#where {
        let value = &item.get(name)?.text;
        if !has_symbol(value) && !wanted.iter().any(|one| one.eq_ignore_ascii_case(value)) {
            return None;
        }
    }
    for (name, expression) in expressions {
        let value = item.get(*name)?.clone();
        let captures = expression.captures(&value.text)?;
        for group in expression.capture_names().flatten() {
            if let Some(found) = captures.name(group) {
                let part = Filled {
                    text: found.as_str().to_owned(),
                    ..value.clone()
                };
                item.insert(group.to_owned(), part);
            }
        }
    }
    Some(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Fact;

    fn each(yaml: &str) -> Each {
        serde_yaml::from_str(yaml).unwrap()
    }

    fn texts(items: Vec<Item>) -> Vec<Vec<(String, String)>> {
        let members = |item: Item| item.into_iter().map(|(name, filled)| (name, filled.text));
        items
            .into_iter()
            .map(|item| members(item).collect())
            .collect()
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn reads_json_and_separated_text() {
        let json =
            r#"[{"name": "A", "value": "/x/#{v.B}", "type": "PARAMETER_STORE"}, "plain", 7, null]"#;
        let items = of_text(json, Origin::NOWHERE, &each("of: ${configuration.K}"), "K");
        let variables: Vec<usize> = items
            .iter()
            .map(|item| item.get("value").map_or(0, |value| value.missing.len()))
            .collect();
        assert_eq!(variables, [1, 0, 0, 0]);
        let expected = vec![
            vec![
                pair("name", "A"),
                pair("type", "PARAMETER_STORE"),
                pair("value", "/x/*"),
            ],
            vec![pair("value", "plain")],
            vec![pair("value", "7")],
            vec![],
        ];
        assert_eq!(texts(items), expected);
        let commas = each("{of: '${configuration.K}', separator: ','}");
        let items = of_text("a, b,,c ", Origin::NOWHERE, &commas, "K");
        let expected: Vec<_> = ["a", "b", "c"].map(|one| vec![pair("value", one)]).into();
        assert_eq!(texts(items), expected);
        assert!(
            of_text(
                "no json",
                Origin::NOWHERE,
                &each("of: ${configuration.K}"),
                "K"
            )
            .is_empty()
        );
    }

    #[test]
    fn reads_a_description_in_the_order_of_its_list() {
        let value = |text: &str| Value {
            text: text.to_owned(),
            origin: Origin::NOWHERE,
        };
        let paths = [
            "c[10].image",
            "c[2].image",
            "c[2].secrets[0].name",
            "cc[0].image",
            "c[3]",
        ];
        let resource = Resource {
            arn: String::new(),
            origin: Origin::NOWHERE,
            values: paths.map(|path| (path.to_owned(), value(path))).into(),
            policy: Fact::Absent,
        };
        let expected = vec![
            vec![
                pair("image", "c[2].image"),
                pair("secrets[0].name", "c[2].secrets[0].name"),
            ],
            vec![pair("value", "c[3]")],
            vec![pair("image", "c[10].image")],
        ];
        assert_eq!(texts(of_description(&resource, "c")), expected);
        let alone = vec![vec![pair("value", "c[10].image")]];
        assert_eq!(texts(of_description(&resource, "c[10].image")), alone);
        let inner = texts(of_description(&resource, "c[].secrets"));
        assert_eq!(inner, [[pair("name", "c[2].secrets[0].name")]]);
    }

    #[test]
    fn keeps_what_fits_and_names_its_parts() {
        let rule = each(
            "{of: '${configuration.K}', where: {type: [SECRET]}, matches: {value: '^(?<name>[^:]+):(?<key>.+)$'}}",
        );
        let item = |kind: &str, text: &str| {
            let of = |text: &str| Filled {
                text: text.to_owned(),
                ..Filled::default()
            };
            Item::from([
                ("type".to_owned(), of(kind)),
                ("value".to_owned(), of(text)),
            ])
        };
        let fits = fitting(
            item("secret", "db:password"),
            &rule,
            &expressions(&rule).unwrap(),
        )
        .unwrap();
        assert_eq!(fits.get("name").map(|name| name.text.as_str()), Some("db"));
        assert_eq!(
            fits.get("key").map(|key| key.text.as_str()),
            Some("password")
        );
        assert!(
            fitting(
                item("plain", "db:password"),
                &rule,
                &expressions(&rule).unwrap()
            )
            .is_none()
        );
        assert!(fitting(item("secret", "db"), &rule, &expressions(&rule).unwrap()).is_none());
        assert!(fitting(Item::new(), &rule, &expressions(&rule).unwrap()).is_none());
    }
}
