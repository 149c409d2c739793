//! A provider as a page: what each role of its actions has to be able to do, and when.

use super::page::code;
use super::sheet::{Page, Part, Row};
use super::{ArtifactUse, Certainty, Evidence, PipelineRules, Provider, RequirementRule, When};

/// The page of a provider's file.
pub fn provider_page(provider: &Provider) -> Page {
    let actions: Vec<String> = provider
        .actions
        .iter()
        .map(|action| format!("`{action}`"))
        .collect();
    let mut about = vec![format!("actions: {}", actions.join(", "))];
    let required = provider.configuration.required.iter().map(|required| {
        let key = format!("`{}`", required.key);
        match conditions(&required.when) {
            Some(when) => format!("{key} ({when})"),
            None => key,
        }
    });
    let required: Vec<String> = required.collect();
    if !required.is_empty() {
        about.push(format!("required configuration: {}", required.join(", ")));
    }
    if let Some(optional) = &provider.configuration.optional {
        let keys: Vec<String> = optional.iter().map(|key| format!("`{key}`")).collect();
        if !keys.is_empty() {
            about.push(format!("optional configuration: {}", keys.join(", ")));
        }
    }
    let values = provider.configuration.values.iter();
    about.extend(values.map(|(key, values)| format!("`{key}` is {}", values_of(values))));
    if provider.pipeline_type.is_some() {
        about.push("only in pipelines of type V2".to_owned());
    }
    if let Some(starts) = &provider.starts {
        let polling = starts.polling.as_ref().map_or_else(String::new, |key| {
            format!(", or by polling unless `{key}` is `false`")
        });
        about.push(format!("a change starts the pipeline by an event{polling}"));
        let links = starts.documentation.all().iter();
        about.extend(links.map(|link| format!("see {link}")));
    }
    let resources = provider.resources.iter().map(|(name, resource)| {
        format!(
            "`${{{name}}}` is the {}: `{}`",
            resource.title, resource.arn
        )
    });
    about.extend(resources);
    let roles = provider.roles.iter();
    let named = roles.map(|(name, role)| (name.as_str(), role.title.as_str()));
    let both = [
        ("action-role", "the action's role"),
        ("pipeline-role", "the pipeline's role"),
    ];
    let parts = both.into_iter().chain(named).map(|(name, title)| {
        let own = |rule: &&RequirementRule| rule.role.as_deref() == Some(name);
        let rows = provider.requirements.iter().filter(own).map(row).collect();
        let mut about = provider.roles.get(name).map(role_about).unwrap_or_default();
        let uses = provider.artifacts.iter().filter(|usage| usage.role == name);
        about.extend(uses.map(artifacts));
        if provider.commands.iter().any(|usage| usage.role == name) {
            about.push(
                "runs the commands, and needs what they need that the catalogue knows".to_owned(),
            );
        }
        Part {
            heading: title.to_owned(),
            about,
            rows,
        }
    });
    Page {
        title: provider.title.clone(),
        about,
        parts: parts
            .filter(|part| !part.rows.is_empty() || !part.about.is_empty())
            .collect(),
        links: vec![provider.documentation.clone()],
    }
}

/// The page of what every pipeline needs.
pub fn pipeline_page(rules: &PipelineRules) -> Page {
    let single = |heading: &str, rule| Part {
        heading: heading.to_owned(),
        about: Vec::new(),
        rows: vec![row(rule)],
    };
    let several = |heading: &str, rules: &[RequirementRule]| Part {
        heading: heading.to_owned(),
        about: Vec::new(),
        rows: rules.iter().map(row).collect(),
    };
    Page {
        title: "every pipeline".to_owned(),
        about: vec![
            "`${role}` is the role that is assumed or passed, `${service}` the service that receives it, `${store.…}` the \
             artifact store of the action's Region"
                .to_owned(),
        ],
        parts: vec![
            single("CodePipeline", &rules.assume_pipeline_role),
            single("the pipeline's role, for each action with a role of its own", &rules.assume_action_role),
            single("a service, for each role that it works with", &rules.assume_service_role),
            single("the action's role, for each role that it passes on", &rules.pass_role),
            several("a role that reads input artifacts", &rules.read_artifacts),
            several("a role that writes output artifacts", &rules.write_artifacts),
            several(
                "the pipeline's role, for input artifacts of an action in another Region: out of the pipeline's own store",
                &rules.replicate_from,
            ),
            several("the same: into the store of the other Region", &rules.replicate_to),
            single("EventBridge, for the role of an event rule", &rules.assume_rule_role),
            single("the role of an event rule", &rules.start_pipeline),
            single("an event rule of another account", &rules.send_events),
            several("whoever updates the pipeline (`check --caller`)", &rules.update_pipeline),
            several("the same, for each action", &rules.update_action),
        ],
        links: Vec::new(),
    }
}

