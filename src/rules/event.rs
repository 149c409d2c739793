//! Event rules as EventBridge describes them, and whether the pattern of one takes an event.
//!
//! Shapes: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html>

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::graph::{Arn, Graph, Resource, Value, has_symbol, may_be_equal};

/// An event as far as it is known beforehand: by dotted path the values of which it has one. What is not in it may be anything.
pub(super) type Event = BTreeMap<String, Vec<String>>;

/// Whether an event rule takes an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taken {
    /// Never.
    No,
    /// That depends on what is not known of the event, or on tests that are not read here.
    Perhaps,
    /// Always.
    Yes,
}

/// An event rule among the facts.
#[derive(Debug, Clone)]
pub struct EventRule<'g> {
    /// Its description.
    pub resource: &'g Resource,
    /// Its account.
    pub account: String,
    /// The ARN of the bus that it listens on.
    pub bus: String,
    /// Where it is written that it is disabled.
    pub disabled: Option<&'g Value>,
    /// Whom it sends events to.
    pub targets: Vec<EventTarget<'g>>,
}

/// A target of an event rule.
#[derive(Debug, Clone)]
pub struct EventTarget<'g> {
    /// Its ARN.
    pub arn: &'g Value,
    /// The role that EventBridge takes up to reach it: the target's own, or that of the rule.
    pub role: Option<&'g Value>,
}

/// The event rules among the facts.
pub(super) fn event_rules(graph: &Graph) -> Vec<EventRule<'_>> {
    graph
        .resources
        .values()
        .filter_map(|resource| {
            let arn = Arn::parse(&resource.arn)?;
            let is_rule = arn.service == "events" && arn.resource.starts_with("rule/");
            is_rule.then(|| EventRule::new(resource, arn))
        })
        .collect()
}

/// Whether an ARN is that of an event bus.
pub(super) fn is_bus(arn: &Arn) -> bool {
    arn.service == "events" && arn.resource.starts_with("event-bus/")
}

impl<'g> EventRule<'g> {
    fn new(resource: &'g Resource, arn: Arn) -> Self {
        let value = |path: &str| {
            resource
                .values
                .get(path)
                .filter(|value| !value.text.is_empty())
        };
        let bus = match value("EventBusName").map_or("default", |name| name.text.as_str()) {
            name if name.starts_with("arn:") => name.to_owned(),
            name => Arn {
                resource: format!("event-bus/{name}"),
                ..arn.clone()
            }
            .to_string(),
        };
        let targets = (0..).map_while(|index| {
            let arn = value(&format!("Targets[{index}].Arn"))?;
            let role = value(&format!("Targets[{index}].RoleArn"));
            Some(EventTarget {
                arn,
                role: role.or_else(|| value("RoleArn")),
            })
        });
        Self {
            resource,
            bus,
            disabled: value("State").filter(|state| state.text == "DISABLED"),
            targets: targets.collect(),
            account: arn.account,
        }
    }

    /// Whether the rule takes one of these events.
    pub(super) fn takes(&self, events: &[Event]) -> Taken {
        let Some(text) = self.resource.values.get("EventPattern") else {
            // A rule has a pattern, or a schedule, or both.
            let scheduled = self.resource.values.contains_key("ScheduleExpression");
            return if scheduled { Taken::No } else { Taken::Perhaps };
        };
        let Ok(pattern) = serde_json::from_str::<Json>(&text.text) else {
            return Taken::Perhaps;
        };
        let taken = events.iter().map(|event| takes(&pattern, event, ""));
        taken.max().unwrap_or(Taken::No)
    }
}

/// All members of a pattern must fit: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
fn takes(pattern: &Json, event: &Event, path: &str) -> Taken {
    let Json::Object(members) = pattern else {
        return Taken::Perhaps;
    };
    let one = |(name, wanted): (&String, &Json)| {
        if name == "$or" {
            let choices = wanted.as_array().map_or(&[][..], Vec::as_slice);
            let choices = choices.iter().map(|choice| takes(choice, event, path));
            return choices.max().unwrap_or(Taken::Perhaps);
        }
        let path = match path {
            "" => name.clone(),
            path => format!("{path}.{name}"),
        };
        match wanted {
            Json::Object(_) => takes(wanted, event, &path),
            Json::Array(tests) => match event.get(&path) {
                Some(values) => values.iter().map(|value| any(tests, value)).max(),
                None => None,
            }
            .unwrap_or(Taken::Perhaps),
            _ => Taken::Perhaps,
        }
    };
    members.iter().map(one).min().unwrap_or(Taken::Yes)
}

fn any(tests: &[Json], value: &str) -> Taken {
    let fits = tests.iter().map(|test| fits(test, value));
    fits.max().unwrap_or(Taken::No)
}

