//! Whom a `Principal` or `NotPrincipal` element names, and in which manner: directly, as a role, or as an account.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use super::named::{Manners, manners};
use super::parts::Parts;
use super::services::regional_name;
use super::symbol::{Open, missing, open_in};
use super::tri::{Facts, Reasons, Tri};
use super::{Caller, Context, ContextValue, LayerName, Missing};
use crate::graph::{Principal, PrincipalKind, Principals, account_in, has_symbol, may_be_equal};

/// The caller with what its ARN says.
#[derive(Debug)]
pub(super) struct Identity<'a> {
    pub(super) caller: &'a Caller,
    pub(super) arn: Option<Parts<'a>>,
    /// Whether what a policy would write has unresolved parts.
    symbolic: bool,
}

/// A `Principal` or `NotPrincipal` element that was read.
#[derive(Debug)]
pub(super) struct Subjects<'a> {
    not: bool,
    any_of: Vec<Subject<'a>>,
}

#[derive(Debug)]
struct Subject<'a> {
    kind: PrincipalKind,
    text: &'a str,
    arn: Option<Parts<'a>>,
    symbolic: bool,
}

impl<'a> Subjects<'a> {
    pub(super) fn of(principals: &'a Principals) -> Self {
        let subject = |principal: &'a Principal| {
            let text = principal.value.text.as_str();
            Subject {
                kind: principal.kind,
                text,
                arn: Parts::of(text),
                symbolic: has_symbol(text),
            }
        };
        Self {
            not: principals.not,
            any_of: principals.any_of.iter().map(subject).collect(),
        }
    }
}

/// In which manner an Allow reaches the caller; each limits it differently.
#[derive(Debug, Clone, Copy)]
pub(super) struct Admission<F = Facts> {
    /// `*`, the user, the session, the service: nothing else is needed in the own account.
    pub(super) direct: Tri<F>,
    /// The role of the session: limited by boundary and session policy.
    pub(super) by_role: Tri<F>,
    /// The account as a whole: its administrators may grant.
    pub(super) by_account: Tri<F>,
}

/// How one written principal names the caller.
enum Named {
    Nobody,
    Direct,
    Role,
    Account,
    /// Perhaps in this manner.
    Perhaps(&'static Self, Missing),
    /// Perhaps in some of these manners, which hangs on unresolved values.
    Open(Manners, Open),
}

impl<'a> Identity<'a> {
    pub(super) fn new(caller: &'a Caller) -> Self {
        let arn = match caller {
            Caller::Role { arn, .. }
            | Caller::User(arn)
            | Caller::FederatedUser(arn)
            | Caller::Root(arn) => Parts::of(arn),
            Caller::Service(_) | Caller::Anonymous => None,
        };
        let symbolic = match caller {
            Caller::Role { arn, session } => {
                has_symbol(arn) || session.as_deref().is_some_and(has_symbol)
            }
            Caller::User(text)
            | Caller::FederatedUser(text)
            | Caller::Root(text)
            | Caller::Service(text) => has_symbol(text),
            Caller::Anonymous => false,
        };
        Self {
            caller,
            arn,
            symbolic,
        }
    }

    /// The caller's account; `None` for services, for anonymous callers, and where the ARN does not tell.
    pub(super) fn account(&self) -> Option<&str> {
        match self.arn {
            Some(arn) => Some(arn.account),
            None if self.symbolic => account_in(self.written()),
            None => None,
        }
    }

    /// Whether it is a user or a session, so that identity policies, boundaries and service control policies exist for it.
    pub(super) fn has_account(&self) -> bool {
        !matches!(self.caller, Caller::Service(_) | Caller::Anonymous)
    }

    /// What a policy would write to name the caller.
    pub(super) fn written(&self) -> &str {
        match self.caller {
            Caller::Role { arn, .. }
            | Caller::User(arn)
            | Caller::FederatedUser(arn)
            | Caller::Root(arn) => arn,
            Caller::Service(name) => name,
            Caller::Anonymous => "*",
        }
    }

