//! Comments of YAML texts: what stands beside the nodes, and which nodes it is about.
//!
//! The tree knows no comments. They are looked for where somebody asks, by the parser that made the tree: a `#` inside a
//! string or a block of text is none (<https://yaml.org/spec/1.2.2/#66-comments>).

use std::ops::Range;

use super::build::Builder;
use super::tree::{Content, NONE, Tree, Written};
use super::{Around, Format, Origin, Source, SourceId, Sources, SyntaxError, nested, yaml};
use crate::source::text::Text;

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// What it says, behind the `#` and blanks.
    pub text: String,
    /// Where it stands.
    pub origin: Origin,
    /// What it is about: the entries of maps, the items of lists and the scalars that begin on its line or, when it has its
    /// line to itself, on the next line that anything begins on. Of nodes inside each other only the outer one.
    pub about: Vec<Origin>,
}

impl Sources {
    /// The comments of a YAML text that hold a word; none for other texts.
    ///
    /// # Errors
    /// The comments cannot be told from the rest.
    pub fn comments(&mut self, of: SourceId, word: &str) -> Result<Vec<Comment>, SyntaxError> {
        let Some(source) = self.source(of) else {
            return Ok(Vec::new());
        };
        let outermost = source.around.is_none() && source.made.is_none();
        let text = source.text.as_str();
        if !outermost || source.format != Format::Yaml || !text.contains(word) {
            return Ok(Vec::new());
        }
        let found =
            yaml::comments(text).map_err(|fault| fault.told(|at| source.text.position(at)))?;
        let found: Vec<(Range<usize>, String, Vec<u32>)> = found
            .into_iter()
            .filter(|(_, said)| said.contains(word))
            .map(|(span, said)| {
                let about = about(&source.tree, text, &span);
                (span, said, about)
            })
            .collect();
        let comments = found.into_iter().map(|(span, said, about)| {
            let origin = |node| Origin { source: of, node };
            Comment {
                text: said.trim().to_owned(),
                origin: self.keep_comment(of, &said, span),
                about: about.into_iter().map(origin).collect(),
            }
        });
        Ok(comments.collect())
    }

    /// No node of the text is the comment's, so that it gets a text of its own that stands inside the other.
    fn keep_comment(&mut self, of: SourceId, said: &str, span: Range<usize>) -> Origin {
        let mut builder = Builder::lenient(said, true);
        // One scalar is never refused.
        let _ = builder.scalar(0, said.len(), NONE, Content::String(Written::Plain));
        let tree = builder.finish();
        let around = Around {
            string: Origin {
                source: of,
                node: 0,
            },
            maps: vec![nested::Map::whole(said.len(), span)],
        };
        let source = self.keep(Source {
            name: String::new(),
            text: Text::new(said.to_owned()),
            tree,
            format: Format::Yaml,
            around: Some(around),
            made: None,
        });
        Origin { source, node: 0 }
    }
}

/// The nodes that a comment is about.
fn about(tree: &Tree, text: &str, span: &Range<usize>) -> Vec<u32> {
    let own = line(text, span.start);
    let before = text.get(own.start..span.start).unwrap_or_default();
    let on = match before.trim().is_empty() {
        false => own,
        true => {
            let behind = first_from(tree, span.end);
            match tree.slot(behind) {
                Some(slot) => line(text, slot.start as usize),
                None => return Vec::new(),
            }
        }
    };
    let mut nodes = Vec::new();
    let mut covered = 0;
    let mut index = first_from(tree, on.start);
    let begins = |index| {
        let slot = tree.slot(index);
        slot.is_some_and(|slot| on.contains(&(slot.start as usize)))
    };
    while begins(index) {
        if index >= covered
            && let Some(node) = whole(tree, index)
        {
            nodes.push(node);
            covered = tree.slot(node).map_or(covered, |slot| slot.after);
        }
        index += 1;
    }
    nodes
}

/// What begins with a slot, if more than a part of something begins there: a map that is a value begins with its first key,
/// and who writes behind that key means the one entry.
fn whole(tree: &Tree, index: u32) -> Option<u32> {
    let slot = tree.slot(index)?;
    let parent = tree.slot(slot.parent)?;
    match (parent.content, slot.content) {
        (Content::List, _) => Some(index),
        // The key of an entry, whose value comes right behind it.
        (Content::Map, _) if slot.ordinal.is_multiple_of(2) => Some(index + 1),
        (Content::Map, Content::List | Content::Map) => None,
        (Content::Map, _) => Some(index),
        _ => None,
    }
}

/// The first slot that begins at an offset or behind it.
fn first_from(tree: &Tree, offset: usize) -> u32 {
    let before = |slot: &super::tree::Slot| (slot.start as usize) < offset;
    super::text::offset32(tree.slots.partition_point(before))
}

