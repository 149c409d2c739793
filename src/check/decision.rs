//! Puts one requirement before the engine, and concludes what withholds it and what is missing to decide it.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{context, may_have_network};
use super::finding::ReportLayer;
use super::group::Denial;
use super::layers::{Gathered, gather, report_layer, resource_layer, service_of};
use super::refused;
use super::undecided::{Gap, connection_share, gap_of_fact, gaps_of, gaps_of_doubt, which_member};
use super::unseen::unseen_grants;
use crate::graph::{Fact, Graph, Key, Policy, Version, Want, may_be_equal};
use crate::iam::{
    Caller, Decision, Layer, LayerName, Library, Mismatch, Missing, Request, Verdict, Withheld,
    WithheldBy,
};
use crate::rules::{
    Catalogue, Certainty, Covers, Outcome, Party, Purpose, Requirement, missing_of, rule_for,
};

/// One requirement with what came of it.
pub(super) struct Decided {
    pub(super) requirement: Requirement,
    pub(super) verdict: Verdict,
    pub(super) denials: Vec<Denial>,
    pub(super) gaps: Vec<Gap>,
}

/// The grants of keys as policies, by the keys' ARNs: they allow beside a key's policy.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>
pub(super) type Grants<'g> = BTreeMap<&'g str, Policy>;

/// The grants of every key that has some.
pub(super) fn grants(graph: &Graph) -> Grants<'_> {
    let granting = graph.keys.iter().filter_map(|(arn, key)| {
        let grants = key.grants.known().filter(|grants| !grants.is_empty())?;
        let policy = Policy {
            name: None,
            origin: key.origin,
            version: Version::V2012,
            statements: grants.clone(),
        };
        Some((arn.as_str(), policy))
    });
    granting.collect()
}

/// What a run has read and decided so far: no policy is read twice, and nothing is asked twice that only another action asks
/// again.
#[derive(Debug)]
pub(super) struct Docket<'g> {
    graph: &'g Graph,
    catalogue: &'g Catalogue,
    grants: &'g Grants<'g>,
    library: Library<'g>,
    decided: BTreeMap<Asked, Decision>,
}

/// All that a decision depends on beside the graph.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    caller: String,
    operation: String,
    resource: String,
    resource_is_pattern: bool,
    resource_account: Option<String>,
    region: Option<String>,
    context: BTreeMap<String, Option<String>>,
    may_have_network: bool,
}

impl Asked {
    fn of(graph: &Graph, requirement: &Requirement) -> Self {
        Self {
            // No role is called like a service, so the name tells which of them calls.
            caller: requirement.caller.name().to_owned(),
            operation: requirement.operation.clone(),
            resource: requirement.target.arn.clone(),
            resource_is_pattern: requirement.target.is_pattern,
            resource_account: requirement.target.account.clone(),
            region: requirement.region.clone(),
            context: requirement.context.clone(),
            may_have_network: may_have_network(graph, requirement),
        }
    }
}

impl<'g> Docket<'g> {
    pub(super) fn new(graph: &'g Graph, catalogue: &'g Catalogue, grants: &'g Grants<'g>) -> Self {
        Self {
            graph,
            catalogue,
            grants,
            library: Library::default(),
            decided: BTreeMap::new(),
        }
    }

    /// Puts one requirement before the engine.
    pub(super) fn decide(&mut self, requirement: Requirement) -> Decided {
        let decided = decide_one(self, requirement);
        without_absent(self.graph, decided)
    }
}

