//! A text's document as a type of the program, by serde, with the place of whatever does not fit.
//!
//! serde tells what is wrong in its own words, and its formats tell where the map around it begins. Here the words are those of
//! people, and the place is that of the very key or value.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{StrDeserializer, U32Deserializer};
use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Expected,
    IntoDeserializer as _, MapAccess, SeqAccess, Unexpected, Visitor,
};

use super::fault::Fault;
use super::{Kind, Node, Origin, Position, Source, SourceId, Sources, Text, Tree};
use super::{json, text, yaml};

/// Values may nest this deep, aliases followed.
const DEEPEST: usize = 64;
/// This many values are read; aliases of aliases could make more than any memory holds.
const MOST_VALUES: usize = 1_000_000;

/// Why a text is no value of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Where, as far as it can be told.
    pub position: Option<Position>,
    /// What is wrong, with the path of keys to it.
    pub message: String,
    /// A word that is not known, and those that are.
    pub unknown: Option<(String, Vec<String>)>,
}

/// A value and where it is written. Only [`Sources::read`] fills it in.
#[derive(Debug, Clone)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands; that of a key is the key's.
    pub origin: Origin,
}

/// The name by which [`Placed`] asks for its place.
const PLACED: &str = "$placed";

impl Sources {
    /// Reads the one document of a text, YAML or JSON, as a type, and keeps the text under `name`; `None` where it says nothing.
    ///
    /// # Errors
    /// Not text, no valid YAML, a key twice, several documents, or not of that type.
    pub fn read<T: DeserializeOwned>(
        &mut self,
        name: &str,
        bytes: &[u8],
    ) -> Result<Option<T>, Misfit> {
        let (text, parsed) = match text::decode(bytes) {
            Ok(content) => {
                let parsed = parse(&content);
                (Text::new(content), parsed)
            }
            Err(fault) => (Text::new(String::new()), Err(fault)),
        };
        let (tree, format) = parsed.map_err(|fault| Misfit::of_fault(fault, &text))?;
        let id = self.keep(Source {
            name: name.to_owned(),
            text,
            tree,
            format,
            around: None,
            made: None,
        });
        let sources: &Self = self;
        let roots = sources.roots(id);
        let mut said = roots.iter().filter(|root| !root.is_null());
        let Some(root) = said.next() else {
            return Ok(None);
        };
        if let Some(second) = said.next() {
            return Err(Misfit {
                position: Some(sources.place(second.origin()).start),
                message: "expected one document, found a second one".to_owned(),
                unknown: None,
            });
        }
        let left = Cell::new(MOST_VALUES);
        let value = Value {
            node: *root,
            left: &left,
            depth: 0,
        };
        T::deserialize(value)
            .map(Some)
            .map_err(|wrong| wrong.told(sources))
    }
}

fn parse(content: &str) -> Result<(Tree, super::Format), Fault> {
    if let Some(at) = content.find('\0') {
        return Err(Fault::at(at, "not a text: found a NUL byte"));
    }
    // `{a: [b]}` is YAML, and looks like JSON.
    if json::looks_like_json(content)
        && let Ok(parsed) = json::parse(content, false)
    {
        return Ok(parsed);
    }
    Ok((yaml::parse(content, false)?, super::Format::Yaml))
}

impl Misfit {
    fn of_fault(fault: Fault, text: &Text) -> Self {
        let (position, message) = match fault {
            Fault::Whole(message) => (None, message),
            Fault::At { at, message } => (Some(text.position(at)), message),
            Fault::Twice { key, first, again } => {
                let first = text.position(first).line;
                let message =
                    format!("the key `{key}` stands twice in one map, first on line {first}");
                (Some(text.position(again)), message)
            }
        };
        Self {
            position,
            message,
            unknown: None,
        }
    }
}

/// What serde says of a value that does not fit.
#[derive(Debug)]
struct Wrong {
    message: String,
    unknown: Option<(String, Vec<String>)>,
    at: Option<At>,
}

