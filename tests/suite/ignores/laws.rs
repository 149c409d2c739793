//! What has to hold whatever the entries are.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use pipeline_preflight::check::{self, Finding};
use pipeline_preflight::load::{Ignore, Input, load};
use pipeline_preflight::rules::Severity;
use pipeline_preflight::source::Sources;
use proptest::prelude::*;
use proptest::sample::select;

use super::{CATALOGUE, Checked, entry};

const CASES: [&str; 4] = [
    "codebuild-app-account/broken",
    "codedeploy-ecs/broken",
    "cfn-cross-account/broken",
    "service-role-2018/working",
];

thread_local! {
    static SYSTEMS: Vec<Checked> = CASES.iter().map(|case| Checked::case(case)).collect();
}

/// Patterns of which some name something, some only a part, and some nothing.
fn patterns(of: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![2 => Just(None), 3 => select(of).prop_map(Some)]
}

fn entries() -> impl Strategy<Value = Vec<Ignore>> {
    let rules = select(
        &[
            "*",
            "*-missing",
            "bucket-policy-missing",
            "key-p*",
            "pass-role-missing",
            "permission-missing",
            "p*",
            "passed-role-in-other-account",
            "organization-policies-unseen",
            "ignore-*",
            "none",
            "*unseen*",
            "",
        ][..],
    );
    let one = (
        rules,
        patterns(&["*", "booking", "shop-*", "arn:*", "b*g", "none"]),
        patterns(&["*", "Build", "Test", "Deploy*", "none", ""]),
        patterns(&["*", "Build", "IntegrationTest", "*e*", "none", ""]),
        patterns(&[
            "*",
            "*BookingBuildRole",
            "arn:aws:iam::111111111111:*",
            "none",
        ]),
        patterns(&["*", "s3:*", "s3:GetObject", "kms:*", "iam:PassRole", "none"]),
        patterns(&["*", "arn:aws:s3:::*", "*/booking/*", "*:key/*", "none"]),
        patterns(&["2026-11-19", "2026-11-20", "2026-11-24", "2027-11-20"]),
    );
    let one = one.prop_map(
        |(rule, pipeline, stage, action, principal, operation, resource, expires)| {
            let mut words = entry("x");
            rule.clone_into(&mut words.rule);
            let text = |pattern: Option<&str>| pattern.map(str::to_owned);
            words.pipeline = text(pipeline);
            words.stage = text(stage);
            words.action = text(action);
            words.principal = text(principal);
            words.operation = text(operation);
            words.resource = text(resource);
            words.expires = expires.and_then(pipeline_preflight::load::day);
            words.reason = format!(
                "{rule} {pipeline:?} {stage:?} {action:?} {principal:?} {operation:?} {resource:?}"
            );
            words
        },
    );
    proptest::collection::vec(one, 0..5)
}

/// Patterns as another engine has them.
fn agrees(pattern: &Option<String>, text: &str) -> bool {
    let Some(pattern) = pattern else { return true };
    let pieces: Vec<String> = pattern.split('*').map(escape).collect();
    regex_lite::Regex::new(&format!("^(?s:{})$", pieces.join(".*")))
        .unwrap()
        .is_match(text)
}

fn escape(text: &str) -> String {
    text.chars()
        .map(|one| match one.is_ascii_alphanumeric() {
            true => one.to_string(),
            false => format!("\\{one}"),
        })
        .collect()
}

/// Everything that a finding says of the world, one by one.
fn cells(finding: &Finding) -> BTreeSet<[String; 7]> {
    let mut cells = BTreeSet::new();
    let actions: Vec<[String; 3]> = match finding.affects.is_empty() {
        true => vec![Default::default()],
        false => finding
            .affects
            .iter()
            .map(|one| [one.pipeline.clone(), one.stage.clone(), one.action.clone()])
            .collect(),
    };
    let operations = match finding.operations.is_empty() {
        true => vec![String::new()],
        false => finding.operations.clone(),
    };
    for [pipeline, stage, action] in &actions {
        for principal in &finding.principals {
            for operation in &operations {
                for resource in &finding.resources {
                    let cell = [
                        &finding.rule,
                        pipeline,
                        stage,
                        action,
                        principal,
                        operation,
                        resource,
                    ];
                    cells.insert(cell.map(Clone::clone));
                }
            }
        }
    }
    cells
}

