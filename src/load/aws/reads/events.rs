//! Event rules and buses.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::Value;

use super::super::calls::{
    DESCRIBE_EVENT_BUS, DESCRIBE_RULE, LIST_EVENT_BUSES, LIST_RULE_NAMES_BY_TARGET,
    LIST_TARGETS_BY_RULE,
};
use super::super::mask;
use super::super::memo::Memo;
use super::super::session::{Session, client};
use super::{Gathered, is_absent, name_behind, no_answer, object, paged, text, whole};
use crate::graph::Arn;
use crate::load::hint::partition_of;
use crate::load::{Refused, SnapshotFile};

/// The bus that every account has, and that AWS's services send to.
const DEFAULT: &str = "default";

/// Reads the rules of a Region that have a target, on whatever bus they listen.
///
/// What was refused is told about the target in a file of its own: of a rule that could not be read nothing else is known.
pub(super) async fn rules(
    memo: &Memo,
    session: &Session,
    region: &str,
    target: &str,
) -> Vec<SnapshotFile> {
    let client = client!(session, aws_sdk_eventbridge, region);
    let search = Search {
        memo,
        session,
        client,
        region,
        target,
    };
    let (buses, mut refused) = search.buses().await;
    let mut files = Vec::new();
    let mut rules = BTreeSet::new();
    let found = join_all(buses.iter().map(|bus| search.on_bus(bus))).await;
    for found in found.into_iter().flatten() {
        match found {
            Ok(file) => {
                rules.insert(file.name.clone());
                files.push(file);
            }
            Err(one) => refused.push(one),
        }
    }
    // A bus or a rule that was deleted meanwhile is none that starts anything.
    refused.retain(|one| !is_absent(one));
    for one in &mut refused {
        target.clone_into(&mut one.subject);
    }
    refused.dedup();
    let mut gathered = Gathered::default();
    // That there are no others is told only where all were seen.
    if refused.is_empty() {
        gathered.put("TargetArn", Ok(target.into()));
        gathered.put("RuleArns", Ok(rules.into_iter().collect()));
    }
    gathered.refused = refused;
    let mut segments = vec![session.account.as_str(), region];
    segments.extend(["events", "rules-by-target", target]);
    files.push(gathered.file(&segments, target));
    files
}

/// The search for rules with one target.
struct Search<'a> {
    memo: &'a Memo,
    session: &'a Session,
    client: aws_sdk_eventbridge::Client,
    region: &'a str,
    target: &'a str,
}

