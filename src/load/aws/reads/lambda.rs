//! Functions: <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html>

use serde_json::Value;

use super::super::calls::{GET_FUNCTION_CONFIGURATION, GET_FUNCTION_POLICY};
use super::super::mask;
use super::super::session::{Session, client};
use super::{Gathered, name_behind};
use crate::graph::Arn;
use crate::load::{Refused, SnapshotFile};

/// Reads a function, or a version or alias of it, and who may invoke that.
pub(super) async fn function(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let Some(names) = name_behind(arn, "function:") else {
        return Vec::new();
    };
    let (name, qualifier) = match names.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (names, None),
    };
    // An ARN inside an ARN comes of a configuration that names the function by its ARN.
    if qualifier.is_some_and(|qualifier| qualifier.contains(':')) {
        return Vec::new();
    }
    let client = client!(session, aws_sdk_lambda, arn.region);
    let subject = arn.to_string();
    let described = async {
        let send = |body| {
            client
                .get_function_configuration()
                .function_name(name)
                .set_qualifier(qualifier.map(str::to_owned))
                .customize()
                .interceptor(body)
                .send()
        };
        let answer = session.json(GET_FUNCTION_CONFIGURATION, &subject, send);
        answer.await
    };
    let policy = policy(session, &client, &subject, name, qualifier);
    let (described, policy) = futures_util::join!(described, policy);
    let mut gathered = Gathered::default();
    match described {
        Ok(mut configuration) => {
            mask::function(&mut configuration);
            gathered.put("Configuration", Ok(configuration));
            gathered.put_part("Policy", policy);
        }
        // The policy alone would read as a function without a role.
        Err(refused) => gathered.refused.push(refused),
    }
    let mut segments = vec![session.account.as_str(), &arn.region, "lambda", name];
    segments.extend(qualifier);
    vec![gathered.file(&segments, &subject)]
}

async fn policy(
    session: &Session,
    client: &aws_sdk_lambda::Client,
    subject: &str,
    name: &str,
    qualifier: Option<&str>,
) -> Result<Value, Refused> {
    let send = |body| {
        client
            .get_policy()
            .function_name(name)
            .set_qualifier(qualifier.map(str::to_owned))
            .customize()
            .interceptor(body)
            .send()
    };
    match session.json(GET_FUNCTION_POLICY, subject, send).await {
        Ok(mut answer) => Ok(answer.get_mut("Policy").map_or(Value::Null, Value::take)),
        // The same code for a function that is not there, which the other call tells.
        Err(refused) if refused.code == "ResourceNotFoundException" => Ok(Value::Null),
        Err(refused) => Err(refused),
    }
}
