//! What the answers about a bucket hold, as the members that AWS names them by.

use aws_sdk_s3::types::{
    OwnershipControls, PublicAccessBlockConfiguration, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
};
use serde_json::{Map, Value, json};

/// The Region that a `LocationConstraint` means, of which two have old names.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
pub(super) fn region(constraint: Option<&str>) -> &str {
    match constraint {
        None | Some("") => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    }
}

pub(super) fn encryption(told: &ServerSideEncryptionConfiguration) -> Value {
    let rule = |rule: &ServerSideEncryptionRule| {
        let default = rule.apply_server_side_encryption_by_default();
        let default = default.map(|default| {
            present([
                ("SSEAlgorithm", default.sse_algorithm().as_str().into()),
                ("KMSMasterKeyID", default.kms_master_key_id().into()),
            ])
        });
        present([
            ("ApplyServerSideEncryptionByDefault", default.into()),
            ("BucketKeyEnabled", rule.bucket_key_enabled().into()),
        ])
    };
    json!({ "Rules": told.rules().iter().map(rule).collect::<Vec<_>>() })
}

pub(super) fn ownership(told: &OwnershipControls) -> Value {
    let rules = told.rules().iter();
    let rules = rules.map(|rule| json!({ "ObjectOwnership": rule.object_ownership().as_str() }));
    json!({ "Rules": rules.collect::<Vec<_>>() })
}

pub(super) fn public_access_block(told: &PublicAccessBlockConfiguration) -> Value {
    present([
        ("BlockPublicAcls", told.block_public_acls().into()),
        ("IgnorePublicAcls", told.ignore_public_acls().into()),
        ("BlockPublicPolicy", told.block_public_policy().into()),
        (
            "RestrictPublicBuckets",
            told.restrict_public_buckets().into(),
        ),
    ])
}

fn present<const N: usize>(members: [(&str, Value); N]) -> Value {
    let told = members.into_iter().filter(|(_, value)| !value.is_null());
    let told: Map<String, Value> = told.map(|(key, value)| (key.to_owned(), value)).collect();
    Value::Object(told)
}

/// What stands between two texts, for the first time.
pub(super) fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(begin)?;
    after.split_once(end).map(|(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{
        ObjectOwnership, OwnershipControlsRule, ServerSideEncryption, ServerSideEncryptionByDefault,
    };

    use super::*;

    #[test]
    fn old_names_of_regions_mean_the_new_ones() {
        for (constraint, expected) in [
            (None, "us-east-1"),
            (Some(""), "us-east-1"),
            (Some("EU"), "eu-west-1"),
            (Some("eu-central-1"), "eu-central-1"),
        ] {
            assert_eq!(region(constraint), expected, "{constraint:?}");
        }
    }

    #[test]
    fn settings_are_kept_by_the_names_that_aws_gives_them() -> Result<(), Box<dyn std::error::Error>>
    {
        let by_default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::AwsKms)
            .kms_master_key_id("arn:aws:kms:eu-west-1:111111111111:key/1")
            .build()?;
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(by_default)
            .bucket_key_enabled(true)
            .build();
        let told = ServerSideEncryptionConfiguration::builder()
            .rules(rule)
            .build()?;
        let expected = json!({ "Rules": [{
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms",
                "KMSMasterKeyID": "arn:aws:kms:eu-west-1:111111111111:key/1",
            },
            "BucketKeyEnabled": true,
        }] });
        assert_eq!(encryption(&told), expected);
        let rule = OwnershipControlsRule::builder()
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .build()?;
        let told = OwnershipControls::builder().rules(rule).build()?;
        let expected = json!({ "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] });
        assert_eq!(ownership(&told), expected);
        let told = PublicAccessBlockConfiguration::builder().restrict_public_buckets(true);
        let expected = json!({ "RestrictPublicBuckets": true });
        assert_eq!(public_access_block(&told.build()), expected);
        Ok(())
    }

    #[test]
    fn an_error_tells_the_region_in_its_body() {
        let body =
            "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>";
        assert_eq!(between(body, "<Region>", "</Region>"), Some("eu-west-1"));
        assert_eq!(between("<Error/>", "<Region>", "</Region>"), None);
        assert_eq!(between("<Region>eu-w", "<Region>", "</Region>"), None);
    }
}
