//! Every case folder decides what is right: all rules run over all cases, and what is printed is kept.

use crate::world::{cases, check, fixtures};

#[test]
fn fixed_systems_have_no_findings() {
    for case in cases().into_iter().filter(|case| case.ends_with("/fixed")) {
        let (result, _) = check(&fixtures("cases").join(&case));
        let rules: Vec<&str> = result
            .findings
            .iter()
            .map(|finding| finding.rule.as_str())
            .collect();
        assert!(
            rules.is_empty(),
            "{case}: {rules:?}\n{:#?}",
            result.findings
        );
        assert!(
            result.summary.requirements > 10,
            "{case} asks for next to nothing"
        );
        assert_eq!(
            result.summary.allowed, result.summary.requirements,
            "{case}"
        );
    }
}
