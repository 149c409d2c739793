//! A check of JSON against a JSON schema, as far as the schemas among the fixtures go.
//!
//! The crates for it would switch on features of the program's own dependencies. A keyword that is not known here fails the
//! test: what is not looked at must not count as valid.

use serde_json::Value;

/// Everything in a document that its schema does not allow, with where it stands.
pub(crate) fn faults(schema: &Value, document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    visit(schema, schema, document, "$", &mut faults);
    faults
}

fn visit(root: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    if *schema == Value::Bool(true) {
        return;
    }
    for (keyword, wanted) in schema.as_object().unwrap() {
        let mut expect = |holds: bool, what: &str| {
            if !holds {
                faults.push(format!("{at}: {what} {wanted}"));
            }
        };
        match keyword.as_str() {
            "$schema" | "$id" | "title" | "description" | "default" | "definitions"
            | "examples" => {}
            "const" => expect(value == wanted, "expected"),
            "$ref" => {
                let pointer = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                visit(root, root.pointer(pointer).unwrap(), value, at, faults);
            }
            "type" => {
                let types = match wanted {
                    Value::Array(types) => types.clone(),
                    one => vec![one.clone()],
                };
                let fits = types.iter().any(|one| is(value, one.as_str().unwrap()));
                expect(fits, "expected the type");
            }
            "enum" => expect(
                wanted.as_array().unwrap().contains(value),
                "expected one of",
            ),
            "minimum" => expect(
                number(value, |it| it >= wanted.as_f64().unwrap()),
                "less than",
            ),
            "maximum" => expect(
                number(value, |it| it <= wanted.as_f64().unwrap()),
                "more than",
            ),
            "minItems" => {
                let enough = |items: &Vec<Value>| items.len() as u64 >= wanted.as_u64().unwrap();
                expect(value.as_array().is_none_or(enough), "fewer items than");
            }
            "uniqueItems" => {
                let unique = |items: &Vec<Value>| {
                    let mut texts: Vec<String> = items.iter().map(Value::to_string).collect();
                    texts.sort();
                    texts.windows(2).all(|pair| pair[0] != pair[1])
                };
                expect(value.as_array().is_none_or(unique), "items are equal:");
            }
            "pattern" => {
                // The only ones of the schema that a report has: versions, languages and identifiers, which are fixed texts.
                let pattern = regex_lite::Regex::new(wanted.as_str().unwrap()).unwrap();
                expect(
                    value.as_str().is_none_or(|text| pattern.is_match(text)),
                    "unlike",
                );
            }
            "format" => {
                let is_reference = |text: &str| {
                    text.bytes().all(|byte| {
                        byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
                    })
                };
                let fits = |text: &str| match wanted.as_str().unwrap() {
                    "uri" => text.contains(':') && is_reference(text),
                    "uri-reference" => is_reference(text),
                    other => panic!("the format {other} is not known"),
                };
                expect(value.as_str().is_none_or(fits), "no");
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    visit(root, wanted, item, &format!("{at}[{index}]"), faults);
                }
            }
            "required" => {
                for name in wanted.as_array().unwrap() {
                    let has = |members: &serde_json::Map<String, Value>| {
                        members.contains_key(name.as_str().unwrap())
                    };
                    expect(value.as_object().is_none_or(has), &format!("{name} of"));
                }
            }
            "patternProperties" => {
                for (name, member) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = by_pattern(wanted, name) {
                        visit(root, schema, member, &format!("{at}.{name}"), faults);
                    }
                }
            }
            "dependencies" => {
                for (name, others) in wanted.as_object().unwrap() {
                    let members = value
                        .as_object()
                        .filter(|members| members.contains_key(name));
                    for other in others.as_array().unwrap() {
                        let other = other.as_str().unwrap();
                        let has =
                            |members: &serde_json::Map<String, Value>| members.contains_key(other);
                        expect(members.is_none_or(has), &format!("no {other} in"));
                    }
                }
            }
            "properties" | "additionalProperties" => {
                let known = &schema["properties"];
                for (name, member) in value.as_object().into_iter().flatten() {
                    let at = format!("{at}.{name}");
                    let patterns = schema.get("patternProperties");
                    let known = known.get(name).or_else(|| {
                        by_pattern(patterns?, name).filter(|_| keyword != "properties")
                    });
                    match (keyword.as_str(), known) {
                        ("properties", Some(schema)) => visit(root, schema, member, &at, faults),
                        ("additionalProperties", None) => match wanted {
                            Value::Bool(true) => {}
                            Value::Bool(false) => faults.push(format!("{at}: no such member")),
                            schema => visit(root, schema, member, &at, faults),
                        },
                        _ => {}
                    }
                }
            }
            "allOf" => {
                for schema in wanted.as_array().unwrap() {
                    visit(root, schema, value, at, faults);
                }
            }
            "anyOf" | "oneOf" => {
                let schemas = wanted.as_array().unwrap().iter();
                let fits = schemas.filter(|schema| {
                    let mut faults = Vec::new();
                    visit(root, schema, value, at, &mut faults);
                    faults.is_empty()
                });
                let fits = fits.count();
                expect(fits == 1 || (fits > 1 && keyword == "anyOf"), keyword);
            }
            other => panic!("the keyword {other} is not known"),
        }
    }
}

/// What a map of patterns says of a name.
fn by_pattern<'s>(patterns: &'s Value, name: &str) -> Option<&'s Value> {
    let mut patterns = patterns.as_object().unwrap().iter();
    patterns
        .find(|(pattern, _)| regex_lite::Regex::new(pattern).unwrap().is_match(name))
        .map(|(_, schema)| schema)
}

fn number(value: &Value, holds: impl Fn(f64) -> bool) -> bool {
    value.as_f64().is_none_or(holds)
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("the type {other} is not known"),
    }
}
