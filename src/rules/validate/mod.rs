//! What must hold of the rule files beyond their shape, so that a slip of the pen cannot weaken a rule in silence.

mod provider;

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::{Catalogue, RuleFault};
use super::scope::Scope;
use super::{
    Certainty, CommandRules, Evidence, FindingRule, Links, PipelineRules, RequirementRule,
    Template, When,
};

/// Where evidence comes from: AWS's own pages, and the code and threads of projects that run pipelines.
const EVIDENCE: [&str; 3] = [
    "https://docs.aws.amazon.com/",
    "https://repost.aws/knowledge-center/",
    "https://github.com/",
];

const PLACEHOLDERS: [&str; 10] = [
    "principal",
    "operations",
    "resource",
    "pipeline",
    "stage",
    "action",
    "layer",
    "why",
    "missing",
    "detail",
];

/// Everything that is wrong, in no particular order. Files of the user's `own` may name any page as evidence.
pub(super) fn faults(catalogue: &Catalogue, own: &BTreeSet<String>) -> Vec<RuleFault> {
    let mut faults = Vec::new();
    let mut described = BTreeMap::new();
    for (stem, provider) in &catalogue.providers {
        let mut check = Check::new(format!("providers/{stem}.yaml"), own, &mut faults);
        for action in &provider.actions {
            let id = action.to_string();
            if let Some(other) = described.insert(id.clone(), stem) {
                check.fault(format!("`{id}` is described in `{other}.yaml` already"));
            }
        }
        check.provider(provider, catalogue);
    }
    Check::new("pipeline.yaml".to_owned(), own, &mut faults).pipeline(&catalogue.pipeline);
    Check::new("commands.yaml".to_owned(), own, &mut faults).commands(&catalogue.commands);
    for (id, rule) in &catalogue.findings {
        Check::new(format!("findings/{id}.yaml"), own, &mut faults).finding(rule);
    }
    faults
}

/// Checks one file.
struct Check<'a> {
    file: String,
    is_own: bool,
    faults: &'a mut Vec<RuleFault>,
}

impl<'a> Check<'a> {
    fn new(file: String, own: &BTreeSet<String>, faults: &'a mut Vec<RuleFault>) -> Self {
        let is_own = own.contains(&file);
        Self {
            file,
            is_own,
            faults,
        }
    }

    fn fault(&mut self, message: String) {
        self.faults.push(RuleFault {
            file: self.file.clone(),
            position: None,
            message,
        });
    }

    fn text(&mut self, at: &str, text: &str) {
        if text.trim().is_empty() {
            self.fault(format!("{at} is empty"));
        }
    }

    fn link(&mut self, at: &str, link: &str) {
        if self.is_own && link.starts_with("https://") {
            return;
        }
        if !EVIDENCE.iter().any(|start| link.starts_with(start)) {
            self.fault(format!("{at}: `{link}` is no page of AWS or github.com"));
        }
    }

    fn links(&mut self, at: &str, links: &Links) {
        if links.all().is_empty() {
            self.fault(format!("{at} has no documentation"));
        }
        for link in links.all() {
            self.link(at, link);
        }
    }

    fn pipeline(&mut self, rules: &PipelineRules) {
        let assume = [
            &rules.assume_pipeline_role,
            &rules.assume_action_role,
            &rules.assume_service_role,
            &rules.pass_role,
        ];
        let artifacts = rules
            .read_artifacts
            .iter()
            .chain(&rules.write_artifacts)
            .chain(&rules.replicate_from)
            .chain(&rules.replicate_to);
        let assume = assume.into_iter().map(|rule| (rule, Scope::Assume));
        let artifacts = artifacts.map(|rule| (rule, Scope::Artifacts(&rule.when)));
        let triggers = [
            &rules.assume_rule_role,
            &rules.start_pipeline,
            &rules.send_events,
        ];
        let triggers = triggers.into_iter().map(|rule| (rule, Scope::Trigger));
        let operator = rules.update_pipeline.iter().chain(&rules.update_action);
        let operator = operator.map(|rule| (rule, Scope::Operator(&rule.when)));
        let all: Vec<(&RequirementRule, Scope<'_>)> = assume
            .chain(artifacts)
            .chain(triggers)
            .chain(operator)
            .collect();
        self.unique(all.iter().map(|(rule, _)| *rule));
        for (rule, scope) in all {
            self.requirement(rule, scope);
            if rule.role.is_some() || rule.producer.is_some() || rule.each.is_some() {
                let id = &rule.id;
                self.fault(format!(
                    "requirement `{id}`: `role`, `producer` and `each` belong into providers' files"
                ));
            }
        }
    }

    fn commands(&mut self, rules: &CommandRules) {
        for rule in [&rules.pass_role, &rules.assume_role] {
            self.requirement(rule, Scope::Assume);
        }
        for command in &rules.commands {
            let at = format!("command `{}`", command.words.join(" "));
            if command.words.is_empty() || command.then.is_empty() {
                self.fault(format!("{at} lacks `words` or `then`"));
            }
            if command.options.is_empty() == command.roles.is_empty() {
                self.fault(format!("{at} needs one of `options` and `roles`"));
            }
            for text in command.roles.iter().chain(&command.passed_to) {
                self.template(&at, text, Scope::Assume);
            }
            self.links(&at, &command.documentation);
        }
    }

    fn finding(&mut self, rule: &FindingRule) {
        if !is_kebab(&rule.id) {
            self.fault(format!("`{}` is not kebab case", rule.id));
        }
        let texts = [
            ("title", &rule.title),
            ("message", &rule.message),
            ("help", &rule.help),
            ("why", &rule.why),
        ];
        for (at, text) in texts {
            self.text(at, text);
        }
        for (at, text) in [("message", &rule.message), ("help", &rule.help)] {
            for name in placeholders(text) {
                if !PLACEHOLDERS.contains(&name) {
                    self.fault(format!("{at}: `{{{name}}}` is no placeholder"));
                }
            }
        }
        if rule.documentation.is_empty() {
            self.fault("documentation is empty".to_owned());
        }
        for link in &rule.documentation {
            self.link("documentation", link);
        }
        for error in &rule.errors {
            self.text("an error text", error);
        }
    }

    fn unique<'r>(&mut self, rules: impl IntoIterator<Item = &'r RequirementRule>) {
        let mut seen = BTreeSet::new();
        for rule in rules {
            if !seen.insert(&rule.id) {
                self.fault(format!("requirement `{}` is there twice", rule.id));
            }
        }
    }

