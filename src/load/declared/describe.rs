//! A resource → what AWS answers about it, by its recipe in `rules/resources.yaml`.

use super::open::{Open, is_open};
use super::recipe::{Case, Recipe};
use crate::load::iam::is_role_arn;
use crate::source::{Made, MadeValue, Origin};

/// The properties as the members of a description.
pub(super) fn members(
    recipe: &Recipe,
    properties: &Made,
    open: &mut Open<'_>,
) -> Vec<(String, Origin, Made)> {
    let mut walk = Walk {
        recipe,
        open,
        path: String::new(),
    };
    let taken = properties
        .members()
        .iter()
        .filter(|(key, _, value)| recipe.take.contains(key) && value.value != MadeValue::Null);
    taken
        .map(|(key, place, value)| walk.member(key, *place, value))
        .collect()
}

struct Walk<'r, 's, 'o> {
    recipe: &'r Recipe,
    open: &'o mut Open<'s>,
    path: String,
}

impl Walk<'_, '_, '_> {
    fn member(&mut self, key: &str, place: Origin, value: &Made) -> (String, Origin, Made) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        let value = self.value(value, key);
        let name = match self.recipe.rename.get(&self.path) {
            Some(name) => name.clone(),
            None => cased(self.recipe.case, key),
        };
        self.path.truncate(length);
        (name, place, value)
    }

    fn value(&mut self, made: &Made, key: &str) -> Made {
        let recipe = self.recipe;
        let here = |paths: &[String]| paths.contains(&self.path);
        if here(&recipe.texts) {
            return self.texts(made);
        }
        if here(&recipe.json) {
            return text(made);
        }
        if let Some(by_key) = recipe.by_key.get(&self.path)
            && matches!(made.value, MadeValue::List(_))
        {
            return self.by_key(made, &by_key.key, &by_key.value);
        }
        let value = match &made.value {
            MadeValue::List(items) => {
                MadeValue::List(items.iter().map(|item| self.value(item, key)).collect())
            }
            MadeValue::Map(members) => {
                let present = members
                    .iter()
                    .filter(|(_, _, value)| value.value != MadeValue::Null);
                let members = present.map(|(key, place, value)| self.member(key, *place, value));
                MadeValue::Map(members.collect())
            }
            _ => return self.scalar(made, key),
        };
        Made {
            value,
            at: made.at,
            also: made.also,
        }
    }

    fn scalar(&mut self, made: &Made, key: &str) -> Made {
        let Some(text) = made.scalar() else {
            return made.clone();
        };
        let recipe = self.recipe;
        let other = recipe
            .values
            .get(&self.path)
            .and_then(|values| values.get(text));
        if let Some(other) = other {
            return like(made, other.clone());
        }
        if let Some(arn) = self.open.arn(text, made.at) {
            return like(made, arn);
        }
        if is_open(made) {
            return made.clone();
        }
        let no_role = recipe.role_arns.contains(&self.path) && !is_role_arn(text);
        let empty = recipe.not_empty.contains(&self.path) && text.is_empty();
        if no_role || empty {
            return self.open.instead(text, key, made);
        }
        made.clone()
    }

    fn texts(&mut self, made: &Made) -> Made {
        let MadeValue::Map(members) = &made.value else {
            return made.clone();
        };
        let members = members.iter().map(|(key, place, value)| {
            let value = match value.scalar() {
                Some(text) => match self.open.arn(text, value.at) {
                    Some(arn) => like(value, arn),
                    None => value.clone(),
                },
                None => text(value),
            };
            (key.clone(), *place, value)
        });
        Made {
            value: MadeValue::Map(members.collect()),
            at: made.at,
            also: made.also,
        }
    }

    /// A list of maps as a map by one of their members.
    fn by_key(&mut self, made: &Made, key: &str, value: &str) -> Made {
        let mut members = Vec::new();
        for item in made.items() {
            let Some(inner) = item.get(value) else {
                continue;
            };
            let (_, _, inner) = self.member(value, inner.at, inner);
            let name = item.get(key);
            let (_, _, name) = match name {
                Some(name) => self.member(key, name.at, name),
                None => continue,
            };
            let place = name.at;
            members.push((name.scalar().unwrap_or_default().to_owned(), place, inner));
        }
        Made {
            value: MadeValue::Map(members),
            at: made.at,
            also: made.also,
        }
    }
}

fn like(made: &Made, text: String) -> Made {
    Made {
        value: MadeValue::Text(text),
        at: made.at,
        also: made.also,
    }
}

/// A value as a text: what is a map or a list is written as JSON.
fn text(made: &Made) -> Made {
    match &made.value {
        MadeValue::List(_) | MadeValue::Map(_) => like(made, json(made).to_string()),
        MadeValue::Null => like(made, String::new()),
        _ => made.clone(),
    }
}

fn json(made: &Made) -> serde_json::Value {
    use serde_json::Value;
    match &made.value {
        MadeValue::Null => Value::Null,
        MadeValue::Bool(value) => Value::Bool(*value),
        MadeValue::Number(number) => {
            serde_json::from_str(number).unwrap_or_else(|_| Value::String(number.clone()))
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

/// `ServiceRole` → `serviceRole`, `ECSServices` → `ecsServices`.
fn cased(case: Case, key: &str) -> String {
    if case == Case::Same {
        return key.to_owned();
    }
    let capitals = key
        .chars()
        .take_while(|letter| letter.is_ascii_uppercase())
        .count();
    let word_follows = key
        .chars()
        .nth(capitals)
        .is_some_and(|letter| letter.is_ascii_lowercase());
    // The last of several capitals begins the next word.
    let lower = if capitals > 1 && word_follows {
        capitals - 1
    } else {
        capitals
    };
    key.chars()
        .enumerate()
        .map(|(at, letter)| {
            if at < lower {
                letter.to_ascii_lowercase()
            } else {
                letter
            }
        })
        .collect()
}
