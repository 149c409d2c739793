//! Decisions per second, by layers that were compiled once: the verdict alone, the decision with its trace, and `decide`, which
//! reads the layers anew each time; then from the text of a case. The last group holds patterns that were made to be slow.

#![expect(
    clippy::expect_used,
    reason = "a benchmark says what it takes for granted by panicking"
)]

use std::path::Path;

use divan::{Bencher, black_box};
use pipeline_preflight::authorize;
use pipeline_preflight::graph::{Condition, Effect, Policy, Statement, Version, Written};
use pipeline_preflight::iam::{
    Caller, Compiled, Context, ContextValue, Layer, Layers, PolicySet, Request, Verdict, decide,
};
use pipeline_preflight::load::Input;
use pipeline_preflight::load::case::{Case, cases};
use pipeline_preflight::source::{Origin, Sources};
use serde_json::Value;

fn main() {
    divan::main();
}

const ROLE: &str = "arn:aws:iam::111111111111:role/service-role/Build";
const OBJECT: &str = "arn:aws:s3:::artifacts-of-the-pipeline/web-site/SourceArti/a1B2c3D.zip";

/// A request with the documents that decide it, made once: a benchmark may keep them for ever.
struct Scene {
    request: Request,
    layers: Layers<'static>,
    expected: Verdict,
}

fn written(text: &str) -> Written {
    Written {
        text: text.to_owned(),
        origin: Origin::NOWHERE,
    }
}

fn allow(actions: &[&str], resources: &[&str]) -> Statement {
    let all = |texts: &[&str]| texts.iter().map(|text| written(text)).collect();
    Statement {
        sid: None,
        origin: Origin::NOWHERE,
        effect: Effect::Allow,
        principals: None,
        not_action: false,
        actions: all(actions),
        not_resource: false,
        resources: Some(all(resources)),
        conditions: Vec::new(),
    }
}

impl Scene {
    fn new() -> Self {
        let mut context = Context::default();
        for (key, value) in [
            ("aws:PrincipalOrgID", "o-1"),
            ("aws:PrincipalAccount", "111111111111"),
            ("aws:PrincipalArn", ROLE),
            ("aws:RequestedRegion", "eu-west-1"),
            ("aws:SecureTransport", "true"),
            ("aws:SourceIp", "203.0.113.7"),
            ("aws:CurrentTime", "2025-06-01T12:00:00Z"),
            ("s3:x-amz-server-side-encryption", "aws:kms"),
        ] {
            context.set(key, ContextValue::Known(vec![value.to_owned()]));
        }
        Self {
            request: Request {
                caller: Caller::Role {
                    arn: ROLE.to_owned(),
                    session: Some("one".to_owned()),
                },
                action: "s3:GetObject".to_owned(),
                resource: OBJECT.to_owned(),
                resource_is_pattern: false,
                context,
                caller_in_management_account: false,
                resource_in_management_account: false,
                caller_is_service_linked_role: false,
            },
            layers: Layers {
                resource_account: Some("111111111111".to_owned()),
                ..Layers::default()
            },
            expected: Verdict::Allowed,
        }
    }
}

fn set(policies: impl IntoIterator<Item = Vec<Statement>>) -> PolicySet<'static> {
    let policy = |statements| {
        &*Box::leak(Box::new(Policy {
            name: None,
            origin: Origin::NOWHERE,
            version: Version::V2012,
            statements,
        }))
    };
    PolicySet {
        policies: policies.into_iter().map(policy).collect(),
        unseen: Vec::new(),
    }
}

fn condition(operator: &str, key: &str, values: &[&str]) -> Condition {
    Condition {
        operator: written(operator),
        key: written(key),
        values: values.iter().map(|value| written(value)).collect(),
    }
}

/// A scene in the text of a case; the same scenes are put before another engine, see `tests/differential/README.md`.
fn text(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/scenes.json");
    let scenes = std::fs::read(file).expect("scenes");
    let scenes: Vec<Value> = serde_json::from_slice(&scenes).expect("JSON");
    let own = |scene: &&Value| scene.get("id").and_then(Value::as_str) == Some(name);
    scenes.iter().find(own).expect("a scene").to_string()
}

/// Reads a case as `authorize` does.
fn read(text: &str) -> Case {
    let bytes = text.as_bytes().to_vec();
    let name = "scene.json".to_owned();
    let cases = cases(&mut Sources::new(), &[Input::Stdin { bytes, name }]);
    cases.expect("a case").pop().expect("one case")
}

