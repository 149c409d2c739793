//! Exports: what one stack puts out under a name, others of its account and Region import.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html>

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Evaluation;
use super::call::Call;
use super::index::Entry;
use super::scope::{Place, Scope};
use super::shape::{plain_text, relocated};
use crate::graph::{Symbol, has_symbol};
use crate::load::fault::nearest;
use crate::load::stack::Home;
use crate::source::{Made, Origin};

/// What stands between a stack and its output, where the value of a parameter is told by it.
const OUTPUTS: &str = ".Outputs.";

/// All exports by their names, each of another account or Region.
#[derive(Default)]
pub(super) struct Exports {
    by_name: BTreeMap<String, Vec<Export>>,
}

/// An output that is exported.
#[derive(Clone)]
struct Export {
    stack: usize,
    output: Rc<str>,
    home: Home,
    at: Origin,
}

impl<'s> Evaluation<'s> {
    pub(super) fn import(&mut self, call: &Call<'s>, place: Place, scope: Scope<'_>) -> Made {
        let name = self.argument(call, scope);
        let Some(name) = name.as_ref().and_then(plain_text) else {
            return self.misused(call, place, scope);
        };
        let assumed = self.settings.assumed.iter().rev();
        let assumed = assumed
            .filter_map(|(known, value)| Some((known.strip_prefix("import:")?, value)))
            .find(|(known, _)| *known == name);
        if let Some((_, value)) = assumed {
            return place.text(value.clone());
        }
        if let Some(export) = self.export(&name, scope.stack)
            && let Some(made) = self.output(export.stack, &export.output)
            && self.charge(Self::size(&made), scope)
        {
            let also = made.also.or(Some(made.at));
            return relocated(made, place.from(also));
        }
        let (account, region) = self.whereabouts(scope);
        let shown = self.symbols.shown(&name).into_owned();
        let text = self.unknown(&format!("import {account} {region} {name}"), || Symbol {
            name: shown.clone(),
            what: format!("the export `{shown}`"),
            supply: format!("add the template that exports it, or `--assume import:{shown}=VALUE`"),
            origin: place.at,
        });
        place.text(text)
    }

    /// A value for a parameter; one that is `STACK.Outputs.NAME` is what that stack puts out under the name, since people copy
    /// it from there, and before anything is deployed there is nothing to copy.
    pub(super) fn output_told(&mut self, told: Made, stack: usize) -> Made {
        let both = told.scalar().and_then(|text| text.split_once(OUTPUTS));
        let Some((of, name)) = both.map(|(of, name)| (of.to_owned(), name.to_owned())) else {
            return told;
        };
        let place = Place {
            at: told.at,
            also: told.also,
        };
        let given = self.stacks.iter().enumerate().filter(|(_, live)| {
            !live.dropped && (live.stack.home.stack == of || live.stack.title == of)
        });
        let given: Vec<usize> = given.map(|(at, _)| at).collect();
        let home = self.whereabouts(Scope::of(stack));
        let beside = |at: &&usize| self.whereabouts(Scope::of(**at)) == home;
        let found = match given.as_slice() {
            [] => return told,
            [only] => Some(*only),
            several => several.iter().find(beside).copied(),
        };
        let Some(found) = found else {
            let message = format!(
                "several stacks are called `{of}`: which of them puts out `{name}` is not known"
            );
            self.warn(message, None, vec![place.also_written()]);
            return self.opaque(&format!("{of}{OUTPUTS}{name}"), place, Scope::of(stack));
        };
        match self.output(found, &name) {
            Some(made) => {
                let also = made.also.or(Some(made.at));
                relocated(made, place.from(also))
            }
            None => {
                let message = format!("the stack `{of}` puts out no `{name}`");
                let known = self.stacks.get(found).map(|live| live.outputs.as_slice());
                let known = known.unwrap_or_default().iter();
                let known: Vec<&str> = known.map(|output| &*output.name).collect();
                let help = nearest(&name, &known).filter(|_| !known.is_empty());
                self.warn(message, help, vec![place.also_written()]);
                self.opaque(&format!("{of}{OUTPUTS}{name}"), place, Scope::of(stack))
            }
        }
    }

    /// The export of this name that a stack can import.
    fn export(&mut self, name: &str, stack: usize) -> Option<Export> {
        let home = &self.stacks.get(stack)?.stack.home;
        let named = self.exports.by_name.get(name)?;
        let beside = |export: &&Export| {
            export.home.account == home.account && export.home.region == home.region
        };
        if let Some(export) = named.iter().find(beside) {
            return Some(export.clone());
        }
        // Where nobody said of either where it lives: an import only ever comes from the same account and Region.
        let alike = |one: &str, other: &str| one == other || (has_symbol(one) && has_symbol(other));
        match named.as_slice() {
            [only]
                if alike(&only.home.account, &home.account)
                    && alike(&only.home.region, &home.region) =>
            {
                Some(only.clone())
            }
            _ => None,
        }
    }

    /// Collects the exports of all stacks; an import in the name of an export finds none.
    pub(super) fn collect_exports(&mut self) {
        for stack in 0..self.stacks.len() {
            let outputs = match self.stacks.get(stack) {
                Some(live) if !live.dropped => live.outputs.clone(),
                _ => continue,
            };
            if !self.is_there(stack) {
                continue;
            }
            for output in outputs {
                self.collect_export(stack, &output);
            }
        }
    }

    fn collect_export(&mut self, stack: usize, output: &Entry<'s>) {
        let Some(node) = output
            .node
            .get("Export")
            .and_then(|export| export.get("Name"))
        else {
            return;
        };
        if self.is_left_out(stack, output) {
            return;
        }
        let scope = Scope {
            bound: &output.bound,
            ..Scope::of(stack)
        };
        let Some(name) = self.scalar(node, scope) else {
            return;
        };
        let Some(home) = self.stacks.get(stack).map(|live| live.stack.home.clone()) else {
            return;
        };
        let export = Export {
            stack,
            output: Rc::clone(&output.name),
            home,
            at: node.origin(),
        };
        let named = self.exports.by_name.entry(name.clone()).or_default();
        let twice = named.iter().find(|known| {
            known.home.account == export.home.account && known.home.region == export.home.region
        });
        if let Some(first) = twice.map(|known| known.at) {
            let shown = self.symbols.shown(&name).into_owned();
            let message = format!(
                "two stacks of one account and Region export `{shown}`, which AWS refuses; the first counts"
            );
            self.warn(message, None, vec![export.at, first]);
            return;
        }
        named.push(export);
    }
}
