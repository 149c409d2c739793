//! Who calls in a case, told from one text.

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A session of a role.
    Role {
        /// The role's ARN.
        arn: String,
        /// The session's name; `None` where nobody knows it.
        session: Option<String>,
    },
    /// An IAM user by ARN.
    User(String),
    /// A federated session by ARN.
    FederatedUser(String),
    /// The root user of an account, by ARN.
    Root(String),
    /// An AWS service.
    Service(String),
    /// Nobody in particular.
    Anonymous,
}

/// What a principal looks like.
pub(super) const EXPECTED: &str = "expected the ARN of a role, a session (`arn:aws:sts::111111111111:assumed-role/Role/session`), \
     a user, a federated user or an account's root, a service such as `codepipeline.amazonaws.com`, or `anonymous`";

/// Reads a principal; `None` when the text is none.
///
/// ARNs: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
pub(super) fn read(text: &str) -> Option<Who> {
    if text == "anonymous" {
        return Some(Who::Anonymous);
    }
    let Some(rest) = text.strip_prefix("arn:") else {
        let service = text.contains('.') && !text.contains([':', '/', '*', '?', ' ']);
        return service.then(|| Who::Service(text.to_owned()));
    };
    let mut parts = rest.splitn(5, ':');
    let (partition, service, _region) = (parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    if !super::super::hint::is_account(account) || text.contains(['*', '?']) {
        return None;
    }
    let named = |name: &str| !name.is_empty() && !name.ends_with('/');
    match (service, resource.split_once('/')) {
        ("sts", Some(("assumed-role", session))) => {
            let (role, session) = session.split_once('/')?;
            (named(role) && named(session)).then(|| Who::Role {
                arn: format!("arn:{partition}:iam::{account}:role/{role}"),
                session: Some(session.to_owned()),
            })
        }
        ("sts", Some(("federated-user", name))) if named(name) => {
            Some(Who::FederatedUser(text.to_owned()))
        }
        ("iam", Some(("role", name))) if named(name) => Some(Who::Role {
            arn: text.to_owned(),
            session: None,
        }),
        ("iam", Some(("user", name))) if named(name) => Some(Who::User(text.to_owned())),
        ("iam", None) if resource == "root" => Some(Who::Root(text.to_owned())),
        _ => None,
    }
}