fn role_about(role: &super::NamedRole) -> Vec<String> {
    let mut about = Vec::new();
    match &role.unknown {
        Some(unknown) => about.push(format!(
            "no input names it: {}; {}",
            unknown.what, unknown.supply
        )),
        None => about.push(format!("its ARN: `{}`", role.arn)),
    }
    let services: Vec<String> = role
        .trusts
        .iter()
        .chain(&role.trusts_also)
        .map(|service| format!("`{service}`"))
        .collect();
    if !services.is_empty() {
        about.push(format!("its trust policy admits {}", services.join(" or ")));
    }
    if let Some(service) = &role.passed_to {
        about.push(format!(
            "the action's role passes it to `{service}`, with `iam:PassRole`"
        ));
    }
    about.extend(conditions(&role.when).map(|when| format!("there is one if {when}")));
    match role.certainty {
        Certainty::Necessary => {}
        Certainty::Conditional => about.push("needed in some configurations only".to_owned()),
        Certainty::Advised => about.push("advised".to_owned()),
    }
    let links = role.documentation.all().iter();
    about.extend(links.map(|link| format!("see {link}")));
    about
}

fn artifacts(usage: &ArtifactUse) -> String {
    let what = match (usage.reads, usage.writes) {
        (true, true) => "reads the input artifacts and writes the output artifacts",
        (true, false) => "reads the input artifacts",
        (false, _) => "writes the output artifacts",
    };
    let when = conditions(&usage.when).map_or_else(String::new, |when| format!(" if {when}"));
    let certainty = match usage.certainty {
        Certainty::Necessary => "",
        Certainty::Conditional => " in some configurations",
        Certainty::Advised => ", which is advised",
    };
    format!("{what}{certainty}{when}")
}

fn row(rule: &RequirementRule) -> Row {
    let quoted = |list: &[String], separator: &str| {
        let list: Vec<String> = list.iter().map(|one| code(one)).collect();
        list.join(separator)
    };
    let operations = if rule.alternatives.is_empty() {
        quoted(&rule.operations, ", ")
    } else {
        quoted(&rule.alternatives, " or ")
    };
    let mut when: Vec<String> = conditions(&rule.when).into_iter().collect();
    if let Some(each) = &rule.each {
        let members = each
            .r#where
            .iter()
            .map(|(key, values)| format!("`{key}` {}", values_of(values)));
        let members: Vec<String> = members.collect();
        let which = if members.is_empty() {
            String::new()
        } else {
            format!(" with {}", members.join(" and "))
        };
        when.push(format!("for each item of {}{which}", code(&each.of)));
    }
    if let Some(producer) = &rule.producer {
        let mut text = format!("an input artifact is made by {}", producer.provider);
        for (key, value) in &producer.configuration {
            text.push_str(&format!(" with `{key}` `{value}`"));
        }
        match producer.foreign {
            Some(true) => text.push_str(" in another account"),
            Some(false) => text.push_str(" in the same account"),
            None => {}
        }
        when.push(text);
    }
    let certainty = match rule.certainty {
        Certainty::Necessary => "needed",
        Certainty::Conditional => "needed in some configurations",
        Certainty::Advised => "advised",
    };
    let evidence = match rule.evidence {
        Evidence::Unverified => " (believed, and no source was found)",
        _ => "",
    };
    Row {
        operations,
        resources: quoted(&rule.resources, ", "),
        when: when.join("; "),
        why: format!("{certainty} {}{evidence}", rule.why),
        links: rule.documentation.all().to_vec(),
    }
}

/// Conditions in words; `None` for always.
fn conditions(when: &[When]) -> Option<String> {
    let clauses: Vec<String> = when.iter().flat_map(condition).collect();
    (!clauses.is_empty()).then(|| clauses.join(" and "))
}

fn condition(when: &When) -> Vec<String> {
    let mut clauses = Vec::new();
    if let Some(subject) = when.configuration.as_ref().or(when.value.as_ref()) {
        let subject = code(subject);
        let lists = [
            (&when.is, "is"),
            (&when.is_not, "is not"),
            (&when.contains, "contains"),
            (&when.contains_not, "does not contain"),
        ];
        let tested = lists.iter().filter(|(list, _)| !list.is_empty());
        clauses.extend(tested.map(|(list, verb)| format!("{subject} {verb} {}", values_of(list))));
        match when.present {
            Some(true) => clauses.push(format!("{subject} is set")),
            Some(false) => clauses.push(format!("{subject} is not set")),
            None if clauses.is_empty() => clauses.push(format!("{subject} is set")),
            None => {}
        }
    }
    let flags = [
        (
            when.foreign,
            "the role is of another account than the pipeline",
            "the role is of the pipeline's account",
        ),
        (
            when.inputs,
            "there are input artifacts",
            "there are no input artifacts",
        ),
        (
            when.outputs,
            "there are output artifacts",
            "there are no output artifacts",
        ),
        (
            when.customer_key,
            "the store names a key",
            "the store names no key",
        ),
    ];
    for (flag, yes, no) in flags {
        clauses.extend(flag.map(|flag| if flag { yes } else { no }.to_owned()));
    }
    if !when.category.is_empty() {
        clauses.push(format!("the category is {}", values_of(&when.category)));
    }
    clauses
}

fn values_of(list: &[String]) -> String {
    let list: Vec<String> = list.iter().map(|one| format!("`{one}`")).collect();
    list.join(" or ")
}
