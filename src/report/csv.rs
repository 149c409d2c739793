//! `--format csv`: what every principal needs, a line for each operation, for spreadsheets.
//!
//! The same table for `check` and `requirements`: requirements, not findings, for that is what people sort and tick off.
//! Quoted as RFC 4180 has it. A spreadsheet takes a cell that begins like a formula for one, whoever wrote it
//! (<https://owasp.org/www-community/attacks/CSV_Injection>), so that such a cell begins with an apostrophe.

use std::io;

use super::text::printable;
use super::words::path;
use super::{Rendering, Style};
use crate::check::ReportLayer;
use crate::check::needs::{Grant, Need, Needs, Policies, Principal};
use crate::rules::Certainty;

/// The first line.
const HEADINGS: [&str; 14] = [
    "decision",
    "principal",
    "principal is",
    "operation",
    "resource",
    "resource account",
    "certainty",
    "context",
    "granted by",
    "withheld by",
    "not known",
    "why",
    "needed by",
    "documentation",
];

/// Writes what the pipelines of a check need; a result without it gives the headings alone.
pub(super) fn render(rendering: &Rendering<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    match &rendering.result.needs {
        Some(needs) => render_needs(needs, rendering.style, out),
        None => render_needs(&Needs::default(), rendering.style, out),
    }
}

/// Writes all lines of all principals.
pub(super) fn render_needs(needs: &Needs, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    writer.write_record(HEADINGS)?;
    for principal in needs.principals.iter().chain(&needs.unnamed) {
        for need in &principal.needs {
            // Of operations of which one is enough, no single one is needed.
            let together = vec![need.operations.join(" or ")];
            let operations = match need.one_is_enough {
                true => &together,
                false => &need.operations,
            };
            for operation in operations {
                let cells = cells(principal, need, operation);
                writer.write_record(cells.iter().map(|cell| inert(cell)))?;
            }
        }
    }
    writer.flush()
}

fn cells(principal: &Principal, need: &Need, operation: &str) -> [String; HEADINGS.len()] {
    let decision = match (need.standing, principal.policies) {
        (Some(standing), _) => standing.name(),
        (None, Policies::NoSuchRole) => "no such role",
        (None, _) => "policies not given",
    };
    let context = need.context.iter();
    let context = context.map(|(key, value)| format!("{key}={value}"));
    let unknown = need.unknown.iter();
    let unknown = unknown.map(|fact| format!("{}: {}", fact.what, fact.supply));
    let affects = need.affects.iter();
    [
        decision.to_owned(),
        principal.name.clone(),
        principal.titles.join("; "),
        operation.to_owned(),
        need.resource.clone(),
        need.account.clone().unwrap_or_default(),
        match need.certainty {
            Certainty::Necessary => "necessary",
            Certainty::Conditional => "conditional",
            Certainty::Advised => "advised",
        }
        .to_owned(),
        joined(context),
        joined(need.grants.iter().map(granted)),
        joined(need.lacking.iter().map(|layer| withheld(*layer))),
        joined(unknown),
        joined(need.why.iter().cloned()),
        joined(affects.map(|affected| path(affected, " › "))),
        joined(need.documentation.iter().cloned()),
    ]
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join("; ")
}

fn granted(grant: &Grant) -> String {
    let proviso = grant.proviso.map(|proviso| format!(" ({proviso})"));
    format!(
        "{} of {}{}",
        grant.policy,
        grant.of,
        proviso.unwrap_or_default()
    )
}

fn withheld(layer: ReportLayer) -> String {
    layer.name().to_owned()
}

/// A cell that no spreadsheet computes, and that stays on one line.
fn inert(cell: &str) -> String {
    let clean = printable(cell).replace('\n', " ");
    let formula = clean
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if formula { format!("'{clean}") } else { clean }
}
