//! Fills in the context keys that a pipeline's calls carry, and says which nobody can know.
//!
//! Keys of every call: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::collections::BTreeMap;

use super::layers::{Gathered, bucket_of, service_of};
use crate::graph::{Arn, ConditionValue, Fact, Graph, Role, account_in};
use crate::iam::{Context, ContextValue, Layer};
use crate::rules::{Party, Requirement};

/// Keys that are on every call, with a value only the run knows.
const PRESENT: [&str; 5] = [
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:UserAgent",
    "aws:TokenIssueTime",
    "sts:RoleSessionName",
];

const TLS_VERSION: &str = "s3:TlsVersion";

const ENCRYPTION_CONTEXT: &str = "kms:EncryptionContext:aws:s3:arn";

/// Keys of S3 that a call may carry; request headers that only an upload has stand in `rules/pipeline.yaml`.
const S3_UNKNOWN: [&str; 9] = [
    "s3:authType",
    "s3:signatureversion",
    "s3:signatureAge",
    TLS_VERSION,
    "s3:x-amz-content-sha256",
    "s3:VersionId",
    "s3:prefix",
    "s3:max-keys",
    "s3:delimiter",
];

/// Keys of KMS that depend on the key or on the request.
const KMS_UNKNOWN: [&str; 8] = [
    "kms:RequestAlias",
    "kms:KeyOrigin",
    "kms:KeySpec",
    "kms:KeyUsage",
    "kms:MultiRegion",
    "kms:MultiRegionKeyType",
    "kms:EncryptionAlgorithm",
    "kms:PrimaryRegion",
];

/// The context of a requirement's call.
pub(super) fn context(
    graph: &Graph,
    requirement: &Requirement,
    gathered: &Gathered<'_>,
) -> Context {
    let role = gathered.role;
    let mut context = Context::default();
    for key in PRESENT {
        context.set(key, ContextValue::Like("*".to_owned()));
    }
    context.set("aws:SourceIp", ContextValue::Unknown);
    // AWS calls its own services over TLS.
    context.set("aws:SecureTransport", known("true"));
    let region = requirement.region.as_deref();
    context.set(
        "aws:RequestedRegion",
        region.map_or_else(|| ContextValue::Like("*".to_owned()), known),
    );
    match &requirement.caller {
        Party::Service(service) => service_keys(&mut context, service),
        Party::Role(party) => {
            role_keys(&mut context, graph, &party.arn, role);
            if may_have_network(graph, requirement) {
                for key in ["aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"] {
                    context.set(key, ContextValue::Unknown);
                }
            }
        }
        Party::User(party) => user_keys(&mut context, graph, &party.arn),
        Party::Account(party) => account_keys(&mut context, &party.arn),
        Party::Unknown { .. } => {}
    }
    resource_keys(&mut context, graph, requirement);
    operation_keys(&mut context, graph, requirement);
    if tls_is_beyond_doubt(gathered) {
        context.set(TLS_VERSION, known("1.2"));
    }
    for (key, value) in &requirement.context {
        let value = match value {
            Some(text) if key == ENCRYPTION_CONTEXT => encryption_context(graph, text),
            Some(text) if text.contains('*') => ContextValue::Like(text.clone()),
            Some(text) => known(text),
            None => ContextValue::Unknown,
        };
        match key.strip_suffix('*') {
            Some(prefix) => context.set_unknown_prefix(prefix),
            None => context.set(key, value),
        }
    }
    context
}

/// With S3 Bucket Keys KMS is shown the bucket, otherwise the object:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>
fn encryption_context(graph: &Graph, either: &str) -> ContextValue {
    let bucket = either.trim_end_matches('*');
    match graph
        .bucket(bucket_of(bucket))
        .known()
        .map(|it| &it.bucket_key)
    {
        Some(Fact::Known(true)) => ContextValue::Known(vec![bucket.to_owned()]),
        Some(Fact::Known(false)) => ContextValue::Like(format!("{bucket}/*")),
        Some(Fact::Absent | Fact::Unseen) | None => ContextValue::Like(either.to_owned()),
    }
}

