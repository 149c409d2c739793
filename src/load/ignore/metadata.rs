//! `Metadata: {pipeline-preflight: {ignore: [{rule, reason, expires}]}}` of a template's resource, as other tools have it
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-metadata.html>).

use super::{Ignore, Said, SaidBy, day, is_rule_pattern, without_effect};
use crate::load::fault::nearest;
use crate::load::{Warning, stack};
use crate::source::{Kind, Node, SourceId, Sources};

/// The member of `Metadata`.
const WORD: &str = "pipeline-preflight";

/// The keys of an entry.
const KEYS: &[&str] = &["rule", "reason", "expires"];

/// What an entry looks like.
const SYNTAX: &str = "expected `pipeline-preflight: {ignore: [{rule: RULE, reason: why, expires: 2026-12-31}]}`, of which `expires` \
                      may be left out";

/// What the metadata of a template's resources says.
pub(super) fn read(sources: &Sources, source: SourceId) -> (Vec<Ignore>, Vec<Warning>) {
    let mut found = (Vec::new(), Vec::new());
    let roots = sources.roots(source).into_iter();
    for root in roots.filter(|root| stack::recognise(*root)) {
        if let Some(resources) = root.get("Resources") {
            of_resources(resources, &mut found);
        }
    }
    found
}

fn of_resources(resources: Node<'_>, found: &mut (Vec<Ignore>, Vec<Warning>)) {
    for (name, _, resource) in resources.entries() {
        if name.starts_with("Fn::ForEach::") {
            // A name, the values, and what is to be there for each of them.
            if let Some(inner) = resource.items().get(2) {
                of_resources(*inner, found);
            }
        } else if let Some(said) = resource.get("Metadata").and_then(|node| node.get(WORD)) {
            of_resource(resource, said, found);
        }
    }
}

fn of_resource(resource: Node<'_>, said: Node<'_>, found: &mut (Vec<Ignore>, Vec<Warning>)) {
    let (ignores, warnings) = found;
    let mut entries = Vec::new();
    for (key, place, value) in said.entries() {
        match (key, value.kind()) {
            ("ignore", Kind::List) => entries.extend(value.items()),
            ("ignore", _) => {
                let what = "`ignore` is no list";
                warnings.push(without_effect(what, SYNTAX, place));
            }
            (key, _) => {
                let what = format!("`{key}` is not known in this metadata");
                warnings.push(without_effect(&what, SYNTAX, place));
            }
        }
    }
    if said.kind() != Kind::Map {
        let what = "this metadata is no map";
        warnings.push(without_effect(what, SYNTAX, said.origin()));
    }
    for entry in entries {
        match read_entry(entry) {
            Ok(said) => {
                let within = vec![resource.origin()];
                ignores.push(said.ignore(SaidBy::Metadata, within, entry.origin()));
            }
            Err((what, help)) => {
                warnings.push(without_effect(&what, &help, entry.origin()));
            }
        }
    }
}

/// What an entry says, or what is wrong with it and advice.
fn read_entry(entry: Node<'_>) -> Result<Said, (String, String)> {
    let wrong = |what: String| Err((what, SYNTAX.to_owned()));
    if entry.kind() != Kind::Map {
        return wrong("this entry is no map".to_owned());
    }
    for (key, _, value) in entry.entries() {
        if !KEYS.contains(&key) {
            let help = nearest(key, KEYS).unwrap_or_default();
            return Err((format!("`{key}` is not known in this entry"), help));
        }
        // What a function of CloudFormation comes to is not asked for.
        if value.as_str().is_none() || value.tag().is_some() {
            return wrong(format!("`{key}` is no plain text"));
        }
    }
    let text = |key| entry.get(key).and_then(Node::as_str).map(str::trim);
    let rule = match text("rule") {
        Some(rule) if is_rule_pattern(rule) => rule.to_owned(),
        Some(rule) => return wrong(format!("`{rule}` is no rule's id")),
        None => return wrong("this entry names no rule".to_owned()),
    };
    let reason = match text("reason") {
        Some(reason) if !reason.is_empty() => reason.to_owned(),
        _ => return wrong("this entry gives no reason".to_owned()),
    };
    let expires = match text("expires") {
        None => None,
        Some(text) => match day(text) {
            None => return wrong(format!("`{text}` is no day such as `2026-12-31`")),
            known => known,
        },
    };
    Ok(Said {
        rule,
        reason,
        expires,
    })
}
