//! The JSON Schema of the configuration file, for editors: made from the types that read it, and kept in `docs/schema/`.
//!
//! A test and nothing else, so that what makes it is in no binary.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::accounts::{Accounts, DoorWords};
use super::init::BEGINNING;
use super::words::{Account, LevelWord, Parameters, Region, Scalar, Severities, Words};
use crate::report::schema;
use crate::rules::Catalogue;
use crate::source::Sources;

const ACCOUNT: &str = "^[0-9]{12}$";

macro_rules! schema_of {
    ($type:ty, $name:literal, |$generator:ident| $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

// A number with a fraction is refused: `1.10` would become `1.1`.
schema_of!(Scalar, "Text", |generator| {
    let item = generator.subschema_for::<Self>();
    json_schema!({
        "description": "A text, a number or a boolean; of a list, its items with commas between them.",
        "type": ["string", "integer", "boolean", "array"],
        "items": item,
    })
});

schema_of!(Account, "Account", |_generator| json_schema!({
    "description": "An account's twelve digits. Put them in quotes where the first one is 0.",
    "type": ["string", "integer"],
    "pattern": ACCOUNT,
    "minimum": 100_000_000_000_u64,
    "maximum": 999_999_999_999_u64,
    "examples": ["111111111111"],
}));

schema_of!(Region, "Region", |_generator| json_schema!({
    "type": "string",
    "pattern": "^[a-z]+(-[a-z]+)+-[0-9]+$",
    "examples": ["eu-west-1"],
}));

schema_of!(Parameters, "Parameters", |generator| {
    let value = generator.subschema_for::<Scalar>();
    json_schema!({
        "description": "Values by parameter, a file with them, or several files.",
        "type": ["string", "array", "object"],
        "items": {"type": "string"},
        "additionalProperties": value,
    })
});

schema_of!(Severities, "Severities", |generator| {
    let level = generator.subschema_for::<LevelWord>();
    let catalogue = Catalogue::builtin().unwrap();
    let rules: Map<String, Value> = catalogue
        .findings
        .iter()
        .map(|(id, rule)| {
            let schema = json!({"description": rule.title, "allOf": [level]});
            (id.clone(), schema)
        })
        .collect();
    json_schema!({
        "type": "object",
        "properties": rules,
        // Those of one's own.
        "additionalProperties": level,
    })
});

schema_of!(Accounts, "Accounts", |generator| {
    let account = generator.subschema_for::<Account>();
    let way = generator.subschema_for::<DoorWords>();
    json_schema!({
        "type": "object",
        "patternProperties": {
            ACCOUNT: {
                "description": "The way into this account: a map, or the words of `--account`.",
                "anyOf": [
                    {"type": "string", "pattern": "^(profile:.|role:arn:)"},
                    {
                        "allOf": [way],
                        "oneOf": [{"required": ["profile"]}, {"required": ["role"]}],
                        "dependencies": {"external-id": ["role"]},
                    },
                ],
            },
        },
        // By the alias of a Terraform provider.
        "additionalProperties": account,
    })
});

#[test]
fn the_schema_is_that_of_the_types() {
    let schema = schema::read::<Words>("configuration of pipeline-preflight");
    schema::keep("configuration.json", &schema);
}

/// Each line of the file to begin with is good advice.
#[test]
fn the_file_to_begin_with_names_every_key() {
    let uncommented: Vec<&str> = BEGINNING
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') || rest.starts_with("  ") => rest,
            _ => line,
        })
        .collect();
    let text = uncommented.join("\n");
    let read = Sources::new().read::<Words>("begin", text.as_bytes());
    assert!(read.is_ok_and(|words| words.is_some()), "{text}");
    let schema = schema::read::<Words>("");
    for key in schema["properties"].as_object().unwrap().keys() {
        let line = format!("\n{key}:");
        // What names a file that has to be there is left to those who have it.
        let named = ["rules", "baseline"].contains(&key.as_str());
        assert!(named || text.contains(&line), "{key}");
    }
    let begun = Sources::new().read::<Words>("begin", BEGINNING.as_bytes());
    assert!(begun.is_ok_and(|words| words.is_none()));
}
