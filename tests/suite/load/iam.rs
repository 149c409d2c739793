//! Exports, roles, inline and managed policies, organizations, and facts that come twice.

use super::*;

#[test]
fn an_export_tells_all_about_its_roles() {
    let boundary = r#", "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::222222222222:policy/B"}, "Tags": [{"Key": "team", "Value": "shop"}]"#;
    let policies = r#""Policies": [{"Arn": "arn:aws:iam::222222222222:policy/P", "DefaultVersionId": "v2", "PolicyVersionList": [
        {"VersionId": "v1", "IsDefaultVersion": false, "Document": {"Statement": []}},
        {"VersionId": "v2", "IsDefaultVersion": true, "Document": {"Statement": {"Effect": "Allow", "Action": "a:B", "Resource": "*"}}}]},
        {"Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "PolicyVersionList": []}]"#;
    let text = export(
        &[
            role("Full", &format!("{LISTS}{boundary}")),
            role("Bare", LISTS),
        ]
        .join(","),
        "",
    )
    .replace(r#""Policies": []"#, policies);
    let loaded = read(&[("e.json", &text)]);
    let graph = &loaded.graph;
    assert!(graph.accounts["222222222222"].roles_complete);
    let full = &graph.roles["arn:aws:iam::222222222222:role/x/Full"];
    let arns = |list: &[AttachedPolicy]| list.iter().map(|p| p.arn.clone()).collect::<Vec<_>>();
    assert_eq!(
        arns(full.attached.known().expect("attached")),
        ["arn:aws:iam::222222222222:policy/P"]
    );
    assert_eq!(full.inline, Fact::Known(Vec::new()));
    assert_eq!(
        full.boundary.known().map(|b| b.arn.as_str()),
        Some("arn:aws:iam::222222222222:policy/B")
    );
    assert_eq!(full.tags.known().expect("tags")["team"], "shop");
    assert_eq!(full.unique_id.as_deref(), Some("AROAFull"));
    assert!(full.trust.known().is_some());
    let bare = &graph.roles["arn:aws:iam::222222222222:role/x/Bare"];
    assert_eq!(bare.boundary, Fact::Absent);
    assert_eq!(bare.tags, Fact::Absent);
    let policy = graph.policies["arn:aws:iam::222222222222:policy/P"]
        .document
        .known()
        .expect("default version");
    assert_eq!(policy.statements.len(), 1);
    assert!(
        graph.policies["arn:aws:iam::aws:policy/ReadOnlyAccess"]
            .document
            .is_unseen()
    );
    let absent = graph.role("arn:aws:iam::222222222222:role/Other");
    assert!(matches!(absent, Fact::Absent));
}

#[test]
fn an_export_tells_of_users_and_groups() {
    let user = r#""UserDetailList": [
        {"UserName": "jane", "UserId": "AIDAJANE", "Arn": "arn:aws:iam::222222222222:user/people/jane", "GroupList": ["Releases"],
         "AttachedManagedPolicies": [{"PolicyName": "P", "PolicyArn": "arn:aws:iam::222222222222:policy/P"}],
         "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::222222222222:policy/B"}, "Tags": [{"Key": "team", "Value": "shop"}]}]"#;
    let group = r#""GroupDetailList": [
        {"GroupName": "Releases", "Arn": "arn:aws:iam::222222222222:group/x/Releases", "AttachedManagedPolicies": [],
         "GroupPolicyList": [{"PolicyName": "Update", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "a:B", "Resource": "*"}}}]}]"#;
    let text = export(&role("A", LISTS), "")
        .replace(r#""UserDetailList": []"#, user)
        .replace(r#""GroupDetailList": []"#, group);
    let graph = read(&[("e.json", &text)]).graph;
    let Fact::Known(jane) = graph.user("arn:aws:iam::222222222222:user/people/jane") else {
        unreachable!("the export tells of her");
    };
    // Lists of inline policies are left out where there are none.
    assert_eq!(jane.inline, Fact::Absent);
    assert_eq!(jane.groups, Fact::Known(vec!["Releases".to_owned()]));
    assert_eq!(jane.attached.known().map(Vec::len), Some(1));
    assert!(jane.boundary.known().is_some() && jane.tags.known().is_some());
    assert_eq!(jane.unique_id.as_deref(), Some("AIDAJANE"));
    let releases = graph.group("222222222222", "Releases").expect("the group");
    assert_eq!(releases.inline.known().map(Vec::len), Some(1));
    assert!(graph.group("111111111111", "Releases").is_none());
    let other = "arn:aws:iam::222222222222:user/joe";
    assert!(matches!(graph.user(other), Fact::Absent));
    // An export with `--filter Role` says nothing of users.
    let graph = read(&[("e.json", &export(&role("A", LISTS), ""))]).graph;
    assert!(graph.user(other).is_unseen());
}

#[test]
fn a_single_user_and_a_single_group_say_nothing_of_others() {
    let jane = "arn:aws:iam::222222222222:user/people/jane";
    let described = r#""User": {"UserName": "jane", "UserId": "AIDAJANE", "Arn": "arn:aws:iam::222222222222:user/people/jane"}"#;
    let lists = r#", "UserPolicyList": [{"PolicyName": "Own", "PolicyDocument": {"Statement": []}}], "GroupList": ["Releases"],
        "AttachedManagedPolicies": [{"PolicyName": "P", "PolicyArn": "arn:aws:iam::222222222222:policy/P"}]"#;
    let user = format!("{{{described}{lists}}}");
    let group = r#"{"Group": {"GroupName": "Releases", "Arn": "arn:aws:iam::222222222222:group/x/Releases"},
        "GroupPolicyList": [], "AttachedManagedPolicies": []}"#;
    let graph = read(&[
        ("222222222222/iam/users/jane.json", &user),
        ("222222222222/iam/groups/Releases.json", group),
    ])
    .graph;
    let user = graph.user(jane);
    let user = user.known().expect("jane");
    assert_eq!(user.inline.known().map(Vec::len), Some(1));
    assert_eq!(user.attached.known().map(Vec::len), Some(1));
    assert_eq!(user.groups, Fact::Known(vec!["Releases".to_owned()]));
    // `get-user` shows both where there are any.
    assert!(user.boundary == Fact::Absent && user.tags == Fact::Absent);
    let releases = graph.group("222222222222", "Releases").expect("the group");
    assert_eq!(releases.inline, Fact::Known(Vec::new()));
    let other = "arn:aws:iam::222222222222:user/joe";
    assert!(graph.user(other).is_unseen());
    assert!(
        graph
            .role("arn:aws:iam::222222222222:role/Other")
            .is_unseen()
    );
    // Beside an export, the lists of inline policies are left out where there are none; here that says nothing.
    let graph = read(&[("jane.json", &format!("{{{described}}}"))]).graph;
    let user = graph.user(jane);
    let user = user.known().expect("jane");
    assert!(user.inline.is_unseen() && user.attached.is_unseen() && user.groups.is_unseen());
}

