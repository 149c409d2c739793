//! Where resources live: each provider of the configuration stands for an account and a Region.
//!
//! In: what the user says of aliases, what the plan tells of its providers, and the ARNs in it. Out: a [`Home`] for each resource.
//! Configuration of the provider: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Instance, Plan};
use super::reference::{self, Scope, Target};
use crate::graph::{Arn, Symbol, Symbols};
use crate::load::Settings;
use crate::load::hint::{is_account, partition_of};
use crate::load::stack::Home;
use crate::source::Node;

/// What is known of the providers of a plan.
#[derive(Debug, Default)]
pub(super) struct Homes {
    accounts: BTreeMap<String, String>,
    regions: BTreeMap<String, String>,
    partition: Option<String>,
    /// The account, if all ARNs of a state name the same.
    only: Option<String>,
    /// The Region, if all ARNs of a state name the same.
    only_region: Option<String>,
}

/// What the resources of one provider tell about it.
#[derive(Debug, Default)]
struct Told<'a> {
    caller: BTreeSet<&'a str>,
    accounts: BTreeSet<String>,
    regions: BTreeSet<String>,
}

impl Homes {
    /// Gathers what a plan tells.
    pub(super) fn of(plan: &Plan<'_>, settings: &Settings) -> Self {
        let mut told: BTreeMap<&str, Told<'_>> = BTreeMap::new();
        let mut all = Told::default();
        let mut homes = Self::default();
        for instance in &plan.instances {
            let told = told.entry(instance.provider.unwrap_or_default());
            let told = told.or_default();
            match (instance.managed, instance.kind.as_str()) {
                (false, "aws_caller_identity") => told.caller.extend(instance.known("account_id")),
                (false, "aws_partition") => {
                    homes.partition = instance.known("partition").map(str::to_owned);
                }
                (false, "aws_region") => {
                    let region = instance.known("region").or_else(|| instance.known("name"));
                    told.regions.extend(region.map(str::to_owned));
                }
                _ => {}
            }
            if let Some(arn) = own_arn(instance) {
                homes.partition.get_or_insert_with(|| arn.partition.clone());
                if is_account(&arn.account) {
                    told.accounts.insert(arn.account.clone());
                    all.accounts.insert(arn.account.clone());
                }
                if !arn.region.is_empty() && instance.known("region").is_none() {
                    told.regions.insert(arn.region.clone());
                }
                if !arn.region.is_empty() {
                    all.regions.insert(arn.region.clone());
                }
            }
        }
        homes.only = single(&all.accounts).cloned();
        homes.only_region = single(&all.regions).cloned();
        let configured = plan.providers.map(Node::entries).unwrap_or_default();
        for (key, _, provider) in configured {
            let told = told.remove(key).unwrap_or_default();
            let scope = provider.get("module_address").and_then(Node::as_str);
            let scope = Scope::module(scope.unwrap_or_default());
            let expressions = provider.get("expressions");
            let account = given(settings, key)
                .or_else(|| single(&told.caller).map(|id| (*id).to_owned()))
                .or_else(|| single(&told.accounts).cloned())
                .or_else(|| assumed(plan, expressions?, scope));
            homes
                .accounts
                .extend(account.map(|account| (key.to_owned(), account)));
            let region = expressions
                .and_then(|all| all.get("region"))
                .and_then(|region| constant(plan, region, scope))
                .or_else(|| single(&told.regions).cloned());
            homes
                .regions
                .extend(region.map(|region| (key.to_owned(), region)));
        }
        homes.inherit(plan);
        homes
    }

    /// Modules without a provider of their own use the one around them; written out only where there is no other that could be meant.
    fn inherit(&mut self, plan: &Plan<'_>) {
        let configured = plan.providers.map(Node::entries).unwrap_or_default();
        let is_aws = |(_, _, provider): &&(&str, _, Node<'_>)| {
            provider.get("name").and_then(Node::as_str) == Some("aws")
        };
        let own = |(key, _, provider): &&(&str, _, Node<'_>)| {
            !key.contains(':') || provider.get("expressions").is_some()
        };
        let roots: Vec<_> = configured.iter().filter(is_aws).filter(own).collect();
        let [(root, _, _)] = roots.as_slice() else {
            return;
        };
        let (account, region) = (
            self.accounts.get(*root).cloned(),
            self.regions.get(*root).cloned(),
        );
        for (key, _, _) in configured.iter().filter(is_aws) {
            if let Some(account) = &account {
                let entry = self.accounts.entry((*key).to_owned());
                entry.or_insert_with(|| account.clone());
            }
            if let Some(region) = &region {
                let entry = self.regions.entry((*key).to_owned());
                entry.or_insert_with(|| region.clone());
            }
        }
    }

