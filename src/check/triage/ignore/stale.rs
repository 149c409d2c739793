//! Findings about entries themselves: one that covers nothing misleads whoever reads it, one that has expired covers no more.

use std::collections::BTreeSet;

use super::coverage::{Why, agrees};
use super::{EXPIRED, Ignoring, OWN, UNUSED};
use crate::check::finding::{Affected, Checked, Decided, Finding, Label, ReportLayer};
use crate::check::text;
use crate::load::Ignore;
use crate::rules::{Catalogue, Severity};
use crate::source::Origin;

/// From that many days before an entry's last one on, a note says so.
const DAYS_BEFORE: i32 = 7;

/// Places of covered findings that are shown.
const SHOWN: usize = 3;

/// How much a rule's id may differ from what is written, to be what was meant.
const ALIKE: f64 = 0.6;

/// What an entry came to.
#[derive(Default)]
pub(super) struct Use {
    /// Findings that it covers, or would cover if it had not expired.
    covered: usize,
    /// Their actions.
    affects: Vec<Affected>,
    seen: BTreeSet<Affected>,
    /// The places that the first of them are about.
    places: Vec<Origin>,
    /// The first finding that it means and does not cover: why not, and what that is about.
    near: Option<(Why, Option<Origin>)>,
}

impl Use {
    /// Counts a finding that the entry covers, or would cover if it had not expired.
    pub(super) fn covers(&mut self, finding: &Finding) {
        self.covered += 1;
        for affected in &finding.affects {
            if self.seen.insert(affected.clone()) {
                self.affects.push(affected.clone());
            }
        }
        if self.places.len() < SHOWN {
            self.places.extend(place(finding));
        }
    }

    /// Keeps a finding that the entry means and does not cover.
    pub(super) fn is_near(&mut self, finding: &Finding, why: Why) {
        self.near.get_or_insert_with(|| (why, place(finding)));
    }
}

/// What a finding is about.
fn place(finding: &Finding) -> Option<Origin> {
    finding.labels.first().map(|label| label.origin)
}

/// What to say of an entry, if anything.
pub(super) fn verdict(
    entry: &Ignore,
    used: &Use,
    ignoring: &Ignoring<'_>,
    checked: &[Checked],
) -> Option<Finding> {
    let today = ignoring.today;
    let expired = entry.expires.filter(|last| *last < today);
    if used.covered > 0 {
        let findings = match used.covered {
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        };
        let soon = |last: &jiff::civil::Date| (*last - today).get_days() <= DAYS_BEFORE;
        let last = entry.expires.filter(soon)?;
        let (severity, detail, here, there) = match expired {
            Some(_) => (
                Severity::Warning,
                format!("has expired: `{last}` was its last day, and {findings} count again"),
                "its last day is over",
                "it covered this",
            ),
            None => (
                Severity::Note,
                format!("is about to expire: `{last}` is its last day, and it covers {findings}"),
                "its last day is near",
                "it covers this",
            ),
        };
        let report = Report {
            rule: EXPIRED,
            severity,
            detail: detail.replace("1 finding count ", "1 finding counts "),
            help: &format!("its reason was: {}", entry.reason),
            here,
            there: used.places.iter().map(|place| (*place, there)).collect(),
            affects: &used.affects,
        };
        return report.finding(entry, ignoring.catalogue);
    }
    let mut report = Report {
        rule: UNUSED,
        severity: Severity::Warning,
        detail: "matches no finding".to_owned(),
        help: "remove it, or correct what it names",
        here: "ignores nothing",
        there: Vec::new(),
        affects: &[],
    };
    let advice = advice_on_rule(&entry.rule, ignoring.catalogue);
    if let Some((wrong, advice)) = &advice {
        report.detail.clone_from(wrong);
        report.help = advice;
    } else if let Some((why, place)) = used.near {
        let (detail, help, there) = near(why);
        report.severity = Severity::Note;
        report.detail = detail.to_owned();
        report.help = help;
        report.there = place.map(|place| (place, there)).into_iter().collect();
    } else if !was_asked(entry, ignoring, checked) {
        return None;
    }
    if let Some(last) = expired {
        report.detail = format!("{}, and `{last}` was its last day", report.detail);
    }
    report.finding(entry, ignoring.catalogue)
}

/// What to say of an entry that means a finding and does not cover it: what is so, what to do, and the remark at the finding.
fn near(why: Why) -> (&'static str, &'static str, &'static str) {
    match why {
        Why::ByPattern => (
            "covers nothing: what no policy can mend is not ignored by a pattern",
            "name the rule by its full id",
            "this needs the full id",
        ),
        Why::Principals => (
            "covers nothing: the finding that it means is about other principals as well",
            "let `principal` match all of them, or leave it out",
            "this concerns other principals as well",
        ),
        Why::Operations => (
            "covers nothing: the finding that it means is about other operations as well",
            "let `operation` match all of them, or leave it out",
            "this concerns other operations as well",
        ),
        Why::Resources => (
            "covers nothing: the finding that it means is about other resources as well",
            "let `resource` match all of them, or leave it out",
            "this concerns other resources as well",
        ),
        Why::Elsewhere => (
            "covers nothing: the finding only mentions this place",
            "put it at the first place that the finding names, or into `pipeline-preflight.yaml`",
            "this is what the finding is about",
        ),
    }
}