#[test]
fn who_may_not_be_described_may_have_a_boundary() {
    let denied = r#""Errors": [{"Operation": "iam:GetUser", "Resource": "arn", "Kind": "denied"}]"#;
    let user = r#"{"User": {"UserName": "jane", "Arn": "arn:aws:iam::222222222222:user/jane"}, "UserPolicyList": [], "#;
    let role = r#"{"Role": {"RoleName": "A", "Arn": "arn:aws:iam::222222222222:role/A"}, "RolePolicyList": [], "#;
    let graph = read(&[
        (
            "222222222222/iam/users/jane.json",
            &format!("{user}{denied}}}"),
        ),
        (
            "222222222222/iam/roles/A.json",
            &format!("{role}{denied}}}"),
        ),
    ])
    .graph;
    let user = &graph.users["arn:aws:iam::222222222222:user/jane"];
    assert!(user.boundary.is_unseen() && user.tags.is_unseen());
    assert_eq!(user.inline, Fact::Known(Vec::new()));
    let role = &graph.roles["arn:aws:iam::222222222222:role/A"];
    assert!(role.boundary.is_unseen() && role.tags.is_unseen() && role.trust.is_unseen());
    assert_eq!(role.inline, Fact::Known(Vec::new()));
}

#[test]
fn pages_are_one_document_and_a_missing_last_page_leaves_the_account_open() {
    let (one, two) = (
        export(&role("A", LISTS), r#", "IsTruncated": true, "Marker": "m""#),
        export(&role("B", LISTS), r#", "IsTruncated": false"#),
    );
    let empty = export("", r#", "IsTruncated": false"#);
    let complete = |files: &[(&str, &str)]| {
        let loaded = read(files);
        assert!(loaded.warnings.is_empty());
        loaded.graph.accounts["222222222222"].roles_complete
    };
    assert!(complete(&[("e", &format!("{one}\n{two}"))]));
    assert!(complete(&[("e", &format!("[{one},{two}]"))]));
    assert!(complete(&[("10", &two), ("2", &one)]));
    assert!(complete(&[("e", &format!("{one}{empty}"))]));
    assert!(complete(&[("a", &one), ("222222222222/b.json", &empty)]));
    assert!(!complete(&[("e", &one)]));
    assert!(!complete(&[(
        "e",
        &export(&role("A", LISTS), r#", "NextToken": "t""#)
    )]));
    assert!(!complete(&[("222222222222/e.json", &empty)]));
}

#[test]
fn a_single_role_says_less_and_an_export_supplies_the_rest() {
    let arn = "arn:aws:iam::222222222222:role/x/A";
    let wrapped = format!(r#"{{"Role": {}}}"#, role("A", ""));
    for text in [&wrapped, &role("A", "")] {
        let loaded = read(&[("r.json", text)]);
        let role = &loaded.graph.roles[arn];
        assert!(role.inline.is_unseen() && role.attached.is_unseen());
        assert_eq!(role.boundary, Fact::Absent);
        assert!(matches!(
            loaded.graph.role("arn:aws:iam::222222222222:role/Z"),
            Fact::Unseen
        ));
    }
    let beside = format!(r#"{{"Role": {}{LISTS}}}"#, role("A", ""));
    assert!(
        read(&[("r.json", &beside)]).graph.roles[arn]
            .attached
            .known()
            .is_some()
    );
    let export = export(&role("A", LISTS), "");
    for files in [
        [("e", export.as_str()), ("r", wrapped.as_str())],
        [("r", wrapped.as_str()), ("e", export.as_str())],
    ] {
        let loaded = read(&files);
        assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
        assert!(loaded.graph.roles[arn].attached.known().is_some());
    }
}

#[test]
fn two_descriptions_that_differ_are_a_warning_and_the_later_counts() {
    let other = role("A", LISTS).replace("role/Pipe", "role/Other");
    let loaded = read(&[("1", &role("A", LISTS)), ("2", &other)]);
    assert_eq!(
        warnings(&loaded),
        [
            "role `arn:aws:iam::222222222222:role/x/A` is described twice, and the two differ in the trust policy; the later one counts"
        ]
    );
    assert_eq!(loaded.warnings[0].origins.len(), 2);
    let role = &loaded.graph.roles["arn:aws:iam::222222222222:role/x/A"];
    assert!(said(role.trust.known().expect("trust")).contains("role/Other"));

    let renamed = PIPELINE.replace("shop-artifacts", "other-artifacts");
    let loaded = read(&[("again.json", PIPELINE), ("p2.json", &renamed)]);
    assert_eq!(
        warnings(&loaded),
        ["pipeline `shop` is described twice, and the two differ; the later one counts"]
    );
    assert_eq!(loaded.graph.pipelines.len(), 1);
    let store = loaded.graph.pipelines[0].artifact_store.as_ref();
    assert_eq!(
        store.map(|s| s.location.text.as_str()),
        Some("other-artifacts")
    );
}

#[test]
fn an_inline_policy_alone_is_not_taken_for_all_of_them() {
    let lone = r#"{"RoleName": "A", "PolicyName": "P", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "a:B", "Resource": "*"}}}"#;
    let arn = "arn:aws:iam::222222222222:role/x/A";
    let loaded = read(&[("p", lone), ("r", &role("A", ""))]);
    assert!(loaded.graph.roles[arn].inline.is_unseen());
    assert_eq!(loaded.graph.lone_inline_policies[arn].len(), 1);
    assert_eq!(
        warnings(&loaded),
        [
            "inline policy `P` of role `arn:aws:iam::222222222222:role/x/A` was read, but nothing says whether the role has others"
        ]
    );
    let listed = LISTS.replace(
        r#""RolePolicyList": []"#,
        &format!(r#""RolePolicyList": [{lone}]"#),
    );
    let loaded = read(&[("p", lone), ("e", &export(&role("A", &listed), ""))]);
    assert!(loaded.warnings.is_empty());
    assert_eq!(
        loaded.graph.roles[arn].inline.known().map(Vec::len),
        Some(1)
    );
    assert_eq!(
        warnings(&read(&[("p", lone)])),
        ["inline policy `P` is left out: no role among the inputs has the name `A`"]
    );
}

#[test]
fn a_managed_policy_counts_by_its_default_version() {
    let text = |version: &str| {
        format!(
            r#"{{"Policy": {{"PolicyName": "P", "Arn": "arn:aws:iam::222222222222:policy/P", "DefaultVersionId": "v2"}},
            "PolicyVersion": {{"VersionId": "{version}", "IsDefaultVersion": true, "Document": {TRUST}}}}}"#
        )
        .replace(r#""Principal":{"AWS":"arn:aws:iam::111111111111:role/Pipe"}"#, r#""Resource":"*""#)
    };
    let arn = "arn:aws:iam::222222222222:policy/P";
    let loaded = read(&[("p", &text("v2"))]);
    let policy = loaded.graph.policies[arn].document.known().expect("read");
    assert_eq!(policy.name.as_deref(), Some(arn));
    let loaded = read(&[("p", &text("v1"))]);
    assert!(loaded.graph.policies[arn].document.is_unseen());
    assert_eq!(loaded.warnings.len(), 1);
}

#[test]
fn identity_and_trust_policies_name_what_they_have_to() {
    let inline = role(
        "A",
        r#", "RolePolicyList": [{"PolicyName": "P", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "a:B", "Resource": "*", "Principal": "*"}}}]"#,
    );
    let trust = role("B", "").replace(r#""Action""#, r#""Resource":"*","Action""#);
    let errors = refused(&[
        ("a", &inline),
        ("b", &trust),
        ("c", r#"{"Role": {"RoleName": "R"}}"#),
    ]);
    let texts: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(
        texts,
        [
            "the statement of an identity policy names a `Principal`: AWS allows none here",
            "the statement of a trust policy names a `Resource`: AWS allows none here",
            "the role has no `Arn`: expected `arn:aws:iam::<account>:role/<name>`",
        ]
    );
}

#[test]
fn an_organization_has_levels() {
    let scp = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let text = format!(
        r#"{{"OrganizationId": "o-1", "ManagementAccountId": "333333333333", "ServiceControlPolicies": [[{scp}], [{scp}, {{"PolicySummary": {{"Name": "Guard"}}, "Content": {}}}]], "ResourceControlPolicies": null}}"#,
        serde_json::to_string(scp).expect("string")
    );
    let loaded = read(&[("111111111111/organizations.json", &text)]);
    let organization = loaded.graph.accounts["111111111111"]
        .organization
        .as_ref()
        .expect("organization");
    assert_eq!(organization.id.as_deref(), Some("o-1"));
    let levels = organization
        .service_control_policies
        .as_ref()
        .expect("scps");
    assert_eq!(levels.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(levels[1][1].name.as_deref(), Some("Guard"));
    assert_eq!(organization.resource_control_policies, Some(Vec::new()));
    let flat = format!(r#"{{"ServiceControlPolicies": [{scp}]}}"#);
    assert_eq!(
        messages(&refused(&[
            ("111111111111/o.json", &flat),
            ("o.json", &flat)
        ])),
        [
            "111111111111/o.json:1:29: expected `ServiceControlPolicies` as one list of policies per level, root first: `[[…], […]]`",
            "o.json:1:1: nothing says whose organization this is: expected the path `<account-id>/organizations.json`",
        ]
    );
}
