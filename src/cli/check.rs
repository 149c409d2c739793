//! `check`: inputs → findings.

use super::begin::{Begun, begin};
use super::config::Policy;
use super::output::write_all;
use super::{Check, Exit, Streams, Voice, against, baseline};
use crate::check::triage::{self, Baseline, Entry, Weights};
use crate::check::{self, Decided};
use crate::graph::{Fact, Graph};
use crate::load::Loaded;
use crate::report::Rendering;
use crate::rules::{Party, Severity, operator};
use crate::source::Sources;

/// What a check begins with, and its findings, weighed and without those that people ignore or know already.
pub(super) struct Found {
    pub(super) begun: Begun,
    pub(super) result: check::Result,
    /// Whether no rule was left out.
    all_told: bool,
    weights: Weights,
    baseline: Option<Baseline>,
}

/// A state of the inputs, judged.
pub(super) struct Judged<'f> {
    pub(super) result: check::Result,
    /// The entries of the baseline that occur no more.
    gone: Vec<&'f Entry>,
    /// Whether no rule was left out.
    all_told: bool,
}

/// What becomes of findings that a baseline holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    SetApart,
    Count,
}

/// Does what `check` is asked for.
pub(super) fn run(options: &Check, voice: Voice, streams: &mut Streams<'_>) -> Exit {
    let mut sources = Sources::new();
    let Some(found) = found(options, Known::SetApart, &mut sources, voice, streams) else {
        return Exit::Failed;
    };
    let before = match &options.against {
        None => None,
        Some(old) => match against::before(old, options, &found, voice, streams) {
            None => return Exit::Failed,
            before => before,
        },
    };
    let Found {
        begun:
            Begun {
                loaded,
                catalogue,
                policy,
                ..
            },
        mut result,
        all_told,
        ..
    } = found;
    if let (Some(before), Some(old)) = (before, &options.against) {
        triage::compare(&mut result, before, old);
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
        result.retain_from(least);
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

/// Checks what is to be looked at; `None`, after saying why, when that cannot be.
pub(super) fn found(
    options: &Check,
    known: Known,
    sources: &mut Sources,
    voice: Voice,
    streams: &mut Streams<'_>,
) -> Option<Found> {
    let named = options.caller.as_deref();
    let begun = begin(&options.subject, named, sources, voice, streams)?;
    let caller = match named {
        None => None,
        Some(arn) => Some(caller(arn, &begun.loaded.graph, voice, streams)?),
    };
    let mut weights = options.weights.clone();
    weights.levels = begun.policy.severities.clone();
    let file = options.baseline.as_ref().or(begun.policy.baseline.as_ref());
    let file = file.filter(|_| known == Known::SetApart).cloned();
    let baseline = match &file {
        None => None,
        Some(file) => Some(baseline::read(file, voice, streams)?),
    };
    let mut found = Found {
        result: check::Result::default(),
        begun,
        all_told: true,
        weights,
        baseline,
    };
    let judged = found.judge(
        &found.begun.loaded,
        &found.begun.policy,
        caller,
        options,
        sources,
    );
    if let (Some(baseline), Some(file)) = (&found.baseline, &file) {
        baseline::tell_gone(baseline, &judged.gone, file, voice, streams);
    }
    let Judged {
        result, all_told, ..
    } = judged;
    found.result = result;
    found.all_told = all_told;
    Some(found)
}

impl Found {
    /// The findings of a state of the inputs, weighed and without those that people ignore or know already.
    pub(super) fn judge(
        &self,
        loaded: &Loaded,
        policy: &Policy,
        caller: Option<Party>,
        options: &Check,
        sources: &Sources,
    ) -> Judged<'_> {
        let catalogue = &self.begun.catalogue;
        let wanted = check::Options {
            pipelines: options.subject.pipelines.clone(),
            caller,
        };
        let mut result = check::run(&loaded.graph, catalogue, &wanted);
        result.summary.unrecognised = loaded.unrecognised.len();
        let told = result.findings.len();
        triage::weigh(&mut result, &self.weights);
        let all_told = result.findings.len() == told;
        if options.ignores {
            let ignores = policy.ignores.iter().chain(&loaded.ignores);
            let ignores: Vec<_> = ignores.cloned().collect();
            let ignoring = triage::Ignoring {
                ignores: &ignores,
                sources,
                catalogue,
                today: options.today,
                weights: &self.weights,
                whole: options.subject.pipelines.is_empty() && !policy.inputs_replaced,
                switched_off: &loaded.graph.switched_off,
            };
            triage::ignore(&mut result, &ignoring);
        }
        let gone = match &self.baseline {
            None => Vec::new(),
            Some(baseline) => triage::set_known_apart(&mut result, baseline, &self.weights),
        };
        Judged {
            result,
            gone,
            all_told,
        }
    }
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
        .new_findings()
        .any(|finding| finding.severity >= fail_on);
    let mut new = result.new_findings();
    let undecided = |all_told: bool| {
        // Each undecided requirement is spoken of by a finding. Where some were left out, nobody can tell any more which of
        // them would have been: who left them out wants to hear no more of their requirements, either. Nor does a requirement
        // tell whether it was so before.
        let counted = all_told && result.suppressed.is_empty() && result.comparison.is_none();
        new.any(|finding| finding.decision == Decided::Undecided)
            || (counted && result.summary.undecided > 0)
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
