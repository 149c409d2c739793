//! Pipelines: <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipeline.html>

use futures_util::future::join_all;
use serde_json::Value;

use super::super::calls::{GET_PIPELINE, LIST_PIPELINES};
use super::super::reach::LiveError;
use super::super::session::{Session, Sessions, client};
use crate::graph::RefusalKind;
use crate::load::{Refused, SnapshotFile};

/// Reads pipelines of the first account by their names; `*` are all.
pub(in super::super) async fn pipelines(
    sessions: &Sessions,
    names: &[String],
) -> Result<Vec<SnapshotFile>, LiveError> {
    let Some(session) = sessions.of(&sessions.first) else {
        return Ok(Vec::new());
    };
    let listed = match names.iter().any(|name| name == "*") {
        true => all(session)
            .await
            .map_err(|refused| not_readable(session, "*", &refused))?,
        false => names.to_vec(),
    };
    let reads = listed.iter().map(|name| one(session, name));
    join_all(reads).await.into_iter().collect()
}

async fn all(session: &Session) -> Result<Vec<String>, Refused> {
    let client = client!(session, aws_sdk_codepipeline, session.region());
    let mut names = Vec::new();
    let mut next = None;
    loop {
        let sent = client.list_pipelines().set_next_token(next).send();
        let page = session.call(LIST_PIPELINES, "*", sent).await?;
        names.extend(
            page.pipelines()
                .iter()
                .filter_map(|one| one.name().map(str::to_owned)),
        );
        // A page may be empty and another one follow all the same.
        next = page.next_token;
        if next.is_none() {
            return Ok(names);
        }
    }
}

async fn one(session: &Session, name: &str) -> Result<SnapshotFile, LiveError> {
    let region = session.region();
    let client = client!(session, aws_sdk_codepipeline, region);
    let send = |body| {
        client
            .get_pipeline()
            .name(name)
            .customize()
            .interceptor(body)
            .send()
    };
    let answer = session.json(GET_PIPELINE, name, send).await;
    let answer = answer.map_err(|refused| not_readable(session, name, &refused))?;
    let arn = format!("arn:aws:codepipeline:{region}:{}:{name}", session.account);
    let members = match answer {
        Value::Object(members) => members,
        _ => serde_json::Map::new(),
    };
    let segments = [session.account.as_str(), region, "codepipeline", name];
    Ok(SnapshotFile::new(&segments, &arn, members, &[]))
}

fn not_readable(session: &Session, name: &str, refused: &Refused) -> LiveError {
    let (account, region) = (&session.account, session.region());
    match refused.kind {
        RefusalKind::Absent => LiveError::new(
            format!("there is no pipeline `{name}` in account {account}, Region {region}"),
            "correct the name, or name the Region with `--region`; files go before `--live`",
        ),
        RefusalKind::Denied => LiveError::new(
            format!(
                "`{}` may not read the pipeline `{name}`: {}",
                session.caller, refused.message
            ),
            format!(
                "allow `{}`: `pipeline-preflight permissions` prints all that is needed",
                refused.operation
            ),
        ),
        RefusalKind::Failed => LiveError::new(
            format!(
                "AWS does not tell of the pipeline `{name}`: {} ({})",
                refused.message, refused.code
            ),
            "run again",
        ),
    }
}
