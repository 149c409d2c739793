//! JSON Schemas of the rule files, for editors: made from the types that read them, and kept in `rules/schema/`.
//!
//! A test and nothing else, so that what makes them is in no binary.

use std::fs;
use std::path::Path;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use super::{CommandRules, FindingRule, PipelineRules, Provider};

/// A schema as it is written to its file.
fn schema<T: JsonSchema>(title: &str) -> String {
    let settings = SchemaSettings::draft07();
    let mut schema: Schema = SchemaGenerator::new(settings).into_root_schema_for::<T>();
    schema.insert("title".to_owned(), Value::from(title));
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

/// With `UPDATE_RULES` set they are written instead.
#[test]
fn the_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/schema");
    let schemas = [
        (
            "provider.json",
            schema::<Provider>("a provider of pipeline-preflight"),
        ),
        (
            "finding.json",
            schema::<FindingRule>("a finding of pipeline-preflight"),
        ),
        (
            "commands.json",
            schema::<CommandRules>(
                "commands of builds that hand a role on, for pipeline-preflight",
            ),
        ),
        (
            "pipeline.json",
            schema::<PipelineRules>("what every pipeline needs, for pipeline-preflight"),
        ),
    ];
    for (name, schema) in schemas {
        let path = folder.join(name);
        if std::env::var_os("UPDATE_RULES").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(path, schema).unwrap();
        } else {
            let kept = fs::read_to_string(&path).unwrap_or_default();
            assert!(
                kept == schema,
                "{name} is stale: UPDATE_RULES=1 cargo test schemas"
            );
        }
    }
}
