//! Arguments → a made tree: what is known as it is written, what is not as symbols.
//!
//! Unknown until the apply, but linked all the same, is what an argument takes over from another resource as a whole.

use super::attribute::Attributes;
use super::plan::Instance;
use super::reference::{self, Scope, Target};
use super::table::{Takes, Type};
use crate::graph::Symbol;
use crate::source::{Kind, Made, MadeValue, Node, Origin};

/// A place in the arguments, seen in all four trees that tell of it.
#[derive(Debug, Clone)]
struct Place<'a> {
    value: Option<Node<'a>>,
    unknown: Option<Node<'a>>,
    hidden: Option<Node<'a>>,
    expression: Option<Node<'a>>,
    /// Whether the configuration would have an expression here, so that one without is left to the provider.
    told: bool,
    /// Whether there are marks for what is unknown; plans of old only leave it out.
    marked: bool,
    /// The way here without indices, as the table writes it.
    path: String,
    /// The same with indices.
    label: String,
    /// The nearest place that is written.
    origin: Origin,
}

fn flag(node: Option<Node<'_>>) -> bool {
    node.is_some_and(|node| node.as_bool() == Some(true))
}

fn written(node: Node<'_>) -> bool {
    !node.is_null()
}

impl<'a> Place<'a> {
    fn of(instance: &Instance<'a>) -> Self {
        Self {
            value: instance.values,
            unknown: instance.unknown,
            hidden: instance.sensitive,
            expression: instance.expressions,
            told: instance.expressions.is_some(),
            marked: instance.unknown.is_some(),
            path: String::new(),
            label: String::new(),
            origin: instance.node.origin(),
        }
    }

    fn member(&self, key: &str) -> Self {
        let below = |node: Option<Node<'a>>| node.and_then(|node| node.get(key));
        // `true` speaks for all that is inside.
        let marked = |node: Option<Node<'a>>| if flag(node) { node } else { below(node) };
        let join = |path: &str| {
            if path.is_empty() {
                key.to_owned()
            } else {
                format!("{path}.{key}")
            }
        };
        let is_block = self.expression.is_some_and(|node| {
            node.get("references").is_none() && node.get("constant_value").is_none()
        });
        let value = below(self.value);
        Self {
            value,
            unknown: marked(self.unknown),
            hidden: marked(self.hidden),
            expression: below(self.expression).filter(|_| is_block),
            told: self.told && is_block,
            marked: self.marked,
            path: join(&self.path),
            label: join(&self.label),
            origin: value.map_or(self.origin, Node::origin),
        }
    }

    fn item(&self, at: usize) -> Self {
        let below = |node: Option<Node<'a>>| node.and_then(|node| node.items().get(at).copied());
        let marked = |node: Option<Node<'a>>| if flag(node) { node } else { below(node) };
        let value = below(self.value);
        Self {
            value,
            unknown: marked(self.unknown),
            hidden: marked(self.hidden),
            expression: self.block(value, at),
            told: self.told,
            marked: self.marked,
            path: self.path.clone(),
            label: format!("{}[{at}]", self.label),
            origin: value.map_or(self.origin, Node::origin),
        }
    }

    /// The block of the configuration that an item comes from. Sets have an order of their own, so what both say must agree.
    fn block(&self, value: Option<Node<'a>>, at: usize) -> Option<Node<'a>> {
        let expression = self.expression?;
        if expression.kind() != Kind::List {
            return None;
        }
        let blocks = expression.items();
        let fitting = |block: &Node<'a>| value.is_none_or(|value| agree(value, *block));
        let found: Vec<Node<'a>> = blocks.iter().copied().filter(fitting).collect();
        match found.as_slice() {
            [one] => Some(*one),
            _ if blocks.len() == self.len() => blocks.get(at).copied().filter(fitting),
            _ => None,
        }
    }

    fn len(&self) -> usize {
        let length = |node: Option<Node<'a>>| node.map_or(0, |node| node.items().len());
        length(self.value).max(length(self.unknown))
    }

    fn keys(&self) -> Vec<&'a str> {
        let mut keys: Vec<&str> = Vec::new();
        let nodes = [self.value, self.unknown];
        for (key, _, _) in nodes.into_iter().flatten().flat_map(Node::entries) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if !self.marked && self.told {
            let expressions = self.expression.map(Node::entries).unwrap_or_default();
            for (key, _, _) in expressions {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys
    }

    fn key_origin(&self, key: &str) -> Origin {
        let value = self.value.and_then(|node| node.get(key));
        let origin = value.and_then(Node::key_origin);
        origin.unwrap_or(self.origin)
    }

    /// Whether it is unknown until the apply.
    fn is_unknown(&self) -> bool {
        let left_out = !self.marked && self.told && self.expression.is_some();
        flag(self.unknown) || (left_out && self.value.is_none())
    }
}

/// Whether a block of the configuration may have made these values: no constant in it says otherwise.
fn agree(value: Node<'_>, block: Node<'_>) -> bool {
    block.entries().into_iter().all(|(key, _, expression)| {
        let constant = expression.get("constant_value").and_then(Node::scalar);
        let known = value.get(key).and_then(Node::scalar);
        constant.is_none() || known.is_none() || constant == known
    })
}

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
        let value = place.value.filter(|value| written(*value));
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
                let target = self.only(instance, &references, alone, takes);
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
        instance: &Instance<'a>,
        references: &[&str],
        alone: bool,
        takes: Option<Takes<'_>>,
    ) -> Option<Target<'p, 'a>> {
        let takes = takes?;
        let mut found: Option<Target<'p, 'a>> = None;
        for text in references {
            let target = reference::reference(self.plan, text, Scope::of(instance));
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
                let target = reference::reference(self.plan, &text, Scope::of(instance));
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
            reference::expression(self.plan, expression, Scope::of(instance))
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
                return None;
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
