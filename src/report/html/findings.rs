//! A finding as the page shows it.

use std::collections::BTreeSet;

use super::excerpt::{ExcerptView, Excerpts};
use super::headline::Verdict;
use super::index::Index;
use super::prose::{Link, Prose, clean};
use crate::check::{self, Affected, Change, Finding, SuppressedBy, fingerprints};
use crate::report::human;
use crate::report::words::{self, affecting, untold};

/// Affected actions that a finding names; the rest is counted, and the page's filter shows them.
const NAMED_ACTIONS: usize = 8;

/// Digits of a fingerprint in an identifier.
const DIGITS: usize = 12;

/// One finding.
pub(super) struct FindingView {
    /// Stays from run to run, so that a link to it does.
    pub(super) id: String,
    pub(super) verdict: Verdict,
    pub(super) severity: &'static str,
    pub(super) decision: &'static str,
    pub(super) layer: &'static str,
    pub(super) change: Option<&'static str>,
    pub(super) rule: String,
    pub(super) message: Prose,
    pub(super) help: Prose,
    pub(super) principals: Vec<String>,
    pub(super) operations: Vec<String>,
    pub(super) resources: Vec<String>,
    /// `breaks`, `affects`, `used by`
    pub(super) affecting: &'static str,
    pub(super) affects: Vec<String>,
    pub(super) more_affected: usize,
    pub(super) missing: Vec<Prose>,
    pub(super) excerpts: Vec<ExcerptView>,
    pub(super) more_places: Option<String>,
    pub(super) suggestion: Option<SuggestionView>,
    pub(super) links: Vec<Link>,
    /// Numbers of the actions affected, as [`Index::ranges`].
    pub(super) actions: String,
    /// The same, to be looked through.
    pub(super) numbers: BTreeSet<usize>,
    /// Accounts it has to do with, with blanks between.
    pub(super) accounts: String,
    /// The arrows of the picture that show it, as [`ranges`].
    pub(super) parts: String,
    /// The boxes of the picture that show it.
    pub(super) nodes: String,
}

/// A statement to add.
pub(super) struct SuggestionView {
    pub(super) add_to: Prose,
    pub(super) statement: String,
}

/// A finding that does not count.
pub(super) struct SuppressedView {
    pub(super) finding: FindingView,
    /// `by the configuration: a reason, until 2026-12-31`
    pub(super) why: Prose,
}

/// The findings that count.
pub(super) fn views(
    result: &check::Result,
    index: &Index<'_>,
    excerpts: &mut Excerpts<'_>,
) -> Vec<FindingView> {
    let changes = result
        .comparison
        .iter()
        .flat_map(|comparison| &comparison.changes);
    let mut changes = changes.map(|change| match change {
        Change::New => "new",
        Change::Unchanged => "unchanged",
    });
    let findings = result.findings.iter().zip(ids("f", &result.findings));
    let views = findings.map(|(finding, id)| {
        let mut view = view(finding, id, index);
        (view.excerpts, view.more_places) = excerpts.of(finding);
        view.change = changes.next();
        view
    });
    views.collect()
}

/// What another state had, whose texts are not at hand.
pub(super) fn fixed(result: &check::Result, index: &Index<'_>) -> Vec<FindingView> {
    let fixed = result
        .comparison
        .iter()
        .flat_map(|comparison| &comparison.fixed);
    let fixed: Vec<Finding> = fixed.cloned().collect();
    let views = fixed.iter().zip(ids("fixed", &fixed));
    views
        .map(|(finding, id)| view(finding, id, index))
        .collect()
}

/// What does not count.
pub(super) fn suppressed(
    result: &check::Result,
    index: &Index<'_>,
    excerpts: &mut Excerpts<'_>,
) -> Vec<SuppressedView> {
    let findings: Vec<Finding> = result
        .suppressed
        .iter()
        .map(|one| one.finding.clone())
        .collect();
    let all = result.suppressed.iter().zip(ids("aside", &findings));
    let views = all.map(|(one, id)| {
        let mut finding = view(&one.finding, id, index);
        (finding.excerpts, finding.more_places) = excerpts.of(&one.finding);
        let by = match one.suppression.by {
            SuppressedBy::Configuration => "by the configuration",
            SuppressedBy::Comment => "by a comment beside the place",
            SuppressedBy::Metadata => "by the resource's metadata",
            SuppressedBy::Baseline => "known from the baseline",
        };
        let reason = one
            .suppression
            .reason
            .iter()
            .map(|reason| format!(": {reason}"));
        let until = one
            .suppression
            .expires
            .iter()
            .map(|day| format!(", until {day}"));
        let why: String = reason.chain(until).collect();
        SuppressedView {
            finding,
            why: Prose::new(&format!("{by}{why}")),
        }
    });
    views.collect()
}

/// Identifiers made of the first digits of the fingerprints, as long as these tell the findings apart.
fn ids(kind: &str, findings: &[Finding]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let prints = fingerprints(findings).into_iter();
    let ids = prints.map(|print| match print.get(..DIGITS) {
        Some(digits) if seen.insert(digits.to_owned()) => format!("{kind}-{digits}"),
        _ => format!("{kind}-{print}"),
    });
    ids.collect()
}

fn view(finding: &Finding, id: String, index: &Index<'_>) -> FindingView {
    let named = finding
        .principals
        .iter()
        .chain(&finding.resources)
        .map(String::as_str);
    let accounts: Vec<String> = index.accounts_of(named).into_iter().collect();
    let suggestion = finding
        .suggestion
        .as_ref()
        .map(|suggestion| SuggestionView {
            add_to: Prose::new(&suggestion.add_to),
            statement: clean(&human::statement(&suggestion.statement)),
        });
    let path = |affected: &Affected| clean(&words::path(affected, " › "));
    FindingView {
        id,
        verdict: Verdict::of(finding),
        severity: finding.severity.name(),
        decision: finding.decision.name(),
        layer: finding.layer.name(),
        change: None,
        rule: clean(&finding.rule),
        message: Prose::new(&finding.message),
        help: Prose::new(&finding.help),
        principals: all_clean(&finding.principals),
        operations: all_clean(&finding.operations),
        resources: all_clean(&finding.resources),
        affecting: affecting(finding),
        affects: finding
            .affects
            .iter()
            .take(NAMED_ACTIONS)
            .map(path)
            .collect(),
        more_affected: finding.affects.len().saturating_sub(NAMED_ACTIONS),
        missing: untold(finding).map(Prose::new).collect(),
        excerpts: Vec::new(),
        more_places: None,
        suggestion,
        links: finding
            .documentation
            .iter()
            .map(|page| Link::new(page))
            .collect(),
        actions: index.ranges(&finding.affects),
        numbers: index.numbers(&finding.affects),
        accounts: accounts.join(" "),
        parts: String::new(),
        nodes: String::new(),
    }
}

pub(super) fn all_clean(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| clean(text)).collect()
}