/// Where something does not fit.
#[derive(Debug)]
enum At {
    /// A value.
    Value(Origin),
    /// A key, and the map that it stands in.
    Key(Origin, Origin),
}

impl Wrong {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            unknown: None,
            at: None,
        }
    }

    /// The same at this place, unless a place further inside is known already.
    fn at(mut self, at: At) -> Self {
        self.at.get_or_insert(at);
        self
    }

    fn told(self, sources: &Sources) -> Misfit {
        let (position, path) = match self.at {
            None => (None, String::new()),
            Some(At::Value(value)) => {
                let place = sources.place(value);
                (Some(place.start), place.path)
            }
            Some(At::Key(key, map)) => {
                let position = sources.place(key).start;
                (Some(position), sources.place(map).path)
            }
        };
        Misfit {
            position,
            message: match path.as_str() {
                "" => self.message,
                path => format!("{path}: {}", self.message),
            },
            unknown: self.unknown,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!(
            "expected {}, found {}",
            wanted(expected),
            name(found)
        ))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self {
            unknown: Some((variant.to_owned(), owned(expected))),
            ..Self::new(format!("unknown value `{variant}`"))
        }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self {
            unknown: Some((field.to_owned(), owned(expected))),
            ..Self::new(format!("unknown key `{field}`"))
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("the key `{field}` is missing"))
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What a type expects, in words that need no knowledge of programs.
fn wanted(expected: &dyn Expected) -> String {
    match expected.to_string().as_str() {
        "a sequence" => "a list".to_owned(),
        "a string" | "a borrowed string" => "a text".to_owned(),
        "path string" | "a borrowed path" => "the name of a file or folder".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        words if words.starts_with("struct ") => "a map".to_owned(),
        words if words.starts_with("enum ") => "a text".to_owned(),
        words => words.to_owned(),
    }
}

fn name(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(value) => format!("the number `{value}`"),
        Unexpected::Signed(value) => format!("the number `{value}`"),
        Unexpected::Float(value) => format!("the number `{value}`"),
        Unexpected::Str(text) => format!("`{text}`"),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a map".to_owned(),
        other => other.to_string(),
    }
}

/// A value that serde reads from.
#[derive(Clone, Copy)]
struct Value<'de, 'c> {
    node: Node<'de>,
    /// How many more values are read.
    left: &'c Cell<usize>,
    depth: usize,
}

impl<'de, 'c> Value<'de, 'c> {
    fn at(self) -> At {
        At::Value(self.node.origin())
    }

    fn inside(self, node: Node<'de>) -> Self {
        Self {
            node,
            depth: self.depth + 1,
            ..self
        }
    }

    fn spend(self) -> Result<(), Wrong> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.unwrap_or_default());
        if left.is_none() || self.depth > DEEPEST {
            return Err(Wrong::new("too many values in each other"));
        }
        match self.node.tag() {
            Some(tag) if !tag.starts_with("!!") => {
                Err(Wrong::new(format!("the tag `{tag}` means nothing here")))
            }
            _ => Ok(()),
        }
    }

    fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.spend()?;
        let text = self.node.scalar().unwrap_or_default();
        match self.node.kind() {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool => visitor.visit_bool(self.node.as_bool().unwrap_or_default()),
            Kind::Number => visit_number(text, visitor),
            Kind::String => visitor.visit_borrowed_str(text),
            Kind::List => visitor.visit_seq(Items {
                items: self.node.items().into_iter(),
                list: self,
            }),
            Kind::Map => visitor.visit_map(Entries {
                entries: self.node.entries().into_iter(),
                value: None,
                map: self,
            }),
        }
    }
}

/// A number that is written as programs write it is one; all others are the text that they are.
fn visit_number<'de, V: Visitor<'de>>(text: &'de str, visitor: V) -> Result<V::Value, Wrong> {
    if let Ok(number) = text.parse::<u64>()
        && number.to_string() == text
    {
        return visitor.visit_u64(number);
    }
    if let Ok(number) = text.parse::<i64>()
        && number.to_string() == text
    {
        return visitor.visit_i64(number);
    }
    match text.parse::<f64>() {
        Ok(number) => visitor.visit_f64(number),
        Err(_) => visitor.visit_borrowed_str(text),
    }
}

