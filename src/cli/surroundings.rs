//! What the process finds around itself: terminals, and the variables that have a say in how output looks and what is read.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Variables that are looked at; no other one changes anything.
const VARIABLES: &[&str] = &[
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "FORCE_HYPERLINK",
    "TERM",
    "COLUMNS",
    "LC_ALL",
    "LC_CTYPE",
    "LANG",
    "WT_SESSION",
    "TERM_PROGRAM",
    "VTE_VERSION",
    "KITTY_WINDOW_ID",
    "SOURCE_DATE_EPOCH",
    "PIPELINE_PREFLIGHT_CONFIG",
];

/// Columns of a report that is not shown in a terminal.
const WIDTH_OF_FILES: usize = 100;
/// Columns of a terminal that does not say how wide it is.
const WIDTH_OF_TERMINALS: usize = 80;
/// Longer lines are hard to read, however wide the window is.
const WIDEST: usize = 120;
/// Below this nothing useful can be drawn.
const NARROWEST: usize = 40;

/// What lies around a run.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The working folder.
    pub folder: Option<PathBuf>,
    /// Whether standard output is a terminal.
    pub out_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub err_is_terminal: bool,
    /// Environment variables by name.
    pub variables: BTreeMap<String, String>,
}

/// What `--color` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        Self {
            folder: env::current_dir().ok(),
            out_is_terminal: io::stdout().is_terminal(),
            err_is_terminal: io::stderr().is_terminal(),
            variables: VARIABLES
                .iter()
                .filter_map(|name| {
                    // What is no text is no file's name either, and must not pass for a variable that is not set.
                    let value = env::var_os(name)?.to_string_lossy().into_owned();
                    Some(((*name).to_owned(), value))
                })
                .collect(),
        }
    }

    /// A variable that is set and not empty.
    fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether to colour a stream: <https://no-color.org>, <https://force-color.org>.
    pub(super) fn color(&self, choice: Color, is_terminal: bool) -> bool {
        let forced = |name| {
            self.variable(name)
                .is_some_and(|value| value != "0" && value != "false")
        };
        match choice {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if self.variable("NO_COLOR").is_some() => false,
            Color::Auto if forced("FORCE_COLOR") || forced("CLICOLOR_FORCE") => true,
            Color::Auto => is_terminal && self.variable("TERM") != Some("dumb"),
        }
    }

    /// Whether the locale is one of UTF-8; the first variable that is set decides, as
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html> says.
    pub(super) fn unicode(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| self.variable(name));
        match locale {
            Some(locale) => {
                let locale = locale.to_ascii_lowercase();
                locale.contains("utf-8") || locale.contains("utf8")
            }
            // Windows sets none of them; its newer terminals name themselves.
            None => {
                self.variable("WT_SESSION").is_some()
                    || self.variable("TERM_PROGRAM") == Some("vscode")
            }
        }
    }

    /// Columns to stay within on standard output.
    pub(super) fn width(&self) -> usize {
        let said = self
            .variable("COLUMNS")
            .and_then(|columns| columns.parse().ok());
        let width = said.unwrap_or(if self.out_is_terminal {
            WIDTH_OF_TERMINALS
        } else {
            WIDTH_OF_FILES
        });
        width.clamp(NARROWEST, WIDEST)
    }

    /// The columns of standard error, where it is a terminal on which a line can be redrawn.
    pub(super) fn columns_to_redraw(&self) -> Option<usize> {
        let redraws =
            self.err_is_terminal && self.variable("TERM").is_some_and(|term| term != "dumb");
        redraws.then(|| {
            let said = self.variable("COLUMNS");
            let said = said.and_then(|columns| columns.parse().ok());
            said.unwrap_or(WIDTH_OF_TERMINALS)
        })
    }

    /// The day it is, of Greenwich so that it is the same on every machine; that of `SOURCE_DATE_EPOCH` where that is set:
    /// <https://reproducible-builds.org/specs/source-date-epoch/>.
    pub(super) fn today(&self) -> Date {
        let epoch = self.variable("SOURCE_DATE_EPOCH");
        let epoch = epoch.and_then(|seconds| seconds.parse().ok());
        let now = epoch.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let now = now.unwrap_or_else(Timestamp::now);
        now.to_zoned(TimeZone::UTC).date()
    }

    /// The configuration file that the environment names.
    pub(super) fn config(&self) -> Option<PathBuf> {
        self.variable("PIPELINE_PREFLIGHT_CONFIG")
            .map(PathBuf::from)
    }

    /// Whether the terminal is one that is known to follow OSC 8 links.
    pub(super) fn links(&self) -> bool {
        if let Some(forced) = self.variable("FORCE_HYPERLINK") {
            return forced != "0";
        }
        self.out_is_terminal
            && (["WT_SESSION", "KITTY_WINDOW_ID"]
                .iter()
                .any(|name| self.variable(name).is_some())
                || self
                    .variable("VTE_VERSION")
                    .and_then(|version| version.parse::<u32>().ok())
                    .is_some_and(|version| version >= 5000)
                || matches!(
                    self.variable("TERM_PROGRAM"),
                    Some("iTerm.app" | "WezTerm" | "vscode" | "ghostty" | "Hyper")
                ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Surroundings::default()
        }
    }

    /// Variables, whether it is a terminal, whether there is colour.
    type Row<'a> = (&'a [(&'a str, &'a str)], bool, bool);

    #[test]
    fn colour_is_decided_in_the_documented_order() {
        let table: &[Row<'_>] = &[
            (&[], true, true),
            (&[], false, false),
            (&[("NO_COLOR", "1")], true, false),
            (&[("NO_COLOR", "")], true, true),
            (&[("NO_COLOR", "1"), ("FORCE_COLOR", "1")], true, false),
            (&[("FORCE_COLOR", "1")], false, true),
            (&[("FORCE_COLOR", "0")], false, false),
            (&[("CLICOLOR_FORCE", "1")], false, true),
            (&[("TERM", "dumb")], true, false),
            (&[("TERM", "dumb"), ("FORCE_COLOR", "1")], true, true),
        ];
        for (variables, terminal, expected) in table {
            let around = with(variables);
            assert_eq!(
                around.color(Color::Auto, *terminal),
                *expected,
                "{variables:?} {terminal}"
            );
            assert!(around.color(Color::Always, *terminal));
            assert!(!around.color(Color::Never, *terminal));
        }
    }

    #[test]
    fn the_locale_decides_about_drawing_characters() {
        assert!(!with(&[]).unicode());
        assert!(!with(&[("LANG", "C")]).unicode());
        assert!(with(&[("LANG", "de_DE.UTF-8")]).unicode());
        assert!(with(&[("LANG", "C.utf8")]).unicode());
        assert!(!with(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]).unicode());
        assert!(with(&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]).unicode());
        assert!(with(&[("WT_SESSION", "x")]).unicode());
    }

    #[test]
    fn the_width_stays_readable() {
        assert_eq!(with(&[]).width(), 100);
        assert_eq!(with(&[("COLUMNS", "90")]).width(), 90);
        assert_eq!(with(&[("COLUMNS", "0")]).width(), 40);
        assert_eq!(with(&[("COLUMNS", "500")]).width(), 120);
        assert_eq!(with(&[("COLUMNS", "wide")]).width(), 100);
    }
}
