//! What every format says of a node or an arrow: its lines, its reasons, and what was found, as plain text.

use super::{Arrow, ArrowKind, Line, Mark, Node, NodeKind, Picture};
use crate::check::{self, Affected, Finding};
use crate::report::words::count;
use crate::rules::Severity;

/// Lines, actions and members that a tooltip names; the rest is counted, for nobody can scroll in one.
const LINES: usize = 12;
const ACTIONS: usize = 4;
const FINDINGS: usize = 4;
const MESSAGE: usize = 300;
const MEMBERS: usize = 12;

/// Columns of a label; what is longer loses its middle, for names of one stack differ at their ends.
const LABEL: usize = 34;

/// What the marks stand for, in the order of a legend.
pub(super) const LEGEND: [(Mark, &str); 4] = [
    (Mark::Allowed, "allowed by the given policies"),
    (Mark::Denied, "denied, and the run needs it"),
    (Mark::Undecided, "undecided: a fact is missing"),
    (Mark::Doubtful, "denied, and not always needed"),
];

/// What the picture shows, in one line.
pub(super) fn title(result: &check::Result) -> String {
    match result.checked.as_slice() {
        [] => "no pipeline".to_owned(),
        [one] => format!("pipeline {}: who needs what of whom", one.name),
        several => format!(
            "{}: who needs what of whom",
            count(several.len(), "pipeline")
        ),
    }
}

/// How many arrows there are of each mark: `31 arrows: 28 allowed, 2 denied, 1 undecided`.
pub(super) fn summary(picture: &Picture) -> String {
    let of = |mark: Mark| {
        let arrows = picture.arrows.iter();
        arrows.filter(|arrow| arrow.mark == mark).count()
    };
    let marks = LEGEND.iter().map(|(mark, _)| (*mark, of(*mark)));
    let marks = marks.filter(|(_, number)| *number > 0);
    let marks: Vec<String> = marks
        .map(|(mark, number)| format!("{number} {}", mark.name()))
        .collect();
    format!(
        "{}, {}, {}: {}",
        count(picture.accounts.len(), "box").replace("boxs", "boxes"),
        count(picture.nodes.len(), "thing"),
        count(picture.arrows.len(), "arrow"),
        marks.join(", ")
    )
}

/// A label that fits.
pub(super) fn short(label: &str) -> String {
    let length = label.chars().count();
    if length <= LABEL {
        return label.to_owned();
    }
    let front: String = label.chars().take(LABEL / 2).collect();
    let back: String = label.chars().skip(length + 1 + LABEL / 2 - LABEL).collect();
    format!("{front}…{back}")
}

/// What stands below a node's name; with what was found of the node itself.
pub(super) fn below(node: &Node, result: &check::Result) -> String {
    let found = found(&node.findings, result);
    match (node.detail.is_empty(), found) {
        (_, None) => short(&node.detail),
        (true, Some(found)) => found,
        (false, Some(found)) => format!("{}, {found}", short(&node.detail)),
    }
}

/// `✕ 1 error`, `! 2 warnings`: the weightiest of what was found of a thing itself.
fn found(findings: &[usize], result: &check::Result) -> Option<String> {
    let worst = worst(findings, result)?;
    let of_worst = findings.iter().filter_map(|&it| result.findings.get(it));
    let number = of_worst.filter(|it| it.severity == worst).count();
    let sign = match worst {
        Severity::Error => "✕",
        Severity::Warning => "!",
        Severity::Note => "?",
    };
    Some(format!("{sign} {}", count(number, worst.name())))
}

/// The weight of the weightiest.
pub(super) fn worst(findings: &[usize], result: &check::Result) -> Option<Severity> {
    let findings = findings.iter().filter_map(|&it| result.findings.get(it));
    findings.map(|finding| finding.severity).max()
}

/// What stands beside an arrow; nothing where one acts as the other and may.
pub(super) fn beside(arrow: &Arrow) -> String {
    match (arrow.kind, arrow.mark) {
        (ArrowKind::ActsAs, Mark::Allowed) => String::new(),
        (_, Mark::Allowed) => short(&arrow.label()),
        (_, mark) => format!("{} {}", mark.sign(), short(&arrow.label())),
    }
}

