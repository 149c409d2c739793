//! What the principals need, line by line.

use std::collections::BTreeMap;

use super::findings::all_clean;
use super::headline::Verdict;
use super::index::Index;
use super::picture::Parts;
use super::prose::{Link, Prose, clean};
use crate::check::Finding;
use crate::check::needs::{Need, Needs, Policies, Principal, Standing};
use crate::graph::Arn;
use crate::report::needs as words;
use crate::rules::Certainty;

/// All requirements.
pub(super) struct NeedsView {
    pub(super) principals: Vec<PrincipalView>,
    pub(super) summary: String,
    pub(super) guard_rails: &'static str,
    /// Actions of kinds that the catalogue does not contain.
    pub(super) unchecked: Vec<(String, String)>,
}

/// One that calls.
pub(super) struct PrincipalView {
    pub(super) name: String,
    /// The name behind the last slash, and the account.
    pub(super) short: String,
    /// What it is, who takes it up, what is remarkable.
    pub(super) about: Vec<Prose>,
    pub(super) lines: Vec<LineView>,
}

/// One line.
pub(super) struct LineView {
    pub(super) verdict: Verdict,
    pub(super) standing: &'static str,
    pub(super) lacking: Option<String>,
    pub(super) operations: Vec<String>,
    pub(super) one_is_enough: bool,
    pub(super) resource: String,
    /// `needed to read the input artifacts`
    pub(super) why: Prose,
    /// What else is to be known of the call.
    pub(super) also: Vec<Prose>,
    pub(super) granted: Prose,
    pub(super) affected: String,
    pub(super) links: Vec<Link>,
    pub(super) actions: String,
    pub(super) accounts: String,
    /// The number of its arrow in the picture.
    pub(super) part: String,
    /// Number and identifier of the findings that say what is missing.
    pub(super) findings: Vec<(usize, String)>,
}

/// The findings with the identifiers that the page gives them.
pub(super) type Named<'a> = [(&'a Finding, &'a str)];

/// What the lines refer to.
pub(super) struct Surroundings<'a> {
    pub(super) index: &'a Index<'a>,
    pub(super) findings: &'a Named<'a>,
    pub(super) parts: &'a Parts,
}

impl PrincipalView {
    /// Whether it is worth looking at.
    pub(super) fn is_lacking(&self) -> bool {
        self.lines.iter().any(|line| line.verdict != Verdict::Fine)
    }

    /// `3 missing, 12 allowed`
    pub(super) fn summary(&self) -> String {
        let mut numbers: BTreeMap<(Verdict, &str), usize> = BTreeMap::new();
        for line in &self.lines {
            *numbers.entry((line.verdict, line.standing)).or_default() += 1;
        }
        let mut words: Vec<(&str, usize)> = Vec::new();
        for ((_, standing), number) in numbers {
            match words.iter_mut().find(|(word, _)| *word == standing) {
                Some((_, all)) => *all += number,
                None => words.push((standing, number)),
            }
        }
        let words = words
            .into_iter()
            .map(|(word, number)| format!("{number} {word}"));
        words.collect::<Vec<_>>().join(", ")
    }
}

pub(super) fn view(needs: &Needs, page: &Surroundings<'_>) -> NeedsView {
    let principals = needs.principals.iter().chain(&needs.unnamed);
    let unchecked = needs.unchecked.iter().map(|one| {
        let place = format!("{} › {}", one.action.stage, one.action.action);
        (clean(&place), clean(&one.kind))
    });
    NeedsView {
        principals: principals.map(|one| principal(one, needs, page)).collect(),
        summary: clean(&words::summary(needs.summary, needs)),
        guard_rails: words::GUARD_RAILS,
        unchecked: unchecked.collect(),
    }
}

