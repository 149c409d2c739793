//! The part of a source text that a snippet shows: the lines around its marks, long ones cut to a window.
//!
//! A policy inside a JSON string is one line of thousands of characters, and a mark on a role may cover hundreds of
//! lines. An [`Excerpt`] is a small text of its own with the marks moved along, so that the drawing below never sees more.

use std::collections::BTreeMap;
use std::ops::Range;

use super::mask::masked;
use super::text::{columns, columns_of, printable, wrap};
use crate::source::{SourceId, Sources};

/// Lines that a mark may cover; of a longer one only the beginning is shown.
const MARKED_LINES: usize = 6;
/// Lines shown behind the first one of a mark that is too long.
const LINES_OF_LONG_MARK: usize = 3;
/// Columns kept for a mark's remark, even where the line leaves fewer.
const REMARK_COLUMNS: usize = 28;

/// One source text, masked, with its lines.
pub(super) struct Page {
    text: String,
    /// Where each line starts.
    lines: Vec<usize>,
}

/// A marked range of a page.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// The bytes.
    pub(super) span: Range<usize>,
    /// The column of its first character for people.
    pub(super) column: usize,
    /// The remark.
    pub(super) text: String,
}

/// A few lines of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The lines, each with a line feed.
    pub(super) text: String,
    /// Number of the first line, from 1.
    pub(super) first_line: usize,
    /// Line and column of the mark that came first.
    pub(super) position: (usize, usize),
    /// The marks as ranges of [`Excerpt::text`], the one that came first at the front.
    pub(super) marks: Vec<(Range<usize>, String)>,
}

/// How an excerpt may look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Columns of the whole drawing.
    pub(super) width: usize,
    /// What stands for text that was cut off.
    pub(super) ellipsis: &'static str,
}

/// Lines to show with the marks on them.
struct Block {
    lines: Range<usize>,
    /// The window of each line too long to be shown whole.
    windows: BTreeMap<usize, Range<usize>>,
    marks: Vec<(usize, Mark)>,
}

impl Page {
    /// Masks a text and finds its lines.
    pub(super) fn new(sources: &Sources, source: SourceId) -> Self {
        Self::of(masked(sources, source).into_owned())
    }

