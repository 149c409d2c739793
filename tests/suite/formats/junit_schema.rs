//! A check of JUnit reports against what an XML schema declares: elements, where they may stand, and their attributes.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element of a document.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) children: Vec<Self>,
    pub(super) text: String,
}

impl Element {
    /// The element and all inside it.
    pub(super) fn all(&self) -> Vec<&Self> {
        let inside = self.children.iter().flat_map(Self::all);
        std::iter::once(self).chain(inside).collect()
    }

    pub(super) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.all().into_iter().filter(move |one| one.name == name)
    }
}

/// A document's outermost element; a document that is not well-formed fails the test.
pub(super) fn parse(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => open.last_mut().unwrap().children.push(element(&start)),
            Event::End(_) => {
                let done = open.pop().unwrap();
                open.last_mut().unwrap().children.push(done);
            }
            Event::Text(text) => {
                open.last_mut().unwrap().text += &text;
            }
            Event::GeneralRef(name) => {
                let character = match &*name {
                    "lt" => "<",
                    "gt" => ">",
                    "amp" => "&",
                    "quot" => "\"",
                    "apos" => "'",
                    other => panic!("&{other};"),
                };
                open.last_mut().unwrap().text += character;
            }
            Event::Decl(_) | Event::Comment(_) => {}
            Event::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(open.len(), 1, "not all elements are closed");
    assert_eq!(open[0].children.len(), 1, "more than one outermost element");
    assert_eq!(open[0].text.trim(), "");
    open.remove(0).children.remove(0)
}

fn element(start: &BytesStart<'_>) -> Element {
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.unwrap();
        let key = attribute.key.as_ref().to_owned();
        let value = quick_xml::escape::unescape(&attribute.value).unwrap();
        (key, value.into_owned())
    });
    Element {
        attributes: attributes.collect(),
        name: start.name().as_ref().to_owned(),
        ..Element::default()
    }
}

/// What a schema says of an element.
#[derive(Debug, Default)]
struct Declared {
    /// By name, whether it has to be there.
    attributes: BTreeMap<String, bool>,
    children: BTreeSet<String>,
}

/// Everything in a document that its schema does not declare.
pub(super) fn faults(schema: &str, document: &Element) -> Vec<String> {
    let schema = parse(schema);
    let declared: BTreeMap<&str, Declared> = schema
        .children
        .iter()
        .filter(|child| child.name == "xs:element")
        .map(|child| (child.attributes["name"].as_str(), declaration(child)))
        .collect();
    let mut faults = Vec::new();
    for element in document.all() {
        let Some(known) = declared.get(element.name.as_str()) else {
            faults.push(format!("<{}> is not declared", element.name));
            continue;
        };
        for name in element.attributes.keys() {
            if !known.attributes.contains_key(name) {
                faults.push(format!("<{} {name}=> is not declared", element.name));
            }
        }
        for (name, _) in known.attributes.iter().filter(|(_, required)| **required) {
            if !element.attributes.contains_key(name) {
                faults.push(format!("<{}> has no {name}", element.name));
            }
        }
        for child in &element.children {
            if !known.children.contains(&child.name) {
                faults.push(format!("<{}> in <{}>", child.name, element.name));
            }
        }
    }
    faults
}

fn declaration(element: &Element) -> Declared {
    let mut declared = Declared::default();
    for part in element.all() {
        let attribute = |name: &str| part.attributes.get(name).cloned();
        match part.name.as_str() {
            "xs:attribute" => {
                let required = attribute("use").as_deref() == Some("required");
                declared
                    .attributes
                    .insert(attribute("name").unwrap(), required);
            }
            "xs:element" => declared.children.extend(attribute("ref")),
            _ => {}
        }
    }
    declared
}
