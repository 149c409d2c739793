//! The table of calls as policies: what the tool needs in an account, and what the sessions that it begins may do.

use super::calls::{CALLS, Call, WhereNeeded};

/// Whose account a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The account of the pipelines.
    Pipeline,
    /// Every other account that a pipeline reaches into.
    Other,
    /// The organization's management account, or one that it delegates its policies to: what these take.
    Management,
}

/// The permissions that the tool needs in an account, in their order.
pub fn permissions(whose: Whose) -> Vec<&'static str> {
    let mut needed: Vec<&str> = CALLS
        .iter()
        .filter(|call| whose.needs(call))
        .map(|call| call.permission)
        .collect();
    needed.sort_unstable();
    needed.dedup();
    needed
}

impl Whose {
    fn needs(self, call: &Call) -> bool {
        match (self, call.where_needed) {
            (_, WhereNeeded::Nowhere) => false,
            (Self::Management, _) => call.permission.starts_with("organizations:"),
            (_, WhereNeeded::Everywhere) | (Self::Pipeline, WhereNeeded::Pipeline) => true,
            (Self::Pipeline | Self::Other, _) => false,
        }
    }
}

/// What the session of an assumed role may do at most, whatever the role may: every call of the table and nothing else.
///
/// AWS takes 2,048 characters: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[cfg(feature = "live")]
pub(super) fn session_policy() -> String {
    let mut actions = permissions(Whose::Pipeline);
    actions.extend(permissions(Whose::Management));
    actions.sort_unstable();
    actions.dedup();
    let actions = actions.join("\",\"");
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["{actions}"],"Resource":"*"}}]}}"#
    )
}

#[cfg(all(test, feature = "live"))]
mod tests {
    use super::*;

    #[test]
    fn the_session_policy_holds_every_call_and_fits() {
        let policy = session_policy();
        assert!(policy.len() <= 2048, "{} characters", policy.len());
        let read: serde_json::Value = serde_json::from_str(&policy).unwrap();
        let actions = read["Statement"][0]["Action"].as_array().unwrap();
        for call in CALLS {
            let held = actions.iter().any(|action| action == call.permission);
            assert_eq!(
                held,
                call.where_needed != WhereNeeded::Nowhere,
                "{}",
                call.permission
            );
        }
        assert!(!policy.contains('*') || policy.matches('*').count() == 1);
    }
}
