//! Words for findings: placeholders filled in, lists joined, near misses explained.

use std::collections::BTreeMap;

use super::finding::{Affected, Label, ReportLayer};
use super::group::Denial;
use crate::iam::{Mismatch, NearMiss};
use crate::rules::Certainty;

/// What the placeholders of a message stand for.
pub(super) struct Words<'a> {
    pub(super) principals: &'a [String],
    pub(super) operations: &'a [String],
    pub(super) resources: &'a [String],
    pub(super) affects: &'a [Affected],
    pub(super) layer: ReportLayer,
    pub(super) why: &'a str,
    pub(super) missing: &'a str,
    pub(super) detail: &'a str,
}

/// Fills the placeholders of a catalogue text in.
pub(super) fn fill(template: &str, words: &Words<'_>) -> String {
    let first = words.affects.first();
    let of = |pick: fn(&Affected) -> &str| {
        first.map_or(String::new(), |affected| format!("`{}`", pick(affected)))
    };
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            text.push('{');
            rest = behind;
            continue;
        };
        text.push_str(&match name {
            "principal" => join(words.principals),
            "operations" => join(words.operations),
            "resource" => join(words.resources),
            "pipeline" => of(|affected| affected.pipeline.rsplit(':').next().unwrap_or_default()),
            "stage" => of(|affected| &affected.stage),
            "action" => of(|affected| &affected.action),
            "layer" => policy_name(words.layer).to_owned(),
            "why" => words.why.to_owned(),
            "missing" => words.missing.to_owned(),
            "detail" => words.detail.to_owned(),
            other => format!("{{{other}}}"),
        });
        rest = after;
    }
    text.push_str(rest);
    text
}

/// `` `a`, `b` and `c` ``; more than four are counted.
pub(super) fn join(values: &[String]) -> String {
    let quote = |value: &String| format!("`{value}`");
    match values {
        [] => String::new(),
        [one] => quote(one),
        [init @ .., last] if values.len() <= 5 => {
            format!(
                "{} and {}",
                init.iter().map(quote).collect::<Vec<_>>().join(", "),
                quote(last)
            )
        }
        _ => {
            let shown: Vec<String> = values.iter().take(4).map(quote).collect();
            format!(
                "{} and {} more",
                shown.join(", "),
                values.len() - shown.len()
            )
        }
    }
}

/// What people call the policy of a layer.
pub(super) fn policy_name(layer: ReportLayer) -> &'static str {
    match layer {
        ReportLayer::Identity => "identity policy",
        ReportLayer::Trust => "trust policy",
        ReportLayer::BucketPolicy => "bucket policy",
        ReportLayer::KeyPolicy => "key policy",
        ReportLayer::ResourcePolicy => "resource policy",
        ReportLayer::Boundary => "permissions boundary",
        ReportLayer::Scp => "service control policy",
        ReportLayer::Rcp => "resource control policy",
        ReportLayer::Session => "session policy",
        ReportLayer::Structure => "pipeline structure",
    }
}

/// Values in the order of their first appearance.
pub(super) fn unique(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

/// Sorted values, each once.
pub(super) fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values.dedup();
    values
}

/// What keeps the nearest statement from granting, as a clause.
pub(super) fn detail(near: &NearMiss, denial: &Denial) -> String {
    let clauses = near.failed.iter().map(|mismatch| clause(mismatch, denial));
    clauses.collect::<Vec<_>>().join("; ")
}

fn clause(mismatch: &Mismatch, denial: &Denial) -> String {
    let resource = &denial.requirement.target.arn;
    match mismatch {
        Mismatch::Principal { written, .. } => format!(
            "admitted is `{written}`, the caller is `{}`",
            denial.principal()
        ),
        Mismatch::Action { written, .. } => format!(
            "allowed is `{written}`, needed is `{}`",
            denial.requirement.operation
        ),
        Mismatch::Resource { written, .. } => match resource_slip(written, resource) {
            Some(slip) => slip,
            None => format!("allowed on `{written}`, needed on `{resource}`"),
        },
        Mismatch::Condition {
            operator,
            key,
            values,
            actual,
            ..
        } => {
            let wanted = values
                .iter()
                .map(|value| format!("`{value}`"))
                .collect::<Vec<_>>()
                .join(" or ");
            let actual = match actual {
                Some(actual) => format!("is `{}`", actual.join("`, `")),
                None => "is not there".to_owned(),
            };
            format!(
                "the condition `{operator}` wants `{key}` {wanted}, which on this call {actual}"
            )
        }
    }
}

/// The slips that everybody makes once.
fn resource_slip(written: &str, resource: &str) -> Option<String> {
    if written.strip_suffix("/*") == Some(resource) {
        return Some(format!(
            "`{written}` covers what is in it, not `{resource}` itself"
        ));
    }
    if resource.starts_with(&format!("{written}/")) {
        return Some(format!(
            "`{written}` is the container alone; what is in it needs `{written}/*`"
        ));
    }
    let path_missing = || {
        let (head, name) = resource.rsplit_once('/')?;
        let (account, path) = head.split_once(":role/")?;
        (written == format!("{account}:role/{name}"))
            .then(|| format!("`{written}` leaves out the path `{path}/` of `{resource}`"))
    };
    path_missing()
}

/// Labels for the parts of a statement that do not fit.
pub(super) fn mismatch_labels(near: &NearMiss, denial: &Denial) -> Vec<Label> {
    let label = |mismatch: &Mismatch| {
        let origin = match mismatch {
            Mismatch::Principal { origin, .. }
            | Mismatch::Action { origin, .. }
            | Mismatch::Resource { origin, .. }
            | Mismatch::Condition { origin, .. } => *origin,
        };
        Label {
            origin,
            text: clause(mismatch, denial),
        }
    };
    near.failed.iter().map(label).collect()
}

/// The operations of some denials: what the run fails without first, then by name.
pub(super) fn operations<'a>(denials: impl Iterator<Item = &'a Denial>) -> Vec<String> {
    let mut ranked: BTreeMap<&str, Certainty> = BTreeMap::new();
    for denial in denials {
        let rank = ranked
            .entry(denial.requirement.operation.as_str())
            .or_insert(denial.certainty);
        *rank = denial.certainty.min(*rank);
    }
    let mut ranked: Vec<(Certainty, &str)> = ranked
        .into_iter()
        .map(|(operation, certainty)| (certainty, operation))
        .collect();
    ranked.sort_unstable();
    ranked
        .into_iter()
        .map(|(_, operation)| operation.to_owned())
        .collect()
}

/// Who lacks what, when several principals lack different operations; `None` when all lack the same.
pub(super) fn who_lacks_what(group: &[Denial]) -> Option<String> {
    let principals = unique(group.iter().map(Denial::principal));
    let lacks = |principal: &String| {
        operations(
            group
                .iter()
                .filter(|denial| denial.principal() == *principal),
        )
    };
    let all: Vec<Vec<String>> = principals.iter().map(lacks).collect();
    let differ = all.windows(2).any(|pair| matches!(pair, [a, b] if a != b));
    differ.then(|| {
        let each = principals
            .iter()
            .zip(&all)
            .map(|(principal, lacks)| format!("`{principal}` lacks {}", join(lacks)));
        each.collect::<Vec<_>>().join("; ")
    })
}
