//! The pipelines as strips of stages, each action with what came of it.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::FindingView;
use super::headline::Verdict;
use super::index::{Index, ranges};
use super::picture::Parts;
use super::prose::clean;
use crate::check;
use crate::check::needs::{Kind, Standing};
use crate::report::words::count;
use crate::rules::Certainty;

/// Findings that an action links to; a hole in one policy can break hundreds of actions, and the filter shows all.
const LINKED: usize = 4;

/// A pipeline.
pub(super) struct PipelineView {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) stages: Vec<StageView>,
    /// Findings about the pipeline as a whole.
    pub(super) whole: Option<ActionView>,
    /// `3 actions: 1 will fail, 2 with nothing missing`
    pub(super) summary: String,
}

impl PipelineView {
    /// Whether its actions have to stand close for the page to stay one that can be looked over.
    pub(super) fn is_long(&self) -> bool {
        let actions = self.stages.iter().map(|stage| stage.actions.len());
        actions.sum::<usize>() > 40
    }
}

/// A stage.
pub(super) struct StageView {
    pub(super) name: String,
    pub(super) actions: Vec<ActionView>,
}

/// An action.
pub(super) struct ActionView {
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) verdict: Verdict,
    /// Accounts it has to do with, with blanks between.
    pub(super) accounts: String,
    /// Role and account.
    pub(super) acts_as: Vec<String>,
    /// Identifier, severity and rule of its first findings.
    pub(super) findings: Vec<(String, &'static str, String)>,
    pub(super) more: usize,
    /// The arrows of the picture that show what it needs, as [`ranges`].
    pub(super) parts: String,
}

/// What the requirements say of an action.
#[derive(Default)]
struct Known {
    accounts: BTreeSet<String>,
    acts_as: Vec<(Kind, String)>,
    is_undecided: bool,
    lacks: bool,
}

pub(super) fn views(
    result: &check::Result,
    index: &Index<'_>,
    findings: &[FindingView],
    parts: &Parts,
) -> Vec<PipelineView> {
    let known = known(result, index);
    let aside = result.suppressed.iter();
    let aside: BTreeSet<usize> = aside
        .flat_map(|one| index.numbers(&one.finding.affects))
        .collect();
    let mut by_action: BTreeMap<usize, Vec<&FindingView>> = BTreeMap::new();
    for finding in findings {
        for number in &finding.numbers {
            by_action.entry(*number).or_default().push(finding);
        }
    }
    let (nothing, none) = (Known::default(), BTreeSet::new());
    let view = |number: usize, name: String| {
        let known = known.get(&number).unwrap_or(&nothing);
        let found: &[&FindingView] = by_action.get(&number).map_or(&[], Vec::as_slice);
        let worst = found.iter().map(|finding| finding.verdict).min();
        let unsaid = [
            known.is_undecided.then_some(Verdict::Undecided),
            (known.lacks || aside.contains(&number)).then_some(Verdict::Aside),
        ];
        let verdict = worst.into_iter().chain(unsaid.into_iter().flatten()).min();
        let first = found.iter().take(LINKED);
        let mut accounts = known.accounts.clone();
        // A finding of many principals has to do with the accounts of all of them.
        for finding in found.iter().filter(|_| known.accounts.is_empty()) {
            accounts.extend(finding.accounts.split_whitespace().map(str::to_owned));
        }
        let roles = known
            .acts_as
            .iter()
            .map(|(kind, _)| *kind)
            .filter(|kind| *kind != Kind::Service);
        let acts = roles
            .filter(|kind| matches!(kind, Kind::PipelineRole | Kind::ActionRole))
            .max();
        let acts_as = known.acts_as.iter().filter(|(kind, _)| Some(*kind) == acts);
        ActionView {
            number,
            name,
            verdict: verdict.unwrap_or(Verdict::Fine),
            accounts: accounts.into_iter().collect::<Vec<_>>().join(" "),
            acts_as: acts_as.map(|(_, name)| clean(name)).collect(),
            findings: first
                .map(|one| (one.id.clone(), one.severity, one.rule.clone()))
                .collect(),
            more: found.len().saturating_sub(LINKED),
            parts: ranges(parts.of_actions.get(&number).unwrap_or(&none)),
        }
    };
    let mut pipelines = Vec::new();
    let mut numbers = 0..;
    for checked in &result.checked {
        let whole = view(
            numbers.next().unwrap_or_default(),
            "the pipeline as a whole".to_owned(),
        );
        let mut stages: Vec<StageView> = Vec::new();
        for (step, number) in checked.steps.iter().zip(&mut numbers) {
            let action = view(number, clean(&step.action));
            let name = clean(&step.stage);
            match stages.last_mut() {
                Some(stage) if stage.name == name => stage.actions.push(action),
                _ => stages.push(StageView {
                    name,
                    actions: vec![action],
                }),
            }
        }
        pipelines.push(PipelineView {
            name: clean(&checked.name),
            arn: clean(&checked.pipeline),
            summary: summary(&stages),
            stages,
            whole: (!whole.findings.is_empty()).then_some(whole),
        });
    }
    pipelines
}

fn known(result: &check::Result, index: &Index<'_>) -> BTreeMap<usize, Known> {
    let mut known: BTreeMap<usize, Known> = BTreeMap::new();
    let needs = result.needs.iter();
    for principal in needs.flat_map(|needs| needs.principals.iter().chain(&needs.unnamed)) {
        for need in &principal.needs {
            for number in index.numbers(&need.affects) {
                let one = known.entry(number).or_default();
                let names = [principal.name.as_str(), need.resource.as_str()];
                one.accounts.extend(index.accounts_of(names.into_iter()));
                let who = (principal.kind, principal.name.clone());
                if !one.acts_as.contains(&who) {
                    one.acts_as.push(who);
                }
                let is_necessary = need.certainty == Certainty::Necessary;
                one.is_undecided |= is_necessary
                    && !matches!(need.standing, Some(Standing::Allowed | Standing::Missing));
                one.lacks |= is_necessary && need.standing == Some(Standing::Missing);
            }
        }
    }
    known
}

fn summary(stages: &[StageView]) -> String {
    let mut numbers: BTreeMap<Verdict, usize> = BTreeMap::new();
    for action in stages.iter().flat_map(|stage| &stage.actions) {
        *numbers.entry(action.verdict).or_default() += 1;
    }
    let all = count(numbers.values().sum(), "action");
    let parts = numbers
        .iter()
        .map(|(verdict, number)| format!("{number} {}", verdict.of_action()));
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        all
    } else {
        format!("{all}: {}", parts.join(", "))
    }
}
