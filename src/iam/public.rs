//! Whether S3 takes a bucket policy for public, which then lets in nobody of another account if the bucket restricts it.
//!
//! Public access lists grant nothing here: only what policies say is decided, so a bucket that ignores them changes nothing.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>, and what recorded
//! answers of `GetBucketPolicyStatus` showed. Where they leave a doubt a policy counts as not public.

use super::PolicySet;
use super::compiled::statements;
use super::operator::{Asked, Reads, parse};
use super::symbol::{Open, open_in};
use crate::graph::{Condition, Effect, PrincipalKind, Statement, has_symbol, may_be_equal};
use crate::source::Origin;

/// Keys whose fixed value makes a statement for everybody one for somebody.
const NARROWING: [&str; 14] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:userid",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// The first statement that makes a policy public, or the unresolved values on which it hangs whether one does.
pub(super) fn statement(set: &PolicySet<'_>) -> Result<Option<Origin>, Open> {
    let all = || statements(set).map(|(_, statement)| statement);
    let open = |statement: &&Statement| !hangs_on(statement).is_empty();
    let settled = |statement: &&Statement| !open(statement);
    // A Deny for everybody may take the publicness away again; which does is known of few.
    if all().filter(settled).any(may_heal) {
        return Ok(None);
    }
    let public = all().filter(settled).find(|one| is_public(one));
    let matters = |statement: &&Statement| match statement.effect {
        Effect::Allow => public.is_none(),
        Effect::Deny => true,
    };
    let open = all().filter(open).filter(matters);
    let hangs: Open = open.flat_map(hangs_on).collect();
    let may_be = public.is_some()
        || all().any(|one| one.effect == Effect::Allow && !hangs_on(one).is_empty());
    match may_be && !hangs.is_empty() {
        true => Err(hangs),
        false => Ok(public.map(|one| one.origin)),
    }
}

/// The unresolved values in whom a statement is for, and when.
fn hangs_on(statement: &Statement) -> Open {
    let principals = statement.principals.iter().flat_map(|named| &named.any_of);
    // A value that is one principal among others names somebody, unless it may be `*`.
    let whole = principals
        .map(|one| one.value.text.as_str())
        .filter(|text| has_symbol(text) && may_be_equal(text, "*"));
    let whole = open_in(whole);
    if whole.is_empty() && !names_everybody(statement) {
        return whole;
    }
    // A value that is not known is still a fixed one.
    let conditions = statement.conditions.iter();
    let words = conditions.flat_map(|one| [one.key.text.as_str(), one.operator.text.as_str()]);
    let mut open = open_in(words);
    open.extend(whole);
    open
}

fn names_everybody(statement: &Statement) -> bool {
    statement.principals.as_ref().is_some_and(|named| {
        let everybody = named
            .any_of
            .iter()
            .any(|one| one.kind == PrincipalKind::Aws && one.value.text == "*");
        everybody && !named.not
    })
}

fn may_heal(statement: &Statement) -> bool {
    let of_account = |one: &Condition| one.key.text.eq_ignore_ascii_case("aws:SourceAccount");
    statement.effect == Effect::Deny
        && names_everybody(statement)
        && (statement.conditions.is_empty() || statement.conditions.iter().any(of_account))
}

fn is_public(statement: &Statement) -> bool {
    statement.effect == Effect::Allow
        && names_everybody(statement)
        && !statement.conditions.iter().any(may_narrow)
}

/// Whether a condition may hold for fixed callers only.
fn may_narrow(condition: &Condition) -> bool {
    let key = |one: &&str| one.eq_ignore_ascii_case(&condition.key.text);
    if !NARROWING.iter().any(key) {
        return false;
    }
    let Some(asked) = parse(&condition.operator.text) else {
        return true;
    };
    if asked.operator.negated || asked.operator.reads == Reads::Presence {
        return false;
    }
    let mut values = condition.values.iter();
    !values.any(|value| is_open(&asked, &value.text))
}

/// Whether a value is certainly not fixed: anything at all, or every address.
fn is_open(asked: &Asked, value: &str) -> bool {
    match asked.operator.reads {
        Reads::Glob | Reads::Arn => value.chars().all(|one| one == '*'),
        Reads::Plain => matches!(value, "0.0.0.0/0" | "::/0"),
        Reads::Text | Reads::Folded | Reads::Presence => false,
    }
}
