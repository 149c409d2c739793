//! The decision vectors of `fixtures/iam`, read as `authorize` reads them, and what a decision says beside its verdict.

#![cfg(test)]

use std::path::PathBuf;

use pipeline_preflight::authorize::{answer, missing_name};
use pipeline_preflight::graph::{Policy, Written};
use pipeline_preflight::iam::Verdict;
use pipeline_preflight::load::{self, Input, case::Case};
use pipeline_preflight::source::{Origin, Sources};
use serde_json::Value;

/// A text that stands nowhere.
pub(crate) fn written(text: &str) -> Written {
    Written {
        text: text.to_owned(),
        origin: Origin::NOWHERE,
    }
}

/// A policy from its JSON.
pub(crate) fn policy(json: &Value) -> Policy {
    let mut sources = Sources::new();
    let source = sources
        .add("policy.json", json.to_string().as_bytes())
        .expect("JSON");
    let root = sources.roots(source)[0].origin();
    load::policy::read(&mut sources, root, None).expect("a policy")
}

/// A case from its JSON.
pub(crate) fn case(json: &Value) -> Case {
    let input = Input::Stdin {
        bytes: json.to_string().into_bytes(),
        name: "case.json".to_owned(),
    };
    let mut cases = load::case::cases(&mut Sources::new(), &[input]).expect("a case");
    assert_eq!(cases.len(), 1);
    cases.remove(0)
}

#[test]
fn every_vector_is_decided_as_aws_would() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/iam");
    let mut sources = Sources::new();
    let cases = load::case::cases(&mut sources, &[Input::Path(folder)]).expect("cases");
    let mut failed = Vec::new();
    for case in &cases {
        let answer = answer(case, &sources);
        let decision = &answer.decision;
        let mut complaints = answer.differences.expect("an expectation");
        assert!(case.expected.decision.is_some() && case.expected.deciding.is_some());
        let unknown = decision.verdict == Verdict::Unknown;
        if unknown != case.expected.missing.is_some() || unknown == decision.missing.is_empty() {
            let missing: Vec<String> = decision.missing.iter().map(missing_name).collect();
            complaints.push(format!("missing {missing:?}"));
        }
        let denied = matches!(
            decision.verdict,
            Verdict::ExplicitDeny | Verdict::ImplicitDeny
        );
        if decision.withheld.is_empty() == denied {
            complaints.push(format!("withheld {:?}", decision.withheld));
        }
        for complaint in complaints {
            failed.push(format!("{}: {complaint}", case.id));
        }
    }
    println!("{} cases in all", cases.len());
    assert!(
        failed.is_empty(),
        "{}:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(cases.len() >= 489, "vectors were lost: {}", cases.len());
}