fn told(name: &str) -> Scene {
    let case = Box::leak(Box::new(read(&text(name))));
    // The other engine is held to the same expectation.
    assert_eq!(case.expected.decision.as_deref(), Some("Allowed"));
    Scene {
        request: authorize::request(case),
        layers: authorize::layers(case),
        expected: Verdict::Allowed,
    }
}

fn hostile() -> String {
    format!("{}b", "*a".repeat(64))
}

/// Denied only after all of the text has been walked.
fn hostile_scene(resource: &str, actions: &[&str]) -> Scene {
    let mut scene = Scene::new();
    scene.request.resource = format!("arn:aws:s3:::{}", "a".repeat(1000));
    scene.layers.identity = Layer::Known(set([vec![allow(actions, &[resource])]]));
    scene.expected = Verdict::ImplicitDeny;
    scene
}

fn hostile_resource() -> Scene {
    hostile_scene(&format!("arn:aws:s3:::{}", hostile()), &["s3:GetObject"])
}

fn hostile_segment() -> Scene {
    hostile_scene(
        &format!("arn:aws:s3:{}:111111111111:x", hostile()),
        &["s3:GetObject"],
    )
}

fn hostile_action() -> Scene {
    let mut scene = hostile_scene("*", &[&format!("s3:{}", hostile())]);
    scene.request.action = format!("s3:{}", "a".repeat(1000));
    scene
}

fn hostile_condition() -> Scene {
    let mut scene = hostile_scene("*", &["*"]);
    let mut all = allow(&["*"], &["*"]);
    all.conditions = vec![condition("StringLike", "aws:UserAgent", &[&hostile()])];
    scene.layers.identity = Layer::Known(set([vec![all]]));
    let agent = ContextValue::Known(vec!["a".repeat(1000)]);
    scene.request.context.set("aws:UserAgent", agent);
    scene
}

/// The same of texts that are not ASCII, which the automaton takes.
fn hostile_beyond_ascii() -> Scene {
    let mut scene = hostile_resource();
    scene.request.resource.push('é');
    scene
}

fn hostile_pattern_for_pattern() -> Scene {
    let mut scene = hostile_resource();
    scene.request.resource = format!("arn:aws:s3:::{}c", "*a".repeat(64));
    scene.request.resource_is_pattern = true;
    scene
}

/// Of all patterns without `?` the one for which the latest `*` has to be tried most often.
fn hostile_long() -> Scene {
    let mut scene = hostile_scene(
        &format!("arn:aws:s3:::*{}b*", "a".repeat(1000)),
        &["s3:GetObject"],
    );
    scene.request.resource.push_str(&"a".repeat(1000));
    scene
}

/// Several at once, which are more than a comparison walks through.
fn hostile_patterns_for_pattern() -> Scene {
    let mut scene = hostile_pattern_for_pattern();
    let some = ["*a", "*b", "*d"].map(|step| format!("arn:aws:s3:::{}e*", step.repeat(60)));
    let some = some.each_ref().map(String::as_str);
    scene.layers.identity = Layer::Known(set([vec![allow(&["s3:GetObject"], &some)]]));
    scene.expected = Verdict::Unknown;
    scene
}

fn hostile_condition_for_pattern() -> Scene {
    let mut scene = hostile_condition();
    let agent = ContextValue::Like(format!("{}c", "*a".repeat(64)));
    scene.request.context.set("aws:UserAgent", agent);
    scene
}

/// A pattern as the resource, three others that allow it, and all else hostile too.
fn hostile_everything() -> Scene {
    let mut scene = hostile_patterns_for_pattern();
    let some = ["*a", "*b", "*d"].map(|step| format!("arn:aws:s3:::{}e*", step.repeat(60)));
    let some = some.each_ref().map(String::as_str);
    let mut all = allow(&[&format!("s3:{}*", "*e".repeat(32)), "s3:*G*t*O*"], &some);
    all.conditions = vec![
        condition(
            "StringLike",
            "aws:UserAgent",
            &[&hostile(), &format!("{}*c", "*b".repeat(64))],
        ),
        condition("StringNotLike", "aws:PrincipalTag/x", &[&hostile()]),
    ];
    scene.layers.identity = Layer::Known(set([vec![all]]));
    for key in ["aws:UserAgent", "aws:PrincipalTag/x"] {
        let like = ContextValue::Like(format!("{}c", "*a".repeat(64)));
        scene.request.context.set(key, like);
    }
    scene
}