fn decide_one(docket: &mut Docket<'_>, requirement: Requirement) -> Decided {
    let graph = docket.graph;
    let undecided = |requirement: Requirement, gaps: Vec<Gap>| Decided {
        requirement,
        verdict: Verdict::Unknown,
        denials: Vec::new(),
        gaps,
    };
    let caller = match &requirement.caller {
        Party::Unknown { .. } => {
            let gaps = missing_of(&requirement)
                .into_iter()
                .map(|fact| gap_of_fact(graph, &requirement, fact))
                .collect();
            return undecided(requirement, gaps);
        }
        Party::Role(role) => Caller::Role {
            arn: role.arn.clone(),
            session: None,
        },
        Party::User(user) if user.arn.ends_with(":root") => Caller::Root(user.arn.clone()),
        Party::User(user) => Caller::User(user.arn.clone()),
        // What a service does in the name of an account no identity policy limits: as little as it does the root user.
        Party::Account(account) => Caller::Root(account.arn.clone()),
        Party::Service(service) => Caller::Service(service.clone()),
    };
    if does_not_exist(graph, &requirement) || is_impossible_pass(&requirement) {
        // A finding of `structure` says so; no policy of it is to be blamed.
        return Decided {
            requirement,
            verdict: Verdict::ImplicitDeny,
            denials: Vec::new(),
            gaps: Vec::new(),
        };
    }
    let mut gathered = gather(graph, &requirement);
    let key = match resource_layer(&requirement) {
        LayerName::KeyPolicy => graph.key(&requirement.target.arn).known().copied(),
        _ => None,
    };
    let grants = key.and_then(|key| docket.grants.get(key.arn.as_str()));
    if let (Some(grants), Layer::Known(set)) = (grants, &mut gathered.layers.resource) {
        set.policies.push(grants);
    }
    // A connection may be shared through AWS RAM, which no policy document shows:
    // https://docs.aws.amazon.com/codepipeline/latest/userguide/connections-shared.html
    let shared =
        is_foreign(&requirement) && service_of(&requirement.operation).ends_with("connections");
    if shared {
        gathered.layers.resource_account = requirement.caller.account();
    }
    let asked = Asked::of(graph, &requirement);
    let decision = match docket.decided.get(&asked) {
        Some(decision) => decision.clone(),
        None => {
            let request = request(graph, &requirement, &gathered, caller);
            let mut decision = docket.library.compile(&gathered.layers).decide(&request);
            // What no policy grants a grant may, as far as nobody has seen them.
            if decision.verdict == Verdict::ImplicitDeny
                && let Some(key) = key
                && add_unseen_grants(graph, key, &mut gathered)
            {
                decision = docket.library.compile(&gathered.layers).decide(&request);
            }
            docket.decided.insert(asked, decision.clone());
            decision
        }
    };
    let catalogue = docket.catalogue;
    conclude(graph, catalogue, requirement, &gathered, decision, shared)
}

/// What does not exist is a finding of its own, and nothing about it waits for a fact. Without the artifact store's bucket and key
/// nothing runs; what else is not there now may be there when it is needed.
fn without_absent(graph: &Graph, mut decided: Decided) -> Decided {
    let mut of_store = false;
    decided.gaps.retain(|gap| {
        let thing = &gap.fact.told_by.thing;
        let absent = refused::absent(graph, thing).is_some();
        of_store |= absent && refused::is_of_store(&decided.requirement, thing);
        !absent
    });
    if of_store && decided.verdict == Verdict::Unknown && decided.gaps.is_empty() {
        decided.verdict = Verdict::ImplicitDeny;
    }
    decided
}

/// Adds the grants that AWS refused to tell, beside a key's policy. Grants that no input speaks of are taken for none.
fn add_unseen_grants(graph: &Graph, key: &Key, gathered: &mut Gathered<'_>) -> bool {
    let Layer::Known(set) = &mut gathered.layers.resource else {
        return false;
    };
    if !key.grants.is_unseen() {
        return false;
    }
    graph.want(|| Want::Key(key.arn.clone()));
    let refused = !refused::of(graph, std::iter::once(&unseen_grants(&key.arn))).is_empty();
    if refused {
        set.unseen.push(format!("grants of {}", key.arn));
    }
    refused
}

fn request(
    graph: &Graph,
    requirement: &Requirement,
    gathered: &Gathered<'_>,
    caller: Caller,
) -> Request {
    let in_management_account = |account: Option<&String>| {
        let organization =
            account.and_then(|account| graph.accounts.get(account)?.organization.as_ref());
        let management = organization.and_then(|own| own.management_account.as_ref());
        management.is_some_and(|management| Some(management) == account)
    };
    Request {
        caller,
        action: requirement.operation.clone(),
        resource: requirement.target.arn.clone(),
        resource_is_pattern: requirement.target.is_pattern,
        context: context(graph, requirement, gathered),
        caller_in_management_account: in_management_account(requirement.caller.account().as_ref()),
        resource_in_management_account: in_management_account(requirement.target.account.as_ref()),
        caller_is_service_linked_role: gathered
            .role
            .is_some_and(|role| role.arn.contains(":role/aws-service-role/")),
    }
}

pub(super) fn is_foreign(requirement: &Requirement) -> bool {
    matches!((requirement.caller.account(), &requirement.target.account), (Some(caller), Some(owner)) if !may_be_equal(&caller, owner))
}

fn does_not_exist(graph: &Graph, requirement: &Requirement) -> bool {
    let caller = match &requirement.caller {
        Party::Role(role) => matches!(graph.role(&role.arn), Fact::Absent),
        Party::User(_) | Party::Account(_) | Party::Service(_) | Party::Unknown { .. } => false,
    };
    let exact = !requirement.target.is_pattern;
    let role = || graph.role(&requirement.target.arn);
    caller || names_role(requirement) && exact && matches!(role(), Fact::Absent)
}

