//! Columns and orders → rectangles and lines.

use super::across::Across;
use super::columns::Columns;
use super::order::{Grid, Item};
use super::routes::routes;
use super::{
    BETWEEN, GAP, HEIGHT, LANE, Layout, MARGIN, PADDING, PORT_IN, PORT_OUT, Rect, STEP, TITLE,
    Units, Widths,
};
use crate::report::picture::Picture;

/// How often heights are drawn towards their neighbours'.
const SWEEPS: usize = 8;

/// Gives everything its place.
pub(super) fn place(
    picture: &Picture,
    widths: &Widths,
    units: &Units,
    columns: &Columns,
    grid: &Grid,
) -> Layout {
    let node_heights = node_heights(picture);
    let heights = slot_heights(units, grid, &node_heights);
    let tops = tops(units, grid, &heights);
    let across = Across::of(widths, units, columns);
    let mut layout = Layout {
        nodes: vec![Rect::default(); picture.nodes.len()],
        accounts: vec![Rect::default(); picture.accounts.len()],
        ..Layout::default()
    };
    let mut top = MARGIN;
    let mut offsets = Vec::new();
    for band in 0..units.count {
        let bottom = bottom(grid, &heights, &tops, band);
        offsets.push(top + TITLE + PADDING / 2);
        let left_most = across.left_of(units, columns, widths, band);
        let right_most = across.right_of(units, columns, band);
        let title = widths.accounts.get(band).copied().unwrap_or_default();
        let width = (right_most - left_most).max(title) + 2 * PADDING;
        let rect = Rect {
            x: left_most - PADDING,
            y: top,
            width,
            height: TITLE + PADDING / 2 + bottom + PADDING,
        };
        if let Some(slot) = layout.accounts.get_mut(band) {
            *slot = rect;
        }
        top += rect.height + BETWEEN;
        layout.width = layout.width.max(rect.x + rect.width + MARGIN);
    }
    layout.height = top - BETWEEN + MARGIN;
    let mut middles = Vec::new();
    for (index, slot) in grid.slots.iter().enumerate() {
        let offset = offsets.get(slot.band).copied().unwrap_or_default();
        let y = tops.get(index).copied().unwrap_or_default() + offset;
        let height = heights.get(index).copied().unwrap_or_default();
        middles.push(y + height / 2);
        let Item::Unit(unit) = slot.item else {
            continue;
        };
        let nodes = units.nodes.get(unit).map_or(&[][..], Vec::as_slice);
        let (x, width) = across.column(slot.column);
        if nodes.len() > 1 {
            let pipeline = nodes.first().copied().unwrap_or_default();
            layout.lanes.push((
                pipeline,
                Rect {
                    x: x - STEP,
                    y,
                    width: width + 2 * STEP,
                    height,
                },
            ));
        }
        let mut y = if nodes.len() > 1 { y + STEP } else { y };
        for node in nodes {
            let height = node_heights.get(*node).copied().unwrap_or(HEIGHT);
            if let Some(slot) = layout.nodes.get_mut(*node) {
                *slot = Rect {
                    x,
                    y,
                    width,
                    height,
                };
            }
            y += height + STEP;
        }
    }
    layout.arrows = routes(picture, widths, grid, &across, &layout, &middles);
    layout
}

/// High enough for all arrows that start or end there.
fn node_heights(picture: &Picture) -> Vec<i64> {
    let count = |number: usize| i64::try_from(number).unwrap_or_default();
    let mut ports: Vec<(usize, usize)> = vec![(0, 0); picture.nodes.len()];
    for arrow in &picture.arrows {
        if let Some((_, outwards)) = ports.get_mut(arrow.from) {
            *outwards += 1;
        }
        if let Some((inwards, _)) = ports.get_mut(arrow.to) {
            *inwards += 1;
        }
    }
    let heights = ports.iter().map(|(inwards, outwards)| {
        let inwards = (count(*inwards) + 1) * PORT_IN;
        let outwards = (count(*outwards) + 1) * PORT_OUT;
        HEIGHT.max(inwards).max(outwards)
    });
    heights.collect()
}

fn slot_heights(units: &Units, grid: &Grid, nodes: &[i64]) -> Vec<i64> {
    let of_unit = |unit: usize| {
        let inside = units.nodes.get(unit).map_or(&[][..], Vec::as_slice);
        let heights = inside.iter().filter_map(|&node| nodes.get(node).copied());
        let sum: i64 = heights.map(|height| height + STEP).sum();
        if inside.len() > 1 {
            sum + STEP
        } else {
            sum - STEP
        }
    };
    let heights = grid.slots.iter().map(|slot| match slot.item {
        Item::Unit(unit) => of_unit(unit),
        Item::Pass(_) => LANE,
    });
    heights.collect()
}

