//! In which manners a principal with unresolved parts may name a caller, or any principal one that has them.

use super::Caller;
use super::principal::Identity;
use super::services::in_region;
use crate::graph::{PrincipalKind, may_be_equal};

/// The manners in which a principal may name the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Manners {
    pub(super) direct: bool,
    pub(super) role: bool,
    pub(super) account: bool,
}

/// Stands for any text, as an unknown value does; no value has this character.
const ANY: &str = "\u{FFFFD}";

pub(super) fn manners(identity: &Identity<'_>, kind: PrincipalKind, text: &str) -> Manners {
    let every = Manners {
        direct: true,
        role: true,
        account: true,
    };
    let direct = |direct| Manners {
        direct,
        ..Manners::default()
    };
    let may_be = |other: &str| may_be_equal(text, other);
    // Then it may be all that a principal can be.
    if may_be("*") {
        return every;
    }
    match (kind, identity.caller) {
        (PrincipalKind::Service, Caller::Service(name)) => {
            let regional = in_region(name, ANY);
            direct(may_be(name) || regional.is_some_and(|regional| may_be(&regional)))
        }
        (PrincipalKind::Aws, caller) if identity.has_account() => {
            let own = identity.arn;
            let (partition, account, name) = own.map_or((ANY, ANY, ANY), |arn| {
                (arn.partition, arn.account, arn.name())
            });
            let whole = may_be(&format!("arn:{partition}:iam::{account}:root"))
                || !text.starts_with("arn:") && may_be(account);
            let itself = may_be(identity.written());
            let user = || may_be(&format!("arn:{partition}:iam::{account}:user/{ANY}{name}"));
            let session = |session: &str| {
                may_be(&format!(
                    "arn:{partition}:sts::{account}:assumed-role/{name}/{session}"
                ))
            };
            match caller {
                Caller::Role { session: known, .. } => Manners {
                    direct: session(known.as_deref().unwrap_or(ANY)),
                    role: itself,
                    account: whole,
                },
                Caller::FederatedUser(_) => Manners {
                    direct: itself,
                    role: user(),
                    account: whole,
                },
                Caller::User(_) => Manners {
                    direct: itself,
                    role: false,
                    account: whole,
                },
                Caller::Root(_) => direct(itself || whole),
                Caller::Service(_) | Caller::Anonymous => Manners::default(),
            }
        }
        _ => Manners::default(),
    }
}
