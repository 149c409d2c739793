//! What the variables of a template mean for one action.

use super::each::Item;
use super::template::{Part, Template};
use super::{MissingFact, Provider, RequirementRule, ToldBy, UnknownRole};
use crate::graph::{
    Action, Arn, Fact, Graph, Pipeline, Resource, Want, account_in, is_unknown, may_be_equal,
};
use crate::source::Origin;

/// An artifact store with everything that templates ask of it.
#[derive(Debug, Clone)]
pub struct Store<'a> {
    /// Its Region, when it is known.
    pub region: Option<String>,
    /// Its bucket.
    pub bucket: &'a str,
    /// Where the store is written.
    pub origin: Origin,
    /// The customer's key as written.
    pub key_id: Option<&'a str>,
}

/// Everything a template of one action may refer to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) graph: &'a Graph,
    pub(super) pipeline: &'a Pipeline,
    pub(super) action: Option<&'a Action>,
    pub(super) provider: Option<&'a Provider>,
    pub(super) producer: Option<&'a Action>,
    /// The item of the list that the rule is repeated for.
    pub(super) each: Option<&'a Item>,
    pub(super) store: Option<&'a Store<'a>>,
    /// The role that is assumed or passed, and the service: for `pipeline.yaml`.
    pub(super) role: Option<&'a str>,
    pub(super) service: Option<&'a str>,
    /// The event rule that acts, and the event bus that it sends to: for `pipeline.yaml`, too.
    pub(super) rule: Option<&'a str>,
    pub(super) bus: Option<&'a str>,
}

/// A template filled in as far as the facts go.
#[derive(Debug, Clone, Default)]
pub(super) struct Filled {
    /// The text, with `*` for what is not known.
    pub(super) text: String,
    /// Whether a member that is known not to be there was asked for: the whole thing does not exist.
    pub(super) absent: bool,
    /// The facts behind each `*` put in.
    pub(super) missing: Vec<MissingFact>,
    /// Where the last variable's value is written.
    pub(super) origin: Option<Origin>,
}

enum Found {
    Text(String, Option<Origin>),
    Absent,
    Unknown(MissingFact),
    Mixed(Filled),
}

impl<'a> Scope<'a> {
    /// What templates of a whole pipeline may refer to.
    pub(super) fn of_action(
        graph: &'a Graph,
        pipeline: &'a Pipeline,
        provider: &'a Provider,
        action: &'a Action,
    ) -> Self {
        Self {
            action: Some(action),
            provider: Some(provider),
            ..Self::of_pipeline(graph, pipeline)
        }
    }

    pub(super) fn of_pipeline(graph: &'a Graph, pipeline: &'a Pipeline) -> Self {
        Self {
            graph,
            pipeline,
            action: None,
            provider: None,
            producer: None,
            each: None,
            store: None,
            role: None,
            service: None,
            rule: None,
            bus: None,
        }
    }

    /// Fills a template in. A template that does not parse is refused when the catalogue is loaded, so here it stays as it is.
    pub(super) fn fill(&self, template: &str) -> Filled {
        let Ok(parsed) = Template::parse(template) else {
            return Filled {
                text: template.to_owned(),
                ..Filled::default()
            };
        };
        let mut filled = Filled::default();
        for part in parsed.parts() {
            match part {
                Part::Text(text) => filled.text.push_str(text),
                Part::Variable(variable) => {
                    let name = match &variable.member {
                        Some(member) => format!("{}.{member}", variable.name),
                        None => variable.name.clone(),
                    };
                    self.fill_variable(&mut filled, &name, variable.default.as_deref());
                }
            }
        }
        filled
    }

    fn fill_variable(&self, filled: &mut Filled, name: &str, default: Option<&str>) {
        match self.find(name) {
            Found::Text(text, origin) => {
                filled.text.push_str(&text);
                filled.origin = origin.or(filled.origin);
            }
            Found::Mixed(inner) => {
                filled.text.push_str(&inner.text);
                filled.absent |= inner.absent;
                filled.missing.extend(inner.missing);
                filled.origin = inner.origin.or(filled.origin);
            }
            Found::Unknown(missing) => {
                filled.text.push('*');
                filled.missing.push(missing);
            }
            Found::Absent => match default {
                Some(default) => filled.text.push_str(default),
                None => {
                    filled.text.push('*');
                    filled.absent = true;
                }
            },
        }
    }

