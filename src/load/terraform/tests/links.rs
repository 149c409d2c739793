//! What is linked before it is known.

use super::*;

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
fn of_several_references_it_is_the_one_that_there_is() {
    let role = |key: &str| role(key);
    let pipeline = |references: Value, location: Value| {
        resource(
            "aws_codepipeline.p",
            json!({"name": "p", "stage": [], "artifact_store": [{"type": "S3"}]}),
            json!({"role_arn": true, "artifact_store": [{"location": true}]}),
            json!({
                "name": {}, "role_arn": {"references": references},
                "artifact_store": [{"type": {}, "location": {"references": location}}],
            }),
        )
    };
    let bucket = resource(
        "aws_s3_bucket.b",
        json!({"bucket": "store"}),
        json!({"id": true, "arn": true, "policy": true}),
        json!({"bucket": {}}),
    );
    let policy = resource(
        "aws_s3_bucket_policy.b",
        json!({"policy": "{}"}),
        json!({"id": true, "bucket": true}),
        json!({"policy": {}, "bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}}),
    );
    let arn = "arn:aws:iam::<account of default>:role/a";
    for (references, location, expected, store) in [
        // `try(aws_iam_role.none[0].arn, aws_iam_role.a.arn)`, and what waits for the policy of the bucket.
        (
            json!([
                "aws_iam_role.none[0].arn",
                "aws_iam_role.none[0]",
                "aws_iam_role.none",
                "aws_iam_role.a.arn",
                "aws_iam_role.a"
            ]),
            json!(["aws_s3_bucket_policy.b.id", "aws_s3_bucket_policy.b"]),
            arn,
            "store",
        ),
        // Of two that there are, it may be either.
        (
            json!([
                "aws_iam_role.a.arn",
                "aws_iam_role.a",
                "aws_iam_role.c.arn",
                "aws_iam_role.c"
            ]),
            json!([
                "aws_s3_bucket_policy.b.id",
                "aws_s3_bucket_policy.b",
                "aws_s3_bucket.b.id",
                "aws_s3_bucket.b"
            ]),
            "<aws_codepipeline.p.role_arn>",
            "store",
        ),
        // What is known cannot be why the whole is unknown.
        (
            json!(["var.prefix", "aws_iam_role.a.arn", "aws_iam_role.a"]),
            json!(["local.bucket"]),
            arn,
            "<local.bucket>",
        ),
    ] {
        let all = vec![
            role("a"),
            role("c"),
            bucket.clone(),
            policy.clone(),
            pipeline(references, location),
        ];
        let read = read(all);
        assert_eq!(read.shown("aws_codepipeline.p", "RoleArn"), expected);
        assert_eq!(
            read.shown("aws_codepipeline.p", "ArtifactStore"),
            format!("{{Type: S3, Location: {store}}}")
        );
    }
}
