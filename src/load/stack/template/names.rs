//! What resources are called, as far as their templates tell.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Evaluation;
use super::index::{Entry, Slot};
use super::scope::Scope;
use super::shape::plain_text;
use crate::load::declared::types::{self, Identity, Named, Type};
use crate::source::MadeValue;

/// What a resource is called.
#[derive(Debug)]
pub(super) struct Known {
    /// What `Ref` gives.
    pub(super) reference: String,
    pub(super) arn: Option<String>,
    /// Its type and all its names, if the table has the type.
    pub(super) typed: Option<(&'static Type, Identity)>,
}

impl<'s> Evaluation<'s> {
    /// What a resource is called.
    pub(super) fn identity(&mut self, stack: usize, id: &str) -> Rc<Known> {
        let Some(entry) = self.entry(stack, id) else {
            return Rc::new(Known {
                reference: String::new(),
                arn: None,
                typed: None,
            });
        };
        let slot = self
            .stacks
            .get(stack)
            .and_then(|live| live.memo.identities.get(id));
        match slot {
            Some(Slot::Done(known)) => return Rc::clone(known),
            Some(Slot::Working) => {
                let message = format!(
                    "the name of `{id}` in `{}` hangs on itself",
                    self.title(stack)
                );
                self.warn(message, None, vec![entry.key]);
                return self.nameless(stack, &entry);
            }
            None => {}
        }
        self.remember(stack, &entry, Slot::Working);
        // What is worked out here is kept and shown.
        let revealing = std::mem::take(&mut self.revealing);
        let known = match types::of(entry.kind) {
            Some(known_type) => self.typed(stack, &entry, known_type),
            None => self.nameless(stack, &entry),
        };
        self.revealing = revealing;
        self.remember(stack, &entry, Slot::Done(Rc::clone(&known)));
        known
    }

    fn remember(&mut self, stack: usize, entry: &Entry<'s>, slot: Slot<Rc<Known>>) {
        if let Some(live) = self.stacks.get_mut(stack) {
            live.memo.identities.insert(Rc::clone(&entry.name), slot);
        }
    }

    fn nameless(&mut self, stack: usize, entry: &Entry<'s>) -> Rc<Known> {
        Rc::new(Known {
            reference: self.unknown_attribute(stack, &entry.name, "Ref", entry.node),
            arn: None,
            typed: None,
        })
    }

    fn typed(&mut self, stack: usize, entry: &Entry<'s>, known_type: &'static Type) -> Rc<Known> {
        let wanted = known_type.wanted(None);
        let properties = self.properties(stack, entry, &wanted);
        let Some(home) = self.stacks.get(stack).map(|live| live.stack.home.clone()) else {
            return self.nameless(stack, entry);
        };
        let named = Named {
            home: &home,
            logical_id: &entry.name,
            origin: entry.node.origin(),
        };
        let property = |name: &str| properties.get(name).cloned();
        let identity = known_type.identity(&named, self.symbols, &property);
        Rc::new(Known {
            reference: identity.reference.clone(),
            arn: identity.arn.clone(),
            typed: Some((known_type, identity)),
        })
    }

    /// The texts of some properties.
    pub(super) fn properties(
        &mut self,
        stack: usize,
        entry: &Entry<'s>,
        wanted: &[&str],
    ) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        let scope = Scope {
            bound: &entry.bound,
            ..Scope::of(stack)
        };
        for name in wanted {
            let node = entry.properties.and_then(|properties| properties.get(name));
            if let Some(made) = node.and_then(|node| self.value(node, scope))
                && made.value != MadeValue::Null
                && let Some(text) = plain_text(&made)
            {
                texts.insert((*name).to_owned(), text);
            }
        }
        texts
    }
}
