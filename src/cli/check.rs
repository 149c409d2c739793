//! `check`: inputs → findings.

use super::output::write;
use super::rules::catalogue;
use super::{Check, Exit, Given, Streams, Voice};
use crate::check::{self, Decided};
use crate::graph::{Fact, Graph};
use crate::load::{self, Input, LoadError, Loaded};
use crate::report::{Rendering, file_name};
use crate::rules::{Party, operator};
use crate::source::Sources;

/// Files inside folders that are named when nobody recognised them; the rest is counted.
const NAMED_FILES: usize = 20;

/// Does what `check` is asked for.
pub(super) fn run(options: &Check, voice: Voice, streams: &mut Streams<'_>) -> Exit {
    let mut sources = Sources::new();
    let Some(loaded) = load(&options.inputs, &mut sources, voice, streams) else {
        return Exit::Failed;
    };
    let Some(catalogue) = catalogue(options.rules.as_deref(), voice, streams) else {
        return Exit::Failed;
    };
    if !pipelines_exist(&options.pipelines, &loaded.graph, voice, streams) {
        return Exit::Failed;
    }
    let caller = match options.caller.as_deref() {
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
            pipelines: options.pipelines.clone(),
            caller,
        },
    );
    result.summary.unrecognised = loaded.unrecognised.len();
    let exit = exit(options, &result);
    let rendering = Rendering {
        result: &result,
        sources: &sources,
        style: options.style,
    };
    // Whole first: a report that breaks off must not have reached anybody.
    let mut bytes = Vec::new();
    if let Err(error) = (options.format.render)(&rendering, &mut bytes) {
        let message = format!("the report cannot be written: {error}");
        voice.error(streams, &message, None);
        return Exit::Failed;
    }
    match &options.output {
        None if options.mute => exit,
        output => write(streams, output.as_deref(), &bytes, exit, voice),
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
        Party::Role(role) => matches!(graph.role(&role.arn), Fact::Absent),
        Party::User(user) if !user.arn.ends_with(":root") => {
            matches!(graph.user(&user.arn), Fact::Absent)
        }
        _ => false,
    };
    if absent {
        let message = format!("the complete export of its account does not contain `{arn}`");
        let help = "correct the ARN, path and all, or export the account anew";
        voice.error(streams, &message, Some(help));
        return None;
    }
    Some(caller)
}

/// Reads all inputs, and says on standard error what is wrong with them; `None` when the run cannot be done.
pub(super) fn load(
    given: &[Given],
    sources: &mut Sources,
    voice: Voice,
    streams: &mut Streams<'_>,
) -> Option<Loaded> {
    let inputs = inputs(given, voice, streams)?;
    match load::load(sources, &inputs) {
        Ok(loaded) => {
            warn(&loaded, sources, voice, streams);
            Some(loaded)
        }
        Err(errors) => {
            for error in errors {
                voice.error(streams, &error_text(&error), error.help.as_deref());
            }
            None
        }
    }
}

/// What was given, standard input read; `None`, after saying why, when that cannot be.
pub(super) fn inputs(
    given: &[Given],
    voice: Voice,
    streams: &mut Streams<'_>,
) -> Option<Vec<Input>> {
    let mut inputs = Vec::new();
    for given in given {
        inputs.push(match given {
            Given::Path(path) => Input::Path(path.clone()),
            Given::Stdin { name } => {
                let mut bytes = Vec::new();
                if let Err(error) = streams.input.read_to_end(&mut bytes) {
                    let message = format!("standard input cannot be read: {error}");
                    voice.error(streams, &message, None);
                    return None;
                }
                Input::Stdin {
                    bytes,
                    name: name.clone(),
                }
            }
        });
    }
    Some(inputs)
}

/// `file:line:column: what is wrong`
pub(super) fn error_text(error: &LoadError) -> String {
    let message = &error.message;
    match (error.file.as_str(), error.position) {
        ("", _) => message.clone(),
        (file, None) => format!("{}: {message}", file_name(file)),
        (file, Some(at)) => format!("{}:{}:{}: {message}", file_name(file), at.line, at.column),
    }
}