/// Whether the run would have found what an entry means.
fn was_asked(entry: &Ignore, ignoring: &Ignoring<'_>, checked: &[Checked]) -> bool {
    let mut meant = ignorable(ignoring.catalogue).filter(|id| agrees(&entry.rule, id));
    if meant.any(|id| !ignoring.weights.look_at(id)) {
        return false;
    }
    // What is left out under the given parameters has no findings, and is checked under others.
    let sources = ignoring.sources;
    let is_off = |node: &Origin| {
        ignoring.switched_off.iter().any(|off| {
            // A resource's condition stands in the resource.
            let whole = match off.property {
                None => sources.around(off.origin).unwrap_or(off.origin),
                Some(_) => off.origin,
            };
            sources.contains(whole, *node) || sources.contains(*node, whole)
        })
    };
    if entry.within.iter().any(is_off) {
        return false;
    }
    let is_checked = |name: &String| {
        let is_it = |one: &Checked| [&one.name, &one.pipeline].contains(&name);
        checked.iter().any(is_it)
    };
    let of_pipeline = entry.within.is_empty() && entry.pipeline.as_ref().is_some_and(is_checked);
    ignoring.whole || of_pipeline
}

/// What is wrong with a rule's id or pattern, and advice; `None` if there are rules that it stands for.
pub fn advice_on_rule(pattern: &str, catalogue: &Catalogue) -> Option<(String, String)> {
    if ignorable(catalogue).any(|id| agrees(pattern, id)) {
        return None;
    }
    if OWN.iter().any(|id| agrees(pattern, id)) {
        let wrong = "names a rule about ignores themselves, which none silences";
        let advice = "mend the entry that it speaks of, or leave the rule out with `--skip`";
        return Some((wrong.to_owned(), advice.to_owned()));
    }
    let likeness = |id: &str| strsim::normalized_damerau_levenshtein(id, pattern);
    let alike = ignorable(catalogue).map(|id| (likeness(id), id));
    let alike = alike.filter(|(likeness, _)| *likeness > ALIKE);
    let nearest = alike.max_by(|one, other| one.0.total_cmp(&other.0));
    let advice = match nearest {
        Some((_, id)) => format!("did you mean `{id}`?"),
        None => "`pipeline-preflight rules` lists them".to_owned(),
    };
    Some(("names no rule that there is".to_owned(), advice))
}

fn ignorable(catalogue: &Catalogue) -> impl Iterator<Item = &str> {
    let ids = catalogue.findings.keys().map(String::as_str);
    ids.filter(|id| !OWN.contains(id))
}

/// What is to be said of an entry.
struct Report<'a> {
    rule: &'static str,
    severity: Severity,
    detail: String,
    help: &'a str,
    /// The remark at the entry.
    here: &'static str,
    /// Other places with their remarks.
    there: Vec<(Origin, &'static str)>,
    affects: &'a [Affected],
}

impl Report<'_> {
    fn finding(self, entry: &Ignore, catalogue: &Catalogue) -> Option<Finding> {
        let rule = catalogue.findings.get(self.rule)?;
        let here = (entry.origin != Origin::NOWHERE).then_some((entry.origin, self.here));
        let labels = here.into_iter().chain(self.there);
        let labels = labels.map(|(origin, text)| Label {
            origin,
            text: text.to_owned(),
        });
        let words = text::Words {
            principals: &[named(entry)],
            operations: &[],
            resources: std::slice::from_ref(&entry.rule),
            affects: self.affects,
            layer: ReportLayer::Structure,
            why: "",
            missing: self.help,
            detail: &self.detail,
        };
        let severity = self.severity.min(rule.severity);
        Some(words.finding(rule, severity, Decided::Structure, labels.collect()))
    }
}

/// What tells an entry from others for the same rule, wherever it stands.
fn named(entry: &Ignore) -> String {
    let mut name = entry.said_by.name().to_owned();
    for (key, pattern) in [
        ("pipeline", &entry.pipeline),
        ("stage", &entry.stage),
        ("action", &entry.action),
        ("principal", &entry.principal),
        ("operation", &entry.operation),
        ("resource", &entry.resource),
    ] {
        if let Some(pattern) = pattern {
            name.push_str(&format!(", {key} {pattern}"));
        }
    }
    name
}
