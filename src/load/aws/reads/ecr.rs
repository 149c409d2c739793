//! Repositories: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetRepositoryPolicy.html>

use serde_json::Value;

use super::super::calls::{DESCRIBE_REPOSITORIES, GET_REPOSITORY_POLICY};
use super::super::session::{Session, client};
use super::{Gathered, is_absent, name_behind, none_such};
use crate::graph::Arn;
use crate::load::{Refused, SnapshotFile};

/// Reads a repository and its policy.
pub(super) async fn repository(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let Some(name) = name_behind(arn, "repository/") else {
        return Vec::new();
    };
    let client = client!(session, aws_sdk_ecr, arn.region);
    let described = described(session, &client, arn, name);
    let policy = policy(session, &client, arn, name);
    let (described, policy) = futures_util::join!(described, policy);
    let mut gathered = Gathered::default();
    match described {
        Ok(repository) => {
            gathered.put("repository", Ok(repository));
            gathered.put_part("policyText", policy);
        }
        Err(refused) if is_absent(&refused) => gathered.refused.push(refused),
        // No rule reads what is described, and the policy decides by itself.
        Err(refused) => {
            gathered.refused.push(refused);
            gathered.put("policyText", policy);
        }
    }
    let segments = [&session.account, &arn.region, "ecr", name];
    vec![gathered.file(&segments, &arn.to_string())]
}

async fn described(
    session: &Session,
    client: &aws_sdk_ecr::Client,
    arn: &Arn,
    name: &str,
) -> Result<Value, Refused> {
    let subject = arn.to_string();
    let send = |body| {
        client
            .describe_repositories()
            .registry_id(&arn.account)
            .repository_names(name)
            .customize()
            .interceptor(body)
            .send()
    };
    let answer = session.json(DESCRIBE_REPOSITORIES, &subject, send).await?;
    let repository = answer.pointer("/repositories/0").cloned();
    repository.ok_or_else(|| {
        let told = format!("there is no repository `{name}`");
        let code = "RepositoryNotFoundException";
        none_such(DESCRIBE_REPOSITORIES, &subject, code, told)
    })
}

async fn policy(
    session: &Session,
    client: &aws_sdk_ecr::Client,
    arn: &Arn,
    name: &str,
) -> Result<Value, Refused> {
    let subject = arn.to_string();
    let send = |body| {
        client
            .get_repository_policy()
            .registry_id(&arn.account)
            .repository_name(name)
            .customize()
            .interceptor(body)
            .send()
    };
    match session.json(GET_REPOSITORY_POLICY, &subject, send).await {
        Ok(mut answer) => Ok(answer
            .get_mut("policyText")
            .map_or(Value::Null, Value::take)),
        Err(refused) if refused.code == "RepositoryPolicyNotFoundException" => Ok(Value::Null),
        Err(refused) => Err(refused),
    }
}
