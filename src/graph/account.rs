//! Accounts and what their organization imposes on them.

use super::Policy;

/// One AWS account.
#[derive(Debug, Default)]
pub struct Account {
    /// Whether a complete account export was read, so that a role which is not in it does not exist.
    pub roles_complete: bool,
    /// The same for users.
    pub users_complete: bool,
    /// What the organization imposes; `None` when no input says.
    pub organization: Option<Organization>,
}

/// The organization as one account sees it.
#[derive(Debug, Default)]
pub struct Organization {
    /// `o-…`; `None` when the account is in no organization or the input does not say.
    pub id: Option<String>,
    /// The management account, whose principals no SCP binds.
    pub management_account: Option<String>,
    /// Service control policies: one list per level, root first.
    pub service_control_policies: Option<Vec<Vec<Policy>>>,
    /// Resource control policies: one list per level, root first.
    pub resource_control_policies: Option<Vec<Vec<Policy>>>,
}
