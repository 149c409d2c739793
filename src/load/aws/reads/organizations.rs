//! What organizations impose on accounts: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html>
//!
//! Any member may ask which organization it is in; only the management account, and accounts that it delegates to, may see policies.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::PolicyType;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::super::calls::{
    DESCRIBE_ORGANIZATION, DESCRIBE_POLICY, LIST_PARENTS, LIST_POLICIES_FOR_TARGET,
};
use super::super::session::{Session, Sessions, client};
use super::iam::document;
use super::{Gathered, text, there};
use crate::graph::RefusalKind;
use crate::load::{Refused, SnapshotFile};

/// More levels than any organization has: a root, five of units, and the account.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const MOST_LEVELS: usize = 16;

const SERVICE: &str = "ServiceControlPolicies";
const RESOURCE: &str = "ResourceControlPolicies";

/// Reads the policies above an account, root first.
pub(super) async fn policies(sessions: &Sessions, account: &str) -> Vec<SnapshotFile> {
    let mut gathered = Gathered::default();
    let mut organization = None;
    let own = sessions.of(account);
    if let Some(session) = own {
        match described(sessions, session).await {
            Ok(told) => organization = Some(told),
            Err(refused) if refused.kind == RefusalKind::Absent => {
                gathered.put("OrganizationId", Ok(Value::Null));
                return vec![unbound(gathered).file(&segments(account), &name(account))];
            }
            Err(refused) => gathered.refused.push(refused),
        }
    }
    if organization
        .as_ref()
        .is_some_and(|told| !binds(told, account))
    {
        gathered = unbound(gathered);
    } else {
        let management = organization.as_ref().and_then(management_of);
        match reader(sessions, account, management).await {
            Ok((session, targets)) => {
                if organization.is_none() {
                    organization = described(sessions, session).await.ok();
                }
                let reading = Reading {
                    sessions,
                    session,
                    targets,
                };
                let (service, resource) = futures_util::join!(
                    reading.imposed(PolicyType::ServiceControlPolicy),
                    reading.imposed(PolicyType::ResourceControlPolicy),
                );
                gathered.put(SERVICE, service);
                gathered.put(RESOURCE, resource);
            }
            // Nobody gave access to that account, or to one that may look at it.
            Err(_) if own.is_none() => return Vec::new(),
            Err(refused) => gathered.refused.extend(refused),
        }
    }
    if let Some(told) = &organization {
        gathered.put("OrganizationId", Ok(member(told, "Id")));
        gathered.put("ManagementAccountId", Ok(member(told, "MasterAccountId")));
    }
    // Whoever looks for what is not known of an account knows nothing of the units above it.
    gathered.refused = gathered
        .refused
        .into_iter()
        .map(|refused| about(account, refused))
        .collect();
    vec![gathered.file(&segments(account), &name(account))]
}

fn about(account: &str, refused: Refused) -> Refused {
    Refused {
        subject: account.to_owned(),
        ..there(refused)
    }
}

fn segments(account: &str) -> [&str; 2] {
    [account, "organizations"]
}

fn name(account: &str) -> String {
    format!("organization of {account}")
}

/// An account on which nobody imposes anything.
fn unbound(mut gathered: Gathered) -> Gathered {
    for member in [SERVICE, RESOURCE] {
        gathered.put(member, Ok(json!([])));
    }
    gathered
}

/// Neither kind of policy binds the management account, and one that only pays its members' bills can impose none.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>,
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_getting-started_concepts.html>
fn binds(organization: &Value, account: &str) -> bool {
    text(organization, "FeatureSet") != Some("CONSOLIDATED_BILLING")
        && management_of(organization) != Some(account)
}

fn management_of(organization: &Value) -> Option<&str> {
    text(organization, "MasterAccountId")
}

/// The organization of a session's account.
async fn described(sessions: &Sessions, session: &Session) -> Result<Value, Refused> {
    let ask = async {
        let client = client!(session, aws_sdk_organizations, session.region());
        let send = |body| {
            client
                .describe_organization()
                .customize()
                .interceptor(body)
                .send()
        };
        let account = &session.account;
        let answer = session.json(DESCRIBE_ORGANIZATION, account, send).await?;
        Ok(member(&answer, "Organization"))
    };
    let question = format!("organization of {}", session.account);
    sessions.memo.once(question, ask).await
}

