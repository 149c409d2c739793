//! `accounts` of the configuration file: accounts behind aliases, and ways into accounts.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::words::Scalar;
use crate::cli::arguments::{live as words, stack};
use crate::load::aws::Door;
use crate::load::is_account;

/// Accounts behind aliases, and ways into accounts.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    pub(super) aliases: BTreeMap<String, String>,
    pub(super) doors: BTreeMap<String, Door>,
}

/// A way into an account: a profile, or a role and what its trust policy demands.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Way"))]
#[serde(deny_unknown_fields)]
pub(super) struct DoorWords {
    /// A profile of the AWS configuration files.
    profile: Option<Scalar>,
    /// A role of that account, which is assumed with the first credentials.
    role: Option<Scalar>,
    /// What the role's trust policy demands as `sts:ExternalId`.
    #[serde(rename = "external-id")]
    external_id: Option<Scalar>,
}

impl<'de> Deserialize<'de> for Accounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AccountsVisitor)
    }
}

struct AccountsVisitor;

impl<'de> Visitor<'de> for AccountsVisitor {
    type Value = Accounts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of accounts, or of aliases")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Accounts, A::Error> {
        let mut accounts = Accounts::default();
        while let Some(Scalar(key)) = members.next_key()? {
            if is_account(&key) {
                let door = members.next_value_seed(Way { account: &key })?;
                accounts.doors.insert(key, door);
            } else {
                let id = members.next_value_seed(Alias(&key))?;
                accounts.aliases.insert(key, id);
            }
        }
        Ok(accounts)
    }
}

/// The account behind this alias.
struct Alias<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Alias<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Alias<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account's 12 digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        stack::account(text).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<String, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(de::Error::custom(format!(
            "`{}` is no account's 12 digits, by which a way into an account stands",
            self.0
        )))
    }
}

/// The way into this account, as on the command line or as a map.
struct Way<'a> {
    account: &'a str,
}

impl<'de> DeserializeSeed<'de> for Way<'_> {
    type Value = Door;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Door, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Way<'_> {
    type Value = Door;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`profile: NAME` or `role: ARN`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Door, E> {
        words::door(self.account, text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Door, A::Error> {
        let words = DoorWords::deserialize(MapAccessDeserializer::new(members))?;
        let external_id = words.external_id.map(|Scalar(id)| id);
        let door = match (words.profile, words.role) {
            (Some(Scalar(name)), None) if external_id.is_none() => words::profile(&name),
            (None, Some(Scalar(arn))) => words::role(self.account, &arn, external_id),
            (Some(_), None) => Err("`external-id` belongs to a `role`".to_owned()),
            _ => Err(format!(
                "expected one of `profile` and `role` for account {}",
                self.account
            )),
        };
        door.map_err(de::Error::custom)
    }
}