fn principal(principal: &Principal, needs: &Needs, page: &Surroundings<'_>) -> PrincipalView {
    let titles = principal.titles.join(", ");
    let unknown = principal.unknown.iter();
    let unknown = unknown.map(|fact| format!("not known: {}: {}", fact.what, fact.supply));
    let about = [
        (titles != principal.name && !titles.is_empty()).then_some(titles),
        words::assumed_by(principal),
        words::policies(principal),
    ];
    let about = about.into_iter().flatten().chain(unknown);
    let name = clean(&principal.name);
    let short = match Arn::parse(&name) {
        Some(arn) if !arn.account.is_empty() => format!("{} in {}", arn.name(), arn.account),
        Some(arn) => arn.name().to_owned(),
        None => name.clone(),
    };
    PrincipalView {
        name,
        short,
        about: about.map(|text| Prose::new(&text)).collect(),
        lines: principal
            .needs
            .iter()
            .map(|need| line(need, principal, needs, page))
            .collect(),
    }
}

fn line(need: &Need, principal: &Principal, needs: &Needs, page: &Surroundings<'_>) -> LineView {
    let unknown = need.unknown.iter();
    let unknown = unknown.map(|fact| format!("not known: {}: {}", fact.what, fact.supply));
    let carried = words::conditions(need).map(|carried| format!("the call carries {carried}"));
    let also = [carried, words::alternatives(need)];
    let granted = [words::granted_by(need, principal), need.remark.clone()];
    let granted: Vec<String> = granted.into_iter().flatten().collect();
    let (verdict, standing) = standing(need, principal);
    let key = (principal.name.clone(), need.resource.clone());
    let part = page.parts.of_lines.get(&key);
    let names = [principal.name.as_str(), need.resource.as_str()];
    let accounts = page.index.accounts_of(names.into_iter());
    LineView {
        verdict,
        standing,
        lacking: words::lacking(need),
        operations: all_clean(&need.operations),
        one_is_enough: need.one_is_enough,
        resource: clean(&need.resource),
        why: Prose::new(&format!("{} {}", words::certainty(need), words::why(need))),
        also: also
            .into_iter()
            .flatten()
            .chain(unknown)
            .map(|text| Prose::new(&text))
            .collect(),
        granted: Prose::new(&granted.join("; ")),
        affected: clean(&words::affected(need, " › ", needs).join(", ")),
        links: need
            .documentation
            .iter()
            .map(|page| Link::new(page))
            .collect(),
        actions: page.index.ranges(&need.affects),
        accounts: accounts.into_iter().collect::<Vec<_>>().join(" "),
        part: part.map_or_else(String::new, usize::to_string),
        findings: match verdict {
            Verdict::Fine => Vec::new(),
            _ => found(need, principal, page.findings),
        },
    }
}

/// The findings that a line that is not allowed ends up in.
fn found(need: &Need, principal: &Principal, findings: &Named<'_>) -> Vec<(usize, String)> {
    let says = |finding: &Finding| {
        finding.principals.contains(&principal.name)
            && finding.resources.contains(&need.resource)
            && need
                .operations
                .iter()
                .any(|operation| finding.operations.contains(operation))
    };
    let numbered = findings.iter().enumerate();
    let found = numbered.filter(|(_, (finding, _))| says(finding));
    found
        .map(|(number, (_, id))| (number + 1, (*id).to_owned()))
        .collect()
}

/// What the given policies make of a line.
fn standing(need: &Need, principal: &Principal) -> (Verdict, &'static str) {
    match (need.standing, need.certainty) {
        (Some(Standing::Allowed), _) => (Verdict::Fine, "allowed"),
        (Some(Standing::Undecided), _) => (Verdict::Undecided, "undecided"),
        (Some(Standing::Missing), Certainty::Necessary) => (Verdict::Fails, "missing"),
        (Some(Standing::Missing), Certainty::Conditional) => (Verdict::Warned, "missing"),
        (Some(Standing::Missing), Certainty::Advised) => (Verdict::Noted, "missing"),
        (None, _) if principal.policies == Policies::NoSuchRole => (Verdict::Fails, "no such role"),
        (None, _) => (Verdict::Undecided, "policies not given"),
    }
}