fn warn(loaded: &Loaded, sources: &Sources, voice: Voice, streams: &mut Streams<'_>) {
    for warning in &loaded.warnings {
        let places: Vec<String> = warning
            .origins
            .iter()
            .map(|origin| {
                let place = sources.place(*origin);
                let (line, column) = (place.start.line, place.start.column);
                format!("{}:{line}:{column}", file_name(&place.name))
            })
            .collect();
        voice.warning(streams, &warning.message, &places, warning.help.as_deref());
    }
    let unknown = &loaded.unrecognised;
    if unknown.is_empty() {
        return;
    }
    let mut places: Vec<String> = unknown
        .iter()
        .take(NAMED_FILES)
        .map(|name| file_name(name))
        .collect();
    if unknown.len() > NAMED_FILES {
        places.push(format!("and {} more", unknown.len() - NAMED_FILES));
    }
    let message = match unknown.len() {
        1 => "1 file is not recognised, and left out".to_owned(),
        count => format!("{count} files are not recognised, and left out"),
    };
    voice.warning(streams, &message, &places, None);
}

/// Whether every pipeline that was asked for is there; a name with a typing error must not end as a clean run.
pub(super) fn pipelines_exist(
    names: &[String],
    graph: &Graph,
    voice: Voice,
    streams: &mut Streams<'_>,
) -> bool {
    let names_of = graph.pipelines.iter().map(|pipeline| &pipeline.name.text);
    let shown: Vec<_> = names_of.map(|name| graph.symbols.shown(name)).collect();
    let known: Vec<&str> = shown.iter().map(AsRef::as_ref).collect();
    let mut all = true;
    for name in names.iter().filter(|name| !known.contains(&name.as_str())) {
        all = false;
        let nearest = known
            .iter()
            .map(|known| (strsim::normalized_damerau_levenshtein(known, name), known))
            .filter(|(likeness, _)| *likeness > 0.6)
            .max_by(|left, right| left.0.total_cmp(&right.0));
        let help = match nearest {
            Some((_, nearest)) => format!("did you mean `{nearest}`?"),
            None => format!("the inputs hold {}", listed(&known)),
        };
        let message = format!("no pipeline is named `{name}`");
        voice.error(streams, &message, Some(&help));
    }
    all
}

fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn exit(options: &Check, result: &check::Result) -> Exit {
    let weighty = result
        .findings
        .iter()
        .any(|finding| finding.severity >= options.fail_on);
    let undecided = result.summary.undecided > 0
        || result
            .findings
            .iter()
            .any(|finding| finding.decision == Decided::Undecided);
    if weighty || (options.strict && undecided) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Finding, ReportLayer};
    use crate::report::{FORMATS, Style};
    use crate::rules::Severity;

    fn options(fail_on: Severity, strict: bool) -> Check {
        Check {
            inputs: Vec::new(),
            pipelines: Vec::new(),
            rules: None,
            caller: None,
            format: &FORMATS[0],
            output: None,
            style: Style::plain(80),
            mute: false,
            fail_on,
            strict,
        }
    }

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
            (Error, false, &nothing, Exit::Clean),
            (Note, true, &nothing, Exit::Clean),
            (Error, false, &error, Exit::Findings),
            (Note, false, &error, Exit::Findings),
            (Error, false, &warning, Exit::Clean),
            (Error, true, &warning, Exit::Clean),
            (Warning, false, &warning, Exit::Findings),
            (Error, false, &undecided, Exit::Clean),
            (Warning, false, &undecided, Exit::Clean),
            (Note, false, &undecided, Exit::Findings),
            (Error, true, &undecided, Exit::Findings),
        ];
        for (fail_on, strict, result, expected) in table {
            assert_eq!(exit(&options(fail_on, strict), result), expected);
        }
    }
}