    fn find(&self, name: &str) -> Found {
        if let Some(rest) = name.strip_prefix("producer.") {
            return self.find_of_producer(rest);
        }
        if let Some(member) = name.strip_prefix("each.") {
            let value = self.each.and_then(|item| item.get(member));
            return value.map_or(Found::Absent, |value| Found::Mixed(value.clone()));
        }
        if let Some(key) = name.strip_prefix("configuration.") {
            return configuration(self.action, key);
        }
        match name {
            "partition" => Found::Text(self.pipeline.partition.clone(), None),
            "region" => self.region().map_or_else(
                || Found::Unknown(self.missing_region()),
                |r| Found::Text(r, None),
            ),
            "account" => Found::Text(self.account(), None),
            "pipeline.name" => Found::Text(self.pipeline.name.text.clone(), None),
            "pipeline.account" => Found::Text(self.pipeline.account.clone(), None),
            "pipeline.region" => match home_region(self.graph, self.pipeline) {
                Some(region) => Found::Text(region, None),
                None => Found::Unknown(self.missing_region()),
            },
            "pipeline.arn" => {
                let arn = Arn {
                    region: home_region(self.graph, self.pipeline)
                        .unwrap_or_else(|| "*".to_owned()),
                    ..self.pipeline.arn()
                };
                Found::Text(arn.to_string(), None)
            }
            "pipeline-role" => Found::Text(self.pipeline.role_arn.text.clone(), None),
            "action-role" => Found::Text(self.acting_role().to_owned(), None),
            _ => {
                // A provider may call a resource of its own `service`; the words of `pipeline.yaml` mean something only there.
                let word = match name {
                    "role" => self.role,
                    "service" => self.service,
                    "rule" => self.rule,
                    "rule.account" => self.rule.and_then(|arn| arn.split(':').nth(4)),
                    "bus" => self.bus,
                    _ => None,
                };
                word.map_or_else(
                    || self.find_named(name),
                    |word| Found::Text(word.to_owned(), None),
                )
            }
        }
    }

    fn find_named(&self, name: &str) -> Found {
        if let Some(member) = name.strip_prefix("store.") {
            return self.find_of_store(member);
        }
        let Some(provider) = self.provider else {
            return Found::Absent;
        };
        if let Some(role) = provider.roles.get(name) {
            return Found::Mixed(self.fill(&role.arn));
        }
        let (resource, member) = name
            .split_once('.')
            .map_or((name, None), |(resource, member)| (resource, Some(member)));
        let Some(named) = provider.resources.get(resource) else {
            return Found::Absent;
        };
        let arn = self.fill(&named.arn);
        let Some(member) = member else {
            return Found::Mixed(arn);
        };
        if arn.absent {
            return Found::Absent;
        }
        if let Some(missing) = arn.missing.into_iter().next() {
            return Found::Unknown(missing);
        }
        let Fact::Known(resource) = self.graph.resource(&arn.text) else {
            let unresolved = MissingFact::unresolved_in(self.graph, &arn.text).next();
            if let Some(unresolved) = unresolved {
                return Found::Unknown(unresolved);
            }
            return Found::Unknown(MissingFact {
                rule: "resource-unseen",
                what: format!("the {} `{}`", named.title, arn.text),
                told_by: ToldBy::about(&arn.text),
                subject: arn.text,
                supply: format!(
                    "export it with `{}` into `{}`",
                    self.fill(&named.export).text,
                    self.fill(&named.file).text
                ),
            });
        };
        match resource.values.get(member) {
            Some(value) if !value.text.is_empty() => {
                Found::Text(value.text.clone(), Some(value.origin))
            }
            Some(_) | None => Found::Absent,
        }
    }

