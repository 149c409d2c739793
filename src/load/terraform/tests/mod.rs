//! What plans come to. The small ones are written by hand after the documented format; the large ones are those of the suite.

mod links;
mod parts;

use serde_json::{Value, json};

use super::*;
use crate::graph::{is_generated, symbols_in};

struct Read {
    symbols: Symbols,
    declared: Vec<Declared>,
    warnings: Vec<Warning>,
}

impl Read {
    fn of(text: &str, settings: &Settings) -> Self {
        let mut sources = Sources::new();
        let mut symbols = Symbols::default();
        let source = sources.add("plan.json", text.as_bytes()).unwrap();
        let root = sources.roots(source).first().unwrap().origin();
        assert!(recognise(sources.node(root)).is_some());
        let input = Input {
            file: "plan.json".to_owned(),
            root,
        };
        let (declared, warnings) = declared(&mut sources, &mut symbols, &[input], settings);
        Self {
            symbols,
            declared,
            warnings,
        }
    }

    fn one(&self, id: &str) -> &Declared {
        let mut found = self.declared.iter().filter(|one| one.logical_id == id);
        let one = found.next().unwrap_or_else(|| panic!("{id} is not there"));
        assert!(found.next().is_none(), "{id} is there twice");
        one
    }

    fn shown(&self, id: &str, property: &str) -> String {
        let made = self.one(id).properties.get(property);
        made.map_or_else(|| "nothing".to_owned(), |made| self.show(made))
    }

    fn show(&self, made: &Made) -> String {
        match &made.value {
            MadeValue::Null => "null".to_owned(),
            MadeValue::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.show(item)).collect();
                format!("[{}]", items.join(", "))
            }
            MadeValue::Map(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, _, value)| format!("{key}: {}", self.show(value)))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }
            _ => self.text(made.scalar().unwrap()),
        }
    }

    fn text(&self, text: &str) -> String {
        self.symbols.shown(text).into_owned()
    }

    fn account(&self, id: &str) -> String {
        self.text(&self.one(id).home.account)
    }
}

/// A change of one resource and its place in the configuration.
fn resource(address: &str, after: Value, unknown: Value, expressions: Value) -> (Value, Value) {
    changed(address, &["create"], after, unknown, expressions)
}

fn changed(
    address: &str,
    actions: &[&str],
    values: Value,
    unknown: Value,
    expressions: Value,
) -> (Value, Value) {
    let own = address.strip_prefix("data.");
    let (kind, name) = own.unwrap_or(address).split_once('.').unwrap();
    let mode = if own.is_some() { "data" } else { "managed" };
    let gone = matches!(actions, ["delete" | "forget"]);
    let (before, after) = if gone {
        (values, Value::Null)
    } else {
        (Value::Null, values)
    };
    let change = json!({
        "address": address, "mode": mode, "type": kind, "name": name,
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": unknown, "after_sensitive": {}},
    });
    let plain = address.split('[').next().unwrap();
    let configured = json!({
        "address": plain, "mode": mode, "type": kind, "name": name,
        "provider_config_key": "aws", "expressions": expressions,
    });
    (change, configured)
}

fn plan(resources: Vec<(Value, Value)>) -> Value {
    let (changes, configured): (Vec<Value>, Vec<Value>) = resources.into_iter().unzip();
    json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}},
            "root_module": {"resources": configured},
        },
    })
}

fn read(resources: Vec<(Value, Value)>) -> Read {
    Read::of(&plan(resources).to_string(), &Settings::default())
}

fn role(name: &str) -> (Value, Value) {
    resource(
        &format!("aws_iam_role.{name}"),
        json!({"name": name, "path": "/", "assume_role_policy": "{}"}),
        json!({"arn": true, "id": true, "inline_policy": true, "managed_policy_arns": true}),
        json!({"name": {"constant_value": name}, "assume_role_policy": {}}),
    )
}

