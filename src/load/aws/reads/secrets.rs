//! Secrets: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html>

use aws_sdk_secretsmanager::Client;
use serde_json::Value;

use super::super::calls::{DESCRIBE_SECRET, GET_RESOURCE_POLICY};
use super::super::session::{Session, client};
use super::{Gathered, is_absent, name_behind, object, whole};
use crate::graph::Arn;
use crate::load::{Refused, SnapshotFile};

/// Reads a secret's name and policy, never its value.
pub(super) async fn secret(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let Some(name) = name_behind(arn, "secret:") else {
        return Vec::new();
    };
    let client = client!(session, aws_sdk_secretsmanager, arn.region);
    let subject = arn.to_string();
    let (mut described, mut policy) = asked(session, &client, &subject, &subject).await;
    // An ARN without the end that Secrets Manager adds is taken for a whole one where the name itself ends like that, as
    // `app-secret` does: that nothing is found by it is no answer before the name finds nothing either.
    // https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
    if described.as_ref().is_err_and(is_absent) && may_be_whole(name) {
        (described, policy) = asked(session, &client, &subject, name).await;
    }
    let mut gathered = Gathered::default();
    let mut called = name.to_owned();
    match described {
        Ok(secret) => {
            if let Some(name) = secret.get("Name").and_then(Value::as_str) {
                name.clone_into(&mut called);
            }
            gathered.members = object(secret);
            gathered.put_part("ResourcePolicy", policy);
        }
        // Without a description the policy would have no secret to belong to.
        Err(refused) => gathered.refused.push(refused),
    }
    let segments = [&session.account, &arn.region, "secretsmanager", &called];
    vec![gathered.file(&segments, &subject)]
}

/// Whether a name ends like the ARN of a secret: with a hyphen and six characters.
fn may_be_whole(name: &str) -> bool {
    name.rsplit_once('-')
        .is_some_and(|(_, end)| end.chars().count() == 6)
}

/// What a secret's ARN or name finds, and its policy.
async fn asked(
    session: &Session,
    client: &Client,
    subject: &str,
    id: &str,
) -> (Result<Value, Refused>, Result<Value, Refused>) {
    let described = async {
        let send = |body| {
            client
                .describe_secret()
                .secret_id(id)
                .customize()
                .interceptor(body)
                .send()
        };
        let answer = session.json(DESCRIBE_SECRET, subject, send).await?;
        whole(DESCRIBE_SECRET, subject, answer, "ARN")
    };
    futures_util::join!(described, policy(session, client, subject, id))
}

async fn policy(
    session: &Session,
    client: &Client,
    subject: &str,
    id: &str,
) -> Result<Value, Refused> {
    let send = |body| {
        client
            .get_resource_policy()
            .secret_id(id)
            .customize()
            .interceptor(body)
            .send()
    };
    let answer = session.json(GET_RESOURCE_POLICY, subject, send).await?;
    let mut answer = whole(GET_RESOURCE_POLICY, subject, answer, "ARN")?;
    // A secret without a policy has no such member.
    Ok(answer
        .get_mut("ResourcePolicy")
        .map_or(Value::Null, Value::take))
}
