//! Made trees: what the parts of a text come to once a template's functions are worked out.
//!
//! A made node is read like any other; its place is that of the node it was made from, so that a finding points at the template.

use std::ops::Range;

use super::build::{Builder, Extent};
use super::fault::Fault;
use super::text::Text;
use super::tree::{Content, NONE, Written};
use super::{Format, Kind, Origin, Source, Sources};

/// A value to be made, with the place that it speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it is.
    pub value: MadeValue,
    /// The node it was made from: what findings underline.
    pub at: Origin,
    /// Where the value itself is written, when that is elsewhere: the default of a parameter, what an alias stands for.
    pub also: Option<Origin>,
}

/// The value of a [`Made`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MadeValue {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Made>),
    /// A map; keys keep their order, and each has its own place.
    Map(Vec<(String, Origin, Made)>),
}

/// Where the nodes of a made tree come from, by their number.
#[derive(Debug, Default)]
pub(super) struct Sourcing {
    places: Vec<(Origin, Option<Origin>)>,
}

impl Made {
    /// A text that stands nowhere else.
    pub fn text(text: impl Into<String>, at: Origin) -> Self {
        Self {
            value: MadeValue::Text(text.into()),
            at,
            also: None,
        }
    }

    /// A map of members, each key at the place of its value.
    pub fn map(members: Vec<(&str, Self)>, at: Origin) -> Self {
        let members = members
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.at, value));
        Self {
            value: MadeValue::Map(members.collect()),
            at,
            also: None,
        }
    }

    /// A list.
    pub fn list(items: Vec<Self>, at: Origin) -> Self {
        Self {
            value: MadeValue::List(items),
            at,
            also: None,
        }
    }

    /// The text of a scalar, as written.
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            MadeValue::Number(text) | MadeValue::Text(text) => Some(text),
            MadeValue::Bool(true) => Some("true"),
            MadeValue::Bool(false) => Some("false"),
            MadeValue::Null | MadeValue::List(_) | MadeValue::Map(_) => None,
        }
    }

    /// The member of a map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let MadeValue::Map(members) = &self.value else {
            return None;
        };
        let is_it = |(name, _, _): &&(String, Origin, Self)| name == key;
        members.iter().find(is_it).map(|(_, _, value)| value)
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            MadeValue::List(items) => items,
            _ => &[],
        }
    }

    /// The members of a map; none for anything else.
    pub fn members(&self) -> &[(String, Origin, Self)] {
        match &self.value {
            MadeValue::Map(members) => members,
            _ => &[],
        }
    }
}

impl Sources {
    /// Keeps a made tree and gives its root. One nested deeper than texts may be ends there in nulls.
    pub fn make(&mut self, made: &Made) -> Origin {
        let mut text = String::new();
        let mut spans = Vec::new();
        lay_out(made, &mut text, &mut spans);
        let mut sourcing = Sourcing::default();
        let mut builder = Builder::lenient(&text, true);
        let mut spans = spans.into_iter();
        // Only a tree nested deeper than texts may be is refused; what was put until then stays.
        let _ = put(made, &mut builder, &mut spans, &mut sourcing);
        let tree = builder.finish();
        let source = self.keep(Source {
            name: String::new(),
            text: Text::new(text),
            tree,
            format: Format::Yaml,
            around: None,
            made: Some(sourcing),
        });
        Origin { source, node: 0 }
    }

    /// The node of a text that a made node speaks for; any other node speaks for itself.
    pub fn written(&self, mut origin: Origin) -> Origin {
        while let Some(made) = self
            .source(origin.source)
            .and_then(|source| source.made.as_ref())
        {
            let Some((place, _)) = made.places.get(origin.node as usize) else {
                break;
            };
            origin = *place;
        }
        origin
    }

    /// The string behind a made one, if it says the same: documents inside it then have places of their own.
    pub(super) fn unmade(&self, origin: Origin) -> Origin {
        let written = self.written(origin);
        let same = self.node(written).as_str() == self.node(origin).as_str();
        if same { written } else { origin }
    }

    /// Where the value of a made node is written, when that is not where it is used: what the [`Made`] says, or what a YAML
    /// alias stands for.
    pub fn defined(&self, origin: Origin) -> Option<Origin> {
        let Some(made) = self.source(origin.source)?.made.as_ref() else {
            return self.node(origin).aliased();
        };
        let (place, also) = made.places.get(origin.node as usize)?;
        let also = (*also).or_else(|| self.defined(*place));
        also.map(|also| self.written(also))
    }

    /// A copy of a node and all in it, to make something of.
    pub fn copy(&self, origin: Origin) -> Made {
        let node = self.node(origin);
        let value = match node.kind() {
            Kind::Null => MadeValue::Null,
            Kind::Bool => MadeValue::Bool(node.as_bool().unwrap_or_default()),
            Kind::Number => MadeValue::Number(node.scalar().unwrap_or_default().to_owned()),
            Kind::String => MadeValue::Text(node.as_str().unwrap_or_default().to_owned()),
            Kind::List => MadeValue::List(
                node.items()
                    .into_iter()
                    .map(|item| self.copy(item.origin()))
                    .collect(),
            ),
            Kind::Map => MadeValue::Map(
                node.entries()
                    .into_iter()
                    .map(|(key, place, value)| (key.to_owned(), place, self.copy(value.origin())))
                    .collect(),
            ),
        };
        Made {
            value,
            at: origin,
            also: None,
        }
    }
}

