//! What is said of facts that AWS did not tell, of things that it says are not there, and of accounts that nobody looked into.
//!
//! Every text here was written by hand from what the files of the snapshot say.

use pipeline_preflight::check::{Finding, Result};
use serde_json::{Value, json};

use crate::world::World;

const CHILD: &str = "arn:aws:iam::333333333333:role/ChildRole";
const CHILD_FILE: &str = "333333333333/iam/roles/ChildRole.json";

fn refused(operation: &str, thing: &str, kind: &str, code: &str, message: &str) -> Value {
    json!([{ "Operation": operation, "Resource": thing, "Kind": kind, "Code": code, "Message": message }])
}

fn only<'r>(result: &'r Result, rule: &str) -> &'r Finding {
    assert_eq!(result.findings.len(), 1, "{:#?}", result.findings);
    assert_eq!(result.findings[0].rule, rule);
    &result.findings[0]
}

fn labels(finding: &Finding) -> Vec<&str> {
    finding
        .labels
        .iter()
        .map(|label| label.text.as_str())
        .collect()
}

/// Changes one file of a fixture and checks the whole.
fn with(case: &str, file: &str, change: impl FnOnce(&mut Value)) -> Result {
    let mut world = World::of_case(case);
    change(world.files.get_mut(file).unwrap());
    world.write(file);
    world.check()
}

#[test]
fn whoever_may_not_read_a_policy_is_named_with_the_permission() {
    let result = with("codecommit-child-role/fixed", CHILD_FILE, |role| {
        role.as_object_mut().unwrap().remove("RolePolicyList");
        role["Errors"] = refused(
            "iam:GetRolePolicy",
            CHILD,
            "denied",
            "AccessDenied",
            "User: arn:aws:iam::333333333333:user/ci is not authorized to perform: iam:GetRolePolicy on resource: role ChildRole because no identity-based policy allows the iam:GetRolePolicy action",
        );
    });
    let finding = only(&result, "policy-document-unseen");
    let what = format!(
        "the inline policies of `{CHILD}`, which `arn:aws:iam::333333333333:user/ci` may not read"
    );
    let help = format!(
        "allow `iam:GetRolePolicy` on `{CHILD}` to whoever runs this: `pipeline-preflight permissions` prints all that is needed"
    );
    assert!(
        finding.message.ends_with(&format!("for lack of {what}")),
        "{}",
        finding.message
    );
    assert_eq!(finding.help, help);
    assert_eq!(finding.missing, [format!("{what}: {help}")]);
    let told = "`arn:aws:iam::333333333333:user/ci` may not call `iam:GetRolePolicy`";
    assert_eq!(labels(finding).first(), Some(&told));
}

#[test]
fn what_aws_did_not_answer_is_to_be_asked_again() {
    let bucket = "arn:aws:s3:::booking-pipeline-111111111111";
    let file = "111111111111/s3/booking-pipeline-111111111111.json";
    let result = with("codebuild-app-account/fixed", file, |policy| {
        policy.as_object_mut().unwrap().remove("Policy");
        let message = "Please reduce your request rate.";
        policy["Errors"] = refused("s3:GetBucketPolicy", bucket, "failed", "SlowDown", message);
    });
    let finding = only(&result, "bucket-policy-unseen");
    let what = "the policy of the bucket `booking-pipeline-111111111111`, which AWS did not tell (`SlowDown`)";
    let help = "run again, for AWS did not answer `s3:GetBucketPolicy`";
    assert!(
        finding.message.ends_with(&format!("for lack of {what}")),
        "{}",
        finding.message
    );
    assert_eq!(finding.help, help);
    assert_eq!(finding.missing, [format!("{what}: {help}")]);
    assert_eq!(
        labels(finding)[0],
        "no answer to `s3:GetBucketPolicy`: `SlowDown`"
    );
}

/// A refused read of something else about the bucket does not explain why its policy is missing.
#[test]
fn a_refused_read_explains_only_what_it_would_have_told() {
    let bucket = "arn:aws:s3:::booking-pipeline-111111111111";
    let file = "111111111111/s3/booking-pipeline-111111111111.json";
    let result = with("codebuild-app-account/fixed", file, |policy| {
        policy.as_object_mut().unwrap().remove("Policy");
        let operation = "s3:GetBucketVersioning";
        policy["Errors"] = refused(operation, bucket, "denied", "AccessDenied", "Access Denied");
    });
    let finding = only(&result, "bucket-policy-unseen");
    assert!(
        finding.help.starts_with("add to the inputs the policy"),
        "{}",
        finding.help
    );
}

#[test]
fn a_bucket_that_is_not_there_is_told_once() {
    let bucket = "arn:aws:s3:::booking-pipeline-111111111111";
    let file = "111111111111/s3/booking-pipeline-111111111111.json";
    let result = with("codebuild-app-account/fixed", file, |whole| {
        let message = "The specified bucket does not exist";
        *whole = json!({ "Errors": refused("s3:GetBucketLocation", bucket, "absent", "NoSuchBucket", message) });
    });
    let finding = only(&result, "resource-not-found");
    assert_eq!(
        finding.message,
        format!(
            "`{bucket}` does not exist, for AWS answers `s3:GetBucketLocation` with `NoSuchBucket`"
        )
    );
    assert_eq!(result.summary.undecided, 0, "{:?}", result.summary);
    assert!(labels(finding).contains(&"AWS answers `s3:GetBucketLocation` with `NoSuchBucket`"));
    let stages: Vec<&str> = finding
        .affects
        .iter()
        .map(|one| one.stage.as_str())
        .collect();
    assert_eq!(stages, ["Source", "Build", "Test"]);
}

