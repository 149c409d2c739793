//! Parameter Store: values that templates put there, for those of the same account and Region that read them.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html>

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Evaluation;
use super::scope::{Place, Scope};
use crate::graph::{Symbol, has_symbol};

/// Where the values of Parameter Store are declared, by account, Region and name.
pub(super) type Stored = BTreeMap<(String, String, String), Kept>;

/// Who puts a value there.
pub(super) enum Kept {
    /// The stack, by its number, and the logical id.
    Once(usize, Rc<str>),
    /// Several do, and nobody knows who came last.
    Often,
}

impl<'s> Evaluation<'s> {
    /// The value of a parameter of Parameter Store: what was assumed of it, what a template puts there, else a symbol.
    pub(super) fn stored(&mut self, parameter: &str, place: Place, scope: Scope<'_>) -> String {
        // A version, as in `/path:3`, is a number.
        let path = match parameter.rsplit_once(':') {
            Some((path, version)) if version.bytes().all(|byte| byte.is_ascii_digit()) => path,
            _ => parameter,
        };
        let assumed = self.settings.assumed.iter().rev().find(|(name, _)| {
            let name = name.strip_prefix("ssm:");
            name == Some(path) || name == Some(parameter)
        });
        if let Some((_, value)) = assumed {
            return value.clone();
        }
        // Which value an earlier version had, no template tells.
        if path == parameter
            && let Some(value) = self.declared_value(path, scope)
        {
            return value;
        }
        let (account, region) = self.whereabouts(scope);
        let shown = self.symbols.shown(path).into_owned();
        self.unknown(&format!("ssm {account} {region} {parameter}"), || Symbol {
            name: shown.clone(),
            what: format!("the SSM parameter `{shown}`"),
            supply: format!("add `--assume ssm:{shown}=VALUE`"),
            origin: place.at,
        })
    }

    /// The value that a template of the same account and Region declares.
    fn declared_value(&mut self, path: &str, scope: Scope<'_>) -> Option<String> {
        let (account, region) = self.whereabouts(scope);
        let key = (account, region, path.to_owned());
        let Kept::Once(stack, id) = self.stored.get(&key)? else {
            return None;
        };
        let (stack, id) = (*stack, Rc::clone(id));
        let entry = self.entry(stack, &id)?;
        let value = entry.properties?.get("Value")?;
        let scope = Scope {
            bound: &entry.bound,
            ..Scope::of(stack)
        };
        let revealing = std::mem::take(&mut self.revealing);
        let value = self.scalar(value, scope);
        self.revealing = revealing;
        value
    }

    /// Collects what templates put into Parameter Store.
    pub(super) fn collect_stored(&mut self) {
        let mut stored = Stored::new();
        for stack in 0..self.stacks.len() {
            let Some(live) = self.stacks.get(stack).filter(|live| !live.dropped) else {
                continue;
            };
            let home = live.stack.home.clone();
            if has_symbol(&home.account) || has_symbol(&home.region) {
                continue;
            }
            let parameters: Vec<_> = live
                .resources
                .iter()
                .filter(|entry| entry.kind == "AWS::SSM::Parameter")
                .cloned()
                .collect();
            for entry in parameters {
                let scope = Scope {
                    bound: &entry.bound,
                    ..Scope::of(stack)
                };
                let name = entry
                    .properties
                    .and_then(|properties| properties.get("Name"));
                let Some(name) = name.and_then(|name| self.scalar(name, scope)) else {
                    continue;
                };
                if self.is_left_out(stack, &entry) {
                    continue;
                }
                let key = (home.account.clone(), home.region.clone(), name);
                let kept = Kept::Once(stack, Rc::clone(&entry.name));
                stored
                    .entry(key)
                    .and_modify(|kept| *kept = Kept::Often)
                    .or_insert(kept);
            }
        }
        self.stored = stored;
    }
}
