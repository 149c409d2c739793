//! Actions that do not exist. IAM stores any name and says nothing.

use std::collections::BTreeSet;

use super::super::text;
use super::{Fault, labels};
use crate::graph::{Statement, Written, has_symbol};
use crate::iam::names_action;
use crate::rules::actions;

/// Names of S3's API that are no actions, with what their calls are authorized as.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>
const CALLS: [(&str, &str); 13] = [
    ("HeadBucket", "ListBucket"),
    ("ListObjects", "ListBucket"),
    ("ListObjectsV2", "ListBucket"),
    ("ListBuckets", "ListAllMyBuckets"),
    ("ListObjectVersions", "ListBucketVersions"),
    ("HeadObject", "GetObject"),
    ("CopyObject", "PutObject"),
    ("UploadPart", "PutObject"),
    ("CreateMultipartUpload", "PutObject"),
    ("CompleteMultipartUpload", "PutObject"),
    ("DeleteObjects", "DeleteObject"),
    ("ListParts", "ListMultipartUploadParts"),
    ("ListMultipartUploads", "ListBucketMultipartUploads"),
];

/// The actions of a statement that match none of a known service. Those of which it is `settled` that they do are not looked up
/// again: the same few stand in nearly every policy.
pub(super) fn unknown<'p>(
    statement: &'p Statement,
    settled: &mut BTreeSet<&'p str>,
) -> Option<Fault> {
    // Excepting what does not exist is no fault: guard rails do so for years.
    if statement.not_action {
        return None;
    }
    let unknown: Vec<(&Written, Option<String>)> = statement
        .actions
        .iter()
        .filter_map(|action| {
            if settled.contains(action.text.as_str()) {
                return None;
            }
            let meant = meant(&action.text);
            if meant.is_none() {
                settled.insert(&action.text);
            }
            Some((action, meant?))
        })
        .collect();
    if unknown.is_empty() {
        return None;
    }
    let hints: Vec<String> = unknown
        .iter()
        .filter_map(|(action, near)| {
            near.as_ref()
                .map(|near| format!("write `{near}` for `{}`, if that is meant", action.text))
        })
        .collect();
    let detail = if hints.is_empty() {
        "look up how the service calls its actions".to_owned()
    } else {
        hints.join("; ")
    };
    Some(Fault {
        rule: "unknown-operation",
        labels: labels(
            unknown.iter().map(|(action, _)| action.origin),
            "no action of this name is known",
        ),
        operations: text::unique(unknown.iter().map(|(action, _)| action.text.clone())),
        detail,
    })
}

/// For a pattern that matches no action of a known service what may be meant; `None` for every other one.
fn meant(pattern: &str) -> Option<Option<String>> {
    if has_symbol(pattern) {
        return None;
    }
    let (prefix, name) = pattern.split_once(':')?;
    let known = actions().of(prefix)?;
    // A service has hundreds of names, and nearly all that is written is one of them.
    let exists = match name.contains(['*', '?']) {
        true => known.clone().any(|one| names_action(name, one)),
        false => known.clone().any(|one| one.eq_ignore_ascii_case(name)),
    };
    if exists {
        return None;
    }
    let call = CALLS
        .iter()
        .find(|(call, _)| prefix.eq_ignore_ascii_case("s3") && call.eq_ignore_ascii_case(name));
    let near = match call {
        Some((_, action)) => Some(*action),
        None => nearest(name, known),
    };
    Some(near.map(|near| format!("{prefix}:{near}")))
}

fn nearest(name: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    // Comparing takes the product of both lengths, and no name is half as long.
    const LONGEST: usize = 128;
    if name.len() > LONGEST || name.contains(['*', '?']) {
        return None;
    }
    let written = name.to_ascii_lowercase();
    let distance = |one: &str| strsim::damerau_levenshtein(&written, &one.to_ascii_lowercase());
    known
        .map(|one| (distance(one), one))
        .min()
        .filter(|(distance, near)| *distance <= near.len() / 4)
        .map(|(_, near)| near)
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn what_exists_is_told_from_what_does_not() {
        for fine in [
            "*",
            "s3:*",
            "S3:getobject",
            "s3:Get*",
            "kms:ReEncrypt*",
            "nobody:Knows",
            "*:Get*",
        ] {
            assert_eq!(meant(fine), None, "{fine}");
        }
        let near = |written| meant(written).flatten();
        assert_eq!(near("s3:ListObjects").as_deref(), Some("s3:ListBucket"));
        assert_eq!(near("s3:GetObjcet").as_deref(), Some("s3:GetObject"));
        assert_eq!(meant("s3:Fetch*"), Some(None));
    }
}
