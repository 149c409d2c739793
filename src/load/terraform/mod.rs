//! Terraform's plans and states: what `terraform show -json` writes, OpenTofu's the same.
//!
//! In: documents of that format. Out: [`Declared`] resources in CloudFormation's types and shapes, so that nothing behind knows which
//! tool declares them. The types and their arguments are data: `rules/terraform.yaml`. Does not read the language itself, nor evaluate
//! expressions: what a plan does not tell is a symbol, linked where the configuration names the one attribute that it is.

mod address;
mod attribute;
mod document;
mod edit;
mod home;
mod instance;
mod owner;
mod part;
mod place;
mod plan;
mod reference;
mod removed;
mod shape;
mod table;
#[cfg(test)]
mod tests;
mod value;

use super::stack::Declared;
use super::{Settings, Warning};
use crate::graph::Symbols;
use crate::source::{Kind, Made, MadeValue, Node, Origin, Sources};
use attribute::Attributes;
use home::Homes;
use plan::{Instance, Plan};
use table::Type;

pub(super) use plan::recognise;

/// A plan or a state among the inputs.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// What reports call the file.
    pub(super) file: String,
    /// The document.
    pub(super) root: Origin,
}

/// What the plans among the inputs come to: resources, and what is dubious.
pub(super) fn declared(
    sources: &mut Sources,
    symbols: &mut Symbols,
    inputs: &[Input],
    settings: &Settings,
) -> (Vec<Declared>, Vec<Warning>) {
    let mut all = Vec::new();
    let mut warnings = Vec::new();
    for input in inputs {
        let texts = texts_to_open(&Plan::of(sources, &input.file, input.root));
        for text in texts {
            // One that is no JSON stays a text.
            let _ = sources.add_nested(text);
        }
        let plan = Plan::of(sources, &input.file, input.root);
        let homes = Homes::of(&plan, settings);
        let mut attributes = Attributes::new(sources, &plan, settings, &homes, symbols);
        let (mut found, dubious) = attributes.all();
        all.append(&mut found);
        warnings.extend(dubious);
    }
    (all, warnings)
}

/// Texts that hold JSON which is read here: container definitions, and documents that others are put together of.
fn texts_to_open(plan: &Plan<'_>) -> Vec<Origin> {
    let mut texts = Vec::new();
    let mut open = |node: Option<Node<'_>>| {
        let node = node.filter(|node| node.kind() == Kind::String);
        texts.extend(node.map(Node::origin));
    };
    for instance in &plan.instances {
        let Some(kind) = table::of(&instance.kind) else {
            continue;
        };
        let value = |argument: &str| instance.values.and_then(|all| all.get(argument));
        for argument in &kind.json {
            open(value(argument));
        }
        if instance.kind == "aws_iam_policy_document" {
            for argument in ["json", "source_json", "override_json"] {
                open(value(argument));
            }
            for argument in ["source_policy_documents", "override_policy_documents"] {
                let items = value(argument).map(Node::items);
                items
                    .unwrap_or_default()
                    .into_iter()
                    .map(Some)
                    .for_each(&mut open);
            }
        }
    }
    texts
}

impl<'a> Attributes<'_, 'a> {
    fn all(&mut self) -> (Vec<Declared>, Vec<Warning>) {
        let plan = self.plan;
        let mut all = Vec::new();
        let known = || {
            plan.instances
                .iter()
                .filter(|instance| instance.managed)
                .filter_map(|instance| Some((instance, table::of(&instance.kind)?)))
        };
        for (instance, kind) in known() {
            if let Some(cloudformation) = &kind.cloudformation {
                let declared = self.declare(instance, kind, cloudformation);
                all.push(declared);
            }
        }
        removed::take_away(plan, &mut all);
        let mut homeless = Vec::new();
        for (instance, kind) in known() {
            if let Some(into) = &kind.into
                && !self.join(instance, kind, into, &mut all)
            {
                homeless.push(instance);
            }
        }
        self.split(&mut all);
        self.prefer_own_policies(&mut all);
        (all, homeless_warning(plan, &homeless).into_iter().collect())
    }

    /// A resource as CloudFormation would declare it.
    fn declare(&mut self, instance: &Instance<'a>, kind: &Type, cloudformation: &str) -> Declared {
        let arguments = self.arguments(instance, Some(kind));
        let mut properties = shape::shape(kind, &arguments);
        if cloudformation == "AWS::CodePipeline::Pipeline" {
            shape::stores(&mut properties);
        }
        for argument in &kind.json {
            self.open_json(kind, argument, &mut properties);
        }
        let identity = self.identity(instance, kind);
        let known = super::declared::types::of(cloudformation);
        if let (Some(identity), Some(name)) =
            (&identity, known.and_then(|known| known.name.as_ref()))
            && properties.get(name).is_none()
            && let MadeValue::Map(members) = &mut properties.value
        {
            let at = instance.node.origin();
            members.push((name.clone(), at, Made::text(identity.name.clone(), at)));
        }
        let (physical, arn) = identity.map_or_else(
            || {
                (
                    instance.address.clone(),
                    instance.known("arn").map(str::to_owned),
                )
            },
            |identity| (identity.reference, identity.arn),
        );
        let address = instance.node.get("address").map(Node::origin);
        Declared {
            kind: cloudformation.to_owned(),
            home: self.home(instance),
            stack: self.plan.file.to_owned(),
            logical_id: instance.address.clone(),
            physical,
            arn,
            origin: instance.node.origin(),
            name_origin: address.unwrap_or_else(|| instance.node.origin()),
            properties,
            root: self.plan.root,
        }
    }

    /// Puts what a JSON text says in the place of the text.
    fn open_json(&self, kind: &Type, argument: &str, properties: &mut Made) {
        let table::Property::Path(property) = kind.property(argument) else {
            return;
        };
        let MadeValue::Map(members) = &mut properties.value else {
            return;
        };
        let text = members.iter_mut().find(|(key, _, _)| *key == *property);
        let Some((_, _, text)) = text.filter(|(_, _, made)| made.scalar().is_some()) else {
            return;
        };
        let nested = self.sources.nested_of(text.at);
        let root = nested.and_then(|nested| self.sources.roots(nested).first().copied());
        if let Some(root) = root {
            *text = shape::capitals(&self.sources.copy(root.origin()));
        }
    }
}

/// How many addresses one message holds.
const NAMED: usize = 5;

fn homeless_warning(plan: &Plan<'_>, homeless: &[&Instance<'_>]) -> Option<Warning> {
    let first = homeless.first()?;
    let names: Vec<String> = homeless
        .iter()
        .take(NAMED)
        .map(|instance| format!("`{}`", instance.address))
        .collect();
    let more = match homeless.len().saturating_sub(names.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(Warning {
        message: format!(
            "what {}{more} of `{}` belongs to is not in it, so it is left out",
            names.join(", "),
            plan.file
        ),
        help: Some("give the plan of what it belongs to one that holds both".to_owned()),
        origins: vec![first.node.origin()],
    })
}
