//! Values of a template that are none: an empty account, a placeholder where an ARN has to stand.
//!
//! A parameter's default is often only a stand-in (`TOOLS_ACCOUNT_ID`, or nothing at all), which AWS would refuse, so
//! nobody deploys it. Each becomes a value that is not known, named by what is written.

use crate::graph::{Symbol, Symbols, has_symbol};
use crate::load::Warning;
use crate::load::hint::is_account;
use crate::source::{Made, MadeValue, Origin};

/// Accounts in ARNs that are no accounts of customers.
const OF_AWS: &[&str] = &["aws", "cloudfront", "aws-marketplace"];

/// Services whose ARNs always name an account.
const WITH_ACCOUNT: &[&str] = &["iam", "sts", "kms"];

/// What makes unknown values of placeholders, for one stack.
pub(super) struct Open<'s> {
    /// All unresolved values.
    pub(super) symbols: &'s mut Symbols,
    /// What is dubious.
    pub(super) warnings: &'s mut Vec<Warning>,
    /// The stack's title.
    pub(super) stack: &'s str,
}

impl Open<'_> {
    /// The value that a placeholder stands for; the same placeholder of the same stack stands for the same.
    pub(super) fn symbol(&mut self, key: &str, name: &str, what: String, origin: Origin) -> String {
        let key = format!("placeholder {} {key}", self.stack);
        let symbol = self.symbols.unknown(&key, || Symbol {
            name: name.to_owned(),
            what,
            supply: "give the parameter behind it a value, with `--assume NAME=VALUE` or in a parameters file"
                .to_owned(),
            origin,
        });
        symbol.to_string()
    }

    /// An ARN without a usable account gets an unknown one; every other text is left alone.
    pub(super) fn arn(&mut self, text: &str, origin: Origin) -> Option<String> {
        let rest = text.strip_prefix("arn:")?;
        let mut parts = rest.splitn(5, ':');
        let (partition, service, region) = (parts.next()?, parts.next()?, parts.next()?);
        let (account, resource) = (parts.next()?, parts.next()?);
        let wildcard = account.contains(['*', '?', '$']);
        let right = is_account(account) || has_symbol(account) || OF_AWS.contains(&account);
        let lacks = if account.is_empty() {
            WITH_ACCOUNT.contains(&service)
        } else {
            !right && !wildcard
        };
        if !lacks {
            return None;
        }
        let (key, name) = if account.is_empty() {
            (text, "account")
        } else {
            (account, account)
        };
        let what = format!(
            "the account in `{}` of `{}`, which is none",
            self.symbols.shown(text),
            self.stack
        );
        let symbol = self.symbol(key, name, what, origin);
        Some(format!(
            "arn:{partition}:{service}:{region}:{symbol}:{resource}"
        ))
    }

    /// A copy in which every ARN has an account that may be one.
    pub(super) fn copy(&mut self, made: &Made) -> Made {
        let value = match &made.value {
            MadeValue::Text(text) => {
                let arn = self.arn(text, made.at);
                MadeValue::Text(arn.unwrap_or_else(|| text.clone()))
            }
            MadeValue::List(items) => {
                MadeValue::List(items.iter().map(|item| self.copy(item)).collect())
            }
            MadeValue::Map(members) => {
                let members = members.iter();
                let copied =
                    members.map(|(key, place, value)| (key.clone(), *place, self.copy(value)));
                MadeValue::Map(copied.collect())
            }
            value => value.clone(),
        };
        Made {
            value,
            at: made.at,
            also: made.also,
        }
    }

    /// What stands instead of a text that AWS does not take: an empty one, or no ARN of a role.
    pub(super) fn instead(&mut self, text: &str, name: &str, made: &Made) -> Made {
        let shown = if text.is_empty() { name } else { text };
        let what = if text.is_empty() {
            format!("the value of `{name}` of `{}`, which is empty", self.stack)
        } else {
            format!("the value `{text}` of `{name}` of `{}`", self.stack)
        };
        // Two empty texts stand for the same only when one parameter is behind both.
        let key = if text.is_empty() {
            format!("empty {:?}", made.also.unwrap_or(made.at))
        } else {
            text.to_owned()
        };
        let symbol = self.symbol(&key, shown, what, made.at);
        Made {
            value: MadeValue::Text(symbol),
            at: made.at,
            also: made.also,
        }
    }
}

/// Whether a value is a text that tells nothing of itself: a list or map that is not known.
pub(super) fn is_open(made: &Made) -> bool {
    made.scalar().is_some_and(has_symbol)
}