#[test]
fn what_is_left_to_the_provider_is_not_there_and_what_is_written_is_a_symbol() {
    let read = read(vec![resource(
        "aws_iam_policy.a",
        json!({"name": "a", "path": "/"}),
        json!({"policy": true, "description": true, "arn": true}),
        json!({"name": {"constant_value": "a"}, "policy": {"references": ["aws_s3_bucket.b.arn", "aws_s3_bucket.b"]}}),
    )]);
    assert_eq!(
        read.shown("aws_iam_policy.a", "PolicyDocument"),
        "<aws_iam_policy.a.policy>"
    );
    assert_eq!(read.shown("aws_iam_policy.a", "Description"), "nothing");
    let document = read
        .one("aws_iam_policy.a")
        .properties
        .get("PolicyDocument");
    let symbol = symbols_in(document.unwrap().scalar().unwrap())
        .next()
        .unwrap();
    let symbol = read.symbols.get(symbol).unwrap();
    assert!(symbol.what.contains("known after the apply"));
    assert!(symbol.supply.contains("terraform show -json"));
}

#[test]
fn what_is_sensitive_is_never_shown_and_stays_equal_to_itself() {
    let mut plan = plan(vec![role("a"), role("b"), role("c")]);
    for (at, boundary) in ["arn:secret", "arn:secret", "arn:other"].iter().enumerate() {
        let change = &mut plan["resource_changes"][at]["change"];
        change["after"]["permissions_boundary"] = json!(boundary);
        change["after_sensitive"] = json!({"permissions_boundary": true});
    }
    let read = Read::of(&plan.to_string(), &Settings::default());
    let boundary = |name: &str| {
        let role = read.one(&format!("aws_iam_role.{name}"));
        role.properties
            .get("PermissionsBoundary")
            .unwrap()
            .scalar()
            .unwrap()
            .to_owned()
    };
    assert_eq!(boundary("a"), boundary("b"));
    assert_ne!(boundary("a"), boundary("c"));
    assert_eq!(
        read.text(&boundary("a")),
        "<aws_iam_role.a.permissions_boundary>"
    );
    assert!(!format!("{:?}", read.declared).contains("secret"));
}

#[test]
fn what_is_sensitive_as_a_whole_tells_nothing_and_neither_does_a_sensitive_variable() {
    let mut plan = plan(vec![
        role("secret"),
        resource(
            "aws_codepipeline.p",
            json!({"name": "p", "stage": []}),
            json!({"role_arn": true}),
            json!({"name": {}, "role_arn": {"references": ["var.hidden"]}}),
        ),
    ]);
    plan["resource_changes"][0]["change"]["after_sensitive"] = json!(true);
    plan["variables"] = json!({"hidden": {"value": "arn:aws:iam::111111111111:role/secret"}});
    plan["configuration"]["root_module"]["variables"] = json!({"hidden": {"sensitive": true}});
    let read = Read::of(&plan.to_string(), &Settings::default());
    assert_eq!(read.shown("aws_codepipeline.p", "RoleArn"), "<var.hidden>");
    let role = read.one("aws_iam_role.secret");
    assert!(!read.show(&role.properties).contains("secret}"));
    assert!(!role.arn.as_ref().unwrap().contains("secret"));
}

#[test]
fn what_aws_makes_up_is_equal_to_nothing_else() {
    let (change, configured) = resource(
        "aws_kms_key.k",
        json!({}),
        json!({"arn": true, "key_id": true, "policy": true}),
        json!({}),
    );
    let read = read(vec![(change, configured)]);
    let key = read.one("aws_kms_key.k");
    let symbols: Vec<char> = symbols_in(&key.physical).collect();
    assert!(symbols.len() == 1 && symbols.iter().copied().all(is_generated));
    assert!(key.properties.get("KeyPolicy").is_none());
}

#[test]
fn broken_plans_break_nothing() {
    let whole = plan(vec![role("a")]).to_string();
    for (part, other) in [
        ("\"after\":{", "\"after\":[],\"x\":{"),
        ("\"actions\":[\"create\"]", "\"actions\":\"create\""),
        ("\"expressions\":{", "\"expressions\":7,\"x\":{"),
        ("\"resource_changes\":[", "\"resource_changes\":[null,7,{},"),
        ("\"provider_config\":{", "\"provider_config\":[],\"x\":{"),
        ("\"after_unknown\":{", "\"after_unknown\":true,\"x\":{"),
    ] {
        let text = whole.replace(part, other);
        assert_ne!(text, whole, "{part} is not there");
        Read::of(&text, &Settings::default());
    }
}