    /// The description of a resource of the provider's file, when it can be named and was seen.
    pub(super) fn described(&self, name: &str) -> Option<&'a Resource> {
        let arn = self.fill(&self.provider?.resources.get(name)?.arn);
        let certain = !arn.absent && arn.missing.is_empty();
        let found = self.graph.resource(&arn.text).known().copied();
        found.filter(|_| certain)
    }

    fn find_of_producer(&self, name: &str) -> Found {
        let Some(producer) = self.producer else {
            return Found::Absent;
        };
        let scope = Self {
            action: Some(producer),
            producer: None,
            ..*self
        };
        scope.find(name)
    }

    fn find_of_store(&self, member: &str) -> Found {
        let Some(store) = self.store else {
            return Found::Absent;
        };
        let bucket_arn = format!("arn:{}:s3:::{}", self.pipeline.partition, store.bucket);
        match member {
            "bucket" => Found::Text(store.bucket.to_owned(), None),
            "bucket-arn" => Found::Text(bucket_arn, None),
            // Keys begin with the first 20 characters of the pipeline's name:
            // https://docs.aws.amazon.com/codepipeline/latest/userguide/welcome-introducing-artifacts.html
            "objects" => {
                let prefix: String = self.pipeline.name.text.chars().take(20).collect();
                Found::Text(format!("{bucket_arn}/{prefix}/*"), None)
            }
            "region" => match &store.region {
                Some(region) => Found::Text(region.clone(), None),
                None => Found::Unknown(self.missing_region()),
            },
            "key" => match self.key_of(store) {
                Some(Ok(arn)) => Found::Text(arn, None),
                Some(Err(missing)) => Found::Mixed(Filled {
                    text: format!(
                        "arn:{}:kms:{}:{}:key/*",
                        self.pipeline.partition,
                        store.region.as_deref().unwrap_or("*"),
                        self.pipeline.account
                    ),
                    missing: vec![missing],
                    ..Filled::default()
                }),
                None => Found::Absent,
            },
            _ => Found::Absent,
        }
    }

    /// The ARN of the store's customer managed key; `None` without one.
    fn key_of(&self, store: &Store<'_>) -> Option<Result<String, MissingFact>> {
        customer_key(self.graph, self.pipeline, store)
    }

    pub(super) fn acting_role(&self) -> &'a str {
        let own = self.action.and_then(|action| action.role_arn.as_ref());
        own.map_or(self.pipeline.role_arn.text.as_str(), |role| {
            role.text.as_str()
        })
    }

    /// The account in which names without an account are looked up: that of the acting role.
    pub(super) fn account(&self) -> String {
        let account = account_in(self.acting_role());
        account.unwrap_or(&self.pipeline.account).to_owned()
    }

    pub(super) fn region(&self) -> Option<String> {
        let own = self.action.and_then(|action| action.region.as_ref());
        own.map(|region| region.text.clone())
            .or_else(|| home_region(self.graph, self.pipeline))
    }

    /// What to say of a role that no input can name; its words may hold variables.
    pub(super) fn unnamed(&self, unknown: &UnknownRole) -> MissingFact {
        let what = self.fill(&unknown.what).text;
        MissingFact {
            rule: "role-unnamed",
            subject: what.clone(),
            what,
            supply: self.fill(&unknown.supply).text,
            told_by: ToldBy::default(),
        }
    }

    pub(super) fn missing_region(&self) -> MissingFact {
        MissingFact {
            rule: "value-unknown",
            what: format!("the Region of the pipeline `{}`", self.pipeline.name.text),
            subject: self.pipeline.name.text.clone(),
            supply: "give the whole answer of `aws codepipeline get-pipeline`, whose `metadata.pipelineArn` names it, \
                     or put the file under `<account>/<region>/codepipeline/`"
                .to_owned(),
            told_by: ToldBy::default(),
        }
    }

    /// The operations of a rule: its own, then its alternatives.
    pub(super) fn operations(rule: &RequirementRule) -> impl Iterator<Item = (&String, bool)> {
        let alternatives = rule.alternatives.iter().map(|operation| (operation, true));
        rule.operations
            .iter()
            .map(|operation| (operation, false))
            .chain(alternatives)
    }
}

/// How many variables of one configuration value are named. Every requirement keeps them all, and one is enough to leave it undecided;
/// a value has room for thousands.
const NAMED_VARIABLES: usize = 32;

/// A configuration value. `#{namespace.Name}` is filled in by AWS when the pipeline runs.
fn configuration(action: Option<&Action>, key: &str) -> Found {
    let Some(value) = action.and_then(|action| action.configuration.get(key)) else {
        return Found::Absent;
    };
    if value.text.is_empty() {
        return Found::Absent;
    }
    Found::Mixed(with_variables(
        &value.text,
        value.origin,
        &format!("the configuration key `{key}`"),
    ))
}