/// The line that an offset is on, without its end.
fn line(text: &str, at: usize) -> Range<usize> {
    let ends = ['\n', '\r'];
    let start = text.get(..at).and_then(|before| before.rfind(ends));
    let end = text.get(at..).and_then(|behind| behind.find(ends));
    start.map_or(0, |start| start + 1)..end.map_or(text.len(), |end| at + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each comment's text, its place, and the paths of what it is about.
    fn comments(text: &str) -> Vec<(String, (usize, usize), Vec<String>)> {
        let mut sources = Sources::new();
        let source = sources.add("t.yaml", text.as_bytes()).unwrap();
        let comments = sources.comments(source, "mark").unwrap();
        let told = comments.into_iter().map(|comment| {
            let start = sources.place(comment.origin).start;
            let about = comment.about.iter();
            let about = about.map(|node| sources.place(*node).path);
            (comment.text, (start.line, start.column), about.collect())
        });
        told.collect()
    }

    #[test]
    fn a_comment_is_about_what_begins_on_its_line_or_the_next() {
        type Expected = (
            &'static str,
            &'static [(usize, usize)],
            &'static [&'static [&'static str]],
        );
        let table: &[Expected] = &[
            // Behind a scalar: the entry, not the map that begins with it.
            ("a:\n  b: 1 # mark\n  c: 2\n", &[(2, 8)], &[&["a.b"]]),
            ("# head\na: 1 # mark\nb: 2\n", &[(2, 6)], &[&["a"]]),
            // Behind the key of a map: all in it.
            ("a: # mark\n  b: 1\n", &[(1, 4)], &[&["a"]]),
            // At the first line of an item: the whole item.
            ("a:\n- b: 1 # mark\n  c: 2\n- d\n", &[(2, 8)], &[&["a[0]"]]),
            ("a:\n- b: 1\n  c: 2 # mark\n", &[(3, 8)], &[&["a[0].c"]]),
            // Alone, with others and blank lines behind it.
            ("# mark\n# other\n\na: 1\nb: 2\n", &[(1, 1)], &[&["a"]]),
            ("a: 1\n# mark\nb: {c: 1}\n", &[(2, 1)], &[&["b"]]),
            ("a: 1\n# mark\n", &[(2, 1)], &[&[]]),
            // A value that is not written has a key, an item that is not has nothing.
            ("a: # mark\nb: 1\n", &[(1, 4)], &[&["a"]]),
            ("a:\n  - # mark\n  - b\n", &[(2, 5)], &[&[]]),
            ("a: {\n  b: 1, # mark\n  c: 2\n}\n", &[(2, 9)], &[&["a.b"]]),
            // Lists in one line, a value on a line of its own, a block of text.
            ("a: [1, 2] # mark\n", &[(1, 11)], &[&["a"]]),
            ("a:\n  text # mark\n", &[(2, 8)], &[&["a"]]),
            ("a: | # mark\n  text\nb: 1\n", &[(1, 6)], &[&["a"]]),
            ("- a: 1\n- - b # mark\n  - c\n", &[(2, 7)], &[&["[1]"]]),
            (
                "a: 1 # mark\r\nb: 2 # mark\r\n",
                &[(1, 6), (2, 6)],
                &[&["a"], &["b"]],
            ),
            ("--- # mark\na: 1\n", &[(1, 5)], &[&[]]),
        ];
        for (text, places, about) in table {
            let found = comments(text);
            let at: Vec<_> = found.iter().map(|(_, at, _)| *at).collect();
            assert_eq!(at, *places, "{text}");
            let of: Vec<_> = found.iter().map(|(_, _, about)| about.clone()).collect();
            assert_eq!(of, *about, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_comment_is_none() {
        for text in [
            "a: 'x # mark'\n",
            "a: \"x # mark\"\n",
            "a: |\n  # mark\nb: 1\n",
            "a: >-\n  x # mark\n",
            "a: x#mark\n",
            "a: 'x\n  # mark\n  y'\n",
            "{\"a\": \"# mark\"}\n",
        ] {
            assert_eq!(comments(text), [], "{text}");
        }
    }

    #[test]
    fn more_comments_than_the_parser_likes_are_read() {
        let text = format!("a: 1\n{}b: 2 # mark\n", "# x\n".repeat(500));
        assert_eq!(comments(&text).len(), 1);
        let text = format!(
            "a:\n{}- 1 # mark\n---\n{}b: 1\n",
            "# x\n".repeat(500),
            "# x\n".repeat(500)
        );
        assert_eq!(comments(&text).len(), 1);
    }
}
