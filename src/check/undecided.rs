//! What the facts at hand do not decide: one finding for each missing fact, with the export that supplies it.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Decided, Finding, Label, ReportLayer};
use super::layers::{Gathered, bucket_of, report_layer, resource_layer};
use super::refused;
use super::run::all_affected;
use super::text;
use super::unseen::{
    ITSELF, POLICIES, other, unknown_key, unseen_document, unseen_key, unseen_resource_policy,
    unseen_role,
};
use crate::graph::{Graph, Policy, Want, has_symbol, is_generated, symbols_in};
use crate::iam::{Layer, LayerName, Missing, PolicySet};
use crate::rules::{Catalogue, Certainty, MissingFact, Requirement, Severity, ToldBy};
use crate::source::Origin;

/// One requirement that waits for one fact.
#[derive(Debug, Clone)]
pub(super) struct Gap {
    pub(super) fact: MissingFact,
    layer: ReportLayer,
    /// Where a policy asks for the fact.
    asked: Option<Origin>,
    requirement: Requirement,
}

/// The gap of a requirement whose role or resource cannot be named.
pub(super) fn gap_of_fact(graph: &Graph, requirement: &Requirement, fact: MissingFact) -> Gap {
    let layer = match fact.rule {
        "key-policy-unseen" => ReportLayer::KeyPolicy,
        _ => ReportLayer::Identity,
    };
    let mut subject = fact.subject.chars();
    let asked = match (subject.next(), subject.next()) {
        (Some(symbol), None) => declared(graph, symbol),
        _ => None,
    };
    Gap {
        fact,
        layer,
        asked,
        requirement: requirement.clone(),
    }
}

/// The gaps of a requirement that may not be one.
pub(super) fn gaps_of_doubt(graph: &Graph, requirement: &Requirement) -> Vec<Gap> {
    let facts = requirement
        .doubt
        .iter()
        .map(|symbol| MissingFact::unresolved(graph, *symbol));
    facts
        .map(|fact| gap_of_fact(graph, requirement, fact))
        .collect()
}

/// The gaps behind a fact that the engine misses: what nobody has seen because its name is not resolved waits for that.
pub(super) fn gaps_of(
    graph: &Graph,
    requirement: &Requirement,
    gathered: &Gathered<'_>,
    missing: &Missing,
) -> Vec<Gap> {
    let gap = gap_of(graph, requirement, gathered, missing);
    let caller = requirement.caller.name();
    let resource = requirement.target.arn.as_str();
    let name = match missing {
        Missing::Layer(LayerName::Identity | LayerName::Boundary) => caller,
        Missing::Layer(LayerName::Trust | LayerName::KeyPolicy) => resource,
        Missing::Layer(LayerName::Resource) | Missing::ResourceAccount
            if gathered.resource_origin.is_none() =>
        {
            match gap.layer {
                ReportLayer::BucketPolicy => bucket_of(resource),
                _ => resource,
            }
        }
        Missing::Document(_, name) if name.starts_with("arn:") || has_symbol(name) => name,
        _ => return vec![gap],
    };
    // Of what is given, only the document is not.
    let is_given = match missing {
        Missing::Layer(LayerName::Identity | LayerName::Boundary) => gathered.role.is_some(),
        Missing::Document(..) => false,
        _ => gathered.resource_origin.is_some(),
    };
    let open: BTreeSet<char> = symbols_in(name).filter(|one| !is_generated(*one)).collect();
    if is_given || open.is_empty() {
        return vec![gap];
    }
    let waits = |symbol| Gap {
        fact: MissingFact::unresolved(graph, symbol),
        asked: declared(graph, symbol),
        ..gap.clone()
    };
    open.into_iter().map(waits).collect()
}

/// Where an unresolved value is declared.
fn declared(graph: &Graph, symbol: char) -> Option<Origin> {
    let origin = graph.symbols.get(symbol)?.origin;
    (origin != Origin::NOWHERE).then_some(origin)
}

