//! Simple Storage Service, path style: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>

use serde_json::Value;

use super::call::{Call, Failure, Outcome, Said};
use super::cloud::{Inside, not_found, says, unknown};
use super::estate::{document, list, text as member};
use super::manner;
use super::xml::{element, escaped, maybe, text};

pub(super) fn outcome(cloud: &Inside, call: &Call) -> Outcome {
    let name = call.text("Bucket");
    let no_bucket = || not_found(404, "NoSuchBucket", "The specified bucket does not exist");
    let (owner, bucket) = cloud.estate.buckets.get(name).ok_or_else(no_bucket)?;
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html>
    let expected = call.text("ExpectedBucketOwner");
    if !expected.is_empty() && expected != owner {
        return Err(Failure::new(403, "AccessDenied", "Access Denied"));
    }
    let region = member(bucket, "LocationConstraint").unwrap_or("us-east-1");
    let elsewhere = region != call.region && call.operation != "GetBucketLocation";
    if elsewhere {
        // <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
        let mut failure = Failure::new(
            301,
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future \
             requests to this endpoint.",
        );
        let header = ("x-amz-bucket-region", region.to_owned());
        failure.headers.push(header);
        return Err(failure);
    }
    if call.account != *owner && !admits(bucket, call) {
        return Err(manner::denied(call));
    }
    described(call, bucket, region)
}

fn described(call: &Call, bucket: &Value, region: &str) -> Outcome {
    match call.operation.as_str() {
        "HeadBucket" => says(""),
        // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>: nothing stands for us-east-1
        "GetBucketLocation" => {
            let region = Some(region).filter(|region| *region != "us-east-1");
            says(element(
                "LocationConstraint",
                &escaped(region.unwrap_or_default()),
            ))
        }
        "GetBucketPolicy" => {
            let policy = document(&bucket["Policy"]);
            policy.map(Said::Text).ok_or_else(|| {
                not_found(
                    404,
                    "NoSuchBucketPolicy",
                    "The bucket policy does not exist",
                )
            })
        }
        // All buckets are encrypted, by S3's own keys where nothing else was said.
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html>
        "GetBucketEncryption" => {
            let rules = list(&bucket["ServerSideEncryptionConfiguration"], "Rules");
            let rules = rules.iter().map(|rule| {
                let by = &rule["ApplyServerSideEncryptionByDefault"];
                let by = maybe("SSEAlgorithm", member(by, "SSEAlgorithm"))
                    + &maybe("KMSMasterKeyID", member(by, "KMSMasterKeyID"));
                let enabled = rule["BucketKeyEnabled"].as_bool().unwrap_or_default();
                element("ApplyServerSideEncryptionByDefault", &by)
                    + &text("BucketKeyEnabled", &enabled.to_string())
            });
            let mut rules: Vec<String> = rules.map(|rule| element("Rule", &rule)).collect();
            if rules.is_empty() {
                rules.push(
                    "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
                     </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>"
                        .to_owned(),
                );
            }
            says(element(
                "ServerSideEncryptionConfiguration",
                &rules.concat(),
            ))
        }
        "GetBucketOwnershipControls" => {
            let rules = list(&bucket["OwnershipControls"], "Rules");
            if rules.is_empty() {
                let message = "The bucket ownership controls were not found";
                return Err(not_found(404, "OwnershipControlsNotFoundError", message));
            }
            let rules = rules.iter().map(|rule| {
                element(
                    "Rule",
                    &text("ObjectOwnership", member(rule, "ObjectOwnership").unwrap()),
                )
            });
            says(element("OwnershipControls", &rules.collect::<String>()))
        }
        "GetPublicAccessBlock" => {
            let block = &bucket["PublicAccessBlockConfiguration"];
            let Some(block) = block.as_object() else {
                let message = "The public access block configuration was not found";
                return Err(not_found(
                    404,
                    "NoSuchPublicAccessBlockConfiguration",
                    message,
                ));
            };
            let flags = block
                .iter()
                .map(|(name, flag)| text(name, &flag.to_string()));
            says(element(
                "PublicAccessBlockConfiguration",
                &flags.collect::<String>(),
            ))
        }
        "GetBucketVersioning" => {
            let status = member(&bucket["Versioning"], "Status");
            says(element("VersioningConfiguration", &maybe("Status", status)))
        }
        _ => unknown(call),
    }
}

/// Whether the bucket's policy lets the caller's account read the bucket's settings. Only the plainest grants count.
fn admits(bucket: &Value, call: &Call) -> bool {
    let policy = document(&bucket["Policy"]).unwrap_or_default();
    let policy: Value = serde_json::from_str(&policy).unwrap_or_default();
    let root = format!("arn:aws:iam::{}:root", call.account);
    list(&policy, "Statement").iter().any(|statement| {
        let principals = several(&statement["Principal"]["AWS"]);
        let actions = several(&statement["Action"]);
        let admitted = principals
            .iter()
            .any(|one| *one == root || *one == call.account);
        let granted = actions
            .iter()
            .any(|action| *action == "s3:*" || *action == "*" || *action == call.permission());
        statement["Effect"] == "Allow" && statement["Condition"].is_null() && admitted && granted
    })
}

fn several(value: &Value) -> Vec<&str> {
    match value {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
