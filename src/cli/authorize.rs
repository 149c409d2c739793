//! `authorize`: cases → decisions, and whether they are as expected.

use serde::Serialize;

use super::begin::{error_text, inputs};
use super::output::write_out;
use super::{Authorize, Exit, ListFormat, Streams, Voice};
use crate::authorize::{Answer, answer, layer_name, missing_name, trace, verdict_name};
use crate::load::case::{Case, cases};
use crate::report::{Role, paint, printable, wrap};
use crate::source::Sources;

/// Columns that everything below the first line of a case is moved to the right.
const INDENT: usize = 4;

/// One line of the JSON form.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    decision: &'static str,
    deciding: OneOrMany,
    because: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OneOrMany {
    One(&'static str),
    Many(Vec<&'static str>),
}

/// Does what `authorize` is asked for.
pub(super) fn run(options: &Authorize, voice: Voice, streams: &mut Streams<'_>) -> Exit {
    let mut sources = Sources::new();
    let Some(inputs) = inputs(&options.inputs, voice, streams) else {
        return Exit::Failed;
    };
    let cases = match cases(&mut sources, &inputs) {
        Ok(cases) => cases,
        Err(errors) => {
            for error in errors {
                voice.error(streams, &error_text(&error), error.help.as_deref());
            }
            return Exit::Failed;
        }
    };
    let (mut out, mut err) = (String::new(), String::new());
    let mut tally = Tally::default();
    for case in &cases {
        let answer = answer(case, &sources);
        tally.add(&answer);
        let differs = answer
            .differences
            .as_ref()
            .is_some_and(|all| !all.is_empty());
        let trace = match options.trace || differs {
            true => trace(case, &answer, &sources),
            false => Vec::new(),
        };
        match options.format {
            ListFormat::Human => out.push_str(&human(case, &answer, &trace, options, &sources)),
            ListFormat::Json => {
                match serde_json::to_string(&line(case, &answer)) {
                    Ok(line) => out.push_str(&line),
                    Err(error) => {
                        let message = format!("the decisions cannot be written: {error}");
                        voice.error(streams, &message, None);
                        return Exit::Failed;
                    }
                }
                out.push('\n');
                if !trace.is_empty() {
                    let options = Authorize {
                        color: voice.color,
                        ..options.clone()
                    };
                    err.push_str(&human(case, &answer, &trace, &options, &sources));
                }
            }
        }
    }
    err.push_str(&tally.summary());
    let exit = match tally.unexpected {
        0 => Exit::Clean,
        _ => Exit::Findings,
    };
    let exit = write_out(streams, out.as_bytes(), exit, voice);
    // Where standard error is gone there is nobody left to tell.
    let _ = streams.err.write_all(err.as_bytes());
    exit
}

fn line<'a>(case: &'a Case, answer: &'a Answer) -> Line<'a> {
    let decision = &answer.decision;
    let deciding: Vec<&'static str> = decision.deciding.iter().map(|l| layer_name(*l)).collect();
    Line {
        id: &case.id,
        decision: verdict_name(decision.verdict),
        deciding: match deciding.as_slice() {
            [one] => OneOrMany::One(one),
            _ => OneOrMany::Many(deciding),
        },
        because: &answer.because,
        missing: decision.missing.iter().map(missing_name).collect(),
    }
}

fn human(
    case: &Case,
    answer: &Answer,
    trace: &[String],
    options: &Authorize,
    sources: &Sources,
) -> String {
    let verdict = verdict_name(answer.decision.verdict);
    let (mark, role) = match &answer.differences {
        None => ("decided", Role::Strong),
        Some(all) if all.is_empty() => ("ok", Role::Note),
        Some(_) => ("wrong", Role::Error),
    };
    let differences = answer.differences.as_deref().unwrap_or_default();
    let id = printable(&case.id);
    let head = match differences {
        [] => format!("{id}: {verdict}"),
        all => {
            let place = sources.place(case.origin);
            let all = printable(&all.join("; ")).into_owned();
            format!("{id}: {all}\n  --> {}:{}", place.name, place.start.line)
        }
    };
    let mut text = format!("{}: {head}\n", paint(mark, role, options.color));
    let mut add = |line: &str, indent: usize| {
        for (at, part) in wrap(&printable(line), options.width.saturating_sub(indent + 2))
            .iter()
            .enumerate()
        {
            let more = if at == 0 { 0 } else { 2 };
            text.push_str(&format!("{:width$}{part}\n", "", width = indent + more));
        }
    };
    add(&answer.because, INDENT);
    for line in trace {
        let inner = line.len() - line.trim_start().len();
        add(line.trim_start(), INDENT + 2 + inner);
    }
    text
}

/// How many cases came out how.
#[derive(Debug, Default)]
struct Tally {
    expected: usize,
    unexpected: usize,
    unchecked: usize,
}

impl Tally {
    fn add(&mut self, answer: &Answer) {
        let slot = match &answer.differences {
            None => &mut self.unchecked,
            Some(all) if all.is_empty() => &mut self.expected,
            Some(_) => &mut self.unexpected,
        };
        *slot += 1;
    }

    fn summary(&self) -> String {
        let all = self.expected + self.unexpected + self.unchecked;
        let cases = if all == 1 { "case" } else { "cases" };
        let parts = [
            (self.expected, "as expected"),
            (self.unexpected, "not as expected"),
            (self.unchecked, "without expectation"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        format!("{all} {cases}: {}\n", parts.join(", "))
    }
}
