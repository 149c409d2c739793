//! Facts that decide and that nobody has seen: what each is, which export supplies it, and by which calls AWS tells it.

use super::finding::ReportLayer;
use super::layers::bucket_of;
use crate::graph::{Arn, Graph};
use crate::rules::{MissingFact, Requirement, ToldBy};

fn account_of(arn: &str) -> String {
    Arn::parse(arn).map_or_else(|| "<account>".to_owned(), |arn| arn.account)
}

/// What reads the policies of a role or user; all else about it comes along.
pub(super) const POLICIES: &[&str] = &[];

/// What reads a role's trust and boundary.
pub(super) const ITSELF: &[&str] = &["iam:GetRole", "iam:GetUser"];

pub(super) fn unseen_role(arn: &str, reads: &'static [&'static str]) -> MissingFact {
    let account = account_of(arn);
    let is_user = Arn::parse(arn).is_some_and(|arn| arn.resource.starts_with("user/"));
    let kind = if is_user { "user" } else { "role" };
    MissingFact {
        rule: "role-unseen",
        what: format!("the policies of the {kind} `{arn}`"),
        subject: arn.to_owned(),
        supply: format!(
            "export account {account} with `aws iam get-account-authorization-details` into \
             `{account}/authorization-details.json`"
        ),
        told_by: ToldBy::about(arn).by(reads),
    }
}

pub(super) fn unseen_document(name: &str, caller: &str) -> MissingFact {
    if let Some(key) = name.strip_prefix("grants of ") {
        return unseen_grants(key);
    }
    let short = name.rsplit('/').next().unwrap_or(name);
    let account = account_of(caller);
    let supply = if name.starts_with("arn:") {
        format!(
            "export it with `aws iam get-policy --policy-arn {name}` and `aws iam get-policy-version` into \
             `{account}/iam/policies/{short}.json`"
        )
    } else {
        format!(
            "export account {account} with `aws iam get-account-authorization-details` into \
             `{account}/authorization-details.json`"
        )
    };
    MissingFact {
        rule: "policy-document-unseen",
        what: match name.split_once(" of ") {
            Some((kind, role)) => format!("the {kind} of `{role}`"),
            None => format!("the document of `{name}`"),
        },
        subject: name.to_owned(),
        supply,
        told_by: told_by_document(name, caller),
    }
}

/// By what a document is told: a managed policy by its own ARN, all else by that of whoever has it.
fn told_by_document(name: &str, caller: &str) -> ToldBy {
    let (kind, of) = name.split_once(" of ").unwrap_or(("", name));
    let told_by = ToldBy::about(match kind {
        // A group has no ARN here, and is asked about by its name.
        "policies" => caller,
        _ => of,
    });
    match kind {
        "inline policies" => told_by.by(&[
            "iam:ListRolePolicies",
            "iam:GetRolePolicy",
            "iam:ListUserPolicies",
            "iam:GetUserPolicy",
            "iam:ListGroupPolicies",
            "iam:GetGroupPolicy",
        ]),
        "managed policies" => told_by.by(&[
            "iam:ListAttachedRolePolicies",
            "iam:ListAttachedUserPolicies",
            "iam:ListAttachedGroupPolicies",
        ]),
        "groups" => told_by.by(&["iam:ListGroupsForUser"]),
        _ => ToldBy {
            // AWS's own policies any account tells.
            accounts: vec![account_of(caller)],
            ..told_by
        },
    }
}

pub(super) fn unseen_key(arn: &str) -> MissingFact {
    let parsed = Arn::parse(arn);
    let (account, region) = parsed.as_ref().map_or(("<account>", "<region>"), |arn| {
        (arn.account.as_str(), arn.region.as_str())
    });
    let id = parsed.as_ref().map_or(arn, |arn| arn.name());
    MissingFact {
        rule: "key-policy-unseen",
        what: format!("the policy of the key `{arn}`"),
        subject: arn.to_owned(),
        supply: format!(
            "export it with `aws kms get-key-policy --key-id {arn} --policy-name default` and `aws kms describe-key` \
             into `{account}/{region}/kms/{id}.json`"
        ),
        told_by: ToldBy::about(arn).by(&["kms:DescribeKey", "kms:GetKeyPolicy"]),
    }
}

/// Grants that may allow what a key's policy does not.
pub(super) fn unseen_grants(arn: &str) -> MissingFact {
    let (account, region) =
        Arn::parse(arn).map_or_else(Default::default, |arn| (arn.account, arn.region));
    let id = arn.rsplit('/').next().unwrap_or(arn);
    MissingFact {
        rule: "key-policy-unseen",
        what: format!("the grants of the key `{arn}`"),
        subject: arn.to_owned(),
        supply: format!(
            "export them with `aws kms list-grants --key-id {arn}` as `Grants` into `{account}/{region}/kms/{id}.json`"
        ),
        told_by: ToldBy::about(arn).by(&["kms:ListGrants"]),
    }
}

