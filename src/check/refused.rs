//! Facts that AWS did not tell whoever asked: who may not do what, what allows it, and what AWS says is not there.
//!
//! In: missing facts, and what AWS answered instead of a description. Out: the words and places that say so. The same whether AWS
//! was asked in this run or when a snapshot was taken.

use std::collections::BTreeSet;

use super::finding::Label;
use super::layers::bucket_of;
use super::text;
use crate::graph::{Arn, Fact, Graph, Refusal, RefusalKind};
use crate::rules::{MissingFact, Purpose, Requirement, ToldBy};

/// Why AWS did not tell a fact.
#[derive(Debug, Default)]
pub(super) struct Refused<'g> {
    /// Calls that whoever asked may not make.
    denied: Vec<&'g Refusal>,
    /// Calls that brought no answer.
    failed: Vec<&'g Refusal>,
}

/// Why AWS did not tell a missing fact, by whatever calls it is told; nothing where it was not asked.
pub(super) fn of<'g, 'f>(
    graph: &'g Graph,
    facts: impl Iterator<Item = &'f MissingFact>,
) -> Refused<'g> {
    let mut refused = Refused::default();
    let mut seen = BTreeSet::new();
    for ToldBy {
        thing, permissions, ..
    } in facts.map(|fact| &fact.told_by)
    {
        let tells = |refusal: &&Refusal| {
            permissions.is_empty() || permissions.contains(&refusal.operation.as_str())
        };
        for refusal in graph.refusals(thing).iter().filter(tells) {
            if !seen.insert(refusal.origin) {
                continue;
            }
            match refusal.kind {
                RefusalKind::Denied => refused.denied.push(refusal),
                RefusalKind::Failed => refused.failed.push(refusal),
                RefusalKind::Absent => {}
            }
        }
    }
    refused
}

/// Whether a thing is the bucket or the key of the artifact store that a requirement is about.
pub(super) fn is_of_store(requirement: &Requirement, thing: &str) -> bool {
    let is_artifact = matches!(
        requirement.purpose,
        Purpose::Artifact | Purpose::ArtifactKey
    );
    is_artifact
        && Arn::parse(thing).is_some_and(|arn| ["s3", "kms"].contains(&arn.service.as_str()))
}

impl Refused<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.denied.is_empty() && self.failed.is_empty()
    }

    /// What is missing, and why nobody knows it.
    pub(super) fn what(&self, fact: &MissingFact) -> String {
        let what = &fact.what;
        match (self.denied.first(), self.failed.first()) {
            (Some(denied), _) => format!("{what}, which {} may not read", who(denied)),
            (None, Some(failed)) => format!("{what}, which AWS did not tell (`{}`)", failed.code),
            (None, None) => what.clone(),
        }
    }

    /// What supplies it: a permission, another try, or an export.
    pub(super) fn supply(&self, fact: &MissingFact, known: &BTreeSet<String>) -> String {
        match (self.denied.is_empty(), self.failed.is_empty()) {
            (false, _) => allow(&self.denied),
            (true, false) => {
                let calls = text::unique(self.failed.iter().map(|one| one.operation.clone()));
                format!("run again, for AWS did not answer {}", text::join(&calls))
            }
            (true, true) => format!("{}{}", fact.supply, snapshot(&fact.told_by.accounts, known)),
        }
    }

    /// Where it is written that AWS did not tell it.
    pub(super) fn labels(&self) -> Vec<Label> {
        let all = self.denied.iter().chain(&self.failed);
        all.map(|refusal| label(refusal)).collect()
    }
}

/// The permission that is missing, and where all of them are told.
pub(super) fn allow(denied: &[&Refusal]) -> String {
    let calls = text::unique(denied.iter().map(|one| one.operation.clone()));
    let things = text::unique(denied.iter().map(|one| one.subject.clone()));
    format!(
        "allow {} on {} to whoever runs this: `pipeline-preflight permissions` prints all that is needed",
        text::join(&calls),
        text::join(&things)
    )
}

/// Why the policies of an organization are not known, and what tells them.
pub(super) struct Reason {
    pub(super) why: String,
    pub(super) help: String,
}

