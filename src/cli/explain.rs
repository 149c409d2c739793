//! `explain`: a rule's id or a provider's name → its page; an error text of AWS → the rules behind it.

use std::path::Path;

use super::output::write_out;
use super::rules::catalogue;
use super::{Exit, Streams, Voice};
use crate::report::wrap;
use crate::rules::explain::{
    Likeness, Match, Page, by_error_text, in_general, nearest_ids, page, pipeline_page,
    provider_page,
};
use crate::rules::{Catalogue, Provider};

/// Columns of the list of rules; those of a rule's page.
const COLUMNS: usize = 100;
/// Lines of a rule's help shown in a list.
const HELP_LINES: usize = 2;
/// Rules named for one error text; what comes after them is hardly meant.
const NAMED_RULES: usize = 5;

/// Prints what is known of the words.
pub(super) fn run(
    words: &str,
    own: Option<&Path>,
    voice: Voice,
    streams: &mut Streams<'_>,
) -> Exit {
    let Some(catalogue) = catalogue(own, voice, streams) else {
        return Exit::Failed;
    };
    if let Some(rule) = catalogue.findings.get(words.trim()) {
        return write_out(streams, page(rule).as_bytes(), Exit::Clean, voice);
    }
    if let Some(page) = of_provider(&catalogue, words.trim()) {
        return write_out(streams, page.text().as_bytes(), Exit::Clean, voice);
    }
    let found = by_error_text(catalogue.findings.values(), words);
    if !found.is_empty() {
        return write_out(streams, list(&found).as_bytes(), Exit::Clean, voice);
    }
    let nearest = nearest_ids(
        catalogue
            .findings
            .keys()
            .chain(catalogue.providers.keys())
            .map(String::as_str),
        words,
    );
    let help = if nearest.is_empty() {
        "`pipeline-preflight rules` lists all rules".to_owned()
    } else {
        let nearest: Vec<String> = nearest.iter().map(|id| format!("`{id}`")).collect();
        format!("did you mean {}?", nearest.join(" or "))
    };
    let message = format!(
        "`{}` is no rule's id, no provider, and no error message that a rule is behind",
        words.trim()
    );
    voice.error(streams, &message, Some(&help));
    Exit::Failed
}

/// The page of a provider, by its file's name, its title, or what pipelines call it.
fn of_provider(catalogue: &Catalogue, words: &str) -> Option<Page> {
    if words == "pipeline" {
        return Some(pipeline_page(&catalogue.pipeline));
    }
    let by_file = catalogue.providers.get(words);
    let named = |provider: &&Provider| {
        let is = |name: &str| name.eq_ignore_ascii_case(words);
        is(&provider.title) || provider.actions.iter().any(|action| is(&action.provider))
    };
    // Several files describe S3 or ECS, in different categories; the name of the file tells them apart.
    let mut fitting = catalogue.providers.values().filter(named);
    let by_name = fitting.next().filter(|_| fitting.next().is_none());
    by_file.or(by_name).map(provider_page)
}

fn list(found: &[Match<'_>]) -> String {
    // A message that merely resembles another one is worth mentioning only where none fits.
    let exact = found.iter().any(|found| found.likeness == Likeness::Exact);
    let shown: Vec<&Match<'_>> = found
        .iter()
        .filter(|found| !exact || found.likeness == Likeness::Exact)
        .take(NAMED_RULES)
        .collect();
    let mut text = match (exact, shown.len()) {
        (true, 1) => "one rule is behind this message:\n".to_owned(),
        (true, _) => "these rules can be behind this message, the likeliest first:\n".to_owned(),
        (false, _) => {
            "no rule names this message; these name similar ones, the likeliest first:\n".to_owned()
        }
    };
    for found in &shown {
        let rule = found.rule;
        text.push_str(&format!("\n{}\n", rule.id));
        for line in wrap(&rule.title, COLUMNS - 2) {
            text.push_str(&format!("  {line}\n"));
        }
        let help = wrap(&in_general(&rule.help), COLUMNS - 8);
        for (number, line) in help.iter().take(HELP_LINES).enumerate() {
            let name = if number == 0 { "help:" } else { "     " };
            let more = if number + 1 == HELP_LINES && help.len() > HELP_LINES {
                " ..."
            } else {
                ""
            };
            text.push_str(&format!("  {name} {line}{more}\n"));
        }
    }
    if let Some(first) = shown.first() {
        let hint = format!(
            "\n`pipeline-preflight explain {}` says more\n",
            first.rule.id
        );
        text.push_str(&hint);
    }
    text
}
