//! Which policies have to agree to one call, whatever they say.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use super::super::decision::{is_foreign, is_impossible_pass};
use super::super::layers::{RESOURCE_POLICY_SERVICES, holder, service_of};
use super::Grant;
use crate::check::finding::ReportLayer;
use crate::rules::{Party, Requirement};

/// The sides of one call.
#[derive(Debug, Clone, Default)]
pub(super) struct Sides {
    /// Policies that have to grant it; none where no policy can.
    pub(super) grants: Vec<Grant>,
    /// What else it takes, or why nothing helps.
    pub(super) remark: Option<String>,
}

pub(super) fn sides(requirement: &Requirement) -> Sides {
    let foreign = is_foreign(requirement);
    let operation = requirement.operation.as_str();
    let arn = requirement.target.arn.as_str();
    let nothing = |remark: &str| Sides {
        grants: Vec::new(),
        remark: Some(remark.to_owned()),
    };
    if is_impossible_pass(requirement) {
        return nothing("no policy allows it: a role can only be passed inside its own account");
    }
    // A service has no policies of its own, and what it does in the name of an account no identity policy limits.
    if let Party::Service(_) | Party::Account(_) = requirement.caller {
        let (layer, policy) = policy_of(operation).unwrap_or(RESOURCE);
        return Sides {
            grants: vec![of_resource(requirement, layer, policy, None)],
            remark: None,
        };
    }
    let unowned = requirement.target.account.is_none() || requirement.caller.account().is_none();
    let (resource, proviso) = match (service_of(operation), foreign) {
        // A trust policy and a key policy always have a say, and naming the role they need no other policy's consent:
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
        // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
        ("sts", true) => (Some(None), None),
        ("sts", false) => (
            Some(None),
            Some("unless the trust policy names the role itself"),
        ),
        ("kms", true) => (Some(None), None),
        ("kms", false) if unowned => (
            Some(None),
            Some("unless role and key are in one account and the key policy names the role itself"),
        ),
        ("kms", false) => (
            Some(Some(
                "by naming the role, or by leaving it to the identity policies of the account",
            )),
            Some("unless the key policy names the role itself"),
        ),
        (_, true) => (Some(None), None),
        ("s3", false) if unowned => (
            Some(Some("unless role and bucket are in one account")),
            None,
        ),
        (_, false) => (None, None),
    };
    let mut grants = vec![Grant {
        layer: ReportLayer::Identity,
        policy: "identity policy",
        of: requirement.caller.name().to_owned(),
        account: requirement.caller.account(),
        proviso,
    }];
    let Some(of_policy) = resource else {
        return Sides {
            grants,
            remark: None,
        };
    };
    let Some((layer, policy)) = policy_of(operation).filter(|_| arn != "*") else {
        if service_of(operation).ends_with("connections") {
            // https://docs.aws.amazon.com/codepipeline/latest/userguide/connections-shared.html
            return Sides {
                grants,
                remark: Some(
                    "the connection must be shared with the role's account through AWS RAM"
                        .to_owned(),
                ),
            };
        }
        return nothing("no policy is known to admit a role of another account to it");
    };
    grants.push(of_resource(requirement, layer, policy, of_policy));
    Sides {
        grants,
        remark: None,
    }
}

const RESOURCE: (ReportLayer, &str) = (ReportLayer::ResourcePolicy, "resource policy");

/// The policy that a resource of that service has of its own, if it has any.
fn policy_of(operation: &str) -> Option<(ReportLayer, &'static str)> {
    let resource = |name| Some((ReportLayer::ResourcePolicy, name));
    match service_of(operation) {
        "sts" => Some((ReportLayer::Trust, "trust policy")),
        "kms" => Some((ReportLayer::KeyPolicy, "key policy")),
        "s3" => Some((ReportLayer::BucketPolicy, "bucket policy")),
        "ecr" => resource("repository policy"),
        "sns" => resource("topic policy"),
        "sqs" => resource("queue policy"),
        "lambda" => resource("function policy"),
        service if RESOURCE_POLICY_SERVICES.contains(&service) => Some(RESOURCE),
        _ => None,
    }
}

fn of_resource(
    requirement: &Requirement,
    layer: ReportLayer,
    policy: &'static str,
    proviso: Option<&'static str>,
) -> Grant {
    Grant {
        layer,
        policy,
        of: holder(requirement),
        account: requirement.target.account.clone(),
        proviso,
    }
}
