//! What must hold of one provider's file.

use std::collections::BTreeSet;

use regex_lite::Regex;

use super::{Check, is_kebab};
use crate::rules::scope::{ROLES, Scope, implies, is_reserved, list_fault};
use crate::rules::{Catalogue, Each, NamedRole, Provider, Same, Starts, Template, When};

/// Lists that stand beside an action's configuration.
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html>
const LISTS: [&str; 3] = ["commands", "environmentVariables", "outputVariables"];

impl Check<'_> {
    pub(super) fn provider(&mut self, provider: &Provider, catalogue: &Catalogue) {
        self.text("title", &provider.title);
        self.link("documentation", &provider.documentation);
        if provider.actions.is_empty() {
            self.fault("describes no action type".to_owned());
        }
        for required in &provider.configuration.required {
            self.text("a required configuration key", &required.key);
            self.conditions(&required.key, &required.when, None);
        }
        self.limits(provider);
        self.names(provider);
        self.cycles(provider);
        let scope = |when| Scope::Provider {
            provider,
            when,
            producer: None,
            each: None,
            catalogue,
        };
        for (name, resource) in &provider.resources {
            let at = format!("resource `{name}`");
            self.text(&format!("{at}: title"), &resource.title);
            self.conditions(&at, &resource.when, Some(scope(&resource.when)));
            for text in [&resource.arn, &resource.export, &resource.file] {
                self.template(&at, text, scope(&resource.when));
            }
            for (member, works) in &resource.must_be {
                if works.is_empty() {
                    self.fault(format!("{at}: no value of `{member}` works"));
                }
            }
        }
        if let Some(starts) = &provider.starts {
            self.starts(starts, scope(&[]));
        }
        for (name, role) in &provider.roles {
            self.role(name, role, scope(&role.when));
        }
        for (index, artifact) in provider.artifacts.iter().enumerate() {
            let at = format!("artifacts[{index}]");
            self.conditions(&at, &artifact.when, Some(scope(&artifact.when)));
            self.links(&at, &artifact.documentation);
            self.evidence(&at, artifact.evidence, artifact.certainty);
            self.role_name(&at, &artifact.role, &artifact.when, provider);
            if !artifact.reads && !artifact.writes {
                self.fault(format!("{at} neither reads nor writes"));
            }
            if let Some(key) = &artifact.encryption_key {
                self.template(&at, key, scope(&artifact.when));
            }
        }
        for (index, usage) in provider.commands.iter().enumerate() {
            let at = format!("commands[{index}]");
            self.role_name(&at, &usage.role, &[], provider);
            for text in &usage.buildspecs {
                self.template(&at, text, scope(&[]));
            }
            for list in usage.list.iter().chain(&usage.variables) {
                if let Some(fault) = list_fault(&Each::of(list), provider) {
                    self.fault(format!("{at}: {fault}"));
                }
            }
        }
        for bound in &provider.bounds {
            let at = format!("bound of `{}`", bound.of);
            let role = bound.role.as_deref().unwrap_or("action-role");
            self.role_name(&at, role, &bound.when, provider);
            self.conditions(&at, &bound.when, Some(scope(&bound.when)));
            self.template(&at, &bound.of, scope(&bound.when));
            self.links(&at, &bound.documentation);
            let group = match bound.same {
                Same::Region => "region",
                Same::Account => "account",
            };
            let names_it = |text: &String| {
                Regex::new(text)
                    .is_ok_and(|found| found.capture_names().flatten().any(|name| name == group))
            };
            if !bound.matches.as_ref().is_none_or(names_it) {
                self.fault(format!("{at}: `matches` has no group `{group}`"));
            }
        }
        self.unique(&provider.requirements);
        for rule in &provider.requirements {
            let scope = Scope::Provider {
                provider,
                when: &rule.when,
                producer: rule.producer.as_ref(),
                each: rule.each.as_ref(),
                catalogue,
            };
            self.requirement(rule, scope);
            let at = format!("requirement `{}`", rule.id);
            match &rule.role {
                Some(role) => self.role_name(&at, role, &rule.when, provider),
                None => self.fault(format!("{at} names no role")),
            }
            let fault = rule
                .each
                .as_ref()
                .and_then(|each| list_fault(each, provider));
            if let Some(fault) = fault {
                self.fault(format!("{at}: {fault}"));
            }
        }
    }

    /// What AWS takes of the action's own structure.
    fn limits(&mut self, provider: &Provider) {
        let configuration = &provider.configuration;
        let required: BTreeSet<&String> = configuration
            .required
            .iter()
            .map(|required| &required.key)
            .collect();
        let mut seen = BTreeSet::new();
        for key in configuration.optional.iter().flatten() {
            self.text("an optional configuration key", key);
            if required.contains(key) || !seen.insert(key) {
                self.fault(format!("the configuration key `{key}` is there twice"));
            }
        }
        for (key, values) in &configuration.values {
            if !configuration.keys().any(|known| known == key) {
                self.fault(format!(
                    "`values` of `{key}`, which is no configuration key"
                ));
            }
            if values.is_empty() {
                self.fault(format!("`values` of `{key}` are none"));
            }
        }
        for list in &provider.required_lists {
            if !LISTS.contains(&list.as_str()) {
                self.fault(format!("`{list}` is no list of an action"));
            }
        }
        let counts = [&provider.artifacts_in, &provider.artifacts_out];
        for count in counts.into_iter().flatten() {
            if count.min > count.max {
                self.fault(format!(
                    "{} artifacts are more than {}",
                    count.min, count.max
                ));
            }
        }
    }

    fn names(&mut self, provider: &Provider) {
        for name in provider.resources.keys().chain(provider.roles.keys()) {
            if !is_kebab(name) {
                self.fault(format!("`{name}` is not kebab case"));
            }
            let twice = provider.resources.contains_key(name) && provider.roles.contains_key(name);
            if is_reserved(name) || twice {
                self.fault(format!("the name `{name}` is taken"));
            }
        }
    }

    /// The ARN of a resource may stand in the description of another one, but not in its own.
    fn cycles(&mut self, provider: &Provider) {
        let needs = |name: &str| -> BTreeSet<String> {
            let arn = provider.resources.get(name).map(|resource| &resource.arn);
            arn.and_then(|arn| Template::parse(arn).ok())
                .iter()
                .flat_map(Template::variables)
                .map(|variable| variable.name.clone())
                .collect()
        };
        for name in provider.resources.keys() {
            let mut reached = needs(name);
            let mut open: Vec<String> = reached.iter().cloned().collect();
            while let Some(next) = open.pop() {
                open.extend(
                    needs(&next)
                        .into_iter()
                        .filter(|n| reached.insert(n.clone())),
                );
            }
            if reached.contains(name) {
                self.fault(format!("the ARN of resource `{name}` depends on itself"));
            }
        }
    }

    fn role(&mut self, name: &str, role: &NamedRole, scope: Scope<'_>) {
        let at = format!("role `{name}`");
        self.text(&format!("{at}: title"), &role.title);
        self.links(&at, &role.documentation);
        self.evidence(&at, role.evidence, role.certainty);
        self.conditions(&at, &role.when, Some(scope));
        self.template(&at, &role.arn, scope);
        match &role.unknown {
            None => self.text(&format!("{at}: arn"), &role.arn),
            Some(_) if !role.arn.is_empty() => {
                self.fault(format!("{at} has both `arn` and `unknown`"));
            }
            Some(unknown) => {
                for text in [&unknown.what, &unknown.supply] {
                    self.text(&format!("{at}: unknown"), text);
                    self.template(&at, text, scope);
                }
            }
        }
        let services = role.trusts.iter().chain(&role.passed_to);
        for service in services.chain(&role.trusts_also) {
            self.template(&at, service, scope);
            if !service.ends_with(".amazonaws.com") {
                self.fault(format!("{at}: `{service}` is no service"));
            }
        }
        if role.trusts.is_none() && !role.trusts_also.is_empty() {
            self.fault(format!("{at} has `trusts-also` without `trusts`"));
        }
        self.context(&at, role.context.iter(), scope);
    }

    fn starts(&mut self, starts: &Starts, scope: Scope<'_>) {
        self.links("starts", &starts.documentation);
        for event in &starts.events {
            if !event.contains_key("source") || !event.contains_key("detail-type") {
                self.fault("starts: an event has a `source` and a `detail-type`".to_owned());
            }
            for (member, values) in event {
                if values.is_empty() {
                    self.fault(format!("starts: `{member}` has no value"));
                }
                for value in values {
                    self.template(&format!("starts: `{member}`"), value, scope);
                }
            }
        }
    }

    fn role_name(&mut self, at: &str, role: &str, when: &[When], provider: &Provider) {
        match provider.roles.get(role) {
            None if ROLES.contains(&role) => {}
            None => self.fault(format!("{at}: there is no role `{role}`")),
            // What exists only under a condition can be spoken of only under the same.
            Some(known) if !implies(when, &known.when) => self.fault(format!(
                "{at} needs the conditions under which there is a `{role}`"
            )),
            Some(_) => {}
        }
    }
}
