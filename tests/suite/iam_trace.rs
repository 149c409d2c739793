//! What a decision says beside its verdict, and what the operators make of odd values.

#![cfg(test)]

use pipeline_preflight::iam::{
    ContextValue, Decision, Layer, LayerName, Mismatch, Missing, PolicySet, Verdict, WithheldBy,
    decide,
};
use serde_json::{Value, json};

use pipeline_preflight::authorize::{layers, request};

use crate::iam::{case as read, policy};

const ROLE: &str = "arn:aws:iam::222222222222:role/Deploy";

fn allow(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": resource}})
}

fn deny(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": action, "Resource": resource}})
}

fn bucket(principal: &str, action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "arn:aws:s3:::store/*"
    }})
}

/// A foreign role that reads an object, with whatever else the case says.
fn case(owner: &str, more: &Value) -> Value {
    let mut case = json!({
        "request": {"principal": "arn:aws:sts::222222222222:assumed-role/Deploy/run", "action": "s3:GetObject",
                    "resource": "arn:aws:s3:::store/a.zip", "context": {}},
        "identityPolicies": [], "resourcePolicy": null, "resourceAccount": owner,
        "boundary": null, "sessionPolicy": null, "scps": [], "rcps": []
    });
    for (key, value) in more.as_object().expect("members") {
        if key == "request" {
            for (key, value) in value.as_object().expect("members") {
                case["request"][key] = value.clone();
            }
        } else {
            case[key] = value.clone();
        }
    }
    case
}

fn decided(case: &Value) -> Decision {
    let case = read(case);
    decide(&request(&case), &layers(&case))
}

fn withheld(decision: &Decision) -> Vec<(LayerName, &'static str, bool)> {
    let by = |by: &WithheldBy| match by {
        WithheldBy::Deny(_) => "deny",
        WithheldBy::NoAllow => "no allow",
        WithheldBy::PartialAllow => "partial",
        WithheldBy::Restricted(_) => "restricted",
        WithheldBy::Impossible => "impossible",
    };
    let all = decision.withheld.iter();
    all.map(|w| (w.layer, by(&w.by), w.alternative)).collect()
}

const FOREIGN: &str = "111111111111";
const OWN: &str = "222222222222";

#[test]
fn every_layer_that_withholds_is_named() {
    let decision = decided(&case(
        FOREIGN,
        &json!({
            "identityPolicies": [allow("s3:PutObject", "*"), deny("s3:Get*", "*")],
            "resourcePolicy": bucket("arn:aws:iam::222222222222:role/Other", "s3:GetObject"),
            "boundary": allow("kms:*", "*"),
            "sessionPolicy": allow("kms:*", "*"),
            "scps": [[allow("*", "*")], [allow("kms:*", "*"), deny("s3:*", "*")], []],
        }),
    ));
    assert_eq!(decision.verdict, Verdict::ExplicitDeny);
    assert_eq!(decision.deciding, [LayerName::Identity, LayerName::Scp]);
    assert_eq!(
        withheld(&decision),
        [
            (LayerName::Identity, "deny", false),
            (LayerName::Scp, "deny", false),
            (LayerName::Identity, "no allow", false),
            (LayerName::Resource, "no allow", false),
            (LayerName::Boundary, "no allow", false),
            (LayerName::Scp, "no allow", false),
            (LayerName::Scp, "no allow", false),
            (LayerName::Session, "no allow", false),
        ]
    );
}

#[test]
fn only_the_side_that_lacks_is_named() {
    let decision = decided(&case(
        FOREIGN,
        &json!({"identityPolicies": [allow("s3:*", "*")], "resourcePolicy": bucket(ROLE, "s3:PutObject")}),
    ));
    assert_eq!(
        withheld(&decision),
        [(LayerName::Resource, "no allow", false)]
    );
    let decision = decided(&case(
        FOREIGN,
        &json!({"resourcePolicy": bucket(ROLE, "s3:*")}),
    ));
    assert_eq!(
        withheld(&decision),
        [(LayerName::Identity, "no allow", false)]
    );
}

#[test]
fn in_one_account_either_side_may_grant() {
    let decision = decided(&case(OWN, &json!({})));
    assert_eq!(
        withheld(&decision),
        [(LayerName::Identity, "no allow", true)]
    );
    let decision = decided(&case(
        OWN,
        &json!({"resourcePolicy": bucket("arn:aws:iam::222222222222:role/Other", "s3:*")}),
    ));
    assert_eq!(
        withheld(&decision),
        [
            (LayerName::Identity, "no allow", true),
            (LayerName::Resource, "no allow", true)
        ]
    );
}

