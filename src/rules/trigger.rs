//! How a pipeline comes to start: the way of an event from a source, by event rules and buses, to the pipeline.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/change-detection-methods.html>

use super::event::{Event, EventRule, EventTarget, Taken, event_rules, is_bus};
use super::expand::{Expansion, Ground};
use super::variables::{Scope, home_region};
use super::{
    Catalogue, Certainty, MissingFact, NamedParty, Party, Purpose, RequirementRule, Site, Starts,
    ToldBy,
};
use crate::graph::{Action, Arn, Graph, Pipeline, Value, Want, account_in, may_be_equal};

/// Who takes up the roles of event rules.
const SERVICE: &str = "events.amazonaws.com";

/// What tells the rules that have a target.
const READS: &[&str] = &[
    "events:DescribeRule",
    "events:ListEventBuses",
    "events:ListRuleNamesByTarget",
    "events:ListTargetsByRule",
];

/// A source action whose changes give rise to events.
#[derive(Debug, Clone)]
pub struct EventSource<'a> {
    /// Its stage and its place there.
    pub indices: (usize, usize),
    /// The action.
    pub action: &'a Action,
    /// The account whose events they are.
    pub account: String,
    /// The configuration key that decides whether CodePipeline polls it.
    pub polling: Option<&'a str>,
    /// Whether CodePipeline polls it.
    pub polls: bool,
    /// Whether it acts in another account in a way that sources disagree about.
    pub disputed: bool,
    events: Vec<Event>,
}

/// A target of an event rule that has to do with a pipeline.
#[derive(Debug, Clone)]
pub struct Trigger<'g> {
    /// The rule.
    pub rule: EventRule<'g>,
    /// The target.
    pub target: EventTarget<'g>,
    /// Whether the target is the pipeline; otherwise it is an event bus of the pipeline's account.
    pub starts: bool,
    /// For every source action, in their order, whether the rule takes its events.
    pub takes: Vec<Taken>,
}

/// The source actions of a pipeline whose changes give rise to events.
pub fn event_sources<'a>(
    graph: &'a Graph,
    catalogue: &'a Catalogue,
    pipeline: &'a Pipeline,
) -> Vec<EventSource<'a>> {
    let mut sources = Vec::new();
    for (stage_index, stage) in pipeline.stages.iter().enumerate() {
        for (index, action) in stage.actions.iter().enumerate() {
            let provider = catalogue.provider(&action.type_id);
            let Some((provider, starts)) =
                provider.and_then(|provider| Some((provider, provider.starts.as_ref()?)))
            else {
                continue;
            };
            let scope = Scope {
                action: Some(action),
                provider: Some(provider),
                ..Scope::of_pipeline(graph, pipeline)
            };
            let account = scope.account();
            let polls = starts.polling.as_ref().is_some_and(|key| {
                let value = action.configuration.get(key);
                !value.is_some_and(|value| value.text.eq_ignore_ascii_case("false"))
            });
            sources.push(EventSource {
                indices: (stage_index, index),
                action,
                polling: starts.polling.as_deref(),
                polls,
                disputed: starts.foreign_polling_disputed
                    && !may_be_equal(&account, &pipeline.account),
                events: events(starts, scope),
                account,
            });
        }
    }
    sources
}

/// The events of a source, without what only the run knows.
fn events(starts: &Starts, scope: Scope<'_>) -> Vec<Event> {
    let known = |template: &String| {
        let filled = scope.fill(template);
        let certain = !filled.absent && filled.missing.is_empty();
        certain.then_some(filled.text)
    };
    let event = |members: &Event| {
        members
            .iter()
            .filter_map(|(path, templates)| {
                let values: Option<Vec<String>> = templates.iter().map(known).collect();
                Some((path.clone(), values?))
            })
            .collect()
    };
    starts.events.iter().map(event).collect()
}

