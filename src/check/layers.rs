//! Gathers, for one requirement, the policies of every layer from the graph.

use super::finding::ReportLayer;
use crate::graph::{
    Account, Arn, AttachedPolicy, Fact, Graph, Policy, Role, Want, account_in, has_symbol,
};
use crate::iam::{Layer, LayerName, Layers, PolicySet};
use crate::rules::{Party, Requirement};
use crate::source::Origin;

/// Services whose resources carry a policy that can grant or deny, as far as pipelines meet them; buckets, keys and
/// roles have their own kinds of fact.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>
pub(super) const RESOURCE_POLICY_SERVICES: [&str; 6] =
    ["sns", "sqs", "lambda", "ecr", "events", "secretsmanager"];

/// The layers of one requirement.
#[derive(Debug, Default)]
pub(super) struct Gathered<'g> {
    /// For the engine.
    pub(super) layers: Layers<'g>,
    /// The caller, when it is a role among the facts.
    pub(super) role: Option<&'g Role>,
    /// Where the resource's own policy is written, or the resource when it has none.
    pub(super) resource_origin: Option<Origin>,
}

/// The service prefix of an operation.
pub(super) fn service_of(operation: &str) -> &str {
    operation.split(':').next().unwrap_or(operation)
}

/// How the report names a layer, which for a resource policy depends on whose policy it is.
pub(super) fn report_layer(layer: LayerName, operation: &str) -> ReportLayer {
    match layer {
        LayerName::Identity => ReportLayer::Identity,
        LayerName::Trust => ReportLayer::Trust,
        LayerName::KeyPolicy => ReportLayer::KeyPolicy,
        LayerName::Resource if service_of(operation) == "s3" => ReportLayer::BucketPolicy,
        LayerName::Resource => ReportLayer::ResourcePolicy,
        LayerName::Boundary => ReportLayer::Boundary,
        LayerName::Scp => ReportLayer::Scp,
        LayerName::Rcp => ReportLayer::Rcp,
        LayerName::Session => ReportLayer::Session,
    }
}

/// Which layer a resource's own policy is.
pub(super) fn resource_layer(requirement: &Requirement) -> LayerName {
    match service_of(&requirement.operation) {
        // What names no role, such as `sts:GetServiceBearerToken`, has no trust policy either.
        "sts" if requirement.target.arn != "*" => LayerName::Trust,
        "kms" => LayerName::KeyPolicy,
        _ => LayerName::Resource,
    }
}

/// What a resource's policy belongs to: for objects the bucket.
pub(super) fn holder(requirement: &Requirement) -> String {
    let arn = &requirement.target.arn;
    match (service_of(&requirement.operation), arn.split_once(":::")) {
        ("s3", Some((start, _))) => format!("{start}:::{}", bucket_of(arn)),
        _ => arn.clone(),
    }
}

/// Gathers the layers of a requirement.
pub(super) fn gather<'g>(graph: &'g Graph, requirement: &Requirement) -> Gathered<'g> {
    let mut gathered = Gathered::default();
    let mut caller_account = None;
    if let Party::User(party) = &requirement.caller {
        caller_account = requirement.caller.account();
        user(graph, &party.arn, &mut gathered);
    }
    if let Party::Role(party) = &requirement.caller {
        caller_account = requirement.caller.account();
        match graph.role(&party.arn) {
            Fact::Known(role) => {
                gathered.role = Some(role);
                // Where the pipeline leaves the account open, the role that is meant has one.
                caller_account = caller_account.map(|account| settled(account, &role.arn));
                gathered.layers.identity = match (&role.inline, &role.attached) {
                    // `get-role` alone tells who may assume the role, and nothing of what the role may do.
                    (Fact::Unseen, Fact::Unseen) => {
                        graph.want(|| Want::Role(role.arn.clone()));
                        Layer::Unknown
                    }
                    _ => {
                        let mut set = PolicySet::default();
                        add(graph, &mut set, &role.arn, &role.inline, &role.attached);
                        Layer::Known(set)
                    }
                };
                gathered.layers.boundary =
                    boundary(graph, &role.boundary, || Want::Role(role.arn.clone()));
            }
            // Whoever does not exist is a finding of its own; its policies are as unknown as those of an unseen role.
            Fact::Unseen | Fact::Absent => gathered.layers.identity = Layer::Unknown,
        }
    }
    let account = |number: &Option<String>| {
        number
            .as_ref()
            .and_then(|number| graph.accounts.get(number))
    };
    let scps = account(&caller_account).and_then(service_control);
    gathered.layers.scps = levels(scps);
    let arn = requirement.target.arn.as_str();
    let known = match service_of(&requirement.operation) {
        "sts" => graph.role(arn).known().map(|role| role.arn.as_str()),
        "kms" => graph.key(arn).known().map(|key| key.arn.as_str()),
        _ => graph.resource_arn(arn),
    };
    let owner = requirement.target.account.clone();
    let owner = owner.map(|owner| settled(owner, known.unwrap_or(arn)));
    let rcps = account(&owner).and_then(resource_control);
    gathered.layers.rcps = levels(rcps);
    gathered.layers.resource_account = requirement.target.account.clone();
    let same_account = caller_account.is_some() && caller_account == requirement.target.account;
    resource(graph, requirement, same_account, &mut gathered);
    gathered
}