    fn names_account(&self, written: &Subject<'_>) -> bool {
        self.arn.is_some_and(|arn| {
            written.text == arn.account
                || written.arn.is_some_and(|other| {
                    other.service == "iam"
                        && other.resource == "root"
                        && other.account == arn.account
                        && other.partition == arn.partition
                })
        })
    }

    /// The session name that a principal gives to a session of the caller's role.
    fn session_of_role<'t>(&self, written: &'t str) -> Option<&'t str> {
        let arn = self.arn?;
        let start = [
            "arn:",
            arn.partition,
            ":sts::",
            arn.account,
            ":assumed-role/",
            arn.name(),
            "/",
        ];
        let mut parts = start.into_iter();
        parts.try_fold(written, |rest, part| rest.strip_prefix(part))
    }

    /// Whether this is the IAM user from whom a federated session comes.
    fn is_federating_user(&self, written: &Subject<'_>) -> bool {
        let Some(arn) = self.arn else { return false };
        written.arn.is_some_and(|user| {
            user.service == "iam"
                && user.partition == arn.partition
                && user.account == arn.account
                && user.resource.starts_with("user/")
                && user.name() == arn.name()
        })
    }

    fn named(&self, written: &Subject<'_>, context: &Context) -> Named {
        let certain = self.certainly_named(written, context);
        match certain {
            Named::Nobody if self.symbolic || written.symbolic => {
                let manners = manners(self, written.kind, written.text);
                match manners == Manners::default() {
                    true => Named::Nobody,
                    false => Named::Open(manners, open_in([written.text, self.written()])),
                }
            }
            certain => certain,
        }
    }

    /// Of texts with unresolved parts, which are equal to themselves only.
    fn certainly_named(&self, written: &Subject<'_>, context: &Context) -> Named {
        match written.kind {
            PrincipalKind::Aws => self.named_aws(written),
            PrincipalKind::Service => match self.caller {
                Caller::Service(name) => named_service(name, written.text, context),
                _ => Named::Nobody,
            },
            // The id cannot be turned into an account number without asking AWS.
            PrincipalKind::CanonicalUser if self.has_account() => {
                Named::Perhaps(&Named::Account, Missing::CanonicalUser)
            }
            PrincipalKind::CanonicalUser | PrincipalKind::Federated => Named::Nobody,
        }
    }

    fn named_aws(&self, written: &Subject<'_>) -> Named {
        let text = written.text;
        if text == "*" {
            return Named::Direct;
        }
        if let Caller::Root(_) = self.caller
            && self.names_account(written)
        {
            return Named::Direct;
        }
        if self.names_account(written) {
            return Named::Account;
        }
        match self.caller {
            Caller::User(arn) | Caller::FederatedUser(arn) if arn == text => Named::Direct,
            Caller::FederatedUser(_) if self.is_federating_user(written) => Named::Role,
            Caller::Role { arn, .. } if arn == text => Named::Role,
            Caller::Role { session, .. } => match (self.session_of_role(text), session) {
                (Some(name), Some(own)) if name == own => Named::Direct,
                // A wildcard in a principal is no wildcard, and no session is called `*`.
                (Some(name), None) if !name.contains(['*', '?', '/']) => {
                    Named::Perhaps(&Named::Direct, Missing::SessionName)
                }
                _ => Named::Nobody,
            },
            _ => Named::Nobody,
        }
    }
}

fn named_service(name: &str, written: &str, context: &Context) -> Named {
    if written == name || written == "*" {
        return Named::Direct;
    }
    const REGION: &str = "aws:RequestedRegion";
    let Some(region) = regional_name(name, written) else {
        return Named::Nobody;
    };
    match context.get(REGION) {
        Some(ContextValue::Known(values)) if values.iter().any(|value| value == region) => {
            Named::Direct
        }
        Some(ContextValue::Known(values))
            if values.iter().any(|value| may_be_equal(value, region)) =>
        {
            let texts = values.iter().map(String::as_str).chain([region]);
            let direct = Manners {
                direct: true,
                ..Manners::default()
            };
            Named::Open(direct, open_in(texts))
        }
        Some(ContextValue::Known(_)) => Named::Nobody,
        _ => Named::Perhaps(&Named::Direct, Missing::Context(REGION.to_owned())),
    }
}

