//! What an altered engine got away with: laws and cases that were written because all others let a mutant through. The vectors of the
//! same origin are in `fixtures/iam/mutants.json`; how mutants are made is told in `fixtures/iam/README.md`.

#![cfg(test)]

mod arns;

use pipeline_preflight::authorize::{answer, layers, request};
use pipeline_preflight::graph::{Condition, Effect};
use pipeline_preflight::iam::{
    ContextValue, Decision, LayerName, Mismatch, Missing, Standing, Verdict, WithheldBy, decide,
    trace,
};
use pipeline_preflight::load::Input;
use pipeline_preflight::load::case::{Case, cases};
use pipeline_preflight::source::Sources;
use serde_json::{Value, json};

use crate::iam::{case as read, written};
use crate::iam_worlds::simple;
use arns::{allow, world};

/// A session of its own account that reads an object, with what else the case says.
fn case(more: &Value) -> Case {
    let mut case = json!({
        "request": {"principal": "arn:aws:sts::111111111111:assumed-role/Pipeline/run-7", "action": "s3:GetObject",
                    "resource": "arn:aws:s3:::artifact-store/a.zip"},
        "identityPolicies": [{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}],
        "resourceAccount": "111111111111",
    });
    for (key, value) in more.as_object().expect("members") {
        match (key.as_str(), value) {
            ("request", Value::Object(members)) => {
                for (key, value) in members {
                    case["request"][key] = value.clone();
                }
            }
            _ => case[key] = value.clone(),
        }
    }
    read(&case)
}

fn decided(case: &Case) -> Decision {
    decide(&request(case), &layers(case))
}

fn near(decision: &Decision, layer: LayerName) -> Vec<usize> {
    let withheld = decision.withheld.iter().filter(|w| w.layer == layer);
    withheld.map(|w| w.near_misses.len()).collect()
}

#[test]
fn near_misses_of_an_organization_are_looked_for_in_its_own_policies() {
    let listing =
        json!({"Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}});
    let rcp = json!({"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"},
        {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "*"},
    ]});
    let case = case(&json!({"scps": [[listing]], "rcps": [[rcp]]}));
    assert_eq!(near(&decided(&case), LayerName::Scp), [1]);
}

#[test]
fn what_is_impossible_has_no_near_misses() {
    let case = case(&json!({
        "request": {"action": "kms:ScheduleKeyDeletion", "resource": "arn:aws:kms:eu-west-1:222222222222:key/1"},
        "resourceAccount": "222222222222",
        "resourcePolicy": {"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
                           "Action": "kms:Decrypt", "Resource": "*"}},
    }));
    let decision = decided(&case);
    assert_eq!(decision.withheld[0].by, WithheldBy::Impossible);
    assert_eq!(near(&decision, LayerName::KeyPolicy), [0]);
}

#[test]
fn what_is_allowed_names_the_statement_that_grants() {
    let case = case(
        &json!({"boundary": {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}),
    );
    let granting: Vec<_> = decided(&case)
        .granted_by
        .into_iter()
        .map(|(layer, _)| layer)
        .collect();
    assert_eq!(granting, [LayerName::Identity, LayerName::Boundary]);
}

/// What a condition makes of a value of which something is known.
fn told(operator: &str, written: &str, actual: ContextValue) -> (Verdict, Vec<Missing>) {
    let case = case(
        &json!({"identityPolicies": [{"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"app:key": written}},
        }}]}),
    );
    let mut request = request(&case);
    request.context.set("app:key", actual);
    let decision = decide(&request, &layers(&case));
    (decision.verdict, decision.missing)
}

fn like(pattern: &str) -> ContextValue {
    ContextValue::Like(pattern.to_owned())
}

