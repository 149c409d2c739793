//! Plans and states of Terraform: one pipeline across two accounts, seen at four times.

use pipeline_preflight::check::{self, Decided, Finding, Options, ReportLayer, Result};
use pipeline_preflight::graph::Graph;
use pipeline_preflight::load::{self, Input};
use pipeline_preflight::rules::{Catalogue, Severity};
use pipeline_preflight::source::Sources;

use crate::world::fixtures;

/// Before the first apply, with names that are made up or written down, and after it, as a plan and as a state.
const TIMES: [&str; 4] = ["unknown", "named", "applied", "state"];

fn shop(variant: &str, time: &str) -> (Result, Graph) {
    let path = fixtures(&format!("templates/terraform-shop/{variant}/{time}.json"));
    let mut sources = Sources::new();
    let loaded = load::load(&mut sources, &[Input::Path(path)]).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let options = Options {
        pipelines: Vec::new(),
        caller: None,
    };
    let catalogue = Catalogue::builtin().unwrap();
    let result = check::run(&loaded.graph, &catalogue, &options);
    (result, loaded.graph)
}

fn grave(result: &Result) -> Vec<&Finding> {
    let findings = result.findings.iter();
    findings
        .filter(|finding| finding.severity != Severity::Note)
        .collect()
}

#[test]
fn a_pipeline_that_lacks_nothing_gets_no_error_at_any_time() {
    for time in TIMES {
        let (result, _) = shop("fixed", time);
        let summary = &result.summary;
        assert_eq!((summary.pipelines, summary.actions), (1, 3), "{time}");
        assert_eq!(summary.denied, 0, "{time}");
        assert!(grave(&result).is_empty(), "{time}: {:?}", grave(&result));
        // Fixed names tell all there is to tell before the apply: the key's id is the only thing that nobody chose.
        if time != "unknown" {
            assert_eq!(summary.undecided, 0, "{time}");
        }
    }
}

#[test]
fn what_is_undecided_before_the_apply_is_what_may_stand_behind_the_arn_of_the_bucket() {
    let (result, graph) = shop("fixed", "unknown");
    let undecided = result.findings.iter().filter(|finding| {
        finding.decision == Decided::Undecided && finding.rule != "organization-policies-unseen"
    });
    let mut count = 0;
    for finding in undecided {
        count += 1;
        assert!(
            finding
                .operations
                .iter()
                .all(|name| name.starts_with("s3:")),
            "{:?}",
            finding.operations
        );
        let missing = finding.missing.join(" ");
        let missing = graph.symbols.shown(&missing);
        assert!(missing.contains(".resources[0]"), "{missing}");
        assert!(missing.contains("known after the apply"), "{missing}");
        assert!(missing.contains("terraform show -json"), "{missing}");
    }
    // Three roles, two kinds of resources each, and the bucket's own policy for the two foreign ones of them.
    assert!(count > 0 && result.summary.undecided >= count);
}

#[test]
fn a_grant_that_is_missing_is_found_at_its_layer_at_any_time() {
    for time in TIMES {
        let (result, graph) = shop("broken", time);
        let grave = grave(&result);
        let [finding] = grave.as_slice() else {
            panic!("{time}: {grave:?}");
        };
        assert_eq!(finding.rule, "key-policy-missing", "{time}");
        assert_eq!(finding.layer, ReportLayer::KeyPolicy, "{time}");
        assert_eq!(finding.severity, Severity::Error, "{time}");
        assert_eq!(
            finding.operations,
            ["kms:Decrypt", "kms:DescribeKey"],
            "{time}"
        );
        let principal = graph.symbols.shown(&finding.principals[0]);
        let role = "arn:aws:iam::222222222222:role/ShopDeployRole";
        assert!(principal.starts_with(role), "{time}: {principal}");
    }
}

#[test]
fn the_accounts_of_providers_are_told_by_what_stands_in_the_plan() {
    for time in TIMES {
        let (_, graph) = shop("fixed", time);
        let mut roles: Vec<String> = graph
            .roles
            .keys()
            .map(|arn| graph.symbols.shown(arn).into_owned())
            .map(|arn| arn.split('-').next().unwrap_or_default().to_owned())
            .collect();
        roles.sort();
        // Behind the first hyphen, that of `service-role` included, stands what may be made up.
        assert_eq!(
            roles,
            [
                "arn:aws:iam::111111111111:role/service",
                "arn:aws:iam::222222222222:role/ShopDeployRole",
                "arn:aws:iam::222222222222:role/ShopStackRole",
            ],
            "{time}"
        );
    }
}
