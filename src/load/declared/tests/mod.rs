//! Declared resources by hand, read to the end: what the graph then holds.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking"
)]

mod pipelines;
mod resources;
mod roles;

use super::*;
use crate::graph::{Fact, Graph, Pipeline, Role, Symbol, has_symbol};
use crate::load::LoadError;
use crate::load::facts::Facts;
use crate::load::reader::Reading;
use crate::source::Sources;

const TOOLS: &str = "111111111111";
const PROD: &str = "222222222222";

struct Stacks {
    sources: Sources,
    symbols: Symbols,
    declared: Vec<Declared>,
    stack: String,
}

struct Outcome {
    graph: Graph,
    symbols: Symbols,
    warnings: Vec<String>,
    errors: Vec<LoadError>,
}

impl Stacks {
    fn new() -> Self {
        Self {
            sources: Sources::new(),
            symbols: Symbols::default(),
            declared: Vec::new(),
            stack: "tools".to_owned(),
        }
    }

    /// The text of an unknown value.
    fn unknown(&mut self, name: &str) -> String {
        let symbol = self
            .symbols
            .unknown(&format!("parameter {name}"), || Symbol {
                name: name.to_owned(),
                what: format!("the parameter `{name}`"),
                supply: format!("add `--assume {name}=VALUE`"),
                origin: Origin::NOWHERE,
            });
        symbol.to_string()
    }

    fn declare(&mut self, account: &str, kind: &str, logical_id: &str, properties: &str) -> String {
        // A text that opens like JSON is read as JSON.
        let text = format!("# YAML\n{properties}");
        let source = self.sources.add("template.yaml", text.as_bytes()).unwrap();
        let root = self.sources.roots(source)[0].origin();
        let mut declared = Declared {
            kind: kind.to_owned(),
            home: Home {
                account: account.to_owned(),
                region: "eu-west-1".to_owned(),
                partition: "aws".to_owned(),
                stack: self.stack.clone(),
            },
            stack: self.stack.clone(),
            logical_id: logical_id.to_owned(),
            physical: String::new(),
            arn: None,
            origin: root,
            name_origin: root,
            properties: self.sources.copy(root),
            root,
        };
        if let Some(kind) = types::of(kind) {
            let known = identity(kind, &declared, &mut self.symbols);
            declared.physical = known.reference;
            declared.arn = known.arn;
        }
        let physical = declared.physical.clone();
        self.declared.push(declared);
        physical
    }

    fn read(mut self) -> Outcome {
        let mut warnings = Vec::new();
        let answers = answers(&self.declared, &mut self.symbols, &mut warnings);
        let (mut facts, mut errors) = (Facts::default(), Vec::new());
        for answer in answers {
            let document = self.sources.make(&answer.document);
            let mut reading = Reading {
                sources: &mut self.sources,
                hint: &answer.hint,
                facts: &mut facts,
                errors: &mut errors,
            };
            (answer.read)(&mut reading, document);
        }
        let (graph, more) = facts.finish();
        warnings.extend(more);
        Outcome {
            graph,
            symbols: self.symbols,
            warnings: warnings.into_iter().map(|one| one.message).collect(),
            errors,
        }
    }
}

impl Outcome {
    fn right(self) -> Self {
        assert_eq!(self.errors, []);
        self
    }

    fn role(&self, arn: &str) -> &Role {
        let known: Vec<&String> = self.graph.roles.keys().collect();
        self.graph
            .roles
            .get(arn)
            .unwrap_or_else(|| panic!("{arn} among {known:?}"))
    }

    fn pipeline(&self) -> &Pipeline {
        &self.graph.pipelines[0]
    }

    fn value(&self, arn: &str, path: &str) -> Option<&str> {
        let resource = &self.graph.resources[arn];
        resource.values.get(path).map(|value| value.text.as_str())
    }
}

fn names(role: &Role) -> Vec<&str> {
    let policies = role.inline.known().unwrap();
    policies
        .iter()
        .map(|policy| policy.name.as_deref().unwrap())
        .collect()
}

fn attached(role: &Role) -> Vec<&str> {
    let policies = role.attached.known().unwrap();
    policies.iter().map(|policy| policy.arn.as_str()).collect()
}

const TRUST: &str = "AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {Service: codepipeline.amazonaws.com}, Action: sts:AssumeRole}]}";
const DOCUMENT: &str = "PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}";
