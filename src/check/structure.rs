//! What no policy could ever allow: faults of the pipeline's own structure.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html>

use std::collections::{BTreeMap, BTreeSet};

use super::decision::is_impossible_pass;
use super::deleted;
use super::finding::{Decided, Finding, Label, ReportLayer};
use super::group::severity_of;
use super::run::all_affected;
use super::store;
use super::text;
use super::trigger;
use super::undecided::Gap;
use crate::graph::{Action, Arn, Fact, Graph, Pipeline};
use crate::rules::{
    Catalogue, Certainty, Party, Purpose, Requirement, Severity, Site, home_region,
};
use crate::source::Origin;

/// One fault at one place.
#[derive(Debug, Clone)]
pub(super) struct Breach {
    /// The rule's id.
    pub(super) rule: &'static str,
    /// The role that would act.
    pub(super) principal: String,
    /// The thing that cannot be.
    pub(super) resource: String,
    /// What could not be done, where an operation stands for it.
    pub(super) operations: Vec<String>,
    /// A clause for the message.
    pub(super) detail: String,
    /// How certain that is.
    pub(super) certainty: Certainty,
    /// Where it breaks.
    pub(super) site: Site,
    /// Where it is written, the line to blame first.
    pub(super) labels: Vec<Label>,
}

/// A walk over one pipeline.
pub(super) struct Walk<'a> {
    pub(super) graph: &'a Graph,
    pub(super) catalogue: &'a Catalogue,
    pub(super) index: usize,
    pub(super) pipeline: &'a Pipeline,
    pub(super) home: Option<String>,
    pub(super) breaches: Vec<Breach>,
    /// What could not be decided on the way.
    pub(super) gaps: Vec<Gap>,
}

/// All structural faults of a pipeline.
pub(super) fn breaches(
    graph: &Graph,
    catalogue: &Catalogue,
    index: usize,
    needed: &[Requirement],
) -> (Vec<Breach>, Vec<Gap>) {
    let Some(pipeline) = graph.pipelines.get(index) else {
        return (Vec::new(), Vec::new());
    };
    let home = home_region(graph, pipeline);
    let mut walk = Walk {
        graph,
        catalogue,
        index,
        pipeline,
        home,
        breaches: Vec::new(),
        gaps: Vec::new(),
    };
    walk.roles(needed);
    walk.passes(needed);
    for (stage_index, stage) in pipeline.stages.iter().enumerate() {
        for (action_index, action) in stage.actions.iter().enumerate() {
            walk.action((stage_index, action_index), action);
            walk.inputs((stage_index, action_index), action, needed);
        }
    }
    store::stores(&mut walk);
    store::artifacts(&mut walk, needed);
    deleted::principals(&mut walk, needed);
    trigger::starts(&mut walk);
    trigger::resources(&mut walk);
    (walk.breaches, walk.gaps)
}

impl<'a> Walk<'a> {
    pub(super) fn site(&self, action: Option<(usize, usize)>, origin: Origin) -> Site {
        Site {
            pipeline: self.index,
            action,
            origin,
        }
    }

