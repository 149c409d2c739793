//! Findings → bytes; places become lines and columns only here.
//!
//! In: a [`check::Result`] and the [`Sources`] that its origins point into. Out: bytes, one
//! renderer per row of [`FORMATS`]. Knows nothing of IAM evaluation, of files, or of what is done with the bytes.
//! No renderer prints a secret: JSON holds no source text, and every snippet passes [`mask`] first.

mod csv;
mod excerpt;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod mask;
mod needs;
mod picture;
mod places;
mod sarif;
#[cfg(test)]
pub(crate) mod schema;
mod text;
mod words;

use std::io;

pub use human::{Role, paint};
pub use mask::mask;
pub use needs::{NEEDS_FORMATS, NeedsFormat, needs_format};
pub use picture::{
    Account as PictureAccount, Arrow, ArrowKind, Line, Mark, Node, NodeKind, PICTURE_FORMATS,
    PICTURE_STYLE, Picture, PictureFormat, picture, picture_format, picture_fragment,
};
pub use text::{inert_json, printable, wrap};

use crate::check;
use crate::source::Sources;

/// One output format.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, in one line.
    pub help: &'static str,
    /// Whether it lists what the principals need, which is worked out for it alone: [`check::Result::needs`].
    pub lists_needs: bool,
    /// Writes a whole report.
    pub render: fn(&Rendering<'_>, &mut dyn io::Write) -> io::Result<()>,
}

/// Every output format, the default first. The command line takes its choices from here.
pub const FORMATS: &[Format] = &[
    Format {
        name: "human",
        help: "for people: each finding with the source lines to blame and how to mend it",
        lists_needs: false,
        render: human::render,
    },
    Format {
        name: "json",
        help: "for programs: one JSON document, schema version 1",
        lists_needs: false,
        render: json::render,
    },
    Format {
        name: "sarif",
        help: "for code scanning: SARIF 2.1.0, as GitHub, editors and dashboards read it",
        lists_needs: false,
        render: sarif::render,
    },
    Format {
        name: "junit",
        help: "for test reports: XML with a suite for each pipeline and a test for each action",
        lists_needs: false,
        render: junit::render,
    },
    Format {
        name: "github",
        help: "for logs of GitHub Actions: an annotation for each finding",
        lists_needs: false,
        render: github::render,
    },
    Format {
        name: "gitlab",
        help: "for merge requests of GitLab: a Code Quality report",
        lists_needs: false,
        render: gitlab::render,
    },
    Format {
        name: "markdown",
        help: "for a comment on a pull request, or a job's summary: counts, a table, details folded away",
        lists_needs: false,
        render: markdown::render,
    },
    Format {
        name: "html",
        help: "for people elsewhere: one page with everything in it, to keep, to mail, to open in any browser",
        lists_needs: true,
        render: html::render,
    },
    Format {
        name: "csv",
        help: "for spreadsheets: every requirement with its decision, a line for each operation",
        lists_needs: true,
        render: csv::render,
    },
];

/// What a renderer is given.
#[derive(Debug, Clone, Copy)]
pub struct Rendering<'a> {
    /// What was found.
    pub result: &'a check::Result,
    /// The texts that the findings point into.
    pub sources: &'a Sources,
    /// How it may look; formats for programs ignore it.
    pub style: Style,
}

/// How a report for people may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours; they never carry meaning alone.
    pub color: bool,
    /// Whether drawing characters beyond ASCII can be shown.
    pub unicode: bool,
    /// Columns to stay within where the text allows it.
    pub width: usize,
    /// Whether the terminal follows OSC 8 links.
    pub links: bool,
    /// Whether to leave out the closing summary.
    pub quiet: bool,
}

impl Style {
    /// No colours and no links: for files, pipes and tests.
    pub const fn plain(width: usize) -> Self {
        Self {
            color: false,
            unicode: true,
            width,
            links: false,
            quiet: false,
        }
    }
}

/// The format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// A source's name as reports write it: no leading `./`, and `/` between folders on every system.
pub fn file_name(name: &str) -> String {
    let mut name = if cfg!(windows) {
        name.replace('\\', "/")
    } else {
        name.to_owned()
    };
    while let Some(rest) = name.strip_prefix("./") {
        name = rest.trim_start_matches('/').to_owned();
    }
    name
}
