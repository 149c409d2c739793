//! Key Management Service: <https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html>

use serde_json::{Value, json};

use super::call::{Call, Failure, Outcome, Said};
use super::cloud::{Inside, not_found, unknown};
use super::estate::{document, list, text as member};

pub(super) fn outcome(cloud: &Inside, call: &Call) -> Outcome {
    match call.operation.as_str() {
        // <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>
        "DescribeKey" => {
            let key = key(cloud, call)?;
            Ok(Said::Tree(json!({ "KeyMetadata": key["KeyMetadata"] })))
        }
        // <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>
        "GetKeyPolicy" => {
            own(call)?;
            let policy = document(&key(cloud, call)?["Policy"]);
            Ok(Said::Tree(
                json!({ "Policy": policy, "PolicyName": "default" }),
            ))
        }
        "ListGrants" => {
            let grants = list(key(cloud, call)?, "Grants");
            Ok(paged(cloud, call, "Grants", grants))
        }
        // <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html>: all of the account and Region, or one key's
        "ListAliases" => {
            let aliases: Vec<Value> = match call.input.get("KeyId") {
                Some(_) => list(key(cloud, call)?, "Aliases").to_vec(),
                None => {
                    let keys = cloud.here(call, "kms");
                    keys.flat_map(|key| list(key, "Aliases")).cloned().collect()
                }
            };
            Ok(paged(cloud, call, "Aliases", &aliases))
        }
        _ => unknown(call),
    }
}

/// Policies of other accounts' keys cannot be read, whatever they allow.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>
fn own(call: &Call) -> Result<(), Failure> {
    let account = call.text("KeyId").split(':').nth(4);
    match account.is_none_or(|account| account == call.account) {
        true => Ok(()),
        false => Err(super::manner::denied(call)),
    }
}

/// By id, ARN, alias or alias ARN.
fn key<'a>(cloud: &'a Inside, call: &Call) -> Result<&'a Value, Failure> {
    let wanted = call.text("KeyId");
    let mut words = wanted.splitn(6, ':');
    let (account, region, name) = match wanted.starts_with("arn:") {
        true => {
            let region = words.nth(3).unwrap();
            (words.next().unwrap(), region, words.next().unwrap())
        }
        false => (call.account.as_str(), call.region.as_str(), wanted),
    };
    let name = name.trim_start_matches("key/");
    let message = match name.starts_with("alias/") {
        true => format!("Alias {wanted} is not found."),
        false => format!("Key '{wanted}' does not exist"),
    };
    let missing = not_found(400, "NotFoundException", message);
    if region != call.region {
        return Err(missing);
    }
    let mut keys = cloud.estate.under(account, region, "kms");
    let found = keys.find(|key| {
        let metadata = &key["KeyMetadata"];
        let id = member(metadata, "Arn").and_then(|arn| arn.rsplit('/').next());
        let mut aliases = list(key, "Aliases").iter();
        id == Some(name) || aliases.any(|alias| member(alias, "AliasName") == Some(name))
    });
    found.ok_or(missing)
}

fn paged(cloud: &Inside, call: &Call, member: &str, items: &[Value]) -> Said {
    let (page, marker) = cloud.page(items, call.text("Marker"));
    let mut tree = json!({ "Truncated": marker.is_some() });
    tree[member] = page.into();
    if let Some(marker) = marker {
        tree["NextMarker"] = marker.into();
    }
    Said::Tree(tree)
}
