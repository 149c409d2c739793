//! How wide each column is, and where it stands.

use super::columns::Columns;
use super::{CURVE, MARGIN, PADDING, Units, Widths};

/// Where the columns stand.
pub(super) struct Across {
    /// The left edge and the width of each.
    columns: Vec<(i64, i64)>,
}

impl Across {
    pub(super) fn of(widths: &Widths, units: &Units, columns: &Columns) -> Self {
        let mut wide = vec![0_i64; columns.count];
        for (unit, nodes) in units.nodes.iter().enumerate() {
            let column = columns.of_unit.get(unit).copied().unwrap_or_default();
            for node in nodes {
                let width = widths.nodes.get(*node).copied().unwrap_or_default();
                if let Some(slot) = wide.get_mut(column) {
                    *slot = (*slot).max(width);
                }
            }
        }
        let mut texts = vec![0_i64; columns.count];
        for ((_, to), width) in units.arrows.iter().zip(&widths.arrows) {
            let column = columns.of_unit.get(*to).copied().unwrap_or_default();
            if let Some(slot) = texts.get_mut(column) {
                *slot = (*slot).max(*width);
            }
        }
        let mut x = MARGIN + PADDING;
        let mut across = Vec::new();
        for (number, (width, text)) in wide.iter().zip(&texts).enumerate() {
            if number > 0 {
                x += CURVE;
            }
            x += text;
            across.push((x, *width));
            x += width;
        }
        Self { columns: across }
    }

    pub(super) fn column(&self, column: usize) -> (i64, i64) {
        self.columns.get(column).copied().unwrap_or_default()
    }

    /// The left edge of what is in a band, texts before it included.
    pub(super) fn left_of(
        &self,
        units: &Units,
        columns: &Columns,
        widths: &Widths,
        band: usize,
    ) -> i64 {
        let inside = |unit: usize| units.bands.get(unit) == Some(&band);
        let column = |unit: usize| columns.of_unit.get(unit).copied().unwrap_or_default();
        let lefts = (0..units.nodes.len())
            .filter(|&unit| inside(unit))
            .map(|unit| self.column(column(unit)).0);
        let texts = units.arrows.iter().zip(&widths.arrows);
        let texts = texts.filter(|((_, to), _)| inside(*to));
        let texts = texts.map(|((_, to), width)| self.column(column(*to)).0 - width);
        lefts.chain(texts).min().unwrap_or(MARGIN + PADDING)
    }

    pub(super) fn right_of(&self, units: &Units, columns: &Columns, band: usize) -> i64 {
        let column = |unit: usize| columns.of_unit.get(unit).copied().unwrap_or_default();
        let rights = (0..units.nodes.len())
            .filter(|&unit| units.bands.get(unit) == Some(&band))
            .map(|unit| {
                let (x, width) = self.column(column(unit));
                x + width
            });
        rights.max().unwrap_or(MARGIN + PADDING)
    }
}
