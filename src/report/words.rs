//! The words that several formats share: counts, what a finding does to its actions, and its parts as plain text.

use super::places::Shown;
use super::{file_name, human};
use crate::check::{
    self, Affected, Change, Changes, Checked, Comparison, Decided, Finding, ReportLayer, Summary,
    Suppressed, SuppressedBy,
};
use crate::rules::Severity;

/// Places of a finding, and actions that it affects, that a text names; the rest is counted. A hole in one policy can break
/// hundreds of actions, and a report that names each of them with each is as long as the square of it.
const PLACES: usize = 6;
const ACTIONS: usize = 4;

/// `1 action`, `2 actions`
pub(super) fn count(number: usize, name: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {name}{plural}")
}

/// `1 pipeline, 2 actions: 31 requirements: 30 allowed, 1 denied, 0 undecided`
pub(super) fn checked(summary: &Summary) -> String {
    format!(
        "{}, {}: {}: {} allowed, {} denied, {} undecided",
        count(summary.pipelines, "pipeline"),
        count(summary.actions, "action"),
        count(summary.requirements, "requirement"),
        summary.allowed,
        summary.denied,
        summary.undecided,
    )
}

/// How many findings there are of each severity that has any, the weightiest first.
pub(super) fn found(summary: &Summary) -> Vec<(Severity, String)> {
    let counts = [
        (Severity::Error, summary.errors),
        (Severity::Warning, summary.warnings),
        (Severity::Note, summary.notes),
    ];
    let counts = counts.into_iter().filter(|(_, number)| *number > 0);
    let counts = counts.map(|(severity, number)| (severity, count(number, severity.name())));
    counts.collect()
}

/// `6 errors, 1 note`, or that there are none.
pub(super) fn found_in_words(summary: &Summary) -> String {
    let found: Vec<String> = found(summary).into_iter().map(|(_, text)| text).collect();
    if found.is_empty() {
        "no findings".to_owned()
    } else {
        found.join(", ")
    }
}

/// `1 new, 2 fixed, 5 unchanged against main`
pub(super) fn compared(comparison: &Comparison) -> String {
    let Changes {
        new,
        fixed,
        unchanged,
    } = comparison.counts;
    let against = comparison.against.replace('\n', " ");
    format!("{new} new, {fixed} fixed, {unchanged} unchanged against {against}")
}

/// Findings that were there before, where another state is compared with, each with its number among all.
pub(super) fn unchanged(result: &check::Result) -> impl Iterator<Item = (usize, &Finding)> {
    let all = result.with_changes().enumerate();
    all.filter(|(_, (_, change))| *change == Some(Change::Unchanged))
        .map(|(number, (finding, _))| (number, finding))
}

/// `2 ignored, 3 known from the baseline`; `None` where all findings count.
pub(super) fn set_apart(suppressed: &[Suppressed]) -> Option<String> {
    let known = |one: &&Suppressed| one.suppression.by == SuppressedBy::Baseline;
    let known = suppressed.iter().filter(known).count();
    let counts = [
        (suppressed.len() - known, "ignored"),
        (known, "known from the baseline"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

/// What a finding does to the actions that it names.
pub(super) fn affecting(finding: &Finding) -> &'static str {
    // A finding that is undecided or of less weight says where to look, not what will fail.
    let fails = finding.severity == Severity::Error && finding.decision != Decided::Undecided;
    // A fault of a policy as such need not break anything.
    let of_policy =
        finding.decision == Decided::Structure && finding.layer != ReportLayer::Structure;
    match (of_policy, fails) {
        (true, _) => "used by",
        (false, true) => "breaks",
        (false, false) => "affects",
    }
}

/// `shop › Deploy › CreateChangeSet`
pub(super) fn path(affected: &Affected, arrow: &str) -> String {
    let pipeline = affected.pipeline.rsplit(':').next().unwrap_or_default();
    [pipeline, &affected.stage, &affected.action]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(arrow)
}

/// The first `most` actions of a finding, and how many more there are.
pub(super) fn paths(affects: &[Affected], arrow: &str, most: usize) -> Vec<String> {
    let named = affects.iter().take(most);
    let mut names: Vec<String> = named.map(|affected| path(affected, arrow)).collect();
    if affects.len() > most {
        names.push(format!("and {} more", affects.len() - most));
    }
    names
}

/// `file:line:column`
pub(super) fn spot(shown: &Shown<'_>) -> String {
    let at = shown.place.start;
    format!("{}:{}:{}", file_name(&shown.place.name), at.line, at.column)
}

/// The places of a finding that a text names, and how many more there are, in words.
pub(super) fn first_places<'s, 'a>(places: &'s [Shown<'a>]) -> (&'s [Shown<'a>], Option<String>) {
    match places.split_at_checked(PLACES) {
        Some((first, rest)) if !rest.is_empty() => (
            first,
            Some(format!("and {}", count(rest.len(), "more place"))),
        ),
        _ => (places, None),
    }
}

/// A part of what follows from a finding.
pub(super) struct Part {
    /// `help`, `add`, `breaks`, `missing`, `docs`.
    pub(super) name: &'static str,
    /// What it says.
    pub(super) text: String,
    /// Behind the text, the statement to add, over several lines.
    pub(super) statement: Option<String>,
}

impl Part {
    /// Text and statement together.
    pub(super) fn whole(&self) -> String {
        match &self.statement {
            Some(statement) => format!("{}\n{statement}", self.text),
            None => self.text.clone(),
        }
    }
}

/// What follows from a finding, part by part.
pub(super) fn parts(finding: &Finding) -> Vec<Part> {
    let part = |name, text| Part {
        name,
        text,
        statement: None,
    };
    let mut parts = vec![part("help", finding.help.clone())];
    parts.extend(finding.suggestion.iter().map(|suggestion| Part {
        statement: Some(human::statement(&suggestion.statement)),
        ..part("add", format!("to {}:", suggestion.add_to))
    }));
    let affects = paths(&finding.affects, " › ", ACTIONS).join(", ");
    parts.push(part(affecting(finding), affects));
    parts.extend(untold(finding).map(|missing| part("missing", missing.to_owned())));
    let page = finding.documentation.first();
    parts.extend(page.map(|page| part("docs", page.clone())));
    parts.retain(|part| !part.text.is_empty());
    parts
}

/// The missing facts that the help does not tell already.
pub(super) fn untold(finding: &Finding) -> impl Iterator<Item = &str> {
    let missing = finding.missing.iter().filter(|missing| {
        let supply = missing
            .split_once(": ")
            .map_or(missing.as_str(), |(_, supply)| supply);
        !finding.help.contains(supply)
    });
    missing.map(String::as_str)
}

/// The pipeline of a finding's first action.
pub(super) fn first_pipeline<'a>(finding: &Finding, checked: &'a [Checked]) -> Option<&'a Checked> {
    let affected = finding.affects.first();
    let own = affected.and_then(|affected| {
        checked
            .iter()
            .find(|checked| checked.pipeline == affected.pipeline)
    });
    own.or_else(|| checked.first())
}
