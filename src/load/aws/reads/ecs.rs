//! Services and task definitions of ECS.

use serde_json::Value;

use super::super::calls::{DESCRIBE_SERVICES, DESCRIBE_TASK_DEFINITION};
use super::super::mask;
use super::super::session::{Session, client};
use super::{Gathered, name_behind, none_such, object};
use crate::graph::{Arn, RefusalKind};
use crate::load::{Refused, SnapshotFile};

/// Reads a service: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>
pub(super) async fn service(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let Some(names) = name_behind(arn, "service/") else {
        return Vec::new();
    };
    // ARNs from before 2018 have no cluster in them, and a service in another one than `default` is then not found by its name:
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
    let (cluster, name) = names.rsplit_once('/').unwrap_or(("default", names));
    let mut gathered = Gathered::default();
    match described_service(session, arn, cluster, name).await {
        Ok(mut service) => {
            mask::containers(&mut service);
            gathered.members = object(service);
        }
        Err(refused) => gathered.refused.push(refused),
    }
    let segments = [&session.account, &arn.region, "ecs", cluster, name];
    vec![gathered.file(&segments, &arn.to_string())]
}

async fn described_service(
    session: &Session,
    arn: &Arn,
    cluster: &str,
    name: &str,
) -> Result<Value, Refused> {
    let client = client!(session, aws_sdk_ecs, arn.region);
    let subject = arn.to_string();
    let send = |body| {
        client
            .describe_services()
            .cluster(cluster)
            .services(name)
            .customize()
            .interceptor(body)
            .send()
    };
    let answer = session.json(DESCRIBE_SERVICES, &subject, send).await?;
    let service = answer.pointer("/services/0");
    // A deleted service is still told of for a while.
    let active = service.filter(|one| one.get("status") != Some(&Value::from("INACTIVE")));
    active.cloned().ok_or_else(|| {
        let reason = answer.pointer("/failures/0/reason").and_then(Value::as_str);
        let code = reason.unwrap_or("INACTIVE");
        let told = format!("there is no service `{name}` in the cluster `{cluster}`");
        let refused = none_such(DESCRIBE_SERVICES, &subject, code, told);
        match code {
            "MISSING" | "INACTIVE" => refused,
            // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
            _ => Refused {
                kind: RefusalKind::Failed,
                ..refused
            },
        }
    })
}

/// Reads a task definition, one revision of it or the latest active one of its family:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html>
pub(super) async fn task_definition(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let Some(name) = name_behind(arn, "task-definition/") else {
        return Vec::new();
    };
    let (family, revision) = match name.split_once(':') {
        Some((family, revision)) => (family, Some(revision)),
        None => (name, None),
    };
    let mut gathered = Gathered::default();
    match described_task(session, arn, name).await {
        Ok(mut task) => {
            mask::containers(&mut task);
            let mut members = object(task);
            // Whoever asks for a family finds it by the family: its ARN is that of the place it lies in.
            if revision.is_none() {
                members.remove("taskDefinitionArn");
            }
            gathered.members = members;
        }
        Err(refused) => gathered.refused.push(refused),
    }
    let mut segments = vec![
        session.account.as_str(),
        arn.region.as_str(),
        "ecs",
        "task-definitions",
        family,
    ];
    // Two services may run two revisions of one family.
    segments.extend(revision);
    vec![gathered.file(&segments, &arn.to_string())]
}

async fn described_task(session: &Session, arn: &Arn, name: &str) -> Result<Value, Refused> {
    let client = client!(session, aws_sdk_ecs, arn.region);
    let subject = arn.to_string();
    let send = |body| {
        client
            .describe_task_definition()
            .task_definition(name)
            .customize()
            .interceptor(body)
            .send()
    };
    let answer = session.json(DESCRIBE_TASK_DEFINITION, &subject, send).await;
    let mut answer = answer.map_err(|refused| match is_no_task_definition(&refused) {
        true => Refused {
            kind: RefusalKind::Absent,
            ..refused
        },
        false => refused,
    })?;
    let task = answer.get_mut("taskDefinition").map(Value::take);
    Ok(task.unwrap_or_default())
}

/// ECS has no code of its own for a task definition that is not there, only these words:
/// <https://github.com/getmoto/moto/pull/5910>
fn is_no_task_definition(refused: &Refused) -> bool {
    refused.code == "ClientException"
        && refused
            .message
            .starts_with("Unable to describe task definition")
}
