//! Every rule and every provider has a page in `docs/`, made from the same YAML that the program reads, and none is stale.
//!
//! With `UPDATE_RULES` set the pages are written instead of compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pipeline_preflight::rules::explain::{markdown, page, pipeline_page, provider_page};
use pipeline_preflight::rules::{Catalogue, FindingRule, Severity};
use pipeline_preflight::source::Sources;
use serde_json::{Value, json};

use super::findings::rules;
use crate::world::{World, document, encode_like};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// What stands in every page that a program has written.
fn generated(from: &str, page: &str) -> String {
    format!("<!-- made from {from}; UPDATE_RULES=1 cargo test --test suite pages -->\n\n{page}")
}

/// Every page by its place in `docs/`.
fn pages() -> BTreeMap<String, String> {
    let catalogue = Catalogue::builtin().unwrap();
    let mut pages = BTreeMap::new();
    for (id, rule) in &catalogue.findings {
        let from = format!("rules/findings/{id}.yaml");
        pages.insert(format!("rules/{id}.md"), generated(&from, &markdown(rule)));
    }
    for (name, provider) in &catalogue.providers {
        let from = format!("rules/providers/{name}.yaml");
        let page = generated(&from, &provider_page(provider).markdown());
        pages.insert(format!("providers/{name}.md"), page);
    }
    let every = pipeline_page(&catalogue.pipeline).markdown();
    pages.insert(
        "providers/pipeline.md".to_owned(),
        generated("rules/pipeline.yaml", &every),
    );
    pages.insert(
        "rules/README.md".to_owned(),
        generated("rules/findings", &rules_index(&catalogue)),
    );
    pages.insert(
        "providers/README.md".to_owned(),
        generated("rules/providers", &providers_index(&catalogue)),
    );
    pages
}

fn rules_index(catalogue: &Catalogue) -> String {
    let mut text =
        "# Rules\n\nWhat `check` finds. `pipeline-preflight explain RULE` prints the same pages.\n"
            .to_owned();
    for (severity, heading) in [
        (Severity::Error, "Errors: the run will fail"),
        (
            Severity::Warning,
            "Warnings: it may fail, or a policy says less or opens more than it seems to",
        ),
        (Severity::Note, "Notes: undecided, or good advice"),
    ] {
        text.push_str(&format!(
            "\n## {heading}\n\n| rule | finds |\n| --- | --- |\n"
        ));
        for (id, rule) in catalogue
            .findings
            .iter()
            .filter(|(_, rule)| rule.severity == severity)
        {
            text.push_str(&format!("| [{id}]({id}.md) | {} |\n", rule.title));
        }
    }
    text
}

fn providers_index(catalogue: &Catalogue) -> String {
    let mut text = "# Providers\n\nWhat each action needs, role by role; [every pipeline](pipeline.md) needs some things beside. \
                    `pipeline-preflight explain PROVIDER` prints the same pages, and `pipeline-preflight requirements` the\n\
                    same for a pipeline of yours.\n\n| provider | action types |\n| --- | --- |\n"
        .to_owned();
    for (name, provider) in &catalogue.providers {
        let actions = provider.actions.iter().map(|one| {
            format!(
                "`{}/{}/{}/{}`",
                one.category, one.owner, one.provider, one.version
            )
        });
        let actions: Vec<String> = actions.collect();
        text.push_str(&format!(
            "| [{}]({name}.md) | {} |\n",
            provider.title,
            actions.join(", ")
        ));
    }
    text
}

#[test]
fn every_rule_and_every_provider_has_a_page_and_none_is_stale() {
    let pages = pages();
    if std::env::var_os("UPDATE_RULES").is_some() {
        for folder in ["rules", "providers"] {
            let _ = fs::remove_dir_all(docs().join(folder));
            fs::create_dir_all(docs().join(folder)).unwrap();
        }
        for (name, text) in &pages {
            fs::write(docs().join(name), text).unwrap();
        }
        return;
    }
    let mut kept = BTreeSet::new();
    for folder in ["rules", "providers"] {
        for entry in fs::read_dir(docs().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            kept.insert(format!("{folder}/{name}"));
        }
    }
    assert_eq!(
        kept,
        pages.keys().cloned().collect(),
        "UPDATE_RULES=1 cargo test --test suite pages"
    );
    for (name, text) in pages {
        let kept = fs::read_to_string(docs().join(&name)).unwrap();
        assert_eq!(
            kept, text,
            "docs/{name} is stale: UPDATE_RULES=1 cargo test --test suite pages"
        );
    }
}

/// Whatever stands in the file stands on the page, and in what `explain` prints.
#[test]
fn pages_say_all_that_the_rules_say() {
    for rule in rules() {
        let (text, page) = (markdown(rule), page(rule));
        for example in [&rule.broken, &rule.fixed].into_iter().flatten() {
            assert!(text.contains(example.trim_end()), "{}", rule.id);
            for line in example.lines() {
                assert!(page.contains(line), "{}: {line}", rule.id);
            }
        }
        for link in &rule.documentation {
            assert!(text.contains(link) && page.contains(link), "{}", rule.id);
        }
        for error in &rule.errors {
            assert!(text.contains(error), "{}: {error}", rule.id);
        }
        for placeholder in ["{principal}", "{resource}", "{detail}", "{missing}"] {
            assert!(!text.contains(placeholder), "{}: {placeholder}", rule.id);
        }
    }
    for provider in Catalogue::builtin().unwrap().providers.values() {
        let page = provider_page(provider);
        for text in [page.text(), page.markdown()] {
            for rule in &provider.requirements {
                for operation in rule.operations.iter().chain(&rule.alternatives) {
                    assert!(text.contains(operation.as_str()), "{operation}");
                }
                assert!(
                    rule.documentation
                        .all()
                        .iter()
                        .all(|link| text.contains(link.as_str()))
                );
            }
        }
    }
}