/// Writes all texts one behind the other, so that scalars are spans of a text as in any tree.
fn lay_out(made: &Made, text: &mut String, spans: &mut Vec<Range<usize>>) {
    let mut put = |piece: &str| {
        let start = text.len();
        text.push_str(piece);
        spans.push(start..text.len());
    };
    match &made.value {
        MadeValue::List(items) => {
            for item in items {
                lay_out(item, text, spans);
            }
        }
        MadeValue::Map(members) => {
            for (key, _, value) in members {
                let start = text.len();
                text.push_str(key);
                spans.push(start..text.len());
                lay_out(value, text, spans);
            }
        }
        _ => put(made.scalar().unwrap_or_default()),
    }
}

fn put(
    made: &Made,
    builder: &mut Builder<'_>,
    spans: &mut impl Iterator<Item = Range<usize>>,
    sourcing: &mut Sourcing,
) -> Result<(), Fault> {
    sourcing.places.push((made.at, made.also));
    let content = match &made.value {
        MadeValue::Null => Content::Null,
        MadeValue::Bool(value) => Content::Bool(*value),
        MadeValue::Number(_) => Content::Number,
        MadeValue::Text(_) => Content::String(Written::Plain),
        MadeValue::List(items) => {
            builder.begin(0, false, NONE)?;
            for item in items {
                put(item, builder, spans, sourcing)?;
            }
            return builder.end(None).map(|_: (u32, Extent)| ());
        }
        MadeValue::Map(members) => {
            builder.begin(0, true, NONE)?;
            for (key, place, value) in members {
                let span = spans.next().unwrap_or_default();
                sourcing.places.push((*place, None));
                let key_is = Content::String(Written::Plain);
                debug_assert!(span.len() == key.len(), "keys are laid out in order");
                builder.scalar(span.start, span.end, NONE, key_is)?;
                put(value, builder, spans, sourcing)?;
            }
            return builder.end(None).map(|_: (u32, Extent)| ());
        }
    };
    let span = spans.next().unwrap_or_default();
    builder.scalar(span.start, span.end, NONE, content)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `names: *a` beside a list that is a definition, and a policy inside a string.
    const TEXT: &str =
        "list: &a\n- one\n- two\nnames: *a\npolicy: '{\"Version\": \"2012-10-17\"}'\n";

    fn read() -> (Sources, Origin) {
        let mut sources = Sources::new();
        let source = sources.add("file.yaml", TEXT.as_bytes()).unwrap();
        let root = sources.roots(source)[0].origin();
        (sources, root)
    }

    #[test]
    fn a_copy_reads_like_the_original_and_stands_where_it_does() {
        let (mut sources, root) = read();
        let copy = sources.copy(root);
        let made = sources.make(&copy);
        let items = |origin| {
            let names = sources.node(origin).get("names").unwrap();
            names
                .items()
                .iter()
                .map(|item| item.as_str().unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(items(made), ["one", "two"]);
        let two = sources.node(made).get("list").unwrap().items()[1];
        assert_eq!(sources.place(two.origin()).start.line, 3);
        assert_eq!(
            sources.place(two.key_origin().unwrap_or(two.origin())).path,
            "list[1]"
        );
        assert_eq!(sources.name(made.source()), "file.yaml");
        assert_eq!(sources.text(made.source()), TEXT);
    }

    #[test]
    fn a_document_inside_a_copied_string_keeps_the_place_of_its_parts() {
        let (mut sources, root) = read();
        let copy = sources.copy(root);
        let made = sources.make(&copy);
        let policy = sources.node(made).get("policy").unwrap().origin();
        let nested = sources.add_nested(policy).unwrap();
        let version = sources.roots(nested)[0].get("Version").unwrap().origin();
        let place = sources.place(version);
        assert_eq!((place.start.line, place.start.column), (5, 22));
        assert_eq!(sources.nested_of(policy), Some(nested));
    }

    #[test]
    fn a_document_put_together_stands_where_it_was_put_together() {
        let (mut sources, root) = read();
        let names = sources.node(root).get("names").unwrap().origin();
        let mut document = Made::text("{\"Version\": \"2008-10-17\"}", names);
        document.also = sources.node(names).aliased();
        let made = sources.make(&Made::map(vec![("policy", document)], root));
        let policy = sources.node(made).get("policy").unwrap().origin();
        assert_eq!(
            sources.place(sources.defined(policy).unwrap()).start.line,
            2
        );
        let nested = sources.add_nested(policy).unwrap();
        let version = sources.roots(nested)[0].get("Version").unwrap().origin();
        assert_eq!(sources.place(version).start.line, 4);
        let broken = Made::text("{\"Version\": ", names);
        let broken = sources.make(&broken);
        let error = sources.add_nested(broken).unwrap_err();
        assert_eq!(error.position.unwrap().line, 4);
    }

    #[test]
    fn of_two_same_keys_the_later_counts() {
        let mut sources = Sources::new();
        let text = b"a: 1\nb: {x: 1, y: 2, x: 3}\na: 2\n";
        assert!(sources.add("file.yaml", text).is_err());
        let source = sources.add_lenient("file.yaml", text).unwrap();
        let root = sources.roots(source)[0];
        assert_eq!(root.get("a").unwrap().scalar(), Some("2"));
        assert_eq!(root.get("b").unwrap().get("x").unwrap().scalar(), Some("3"));
        assert_eq!(root.entries().len(), 2);
        let lines = |(first, again)| (sources.place(first).start, sources.place(again).start);
        let twice: Vec<_> = sources.duplicates(source).into_iter().map(lines).collect();
        assert_eq!(twice.len(), 2);
        assert_eq!((twice[1].0.line, twice[1].1.line), (1, 3));
    }
}
