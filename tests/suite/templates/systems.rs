//! The five systems that stand as exports stand as templates too, one for each account: the same is found in both.

use std::collections::BTreeSet;
use std::path::Path;

use pipeline_preflight::load::{Input, Settings};
use pipeline_preflight::rules::Severity;

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
