//! Event rules and buses.

use futures_util::future::join_all;
use serde_json::Value;

use super::super::calls::{
    DESCRIBE_EVENT_BUS, DESCRIBE_RULE, LIST_EVENT_BUSES, LIST_RULE_NAMES_BY_TARGET,
    LIST_TARGETS_BY_RULE,
};
use super::super::mask;
use super::super::session::{Session, client};
use super::{Gathered, is_absent, name_behind, object};
use crate::graph::Arn;
use crate::load::{Refused, SnapshotFile};

/// The bus that every account has, and that AWS's services send to.
const DEFAULT: &str = "default";

/// Reads the rules of a Region that have a target, on whatever bus they listen.
///
/// What was refused is told about the target in a file of its own: of a rule that could not be read nothing else is known.
pub(super) async fn rules(session: &Session, region: &str, target: &str) -> Vec<SnapshotFile> {
    let client = client!(session, aws_sdk_eventbridge, region);
    let search = Search {
        session,
        client: &client,
        region,
        target,
    };
    let mut files = Vec::new();
    let mut refused = Vec::new();
    match search.buses().await {
        Ok(buses) => {
            let found = join_all(buses.iter().map(|bus| search.on_bus(bus))).await;
            for found in found.into_iter().flatten() {
                match found {
                    Ok(file) => files.push(file),
                    Err(one) => refused.push(one),
                }
            }
        }
        Err(one) => refused.push(one),
    }
    // A bus or a rule that was deleted meanwhile is none that starts anything.
    refused.retain(|one| !is_absent(one));
    if !refused.is_empty() {
        let gathered = Gathered {
            refused,
            ..Gathered::default()
        };
        let segments = [
            &session.account,
            region,
            "events",
            "rules-by-target",
            target,
        ];
        files.push(gathered.file(&segments, target));
    }
    files
}

/// The search for rules with one target.
struct Search<'a> {
    session: &'a Session,
    client: &'a aws_sdk_eventbridge::Client,
    region: &'a str,
    target: &'a str,
}

impl Search<'_> {
    /// The names of the Region's buses: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventBuses.html>
    async fn buses(&self) -> Result<Vec<String>, Refused> {
        let mut names = vec![DEFAULT.to_owned()];
        let mut next = None;
        loop {
            let sent = self.client.list_event_buses().set_next_token(next).send();
            let call = self.session.call(LIST_EVENT_BUSES, self.target, sent);
            let page = call.await?;
            names.extend(
                page.event_buses()
                    .iter()
                    .filter_map(|bus| bus.name().map(str::to_owned)),
            );
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// The rules of a bus, each in its file:
    /// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html>
    async fn on_bus(&self, bus: &str) -> Vec<Result<SnapshotFile, Refused>> {
        match self.names(bus).await {
            Ok(names) => join_all(names.iter().map(|name| self.rule(bus, name))).await,
            Err(refused) => vec![Err(refused)],
        }
    }

    async fn names(&self, bus: &str) -> Result<Vec<String>, Refused> {
        let mut names = Vec::new();
        let mut next = None;
        loop {
            let request = self.client.list_rule_names_by_target();
            let request = request.target_arn(self.target).event_bus_name(bus);
            let sent = request.set_next_token(next).send();
            let call = self
                .session
                .call(LIST_RULE_NAMES_BY_TARGET, self.target, sent);
            let page = call.await?;
            names.extend(page.rule_names().iter().cloned());
            next = page.next_token;
            if next.is_none() {
                return Ok(names);
            }
        }
    }

    async fn rule(&self, bus: &str, name: &str) -> Result<SnapshotFile, Refused> {
        let send = |body| {
            let request = self.client.describe_rule().name(name).event_bus_name(bus);
            request.customize().interceptor(body).send()
        };
        let described = self.session.json(DESCRIBE_RULE, self.target, send);
        let (described, targets) = futures_util::join!(described, self.targets(bus, name));
        let described = described?;
        let arn = described.get("Arn").and_then(Value::as_str);
        let arn = arn.unwrap_or(name).to_owned();
        let mut gathered = Gathered {
            members: object(described),
            refused: Vec::new(),
        };
        let mut targets = targets?;
        mask::targets(&mut targets);
        gathered.put("Targets", Ok(targets));
        let mut segments = vec![
            self.session.account.as_str(),
            self.region,
            "events",
            "rules",
        ];
        // Two buses may have rules of one name.
        segments.extend(Some(bus).filter(|bus| *bus != DEFAULT));
        segments.push(name);
        Ok(gathered.file(&segments, &arn))
    }

    /// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html>
    async fn targets(&self, bus: &str, name: &str) -> Result<Value, Refused> {
        let mut targets = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let send = |body| {
                let request = self.client.list_targets_by_rule();
                let request = request.rule(name).event_bus_name(bus);
                let request = request.set_next_token(next.clone());
                request.customize().interceptor(body).send()
            };
            let page = self.session.json(LIST_TARGETS_BY_RULE, self.target, send);
            let mut page = page.await?;
            if let Some(Value::Array(items)) = page.get_mut("Targets") {
                targets.append(items);
            }
            next = page
                .get("NextToken")
                .and_then(Value::as_str)
                .map(str::to_owned);
            if next.is_none() {
                return Ok(targets.into());
            }
        }
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
        let request = client.describe_event_bus().name(name);
        request.customize().interceptor(body).send()
    };
    let mut gathered = Gathered::default();
    match session.json(DESCRIBE_EVENT_BUS, &subject, send).await {
        Ok(answer) => gathered.members = object(answer),
        Err(refused) => gathered.refused.push(refused),
    }
    let segments = [&session.account, &arn.region, "events", "buses", name];
    vec![gathered.file(&segments, &subject)]
}