/// All there is to say of a node.
pub(super) fn of_node(node: &Node, result: &check::Result) -> String {
    let mut lines = vec![node.name.clone()];
    if !node.detail.is_empty() && node.kind != NodeKind::Action {
        lines.push(node.detail.clone());
    }
    lines.extend(node.remarks.iter().cloned());
    if !node.members.is_empty() {
        lines.push(format!("stands for {}:", node.members.len()));
        lines.extend(some(&node.members, MEMBERS));
    }
    lines.extend(findings(&node.findings, result));
    lines.join("\n")
}

/// Who needs something of whom, or acts as whom.
pub(super) fn name_of_arrow(arrow: &Arrow, picture: &Picture) -> String {
    let name = |node: usize| picture.nodes.get(node).map_or("", |node| &node.label);
    let (from, to) = (name(arrow.from), name(arrow.to));
    let mark = arrow.mark.name();
    match arrow.kind {
        ArrowKind::ActsAs => format!("{from} acts as {to}: {mark}"),
        ArrowKind::Needs => format!("what {from} needs of {to}: {mark}"),
    }
}

/// All there is to say of an arrow, the worst first.
pub(super) fn of_arrow(arrow: &Arrow, result: &check::Result) -> String {
    let mut sorted: Vec<&Line> = arrow.lines.iter().collect();
    sorted.sort_by_key(|line| std::cmp::Reverse(line.mark));
    let mut lines = Vec::new();
    for line in sorted.iter().take(LINES) {
        lines.extend(of_line(line));
    }
    if sorted.len() > LINES {
        lines.push(format!("… and {} more", sorted.len() - LINES));
    }
    let names: Vec<String> = arrow.affects.iter().map(place).collect();
    if !names.is_empty() {
        lines.push(format!("for {}", some(&names, ACTIONS).join(", ")));
    }
    lines.extend(findings(&arrow.findings, result));
    lines.join("\n")
}

fn of_line(line: &Line) -> Vec<String> {
    let sign = match line.mark {
        Mark::Allowed => "✓",
        mark => mark.sign(),
    };
    let operations = line.operations.join(", ");
    let mut parts = vec![format!("{} {}", line.certainty, cut(&line.why))];
    parts.extend(line.lacking.clone());
    if line.mark != Mark::Allowed {
        let granted = line.granted_by.iter();
        parts.extend(granted.map(|by| format!("granted by {by}")));
    }
    parts.extend(line.remarks.iter().cloned());
    let mut lines = vec![format!("{sign} {operations} on {}", line.resource)];
    lines.push(format!("   {}", parts.join("; ")));
    let unknown = line.unknown.iter();
    lines.extend(unknown.map(|fact| format!("   not known: {}: {}", fact.what, fact.supply)));
    lines
}

fn findings(findings: &[usize], result: &check::Result) -> Vec<String> {
    let findings = findings.iter().filter_map(|&it| result.findings.get(it));
    let text = |finding: &Finding| {
        let message = cut(&finding.message);
        format!("{}[{}]: {message}", finding.severity.name(), finding.rule)
    };
    some(&findings.map(text).collect::<Vec<_>>(), FINDINGS)
}

/// An action as people find it; the pipeline's own name where the whole of it is concerned.
fn place(affected: &Affected) -> String {
    if affected.stage.is_empty() {
        let name = affected.pipeline.rsplit(':').next();
        return name.unwrap_or_default().to_owned();
    }
    format!("{} › {}", affected.stage, affected.action)
}

/// A message that names hundreds of roles is told in full by a report.
fn cut(message: &str) -> String {
    if message.chars().count() <= MESSAGE {
        return message.to_owned();
    }
    let front: String = message.chars().take(MESSAGE).collect();
    format!("{front}…")
}

/// The first of them, and how many there are besides.
fn some(texts: &[String], number: usize) -> Vec<String> {
    let mut some: Vec<String> = texts.iter().take(number).cloned().collect();
    if texts.len() > number {
        some.push(format!("… and {} more", texts.len() - number));
    }
    some
}
