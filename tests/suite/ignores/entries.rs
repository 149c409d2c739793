//! What entries of the configuration file cover, and what they leave.

use std::collections::BTreeSet;

use pipeline_preflight::check::triage::{self, Level, Weights};

use pipeline_preflight::load::SaidBy;

use super::{Checked, TODAY, entry, lines, suppressed};

/// What is found of a booking system whose build roles lack access to artifacts and key: of each of two roles what its own
/// policy lacks, and what the policies of bucket and key lack for both.
const ALL: [&str; 6] = [
    "error artifact-permission-missing: Build",
    "error artifact-permission-missing: IntegrationTest",
    "error bucket-policy-missing: Build IntegrationTest",
    "error key-permission-missing: Build",
    "error key-permission-missing: IntegrationTest",
    "error key-policy-missing: Build IntegrationTest",
];

const BUCKET: &str = ALL[2];
const BUCKET_OF_BUILD: &str = "error bucket-policy-missing: Build";
const BUCKET_OF_TEST: &str = "error bucket-policy-missing: IntegrationTest";
const UNUSED: &str = "warning ignore-unused: ";
const NEAR: &str = "note ignore-unused: ";

fn set(lines: &[&str]) -> BTreeSet<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

/// Entries, what they set apart, and what is left of the finding about the bucket's policy and said about the entries.
type Row = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const TABLE: &[Row] = &[
    (&["bucket-policy-missing"], &[BUCKET], &[]),
    (&["bucket-*"], &[BUCKET], &[]),
    (&["*"], &ALL, &[]),
    (&["bucket-policy"], &[], &[BUCKET, UNUSED]),
    (&["trust-missing"], &[], &[BUCKET, UNUSED]),
    (&["Bucket-policy-missing"], &[], &[BUCKET, UNUSED]),
    // One of two principals is not the finding.
    (
        &["bucket-policy-missing principal=*/BookingBuildRole"],
        &[],
        &[BUCKET, NEAR],
    ),
    (
        &["bucket-policy-missing principal=*/Booking*Role"],
        &[BUCKET],
        &[],
    ),
    (
        &["bucket-policy-missing principal=*/Other*"],
        &[],
        &[BUCKET, UNUSED],
    ),
    (
        &["artifact-permission-missing principal=*/BookingBuildRole"],
        &[ALL[0]],
        &[BUCKET],
    ),
    (
        &["bucket-policy-missing operation=s3:GetObject"],
        &[],
        &[BUCKET, NEAR],
    ),
    (&["bucket-policy-missing operation=s3:*"], &[BUCKET], &[]),
    (
        &["bucket-policy-missing resource=arn:aws:s3:::booking-pipeline-111111111111/*"],
        &[],
        &[BUCKET, NEAR],
    ),
    (
        &["bucket-policy-missing resource=arn:aws:s3:::booking-pipeline-111111111111*"],
        &[BUCKET],
        &[],
    ),
    (
        &["* operation=kms:* principal=*"],
        &[ALL[3], ALL[4], ALL[5]],
        &[BUCKET],
    ),
    // One of two actions is taken out, the finding stays for the other.
    (
        &["bucket-policy-missing action=Build"],
        &[BUCKET_OF_BUILD],
        &[BUCKET_OF_TEST],
    ),
    (
        &[
            "bucket-policy-missing action=Build",
            "bucket-policy-missing stage=Test",
        ],
        &[BUCKET_OF_BUILD, BUCKET_OF_TEST],
        &[],
    ),
    (&["bucket-policy-missing stage=* action=*"], &[BUCKET], &[]),
    (
        &["bucket-policy-missing stage=Build action=IntegrationTest"],
        &[],
        &[BUCKET, UNUSED],
    ),
    (&["bucket-policy-missing pipeline=booking"], &[BUCKET], &[]),
    (
        &["bucket-policy-missing pipeline=arn:aws:codepipeline:*:111111111111:booking"],
        &[BUCKET],
        &[],
    ),
    (
        &["bucket-policy-missing pipeline=book"],
        &[],
        &[BUCKET, UNUSED],
    ),
    (
        &["bucket-policy-missing action=Build principal=*/BookingBuildRole"],
        &[],
        &[BUCKET, NEAR],
    ),
    // Two that cover the same are both of use.
    (&["bucket-policy-missing", "bucket-*"], &[BUCKET], &[]),
    // Days.
    (
        &["bucket-policy-missing expires=2026-11-28"],
        &[BUCKET],
        &[],
    ),
    (
        &["bucket-policy-missing expires=2026-11-27"],
        &[BUCKET],
        &["note ignore-expired: Build IntegrationTest"],
    ),
    (
        &["bucket-policy-missing expires=2026-11-20"],
        &[BUCKET],
        &["note ignore-expired: Build IntegrationTest"],
    ),
    (
        &["bucket-policy-missing expires=2026-11-19"],
        &[],
        &[BUCKET, "warning ignore-expired: Build IntegrationTest"],
    ),
    (
        &["bucket-policy-missing action=Build expires=2026-11-19"],
        &[],
        &[BUCKET, "warning ignore-expired: Build IntegrationTest"],
    ),
    // What has expired beside what covers the same, or covers nothing, is to be removed.
    (
        &["bucket-policy-missing expires=2026-11-19", "bucket-*"],
        &[BUCKET],
        &[UNUSED],
    ),
    (
        &["trust-missing expires=2020-01-31"],
        &[],
        &[BUCKET, UNUSED],
    ),
    (&["ignore-unused"], &[], &[BUCKET, UNUSED]),
    (&["ignore-*", "trust-missing"], &[], &[BUCKET, UNUSED]),
];