/// The targets of event rules that have to do with a pipeline, in the order of the rules' ARNs.
pub fn triggers<'g>(
    graph: &'g Graph,
    pipeline: &Pipeline,
    sources: &[EventSource<'_>],
) -> Vec<Trigger<'g>> {
    let mut triggers = Vec::new();
    for rule in event_rules(graph) {
        // Most rules have nothing to do with the pipeline, and their patterns need not be read.
        let mut read: Option<Vec<Taken>> = None;
        for target in &rule.targets {
            let Some(arn) = Arn::parse(&target.arn.text) else {
                continue;
            };
            let starts = is_pipeline(graph, pipeline, &arn);
            // What a pipeline's own account sends to its own buses nobody has to allow.
            let to_bus = is_bus(&arn)
                && arn.account == pipeline.account
                && !may_be_equal(&rule.account, &pipeline.account);
            if !starts && !to_bus {
                continue;
            }
            let takes = read.get_or_insert_with(|| {
                let taken = sources.iter().map(|source| rule.takes(&source.events));
                taken.collect()
            });
            let sends = to_bus
                && sources.iter().zip(takes.iter()).any(|(source, taken)| {
                    !source.polls && source.account == rule.account && *taken != Taken::No
                });
            if starts || sends {
                triggers.push(Trigger {
                    rule: rule.clone(),
                    target: target.clone(),
                    starts,
                    takes: takes.clone(),
                });
            }
        }
    }
    triggers
}

fn is_pipeline(graph: &Graph, pipeline: &Pipeline, arn: &Arn) -> bool {
    let home = home_region(graph, pipeline);
    arn.service == "codepipeline"
        && may_be_equal(&arn.account, &pipeline.account)
        && may_be_equal(&arn.resource, &pipeline.name.text)
        && home.is_none_or(|home| may_be_equal(&home, &arn.region))
}

/// Why an event rule cannot reach its target, whatever any policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It targets a pipeline of another account:
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-cross-account.html>
    ForeignPipeline,
    /// It has a pipeline as its target, and no role.
    NoRole,
    /// Its role belongs to another account, and could not be passed.
    ForeignRole,
}

impl Trigger<'_> {
    /// What keeps the rule from its target, whatever any policy says.
    pub fn obstacle(&self, pipeline: &Pipeline) -> Option<Obstacle> {
        if self.starts && !may_be_equal(&self.rule.account, &pipeline.account) {
            return Some(Obstacle::ForeignPipeline);
        }
        match self.target.role {
            None => self.starts.then_some(Obstacle::NoRole),
            Some(role) => {
                let own = account_in(&role.text)
                    .is_some_and(|account| may_be_equal(account, &self.rule.account));
                (!own).then_some(Obstacle::ForeignRole)
            }
        }
    }
}

impl<'a> Expansion<'a> {
    /// What has to be allowed so that changes of its sources start the pipeline.
    pub(super) fn starts(&mut self) {
        let sources = event_sources(self.graph, self.catalogue, self.pipeline);
        let triggers = triggers(self.graph, self.pipeline, &sources);
        self.want_event_rules(&sources, &triggers);
        for trigger in &triggers {
            if trigger.rule.disabled.is_none() && trigger.obstacle(self.pipeline).is_none() {
                self.trigger(trigger, &sources);
            }
        }
        if let Some(missing) = self.unseen(&sources, &triggers) {
            let caller = Party::Unknown {
                title: "role of an event rule".to_owned(),
                missing: vec![missing],
            };
            let scope = self.scope();
            let rule = &self.catalogue.pipeline.start_pipeline;
            let site = Site {
                pipeline: self.index,
                action: None,
                origin: self.pipeline.name.origin,
            };
            self.put_trigger(rule, scope, Purpose::Start, caller, site);
        }
    }

    /// Whether the inputs hold every event rule of an account and Region that has a target.
    fn has_all_rules(&self, account: &str, region: &str, target: &str) -> bool {
        let place = (account.to_owned(), region.to_owned(), target.to_owned());
        self.graph.event_targets.contains(&place)
    }