#[test]
fn a_trust_policy_that_admits_nobody_is_the_only_fault() {
    let assume = |trusted: &str, owner: &str| {
        decided(&case(
            owner,
            &json!({
                "request": {"action": "sts:AssumeRole", "resource": format!("arn:aws:iam::{owner}:role/Target")},
                "resourcePolicy": {"Version": "2012-10-17", "Statement": {
                    "Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}},
            }),
        ))
    };
    let other = "arn:aws:iam::333333333333:root";
    assert_eq!(
        withheld(&assume(other, OWN)),
        [(LayerName::Trust, "no allow", false)]
    );
    assert_eq!(
        withheld(&assume(other, FOREIGN)),
        [
            (LayerName::Identity, "no allow", false),
            (LayerName::Trust, "no allow", false)
        ]
    );
    let delegating = "arn:aws:iam::222222222222:root";
    assert_eq!(
        withheld(&assume(delegating, OWN)),
        [(LayerName::Identity, "no allow", false)]
    );
}

#[test]
fn what_no_policy_can_grant_is_impossible() {
    let call = |action: &str, resource: &str| {
        let more = json!({"request": {"action": action, "resource": resource}, "identityPolicies": [allow("*", "*")]});
        let decision = decided(&case(FOREIGN, &more));
        withheld(&decision)
    };
    let expected = [(LayerName::Resource, "impossible", false)];
    assert_eq!(
        call(
            "codedeploy:CreateDeployment",
            "arn:aws:codedeploy:eu-west-1:111111111111:deploymentgroup:a/b"
        ),
        expected
    );
    assert_eq!(
        call("iam:PassRole", "arn:aws:iam::111111111111:role/CfnExec"),
        expected
    );
    assert_eq!(
        call(
            "codebuild:StartBuild",
            "arn:aws:codebuild:eu-west-1:111111111111:project/p"
        ),
        expected
    );
    assert_eq!(
        call(
            "kms:ScheduleKeyDeletion",
            "arn:aws:kms:eu-west-1:111111111111:key/1"
        ),
        [(LayerName::KeyPolicy, "impossible", false)]
    );
}

#[test]
fn members_of_a_pattern_may_fare_differently() {
    let ask = |identity: Value| {
        let asked = json!({"resource": "arn:aws:s3:::store/pipe/*", "resourceIsPattern": true});
        decided(&case(
            OWN,
            &json!({"request": asked, "identityPolicies": identity}),
        ))
    };
    let some = ask(json!([allow(
        "s3:GetObject",
        "arn:aws:s3:::store/pipe/Source/*"
    )]));
    assert!(some.partial);
    assert_eq!(withheld(&some), [(LayerName::Identity, "partial", true)]);
    let none = ask(json!([allow("s3:GetObject", "arn:aws:s3:::store/other/*")]));
    assert!(!none.partial);
    assert_eq!(withheld(&none), [(LayerName::Identity, "no allow", true)]);
    let hit = ask(json!([
        allow("s3:*", "*"),
        deny("s3:*", "arn:aws:s3:::store/*.key")
    ]));
    assert!(hit.partial);
    assert_eq!(withheld(&hit), [(LayerName::Identity, "deny", false)]);
    let all = ask(json!([
        allow("s3:*", "*"),
        deny("s3:*", "arn:aws:s3:::store/*")
    ]));
    assert!(!all.partial);
    // Two statements that cover the pattern only together.
    let complement = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::store/pipe/Source/*"}});
    let both = ask(json!([
        allow("s3:GetObject", "arn:aws:s3:::store/pipe/Source/*"),
        complement
    ]));
    assert_eq!(both.verdict, Verdict::Allowed);
}

#[test]
fn near_misses_say_what_did_not_fit() {
    let identity = json!([
        allow("s3:GetObject", "arn:aws:s3:::stores/*"),
        allow("s3:PutObject", "arn:aws:s3:::store/*"),
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}},
        allow("kms:*", "*"),
        allow("s3:PutObject", "arn:aws:s3:::elsewhere/*"),
    ]);
    let decision = decided(&case(
        OWN,
        &json!({"request": {"context": {"aws:PrincipalTag/team": ["blue"]}}, "identityPolicies": identity}),
    ));
    let near = &decision.withheld[0].near_misses;
    assert_eq!(near.len(), 3);
    let failed: Vec<_> = near.iter().map(|near| near.failed.as_slice()).collect();
    assert!(
        matches!(failed[0], [Mismatch::Condition { operator, key, values, actual: Some(actual), .. }]
        if operator == "StringEquals" && key == "aws:PrincipalTag/team" && values == &["red"] && actual == &["blue"])
    );
    assert!(matches!(failed[1], [Mismatch::Action { written, .. }] if written == "s3:PutObject"));
    assert!(
        matches!(failed[2], [Mismatch::Resource { written, .. }] if written == "arn:aws:s3:::stores/*")
    );

    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": ["arn:aws:iam::222222222222:role/deploy", "arn:aws:iam::333333333333:root"]}}});
    let decision = decided(&case(
        FOREIGN,
        &json!({
            "request": {"action": "sts:AssumeRole", "resource": "arn:aws:iam::111111111111:role/Target"},
            "identityPolicies": [allow("*", "*")], "resourcePolicy": trust,
        }),
    ));
    let near = &decision.withheld[0].near_misses[0].failed;
    assert!(
        matches!(near.as_slice(), [Mismatch::Principal { written, .. }]
        if written == "arn:aws:iam::222222222222:role/deploy")
    );
}

#[test]
fn an_unseen_document_may_say_anything() {
    let case = read(&case(OWN, &json!({"identityPolicies": [allow("*", "*")]})));
    let asked = request(&case);
    let mut layers = layers(&case);
    let (allows, denies) = (policy(&allow("s3:*", "*")), policy(&deny("s3:*", "*")));
    let unseen = |policies| {
        Layer::Known(PolicySet {
            policies,
            unseen: vec!["arn:aws:iam::222222222222:policy/Deploy".to_owned()],
        })
    };
    let missing = [Missing::Document(
        LayerName::Identity,
        "arn:aws:iam::222222222222:policy/Deploy".to_owned(),
    )];
    for policies in [vec![&allows], vec![]] {
        layers.identity = unseen(policies);
        let decision = decide(&asked, &layers);
        assert_eq!(decision.verdict, Verdict::Unknown);
        assert_eq!(decision.missing, missing);
    }
    layers.identity = unseen(vec![&denies]);
    assert_eq!(decide(&asked, &layers).verdict, Verdict::ExplicitDeny);
}

#[test]
fn an_owner_that_nobody_knows_matters_only_where_it_changes_the_answer() {
    let ask = |identity: Value, resource: Value| {
        let more = json!({"identityPolicies": identity, "resourcePolicy": resource, "resourceAccount": null});
        decided(&case(OWN, &more))
    };
    let either = ask(json!([allow("*", "*")]), Value::Null);
    assert_eq!(either.missing, [Missing::ResourceAccount]);
    assert_eq!(
        ask(json!([allow("*", "*")]), bucket(ROLE, "s3:*")).verdict,
        Verdict::Allowed
    );
    assert_eq!(ask(json!([]), Value::Null).verdict, Verdict::ImplicitDeny);
}

/// Whether `operator` holds for a key with this value.
fn holds(operator: &str, written: &Value, actual: Option<ContextValue>) -> Option<bool> {
    let statement = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {operator: {"aws:PrincipalTag/k": written}}}});
    let case = case(OWN, &json!({"identityPolicies": [statement]}));
    let case = read(&case);
    let mut request = request(&case);
    if let Some(actual) = actual {
        request.context.set("aws:principaltag/K", actual);
    }
    match decide(&request, &layers(&case)).verdict {
        Verdict::Allowed => Some(true),
        Verdict::Unknown => None,
        Verdict::ImplicitDeny | Verdict::ExplicitDeny => Some(false),
    }
}

fn is(value: &str) -> Option<ContextValue> {
    Some(ContextValue::Known(vec![value.to_owned()]))
}

fn like(pattern: &str) -> Option<ContextValue> {
    Some(ContextValue::Like(pattern.to_owned()))
}

#[test]
fn every_operator_has_a_value_that_holds_and_one_that_does_not() {
    let rows = [
        ("StringEquals", "a", "a", "A"),
        ("StringNotEquals", "a", "A", "a"),
        ("StringEqualsIgnoreCase", "k", "\u{212a}", "kk"),
        ("StringNotEqualsIgnoreCase", "ss", "ß", "SS"),
        ("StringLike", "a*c", "abc", "ab"),
        ("StringNotLike", "a?c", "abbc", "abc"),
        ("NumericEquals", "1", "+1", "2"),
        ("NumericNotEquals", "1", "NaN", "1e0"),
        ("NumericLessThan", "10", "9.5", "10"),
        ("NumericLessThanEquals", "10", "010", "10.5"),
        ("NumericGreaterThan", "10", "11", "10"),
        ("NumericGreaterThanEquals", "10", "10", "Infinity"),
        (
            "DateEquals",
            "2026-06-01",
            "2026-06-01T00:00:00Z",
            "2026-06-01T00:00:01Z",
        ),
        ("DateNotEquals", "0", "never", "1970-01-01"),
        (
            "DateLessThan",
            "2026-06-01T00:00:00Z",
            "2026-05-31T23:59:59.999Z",
            "2026-06-01T00:00:00Z",
        ),
        (
            "DateLessThanEquals",
            "2026-06-01T02:00:00+02:00",
            "2026-06-01T00:00Z",
            "2026-06-01T00:00:01Z",
        ),
        (
            "DateGreaterThan",
            "1798761600",
            "1798761601",
            "2026-06-01T00:00:00Z",
        ),
        ("DateGreaterThanEquals", "1798761600", "1798761600", "soon"),
        ("Bool", "false", "yes", "TRUE"),
        ("BinaryEquals", "QmluYXJ5", "Binary", "binary"),
        (
            "IpAddress",
            "203.0.113.77/24",
            "203.0.113.009",
            "203.0.114.1",
        ),
        (
            "IpAddress",
            "203.0.113.0/24",
            "::ffff:203.0.113.1",
            "203.0.113.1/32",
        ),
        (
            "NotIpAddress",
            "203.0.113.0/24",
            "203.0.114.1",
            "no address",
        ),
        (
            "NotIpAddress",
            "2001:db8::1/32",
            "2001:db8::1",
            "no address",
        ),
        (
            "ArnEquals",
            "arn:aws:s3:::b*",
            "arn:aws:s3:::bucket:x",
            "arn:aws:s3:x::b",
        ),
        ("ArnLike", "arn:aws:*:::b", "arn:aws:s3:::b", "b"),
        ("ArnNotEquals", "arn:aws:s3:::b", "arn:aws:s3:::c", "no ARN"),
        (
            "ArnNotLike",
            "arn:aws:s3:::b*",
            "arn:aws:s3:::c",
            "arn:aws:s3:::bb",
        ),
        ("ForAnyValue:StringEquals", "a", "a", "b"),
        ("ForAllValues:StringNotEqualsIfExists", "a", "b", "a"),
    ];
    for (operator, written, yes, no) in rows {
        assert_eq!(
            holds(operator, &json!(written), is(yes)),
            Some(true),
            "{operator} {written} {yes}"
        );
        assert_eq!(
            holds(operator, &json!(written), is(no)),
            Some(false),
            "{operator} {written} {no}"
        );
        assert_eq!(
            holds(operator, &json!(written), Some(ContextValue::Unknown)),
            None,
            "{operator}"
        );
    }
    let arn = || is("arn:aws:s3:::b");
    assert_eq!(holds("ArnLike", &json!("arn:aws*"), arn()), Some(false));
    assert_eq!(holds("ArnLike", &json!("*"), arn()), Some(true));
    assert_eq!(holds("Null", &json!("true"), None), Some(true));
    assert_eq!(holds("Null", &json!(true), is("")), Some(false));
}

#[test]
fn a_value_known_only_by_its_pattern_decides_what_it_can() {
    let ask = |operator, written: &str, pattern| holds(operator, &json!(written), like(pattern));
    assert_eq!(ask("StringLike", "pipe-*", "pipe-1*"), Some(true));
    assert_eq!(ask("StringLike", "pipe-1*", "pipe-*"), None);
    assert_eq!(ask("StringLike", "pipe-*", "build-*"), Some(false));
    assert_eq!(ask("StringNotEquals", "pipe", "build-*"), Some(true));
    assert_eq!(ask("StringEquals", "Pipe-1", "pipe-?"), Some(false));
    assert_eq!(ask("StringEqualsIgnoreCase", "Pipe-1", "PIPE-?"), None);
    assert_eq!(
        ask("ArnLike", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*"),
        Some(true)
    );
    assert_eq!(
        ask("ArnNotLike", "arn:aws:s3:::b/*", "arn:aws:s3:::c/*"),
        Some(true)
    );
    assert_eq!(ask("Null", "false", "*"), Some(true));
    assert_eq!(ask("StringLike", "*", "*"), Some(true));
    assert_eq!(
        holds("StringNotLike", &json!("*"), Some(ContextValue::Unknown)),
        None
    );
    assert_eq!(
        holds(
            "StringLikeIfExists",
            &json!("*"),
            Some(ContextValue::Unknown)
        ),
        Some(true)
    );
}
