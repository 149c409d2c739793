//! `--format dot`: the language of Graphviz.
//!
//! Syntax: <https://graphviz.org/doc/info/lang.html>

use std::io;

use super::words::{below, beside, name_of_arrow, of_arrow, of_node, short, title, worst};
use super::{Arrow, ArrowKind, Mark, Node, NodeKind, Picture};
use crate::check;
use crate::report::printable;
use crate::rules::Severity;

/// Writes the graph.
pub(super) fn render(
    picture: &Picture,
    result: &check::Result,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut text = String::from("digraph picture {\n");
    text.push_str("  rankdir=LR\n  compound=true\n  newrank=true\n  nodesep=0.3\n  ranksep=1.2\n");
    text.push_str(&format!("  label={}\n", quoted(&title(result))));
    text.push_str("  fontname=\"Helvetica,Arial,sans-serif\"\n");
    text.push_str(
        "  node [fontname=\"Helvetica,Arial,sans-serif\", fontsize=11, shape=box, style=filled, fillcolor=white]\n",
    );
    text.push_str("  edge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=10]\n");
    for (index, account) in picture.accounts.iter().enumerate() {
        text.push_str(&format!("  subgraph cluster_{} {{\n", account.id));
        text.push_str(&format!("    label={}\n", quoted(&account.title)));
        text.push_str("    style=\"rounded,filled\"\n    color=\"#8c959f\"\n    fillcolor=\"#f6f8fa\"\n    labeljust=l\n");
        let nodes = picture.nodes.iter().enumerate();
        let inside: Vec<(usize, &Node)> = nodes.filter(|(_, node)| node.account == index).collect();
        for (position, one) in &inside {
            if one.pipeline.is_some() {
                continue;
            }
            let steps: Vec<&Node> = inside
                .iter()
                .filter(|(_, step)| step.pipeline == Some(*position))
                .map(|(_, step)| *step)
                .collect();
            if steps.is_empty() {
                text.push_str(&format!("    {}\n", node(one, result)));
                continue;
            }
            text.push_str(&format!("    subgraph cluster_{} {{\n", one.id));
            text.push_str("      label=\"\"\n      fillcolor=\"#eaeef2\"\n");
            for inner in std::iter::once(*one).chain(steps) {
                text.push_str(&format!("      {}\n", node(inner, result)));
            }
            text.push_str("    }\n");
        }
        text.push_str("  }\n");
    }
    for one in &picture.arrows {
        text.push_str(&format!("  {}\n", arrow(one, picture, result)));
    }
    text.push_str("}\n");
    out.write_all(text.as_bytes())
}

fn node(node: &Node, result: &check::Result) -> String {
    let shape = match node.kind {
        NodeKind::Pipeline => "box3d, fillcolor=\"#fff8c5\"",
        NodeKind::Action => "box, style=\"rounded,filled\", fillcolor=\"#fffdf0\"",
        NodeKind::Role => "box, style=\"rounded,filled\", fillcolor=\"#ddf4ff\"",
        NodeKind::Service => "component, fillcolor=\"#eee8ff\"",
        NodeKind::Bucket => "cylinder, fillcolor=\"#dafbe1\"",
        NodeKind::Key => "hexagon, fillcolor=\"#ffeff7\"",
        NodeKind::Resource => "box",
    };
    let colour = match worst(&node.findings, result) {
        Some(Severity::Error) => ", color=\"#cf222e\", penwidth=3",
        Some(Severity::Warning) => ", color=\"#bc4c00\", penwidth=2",
        Some(Severity::Note) | None => "",
    };
    let below = below(node, result);
    let mut label = short(&node.label);
    if !below.is_empty() {
        label.push('\n');
        label.push_str(&below);
    }
    format!(
        "{} [label={}, tooltip={}, shape={shape}{colour}]",
        node.id,
        quoted(&label),
        quoted(&of_node(node, result))
    )
}

fn arrow(arrow: &Arrow, picture: &Picture, result: &check::Result) -> String {
    let id = |node: usize| picture.nodes.get(node).map_or("", |node| &node.id);
    let style = match arrow.mark {
        Mark::Allowed => "color=\"#57606a\"",
        Mark::Denied => {
            "color=\"#cf222e\", fontcolor=\"#cf222e\", style=dashed, penwidth=2, arrowhead=normaltee"
        }
        Mark::Undecided => "color=\"#9a6700\", fontcolor=\"#9a6700\", style=dotted, penwidth=2",
        Mark::Doubtful => "color=\"#bc4c00\", fontcolor=\"#bc4c00\", style=dashed",
    };
    let head = match (arrow.kind, arrow.mark) {
        (ArrowKind::ActsAs, Mark::Allowed) => ", arrowhead=empty",
        _ => "",
    };
    let about = format!(
        "{}\n{}",
        name_of_arrow(arrow, picture),
        of_arrow(arrow, result)
    );
    let label = beside(arrow);
    let label = if label.is_empty() {
        String::new()
    } else {
        format!("label={}, ", quoted(&label))
    };
    let about = quoted(&about);
    format!(
        "{} -> {} [{label}{style}{head}, tooltip={about}]",
        id(arrow.from),
        id(arrow.to),
    )
}

/// A text between quotes. Graphviz reads `\N` and its like in labels, and HTML entities too.
/// <https://graphviz.org/docs/attr-types/escString/>
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in printable(text).chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '&' => quoted.push_str("&amp;"),
            '\n' => quoted.push_str("\\n"),
            other if other.is_control() => quoted.push('\u{FFFD}'),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
