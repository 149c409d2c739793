//! The five systems that stand as exports stand as templates too, one for each account: the same is found in both.

use std::collections::BTreeSet;
use std::path::Path;

use pipeline_preflight::load::{Input, Settings};
use pipeline_preflight::rules::Severity;

use super::corpus::{CORPUS, configuration};
use super::{Config, Run, run};

/// Each system, and the id of the key that AWS made up for it, if its template declares the key.
const SYSTEMS: &[(&str, &str)] = &[
    (
        "cfn-cross-account/fixed",
        "7349efaa-0c55-4c38-adfa-b941a6b0e6da",
    ),
    (
        "cfn-cross-account/broken",
        "7349efaa-0c55-4c38-adfa-b941a6b0e6da",
    ),
    (
        "codebuild-app-account/fixed",
        "497db5c9-4023-4ab0-a858-7a34037c8fbb",
    ),
    (
        "codebuild-app-account/broken",
        "497db5c9-4023-4ab0-a858-7a34037c8fbb",
    ),
    (
        "codecommit-child-role/fixed",
        "998ea3e0-1957-461e-a289-dbb2243c08ec",
    ),
    (
        "codecommit-child-role/broken",
        "998ea3e0-1957-461e-a289-dbb2243c08ec",
    ),
    (
        "codedeploy-ecs/fixed",
        "38447649-343c-4746-ad3a-ffeb1ed8aa4f",
    ),
    (
        "codedeploy-ecs/broken",
        "38447649-343c-4746-ad3a-ffeb1ed8aa4f",
    ),
    ("ecr-to-ecs/fixed", ""),
    ("ecr-to-ecs/broken-assume", ""),
    ("ecr-to-ecs/broken-bucket", ""),
    ("ecr-to-ecs/broken-key", ""),
];

fn of_templates(case: &str) -> Run {
    let folder = Path::new("tests/fixtures/templates").join(case);
    let found = Config::of(&folder).check(&folder);
    found.unwrap_or_else(|errors| panic!("{case}: {errors:#?}"))
}

fn of_snapshot(case: &str) -> Run {
    let folder = Path::new("tests/fixtures/cases").join(case);
    let found = run(&[Input::Path(folder)], &Settings::default());
    found.unwrap_or_else(|errors| panic!("{case}: {errors:#?}"))
}

/// The findings in lines; the id of a key is `KEY`, whether AWS made it up already or has still to.
fn lines(run: &Run, key: &str) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for line in run.lines(Severity::Note) {
        let mut text = line;
        if !key.is_empty() {
            text = text.replace(&format!(":key/{key}"), ":key/KEY");
        }
        while let Some((before, behind)) = text.split_once(":key/<")
            && let Some((_, rest)) = behind.split_once('>')
        {
            text = format!("{before}:key/KEY{rest}");
        }
        lines.insert(text);
    }
    lines
}

#[test]
fn templates_of_each_account_give_the_findings_of_its_snapshot() {
    let mut faults = Vec::new();
    for (case, key) in SYSTEMS {
        let (templates, snapshot) = (of_templates(case), of_snapshot(case));
        let (found, expected) = (lines(&templates, key), lines(&snapshot, key));
        for lacking in expected.difference(&found) {
            faults.push(format!("{case}: the templates lack {lacking}"));
        }
        for surplus in found.difference(&expected) {
            faults.push(format!("{case}: only the templates have {surplus}"));
        }
        let counts = |run: &Run| {
            let summary = &run.result.summary;
            [
                summary.pipelines,
                summary.actions,
                summary.requirements,
                summary.allowed,
                summary.denied,
                summary.undecided,
            ]
        };
        if counts(&templates) != counts(&snapshot) {
            faults.push(format!(
                "{case}: pipelines, actions, requirements, allowed, denied and undecided are {:?} in the templates and {:?} in the snapshot",
                counts(&templates),
                counts(&snapshot)
            ));
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// What only a template tells, or leaves out for an export to tell.
const ONLY_IN_TEMPLATES: [&str; 2] = ["note switched-off ", "note bootstrap-role-assumed "];

/// A published system, the export that it was put into by hand, and what that calls the things whose names AWS makes up.
type Published = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const PUBLISHED: &[Published] = &[
    (
        "NemmyM__CodePipeline-CrossAccount",
        "real-nemmym/working",
        &[
            ("12007887-fb45-0d41-a121-1f00356f6084", "<KMSKey>"),
            (
                "8ca3f9d3-d77f-82f5-b6c2-0113f9afa2ca",
                "<CodeStarConnection.id>",
            ),
        ],
    ),
    (
        "awslabs__aws-refarch-cross-account-pipeline",
        "real-refarch/working",
        &[],
    ),
    (
        "generated__aws-cdk-lib-2.276.0/cdk-classic-cross-account-cfn",
        "real-cdk-classic/working",
        &[],
    ),
    (
        "generated__aws-cdk-lib-2.276.0/cdk-pipelines-cross-account",
        "real-cdk-pipelines/working",
        &[(
            "PipelineStack-PPipelineSourceorgrepoCodePipelineActionRole4AE56F",
            "<PPipelineSourceorgrepoCodePipelineActionRole4AE56FFE>",
        )],
    ),
];

#[test]
fn published_templates_give_the_findings_of_what_they_were_resolved_to() {
    let mut faults = Vec::new();
    for (system, case, names) in PUBLISHED {
        let mut config = configuration(system);
        let exports = Path::new("tests/fixtures/cases").join(case);
        let up = "../".repeat(system.split('/').count() + 1);
        for account in ["111111111111", "222222222222", "333333333333"] {
            let path = exports.join(account).join("organizations.json");
            assert!(path.exists(), "{}", path.display());
            config
                .inputs
                .push(format!("{up}cases/{case}/{account}/organizations.json"));
        }
        let templates = config.check(&Path::new(CORPUS).join(system));
        let templates = templates.unwrap_or_else(|errors| panic!("{system}: {errors:#?}"));
        let snapshot = of_snapshot(case);
        let lines = |run: &Run| -> BTreeSet<String> {
            let lines = run.lines(Severity::Note).into_iter();
            lines
                .map(|line| {
                    names
                        .iter()
                        .fold(line, |line, (made_up, shown)| line.replace(made_up, shown))
                })
                .collect()
        };
        let (found, expected) = (lines(&templates), lines(&snapshot));
        for lacking in expected.difference(&found) {
            faults.push(format!("{case}: the templates lack {lacking}"));
        }
        for surplus in found.difference(&expected) {
            if !ONLY_IN_TEMPLATES
                .iter()
                .any(|rule| surplus.starts_with(rule))
            {
                faults.push(format!("{case}: only the templates have {surplus}"));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}