fn gap_of(
    graph: &Graph,
    requirement: &Requirement,
    gathered: &Gathered<'_>,
    missing: &Missing,
) -> Gap {
    let mut asked = None;
    let caller = requirement.caller.name().to_owned();
    let resource = requirement.target.arn.clone();
    let (layer, fact) = match missing {
        Missing::Layer(LayerName::Identity) => {
            (ReportLayer::Identity, unseen_role(&caller, POLICIES))
        }
        Missing::Layer(LayerName::Boundary) => {
            (ReportLayer::Boundary, unseen_role(&caller, ITSELF))
        }
        Missing::Layer(LayerName::Trust) => (ReportLayer::Trust, unseen_role(&resource, ITSELF)),
        Missing::Layer(LayerName::KeyPolicy) => (ReportLayer::KeyPolicy, unseen_key(&resource)),
        Missing::Layer(LayerName::Resource) | Missing::ResourceAccount => {
            let layer = report_layer(LayerName::Resource, &requirement.operation);
            (layer, unseen_resource_policy(graph, requirement, layer))
        }
        Missing::Layer(layer) => (
            report_layer(*layer, &requirement.operation),
            other(
                format!(
                    "the {} of `{caller}`",
                    text::policy_name(report_layer(*layer, &requirement.operation))
                ),
                &caller,
            ),
        ),
        Missing::Document(layer, name) => (
            report_layer(*layer, &requirement.operation),
            unseen_document(name, &caller),
        ),
        Missing::Context(key) => {
            let (layer, origin) = condition_on(gathered, key, requirement);
            asked = origin;
            want_value(graph, key, requirement);
            (layer, unknown_key(key, requirement))
        }
        Missing::Symbol(symbol) => {
            asked = declared(graph, *symbol);
            let layer = layer_with(gathered, *symbol, requirement);
            (layer, MissingFact::unresolved(graph, *symbol))
        }
        Missing::SessionName => (
            ReportLayer::Session,
            other(
                format!("the session name that the service gives `{caller}`"),
                &caller,
            ),
        ),
        Missing::CanonicalUser => (
            ReportLayer::BucketPolicy,
            other(
                "the account behind an S3 canonical user id".to_owned(),
                &resource,
            ),
        ),
    };
    Gap {
        fact,
        layer,
        asked,
        requirement: requirement.clone(),
    }
}

/// Asks for what holds the value of a condition key, where something does.
fn want_value(graph: &Graph, key: &str, requirement: &Requirement) {
    let key = key.to_ascii_lowercase();
    let organization = |account: Option<String>| {
        if let Some(account) = account {
            graph.want(|| Want::Organization(account));
        }
    };
    if key.starts_with("aws:principalorg") {
        organization(requirement.caller.account());
    } else if key.starts_with("aws:resourceorg") {
        organization(requirement.target.account.clone());
    } else if key == "kms:resourcealiases" {
        graph.want(|| Want::Key(requirement.target.arn.clone()));
    }
}

/// Whether a foreign connection is shared with the caller's account, which no policy shows.
pub(super) fn connection_share(requirement: &Requirement) -> Gap {
    let resource = &requirement.target.arn;
    let fact = MissingFact {
        rule: "undecided",
        what: format!(
            "whether the connection `{resource}` is shared with the account of the role that uses it"
        ),
        subject: resource.clone(),
        supply: format!(
            "`aws ram list-resources --resource-owner OTHER-ACCOUNTS --resource-arns {resource}` tells"
        ),
        told_by: ToldBy::default(),
    };
    Gap {
        fact,
        layer: ReportLayer::ResourcePolicy,
        asked: None,
        requirement: requirement.clone(),
    }
}

/// Which of the resources that a pattern stands for the action will use, where some of them are allowed.
pub(super) fn which_member(graph: &Graph, requirement: &Requirement) -> Gap {
    let resource = &requirement.target.arn;
    let fact = MissingFact {
        rule: "value-unknown",
        what: format!("which of `{resource}` the action will use"),
        subject: resource.clone(),
        supply: "only the run knows it; some of them are allowed, some are not".to_owned(),
        told_by: ToldBy::default(),
    };
    gap_of_fact(graph, requirement, fact)
}

/// The layer whose policies hold an unresolved value; where none does, the caller or the resource has it in its name.
fn layer_with(gathered: &Gathered<'_>, symbol: char, requirement: &Requirement) -> ReportLayer {
    let layers = &gathered.layers;
    let name = |layer| report_layer(layer, &requirement.operation);
    let holds = |set: &PolicySet<'_>| set.policies.iter().any(|policy| policy.holds(symbol));
    let single = [
        (LayerName::Identity, &layers.identity),
        (resource_layer(requirement), &layers.resource),
        (LayerName::Boundary, &layers.boundary),
    ];
    for (layer, set) in single {
        if matches!(set, Layer::Known(set) if holds(set)) {
            return name(layer);
        }
    }
    let levels = [
        (LayerName::Scp, &layers.scps),
        (LayerName::Rcp, &layers.rcps),
    ];
    let found = levels
        .into_iter()
        .find(|(_, levels)| matches!(levels, Layer::Known(levels) if levels.iter().any(holds)));
    name(found.map_or(LayerName::Identity, |(layer, _)| layer))
}

