//! The parts of the drawing.

use crate::check;
use crate::report::picture::layout::{Layout, Point, Rect, Route, Widths, layout};
use crate::report::picture::words::{
    LEGEND as MARKS, below, beside, name_of_arrow, of_arrow, of_node, short, worst,
};
use crate::report::picture::{Arrow, ArrowKind, Mark, Node, NodeKind, Picture};
use crate::report::printable;
use crate::report::text::columns;

/// The room that the legend takes.
pub(super) const LEGEND: i64 = 78;
pub(super) const LEGEND_WIDTH: i64 = 560;

/// What a column of text takes in the sizes of the style, in halves, with a font as wide as any that is common.
const LABEL: i64 = 15;
const SMALL: i64 = 14;

/// The drawing as a part of a page: groups `node-n1` and `arrow-a1` inside one group, without a style of its own.
///
/// Returns its width, its height, and the group.
pub fn fragment(picture: &Picture, result: &check::Result) -> (i64, i64, String) {
    let drawn = Drawn::of(picture, result);
    (drawn.layout.width, drawn.layout.height, drawn.inner())
}

/// A picture with the places of all that is in it.
pub(super) struct Drawn<'a> {
    picture: &'a Picture,
    result: &'a check::Result,
    pub(super) layout: Layout,
}

impl<'a> Drawn<'a> {
    pub(super) fn of(picture: &'a Picture, result: &'a check::Result) -> Self {
        let widths = Widths {
            nodes: picture
                .nodes
                .iter()
                .map(|node| {
                    let label = wide(&short(&node.label), LABEL);
                    let below = wide(&below(node, result), SMALL);
                    label.max(below).max(90) + 24
                })
                .collect(),
            arrows: picture
                .arrows
                .iter()
                .map(|arrow| match beside(arrow).as_str() {
                    "" => 16,
                    text => wide(text, SMALL) + 22,
                })
                .collect(),
            accounts: picture
                .accounts
                .iter()
                .map(|account| wide(&account.title, LABEL + 2))
                .collect(),
        };
        Self {
            picture,
            result,
            layout: layout(picture, &widths),
        }
    }

    /// Boxes, then lines, then nodes, then the texts of lines: what is in front comes last.
    pub(super) fn inner(&self) -> String {
        let mut text = String::from("<g class=\"drawing\">\n");
        for (account, rect) in self.picture.accounts.iter().zip(&self.layout.accounts) {
            let title = xml(&account.title);
            text.push_str(&format!(
                "<g id=\"account-{}\" class=\"account\" role=\"group\" aria-label=\"{title}\">{}<text x=\"{}\" y=\"{}\">{title}</text></g>\n",
                account.id,
                rectangle(*rect, 10, ""),
                rect.x + 14,
                rect.y + 21,
            ));
        }
        for (_, rect) in &self.layout.lanes {
            text.push_str(&rectangle(*rect, 8, " class=\"lane\""));
            text.push('\n');
        }
        for (arrow, route) in self.picture.arrows.iter().zip(&self.layout.arrows) {
            text.push_str(&self.arrow(arrow, route));
        }
        for (node, rect) in self.picture.nodes.iter().zip(&self.layout.nodes) {
            text.push_str(&self.node(node, *rect));
        }
        text.push_str("</g>\n");
        text
    }

    fn node(&self, node: &Node, rect: Rect) -> String {
        let account = self.picture.accounts.get(node.account);
        let worst = worst(&node.findings, self.result);
        let severity = worst.map_or(String::new(), |worst| format!(" {}", worst.name()));
        let kind = node.kind.name();
        let label = short(&node.label);
        let below = below(node, self.result);
        let middle = rect.y + rect.height / 2;
        let x = rect.x + 12;
        let texts = if below.is_empty() {
            format!(
                "<text x=\"{x}\" y=\"{}\">{}</text>",
                middle + 4,
                xml(&label)
            )
        } else {
            let class = if worst.is_some() {
                "below found"
            } else {
                "below"
            };
            format!(
                "<text x=\"{x}\" y=\"{}\">{}</text><text class=\"{class}\" x=\"{x}\" y=\"{}\">{}</text>",
                middle - 3,
                xml(&label),
                middle + 12,
                xml(&below)
            )
        };
        format!(
            "<g id=\"node-{}\" class=\"node {kind}{severity}\" data-account=\"{}\" tabindex=\"0\" role=\"img\" aria-label=\"{}\">\
             <title>{}</title>{}{texts}</g>\n",
            node.id,
            account.map_or("", |account| &account.id),
            xml(&format!("{} {}", kind, node.label)),
            xml(&of_node(node, self.result)),
            shape(node.kind, rect),
        )
    }

