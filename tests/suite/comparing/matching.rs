//! When a finding is known again, case by case: findings made by hand.

use pipeline_preflight::check::triage::compare;
use pipeline_preflight::check::{
    Affected, Change, Decided, Finding, ReportLayer, Result, Suppressed, SuppressedBy, Suppression,
};
use pipeline_preflight::rules::Severity;

/// `principals | operations | resources | actions`, each a list of letters.
fn finding(text: &str) -> Finding {
    let lists: Vec<Vec<String>> = text
        .split('|')
        .map(|list| list.split_whitespace().map(str::to_owned).collect())
        .collect();
    let affects = lists[3].iter().map(|action| Affected {
        pipeline: "arn:aws:codepipeline:eu-west-1:111111111111:app".to_owned(),
        stage: "Deploy".to_owned(),
        action: action.clone(),
    });
    Finding {
        rule: "permission-missing".to_owned(),
        severity: Severity::Error,
        decision: Decided::Denied,
        layer: ReportLayer::Identity,
        principals: lists[0].clone(),
        operations: lists[1].clone(),
        resources: lists[2].clone(),
        message: text.to_owned(),
        help: String::new(),
        documentation: Vec::new(),
        affects: affects.collect(),
        missing: Vec::new(),
        labels: Vec::new(),
        suggestion: None,
    }
}

fn result(findings: Vec<Finding>) -> Result {
    Result {
        findings,
        ..Result::default()
    }
}

/// What becomes of each finding of now, and which of before are fixed.
fn compared(before: Vec<Finding>, now: Vec<Finding>) -> (Vec<bool>, Vec<String>) {
    let mut now = result(now);
    compare(&mut now, result(before), "before");
    told(&now)
}

fn told(now: &Result) -> (Vec<bool>, Vec<String>) {
    let comparison = now.comparison.as_ref().unwrap();
    let new = comparison.changes.iter().map(|one| *one == Change::New);
    let fixed = comparison.fixed.iter().map(|one| one.message.clone());
    (new.collect(), fixed.collect())
}

fn each(before: &[&str], now: &[&str]) -> (Vec<bool>, Vec<String>) {
    let findings = |texts: &[&str]| texts.iter().map(|text| finding(text)).collect();
    compared(findings(before), findings(now))
}

const NEW: bool = true;
const OLD: bool = false;
const ONE: &str = "R|s3:Get|B|X";

#[test]
fn more_of_anything_is_new_and_less_is_not() {
    for more in [
        "R S|s3:Get|B|X",
        "R|s3:Get s3:Put|B|X",
        "R|s3:Get|B C|X",
        "R|s3:Get|B|X Y",
    ] {
        // Nothing is fixed either way: something of the same hole is left.
        assert_eq!(each(&[ONE], &[more]), (vec![NEW], vec![]), "{more}");
        assert_eq!(each(&[more], &[ONE]), (vec![OLD], vec![]), "{more}");
    }
    // In one more, in another less.
    assert_eq!(
        each(&["R|s3:Get s3:Put|B|X"], &["R|s3:Get|B|X Y"]),
        (vec![NEW], vec![])
    );
}

#[test]
fn what_shares_nothing_in_one_matter_is_another_finding() {
    for other in [
        "S|s3:Get|B|X",
        "R|s3:Put|B|X",
        "R|s3:Get|C|X",
        "R|s3:Get|B|Y",
    ] {
        assert_eq!(
            each(&[ONE], &[other]),
            (vec![NEW], vec![ONE.to_owned()]),
            "{other}"
        );
    }
    let mut other = finding(ONE);
    other.rule = "artifact-permission-missing".to_owned();
    let fixed = vec![ONE.to_owned()];
    assert_eq!(
        compared(vec![finding(ONE)], vec![other]),
        (vec![NEW], fixed.clone())
    );
    let mut other = finding(ONE);
    other.layer = ReportLayer::Boundary;
    assert_eq!(
        compared(vec![finding(ONE)], vec![other]),
        (vec![NEW], fixed)
    );
}