    fn of(text: String) -> Self {
        let lines = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(feed, _)| feed + 1))
            .filter(|&start| start == 0 || start < text.len())
            .collect();
        Self { text, lines }
    }

    /// Excerpts that show all marks: that of the first mark, which is the one to blame, then the others from top to bottom.
    pub(super) fn excerpts(&self, marks: &[Mark], room: Room) -> Vec<Excerpt> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut order: Vec<(usize, Mark)> = marks.iter().cloned().enumerate().collect();
        order.sort_by_key(|(place, mark)| (mark.span.start, *place));
        // Line numbers and frame; two marks over several lines add arrows of their own.
        let frame = self.lines.len().to_string().len() + 5;
        let width = room.width.saturating_sub(frame).max(REMARK_COLUMNS);
        for (place, mark) in order {
            let block = self.block(place, mark, width, room);
            match blocks.last_mut() {
                Some(last) if last.takes(&block) => last.join(block),
                _ => blocks.push(block),
            }
        }
        blocks.sort_by_key(|block| !block.marks.iter().any(|(place, _)| *place == 0));
        blocks
            .into_iter()
            .map(|block| self.excerpt(block, width, room))
            .collect()
    }

    /// The block of one mark alone.
    fn block(&self, place: usize, mark: Mark, width: usize, room: Room) -> Block {
        let start = self.text.floor_char_boundary(mark.span.start);
        let end = self.text.ceil_char_boundary(mark.span.end).max(start);
        let first = self.line_of(start);
        let mut last = self.line_of(end.saturating_sub(1).max(start));
        let mut span = start..end;
        let mut behind = 1;
        if last - first >= MARKED_LINES {
            last = first;
            behind = LINES_OF_LONG_MARK;
            span.end = self.line(first).end.max(start);
        }
        let arrows = if last > first { 4 } else { 0 };
        let mut windows = BTreeMap::new();
        for number in [first, last] {
            let line = self.line(number);
            let shown =
                span.start.clamp(line.start, line.end)..span.end.clamp(line.start, line.end);
            if let Some(window) = self.window(line, shown, width.saturating_sub(arrows), room) {
                windows.insert(number, window);
            }
        }
        Block {
            lines: first.saturating_sub(1)..(last + 1 + behind).min(self.lines.len()),
            windows,
            marks: vec![(place, Mark { span, ..mark })],
        }
    }

    /// The part of a line that shows a mark; `None` when the line fits as it is.
    fn window(
        &self,
        line: Range<usize>,
        mark: Range<usize>,
        width: usize,
        room: Room,
    ) -> Option<Range<usize>> {
        let text = self.text.get(line.clone())?;
        // A minified export is one line of megabytes: never walk further than the window is wide.
        if reach(text.chars(), width) == text.len() {
            return None;
        }
        let width = width.saturating_sub(2 * columns(room.ellipsis));
        let before = self.text.get(line.start..mark.start)?;
        let after = self.text.get(mark.start..line.end)?;
        let marked = reach(self.text.get(mark)?.chars(), width);
        let marked = columns(after.get(..marked)?);
        let left = |room| before.len() - reach(before.chars().rev(), room);
        let start = left(width.saturating_sub(marked).min(width / 3));
        let lead = columns(before.get(start..)?);
        let shown = reach(after.chars(), width - lead);
        // Near the end of the line there is room to spare.
        let spare = width - lead - columns(after.get(..shown)?);
        let start = if shown == after.len() {
            left(lead + spare)
        } else {
            start
        };
        Some(line.start + start..line.end - after.len() + shown)
    }

    fn excerpt(&self, mut block: Block, width: usize, room: Room) -> Excerpt {
        let mut text = String::new();
        // Source offset where a shown piece starts, its length, and where the piece stands in the excerpt.
        let mut pieces: Vec<(Range<usize>, usize)> = Vec::new();
        for number in block.lines.clone() {
            let line = self.line(number);
            let window = block.windows.get(&number).cloned();
            let window = window
                .or_else(|| self.window(line.clone(), line.start..line.start, width, room))
                .unwrap_or_else(|| line.clone());
            if window.start > line.start {
                text.push_str(room.ellipsis);
            }
            pieces.push((window.clone(), text.len()));
            text.push_str(&printable(
                self.text.get(window.clone()).unwrap_or_default(),
            ));
            if window.end < line.end {
                text.push_str(room.ellipsis);
            }
            text.push('\n');
        }
        let moved = |at: usize| {
            pieces
                .iter()
                .rev()
                .find(|(source, _)| source.start <= at)
                .or(pieces.first())
                .map_or(0, |(source, shown)| {
                    shown + at.clamp(source.start, source.end) - source.start
                })
        };
        block.marks.sort_by_key(|(place, _)| *place);
        let position = block.marks.first().map_or((1, 1), |(_, mark)| {
            (self.line_of(mark.span.start) + 1, mark.column)
        });
        let marks = block
            .marks
            .iter()
            .map(|(_, mark)| {
                let span = moved(mark.span.start)..moved(mark.span.end);
                let remark = remark(&text, &span, &mark.text, width);
                (span, remark)
            })
            .collect();
        Excerpt {
            first_line: block.lines.start + 1,
            position,
            marks,
            text,
        }
    }

    /// Number of the line that holds an offset, from 0.
    fn line_of(&self, at: usize) -> usize {
        self.lines
            .partition_point(|&start| start <= at)
            .saturating_sub(1)
    }

    /// The bytes of a line without its end.
    fn line(&self, number: usize) -> Range<usize> {
        let start = self.lines.get(number).copied().unwrap_or(self.text.len());
        let end = self
            .lines
            .get(number + 1)
            .copied()
            .unwrap_or(self.text.len());
        let line = self.text.get(start..end).unwrap_or_default();
        start..start + line.trim_end_matches(['\n', '\r']).len()
    }
}

/// Bytes of the characters that fit into so many columns.
fn reach(characters: impl Iterator<Item = char>, width: usize) -> usize {
    let mut used = 0;
    characters
        .take_while(|&character| {
            used += columns_of(character);
            used <= width
        })
        .map(char::len_utf8)
        .sum()
}

/// Breaks a remark into lines that fit behind the middle of its underline, where it is drawn.
fn remark(text: &str, span: &Range<usize>, remark: &str, width: usize) -> String {
    let marked = text.get(span.clone()).unwrap_or_default();
    let drawn_at = if marked.contains('\n') {
        8
    } else {
        let before = text.get(..span.start).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |feed| feed + 1);
        columns(before.get(line..).unwrap_or_default()) + columns(marked) / 2 + 4
    };
    let room = width.saturating_sub(drawn_at).max(REMARK_COLUMNS);
    wrap(&printable(remark), room).join("\n")
}

impl Block {
    /// Whether another block, which begins no sooner, is best shown in this one.
    fn takes(&self, other: &Self) -> bool {
        let near = other.lines.start <= self.lines.end;
        near && other.windows.iter().all(|(line, window)| {
            self.windows.get(line).is_none_or(|own| {
                other.marks.iter().all(|(_, mark)| {
                    let shown = mark.span.start.clamp(window.start, window.end)
                        ..mark.span.end.clamp(window.start, window.end);
                    own.start <= shown.start && shown.end <= own.end
                })
            })
        })
    }

