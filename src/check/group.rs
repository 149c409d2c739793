//! Groups what withholds by root cause: one missing piece of one policy is one finding, however many calls it breaks.

use std::collections::BTreeMap;

use super::finding::{Decided, Finding, Label, ReportLayer};
use super::layers::bucket_of;
use super::run::all_affected;
use super::suggest::suggestion;
use super::text;
use crate::graph::{Arn, AttachedPolicy, Fact, Graph};
use crate::iam::NearMiss;
use crate::rules::{Catalogue, Certainty, Covers, Purpose, Requirement, Severity};
use crate::source::Origin;

/// One layer that withholds one requirement.
#[derive(Debug, Clone)]
pub(super) struct Denial {
    pub(super) rule: String,
    pub(super) layer: ReportLayer,
    /// The statement that denies.
    pub(super) deny: Option<Origin>,
    pub(super) near_misses: Vec<NearMiss>,
    pub(super) resource_origin: Option<Origin>,
    pub(super) certainty: Certainty,
    pub(super) requirement: Requirement,
}

/// What makes two denials one: the same hole in the same policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    rule: String,
    layer: ReportLayer,
    deny: Option<Origin>,
    /// Whose policy it is: the caller for its own policies, the resource for the resource's.
    holder: String,
    /// For a caller's own policies: on what. A resource's policy has one subject anyway.
    subject: String,
}

impl Denial {
    /// Who lacks the permission.
    pub(super) fn principal(&self) -> String {
        self.requirement.caller.name().to_owned()
    }

    /// Whether the policy that withholds belongs to the resource.
    pub(super) fn is_of_resource(&self) -> bool {
        matches!(
            self.layer,
            ReportLayer::Trust
                | ReportLayer::BucketPolicy
                | ReportLayer::KeyPolicy
                | ReportLayer::ResourcePolicy
        )
    }

    fn cause(&self) -> Cause {
        let resource = &self.requirement.target.arn;
        // A bucket and the objects in it are one subject: one statement usually names both.
        let subject = match self.requirement.purpose {
            Purpose::Artifact => format!("bucket {}", bucket_of(resource)),
            // Roles passed to one service belong into one statement.
            Purpose::PassRole if self.layer == ReportLayer::Identity => {
                let service = self
                    .requirement
                    .context
                    .get("iam:PassedToService")
                    .cloned()
                    .flatten();
                format!("roles passed to {}", service.unwrap_or_default())
            }
            _ => resource.clone(),
        };
        let account = || {
            Arn::parse(resource)
                .map(|arn| arn.account)
                .unwrap_or_default()
        };
        let (holder, subject) = if self.deny.is_some() {
            (String::new(), String::new())
        } else if self.is_of_resource() {
            (subject, String::new())
        } else if self.layer == ReportLayer::Rcp {
            (account(), subject)
        } else {
            (self.principal(), subject)
        };
        Cause {
            rule: self.rule.clone(),
            layer: self.layer,
            deny: self.deny,
            holder,
            subject,
        }
    }
}

/// All findings of the denials.
pub(super) fn findings_of_denials(
    graph: &Graph,
    catalogue: &Catalogue,
    denials: Vec<Denial>,
) -> Vec<Finding> {
    let mut causes: BTreeMap<Cause, Vec<Denial>> = BTreeMap::new();
    for denial in denials {
        causes.entry(denial.cause()).or_default().push(denial);
    }
    let mut groups: Vec<Vec<Denial>> = Vec::new();
    let mut merged: BTreeMap<(Cause, Vec<String>, Severity), usize> = BTreeMap::new();
    for (cause, denials) in causes {
        // The same operations on several resources lacking in the same policy: one statement mends them.
        let severity = severity(catalogue, &denials);
        let operations = text::sorted(
            denials
                .iter()
                .map(|denial| denial.requirement.operation.clone()),
        );
        let key = (
            Cause {
                subject: String::new(),
                ..cause
            },
            operations,
            severity,
        );
        match merged.get(&key).and_then(|index| groups.get_mut(*index)) {
            Some(group) => group.extend(denials),
            None => {
                merged.insert(key, groups.len());
                groups.push(denials);
            }
        }
    }
    groups
        .iter()
        .filter_map(|group| {
            let severity = severity(catalogue, group);
            finding(graph, catalogue, &named(group), severity)
        })
        .collect()
}

/// The group without the requirements that stand for some role or other, where the roles are named as well.
fn named(group: &[Denial]) -> Vec<Denial> {
    let any = |denial: &&Denial| {
        denial.requirement.purpose == Purpose::PassRole
            && denial.requirement.target.covers == Covers::AtLeastOne
    };
    let known: Vec<Denial> = group
        .iter()
        .filter(|denial| !any(denial))
        .cloned()
        .collect();
    if known.is_empty() {
        group.to_vec()
    } else {
        known
    }
}

/// The most that what is this certain can weigh.
pub(super) fn severity_of(certainty: Certainty) -> Severity {
    match certainty {
        Certainty::Necessary => Severity::Error,
        Certainty::Conditional => Severity::Warning,
        Certainty::Advised => Severity::Note,
    }
}

