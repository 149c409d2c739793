//! Wants → files: which calls describe a thing, and how their answers lie in one file.

mod cloudformation;
mod codebuild;
mod codedeploy;
mod connections;
mod ecr;
mod ecs;
mod events;
mod iam;
mod kms;
mod lambda;
mod organizations;
mod pipeline;
mod principals;
mod s3;
mod secrets;
mod sns;
mod states;

use serde_json::{Map, Value};

use super::calls::Call;
use super::session::{Session, Sessions};
use crate::graph::{Arn, Graph, RefusalKind, Want};
use crate::load::{Refused, SnapshotFile};

pub(super) use pipeline::pipelines;

/// All items of a list that comes in pages: each page tells where the next one begins. A page may be empty and another one follow
/// all the same.
async fn paged<T>(
    ask: impl AsyncFn(Option<String>) -> Result<(Option<String>, Vec<T>), Refused>,
) -> Result<Vec<T>, Refused> {
    let mut all = Vec::new();
    let mut marker = None;
    loop {
        let (next, items) = ask(marker).await?;
        all.extend(items);
        if next.is_none() {
            return Ok(all);
        }
        marker = next;
    }
}

/// Reads one thing; nothing where nobody gave access to its account, or where there is nothing that a snapshot holds of it.
pub(super) async fn read(sessions: &Sessions, want: &Want, graph: &Graph) -> Vec<SnapshotFile> {
    match want {
        Want::Organization(account) => organizations::policies(sessions, account).await,
        Want::Policy(arn) => iam::policy(sessions, arn).await,
        Want::Bucket(name) => s3::bucket(sessions, name, graph).await,
        Want::EventRules {
            account,
            region,
            target,
        } => match sessions.of(account) {
            Some(session) => events::rules(&sessions.memo, session, region, target).await,
            None => Vec::new(),
        },
        Want::Group { account, name } => match sessions.of(account) {
            Some(session) => principals::group(session, name).await,
            None => Vec::new(),
        },
        Want::Role(arn) | Want::User(arn) | Want::Key(arn) | Want::Resource(arn) => {
            let Some(parsed) = Arn::parse(arn) else {
                return Vec::new();
            };
            let Some(session) = sessions.of(&parsed.account) else {
                return Vec::new();
            };
            match want {
                Want::Role(_) => iam::role(session, arn).await,
                Want::User(_) => principals::user(session, arn).await,
                Want::Key(_) => kms::key(sessions, session, arn).await,
                _ => resource(session, &parsed).await,
            }
        }
    }
}

/// Reads any other resource, by the service and the kind that its ARN tells.
async fn resource(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let kind = arn.resource.split(['/', ':']).next().unwrap_or_default();
    match (arn.service.as_str(), kind) {
        ("cloudformation", "stack") => cloudformation::stack(session, arn).await,
        ("codebuild", "project") => codebuild::project(session, arn).await,
        ("codedeploy", "deploymentgroup") => codedeploy::group(session, arn).await,
        ("codeconnections" | "codestar-connections", "connection") => {
            connections::connection(session, arn).await
        }
        ("ecr", "repository") => ecr::repository(session, arn).await,
        ("ecs", "service") => ecs::service(session, arn).await,
        ("ecs", "task-definition") => ecs::task_definition(session, arn).await,
        ("events", "event-bus") => events::bus(session, arn).await,
        ("lambda", "function") => lambda::function(session, arn).await,
        ("secretsmanager", "secret") => secrets::secret(session, arn).await,
        ("sns", _) => sns::topic(session, arn).await,
        ("states", "stateMachine") => states::machine(session, arn).await,
        _ => Vec::new(),
    }
}

/// The name behind what all ARNs of a kind begin with; none where the Region or the name is missing, so that there is nothing to ask.
fn name_behind<'a>(arn: &'a Arn, start: &str) -> Option<&'a str> {
    let name = arn.resource.strip_prefix(start)?;
    (!name.is_empty() && !arn.region.is_empty()).then_some(name)
}

/// The members of an answer.
fn object(answer: Value) -> Map<String, Value> {
    match answer {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// That there is no such thing, where AWS answers so without an error.
fn none_such(call: &'static Call, subject: &str, code: &str, message: String) -> Refused {
    Refused {
        operation: call.permission,
        subject: subject.to_owned(),
        kind: RefusalKind::Absent,
        code: code.to_owned(),
        message,
    }
}

/// What an answer has of a member that AWS always tells; without it the answer is none, which says nothing of what is there.
fn told(
    call: &'static Call,
    subject: &str,
    mut answer: Value,
    member: &str,
) -> Result<Value, Refused> {
    let told = answer.get_mut(member).map(Value::take);
    told.filter(|told| !told.is_null())
        .ok_or_else(|| no_answer(call, subject, member))
}

/// That an answer lacks what it always has.
fn no_answer(call: &'static Call, subject: &str, member: &str) -> Refused {
    let message = format!("the answer has no `{member}`");
    Refused {
        kind: RefusalKind::Failed,
        ..none_such(call, subject, "no answer", message)
    }
}

/// The whole answer, when it has such a member.
fn whole(
    call: &'static Call,
    subject: &str,
    answer: Value,
    member: &str,
) -> Result<Value, Refused> {
    told(call, subject, answer.clone(), member).map(|_| answer)
}

fn is_absent(refused: &Refused) -> bool {
    refused.kind == RefusalKind::Absent
}

/// A description that comes from several calls, and what of it was refused.
#[derive(Debug, Default)]
struct Gathered {
    members: Map<String, Value>,
    refused: Vec<Refused>,
}

impl Gathered {
    /// Puts an answer under a member, or keeps why there is none.
    fn put(&mut self, member: &str, answer: Result<Value, Refused>) {
        match answer {
            Ok(value) => {
                self.members.insert(member.to_owned(), value);
            }
            Err(refused) => self.refused.push(refused),
        }
    }

    /// The same of something that another call describes: it is there, whatever is answered here.
    fn put_part(&mut self, member: &str, answer: Result<Value, Refused>) {
        self.put(member, answer.map_err(there));
    }

    fn file(self, segments: &[&str], name: &str) -> SnapshotFile {
        SnapshotFile::new(segments, name, self.members, &self.refused)
    }
}

/// A text among the members of an answer.
fn text<'a>(answer: &'a Value, key: &str) -> Option<&'a str> {
    answer.get(key)?.as_str()
}

/// An answer that there is no such thing, where another one describes it: it came from a place that had not heard of it yet.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>
fn there(mut refused: Refused) -> Refused {
    if refused.kind == RefusalKind::Absent {
        refused.kind = RefusalKind::Failed;
    }
    refused
}