/// Why AWS did not tell the policies of an organization, which are read in its management account; `None` where it was not asked.
pub(super) fn reason(refusals: &[&Refusal]) -> Option<Reason> {
    let of = |kind| {
        let all = refusals.iter().filter(move |one| one.kind == kind);
        all.copied().collect::<Vec<&Refusal>>()
    };
    let calls = |all: &[&Refusal]| text::sorted(all.iter().map(|one| one.operation.clone()));
    let (denied, failed) = (of(RefusalKind::Denied), of(RefusalKind::Failed));
    match (denied.as_slice(), failed.as_slice()) {
        ([first, ..], _) => Some(Reason {
            why: format!("{} may not read them", who(first)),
            help: format!(
                "allow {} in the organization's management account to whoever runs this: \
                 `pipeline-preflight permissions` prints all that is needed",
                text::join(&calls(&denied))
            ),
        }),
        ([], [first, ..]) => Some(Reason {
            why: format!("AWS did not tell them (`{}`)", first.code),
            help: format!(
                "run again, for AWS did not answer {}",
                text::join(&calls(&failed))
            ),
        }),
        ([], []) => None,
    }
}

/// What AWS answered, at its place.
pub(super) fn label(refusal: &Refusal) -> Label {
    let (operation, code) = (&refusal.operation, &refusal.code);
    let text = match refusal.kind {
        RefusalKind::Denied => format!("{} may not call `{operation}`", who(refusal)),
        RefusalKind::Failed => format!("no answer to `{operation}`: `{code}`"),
        RefusalKind::Absent => answer(refusal),
    };
    Label {
        origin: refusal.origin,
        text,
    }
}

/// Who asked, as far as AWS says it: `User: arn:… is not authorized to perform: …`.
pub(super) fn who(refusal: &Refusal) -> String {
    let named = refusal.message.split_once("User: ");
    let named = named.and_then(|(_, behind)| behind.split_once(" is not authorized"));
    match named {
        Some((arn, _)) if arn.starts_with("arn:") => format!("`{arn}`"),
        _ => "whoever asked".to_owned(),
    }
}

/// How whoever has access supplies all that is known of some accounts at once; nothing for accounts of which something is known.
fn snapshot(accounts: &[String], known: &BTreeSet<String>) -> String {
    let is_unknown = |account: &&String| {
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        is_account && !known.contains(*account)
    };
    let unknown: Vec<&str> = accounts
        .iter()
        .filter(is_unknown)
        .map(String::as_str)
        .collect();
    let accounts = match unknown.as_slice() {
        [] => return String::new(),
        [one] => format!("account {one}"),
        several => format!("each of the accounts {}", several.join(" and ")),
    };
    format!(
        "; or run `pipeline-preflight snapshot --input <the pipeline's files> --output snapshot` with access to {accounts}, \
         and add the folder to the inputs"
    )
}

/// What AWS answered about a thing that does not exist.
pub(super) fn no_such<'g>(graph: &'g Graph, thing: &str) -> Option<&'g Refusal> {
    let says = |refusal: &&Refusal| refusal.kind == RefusalKind::Absent;
    graph.refusals(thing).iter().find(says)
}

/// The same as a clause.
pub(super) fn answer(refusal: &Refusal) -> String {
    format!(
        "AWS answers `{}` with `{}`",
        refusal.operation, refusal.code
    )
}

/// What AWS answered about a thing that does not exist, and of which no input says anything. Not of roles, which a complete export
/// tells of as well, and not of stacks, which the action makes that deploys them.
pub(super) fn absent<'g>(graph: &'g Graph, thing: &str) -> Option<&'g Refusal> {
    let refusal = no_such(graph, thing)?;
    let arn = Arn::parse(thing)?;
    let is_absent = match arn.service.as_str() {
        "iam" | "cloudformation" => false,
        "s3" => matches!(graph.bucket(bucket_of(thing)), Fact::Absent),
        // Keys are not known by their aliases.
        "kms" if arn.resource.starts_with("alias/") => true,
        "kms" => matches!(graph.key(thing), Fact::Absent),
        _ => matches!(graph.resource(thing), Fact::Absent),
    };
    is_absent.then_some(refusal)
}