#[test]
fn a_value_known_by_its_pattern_is_not_taken_for_more_than_that() {
    let unknown = (
        Verdict::Unknown,
        vec![Missing::Context("app:key".to_owned())],
    );
    // Some texts of the pattern are no ARN, and for those no Arn operator holds.
    assert_eq!(told("ArnLike", "*", like("arn:*")), unknown);
    assert_eq!(told("StringEquals", "ab", like("a*")), unknown);
    // A pattern without wildcards is the one text.
    let allowed = (Verdict::Allowed, vec![]);
    assert_eq!(told("NumericEquals", "10", like("10")), allowed);
    assert_eq!(told("NumericEquals", "10", like("1?")), unknown);
}

#[test]
fn without_an_owner_both_sides_that_would_lack_are_named() {
    let listing =
        json!([{"Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}}]);
    let case = case(&json!({"identityPolicies": listing, "resourceAccount": null}));
    let layers: Vec<_> = decided(&case).withheld.iter().map(|w| w.layer).collect();
    assert_eq!(layers, [LayerName::Identity, LayerName::Resource]);
}

/// At sixty places at once, and yet no comparison that would have to be given up.
#[test]
fn a_long_run_of_question_marks_behind_a_star_is_compared() {
    let world = |end| {
        let asked = format!("{}{end}", "a".repeat(100));
        let written = format!("*a{}b", "?".repeat(60));
        let mut world = simple(&asked, vec![(Effect::Allow, vec![written])]);
        world.request.resource_is_pattern = true;
        world
    };
    assert_eq!(world("?").verdict(), Verdict::ImplicitDeny);
    assert_eq!(world("?b").verdict(), Verdict::Allowed);
}

/// What the nearest statement of a layer says that did not fit: `action`, `resource` … with the words as written.
fn nearest(decision: &Decision, layer: LayerName) -> Vec<String> {
    let withheld = decision.withheld.iter().find(|w| w.layer == layer);
    let near = withheld
        .and_then(|w| w.near_misses.first())
        .expect("a near miss");
    let told = |mismatch: &Mismatch| match mismatch {
        Mismatch::Principal { written, .. } => format!("principal {written}"),
        Mismatch::Action { written, .. } => format!("action {written}"),
        Mismatch::Resource { written, .. } => format!("resource {written}"),
        Mismatch::Condition { operator, key, .. } => format!("condition {operator} {key}"),
    };
    near.failed.iter().map(told).collect()
}

fn identity(statements: &Value) -> Case {
    case(&json!({"identityPolicies": [{"Version": "2012-10-17", "Statement": statements}]}))
}

#[test]
fn the_nearest_statement_is_the_one_that_a_person_would_mend() {
    let nearest =
        |statements: Value| nearest(&decided(&identity(&statements)), LayerName::Identity);
    // Fewer segments that differ, though more letters.
    let far = "arn:aws:s3:::quite-another-store/of/quite/other/things";
    assert_eq!(
        nearest(json!([
            {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:e::artifact-store/b.zip"},
            {"Effect": "Allow", "Action": "*", "Resource": far},
        ])),
        [format!("resource {far}")]
    );
    // Of equally many segments fewer letters, however long the texts are.
    assert_eq!(
        nearest(json!({"Effect": "Allow", "Action": "*", "Resource": [
            "arn:aws:s3:::entirely-other/x.tar", "arn:aws:s3:::artifact-store/b.zip", "arn:aws:s3:::artifact-stare/b.zip",
        ]})),
        ["resource arn:aws:s3:::artifact-store/b.zip"]
    );
    // Under a `Not` element the one that leaves the request out.
    assert_eq!(
        nearest(
            json!({"Effect": "Allow", "NotAction": ["iam:*", "s3:PutObject", "s3:Get*"], "Resource": "*"})
        ),
        ["action s3:Get*"]
    );
    assert_eq!(
        nearest(
            json!({"Effect": "Allow", "Action": "*", "NotResource": ["arn:aws:s3:::artifact-stare/a.zip", "arn:aws:s3:::art*"]})
        ),
        ["resource arn:aws:s3:::art*"]
    );
}

#[test]
fn a_principal_that_fits_is_no_mismatch() {
    let case = case(&json!({
        "resourceAccount": "222222222222",
        "resourcePolicy": {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:role/Pipeline"},
            "Action": "s3:PutObject", "Resource": "arn:aws:s3:::artifact-store/*",
        }},
    }));
    assert_eq!(
        nearest(&decided(&case), LayerName::Resource),
        ["action s3:PutObject"]
    );
}

/// `Null` takes no `IfExists` and no set operator, so that nobody can say what such a condition would do.
#[test]
fn an_operator_that_aws_does_not_know_decides_nothing() {
    for operator in [
        "NullIfExists",
        "ForAllValues:Null",
        "ForAnyValue:NullIfExists",
        "StringEqual",
    ] {
        let mut world = world("arn:aws:s3:::artifact-store/a.zip", vec![allow(&["*"])]);
        world.identity[0].conditions = vec![Condition {
            operator: written(operator),
            key: written("app:key"),
            values: vec![written("true")],
        }];
        let missing = vec![Missing::Context("app:key".to_owned())];
        assert_eq!(
            world.decide(&world.request),
            (Verdict::Unknown, missing),
            "{operator}"
        );
    }
}

#[test]
fn every_key_under_an_unknown_prefix_is_unknown() {
    let case = identity(&json!({"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "build"}}}));
    let mut request = request(&case);
    request.context.set_unknown_prefix("aws:principaltag/");
    let decision = decide(&request, &layers(&case));
    assert_eq!(
        decision.missing,
        [Missing::Context("aws:PrincipalTag/Team".to_owned())]
    );
    // What is set itself is known.
    let team = ContextValue::Known(vec!["build".to_owned()]);
    request.context.set("aws:PrincipalTag/Team", team);
    assert_eq!(decide(&request, &layers(&case)).verdict, Verdict::Allowed);
}

#[test]
fn a_statement_about_another_action_is_near_where_its_resource_covers_the_pattern() {
    let statement = json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::artifact-store/*"});
    let case = case(&json!({
        "request": {"resource": "arn:aws:s3:::artifact-store/web/*", "resourceIsPattern": true},
        "identityPolicies": [{"Version": "2012-10-17", "Statement": statement}],
    }));
    assert_eq!(
        nearest(&decided(&case), LayerName::Identity),
        ["action s3:PutObject"]
    );
}

#[test]
fn a_variable_known_by_its_pattern_is_filled_in_as_far_as_it_goes() {
    let case = case(&json!({
        "request": {"resource": "arn:aws:s3:::artifact-store/ab"},
        "identityPolicies": [{"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::artifact-store/${app:key}",
        }}],
    }));
    let verdict = |pattern| {
        let mut request = request(&case);
        request.context.set("app:key", like(pattern));
        decide(&request, &layers(&case)).verdict
    };
    assert_eq!(verdict("a*"), Verdict::Unknown);
    assert_eq!(verdict("ab"), Verdict::Allowed);
    assert_eq!(verdict("z*"), Verdict::ImplicitDeny);
}

#[test]
fn a_layer_without_a_say_is_told_apart_from_one_that_is_not_there() {
    let all = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let standings = |more: &Value| {
        let case = case(more);
        let heard = trace(&request(&case), &layers(&case));
        let told = heard.into_iter().map(|heard| (heard.layer, heard.standing));
        told.collect::<Vec<_>>()
    };
    // No policies of its own, no boundary and no session policy speak for who calls anonymously, whatever was given.
    assert_eq!(
        standings(&json!({"request": {"principal": "anonymous"}, "boundary": all})),
        [
            (LayerName::Identity, Standing::NotAsked),
            (LayerName::Resource, Standing::Absent),
            (LayerName::Boundary, Standing::NotAsked),
            (LayerName::Session, Standing::NotAsked),
            (LayerName::Scp, Standing::Absent),
            (LayerName::Rcp, Standing::Absent),
        ]
    );
    // Service control policies do not bind the management account.
    assert_eq!(
        standings(
            &json!({"request": {"principalInManagementAccount": true}, "scps": [[all]], "rcps": [], "boundary": "unknown"})
        ),
        [
            (LayerName::Identity, Standing::Known),
            (LayerName::Resource, Standing::Absent),
            (LayerName::Boundary, Standing::Unknown),
            (LayerName::Session, Standing::Absent),
            (LayerName::Scp, Standing::NotAsked),
            (LayerName::Rcp, Standing::Absent),
        ]
    );
}

/// Why nothing in the identity policy, or in the bucket policy of another account, allows a request.
fn because(resource: &str, layer: &str, statement: &Value) -> String {
    let case = json!({
        "request": {"principal": "arn:aws:sts::111111111111:assumed-role/Pipeline/run-7", "action": "s3:ListBucket",
                    "resource": resource, "context": {"aws:SecureTransport": ["false"]}},
        "resourceAccount": "111111111111",
        "identityPolicies": [],
        layer: {"Version": "2012-10-17", "Statement": statement},
    });
    let bytes = case.to_string().into_bytes();
    let mut sources = Sources::new();
    let name = "case.json".to_owned();
    let cases = cases(&mut sources, &[Input::Stdin { bytes, name }]).expect("a case");
    answer(&cases[0], &sources).because
}

#[test]
fn the_slips_that_everybody_makes_once_are_called_by_their_name() {
    let role = "arn:aws:iam::111111111111:role/ci/Build";
    let on = |written: &str, resource: &str| {
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": written});
        because(resource, "identityPolicies", &statement)
    };
    let told = [
        (
            on("arn:aws:s3:::store/*", "arn:aws:s3:::store"),
            "`arn:aws:s3:::store/*` covers what is in it, not `arn:aws:s3:::store` itself",
        ),
        (
            on("arn:aws:s3:::store", "arn:aws:s3:::store/a"),
            "`arn:aws:s3:::store` is the container alone; what is in it needs `arn:aws:s3:::store/*`",
        ),
        (
            on("arn:aws:iam::111111111111:role/Build", role),
            "`arn:aws:iam::111111111111:role/Build` leaves out the path `ci/` of `arn:aws:iam::111111111111:role/ci/Build`",
        ),
        (
            on("arn:aws:iam::111111111111:role/Test", role),
            "allowed on `arn:aws:iam::111111111111:role/Test`, needed on `arn:aws:iam::111111111111:role/ci/Build`",
        ),
        (
            because(
                role,
                "identityPolicies",
                &json!({"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
            ),
            "the condition `Bool` wants `aws:SecureTransport` `true`, which on this call is `false`",
        ),
        (
            because(
                "arn:aws:s3:::store",
                "resourcePolicy",
                &json!({"Effect": "Allow", "Action": "*",
                "Resource": "*", "NotPrincipal": {"AWS": "222222222222"}}),
            ),
            "`NotPrincipal` admits nobody in an Allow",
        ),
    ];
    for (because, expected) in told {
        assert!(because.contains(expected), "{because}");
    }
}

/// A public policy lets in nobody of another account once its bucket restricts it, and it is that statement which shuts them out.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
#[test]
fn a_restricted_bucket_names_the_statement_that_makes_it_public() {
    let bucket = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": "arn:aws:s3:::artifact-store/*"}});
    for principal in [
        "arn:aws:sts::111111111111:assumed-role/Pipeline/run-7",
        "anonymous",
    ] {
        let case = case(
            &json!({"request": {"principal": principal}, "resourceAccount": "222222222222",
            "resourcePolicy": bucket, "restrictPublicBuckets": true}),
        );
        let decision = decided(&case);
        assert_eq!(decision.verdict, Verdict::ImplicitDeny, "{principal}");
        let [withheld] = decision.withheld.as_slice() else {
            panic!("{:?}", decision.withheld);
        };
        assert_eq!(withheld.layer, LayerName::Resource, "{principal}");
        let public = case.policies.resource.known().expect("a policy").statements[0].origin;
        assert_eq!(withheld.by, WithheldBy::Restricted(public), "{principal}");
        assert!(withheld.near_misses.is_empty(), "{principal}");
    }
}
