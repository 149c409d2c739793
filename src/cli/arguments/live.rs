//! `--account`, and what the configuration file says in the same words: the way into an account, or the account of a Terraform
//! provider. And `--endpoint-url`, and the names of pipelines.

use std::collections::BTreeMap;

use super::stack;
use super::words::ReachWords;
use crate::cli::one_of;
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
        return match text.split_once('=') {
            // Eleven digits are no alias.
            Some((left, right)) if right.starts_with("profile:") || right.starts_with("role:") => {
                Err(format!(
                    "expected an account's 12 digits before `=`, found `{left}`"
                ))
            }
            _ => stack::alias(text).map(|(alias, id)| AccountWord::Alias(alias, id)),
        };
    };
    self::door(account, door).map(|door| AccountWord::Access(account.to_owned(), door))
}

/// Reads `profile:NAME` or `role:ARN[,external-id=ID]`, the way into an account.
pub(in crate::cli) fn door(account: &str, text: &str) -> Result<Door, String> {
    let Some((kind, rest)) = text.split_once(':') else {
        return Err(format!(
            "expected `profile:NAME` or `role:ARN` for account {account}, found `{text}`"
        ));
    };
    match kind {
        "profile" => profile(rest),
        "role" => {
            let (arn, more) = match rest.split_once(',') {
                Some((arn, more)) => (arn, Some(more)),
                None => (rest, None),
            };
            let external_id = match more.map(|more| (more, more.split_once('='))) {
                None => None,
                Some((_, Some(("external-id", id)))) => Some(id.to_owned()),
                Some((more, pair)) => {
                    let key = pair.map_or(more, |(key, _)| key);
                    return Err(format!(
                        "unknown key `{key}` behind the role: expected `external-id=ID`"
                    ));
                }
            };
            role(account, arn, external_id)
        }
        _ => Err(format!(
            "unknown way `{kind}` into account {account}: {}",
            one_of(kind, &["profile", "role"])
        )),
    }
}

/// A profile of the AWS configuration files.
pub(in crate::cli) fn profile(name: &str) -> Result<Door, String> {
    match name {
        "" => Err("the profile has no name".to_owned()),
        name => Ok(Door::Profile(name.to_owned())),
    }
}

/// A role of the account that it is to lead to.
pub(in crate::cli) fn role(
    account: &str,
    arn: &str,
    external_id: Option<String>,
) -> Result<Door, String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "iam", "", owner, name] = parts.as_slice() else {
        return Err(format!(
            "expected a role's ARN such as `arn:aws:iam::{account}:role/NAME`, found `{arn}`"
        ));
    };
    if name.strip_prefix("role/").is_none_or(str::is_empty) {
        return Err(format!("`{arn}` is no role's ARN"));
    }
    if *owner != account {
        return Err(format!(
            "`{arn}` is a role of account {owner}, and no way into {account}"
        ));
    }
    if external_id.as_deref() == Some("") {
        return Err("`external-id` has no value".to_owned());
    }
    Ok(Door::Role {
        arn: arn.to_owned(),
        external_id,
    })
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

/// The name of a pipeline, or `*`: <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html>
pub(super) fn pipeline(text: &str) -> Result<String, String> {
    let plain = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '.' | '@' | '-' | '_')
    };
    match text == "*" || !text.is_empty() && text.chars().all(plain) {
        true => Ok(text.to_owned()),
        false => Err(
            "expected a pipeline's name, or `*` alone for all of the Region; files go before `--live`, or behind `--input`"
                .to_owned(),
        ),
    }
}

/// A URL with its scheme.
pub(super) fn endpoint_url(text: &str) -> Result<String, String> {
    let rest = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    match rest {
        Some(host) if !host.is_empty() && !host.starts_with('/') => Ok(text.to_owned()),
        _ => Err("expected a URL such as `http://127.0.0.1:5000`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::222222222222:role/audit/Read";

    #[test]
    fn ways_into_accounts_are_profiles_and_roles() {
        let access = |door| Ok(AccountWord::Access("222222222222".to_owned(), door));
        assert_eq!(
            account("222222222222=profile:a b"),
            access(Door::Profile("a b".to_owned()))
        );
        let role = |external_id: Option<&str>| Door::Role {
            arn: ROLE.to_owned(),
            external_id: external_id.map(str::to_owned),
        };
        assert_eq!(
            account(&format!("222222222222=role:{ROLE}")),
            access(role(None))
        );
        assert_eq!(
            account(&format!("222222222222=role:{ROLE},external-id=a,b=c")),
            access(role(Some("a,b=c")))
        );
        let alias = AccountWord::Alias("prod".to_owned(), "222222222222".to_owned());
        assert_eq!(account("prod=222222222222"), Ok(alias));
    }

    #[test]
    fn what_leads_nowhere_is_named() {
        for (text, message) in [
            ("222222222222", "expected `ALIAS=ID`"),
            (
                "222222222222=333333333333",
                "expected `profile:NAME` or `role:ARN` for account 222222222222, found `333333333333`",
            ),
            (
                "22222222222=profile:x",
                "expected an account's 12 digits before `=`, found `22222222222`",
            ),
            (
                "222222222222=profil:x",
                "unknown way `profil` into account 222222222222: did you mean `profile`?",
            ),
            ("222222222222=profile:", "the profile has no name"),
            (
                "222222222222=role:Read",
                "expected a role's ARN such as `arn:aws:iam::222222222222:role/NAME`, found `Read`",
            ),
            (
                "222222222222=role:arn:aws:iam::222222222222:user/me",
                "`arn:aws:iam::222222222222:user/me` is no role's ARN",
            ),
            (
                "333333333333=role:arn:aws:iam::222222222222:role/Read",
                "`arn:aws:iam::222222222222:role/Read` is a role of account 222222222222, and no way into 333333333333",
            ),
            (
                "222222222222=role:arn:aws:iam::222222222222:role/Read,external_id=x",
                "unknown key `external_id` behind the role: expected `external-id=ID`",
            ),
            (
                "222222222222=role:arn:aws:iam::222222222222:role/Read,external-id=",
                "`external-id` has no value",
            ),
        ] {
            assert_eq!(account(text), Err(message.to_owned()), "{text}");
        }
        for name in ["*", "shop", "Shop_2.0@eu-west-1"] {
            assert_eq!(pipeline(name), Ok(name.to_owned()));
        }
        for name in [
            "",
            "shop*",
            "./shop.json",
            "arn:aws:codepipeline:us-east-1:111111111111:shop",
        ] {
            assert!(pipeline(name).is_err(), "{name}");
        }
        assert!(endpoint_url("https://sts.example:444/x").is_ok());
        for url in ["", "localhost:5000", "http://", "http:///x", "ftp://x"] {
            assert!(endpoint_url(url).is_err(), "{url}");
        }
    }
}