    /// The rules that start the pipeline, be it on a schedule or besides polling; those in the accounts of its sources that try to,
    /// and those there that send events to the buses on which the pipeline's own rules listen.
    fn want_event_rules(&self, sources: &[EventSource<'a>], triggers: &[Trigger<'a>]) {
        let Some(region) = home_region(self.graph, self.pipeline) else {
            return;
        };
        let want = |account: &str, target: String| {
            if self.has_all_rules(account, &region, &target) {
                return;
            }
            self.graph.want(|| Want::EventRules {
                account: account.to_owned(),
                region: region.clone(),
                target,
            });
        };
        let arn = self.pipeline.arn();
        let listening = triggers.iter().filter(|trigger| trigger.starts);
        let mut buses: Vec<String> = listening.map(|trigger| trigger.rule.bus.clone()).collect();
        if buses.is_empty() {
            let bus = Arn {
                service: "events".to_owned(),
                region: region.clone(),
                resource: "event-bus/default".to_owned(),
                ..arn.clone()
            };
            buses.push(bus.to_string());
        }
        want(&arn.account, arn.to_string());
        let foreign = sources
            .iter()
            .filter(|source| source.account != arn.account);
        for source in foreign {
            want(&source.account, arn.to_string());
            for bus in buses.iter().filter(|_| !source.polls) {
                want(&source.account, bus.clone());
            }
        }
    }