#[test]
fn places_wording_and_order_do_not_count() {
    let before = finding("R S|s3:Get s3:Put|B|X Y");
    let mut now = finding("S R|s3:Put s3:Get|B|Y X");
    now.message = "said better".to_owned();
    now.help = "another way".to_owned();
    assert_eq!(compared(vec![before], vec![now]), (vec![OLD], vec![]));
}

/// Two holes of different size become alike when the larger one is half mended, and are then told as one.
#[test]
fn what_was_told_in_two_and_is_told_in_one_is_not_new() {
    let two = ["R|s3:Get s3:Put|B|X", "S|s3:Get|B|Y"];
    assert_eq!(each(&two, &["R S|s3:Get|B|X Y"]), (vec![NEW], vec![]));
    let two = ["R|s3:Get s3:Put|B|X", "S|s3:Get|B|X"];
    assert_eq!(each(&two, &["R S|s3:Get|B|X"]), (vec![OLD], vec![]));
    // One of the two never lacked this.
    assert_eq!(each(&two, &["R S|s3:Put|B|X"]).0, [NEW]);
    // And the way back.
    assert_eq!(
        each(&["R S|s3:Get|B|X"], &["R|s3:Get|B|X", "S|s3:Get|B|X"]),
        (vec![OLD, OLD], vec![])
    );
}

/// Two statements of one policy with the same fault are two findings that say the same.
#[test]
fn a_second_finding_that_says_the_same_is_new() {
    assert_eq!(each(&[ONE], &[ONE, ONE]), (vec![OLD, NEW], vec![]));
    assert_eq!(each(&[ONE, ONE], &[ONE]), (vec![OLD], vec![ONE.to_owned()]));
    assert_eq!(each(&[ONE, ONE], &[ONE, ONE]), (vec![OLD, OLD], vec![]));
}

#[test]
fn what_weighs_more_than_before_is_new() {
    let mut warning = finding(ONE);
    warning.severity = Severity::Warning;
    let (error, warning) = (|| vec![finding(ONE)], || vec![warning.clone()]);
    assert_eq!(compared(warning(), error()), (vec![NEW], vec![]));
    assert_eq!(compared(error(), warning()), (vec![OLD], vec![]));
}

#[test]
fn what_is_ignored_now_is_not_fixed() {
    let mut now = result(Vec::new());
    now.suppressed.push(Suppressed {
        finding: finding(ONE),
        number: 1,
        suppression: Suppression {
            by: SuppressedBy::Comment,
            reason: Some("known".to_owned()),
            expires: None,
            origin: None,
        },
    });
    compare(&mut now, result(vec![finding(ONE)]), "before");
    assert_eq!(told(&now), (vec![], vec![]));
}

/// Whoever leaves out the export of a role has not mended it.
#[test]
fn what_cannot_be_decided_any_more_is_not_fixed() {
    let mut unseen = finding("R||R|X");
    unseen.rule = "role-unseen".to_owned();
    unseen.decision = Decided::Undecided;
    unseen.severity = Severity::Note;
    let of_another = Finding {
        affects: finding("R|||Y").affects,
        ..unseen.clone()
    };
    let fixed = vec![ONE.to_owned()];
    let before = || vec![finding(ONE)];
    assert_eq!(
        compared(before(), vec![unseen.clone()]),
        (vec![NEW], vec![])
    );
    assert_eq!(
        compared(before(), vec![of_another]),
        (vec![NEW], fixed.clone())
    );
    // It was unseen before, too, and that did not keep the other from being found.
    let both = vec![finding(ONE), unseen.clone()];
    assert_eq!(compared(both, vec![unseen]), (vec![OLD], fixed));
}

#[test]
fn findings_without_a_matter_compare_by_the_others() {
    assert_eq!(each(&["R|||X"], &["R|||X"]), (vec![OLD], vec![]));
    assert_eq!(each(&["R|||"], &["R|||X"]), (vec![NEW], vec![]));
    assert_eq!(each(&[], &["|||"]), (vec![NEW], vec![]));
    assert_eq!(each(&["|||"], &[]), (vec![], vec!["|||".to_owned()]));
}
