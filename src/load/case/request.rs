//! What is asked in a case.

use std::collections::BTreeMap;

use super::{Asked, principal};
use crate::graph::Written;
use crate::load::reader::Reading;
use crate::source::{Kind, Node, Origin};

const REQUEST_MEMBERS: &[&str] = &[
    "principal",
    "action",
    "resource",
    "resourceIsPattern",
    "context",
    "perhaps",
    "unknown",
    "principalInManagementAccount",
    "resourceInManagementAccount",
    "principalIsServiceLinkedRole",
];

/// How long an action and a resource may be, as for AWS's own simulator.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html>
const LONGEST_ACTION: usize = 128;
const LONGEST_RESOURCE: usize = 2048;

fn short(reading: &mut Reading<'_>, written: &Written, most: usize, what: &str) -> bool {
    let fits = written.text.chars().count() <= most;
    if !fits {
        reading.fail(
            written.origin,
            format!("the {what} is too long: AWS takes at most {most} characters"),
        );
    }
    fits
}

/// Reads `request`; `None` when something in it is wrong, which is then named.
pub(super) fn read(reading: &mut Reading<'_>, request: Origin) -> Option<Asked> {
    reading.only(request, REQUEST_MEMBERS, "`request`");
    let principal = required(reading, request, "principal").and_then(|written| {
        let who = principal::read(&written.text);
        if who.is_none() {
            reading.fail(
                written.origin,
                format!(
                    "`{}` is no principal: {}",
                    written.text,
                    principal::EXPECTED
                ),
            );
        }
        who
    });
    let action = required(reading, request, "action").filter(|written| {
        let fits = matches!(written.text.split_once(':'), Some((service, name))
            if !service.is_empty() && !name.is_empty() && !written.text.contains(['*', '?', ' ']));
        if !fits {
            let text = &written.text;
            reading.fail(
                written.origin,
                format!("`{text}` is no action: expected one such as `s3:GetObject`"),
            );
        }
        fits && short(reading, written, LONGEST_ACTION, "action")
    });
    let resource = required(reading, request, "resource").filter(|written| {
        let text = &written.text;
        let fits = text == "*" || (text.starts_with("arn:") && text.split(':').count() >= 6);
        if !fits {
            reading.fail(
                written.origin,
                format!("`{text}` is no resource: expected an ARN, or `*` for an action without resource types"),
            );
        }
        fits && short(reading, written, LONGEST_RESOURCE, "resource")
    });
    let context = context(reading, request, "context");
    let perhaps = perhaps(reading, request);
    let unknown = reading.strings(request, "unknown").unwrap_or_default();
    for key in &unknown {
        if context
            .keys()
            .any(|known| known.eq_ignore_ascii_case(&key.text))
        {
            let text = &key.text;
            reading.fail(
                key.origin,
                format!("`{text}` is in `unknown` and in `context`: expected it in one of them"),
            );
        }
    }
    Some(Asked {
        principal: principal?,
        action: action?.text,
        resource: resource?.text,
        resource_is_pattern: reading.flag(request, "resourceIsPattern"),
        context,
        perhaps,
        unknown: unknown.into_iter().map(|key| key.text).collect(),
        principal_in_management_account: reading.flag(request, "principalInManagementAccount"),
        resource_in_management_account: reading.flag(request, "resourceInManagementAccount"),
        principal_is_service_linked_role: reading.flag(request, "principalIsServiceLinkedRole"),
    })
}

/// Context keys that are absent or have one value, with that value.
fn perhaps(reading: &mut Reading<'_>, request: Origin) -> BTreeMap<String, String> {
    let keys = context(reading, request, "perhaps");
    let single = keys.into_iter().filter_map(|(key, values)| {
        let [value] = values.as_slice() else {
            let at = reading.member(request, "perhaps").unwrap_or(request);
            reading.fail(at, format!("expected one value for `{key}`"));
            return None;
        };
        Some((key, value.clone()))
    });
    single.collect()
}

fn required(reading: &mut Reading<'_>, map: Origin, key: &str) -> Option<Written> {
    let found = reading.text(map, key);
    if found.is_none() {
        let at = reading.node(map).get(key).map_or(map, Node::origin);
        reading.fail(at, format!("expected `{key}`, written as a string"));
    }
    found
}

/// Context keys with their values: a list, or one value alone.
pub(super) fn context(
    reading: &mut Reading<'_>,
    map: Origin,
    key: &str,
) -> BTreeMap<String, Vec<String>> {
    let mut context: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let Some(keys) = reading.member(map, key) else {
        return context;
    };
    if reading.node(keys).kind() != Kind::Map {
        reading.fail(
            keys,
            "expected an object of context keys, each with a list of values",
        );
        return context;
    }
    let entries: Vec<(String, Origin)> = reading
        .node(keys)
        .entries()
        .into_iter()
        .map(|(name, _, value)| (name.to_owned(), value.origin()))
        .collect();
    for (name, values) in entries {
        if context
            .keys()
            .any(|known| known.eq_ignore_ascii_case(&name))
        {
            reading.fail(
                values,
                format!("`{name}` is there twice: context keys ignore case"),
            );
        }
        let values = reading.texts(values, "a value, written as a string");
        context.insert(name, values.into_iter().map(|value| value.text).collect());
    }
    context
}
