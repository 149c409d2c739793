//! The rules of the catalogue as SARIF describes them.

use serde::Serialize;
use serde_json::{Value, json};

use crate::rules::explain::{markdown, page};
use crate::rules::{FindingRule, Severity};

/// What code scanning shows of a description.
const CHARACTERS: usize = 1024;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule<'a> {
    id: &'a str,
    short_description: Value,
    full_description: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'a str>,
    help: Value,
    default_configuration: Value,
    properties: Value,
}

/// All rules, in the order of their ids.
pub(super) fn rules(rules: &[FindingRule]) -> Vec<Rule<'_>> {
    rules.iter().map(rule).collect()
}

fn rule(rule: &FindingRule) -> Rule<'_> {
    let documentation = rule.documentation.iter().map(String::as_str);
    Rule {
        id: &rule.id,
        short_description: json!({"text": short(&rule.title)}),
        full_description: json!({"text": short(&rule.why)}),
        help_uri: documentation
            .clone()
            .find(|page| page.starts_with("https://")),
        help: json!({"text": page(rule), "markdown": markdown(rule)}),
        default_configuration: json!({"level": rule.severity.name()}),
        properties: json!({
            "tags": ["aws", "codepipeline", "iam"],
            "precision": match rule.severity {
                // A set-up that works gets no error; the others say themselves how sure they are.
                Severity::Error => "very-high",
                Severity::Warning => "high",
                Severity::Note => "medium",
            },
            "problem.severity": match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            },
        }),
    }
}

fn short(text: &str) -> String {
    let text = text.trim_end();
    if text.chars().count() <= CHARACTERS {
        return text.to_owned();
    }
    text.chars().take(CHARACTERS - 1).chain(['…']).collect()
}