#[test]
fn a_role_that_aws_does_not_know_is_not_said_to_lack_in_an_export() {
    let result = with("codecommit-child-role/fixed", CHILD_FILE, |whole| {
        let message = "The role with name ChildRole cannot be found.";
        *whole =
            json!({ "Errors": refused("iam:GetRole", CHILD, "absent", "NoSuchEntity", message) });
    });
    let finding = only(&result, "role-missing");
    assert_eq!(
        finding.message,
        format!("there is no role `{CHILD}`, for AWS answers `iam:GetRole` with `NoSuchEntity`")
    );
    assert!(labels(finding).contains(&"this role does not exist"));
    assert!(labels(finding).contains(&"AWS answers `iam:GetRole` with `NoSuchEntity`"));
}

#[test]
fn grants_that_nobody_may_list_leave_a_denial_open() {
    let file = "111111111111/us-west-2/kms/998ea3e0-1957-461e-a289-dbb2243c08ec.json";
    let key = "arn:aws:kms:us-west-2:111111111111:key/998ea3e0-1957-461e-a289-dbb2243c08ec";
    let result = with("codecommit-child-role/fixed", file, |whole| {
        let policy: Value = serde_json::from_str(whole["Policy"].as_str().unwrap()).unwrap();
        let mut policy = policy;
        policy["Statement"].as_array_mut().unwrap().remove(1);
        whole["Policy"] = policy.to_string().into();
        whole.as_object_mut().unwrap().remove("Grants");
        whole["Errors"] = refused(
            "kms:ListGrants",
            key,
            "denied",
            "AccessDeniedException",
            "not authorized",
        );
    });
    let finding = only(&result, "key-policy-unseen");
    assert!(
        finding.message.ends_with(&format!(
            "for lack of the grants of the key `{key}`, which whoever asked may not read"
        )),
        "{}",
        finding.message
    );
    assert_eq!(finding.principals, [CHILD]);
    assert!(
        finding
            .help
            .starts_with(&format!("allow `kms:ListGrants` on `{key}` to "))
    );
    assert_eq!(result.summary.denied, 0, "{:?}", result.summary);
}

#[test]
fn an_organization_that_nobody_may_read_is_named_once_with_the_permission() {
    let mut world = World::of_case("cfn-cross-account/fixed");
    for account in ["111111111111", "222222222222"] {
        let file = format!("{account}/organizations.json");
        let operation = "organizations:ListPoliciesForTarget";
        let message = "User: arn:aws:iam::111111111111:user/ci is not authorized to perform: organizations:ListPoliciesForTarget";
        let errors = refused(
            operation,
            account,
            "denied",
            "AccessDeniedException",
            message,
        );
        world
            .files
            .insert(file.clone(), json!({ "Errors": errors }));
        world.write(&file);
    }
    let result = world.check();
    let finding = only(&result, "organization-policies-unseen");
    assert!(
        finding
            .message
            .ends_with("; `arn:aws:iam::111111111111:user/ci` may not read them"),
        "{}",
        finding.message
    );
    assert_eq!(
        finding.help,
        "allow `organizations:ListPoliciesForTarget` in the organization's management account to whoever runs this: \
         `pipeline-preflight permissions` prints all that is needed"
    );
}

/// Of an account that nobody looked into, whoever has access takes a snapshot; of one that is known in part, the part is asked for.
#[test]
fn an_account_of_which_nothing_is_known_is_supplied_by_a_snapshot() {
    let offer = "; or run `pipeline-preflight snapshot --input <the pipeline's files> --output snapshot` with access to account 222222222222, and add the folder to the inputs";
    let mut world = World::of_case("codebuild-app-account/fixed");
    for file in world.files.keys().cloned().collect::<Vec<_>>() {
        if file.starts_with("222222222222/") {
            world.remove(&file);
        }
    }
    let offers = |result: &Result| {
        let undecided = ["role-unseen", "resource-unseen"];
        let findings = result.findings.iter();
        let findings = findings.filter(|finding| undecided.contains(&finding.rule.as_str()));
        let offered: Vec<bool> = findings
            .map(|finding| finding.help.ends_with(offer) && finding.missing[0].ends_with(offer))
            .collect();
        assert!(!offered.is_empty(), "{:#?}", result.findings);
        offered
    };
    assert!(offers(&world.check()).into_iter().all(|offered| offered));
    let file = "222222222222/ap-southeast-2/codebuild/booking-build.json";
    let whole = World::of_case("codebuild-app-account/fixed");
    world
        .files
        .insert(file.to_owned(), whole.files[file].clone());
    world.write(file);
    assert!(offers(&world.check()).into_iter().all(|offered| !offered));
}
