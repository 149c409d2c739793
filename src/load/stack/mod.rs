//! Templates and where they live: a template, an account, a Region and parameters make a stack.
//!
//! In: the templates among the inputs, what `--stack`, a CDK manifest or nothing at all says of their homes, and parameter files.
//! Out: [`Declared`] resources whose properties are worked out, each value with its place in the template.
//! Does not know what a resource becomes: `declared` does.

pub(super) mod cdk;
mod homes;
pub(super) mod parameters;
mod sam;
pub(super) mod secrets;
mod template;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub(super) use homes::{stacks, superfluous};
pub(super) use template::nested_files;

use super::{Settings, Warning};
use crate::graph::{SwitchedOff, Symbols};
use crate::source::{Kind, Made, Node, Origin, Sources};

/// A template among the inputs.
#[derive(Debug, Clone)]
pub(super) struct Template {
    /// Its path, by which stacks refer to it.
    pub(super) path: PathBuf,
    /// What reports call the file.
    pub(super) file: String,
    /// The document.
    pub(super) root: Origin,
}

/// Where resources live. Each part is a text that may be a symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home {
    /// Twelve digits, or the symbol of an account that nobody named.
    pub(super) account: String,
    /// The Region, or the symbol of one that nobody named.
    pub(super) region: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub(super) partition: String,
    /// The stack's name, or the symbol of one that nobody gave: generated names begin with it.
    pub(super) stack: String,
}

/// A value for a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Supplied {
    /// The value; of lists joined by commas, as CloudFormation takes them.
    pub(super) value: String,
    /// Where it is written; [`Origin::NOWHERE`] for one of the command line.
    pub(super) origin: Origin,
}

/// A template with its home and the values given for its parameters.
#[derive(Debug, Clone)]
pub(super) struct Stack {
    /// What people know it by: its name, else the template's file.
    pub(super) title: String,
    /// The template.
    pub(super) template: Template,
    /// Where it lives.
    pub(super) home: Home,
    /// Values by parameter.
    pub(super) parameters: BTreeMap<String, Supplied>,
}

/// One resource as a template declares it.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    /// Its type as CloudFormation calls it, whatever tool declares it: `AWS::IAM::Role`.
    pub(super) kind: String,
    /// Where it lives.
    pub(super) home: Home,
    /// The stack's [`Stack::title`].
    pub(super) stack: String,
    /// Its logical id, or the tool's address of it.
    pub(super) logical_id: String,
    /// Its name as CloudFormation knows it (what `Ref` gives, or for keys the key id); it may hold symbols.
    pub(super) physical: String,
    /// Its ARN, of types that have one; it may hold symbols.
    pub(super) arn: Option<String>,
    /// The resource in the template.
    pub(super) origin: Origin,
    /// Its logical id's place: what to underline when nothing nearer is to blame.
    pub(super) name_origin: Origin,
    /// Its properties, worked out, in the shape of CloudFormation's documentation. What is left out by a condition is not there;
    /// what cannot be resolved is a text with symbols in it, or one symbol alone for a whole list or map.
    pub(super) properties: Made,
    /// Which template among the inputs declares it, by [`Template::root`]: facts count in the order of the inputs.
    pub(super) root: Origin,
}

/// What the templates among the inputs come to.
#[derive(Debug, Default)]
pub(super) struct World {
    /// The resources of all stacks, in the order of the stacks and of each template.
    pub(super) declared: Vec<Declared>,
    /// What conditions leave out.
    pub(super) switched_off: Vec<SwitchedOff>,
    /// What is dubious about the templates.
    pub(super) warnings: Vec<Warning>,
}

/// Whether a document is a CloudFormation or SAM template.
pub(super) fn recognise(document: Node<'_>) -> bool {
    let version = document.get("AWSTemplateFormatVersion").is_some();
    let typed = |resources: Node<'_>| {
        let entries = resources.entries();
        let has_type = |(_, _, resource): &(&str, Origin, Node<'_>)| {
            resource
                .get("Type")
                .and_then(Node::as_str)
                .is_some_and(|kind| kind.contains("::"))
        };
        entries.iter().any(has_type)
    };
    let resources = document
        .get("Resources")
        .filter(|resources| resources.kind() == Kind::Map);
    resources.is_some_and(|resources| version || typed(resources))
}

/// Works out the resources of all stacks together: what one exports another imports.
pub(super) fn evaluate(
    sources: &mut Sources,
    symbols: &mut Symbols,
    stacks: &[Stack],
    settings: &Settings,
) -> World {
    template::evaluate(sources, symbols, stacks, settings)
}
