//! The same is found in live accounts and in the files that describe them.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::Value;

use super::manner::Manner;
use super::runs::{Report, System, faults};
use crate::variations::variations;
use crate::world::cases;

/// What cases leave out, for it decides nothing there: of files nobody knows whether there is such a thing, AWS says that there is
/// none, which is one warning more, and what nobody knew of it before is no longer said.
const LEFT_OUT: [(&str, &str); 6] = [
    (
        "codebuild-private-network/fixed",
        "connection/5a1f2b76-9d3e-4a4f-8f5e-0b7d2d9f6c11",
    ),
    ("mobile-tools/fixed", "function:loyalty-freeze"),
    (
        "real-cdk-pipelines/working",
        "connection/00000000-0000-0000-0000-000000000000",
    ),
    (
        "real-nemmym/working",
        "connection/8ca3f9d3-d77f-82f5-b6c2-0113f9afa2ca",
    ),
    ("service-role-2018/working", "repository/forum"),
    ("site-and-functions/fixed", "function:thumbnails"),
];

/// The findings and the summary without what is said of things that the case leaves out.
fn told(case: &str, report: &Report) -> (Vec<Value>, Value) {
    let mut findings = report.findings();
    let mut summary = report.summary().clone();
    for (_, left) in LEFT_OUT.iter().filter(|(known, _)| *known == case) {
        let about = |finding: &Value| {
            let rule = finding["rule"].as_str().unwrap();
            let resource = finding["resource"].as_str().unwrap();
            resource.ends_with(left)
                && ["resource-not-found", "resource-policy-unseen"].contains(&rule)
        };
        for finding in findings.iter().filter(|finding| about(finding)) {
            let count = format!("{}s", finding["severity"].as_str().unwrap());
            summary[&count] = (summary[&count].as_u64().unwrap() - 1).into();
        }
        findings.retain(|finding| !about(finding));
    }
    for finding in &mut findings {
        // Keys of a condition are named in the order of the document, whose members are in the order of their names live; that
        // there is no role is told by a complete export, or by AWS's answer.
        if finding["rule"] == "condition-never-met" || finding["rule"] == "role-missing" {
            finding.as_object_mut().unwrap().remove("message");
        }
    }
    (findings, summary)
}

/// What differs between two reports, told so that somebody can see what is wrong.
fn difference(name: &str, live: &Report, files: &Report) -> Option<String> {
    let ((here, after), (there, before)) = (told(name, live), told(name, files));
    let only = |these: &[Value], those: &[Value]| {
        let only = these.iter().filter(|one| !those.contains(one));
        only.map(Value::to_string).collect::<Vec<_>>()
    };
    let (lost, new) = (only(&there, &here), only(&here, &there));
    let same = lost.is_empty() && new.is_empty() && before == after;
    (!same).then(|| {
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

/// How pipelines start, and who updates them: rules, buses, users and groups, which the systems themselves do not have.
#[test]
fn events_and_callers_are_looked_for_as_well() {
    let mut all = variations();
    let changed = ["starting", "caller"].map(|name| all.remove(name).unwrap());
    let known = Mutex::new(BTreeSet::new());
    none(&faults(changed.into_iter().flatten(), |variation| {
        let world = variation.world();
        let mut system = System::of(world.folder());
        if let Some(caller) = &variation.caller {
            system.words = vec!["--caller".to_owned(), caller.clone()];
        }
        let cloud = system.cloud(Manner::default());
        let (live, files) = (system.check(&cloud), system.check_files());
        known.lock().unwrap().extend(cloud.operations());
        // What files do not tell, AWS does.
        let decided = files.undecided() == 0 && !files.text.contains("unseen");
        let fault = match decided {
            true => difference(&variation.title, &live, &files),
            false => None,
        };
        fault.or_else(|| {
            // A caller that AWS does not know is no caller, where files that lack all users only do not tell.
            let ended = matches!(live.code, 0 | 1) || live.errors.contains("user/nobody-has-seen`");
            (!ended).then(|| format!("{}: {}", variation.title, live.errors))
        })
    }));
    let known = known.into_inner().unwrap();
    for operation in [
        "events:DescribeEventBus",
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "iam:GetUser",
    ] {
        assert!(known.contains(operation), "{operation} is not in {known:?}");
    }
}

/// Accounts that nobody gave access to are unknown, whatever is in them; their buckets are refused to strangers.
#[test]
fn closed_accounts_are_unknown() {
    none(&faults(cases().into_iter().step_by(4), |case| {
        let mut system = System::of_case(&case);
        system.is_closed = true;
        let cloud = system.cloud(Manner::default());
        let (live, files) = (system.check(&cloud), system.check_files());
        let mut new = live.settled_beyond(&files);
        new.retain(|finding| {
            let resource = finding["resource"].as_str().unwrap();
            let mut left = LEFT_OUT.iter().filter(|(known, _)| *known == case);
            !left.any(|(_, left)| resource.ends_with(left))
        });
        let strange = cloud.log().into_iter();
        let strange: Vec<String> = strange
            .filter(|entry| entry.account != system.account)
            .map(|entry| entry.operation)
            .collect();
        let wrong = !new.is_empty() || !strange.is_empty() || !matches!(live.code, 0 | 1);
        wrong.then(|| format!("{case}: {new:#?} {strange:?} {}", live.errors))
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

/// The name of a secret may end like the ARN of one, with a hyphen and six characters: by its ARN without the end that AWS adds
/// nothing is found then.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen>
#[test]
fn a_secret_is_found_though_its_name_ends_like_an_arn() {
    let mut system = System::of_case("codebuild-private-network/fixed");
    let mut renamed = 0;
    let mut rename = |value: &mut Value| {
        let before = value.to_string();
        let after = [
            (
                "secret:ledger/test-??????",
                "secret:ledger/test-secret-??????",
            ),
            (
                "secret:ledger/test-p0O9i8",
                "secret:ledger/test-secret-p0O9i8",
            ),
            (r#""ledger/test""#, r#""ledger/test-secret""#),
        ];
        let after = after
            .iter()
            .fold(before.clone(), |text, (old, new)| text.replace(old, new));
        renamed += usize::from(before != after);
        *value = serde_json::from_str(&after).unwrap();
    };
    let roles = system.estate.accounts.values_mut();
    roles
        .flat_map(|account| account.roles.values_mut())
        .for_each(&mut rename);
    let things = system.estate.things.values_mut();
    things.flat_map(|all| all.values_mut()).for_each(rename);
    assert_eq!(renamed, 3, "the role, the project and the secret");
    let report = system.check(&system.cloud(Manner::default()));
    let about = |finding: &Value| finding.to_string().contains("test-secret");
    let mut findings = report.findings();
    findings.retain(about);
    assert_eq!(findings, Vec::<Value>::new());
}