fn examples(rule: &FindingRule) -> [(&'static str, &str); 2] {
    [
        ("broken", rule.broken.as_deref().unwrap_or_default()),
        ("fixed", rule.fixed.as_deref().unwrap_or_default()),
    ]
}

/// JSON as the program itself reads it, or lines for a shell.
#[test]
fn every_rule_has_a_broken_and_a_fixed_example_that_can_be_read() {
    for rule in rules() {
        assert_ne!(rule.broken, rule.fixed, "{}", rule.id);
        for (name, example) in examples(rule) {
            assert!(!example.is_empty(), "{}: no example `{name}`", rule.id);
            assert!(
                example.lines().count() <= 20,
                "{}: `{name}` is no excerpt",
                rule.id
            );
            for line in example.lines() {
                assert!(line.chars().count() <= 98, "{}: {line}", rule.id);
            }
            if example.starts_with('$') {
                continue;
            }
            let read = Sources::new().add(name, example.as_bytes());
            assert!(read.is_ok(), "{}: `{name}`: {read:?}", rule.id);
            let first = example.lines().next().unwrap();
            assert!(
                first.starts_with("//") || first.starts_with(['{', '[']),
                "{}: {first}",
                rule.id
            );
        }
    }
}

/// Every action that an example names exists, but for the one that shows what happens otherwise.
#[test]
fn the_actions_of_examples_exist() {
    let table = fs::read_to_string(docs().join("../tests/fixtures/iam-actions.json")).unwrap();
    let table: Value = serde_json::from_str(&table).unwrap();
    let mut seen = 0;
    for rule in rules() {
        for (name, example) in examples(rule) {
            if rule.id == "unknown-operation" && name == "broken" {
                continue;
            }
            // Whatever is quoted and looks like an action: one colon, and letters or a wildcard behind it.
            for word in example.split('"').skip(1).step_by(2) {
                let Some((service, action)) = word.split_once(':') else {
                    continue;
                };
                let is_action = action
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '*')
                    && action.starts_with(|first: char| first.is_ascii_uppercase());
                // Condition keys and set operators are written alike.
                let other = ["aws", "ForAllValues", "ForAnyValue"].contains(&service)
                    || ["iam:PassedToService", "sts:ExternalId"].contains(&word);
                if !is_action || other {
                    continue;
                }
                seen += 1;
                let actions = &table["services"][service]["actions"];
                assert!(actions.get(action).is_some(), "{} {name}: {word}", rule.id);
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

/// Where in a system that works the statement of an example is added.
enum Place {
    /// To the deploy role's own policies.
    Identity,
    /// To its trust policy.
    Trust,
    /// To the policy of the artifact bucket.
    Bucket,
}

/// Rules about policies as such: their examples are put into a system that works, where the broken one has to be found and
/// the fixed one not.
const OF_POLICIES: [(&str, Place); 8] = [
    ("all-values-without-guard", Place::Identity),
    ("pass-role-anything", Place::Identity),
    ("resource-never-matches", Place::Identity),
    ("set-operator-on-single-value", Place::Identity),
    ("unknown-operation", Place::Identity),
    ("variable-in-old-version", Place::Identity),
    ("principal-wildcard", Place::Trust),
    ("principal-anyone", Place::Bucket),
];

#[test]
fn examples_of_faulty_policies_are_found_and_their_fixes_are_not() {
    for (id, place) in OF_POLICIES {
        let rule = rules().iter().find(|rule| rule.id == id).unwrap();
        for (name, example) in examples(rule) {
            let json: Vec<&str> = example
                .lines()
                .filter(|line| !line.starts_with("//"))
                .collect();
            let world = with(&place, &serde_json::from_str(&json.concat()).unwrap());
            let found = world
                .check()
                .findings
                .iter()
                .any(|finding| finding.rule == id);
            assert_eq!(found, name == "broken", "{id}: {name}");
        }
    }
}

fn with(place: &Place, example: &Value) -> World {
    let mut world = World::of_case("cfn-cross-account/fixed");
    let (file, pointer) = match place {
        Place::Identity | Place::Trust => {
            ("222222222222/authorization-details.json", "/RoleDetailList")
        }
        Place::Bucket => (
            "111111111111/s3/shop-pipeline-artifacts-111111111111.json",
            "/Policy",
        ),
    };
    // What is closed to the public anyway is open to nobody.
    world
        .files
        .get_mut(file)
        .unwrap()
        .as_object_mut()
        .unwrap()
        .remove("PublicAccessBlockConfiguration");
    let value = world
        .files
        .get_mut(file)
        .unwrap()
        .pointer_mut(pointer)
        .unwrap();
    if let Place::Bucket = place {
        add(value, example);
    } else {
        let roles = value.as_array_mut().unwrap().iter_mut();
        let role = roles
            .into_iter()
            .find(|role| role["RoleName"] == "ShopDeployRole")
            .unwrap();
        if let Place::Trust = place {
            add(&mut role["AssumeRolePolicyDocument"], example);
        } else {
            let document = match example.get("Statement") {
                Some(_) => example.clone(),
                None => json!({"Version": "2012-10-17", "Statement": [example]}),
            };
            let policies = role["RolePolicyList"].as_array_mut().unwrap();
            policies.push(json!({"PolicyName": "Example", "PolicyDocument": document}));
        }
    }
    world.write(file);
    world
}

/// Adds a statement to a document, in whatever way that is written.
fn add(written: &mut Value, statement: &Value) {
    let mut policy = document(written).unwrap();
    policy["Statement"]
        .as_array_mut()
        .unwrap()
        .push(statement.clone());
    *written = encode_like(written, &policy);
}
