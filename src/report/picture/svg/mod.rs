//! `--format svg`: a drawing of its own; and the same drawing as a part of a page.
//!
//! Marks differ in colour, in their dashes and in the sign before their text, so that no colour is needed to read them.

mod draw;

use std::io;

pub use draw::fragment;

use super::words::{summary, title};
use super::{Picture, layout};
use crate::check;
use draw::xml;

/// How it looks, light and dark; a page that holds the [`fragment`] may take it over or bring its own.
pub const STYLE: &str = include_str!("style.css");

/// Writes the drawing.
pub(super) fn render(
    picture: &Picture,
    result: &check::Result,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let drawn = draw::Drawn::of(picture, result);
    let layout::Layout { width, height, .. } = &drawn.layout;
    let height = height + draw::LEGEND;
    let width = (*width).max(draw::LEGEND_WIDTH);
    let title = xml(&title(result));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-labelledby=\"picture-title picture-summary\" class=\"picture\">\n"
    ));
    text.push_str(&format!("<title id=\"picture-title\">{title}</title>\n"));
    text.push_str(&format!(
        "<desc id=\"picture-summary\">{}</desc>\n",
        xml(&summary(picture))
    ));
    text.push_str(&format!("<style>\n{STYLE}</style>\n"));
    text.push_str("<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
    text.push_str(&drawn.inner());
    text.push_str(&draw::legend(height - draw::LEGEND));
    text.push_str("</svg>\n");
    out.write_all(text.as_bytes())
}