impl Search<'_> {
    /// The ARN of something of EventBridge's in the Region that is searched.
    fn arn(&self, resource: &str) -> String {
        let (partition, region) = (partition_of(self.region), self.region);
        let account = &self.session.account;
        format!("arn:{partition}:events:{region}:{account}:{resource}")
    }

    /// The Region's buses; where they may not be listed, the one that every account has.
    async fn buses(&self) -> (Vec<String>, Vec<Refused>) {
        let question = self.arn("event-bus/*");
        let listed = self.listed(&question);
        let (mut names, refused) = match self.memo.once(question.clone(), listed).await {
            Ok(Value::Array(names)) => (names, Vec::new()),
            Ok(_) => (Vec::new(), Vec::new()),
            Err(refused) => (Vec::new(), vec![refused]),
        };
        names.push(DEFAULT.into());
        let names = names.iter().filter_map(Value::as_str).map(str::to_owned);
        let names: BTreeSet<String> = names.collect();
        (names.into_iter().collect(), refused)
    }

    /// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventBuses.html>
    async fn listed(&self, subject: &str) -> Result<Value, Refused> {
        let names = paged(async |next| {
            let sent = self.client.list_event_buses().set_next_token(next).send();
            let page = self.session.call(LIST_EVENT_BUSES, subject, sent).await?;
            let none = || no_answer(LIST_EVENT_BUSES, subject, "EventBuses");
            let buses = page.event_buses.ok_or_else(none)?;
            let names: Vec<Value> = buses.iter().map(|bus| bus.name().into()).collect();
            Ok((page.next_token, names))
        });
        Ok(names.await?.into())
    }

    /// The rules of a bus, each in its file.
    async fn on_bus(&self, bus: &str) -> Vec<Result<SnapshotFile, Refused>> {
        match self.names(bus).await {
            Ok(names) => join_all(names.iter().map(|name| self.rule(bus, name))).await,
            Err(refused) => vec![Err(refused)],
        }
    }

    /// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html>
    async fn names(&self, bus: &str) -> Result<Vec<String>, Refused> {
        let names = paged(async |next| {
            let sent = self
                .client
                .list_rule_names_by_target()
                .target_arn(self.target)
                .event_bus_name(bus)
                .set_next_token(next)
                .send();
            let call = LIST_RULE_NAMES_BY_TARGET;
            let page = self.session.call(call, self.target, sent).await?;
            let none = || no_answer(call, self.target, "RuleNames");
            Ok((page.next_token, page.rule_names.ok_or_else(none)?))
        });
        names.await
    }

    async fn rule(&self, bus: &str, name: &str) -> Result<SnapshotFile, Refused> {
        // Two buses may have rules of one name.
        let bus_segment = Some(bus).filter(|bus| *bus != DEFAULT);
        let path: Vec<&str> = bus_segment.into_iter().chain([name]).collect();
        let subject = self.arn(&format!("rule/{}", path.join("/")));
        // One rule may have several targets.
        let described = self.described(&subject, bus, name);
        let rule = self.memo.once(subject.clone(), described).await?;
        let gathered = Gathered {
            members: object(rule),
            ..Gathered::default()
        };
        let mut segments = vec![self.session.account.as_str(), self.region];
        segments.extend(["events", "rules"]);
        segments.extend(path);
        Ok(gathered.file(&segments, &subject))
    }

    /// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html>
    async fn described(&self, subject: &str, bus: &str, name: &str) -> Result<Value, Refused> {
        let send = |body| {
            self.client
                .describe_rule()
                .name(name)
                .event_bus_name(bus)
                .customize()
                .interceptor(body)
                .send()
        };
        let described = self.session.json(DESCRIBE_RULE, subject, send);
        let targets = self.targets(subject, bus, name);
        let (described, targets) = futures_util::join!(described, targets);
        let mut rule = object(whole(DESCRIBE_RULE, subject, described?, "Arn")?);
        let mut targets = targets?;
        mask::targets(&mut targets);
        rule.insert("Targets".to_owned(), targets);
        Ok(rule.into())
    }

    /// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html>
    async fn targets(&self, subject: &str, bus: &str, name: &str) -> Result<Value, Refused> {
        let targets = paged(async |next| {
            let send = |body| {
                self.client
                    .list_targets_by_rule()
                    .rule(name)
                    .event_bus_name(bus)
                    .set_next_token(next)
                    .customize()
                    .interceptor(body)
                    .send()
            };
            let page = self.session.json(LIST_TARGETS_BY_RULE, subject, send);
            let mut page = whole(LIST_TARGETS_BY_RULE, subject, page.await?, "Targets")?;
            let next = text(&page, "NextToken").map(str::to_owned);
            let targets = match page.get_mut("Targets").map(Value::take) {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            };
            Ok((next, targets))
        });
        Ok(targets.await?.into())
    }
}

/// Reads a bus: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html>
pub(super) async fn bus(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let Some(name) = name_behind(arn, "event-bus/") else {
        return Vec::new();
    };
    let client = client!(session, aws_sdk_eventbridge, arn.region);
    let subject = arn.to_string();
    let send = |body| {
        client
            .describe_event_bus()
            .name(name)
            .customize()
            .interceptor(body)
            .send()
    };
    let mut gathered = Gathered::default();
    let answer = session.json(DESCRIBE_EVENT_BUS, &subject, send).await;
    match answer.and_then(|answer| whole(DESCRIBE_EVENT_BUS, &subject, answer, "Arn")) {
        Ok(answer) => gathered.members = object(answer),
        Err(refused) => gathered.refused.push(refused),
    }
    let segments = [&session.account, &arn.region, "events", "buses", name];
    vec![gathered.file(&segments, &subject)]
}
