//! Whom a resource belongs to: the role of an attachment, the bucket of a policy.

use super::attribute::Attributes;
use super::plan::Instance;
use super::reference::{self, Scope, Target};
use super::table::{self, Belongs};
use crate::source::{Kind, Node};

impl<'p, 'a> Attributes<'p, 'a> {
    /// The resources of the plan that this one belongs to.
    pub(super) fn owners(&self, instance: &Instance<'a>) -> Vec<&'p Instance<'a>> {
        let Some(belongs) = table::of(&instance.kind).and_then(|kind| kind.of.as_ref()) else {
            return Vec::new();
        };
        let value = instance
            .values
            .and_then(|all| all.get(&belongs.argument))
            .filter(|node| !node.is_null());
        let Some(value) = value else {
            let mut owners = self.referred(instance, belongs);
            if owners.is_empty() && !instance.is_unknown(&belongs.argument) {
                let default = belongs.default.as_deref();
                owners.extend(default.and_then(|name| self.named(instance, belongs, name)));
            }
            return owners;
        };
        match value.kind() {
            Kind::List => {
                let names = value.items().into_iter().map(Node::scalar);
                let named = names.map(|name| self.named(instance, belongs, name?));
                // One that is not known yet is among those referred to.
                let all: Option<Vec<_>> = named.collect();
                all.unwrap_or_else(|| self.referred(instance, belongs))
            }
            _ => {
                let name = value.scalar();
                let named = name.and_then(|name| self.named(instance, belongs, name));
                // The name of the one referred to may be less known than what is said of it.
                named.map_or_else(|| self.referred(instance, belongs), |one| vec![one])
            }
        }
    }

    /// The resources that the configuration refers to.
    fn referred(&self, instance: &Instance<'a>, belongs: &Belongs) -> Vec<&'p Instance<'a>> {
        let expressions = instance.expressions;
        let Some(expression) = expressions.and_then(|all| all.get(&belongs.argument)) else {
            return Vec::new();
        };
        let scope = Scope::of(instance, expression);
        let wanted = belongs.types.first().map(String::as_str);
        let mut referred: Vec<&'p Instance<'a>> = Vec::new();
        for text in reference::specific(expression) {
            let target = reference::reference(self.plan, text, wanted, scope);
            if let Some(Target::Attribute(other, _)) = target
                && belongs.types.contains(&other.kind)
                && referred.iter().all(|one| one.address != other.address)
            {
                referred.push(other);
            }
        }
        referred
    }

    /// The one resource of that name. Of several, in as many accounts, it is the one of the same provider, or that it depends on.
    fn named(
        &self,
        instance: &Instance<'a>,
        belongs: &Belongs,
        name: &str,
    ) -> Option<&'p Instance<'a>> {
        let beside = |instance: &Instance<'a>| {
            let argument = belongs.beside.as_deref();
            let told = argument.and_then(|argument| instance.known(argument));
            told.filter(|told| *told != "default").map(str::to_owned)
        };
        let mut found: Vec<&'p Instance<'a>> = self
            .plan
            .named(name)
            .filter(|other| belongs.types.contains(&other.kind))
            .filter(|other| beside(other) == beside(instance))
            .collect();
        if found.len() > 1 {
            let referred = self.referred(instance, belongs);
            let addresses: Vec<&str> = referred.iter().map(|other| &*other.address).collect();
            let tests: [&dyn Fn(&Instance<'a>) -> bool; 3] = [
                &|other| addresses.contains(&other.address.as_str()),
                &|other| other.provider.is_some() && other.provider == instance.provider,
                &|other| {
                    let address = super::address::plain(&other.address);
                    let depends = &instance.depends_on;
                    depends
                        .iter()
                        .any(|text| super::address::plain(text) == address)
                },
            ];
            for test in tests {
                let fitting: Vec<_> = found.iter().copied().filter(|other| test(other)).collect();
                if !fitting.is_empty() {
                    found = fitting;
                }
            }
        }
        match found.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }
}