/// Who may see what is above an account, and that: the root, the units, and the account itself.
async fn reader<'a>(
    sessions: &'a Sessions,
    account: &str,
    management: Option<&str>,
) -> Result<(&'a Session, Vec<String>), Option<Refused>> {
    let mut order: Vec<&Session> = Vec::new();
    let likely = [management, Some(account)].into_iter().flatten();
    let likely = likely.filter_map(|account| sessions.of(account));
    for session in likely.chain(sessions.all()) {
        if order.iter().all(|known| known.account != session.account) {
            order.push(session);
        }
    }
    let mut first = None;
    for session in order {
        // What it may see of itself tells whether it may see anything, and is asked once for all accounts.
        let answer = match parent(sessions, session, &session.account).await {
            Ok(_) => targets(sessions, session, account).await,
            Err(refused) => Err(refused),
        };
        match answer {
            Ok(targets) => return Ok((session, targets)),
            Err(refused) => first = first.or(Some(refused)),
        }
    }
    Err(first)
}

/// The root, the units below it, and the account.
async fn targets(
    sessions: &Sessions,
    session: &Session,
    account: &str,
) -> Result<Vec<String>, Refused> {
    let mut targets = vec![account.to_owned()];
    let mut last = account.to_owned();
    while !last.starts_with("r-") && targets.len() < MOST_LEVELS {
        last = parent(sessions, session, &last).await?;
        targets.push(last.clone());
    }
    targets.reverse();
    Ok(targets)
}

/// The one parent that an account or a unit has.
async fn parent(sessions: &Sessions, session: &Session, child: &str) -> Result<String, Refused> {
    let ask = async {
        let client = client!(session, aws_sdk_organizations, session.region());
        let mut token = None;
        loop {
            let call = client.list_parents().child_id(child).set_next_token(token);
            let send = |body| call.customize().interceptor(body).send();
            let page = session.json(LIST_PARENTS, child, send).await?;
            token = next(&page);
            let parent = page.pointer("/Parents/0/Id").cloned().unwrap_or_default();
            if parent.is_string() {
                return Ok(parent);
            }
            if token.is_none() {
                return Err(Refused {
                    operation: LIST_PARENTS.permission,
                    subject: child.to_owned(),
                    kind: RefusalKind::Failed,
                    code: "no parent".to_owned(),
                    message: format!("AWS names nothing above `{child}`"),
                });
            }
        }
    };
    let question = format!("parent of {child} by {}", session.account);
    let parent = sessions.memo.once(question, ask).await?;
    Ok(parent.as_str().unwrap_or_default().to_owned())
}

fn member(answer: &Value, key: &str) -> Value {
    answer.get(key).cloned().unwrap_or_default()
}

/// Where the next page begins; a page may be empty and another one follow all the same.
fn next(page: &Value) -> Option<String> {
    text(page, "NextToken").map(str::to_owned)
}

/// Who reads, and the levels above an account.
struct Reading<'a> {
    sessions: &'a Sessions,
    session: &'a Session,
    targets: Vec<String>,
}

