//! The same is found in live accounts and in the files that describe them.

use serde_json::Value;

use super::manner::Manner;
use super::runs::{Report, System, faults};
use crate::world::cases;

/// What differs between two reports, told so that somebody can see what is wrong.
fn difference(name: &str, live: &Report, files: &Report) -> Option<String> {
    let (here, there) = (live.findings(), files.findings());
    let only = |these: &[Value], those: &[Value]| {
        let only = these.iter().filter(|one| !those.contains(one));
        only.map(Value::to_string).collect::<Vec<_>>()
    };
    let (lost, new) = (only(&there, &here), only(&here, &there));
    let same = lost.is_empty() && new.is_empty() && live.summary() == files.summary();
    (!same).then(|| {
        let (before, after) = (files.summary(), live.summary());
        format!(
            "{name}: {before} → {after}\n lost {lost:#?}\n new {new:#?}\n{}",
            live.errors
        )
    })
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn live_accounts_and_their_files_give_the_same_findings() {
    none(&faults(cases(), |case| {
        let system = System::of_case(&case);
        let cloud = system.cloud(Manner::default());
        let live = system.check(&cloud);
        println!("{case}: {} calls", cloud.log().len());
        difference(&case, &live, &system.check_files())
    }));
}

/// The main use: what is about to be is in a file, all else is as AWS tells it.
#[test]
fn a_new_definition_is_checked_against_the_accounts_as_they_are() {
    none(&faults(cases().into_iter().step_by(3), |case| {
        let (system, mut today) = (System::of_case(&case), System::of_case(&case));
        let place = (system.account.clone(), system.region.clone());
        let things = today.estate.things.get_mut(&place).unwrap();
        things.retain(|path, _| !path.starts_with("codepipeline/"));
        let cloud = today.cloud(Manner::default());
        let live = system.check_new(&cloud);
        assert!(!cloud.operations().contains("codepipeline:GetPipeline"));
        difference(&case, &live, &system.check_files())
    }));
}

/// One item a page, and pages without items before, between and after them.
#[test]
fn pages_change_nothing() {
    none(&faults(cases().into_iter().skip(1).step_by(3), |case| {
        let system = System::of_case(&case);
        let manner = Manner {
            page: 1,
            empty_pages: true,
            ..Manner::default()
        };
        let cloud = system.cloud(manner);
        let live = system.check(&cloud);
        assert!(
            cloud
                .log()
                .iter()
                .any(|entry| entry.body.contains("-empty"))
        );
        difference(&case, &live, &system.check_files())
    }));
}

/// All pipelines of a Region by an asterisk, page by page.
#[test]
fn an_asterisk_stands_for_all_pipelines() {
    let mut system = System::of_case("cfn-cross-account/broken");
    let place = (system.account.clone(), system.region.clone());
    let things = system.estate.things.get_mut(&place).unwrap();
    let mut other = things["codepipeline/shop-infrastructure.json"].clone();
    other["pipeline"]["name"] = "shop-infrastructure-next".into();
    things.insert("codepipeline/other.json".to_owned(), other);
    system.pipelines = vec!["*".to_owned()];
    let manner = Manner {
        page: 1,
        empty_pages: true,
        ..Manner::default()
    };
    let report = system.check(&system.cloud(manner));
    assert_eq!(report.summary()["pipelines"], 2, "{}", report.errors);
    assert_eq!(report.code, 1);
}
