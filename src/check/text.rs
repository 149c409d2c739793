//! Words for findings: placeholders filled in, lists joined, near misses explained.

use std::collections::BTreeMap;

use super::finding::{Affected, Decided, Finding, Label, ReportLayer};
use super::group::Denial;
use crate::iam::{LayerName, Mismatch, NearMiss, words};
use crate::rules::{Certainty, FindingRule, Requirement, Severity, Site};

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

impl Words<'_> {
    /// The finding of a rule that speaks of these, with the rule's texts filled in; nothing is missing, and nothing proposed.
    pub(super) fn finding(
        &self,
        rule: &FindingRule,
        severity: Severity,
        decision: Decided,
        labels: Vec<Label>,
    ) -> Finding {
        Finding {
            rule: rule.id.clone(),
            severity,
            decision,
            layer: self.layer,
            principals: self.principals.to_vec(),
            operations: self.operations.to_vec(),
            resources: self.resources.to_vec(),
            message: fill(&rule.message, self),
            help: fill(&rule.help, self),
            documentation: rule.documentation.clone(),
            affects: self.affects.to_vec(),
            missing: Vec::new(),
            labels,
            suggestion: None,
        }
    }
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
        ReportLayer::Identity => words::policy_name(LayerName::Identity),
        ReportLayer::Trust => words::policy_name(LayerName::Trust),
        ReportLayer::BucketPolicy => "bucket policy",
        ReportLayer::KeyPolicy => words::policy_name(LayerName::KeyPolicy),
        ReportLayer::ResourcePolicy => words::policy_name(LayerName::Resource),
        ReportLayer::Boundary => words::policy_name(LayerName::Boundary),
        ReportLayer::Scp => words::policy_name(LayerName::Scp),
        ReportLayer::Rcp => words::policy_name(LayerName::Rcp),
        ReportLayer::Session => words::policy_name(LayerName::Session),
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
    let asked = words::Asked {
        principal: &denial.principal(),
        action: &denial.requirement.operation,
        resource: &denial.requirement.target.arn,
    };
    words::lacking(mismatch, &asked)
}

/// Adds where each action that has these requirements stands, in the order of the pipelines, unless it is labelled already.
pub(super) fn add_sites<'a>(
    labels: &mut Vec<Label>,
    requirements: impl Iterator<Item = &'a Requirement>,
) {
    let mut sites: BTreeMap<Site, &str> = BTreeMap::new();
    for requirement in requirements {
        sites.entry(requirement.site).or_insert(&requirement.why);
    }
    for (site, why) in sites {
        if !labels.iter().any(|label| label.origin == site.origin) {
            labels.push(Label {
                origin: site.origin,
                text: format!("needed {why}"),
            });
        }
    }
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
