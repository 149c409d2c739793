//! What is in each column of each band, in which order: neighbours of neighbours stand side by side.

use super::Units;
use super::columns::Columns;

/// How often the columns are gone through, to the right and back.
const SWEEPS: usize = 12;

/// Something that takes room in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// A unit.
    Unit(usize),
    /// An arrow that passes.
    Pass(usize),
}

/// One place in a column.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) item: Item,
    pub(super) band: usize,
    pub(super) column: usize,
    /// What it is connected with in the column to the left, as indices into the slots.
    pub(super) left: Vec<usize>,
    /// And in the column to the right.
    pub(super) right: Vec<usize>,
}

/// All places.
pub(super) struct Grid {
    pub(super) slots: Vec<Slot>,
    /// The slots of each column, band by band, in their order.
    pub(super) columns: Vec<Vec<usize>>,
    /// Of each arrow the slots from its start to its end; none of one that does not go to the right.
    pub(super) ways: Vec<Vec<usize>>,
}

impl Grid {
    pub(super) fn of(units: &Units, columns: &Columns) -> Self {
        let column_of = |unit: usize| columns.of_unit.get(unit).copied().unwrap_or_default();
        let band_of = |unit: usize| units.bands.get(unit).copied().unwrap_or_default();
        let height_of = |unit: usize| columns.height.get(unit).copied().unwrap_or_default();
        let mut slots: Vec<Slot> = (0..units.nodes.len())
            .map(|unit| Slot {
                item: Item::Unit(unit),
                band: band_of(unit),
                column: column_of(unit),
                left: Vec::new(),
                right: Vec::new(),
            })
            .collect();
        let mut heights: Vec<f64> = (0..units.nodes.len()).map(height_of).collect();
        let mut ways = Vec::new();
        for (arrow, (from, to)) in units.arrows.iter().enumerate() {
            let (first, last) = (column_of(*from), column_of(*to));
            if first >= last {
                ways.push(Vec::new());
                continue;
            }
            let mut way = vec![*from];
            for column in first + 1..last {
                let share = (column - first) as f64 / (last - first) as f64;
                heights.push(height_of(*from) * (1.0 - share) + height_of(*to) * share);
                way.push(slots.len());
                slots.push(Slot {
                    item: Item::Pass(arrow),
                    // Across accounts it goes over at once, where nothing is written yet.
                    band: band_of(*to),
                    column,
                    left: Vec::new(),
                    right: Vec::new(),
                });
            }
            way.push(*to);
            for (left, right) in way.iter().zip(way.iter().skip(1)) {
                if let Some(slot) = slots.get_mut(*left) {
                    slot.right.push(*right);
                }
                if let Some(slot) = slots.get_mut(*right) {
                    slot.left.push(*left);
                }
            }
            ways.push(way);
        }
        let mut sorted: Vec<Vec<usize>> = vec![Vec::new(); columns.count];
        for (index, slot) in slots.iter().enumerate() {
            if let Some(column) = sorted.get_mut(slot.column) {
                column.push(index);
            }
        }
        let mut grid = Self {
            slots,
            columns: sorted,
            ways,
        };
        grid.sort(heights);
        grid
    }

    /// Puts the slots of every column into the order of their neighbours' middle, and keeps the order with the fewest crossings.
    fn sort(&mut self, mut heights: Vec<f64>) {
        for column in 0..self.columns.len() {
            self.sort_column(column, &mut heights, |_| None);
        }
        let mut best = (self.crossings(&heights), self.columns.clone());
        for sweep in 0..SWEEPS {
            let count = self.columns.len();
            for step in 0..count {
                let (column, to_right) = match sweep % 2 {
                    0 => (step, true),
                    _ => (count - 1 - step, false),
                };
                let old = heights.clone();
                let slots = self.slots.clone();
                let middle = |slot: usize| {
                    let slot = slots.get(slot)?;
                    let near = if to_right { &slot.left } else { &slot.right };
                    let places: Vec<f64> =
                        near.iter().filter_map(|&it| old.get(it).copied()).collect();
                    let number = places.len() as f64;
                    (!places.is_empty()).then(|| places.iter().sum::<f64>() / number)
                };
                self.sort_column(column, &mut heights, middle);
            }
            let crossings = self.crossings(&heights);
            if crossings < best.0 {
                best = (crossings, self.columns.clone());
            }
        }
        self.columns = best.1;
    }

    /// Sorts a column by band and then by a height, and sets the heights anew: each slot its number, bands far from each other.
    fn sort_column(
        &mut self,
        column: usize,
        heights: &mut [f64],
        middle: impl Fn(usize) -> Option<f64>,
    ) {
        let Some(slots) = self.columns.get_mut(column) else {
            return;
        };
        let band = |slot: usize| self.slots.get(slot).map_or(0, |slot| slot.band);
        let key = |slot: usize| {
            let own = heights.get(slot).copied().unwrap_or_default();
            middle(slot).unwrap_or(own)
        };
        let mut keyed: Vec<(usize, f64, usize)> = slots
            .iter()
            .map(|&slot| (band(slot), key(slot), slot))
            .collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        *slots = keyed.iter().map(|(_, _, slot)| *slot).collect();
        let mut within = (usize::MAX, 0);
        for (band, _, slot) in keyed {
            within = match within {
                (same, number) if same == band => (band, number + 1),
                _ => (band, 0),
            };
            if let Some(height) = heights.get_mut(slot) {
                *height = (band * 1000) as f64 + f64::from(within.1);
            }
        }
    }

    /// How many pairs of lines between neighbouring columns cross.
    fn crossings(&self, heights: &[f64]) -> usize {
        let height = |slot: usize| heights.get(slot).copied().unwrap_or_default();
        let mut crossings = 0;
        for column in &self.columns {
            let mut lines: Vec<(f64, f64)> = Vec::new();
            for &slot in column {
                let right = self.slots.get(slot).map(|slot| slot.right.as_slice());
                lines.extend(
                    right
                        .into_iter()
                        .flatten()
                        .map(|&it| (height(slot), height(it))),
                );
            }
            for (index, (from, to)) in lines.iter().enumerate() {
                crossings += lines
                    .iter()
                    .skip(index + 1)
                    .filter(|(other_from, other_to)| {
                        (from < other_from && to > other_to) || (from > other_from && to < other_to)
                    })
                    .count();
            }
        }
        crossings
    }
}