fn severity(catalogue: &Catalogue, group: &[Denial]) -> Severity {
    let of_rule = group
        .first()
        .and_then(|denial| catalogue.findings.get(&denial.rule));
    let of_rule = of_rule.map_or(Severity::Error, |rule| rule.severity);
    let of_certainty = group.iter().map(|denial| severity_of(denial.certainty));
    of_certainty.max().unwrap_or(Severity::Error).min(of_rule)
}

fn finding(
    graph: &Graph,
    catalogue: &Catalogue,
    group: &[Denial],
    severity: Severity,
) -> Option<Finding> {
    let first = group.first()?;
    let rule = catalogue.findings.get(&first.rule)?;
    let principals = text::unique(group.iter().map(Denial::principal));
    let operations = text::operations(group.iter());
    let resources = text::unique(
        group
            .iter()
            .map(|denial| denial.requirement.target.arn.clone()),
    );
    let affects = all_affected(graph, group.iter().map(|denial| denial.requirement.site));
    let near = nearest(group);
    let words = text::Words {
        principals: &principals,
        operations: &operations,
        resources: &resources,
        affects: &affects,
        layer: first.layer,
        why: &first.requirement.why,
        missing: "",
        detail: &near.map_or_else(String::new, |(denial, near)| text::detail(near, denial)),
    };
    let mut documentation = text::unique(
        group
            .iter()
            .flat_map(|denial| denial.requirement.documentation.iter().cloned()),
    );
    documentation.extend(
        rule.documentation
            .iter()
            .filter(|link| !documentation.contains(link))
            .cloned()
            .collect::<Vec<_>>(),
    );
    let mut help = text::fill(&rule.help, &words);
    if let Some(more) = text::who_lacks_what(group) {
        help = format!("{help} ({more})");
    }
    Some(Finding {
        rule: first.rule.clone(),
        severity,
        decision: match first.layer {
            ReportLayer::Structure => Decided::Structure,
            _ => Decided::Denied,
        },
        layer: first.layer,
        message: text::fill(&rule.message, &words),
        help,
        documentation,
        missing: Vec::new(),
        labels: labels(graph, group, near),
        suggestion: suggestion(group),
        principals,
        operations,
        resources,
        affects,
    })
}

/// The statement that came nearest to granting, over the whole group.
fn nearest(group: &[Denial]) -> Option<(&Denial, &NearMiss)> {
    let near = group
        .iter()
        .flat_map(|denial| denial.near_misses.iter().map(move |near| (denial, near)));
    near.min_by_key(|(_, near)| near.failed.len())
        .filter(|(_, near)| near.failed.len() <= 2)
}

fn labels(graph: &Graph, group: &[Denial], near: Option<(&Denial, &NearMiss)>) -> Vec<Label> {
    let mut labels = Vec::new();
    let Some(first) = group.first() else {
        return labels;
    };
    if let Some(deny) = first.deny {
        labels.push(Label {
            origin: deny,
            text: match first.rule.as_str() {
                "public-policy-restricted" => "everybody is let in here, so other accounts are not",
                _ => "this statement denies it",
            }
            .to_owned(),
        });
    } else if let Some(near) = near {
        labels.extend(text::mismatch_labels(near.1, near.0));
    }
    if labels.is_empty() {
        labels.extend(holder_labels(graph, group));
    }
    text::add_sites(&mut labels, group.iter().map(|denial| &denial.requirement));
    labels
}

/// A role or user that has policies of its own.
struct Holder<'g> {
    kind: &'static str,
    name_origin: Origin,
    boundary: &'g Fact<AttachedPolicy>,
}

impl<'g> Holder<'g> {
    fn of(graph: &'g Graph, arn: &str) -> Option<Self> {
        let role = graph.role(arn).known().map(|role| Self {
            kind: "role",
            name_origin: role.name_origin,
            boundary: &role.boundary,
        });
        role.or_else(|| {
            graph.user(arn).known().map(|user| Self {
                kind: "user",
                name_origin: user.name_origin,
                boundary: &user.boundary,
            })
        })
    }
}

/// The policies in which a statement is lacking.
fn holder_labels(graph: &Graph, group: &[Denial]) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for denial in group {
        let label = if denial.is_of_resource() {
            denial.resource_origin.map(|origin| Label {
                origin,
                text: format!(
                    "no statement of this {} admits it",
                    text::policy_name(denial.layer)
                ),
            })
        } else {
            let caller = Holder::of(graph, &denial.principal());
            caller.map(|caller| match (denial.layer, caller.boundary.known()) {
                (ReportLayer::Structure, _) => Label {
                    origin: caller.name_origin,
                    text: format!(
                        "this {} belongs to another account than the resource",
                        caller.kind
                    ),
                },
                (ReportLayer::Boundary, Some(boundary)) => Label {
                    origin: boundary.origin,
                    text: "this permissions boundary does not allow it".to_owned(),
                },
                _ => Label {
                    origin: caller.name_origin,
                    text: format!("no policy of this {} allows it", caller.kind),
                },
            })
        };
        if let Some(label) = label
            && !labels.contains(&label)
        {
            labels.push(label);
        }
    }
    labels
}
