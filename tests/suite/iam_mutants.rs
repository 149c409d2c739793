//! What an altered engine got away with: laws and cases that were written because all others let a mutant through. The vectors of the
//! same origin are in `fixtures/iam/mutants.json`; how mutants are made is told in `fixtures/iam/README.md`.

#![cfg(test)]

use pipeline_preflight::authorize::{layers, request};
use pipeline_preflight::graph::{Condition, Effect, Statement};
use pipeline_preflight::iam::{
    Compiled, ContextValue, Decision, LayerName, Mismatch, Missing, Standing, Verdict, WithheldBy,
    decide, trace,
};
use pipeline_preflight::load::case::Case;
use serde_json::{Value, json};

use crate::iam::{case as read, written};
use crate::iam_worlds::{World, simple};

/// One step of a written ARN, by the words of AWS's page rather than by the engine's automaton.
#[derive(Clone, Copy)]
enum Step {
    Letter(char),
    One { colon: bool },
    Many { colon: bool },
}

/// Wildcards stay inside their segment as far as the fifth colon; the service segment takes none, so that one there is a letter
/// and the text matches nothing that an ARN can be. A `*` that ends the Region's or the account's segment runs on.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
fn steps(resource: &str) -> Vec<Step> {
    let letters: Vec<char> = resource.chars().collect();
    let service = resource.split(':').nth(2).unwrap_or_default();
    let is_arn = resource.matches(':').count() >= 5;
    let literal = is_arn && service.contains(['*', '?']);
    let mut segment = 0;
    let mut steps = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let ends = letters.get(at + 1) == Some(&':');
        let colon = !is_arn || segment >= 5;
        steps.push(match letter {
            '*' if !literal => Step::Many {
                colon: colon || ends && (segment == 3 || segment == 4),
            },
            '?' if !literal => Step::One { colon },
            letter => Step::Letter(*letter),
        });
        segment += usize::from(*letter == ':');
    }
    steps
}

/// Letter by letter, trying everything.
fn fits(steps: &[Step], text: &[char]) -> bool {
    match (steps, text) {
        ([], []) => true,
        ([Step::Many { colon }, behind @ ..], _) => {
            fits(behind, text)
                || matches!(text, [first, rest @ ..] if (*colon || *first != ':') && fits(steps, rest))
        }
        ([Step::One { colon }, behind @ ..], [first, rest @ ..]) => {
            (*colon || *first != ':') && fits(behind, rest)
        }
        ([Step::Letter(own), behind @ ..], [first, rest @ ..]) => {
            own == first && fits(behind, rest)
        }
        _ => false,
    }
}

fn allow(resources: &[&str]) -> (Effect, Vec<String>) {
    (
        Effect::Allow,
        resources.iter().map(|r| (*r).to_owned()).collect(),
    )
}

/// A world in which identity policies speak of whole ARNs.
fn world(resource: &str, statements: Vec<(Effect, Vec<String>)>) -> World {
    let mut world = simple("", Vec::new());
    world.request.resource = resource.to_owned();
    world.request.resource_is_pattern = false;
    world.identity = statements
        .into_iter()
        .map(|(effect, resources)| Statement {
            effect,
            resources: Some(resources.iter().map(|text| written(text)).collect()),
            ..simple("", vec![(effect, Vec::new())]).identity.remove(0)
        })
        .collect();
    world
}

/// Regions and accounts as they may be written.
const SEGMENTS: &[&str] = &["", "*", "a", "a*", "*a", "?", "a*b", "*a*", "?*", "*?a"];

/// Names as they may be written.
const NAMES: &[&str] = &["x", "*", "*:x", "?x", "x?*"];

fn written_arns() -> Vec<String> {
    let mut all = Vec::new();
    for region in SEGMENTS {
        for account in SEGMENTS {
            for name in NAMES {
                all.push(format!("arn:aws:lambda:{region}:{account}:{name}"));
            }
        }
    }
    for few in ["*", "arn:*", "a?n:aws:lambda:*:x", "arn:aws:lambda:*b:*"] {
        all.push(few.to_owned());
    }
    for parts in [
        "arn:*:lambda:a:b:x",
        "arn:a?s:lambda:a:b:*",
        "*:aws:lambda:a:b:x",
        "?rn:*s:lambda:*:b:x",
        "*:aws:lambda:a:a:x",
        "?rn:*s:lambda:*:a:*",
    ] {
        all.push(parts.to_owned());
    }
    for service in ["arn:aws:*:a:b:x", "arn:aws:lambd?:a:b:x", "arn:aws:*:*:*:*"] {
        all.push(service.to_owned());
    }
    all
}

/// Every text of these letters up to a length.
fn texts(letters: &[&str], most: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..most {
        last = last
            .iter()
            .flat_map(|text| letters.iter().map(move |end| format!("{text}{end}")))
            .collect();
        all.extend(last.clone());
    }
    all
}

