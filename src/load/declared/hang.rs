//! What hangs on buckets, keys, topics, functions, buses and secrets: their policies, statements of them, their aliases.

use std::collections::BTreeMap;

use super::open::{Open, is_open};
use super::policies;
use super::recipe::{Hanging, Otherwise, PolicyMember, StatementOf};
use super::types::{Identity, Type};
use super::{Thing, World, named, property, statements, types};
use crate::graph::{Arn, Symbols};
use crate::load::Warning;
use crate::load::stack::Home;
use crate::source::{Made, MadeValue};

/// What hangs on one thing.
#[derive(Debug, Default)]
pub(super) struct Hung {
    policy: Option<Made>,
    statements: Vec<Made>,
    /// Entries of lists of its description.
    pub(super) lists: BTreeMap<String, Vec<Made>>,
}

/// A thing that no stack declares.
pub(super) struct Target {
    /// Its type.
    pub(super) kind: &'static Type,
    /// Where it lives.
    pub(super) home: Home,
    /// What it is called.
    pub(super) known: Identity,
}

/// All that hangs on something.
#[derive(Default)]
pub(super) struct All {
    /// By the place of the declared thing.
    pub(super) on: BTreeMap<usize, Hung>,
    /// On things that no stack declares, by their ARN.
    elsewhere: BTreeMap<String, (Target, Hung)>,
    /// Their ARNs, by the place of the first resource that hangs on each.
    named: BTreeMap<usize, Vec<String>>,
}

/// Finds what each resource hangs on.
pub(super) fn collect(
    world: &World<'_>,
    symbols: &mut Symbols,
    warnings: &mut Vec<Warning>,
) -> All {
    let mut all = All::default();
    for (index, thing) in world.things.iter().enumerate() {
        let Some(hanging) = &thing.kind.hangs_on else {
            continue;
        };
        for text in targets(thing, hanging) {
            let target = target(thing, hanging, &text, symbols);
            let Some(target) = target else { continue };
            let hung = all.place(world, hanging, target, index);
            hang(thing, hanging, &text, hung, symbols, warnings);
        }
    }
    all
}

impl All {
    fn place(
        &mut self,
        world: &World<'_>,
        hanging: &Hanging,
        target: Target,
        by: usize,
    ) -> &mut Hung {
        let arn = target.known.arn.clone().unwrap_or_default();
        let by_name = || {
            let mut kinds = hanging.types.iter();
            kinds.find_map(|kind| world.named(kind, &target.home, &target.known.name))
        };
        if let Some(index) = world.by_arn.get(&arn).copied().or_else(by_name) {
            return self.on.entry(index).or_default();
        }
        if !self.elsewhere.contains_key(&arn) {
            self.named.entry(by).or_default().push(arn.clone());
        }
        let new = || (target, Hung::default());
        &mut self.elsewhere.entry(arn).or_insert_with(new).1
    }

    /// The things that no stack declares, and that a resource was the first to hang on.
    pub(super) fn elsewhere(&self, by: usize) -> impl Iterator<Item = &(Target, Hung)> {
        let named = self.named.get(&by).into_iter().flatten();
        named.filter_map(|arn| self.elsewhere.get(arn))
    }
}

/// The texts that name what a resource hangs on.
fn targets(thing: &Thing<'_>, hanging: &Hanging) -> Vec<Made> {
    match thing.declared.properties.get(&hanging.by) {
        Some(Made {
            value: MadeValue::List(items),
            ..
        }) => items.clone(),
        Some(one) => vec![one.clone()],
        None => {
            let at = thing.declared.origin;
            let otherwise = hanging.otherwise.iter();
            otherwise.map(|name| Made::text(name, at)).collect()
        }
    }
}

/// What a text names: a name, what `Ref` gives, or an ARN.
fn target(
    thing: &Thing<'_>,
    hanging: &Hanging,
    text: &Made,
    symbols: &mut Symbols,
) -> Option<Target> {
    let kind = types::of(hanging.types.first()?)?;
    let mut text = text.scalar()?;
    if matches!(hanging.statement, Some(StatementOf::LambdaPermission)) {
        text = statements::function(text).0;
    }
    let mut home = thing.declared.home.clone();
    if let Some(arn) = Arn::parse(text) {
        if !arn.account.is_empty() {
            home.account.clone_from(&arn.account);
        }
        if !arn.region.is_empty() {
            home.region.clone_from(&arn.region);
        }
        let name = arn.resource.rsplit([':', '/']).next().unwrap_or_default();
        let known = Identity {
            name: name.to_owned(),
            reference: text.to_owned(),
            arn: Some(text.to_owned()),
        };
        return Some(Target { kind, home, known });
    }
    let own = |name: &str| property(&thing.declared.properties, name);
    let known = kind.called(text.to_owned(), &named(&thing.declared), symbols, &own);
    Some(Target { kind, home, known })
}

fn hang(
    thing: &Thing<'_>,
    hanging: &Hanging,
    target: &Made,
    hung: &mut Hung,
    symbols: &mut Symbols,
    warnings: &mut Vec<Warning>,
) {
    let declared = &*thing.declared;
    let mut open = Open {
        symbols,
        warnings,
        stack: &declared.stack,
    };
    if let Some(document) = hanging
        .policy
        .as_ref()
        .and_then(|property| declared.properties.get(property))
    {
        let policy = policies::copy(document, &mut open);
        if let Some(earlier) = hung.policy.replace(policy) {
            let name = target.scalar().unwrap_or_default();
            open.warnings.push(Warning {
                message: format!(
                    "`{name}` gets two policies, and has room for one; the later one counts"
                ),
                help: Some("write the statements of both into one policy".to_owned()),
                origins: vec![declared.name_origin, earlier.at],
            });
        }
    }
    match hanging.statement {
        None => {}
        Some(StatementOf::LambdaPermission) => {
            hung.statements
                .push(statements::permission(thing, &mut open));
        }
        Some(StatementOf::EventBus) => {
            hung.statements
                .extend(statements::event_bus(thing, target, &mut open));
        }
    }
    if let Some(listed) = &hanging.listed {
        let name = Made::text(thing.known.name.clone(), declared.name_origin);
        let entry = Made::map(vec![(listed.name.as_str(), name)], declared.origin);
        hung.lists
            .entry(listed.member.clone())
            .or_default()
            .push(entry);
    }
}

/// The resource policy of a thing; `None` when nobody knows whether it has one.
pub(super) fn policy(
    thing: &Thing<'_>,
    member: &PolicyMember,
    hung: Option<&Hung>,
    whole: bool,
    open: &mut Open<'_>,
) -> Option<Made> {
    let declared = &*thing.declared;
    let at = declared.origin;
    let own = member
        .property
        .as_ref()
        .and_then(|property| declared.properties.get(property))
        .filter(|document| document.value != MadeValue::Null)
        .map(|document| policies::copy(document, open));
    let policy = hung.and_then(|hung| hung.policy.clone()).or(own);
    let more = hung.map(|hung| hung.statements.clone()).unwrap_or_default();
    match policy {
        Some(mut policy) => {
            if !is_open(&policy) {
                policies::append(&mut policy, more);
            }
            Some(policy)
        }
        None if !more.is_empty() => Some(policies::of_statements(more, at)),
        None if !whole => None,
        None => Some(match member.otherwise {
            Some(Otherwise::Root) => {
                policies::of_root(&declared.home.partition, &declared.home.account, at)
            }
            None => Made {
                value: MadeValue::Null,
                at,
                also: None,
            },
        }),
    }
}