/// The dearest pattern for one text: a `*` to be tried anew at every place, with wildcards behind it that no search skips.
fn hostile_long_with_marks() -> Scene {
    let mut scene = hostile_long();
    let pattern = format!("arn:aws:s3:::*{}b*", "a?".repeat(500));
    scene.layers.identity = Layer::Known(set([vec![allow(&["s3:GetObject"], &[&pattern])]]));
    scene
}

/// As many hostile values as a policy holds.
fn hostile_conditions_for_pattern() -> Scene {
    let mut scene = hostile_condition_for_pattern();
    let values: Vec<String> = (0..40)
        .map(|at| format!("{}{at}", "*a".repeat(64)))
        .collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let mut all = allow(&["*"], &["*"]);
    all.conditions = vec![condition("StringLike", "aws:UserAgent", &values)];
    scene.layers.identity = Layer::Known(set([vec![all]]));
    scene
}

/// Makes a scene.
type Make = fn() -> Scene;

const SCENES: [(&str, Make); 4] = [
    ("a same account", || told("a same account")),
    ("b cross account", || told("b cross account")),
    ("c organization", || told("c organization")),
    ("d 20 policies", || told("d 20 policies")),
];

const HOSTILE: [(&str, Make); 12] = [
    ("everything", hostile_everything),
    ("long", hostile_long),
    ("long with marks", hostile_long_with_marks),
    ("conditions for pattern", hostile_conditions_for_pattern),
    ("patterns for pattern", hostile_patterns_for_pattern),
    ("condition for pattern", hostile_condition_for_pattern),
    ("resource", hostile_resource),
    ("segment", hostile_segment),
    ("action", hostile_action),
    ("condition", hostile_condition),
    ("beyond ASCII", hostile_beyond_ascii),
    ("pattern for pattern", hostile_pattern_for_pattern),
];

/// A scene by its name.
#[derive(Clone, Copy)]
struct Named((&'static str, Make));

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.0)
    }
}

fn scenes() -> impl Iterator<Item = Named> {
    SCENES.into_iter().map(Named)
}

fn hostile_scenes() -> impl Iterator<Item = Named> {
    HOSTILE.into_iter().map(Named)
}

/// The verdict alone.
#[divan::bench(args = scenes())]
fn verdict(bencher: Bencher<'_, '_>, named: Named) {
    let scene = named.0.1();
    let compiled = Compiled::new(&scene.layers);
    assert_eq!(compiled.verdict(&scene.request), scene.expected);
    bencher.bench_local(|| compiled.verdict(black_box(&scene.request)));
}

/// With the trace.
#[divan::bench(args = scenes())]
fn traced(bencher: Bencher<'_, '_>, named: Named) {
    let scene = named.0.1();
    let compiled = Compiled::new(&scene.layers);
    bencher.bench_local(|| compiled.decide(black_box(&scene.request)));
}

/// By layers that are read for the one request.
#[divan::bench(args = scenes())]
fn uncompiled(bencher: Bencher<'_, '_>, named: Named) {
    let scene = named.0.1();
    bencher.bench_local(|| decide(black_box(&scene.request), &scene.layers));
}

/// From the text of the case to the decision.
#[divan::bench(args = scenes())]
fn from_text(bencher: Bencher<'_, '_>, named: Named) {
    let text = text(named.0.0);
    bencher.bench_local(|| {
        let case = read(black_box(&text));
        decide(&authorize::request(&case), &authorize::layers(&case))
    });
}

/// Reading the layers once.
#[divan::bench(args = scenes())]
fn compile(bencher: Bencher<'_, '_>, named: Named) {
    let scene = named.0.1();
    bencher.bench_local(|| Compiled::new(black_box(&scene.layers)));
}

/// Patterns that were made to be slow.
#[divan::bench(args = hostile_scenes())]
fn hostile_verdict(bencher: Bencher<'_, '_>, named: Named) {
    let scene = named.0.1();
    let compiled = Compiled::new(&scene.layers);
    assert_eq!(compiled.verdict(&scene.request), scene.expected);
    bencher.bench_local(|| compiled.verdict(black_box(&scene.request)));
}

/// The same with the trace.
#[divan::bench(args = hostile_scenes())]
fn hostile_traced(bencher: Bencher<'_, '_>, named: Named) {
    let scene = named.0.1();
    let compiled = Compiled::new(&scene.layers);
    bencher.bench_local(|| compiled.decide(black_box(&scene.request)));
}
