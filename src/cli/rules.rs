//! `rules`: what the catalogue holds.

use std::path::Path;

use serde::Serialize;

use super::output::write_out;
use super::{Exit, ListFormat, Streams, Voice};
use crate::rules::{Catalogue, Severity};

/// What [`List::schema_version`] says.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct List<'a> {
    schema_version: u32,
    rules: Vec<Rule<'a>>,
    providers: Vec<Provider<'a>>,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    severity: &'static str,
    title: &'a str,
    documentation: &'a [String],
}

#[derive(Serialize)]
struct Provider<'a> {
    title: &'a str,
    actions: Vec<String>,
    documentation: &'a str,
}

/// Prints the list.
pub(super) fn run(
    format: ListFormat,
    own: Option<&Path>,
    voice: Voice,
    streams: &mut Streams<'_>,
) -> Exit {
    let Some(catalogue) = catalogue(own, voice, streams) else {
        return Exit::Failed;
    };
    let list = list(&catalogue);
    let text = match format {
        ListFormat::Human => table(&list),
        ListFormat::Json => match serde_json::to_string_pretty(&list) {
            Ok(text) => text + "\n",
            Err(error) => {
                let message = format!("the list cannot be written: {error}");
                voice.error(streams, &message, None);
                return Exit::Failed;
            }
        },
    };
    write_out(streams, text.as_bytes(), Exit::Clean, voice)
}

/// The rules that are built in, with those of a folder of the user's own in their place or beside them; `None`, after saying
/// why, when any of them are broken.
pub(super) fn catalogue(
    own: Option<&Path>,
    voice: Voice,
    streams: &mut Streams<'_>,
) -> Option<Catalogue> {
    let read = match own {
        None => Catalogue::builtin(),
        Some(folder) => Catalogue::with_folder(folder),
    };
    match read {
        Ok(catalogue) => Some(catalogue),
        Err(error) => {
            for fault in &error.faults {
                voice.error(streams, &error.text(fault), None);
            }
            None
        }
    }
}

fn list(catalogue: &Catalogue) -> List<'_> {
    List {
        schema_version: SCHEMA_VERSION,
        rules: catalogue
            .findings
            .iter()
            .map(|(id, rule)| Rule {
                id,
                severity: match rule.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Note => "note",
                },
                title: &rule.title,
                documentation: &rule.documentation,
            })
            .collect(),
        providers: catalogue
            .providers
            .values()
            .map(|provider| Provider {
                title: &provider.title,
                actions: provider.actions.iter().map(ToString::to_string).collect(),
                documentation: &provider.documentation,
            })
            .collect(),
    }
}

fn table(list: &List<'_>) -> String {
    let mut text = String::from("rules\n");
    let wide = list.rules.iter().map(|rule| rule.id.len()).max();
    for rule in &list.rules {
        let wide = wide.unwrap_or_default();
        let Rule {
            id,
            severity,
            title,
            ..
        } = rule;
        text.push_str(&format!("  {id:wide$}  {severity:7}  {title}\n"));
    }
    text.push_str("\naction providers\n");
    let wide = list
        .providers
        .iter()
        .map(|provider| provider.title.chars().count())
        .max();
    for provider in &list.providers {
        let wide = wide.unwrap_or_default();
        let actions = provider.actions.join(", ");
        text.push_str(&format!("  {:wide$}  {actions}\n", provider.title));
    }
    text.push_str("\n`pipeline-preflight explain RULE` says more about a rule\n");
    text
}