/// An account, or that of what is known by the ARN, where the one is not resolved.
fn settled(account: String, arn: &str) -> String {
    match account_in(arn) {
        Some(known) if has_symbol(&account) => known.to_owned(),
        _ => account,
    }
}

fn service_control(account: &Account) -> Option<&Vec<Vec<Policy>>> {
    account
        .organization
        .as_ref()?
        .service_control_policies
        .as_ref()
}

fn resource_control(account: &Account) -> Option<&Vec<Vec<Policy>>> {
    account
        .organization
        .as_ref()?
        .resource_control_policies
        .as_ref()
}

/// What the organization imposes. Not given, it is taken to impose nothing, which the report says once for each account.
fn levels(levels: Option<&Vec<Vec<Policy>>>) -> Layer<Vec<PolicySet<'_>>> {
    match levels {
        Some(levels) if !levels.is_empty() => Layer::Known(
            levels
                .iter()
                .map(|level| PolicySet {
                    policies: level.iter().collect(),
                    unseen: Vec::new(),
                })
                .collect(),
        ),
        Some(_) | None => Layer::Absent,
    }
}

/// The layers of an IAM user: its own policies and those of its groups.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html>
fn user<'g>(graph: &'g Graph, arn: &str, gathered: &mut Gathered<'g>) {
    // No policy can be attached to the root user, and no boundary be set for it.
    if arn.ends_with(":root") {
        return;
    }
    let Fact::Known(user) = graph.user(arn) else {
        gathered.layers.identity = Layer::Unknown;
        return;
    };
    let mut set = PolicySet::default();
    add(graph, &mut set, &user.arn, &user.inline, &user.attached);
    let account = Arn::parse(arn).map(|arn| arn.account).unwrap_or_default();
    match &user.groups {
        Fact::Known(names) => {
            for name in names {
                match graph.group(&account, name) {
                    Some(group) => {
                        add(graph, &mut set, &group.arn, &group.inline, &group.attached);
                    }
                    None => set.unseen.push(format!("policies of group {name}")),
                }
            }
        }
        Fact::Absent => {}
        Fact::Unseen => {
            graph.want(|| Want::User(user.arn.clone()));
            set.unseen.push(format!("groups of {arn}"));
        }
    }
    gathered.layers.identity = Layer::Known(set);
    gathered.layers.boundary = boundary(graph, &user.boundary, || Want::User(user.arn.clone()));
}

/// Adds the identity policies of a role, user or group.
fn add<'g>(
    graph: &'g Graph,
    set: &mut PolicySet<'g>,
    holder: &str,
    inline: &'g Fact<Vec<Policy>>,
    attached: &'g Fact<Vec<AttachedPolicy>>,
) {
    if inline.is_unseen() || attached.is_unseen() {
        graph.want(|| principal(holder));
    }
    match inline {
        Fact::Known(policies) => set.policies.extend(policies),
        Fact::Absent => {}
        Fact::Unseen => set.unseen.push(format!("inline policies of {holder}")),
    }
    match attached {
        Fact::Known(attached) => {
            for policy in attached {
                match graph
                    .policy(&policy.arn)
                    .known()
                    .map(|policy| &policy.document)
                {
                    Some(Fact::Known(document)) => set.policies.push(document),
                    Some(Fact::Absent | Fact::Unseen) | None => set.unseen.push(policy.arn.clone()),
                }
            }
        }
        Fact::Absent => {}
        Fact::Unseen => set.unseen.push(format!("managed policies of {holder}")),
    }
}

