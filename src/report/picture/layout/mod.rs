//! Where everything stands: each account a band from left to right, all bands in the same columns, so that no box lies over another
//! and what needs stands left of what is needed, across accounts too.
//!
//! In: a [`Picture`], and how wide its texts are. Out: a [`Layout`] in whole numbers. Columns come from a layered layout of the
//! whole; what is in a column of a band is ordered by its neighbours, and an arrow that passes a column has a place in it as nodes
//! have. Knows neither colours nor texts.

mod across;
mod columns;
mod order;
mod place;
mod routes;

use super::Picture;

/// Room around things.
const PADDING: i64 = 18;
const TITLE: i64 = 26;
const MARGIN: i64 = 20;
/// Between boxes, one below the other.
const BETWEEN: i64 = 30;
/// What a curve needs to get from one line to another.
const CURVE: i64 = 70;
/// Between things of one column.
const GAP: i64 = 14;
/// Between the parts of a pipeline.
const STEP: i64 = 6;
const HEIGHT: i64 = 42;
/// Between arrows that end at one thing, so that the text of one does not touch the next.
const PORT_IN: i64 = 18;
const PORT_OUT: i64 = 10;
/// What an arrow that passes a column takes of it.
const LANE: i64 = 10;

/// How wide the texts of a picture are.
pub(super) struct Widths {
    /// Of each node, with what stands around its text.
    pub(super) nodes: Vec<i64>,
    /// Of what stands beside each arrow; 0 where nothing does.
    pub(super) arrows: Vec<i64>,
    /// Of each account's title.
    pub(super) accounts: Vec<i64>,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// A point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) x: i64,
    pub(super) y: i64,
}

/// The way of an arrow: straight from each even point to the odd one behind it, and a curve from there to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) points: Vec<Point>,
}

/// Where everything stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) accounts: Vec<Rect>,
    /// Around a pipeline and its actions, by the pipeline's node.
    pub(super) lanes: Vec<(usize, Rect)>,
    pub(super) nodes: Vec<Rect>,
    pub(super) arrows: Vec<Route>,
}

/// Finds a place for everything.
pub(super) fn layout(picture: &Picture, widths: &Widths) -> Layout {
    let units = Units::of(picture);
    let columns = columns::columns(&units);
    let grid = order::Grid::of(&units, &columns);
    place::place(picture, widths, &units, &columns, &grid)
}

/// What has a place of its own: a pipeline with its actions is one, any other node too.
struct Units {
    /// The nodes of each.
    nodes: Vec<Vec<usize>>,
    /// The band of each.
    bands: Vec<usize>,
    /// The unit of each node.
    of_node: Vec<usize>,
    /// From which unit to which each arrow goes.
    arrows: Vec<(usize, usize)>,
    /// How many bands there are.
    count: usize,
}

impl Units {
    fn of(picture: &Picture) -> Self {
        let mut units = Self {
            nodes: Vec::new(),
            bands: Vec::new(),
            of_node: vec![0; picture.nodes.len()],
            arrows: Vec::new(),
            count: picture.accounts.len(),
        };
        for (index, node) in picture.nodes.iter().enumerate() {
            let pipeline = node.pipeline.and_then(|pipeline| {
                let unit = *units.of_node.get(pipeline)?;
                let leads = units.nodes.get(unit)?.first() == Some(&pipeline);
                (leads && pipeline < index).then_some(unit)
            });
            let unit = pipeline.unwrap_or(units.nodes.len());
            match units.nodes.get_mut(unit) {
                Some(nodes) => nodes.push(index),
                None => {
                    units.nodes.push(vec![index]);
                    units.bands.push(node.account);
                }
            }
            if let Some(slot) = units.of_node.get_mut(index) {
                *slot = unit;
            }
        }
        let unit = |node: usize| units.of_node.get(node).copied().unwrap_or_default();
        units.arrows = picture
            .arrows
            .iter()
            .map(|arrow| (unit(arrow.from), unit(arrow.to)))
            .collect();
        units
    }
}

#[cfg(test)]
mod tests;
