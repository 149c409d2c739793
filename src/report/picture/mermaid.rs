//! `--format mermaid`: a flowchart, as GitHub and GitLab draw it in comments.
//!
//! Syntax: <https://mermaid.js.org/syntax/flowchart.html>

use std::io;

use super::words::{LEGEND, below, beside, short, summary, worst};
use super::{Arrow, Mark, Node, NodeKind, Picture};
use crate::check;
use crate::rules::Severity;

/// What a page draws at most unless it is set up otherwise: `maxEdges` and `maxTextSize`, with room for what stands around it.
/// <https://mermaid.js.org/config/schema-docs/config.html>
const EDGES: usize = 480;
const CHARACTERS: usize = 48_000;

/// Writes the flowchart: all of it, or where a page would refuse to draw that, what is not allowed and what of that there is room for.
pub(super) fn render(
    picture: &Picture,
    result: &check::Result,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let whole: Vec<usize> = (0..picture.arrows.len()).collect();
    let mut text = chart(picture, result, &whole);
    if !fits(&text, whole.len()) {
        let arrows = picture.arrows.iter().enumerate();
        let mut kept: Vec<usize> = arrows
            .filter(|(_, arrow)| arrow.mark != Mark::Allowed)
            .map(|(index, _)| index)
            .collect();
        // The worst stay longest.
        kept.sort_by_key(|&index| {
            let mark = picture.arrows.get(index).map(|arrow| arrow.mark);
            (std::cmp::Reverse(mark), index)
        });
        kept.truncate(EDGES);
        text = chart(picture, result, &kept);
        while !fits(&text, kept.len()) && !kept.is_empty() {
            kept.truncate(kept.len() * 3 / 4);
            text = chart(picture, result, &kept);
        }
    }
    out.write_all(text.as_bytes())
}

fn fits(text: &str, arrows: usize) -> bool {
    arrows <= EDGES && text.chars().count() <= CHARACTERS
}

fn chart(picture: &Picture, result: &check::Result, kept: &[usize]) -> String {
    let arrows: Vec<&Arrow> = kept
        .iter()
        .filter_map(|&it| picture.arrows.get(it))
        .collect();
    let is_whole = arrows.len() == picture.arrows.len();
    let mut text = String::from("flowchart LR\n");
    text.push_str(&format!("  %% {}\n", summary(picture)));
    if !is_whole {
        text.push_str(&format!(
            "  %% too large to be drawn whole: {} of {} arrows, the worst, and what they touch\n",
            arrows.len(),
            picture.arrows.len()
        ));
    }
    let touched = |node: usize| {
        is_whole
            || arrows
                .iter()
                .any(|arrow| arrow.from == node || arrow.to == node)
    };
    for (index, account) in picture.accounts.iter().enumerate() {
        let nodes = picture.nodes.iter().enumerate();
        let inside: Vec<(usize, &Node)> = nodes
            .filter(|(position, node)| node.account == index && touched(*position))
            .collect();
        if inside.is_empty() {
            continue;
        }
        text.push_str(&format!(
            "  subgraph {}[\"{}\"]\n",
            account.id,
            escaped(&account.title)
        ));
        for (position, node) in &inside {
            if node.pipeline.is_some_and(touched) {
                continue;
            }
            let steps: Vec<&Node> = inside
                .iter()
                .filter(|(_, step)| step.pipeline == Some(*position))
                .map(|(_, step)| *step)
                .collect();
            if steps.is_empty() {
                text.push_str(&format!("    {}\n", shape(node, result)));
                continue;
            }
            text.push_str(&format!(
                "    subgraph {}p[\"{}\"]\n",
                node.id,
                escaped(&format!("pipeline {}", short(&node.label)))
            ));
            text.push_str("      direction LR\n");
            for inner in std::iter::once(*node).chain(steps) {
                text.push_str(&format!("      {}\n", shape(inner, result)));
            }
            text.push_str("    end\n");
        }
        text.push_str("  end\n");
    }
    if !is_whole {
        text.push_str(&format!(
            "  cut[\"{} of {} arrows are shown: the whole is too large for a flowchart\"]\n",
            arrows.len(),
            picture.arrows.len()
        ));
    }
    for arrow in &arrows {
        text.push_str(&format!("  {}\n", link(arrow, picture)));
    }
    styles(&mut text, picture, result, &arrows, &touched);
    text
}

