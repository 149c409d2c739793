//! The column of each unit, and a first order: from a layered layout of the whole, as if there were no boxes.

use std::collections::BTreeSet;

use rust_sugiyama::configure::Config;
use rust_sugiyama::from_vertices_and_edges;

use super::Units;

/// Beyond these the layered layout takes longer than anybody waits; a simpler one does.
const UNITS: usize = 400;
const ARROWS: usize = 1200;

/// Of each unit its column, and where in it the layered layout has it.
pub(super) struct Columns {
    pub(super) of_unit: Vec<usize>,
    pub(super) height: Vec<f64>,
    pub(super) count: usize,
}

/// Finds the columns.
pub(super) fn columns(units: &Units) -> Columns {
    // What needs something of itself would stop the layered layout.
    let edges: BTreeSet<(usize, usize)> = units
        .arrows
        .iter()
        .filter(|(from, to)| from != to)
        .copied()
        .collect();
    let number = units.nodes.len();
    let mut columns = if number <= UNITS && edges.len() <= ARROWS {
        layered(number, &edges)
    } else {
        simple(number, &edges)
    };
    columns.count = columns.of_unit.iter().max().map_or(0, |most| most + 1);
    columns
}

fn layered(number: usize, edges: &BTreeSet<(usize, usize)>) -> Columns {
    let mut columns = Columns {
        of_unit: vec![0; number],
        height: vec![0.0; number],
        count: 0,
    };
    let small = |unit: usize| u32::try_from(unit).unwrap_or(u32::MAX);
    let vertices: Vec<(u32, (f64, f64))> =
        (0..number).map(|unit| (small(unit), (1.0, 1.0))).collect();
    let edges: Vec<(u32, u32)> = edges
        .iter()
        .map(|(from, to)| (small(*from), small(*to)))
        .collect();
    let config = Config {
        vertex_spacing: 1.0,
        ..Config::default()
    };
    let mut before = 0.0;
    for (places, _, _) in from_vertices_and_edges(&vertices, &edges, &config) {
        let mut most: f64 = 0.0;
        for (unit, (across, along)) in places {
            // A layer is as wide as a unit with the space around it.
            let column = (along / 2.0).round().max(0.0) as usize;
            if let Some(slot) = columns.of_unit.get_mut(unit) {
                *slot = column.min(number);
            }
            if let Some(slot) = columns.height.get_mut(unit) {
                *slot = before + across;
            }
            most = most.max(across);
        }
        before += most + 2.0;
    }
    columns
}

/// As far left as what needs it allows; of a circle the arrow that closes it does not count.
fn simple(number: usize, edges: &BTreeSet<(usize, usize)>) -> Columns {
    let mut of_unit = vec![0_usize; number];
    // A way without circles has fewer columns than this.
    for _ in 0..12 {
        let mut moved = false;
        for (from, to) in edges {
            let least = of_unit.get(*from).map_or(0, |column| column + 1);
            if let Some(slot) = of_unit.get_mut(*to)
                && *slot < least
                && least < 12
            {
                *slot = least;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    Columns {
        of_unit,
        height: (0..number).map(|unit| unit as f64).collect(),
        count: 0,
    }
}
