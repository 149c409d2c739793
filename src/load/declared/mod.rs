//! Declared resources → the documents that AWS would answer, which the same readers then read as exports.
//!
//! In: the [`Declared`] resources of all stacks, whatever tool declares them. Out: made documents in AWS's own shapes.
//! The types, their names, their ARNs and their answers are data: `rules/resources.yaml`. Knows no template.
//!
//! Policies of all stacks are put to what they hang on before anything is described. Templates are the whole truth of what
//! they declare: a bucket, topic, function, repository or bus that is declared, and to which no resource of the stacks
//! given puts a policy, has none; a role has the policies that these stacks put to it and no others. A key always has a
//! policy, for AWS makes one up. What a stack says of things that no stack declares (a policy for a bucket or a role of
//! elsewhere) is added to what other inputs know of them.

mod describe;
mod hang;
mod open;
mod policies;
mod principals;
mod recipe;
mod serverless;
mod statements;
#[cfg(test)]
mod tests;
pub(super) mod types;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::hint::Hint;
use super::reader::Read;
use super::stack::{Declared, Home};
use super::{Warning, pipeline, resource, storage};
use crate::graph::Symbols;
use crate::source::{Made, MadeValue, Origin};
use hang::Hung;
use open::Open;
use recipe::{Reader, Recipe};
use types::{Identity, Named, Type};

/// A document to be read, and by whom.
pub(super) struct Answer {
    /// The document in AWS's own shape.
    pub(super) document: Made,
    /// What a snapshot's path would say of it.
    pub(super) hint: Hint,
    /// The reader.
    pub(super) read: Read,
    /// What it is, in the singular, for the summary.
    pub(super) kind: &'static str,
    /// Which input it comes from, by [`Declared::root`].
    pub(super) root: Origin,
}

/// A declared resource whose type is known, with what it is called.
struct Thing<'d> {
    declared: Cow<'d, Declared>,
    kind: &'static Type,
    known: Identity,
}

/// All things, and how to find them.
struct World<'d> {
    things: Vec<Thing<'d>>,
    by_arn: BTreeMap<String, usize>,
    /// By type, account, Region and name.
    by_name: BTreeMap<[String; 4], usize>,
}

/// What the resources are to AWS, policies put to what they hang on.
pub(super) fn answers(
    declared: &[Declared],
    symbols: &mut Symbols,
    warnings: &mut Vec<Warning>,
) -> Vec<Answer> {
    let world = World::new(declared, symbols, warnings);
    let hung = hang::collect(&world, symbols, warnings);
    let put = principals::collect(&world, symbols, warnings);
    let mut answers = Vec::new();
    for (index, thing) in world.things.iter().enumerate() {
        let mut open = Open {
            symbols,
            stack: &thing.declared.stack,
        };
        if let Some(answer) = principals::answer(thing, put.on.get(&index), &mut open) {
            answers.push(answer);
        }
        let lone = put.lone.iter().filter(|lone| lone.by == index);
        answers.extend(lone.map(|lone| principals::lone(thing, lone)));
        if let Some(recipe) = &thing.kind.answer {
            let hung = hung.on.get(&index);
            answers.push(described(&world, thing, recipe, hung, true, symbols));
        }
        for (target, hung) in hung.elsewhere.iter().filter(|(_, hung)| hung.by == index) {
            answers.extend(stranger(&world, thing, target, hung, symbols));
        }
    }
    answers
}

impl<'d> World<'d> {
    fn new(declared: &'d [Declared], symbols: &mut Symbols, warnings: &mut Vec<Warning>) -> Self {
        let mut world = Self {
            things: Vec::new(),
            by_arn: BTreeMap::new(),
            by_name: BTreeMap::new(),
        };
        for declared in declared {
            match serverless::expand(declared, symbols) {
                None => world.add(Cow::Borrowed(declared), symbols, warnings),
                Some(expanded) => {
                    for one in expanded {
                        world.add(Cow::Owned(one), symbols, warnings);
                    }
                }
            }
        }
        world
    }

    fn add(
        &mut self,
        declared: Cow<'d, Declared>,
        symbols: &mut Symbols,
        warnings: &mut Vec<Warning>,
    ) {
        let Some(kind) = types::of(&declared.kind) else {
            if declared.kind.ends_with("Policy") {
                warnings.push(Warning {
                    message: format!(
                        "`{}` is of the type `{}`, which is not looked at: what it grants or denies is not known",
                        declared.logical_id, declared.kind
                    ),
                    help: None,
                    origins: vec![declared.name_origin],
                });
            }
            return;
        };
        let known = identity(kind, &declared, symbols);
        let index = self.things.len();
        if let Some(arn) = &known.arn {
            self.by_arn.entry(arn.clone()).or_insert(index);
        }
        let name = key(&declared.kind, &declared.home, &known.name);
        self.by_name.entry(name).or_insert(index);
        self.things.push(Thing {
            declared,
            kind,
            known,
        });
    }

    /// The resource of a type that lives beside another and has this name.
    fn named(&self, kind: &str, home: &Home, name: &str) -> Option<usize> {
        self.by_name.get(&key(kind, home, name)).copied()
    }
}

fn key(kind: &str, home: &Home, name: &str) -> [String; 4] {
    // Names of IAM and S3 are the same in all Regions.
    let global = kind.starts_with("AWS::IAM::") || kind.starts_with("AWS::S3::");
    let region = if global { "" } else { home.region.as_str() };
    [kind, &home.account, region, name].map(ToOwned::to_owned)
}

/// What a resource is called: what its declaration says wins over what the table makes up.
fn identity(kind: &Type, declared: &Declared, symbols: &mut Symbols) -> Identity {
    let property = |name: &str| property(&declared.properties, name);
    let named = named(declared);
    let mut known = kind.identity(&named, symbols, &property);
    if kind.reference.is_none() && !declared.physical.is_empty() {
        known.name.clone_from(&declared.physical);
    }
    if let Some(arn) = &declared.arn {
        known.arn = Some(arn.clone());
    }
    known
}

fn named(declared: &Declared) -> Named<'_> {
    Named {
        home: &declared.home,
        logical_id: &declared.logical_id,
        origin: declared.name_origin,
    }
}

fn property(properties: &Made, name: &str) -> Option<String> {
    let text = properties.get(name).and_then(Made::scalar);
    text.map(ToOwned::to_owned)
}

/// The description of a resource: all of it, or of one that no stack declares only what hangs on it.
fn described(
    world: &World<'_>,
    thing: &Thing<'_>,
    recipe: &'static Recipe,
    hung: Option<&Hung>,
    whole: bool,
    symbols: &mut Symbols,
) -> Answer {
    let declared = &*thing.declared;
    let at = declared.origin;
    let mut open = Open {
        symbols,
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
    if !whole && !super::hint::is_account(&declared.home.account) {
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
fn stranger(
    world: &World<'_>,
    by: &Thing<'_>,
    target: &hang::Target,
    hung: &Hung,
    symbols: &mut Symbols,
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
    Some(described(world, &thing, recipe, Some(hung), false, symbols))
}
