//! The answer about a resource: its description, the members that AWS adds, and what hangs on it.

use std::borrow::Cow;

use super::hang::{self, Hung};
use super::open::Open;
use super::recipe::{Reader, Recipe};
use super::{Answer, Thing, World, describe, named, property, types};
use crate::graph::Symbols;
use crate::load::hint::{Hint, is_account};
use crate::load::stack::Declared;
use crate::load::{Warning, pipeline, resource, storage};
use crate::source::{Made, MadeValue};

/// The description of a resource: all of it, or of one that no stack declares only what hangs on it.
pub(super) fn described(
    world: &World<'_>,
    thing: &Thing<'_>,
    recipe: &'static Recipe,
    hung: Option<&Hung>,
    whole: bool,
    symbols: &mut Symbols,
    warnings: &mut Vec<Warning>,
) -> Answer {
    let declared = &*thing.declared;
    let at = declared.origin;
    let mut open = Open {
        symbols,
        warnings,
        stack: &declared.stack,
    };
    let mut members = describe::members(recipe, &declared.properties, &mut open);
    let mut beside = Vec::new();
    for (name, from) in &recipe.beside {
        if let Some(value) = declared.properties.get(from) {
            beside.push((name.clone(), value.at, open.copy(value)));
        }
    }
    if let Some(policy) = &recipe.policy
        && let Some(value) = hang::policy(thing, policy, hung, whole, &mut open)
    {
        beside.push((policy.member.clone(), value.at, value));
    }
    for (name, items) in hung.into_iter().flat_map(|hung| &hung.lists) {
        let list = Made::list(items.clone(), at);
        beside.push((name.clone(), at, list));
    }
    let mut fill = |template: &str| {
        let property = |name: &str| property(&declared.properties, name);
        types::fill(template, &thing.known, &named(declared), symbols, &property)
    };
    let mut missing: Vec<(&String, MadeValue)> = recipe
        .add
        .iter()
        .map(|(name, template)| (name, MadeValue::Text(fill(template))))
        .collect();
    if whole {
        for (name, template) in &recipe.default {
            let value = match template {
                Some(template) => MadeValue::Text(fill(template)),
                None => MadeValue::Null,
            };
            missing.push((name, value));
        }
        for (name, from) in &recipe.from {
            let by = property(&declared.properties, &from.by).unwrap_or_default();
            if let Some(other) = world.named(&from.kind, &declared.home, &by)
                && let Some(other) = world.things.get(other)
            {
                let value = property(&other.declared.properties, &from.property);
                let value = value.unwrap_or_else(|| from.otherwise.clone());
                missing.push((name, MadeValue::Text(value)));
            }
        }
    }
    for (name, value) in missing {
        if members.iter().all(|(known, _, _)| known != name) {
            let value = Made {
                value,
                at: declared.name_origin,
                also: None,
            };
            members.push((name.clone(), declared.name_origin, value));
        }
    }
    let path: Vec<String> = recipe.path.split('/').map(&mut fill).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let mut hint = Hint::told(&declared.home.account, &path);
    if !whole && !is_account(&declared.home.account) {
        hint.account = None;
    }
    let map = |members| Made {
        value: MadeValue::Map(members),
        at,
        also: None,
    };
    let members = match &recipe.wrap {
        Some(wrap) => {
            let mut outer = vec![(wrap.clone(), at, map(members))];
            outer.append(&mut beside);
            outer
        }
        None => {
            members.append(&mut beside);
            members
        }
    };
    Answer {
        document: map(members),
        hint,
        read: match recipe.reader {
            Reader::Resource => resource::read,
            Reader::Pipeline => pipeline::read,
            Reader::Bucket => storage::read_bucket,
            Reader::Key => storage::read_key,
        },
        kind: recipe.kind.as_str(),
        root: declared.root,
    }
}

/// What hangs on something that no stack declares.
pub(super) fn stranger(
    world: &World<'_>,
    by: &Thing<'_>,
    target: &hang::Target,
    hung: &Hung,
    symbols: &mut Symbols,
    warnings: &mut Vec<Warning>,
) -> Option<Answer> {
    let recipe = target.kind.answer.as_ref()?;
    let declared = Declared {
        kind: target.kind.kind.clone(),
        home: target.home.clone(),
        properties: Made::map(Vec::new(), by.declared.origin),
        physical: target.known.name.clone(),
        arn: target.known.arn.clone(),
        ..by.declared.clone().into_owned()
    };
    let thing = Thing {
        declared: Cow::Owned(declared),
        kind: target.kind,
        known: target.known.clone(),
    };
    Some(described(
        world,
        &thing,
        recipe,
        Some(hung),
        false,
        symbols,
        warnings,
    ))
}
