//! The texts of findings: every file well-formed, every decision spoken of by one of them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test states its expectation by panicking, in what it shares with others too"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use pipeline_preflight::rules::{FindingRule, Outcome, Purpose, Severity, rule_for};

const PLACEHOLDERS: [&str; 10] = [
    "principal",
    "operations",
    "resource",
    "pipeline",
    "stage",
    "action",
    "layer",
    "why",
    "missing",
    "detail",
];
const LAYERS: [&str; 10] = [
    "identity",
    "trust",
    "bucket-policy",
    "key-policy",
    "resource-policy",
    "boundary",
    "scp",
    "rcp",
    "session",
    "structure",
];
const PURPOSES: [Purpose; 7] = [
    Purpose::AssumePipelineRole,
    Purpose::AssumeActionRole,
    Purpose::AssumeServiceRole,
    Purpose::PassRole,
    Purpose::Artifact,
    Purpose::ArtifactKey,
    Purpose::ServiceCall,
];
const OUTCOMES: [Outcome; 4] = [
    Outcome::Denied,
    Outcome::NotGranted,
    Outcome::Partial,
    Outcome::Undecided,
];

/// Every rule of `rules/findings`, by id.
pub(crate) fn rules() -> &'static [FindingRule] {
    static RULES: LazyLock<Vec<FindingRule>> = LazyLock::new(read);
    &RULES
}

fn read() -> Vec<FindingRule> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/findings");
    let mut rules: Vec<FindingRule> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            assert_eq!(path.extension().unwrap(), "yaml", "{}", path.display());
            let text = fs::read_to_string(&path).unwrap();
            let mut rule: FindingRule = serde_yaml::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            rule.id = path.file_stem().unwrap().to_str().unwrap().to_owned();
            rule
        })
        .collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules
}

#[test]
fn ids_are_kebab_case() {
    for rule in rules() {
        let id = &rule.id;
        assert!(
            id.split('-').all(|word| !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())),
            "{id}"
        );
    }
}

#[test]
fn placeholders_are_known() {
    for rule in rules() {
        for text in [&rule.message, &rule.help] {
            for opened in text.split('{').skip(1) {
                let (name, _) = opened.split_once('}').unwrap_or_else(|| panic!("{text}"));
                assert!(PLACEHOLDERS.contains(&name), "{}: {{{name}}}", rule.id);
            }
            assert!(
                !text.contains("`{") && !text.contains("}`"),
                "{}: values bring their own backticks: {text}",
                rule.id
            );
        }
        assert!(!rule.title.contains('{') && !rule.why.contains("{principal}"));
    }
}

#[test]
fn texts_follow_the_house() {
    for rule in rules() {
        let id = &rule.id;
        for text in [&rule.title, &rule.message, &rule.help] {
            let first = text.chars().next().unwrap();
            assert!(first.is_lowercase() || "{`".contains(first), "{id}: {text}");
            assert!(!text.ends_with('.'), "{id}: {text}");
        }
        for text in [&rule.title, &rule.message, &rule.help, &rule.why] {
            assert_eq!(text.trim(), text, "{id}");
            assert!(!text.contains('\n') && !text.contains("  "), "{id}: {text}");
            assert_eq!(text.matches('`').count() % 2, 0, "{id}: {text}");
        }
        assert!(rule.why.ends_with('.'), "{id}: an explanation is prose");
        let sentences = rule.why.matches(". ").count() + 1;
        assert!((2..=6).contains(&sentences), "{id}: {sentences} sentences");
        assert!(rule.title.chars().count() <= 70, "{id}: {}", rule.title);
    }
}

#[test]
fn documentation_is_of_aws() {
    for rule in rules() {
        assert!(!rule.documentation.is_empty(), "{}", rule.id);
        let links: BTreeSet<&String> = rule.documentation.iter().collect();
        assert_eq!(links.len(), rule.documentation.len(), "{}", rule.id);
        for link in links {
            assert!(
                link.starts_with("https://docs.aws.amazon.com/")
                    || link.starts_with("https://repost.aws/knowledge-center/"),
                "{}: {link}",
                rule.id
            );
        }
    }
}

