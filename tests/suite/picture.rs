//! `graph`: the right arrows, none lost, the same bytes every time, and names that obey no reader of any format.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use pipeline_preflight::check::{self, Decided};
use pipeline_preflight::report::{
    ArrowKind, Mark, NodeKind, PICTURE_FORMATS, Picture, picture, picture_format, picture_fragment,
    printable,
};
use pipeline_preflight::rules::Severity;
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};

use crate::cli::{code, err, folder, out, refused, run};
use crate::formats::hostile::{texts, world};
use crate::formats::{WORLDS, checked};
use crate::world::{cases, fixtures};

/// A check's result, and the picture of it.
fn drawn(case: &str) -> (check::Result, Picture) {
    let (result, _) = checked(case);
    let picture = picture(&result, result.needs.as_ref().unwrap());
    (result, picture)
}

fn written(format: &str, picture: &Picture, result: &check::Result) -> String {
    let mut bytes = Vec::new();
    (picture_format(format).unwrap().render)(picture, result, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Arrows by the labels of their ends.
fn arrows(picture: &Picture, mark: Mark) -> BTreeSet<(&str, ArrowKind, &str)> {
    let label = |node: usize| picture.nodes[node].label.as_str();
    let arrows = picture.arrows.iter().filter(|arrow| arrow.mark == mark);
    arrows
        .map(|arrow| (label(arrow.from), arrow.kind, label(arrow.to)))
        .collect()
}

#[test]
fn three_worlds_are_kept_in_every_format() {
    for (name, case) in WORLDS {
        let (result, picture) = drawn(case);
        for format in PICTURE_FORMATS {
            let text = written(format.name, &picture, &result);
            insta::assert_snapshot!(format!("{name}.{}", format.name), text);
        }
    }
}

/// As the fixtures' page says: neither project role has any access to bucket and key, and all the rest works.
#[test]
fn two_roles_without_access_are_four_denied_arrows() {
    let (result, picture) = drawn("codebuild-app-account/broken");
    let (build, test) = ("BookingBuildRole", "BookingIntegrationTestRole");
    let (bucket, key) = (
        "booking-pipeline-111111111111",
        "497db5c9-4023-4ab0-a858-7a34037c8fbb",
    );
    let needs = ArrowKind::Needs;
    let denied = [
        (build, needs, bucket),
        (build, needs, key),
        (test, needs, bucket),
        (test, needs, key),
    ];
    assert_eq!(arrows(&picture, Mark::Denied), BTreeSet::from(denied));
    for mark in [Mark::Undecided, Mark::Doubtful] {
        assert_eq!(arrows(&picture, mark), BTreeSet::new());
    }
    let allowed = arrows(&picture, Mark::Allowed);
    for expected in [
        ("booking", ArrowKind::ActsAs, "BookingPipelineRole"),
        ("Source", ArrowKind::ActsAs, "BookingPipelineRole"),
        ("Build", ArrowKind::ActsAs, "BookingBuildActionRole"),
        (
            "IntegrationTest",
            ArrowKind::ActsAs,
            "BookingBuildActionRole",
        ),
        ("codebuild.amazonaws.com", ArrowKind::ActsAs, build),
        ("BookingPipelineRole", needs, "BookingBuildActionRole"),
        ("BookingPipelineRole", needs, bucket),
        ("BookingBuildActionRole", needs, "booking-build"),
    ] {
        assert!(allowed.contains(&expected), "{expected:?}");
    }
    // Neither their own policies nor those of bucket and key grant it.
    let rules = |from: &str, to: &str| -> BTreeSet<&str> {
        let arrow = picture.arrows.iter().find(|arrow| {
            picture.nodes[arrow.from].label == from && picture.nodes[arrow.to].label == to
        });
        let findings = arrow.unwrap().findings.iter();
        findings
            .map(|&finding| result.findings[finding].rule.as_str())
            .collect()
    };
    for role in [build, test] {
        assert_eq!(
            rules(role, bucket),
            BTreeSet::from(["artifact-permission-missing", "bucket-policy-missing"])
        );
        assert_eq!(
            rules(role, key),
            BTreeSet::from(["key-permission-missing", "key-policy-missing"])
        );
    }
    let boxes: Vec<&str> = picture
        .accounts
        .iter()
        .map(|it| it.title.as_str())
        .collect();
    assert_eq!(boxes, ["account 111111111111", "account 222222222222"]);
    let account = |label: &str| {
        let node = picture.nodes.iter().find(|node| node.label == label);
        picture.accounts[node.unwrap().account].account.clone()
    };
    assert_eq!(account(bucket).as_deref(), Some("111111111111"));
    assert_eq!(account(build).as_deref(), Some("222222222222"));
}

/// As the fixtures' page says: the pipeline's role may not assume the image role.
#[test]
fn who_may_not_assume_is_denied_from_the_action_and_from_the_role() {
    let (_, picture) = drawn("ecr-to-ecs/broken-assume");
    let denied = [
        ("Image", ArrowKind::ActsAs, "OrdersImageSourceRole"),
        (
            "OrdersPipelineRole",
            ArrowKind::Needs,
            "OrdersImageSourceRole",
        ),
    ];
    assert_eq!(arrows(&picture, Mark::Denied), BTreeSet::from(denied));
}

/// No false alarm: what works in reality has no denied arrow; and no miss: no line of the requirements and no finding is lost.
#[test]
fn every_requirement_and_every_finding_has_its_place() {
    let (mut lines, mut findings) = (0, 0);
    for case in cases() {
        let (result, picture) = drawn(&case);
        if !case.contains("/broken") {
            assert_eq!(arrows(&picture, Mark::Denied), BTreeSet::new(), "{case}");
        }
        let needs = result.needs.as_ref().unwrap();
        for principal in &needs.principals {
            for need in &principal.needs {
                let mut all = picture.arrows.iter().flat_map(|arrow| &arrow.lines);
                let drawn = all.any(|line| {
                    line.principal == principal.name
                        && line.resource == need.resource
                        && line.operations == need.operations
                });
                assert!(drawn, "{case}: {} {:?}", principal.name, need.operations);
                lines += 1;
            }
        }
        for (index, finding) in result.findings.iter().enumerate() {
            let arrows = picture.arrows.iter();
            let arrows = arrows.filter(|arrow| arrow.findings.contains(&index));
            let worst = arrows.map(|arrow| arrow.mark).max();
            let node = picture
                .nodes
                .iter()
                .find(|node| node.findings.contains(&index));
            assert!(
                worst.is_some() || node.is_some(),
                "{case}: {}",
                finding.message
            );
            // What AWS denies and is an error is a red arrow.
            if finding.decision == Decided::Denied && finding.severity == Severity::Error {
                assert_eq!(worst, Some(Mark::Denied), "{case}: {}", finding.message);
            }
            findings += 1;
        }
    }
    assert!(lines > 500 && findings > 30, "{lines} {findings}");
}

/// Nothing of the other accounts is given: what is not known is not drawn as if it were.
#[test]
fn a_pipeline_alone_is_undecided() {
    let folder = folder();
    let output = run(folder.path(), ["graph", "pipeline.json"]);
    assert_eq!((code(&output), err(&output)), (0, ""));
    let chart = out(&output);
    assert!(chart.starts_with("flowchart LR\n"), "{chart}");
    assert!(chart.contains("|\"? "), "{chart}");
    assert!(
        !chart.contains("--x") && !chart.contains(" --> "),
        "{chart}"
    );
}

#[test]
fn whatever_is_drawn_the_end_is_0_and_what_cannot_be_drawn_is_2() {
    let folder = folder();
    let broken = fixtures("cases/codebuild-app-account/broken");
    let broken = broken.to_str().unwrap();
    for format in PICTURE_FORMATS {
        let file = format!("picture.{}", format.name);
        let words = ["graph", broken, "--format", format.name];
        let alone = run(folder.path(), words);
        assert_eq!((code(&alone), err(&alone)), (0, ""), "{}", format.name);
        let output = run(folder.path(), [&words[..], &["--output", &file]].concat());
        assert_eq!((code(&output), out(&output)), (0, ""));
        assert!(fs::read(folder.path().join(&file)).unwrap() == alone.stdout);
    }
    let default = run(folder.path(), ["graph", broken]);
    assert!(out(&default).starts_with("flowchart LR\n"));
    let one = ["graph", broken, "--pipeline", "booking"];
    assert_eq!(run(folder.path(), one).stdout, default.stdout);
    fs::write(folder.path().join("role.json"), r#"{"Role": {"Arn": "arn:aws:iam::111111111111:role/A", "RoleName": "A", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}}"#).unwrap();
    for words in [
        &["graph"][..],
        &["graph", "missing.json"],
        &["graph", "role.json"],
        &["graph", broken, "--pipeline", "other"],
        &["graph", broken, "--format", "png"],
        &["graph", broken, "--output", "none/picture.svg"],
    ] {
        refused(&run(folder.path(), words));
    }
}

/// Nothing of a hash map's order is in a picture.
#[test]
fn the_same_input_gives_the_same_bytes() {
    for (_, case) in WORLDS {
        let (result, picture) = drawn(case);
        let (_, again) = drawn(case);
        for format in PICTURE_FORMATS {
            let first = written(format.name, &picture, &result);
            assert!(written(format.name, &again, &result) == first);
            // Every map of hashes has an order of its own.
            for _ in 0..50 {
                assert!(written(format.name, &picture, &result) == first);
            }
        }
    }
}

#[test]
fn drawings_are_well_formed_and_refer_to_what_is_there() {
    for case in cases() {
        let (result, picture) = drawn(&case);
        let drawing = elements(&written("svg", &picture, &result));
        well_formed(&drawing, &picture);
        let (width, height, part) = picture_fragment(&picture, &result);
        assert!(width > 0 && height > 0);
        well_formed(&elements(&part), &picture);
        for text in [
            written("mermaid", &picture, &result),
            written("dot", &picture, &result),
        ] {
            for node in &picture.nodes {
                assert!(
                    text.contains(&format!(" {}", node.id)),
                    "{case}: {}",
                    node.id
                );
            }
        }
    }
}

/// An element's name and attributes.
type Element = (String, BTreeMap<String, String>);

fn elements(text: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(text);
    let mut elements = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.name().as_ref().to_owned();
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let key = attribute.key.as_ref().to_owned();
                    let value = quick_xml::escape::unescape(&attribute.value).unwrap();
                    (key, value.into_owned())
                });
                elements.push((name, attributes.collect()));
            }
            Event::Eof => return elements,
            Event::Text(_) | Event::End(_) | Event::Decl(_) | Event::GeneralRef(_) => {}
            other => panic!("{other:?} in a drawing"),
        }
    }
}