    fn arrow(&self, arrow: &Arrow, route: &Route) -> String {
        let name = name_of_arrow(arrow, self.picture);
        let about = format!("{name}\n{}", of_arrow(arrow, self.result));
        let id = |node: usize| self.picture.nodes.get(node).map_or("", |node| &node.id);
        let path = path(&route.points);
        let end = route.points.last().copied().unwrap_or_default();
        let beside = beside(arrow);
        let label = if beside.is_empty() {
            String::new()
        } else {
            format!(
                "<text class=\"halo\" x=\"{x}\" y=\"{y}\" aria-hidden=\"true\">{text}</text><text x=\"{x}\" y=\"{y}\">{text}</text>",
                x = end.x - 13,
                y = end.y - 4,
                text = xml(&beside)
            )
        };
        format!(
            "<g id=\"arrow-{}\" class=\"arrow {} {}\" data-from=\"{}\" data-to=\"{}\" tabindex=\"0\" role=\"img\" aria-label=\"{}\">\
             <title>{}</title><path class=\"hit\" d=\"{path}\"/><path class=\"line\" d=\"{path}\"/>{}{label}</g>\n",
            arrow.id,
            arrow.kind.name(),
            arrow.mark.name(),
            id(arrow.from),
            id(arrow.to),
            xml(&name),
            xml(&about),
            head(end),
        )
    }
}

fn wide(text: &str, column: i64) -> i64 {
    i64::try_from(columns(text)).unwrap_or_default() * column / 2
}

fn rectangle(rect: Rect, round: i64, class: &str) -> String {
    let Rect {
        x,
        y,
        width,
        height,
    } = rect;
    format!(
        "<rect{class} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>"
    )
}

fn shape(kind: NodeKind, rect: Rect) -> String {
    let round = match kind {
        NodeKind::Role | NodeKind::Service => (rect.height / 2).min(20),
        NodeKind::Action => 8,
        NodeKind::Pipeline | NodeKind::Resource => 3,
        NodeKind::Bucket | NodeKind::Key => return cut(kind, rect),
    };
    rectangle(rect, round, " class=\"shape\"")
}

/// A bucket is narrower at its foot; a key's corners are cut off.
fn cut(kind: NodeKind, rect: Rect) -> String {
    let (left, right) = (rect.x, rect.x + rect.width);
    let (top, bottom) = (rect.y, rect.y + rect.height);
    let path = match kind {
        NodeKind::Bucket => format!("M{left} {top}H{right}L{} {bottom}H{}Z", right - 6, left + 6),
        _ => {
            let c = 8;
            format!(
                "M{} {top}H{}L{right} {}V{}L{} {bottom}H{}L{left} {}V{}Z",
                left + c,
                right - c,
                top + c,
                bottom - c,
                right - c,
                left + c,
                bottom - c,
                top + c
            )
        }
    };
    format!("<path class=\"shape\" d=\"{path}\"/>")
}

/// Straight and curved by turns.
fn path(points: &[Point]) -> String {
    let mut path = String::new();
    let mut before: Option<Point> = None;
    for (number, point) in points.iter().enumerate() {
        let Point { x, y } = point;
        match before {
            None => path.push_str(&format!("M{x} {y}")),
            Some(before) if number % 2 == 1 && before == *point => {}
            Some(_) if number % 2 == 1 => path.push_str(&format!("H{x}")),
            Some(before) => {
                let bow = ((x - before.x) / 2).abs().max(40);
                path.push_str(&format!(
                    "C{} {} {} {y} {x} {y}",
                    before.x + bow,
                    before.y,
                    x - bow
                ));
            }
        }
        before = Some(*point);
    }
    path
}

fn head(end: Point) -> String {
    let Point { x, y } = end;
    format!(
        "<path class=\"head\" d=\"M{x} {y}L{} {}V{}Z\"/>",
        x - 9,
        y - 4,
        y + 4
    )
}

/// What the lines mean.
pub(super) fn legend(top: i64) -> String {
    let mut text = String::from("<g class=\"legend\" role=\"img\" aria-label=\"legend\">\n");
    let mut put = |number: i64, kind: ArrowKind, mark: Mark, meaning: &str| {
        let (x, y) = (20 + number % 2 * 270, top + 14 + number / 2 * 22);
        let points = [Point { x, y }, Point { x: x + 44, y }];
        let sign = match mark.sign() {
            "" => String::new(),
            sign => format!("{sign} "),
        };
        text.push_str(&format!(
            "<g class=\"arrow {} {}\"><path class=\"line\" d=\"{}\"/>{}<text x=\"{}\" y=\"{}\">{sign}{meaning}</text></g>\n",
            kind.name(),
            mark.name(),
            path(&points),
            head(Point { x: x + 52, y }),
            x + 60,
            y + 4,
        ));
    };
    let mut number = 0;
    for (mark, meaning) in MARKS {
        put(number, ArrowKind::Needs, mark, meaning);
        number += 1;
    }
    put(
        number,
        ArrowKind::ActsAs,
        Mark::Allowed,
        "takes up the role and acts as it",
    );
    text.push_str("</g>\n");
    text
}

/// A text as it may stand in XML, in attributes too: <https://www.w3.org/TR/xml/#charsets>.
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push_str("&#10;"),
            '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            other if other.is_control() => escaped.push('\u{FFFD}'),
            other => escaped.push(other),
        }
    }
    escaped
}
