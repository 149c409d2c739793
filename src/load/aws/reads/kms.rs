//! Keys: <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>

use serde_json::{Value, json};

use super::super::calls::{DESCRIBE_KEY, GET_KEY_POLICY, LIST_ALIASES, LIST_GRANTS};
use super::super::session::{Session, Sessions, client};
use super::iam::document;
use super::{Gathered, paged, text};
use crate::graph::{Arn, RefusalKind};
use crate::load::{Refused, SnapshotFile};

/// Reads a key by the ARN of the key or of an alias; a Region `*` is the session's.
pub(super) async fn key(sessions: &Sessions, session: &Session, arn: &str) -> Vec<SnapshotFile> {
    let Some(mut named) = Arn::parse(arn).filter(|arn| arn.service == "kms") else {
        return Vec::new();
    };
    // AWS's own keys, of which nobody but AWS may change anything, are told by their alias alone.
    if named.resource.starts_with("alias/aws/") {
        return Vec::new();
    }
    let is_guessed = named.region == "*";
    if is_guessed {
        session.region().clone_into(&mut named.region);
    }
    let name = named.to_string();
    let client = client!(session, aws_sdk_kms, &named.region);
    let asked = Asked {
        sessions,
        session,
        client: &client,
        subject: arn,
    };
    // Only `DescribeKey` takes an alias.
    let (described, rest) = match named.resource.starts_with("key/") {
        true => {
            let (described, rest) = futures_util::join!(asked.described(&name), asked.rest(&name));
            (described, Some(rest))
        }
        false => (asked.described(&name).await, None),
    };
    let member = |key: &str| text(described.as_ref().ok()?, key).map(str::to_owned);
    let key = member("Arn").unwrap_or(name);
    let own = key.rsplit('/').next().unwrap_or_default();
    let id = match &described {
        // An alias may have the name that another key has as its id.
        Err(_) if rest.is_none() => named.resource.as_str(),
        _ => own,
    };
    let segments = [session.account.as_str(), named.region.as_str(), "kms", id];
    let mut gathered = Gathered::default();
    match described {
        Err(mut refused) if rest.is_none() || refused.kind == RefusalKind::Absent => {
            if is_guessed && refused.kind == RefusalKind::Absent {
                refused.kind = RefusalKind::Failed;
                refused.message = format!(
                    "{}; nothing tells the Region, and {} was looked at",
                    refused.message, named.region
                );
            }
            gathered.refused.push(refused);
            return vec![gathered.file(&segments, arn)];
        }
        described => gathered.put("KeyMetadata", described),
    }
    let rest = match rest {
        Some(rest) => rest,
        None => {
            let asked = Asked {
                subject: &key,
                ..asked
            };
            asked.rest(&key).await
        }
    };
    let [policy, grants, aliases] = rest;
    gathered.put_part("Policy", policy);
    gathered.put_part("Grants", grants);
    gathered.put_part("Aliases", aliases);
    vec![gathered.file(&segments, &key)]
}

/// Who asks, and what about.
struct Asked<'a> {
    sessions: &'a Sessions,
    session: &'a Session,
    client: &'a aws_sdk_kms::Client,
    subject: &'a str,
}

impl Asked<'_> {
    async fn described(&self, key: &str) -> Result<Value, Refused> {
        let send = |body| {
            self.client
                .describe_key()
                .key_id(key)
                .customize()
                .interceptor(body)
                .send()
        };
        let mut answer = self.session.json(DESCRIBE_KEY, self.subject, send).await?;
        Ok(taken(&mut answer, "KeyMetadata"))
    }

    /// Policy, grants and aliases: once, though one pipeline names the key by its ARN and another one by its alias.
    async fn rest(&self, key: &str) -> [Result<Value, Refused>; 3] {
        let memo = &self.sessions.memo;
        let rest = futures_util::join!(
            memo.once(format!("policy of {key}"), self.policy(key)),
            memo.once(format!("grants of {key}"), self.grants(key)),
            memo.once(format!("aliases of {key}"), self.aliases(key)),
        );
        rest.into()
    }

    async fn policy(&self, key: &str) -> Result<Value, Refused> {
        // There is no other one: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
        let send = |body| {
            self.client
                .get_key_policy()
                .key_id(key)
                .policy_name("default")
                .customize()
                .interceptor(body)
                .send()
        };
        let answer = self
            .session
            .json(GET_KEY_POLICY, self.subject, send)
            .await?;
        Ok(text(&answer, "Policy").map(document).into())
    }

    async fn grants(&self, key: &str) -> Result<Value, Refused> {
        let grants = paged(async |marker| {
            let send = |body| {
                self.client
                    .list_grants()
                    .key_id(key)
                    .set_marker(marker)
                    .customize()
                    .interceptor(body)
                    .send()
            };
            let page = self.session.json(LIST_GRANTS, self.subject, send).await?;
            Ok((next(&page), items(page, "Grants")))
        });
        Ok(ordered(grants.await?, "GrantId"))
    }

    async fn aliases(&self, key: &str) -> Result<Value, Refused> {
        let aliases = paged(async |marker| {
            let send = |body| {
                self.client
                    .list_aliases()
                    .key_id(key)
                    .set_marker(marker)
                    .customize()
                    .interceptor(body)
                    .send()
            };
            let page = self.session.json(LIST_ALIASES, self.subject, send).await?;
            Ok((next(&page), items(page, "Aliases")))
        });
        Ok(ordered(aliases.await?, "AliasName"))
    }
}

/// Where the next page begins: <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>
fn next(page: &Value) -> Option<String> {
    let more = page.get("Truncated").and_then(Value::as_bool) == Some(true);
    let marker = text(page, "NextMarker").filter(|_| more)?;
    Some(marker.to_owned())
}

fn taken(answer: &mut Value, member: &str) -> Value {
    answer.get_mut(member).map(Value::take).unwrap_or_default()
}

/// The list that a page holds.
fn items(mut page: Value, member: &str) -> Vec<Value> {
    match taken(&mut page, member) {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

/// AWS lists them in no particular order.
fn ordered(mut items: Vec<Value>, key: &str) -> Value {
    items.sort_by(|one, other| text(one, key).cmp(&text(other, key)));
    json!(items)
}
