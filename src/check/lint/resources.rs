//! Statements whose resources are of another kind than their actions act on.

use super::super::finding::ReportLayer;
use super::{Document, Fault, labels, written_actions};
use crate::graph::{Effect, Statement, Version, Written, has_symbol, is_symbol};
use crate::iam::may_cover;
use crate::rules::actions;

/// Services of which the table does not tell all. Both prefixes of connections name the same ones; `sqs:ListQueues` is
/// listed without a resource type and yet asked of an ARN; CloudFormation asks for macros and private types as well:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html>
const NOT_TOLD: [&str; 4] = [
    "cloudformation",
    "codeconnections",
    "codestar-connections",
    "sqs",
];

/// An Allow none of whose actions acts on any of its resources.
pub(super) fn never_match(document: &Document<'_>, statement: &Statement) -> Option<Fault> {
    if statement.effect != Effect::Allow || statement.not_action || statement.not_resource {
        return None;
    }
    // A key's policy is about its key, whatever it names.
    if document.layer == ReportLayer::KeyPolicy {
        return None;
    }
    let resources = statement.resources.as_ref()?;
    let variable = |text: &str| document.policy.version == Version::V2012 && text.contains("${");
    let untold = |one: &Written| variable(&one.text) || may_be_any(&one.text);
    if resources.is_empty() || resources.iter().any(untold) {
        return None;
    }
    let (mut without_type, mut known) = (false, false);
    for action in &statement.actions {
        match kinds(&action.text)? {
            Kinds::NoSuchAction => continue,
            Kinds::Of(templates) => {
                known = true;
                without_type |= templates.is_empty();
                let other = |one: &Written| is_of_other_kind(&action.text, &one.text, &templates);
                if !resources.iter().all(other) {
                    return None;
                }
            }
        }
    }
    if !known {
        return None;
    }
    let text = if without_type {
        "an action without resource types is asked of `*`, and no ARN is that"
    } else {
        "the actions of this statement act on resources of another kind"
    };
    let detail = if without_type {
        "actions without resource types need the resource `*`, in a statement of their own"
    } else {
        "name the resources that the actions act on: objects as `bucket/*`, a bucket without `/*`, a key by its id"
    };
    Some(Fault {
        rule: "resource-never-matches",
        labels: labels(resources.iter().map(|one| one.origin), text),
        operations: written_actions(statement),
        detail: detail.to_owned(),
    })
}

/// What an action acts on.
enum Kinds {
    /// Resources of these ARN templates; none for an action without resource types.
    Of(Vec<&'static str>),
    /// Nothing: another finding says that there is no such action.
    NoSuchAction,
}

/// `None` where it cannot be told: patterns of actions, and services that are not in the table.
fn kinds(action: &str) -> Option<Kinds> {
    let (prefix, name) = action.split_once(':')?;
    let untold = |service: &str| service.eq_ignore_ascii_case(prefix);
    if name.contains(['*', '?']) || has_symbol(name) || NOT_TOLD.iter().any(|one| untold(one)) {
        return None;
    }
    let templates = actions().resources_of_action(prefix, name);
    let is_known = actions().of(prefix).is_some();
    is_known.then(|| templates.map_or(Kinds::NoSuchAction, Kinds::Of))
}

/// Whether a written resource is of a type that the service has, and of none that the action acts on. A resource of no known
/// type may be of an older form than the table tells: ARNs of ECS services once lacked their cluster.
fn is_of_other_kind(action: &str, written: &str, templates: &[&str]) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    let mut known = actions().resources_of(service);
    !may_be_any(written)
        && !templates.iter().any(|template| fits_one(written, template))
        && known.any(|template| fits_one(written, template))
}

/// Whether a resource is meant for more than the table tells: it begins with a wildcard.
fn may_be_any(written: &str) -> bool {
    let last = written.splitn(6, ':').nth(5);
    last.is_none_or(|last| last.starts_with('*') || last.starts_with(is_symbol))
}

fn fits_one(written: &str, template: &str) -> bool {
    // No name of a bucket holds a slash, so what asks for one is no bucket.
    if template.ends_with(":::${BucketName}")
        && written
            .splitn(6, ':')
            .nth(5)
            .is_some_and(|last| last.contains('/'))
    {
        return false;
    }
    match told_by_beginning(written, template) {
        Some(fits) => fits,
        None => may_cover(written, &pattern(template)),
    }
}

