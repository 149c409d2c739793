//! JSON Schemas of the reports for programs: made from the types that write them, and kept in `docs/schema/`.
//!
//! A test and nothing else, so that what makes them is in no binary.

use std::fs;
use std::path::Path;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::json::Report;
use super::needs::json::Document;

/// The schema of what is read as a type.
pub(crate) fn read<T: JsonSchema>(title: &str) -> Value {
    titled::<T>(SchemaSettings::draft07().for_deserialize(), title)
}

/// The schema of what is written from a type.
fn written<T: JsonSchema>(title: &str) -> Value {
    titled::<T>(SchemaSettings::draft07().for_serialize(), title)
}

fn titled<T: JsonSchema>(settings: SchemaSettings, title: &str) -> Value {
    let schema = SchemaGenerator::new(settings).into_root_schema_for::<T>();
    let mut members = schema.as_value().as_object().unwrap().clone();
    members.remove("title");
    let first = [
        ("$schema", members.remove("$schema").unwrap()),
        ("title", Value::from(title)),
    ];
    let first = first.map(|(name, value)| (name.to_owned(), value));
    let mut all: Map<String, Value> = first.into_iter().chain(members).collect();
    tidy(&mut all);
    Value::Object(all)
}

/// Leaves out what is only of the source: lines of comments, sizes of numbers, and `null`, for what is absent is left out when it
/// is written and refused when it is read.
fn tidy(members: &mut Map<String, Value>) {
    members.retain(|name, value| name != "format" || value.as_str() == Some("date"));
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            members.insert("type".to_owned(), one);
        }
    }
    let null = json!({"type": "null"});
    if let Some(Value::Array(choices)) = members.get_mut("anyOf")
        && choices.contains(&null)
    {
        choices.retain(|one| *one != null);
        let left = members.shift_remove("anyOf").unwrap();
        members.shift_insert(0, "allOf".to_owned(), left);
    }
    for (name, value) in members {
        match value {
            Value::String(text) if name == "description" => *text = text.replace('\n', " "),
            Value::Object(members) => tidy(members),
            Value::Array(items) => {
                items
                    .iter_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(tidy);
            }
            _ => {}
        }
    }
}

/// Compares a schema with its file. With `UPDATE_SCHEMAS` set it is written instead.
pub(crate) fn keep(name: &str, schema: &Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    let path = folder.join(name);
    let text = serde_json::to_string_pretty(schema).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::create_dir_all(&folder).unwrap();
        fs::write(path, text).unwrap();
    } else {
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "{name} is stale: UPDATE_SCHEMAS=1 cargo test schema"
        );
    }
}

#[test]
fn the_schemas_are_those_of_the_types() {
    let report = written::<Report<'_>>("a report of pipeline-preflight check --format json");
    keep("report.json", &report);
    let title = "a report of pipeline-preflight requirements --format json";
    keep("requirements.json", &written::<Document<'_>>(title));
}
