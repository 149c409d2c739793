//! The resource of a line → the thing that is drawn for it: all keys of a bucket are one bucket, all streams of a log group one group.

use super::NodeKind;
use crate::graph::Arn;

/// What a resource is drawn as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thing {
    pub(super) kind: NodeKind,
    /// What things are told apart by, and what is shown as their full name.
    pub(super) name: String,
    /// The short name.
    pub(super) label: String,
    /// What it is.
    pub(super) detail: String,
}

/// The thing behind a resource; `operation` tells whose resources a lone `*` stands for.
pub(super) fn thing(resource: &str, operation: &str) -> Thing {
    let Some(arn) = Arn::parse(resource) else {
        let service = operation.split(':').next().unwrap_or_default();
        return Thing {
            kind: NodeKind::Resource,
            name: resource.to_owned(),
            label: match resource {
                "*" => format!("{service}: any"),
                other => other.to_owned(),
            },
            detail: match resource {
                "*" => "any resource".to_owned(),
                _ => String::new(),
            },
        };
    };
    let part = arn.resource.as_str();
    let (kind, part, label, detail) = match arn.service.as_str() {
        "s3" => {
            let bucket = part.split('/').next().unwrap_or(part);
            (NodeKind::Bucket, bucket, bucket, "bucket")
        }
        "kms" => match part.split_once('/') {
            Some(("key", id)) => (NodeKind::Key, part, id, "KMS key"),
            _ => (NodeKind::Key, part, part, "KMS key"),
        },
        "iam" => match part.split_once('/') {
            Some(("role", _)) => (NodeKind::Role, part, arn.name(), "role"),
            _ => (NodeKind::Resource, part, part, "IAM"),
        },
        "logs" => {
            let group = part.strip_prefix("log-group:").unwrap_or(part);
            let group = group.split(":log-stream:").next().unwrap_or(group);
            let whole = part.split(":log-stream:").next().unwrap_or(part);
            (
                NodeKind::Resource,
                whole.trim_end_matches(['*', ':']),
                group.trim_end_matches(['*', ':']),
                "log group",
            )
        }
        _ => {
            let (what, label) = named(part);
            (NodeKind::Resource, part, label, what)
        }
    };
    let detail = match kind {
        NodeKind::Resource if arn.service != "logs" && detail.is_empty() => arn.service.clone(),
        NodeKind::Resource if arn.service != "logs" => format!("{} {detail}", arn.service),
        _ => detail.to_owned(),
    };
    let name = Arn {
        resource: part.to_owned(),
        ..arn.clone()
    };
    Thing {
        kind,
        name: name.to_string(),
        // A star alone says nothing of whose it is.
        label: match label.contains(|letter: char| letter.is_alphanumeric()) {
            true => label.to_owned(),
            false => arn.resource.clone(),
        },
        detail,
    }
}

/// `project/shop` and `function:shop` are a kind and a name; a lone name, as topics have it, is of no kind.
fn named(part: &str) -> (&str, &str) {
    match part.split_once(['/', ':']) {
        Some((what, label)) if !label.is_empty() => (what, label),
        _ => ("", part),
    }
}
