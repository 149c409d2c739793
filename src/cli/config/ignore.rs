//! `ignore`: the findings that are left as they are, with the reason.
//!
//! The entries are read with the file's other words, before anything is looked at; where they stand is known once the file's
//! text is among those that reports point into.

use std::fs;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::{self, Deserializer};

use super::Policy;
use super::words::Scalar;
use crate::check::triage::advice_on_rule;
use crate::cli::{Streams, Voice};
use crate::load::{Ignore, SaidBy, WrittenIgnore, day, written_ignores};
use crate::report::file_name;
use crate::rules::Catalogue;
use crate::source::{Origin, Sources};

/// Findings that are left as they are. What is not named is not looked at; `*` stands for any characters.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Ignore"))]
#[serde(deny_unknown_fields)]
pub(super) struct IgnoreWords {
    /// The rule's id.
    rule: Scalar,
    /// The pipeline's name or ARN.
    pipeline: Option<Scalar>,
    /// The stage's name.
    stage: Option<Scalar>,
    /// The action's name.
    action: Option<Scalar>,
    /// Who lacks the permission: an ARN or a service.
    principal: Option<Scalar>,
    /// What is lacking: `service:Action`.
    operation: Option<Scalar>,
    /// On what: an ARN.
    resource: Option<Scalar>,
    /// Why they are left as they are.
    #[cfg_attr(test, schemars(with = "String", length(min = 1)))]
    reason: Reason,
    /// The last day on which that counts, as `2026-12-31`.
    #[cfg_attr(
        test,
        schemars(
            with = "Option<String>",
            regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        )
    )]
    expires: Option<Day>,
}

/// A text that is not empty.
#[derive(Debug)]
struct Reason(String);

/// A day as `2026-12-31`.
#[derive(Debug)]
struct Day(Date);

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Scalar(text) = Scalar::deserialize(deserializer)?;
        match text.trim() {
            "" => Err(de::Error::custom("the reason is empty")),
            reason => Ok(Self(reason.to_owned())),
        }
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Scalar(text) = Scalar::deserialize(deserializer)?;
        let wrong = || de::Error::custom(format!("`{text}` is no day such as `2026-12-31`"));
        day(&text).map(Self).ok_or_else(wrong)
    }
}

impl IgnoreWords {
    /// What it says; where it says so comes later.
    pub(super) fn ignore(self) -> Ignore {
        let Self {
            rule: Scalar(rule),
            pipeline,
            stage,
            action,
            principal,
            operation,
            resource,
            reason: Reason(reason),
            expires,
        } = self;
        let text = |words: Option<Scalar>| words.map(|Scalar(text)| text);
        Ignore {
            rule,
            pipeline: text(pipeline),
            stage: text(stage),
            action: text(action),
            principal: text(principal),
            operation: text(operation),
            resource: text(resource),
            within: Vec::new(),
            reason,
            expires: expires.map(|Day(day)| day),
            said_by: SaidBy::Configuration,
            origin: Origin::NOWHERE,
        }
    }
}

/// The text that the entries stand in.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Text {
    name: String,
    bytes: Vec<u8>,
}

impl Text {
    /// That of a file which has been read before.
    pub(super) fn of(file: &Path) -> Option<Self> {
        Some(Self {
            name: file.to_string_lossy().into_owned(),
            bytes: fs::read(file).ok()?,
        })
    }

    /// Where the entries stand, once the text is among others.
    fn written(&self, sources: &mut Sources) -> Vec<WrittenIgnore> {
        written_ignores(sources, &self.name, &self.bytes)
    }
}

impl Policy {
    /// Puts the file's text among those that reports point into, and keeps where in it each entry stands.
    pub(in crate::cli) fn place(&mut self, sources: &mut Sources) {
        let Some(text) = self.text.as_ref().filter(|_| !self.ignores.is_empty()) else {
            return;
        };
        let written = text.written(sources);
        for (ignore, written) in self.ignores.iter_mut().zip(written) {
            ignore.origin = written.entry;
        }
    }

    /// Whether every entry names a rule that there is; where one does not, that is said.
    pub(in crate::cli) fn names_rules(
        &self,
        catalogue: &Catalogue,
        voice: Voice,
        streams: &mut Streams<'_>,
    ) -> bool {
        let mut known = true;
        for (number, ignore) in self.ignores.iter().enumerate() {
            let Some((wrong, advice)) = advice_on_rule(&ignore.rule, catalogue) else {
                continue;
            };
            known = false;
            let message = format!("`{}` {wrong}", ignore.rule);
            let message = match self.place_of_rule(number) {
                Some(place) => format!("{place}: {message}"),
                None => message,
            };
            voice.error(streams, &message, Some(&advice));
        }
        known
    }

    /// `file:line:column`
    fn place_of_rule(&self, number: usize) -> Option<String> {
        let mut sources = Sources::new();
        let written = self.text.as_ref()?.written(&mut sources);
        let place = sources.place(written.get(number)?.rule);
        let (line, column) = (place.start.line, place.start.column);
        Some(format!("{}:{line}:{column}", file_name(&place.name)))
    }
}
