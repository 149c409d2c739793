//! Walks every pipeline, counts, and puts the findings into the order of the pipelines.

use std::collections::{BTreeMap, BTreeSet};

use super::assumed::Assumed;
use super::bootstrap::{Bootstrap, temper};
use super::decision::{Decided, Docket, grants, is_impossible_pass, settle_alternatives};
use super::finding::{Affected, Checked, Finding, Result, Step, Summary};
use super::group::findings_of_denials;
use super::lint;
use super::shown::Shown as _;
use super::structure;
use super::switched_off;
use super::undecided::findings_of_gaps;
use crate::graph::{Graph, Pipeline};
use crate::iam::Verdict;
use crate::rules::{Catalogue, Party, Severity, Site, operator_requirements, requirements};
use crate::source::Origin;

/// What to check.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Names of the pipelines to check; all when empty.
    pub pipelines: Vec<String>,
    /// Who updates the pipelines, where that is to be checked as well.
    pub caller: Option<Party>,
}

impl Options {
    /// Whether a pipeline is one of those to check, by its name as it is shown.
    pub(super) fn wants(&self, graph: &Graph, pipeline: &Pipeline) -> bool {
        let name = graph.symbols.shown(&pipeline.name.text);
        self.pipelines.iter().any(|wanted| *wanted == name)
    }
}

/// Checks the pipelines of a graph.
pub fn run(graph: &Graph, catalogue: &Catalogue, options: &Options) -> Result {
    let mut summary = Summary::default();
    let mut checked = Vec::new();
    let mut denials = Vec::new();
    let mut gaps = Vec::new();
    let mut breaches = Vec::new();
    let mut not_yet = Vec::new();
    let mut accounts = BTreeSet::new();
    let mut consulted = lint::Consulted::default();
    let grants = grants(graph);
    let mut docket = Docket::new(graph, catalogue, &grants);
    let mut assumed = Assumed::default();
    let mut bootstrap = Bootstrap::default();
    for (index, pipeline) in graph.pipelines.iter().enumerate() {
        if !options.pipelines.is_empty() && !options.wants(graph, pipeline) {
            continue;
        }
        summary.pipelines += 1;
        checked.push(outline(graph, pipeline));
        summary.actions += pipeline
            .stages
            .iter()
            .map(|stage| stage.actions.len())
            .sum::<usize>();
        let mut needed = requirements(graph, catalogue, index);
        consulted.add(graph, &needed);
        // What else the caller may do is no concern of the pipeline, so its policies are not read for faults.
        if let Some(caller) = &options.caller {
            let own = operator_requirements(graph, catalogue, index, caller, &needed);
            needed.extend(own);
        }
        let faults = structure::faults(graph, catalogue, index, &needed);
        breaches.extend(faults.breaches);
        not_yet.extend(faults.not_yet);
        gaps.extend(faults.gaps);
        accounts.insert(pipeline.account.clone());
        accounts.extend(
            needed
                .iter()
                .filter_map(|requirement| requirement.caller.account()),
        );
        accounts.extend(
            needed
                .iter()
                .filter(|requirement| !is_impossible_pass(requirement))
                .filter_map(|requirement| requirement.target.account.clone()),
        );
        assumed.add(graph, &needed);
        bootstrap.add(graph, &needed);
        let mut decided: Vec<Decided> = needed
            .into_iter()
            .map(|requirement| docket.decide(requirement))
            .collect();
        settle_alternatives(&mut decided);
        for one in decided {
            summary.requirements += 1;
            match one.verdict {
                Verdict::Allowed => summary.allowed += 1,
                Verdict::ExplicitDeny | Verdict::ImplicitDeny => summary.denied += 1,
                Verdict::Unknown => summary.undecided += 1,
            }
            denials.extend(one.denials);
            gaps.extend(one.gaps);
        }
    }
    temper(graph, &mut denials);
    let denied = findings_of_denials(graph, catalogue, denials);
    let told: BTreeSet<Origin> = denied
        .iter()
        .flat_map(|finding| &finding.labels)
        .map(|label| label.origin)
        .collect();
    not_yet.retain(|breach| {
        !breach
            .labels
            .iter()
            .any(|label| told.contains(&label.origin))
    });
    breaches.extend(not_yet);
    let mut findings = structure::findings(graph, catalogue, breaches);
    findings.extend(denied);
    let faults = lint::findings(graph, catalogue, &consulted, &findings);
    findings.extend(faults);
    findings.extend(findings_of_gaps(graph, catalogue, gaps));
    findings.extend(assumed.findings(graph, catalogue));
    findings.extend(bootstrap.findings(graph, catalogue));
    findings.extend(structure::unseen_organizations(graph, catalogue, &accounts));
    findings.extend(switched_off::findings(graph, catalogue));
    findings.show(&graph.symbols);
    sort(graph, &mut findings);
    for finding in &findings {
        match finding.severity {
            Severity::Error => summary.errors += 1,
            Severity::Warning => summary.warnings += 1,
            Severity::Note => summary.notes += 1,
        }
    }
    Result {
        summary,
        findings,
        checked,
        rules: catalogue.findings.values().cloned().collect(),
        needs: None,
        suppressed: Vec::new(),
        comparison: None,
    }
}

