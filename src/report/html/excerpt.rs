//! Source lines for the page: masked like those of every other report, with the marked text as elements of its own.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::check::Finding;
use crate::report::excerpt::{Excerpt, Mark, Page, Room};
use crate::report::file_name;
use crate::report::places::places;
use crate::report::words::count;
use crate::source::{SourceId, Sources};

use super::prose::{Prose, clean};

/// Places shown of one finding: a hole in one policy can break hundreds of actions, and JSON names them all.
const SHOWN_PLACES: usize = 6;
/// How lines are cut: as many columns as a page has room for beside the number.
const ROOM: Room = Room {
    width: 112,
    ellipsis: "…",
};

/// A few lines of a file.
pub(super) struct ExcerptView {
    /// `file:line:column`
    pub(super) spot: String,
    pub(super) lines: Vec<Line>,
}

/// A line of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) pieces: Vec<Piece>,
    /// What is to be said of marks that end in it.
    pub(super) remarks: Vec<Prose>,
}

/// A part of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) marked: bool,
}

/// The excerpts of all findings.
pub(super) struct Excerpts<'a> {
    sources: &'a Sources,
    /// Texts shown so far: masking one of many megabytes twice would be felt.
    pages: BTreeMap<String, Page>,
}

impl<'a> Excerpts<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self {
            sources,
            pages: BTreeMap::new(),
        }
    }

    /// The excerpts of a finding, and how many places are left out.
    pub(super) fn of(&mut self, finding: &Finding) -> (Vec<ExcerptView>, Option<String>) {
        let places = places(finding, self.sources);
        let mut files: Vec<(&str, SourceId, Vec<Mark>)> = Vec::new();
        for shown in places.iter().take(SHOWN_PLACES) {
            let mark = Mark {
                span: shown.place.span.clone(),
                column: shown.place.start.column,
                text: shown.text.to_owned(),
            };
            match files
                .iter_mut()
                .find(|(name, _, _)| *name == shown.place.name)
            {
                Some((_, _, marks)) => marks.push(mark),
                None => {
                    let source = self.sources.written(shown.origin).source();
                    files.push((&shown.place.name, source, vec![mark]));
                }
            }
        }
        let mut views = Vec::new();
        for (name, source, marks) in files {
            let sources = self.sources;
            let page = self.pages.entry(name.to_owned());
            let page = page.or_insert_with(|| Page::new(sources, source));
            for excerpt in page.excerpts(&marks, ROOM) {
                let (line, column) = excerpt.position;
                views.push(ExcerptView {
                    spot: clean(&format!("{}:{line}:{column}", file_name(name))).replace('\n', " "),
                    lines: lines(&excerpt),
                });
            }
        }
        let more = places.len().saturating_sub(SHOWN_PLACES);
        let more = (more > 0).then(|| format!("and {} not shown", count(more, "more place")));
        (views, more)
    }
}

fn lines(excerpt: &Excerpt) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (number, text) in excerpt.text.split_terminator('\n').enumerate() {
        let line = start..start + text.len();
        let remarks = excerpt
            .marks
            .iter()
            .filter(|(span, _)| ends_in(span, &line));
        let remarks = remarks.filter(|(_, remark)| !remark.is_empty());
        lines.push(Line {
            number: excerpt.first_line + number,
            pieces: pieces(&excerpt.text, &line, &excerpt.marks),
            remarks: remarks
                .map(|(_, remark)| Prose::new(&remark.replace('\n', " ")))
                .collect(),
        });
        start = line.end + 1;
    }
    lines
}

fn ends_in(span: &Range<usize>, line: &Range<usize>) -> bool {
    (line.start..=line.end).contains(&span.end.saturating_sub(1).max(span.start))
}

/// A line cut where marks begin and end.
fn pieces(text: &str, line: &Range<usize>, marks: &[(Range<usize>, String)]) -> Vec<Piece> {
    let ends = marks.iter().flat_map(|(span, _)| [span.start, span.end]);
    let mut cuts: Vec<usize> = ends
        .filter(|at| line.contains(at))
        .chain([line.start, line.end])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let spans = cuts.iter().zip(cuts.iter().skip(1));
    let pieces = spans.filter_map(|(&start, &end)| {
        let marked = marks
            .iter()
            .any(|(span, _)| span.start <= start && end <= span.end);
        Some(Piece {
            text: clean(text.get(start..end)?),
            marked,
        })
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_cut_lines_into_pieces_and_remarks_stand_where_marks_end() {
        let excerpt = Excerpt {
            text: "one two\nthree four\n".to_owned(),
            first_line: 7,
            position: (7, 5),
            marks: vec![(4..13, "over\nlines".to_owned()), (14..18, String::new())],
        };
        let piece = |text: &str, marked| Piece {
            text: text.to_owned(),
            marked,
        };
        let expected = [
            Line {
                number: 7,
                pieces: vec![piece("one ", false), piece("two", true)],
                remarks: Vec::new(),
            },
            Line {
                number: 8,
                pieces: vec![piece("three", true), piece(" ", false), piece("four", true)],
                remarks: vec![Prose::new("over lines")],
            },
        ];
        assert_eq!(lines(&excerpt), expected);
    }
}
