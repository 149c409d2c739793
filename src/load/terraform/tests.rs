//! What plans come to. The small ones are written by hand after the documented format; the large ones are those of the suite.

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
fn what_hangs_on_a_role_is_found_by_name_and_by_reference() {
    let attachment = |label: &str, after: Value, unknown: Value| {
        resource(
            &format!("aws_iam_role_policy_attachment.{label}"),
            after,
            unknown,
            json!({
                "role": {"references": ["aws_iam_role.a.id", "aws_iam_role.a"]},
                "policy_arn": {"references": ["aws_iam_policy.p.arn", "aws_iam_policy.p"]},
            }),
        )
    };
    let read = read(vec![
        role("a"),
        resource(
            "aws_iam_policy.p",
            json!({"name": "p", "path": "/x/", "policy": "{}"}),
            json!({"arn": true}),
            json!({"name": {}, "path": {}, "policy": {}}),
        ),
        attachment(
            "known",
            json!({"role": "a", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            json!({}),
        ),
        attachment(
            "unknown",
            json!({}),
            json!({"role": true, "policy_arn": true}),
        ),
    ]);
    let account = "<account of default>";
    assert_eq!(
        read.shown("aws_iam_role.a", "ManagedPolicyArns"),
        format!("[arn:aws:iam::aws:policy/ReadOnlyAccess, arn:aws:iam::{account}:policy/x/p]")
    );
    assert!(read.warnings.is_empty());
}

#[test]
fn an_attachment_of_which_nobody_knows_the_role_may_hang_on_any() {
    let attachment = resource(
        "aws_iam_role_policy_attachment.x",
        json!({"policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        json!({"role": true}),
        json!({"role": {"references": ["local.role"]}, "policy_arn": {}}),
    );
    let read = read(vec![role("a"), role("b"), attachment]);
    for id in ["aws_iam_role.a", "aws_iam_role.b"] {
        assert!(
            read.shown(id, "ManagedPolicyArns")
                .contains("ReadOnlyAccess"),
            "{id}"
        );
    }
}

#[test]
fn what_the_plan_takes_away_is_gone_also_where_a_role_repeats_it() {
    let arn = "arn:aws:iam::111111111111:policy/old";
    let mut plan = plan(vec![
        role("a"),
        changed(
            "aws_iam_role_policy_attachment.old",
            &["delete"],
            json!({"role": "a", "policy_arn": arn}),
            json!({}),
            json!({}),
        ),
        changed(
            "aws_iam_role.gone",
            &["delete"],
            json!({"name": "gone"}),
            json!({}),
            json!({}),
        ),
        changed(
            "aws_iam_role.let_go",
            &["forget"],
            json!({"name": "kept"}),
            json!({}),
            json!({}),
        ),
        changed(
            "aws_iam_role_policy.old",
            &["delete"],
            json!({"role": "a", "name": "old"}),
            json!({}),
            json!({}),
        ),
    ]);
    let change = &mut plan["resource_changes"][0]["change"];
    change["after"]["managed_policy_arns"] = json!([arn, "arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    change["after"]["inline_policy"] =
        json!([{"name": "old", "policy": "{}"}, {"name": "new", "policy": "{}"}]);
    change["after_unknown"] = json!({});
    let read = Read::of(&plan.to_string(), &Settings::default());
    assert_eq!(
        read.shown("aws_iam_role.a", "ManagedPolicyArns"),
        "[arn:aws:iam::aws:policy/ReadOnlyAccess]"
    );
    assert_eq!(
        read.shown("aws_iam_role.a", "Policies"),
        "[{PolicyName: new, PolicyDocument: {}}]"
    );
    assert_eq!(read.shown("aws_iam_role.let_go", "RoleName"), "kept");
    assert_eq!(read.declared.len(), 2);
}

#[test]
fn an_old_policy_of_a_bucket_counts_unless_it_has_a_resource_of_its_own() {
    let bucket = |name: &str| {
        changed(
            &format!("aws_s3_bucket.{name}"),
            &["no-op"],
            json!({"bucket": name, "id": name, "arn": format!("arn:aws:s3:::{name}"), "policy": "{\"Old\":1}"}),
            json!({}),
            json!({"bucket": {}}),
        )
    };
    let policy = changed(
        "aws_s3_bucket_policy.own",
        &["no-op"],
        json!({"bucket": "own", "id": "own", "policy": "{\"New\":1}"}),
        json!({}),
        json!({"bucket": {}, "policy": {}}),
    );
    let gone = changed(
        "aws_s3_bucket_policy.gone",
        &["delete"],
        json!({"bucket": "gone", "policy": "{}"}),
        json!({}),
        json!({}),
    );
    let read = read(vec![
        bucket("old"),
        bucket("own"),
        bucket("gone"),
        policy,
        gone,
    ]);
    let policies: Vec<String> = read
        .declared
        .iter()
        .filter(|one| one.kind == "AWS::S3::BucketPolicy")
        .map(|one| read.show(&one.properties))
        .collect();
    assert_eq!(
        policies,
        [
            "{Bucket: own, PolicyDocument: {\"New\":1}}",
            "{Bucket: old, PolicyDocument: {\"Old\":1}}"
        ]
    );
}

#[test]
fn a_document_is_put_together_of_others() {
    let document = |name: &str, after: Value, unknown: Value, expressions: Value| {
        let address = format!("data.aws_iam_policy_document.{name}");
        changed(&address, &["read"], after, unknown, expressions)
    };
    let statement = |sid: &str, resource: Value| {
        json!({
            "sid": sid, "effect": null, "actions": ["s3:GetObject"], "resources": [resource],
            "principals": [], "condition": [{"test": "StringLike", "variable": "aws:username", "values": ["&{aws:username}"]}],
        })
    };
    let read = read(vec![
        role("a"),
        document(
            "base",
            json!({"statement": [statement("Base", json!("*")), statement("Same", json!("*"))],
                "json": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Base\",\"Effect\":\"Deny\"},{\"Sid\":\"Same\",\"Effect\":\"Deny\"}]}"}),
            json!({}),
            json!({}),
        ),
        document(
            "whole",
            json!({"source_policy_documents": [null], "statement": [statement("Same", json!(null)), statement("Own", json!(null))]}),
            json!({"json": true, "source_policy_documents": [true],
                "statement": [{"resources": [true]}, {"resources": [true]}]}),
            json!({
                "source_policy_documents": {"references": ["data.aws_iam_policy_document.base.json", "data.aws_iam_policy_document.base"]},
                "statement": [
                    {"sid": {"constant_value": "Same"}, "resources": {"references": ["aws_iam_role.a.arn", "aws_iam_role.a"]}},
                    {"sid": {"constant_value": "Own"}, "resources": {"references": ["local.bucket"]}},
                ],
            }),
        ),
        resource(
            "aws_iam_policy.p",
            json!({"name": "p"}),
            json!({"policy": true}),
            json!({"name": {}, "policy": {"references": ["data.aws_iam_policy_document.whole.json", "data.aws_iam_policy_document.whole"]}}),
        ),
    ]);
    let own = |sid: &str, resource: &str| {
        format!(
            "{{Sid: {sid}, Effect: Allow, Action: [s3:GetObject], Resource: [{resource}], \
             Condition: {{StringLike: {{aws:username: [${{aws:username}}]}}}}}}"
        )
    };
    assert_eq!(
        read.shown("aws_iam_policy.p", "PolicyDocument"),
        format!(
            "{{Version: 2012-10-17, Statement: [{{Sid: Base, Effect: Deny}}, {}, {}]}}",
            own("Same", "arn:aws:iam::<account of default>:role/a"),
            own(
                "Own",
                "<data.aws_iam_policy_document.whole.statement[1].resources[0]>"
            ),
        )
    );
}

#[test]
fn blocks_of_a_set_find_their_expressions_whatever_the_order() {
    let store = |region: &str| json!({"location": format!("store-{region}"), "region": region, "type": "S3", "encryption_key": [{"id": null, "type": "KMS"}]});
    let expression = |region: &str| {
        json!({"region": {"constant_value": region}, "location": {}, "type": {"constant_value": "S3"},
            "encryption_key": [{"id": {"references": [format!("local.key_{region}")]}, "type": {}}]})
    };
    let read = read(vec![resource(
        "aws_codepipeline.p",
        json!({"name": "p", "role_arn": "arn:aws:iam::111111111111:role/p", "stage": [],
            "artifact_store": [store("eu-west-1"), store("us-east-1")]}),
        json!({"artifact_store": [{"encryption_key": [{"id": true}]}, {"encryption_key": [{"id": true}]}]}),
        json!({"name": {}, "role_arn": {}, "artifact_store": [expression("us-east-1"), expression("eu-west-1")]}),
    )]);
    let stores = read.shown("aws_codepipeline.p", "ArtifactStores");
    let store = |region: &str| {
        format!(
            "{{Region: {region}, ArtifactStore: {{Location: store-{region}, Type: S3, EncryptionKey: {{Id: <local.key_{region}>, Type: KMS}}}}}}"
        )
    };
    assert_eq!(
        stores,
        format!("[{}, {}]", store("eu-west-1"), store("us-east-1"))
    );
}

#[test]
fn parts_find_their_place() {
    let made = |address: &str, after: Value| {
        let given = after.as_object().unwrap().keys();
        let expressions: serde_json::Map<String, Value> =
            given.map(|key| (key.clone(), json!({}))).collect();
        changed(
            address,
            &["create"],
            after,
            json!({}),
            Value::Object(expressions),
        )
    };
    let read = read(vec![
        made(
            "aws_cloudwatch_event_rule.r",
            json!({"name": "r", "event_bus_name": "default", "event_pattern": "{}"}),
        ),
        made(
            "aws_cloudwatch_event_target.t",
            json!({"rule": "r", "event_bus_name": "default", "target_id": "t", "arn": "arn:x", "role_arn": ""}),
        ),
        made("aws_cloudwatch_event_bus_policy.d", json!({"policy": "{}"})),
        made("aws_sns_topic.s", json!({"name": "s", "policy": "{}"})),
        made(
            "aws_kms_key.k",
            json!({"key_id": "k", "policy": "{\"Old\":1}"}),
        ),
        made(
            "aws_kms_key_policy.k",
            json!({"key_id": "k", "policy": "{\"New\":1}"}),
        ),
        made(
            "aws_kms_grant.g",
            json!({"key_id": "k", "grantee_principal": "arn:aws:iam::222222222222:role/x", "operations": ["Decrypt"]}),
        ),
        made(
            "aws_ecs_task_definition.t",
            json!({"family": "t", "container_definitions": "[{\"name\":\"web\",\"image\":\"x\"}]"}),
        ),
        made(
            "aws_s3_bucket_public_access_block.lost",
            json!({"bucket": "elsewhere", "block_public_acls": true}),
        ),
        made(
            "aws_codebuild_project.c",
            json!({"name": "c", "service_role": "arn:aws:iam::111111111111:role/c", "tags": {"team": "shop"},
            "source": [{"type": "CODEPIPELINE", "buildspec": "b.yml"}], "build_timeout": 0}),
        ),
    ]);
    assert_eq!(
        read.shown("aws_cloudwatch_event_rule.r", "Targets"),
        "[{Id: t, Arn: arn:x}]"
    );
    let bus = read.one("aws_cloudwatch_event_bus_policy.d");
    assert_eq!(
        (bus.kind.as_str(), bus.physical.as_str()),
        ("AWS::Events::EventBus", "default")
    );
    let arn = "arn:aws:sns:eu-west-1:<account of default>:s";
    assert_eq!(
        read.shown("aws_sns_topic.s.policy", "Topics"),
        format!("[{arn}]")
    );
    assert_eq!(read.shown("aws_kms_key.k", "KeyPolicy"), "{\"New\":1}");
    assert_eq!(
        read.shown("aws_kms_key.k", "Grants"),
        "[{GranteePrincipal: arn:aws:iam::222222222222:role/x, Operations: [Decrypt]}]"
    );
    assert_eq!(
        read.shown("aws_ecs_task_definition.t", "ContainerDefinitions"),
        "[{Name: web, Image: x}]"
    );
    assert_eq!(
        read.shown("aws_codebuild_project.c", "Source"),
        "{Type: CODEPIPELINE, BuildSpec: b.yml}"
    );
    assert_eq!(
        read.shown("aws_codebuild_project.c", "TimeoutInMinutes"),
        "nothing"
    );
    assert_eq!(
        read.shown("aws_codebuild_project.c", "Tags"),
        "[{Key: team, Value: shop}]"
    );
    let warnings: Vec<&str> = read
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    assert_eq!(
        warnings,
        [
            "what `aws_s3_bucket_public_access_block.lost` of `plan.json` belongs to is not in it, so it is left out"
        ]
    );
}

#[test]
fn providers_stand_for_accounts() {
    let with = |provider: Value, accounts: &[(&str, &str)]| {
        let mut plan = plan(vec![role("a")]);
        plan["variables"] = json!({"target": {"value": "222222222222"}});
        plan["configuration"]["provider_config"] = json!({"aws.target": provider});
        plan["configuration"]["root_module"]["resources"][0]["provider_config_key"] =
            json!("aws.target");
        let accounts = accounts
            .iter()
            .map(|(alias, id)| ((*alias).to_owned(), (*id).to_owned()));
        let settings = Settings {
            accounts: accounts.collect(),
            ..Settings::default()
        };
        Read::of(&plan.to_string(), &settings).account("aws_iam_role.a")
    };
    let provider =
        |expressions: Value| json!({"name": "aws", "alias": "target", "expressions": expressions});
    let role = |expression: Value| provider(json!({"assume_role": [{"role_arn": expression}]}));
    let constant = json!({"constant_value": "arn:aws:iam::222222222222:role/Terraform"});
    for (provider, accounts, expected) in [
        (provider(json!({})), &[][..], "<account of target>"),
        (
            provider(json!({})),
            &[("target", "333333333333")],
            "333333333333",
        ),
        (
            provider(json!({})),
            &[("aws.target", "333333333333")],
            "333333333333",
        ),
        (
            provider(json!({})),
            &[("default", "333333333333")],
            "<account of target>",
        ),
        (role(constant.clone()), &[], "222222222222"),
        (
            role(json!({"references": ["var.target"]})),
            &[],
            "222222222222",
        ),
        (
            role(json!({"references": ["local.role"]})),
            &[],
            "<account of target>",
        ),
        (
            role(constant),
            &[("target", "333333333333")],
            "333333333333",
        ),
        (
            provider(json!({"allowed_account_ids": {"constant_value": ["222222222222"]}})),
            &[],
            "222222222222",
        ),
    ] {
        assert_eq!(with(provider.clone(), accounts), expected, "{provider}");
    }
}

#[test]
fn instances_of_one_resource_refer_to_their_own() {
    let role = |key: &str| {
        let (mut change, configured) = role("r");
        change["address"] = json!(format!("aws_iam_role.r[\"{key}\"]"));
        change["index"] = json!(key);
        change["change"]["after"]["name"] = json!(key);
        (change, configured)
    };
    let policy = |key: &str| {
        let (mut change, configured) = resource(
            "aws_iam_role_policy.p",
            json!({"name": "p", "policy": "{}"}),
            json!({"role": true}),
            json!({"name": {}, "policy": {}, "role": {"references": ["aws_iam_role.r", "each.key"]}}),
        );
        change["address"] = json!(format!("aws_iam_role_policy.p[\"{key}\"]"));
        change["index"] = json!(key);
        (change, configured)
    };
    let read = read(vec![role("x.y"), role("z"), policy("x.y"), policy("z")]);
    for key in ["x.y", "z"] {
        assert_eq!(
            read.shown(&format!("aws_iam_role_policy.p[\"{key}\"]"), "RoleName"),
            key
        );
    }
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
fn references_that_lead_in_a_circle_end() {
    let call = |next: &str| json!({"expressions": {}, "module": {"outputs": {"o": {"expression": {"references": [next]}}}}});
    let mut plan = plan(vec![resource(
        "aws_codepipeline.p",
        json!({"name": "p", "stage": []}),
        json!({"role_arn": true}),
        json!({"name": {}, "role_arn": {"references": ["module.m.o", "module.m"]}}),
    )]);
    let root = &mut plan["configuration"]["root_module"];
    root["module_calls"] = json!({"m": {
        "expressions": {"v": {"references": ["module.m.o", "module.m"]}},
        "module": call("var.v")["module"].clone(),
    }});
    let read = Read::of(&plan.to_string(), &Settings::default());
    assert!(read.shown("aws_codepipeline.p", "RoleArn").starts_with('<'));
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
