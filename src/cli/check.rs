//! `check`: inputs → findings.

use super::begin::{Begun, begin};
use super::output::write_all;
use super::{Check, Exit, Streams, Voice};
use crate::check::{self, Decided, triage};
use crate::graph::{Fact, Graph};
use crate::report::Rendering;
use crate::rules::{Party, Severity, operator};
use crate::source::Sources;

/// Does what `check` is asked for.
pub(super) fn run(options: &Check, voice: Voice, streams: &mut Streams<'_>) -> Exit {
    let mut sources = Sources::new();
    let named = options.caller.as_deref();
    let begun = begin(&options.subject, named, &mut sources, voice, streams);
    let Some(Begun {
        loaded,
        catalogue,
        policy,
    }) = begun
    else {
        return Exit::Failed;
    };
    let caller = match named {
        None => None,
        Some(arn) => match caller(arn, &loaded.graph, voice, streams) {
            None => return Exit::Failed,
            known => known,
        },
    };
    let mut result = check::run(
        &loaded.graph,
        &catalogue,
        &check::Options {
            pipelines: options.subject.pipelines.clone(),
            caller,
        },
    );
    result.summary.unrecognised = loaded.unrecognised.len();
    let mut weights = options.weights.clone();
    weights.levels = policy.severities;
    let found = result.findings.len();
    triage::weigh(&mut result, &weights);
    let all_told = result.findings.len() == found;
    if options.ignores {
        let ignores: Vec<_> = policy
            .ignores
            .iter()
            .chain(&loaded.ignores)
            .cloned()
            .collect();
        let ignoring = triage::Ignoring {
            ignores: &ignores,
            sources: &sources,
            catalogue: &catalogue,
            today: options.today,
            weights: &weights,
            whole: options.subject.pipelines.is_empty() && !policy.inputs_replaced,
            switched_off: &loaded.graph.switched_off,
        };
        triage::ignore(&mut result, &ignoring);
    }
    let fail_on = options
        .fail_on
        .or(policy.fail_on)
        .unwrap_or(Severity::Error);
    let strict = options.strict || policy.strict;
    let exit = match options.exit_zero {
        true => Exit::Clean,
        false => exit(fail_on, strict.then_some(all_told), &result),
    };
    if let Some(least) = options.min_severity {
        result.findings.retain(|finding| finding.severity >= least);
    }
    if options.reports.iter().any(|one| one.format.lists_needs) {
        let wanted = check::Options {
            pipelines: options.subject.pipelines.clone(),
            caller: None,
        };
        result.needs = Some(check::needs::needs(&loaded.graph, &catalogue, &wanted));
    }
    // All of them whole first: a report that breaks off must not have reached anybody.
    let mut written = Vec::new();
    for report in &options.reports {
        let rendering = Rendering {
            result: &result,
            sources: &sources,
            style: report.style,
        };
        let mut bytes = Vec::new();
        if let Err(error) = (report.format.render)(&rendering, &mut bytes) {
            let message = format!("the report cannot be written: {error}");
            voice.error(streams, &message, None);
            return Exit::Failed;
        }
        if report.to.is_some() || !options.mute {
            written.push((report.to.as_deref(), bytes));
        }
    }
    write_all(streams, &written, exit, voice)
}

/// Who is to update the pipelines; `None`, after saying why, for somebody who cannot be or is known not to exist.
fn caller(arn: &str, graph: &Graph, voice: Voice, streams: &mut Streams<'_>) -> Option<Party> {
    let Some(caller) = operator(graph, arn) else {
        let message = format!("`--caller {arn}` names nobody who could call AWS");
        let help = "expected the ARN of a role, a user, an assumed-role session, or the root user, as \
                    `aws sts get-caller-identity` tells it";
        voice.error(streams, &message, Some(help));
        return None;
    };
    let absent = match &caller {
        Party::Role(role) => matches!(graph.role(&role.arn), Fact::Absent).then_some(&role.arn),
        Party::User(user) if !user.arn.ends_with(":root") => {
            matches!(graph.user(&user.arn), Fact::Absent).then_some(&user.arn)
        }
        _ => None,
    };
    if let Some(absent) = absent {
        let (message, help) = match graph.is_absent(absent) {
            true => (
                format!("AWS knows no `{arn}`"),
                "correct the ARN, path and all",
            ),
            false => (
                format!("the complete export of its account does not contain `{arn}`"),
                "correct the ARN, path and all, or export the account anew",
            ),
        };
        voice.error(streams, &message, Some(help));
        return None;
    }
    Some(caller)
}

/// What the findings come to. `strict` is whether all of them are among the findings; `None` lets pass what is undecided.
fn exit(fail_on: Severity, strict: Option<bool>, result: &check::Result) -> Exit {
    let weighty = result
        .findings
        .iter()
        .any(|finding| finding.severity >= fail_on);
    let undecided = |all_told: bool| {
        let mut findings = result.findings.iter();
        // Each undecided requirement is spoken of by a finding. Where some were left out, nobody can tell any more which of
        // them would have been: who left them out wants to hear no more of their requirements, either.
        let untold = all_told && result.suppressed.is_empty() && result.summary.undecided > 0;
        findings.any(|finding| finding.decision == Decided::Undecided) || untold
    };
    if weighty || strict.is_some_and(undecided) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Finding, ReportLayer};

    fn result(findings: &[(Severity, Decided)]) -> check::Result {
        let findings = findings.iter().map(|&(severity, decision)| Finding {
            rule: String::new(),
            severity,
            decision,
            layer: ReportLayer::Identity,
            principals: Vec::new(),
            operations: Vec::new(),
            resources: Vec::new(),
            message: String::new(),
            help: String::new(),
            documentation: Vec::new(),
            affects: Vec::new(),
            missing: Vec::new(),
            labels: Vec::new(),
            suggestion: None,
        });
        check::Result {
            findings: findings.collect(),
            ..check::Result::default()
        }
    }

    #[test]
    fn the_threshold_and_strictness_decide() {
        use Severity::{Error, Note, Warning};
        let nothing = result(&[]);
        let error = result(&[(Error, Decided::Structure)]);
        let warning = result(&[(Note, Decided::Denied), (Warning, Decided::Denied)]);
        let undecided = result(&[(Note, Decided::Undecided)]);
        let table = [
            (Error, None, &nothing, Exit::Clean),
            (Note, Some(true), &nothing, Exit::Clean),
            (Error, None, &error, Exit::Findings),
            (Note, None, &error, Exit::Findings),
            (Error, None, &warning, Exit::Clean),
            (Error, Some(true), &warning, Exit::Clean),
            (Warning, None, &warning, Exit::Findings),
            (Error, None, &undecided, Exit::Clean),
            (Warning, None, &undecided, Exit::Clean),
            (Note, None, &undecided, Exit::Findings),
            (Error, Some(true), &undecided, Exit::Findings),
            (Error, Some(false), &undecided, Exit::Findings),
        ];
        for (fail_on, strict, result, expected) in table {
            assert_eq!(exit(fail_on, strict, result), expected);
        }
    }

    #[test]
    fn strictness_asks_for_what_is_left() {
        let mut result = result(&[]);
        result.summary.undecided = 2;
        // Undecided requirements that no finding speaks of: only where none was left out.
        assert_eq!(exit(Severity::Error, Some(true), &result), Exit::Findings);
        assert_eq!(exit(Severity::Error, Some(false), &result), Exit::Clean);
        assert_eq!(exit(Severity::Error, None, &result), Exit::Clean);
    }
}
