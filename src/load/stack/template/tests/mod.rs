//! Each function against what its documentation says it comes to.

mod conditions;
mod functions;
mod stacks;
mod trouble;

use std::path::PathBuf;

use super::shape::json;
use crate::graph::Symbols;
use crate::load::Settings;
use crate::load::stack::{Declared, Home, Stack, Supplied, Template, World, evaluate};
use crate::source::{Made, Origin, Sources};

/// Templates, made into stacks of one account and Region.
#[derive(Default)]
pub(super) struct Bench {
    pub(super) sources: Sources,
    pub(super) symbols: Symbols,
    pub(super) stacks: Vec<Stack>,
    settings: Settings,
}

impl Bench {
    fn of(template: &str) -> Self {
        let mut bench = Self::default();
        bench.stack("demo", template);
        bench
    }

    fn stack(&mut self, name: &str, template: &str) -> &mut Stack {
        let file = format!("{name}.yaml");
        let source = self
            .sources
            .add_lenient(&file, template.as_bytes())
            .unwrap();
        let root = self.sources.roots(source)[0].origin();
        self.add(name, PathBuf::from(format!("templates/{file}")), root)
    }

    /// The same of a text that is parsed already.
    pub(super) fn add(&mut self, name: &str, path: PathBuf, root: Origin) -> &mut Stack {
        let file = path.to_string_lossy().into_owned();
        self.stacks.push(Stack {
            title: name.to_owned(),
            template: Template { path, file, root },
            home: Home {
                account: "111111111111".to_owned(),
                region: "eu-west-1".to_owned(),
                partition: "aws".to_owned(),
                stack: name.to_owned(),
            },
            parameters: [].into(),
        });
        self.stacks.last_mut().unwrap()
    }

    fn supply(mut self, name: &str, value: &str) -> Self {
        let supplied = Supplied {
            value: value.to_owned(),
            origin: Origin::NOWHERE,
        };
        let stack = self.stacks.last_mut().unwrap();
        stack.parameters.insert(name.to_owned(), supplied);
        self
    }

    fn assume(mut self, name: &str, value: &str) -> Self {
        self.settings
            .assumed
            .push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn run(&mut self) -> World {
        evaluate(
            &mut self.sources,
            &mut self.symbols,
            &self.stacks,
            &self.settings,
        )
    }

    fn shown(&self, made: &Made) -> String {
        self.symbols.shown(&json(made).to_string()).into_owned()
    }
}

fn declared<'w>(world: &'w World, id: &str) -> &'w Declared {
    let found = world
        .declared
        .iter()
        .find(|declared| declared.logical_id == id);
    found.unwrap_or_else(|| panic!("`{id}` is not declared"))
}

/// What the property `P` of the resource `R` comes to, by the side of what else the template has.
fn property_with(rest: &str, value: &str) -> (String, Vec<String>) {
    let template = format!(
        "{rest}\nResources:\n  R:\n    Type: Custom::Any\n    Properties:\n      P: {value}\n"
    );
    let mut bench = Bench::of(&template);
    let world = bench.run();
    let properties = &declared(&world, "R").properties;
    let shown = properties.get("P").map(|made| bench.shown(made));
    (shown.unwrap_or_default(), messages(&world))
}

fn property(rest: &str, value: &str) -> String {
    let (shown, warnings) = property_with(rest, value);
    assert_eq!(warnings, Vec::<String>::new(), "{value}");
    shown
}

fn messages(world: &World) -> Vec<String> {
    world
        .warnings
        .iter()
        .map(|warning| warning.message.clone())
        .collect()
}
