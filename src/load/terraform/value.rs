//! Arguments → a made tree: what is known as it is written, what is not as symbols.
//!
//! Unknown until the apply, but linked all the same, is what an argument takes over from another resource as a whole.

use super::attribute::Attributes;
use super::place::{Place, flag};
use super::plan::Instance;
use super::reference::{self, Scope, Target};
use super::table::{Takes, Type};
use crate::graph::Symbol;
use crate::source::{Kind, Made, MadeValue, Node, Origin};

impl<'p, 'a> Attributes<'p, 'a> {
    /// All arguments of a resource, as far as it has them.
    pub(super) fn arguments(&mut self, instance: &Instance<'a>, kind: Option<&Type>) -> Made {
        let place = Place::of(instance);
        let origin = place.origin;
        self.tree(instance, kind, &place)
            .unwrap_or_else(|| Made::map(Vec::new(), origin))
    }

    /// One argument of a resource.
    pub(super) fn argument(
        &mut self,
        instance: &Instance<'a>,
        kind: Option<&Type>,
        argument: &str,
    ) -> Option<Made> {
        let place = Place::of(instance).member(argument);
        self.tree(instance, kind, &place)
    }

    fn tree(
        &mut self,
        instance: &Instance<'a>,
        kind: Option<&Type>,
        place: &Place<'a>,
    ) -> Option<Made> {
        if place.is_unknown() {
            return self.unknown(instance, kind, place);
        }
        let value = place.value.filter(|value| !value.is_null());
        if flag(place.hidden) {
            return Some(self.hidden(instance, place, value?));
        }
        let known = value.map(Node::kind);
        let marks = place.unknown.map(Node::kind);
        let made = match (known, marks) {
            (Some(Kind::Map), _) | (None, Some(Kind::Map)) => {
                let members = self.members(instance, kind, place);
                // Marks without values, and nothing in them: there is nothing.
                if members.is_empty() && value.is_none() {
                    return None;
                }
                MadeValue::Map(members)
            }
            (Some(Kind::List), _) | (None, Some(Kind::List)) => {
                let items = self.items(instance, kind, place);
                if items.is_empty() && value.is_none() {
                    return None;
                }
                MadeValue::List(items)
            }
            _ => return value.map(|value| self.sources.copy(value.origin())),
        };
        Some(Made {
            value: made,
            at: place.origin,
            also: None,
        })
    }

    fn members(
        &mut self,
        instance: &Instance<'a>,
        kind: Option<&Type>,
        place: &Place<'a>,
    ) -> Vec<(String, Origin, Made)> {
        // A map of the user's own keys has one expression, whose references tell nothing of the keys.
        let shared = place
            .expression
            .filter(|expression| expression.get("references").is_some());
        let references = shared.map(reference::specific).unwrap_or_default();
        let keys = place.keys();
        let open = keys.iter().filter(|key| place.member(key).is_unknown());
        let alone = open.count() == 1 && references.len() == 1;
        let mut members = Vec::new();
        for key in keys {
            let inner = place.member(key);
            let linked = if shared.is_some() && inner.is_unknown() {
                let takes = kind.and_then(|kind| kind.reference(&inner.path));
                let target = shared.and_then(|shared| {
                    let scope = Scope::of(instance, shared);
                    self.only(&references, alone, takes, scope)
                });
                self.linked(instance, kind, &inner, target)
            } else {
                None
            };
            if let Some(made) = linked.or_else(|| self.tree(instance, kind, &inner)) {
                members.push((key.to_owned(), place.key_origin(key), made));
            }
        }
        members
    }

    /// The one reference that may stand behind a member: the only one, or the only one to a resource of the right type.
    fn only(
        &self,
        references: &[&str],
        alone: bool,
        takes: Option<Takes<'_>>,
        scope: Scope<'_>,
    ) -> Option<Target<'p, 'a>> {
        let takes = takes?;
        let mut found: Option<Target<'p, 'a>> = None;
        for text in references {
            let target = reference::reference(self.plan, text, takes.kind, scope);
            match (target, &found) {
                (Some(Target::Attribute(other, attribute)), _)
                    if takes.kind.map_or(alone, |kind| kind == other.kind) =>
                {
                    if let Some(Target::Attribute(known, _)) = &found
                        && known.address != other.address
                    {
                        return None;
                    }
                    found = Some(Target::Attribute(other, attribute));
                }
                (Some(target @ Target::Open(_)), None) if alone => found = Some(target),
                _ => {}
            }
        }
        found
    }

