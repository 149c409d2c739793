//! Faults of the policies themselves, whatever is asked of them: names that do not exist, statements that nothing can match,
//! doors that stand open.
//!
//! In: the policies that a run's requirements consult, and no others: a gate does not speak of what it was not asked about.
//! Out: findings of severity warning or note, one for each rule and statement. Where a denial already points at the same
//! place, it stays silent: that finding tells the same fault with what it breaks.

mod conditions;
mod exposure;
mod keys;
mod operations;
mod resources;
mod size;

use std::collections::{BTreeMap, BTreeSet};

use super::bootstrap::assumed;
use super::finding::{Decided, Finding, Label, ReportLayer};
use super::layers::{bucket_of, gather, holder, report_layer, resource_layer};
use super::run::all_affected;
use super::text;
use crate::graph::{Graph, Policy, Role, Statement, has_symbol};
use crate::iam::{Layer, LayerName, PolicySet};
use crate::rules::{Catalogue, Party, Requirement, Site};
use crate::source::Origin;

/// The policies that a run consults, each once, and the roles they belong to.
#[derive(Debug, Default)]
pub(super) struct Consulted<'g> {
    documents: BTreeMap<Origin, Document<'g>>,
    roles: BTreeMap<&'g str, (&'g Role, Users)>,
}

/// One policy.
#[derive(Debug)]
struct Document<'g> {
    policy: &'g Policy,
    layer: ReportLayer,
    /// What it is attached to.
    holders: BTreeSet<String>,
    /// Whether its bucket takes no grant to everybody, whatever the policy says.
    closed_to_the_public: bool,
    users: Users,
}

/// On whose behalf a policy is consulted.
#[derive(Debug, Default)]
struct Users {
    principals: BTreeSet<String>,
    sites: BTreeSet<Site>,
}

/// One fault of one statement, or of one document.
#[derive(Debug)]
struct Fault {
    rule: &'static str,
    /// Where it is written, the line to blame first; never empty.
    labels: Vec<Label>,
    /// The actions concerned.
    operations: Vec<String>,
    /// A clause for the texts.
    detail: String,
}

impl Users {
    fn add(&mut self, requirement: &Requirement) {
        self.principals.insert(requirement.caller.name().to_owned());
        self.sites.insert(requirement.site);
    }
}

impl<'g> Consulted<'g> {
    /// Adds the policies that decide over some requirements.
    pub(super) fn add(&mut self, graph: &'g Graph, needed: &[Requirement]) {
        for requirement in needed {
            let gathered = gather(graph, requirement);
            let caller = match &requirement.caller {
                Party::Role(named) | Party::User(named) => named.arn.clone(),
                Party::Account(_) | Party::Service(_) | Party::Unknown { .. } => String::new(),
            };
            let layers = &gathered.layers;
            let own = [
                (LayerName::Identity, &layers.identity, caller.clone()),
                (LayerName::Boundary, &layers.boundary, caller.clone()),
            ];
            let layer = resource_layer(requirement);
            let of_resource = (layer, &layers.resource, holder(requirement));
            for (layer, set, holder) in own.into_iter().chain([of_resource]) {
                self.documents(graph, requirement, layer, known(set), &holder);
            }
            let account = requirement.target.account.clone().unwrap_or_default();
            let organization = [
                (LayerName::Scp, &layers.scps, caller),
                (LayerName::Rcp, &layers.rcps, account),
            ];
            for (layer, levels, holder) in organization {
                for set in levels_of(levels) {
                    self.documents(graph, requirement, layer, Some(set), &holder);
                }
            }
            if let Some(role) = gathered.role.filter(|role| role.assumed.is_none()) {
                let (_, users) = self
                    .roles
                    .entry(&role.arn)
                    .or_insert_with(|| (role, Users::default()));
                users.add(requirement);
            }
        }
    }

    fn documents(
        &mut self,
        graph: &Graph,
        requirement: &Requirement,
        layer: LayerName,
        set: Option<&PolicySet<'g>>,
        holder: &str,
    ) {
        let policies = set.map_or(&[][..], |set| set.policies.as_slice());
        // Nor does anybody know yet how such a role really is.
        if policies.is_empty() || assumed(graph, holder).is_some() {
            return;
        }
        // What AWS wrote nobody else can mend.
        let of_aws = |policy: &&Policy| {
            let name = policy.name.as_deref().unwrap_or_default();
            name.starts_with("arn:") && name.contains(":iam::aws:")
        };
        for policy in policies {
            if of_aws(policy) {
                continue;
            }
            let document = self
                .documents
                .entry(policy.origin)
                .or_insert_with(|| Document {
                    policy,
                    layer: report_layer(layer, &requirement.operation),
                    holders: BTreeSet::new(),
                    closed_to_the_public: false,
                    users: Users::default(),
                });
            if document.layer == ReportLayer::BucketPolicy {
                let bucket = graph.bucket(bucket_of(&requirement.target.arn));
                document.closed_to_the_public = bucket
                    .known()
                    .is_some_and(|bucket| bucket.restrict_public.known() == Some(&true));
            }
            document.holders.insert(holder.to_owned());
            document.users.add(requirement);
        }
    }
}