fn well_formed(elements: &[Element], picture: &Picture) {
    let known = ["svg", "g", "rect", "path", "text", "title", "desc", "style"];
    let mut ids = BTreeSet::new();
    for (name, attributes) in elements {
        assert!(known.contains(&name.as_str()), "{name}");
        for (attribute, value) in attributes {
            assert!(!attribute.starts_with("on") && attribute != "href");
            if attribute == "id" {
                assert!(ids.insert(value.clone()), "{value} twice");
            }
        }
    }
    let expected = picture.nodes.iter().map(|node| format!("node-{}", node.id));
    let arrows = picture.arrows.iter();
    for id in expected.chain(arrows.map(|arrow| format!("arrow-{}", arrow.id))) {
        assert!(ids.contains(&id), "{id}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn no_name_breaks_out_of_a_picture(texts in texts()) {
        let (result, _) = world(&texts, false);
        let picture = picture(&result, result.needs.as_ref().unwrap());
        for format in PICTURE_FORMATS {
            let text = written(format.name, &picture, &result);
            prop_assert_eq!(printable(&text), &*text, "{} gives orders to a terminal", format.name);
            match format.name {
                "svg" => well_formed(&elements(&text), &picture),
                "mermaid" => text.lines().for_each(mermaid),
                "dot" => dot(&text),
                other => panic!("what must {other} withstand?"),
            }
        }
    }
}

/// A line is one of those that the program writes, and between quotes there are only plain characters, their numbers, and breaks.
fn mermaid(line: &str) {
    let mut parts = line.split('"');
    let mut outside = String::new();
    while let Some(part) = parts.next() {
        outside.push_str(part);
        let Some(label) = parts.next() else { break };
        let label = label.replace("<br/>", "");
        let is_plain = |character: char| {
            character.is_ascii_alphanumeric() || " /:,.-#;✕…›?!\u{fffd}".contains(character)
        };
        assert!(label.chars().all(is_plain), "{label}");
        for behind in label.split('#').skip(1) {
            let (number, _) = behind.split_once(';').unwrap();
            assert!(number.parse::<u32>().is_ok(), "{label}");
        }
        outside.push('"');
    }
    assert!(!line.contains("```"), "{line}");
    let outside = outside.trim_start();
    if outside.starts_with("%% ") {
        assert!(!outside.contains('{'), "{outside}");
        return;
    }
    let words: Vec<&str> = outside.split(' ').collect();
    let is_id = |word: &str, letter: char| {
        let digits = word.strip_prefix(letter).unwrap_or_default();
        !digits.is_empty() && digits.trim_end_matches('p').parse::<u32>().is_ok()
    };
    let sound = match words.as_slice() {
        ["flowchart", "LR"] | ["direction", "LR"] | ["end"] => true,
        ["subgraph", rest] => {
            let id = rest.strip_suffix("[\"]").unwrap_or_default();
            is_id(id, 'b') || is_id(id, 'n')
        }
        ["linkStyle" | "classDef" | "class", ..] => true,
        [from, line, to] => {
            let line = line.strip_suffix("|\"|").unwrap_or(line);
            is_id(from, 'n') && is_id(to, 'n') && ["-->", "--x", "-.->"].contains(&line)
        }
        [node] => {
            let digits = node.split(['[', '(', '{']).next().unwrap();
            is_id(digits, 'n')
        }
        _ => false,
    };
    assert!(sound, "{line}");
}

/// Outside of quotes there is nothing but what the program writes.
fn dot(text: &str) {
    let mut outside = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        outside.push(character);
        if character != '"' {
            continue;
        }
        loop {
            match characters.next().expect("a closing quote") {
                '\\' => {
                    let escaped = characters.next().unwrap();
                    assert!("\\\"n".contains(escaped), "\\{escaped}");
                }
                '"' => break,
                '\n' => panic!("a line breaks inside quotes"),
                _ => {}
            }
        }
    }
    let plain = |character: char| {
        character.is_ascii_alphanumeric() || " \n{}[]=,;\"->_.".contains(character)
    };
    assert!(outside.chars().all(plain), "{outside}");
    assert_eq!(
        outside.matches('{').count(),
        outside.matches('}').count(),
        "{outside}"
    );
}