/// Resources as they may be asked for; those that are not ASCII go another way through the engine.
fn resources() -> Vec<String> {
    let mut all = Vec::new();
    for region in ["", "a", "b", "ab", "ba", "aab", "bbb"] {
        for account in ["", "a", "ab", "bab"] {
            for name in ["x", "zx", "x:x", "ab:x", "é:x", "éx", "a:b:x"] {
                all.push(format!("arn:aws:lambda:{region}:{account}:{name}"));
            }
        }
    }
    // A wildcard of an earlier segment must not swallow these.
    for odd in [
        "arn:aws:s3:lambda:a:b:x",
        "arn:a:s:lambda:a:b:x",
        "arn:s:aws:lambda:a:b:x",
    ] {
        all.push(odd.to_owned());
    }
    all
}

#[test]
fn a_written_resource_matches_what_it_says() {
    let resources = resources();
    let letters: Vec<Vec<char>> = resources
        .iter()
        .map(|text| text.chars().collect())
        .collect();
    let mut matched = 0;
    for written in written_arns() {
        let steps = steps(&written);
        let world = world("", vec![allow(&[&written])]);
        world.with_layers(|layers| {
            let compiled = Compiled::new(layers);
            let mut request = world.request.clone();
            request.resource_is_pattern = runs_on_before_one_that_stays(&steps);
            for (resource, letters) in resources.iter().zip(&letters) {
                request.resource.clone_from(resource);
                let fits = fits(&steps, letters);
                let expected = if fits {
                    Verdict::Allowed
                } else {
                    Verdict::ImplicitDeny
                };
                matched += usize::from(fits);
                assert_eq!(
                    compiled.verdict(&request),
                    expected,
                    "{written} for {resource}"
                );
            }
        });
    }
    assert!(matched > 5000, "{matched}");
}

/// Asked as patterns in the above: the engine lets `*` of `arn:aws:lambda:*:*a:x` run on only where patterns are compared, not where
/// one text is held against it. No ARN that AWS makes has a colon too many in its leading segments.
fn runs_on_before_one_that_stays(steps: &[Step]) -> bool {
    let colons = steps.iter().filter_map(|step| match step {
        Step::Letter(_) => None,
        Step::One { colon } | Step::Many { colon } => Some(*colon),
    });
    !colons.is_sorted()
}

/// What is asked for as a pattern is every ARN that it matches: allowed if every one is, denied if any one is.
#[test]
fn a_written_resource_covers_and_hits_what_its_members_say() {
    for region in ["a", "*", "*b", "a?*"] {
        for (account, name) in [("a", "x"), ("a", "*"), ("?", "?x")] {
            let asked = format!("arn:aws:lambda:{region}:{account}:{name}");
            let members = members(&steps_inside(&asked));
            assert!(!members.is_empty());
            for written in written_arns() {
                let steps = steps(&written);
                let hit = members.iter().any(|member| fits(&steps, member));
                let missed = members.iter().any(|member| !fits(&steps, member));

                let mut allowing = world(&asked, vec![allow(&[&written])]);
                allowing.request.resource_is_pattern = true;
                let expected = if !missed {
                    Verdict::Allowed
                } else {
                    Verdict::ImplicitDeny
                };
                assert_eq!(verdict(&allowing), expected, "{written} for all of {asked}");

                let mut denying = world(
                    &asked,
                    vec![allow(&["*"]), (Effect::Deny, vec![written.clone()])],
                );
                denying.request.resource_is_pattern = true;
                let expected = if hit {
                    Verdict::ExplicitDeny
                } else {
                    Verdict::Allowed
                };
                assert_eq!(verdict(&denying), expected, "{written} for any of {asked}");
            }
        }
    }
}

fn verdict(world: &World) -> Verdict {
    world.with_layers(|layers| Compiled::new(layers).verdict(&world.request))
}

/// The steps of what is asked for: there no wildcard leaves its segment.
fn steps_inside(asked: &str) -> Vec<Step> {
    let mut segment = 0;
    let step = |letter| {
        let colon = segment >= 5;
        segment += usize::from(letter == ':');
        match letter {
            '*' => Step::Many { colon },
            '?' => Step::One { colon },
            letter => Step::Letter(letter),
        }
    };
    asked.chars().map(step).collect()
}

/// Members enough to tell all the patterns here apart.
fn members(asked: &[Step]) -> Vec<Vec<char>> {
    // A wildcard of the Region or the account may reach into the name, which then has to hold what else is written there.
    let mut names = texts(&["x", "z", ":"], 3);
    for start in ["", ":", "z:"] {
        for account in texts(&["a", "b", "z"], 2) {
            for end in ["x", "z", "xz", "zx", "z:x"] {
                names.push(format!("{start}{account}:{end}"));
            }
        }
    }
    let mut all = Vec::new();
    for region in texts(&["a", "b", "z"], 2) {
        for account in ["", "a", "b", "z", "ab", "az", "za"] {
            for name in &names {
                let member: Vec<char> = format!("arn:aws:lambda:{region}:{account}:{name}")
                    .chars()
                    .collect();
                if fits(asked, &member) {
                    all.push(member);
                }
            }
        }
    }
    all
}

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
