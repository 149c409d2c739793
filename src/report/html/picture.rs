//! The picture as a part of the page, and which of its parts findings and actions have to do with.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::FindingView;
use super::index::{Index, ranges};
use crate::check;
use crate::report::picture::{picture, picture_fragment};

/// The picture.
pub(super) struct PictureView {
    pub(super) width: i64,
    pub(super) height: i64,
    /// Escaped where it was drawn.
    pub(super) drawing: String,
}

impl PictureView {
    /// Whether it is better made a bit smaller than cut off; of one that is wider still nothing could be read.
    pub(super) fn is_wide(&self) -> bool {
        (960..=1450).contains(&self.width)
    }
}

/// What stands for what in the picture, by the number of an arrow.
#[derive(Default)]
pub(super) struct Parts {
    /// Of each action.
    pub(super) of_actions: BTreeMap<usize, BTreeSet<usize>>,
    /// Of each line: of its principal and its resource.
    pub(super) of_lines: BTreeMap<(String, String), usize>,
}

/// Draws what a check has worked out the needs for, and tells the findings which parts show them.
pub(super) fn view(
    result: &check::Result,
    index: &Index<'_>,
    findings: &mut [FindingView],
) -> (Option<PictureView>, Parts) {
    let mut parts = Parts::default();
    let drawn = result.needs.as_ref().map(|needs| picture(result, needs));
    let Some(picture) = drawn.filter(|picture| !picture.nodes.is_empty()) else {
        return (None, parts);
    };
    for arrow in &picture.arrows {
        let Some(part) = number(&arrow.id) else {
            continue;
        };
        for action in index.numbers(&arrow.affects) {
            parts.of_actions.entry(action).or_default().insert(part);
        }
        for line in &arrow.lines {
            let key = (line.principal.clone(), line.resource.clone());
            parts.of_lines.insert(key, part);
        }
    }
    for (position, finding) in findings.iter_mut().enumerate() {
        let arrows = picture.arrows.iter();
        let arrows = arrows.filter(|arrow| arrow.findings.contains(&position));
        finding.parts = ranges(&arrows.filter_map(|arrow| number(&arrow.id)).collect());
        let nodes = picture.nodes.iter();
        let nodes = nodes.filter(|node| node.findings.contains(&position));
        finding.nodes = ranges(&nodes.filter_map(|node| number(&node.id)).collect());
    }
    let (width, height, drawing) = picture_fragment(&picture, result);
    let view = PictureView {
        width,
        height,
        drawing: without_titles(&drawing),
    };
    (Some(view), parts)
}

/// Of `a12` it is 12.
fn number(id: &str) -> Option<usize> {
    id.trim_start_matches(|letter: char| letter.is_ascii_lowercase())
        .parse()
        .ok()
}

/// The drawing without the texts that stand beside the mouse: the page has them already, as requirements, and shows these.
fn without_titles(drawing: &str) -> String {
    let mut pieces = drawing.split("<title>");
    let first = pieces.next().map(str::to_owned);
    let rest = pieces.map(|piece| {
        piece
            .split_once("</title>")
            .map_or("", |(_, behind)| behind)
    });
    first.into_iter().chain(rest.map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_left_out_whatever_they_say() {
        let drawing = "<g><title>a &lt;title&gt;</title><path/></g><g><title></title></g>";
        assert_eq!(without_titles(drawing), "<g><path/></g><g></g>");
        assert_eq!(without_titles("<g/>"), "<g/>");
        assert_eq!(number("a12"), Some(12));
    }
}