/// A pipeline of so many actions, each with a stack of its own, in so many accounts.
fn large(actions: usize, accounts: usize) -> (tempfile::TempDir, usize) {
    let path = "cases/cfn-cross-account/fixed/111111111111/us-east-1/codepipeline/shop-infrastructure.json";
    let text = fs::read_to_string(fixtures(path)).unwrap();
    let mut pipeline: Value = serde_json::from_str(&text).unwrap();
    let stages = pipeline["pipeline"]["stages"].as_array_mut().unwrap();
    let mut all = stages
        .iter()
        .flat_map(|stage| stage["actions"].as_array().unwrap());
    let model = all
        .find(|action| action.get("roleArn").is_some())
        .unwrap()
        .clone();
    stages.truncate(1);
    for stage in 0..actions.div_ceil(10) {
        let numbers = stage * 10..actions.min(stage * 10 + 10);
        let actions: Vec<Value> = numbers
            .map(|number| {
                let account = 200_000_000_000_u64 + (number % accounts) as u64;
                let mut action = model.clone();
                action["name"] = json!(format!("Deploy{number}"));
                action["roleArn"] = json!(format!("arn:aws:iam::{account}:role/Deploy"));
                action["configuration"]["StackName"] = json!(format!("shop-{number}"));
                action["configuration"]["RoleArn"] =
                    json!(format!("arn:aws:iam::{account}:role/Execute"));
                action
            })
            .collect();
        stages.push(json!({"name": format!("Stage{stage}"), "actions": actions}));
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pipeline.json"), pipeline.to_string()).unwrap();
    (folder, actions + 1)
}

/// Two hundred actions in thirty accounts: what is alike is drawn once, and nothing is lost.
#[test]
fn a_large_picture_stays_readable() {
    let (folder, actions) = large(200, 30);
    let catalogue = pipeline_preflight::rules::Catalogue::builtin().unwrap();
    let mut sources = pipeline_preflight::source::Sources::new();
    let input = pipeline_preflight::load::Input::Path(folder.path().to_owned());
    let loaded = pipeline_preflight::load::load(&mut sources, &[input]).unwrap();
    let options = check::Options::default();
    let result = check::run(&loaded.graph, &catalogue, &options);
    let needs = check::needs::needs(&loaded.graph, &catalogue, &options);
    assert_eq!(result.summary.actions, actions);
    let picture = picture(&result, &needs);
    assert!(picture.nodes.len() < 40, "{}", picture.nodes.len());
    let of_kind = |kind: NodeKind| -> usize {
        let nodes = picture.nodes.iter().filter(|node| node.kind == kind);
        nodes.map(|node| node.members.len().max(1)).sum()
    };
    assert_eq!(of_kind(NodeKind::Action), actions);
    // The pipeline's, and in each account one that deploys and one that CloudFormation takes up.
    assert_eq!(of_kind(NodeKind::Role), 1 + 30 * 2);
    let accounts = picture.accounts.iter();
    assert_eq!(
        accounts.map(|it| it.members.len().max(1)).sum::<usize>(),
        31
    );
    let lines: usize = needs.principals.iter().map(|one| one.needs.len()).sum();
    let drawn = picture
        .arrows
        .iter()
        .filter(|arrow| arrow.kind == ArrowKind::Needs);
    let drawn: usize = drawn.map(|arrow| arrow.lines.len()).sum();
    // Those of services, by which roles are taken up, are drawn as what they are.
    let services = needs
        .principals
        .iter()
        .filter(|one| one.name.ends_with(".amazonaws.com"));
    let services: usize = services.map(|one| one.needs.len()).sum();
    assert_eq!(drawn + services, lines);
    for format in PICTURE_FORMATS {
        let text = written(format.name, &picture, &result);
        assert!(text.len() < 300_000, "{} {}", format.name, text.len());
    }
    assert!(written("mermaid", &picture, &result).len() < 50_000);
}
