//! Variables of actions and of the pipeline, and what they are called by.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html>

use std::collections::BTreeSet;

use super::names::{in_brief, is_of};
use super::{Refusal, Walk, label};
use crate::graph::may_be_equal;

/// The namespace that is always there.
const OWN: &str = "codepipeline";

/// The namespace of the pipeline's own variables, where it has any.
const PIPELINE: &str = "variables";

/// `#{namespace.Name}` whose namespace nobody declares.
pub(super) fn check(walk: &mut Walk<'_>) {
    let steps = walk.steps();
    let declared: BTreeSet<&str> = steps
        .iter()
        .filter_map(|(_, step)| Some(step.namespace.as_ref()?.text.as_str()))
        .chain([OWN])
        .chain((!walk.pipeline.variables.is_empty()).then_some(PIPELINE))
        .collect();
    for (indices, step) in &steps {
        for value in step.configuration.values() {
            let mut seen = BTreeSet::new();
            for namespace in references(&value.text) {
                let may_be = |declared: &&str| may_be_equal(declared, namespace);
                if declared.iter().any(may_be) || !seen.insert(namespace) {
                    continue;
                }
                let text = match namespace {
                    PIPELINE => "the pipeline has no `variables`".to_owned(),
                    _ => format!("no action has the `namespace` `{}`", in_brief(namespace)),
                };
                let refusal = Refusal {
                    rule: "variable-namespace-unknown",
                    resource: in_brief(namespace),
                    detail: format!("`{}`", in_brief(namespace)),
                    labels: vec![label(value.origin, text)],
                };
                walk.refuse(Some(*indices), refusal);
            }
        }
    }
}

/// The namespaces of a text's variables; braces around anything else belong to the text.
fn references(text: &str) -> impl Iterator<Item = &str> {
    let behind = text.split("#{").skip(1);
    behind.filter_map(|behind| {
        let (reference, _) = behind.split_once('}')?;
        let (namespace, name) = reference.split_once('.')?;
        (is_of(namespace, "@-_") && is_of(name, "@-_")).then_some(namespace)
    })
}