/// Whether all that the policies ask of the TLS version holds, or fails, for 1.2 and everything newer alike. AWS takes no
/// older one: <https://aws.amazon.com/blogs/security/tls-1-2-required-for-aws-endpoints/>
fn tls_is_beyond_doubt(gathered: &Gathered<'_>) -> bool {
    let layers = &gathered.layers;
    let single = [&layers.identity, &layers.resource, &layers.boundary];
    let single = single.into_iter().filter_map(|layer| match layer {
        Layer::Known(set) => Some(set),
        Layer::Absent | Layer::Unknown => None,
    });
    let levels = [&layers.scps, &layers.rcps];
    let levels = levels.into_iter().flat_map(|layer| match layer {
        Layer::Known(levels) => levels.as_slice(),
        Layer::Absent | Layer::Unknown => &[],
    });
    let policies = single.chain(levels).flat_map(|set| &set.policies);
    let conditions = policies
        .flat_map(|policy| &policy.statements)
        .flat_map(|statement| &statement.conditions);
    conditions
        .filter(|condition| condition.key.text.eq_ignore_ascii_case(TLS_VERSION))
        .all(|condition| {
            let operator = condition.operator.text.as_str();
            let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
            let old = |value: &ConditionValue| {
                value
                    .text
                    .parse::<f64>()
                    .is_ok_and(|version| version <= 1.2)
            };
            ["NumericLessThan", "NumericGreaterThanEquals"].contains(&operator)
                && condition.values.iter().all(old)
        })
}

fn service_keys(context: &mut Context, service: &str) {
    context.set(
        "aws:PrincipalIsAWSService",
        ContextValue::Known(vec!["true".to_owned()]),
    );
    context.set(
        "aws:PrincipalServiceName",
        ContextValue::Known(vec![service.to_owned()]),
    );
    context.set("aws:PrincipalServiceNamesList", ContextValue::Unknown);
    context.set("aws:PrincipalType", ContextValue::Unknown);
    // Whether the service fills these when it takes up a role is documented for few services.
    for key in [
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
    ] {
        context.set(key, ContextValue::Unknown);
    }
    context.set("aws:ViaAWSService", ContextValue::Unknown);
}

