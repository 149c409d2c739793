//! The way of each arrow: from its port, through the places that it has in the columns between, to its port at the other end.

use super::across::Across;
use super::order::Grid;
use super::{Layout, Point, Route, Widths};
use crate::report::picture::Picture;

/// Finds all ways. Ports of a node stand in the order of what they lead to, so that nothing crosses right beside it.
pub(super) fn routes(
    picture: &Picture,
    widths: &Widths,
    grid: &Grid,
    across: &Across,
    layout: &Layout,
    middles: &[i64],
) -> Vec<Route> {
    let rect = |node: usize| layout.nodes.get(node).copied().unwrap_or_default();
    let middle = |slot: usize| middles.get(slot).copied().unwrap_or_default();
    let level = |node: usize| rect(node).y + rect(node).height / 2;
    let empty: &[usize] = &[];
    let way = |arrow: usize| grid.ways.get(arrow).map_or(empty, Vec::as_slice);
    // Which height each arrow comes from, or goes to: its ports stand in that order.
    let next = |arrow: usize, node: usize| match way(arrow) {
        [_, next, _, ..] => middle(*next),
        _ => level(node),
    };
    let before = |arrow: usize, node: usize| match way(arrow) {
        [.., _, before, _] => middle(*before),
        _ => level(node),
    };
    let mut outwards: Vec<Vec<(i64, usize)>> = vec![Vec::new(); picture.nodes.len()];
    let mut inwards = outwards.clone();
    for (index, arrow) in picture.arrows.iter().enumerate() {
        if let Some(ports) = outwards.get_mut(arrow.from) {
            ports.push((next(index, arrow.to), index));
        }
        if let Some(ports) = inwards.get_mut(arrow.to) {
            ports.push((before(index, arrow.from), index));
        }
    }
    for ports in outwards.iter_mut().chain(&mut inwards) {
        ports.sort_unstable();
    }
    let port = |ports: &[Vec<(i64, usize)>], node: usize, arrow: usize| {
        let ports = ports.get(node).map_or(&[][..], Vec::as_slice);
        let place = ports.iter().position(|(_, it)| *it == arrow);
        let small = |number: usize| i64::try_from(number).unwrap_or_default();
        let (place, number) = (small(place.unwrap_or_default()), small(ports.len()));
        rect(node).y + rect(node).height * (place + 1) / (number + 1)
    };
    let arrows = picture.arrows.iter().enumerate();
    let arrows = arrows.map(|(index, arrow)| {
        let (from, to) = (rect(arrow.from), rect(arrow.to));
        let start = Point {
            x: from.x + from.width,
            y: port(&outwards, arrow.from, index),
        };
        let end = Point {
            x: to.x,
            y: port(&inwards, arrow.to, index),
        };
        let mut points = vec![start, start];
        let between = way(index);
        for &slot in between.iter().take(between.len().saturating_sub(1)).skip(1) {
            let column = grid.slots.get(slot).map_or(0, |slot| slot.column);
            let (x, width) = across.column(column);
            let y = middle(slot);
            points.push(Point { x, y });
            points.push(Point { x: x + width, y });
        }
        let text = widths.arrows.get(index).copied().unwrap_or_default();
        points.push(Point {
            x: end.x - text,
            y: end.y,
        });
        points.push(end);
        Route { points }
    });
    arrows.collect()
}
