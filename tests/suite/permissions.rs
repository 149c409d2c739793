//! `permissions`: what the tool has to be allowed, with and without the code that asks AWS.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cli::{code, err, folder, out, refused, run};

fn printed(words: &[&str]) -> String {
    let folder = folder();
    let output = run(folder.path(), [&["permissions"], words].concat());
    assert_eq!((code(&output), err(&output)), (0, ""));
    out(&output).to_owned()
}

/// The actions of the policy document for an account.
fn actions(whose: &str) -> BTreeSet<String> {
    let document: Value =
        serde_json::from_str(&printed(&["--for", whose, "--format", "json"])).unwrap();
    assert_eq!(document["Version"], "2012-10-17");
    let statements = document["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(
        (&statements[0]["Effect"], &statements[0]["Resource"]),
        (&"Allow".into(), &"*".into())
    );
    let actions = statements[0]["Action"].as_array().unwrap().iter();
    let actions: Vec<String> = actions
        .map(|one| one.as_str().unwrap().to_owned())
        .collect();
    let all: BTreeSet<String> = actions.iter().cloned().collect();
    // As IAM's own console writes them: each once, in order, none a pattern.
    assert!(actions.iter().eq(all.iter()), "{actions:?}");
    assert!(!all.iter().any(|action| action.contains('*')), "{all:?}");
    all
}

#[test]
fn people_see_every_account_and_how_managed_policies_compare() {
    insta::assert_snapshot!(printed(&[]));
}

#[test]
fn each_account_has_its_policy_document() {
    let [pipeline, other, management] = ["pipeline", "other", "management"].map(actions);
    assert!(other.is_subset(&pipeline));
    let more: Vec<&String> = pipeline.difference(&other).collect();
    assert_eq!(
        more,
        ["codepipeline:GetPipeline", "codepipeline:ListPipelines"]
    );
    assert!(
        management
            .iter()
            .all(|action| action.starts_with("organizations:"))
    );
    assert!(management.contains("organizations:DescribePolicy"));
    assert!(!other.contains("organizations:DescribePolicy"));
    // AWS asks nobody for a permission to make this call.
    assert!(!pipeline.contains("sts:GetCallerIdentity"));
}

#[test]
fn a_document_is_for_one_account() {
    let folder = folder();
    let output = run(folder.path(), ["permissions", "--format", "json"]);
    assert!(
        refused(&output).contains("--for <ACCOUNT>"),
        "{}",
        err(&output)
    );
    let list = printed(&["--for", "management"]);
    assert_eq!(
        list,
        "in the organization's management account, or one that may read its policies\n  \
         organizations DescribeOrganization, DescribePolicy, ListParents, ListPoliciesForTarget\n"
    );
}

/// What the text says of AWS's managed policies, by their documents of the days that it names.
#[test]
fn managed_policies_cover_what_is_said() {
    let text = std::fs::read_to_string("tests/fixtures/managed-reads.json").unwrap();
    let published: Value = serde_json::from_str(&text).unwrap();
    let said = printed(&[]);
    let needed: BTreeSet<String> = ["pipeline", "management"]
        .into_iter()
        .flat_map(actions)
        .collect();
    let lacking = |name: &str| {
        let policy = &published[name];
        let version = policy["version"].as_str().unwrap();
        let updated = policy["updated"].as_str().unwrap();
        assert!(
            said.contains(&format!("`{name}` ({version}, {updated}) allows all")),
            "{said}"
        );
        let allows = policy["allows"].as_array().unwrap();
        let allows: Vec<&str> = allows.iter().map(|one| one.as_str().unwrap()).collect();
        let allowed = |action: &str| {
            allows
                .iter()
                .any(|pattern| match pattern.strip_suffix('*') {
                    Some(begin) => action.starts_with(begin),
                    None => action == *pattern,
                })
        };
        let lacking = needed.iter().filter(|action| !allowed(action));
        lacking.map(String::as_str).collect::<Vec<_>>()
    };
    assert_eq!(lacking("ReadOnlyAccess"), [""; 0]);
    let connections = [
        "codeconnections:GetConnection",
        "codestar-connections:GetConnection",
    ];
    assert_eq!(lacking("SecurityAudit"), connections);
}