fn names(entry: &Ignore, finding: &Finding) -> bool {
    cells(finding).iter().all(
        |[
            rule,
            pipeline,
            stage,
            action,
            principal,
            operation,
            resource,
        ]| {
            let name = pipeline.rsplit(':').next().unwrap();
            agrees(&Some(entry.rule.clone()), rule)
                && (agrees(&entry.pipeline, pipeline) || agrees(&entry.pipeline, name))
                && agrees(&entry.stage, stage)
                && agrees(&entry.action, action)
                && agrees(&entry.principal, principal)
                && agrees(&entry.operation, operation)
                && agrees(&entry.resource, resource)
        },
    )
}

fn all<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> BTreeSet<[String; 7]> {
    findings.into_iter().flat_map(cells).collect()
}

fn laws(
    before: &check::Result,
    after: &check::Result,
    entries: &[Ignore],
) -> Result<(), TestCaseError> {
    let own = |finding: &&Finding| finding.rule.starts_with("ignore-");
    let left: Vec<&Finding> = after.findings.iter().filter(|one| !own(one)).collect();
    let apart: Vec<&Finding> = after.suppressed.iter().map(|one| &one.finding).collect();
    // Nothing is lost and nothing is made up.
    let mut both = all(left.iter().copied());
    both.extend(all(apart.iter().copied()));
    prop_assert_eq!(all(&before.findings), both);
    // What is set apart is named whole by the entry that set it apart, which has not expired.
    for one in &after.suppressed {
        let reason = one.suppression.reason.as_ref().unwrap();
        let by: Vec<&Ignore> = entries
            .iter()
            .filter(|entry| entry.reason == *reason)
            .collect();
        prop_assert!(
            by.iter().any(|entry| names(entry, &one.finding)),
            "{:#?}",
            one
        );
        prop_assert!(
            by.iter()
                .any(|entry| entry.expires.is_none_or(|last| super::TODAY <= last))
        );
        prop_assert!(!own(&&one.finding));
        let structure =
            one.finding.layer.name() == "structure" || one.finding.decision.name() == "structure";
        prop_assert!(
            !(structure && one.finding.severity == Severity::Error && by[0].rule.contains('*'))
        );
    }
    // No entry makes an error, nor more of what there was.
    let errors = |result: &check::Result| {
        result
            .findings
            .iter()
            .filter(|one| one.severity == Severity::Error)
            .count()
    };
    prop_assert!(errors(after) <= errors(before));
    prop_assert!(left.len() <= before.findings.len());
    prop_assert!(
        after
            .findings
            .iter()
            .filter(own)
            .all(|one| one.severity < Severity::Error)
    );
    let summary = &after.summary;
    prop_assert_eq!(
        summary.errors + summary.warnings + summary.notes,
        after.findings.len()
    );
    prop_assert!(
        after
            .findings
            .is_sorted_by_key(|one| std::cmp::Reverse(one.severity))
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_vanishes_that_no_entry_names(entries in entries()) {
        SYSTEMS.with(|systems| {
            for system in systems {
                laws(&system.result(), &system.with(&entries), &entries)?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }

    /// Whatever comments and metadata say, reading them does not fail, and the same facts are read.
    #[test]
    fn no_comment_breaks_the_reading(
        said in "[ -~\u{e4}]{0,40}",
        line in 0_usize..90,
        start in select(&["# pipeline-preflight: ignore[", "# pipeline-preflight:", "#", "  # pipeline-preflight ignore["][..]),
    ) {
        let text = &*TOOLS;
        let lines: Vec<&str> = text.lines().collect();
        let comment = format!("{start}{said}");
        let with: Vec<String> = lines.iter().enumerate().map(|(number, &one)| match number == line {
            true => format!("{one} {comment}"),
            false => one.to_owned(),
        }).collect();
        let mut sources = Sources::new();
        let input = Input::Stdin { bytes: with.join("\n").into_bytes(), name: "t.yaml".to_owned() };
        let read = load(&mut sources, &[input]).unwrap();
        let mut plain = Sources::new();
        let input = Input::Stdin { bytes: text.clone().into_bytes(), name: "t.yaml".to_owned() };
        let expected = load(&mut plain, &[input]).unwrap();
        prop_assert_eq!(read.recognised.len(), expected.recognised.len());
        prop_assert!(CATALOGUE.findings.len() > 50);
    }
}

static TOOLS: LazyLock<String> = LazyLock::new(|| {
    std::fs::read_to_string("tests/fixtures/templates/readme/tools.yaml").unwrap()
});