/// The top of each slot within its band: as near to its neighbours' middles as the order in its column allows.
fn tops(units: &Units, grid: &Grid, heights: &[i64]) -> Vec<i64> {
    let height = |slot: usize| heights.get(slot).copied().unwrap_or_default() as f64;
    let mut middles: Vec<f64> = vec![0.0; grid.slots.len()];
    let runs = |column: &[usize]| -> Vec<Vec<usize>> {
        let mut runs = vec![Vec::new(); units.count];
        for &slot in column {
            let band = grid.slots.get(slot).map_or(0, |slot| slot.band);
            if let Some(run) = runs.get_mut(band) {
                run.push(slot);
            }
        }
        runs
    };
    let stacked: Vec<Vec<Vec<usize>>> = grid.columns.iter().map(|column| runs(column)).collect();
    for run in stacked.iter().flatten() {
        let whole: f64 = run.iter().map(|&slot| height(slot) + GAP as f64).sum();
        let mut y = -whole / 2.0;
        for &slot in run {
            if let Some(middle) = middles.get_mut(slot) {
                *middle = y + height(slot) / 2.0;
            }
            y += height(slot) + GAP as f64;
        }
    }
    for sweep in 0..SWEEPS {
        let mut order: Vec<usize> = (0..stacked.len()).collect();
        if sweep % 2 == 1 {
            order.reverse();
        }
        for column in order {
            for run in stacked.get(column).into_iter().flatten() {
                let wanted: Vec<f64> = run
                    .iter()
                    .map(|&slot| wanted(grid, &middles, slot, sweep % 2 == 0))
                    .collect();
                let sizes: Vec<f64> = run.iter().map(|&slot| height(slot) + GAP as f64).collect();
                for (&slot, middle) in run.iter().zip(spread(&wanted, &sizes)) {
                    if let Some(known) = middles.get_mut(slot) {
                        *known = middle;
                    }
                }
            }
        }
    }
    let mut least: Vec<f64> = vec![f64::INFINITY; units.count];
    for (index, slot) in grid.slots.iter().enumerate() {
        let top = middles.get(index).copied().unwrap_or_default() - height(index) / 2.0;
        if let Some(least) = least.get_mut(slot.band) {
            *least = least.min(top);
        }
    }
    let slots = grid.slots.iter().enumerate();
    let tops = slots.map(|(index, slot)| {
        let top = middles.get(index).copied().unwrap_or_default() - height(index) / 2.0;
        let least = least.get(slot.band).copied().unwrap_or_default();
        (top - least).round() as i64
    });
    tops.collect()
}

/// Where a slot would stand if it were alone: level with its neighbours of the same band on one side, or on the other.
fn wanted(grid: &Grid, middles: &[f64], slot: usize, from_left: bool) -> f64 {
    let own = middles.get(slot).copied().unwrap_or_default();
    let Some(one) = grid.slots.get(slot) else {
        return own;
    };
    let of = |near: &[usize]| {
        let near = near.iter().filter(|&&it| {
            let other = grid.slots.get(it);
            other.is_some_and(|other| other.band == one.band)
        });
        let places: Vec<f64> = near.filter_map(|&it| middles.get(it).copied()).collect();
        let number = places.len() as f64;
        (!places.is_empty()).then(|| places.iter().sum::<f64>() / number)
    };
    let (first, second) = if from_left {
        (of(&one.left), of(&one.right))
    } else {
        (of(&one.right), of(&one.left))
    };
    first.or(second).unwrap_or(own)
}

/// The middles nearest to the wanted ones of which none is nearer to the next than half of both sizes: neighbours that want the
/// same place share it as one block around their mean.
fn spread(wanted: &[f64], sizes: &[f64]) -> Vec<f64> {
    // Each block: the sum of what its members want of its start, how many they are, and how long it is.
    let mut blocks: Vec<(f64, usize, f64)> = Vec::new();
    for (want, size) in wanted.iter().zip(sizes) {
        let mut block = (want - size / 2.0, 1, *size);
        while let Some((sum, number, length)) = blocks.last().copied() {
            let start = sum / number as f64;
            if start + length <= block.0 / block.1 as f64 {
                break;
            }
            // What its members want of the start of the longer block lies before what they want of their own.
            block = (
                sum + block.0 - length * block.1 as f64,
                number + block.1,
                length + block.2,
            );
            blocks.pop();
        }
        blocks.push(block);
    }
    let mut middles = Vec::new();
    let mut sizes = sizes.iter();
    for (sum, number, _) in blocks {
        let mut y = sum / number as f64;
        for size in sizes.by_ref().take(number) {
            middles.push(y + size / 2.0);
            y += size;
        }
    }
    middles
}

fn bottom(grid: &Grid, heights: &[i64], tops: &[i64], band: usize) -> i64 {
    let slots = grid.slots.iter().zip(tops).zip(heights);
    let slots = slots.filter(|((slot, _), _)| slot.band == band);
    slots
        .map(|((_, top), height)| top + height)
        .max()
        .unwrap_or_default()
}
