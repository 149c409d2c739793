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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_principal_is_told_from_its_text() {
        let role = |arn: &str, session: Option<&str>| Who::Role {
            arn: arn.to_owned(),
            session: session.map(str::to_owned),
        };
        let table = [
            (
                "arn:aws:sts::111111111111:assumed-role/Build/run",
                role("arn:aws:iam::111111111111:role/Build", Some("run")),
            ),
            (
                "arn:aws-cn:iam::111111111111:role/ci/Build",
                role("arn:aws-cn:iam::111111111111:role/ci/Build", None),
            ),
            (
                "arn:aws:iam::111111111111:user/ana",
                Who::User("arn:aws:iam::111111111111:user/ana".to_owned()),
            ),
            (
                "arn:aws:sts::111111111111:federated-user/ana",
                Who::FederatedUser("arn:aws:sts::111111111111:federated-user/ana".to_owned()),
            ),
            (
                "arn:aws:iam::111111111111:root",
                Who::Root("arn:aws:iam::111111111111:root".to_owned()),
            ),
            (
                "events.amazonaws.com",
                Who::Service("events.amazonaws.com".to_owned()),
            ),
            ("anonymous", Who::Anonymous),
        ];
        for (text, who) in table {
            assert_eq!(read(text), Some(who), "{text}");
        }
        for text in [
            "",
            "*",
            "Build",
            "111111111111",
            "arn:aws:iam::111111111111:role/",
            "arn:aws:iam::111111111111:role/ci/",
            "arn:aws:iam::111111111111:group/all",
            "arn:aws:iam::1111:role/Build",
            "arn:aws:iam::111111111111:role/*",
            "arn:aws:sts::111111111111:assumed-role/Build",
            "arn:aws:sts::111111111111:assumed-role/Build/",
            "arn:aws:s3:::store",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
