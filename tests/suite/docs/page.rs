//! A page of Markdown, as far as its tests need it: fenced blocks, headings, links, code in lines of prose.
//!
//! In: text. Out: [`Piece`]s in their order, and what prose holds. Knows no shell and no command.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;

/// What opens and closes a comment by which a page prepares what its next commands need, unseen by its readers.
const SET_UP: (&str, &str) = ("<!-- test:", "-->");

/// A page by its name in the repository.
pub(super) struct Page {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) pieces: Vec<Piece>,
}

/// What stands on a page, prose aside.
pub(super) enum Piece {
    Heading(String),
    SetUp(String),
    Block(Block),
}

/// A fenced block.
pub(super) struct Block {
    /// The first word behind the fence.
    pub(super) language: String,
    pub(super) text: String,
    /// Where the text stands in the page.
    pub(super) place: Range<usize>,
    pub(super) line: usize,
}

impl Block {
    pub(super) fn is_shell(&self) -> bool {
        ["sh", "bash", "shell"].contains(&self.language.as_str())
    }

    /// Whether it may be what a command prints.
    pub(super) fn is_output(&self) -> bool {
        [
            "text", "json", "xml", "html", "svg", "markdown", "csv", "mermaid", "dot",
        ]
        .contains(&self.language.as_str())
    }
}

impl Page {
    pub(super) fn read(root: &Path, name: &str) -> Self {
        let text = fs::read_to_string(root.join(name)).unwrap();
        let text = text.replace("\r\n", "\n");
        let pieces = pieces(&text);
        Self {
            name: name.to_owned(),
            text,
            pieces,
        }
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Block(block) => Some(block),
            _ => None,
        })
    }

    /// Each block of commands, with what it is said to print: the next block, where that may be output and stands under the same
    /// heading.
    pub(super) fn commands(&self) -> impl Iterator<Item = (&Block, Option<&Block>)> {
        let commands = self.pieces.iter().enumerate();
        commands.filter_map(|(at, piece)| match piece {
            Piece::Block(block) if block.is_shell() => {
                let shown = match self.pieces.get(at + 1) {
                    Some(Piece::Block(next)) if next.is_output() => Some(next),
                    _ => None,
                };
                Some((block, shown))
            }
            _ => None,
        })
    }

    /// The page without its fenced blocks: everything else has a meaning to a reader of Markdown.
    pub(super) fn prose(&self) -> String {
        let mut prose = String::new();
        let mut at = 0;
        for block in self.blocks() {
            prose.push_str(&self.text[at..block.place.start]);
            at = block.place.end;
        }
        prose.push_str(&self.text[at..]);
        prose
    }

    /// What stands between single backticks in prose.
    pub(super) fn inline_code(&self) -> Vec<String> {
        let prose = self.prose();
        // A fence is three of them.
        let prose = prose.replace("````", "").replace("```", "");
        let code = prose.split('`').skip(1).step_by(2);
        code.map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }

    /// The targets of its links, as written.
    pub(super) fn links(&self) -> Vec<String> {
        let prose = without_code(&self.prose());
        let mut links = Vec::new();
        for behind in prose.split("](").skip(1) {
            let target = behind.split([')', ' ']).next().unwrap_or_default();
            links.push(target.trim_matches(['<', '>']).to_owned());
        }
        for line in prose.lines() {
            if let Some((label, target)) = line.split_once("]: ")
                && label.starts_with('[')
            {
                links.push(target.trim().to_owned());
            }
        }
        links
    }

    /// What a link may name behind `#`, as GitHub makes it of headings.
    pub(super) fn anchors(&self) -> BTreeSet<String> {
        let mut anchors = BTreeSet::new();
        for piece in &self.pieces {
            if let Piece::Heading(heading) = piece {
                let slug = slug(heading);
                let twins = (1..).map(|number| format!("{slug}-{number}"));
                let mut names = std::iter::once(slug.clone()).chain(twins);
                let free = names.find(|name| !anchors.contains(name)).unwrap();
                anchors.insert(free);
            }
        }
        anchors
    }
}