/// Whether a resource may be one of a template, where its beginning tells: most types of a service begin with other letters, and
/// behind these most of them leave the rest open. What has wildcards in its leading segments may stand for more segments than
/// it shows, and of that nothing is told.
fn told_by_beginning(written: &str, template: &str) -> Option<bool> {
    let (lead, own) = last_segment(written)?;
    let (like_lead, like) = last_segment(template)?;
    if lead.contains(['*', '?', '$']) || has_symbol(lead) {
        return None;
    }
    let fixed = |character: char| !matches!(character, '*' | '?' | '$') && !is_symbol(character);
    let letters = own.chars().zip(like.chars());
    let mut letters = letters.take_while(|(own, like)| fixed(*own) && fixed(*like));
    if letters.any(|(own, like)| own != like) {
        return Some(false);
    }
    let mut segments = lead.split(':').zip(like_lead.split(':'));
    let fits =
        segments.all(|(own, like)| own == like || (like.starts_with("${") && !own.is_empty()));
    let (head, _) = like.split_once("${")?;
    let (own, open) = (own.strip_prefix(head)?, like.strip_prefix(head)?);
    let rest_is_open = open
        .split('/')
        .all(|one| one.starts_with("${") && one.ends_with('}'));
    let as_many = own.split('/').count() >= open.split('/').count();
    let filled = own.split('/').all(|part| !part.is_empty());
    (fits && rest_is_open && as_many && filled).then_some(true)
}

/// An ARN before and from its sixth segment on.
fn last_segment(arn: &str) -> Option<(&str, &str)> {
    let (at, _) = arn.match_indices(':').nth(4)?;
    arn.split_at_checked(at + 1)
}

/// `arn:${Partition}:s3:::${BucketName}` → `arn:*:s3:::*`
fn pattern(template: &str) -> String {
    let mut pattern = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = behind.split_once('}').map_or("", |(_, after)| after);
    }
    pattern.push_str(rest);
    pattern
}

#[cfg(test)]
mod tests {
    use super::{Kinds, is_of_other_kind, kinds};

    fn may(action: &str, resource: &str) -> bool {
        match kinds(action) {
            Some(Kinds::Of(templates)) => !is_of_other_kind(action, resource, &templates),
            _ => true,
        }
    }

    #[test]
    fn resources_of_another_kind_are_told() {
        for (action, resource) in [
            ("s3:GetObject", "arn:aws:s3:::shop"),
            ("s3:ListBucket", "arn:aws:s3:::shop/*"),
            (
                "kms:Decrypt",
                "arn:aws:kms:us-east-1:111111111111:alias/shop",
            ),
            (
                "ecr:GetAuthorizationToken",
                "arn:aws:ecr:us-east-1:111111111111:repository/shop",
            ),
            (
                "codepipeline:PutJobSuccessResult",
                "arn:aws:codepipeline:us-east-1:111111111111:shop",
            ),
            (
                "states:DescribeExecution",
                "arn:aws:states:us-east-1:111111111111:stateMachine:shop",
            ),
            ("iam:PassRole", "arn:aws:iam::111111111111:policy/shop"),
        ] {
            assert!(!may(action, resource), "{action} {resource}");
        }
    }

    #[test]
    fn whatever_could_match_is_let_pass() {
        for (action, resource) in [
            ("s3:GetObject", "*"),
            ("s3:GetObject", "arn:aws:s3:::shop*"),
            ("s3:GetObject", "arn:aws:s3:::shop/*"),
            ("s3:ListBucket", "arn:aws:s3:::*"),
            ("s3:ListBucket", "arn:aws:s3:::shop"),
            (
                "s3:GetObject",
                "arn:aws:s3:us-east-1:111111111111:accesspoint/shop/object/*",
            ),
            ("kms:Decrypt", "arn:aws:kms:us-east-1:111111111111:*"),
            ("ecr:GetAuthorizationToken", "*"),
            ("ecr:GetAuthorizationToken", "arn:aws:ecr:*:*:*"),
            ("sqs:ListQueues", "arn:aws:sqs:us-east-1:111111111111:shop"),
            (
                "states:DescribeExecution",
                "arn:aws:states:*:*:execution:shop:*",
            ),
            (
                "states:DescribeExecution",
                "arn:aws:states:us-east-1:111111111111:*",
            ),
            ("iam:PassRole", "arn:aws:iam::*:role/service-role/shop"),
            ("lambda:InvokeFunction", "arn:aws:lambda:*:function:shop"),
            (
                "lambda:InvokeFunction",
                "arn:aws:lambda:us-east-1:111111111111:function:shop:live",
            ),
            (
                "logs:PutLogEvents",
                "arn:aws:logs:us-east-1:111111111111:log-group:/aws/codebuild/shop:*",
            ),
            (
                "codestar-connections:UseConnection",
                "arn:aws:codeconnections:us-east-1:111111111111:connection/1",
            ),
            (
                "cloudformation:CreateChangeSet",
                "arn:aws:cloudformation:us-east-1:aws:transform/Serverless-2016-10-31",
            ),
            (
                "ecs:UpdateService",
                "arn:aws:ecs:us-east-1:111111111111:service/shop",
            ),
            ("s3:Get*", "arn:aws:s3:::shop"),
            ("nobody:Knows", "arn:aws:nobody:::thing"),
        ] {
            assert!(may(action, resource), "{action} {resource}");
        }
    }
}
