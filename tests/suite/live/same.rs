//! The same is found in live accounts and in the files that describe them.

use serde_json::Value;

use super::cloud::Cloud;
use super::manner::Manner;
use super::runs::System;
use crate::world::cases;

/// Whatever is said of live accounts without a doubt is said of their files.
#[test]
fn live_accounts_bring_about_no_denial_that_their_files_do_not() {
    for case in cases() {
        let system = System::of_case(&case);
        let cloud = Cloud::start(system.estate.clone(), Manner::default());
        let (live, files) = (system.check(&cloud), system.check_files());
        let new = live.settled_beyond(&files);
        assert!(new.is_empty(), "{case}: {new:#?}");
        assert!(cloud.operations().contains("iam:GetRole"), "{case}");
    }
}

#[test]
fn live_accounts_and_their_files_give_the_same_findings() {
    let mut faults = Vec::new();
    for case in cases() {
        let system = System::of_case(&case);
        let cloud = Cloud::start(system.estate.clone(), Manner::default());
        let live = system.check(&cloud);
        let files = system.check_files();
        let (live_findings, files_findings) = (live.findings(), files.findings());
        let only = |these: &[Value], those: &[Value]| {
            let only = these.iter().filter(|one| !those.contains(one));
            only.map(|one| one["message"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let (lost, new) = (
            only(&files_findings, &live_findings),
            only(&live_findings, &files_findings),
        );
        if !lost.is_empty() || !new.is_empty() || live.summary() != files.summary() {
            faults.push(format!(
                "{case}: {} → {}\n lost {lost:#?}\n new {new:#?}\n{}",
                files.summary(),
                live.summary(),
                live.errors
            ));
        }
        println!("{case}: {} calls", cloud.log().len());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
