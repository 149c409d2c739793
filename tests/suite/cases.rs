//! Every case folder decides what is right: all rules run over all cases, and what is printed is kept in `snapshots/`.

use std::path::Path;

use pipeline_preflight::check::Decided;
use pipeline_preflight::report::{self, Rendering, Style};
use pipeline_preflight::rules::Severity;

use crate::world::{World, cases, check, settled};

fn ending(end: &str) -> impl Iterator<Item = String> {
    let end = end.to_owned();
    cases().into_iter().filter(move |case| case.ends_with(&end))
}

/// Fixed systems with roles that no input can name, and how many notes say so; nothing else is left to say of them.
const UNNAMED: [(&str, usize); 1] = [("web-instances/fixed", 3)];

#[test]
fn fixed_systems_have_no_findings() {
    for case in ending("/fixed") {
        let (result, _) = check(&Path::new("tests/fixtures/cases").join(&case));
        let findings = settled(&result.findings);
        assert!(findings.is_empty(), "{case}: {findings:#?}");
        assert!(
            result.summary.requirements > 10,
            "{case} asks for next to nothing"
        );
        assert_eq!(result.summary.denied, 0, "{case}");
        let unnamed = UNNAMED.iter().find(|(known, _)| *known == case);
        let unnamed = unnamed.map_or(0, |(_, notes)| *notes);
        assert_eq!(result.findings.len(), unnamed, "{case}");
        if unnamed == 0 {
            assert_eq!(
                result.summary.allowed, result.summary.requirements,
                "{case}"
            );
        }
    }
}

#[test]
fn what_works_in_reality_has_no_error() {
    for case in ending("/working") {
        let (result, _) = check(&Path::new("tests/fixtures/cases").join(&case));
        let errors: Vec<_> = result
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{case}: {errors:#?}");
        assert_eq!(result.summary.pipelines, 1, "{case}");
    }
}

/// What was broken, as its author met it: the rule and the layer that has to be found as an error.
const BROKEN: &[(&str, &[(&str, &str)])] = &[
    (
        "cfn-cross-account/broken",
        &[("passed-role-in-other-account", "structure")],
    ),
    (
        "codebuild-app-account/broken",
        &[
            ("artifact-permission-missing", "identity"),
            ("bucket-policy-missing", "bucket-policy"),
            ("key-permission-missing", "identity"),
            ("key-policy-missing", "key-policy"),
        ],
    ),
    (
        "codecommit-child-role/broken",
        &[
            ("assume-role-missing", "identity"),
            ("bucket-policy-missing", "bucket-policy"),
            ("key-policy-missing", "key-policy"),
        ],
    ),
    (
        "codedeploy-ecs/broken",
        &[
            ("pass-role-missing", "identity"),
            ("permission-missing", "identity"),
        ],
    ),
    (
        "ecr-to-ecs/broken-assume",
        &[("assume-role-missing", "identity")],
    ),
    (
        "ecr-to-ecs/broken-bucket",
        &[("bucket-policy-missing", "bucket-policy")],
    ),
    (
        "ecr-to-ecs/broken-key",
        &[("key-permission-missing", "identity")],
    ),
];

#[test]
fn broken_systems_are_found_broken_where_they_are_and_nowhere_else() {
    for (case, expected) in BROKEN {
        let (result, _) = check(&Path::new("tests/fixtures/cases").join(case));
        let errors = result
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        let mut errors: Vec<(&str, &str)> = errors
            .map(|finding| (finding.rule.as_str(), finding.layer.name()))
            .collect();
        errors.sort_unstable();
        errors.dedup();
        assert_eq!(errors, *expected, "{case}");
        assert!(
            result
                .findings
                .iter()
                .all(|finding| finding.decision != Decided::Undecided),
            "{case}"
        );
    }
    let broken = cases().into_iter().filter(|case| case.contains("/broken"));
    let missing: Vec<String> = broken
        .filter(|case| !BROKEN.iter().any(|(known, _)| known == case))
        .collect();
    assert!(missing.is_empty(), "nothing is expected of {missing:?}");
}

#[test]
fn what_is_printed_is_kept() {
    for case in cases() {
        let (result, sources) = check(&Path::new("tests/fixtures/cases").join(&case));
        let rendering = Rendering {
            result: &result,
            sources: &sources,
            style: Style::plain(100),
        };
        // The others say the same in other words: `formats` keeps them for three worlds.
        for format in ["human", "json"].map(|name| report::format(name).unwrap()) {
            let mut bytes = Vec::new();
            (format.render)(&rendering, &mut bytes).unwrap();
            let name = format!("{}.{}", case.replace('/', "--"), format.name);
            insta::assert_snapshot!(name, String::from_utf8(bytes).unwrap());
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let render = || {
        let (result, sources) = check(Path::new(
            "tests/fixtures/cases/codebuild-app-account/broken",
        ));
        let rendering = Rendering {
            result: &result,
            sources: &sources,
            style: Style::plain(80),
        };
        let mut bytes = Vec::new();
        for format in report::FORMATS {
            (format.render)(&rendering, &mut bytes).unwrap();
        }
        bytes
    };
    assert_eq!(render(), render());
}

/// What nobody has seen is said beside what is denied, not only once that is mended.
#[test]
fn a_denial_does_not_hide_what_nobody_has_seen() {
    let mut world = World::of_case("codebuild-app-account/broken");
    world.remove("111111111111/s3/booking-pipeline-111111111111.json");
    let result = world.check();
    let found = |rule: &str, principal: &str| {
        result.findings.iter().any(|finding| {
            finding.rule == rule
                && finding
                    .principals
                    .iter()
                    .any(|one| one.ends_with(principal))
        })
    };
    assert!(found("artifact-permission-missing", "/BookingBuildRole"));
    assert!(found("bucket-policy-unseen", "/BookingBuildRole"));
}

/// A hole in one policy that breaks hundreds of actions stays readable; JSON names every place.
#[test]
fn a_finding_of_many_actions_stays_readable() {
    let mut world = World::of_case("cfn-cross-account/fixed");
    let file = "111111111111/us-east-1/codepipeline/shop-infrastructure.json";
    let stages = "/pipeline/stages";
    let pipeline = world.files.get_mut(file).unwrap();
    let model = pipeline.pointer(&format!("{stages}/1")).unwrap().clone();
    for index in 0..40 {
        let mut stage = model.clone();
        stage["name"] = format!("Deploy{index}").into();
        stage["actions"][0]["configuration"]["StackName"] = "other".into();
        let stages = pipeline.pointer_mut(stages).unwrap();
        stages.as_array_mut().unwrap().push(stage);
    }
    world.write(file);
    let (result, sources) = world.check_with_sources();
    assert_eq!(result.findings.len(), 1, "{:#?}", result.findings);
    let rendering = Rendering {
        result: &result,
        sources: &sources,
        style: Style::plain(100),
    };
    let mut bytes = Vec::new();
    (report::FORMATS[0].render)(&rendering, &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.lines().count() < 100, "{text}");
    assert!(text.contains("more places not shown"), "{text}");
    assert!(result.findings[0].labels.len() >= 40);
}