    /// The role that acts in an action.
    pub(super) fn acting(&self, action: &'a Action) -> &'a str {
        action
            .role_arn
            .as_ref()
            .map_or(self.pipeline.role_arn.text.as_str(), |role| {
                role.text.as_str()
            })
    }

    pub(super) fn acting_account(&self, action: &'a Action) -> String {
        Arn::parse(self.acting(action))
            .map_or_else(|| self.pipeline.account.clone(), |arn| arn.account)
    }

    pub(super) fn push(
        &mut self,
        rule: &'static str,
        principal: &str,
        resource: &str,
        detail: String,
        labels: Vec<Label>,
        site: Site,
    ) {
        self.breaches.push(Breach {
            rule,
            principal: principal.to_owned(),
            resource: resource.to_owned(),
            operations: Vec::new(),
            detail,
            certainty: Certainty::Necessary,
            site,
            labels,
        });
    }

    /// Roles that a complete export does not contain.
    fn roles(&mut self, needed: &[Requirement]) {
        for requirement in needed {
            let mut named = Vec::new();
            if let Party::Role(role) = &requirement.caller {
                named.push((role.arn.clone(), role.origin));
            }
            if requirement.operation == "sts:AssumeRole" && !requirement.target.is_pattern {
                named.push((requirement.target.arn.clone(), requirement.site.origin));
            }
            for (arn, origin) in named {
                if !matches!(self.graph.role(&arn), Fact::Absent) {
                    continue;
                }
                let label = Label {
                    origin,
                    text: "the account's export does not contain this role".to_owned(),
                };
                self.breaches.push(Breach {
                    rule: "role-missing",
                    principal: arn.clone(),
                    resource: arn,
                    operations: Vec::new(),
                    detail: String::new(),
                    certainty: requirement.certainty,
                    site: requirement.site,
                    labels: vec![label],
                });
            }
        }
    }

    fn passes(&mut self, needed: &[Requirement]) {
        for requirement in needed
            .iter()
            .filter(|requirement| is_impossible_pass(requirement))
        {
            let (Party::Role(caller) | Party::User(caller)) = &requirement.caller else {
                continue;
            };
            let label = |origin, text: &str| Label {
                origin,
                text: text.to_owned(),
            };
            let mut labels = vec![label(
                requirement.site.origin,
                "a role of another account is passed on here",
            )];
            if caller.origin != requirement.site.origin {
                let text = format!("the {} acts, in its own account", caller.title);
                labels.push(Label {
                    origin: caller.origin,
                    text,
                });
            }
            self.breaches.push(Breach {
                rule: match requirement.purpose {
                    Purpose::PassRoleInBuild => "foreign-role-in-command",
                    _ => "passed-role-in-other-account",
                },
                principal: caller.arn.clone(),
                resource: requirement.target.arn.clone(),
                operations: vec!["iam:PassRole".to_owned()],
                detail: String::new(),
                certainty: requirement.certainty,
                site: requirement.site,
                labels,
            });
        }
    }

    fn action(&mut self, indices: (usize, usize), action: &'a Action) {
        let principal = self.acting(action).to_owned();
        let site = self.site(Some(indices), action.name.origin);
        let label = |origin, text: &str| {
            vec![Label {
                origin,
                text: text.to_owned(),
            }]
        };
        if let Some(role) = &action.role_arn
            && action.type_id.owner != "AWS"
        {
            let labels = label(
                role.origin,
                "AWS takes a role for actions of owner `AWS` only",
            );
            self.push(
                "role-on-foreign-owner-action",
                &principal,
                &role.text,
                String::new(),
                labels,
                site,
            );
        }
        if let Some(role) = &action.role_arn
            && Arn::parse(&role.text).is_some_and(|arn| arn.partition != self.pipeline.partition)
        {
            let labels = label(role.origin, "another partition than the pipeline's");
            self.push(
                "partition-mismatch",
                &principal,
                &role.text,
                format!("`{}`", self.pipeline.partition),
                labels,
                site,
            );
        }
        if let (Some(region), Some(home)) = (&action.region, &self.home)
            && is_local(action)
            && region.text != *home
        {
            let detail = format!("`{}`", region.text);
            let labels = label(
                region.origin,
                "CodePipeline looks in the pipeline's own Region",
            );
            self.push(
                "cross-region-source",
                &principal,
                &region.text.clone(),
                detail,
                labels,
                site,
            );
        }
        let Some(provider) = self.catalogue.provider(&action.type_id) else {
            let resource = action.type_id.to_string();
            let labels = label(action.type_origin, "not in the catalogue");
            self.push(
                "action-not-checked",
                &principal,
                &resource,
                format!("`{resource}`"),
                labels,
                site,
            );
            return;
        };
        for required in &provider.configuration.required {
            let holds = required.when.iter().all(|when| {
                let Some(key) = &when.configuration else {
                    return true;
                };
                let value = action
                    .configuration
                    .get(key)
                    .map(|value| value.text.as_str())
                    .unwrap_or_default();
                let among =
                    |list: &[String]| list.iter().any(|one| one.eq_ignore_ascii_case(value));
                (when.is.is_empty() || among(&when.is))
                    && (when.is_not.is_empty() || !among(&when.is_not))
                    && when
                        .present
                        .is_none_or(|present| present != value.is_empty())
            });
            let empty = action
                .configuration
                .get(&required.key)
                .is_none_or(|value| value.text.is_empty());
            if holds && empty {
                let labels = label(action.name.origin, "this action");
                let detail = format!("`{}`", required.key);
                self.push(
                    "configuration-missing",
                    &principal,
                    &required.key,
                    detail,
                    labels,
                    site,
                );
            }
        }
    }
}

/// One finding for each rule, principal and resource.
pub(super) fn findings(
    graph: &Graph,
    catalogue: &Catalogue,
    breaches: Vec<Breach>,
) -> Vec<Finding> {
    let mut causes: BTreeMap<(&'static str, String), Vec<Breach>> = BTreeMap::new();
    for breach in breaches {
        causes
            .entry((breach.rule, breach.resource.clone()))
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
    let principals = text::unique(breaches.iter().map(|breach| breach.principal.clone()));
    let resources = vec![first.resource.clone()];
    let operations = text::sorted(
        breaches
            .iter()
            .flat_map(|breach| breach.operations.iter().cloned()),
    );
    let affects = all_affected(graph, breaches.iter().map(|breach| breach.site));
    let mut labels: Vec<Label> = Vec::new();
    for label in breaches.iter().flat_map(|breach| &breach.labels) {
        if !labels.iter().any(|seen| seen.origin == label.origin) {
            labels.push(label.clone());
        }
    }
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
    let certain = breaches.iter().map(|breach| severity_of(breach.certainty));
    let severity = certain.max().unwrap_or(Severity::Error).min(rule.severity);
    Some(Finding {
        rule: rule.id.clone(),
        severity,
        decision: Decided::Structure,
        layer: ReportLayer::Structure,
        message: text::fill(&rule.message, &words),
        help: text::fill(&rule.help, &words),
        documentation: rule.documentation.clone(),
        missing: Vec::new(),
        labels,
        suggestion: None,
        principals,
        operations,
        resources,
        affects,
    })
}

/// A note for the accounts whose organization's policies were not given: all was decided as if they denied nothing.
pub(super) fn unseen_organizations(
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
        .filter(|account| !seen(account))
        .cloned()
        .collect();
    if unseen.is_empty() {
        return Vec::new();
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
    vec![Finding {
        rule: rule.id.clone(),
        severity: Severity::Note.min(rule.severity),
        decision: Decided::Undecided,
        layer: ReportLayer::Scp,
        message: text::fill(&rule.message, &words),
        help: text::fill(&rule.help, &words),
        documentation: rule.documentation.clone(),
        missing: vec![format!("{missing}: put them into {files}")],
        labels: labels.into_iter().collect(),
        suggestion: None,
        principals: unseen.clone(),
        operations: Vec::new(),
        resources: unseen,
        affects: Vec::new(),
    }]
}

/// Whether an action can run in the pipeline's own Region only.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html>
pub(super) fn is_local(action: &Action) -> bool {
    action.type_id.category == "Source" || action.type_id.owner != "AWS"
}

/// Whether a requirement is about artifact objects.
pub(super) fn is_artifact(requirement: &Requirement) -> bool {
    requirement.purpose == Purpose::Artifact
}