/// Whether the target is a role that is assumed or passed on.
pub(super) fn names_role(requirement: &Requirement) -> bool {
    requirement.operation == "sts:AssumeRole"
        || matches!(
            requirement.purpose,
            Purpose::AssumePipelineRole
                | Purpose::AssumeActionRole
                | Purpose::AssumeServiceRole
                | Purpose::PassRole
                | Purpose::PassRoleInBuild
                | Purpose::AssumeRoleInBuild
        )
}

/// A role of another account cannot be passed, whatever any policy says:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
pub(super) fn is_impossible_pass(requirement: &Requirement) -> bool {
    let passes = [Purpose::PassRole, Purpose::PassRoleInBuild];
    passes.contains(&requirement.purpose) && is_foreign(requirement)
}

fn conclude(
    graph: &Graph,
    catalogue: &Catalogue,
    requirement: Requirement,
    gathered: &Gathered<'_>,
    decision: Decision,
    shared: bool,
) -> Decided {
    // What cannot be named has no policy to be looked up; that it cannot be named is the gap.
    let is_nameless = |missing: &Missing| {
        let own = [LayerName::Trust, LayerName::KeyPolicy, LayerName::Resource];
        let of_resource = match missing {
            Missing::Layer(layer) => own.contains(layer),
            Missing::ResourceAccount => true,
            _ => false,
        };
        of_resource && !requirement.target.missing.is_empty()
    };
    let gaps_of_missing = |requirement: &Requirement| {
        decision
            .missing
            .iter()
            .filter(|missing| !is_nameless(missing))
            .flat_map(|missing| gaps_of(graph, requirement, gathered, missing))
            .collect::<Vec<_>>()
    };
    let gaps_of_target = |requirement: &Requirement| {
        let facts = requirement.target.missing.iter().cloned();
        facts
            .map(|fact| gap_of_fact(graph, requirement, fact))
            .collect::<Vec<_>>()
    };
    let mut verdict = decision.verdict;
    let mut denials = Vec::new();
    let mut gaps = Vec::new();
    match (decision.verdict, requirement.target.covers) {
        (Verdict::Allowed, _) => {
            if shared {
                verdict = Verdict::Unknown;
                gaps.push(connection_share(&requirement));
            }
        }
        (Verdict::Unknown, _) => {
            gaps = gaps_of_missing(&requirement);
            if gaps.is_empty() || decision.missing.iter().any(is_nameless) {
                gaps.extend(gaps_of_target(&requirement));
            }
        }
        // Which role a description names that nobody has seen, what it trusts, and whether there is one at all: a task
        // definition need not name any.
        (_, covers)
            if names_role(&requirement)
                && !requirement.target.missing.is_empty()
                && covers != Covers::AtLeastOne =>
        {
            verdict = Verdict::Unknown;
            gaps = gaps_of_target(&requirement);
        }
        _ if !requirement.doubt.is_empty() => {
            verdict = Verdict::Unknown;
            gaps = gaps_of_doubt(graph, &requirement);
        }
        (_, Covers::AtLeastOne) if decision.partial => verdict = Verdict::Allowed,
        (_, Covers::OneUnknown) if decision.partial => {
            verdict = Verdict::Unknown;
            gaps = gaps_of_target(&requirement);
            if gaps.is_empty() {
                gaps.push(which_member(graph, &requirement));
            }
        }
        _ => {
            denials = withheld(catalogue, &requirement, gathered, &decision);
            // What nobody has seen matters as soon as what is seen is mended, and is better known in the same run.
            gaps = unseen(&requirement, gathered)
                .iter()
                .filter(|missing| !is_nameless(missing))
                .flat_map(|missing| gaps_of(graph, &requirement, gathered, missing))
                .collect();
        }
    }
    Decided {
        requirement,
        verdict,
        denials,
        gaps,
    }
}

/// The layers of a call that have to agree and that nobody has seen.
fn unseen(requirement: &Requirement, gathered: &Gathered<'_>) -> Vec<Missing> {
    let layers = &gathered.layers;
    let mut missing = Vec::new();
    for (name, layer) in [
        (LayerName::Identity, &layers.identity),
        (LayerName::Boundary, &layers.boundary),
    ] {
        match layer {
            Layer::Unknown => missing.push(Missing::Layer(name)),
            Layer::Known(set) => {
                let documents = set.unseen.iter().cloned();
                missing.extend(documents.map(|document| Missing::Document(name, document)));
            }
            Layer::Absent => {}
        }
    }
    let own = resource_layer(requirement);
    // Within one account the caller's own policies are enough, unless the resource is a role or a key.
    if matches!(layers.resource, Layer::Unknown)
        && (own != LayerName::Resource || is_foreign(requirement))
    {
        missing.push(Missing::Layer(own));
    }
    missing
}

