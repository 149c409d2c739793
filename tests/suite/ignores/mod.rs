//! Ignoring findings: nothing vanishes that an entry does not name, and no entry is of no use in silence.

mod entries;
mod everywhere;
mod laws;
mod places;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::{Date, date};
use pipeline_preflight::check::triage::{self, Ignoring, Weights};
use pipeline_preflight::check::{self, Options};
use pipeline_preflight::load::{self, Ignore, Input, Loaded, SaidBy, Settings};
use pipeline_preflight::rules::Catalogue;
use pipeline_preflight::source::{Origin, Sources};

pub(super) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());

pub(super) const TODAY: Date = date(2026, 11, 20);

/// A system that was read and checked, its findings as they are before anybody says anything of them.
pub(super) struct Checked {
    pub(super) loaded: Loaded,
    pub(super) sources: Sources,
}

impl Checked {
    pub(super) fn case(case: &str) -> Self {
        let folder = Path::new("tests/fixtures/cases").join(case);
        Self::of(&[Input::Path(folder)], &Settings::default())
    }

    pub(super) fn of(inputs: &[Input], settings: &Settings) -> Self {
        let mut sources = Sources::new();
        let loaded = load::load_with(&mut sources, inputs, settings).unwrap();
        Self { loaded, sources }
    }

    /// All findings.
    pub(super) fn result(&self) -> check::Result {
        check::run(&self.loaded.graph, &CATALOGUE, &Options::default())
    }

    /// The same with what the entries cover set apart.
    pub(super) fn with(&self, ignores: &[Ignore]) -> check::Result {
        let mut result = self.result();
        triage::ignore(&mut result, &self.ignoring(ignores, &Weights::default()));
        result
    }

    pub(super) fn ignoring<'a>(
        &'a self,
        ignores: &'a [Ignore],
        weights: &'a Weights,
    ) -> Ignoring<'a> {
        Ignoring {
            ignores,
            sources: &self.sources,
            catalogue: &CATALOGUE,
            today: TODAY,
            weights,
            whole: true,
            switched_off: &self.loaded.graph.switched_off,
        }
    }
}

/// An entry of the configuration file, from `key=value` words; the rule stands first.
pub(super) fn entry(words: &str) -> Ignore {
    let mut words = words.split_whitespace();
    let mut entry = Ignore {
        rule: words.next().unwrap().to_owned(),
        pipeline: None,
        stage: None,
        action: None,
        principal: None,
        operation: None,
        resource: None,
        within: Vec::new(),
        reason: "we know".to_owned(),
        expires: None,
        said_by: SaidBy::Configuration,
        origin: Origin::NOWHERE,
    };
    for word in words {
        let (key, text) = word.split_once('=').unwrap();
        let value = Some(text.to_owned());
        match key {
            "pipeline" => entry.pipeline = value,
            "stage" => entry.stage = value,
            "action" => entry.action = value,
            "principal" => entry.principal = value,
            "operation" => entry.operation = value,
            "resource" => entry.resource = value,
            "expires" => entry.expires = load::day(text),
            other => panic!("{other}"),
        }
    }
    entry
}

/// `severity rule: actions` of each finding.
pub(super) fn lines<'f>(
    findings: impl IntoIterator<Item = &'f check::Finding>,
) -> BTreeSet<String> {
    let lines = findings.into_iter().map(|finding| {
        let actions = finding.affects.iter();
        let actions: Vec<&str> = actions.map(|one| one.action.as_str()).collect();
        let (severity, rule) = (finding.severity.name(), &finding.rule);
        format!("{severity} {rule}: {}", actions.join(" "))
    });
    lines.collect()
}

pub(super) fn suppressed(result: &check::Result) -> BTreeSet<String> {
    lines(result.suppressed.iter().map(|one| &one.finding))
}
