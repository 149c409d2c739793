//! Build projects: <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html>

use super::super::calls::BATCH_GET_PROJECTS;
use super::super::mask;
use super::super::session::{Session, client};
use super::{Gathered, name_behind, none_such, object};
use crate::graph::Arn;
use crate::load::{Refused, SnapshotFile};

/// Reads a project.
pub(super) async fn project(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let Some(name) = name_behind(arn, "project/") else {
        return Vec::new();
    };
    let mut gathered = Gathered::default();
    match described(session, arn, name).await {
        Ok(mut project) => {
            mask::project(&mut project);
            gathered.members = object(project);
        }
        Err(refused) => gathered.refused.push(refused),
    }
    let segments = [&session.account, &arn.region, "codebuild", name];
    vec![gathered.file(&segments, &arn.to_string())]
}

async fn described(session: &Session, arn: &Arn, name: &str) -> Result<serde_json::Value, Refused> {
    let client = client!(session, aws_sdk_codebuild, arn.region);
    let subject = arn.to_string();
    let send = |body| {
        client
            .batch_get_projects()
            .names(name)
            .customize()
            .interceptor(body)
            .send()
    };
    let answer = session.json(BATCH_GET_PROJECTS, &subject, send).await?;
    // One that is not there is told among `projectsNotFound`, and is no error.
    let project = answer.pointer("/projects/0").cloned();
    project.ok_or_else(|| {
        let told = format!("there is no project `{name}`");
        none_such(BATCH_GET_PROJECTS, &subject, "projectsNotFound", told)
    })
}