impl<'de> Deserializer<'de> for Value<'de, '_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.visit(visitor).map_err(|wrong| wrong.at(self.at()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        // A key without a value is one that somebody forgot to finish.
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let read = match self.node.scalar() {
            Some(text) => {
                let text: StrDeserializer<'_, Wrong> = text.into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            None => self.visit(OneOf(variants)).map(|never| match never {}),
        };
        read.map_err(|wrong| wrong.at(self.at()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if name == PLACED {
            let origin = self.node.origin();
            return visitor.visit_seq(Parts {
                given: 0,
                origin,
                value: Some(self),
            });
        }
        // serde takes a list for the members in their order, too, which nobody means.
        match self.node.kind() {
            Kind::List => Err(de::Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.visit(visitor),
        }
        .map_err(|wrong: Wrong| wrong.at(self.at()))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

/// Refuses whatever is no text, where one of some words is expected.
struct OneOf(&'static [&'static str]);

enum Never {}

impl Visitor<'_> for OneOf {
    type Value = Never;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of `{}`", self.0.join("`, `"))
    }
}

struct Items<'de, 'c> {
    items: std::vec::IntoIter<Node<'de>>,
    list: Value<'de, 'c>,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Wrong> {
        let Some(node) = self.items.next() else {
            return Ok(None);
        };
        let item = self.list.inside(node);
        let read = seed.deserialize(item);
        read.map(Some).map_err(|wrong| wrong.at(item.at()))
    }
}

struct Entries<'de, 'c> {
    entries: std::vec::IntoIter<(&'de str, Origin, Node<'de>)>,
    /// The value of the key that was read last.
    value: Option<Node<'de>>,
    map: Value<'de, 'c>,
}

impl<'de> MapAccess<'de> for Entries<'de, '_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Wrong> {
        let Some((text, origin, value)) = self.entries.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        let key = Key { text, origin };
        let map = self.map.node.origin();
        let read = seed.deserialize(key);
        read.map(Some)
            .map_err(|wrong| wrong.at(At::Key(origin, map)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let node = self.value.take().unwrap_or(self.map.node);
        let value = self.map.inside(node);
        seed.deserialize(value)
            .map_err(|wrong| wrong.at(value.at()))
    }
}

/// A key: a text, however it is written.
struct Key<'de> {
    text: &'de str,
    origin: Origin,
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_borrowed_str(self.text)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match name {
            PLACED => visitor.visit_seq(Parts {
                given: 0,
                origin: self.origin,
                value: Some(self),
            }),
            _ => self.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

/// A place in two numbers, and the value that stands there.
struct Parts<D> {
    given: usize,
    origin: Origin,
    value: Option<D>,
}

impl<'de, D: Deserializer<'de, Error = Wrong>> SeqAccess<'de> for Parts<D> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Wrong> {
        self.given += 1;
        let number = match self.given {
            1 => self.origin.source.0,
            2 => self.origin.node,
            _ => {
                return self
                    .value
                    .take()
                    .map(|value| seed.deserialize(value))
                    .transpose();
            }
        };
        let number: U32Deserializer<Wrong> = number.into_deserializer();
        seed.deserialize(number).map(Some)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct(PLACED, &[], PlacedVisitor(PhantomData))
    }
}

struct PlacedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PlacedVisitor<T> {
    type Value = Placed<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with its place")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Placed<T>, A::Error> {
        let (source, node) = (parts.next_element()?, parts.next_element()?);
        let (Some(source), Some(node), Some(value)) = (source, node, parts.next_element()?) else {
            return Err(de::Error::custom("a value without its place"));
        };
        let source = SourceId(source);
        let origin = Origin { source, node };
        Ok(Placed { value, origin })
    }
}