/// `Before \`update-pipeline\`` → `before-update-pipeline`
fn slug(heading: &str) -> String {
    let mut shown = String::new();
    let mut rest = heading;
    // Of a link the text is shown.
    while let Some((before, behind)) = rest.split_once("](") {
        shown.push_str(before);
        rest = behind.split_once(')').map_or("", |(_, rest)| rest);
    }
    shown.push_str(rest);
    let letters = shown.to_lowercase();
    let letters = letters.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        letter => letter.is_alphanumeric().then_some(letter),
    });
    letters.collect()
}

fn without_code(prose: &str) -> String {
    let prose = prose.replace("````", "").replace("```", "");
    let outside = prose.split('`').step_by(2);
    outside.collect::<Vec<_>>().join("`")
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut lines = Lines {
        text,
        at: 0,
        line: 0,
    };
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let ticks = trimmed.len() - trimmed.trim_start_matches('`').len();
        if ticks >= 3 {
            let indent = line.len() - trimmed.len();
            let info = trimmed.trim_start_matches('`');
            let language = info.split_whitespace().next().unwrap_or_default();
            pieces.push(Piece::Block(block(&mut lines, indent, ticks, language)));
        } else if let Some(set_up) = trimmed.strip_prefix(SET_UP.0) {
            let mut commands = set_up.to_owned();
            while !commands.contains(SET_UP.1) {
                commands.push('\n');
                commands.push_str(lines.next().expect("the comment ends"));
            }
            let (commands, _) = commands.split_once(SET_UP.1).unwrap();
            pieces.push(Piece::SetUp(commands.trim().to_owned()));
        } else if line.starts_with('#')
            && let Some(heading) = line.trim_start_matches('#').strip_prefix(' ')
        {
            pieces.push(Piece::Heading(heading.trim().to_owned()));
        }
    }
    pieces
}

fn block(lines: &mut Lines<'_>, indent: usize, ticks: usize, language: &str) -> Block {
    let (start, line) = (lines.at, lines.line);
    let mut text = String::new();
    loop {
        let end = lines.at;
        let one = lines.next().expect("the block is closed");
        let trimmed = one.trim();
        if trimmed.len() >= ticks && trimmed.chars().all(|letter| letter == '`') {
            return Block {
                language: language.to_owned(),
                text,
                place: start..end,
                line,
            };
        }
        let spaces = one.len() - one.trim_start_matches(' ').len();
        text.push_str(&one[spaces.min(indent)..]);
        text.push('\n');
    }
}

struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl<'t> Lines<'t> {
    fn next(&mut self) -> Option<&'t str> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let line = rest.split('\n').next().unwrap_or_default();
        self.at = (self.at + line.len() + 1).min(self.text.len());
        self.line += 1;
        Some(line)
    }
}

#[test]
fn a_page_is_taken_apart_as_github_does() {
    let text = "# Before `update-pipeline`: a *walk*\n\n<!-- test: cp a b -->\n```sh\n# no heading\nrun\n```\n\n````text\n```\nout\n````\n\
                # Twice\n# Twice\n- see [`--live`](live.md#asking), `[no](link)`\n  ```yaml\n  a: b\n  ```\n";
    let page = Page {
        name: "page.md".to_owned(),
        text: text.to_owned(),
        pieces: pieces(text),
    };
    let expected = ["before-update-pipeline-a-walk", "twice", "twice-1"];
    assert_eq!(page.anchors(), expected.map(str::to_owned).into());
    assert_eq!(page.links(), ["live.md#asking"]);
    assert_eq!(
        page.inline_code(),
        ["update-pipeline", "--live", "[no](link)"]
    );
    let texts: Vec<(&str, &str, usize)> = page
        .blocks()
        .map(|block| (block.language.as_str(), block.text.as_str(), block.line))
        .collect();
    assert_eq!(
        texts,
        [
            ("sh", "# no heading\nrun\n", 4),
            ("text", "```\nout\n", 9),
            ("yaml", "a: b\n", 16),
        ]
    );
    let (_, shown) = page.commands().next().unwrap();
    assert_eq!(shown.map(|block| block.line), Some(9));
    assert!(
        page.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::SetUp(commands) if commands == "cp a b"))
    );
}
