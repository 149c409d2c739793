//! Accounts and what their organization imposes on them.

use std::collections::BTreeSet;

use super::{Arn, Graph, Policy};

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

impl Graph {
    /// The accounts of which the inputs tell anything at all, a pipeline or a refused read included.
    pub fn known_accounts(&self) -> BTreeSet<String> {
        let told = |arn: &&String| !self.stand_ins.contains_key(*arn);
        let roles = self.roles.values().filter(|role| role.assumed.is_none());
        let arns = roles
            .map(|role| &role.arn)
            .chain(self.users.keys())
            .chain(self.groups.keys())
            .chain(self.keys.keys())
            .chain(self.resources.keys().filter(told))
            .chain(self.refusals.keys());
        let policies = self
            .policies
            .values()
            .filter(|policy| policy.assumed.is_none());
        let arns = arns.chain(policies.map(|policy| &policy.arn));
        let buckets = self.buckets.values();
        let buckets = buckets.filter(|bucket| told(&&format!("arn:aws:s3:::{}", bucket.name)));
        let mut accounts: BTreeSet<String> = arns
            .filter_map(|arn| Arn::parse(arn))
            .map(|arn| arn.account)
            .collect();
        accounts.extend(buckets.filter_map(|bucket| bucket.account.clone()));
        accounts.extend(self.accounts.keys().cloned());
        accounts.extend(
            self.pipelines
                .iter()
                .map(|pipeline| pipeline.account.clone()),
        );
        accounts
    }
}