/// A role, user or group that is known in part only.
fn principal(arn: &str) -> Want {
    match Arn::parse(arn) {
        Some(parsed) if parsed.resource.starts_with("user/") => Want::User(arn.to_owned()),
        Some(parsed) if parsed.resource.starts_with("group/") => Want::Group {
            name: parsed.name().to_owned(),
            account: parsed.account,
        },
        _ => Want::Role(arn.to_owned()),
    }
}

fn boundary<'g>(
    graph: &'g Graph,
    boundary: &Fact<AttachedPolicy>,
    whose: impl FnOnce() -> Want,
) -> Layer<PolicySet<'g>> {
    match boundary {
        Fact::Absent => Layer::Absent,
        Fact::Unseen => {
            graph.want(whose);
            Layer::Unknown
        }
        Fact::Known(boundary) => match graph
            .policy(&boundary.arn)
            .known()
            .map(|policy| &policy.document)
        {
            Some(Fact::Known(document)) => Layer::Known(PolicySet {
                policies: vec![document],
                unseen: Vec::new(),
            }),
            Some(Fact::Absent | Fact::Unseen) | None => Layer::Known(PolicySet {
                policies: Vec::new(),
                unseen: vec![boundary.arn.clone()],
            }),
        },
    }
}

fn resource<'g>(
    graph: &'g Graph,
    requirement: &Requirement,
    same_account: bool,
    gathered: &mut Gathered<'g>,
) {
    let arn = requirement.target.arn.as_str();
    let service = service_of(&requirement.operation);
    let (policy, origin) = match service {
        "sts" if arn != "*" => match graph.role(arn) {
            Fact::Known(role) => (
                own(graph, &role.trust, || Want::Role(role.arn.clone())),
                Some(policy_origin(&role.trust, role.name_origin)),
            ),
            Fact::Absent | Fact::Unseen => (Layer::Unknown, None),
        },
        "kms" => match graph.key(arn).known() {
            Some(key) => (
                own(graph, &key.policy, || Want::Key(key.arn.clone())),
                Some(policy_origin(&key.policy, key.origin)),
            ),
            None => (Layer::Unknown, None),
        },
        "s3" => match graph.bucket(bucket_of(arn)).known() {
            Some(bucket) => {
                gathered.layers.restricts_public = bucket.restrict_public == Fact::Known(true);
                (
                    own(graph, &bucket.policy, || Want::Bucket(bucket.name.clone())),
                    Some(policy_origin(&bucket.policy, bucket.origin)),
                )
            }
            None => (Layer::Unknown, None),
        },
        // AddPermission only ever adds an Allow, so within one account a function's policy changes nothing:
        // https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
        "lambda" if same_account => (Layer::Absent, None),
        _ if RESOURCE_POLICY_SERVICES.contains(&service) && arn != "*" => {
            match graph.resource(arn).known() {
                Some(resource) => (
                    own(graph, &resource.policy, || {
                        Want::Resource(resource.arn.clone())
                    }),
                    Some(policy_origin(&resource.policy, resource.origin)),
                ),
                None => (Layer::Unknown, None),
            }
        }
        _ => (Layer::Absent, None),
    };
    gathered.layers.resource = policy;
    gathered.resource_origin = origin;
}

/// The policy that the resource of a requirement has of its own, when it is known.
pub(super) fn own_policy<'g>(graph: &'g Graph, requirement: &Requirement) -> Option<&'g Policy> {
    let mut gathered = Gathered::default();
    resource(graph, requirement, false, &mut gathered);
    match gathered.layers.resource {
        Layer::Known(set) => set.policies.first().copied(),
        Layer::Absent | Layer::Unknown => None,
    }
}

/// The layer that a thing's own policy is; a thing that is known without its policy is asked for again.
fn own<'g>(
    graph: &Graph,
    policy: &'g Fact<Policy>,
    whose: impl FnOnce() -> Want,
) -> Layer<PolicySet<'g>> {
    match policy {
        Fact::Known(policy) => Layer::Known(PolicySet {
            policies: vec![policy],
            unseen: Vec::new(),
        }),
        Fact::Absent => Layer::Absent,
        Fact::Unseen => {
            graph.want(whose);
            Layer::Unknown
        }
    }
}

fn policy_origin(policy: &Fact<Policy>, otherwise: Origin) -> Origin {
    policy.known().map_or(otherwise, |policy| policy.origin)
}

/// The bucket's name in the ARN of a bucket or of its objects.
pub(super) fn bucket_of(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    resource.split('/').next().unwrap_or_default()
}