fn withheld(
    catalogue: &Catalogue,
    requirement: &Requirement,
    gathered: &Gathered<'_>,
    decision: &Decision,
) -> Vec<Denial> {
    // Where no policy could ever allow it, none is to blame for not doing so.
    let impossible = decision
        .withheld
        .iter()
        .any(|one| one.by == WithheldBy::Impossible);
    // Where either of two layers could grant, mending the caller's own policy is the usual way.
    let identity = decision
        .withheld
        .iter()
        .any(|one| one.layer == LayerName::Identity);
    let counts = |one: &&Withheld| match one.by {
        WithheldBy::Impossible | WithheldBy::Restricted(_) => true,
        WithheldBy::NoAllow | WithheldBy::PartialAllow if impossible => false,
        _ => {
            !(one.alternative
                && identity
                && one.layer != LayerName::Identity
                && one.by == WithheldBy::NoAllow)
        }
    };
    decision
        .withheld
        .iter()
        .filter(counts)
        .map(|one| {
            let layer = match one.by {
                WithheldBy::Impossible => ReportLayer::Structure,
                _ => report_layer(one.layer, &requirement.operation),
            };
            let outcome = match one.by {
                WithheldBy::Deny(_) => Outcome::Denied,
                WithheldBy::PartialAllow => Outcome::Partial,
                WithheldBy::NoAllow | WithheldBy::Impossible | WithheldBy::Restricted(_) => {
                    Outcome::NotGranted
                }
            };
            let rule = if demands_external_id(requirement, layer, one) {
                "trust-external-id".to_owned()
            } else if matches!(one.by, WithheldBy::Restricted(_)) {
                "public-policy-restricted".to_owned()
            } else {
                let rule = rule_for(
                    catalogue.findings.values(),
                    requirement.purpose,
                    layer.name(),
                    outcome,
                );
                rule.map_or_else(|| "permission-missing".to_owned(), |rule| rule.id.clone())
            };
            Denial {
                rule,
                layer,
                deny: match one.by {
                    WithheldBy::Deny(origin) | WithheldBy::Restricted(origin) => Some(origin),
                    WithheldBy::NoAllow | WithheldBy::PartialAllow | WithheldBy::Impossible => None,
                },
                near_misses: one.near_misses.clone(),
                resource_origin: gathered.resource_origin,
                certainty: requirement.certainty,
                requirement: requirement.clone(),
            }
        })
        .collect()
}

/// A trust policy that would admit the pipeline role, if only CodePipeline could send an external id.
fn demands_external_id(requirement: &Requirement, layer: ReportLayer, withheld: &Withheld) -> bool {
    let only_external_id = |failed: &[Mismatch]| {
        !failed.is_empty()
            && failed.iter().all(|mismatch| {
                matches!(mismatch, Mismatch::Condition { key, .. } if key.eq_ignore_ascii_case("sts:ExternalId"))
            })
    };
    requirement.purpose == Purpose::AssumeActionRole
        && layer == ReportLayer::Trust
        && withheld.by == WithheldBy::NoAllow
        && withheld
            .near_misses
            .iter()
            .any(|near| only_external_id(&near.failed))
}

/// Of alternatives one is necessary; once one is allowed, the lack of another is at most a risk.
pub(super) fn settle_alternatives(decided: &mut [Decided]) {
    let mut granted: BTreeSet<usize> = BTreeSet::new();
    for one in decided.iter() {
        if let Some(alternatives) = one.requirement.alternatives
            && matches!(one.verdict, Verdict::Allowed | Verdict::Unknown)
        {
            granted.insert(alternatives.group);
        }
    }
    for one in decided {
        let Some(alternatives) = one.requirement.alternatives else {
            continue;
        };
        let denied = matches!(one.verdict, Verdict::ExplicitDeny | Verdict::ImplicitDeny);
        if !denied || !granted.contains(&alternatives.group) {
            continue;
        }
        if alternatives.others_matter {
            for denial in &mut one.denials {
                denial.certainty = denial.certainty.max(Certainty::Conditional);
            }
        } else {
            one.verdict = Verdict::Allowed;
            one.denials.clear();
        }
    }
}