impl<F: Reasons> Admission<F> {
    pub(super) const NOBODY: Self = Self {
        direct: Tri::No,
        by_role: Tri::No,
        by_account: Tri::No,
    };

    /// An Allow for everybody whom it concerns: that of a policy without principals.
    pub(super) fn direct(direct: Tri<F>) -> Self {
        Self {
            direct,
            ..Self::NOBODY
        }
    }

    /// Whether the caller is admitted in any manner.
    pub(super) fn any(&self) -> Tri<F> {
        Tri::any([
            self.direct.clone(),
            self.by_role.clone(),
            self.by_account.clone(),
        ])
    }

    /// Adds what another one admits.
    pub(super) fn add_all(&mut self, other: Self) {
        self.direct.add(other.direct);
        self.by_role.add(other.by_role);
        self.by_account.add(other.by_account);
    }

    pub(super) fn and(self, limit: &Tri<F>) -> Self {
        Self {
            direct: self.direct.and(limit.clone()),
            by_role: self.by_role.and(limit.clone()),
            by_account: self.by_account.and(limit.clone()),
        }
    }

    fn add(&mut self, named: &Named, truth: Tri<F>, layer: LayerName) {
        let slot = match named {
            Named::Nobody => return,
            Named::Perhaps(named, fact) => {
                return self.add(named, Tri::maybe(layer, || fact.clone()), layer);
            }
            Named::Open(manners, open) => {
                let maybe = |may: bool| match may {
                    true => Tri::Maybe(F::of(layer, missing(open))),
                    false => Tri::No,
                };
                self.direct.add(maybe(manners.direct));
                self.by_role.add(maybe(manners.role));
                self.by_account.add(maybe(manners.account));
                return;
            }
            Named::Direct => &mut self.direct,
            Named::Role => &mut self.by_role,
            Named::Account => &mut self.by_account,
        };
        slot.add(truth);
    }
}

/// How the `Principal` of an Allow admits the caller.
pub(super) fn admits<F: Reasons>(
    principals: &Subjects<'_>,
    identity: &Identity<'_>,
    context: &Context,
    layer: LayerName,
) -> Admission<F> {
    let mut admission = Admission::NOBODY;
    // AWS does not support Allow with NotPrincipal and S3 refuses to store it.
    if !principals.not {
        for principal in &principals.any_of {
            admission.add(&identity.named(principal, context), Tri::Yes, layer);
        }
    }
    admission
}

/// Whether the `Principal` or `NotPrincipal` of a Deny hits the caller.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
pub(super) fn hits<F: Reasons>(
    principals: &Subjects<'_>,
    identity: &Identity<'_>,
    context: &Context,
    layer: LayerName,
    has_boundary: &Tri<F>,
) -> Tri<F> {
    let mut named = Admission::NOBODY;
    for principal in &principals.any_of {
        named.add(&identity.named(principal, context), Tri::Yes, layer);
    }
    if !principals.not {
        return named.any();
    }
    let everybody = |p: &Subject<'_>| p.kind == PrincipalKind::Aws && p.text == "*";
    if principals.any_of.iter().any(everybody) {
        return Tri::No;
    }
    // Only who is listed in every one of its identities is spared: a session needs its own ARN, the role's and the account's.
    let spared = match identity.caller {
        Caller::Role { .. } => Tri::every([named.direct, named.by_role, named.by_account]),
        Caller::User(_) | Caller::FederatedUser(_) => named.direct.and(named.by_account),
        Caller::Root(_) | Caller::Service(_) | Caller::Anonymous => named.direct,
    };
    // With a boundary a Deny with NotPrincipal always denies, whoever is listed.
    spared.not().or(has_boundary.clone())
}
