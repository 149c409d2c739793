//! Small tables of law: what differs between services.

use super::parts::Parts;

/// What a service makes of resource policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResourcePolicies {
    /// It has them, or nobody knows: what the layer says counts.
    Yes,
    /// It has them for reading and listing only, written by resource sharing.
    Reading,
    /// It has none, so another account's caller can only assume a role there.
    None,
}

/// Which services have resource policies.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>
pub(super) fn resource_policies(service: &str) -> ResourcePolicies {
    const NONE: &[&str] = &[
        "appconfig",
        "autoscaling",
        "cloudformation",
        "cloudwatch",
        "codecommit",
        "codeconnections",
        "codedeploy",
        "codepipeline",
        "codestar-connections",
        "devicefarm",
        "ec2",
        "ecs",
        "eks",
        "elasticbeanstalk",
        "elasticloadbalancing",
        "iam",
        "inspector-scan",
        "inspector2",
        "opsworks",
        "servicecatalog",
        "states",
    ];
    match service {
        "codebuild" => ResourcePolicies::Reading,
        _ if NONE.contains(&service) => ResourcePolicies::None,
        _ => ResourcePolicies::Yes,
    }
}

/// Whether resource sharing can give an action to another account.
///
/// Source: <https://docs.aws.amazon.com/codebuild/latest/userguide/project-sharing.html>
pub(super) fn is_reading(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    let name = name.to_ascii_lowercase();
    ["batchget", "get", "list", "describe"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Whether an action is decided by the trust policy of a role.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(super) fn asks_trust(service: &str, action: &str) -> bool {
    const ACTIONS: &[&str] = &[
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:SetSourceIdentity",
        "sts:TagSession",
    ];
    service == "sts" && named(ACTIONS, action)
}

/// Whether a KMS call is decided by a key policy: an alias has none.
pub(super) fn asks_key_policy(service: &str, resource: &str) -> bool {
    service == "kms" && !Parts::of(resource).is_some_and(|arn| arn.resource.starts_with("alias/"))
}

/// Whether a KMS operation works on another account's key.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html>
pub(super) fn kms_across_accounts(action: &str) -> bool {
    const OPERATIONS: &[&str] = &[
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DeriveSharedSecret",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyPair",
        "kms:GenerateDataKeyPairWithoutPlaintext",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:GenerateMac",
        "kms:GetKeyRotationStatus",
        "kms:GetPublicKey",
        "kms:ListGrants",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:RetireGrant",
        "kms:RevokeGrant",
        "kms:Sign",
        "kms:Verify",
        "kms:VerifyMac",
    ];
    named(OPERATIONS, action)
}

/// Whether an action hands on a role: only the caller's own policies count, and only roles of its own account.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
pub(super) fn passes_role(action: &str) -> bool {
    action.eq_ignore_ascii_case("iam:PassRole")
}

/// Whether an action needs no permission, and no policy can take it away.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
pub(super) fn needs_no_permission(action: &str) -> bool {
    action.eq_ignore_ascii_case("sts:GetCallerIdentity")
}

/// Whether resource control policies bind calls of an action. A service on neither list counts as bound: Organizations takes
/// no such policy for a service that it does not support, so a statement that names one is valid.
///
/// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
pub(super) fn bound_by_rcps(service: &str, action: &str) -> bool {
    const UNBOUND: &[&str] = &[
        "cloudformation",
        "cloudwatch",
        "codeconnections",
        "codedeploy",
        "codestar-connections",
        "devicefarm",
        "ec2",
        "ecs",
        "eks",
        "elasticbeanstalk",
        "elasticloadbalancing",
        "iam",
        "inspector2",
        "lambda",
        "opsworks",
        "organizations",
        "servicecatalog",
        "sns",
        "ssm",
        "states",
    ];
    !UNBOUND.contains(&service) && !action.eq_ignore_ascii_case("kms:RetireGrant")
}

/// The Region in a regional name of a service: `codedeploy.eu-west-1.amazonaws.com` names `codedeploy.amazonaws.com` there.
///
/// Source: <https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html>
pub(super) fn regional_name<'t>(service: &str, written: &'t str) -> Option<&'t str> {
    let (name, domain) = service.split_once('.')?;
    let inner = written.strip_prefix(name)?.strip_suffix(domain)?;
    let region = inner.strip_prefix('.')?.strip_suffix('.')?;
    (REGIONAL.contains(&name) && !region.contains('.')).then_some(region)
}

/// Services with regional names.
const REGIONAL: &[&str] = &["codedeploy", "logs", "states"];

/// The regional name of a service, with a text in the Region's place.
pub(super) fn in_region(service: &str, region: &str) -> Option<String> {
    let (name, domain) = service.split_once('.')?;
    REGIONAL
        .contains(&name)
        .then(|| format!("{name}.{region}.{domain}"))
}

fn named(names: &[&str], action: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(action))
}
