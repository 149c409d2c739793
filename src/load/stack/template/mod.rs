//! Templates → declared resources: CloudFormation's functions, parameters, conditions and loops, worked out.
//!
//! In: the stacks of a run, each a template with its home and the values of its parameters. Out: a [`World`] of declared
//! resources, each value with its place. Everything is worked out when it is first asked for, in any order and once, across
//! stacks too: what one exports another imports, what a nested one puts out its parent reads.
//! Does not know what a resource means: `declared` does.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

mod call;
mod conditions;
mod dynamic;
mod each;
mod exports;
mod functions;
mod index;
mod lists;
mod names;
mod nested;
mod parameters;
mod references;
mod scope;
mod serverless;
mod shape;
mod statements;
mod stored;
mod sub;
mod switched;
#[cfg(test)]
mod tests;
mod value;

pub(in crate::load) use nested::nested_files;

use std::collections::{BTreeMap, BTreeSet};

use self::exports::Exports;
use self::index::{Entry, Live};
use self::parameters::Overriding;
use self::scope::{Place, Scope};
use self::stored::Stored;
use super::{Declared, Stack, World};
use crate::graph::{Symbol, Symbols};
use crate::load::declared::types;
use crate::load::{Settings, Warning};
use crate::source::{Made, MadeValue, Origin, Sources};

/// One working-out of all stacks.
struct Evaluation<'s> {
    sources: &'s Sources,
    symbols: &'s mut Symbols,
    settings: &'s Settings,
    stacks: Vec<Live<'s>>,
    exports: Exports,
    stored: Stored,
    world: World,
    /// The unresolved values behind those that functions made of them.
    behind: BTreeMap<char, Vec<char>>,
    /// Warnings that were given, so that each is given once.
    warned: BTreeSet<(String, Option<Origin>)>,
    /// How deep values, and what they refer to, are being worked out.
    depth: usize,
    /// For how many names that nothing has the nearest one was looked for.
    looked_up: usize,
    /// Whether a condition is being worked out, which alone may know what must not be shown.
    revealing: usize,
    /// A parameter taken to have another value, to see what a condition then comes to.
    overriding: Option<Overriding>,
}

/// Works out the resources of all stacks together.
pub(super) fn evaluate(
    sources: &Sources,
    symbols: &mut Symbols,
    stacks: &[Stack],
    settings: &Settings,
) -> World {
    let mut evaluation = Evaluation {
        sources,
        symbols,
        settings,
        stacks: Vec::new(),
        exports: Exports::default(),
        stored: Stored::new(),
        world: World::default(),
        behind: BTreeMap::new(),
        warned: BTreeSet::new(),
        depth: 0,
        looked_up: 0,
        revealing: 0,
        overriding: None,
    };
    let given = evaluation.open(stacks);
    evaluation.collect_stored();
    evaluation.collect_exports();
    evaluation.check_assumed();
    for stack in given {
        evaluation.declare(stack);
    }
    evaluation.world
}

impl<'s> Evaluation<'s> {
    /// Declares the resources of a stack, and behind them those of its nested stacks.
    fn declare(&mut self, stack: usize) {
        let count = self
            .stacks
            .get(stack)
            .map_or(0, |live| live.resources.len());
        for at in 0..count {
            let entry = self
                .stacks
                .get(stack)
                .and_then(|live| live.resources.get(at));
            if let Some(entry) = entry.cloned() {
                self.declare_resource(stack, &entry);
            }
        }
        let children = self
            .stacks
            .get(stack)
            .map(|live| live.children.values().copied().collect::<Vec<_>>());
        for child in children.unwrap_or_default() {
            if self.is_there(child) {
                self.declare(child);
            }
        }
    }

    fn declare_resource(&mut self, stack: usize, entry: &Entry<'s>) {
        let known_type = types::of(entry.kind);
        if let Some(condition) = entry.condition
            && !self.exists(stack, entry, condition, known_type.is_some())
        {
            return;
        }
        let identity = self.identity(stack, &entry.name);
        let scope = Scope {
            stack,
            bound: &entry.bound,
            alias: None,
            path: None,
            resource: Some(entry.reading()),
        };
        let nothing = Made {
            value: MadeValue::Map(Vec::new()),
            at: entry.node.origin(),
            also: None,
        };
        let properties = entry
            .properties
            .and_then(|properties| self.value(properties, scope))
            .unwrap_or(nothing);
        let properties = self.with_globals(stack, entry.kind, properties);
        let Some(live) = self.stacks.get(stack) else {
            return;
        };
        self.world.declared.push(Declared {
            kind: entry.kind.to_owned(),
            home: live.stack.home.clone(),
            stack: live.stack.title.clone(),
            logical_id: entry.name.to_string(),
            physical: identity.reference.clone(),
            arn: identity.arn.clone(),
            origin: entry.node.origin(),
            name_origin: entry.key,
            properties,
            root: live.stack.template.root,
        });
    }

    /// What reports call a stack.
    fn title(&self, stack: usize) -> String {
        let live = self.stacks.get(stack);
        live.map_or_else(String::new, |live| live.stack.title.clone())
    }

    /// What keys of symbols call a stack: no other stack has the same.
    fn label(&self, stack: usize) -> String {
        let live = self.stacks.get(stack);
        live.map_or_else(String::new, |live| live.label.clone())
    }

    /// Warns, once for each message and place.
    fn warn(&mut self, message: String, help: Option<String>, origins: Vec<Origin>) {
        // What is only tried is no news.
        if self.overriding.is_some() {
            return;
        }
        let first = origins.first().copied();
        if self.warned.insert((message.clone(), first)) {
            self.world.warnings.push(Warning {
                message,
                help,
                origins,
            });
        }
    }

    /// Warns, once for each message, wherever it is due again.
    fn warn_once(&mut self, message: String, help: Option<String>, origin: Origin) {
        if self.overriding.is_none() && self.warned.insert((message.clone(), None)) {
            self.world.warnings.push(Warning {
                message,
                help,
                origins: vec![origin],
            });
        }
    }

    /// The symbol of a value that might be anything, as a text.
    fn unknown(&mut self, key: &str, symbol: impl FnOnce() -> Symbol) -> String {
        self.symbols.unknown(key, symbol).to_string()
    }

    /// A value that nobody can work out; the same place always gives the same symbol.
    fn opaque(&mut self, what: &str, place: Place, scope: Scope<'_>) -> Made {
        let label = self.label(scope.stack);
        let title = self.title(scope.stack);
        let at = place.also_written();
        let bound = scope.bound;
        let key = format!("{what} {label} {}.{} {bound:?}", at.source.0, at.node);
        let text = self.unknown(&key, || Symbol {
            name: what.to_owned(),
            what: format!("what {what} comes to in `{title}`"),
            supply: String::new(),
            origin: place.at,
        });
        place.text(text)
    }
}