    fn requirement(&mut self, rule: &RequirementRule, scope: Scope<'_>) {
        let at = format!("requirement `{}`", rule.id);
        if !is_kebab(&rule.id) {
            self.fault(format!("{at}: the id is not kebab case"));
        }
        match (rule.operations.is_empty(), rule.alternatives.len()) {
            (true, 0) => self.fault(format!("{at} asks for nothing")),
            (true, 1) => self.fault(format!("{at}: one alternative is none")),
            (false, 1..) => self.fault(format!(
                "{at} has both `operations` and `alternatives`; write two"
            )),
            _ => {}
        }
        for operation in rule.operations.iter().chain(&rule.alternatives) {
            if !is_operation(operation) {
                self.fault(format!("{at}: `{operation}` is not `service:Action`"));
            }
        }
        if rule.resources.is_empty() {
            self.fault(format!("{at} has no resources"));
        }
        for resource in &rule.resources {
            self.text(&format!("{at}: a resource"), resource);
            self.template(&at, resource, scope);
        }
        self.conditions(&at, &rule.when, Some(scope));
        self.context(&at, rule.context.iter(), scope);
        for key in &rule.unknown_context {
            if !key.contains(':') || rule.context.contains_key(key) {
                self.fault(format!(
                    "{at}: `{key}` is no context key that may be unknown"
                ));
            }
        }
        let clause = rule.why.strip_prefix("to ").unwrap_or_default();
        if clause.trim().is_empty() || clause.ends_with('.') {
            self.fault(format!(
                "{at}: `why` is a clause that begins with `to` and ends without a full stop"
            ));
        }
        self.links(&at, &rule.documentation);
        self.evidence(&at, rule.evidence, rule.certainty);
    }

    /// A belief is never more than advice.
    fn evidence(&mut self, at: &str, evidence: Evidence, certainty: Certainty) {
        if evidence == Evidence::Unverified && certainty != Certainty::Advised {
            self.fault(format!(
                "{at} is `unverified`, which demands `certainty: advised`"
            ));
        }
    }

    fn context<'c>(
        &mut self,
        at: &str,
        context: impl Iterator<Item = (&'c String, &'c String)>,
        scope: Scope<'_>,
    ) {
        for (key, value) in context {
            if !key.contains(':') {
                self.fault(format!("{at}: `{key}` is no context key"));
            }
            self.text(&format!("{at}: `{key}`"), value);
            self.template(at, key, scope);
            self.template(at, value, scope);
        }
    }

    fn conditions(&mut self, at: &str, when: &[When], scope: Option<Scope<'_>>) {
        for condition in when {
            let lists = [
                &condition.is,
                &condition.is_not,
                &condition.contains,
                &condition.contains_not,
            ];
            let about_value =
                condition.present.is_some() || lists.iter().any(|list| !list.is_empty());
            let named = [&condition.configuration, &condition.value];
            match named.into_iter().flatten().count() {
                0 if about_value => self.fault(format!(
                    "{at}: a condition on a value names no `configuration`"
                )),
                2 => self.fault(format!(
                    "{at}: a condition names both `configuration` and `value`"
                )),
                _ => {}
            }
            if condition.known.is_some() && (condition.value.is_none() || about_value) {
                self.fault(format!("{at}: `known` stands with `value` alone"));
            }
            match (&condition.value, scope) {
                (Some(value), Some(scope)) => self.template(at, value, scope),
                (Some(_), None) => self.fault(format!("{at}: `value` cannot stand here")),
                (None, _) => {}
            }
            if *condition == When::default() {
                self.fault(format!("{at}: an empty condition"));
            }
        }
    }

    fn template(&mut self, at: &str, text: &str, scope: Scope<'_>) {
        match Template::parse(text) {
            Ok(template) => {
                for fault in template.variables().filter_map(|v| scope.fault(v)) {
                    self.fault(format!("{at}: {fault}"));
                }
            }
            Err(error) => self.fault(format!("{at}: {error}")),
        }
    }
}

fn is_kebab(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.split('-').all(|word| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
}

fn is_operation(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, action)| {
        is_kebab(service)
            && action.starts_with(|first: char| first.is_ascii_uppercase())
            && action.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// Names between braces; braces around anything else than one lower-case word belong to the text.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|behind| behind.split_once('}').map(|(name, _)| name))
        .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()))
}
