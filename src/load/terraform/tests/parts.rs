//! What belongs to what, and lives where.

use super::*;

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
