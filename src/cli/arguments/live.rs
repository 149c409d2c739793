//! `--account`: the way into an account, or the account of a Terraform provider.

use std::collections::BTreeMap;

use super::stack;
use super::words::ReachWords;
use crate::load::aws::{Door, Reach};
use crate::load::is_account;

/// What `--account` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AccountWord {
    /// The account of a Terraform provider by its alias.
    Alias(String, String),
    /// The way into an account.
    Access(String, Door),
}

/// Reads `222222222222=profile:NAME`, `222222222222=role:ARN[,external-id=ID]` or `ALIAS=222222222222`.
pub(super) fn account(text: &str) -> Result<AccountWord, String> {
    let access = text.split_once('=').filter(|(left, _)| is_account(left));
    let Some((account, door)) = access else {
        return stack::alias(text).map(|(alias, id)| AccountWord::Alias(alias, id));
    };
    self::door(door).map(|door| AccountWord::Access(account.to_owned(), door))
}

/// Reads `profile:NAME` or `role:ARN[,external-id=ID]`.
pub(in super::super) fn door(text: &str) -> Result<Door, String> {
    match text.split_once(':') {
        Some(("profile", name)) if !name.is_empty() => Ok(Door::Profile(name.to_owned())),
        Some(("role", rest)) if rest.starts_with("arn:") => {
            let (arn, external_id) = match rest.split_once(",external-id=") {
                Some((arn, id)) => (arn, Some(id.to_owned())),
                None => (rest, None),
            };
            Ok(Door::Role {
                arn: arn.to_owned(),
                external_id,
            })
        }
        _ => Err(format!(
            "`{text}` is no way into an account: expected `profile:NAME` or `role:ARN`"
        )),
    }
}

impl ReachWords {
    pub(super) fn into_reach(self, accounts: BTreeMap<String, Door>) -> Reach {
        Reach {
            profile: self.profile,
            region: self.region,
            endpoint_url: self.endpoint_url,
            accounts,
        }
    }
}
