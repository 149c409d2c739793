//! Deployment groups: <https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeploymentGroup.html>

use serde_json::Value;

use super::super::calls::{GET_APPLICATION, GET_DEPLOYMENT_GROUP};
use super::super::session::{Session, client};
use super::{Gathered, name_behind, there};
use crate::graph::Arn;
use crate::load::{Refused, SnapshotFile};

/// What tells whether instances, functions or services are deployed to.
const PLATFORM: &str = "computePlatform";

/// Reads a deployment group, and what its application deploys to.
pub(super) async fn group(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let names = name_behind(arn, "deploymentgroup:").and_then(|names| names.split_once('/'));
    let Some((application, group)) = names.filter(|(one, other)| ![*one, *other].contains(&""))
    else {
        return Vec::new();
    };
    let mut gathered = Gathered::default();
    let described = described(session, arn, application, group).await;
    gathered.put("deploymentGroupInfo", described);
    let segments = [
        &session.account,
        &arn.region,
        "codedeploy",
        application,
        group,
    ];
    vec![gathered.file(&segments, &arn.to_string())]
}

async fn described(
    session: &Session,
    arn: &Arn,
    application: &str,
    group: &str,
) -> Result<Value, Refused> {
    let client = client!(session, aws_sdk_codedeploy, arn.region);
    let subject = arn.to_string();
    let send = |body| {
        client
            .get_deployment_group()
            .application_name(application)
            .deployment_group_name(group)
            .customize()
            .interceptor(body)
            .send()
    };
    let mut answer = session.json(GET_DEPLOYMENT_GROUP, &subject, send).await?;
    let mut info = answer
        .get_mut("deploymentGroupInfo")
        .map_or(Value::Null, Value::take);
    // AWS tells the platform of the group itself; older answers leave it to the application. Without it the group counts as
    // not seen: that nothing is known of the platform must not read as another platform.
    if info.get(PLATFORM).is_none() {
        let send = |body| {
            client
                .get_application()
                .application_name(application)
                .customize()
                .interceptor(body)
                .send()
        };
        let answer = session.json(GET_APPLICATION, &subject, send).await;
        let answer = answer.map_err(there)?;
        if let (Some(platform), Value::Object(members)) =
            (answer.pointer("/application/computePlatform"), &mut info)
        {
            members.insert(PLATFORM.to_owned(), platform.clone());
        }
    }
    Ok(info)
}