pub(super) fn unseen_resource_policy(
    graph: &Graph,
    requirement: &Requirement,
    layer: ReportLayer,
) -> MissingFact {
    let resource = &requirement.target.arn;
    let account = requirement
        .target
        .account
        .clone()
        .unwrap_or_else(|| "<account>".to_owned());
    if layer == ReportLayer::BucketPolicy {
        let bucket = bucket_of(resource);
        let known = graph.bucket(bucket).known().copied();
        let what = match known {
            Some(known) if known.account.is_none() => {
                format!("the account that owns the bucket `{bucket}`")
            }
            _ => format!("the policy of the bucket `{bucket}`"),
        };
        return MissingFact {
            rule: "bucket-policy-unseen",
            what,
            subject: bucket.to_owned(),
            supply: format!(
                "export it with `aws s3api get-bucket-policy --bucket {bucket}` into `{account}/s3/{bucket}.json`"
            ),
            told_by: ToldBy {
                accounts: requirement.target.account.iter().cloned().collect(),
                ..ToldBy::about(&format!("arn:aws:s3:::{bucket}"))
            }
            .by(known.map_or(&[], |_| &["s3:GetBucketLocation", "s3:GetBucketPolicy"])),
        };
    }
    let supply = match resource.split_once(":secret:") {
        Some((start, name)) => {
            let region = start.split(':').nth(3).unwrap_or("<region>");
            let name = name.strip_suffix("-??????");
            let id = name.unwrap_or_else(|| resource.trim_end_matches('*'));
            format!(
                "export it with `aws secretsmanager get-resource-policy --secret-id {id} --region {region}` into \
                 `{account}/{region}/secretsmanager/{}.json`, with `\"ResourcePolicy\": null` where there is none",
                name.unwrap_or("<name of the secret>")
            )
        }
        None => format!("export it into the snapshot folder of account {account}"),
    };
    MissingFact {
        rule: "resource-policy-unseen",
        what: format!("the policy of `{resource}`"),
        subject: resource.clone(),
        supply,
        // A secret is asked about by its name, without the end that AWS adds.
        told_by: ToldBy::about(resource.trim_end_matches(['*', '?']).trim_end_matches('-')),
    }
}

pub(super) fn unknown_key(key: &str, requirement: &Requirement) -> MissingFact {
    let caller = requirement.caller.name();
    let lower = key.to_ascii_lowercase();
    let supply = if lower.starts_with("aws:principalorg") || lower.starts_with("aws:resourceorg") {
        format!(
            "put `OrganizationId` into `{}/organizations.json`",
            account_of(caller)
        )
    } else if lower.starts_with("aws:principaltag/") || lower.starts_with("aws:resourcetag/") {
        "export the role or the resource with its `Tags`".to_owned()
    } else {
        "see that the condition holds for calls of the pipeline, for only the run knows that value"
            .to_owned()
    };
    MissingFact {
        rule: "context-unknown",
        what: format!("the value of the condition key `{key}`"),
        subject: key.to_owned(),
        supply,
        told_by: told_by_value(&lower, requirement),
    }
}

/// By what the value of a condition key is told; those that the run makes up are told by nothing.
fn told_by_value(key: &str, requirement: &Requirement) -> ToldBy {
    let organization = |account: Option<String>| ToldBy {
        thing: account.unwrap_or_default(),
        ..ToldBy::default()
    };
    let resource = requirement.target.arn.as_str();
    if key.starts_with("aws:principalorg") {
        organization(requirement.caller.account())
    } else if key.starts_with("aws:resourceorg") {
        organization(requirement.target.account.clone())
    } else if key == "kms:resourcealiases" {
        ToldBy::about(resource).by(&["kms:ListAliases"])
    } else if key == "kms:encryptioncontext:aws:s3:arn" {
        let context = requirement.context.get("kms:EncryptionContext:aws:s3:arn");
        let bucket = context.and_then(Option::as_deref).map(bucket_of);
        let bucket = format!("arn:aws:s3:::{}", bucket.unwrap_or_default());
        ToldBy::about(&bucket).by(&["s3:GetEncryptionConfiguration"])
    } else {
        ToldBy::default()
    }
}

pub(super) fn other(what: String, subject: &str) -> MissingFact {
    MissingFact {
        rule: "undecided",
        what,
        subject: subject.to_owned(),
        supply: "nothing that can be exported tells".to_owned(),
        told_by: ToldBy::default(),
    }
}
