//! Stands in for the real run: it only says which service roles nobody has seen.

use super::{Affected, Decided, Finding, Label, ReportLayer, Result, Summary};
use crate::graph::Graph;
use crate::rules::{Catalogue, Severity};

/// What to check.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Names of the pipelines to check; all when empty.
    pub pipelines: Vec<String>,
}

/// Checks every pipeline of the graph.
pub fn run(graph: &Graph, _catalogue: &Catalogue, options: &Options) -> Result {
    let mut result = Result {
        summary: Summary::default(),
        findings: Vec::new(),
    };
    for pipeline in &graph.pipelines {
        let name = &pipeline.name.text;
        if !options.pipelines.is_empty() && !options.pipelines.contains(name) {
            continue;
        }
        result.summary.pipelines += 1;
        result.summary.actions += pipeline
            .stages
            .iter()
            .map(|stage| stage.actions.len())
            .sum::<usize>();
        if graph.role(&pipeline.role_arn.text).is_unseen() {
            result.summary.requirements += 1;
            result.summary.undecided += 1;
            result.summary.notes += 1;
            result.findings.push(Finding {
                rule: "role-unseen".to_owned(),
                severity: Severity::Note,
                decision: Decided::Undecided,
                layer: ReportLayer::Identity,
                principals: vec![pipeline.role_arn.text.clone()],
                operations: Vec::new(),
                resources: vec![pipeline.role_arn.text.clone()],
                message: format!("`{}` is not among the inputs", pipeline.role_arn.text),
                help: "add the account's export to the inputs".to_owned(),
                documentation: Vec::new(),
                affects: vec![Affected {
                    pipeline: pipeline.arn().to_string(),
                    stage: String::new(),
                    action: String::new(),
                }],
                missing: vec!["`aws iam get-account-authorization-details`".to_owned()],
                labels: vec![Label {
                    origin: pipeline.role_arn.origin,
                    text: "this role".to_owned(),
                }],
                suggestion: None,
            });
        }
    }
    result
}
