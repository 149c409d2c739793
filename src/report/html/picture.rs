//! The picture as a part of the page, and which of its parts findings and actions have to do with.

use std::collections::BTreeMap;

use super::findings::FindingView;
use super::index::Index;
use crate::check;
use crate::report::picture::{Picture, picture, picture_fragment};

/// The picture.
pub(super) struct PictureView {
    pub(super) width: i64,
    pub(super) height: i64,
    /// Escaped where it was drawn.
    pub(super) drawing: String,
}

/// Identifiers of the picture's parts, by the number of an action.
pub(super) type Parts = BTreeMap<usize, Vec<String>>;

/// Draws what a check has worked out the needs for, and tells the findings which parts show them.
pub(super) fn view(
    result: &check::Result,
    index: &Index<'_>,
    findings: &mut [FindingView],
) -> (Option<PictureView>, Parts) {
    let mut parts = Parts::new();
    let drawn = result.needs.as_ref().map(|needs| picture(result, needs));
    let Some(picture) = drawn.filter(|picture| !picture.nodes.is_empty()) else {
        return (None, parts);
    };
    name(&picture, findings);
    for arrow in &picture.arrows {
        for number in index.numbers(&arrow.affects) {
            parts
                .entry(number)
                .or_default()
                .push(format!("arrow-{}", arrow.id));
        }
    }
    let (width, height, drawing) = picture_fragment(&picture, result);
    let view = PictureView {
        width,
        height,
        drawing,
    };
    (Some(view), parts)
}

fn name(picture: &Picture, findings: &mut [FindingView]) {
    let arrows = picture
        .arrows
        .iter()
        .map(|arrow| ("arrow", &arrow.id, &arrow.findings));
    let nodes = picture
        .nodes
        .iter()
        .map(|node| ("node", &node.id, &node.findings));
    for (kind, id, about) in arrows.chain(nodes) {
        for &number in about {
            if let Some(finding) = findings.get_mut(number) {
                finding.parts.push(format!("{kind}-{id}"));
            }
        }
    }
}