    fn items(
        &mut self,
        instance: &Instance<'a>,
        kind: Option<&Type>,
        place: &Place<'a>,
    ) -> Vec<Made> {
        let open = (0..place.len()).filter(|at| place.item(*at).is_unknown());
        let open = open.count();
        // A list of texts has one expression, whose references are those of the items, in their order.
        let references: Vec<String> = place
            .expression
            .filter(|expression| expression.kind() == Kind::Map)
            .map(|expression| reference::specific(expression))
            .filter(|references| references.len() == open)
            .map(|references| references.into_iter().map(str::to_owned).collect())
            .unwrap_or_default();
        let mut references = references.into_iter();
        let mut items = Vec::new();
        for at in 0..place.len() {
            let inner = place.item(at);
            let linked = inner.is_unknown().then(|| references.next()).flatten();
            let made = linked.and_then(|text| {
                let scope = Scope::of(instance, place.expression?);
                let wanted = kind.and_then(|kind| kind.reference(&place.path)?.kind);
                let target = reference::reference(self.plan, &text, wanted, scope);
                self.linked(instance, kind, &inner, target)
            });
            items.extend(made.or_else(|| self.tree(instance, kind, &inner)));
        }
        items
    }

    /// A value that is known after the apply only.
    fn unknown(
        &mut self,
        instance: &Instance<'a>,
        kind: Option<&Type>,
        place: &Place<'a>,
    ) -> Option<Made> {
        // What nobody wrote the provider fills in: AWS's own default, or a name that it makes up.
        if place.told && place.expression.is_none() {
            return None;
        }
        let target = place.expression.and_then(|expression| {
            let wanted = kind.and_then(|kind| kind.reference(&place.path)?.kind);
            let scope = Scope::of(instance, expression);
            reference::expression(self.plan, expression, wanted, scope)
        });
        let linked = self.linked(instance, kind, place, target);
        Some(linked.unwrap_or_else(|| self.own(instance, place)))
    }

    /// The value behind a reference, where the table says that the argument is nothing else.
    fn linked(
        &mut self,
        instance: &Instance<'a>,
        kind: Option<&Type>,
        place: &Place<'a>,
        target: Option<Target<'_, 'a>>,
    ) -> Option<Made> {
        let (kind, target) = (kind?, target?);
        if kind.is_document(&place.path) {
            let Target::Attribute(document, attribute) = target else {
                return None;
            };
            return self.document(document, &attribute, place.origin);
        }
        let takes = kind.reference(&place.path)?;
        let natural = takes.attribute;
        let text = match target {
            Target::Attribute(other, _) if takes.kind.is_some_and(|kind| kind != other.kind) => {
                // What belongs to a bucket names it too, and is named to be waited for.
                let owners = self.owners(other);
                let [owner] = owners.as_slice() else {
                    return None;
                };
                if takes.kind != Some(owner.kind.as_str()) {
                    return None;
                }
                self.attribute(owner, natural)?
            }
            Target::Attribute(other, attribute) if natural == "beginning" => {
                let beginning = self.whole_or_beginning(other, &attribute)?;
                match beginning {
                    (text, true) => text,
                    (text, false) => {
                        let rest = self.own(instance, place);
                        format!("{text}{}", rest.scalar().unwrap_or_default())
                    }
                }
            }
            Target::Attribute(other, attribute) => {
                let attribute = match (natural, attribute.as_str()) {
                    ("any", "") => "id",
                    ("any", written) => written,
                    (natural, _) => natural,
                };
                self.attribute(other, attribute)?
            }
            Target::Value(value) => value.scalar()?.to_owned(),
            Target::Absent => return None,
            Target::Open(_) if natural == "beginning" => return None,
            Target::Open(key) => self.open(&key, place.origin),
        };
        Some(Made::text(text, place.origin))
    }

    /// A symbol for this very value.
    fn own(&mut self, instance: &Instance<'a>, place: &Place<'a>) -> Made {
        let address = &instance.address;
        let label = &place.label;
        let symbol = self.later(address, label, place.origin);
        Made::text(symbol, place.origin)
    }

    /// A symbol for a value that must not be shown: the same for the same value, so that what is equal stays equal.
    fn hidden(&mut self, instance: &Instance<'a>, place: &Place<'a>, value: Node<'a>) -> Made {
        let name = format!("{}.{}", instance.address, place.label);
        let file = self.plan.file;
        let key = match value.scalar() {
            Some(text) => format!("sensitive {text}"),
            None => format!("sensitive {file} {name}"),
        };
        let symbol = self.symbols.unknown(&key, || Symbol {
            name: name.clone(),
            what: format!("`{name}` of `{file}`, which is marked as sensitive"),
            supply: "take the mark off, if the value is no secret".to_owned(),
            origin: place.origin,
        });
        Made::text(symbol.to_string(), place.origin)
    }
}