/// A node in the shape of its kind.
fn shape(node: &Node, result: &check::Result) -> String {
    let (open, close) = match node.kind {
        NodeKind::Pipeline => ("[[", "]]"),
        NodeKind::Action => ("(", ")"),
        NodeKind::Role => ("([", "])"),
        NodeKind::Service => ("[/", "/]"),
        NodeKind::Bucket => ("[(", ")]"),
        NodeKind::Key => ("{{", "}}"),
        NodeKind::Resource => ("[", "]"),
    };
    let mut label = escaped(&short(&node.label));
    let below = below(node, result);
    if !below.is_empty() {
        label.push_str("<br/>");
        label.push_str(&escaped(&below));
    }
    format!("{}{open}\"{label}\"{close}", node.id)
}

fn link(arrow: &Arrow, picture: &Picture) -> String {
    let id = |node: usize| picture.nodes.get(node).map_or("", |node| &node.id);
    let line = match arrow.mark {
        Mark::Allowed => "-->",
        Mark::Denied => "--x",
        Mark::Undecided | Mark::Doubtful => "-.->",
    };
    let label = match beside(arrow) {
        label if label.is_empty() => String::new(),
        label => format!("|\"{}\"|", escaped(&label)),
    };
    format!("{} {line}{label} {}", id(arrow.from), id(arrow.to))
}

fn styles(
    text: &mut String,
    picture: &Picture,
    result: &check::Result,
    arrows: &[&Arrow],
    touched: &dyn Fn(usize) -> bool,
) {
    let colours = [
        (Mark::Allowed, "stroke:#57606a"),
        (
            Mark::Denied,
            "stroke:#cf222e,stroke-width:3px,stroke-dasharray:8 4",
        ),
        (
            Mark::Undecided,
            "stroke:#9a6700,stroke-width:2px,stroke-dasharray:2 4",
        ),
        (
            Mark::Doubtful,
            "stroke:#bc4c00,stroke-width:2px,stroke-dasharray:8 4",
        ),
    ];
    for (mark, style) in colours {
        let links = arrows.iter().enumerate();
        let links: Vec<String> = links
            .filter(|(_, arrow)| arrow.mark == mark)
            .map(|(index, _)| index.to_string())
            .collect();
        if !links.is_empty() {
            text.push_str(&format!("  linkStyle {} {style}\n", links.join(",")));
        }
    }
    let broken: Vec<&str> = picture
        .nodes
        .iter()
        .enumerate()
        .filter(|(index, node)| {
            worst(&node.findings, result) == Some(Severity::Error) && touched(*index)
        })
        .map(|(_, node)| node.id.as_str())
        .collect();
    if !broken.is_empty() {
        text.push_str("  classDef broken stroke:#cf222e,stroke-width:3px\n");
        text.push_str(&format!("  class {} broken\n", broken.join(",")));
    }
    let legend = LEGEND.iter().filter(|(mark, _)| {
        *mark != Mark::Allowed && arrows.iter().any(|arrow| arrow.mark == *mark)
    });
    for (mark, meaning) in legend {
        text.push_str(&format!("  %% {} {meaning}\n", mark.sign()));
    }
}

/// A text that stays inside its quotes and is no markup: what is more than a plain character becomes its number.
/// <https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters>
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (index, character) in text.chars().enumerate() {
        let plain = match character {
            // A hyphen or a number with a full stop begins a list, where it begins a label.
            '-' => index > 0,
            '.' => !text.starts_with(|first: char| first.is_ascii_digit()),
            '/' | ':' | ',' | ' ' => true,
            '✕' | '…' | '›' | '?' | '!' => true,
            other => other.is_ascii_alphanumeric(),
        };
        if plain {
            escaped.push(character);
        } else if is_visible(character) {
            escaped.push_str(&format!("#{};", u32::from(character)));
        } else {
            escaped.push('\u{FFFD}');
        }
    }
    escaped
}

fn is_visible(character: char) -> bool {
    let text = character.to_string();
    !character.is_control() && crate::report::printable(&text) == text.as_str()
}
