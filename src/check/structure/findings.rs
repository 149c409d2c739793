//! Breaches → findings.

use std::collections::{BTreeMap, BTreeSet};

use super::Breach;
use crate::check::finding::{Decided, Finding, Label, ReportLayer};
use crate::check::group::severity_of;
use crate::check::refused;
use crate::check::run::all_affected;
use crate::check::text;
use crate::graph::{Graph, Refusal, Want, has_symbol};
use crate::rules::{Catalogue, Severity};

/// One finding for each rule, resource and detail.
pub(in crate::check) fn findings(
    graph: &Graph,
    catalogue: &Catalogue,
    breaches: Vec<Breach>,
) -> Vec<Finding> {
    let mut causes: BTreeMap<(&'static str, String, String), Vec<Breach>> = BTreeMap::new();
    for breach in breaches {
        causes
            .entry((breach.rule, breach.resource.clone(), breach.detail.clone()))
            .or_default()
            .push(breach);
    }
    causes
        .values()
        .filter_map(|breaches| finding(graph, catalogue, breaches))
        .collect()
}

fn finding(graph: &Graph, catalogue: &Catalogue, breaches: &[Breach]) -> Option<Finding> {
    let first = breaches.first()?;
    let rule = catalogue.findings.get(first.rule)?;
    let certain = breaches.iter().map(|breach| severity_of(breach.certainty));
    let severity = certain.max()?.min(rule.severity);
    let principals = text::unique(breaches.iter().map(|breach| breach.principal.clone()));
    let resources = vec![first.resource.clone()];
    let operations = text::sorted(
        breaches
            .iter()
            .flat_map(|breach| breach.operations.iter().cloned()),
    );
    let affects = all_affected(graph, breaches.iter().map(|breach| breach.site));
    let mut seen = BTreeSet::new();
    let labels: Vec<Label> = breaches
        .iter()
        .flat_map(|breach| &breach.labels)
        .filter(|label| seen.insert(label.origin))
        .cloned()
        .collect();
    let words = text::Words {
        principals: &principals,
        operations: &operations,
        resources: &resources,
        affects: &affects,
        layer: ReportLayer::Structure,
        why: "",
        missing: "",
        detail: &first.detail,
    };
    Some(words.finding(rule, severity, Decided::Structure, labels))
}

/// A note for the accounts whose organization's policies were not given: all was decided as if they denied nothing.
pub(in crate::check) fn unseen_organizations(
    graph: &Graph,
    catalogue: &Catalogue,
    accounts: &BTreeSet<String>,
) -> Vec<Finding> {
    let Some(rule) = catalogue.findings.get("organization-policies-unseen") else {
        return Vec::new();
    };
    let seen = |account: &&String| {
        let organization = graph
            .accounts
            .get(*account)
            .and_then(|account| account.organization.as_ref());
        organization.is_some_and(|organization| {
            organization.service_control_policies.is_some()
                && organization.resource_control_policies.is_some()
        })
    };
    let unseen: Vec<String> = accounts
        .iter()
        // An account that is not known either is named where it matters.
        .filter(|account| !seen(account) && !has_symbol(account))
        .cloned()
        .collect();
    if unseen.is_empty() {
        return Vec::new();
    }
    for account in &unseen {
        graph.want(|| Want::Organization(account.clone()));
    }
    let many = if unseen.len() == 1 { "" } else { "s" };
    let accounts = format!("the account{many} {}", text::join(&unseen));
    let files: Vec<String> = unseen
        .iter()
        .map(|account| format!("{account}/organizations.json"))
        .collect();
    let files = text::join(&files);
    let missing = format!("the service and resource control policies above {accounts}");
    let words = text::Words {
        principals: &unseen,
        operations: &[],
        resources: &unseen,
        affects: &[],
        layer: ReportLayer::Scp,
        why: "",
        missing: &files,
        detail: &accounts,
    };
    let labels = graph.pipelines.first().map(|pipeline| Label {
        origin: pipeline.name.origin,
        text: "decided as if the organization denied nothing".to_owned(),
    });
    let mut labels: Vec<Label> = labels.into_iter().collect();
    let severity = Severity::Note.min(rule.severity);
    // Whoever may not look in one account may not in the others: once is enough.
    let refusals = unseen.iter().flat_map(|account| graph.refusals(account));
    let refusals: Vec<&Refusal> = refusals.collect();
    let Some(reason) = refused::reason(&refusals) else {
        let words = words.finding(rule, severity, Decided::Undecided, labels);
        return vec![Finding {
            missing: vec![format!("{missing}: put them into {files}")],
            ..words
        }];
    };
    labels.extend(
        refusals
            .iter()
            .take(1)
            .map(|refusal| refused::label(refusal)),
    );
    let words = words.finding(rule, severity, Decided::Undecided, labels);
    vec![Finding {
        message: format!("{}; {}", words.message, reason.why),
        missing: vec![format!("{missing}: {}", reason.help)],
        help: match unseen
            .iter()
            .all(|account| !graph.refusals(account).is_empty())
        {
            true => reason.help,
            // Of the others nobody asked.
            false => format!("{}; or {}", reason.help, words.help),
        },
        ..words
    }]
}