#[test]
fn entries_cover_what_they_name_and_leave_the_rest() {
    let booking = Checked::case("codebuild-app-account/broken");
    assert_eq!(lines(&booking.result().findings), set(&ALL));
    for (entries, expected, left) in TABLE {
        let entries: Vec<_> = entries.iter().map(|words| entry(words)).collect();
        let result = booking.with(&entries);
        assert_eq!(suppressed(&result), set(expected), "{entries:#?}");
        let others = ALL
            .iter()
            .filter(|line| **line != BUCKET && !expected.contains(line));
        let mut left = set(left);
        left.extend(others.map(|&line| line.to_owned()));
        assert_eq!(lines(&result.findings), left, "{entries:#?}");
        let errors = result.findings.iter();
        let errors = errors.filter(|finding| finding.severity.name() == "error");
        assert_eq!(result.summary.errors, errors.count(), "{entries:#?}");
    }
}

#[test]
fn what_no_policy_mends_is_ignored_by_its_full_id_alone() {
    let shop = Checked::case("cfn-cross-account/broken");
    let expected = set(&["error passed-role-in-other-account: CreateChangeSet"]);
    assert_eq!(lines(&shop.result().findings), expected);
    let result = shop.with(&[entry("passed-role-in-other-account")]);
    assert_eq!(suppressed(&result), expected);
    assert!(result.findings.is_empty());
    for pattern in ["passed-role-*", "*", "passed-role-in-other-account*"] {
        let result = shop.with(&[entry(pattern)]);
        assert!(result.suppressed.is_empty(), "{pattern}");
        let found = &result.findings;
        assert_eq!(found.len(), 2, "{pattern}");
        assert!(found[1].message.contains("is not ignored by a pattern"));
    }
}