/// A pipeline and its actions by their names as they are shown.
fn outline(graph: &Graph, pipeline: &Pipeline) -> Checked {
    let shown = |text: &str| graph.symbols.shown(text).into_owned();
    let steps = pipeline.stages.iter().flat_map(|stage| {
        stage.steps().map(move |step| Step {
            stage: shown(&stage.name.text),
            action: shown(&step.name.text),
            kind: shown(&step.type_id.to_string()),
            role: shown(&step.role_arn.as_ref().unwrap_or(&pipeline.role_arn).text),
            origin: step.origin,
        })
    });
    Checked {
        pipeline: shown(&pipeline.arn().to_string()),
        name: shown(&pipeline.name.text),
        role: shown(&pipeline.role_arn.text),
        origin: pipeline.name.origin,
        steps: steps.collect(),
    }
}

/// Errors first; inside a severity as the actions stand in the pipelines, then by rule and resource.
fn sort(graph: &Graph, findings: &mut [Finding]) {
    let positions = positions(graph);
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            (
                finding
                    .affects
                    .first()
                    .and_then(|first| positions.get(first)),
                finding.rule.clone(),
                finding.layer,
                finding.principals.clone(),
                finding.resources.clone(),
                finding.operations.clone(),
            )
        };
        b.severity
            .cmp(&a.severity)
            .then_with(|| key(a).cmp(&key(b)))
    });
}

/// The actions behind some sites in the order of the pipelines, each once.
pub(super) fn all_affected(graph: &Graph, sites: impl Iterator<Item = Site>) -> Vec<Affected> {
    let mut sites: Vec<_> = sites.map(|site| (site.pipeline, site.action)).collect();
    sites.sort_unstable();
    sites.dedup();
    sites
        .into_iter()
        .filter_map(|(pipeline, action)| affected(graph, pipeline, action))
        .collect()
}

fn affected(graph: &Graph, pipeline: usize, action: Option<(usize, usize)>) -> Option<Affected> {
    let pipeline = graph.pipelines.get(pipeline)?;
    let mut affected = Affected {
        pipeline: pipeline.arn().to_string(),
        stage: String::new(),
        action: String::new(),
    };
    if let Some((stage, action)) = action {
        let stage = pipeline.stages.get(stage)?;
        affected.stage = stage.name.text.clone();
        affected.action = stage.step(action)?.name.text.clone();
    }
    // Shown at once: findings are put into the order of these.
    affected.show(&graph.symbols);
    Some(affected)
}

/// Where every action stands among all, to put findings into the order of the pipelines.
fn positions(graph: &Graph) -> BTreeMap<Affected, usize> {
    let mut positions = BTreeMap::new();
    for (index, pipeline) in graph.pipelines.iter().enumerate() {
        let stages = pipeline.stages.iter().enumerate();
        let actions = stages.flat_map(|(stage, one)| {
            (0..one.steps().count()).map(move |action| Some((stage, action)))
        });
        for site in std::iter::once(None).chain(actions) {
            let next = positions.len();
            if let Some(affected) = affected(graph, index, site) {
                positions.entry(affected).or_insert(next);
            }
        }
    }
    positions
}
