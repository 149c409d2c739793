//! What cannot be read is not known: it is said with the permission that lacks, and never taken for a fault of the set-up.

use std::collections::BTreeMap;

use super::manner::{ALWAYS, Manner, Trouble};
use super::runs::{Report, System, faults};

/// Systems that together have all that is ever asked for.
const SYSTEMS: [&str; 7] = [
    "landing-zone/working",
    "mobile-tools/fixed",
    "site-and-functions/fixed",
    "codebuild-private-network/fixed",
    "codedeploy-ecs/broken",
    "ecr-to-ecs/broken-bucket",
    "default-key/fixed",
];

/// Every operation that is called, with a system where it is, and what is found there when all goes well.
struct Looked {
    systems: Vec<(System, Report)>,
    by_operation: BTreeMap<String, usize>,
}

impl Looked {
    fn at(cases: &[&str]) -> Self {
        let mut systems = Vec::new();
        let mut by_operation = BTreeMap::new();
        for (index, case) in cases.iter().enumerate() {
            let system = System::of_case(case);
            let cloud = system.cloud(Manner::default());
            let report = system.check(&cloud);
            for operation in cloud.operations() {
                by_operation.entry(operation).or_insert(index);
            }
            systems.push((system, report));
        }
        by_operation.retain(|operation, _| !operation.starts_with("sts:"));
        Self {
            systems,
            by_operation,
        }
    }

    /// Lets one operation after the other go wrong.
    fn with(
        &self,
        trouble: Trouble,
        test: impl Fn(&str, &Report, &Report) -> Option<String> + Sync,
    ) -> Vec<String> {
        faults(&self.by_operation, |(operation, index)| {
            let (system, well) = &self.systems[*index];
            let cloud = system.cloud(Manner::with(operation, trouble));
            let report = system.check_with(&cloud, &[("AWS_MAX_ATTEMPTS", "1")]);
            cloud.log();
            let fault = test(operation, &report, well)?;
            let case = system.folder.display();
            Some(format!("{operation} in {case}: {fault}\n{}", report.errors))
        })
    }
}

/// The run ends, and nothing is said to be wrong that was not wrong before.
fn lied(operation: &str, report: &Report, well: &Report) -> Option<String> {
    if operation == "codepipeline:GetPipeline" {
        return (report.code != 2)
            .then(|| "without the pipeline there is nothing to do".to_owned());
    }
    if !matches!(report.code, 0 | 1) {
        return Some(format!("ended with {}", report.code));
    }
    let new = report.settled_beyond(well);
    (!new.is_empty()).then(|| format!("lies: {new:#?}"))
}

/// The permission for an operation: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
fn permission(operation: &str) -> &str {
    match operation {
        "s3:GetBucketEncryption" => "s3:GetEncryptionConfiguration",
        "s3:GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock",
        "s3:HeadBucket" => "s3:ListBucket",
        other => other,
    }
}

#[test]
fn what_may_not_be_read_is_unknown_and_the_permission_is_named() {
    let looked = Looked::at(&SYSTEMS);
    println!(
        "{} operations: {:?}",
        looked.by_operation.len(),
        looked.by_operation
    );
    let faults = looked.with(Trouble::Denied, |operation, report, well| {
        let permission = permission(operation);
        lied(operation, report, well).or_else(|| {
            let undecided = report.undecided() > well.undecided();
            let said = report.text.contains(permission);
            let told = report.errors.contains(permission);
            (!(said || !undecided && told)).then(|| format!("does not name {permission}"))
        })
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_fails_to_the_end_is_unknown() {
    let looked = Looked::at(&SYSTEMS);
    let faults = looked.with(Trouble::Broken(ALWAYS), lied);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// An answer in no language of the service, as proxies and gateways send them.
#[test]
fn what_is_no_answer_is_unknown() {
    let looked = Looked::at(&SYSTEMS[2..5]);
    let faults = looked.with(Trouble::Garbage, lied);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Where nothing may be read but the pipeline, nothing is an error.
#[test]
fn who_may_read_nothing_learns_nothing() {
    let faults = faults(SYSTEMS, |case| {
        let system = System::of_case(case);
        let mut manner = Manner::with("*", Trouble::Denied);
        let pipeline = ("codepipeline:GetPipeline".to_owned(), Trouble::Broken(0));
        manner.troubles.insert(0, pipeline);
        let report = system.check(&system.cloud(manner));
        let settled: Vec<_> = report
            .findings()
            .into_iter()
            .filter(|finding| finding["severity"] == "error" && finding["layer"] != "structure")
            .collect();
        let wrong = !settled.is_empty() || !matches!(report.code, 0 | 1) || report.undecided() == 0;
        wrong.then(|| format!("{case}: {} {settled:#?}\n{}", report.code, report.errors))
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

const SLOWED: [&str; 5] = [
    "iam:GetRole",
    "iam:GetRolePolicy",
    "s3:GetBucketPolicy",
    "kms:GetKeyPolicy",
    "codebuild:BatchGetProjects",
];

/// Each service says in its own way that there were too many calls; all are asked again.
#[test]
fn whoever_is_told_to_slow_down_asks_again() {
    let case = "codebuild-app-account/broken";
    let system = System::of_case(case);
    let well = system.check(&system.cloud(Manner::default()));
    let faults = faults(SLOWED, |operation| {
        let cloud = system.cloud(Manner::with(operation, Trouble::Throttled(2)));
        let report = system.check(&cloud);
        let same = report.findings() == well.findings() && report.summary() == well.summary();
        let counted = report.errors.contains(" 2 throttled");
        // To assume a role is a matter of the credentials, and counted nowhere.
        let log = cloud.log();
        let asked = log
            .iter()
            .filter(|entry| entry.operation != "sts:AssumeRole")
            .count();
        let requests = report.errors.contains(&format!(" {asked} requests"));
        (!same || !counted || !requests)
            .then(|| format!("{operation}: {same} {counted} {asked}\n{}", report.errors))
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn whoever_is_always_told_to_slow_down_knows_nothing() {
    let system = System::of_case("codebuild-app-account/broken");
    let well = system.check(&system.cloud(Manner::default()));
    let faults = faults(SLOWED, |operation| {
        let cloud = system.cloud(Manner::with(operation, Trouble::Throttled(ALWAYS)));
        let report = system.check_with(&cloud, &[("AWS_MAX_ATTEMPTS", "2")]);
        let fault = lied(operation, &report, &well);
        let fault = fault.or_else(|| {
            let known = report.undecided() <= well.undecided();
            known.then(|| "nothing is undecided".to_owned())
        });
        fault.map(|fault| format!("{operation}: {fault}\n{}", report.errors))
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Credentials may run out at any call; whatever was read until then is no answer.
#[test]
fn credentials_that_run_out_end_the_run_with_one_message() {
    let system = System::of_case("cfn-cross-account/broken");
    let all = system.cloud(Manner::default());
    system.check(&all);
    let faults = faults((0..all.log().len()).step_by(4), |calls| {
        let manner = Manner {
            expires_after: Some(calls),
            ..Manner::default()
        };
        let report = system.check(&system.cloud(manner));
        let told = report.errors.matches("error:").count();
        let wrong = report.code != 2 || !report.text.is_empty() || told != 1;
        wrong.then(|| format!("after {calls}: {}\n{}", report.code, report.errors))
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
