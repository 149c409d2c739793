//! A decision against what its case expects.

use std::collections::BTreeSet;

use super::{layer_name, missing_name, verdict_name};
use crate::iam::{ContextValue, Decision, Layers, Request, Verdict, decide};
use crate::load::case::Case;

/// What differs, each in one clause. A wrong verdict is told alone: what else is wrong follows from it.
pub(super) fn differences(
    case: &Case,
    request: &Request,
    layers: &Layers<'_>,
    decision: &Decision,
) -> Vec<String> {
    let mut differences = Vec::new();
    let expected = &case.expected;
    let verdict = verdict_name(decision.verdict);
    if let Some(wanted) = expected.decision.as_deref()
        && wanted != verdict
    {
        return vec![format!("is {verdict}, expected {wanted}")];
    }
    if let Some(wanted) = &expected.deciding {
        let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
        let decided: BTreeSet<&str> = decision.deciding.iter().map(|l| layer_name(*l)).collect();
        // Where several layers lack the Allow, naming any of them is right.
        let any = decision.verdict == Verdict::ImplicitDeny
            && !decided.is_empty()
            && decided.is_subset(&wanted);
        if decided != wanted && !any {
            differences.push(format!(
                "decided by {}, expected {}",
                listed(decided),
                listed(wanted)
            ));
        }
    }
    if let Some(wanted) = &expected.missing {
        let missing: Vec<String> = decision.missing.iter().map(missing_name).collect();
        let missing: BTreeSet<&str> = missing.iter().map(String::as_str).collect();
        let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
        if missing != wanted {
            differences.push(format!(
                "missing {}, expected {}",
                listed(missing),
                listed(wanted)
            ));
        }
    }
    differences.extend(unresolved(case, request, layers));
    differences
}

fn unresolved(case: &Case, request: &Request, layers: &Layers<'_>) -> Vec<String> {
    let resolutions = case.expected.resolutions.iter();
    let differing = resolutions.filter_map(|resolution| {
        let mut request = request.clone();
        let open = case
            .request
            .unknown
            .iter()
            .chain(case.request.perhaps.keys());
        for key in open {
            request.context.set(key, ContextValue::Known(Vec::new()));
        }
        for (key, values) in &resolution.context {
            request
                .context
                .set(key, ContextValue::Known(values.clone()));
        }
        let verdict = verdict_name(decide(&request, layers).verdict);
        let keys = resolution.context.iter();
        let keys = keys.map(|(key, values)| format!("`{key}` = `{}`", values.join("`, `")));
        let keys: Vec<String> = keys.collect();
        let with = match keys.is_empty() {
            true => "without the unknown keys".to_owned(),
            false => format!("with {}", keys.join(" and ")),
        };
        let wanted = &resolution.decision;
        (verdict != wanted).then(|| format!("{with} it is {verdict}, expected {wanted}"))
    });
    differing.collect()
}

fn listed(names: BTreeSet<&str>) -> String {
    match names.is_empty() {
        true => "nothing".to_owned(),
        false => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(" and ")
        }
    }
}