/// A text in which `#{namespace.Name}` stands for what only the run knows; `whose` says where it is written.
pub(super) fn with_variables(text: &str, origin: Origin, whose: &str) -> Filled {
    let mut filled = Filled {
        origin: Some(origin),
        ..Filled::default()
    };
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("#{") {
        let Some((variable, after)) = behind.split_once('}') else {
            break;
        };
        filled.text.push_str(before);
        // Two of them side by side are one unknown text.
        if !before.is_empty() || !filled.text.ends_with('*') {
            filled.text.push('*');
        }
        let subject = format!("#{{{variable}}}");
        let known = || filled.missing.iter().any(|fact| fact.subject == subject);
        if filled.missing.len() < NAMED_VARIABLES && !known() {
            filled.missing.push(MissingFact {
                rule: "value-unknown",
                what: format!("the value of `{subject}` in {whose}"),
                subject,
                supply: "write the value out, for only the run knows it".to_owned(),
                told_by: ToldBy::default(),
            });
        }
        rest = after;
    }
    filled.text.push_str(rest);
    filled
}

/// The Region the pipeline lives in, by the best evidence there is.
pub fn home_region(graph: &Graph, pipeline: &Pipeline) -> Option<String> {
    let of_bucket = || {
        let store = pipeline.artifact_store.as_ref()?;
        let bucket = graph.bucket(&store.location.text);
        bucket.known()?.region.known().cloned()
    };
    pipeline.region.clone().or_else(of_bucket)
}

/// The ARN of a store's customer managed key; `None` when AWS's own `aws/s3` key is used.
///
/// A bare id and an alias are looked up in the pipeline's account here; that they mean something else to a role of
/// another account is a finding of its own.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html>
pub fn customer_key(
    graph: &Graph,
    pipeline: &Pipeline,
    store: &Store<'_>,
) -> Option<Result<String, MissingFact>> {
    let id = store.key_id?;
    let alias = id
        .rsplit_once(":alias/")
        .map(|(_, name)| name)
        .or_else(|| id.strip_prefix("alias/"));
    if let Some(alias) = alias {
        if alias.starts_with("aws/") {
            return None;
        }
        let wanted = format!("alias/{alias}");
        let found = graph.keys.values().find(|key| {
            let here = Arn::parse(&key.arn).is_some_and(|arn| {
                may_be_equal(&arn.account, &pipeline.account)
                    && store
                        .region
                        .as_ref()
                        .is_none_or(|region| may_be_equal(region, &arn.region))
            });
            let named = matches!(&key.aliases, Fact::Known(aliases) if aliases.contains(&wanted));
            here && named
        });
        let open = MissingFact::unresolved_in(graph, &wanted).next();
        if let (None, Some(open)) = (found, open) {
            return Some(Err(open));
        }
        let (partition, account) = (&pipeline.partition, &pipeline.account);
        let region = store.region.as_deref().unwrap_or("*");
        let named = format!("arn:{partition}:kms:{region}:{account}:{wanted}");
        if found.is_none() {
            graph.want(|| Want::Key(named.clone()));
        }
        return Some(found.map(|key| key.arn.clone()).ok_or_else(|| MissingFact {
            rule: "key-policy-unseen",
            what: format!("the key behind the alias `{wanted}`"),
            subject: wanted.clone(),
            supply: format!(
                "export it with `aws kms describe-key --key-id {wanted}`, `aws kms get-key-policy` and `aws kms list-aliases` \
                 into `{}/<region>/kms/<key-id>.json`",
                pipeline.account
            ),
            told_by: ToldBy::about(&named),
        }));
    }
    // A parameter may be an ARN, and is whatever it is to whoever names it as well.
    if id.starts_with("arn:") || id.starts_with(is_unknown) {
        return Some(Ok(id.to_owned()));
    }
    let region = store.region.clone().unwrap_or_else(|| "*".to_owned());
    Some(Ok(format!(
        "arn:{}:kms:{region}:{}:key/{id}",
        pipeline.partition, pipeline.account
    )))
}
