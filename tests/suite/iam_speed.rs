//! The quick ways to an answer come to the same answer: layers compiled once or for one request, with a trace or without.

#![cfg(test)]

use std::path::PathBuf;

use pipeline_preflight::authorize;
use pipeline_preflight::iam::{
    Compiled, Context, ContextValue, Layer, Layers, Missing, Request, Verdict, decide,
};
use pipeline_preflight::load::{Input, case::cases};
use pipeline_preflight::source::Sources;
use proptest::prelude::*;
use proptest::sample::select;

use crate::iam::written;
use crate::iam_worlds::{pattern_or_one, simple};
use pipeline_preflight::graph::{Condition, Effect};

/// Holds the ways against each other.
fn same(request: &Request, layers: &Layers<'_>) {
    let (decision, compiled) = (decide(request, layers), Compiled::new(layers));
    assert_eq!(decision, compiled.decide(request));
    assert_eq!(decision.verdict, compiled.verdict(request));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn every_way_leads_to_the_same_answer(
        world in pattern_or_one(),
        unseen in prop::collection::vec(prop::bool::weighted(0.1), 7),
        action in select(&["s3:GetObject", "S3:getobject", "s3:PutObject", "kms:Decrypt", "kms:RetireGrant", "STS:AssumeRole", "sts:GetCallerIdentity", "iam:PassRole", "codebuild:BatchGetBuilds", "s3", ":", ""][..]),
        written_actions in prop::collection::vec(select(&["S3:GETOBJECT", "s3:get*", "s3:Get*", "?3:*", "s*", "s3", ":*", "*:*", "sts:Assume?ole", "kms:Decrypt", ""][..]), 0..6),
    ) {
        let mut world = world;
        world.request.action = action.to_owned();
        let mut at = 0;
        for statement in world.statements().into_iter().flatten() {
            if let Some(action) = written_actions.get(at) {
                statement.actions.push(written(action));
                at += 1;
            }
        }
        world.with_layers(|layers| {
            let mut layers = layers.clone();
            for (index, unseen) in unseen.iter().enumerate() {
                match index {
                    _ if !unseen => {}
                    0 => layers.identity = Layer::Unknown,
                    1 => layers.resource = Layer::Unknown,
                    2 => layers.boundary = Layer::Unknown,
                    3 => layers.session = Layer::Unknown,
                    4 => layers.scps = Layer::Unknown,
                    5 => layers.rcps = Layer::Unknown,
                    _ => if let Layer::Known(set) = &mut layers.identity {
                        set.unseen.push("Other".to_owned());
                    }
                }
            }
            same(&world.request, &layers);
        });
    }
}

#[test]
fn the_vectors_are_decided_alike_in_every_way() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/iam");
    let cases = cases(&mut Sources::new(), &[Input::Path(folder)]).expect("cases");
    assert!(cases.len() >= 489, "vectors were lost: {}", cases.len());
    for case in &cases {
        same(&authorize::request(case), &authorize::layers(case));
    }
}

/// Patterns made to be slow, everywhere where a pattern may stand; how many steps they take is counted beside the matching.
#[test]
fn hostile_patterns_are_decided() {
    let hostile = format!("{}b", "*a".repeat(64));
    let text = "a".repeat(2000);
    let mut world = simple(&text, vec![(Effect::Allow, vec![hostile.clone()])]);
    world.request.resource_is_pattern = false;
    assert_eq!(world.verdict(), Verdict::ImplicitDeny);
    world.request.resource.push('b');
    assert_eq!(world.verdict(), Verdict::Allowed);

    world.identity[0].conditions = vec![Condition {
        operator: written("StringLike"),
        key: written("aws:PrincipalTag/x"),
        values: vec![written(&hostile)],
    }];
    let known = |text: &str| ContextValue::Known(vec![text.to_owned()]);
    world.request.context = Context::default();
    world
        .request
        .context
        .set("aws:PrincipalTag/x", known(&text));
    assert_eq!(world.verdict(), Verdict::ImplicitDeny);
    let longer = format!("{text}b");
    world
        .request
        .context
        .set("aws:PrincipalTag/x", known(&longer));
    assert_eq!(world.verdict(), Verdict::Allowed);
    world.request.context.set(
        "aws:PrincipalTag/x",
        ContextValue::Like(hostile.replace('b', "c")),
    );
    let missing = vec![Missing::Context("aws:PrincipalTag/x".to_owned())];
    let (verdict, named) = world.decide(&world.request);
    assert!(verdict == Verdict::ImplicitDeny || named == missing);

    world.identity[0].conditions.clear();
    world.identity[0].actions = vec![written(&hostile)];
    world.request.action = format!("{text}b");
    assert_eq!(world.verdict(), Verdict::Allowed);

    // A pattern asked for is compared as a set, or found too intricate: never allowed without being covered.
    world.request.action = "s3:GetObject".to_owned();
    world.identity[0].actions = vec![written("s3:*")];
    world.request.resource = format!("arn:aws:s3:::{}", hostile.replace('b', "c"));
    world.request.resource_is_pattern = true;
    let verdict = world.with_layers(|layers| decide(&world.request, layers).verdict);
    assert!(matches!(verdict, Verdict::ImplicitDeny | Verdict::Unknown));
}