fn known<'s, 'g>(layer: &'s Layer<PolicySet<'g>>) -> Option<&'s PolicySet<'g>> {
    match layer {
        Layer::Known(set) => Some(set),
        Layer::Absent | Layer::Unknown => None,
    }
}

fn levels_of<'s, 'g>(layer: &'s Layer<Vec<PolicySet<'g>>>) -> &'s [PolicySet<'g>] {
    match layer {
        Layer::Known(levels) => levels,
        Layer::Absent | Layer::Unknown => &[],
    }
}

impl<'g> Document<'g> {
    fn faults(&self, settled: &mut BTreeSet<&'g str>) -> Vec<Fault> {
        let mut faults: Vec<Fault> = size::of_document(self).into_iter().collect();
        // Guard rails of an organization are written for many accounts, and seldom by whoever reads this.
        if matches!(self.layer, ReportLayer::Scp | ReportLayer::Rcp) {
            return faults;
        }
        // Whether a statement under a condition of a template is there at all may be open.
        let is_there = |statement: &&Statement| {
            !statement
                .conditions
                .iter()
                .any(|one| has_symbol(&one.key.text))
        };
        for statement in self.policy.statements.iter().filter(is_there) {
            faults.extend(operations::unknown(statement, settled));
            faults.extend(resources::never_match(self, statement));
            faults.extend(conditions::old_variables(self.policy, statement));
            faults.extend(conditions::sets(statement));
            faults.extend(conditions::without_guard(statement));
            faults.extend(keys::never_carried(self, statement));
            faults.extend(exposure::partial_principals(statement));
            faults.extend(exposure::anyone(self, statement));
            // A boundary grants nothing, however much it includes.
            if self.layer != ReportLayer::Boundary {
                faults.extend(exposure::passes_anything(statement));
            }
        }
        faults
    }
}

/// All faults of the consulted policies that none of the `told` findings points at already.
pub(super) fn findings(
    graph: &Graph,
    catalogue: &Catalogue,
    consulted: &Consulted<'_>,
    told: &[Finding],
) -> Vec<Finding> {
    let told: BTreeSet<Origin> = told
        .iter()
        .flat_map(|finding| &finding.labels)
        .map(|label| label.origin)
        .collect();
    let mut findings = Vec::new();
    let mut settled = BTreeSet::new();
    for document in consulted.documents.values() {
        for fault in document.faults(&mut settled) {
            if fault
                .labels
                .iter()
                .all(|label| told.contains(&label.origin))
            {
                continue;
            }
            let holders: Vec<String> = document.holders.iter().cloned().collect();
            let users = &document.users;
            findings.extend(finding(
                graph,
                catalogue,
                fault,
                document.layer,
                holders,
                users,
            ));
        }
    }
    for (role, users) in consulted.roles.values() {
        if let Some(fault) = size::of_inline(role) {
            let holders = vec![role.arn.clone()];
            let layer = ReportLayer::Identity;
            findings.extend(finding(graph, catalogue, fault, layer, holders, users));
        }
    }
    findings
}

fn finding(
    graph: &Graph,
    catalogue: &Catalogue,
    fault: Fault,
    layer: ReportLayer,
    resources: Vec<String>,
    users: &Users,
) -> Option<Finding> {
    let rule = catalogue.findings.get(fault.rule)?;
    let principals: Vec<String> = users.principals.iter().cloned().collect();
    let affects = all_affected(graph, users.sites.iter().copied());
    let words = text::Words {
        principals: &principals,
        operations: &fault.operations,
        resources: &resources,
        affects: &affects,
        layer,
        why: "",
        missing: "",
        detail: &fault.detail,
    };
    Some(words.finding(rule, rule.severity, Decided::Structure, fault.labels))
}

/// A label at each place, the same words for all.
fn labels(origins: impl IntoIterator<Item = Origin>, text: &str) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for origin in origins {
        if !labels.iter().any(|label| label.origin == origin) {
            labels.push(Label {
                origin,
                text: text.to_owned(),
            });
        }
    }
    labels
}

/// The actions of a statement as they are written.
fn written_actions(statement: &Statement) -> Vec<String> {
    text::unique(statement.actions.iter().map(|action| action.text.clone()))
}