#[test]
fn error_texts_are_specific() {
    for rule in rules() {
        for error in &rule.errors {
            let letters = error.chars().filter(|letter| *letter != '*').count();
            assert!(letters >= 20, "{}: {error}", rule.id);
            assert!(!error.contains("arn:aws:iam::1"), "{}: {error}", rule.id);
        }
    }
}

/// Whatever the engine answers, exactly one text says most about it; chance, or the order of files, never decides.
#[test]
fn every_decision_has_one_rule() {
    let rules = rules();
    for purpose in PURPOSES {
        for layer in LAYERS {
            for outcome in OUTCOMES {
                let chosen = rule_for(rules, purpose, layer, outcome)
                    .unwrap_or_else(|| panic!("{purpose:?} {layer} {outcome:?}: nothing"));
                let others = rules.iter().filter(|rule| rule.id != chosen.id).cloned();
                let others: Vec<FindingRule> = others.collect();
                if let Some(second) = rule_for(&others, purpose, layer, outcome) {
                    let both = [second.clone(), chosen.clone()];
                    let renamed: Vec<FindingRule> = both
                        .into_iter()
                        .map(|mut rule| {
                            // With the ids changed over, a tie would go to the other one.
                            rule.id = if rule.id == chosen.id { "z" } else { "a" }.to_owned();
                            rule
                        })
                        .collect();
                    assert_eq!(
                        rule_for(&renamed, purpose, layer, outcome).unwrap().id,
                        "z",
                        "{purpose:?} {layer} {outcome:?}: {} and {}",
                        chosen.id,
                        second.id
                    );
                }
                match outcome {
                    Outcome::Denied => assert_eq!(chosen.id, "explicit-deny"),
                    Outcome::Partial => assert_eq!(chosen.id, "partial-grant"),
                    Outcome::NotGranted => assert_eq!(chosen.severity, Severity::Error),
                    Outcome::Undecided => assert_ne!(chosen.severity, Severity::Error),
                }
            }
        }
    }
}

#[test]
fn covered_layers_exist() {
    for rule in rules() {
        for layer in rule.covers.iter().flat_map(|covered| &covered.layer) {
            assert!(LAYERS.contains(&layer.as_str()), "{}: {layer}", rule.id);
        }
    }
}

#[test]
fn decisions_are_called_by_their_names() {
    let rules = rules();
    let expected = [
        (
            Purpose::AssumePipelineRole,
            "trust",
            "pipeline-role-trust-missing",
        ),
        (Purpose::AssumeActionRole, "trust", "trust-missing"),
        (Purpose::AssumeServiceRole, "trust", "service-trust-missing"),
        (Purpose::AssumeActionRole, "identity", "assume-role-missing"),
        (Purpose::PassRole, "identity", "pass-role-missing"),
        (
            Purpose::PassRole,
            "structure",
            "passed-role-in-other-account",
        ),
        (Purpose::ServiceCall, "identity", "permission-missing"),
        (
            Purpose::ServiceCall,
            "bucket-policy",
            "resource-policy-missing",
        ),
        (
            Purpose::ServiceCall,
            "key-policy",
            "resource-policy-missing",
        ),
        (
            Purpose::ServiceCall,
            "resource-policy",
            "resource-policy-missing",
        ),
        (Purpose::ServiceCall, "trust", "trust-missing"),
        (
            Purpose::ServiceCall,
            "structure",
            "impossible-across-accounts",
        ),
        (Purpose::Artifact, "identity", "artifact-permission-missing"),
        (Purpose::Artifact, "bucket-policy", "bucket-policy-missing"),
        (Purpose::ArtifactKey, "identity", "key-permission-missing"),
        (Purpose::ArtifactKey, "key-policy", "key-policy-missing"),
        (Purpose::ArtifactKey, "boundary", "boundary-missing"),
        (Purpose::ServiceCall, "scp", "scp-missing"),
        (Purpose::ServiceCall, "rcp", "rcp-missing"),
        (Purpose::Artifact, "session", "session-policy-missing"),
    ];
    for (purpose, layer, id) in expected {
        let chosen = rule_for(rules, purpose, layer, Outcome::NotGranted).unwrap();
        assert_eq!(chosen.id, id, "{purpose:?} {layer}");
    }
}