impl Reading<'_> {
    fn client(&self) -> Client {
        client!(self.session, aws_sdk_organizations, self.session.region())
    }

    /// The policies of one kind, one list for each level.
    async fn imposed(&self, kind: PolicyType) -> Result<Value, Refused> {
        let attached = self
            .targets
            .iter()
            .map(|target| self.attached(&kind, target));
        let attached: Vec<Vec<String>> = all(attached).await?;
        let levels = attached
            .iter()
            .map(|ids| all(ids.iter().map(|id| self.policy(id))));
        Ok(told(all(levels).await?))
    }

    /// The ids of what is attached to a target.
    async fn attached(&self, kind: &PolicyType, target: &str) -> Result<Vec<String>, Refused> {
        let ask = async {
            let client = self.client();
            let mut ids: Vec<Value> = Vec::new();
            let mut token = None;
            loop {
                let call = client.list_policies_for_target().target_id(target);
                let call = call.filter(kind.clone()).set_next_token(token);
                let send = |body| call.customize().interceptor(body).send();
                let page = self
                    .session
                    .json(LIST_POLICIES_FOR_TARGET, target, send)
                    .await?;
                token = next(&page);
                let policies = page.get("Policies").and_then(Value::as_array);
                ids.extend(policies.into_iter().flatten().map(|one| member(one, "Id")));
                if token.is_none() {
                    return Ok(ids.into());
                }
            }
        };
        let question = format!("{kind} of {target} by {}", self.session.account);
        let ids = self.sessions.memo.once(question, ask).await?;
        let ids = ids.as_array().into_iter().flatten();
        let mut ids: Vec<String> = ids
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect();
        ids.sort();
        Ok(ids)
    }

    async fn policy(&self, id: &str) -> Result<Value, Refused> {
        let ask = async {
            let client = self.client();
            let call = client.describe_policy().policy_id(id);
            let send = |body| call.customize().interceptor(body).send();
            let answer = self.session.json(DESCRIBE_POLICY, id, send).await?;
            Ok(described_policy(&member(&answer, "Policy")))
        };
        let question = format!("policy {id} by {}", self.session.account);
        self.sessions.memo.once(question, ask).await
    }
}

async fn all<T>(
    reads: impl Iterator<Item = impl Future<Output = Result<T, Refused>>>,
) -> Result<Vec<T>, Refused> {
    join_all(reads).await.into_iter().collect()
}

/// Everything that policies of a kind are enabled for has at least one of them, so a level without any shows that the kind is not
/// enabled: that is no denial.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html>,
/// <https://docs.aws.amazon.com/organizations/latest/userguide/disable-policy-type.html>
fn told(levels: Vec<Vec<Value>>) -> Value {
    let levels = levels.into_iter().filter(|level| !level.is_empty());
    levels.map(Value::from).collect()
}

/// The members that matter of `describe-policy`'s answer, its document as a tree.
fn described_policy(policy: &Value) -> Value {
    let summary = &member(policy, "PolicySummary");
    json!({
        "Id": member(summary, "Id"),
        "Arn": member(summary, "Arn"),
        "Name": member(summary, "Name"),
        "Content": text(policy, "Content").map(document),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_without_policies_denies_nothing() {
        let policy = json!({ "Name": "FullAWSAccess" });
        assert_eq!(told(vec![Vec::new(), Vec::new()]), json!([]));
        let levels = vec![vec![policy.clone()], Vec::new(), vec![policy.clone()]];
        assert_eq!(told(levels), json!([[policy], [policy]]));
    }

    #[test]
    fn the_management_account_and_those_that_share_bills_are_bound_by_nothing() {
        let organization = |features: &str| json!({ "Id": "o-a1b2c3d4e5", "MasterAccountId": "333333333333", "FeatureSet": features });
        assert!(binds(&organization("ALL"), "222222222222"));
        assert!(!binds(&organization("ALL"), "333333333333"));
        assert!(!binds(
            &organization("CONSOLIDATED_BILLING"),
            "222222222222"
        ));
    }

    #[test]
    fn a_policy_is_kept_by_its_name_and_with_its_document_as_a_tree() {
        let answer = json!({
            "PolicySummary": {
                "Id": "p-a1b2c3d4",
                "Arn": "arn:aws:organizations::333333333333:policy/o-a1b2c3d4e5/service_control_policy/p-a1b2c3d4",
                "Name": "DenyUsers",
                "Type": "SERVICE_CONTROL_POLICY",
                "AwsManaged": false,
            },
            "Content": r#"{"Version":"2012-10-17","Statement":[]}"#,
        });
        let expected = json!({
            "Id": "p-a1b2c3d4",
            "Arn": "arn:aws:organizations::333333333333:policy/o-a1b2c3d4e5/service_control_policy/p-a1b2c3d4",
            "Name": "DenyUsers",
            "Content": { "Version": "2012-10-17", "Statement": [] },
        });
        assert_eq!(described_policy(&answer), expected);
    }
}