    /// Where a resource lives; `beside` is the one that it belongs to, of which a state may tell more.
    pub(super) fn home(
        &self,
        plan: &Plan<'_>,
        instance: &Instance<'_>,
        settings: &Settings,
        beside: Option<&Home>,
        symbols: &mut Symbols,
    ) -> Home {
        let own = own_arn(instance);
        let own_account = own.as_ref().map(|arn| &arn.account);
        let own_region = own.as_ref().map(|arn| &arn.region);
        let key = instance.provider.unwrap_or_default();
        let account = settings
            .accounts
            .get(&instance.address)
            .or(own_account.filter(|account| is_account(account)))
            .or_else(|| self.accounts.get(key))
            .or(beside.map(|home| &home.account).filter(|_| plan.is_state))
            .or(self.only.as_ref().filter(|_| plan.is_state))
            .cloned();
        let region = instance
            .known("region")
            .map(str::to_owned)
            .or_else(|| own_region.filter(|region| !region.is_empty()).cloned())
            .or_else(|| self.regions.get(key).cloned())
            .or_else(|| {
                let beside = beside.filter(|_| plan.is_state)?;
                Some(beside.region.clone())
            })
            .or_else(|| self.only_region.clone().filter(|_| plan.is_state));
        let partition = self.partition.clone().unwrap_or_else(|| {
            let known = region.as_deref().unwrap_or_default();
            partition_of(known).to_owned()
        });
        Home {
            account: account.unwrap_or_else(|| unknown_account(plan, instance, symbols)),
            region: region.unwrap_or_else(|| unknown_region(plan, instance, symbols)),
            partition,
            stack: plan.file.to_owned(),
        }
    }
}

/// The ARN of a resource that Terraform makes: a data source may be told to look into another account.
fn own_arn(instance: &Instance<'_>) -> Option<Arn> {
    let arn = instance.known("arn").filter(|_| instance.managed)?;
    // Of these the argument is another resource's.
    let foreign = matches!(
        instance.kind.as_str(),
        "aws_sns_topic_policy" | "aws_cloudwatch_event_target"
    );
    Arn::parse(arn).filter(|_| !foreign)
}

/// What the user says of a provider: by its alias, or by its whole key.
fn given(settings: &Settings, key: &str) -> Option<String> {
    let names = [key, alias(key)];
    let found = names.iter().find_map(|name| settings.accounts.get(*name));
    found.cloned()
}

/// What `--account` calls a provider: `aws.prod` is `prod`, and `aws` is `default`.
pub(super) fn alias(key: &str) -> &str {
    match key {
        "" | "aws" => "default",
        key if key.contains(':') => key,
        key => key.split_once('.').map_or(key, |(_, alias)| alias),
    }
}

fn single<T: Ord>(set: &BTreeSet<T>) -> Option<&T> {
    set.first().filter(|_| set.len() == 1)
}

/// The account of the role that a provider works with, or the only one that it may work in.
fn assumed(plan: &Plan<'_>, expressions: Node<'_>, scope: Scope<'_>) -> Option<String> {
    let blocks = expressions.get("assume_role").map(Node::items);
    // The last one of a chain is the one that works.
    let role = blocks.unwrap_or_default().pop();
    if let Some(role) = role.and_then(|block| block.get("role_arn")) {
        return account_in(&constant(plan, role, scope)?);
    }
    let allowed = expressions.get("allowed_account_ids")?;
    let Target::Value(list) = reference::expression(plan, allowed, None, scope)? else {
        return None;
    };
    match list.items().as_slice() {
        [one] => account_in(one.scalar()?),
        _ => None,
    }
}

/// The account that a text names: as an ARN, or since it is one. A role's ARN that is put together of one variable with twelve
/// digits can have them nowhere else.
fn account_in(text: &str) -> Option<String> {
    let account = Arn::parse(text).map_or_else(|| text.to_owned(), |arn| arn.account);
    is_account(&account).then_some(account)
}

/// The text of an expression that takes up one known value.
fn constant(plan: &Plan<'_>, node: Node<'_>, scope: Scope<'_>) -> Option<String> {
    match reference::expression(plan, node, None, scope)? {
        Target::Value(value) => value.scalar().map(str::to_owned),
        Target::Attribute(instance, attribute) => instance.known(&attribute).map(str::to_owned),
        Target::Open(_) | Target::Absent => None,
    }
}

fn unknown_account(plan: &Plan<'_>, instance: &Instance<'_>, symbols: &mut Symbols) -> String {
    let file = plan.file;
    let (name, what, supply) = match instance.provider {
        Some(key) => {
            let alias = alias(key);
            let what = format!("the account of the provider `{key}` in `{file}`");
            let supply = format!("add `--account {alias}=ID`");
            (format!("account of {alias}"), what, supply)
        }
        None => {
            let address = &instance.address;
            let what = format!("the account of `{address}` in `{file}`");
            let supply = format!(
                "add `--account '{address}=ID'`, or give a plan in place of the state: it tells the provider of each resource"
            );
            (format!("account of {address}"), what, supply)
        }
    };
    let symbol = symbols.unknown(&format!("{name} in {file}"), || Symbol {
        name: name.clone(),
        what,
        supply,
        origin: instance.node.origin(),
    });
    symbol.to_string()
}

fn unknown_region(plan: &Plan<'_>, instance: &Instance<'_>, symbols: &mut Symbols) -> String {
    let file = plan.file;
    let whose = instance.provider.unwrap_or(&instance.address);
    let symbol = symbols.unknown(&format!("Region of {whose} in {file}"), || Symbol {
        name: format!("Region of {whose}"),
        what: format!("the Region of `{whose}` in `{file}`"),
        supply: "set the provider's `region` by a constant or a variable, which a plan tells"
            .to_owned(),
        origin: instance.node.origin(),
    });
    symbol.to_string()
}
