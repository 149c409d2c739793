//! What was looked for and is not among the facts: what whoever can look at AWS itself fetches next.
//!
//! Lookups keep it only after [`Graph::watch`], so that a run over files pays nothing for it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::symbol::has_symbol;
use super::{Arn, Graph};

/// Something that was looked for and is not known, or only stands in for what no input holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// What an organization imposes on an account, by its twelve digits.
    Organization(String),
    /// The event rules of an account and Region that have this target.
    EventRules {
        /// Twelve digits.
        account: String,
        /// The Region.
        region: String,
        /// The ARN of a pipeline or of an event bus.
        target: String,
    },
    /// A role by its ARN.
    Role(String),
    /// A user by its ARN.
    User(String),
    /// A group by its account and name.
    Group {
        /// Twelve digits.
        account: String,
        /// The group's name.
        name: String,
    },
    /// A managed policy by its ARN.
    Policy(String),
    /// A bucket by its name, which tells neither owner nor Region.
    Bucket(String),
    /// A key by the ARN of the key or of an alias; the Region is `*` where nothing tells it.
    Key(String),
    /// Any other resource by its ARN.
    Resource(String),
}

/// What was looked for so far.
#[derive(Debug, Default)]
pub(super) struct Asked(Option<Mutex<BTreeSet<Want>>>);

impl Graph {
    /// Keeps from now on what is looked for and not known.
    pub fn watch(&mut self) {
        self.asked = Asked(Some(Mutex::default()));
    }

    /// What was looked for since [`Graph::watch`] and is not known, in a fixed order.
    pub fn wanted(&self) -> BTreeSet<Want> {
        let asked = self.asked.0.as_ref();
        asked.map_or_else(BTreeSet::new, |asked| {
            asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
        })
    }

    /// Tells that something would be needed that no lookup by name finds: an organization, event rules.
    pub fn want(&self, want: impl FnOnce() -> Want) {
        let Some(asked) = &self.asked.0 else { return };
        let want = want();
        if want.is_exact() {
            asked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(want);
        }
    }
}

impl Want {
    /// Whether it names one thing: a pattern, or a name with unresolved parts, cannot be asked for. Nor can what is no name of its
    /// kind, since whoever looks up a role by whatever ARN is at hand means nothing by it.
    fn is_exact(&self) -> bool {
        let of_iam = |arn: &str, kind: &str| {
            Arn::parse(arn)
                .is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with(kind))
        };
        let name = match self {
            Self::Role(arn) if !of_iam(arn, "role/") => return false,
            Self::User(arn) if !of_iam(arn, "user/") => return false,
            Self::Policy(arn) if !of_iam(arn, "policy/") => return false,
            Self::Key(arn) => {
                return Arn::parse(arn).is_some_and(|arn| {
                    !has_symbol(&arn.resource) && !arn.resource.contains(['*', '?'])
                });
            }
            Self::Organization(name)
            | Self::EventRules { target: name, .. }
            | Self::Role(name)
            | Self::User(name)
            | Self::Group { name, .. }
            | Self::Policy(name)
            | Self::Bucket(name)
            | Self::Resource(name) => name,
        };
        !name.is_empty() && !has_symbol(name) && !name.contains(['*', '?', '#', '$', '<'])
    }
}
