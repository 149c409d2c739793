//! `Ref` and `Fn::GetAtt`: what resources are called, and what they tell of themselves.

use std::rc::Rc;

use super::Evaluation;
use super::call::Call;
use super::each;
use super::index::{Entry, Slot};
use super::parameters::Pseudo;
use super::scope::{Place, Scope};
use super::shape::relocated;
use crate::graph::Symbol;
use crate::load::declared::types::{Identity, Named, Type};
use crate::load::fault::nearest;
use crate::source::{Kind, Made, MadeValue, Node};

/// For so many names that nothing has the nearest one is looked for, which takes its time in large templates.
const MOST_LOOKED_UP: usize = 20;

impl<'s> Evaluation<'s> {
    pub(super) fn reference(
        &mut self,
        call: &Call<'s>,
        place: Place,
        scope: Scope<'_>,
    ) -> Option<Made> {
        let Some(name) = call.argument.scalar() else {
            return Some(self.misused(call, place, scope));
        };
        let name = each::substituted(name.trim(), scope.bound);
        self.refer(&name, place, scope)
    }

    /// What a name stands for; `None` for `AWS::NoValue`.
    pub(super) fn refer(&mut self, name: &str, place: Place, scope: Scope<'_>) -> Option<Made> {
        if let Some(value) = scope.variable(name) {
            return Some(place.text(value));
        }
        if name.starts_with("AWS::") {
            match self.pseudo(name, place, scope) {
                Pseudo::Value(made) => return Some(made),
                Pseudo::NoValue => return None,
                Pseudo::None => {}
            }
        }
        if let Some(made) = self.parameter(name, scope.stack) {
            if !self.charge(Self::size(&made), scope) {
                return Some(self.beyond(place, scope));
            }
            return Some(used(made, place));
        }
        if self.entry(scope.stack, name).is_some() {
            let known = self.identity(scope.stack, name);
            return Some(self.text(known.reference.clone(), place, scope));
        }
        if let Some(implied) = self.implied_role(scope.stack, name) {
            return Some(place.text(implied.reference));
        }
        Some(self.undeclared(name, place, scope))
    }

    pub(super) fn get_att(
        &mut self,
        call: &Call<'s>,
        place: Place,
        scope: Scope<'_>,
    ) -> Option<Made> {
        let (id, attribute) = match call.argument.kind() {
            Kind::List => {
                let arguments = call.arguments();
                let mut texts = Vec::new();
                for argument in arguments {
                    texts.push(self.scalar(argument, scope)?);
                }
                let mut texts = texts.into_iter();
                let id = texts.next();
                let rest: Vec<String> = texts.collect();
                (id.unwrap_or_default(), rest.join("."))
            }
            _ => {
                let dotted = call.argument.scalar().unwrap_or_default();
                let dotted = each::substituted(dotted.trim(), scope.bound);
                let both = dotted.split_once('.').unwrap_or_default();
                (both.0.to_owned(), both.1.to_owned())
            }
        };
        if id.is_empty() || attribute.is_empty() {
            return Some(self.misused(call, place, scope));
        }
        Some(self.attribute(&id, &attribute, place, scope))
    }

    /// What a resource tells of itself.
    pub(super) fn attribute(
        &mut self,
        id: &str,
        attribute: &str,
        place: Place,
        scope: Scope<'_>,
    ) -> Made {
        let stack = scope.stack;
        let Some(entry) = self.entry(stack, id) else {
            if attribute == "Arn"
                && let Some(implied) = self.implied_role(stack, id)
            {
                return place.text(implied.arn.unwrap_or_default());
            }
            return self.undeclared(id, place, scope);
        };
        if let Some(output) = attribute.strip_prefix("Outputs.")
            && let Some(made) = self.nested_output(stack, id, output)
            && self.charge(Self::size(&made), scope)
        {
            let also = made.also.or(Some(made.at));
            return relocated(made, place.from(also));
        }
        let known = self.identity(stack, id);
        if let Some((known_type, identity)) = &known.typed
            && let Some(text) =
                self.attribute_text((known_type, identity), &entry, attribute, stack)
        {
            return self.text(text, place, scope);
        }
        let text = self.unknown_attribute(stack, id, attribute, entry.node);
        place.text(text)
    }