    fn trigger(&mut self, trigger: &Trigger<'a>, sources: &[EventSource<'a>]) {
        let rules = &self.catalogue.pipeline;
        let source = sources
            .iter()
            .zip(&trigger.takes)
            .find(|(source, taken)| source.account == trigger.rule.account && **taken != Taken::No);
        let site = Site {
            pipeline: self.index,
            action: match source {
                Some((source, _)) if !trigger.starts => Some(source.indices),
                _ => None,
            },
            origin: trigger.target.arn.origin,
        };
        let rule = trigger.rule.resource.arn.as_str();
        let scope = Scope {
            rule: Some(rule),
            bus: Some(&trigger.target.arn.text),
            role: trigger.target.role.map(|role| role.text.as_str()),
            ..self.scope()
        };
        let wanted = if trigger.starts {
            &rules.start_pipeline
        } else {
            &rules.send_events
        };
        let caller = match trigger.target.role {
            Some(role) => {
                let service = Party::Service(SERVICE.to_owned());
                let assume = &rules.assume_rule_role;
                let at_role = Site {
                    origin: role.origin,
                    ..site
                };
                self.put_trigger(assume, scope, Purpose::AssumeServiceRole, service, at_role);
                Party::Role(named(role, &role.text, "role of the event rule"))
            }
            None => {
                let (partition, account) = (&self.pipeline.partition, &trigger.rule.account);
                let arn = format!("arn:{partition}:iam::{account}:root");
                Party::Account(named(trigger.target.arn, &arn, "account of the event rule"))
            }
        };
        self.put_trigger(wanted, scope, Purpose::Start, caller, site);
    }

    fn put_trigger(
        &mut self,
        rule: &RequirementRule,
        scope: Scope<'_>,
        purpose: Purpose,
        caller: Party,
        site: Site,
    ) {
        self.put(
            rule,
            Ground {
                doubt: std::collections::BTreeSet::new(),
                scope,
                purpose,
                caller,
                certainty: Certainty::Necessary,
                site,
                action: None,
            },
        );
    }

    /// What nobody has seen of the way from the sources to the pipeline, where somebody has given event rules or buses at all:
    /// a pipeline that people start by hand needs none.
    fn unseen(&self, sources: &[EventSource<'a>], triggers: &[Trigger<'a>]) -> Option<MissingFact> {
        let own = &self.pipeline.account;
        let known = triggers
            .iter()
            .filter(|trigger| trigger.obstacle(self.pipeline).is_none());
        let known: Vec<&Trigger<'_>> = known.collect();
        // Per source whether a rule of its account sends its events here, and whether one of the pipeline's takes them.
        let halves = |index: usize, source: &EventSource<'_>| {
            let takes = |trigger: &&&Trigger<'_>| {
                trigger
                    .takes
                    .get(index)
                    .is_some_and(|taken| *taken != Taken::No)
            };
            let sending: Vec<&str> = known
                .iter()
                .filter(|trigger| !trigger.starts && trigger.rule.account == source.account)
                .filter(takes)
                .map(|trigger| trigger.target.arn.text.as_str())
                .collect();
            let foreign = source.account != *own;
            let starts = known.iter().filter(|trigger| trigger.starts).filter(takes);
            let starts = starts.filter(|trigger| {
                !foreign || sending.is_empty() || sending.contains(&trigger.rule.bus.as_str())
            });
            (!foreign || !sending.is_empty(), starts.count() > 0, foreign)
        };
        let mut whole = self.starts_otherwise(sources);
        let mut open = Vec::new();
        let mut half = Vec::new();
        for (index, source) in sources.iter().enumerate() {
            // A rule that cannot reach its target is a finding of its own, and was meant to be the way.
            let told = triggers.iter().any(|trigger| {
                trigger.obstacle(self.pipeline).is_some()
                    && trigger.takes.get(index) != Some(&Taken::No)
            });
            if source.polls || told {
                whole = true;
                continue;
            }
            match halves(index, source) {
                (true, true, _) => whole = true,
                (true, false, true) | (false, true, _) => half.push((index, source)),
                _ => open.push((index, source)),
            }
        }
        // Rules that take nothing of the sources start the pipeline all the same: a schedule, another pipeline's end.
        whole |= known
            .iter()
            .any(|trigger| trigger.starts && trigger.takes.iter().all(|taken| *taken == Taken::No));
        // Where all were looked for and none starts the pipeline, people do, by hand.
        let arn = self.pipeline.arn();
        let all = self.has_all_rules(own, &arn.region, &arn.to_string());
        let open = if whole || all || !self.events_are_given(sources) {
            half
        } else {
            half.extend(open);
            half.sort_by_key(|(index, _)| *index);
            half
        };
        let mut accounts = Vec::new();
        let mut names = Vec::new();
        for (index, source) in open {
            let (sent, started, _) = halves(index, source);
            names.push(format!("`{}`", source.action.name.text));
            accounts.extend((!sent).then(|| source.account.clone()));
            accounts.extend((!started).then(|| own.clone()));
        }
        if names.is_empty() {
            return None;
        }
        accounts.sort();
        accounts.dedup();
        let region = home_region(self.graph, self.pipeline);
        let region = region.as_deref().unwrap_or("<region>");
        let files: Vec<String> = accounts
            .iter()
            .map(|account| format!("`{account}/{region}/events/rules/<rule>.json`"))
            .collect();
        Some(MissingFact {
            rule: "start-unseen",
            what: format!(
                "the event rules by which a change of {} starts the pipeline",
                names.join(", ")
            ),
            subject: self.pipeline.arn().to_string(),
            supply: format!(
                "export them with `aws events describe-rule` and `aws events list-targets-by-rule` into {}",
                files.join(" and ")
            ),
            told_by: ToldBy {
                accounts,
                ..ToldBy::about(&self.pipeline.arn().to_string()).by(READS)
            },
        })
    }

    /// Whether a source starts the pipeline without event rules: CodeConnections, webhooks, or what the catalogue does not know.
    fn starts_otherwise(&self, sources: &[EventSource<'a>]) -> bool {
        let mut others = self
            .pipeline
            .stages
            .iter()
            .enumerate()
            .flat_map(|(stage, one)| {
                let actions = one.actions.iter().enumerate();
                actions.map(move |(index, action)| ((stage, index), action))
            });
        others.any(|(indices, action)| {
            action.type_id.category == "Source"
                && !sources.iter().any(|source| source.indices == indices)
        })
    }

    /// Whether somebody has given event rules or buses, or asked for them in vain.
    fn events_are_given(&self, sources: &[EventSource<'a>]) -> bool {
        let asked = self.graph.refusals(&self.pipeline.arn().to_string());
        if asked
            .iter()
            .any(|refusal| READS.contains(&refusal.operation.as_str()))
        {
            return true;
        }
        self.graph.resources.keys().any(|arn| {
            Arn::parse(arn).is_some_and(|arn| {
                arn.service == "events"
                    && (arn.account == self.pipeline.account
                        || sources.iter().any(|source| source.account == arn.account))
            })
        })
    }
}

fn named(at: &Value, arn: &str, title: &str) -> NamedParty {
    NamedParty {
        arn: arn.to_owned(),
        title: title.to_owned(),
        origin: at.origin,
    }
}
