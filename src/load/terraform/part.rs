//! Resources of Terraform that to AWS are parts of others, and parts that to CloudFormation are resources.

use std::collections::BTreeSet;

use super::attribute::Attributes;
use super::edit::{drop_policies, set, take};
use super::plan::Instance;
use super::removed;
use super::table::{self, Part, Property, Split, Type};
use crate::load::stack::Declared;
use crate::source::{Made, Node};

impl<'p, 'a> Attributes<'p, 'a> {
    /// Puts a part to the resource that it belongs to; whether there is one.
    pub(super) fn join(
        &mut self,
        instance: &Instance<'a>,
        kind: &Type,
        into: &Part,
        all: &mut Vec<Declared>,
    ) -> bool {
        let arguments = self.arguments(instance, Some(kind));
        let value = match &into.take {
            Some(argument) => arguments.get(argument).cloned(),
            None => Some(without_owner(kind, super::shape::shape(kind, &arguments))),
        };
        let Some(value) = value else {
            return true;
        };
        let mut owners: Vec<&str> = Vec::new();
        for owner in self.owners(instance) {
            owners.push(&owner.address);
        }
        if owners.is_empty() && into.several && self.is_open(instance, kind) {
            owners = self.candidates(instance, kind);
        }
        let mut found = false;
        for declared in all.iter_mut() {
            if owners.contains(&declared.logical_id.as_str()) {
                found = true;
                let properties = &mut declared.properties;
                set(properties, &into.property, &value, into.several);
            }
        }
        if found {
            return true;
        }
        if let (Some(otherwise), Some(of)) = (&into.otherwise, &kind.of) {
            let name = arguments.get(&of.argument).cloned();
            let default = || of.default.clone().map(|name| Made::text(name, value.at));
            if let Some(name) = name.or_else(default) {
                let mut declared = self.declare(instance, kind, &otherwise.cloudformation);
                let physical = name.scalar().unwrap_or_default().to_owned();
                let at = declared.origin;
                declared.arn = crate::load::declared::types::of(&otherwise.cloudformation)
                    .and_then(|known| {
                        let named = crate::load::declared::types::Named {
                            home: &declared.home,
                            logical_id: &instance.address,
                            origin: at,
                        };
                        let property =
                            |asked: &str| (asked == otherwise.name).then(|| physical.clone());
                        known.identity(&named, self.symbols, &property).arn
                    });
                declared.physical = physical;
                let members = vec![(otherwise.name.as_str(), name), (&into.property, value)];
                declared.properties = Made::map(members, at);
                all.push(declared);
                return true;
            }
        }
        self.attach_to_policy(instance, &arguments, all)
    }

    /// Whether nobody knows before the apply what a part belongs to.
    fn is_open(&self, instance: &Instance<'a>, kind: &Type) -> bool {
        let argument = kind.of.as_ref().map(|of| of.argument.as_str());
        argument.is_some_and(|argument| instance.is_unknown(argument))
    }

    /// All that a part may belong to of which nobody knows: those of its provider. None of them must be told to lack it.
    fn candidates(&self, instance: &Instance<'a>, kind: &Type) -> Vec<&str> {
        let plan = self.plan;
        let types = kind.of.iter().flat_map(|of| &of.types);
        let types: Vec<&String> = types.collect();
        plan.instances
            .iter()
            .filter(|other| other.managed && types.contains(&&other.kind))
            .filter(|other| other.provider == instance.provider)
            .map(|other| other.address.as_str())
            .collect()
    }

    /// An attachment to a role that is not in the plan: the policy then says whom it hangs on.
    fn attach_to_policy(
        &self,
        instance: &Instance<'a>,
        arguments: &Made,
        all: &mut [Declared],
    ) -> bool {
        let policy = arguments.get("policy_arn").and_then(Made::scalar);
        let role = arguments.get("role").or_else(|| arguments.get("roles"));
        let (Some(policy), Some(role)) = (policy, role) else {
            return false;
        };
        let declared = all.iter_mut().find(|declared| {
            declared.kind == "AWS::IAM::ManagedPolicy" && declared.arn.as_deref() == Some(policy)
        });
        let Some(declared) = declared else {
            return instance.kind == "aws_iam_policy_attachment" && role.items().is_empty();
        };
        set(&mut declared.properties, "Roles", role, true);
        true
    }

    /// Arguments that are resources of their own to CloudFormation.
    pub(super) fn split(&mut self, all: &mut Vec<Declared>) {
        let replaced = self.replaced();
        let mut more = Vec::new();
        for declared in all.iter_mut() {
            let Some(instance) = self.plan.instance(&declared.logical_id) else {
                continue;
            };
            let Some(split) = table::of(&instance.kind).and_then(|kind| kind.split.as_ref()) else {
                continue;
            };
            let Some(value) = take(&mut declared.properties, &table::pascal(&split.argument))
            else {
                continue;
            };
            let own = (split.unless.as_str(), declared.logical_id.as_str());
            if !replaced.contains(&own) {
                more.push(on_its_own(declared, split, value));
            }
        }
        all.append(&mut more);
    }

    /// Which types are there, or taken away, for which resources.
    fn replaced(&self) -> BTreeSet<(&'a str, &'p str)> {
        let mut replaced = BTreeSet::new();
        for other in self.plan.instances.iter().filter(|other| other.managed) {
            let Some(kind) = other.node.get("type").and_then(Node::as_str) else {
                continue;
            };
            for owner in self.owners(other) {
                replaced.insert((kind, owner.address.as_str()));
            }
        }
        for (kind, before) in &self.plan.removed {
            for owner in removed::owners(self.plan, kind, *before) {
                replaced.insert((*kind, owner.address.as_str()));
            }
        }
        replaced
    }

    /// Policies that a role repeats, since the provider reads them back, and that have a resource of their own.
    pub(super) fn prefer_own_policies(&self, all: &mut [Declared]) {
        let own: Vec<(&str, String)> = self
            .plan
            .instances
            .iter()
            .filter(|instance| instance.managed && instance.kind == "aws_iam_role_policy")
            .flat_map(|instance| {
                let name = instance.known("name").map(str::to_owned);
                let owners = self.owners(instance).into_iter();
                owners.filter_map(move |owner| Some((owner.address.as_str(), name.clone()?)))
            })
            .collect();
        for declared in all.iter_mut() {
            let address = declared.logical_id.as_str();
            let names = own.iter().filter(|(owner, _)| *owner == address);
            let names: Vec<&str> = names.map(|(_, name)| name.as_str()).collect();
            if !names.is_empty() {
                drop_policies(&mut declared.properties, |name| names.contains(&name));
            }
        }
    }
}

/// What a resource says, but for whom it belongs to.
fn without_owner(kind: &Type, mut properties: Made) -> Made {
    let argument = kind.of.as_ref().map(|of| kind.property(&of.argument));
    if let Some(Property::Path(property)) = argument {
        take(&mut properties, &property);
    }
    properties
}

fn on_its_own(declared: &Declared, split: &Split, value: Made) -> Declared {
    let at = declared.origin;
    let arn = declared.arn.clone().filter(|_| split.arn);
    let name = Made::text(arn.unwrap_or_else(|| declared.physical.clone()), at);
    let name = if split.several {
        Made::list(vec![name], at)
    } else {
        name
    };
    Declared {
        kind: split.cloudformation.clone(),
        logical_id: format!("{}.{}", declared.logical_id, split.argument),
        physical: format!("{}.{}", declared.logical_id, split.argument),
        arn: None,
        properties: Made::map(vec![(&split.name, name), (&split.value, value)], at),
        ..declared.clone()
    }
}
