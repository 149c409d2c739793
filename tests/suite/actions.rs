//! The table of actions that ships with the tool is made of the one that the catalogue is tested against.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

const SHIPPED: &str = "rules/actions.json";

/// What `rules/actions.md` describes, from `tests/fixtures/iam-actions.json`.
fn compact() -> Value {
    let text = fs::read_to_string("tests/fixtures/iam-actions.json").unwrap();
    let table: Value = serde_json::from_str(&text).unwrap();
    let mut services = BTreeMap::new();
    for (prefix, service) in table["services"].as_object().unwrap() {
        let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        let mut resources = BTreeMap::new();
        for (name, action) in service["actions"].as_object().unwrap() {
            let types = action["res"].as_array().into_iter().flatten().map(|one| {
                let name = one.as_str().or_else(|| one[0].as_str()).unwrap();
                name.trim_end_matches('*')
            });
            let mut types: Vec<&str> = types.collect();
            types.sort_unstable();
            types.dedup();
            for name in &types {
                assert!(!name.contains(','), "{prefix} {name}");
                let arn = service["resources"][name]["arn"].as_str();
                resources.insert(
                    *name,
                    arn.unwrap_or_else(|| panic!("{prefix}: no ARN of {name}")),
                );
            }
            groups.entry(types.join(",")).or_default().push(name);
        }
        let actions: BTreeMap<String, String> = groups
            .into_iter()
            .map(|(types, mut names)| {
                names.sort_unstable();
                (types, names.join(" "))
            })
            .collect();
        services.insert(prefix, json!({"resources": resources, "actions": actions}));
    }
    json!(services)
}

/// With `UPDATE_ACTIONS` set it is written.
#[test]
fn the_shipped_table_is_the_tested_one() {
    let text = serde_json::to_string_pretty(&compact()).unwrap() + "\n";
    if std::env::var_os("UPDATE_ACTIONS").is_some() {
        fs::write(SHIPPED, &text).unwrap();
    }
    assert!(
        fs::read_to_string(SHIPPED).unwrap() == text,
        "run the test with UPDATE_ACTIONS=1"
    );
}
