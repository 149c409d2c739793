//! Which variables a template of the rule files may use, and under which conditions.

use regex_lite::Regex;

use super::catalogue::Catalogue;
use super::template::{Part, Template};
use super::{Each, Producer, Provider, Variable, When};

/// Roles that every provider's file may name without describing them.
pub(super) const ROLES: [&str; 2] = ["pipeline-role", "action-role"];

const PLAIN: [&str; 3] = ["partition", "region", "account"];
const PIPELINE: [&str; 4] = ["name", "arn", "account", "region"];
const STORE: [&str; 5] = ["bucket", "bucket-arn", "objects", "key", "region"];
const PRODUCER: [&str; 2] = ["account", "region"];
const WITH_MEMBERS: [&str; 6] = [
    "pipeline",
    "configuration",
    "producer",
    "store",
    "each",
    "action",
];

/// Where a template stands.
#[derive(Clone, Copy)]
pub(super) enum Scope<'a> {
    /// In a provider's file.
    Provider {
        /// The file.
        provider: &'a Provider,
        /// Under which conditions the template is used.
        when: &'a [When],
        /// Which action made the artifact, where the rule says it.
        producer: Option<&'a Producer>,
        /// Over which list the rule goes, where it says so.
        each: Option<&'a Each>,
        /// All files, for what a producer has.
        catalogue: &'a Catalogue,
    },
    /// In `pipeline.yaml`, where roles are assumed and passed.
    Assume,
    /// In `pipeline.yaml`, where an event rule takes up its role, starts the pipeline, or sends events on.
    Trigger,
    /// In `pipeline.yaml`, where somebody updates the pipeline, under these conditions.
    Operator(&'a [When]),
    /// In `pipeline.yaml`, where artifacts are read and written under these conditions.
    Artifacts(&'a [When]),
}

/// Whether a file's own resource or role would hide a variable of that name.
pub(super) fn is_reserved(name: &str) -> bool {
    PLAIN
        .iter()
        .chain(&WITH_MEMBERS)
        .chain(&ROLES)
        .any(|taken| *taken == name)
}

/// Whether everything holds that a thing needs to exist.
pub(super) fn implies(given: &[When], needed: &[When]) -> bool {
    needed.iter().all(|condition| given.contains(condition))
}

impl Scope<'_> {
    /// What is wrong with a variable that stands here.
    pub(super) fn fault(self, variable: &Variable) -> Option<String> {
        let member = variable.member.as_deref();
        let one_of = |members: &[&str]| member.is_some_and(|member| members.contains(&member));
        let known = match (variable.name.as_str(), self) {
            (name, _) if PLAIN.contains(&name) => member.is_none(),
            ("pipeline", _) => one_of(&PIPELINE),
            ("store", Scope::Provider { when, .. } | Scope::Artifacts(when)) => {
                if member == Some("key") && !when.iter().any(|w| w.customer_key == Some(true)) {
                    return Some(
                        "`${store.key}` needs the condition `customer-key: true`".to_owned(),
                    );
                }
                one_of(&STORE)
            }
            ("role" | "service", Scope::Assume) => member.is_none(),
            ("role" | "bus", Scope::Trigger) => member.is_none(),
            ("rule", Scope::Trigger) => member.is_none_or(|member| member == "account"),
            ("pipeline-role", Scope::Operator(_)) => member.is_none(),
            ("configuration", Scope::Operator(when)) => {
                let demanded = member.is_some_and(|key| when.iter().any(|one| demands(one, key)));
                if variable.default.is_none() && !demanded {
                    return Some(format!(
                        "`${{{variable}}}` may be missing: give a default or a condition"
                    ));
                }
                member.is_some()
            }
            ("configuration", Scope::Provider { provider, .. })
                if member.is_some_and(|key| {
                    provider
                        .configuration
                        .secret
                        .iter()
                        .any(|secret| secret == key)
                }) =>
            {
                return Some(format!(
                    "`${{{variable}}}` is a secret, and what a template makes is printed"
                ));
            }
            ("configuration", Scope::Provider { provider, when, .. }) => {
                let set = member.is_some_and(|key| is_set(key, provider, when));
                if variable.default.is_none() && !set {
                    return Some(format!(
                        "`${{{variable}}}` may be missing: make the key required, give a default or a condition"
                    ));
                }
                member.is_some()
            }
            (
                "producer",
                Scope::Provider {
                    producer,
                    catalogue,
                    ..
                },
            ) => producer.is_some_and(|producer| {
                one_of(&PRODUCER)
                    || member.is_some_and(|member| is_produced(member, producer, catalogue))
            }),
            // An item's members are AWS's, and named groups; what an item lacks is left out when the rule is filled in.
            ("each", Scope::Provider { each, .. }) => each.is_some() && member.is_some(),
            (name, Scope::Provider { .. }) if ROLES.contains(&name) => member.is_none(),
            (name, Scope::Provider { provider, when, .. }) => {
                let resource = provider.resources.get(name).map(|resource| &resource.when);
                let role = provider.roles.get(name).map(|role| &role.when);
                if !resource.or(role).is_none_or(|needed| implies(when, needed)) {
                    return Some(format!(
                        "`${{{variable}}}` needs the conditions under which there is a `{name}`"
                    ));
                }
                resource.is_some() || role.is_some() && member.is_none()
            }
            _ => false,
        };
        (!known).then(|| format!("there is no variable `${{{variable}}}` here"))
    }
}

/// Whether a configuration key is certainly there under these conditions.
fn is_set(key: &str, provider: &Provider, when: &[When]) -> bool {
    let required = provider.configuration.required.iter();
    required
        .filter(|required| required.key == key)
        .any(|required| implies(when, &required.when))
        || when.iter().any(|condition| demands(condition, key))
}

/// Whether a condition holds only where a configuration key is there.
fn demands(condition: &When, key: &str) -> bool {
    let alone = When {
        configuration: condition.configuration.clone(),
        ..When::default()
    };
    condition.configuration.as_deref() == Some(key)
        && (condition.present == Some(true)
            || !condition.is.is_empty()
            || !condition.contains.is_empty()
            || *condition == alone)
}

/// Whether `configuration.Key` is a key that the producing provider always has.
fn is_produced(member: &str, producer: &Producer, catalogue: &Catalogue) -> bool {
    let Some(key) = member.strip_prefix("configuration.") else {
        return false;
    };
    catalogue.providers.values().any(|provider| {
        let mut actions = provider.actions.iter();
        actions.any(|action| action.provider == producer.provider) && is_set(key, provider, &[])
    })
}

/// What is wrong with the list that a rule goes over.
pub(super) fn list_fault(each: &Each, provider: &Provider) -> Option<String> {
    let template = match Template::parse(&each.of) {
        Ok(template) => template,
        Err(error) => return Some(error.to_string()),
    };
    let known = match template.parts() {
        [Part::Variable(variable)] => {
            let name = variable.name.as_str();
            variable.member.is_some()
                && (name == "configuration"
                    || name == "action"
                    || provider.resources.contains_key(name))
        }
        _ => false,
    };
    if !known {
        return Some(format!(
            "`{}` is no list: expected one variable with a member",
            each.of
        ));
    }
    let broken = |text: &String| {
        Regex::new(text)
            .err()
            .map(|error| format!("`{text}`: {error}"))
    };
    each.matches.values().find_map(broken)
}
