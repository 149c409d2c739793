//! Attributes of resources: as a plan tells them, else made of the names that it tells, else symbols.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::home::Homes;
use super::plan::{Instance, Plan};
use super::table::{self, Made as MadeOf, Type};
use crate::graph::{Symbol, Symbols};
use crate::load::Settings;
use crate::load::declared::types::{self, Identity, Named};
use crate::load::stack::Home;
use crate::source::{Origin, Sources};

/// What reads the values of one plan.
pub(super) struct Attributes<'p, 'a> {
    pub(super) sources: &'a Sources,
    pub(super) plan: &'p Plan<'a>,
    pub(super) settings: &'p Settings,
    pub(super) homes: &'p Homes,
    pub(super) symbols: &'p mut Symbols,
    /// How many resources stand behind each other.
    depth: usize,
    /// Documents on the way that is being walked.
    pub(super) documents: usize,
}

/// Names that hang on each other deeper than this hang on each other in a circle.
const DEEPEST: usize = 16;

impl<'p, 'a> Attributes<'p, 'a> {
    /// Begins to read.
    pub(super) fn new(
        sources: &'a Sources,
        plan: &'p Plan<'a>,
        settings: &'p Settings,
        homes: &'p Homes,
        symbols: &'p mut Symbols,
    ) -> Self {
        Self {
            sources,
            plan,
            settings,
            homes,
            symbols,
            depth: 0,
            documents: 0,
        }
    }

    /// Where a resource lives.
    pub(super) fn home(&mut self, instance: &Instance<'a>) -> Home {
        let beside = if self.plan.is_state {
            let owners = self.owners(instance);
            owners.first().map(|owner| {
                self.homes
                    .home(self.plan, owner, self.settings, None, self.symbols)
            })
        } else {
            None
        };
        self.homes.home(
            self.plan,
            instance,
            self.settings,
            beside.as_ref(),
            self.symbols,
        )
    }

    /// The text of an attribute; a symbol of its own where nothing tells it.
    pub(super) fn attribute(&mut self, instance: &Instance<'a>, attribute: &str) -> Option<String> {
        if let Some(known) = instance.known(attribute) {
            return Some(known.to_owned());
        }
        let kind = table::of(&instance.kind);
        let made = kind.and_then(|kind| self.made(instance, kind, attribute));
        if made.is_some() {
            return made;
        }
        if self.depth < DEEPEST {
            self.depth += 1;
            let written = self.argument(instance, kind, attribute);
            self.depth -= 1;
            if let Some(text) = written.as_ref().and_then(crate::source::Made::scalar) {
                return Some(text.to_owned());
            }
        }
        Some(self.later(&instance.address, attribute, instance.node.origin()))
    }

    /// An attribute that is made of the resource's name.
    fn made(&mut self, instance: &Instance<'a>, kind: &Type, attribute: &str) -> Option<String> {
        let of = kind.attribute(attribute).or_else(|| {
            let known = types::of(kind.cloudformation.as_deref()?)?;
            let name = kind.argument(known.name.as_deref()?);
            (name == attribute).then_some(MadeOf::Name)
        })?;
        if self.depth >= DEEPEST {
            return None;
        }
        self.depth += 1;
        let identity = self.identity(instance, kind);
        self.depth -= 1;
        match of {
            MadeOf::Name => Some(identity?.name),
            MadeOf::Arn => identity?.arn,
            MadeOf::Generated => {
                let home = self.home(instance);
                let named = named(&home, instance);
                Some(types::generated(self.symbols, &named, attribute))
            }
        }
    }

    /// What a resource is called, by the table of CloudFormation's types.
    pub(super) fn identity(&mut self, instance: &Instance<'a>, kind: &Type) -> Option<Identity> {
        let known = types::of(kind.cloudformation.as_deref()?)?;
        let home = self.home(instance);
        let named = named(&home, instance);
        let mut properties: BTreeMap<String, String> = BTreeMap::new();
        for property in asked(known, &named) {
            let argument = kind.argument(&property);
            let made = self.argument(instance, Some(kind), &argument);
            let text = made.as_ref().and_then(crate::source::Made::scalar);
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                properties.insert(property, text.to_owned());
            }
        }
        if let Some(name) = &known.name
            && !properties.contains_key(name)
        {
            // Terraform's own random names, not CloudFormation's.
            let prefix = instance
                .known("name_prefix")
                .or_else(|| instance.known("bucket_prefix"));
            let random = types::generated(self.symbols, &named, "");
            let made_up = format!("{}{random}", prefix.unwrap_or_default());
            properties.insert(name.clone(), made_up);
        }
        let property = |name: &str| properties.get(name).cloned();
        let mut identity = known.identity(&named, self.symbols, &property);
        if let Some(id) = instance.known("key_id").filter(|_| known.name.is_none()) {
            id.clone_into(&mut identity.name);
            id.clone_into(&mut identity.reference);
            let arn = identity.arn.as_deref().and_then(|arn| arn.rsplit_once('/'));
            identity.arn = arn.map(|(before, _)| format!("{before}/{id}"));
        }
        // What is told needs no making; only a resource's own ARN is one of its attributes.
        if let Some(arn) = instance.known("arn") {
            identity.arn = Some(arn.to_owned());
        }
        Some(identity)
    }

    /// An ARN that a text begins with, and whether the text can be nothing but it.
    pub(super) fn whole_or_beginning(
        &mut self,
        instance: &Instance<'a>,
        attribute: &str,
    ) -> Option<(String, bool)> {
        if attribute != "arn" {
            return None;
        }
        let whole = table::of(&instance.kind).is_some_and(|kind| kind.whole);
        Some((self.attribute(instance, "arn")?, whole))
    }

    /// The symbol of a value that is known after the apply only.
    pub(super) fn later(&mut self, address: &str, attribute: &str, origin: Origin) -> String {
        let file = self.plan.file;
        let name = format!("{address}.{attribute}");
        let symbol = self
            .symbols
            .unknown(&format!("attribute {file} {name}"), || Symbol {
                name: name.clone(),
                what: format!("the value of `{name}` of `{file}`, which is known after the apply"),
                supply: "apply, and give what `terraform show -json` tells then".to_owned(),
                origin,
            });
        symbol.to_string()
    }

    /// The symbol of what a configuration names, and a plan does not tell: a local value, an output of a module.
    pub(super) fn open(&mut self, key: &str, origin: Origin) -> String {
        let file = self.plan.file;
        let symbol = self.symbols.unknown(&format!("{file} {key}"), || Symbol {
            name: key.to_owned(),
            what: format!("the value of `{key}` of `{file}`, which is known after the apply"),
            supply: "apply, and give what `terraform show -json` tells then".to_owned(),
            origin,
        });
        symbol.to_string()
    }
}

/// A resource as the table of names wants it.
fn named<'h>(home: &'h Home, instance: &'h Instance<'_>) -> Named<'h> {
    Named {
        home,
        logical_id: &instance.address,
        origin: instance.node.origin(),
    }
}

/// Which properties the names of a type are made of: those that the table asks for.
fn asked(known: &types::Type, named: &Named<'_>) -> Vec<String> {
    let asked = RefCell::new(BTreeSet::new());
    let listen = |property: &str| {
        asked.borrow_mut().insert(property.to_owned());
        // A name is there, so that none is made up.
        (Some(property) == known.name.as_deref()).then(|| property.to_owned())
    };
    known.identity(named, &mut Symbols::default(), &listen);
    asked.into_inner().into_iter().collect()
}