    fn join(&mut self, other: Self) {
        self.lines.end = self.lines.end.max(other.lines.end);
        self.lines.start = self.lines.start.min(other.lines.start);
        for (line, window) in other.windows {
            self.windows.entry(line).or_insert(window);
        }
        self.marks.extend(other.marks);
    }
}

#[cfg(test)]
mod tests {
    use super::super::mask::mask;
    use super::*;

    const ROOM: Room = Room {
        width: 60,
        ellipsis: "…",
    };

    fn mark(text: &str, part: &str) -> Mark {
        let start = text.find(part).unwrap();
        Mark {
            span: start..start + part.len(),
            column: 1,
            text: "here".to_owned(),
        }
    }

    fn marked(excerpt: &Excerpt) -> Vec<&str> {
        excerpt
            .marks
            .iter()
            .map(|(span, _)| excerpt.text.get(span.clone()).unwrap())
            .collect()
    }

    #[test]
    fn a_mark_shows_its_line_and_both_neighbours() {
        let text = "one\r\ntwo\r\nthree\r\nfour\r\nfive\r\n";
        let excerpts = Page::of(mask(text).into_owned()).excerpts(&[mark(text, "three")], ROOM);
        assert_eq!(excerpts.len(), 1);
        assert_eq!(excerpts[0].text, "two\nthree\nfour\n");
        assert_eq!(excerpts[0].first_line, 2);
        assert_eq!(excerpts[0].position.0, 3);
        assert_eq!(marked(&excerpts[0]), ["three"]);
    }

    #[test]
    fn a_long_line_is_cut_to_a_window_around_each_mark() {
        let text = format!(
            "{{\n\"Policy\": \"{}needle{}thread{}\"\n}}\n",
            "a".repeat(2000),
            "b".repeat(1000),
            "c".repeat(1000)
        );
        let marks = [mark(&text, "thread"), mark(&text, "needle")];
        let excerpts = Page::of(mask(&text).into_owned()).excerpts(&marks, ROOM);
        assert_eq!(excerpts.len(), 2, "too far apart for one window");
        assert_eq!(
            marked(&excerpts[0]),
            ["thread"],
            "the first mark is to blame"
        );
        assert_eq!(marked(&excerpts[1]), ["needle"]);
        for excerpt in &excerpts {
            assert!(
                excerpt.text.lines().all(|line| columns(line) <= 60),
                "{}",
                excerpt.text
            );
            assert!(excerpt.text.contains("\n…"));
        }
    }

    #[test]
    fn marks_near_each_other_on_a_long_line_share_a_window() {
        let text = format!("{}needle and thread{}", "a".repeat(900), "b".repeat(900));
        let marks = [mark(&text, "thread"), mark(&text, "needle")];
        let excerpts = Page::of(mask(&text).into_owned()).excerpts(&marks, ROOM);
        assert_eq!(excerpts.len(), 1);
        assert_eq!(marked(&excerpts[0]), ["thread", "needle"]);
    }

    #[test]
    fn a_mark_longer_than_the_width_is_cut_as_well() {
        let text = format!("x: {}", "a".repeat(5000));
        let excerpts =
            Page::of(mask(&text).into_owned()).excerpts(&[mark(&text, &"a".repeat(5000))], ROOM);
        assert!(columns(&excerpts[0].text) < 60, "{}", excerpts[0].text);
        assert!(marked(&excerpts[0])[0].len() > 30);
    }

    #[test]
    fn of_a_mark_over_many_lines_only_the_beginning_is_shown() {
        let text = format!("{{\n{}}}\n", "  \"key\": 1,\n".repeat(50));
        let excerpts = Page::of(mask(&text).into_owned()).excerpts(&[mark(&text, &text)], ROOM);
        assert_eq!(marked(&excerpts[0]), ["{"]);
        assert_eq!(excerpts[0].text.lines().count(), 4);
    }

    #[test]
    fn secrets_next_to_a_mark_are_hidden() {
        let text = "{\n  \"OAuthToken\": \"abc\",\n  \"Branch\": \"main\"\n}\n";
        let excerpts = Page::of(mask(text).into_owned()).excerpts(&[mark(text, "main")], ROOM);
        assert!(excerpts[0].text.contains("\"OAuthToken\": \"***\""));
    }

    #[test]
    fn no_range_makes_it_panic() {
        let text = "é\n\n😀\tx\r\ny";
        for width in [0, 1, 10, 80] {
            for start in 0..text.len() + 3 {
                for end in 0..text.len() + 3 {
                    let mark = Mark {
                        span: start..end,
                        column: 1,
                        text: "é".to_owned(),
                    };
                    let room = Room { width, ..ROOM };
                    for excerpt in Page::of(mask(text).into_owned()).excerpts(&[mark], room) {
                        for (span, _) in excerpt.marks {
                            assert!(excerpt.text.get(span).is_some());
                        }
                    }
                }
            }
        }
    }
}