fn role_keys(context: &mut Context, graph: &Graph, arn: &str, role: Option<&Role>) {
    context.set("aws:PrincipalType", known("AssumedRole"));
    // Credentials of AssumeRole tell nothing of a second factor, and by another page they say that there was none:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
    context.set(
        "aws:MultiFactorAuthPresent",
        ContextValue::Perhaps("false".to_owned()),
    );
    let id = role
        .and_then(|role| role.unique_id.as_deref())
        .unwrap_or("AROA*");
    context.set("aws:userid", ContextValue::Like(format!("{id}:*")));
    principal_keys(context, graph, arn, role.map(|role| &role.tags));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>
fn user_keys(context: &mut Context, graph: &Graph, arn: &str) {
    let parsed = Arn::parse(arn);
    let is_root = parsed.as_ref().is_some_and(|arn| arn.resource == "root");
    if is_root {
        context.set("aws:PrincipalType", known("Account"));
        let account = parsed.map(|arn| arn.account).unwrap_or_default();
        context.set("aws:userid", known(&account));
        principal_keys(context, graph, arn, Some(&Fact::Absent));
        return;
    }
    let user = graph.user(arn).known().copied();
    context.set("aws:PrincipalType", known("User"));
    let name = parsed.as_ref().map_or(arn, |arn| arn.name());
    context.set("aws:username", known(name));
    let id = user.and_then(|user| user.unique_id.as_deref());
    let id = id.map_or_else(|| ContextValue::Like("AIDA*".to_owned()), known);
    context.set("aws:userid", id);
    principal_keys(context, graph, arn, user.map(|user| &user.tags));
}

/// A service that calls in the name of an account is not its root user, and nothing tells what else it is. It belongs to no
/// organization: a bus that is open to one asks for a role.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html>
fn account_keys(context: &mut Context, arn: &str) {
    let account = account_in(arn).unwrap_or_default().to_owned();
    context.set("aws:PrincipalAccount", known(&account));
    for key in [
        "aws:PrincipalArn",
        "aws:PrincipalType",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:ViaAWSService",
    ] {
        context.set(key, ContextValue::Unknown);
    }
}

fn known(value: &str) -> ContextValue {
    ContextValue::Known(vec![value.to_owned()])
}

/// The keys of whoever has an ARN, an account and tags.
fn principal_keys(
    context: &mut Context,
    graph: &Graph,
    arn: &str,
    tags: Option<&Fact<BTreeMap<String, String>>>,
) {
    let account = account_in(arn).unwrap_or_default().to_owned();
    context.set("aws:PrincipalArn", known(arn));
    context.set("aws:PrincipalAccount", known(&account));
    context.set("aws:PrincipalIsAWSService", known("false"));
    context.set("aws:ViaAWSService", known("false"));
    let organization = graph
        .accounts
        .get(&account)
        .and_then(|account| account.organization.as_ref());
    let id = organization.and_then(|organization| organization.id.as_deref());
    context.set(
        "aws:PrincipalOrgID",
        id.map_or(ContextValue::Unknown, known),
    );
    // Below the organization itself nobody has said where the account stands.
    context.set(
        "aws:PrincipalOrgPaths",
        id.map_or(ContextValue::Unknown, |id| {
            ContextValue::Like(format!("{id}/*"))
        }),
    );
    match tags {
        Some(Fact::Known(tags)) => {
            for (key, value) in tags {
                context.set(&format!("aws:PrincipalTag/{key}"), known(value));
            }
        }
        // The service passes no session tags, so a role without tags has none.
        Some(Fact::Absent) => {}
        Some(Fact::Unseen) | None => context.set_unknown_prefix("aws:PrincipalTag/"),
    }
}

/// Whether a role may call from a network of the customer's. CodePipeline and CloudFormation do not; a build, a function or a
/// task may, through an endpoint of its own.
pub(super) fn may_have_network(graph: &Graph, requirement: &Requirement) -> bool {
    let Party::Role(caller) = &requirement.caller else {
        return false;
    };
    let Some(pipeline) = graph.pipelines.get(requirement.site.pipeline) else {
        return false;
    };
    let action = requirement.site.action.and_then(|(stage, action)| {
        let stage = pipeline.stages.get(stage)?;
        stage.step(action)
    });
    let acting = action.and_then(|action| action.role_arn.as_ref());
    let acts =
        caller.arn == pipeline.role_arn.text || acting.is_some_and(|role| role.text == caller.arn);
    !acts && action.is_some_and(|action| action.type_id.provider != "CloudFormation")
}

fn resource_keys(context: &mut Context, graph: &Graph, requirement: &Requirement) {
    let account = requirement.target.account.as_ref();
    let value = account.map_or(ContextValue::Unknown, |account| {
        ContextValue::Known(vec![account.clone()])
    });
    context.set("aws:ResourceAccount", value.clone());
    if service_of(&requirement.operation) == "s3" {
        context.set("s3:ResourceAccount", value);
    }
    let organization = account.and_then(|account| {
        graph
            .accounts
            .get(account)?
            .organization
            .as_ref()?
            .id
            .clone()
    });
    let organization =
        organization.map_or(ContextValue::Unknown, |id| ContextValue::Known(vec![id]));
    context.set("aws:ResourceOrgID", organization);
    context.set("aws:ResourceOrgPaths", ContextValue::Unknown);
    let role = graph.role(&requirement.target.arn).known().copied();
    match role.map(|role| &role.tags) {
        Some(Fact::Known(tags)) => {
            for (key, value) in tags {
                context.set(
                    &format!("aws:ResourceTag/{key}"),
                    ContextValue::Known(vec![value.clone()]),
                );
                context.set(
                    &format!("iam:ResourceTag/{key}"),
                    ContextValue::Known(vec![value.clone()]),
                );
            }
        }
        Some(Fact::Absent) => {}
        Some(Fact::Unseen) | None => context.set_unknown_prefix("aws:ResourceTag/"),
    }
}

fn operation_keys(context: &mut Context, graph: &Graph, requirement: &Requirement) {
    match service_of(&requirement.operation) {
        "s3" => {
            for key in S3_UNKNOWN {
                context.set(key, ContextValue::Unknown);
            }
            context.set_unknown_prefix("s3:ExistingObjectTag/");
        }
        "kms" => {
            if let Party::Role(role) = &requirement.caller
                && let Some(account) = account_in(&role.arn)
            {
                context.set("kms:CallerAccount", known(account));
            }
            for key in KMS_UNKNOWN {
                context.set(key, ContextValue::Unknown);
            }
            let key = graph.key(&requirement.target.arn);
            let aliases = key.known().map(|key| &key.aliases);
            let aliases = match aliases {
                Some(Fact::Known(aliases)) => ContextValue::Known(aliases.clone()),
                Some(Fact::Absent | Fact::Unseen) | None => ContextValue::Unknown,
            };
            context.set("kms:ResourceAliases", aliases);
            // Behind S3 the same principal calls once more through the service:
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
            if requirement.context.contains_key("kms:ViaService") {
                context.set(
                    "aws:ViaAWSService",
                    ContextValue::Known(vec!["true".to_owned()]),
                );
                for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"] {
                    context.set(key, ContextValue::Unknown);
                }
                context.set(
                    "kms:EncryptionContextKeys",
                    ContextValue::Known(vec!["aws:s3:arn".to_owned()]),
                );
            }
        }
        // The pipeline structure has no field for an external id and passes no tags, so these are certainly absent:
        // https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
        "sts" => {}
        "iam" => context.set("iam:AssociatedResourceArn", ContextValue::Unknown),
        // Keys of the service's own are those that the catalogue names, and no others: AWS CDK binds most of what the
        // CloudFormation action needs to `cloudformation:ChangeSetName` if it exists, and half of these calls have none.
        _ => {
            context.set_unknown_prefix("aws:RequestTag/");
            context.set("aws:TagKeys", ContextValue::Unknown);
        }
    }
}
