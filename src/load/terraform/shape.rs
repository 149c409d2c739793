//! Arguments in Terraform's shape → properties in CloudFormation's, by the table.

use super::table::{self, Property, Type};
use crate::source::{Made, MadeValue, Origin};

/// The properties that the arguments of a resource come to.
pub(super) fn shape(kind: &Type, arguments: &Made) -> Made {
    let mut shaped = block(kind, arguments, "");
    let tags = arguments
        .get("tags_all")
        .filter(|tags| matches!(tags.value, MadeValue::Map(_)))
        .or_else(|| arguments.get("tags"));
    if let MadeValue::Map(members) = &mut shaped.value {
        members.retain(|(key, _, _)| key != "Tags");
        if let Some(tags) = tags {
            members.push(("Tags".to_owned(), tags.at, pairs(tags)));
        }
    }
    shaped
}

/// What CloudFormation's own interface calls members of JSON texts: those of the service, with a capital.
pub(super) fn capitals(made: &Made) -> Made {
    let value = match &made.value {
        MadeValue::Map(members) => MadeValue::Map(
            members
                .iter()
                .map(|(key, place, value)| (table::pascal(key), *place, capitals(value)))
                .collect(),
        ),
        MadeValue::List(items) => MadeValue::List(items.iter().map(capitals).collect()),
        other => other.clone(),
    };
    like(made, value)
}

/// What stands for nothing: a state holds an empty text or list, or a zero, for what is not set.
///
/// Source: <https://github.com/hashicorp/terraform-plugin-sdk/issues/741>
fn is_empty(made: &Made) -> bool {
    match &made.value {
        MadeValue::Null => true,
        MadeValue::Text(text) => text.is_empty(),
        MadeValue::List(items) => items.is_empty(),
        MadeValue::Map(members) => members.is_empty(),
        MadeValue::Number(text) => text == "0",
        MadeValue::Bool(_) => false,
    }
}

fn like(made: &Made, value: MadeValue) -> Made {
    Made {
        value,
        at: made.at,
        also: made.also,
    }
}

fn block(kind: &Type, made: &Made, path: &str) -> Made {
    let mut members: Vec<(String, Origin, Made)> = Vec::new();
    for (key, place, value) in made.members() {
        let inner = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        if is_empty(value) {
            continue;
        }
        let Property::Path(property) = kind.property(&inner) else {
            continue;
        };
        let value = argument(kind, value, &inner);
        put(&mut members, &property, *place, value);
    }
    like(made, MadeValue::Map(members))
}

fn argument(kind: &Type, made: &Made, path: &str) -> Made {
    if kind.is_verbatim(path) || kind.is_document(path) {
        return made.clone();
    }
    match &made.value {
        MadeValue::List(items) if kind.is_one(path) => items
            .first()
            .map_or_else(|| made.clone(), |one| argument(kind, one, path)),
        MadeValue::List(items) => {
            let item = |item: &Made| match (kind.member(path), item.scalar()) {
                (Some(member), Some(_)) => Made::map(vec![(member, item.clone())], item.at),
                _ => argument(kind, item, path),
            };
            like(made, MadeValue::List(items.iter().map(item).collect()))
        }
        MadeValue::Map(_) => block(kind, made, path),
        _ => made.clone(),
    }
}

/// Puts a value under a property that may lie in others.
fn put(members: &mut Vec<(String, Origin, Made)>, property: &str, place: Origin, value: Made) {
    let Some((first, rest)) = property.split_once('.') else {
        members.push((property.to_owned(), place, value));
        return;
    };
    let at = value.at;
    if !members.iter().any(|(key, _, _)| key == first) {
        members.push((first.to_owned(), place, Made::map(Vec::new(), at)));
    }
    let around = members.iter_mut().find(|(key, _, _)| key == first);
    if let Some((_, _, around)) = around
        && let MadeValue::Map(inner) = &mut around.value
    {
        put(inner, rest, place, value);
    }
}

/// A map of tags → CloudFormation's list of keys and values.
fn pairs(tags: &Made) -> Made {
    if !matches!(tags.value, MadeValue::Map(_)) {
        return tags.clone();
    }
    let pair = |(key, place, value): &(String, Origin, Made)| {
        let key = Made::text(key.clone(), *place);
        Made::map(vec![("Key", key), ("Value", value.clone())], value.at)
    };
    like(
        tags,
        MadeValue::List(tags.members().iter().map(pair).collect()),
    )
}

/// `ArtifactStores` of a pipeline: each in its Region; a single one without a Region is the pipeline's `ArtifactStore`.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-pipeline.html>
pub(super) fn stores(properties: &mut Made) {
    let MadeValue::Map(members) = &mut properties.value else {
        return;
    };
    let Some((key, _, stores)) = members
        .iter_mut()
        .find(|(key, _, _)| key == "ArtifactStores")
    else {
        return;
    };
    let alone = match stores.items() {
        [one] if one.get("Region").is_none() => Some(one.clone()),
        _ => None,
    };
    if let Some(one) = alone {
        "ArtifactStore".clone_into(key);
        *stores = one;
        return;
    }
    if let MadeValue::List(items) = &mut stores.value {
        for item in items {
            let at = item.at;
            let mut store = item.clone();
            let mut around = Vec::new();
            if let MadeValue::Map(members) = &mut store.value
                && let Some(region) = members.iter().position(|(key, _, _)| key == "Region")
            {
                let (_, _, region) = members.remove(region);
                around.push(("Region", region));
            }
            around.push(("ArtifactStore", store));
            *item = Made::map(around, at);
        }
    }
}