/// The first condition on a key among the policies of a request.
fn condition_on(
    gathered: &Gathered<'_>,
    key: &str,
    requirement: &Requirement,
) -> (ReportLayer, Option<Origin>) {
    let layers = &gathered.layers;
    let sets = [
        (LayerName::Identity, &layers.identity),
        (resource_layer(requirement), &layers.resource),
        (LayerName::Boundary, &layers.boundary),
    ];
    for (name, layer) in sets {
        if let Layer::Known(set) = layer
            && let Some(origin) = in_set(set, key)
        {
            return (report_layer(name, &requirement.operation), Some(origin));
        }
    }
    for (name, levels) in [
        (LayerName::Scp, &layers.scps),
        (LayerName::Rcp, &layers.rcps),
    ] {
        if let Layer::Known(levels) = levels
            && let Some(origin) = levels.iter().find_map(|set| in_set(set, key))
        {
            return (report_layer(name, &requirement.operation), Some(origin));
        }
    }
    (ReportLayer::Identity, None)
}

fn in_set(set: &PolicySet<'_>, key: &str) -> Option<Origin> {
    let in_policy = |policy: &&Policy| {
        let conditions = policy
            .statements
            .iter()
            .flat_map(|statement| &statement.conditions);
        conditions
            .into_iter()
            .find(|condition| condition.key.text.eq_ignore_ascii_case(key))
            .map(|found| found.key.origin)
    };
    set.policies.iter().find_map(in_policy)
}

/// One finding for each missing fact.
pub(super) fn findings_of_gaps(
    graph: &Graph,
    catalogue: &Catalogue,
    gaps: Vec<Gap>,
) -> Vec<Finding> {
    // By whatever calls a fact is told, it is one fact.
    let mut facts: BTreeMap<(MissingFact, Option<Origin>), Vec<Gap>> = BTreeMap::new();
    for gap in gaps {
        if refused::absent(graph, &gap.fact.told_by.thing).is_some() {
            continue;
        }
        let fact = MissingFact {
            told_by: ToldBy::default(),
            ..gap.fact.clone()
        };
        facts.entry((fact, gap.asked)).or_default().push(gap);
    }
    let known = graph.known_accounts();
    facts
        .values()
        .filter_map(|gaps| finding(graph, catalogue, gaps, &known))
        .collect()
}

fn finding(
    graph: &Graph,
    catalogue: &Catalogue,
    gaps: &[Gap],
    known: &BTreeSet<String>,
) -> Option<Finding> {
    let first = gaps.first()?;
    let rule = catalogue.findings.get(first.fact.rule)?;
    let principal = |gap: &Gap| gap.requirement.caller.name().to_owned();
    let principals = text::unique(gaps.iter().map(principal));
    let operations = text::sorted(gaps.iter().map(|gap| gap.requirement.operation.clone()));
    // What is lacking here is no permission on what the requirements name, but the thing that would tell what they are.
    let resources = match first.fact.rule {
        "resource-unseen" => vec![first.fact.subject.clone()],
        _ => text::unique(gaps.iter().map(|gap| gap.requirement.target.arn.clone())),
    };
    let affects = all_affected(graph, gaps.iter().map(|gap| gap.requirement.site));
    let refused = refused::of(graph, gaps.iter().map(|gap| &gap.fact));
    let what = refused.what(&first.fact);
    let supply = refused.supply(&first.fact, known);
    let words = text::Words {
        principals: &principals,
        operations: &operations,
        resources: &resources,
        affects: &affects,
        layer: first.layer,
        why: &first.requirement.why,
        missing: &what,
        detail: &supply,
    };
    let certain = gaps
        .iter()
        .any(|gap| gap.requirement.certainty != Certainty::Advised);
    let severity = if certain {
        rule.severity.min(Severity::Warning)
    } else {
        Severity::Note
    };
    let mut labels = refused.labels();
    if let Some(origin) = first.asked {
        labels.push(Label {
            origin,
            text: match first.fact.rule {
                "template-value-unknown" => "not known under what is given",
                _ => "decided by a value that the inputs do not tell",
            }
            .to_owned(),
        });
    }
    text::add_sites(&mut labels, gaps.iter().map(|gap| &gap.requirement));
    let mut finding = Finding {
        missing: vec![format!("{what}: {supply}")],
        ..words.finding(rule, severity, Decided::Undecided, labels)
    };
    // No export of whoever may not look supplies it.
    if !refused.is_empty() {
        finding.help = supply;
    }
    Some(finding)
}
