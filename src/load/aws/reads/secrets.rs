//! Secrets: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html>

use serde_json::Value;

use super::super::calls::{DESCRIBE_SECRET, GET_RESOURCE_POLICY};
use super::super::session::{Session, client};
use super::{Gathered, name_behind, object};
use crate::graph::Arn;
use crate::load::{Refused, SnapshotFile};

/// Reads a secret's name and policy, never its value.
pub(super) async fn secret(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let Some(name) = name_behind(arn, "secret:") else {
        return Vec::new();
    };
    let client = client!(session, aws_sdk_secretsmanager, arn.region);
    let subject = arn.to_string();
    let described = async {
        let send = |body| {
            client
                .describe_secret()
                .secret_id(&subject)
                .customize()
                .interceptor(body)
                .send()
        };
        session.json(DESCRIBE_SECRET, &subject, send).await
    };
    let policy = policy(session, &client, &subject);
    let (described, policy) = futures_util::join!(described, policy);
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

async fn policy(
    session: &Session,
    client: &aws_sdk_secretsmanager::Client,
    subject: &str,
) -> Result<Value, Refused> {
    let send = |body| {
        client
            .get_resource_policy()
            .secret_id(subject)
            .customize()
            .interceptor(body)
            .send()
    };
    let mut answer = session.json(GET_RESOURCE_POLICY, subject, send).await?;
    // A secret without a policy has no such member.
    Ok(answer
        .get_mut("ResourcePolicy")
        .map_or(Value::Null, Value::take))
}
