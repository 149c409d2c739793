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

mod answer;
mod attach;
mod describe;
mod hang;
mod open;
mod policies;
mod principals;
mod recipe;
mod serverless;
mod settle;
mod statements;
#[cfg(test)]
mod tests;
pub(super) mod types;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Warning;
use super::hint::Hint;
use super::reader::Read;
use super::stack::{Declared, Home};
use crate::graph::Symbols;
use crate::source::{Made, Origin};
use open::Open;
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
    let declared = settle::settle(declared, warnings);
    let world = World::new(&declared, symbols, warnings);
    let hung = hang::collect(&world, symbols, warnings);
    let put = attach::collect(&world, symbols, warnings);
    let mut answers = Vec::new();
    for (index, thing) in world.things.iter().enumerate() {
        let mut open = Open {
            symbols,
            warnings,
            stack: &thing.declared.stack,
        };
        if let Some(answer) = principals::answer(thing, put.on.get(&index), &mut open) {
            answers.push(answer);
        }
        let lone = put.lone.get(&index).into_iter().flatten();
        answers.extend(lone.map(|document| principals::lone(thing, document)));
        if let Some(recipe) = &thing.kind.answer {
            let hung = hung.on.get(&index);
            answers.push(answer::described(
                &world, thing, recipe, hung, true, symbols, warnings,
            ));
        }
        for (target, hung) in hung.elsewhere(index) {
            answers.extend(answer::stranger(
                &world, thing, target, hung, symbols, warnings,
            ));
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
