//! Pipelines: <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipeline.html>

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::Value;

use super::super::calls::{GET_PIPELINE, LIST_PIPELINES};
use super::super::mask;
use super::super::reach::LiveError;
use super::super::session::{Session, Sessions, client};
use super::{is_absent, no_answer, object, paged, whole};
use crate::graph::RefusalKind;
use crate::load::hint::partition_of;
use crate::load::{Refused, SnapshotFile};

/// Reads pipelines of the first account by their names; `*` are all.
pub(in super::super) async fn pipelines(
    sessions: &Sessions,
    names: &[String],
) -> Result<Vec<SnapshotFile>, LiveError> {
    let Some(session) = sessions.of(&sessions.first) else {
        return Ok(Vec::new());
    };
    let read = named(session, names).await;
    // Credentials that have run out are what there is to say, not which call heard of it first.
    read.map_err(|error| sessions.stopped().unwrap_or(error))
}

async fn named(session: &Session, names: &[String]) -> Result<Vec<SnapshotFile>, LiveError> {
    let mut wanted: BTreeSet<String> = names.iter().cloned().collect();
    let wants_all = wanted.remove("*");
    let mut listed = BTreeSet::new();
    if wants_all {
        let all = all(session).await;
        listed = all.map_err(|refused| not_listed(session, &refused))?;
        if listed.is_empty() {
            let (account, region) = (&session.account, session.region());
            return Err(LiveError::new(
                format!("there is no pipeline in account {account}, Region {region}"),
                "name another Region with `--region`, or another account with `--profile`; files go before `--live`",
            ));
        }
        listed.retain(|name| !wanted.contains(name));
    }
    let wanted = wanted.iter().map(|name| async move {
        let read = one(session, name).await;
        read.map_err(|refused| not_readable(session, name, &refused))
    });
    // One that is gone meanwhile is none of all.
    let listed = listed.iter().map(|name| async move {
        match one(session, name).await {
            Ok(file) => Ok(Some(file)),
            Err(refused) if is_absent(&refused) => Ok(None),
            Err(refused) => Err(not_readable(session, name, &refused)),
        }
    });
    let (wanted, listed) = futures_util::join!(join_all(wanted), join_all(listed));
    let mut files: Vec<SnapshotFile> = wanted.into_iter().collect::<Result<_, _>>()?;
    let listed: Vec<Option<SnapshotFile>> = listed.into_iter().collect::<Result<_, _>>()?;
    files.extend(listed.into_iter().flatten());
    Ok(files)
}

async fn all(session: &Session) -> Result<BTreeSet<String>, Refused> {
    let client = client!(session, aws_sdk_codepipeline, session.region());
    let names = paged(async |next| {
        let sent = client.list_pipelines().set_next_token(next).send();
        let page = session.call(LIST_PIPELINES, "*", sent).await?;
        let none = || no_answer(LIST_PIPELINES, "*", "pipelines");
        let pipelines = page.pipelines.ok_or_else(none)?;
        let names = pipelines.into_iter().filter_map(|one| one.name);
        Ok((page.next_token, names.collect()))
    });
    Ok(names.await?.into_iter().collect())
}

async fn one(session: &Session, name: &str) -> Result<SnapshotFile, Refused> {
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
    let answer = session.json(GET_PIPELINE, name, send).await?;
    let mut answer = whole(GET_PIPELINE, name, answer, "pipeline")?;
    mask::pipeline(&mut answer);
    let stated = answer
        .pointer("/metadata/pipelineArn")
        .and_then(Value::as_str);
    let arn = stated.map_or_else(
        || {
            let (partition, account) = (partition_of(region), &session.account);
            format!("arn:{partition}:codepipeline:{region}:{account}:{name}")
        },
        str::to_owned,
    );
    let segments = [session.account.as_str(), region, "codepipeline", name];
    Ok(SnapshotFile::new(&segments, &arn, object(answer), &[]))
}

/// What leads to the permission that is lacking.
fn allow(refused: &Refused) -> String {
    format!(
        "allow `{}`: `pipeline-preflight permissions` prints all that is needed",
        refused.operation
    )
}

fn not_listed(session: &Session, refused: &Refused) -> LiveError {
    let (caller, Refused { message, code, .. }) = (&session.caller, refused);
    match refused.kind {
        RefusalKind::Denied => LiveError::new(
            format!("`{caller}` may not list the pipelines: {message}"),
            format!("name the pipelines, or {}", allow(refused)),
        ),
        RefusalKind::Absent | RefusalKind::Failed => LiveError::new(
            format!("AWS does not list the pipelines: {message} ({code})"),
            "run again, or name the pipelines",
        ),
    }
}

fn not_readable(session: &Session, name: &str, refused: &Refused) -> LiveError {
    let (account, region) = (&session.account, session.region());
    let (caller, Refused { message, code, .. }) = (&session.caller, refused);
    match refused.kind {
        RefusalKind::Absent => LiveError::new(
            format!("there is no pipeline `{name}` in account {account}, Region {region}"),
            "correct the name, or name the Region with `--region`; files go before `--live`",
        ),
        RefusalKind::Denied => LiveError::new(
            format!("`{caller}` may not read the pipeline `{name}`: {message}"),
            allow(refused),
        ),
        RefusalKind::Failed => LiveError::new(
            format!("AWS does not tell of the pipeline `{name}`: {message} ({code})"),
            match code.as_str() {
                "ValidationException" => {
                    "give the name alone: letters, digits and `.@-_`, at most 100 of them"
                }
                _ => "run again",
            },
        ),
    }
}