    /// An attribute of a type that the table has, worked out once.
    fn attribute_text(
        &mut self,
        typed: (&Type, &Identity),
        entry: &Entry<'s>,
        attribute: &str,
        stack: usize,
    ) -> Option<String> {
        let key = (Rc::clone(&entry.name), attribute.to_owned());
        let live = self.stacks.get_mut(stack)?;
        match live.memo.attributes.get(&key) {
            Some(Slot::Done(text)) => return text.clone(),
            Some(Slot::Working) => {
                let message = format!(
                    "the attribute `{attribute}` of `{}` in `{}` hangs on itself",
                    entry.name, live.stack.title
                );
                self.warn(message, None, vec![entry.key]);
                return None;
            }
            None => {}
        }
        let home = live.stack.home.clone();
        live.memo.attributes.insert(key.clone(), Slot::Working);
        let (known_type, identity) = typed;
        let wanted = known_type.wanted(Some(attribute));
        let revealing = std::mem::take(&mut self.revealing);
        let properties = self.properties(stack, entry, &wanted);
        self.revealing = revealing;
        let named = Named {
            home: &home,
            logical_id: &entry.name,
            origin: entry.node.origin(),
        };
        let property = |name: &str| properties.get(name).cloned();
        let text = known_type.attribute(attribute, identity, &named, self.symbols, &property);
        let live = self.stacks.get_mut(stack)?;
        live.memo.attributes.insert(key, Slot::Done(text.clone()));
        text
    }

    /// The symbol of what nobody knows of a resource: of a type that the table does not have it may be anything.
    pub(super) fn unknown_attribute(
        &mut self,
        stack: usize,
        id: &str,
        attribute: &str,
        node: Node<'s>,
    ) -> String {
        let title = self.title(stack);
        let key = format!("attribute {} {id} {attribute}", self.label(stack));
        self.unknown(&key, || Symbol {
            name: if attribute == "Ref" {
                id.to_owned()
            } else {
                format!("{id}.{attribute}")
            },
            what: if attribute == "Ref" {
                format!("what `Ref` gives for `{id}` of `{title}`")
            } else {
                format!("the attribute `{attribute}` of `{id}` of `{title}`")
            },
            supply: if attribute.starts_with("Outputs.") {
                format!("add the template of the nested stack `{id}`")
            } else {
                String::new()
            },
            origin: node.origin(),
        })
    }

    /// A name that nothing in the template has.
    fn undeclared(&mut self, name: &str, place: Place, scope: Scope<'_>) -> Made {
        let Some(live) = self.stacks.get(scope.stack) else {
            return place.text("");
        };
        let title = live.stack.title.clone();
        let root = live.stack.template.root;
        // SAM makes resources of its own, whose names begin with that of the one they belong to.
        let made_by_sam = live.serverless
            && live
                .resources
                .iter()
                .any(|entry| name.starts_with(&*entry.name));
        if !made_by_sam {
            let mut help = None;
            if self.looked_up < MOST_LOOKED_UP {
                let parameters = live.parameter_names.iter().copied();
                let resources = live.resources.iter().map(|entry| &*entry.name);
                let known: Vec<&str> = parameters.chain(resources).collect();
                help = nearest(name, &known);
            }
            self.looked_up += 1;
            let message = format!("`{title}` has neither a parameter nor a resource `{name}`");
            self.warn(message, help, vec![place.at]);
        }
        let node = self.sources.node(root);
        let text = self.unknown_attribute(scope.stack, name, "Ref", node);
        place.text(text)
    }

    /// A resource by its logical id.
    pub(super) fn entry(&self, stack: usize, id: &str) -> Option<Entry<'s>> {
        let live = self.stacks.get(stack)?;
        let at = live.resource_by_name.get(id)?;
        live.resources.get(*at).cloned()
    }
}

/// The value of a parameter where it is used.
fn used(made: Made, place: Place) -> Made {
    let place = place.from(made.also);
    let value = match made.value {
        MadeValue::List(items) => {
            let items = items.into_iter().map(|item| used(item, place));
            MadeValue::List(items.collect())
        }
        scalar => scalar,
    };
    place.made(value)
}