/// Who looks at one rule, or one pipeline, has not asked for the others.
#[test]
fn an_entry_that_was_not_asked_is_not_of_no_use() {
    let booking = Checked::case("codebuild-app-account/broken");
    let texts = |list: &[&str]| list.iter().map(|&one| one.to_owned()).collect();
    let said = |words: &str, weights: &Weights, whole: bool| {
        let entries = [entry(words)];
        let mut result = booking.result();
        triage::weigh(&mut result, weights);
        let mut ignoring = booking.ignoring(&entries, weights);
        ignoring.whole = whole;
        triage::ignore(&mut result, &ignoring);
        let own = result.findings.iter();
        own.filter(|one| one.rule.starts_with("ignore-")).count()
    };
    let none = Weights::default();
    let only = Weights {
        only: texts(&["bucket-policy-missing", "ignore-unused"]),
        ..Weights::default()
    };
    let skip = Weights {
        skip: texts(&["trust-missing"]),
        ..Weights::default()
    };
    let off = Weights {
        levels: [("trust-missing".to_owned(), Level::Off)].into(),
        ..Weights::default()
    };
    for (words, weights, whole, expected) in [
        ("trust-missing", &none, true, 1),
        ("trust-missing", &only, true, 0),
        ("trust-missing", &skip, true, 0),
        ("trust-*", &skip, true, 0),
        ("trust-missing", &off, true, 0),
        ("scp-missing", &skip, true, 1),
        ("trust-mising", &skip, false, 1),
        // Some of the pipelines.
        ("trust-missing", &none, false, 0),
        ("trust-missing pipeline=other", &none, false, 0),
        ("trust-missing pipeline=book*", &none, false, 0),
        ("trust-missing pipeline=booking", &none, false, 1),
        ("trust-missing pipeline=booking", &skip, false, 0),
        ("bucket-policy-missing", &only, true, 0),
    ] {
        assert_eq!(said(words, weights, whole), expected, "{words} {weights:?}");
    }
    // The findings about entries are weighed like all others.
    let quiet = Weights {
        skip: texts(&["ignore-unused"]),
        ..Weights::default()
    };
    assert_eq!(said("trust-missing", &quiet, true), 0);
}

/// The statement that is ignored keeps its fingerprint, and so does its twin.
#[test]
fn fingerprints_are_the_same_whether_a_finding_counts_or_not() {
    let booking = Checked::case("codebuild-app-account/broken");
    let before = booking.result().fingerprints();
    let result = booking.with(&[entry("bucket-policy-missing"), entry("key-*")]);
    let mut after = result.fingerprints();
    after.extend(result.suppressed.iter().map(|one| one.fingerprint()));
    let sorted = |mut prints: Vec<String>| {
        prints.sort();
        prints
    };
    assert_eq!(sorted(before), sorted(after));

    // Of three equal ones the second is set apart.
    let mut result = booking.result();
    let model = result.findings[0].clone();
    result.findings = vec![model.clone(), model.clone(), model];
    let before = result.fingerprints();
    let numbers = result.numbers();
    let finding = result.findings.remove(1);
    let entry = entry("*");
    result
        .suppressed
        .push(pipeline_preflight::check::Suppressed {
            finding,
            suppression: pipeline_preflight::check::Suppression {
                by: pipeline_preflight::check::SuppressedBy::Comment,
                reason: Some(entry.reason),
                expires: Some(TODAY.to_string()),
                origin: None,
            },
            number: numbers[1],
        });
    assert_eq!(
        result.fingerprints(),
        [before[0].clone(), before[2].clone()]
    );
    assert_eq!(result.suppressed[0].fingerprint(), before[1]);
}

/// A place that a finding only mentions is not what it is about: the entry is told where it belongs.
#[test]
fn an_entry_at_a_place_that_is_only_mentioned_covers_nothing() {
    let booking = Checked::case("codebuild-app-account/broken");
    let plain = booking.result();
    let of_role = plain
        .findings
        .iter()
        .find(|one| one.rule == "key-permission-missing");
    let role = of_role.unwrap().labels[0].clone();
    let of_bucket = plain
        .findings
        .iter()
        .find(|one| one.rule == "bucket-policy-missing");
    let bucket = of_bucket.unwrap().labels[0].clone();
    for (mentioned, within, left) in [
        (true, role.origin, &[BUCKET, NEAR][..]),
        (false, role.origin, &[BUCKET, UNUSED]),
        (true, bucket.origin, &[]),
    ] {
        let mut result = booking.result();
        result
            .findings
            .retain(|one| one.rule == "bucket-policy-missing");
        if mentioned {
            result.findings[0].labels.push(role.clone());
        }
        let mut entry = entry("bucket-policy-missing");
        entry.within = vec![within];
        entry.said_by = SaidBy::Comment;
        let entries = [entry];
        triage::ignore(
            &mut result,
            &booking.ignoring(&entries, &Weights::default()),
        );
        assert_eq!(lines(&result.findings), set(left));
        if mentioned && !left.is_empty() {
            assert_eq!(result.findings[1].labels[0].origin, bucket.origin);
        }
    }
}
