//! The built-in catalogue is sound, true to AWS's action table, and refuses what is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pipeline_preflight::graph::ActionTypeId;
use pipeline_preflight::rules::{Catalogue, Part, Provider, RequirementRule, Template};
use serde_json::Value;

/// Operations with a resource type that are asked for on `*` all the same, or the other way round, each with its reason.
const RESOURCE_EXCEPTIONS: [(&str, &str); 0] = [];

/// Context keys that the action table does not list with the operation, each with its reason.
const KEY_EXCEPTIONS: [(&str, &str); 1] = [(
    "ecs:CreateTaskSet ecs:service",
    "the table names it, which is why this line must go when a key is dropped from the rule",
)];

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

fn builtin() -> Catalogue {
    Catalogue::builtin().unwrap_or_else(|error| panic!("{error}"))
}

fn id(category: &str, provider: &str) -> ActionTypeId {
    ActionTypeId {
        category: category.to_owned(),
        owner: "AWS".to_owned(),
        provider: provider.to_owned(),
        version: "1".to_owned(),
    }
}