/// One test of one value: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>
fn fits(test: &Json, value: &str) -> Taken {
    let members = match test {
        Json::String(text) if text != value && may_be_equal(text, value) => return Taken::Perhaps,
        Json::String(text) => return Taken::from(text == value),
        Json::Object(members) => members,
        // What is known of events beforehand are texts.
        Json::Null | Json::Bool(_) | Json::Number(_) => return Taken::No,
        Json::Array(_) => return Taken::Perhaps,
    };
    let mut members = members.iter();
    let (Some((name, wanted)), None) = (members.next(), members.next()) else {
        return Taken::Perhaps;
    };
    if has_symbol(value) || has_symbol(&test.to_string()) {
        return Taken::Perhaps;
    }
    match (name.as_str(), wanted) {
        ("prefix", Json::String(text)) => Taken::from(value.starts_with(text)),
        ("suffix", Json::String(text)) => Taken::from(value.ends_with(text)),
        ("equals-ignore-case", Json::String(text)) => {
            Taken::from(text.to_lowercase() == value.to_lowercase())
        }
        ("anything-but", Json::String(text)) => Taken::from(text != value),
        ("anything-but", Json::Array(texts)) if texts.iter().all(Json::is_string) => {
            Taken::from(texts.iter().all(|text| text.as_str() != Some(value)))
        }
        ("exists", Json::Bool(wanted)) => Taken::from(*wanted),
        _ => Taken::Perhaps,
    }
}

impl From<bool> for Taken {
    fn from(taken: bool) -> Self {
        if taken { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_what_they_name() {
        let values = |values: &[&str]| values.iter().map(|&one| one.to_owned()).collect();
        let event: Event = [
            ("source", values(&["aws.codecommit"])),
            (
                "detail.event",
                values(&["referenceCreated", "referenceUpdated"]),
            ),
            ("detail.referenceName", values(&["main"])),
        ]
        .into_iter()
        .map(|(path, values)| (path.to_owned(), values))
        .collect();
        let table = [
            (r#"{}"#, Taken::Yes),
            (r#"{"source": ["aws.codecommit", "aws.ecr"]}"#, Taken::Yes),
            (r#"{"source": ["aws.ecr"]}"#, Taken::No),
            (r#"{"source": []}"#, Taken::No),
            (r#"{"source": [7, null]}"#, Taken::No),
            (r#"{"source": [{"prefix": "aws."}]}"#, Taken::Yes),
            (r#"{"source": [{"prefix": "acme."}]}"#, Taken::No),
            (
                r#"{"source": [{"prefix": {"equals-ignore-case": "AWS."}}]}"#,
                Taken::Perhaps,
            ),
            (r#"{"source": [{"suffix": "commit"}]}"#, Taken::Yes),
            (
                r#"{"source": [{"equals-ignore-case": "AWS.CodeCommit"}]}"#,
                Taken::Yes,
            ),
            (r#"{"source": [{"wildcard": "aws.*"}]}"#, Taken::Perhaps),
            (r#"{"source": [{"anything-but": "aws.ecr"}]}"#, Taken::Yes),
            (
                r#"{"source": [{"anything-but": ["aws.codecommit"]}]}"#,
                Taken::No,
            ),
            (
                r#"{"source": [{"anything-but": {"prefix": "aws"}}]}"#,
                Taken::Perhaps,
            ),
            (r#"{"source": [{"exists": true}]}"#, Taken::Yes),
            (r#"{"source": [{"exists": false}]}"#, Taken::No),
            (r#"{"source": "aws.codecommit"}"#, Taken::Perhaps),
            (
                r#"{"detail": {"event": ["referenceDeleted", "referenceUpdated"]}}"#,
                Taken::Yes,
            ),
            (r#"{"detail": {"event": ["referenceDeleted"]}}"#, Taken::No),
            (
                r#"{"detail": {"referenceName": ["main"], "commitId": ["1"]}}"#,
                Taken::Perhaps,
            ),
            (
                r#"{"detail": {"referenceName": ["dev"], "commitId": ["1"]}}"#,
                Taken::No,
            ),
            (
                r#"{"$or": [{"source": ["aws.ecr"]}, {"detail": {"event": ["referenceCreated"]}}]}"#,
                Taken::Yes,
            ),
            (r#"{"$or": [{"source": ["aws.ecr"]}]}"#, Taken::No),
            (r#"[]"#, Taken::Perhaps),
        ];
        for (pattern, expected) in table {
            let json: Json = serde_json::from_str(pattern).unwrap();
            assert_eq!(takes(&json, &event, ""), expected, "{pattern}");
        }
    }
}
