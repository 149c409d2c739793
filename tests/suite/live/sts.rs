//! Security Token Service: <https://docs.aws.amazon.com/STS/latest/APIReference/Welcome.html>

use super::call::{Call, Outcome, key_of};
use super::cloud::{says, unknown};
use super::xml::{element, text};

pub(super) fn outcome(call: &Call) -> Outcome {
    match call.operation.as_str() {
        // <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
        "GetCallerIdentity" => says(
            text("Arn", &call.caller())
                + &text("UserId", "AROAEXAMPLEEXAMPLEEX:session")
                + &text("Account", &call.account),
        ),
        // <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
        "AssumeRole" => {
            let role = call.text("RoleArn");
            let account = role.split(':').nth(4).unwrap();
            let credentials = text("AccessKeyId", &key_of(account))
                + &text("SecretAccessKey", "made-up")
                + &text("SessionToken", "made-up")
                + &text("Expiration", "2099-01-01T00:00:00Z");
            let name = role.rsplit('/').next().unwrap();
            let session = call.text("RoleSessionName");
            let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/{session}");
            let user = text("Arn", &arn)
                + &text("AssumedRoleId", &format!("AROAEXAMPLEEXAMPLEEX:{session}"));
            says(element("Credentials", &credentials) + &element("AssumedRoleUser", &user))
        }
        _ => unknown(call),
    }
}
