//! Roles and the policies put to them.

use super::*;

#[test]
fn policies_of_all_kinds_come_to_their_role() {
    let mut stacks = Stacks::new();
    stacks.declare(
        TOOLS,
        "AWS::IAM::Policy",
        "ByPolicy",
        &format!("{{PolicyName: by-policy, Roles: [deploy], {DOCUMENT}}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "Deploy",
        &format!("{{RoleName: deploy, Path: /ci/, {TRUST}, ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'], Policies: [{{PolicyName: own, {DOCUMENT}}}], PermissionsBoundary: 'arn:aws:iam::111111111111:policy/edge', Tags: [{{Key: team, Value: ci}}]}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::RolePolicy",
        "ByRolePolicy",
        &format!("{{PolicyName: by-role-policy, RoleName: deploy, {DOCUMENT}}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::ManagedPolicy",
        "Managed",
        &format!("{{ManagedPolicyName: managed, Roles: [deploy], {DOCUMENT}}}"),
    );
    stacks.declare(
        PROD,
        "AWS::IAM::Role",
        "Other",
        &format!("{{RoleName: deploy, {TRUST}}}"),
    );
    let read = stacks.read().right();
    let role = read.role("arn:aws:iam::111111111111:role/ci/deploy");
    assert_eq!(names(role), ["by-policy", "by-role-policy", "own"]);
    assert_eq!(
        attached(role),
        [
            "arn:aws:iam::111111111111:policy/managed",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        ]
    );
    assert!(role.trust.known().is_some());
    assert_eq!(
        role.boundary.known().unwrap().arn,
        "arn:aws:iam::111111111111:policy/edge"
    );
    assert_eq!(role.tags.known().unwrap()["team"], "ci");
    let managed = &read.graph.policies["arn:aws:iam::111111111111:policy/managed"];
    assert!(managed.document.known().is_some());
    // Policies of one account do not come to the role of the same name in another.
    let other = read.role("arn:aws:iam::222222222222:role/deploy");
    assert_eq!(names(other), [""; 0]);
    assert_eq!(attached(other), [""; 0]);
    assert_eq!(other.boundary, Fact::Absent);
    assert_eq!(read.warnings, [""; 0]);
}

#[test]
fn a_role_without_a_name_has_one_that_nobody_can_foretell_but_its_policies_find_it() {
    let mut stacks = Stacks::new();
    let name = stacks.declare(TOOLS, "AWS::IAM::Role", "Deploy", &format!("{{{TRUST}}}"));
    stacks.declare(
        TOOLS,
        "AWS::IAM::Policy",
        "P",
        &format!("{{PolicyName: p, Roles: ['{name}'], {DOCUMENT}}}"),
    );
    let read = stacks.read().right();
    assert!(name.starts_with("tools-Deploy-"));
    let role = read.role(&format!("arn:aws:iam::111111111111:role/{name}"));
    assert_eq!(names(role), ["p"]);
}

#[test]
fn an_unknown_policy_is_one_whose_document_nobody_has_seen() {
    let mut stacks = Stacks::new();
    let (all, one, statement, effect) = (
        stacks.unknown("All"),
        stacks.unknown("One"),
        stacks.unknown("Statement"),
        stacks.unknown("Effect"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "A",
        &format!("{{RoleName: a, {TRUST}, Policies: '{all}'}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "B",
        &format!("{{RoleName: b, {TRUST}, Policies: [{{PolicyName: known, {DOCUMENT}}}, {{PolicyName: open, PolicyDocument: '{one}'}}]}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "C",
        &format!("{{RoleName: c, {TRUST}, Policies: [{{PolicyName: half, PolicyDocument: {{Statement: ['{statement}', {{Effect: '{effect}', Action: '*', Resource: '*'}}, {{Effect: Deny, Action: 'iam:*', Resource: '*'}}]}}}}]}}"),
    );
    let read = stacks.read().right();
    let role = |name: &str| read.role(&format!("arn:aws:iam::111111111111:role/{name}"));
    assert_eq!(
        (names(role("a")), attached(role("a"))),
        (vec![], vec![all.as_str()])
    );
    assert_eq!(
        (names(role("b")), attached(role("b"))),
        (vec!["known"], vec![one.as_str()])
    );
    assert_eq!(names(role("c")), ["half"]);
    assert_eq!(role("c").inline.known().unwrap()[0].statements.len(), 1);
    assert_eq!(attached(role("c")), [statement.as_str(), effect.as_str()]);
}

#[test]
fn what_is_open_in_a_trust_or_resource_policy_leaves_it_unseen() {
    let mut stacks = Stacks::new();
    let open = stacks.unknown("Open");
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "A",
        &format!("{{RoleName: a, AssumeRolePolicyDocument: '{open}'}}"),
    );
    stacks.declare(TOOLS, "AWS::S3::Bucket", "B", "{BucketName: b}");
    stacks.declare(
        TOOLS,
        "AWS::S3::BucketPolicy",
        "P",
        &format!("{{Bucket: b, PolicyDocument: {{Statement: ['{open}']}}}}"),
    );
    let read = stacks.read().right();
    assert!(
        read.role("arn:aws:iam::111111111111:role/a")
            .trust
            .is_unseen()
    );
    assert!(read.graph.buckets["b"].policy.is_unseen());
}

#[test]
fn unknown_principals_and_conditions_can_be_read() {
    let mut stacks = Stacks::new();
    let open = stacks.unknown("Open");
    let trust = format!(
        "AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: '{open}', Action: sts:AssumeRole, Condition: '{open}'}}, {{Effect: Allow, Principal: {{AWS: ['{open}']}}, Action: sts:AssumeRole, Condition: {{StringEquals: {{'{open}': 'true'}}, Bool: '{open}'}}}}]}}"
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Role",
        "A",
        &format!("{{RoleName: a, {trust}}}"),
    );
    let read = stacks.read().right();
    let role = read.role("arn:aws:iam::111111111111:role/a");
    let trust = role.trust.known().unwrap();
    let keys = |at: usize| -> Vec<(&str, &str)> {
        let conditions = trust.statements[at].conditions.iter();
        conditions
            .map(|one| (one.operator.text.as_str(), one.key.text.as_str()))
            .collect()
    };
    // What the engine takes for an unknown condition, whatever operator the unknown keys stand under.
    assert_eq!(keys(0), [("StringEquals", open.as_str())]);
    assert_eq!(
        keys(1),
        [
            ("StringEquals", open.as_str()),
            ("StringEquals", open.as_str())
        ]
    );
    let all = trust.statements[0].principals.as_ref().unwrap();
    assert!(all.any_of.iter().all(|one| one.value.text == open));
    assert_eq!(all.any_of.len(), 4);
}

#[test]
fn roles_that_a_parameter_names_are_told_and_those_of_exports_get_the_policy() {
    let mut stacks = Stacks::new();
    let open = stacks.unknown("RoleName");
    stacks.declare(
        TOOLS,
        "AWS::IAM::Policy",
        "Any",
        &format!("{{PolicyName: any, Roles: '{open}', {DOCUMENT}}}"),
    );
    stacks.declare(
        TOOLS,
        "AWS::IAM::Policy",
        "Lone",
        &format!("{{PolicyName: lone, Roles: [exported], {DOCUMENT}}}"),
    );
    let read = stacks.read().right();
    assert_eq!(
        read.warnings,
        [
            "policy `Any` is put to the roles that the parameter `RoleName` names, and nobody knows which they are: no role gets it",
            "inline policy `lone` is left out: no role among the inputs has the name `exported`",
        ]
    );
}

#[test]
fn a_serverless_function_gets_a_role() {
    let mut stacks = Stacks::new();
    stacks.declare(TOOLS, "AWS::Serverless::Function", "Hook", "{FunctionName: hook, Policies: [AmazonS3ReadOnlyAccess, 'arn:aws:iam::111111111111:policy/own', {Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}, {CodePipelineLambdaExecutionPolicy: {}}, {DynamoDBCrudPolicy: {TableName: t}}]}");
    stacks.declare(
        TOOLS,
        "AWS::Serverless::Function",
        "With",
        "{FunctionName: with, Role: 'arn:aws:iam::111111111111:role/own'}",
    );
    let read = stacks.read().right();
    let arn = read
        .value(
            "arn:aws:lambda:eu-west-1:111111111111:function:hook",
            "Configuration.Role",
        )
        .unwrap();
    assert!(
        arn.starts_with("arn:aws:iam::111111111111:role/tools-HookRole-"),
        "{arn}"
    );
    let role = read.role(arn);
    assert_eq!(names(role), ["HookRolePolicy2", "HookRolePolicy3"]);
    let shown: Vec<String> = attached(role)
        .iter()
        .map(|arn| read.symbols.shown(arn).into_owned())
        .collect();
    assert_eq!(
        shown,
        [
            "arn:aws:iam::111111111111:policy/own",
            "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            "<DynamoDBCrudPolicy>",
        ]
    );
    assert_eq!(read.graph.roles.len(), 1);
    assert_eq!(
        read.value(
            "arn:aws:lambda:eu-west-1:111111111111:function:with",
            "Configuration.Role"
        ),
        Some("arn:aws:iam::111111111111:role/own")
    );
}

#[test]
fn placeholders_in_policies_are_unknown_values() {
    let mut stacks = Stacks::new();
    stacks.declare(TOOLS, "AWS::KMS::Key", "K", "{KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: ['arn:aws:iam::DEV:root', '', '222222222222', 'DEV']}, Action: 'kms:*', Resource: '*'}]}}");
    stacks.declare(TOOLS, "AWS::IAM::Role", "R", &format!("{{RoleName: r, {TRUST}, Policies: [{{PolicyName: p, PolicyDocument: {{Statement: {{Effect: Allow, Action: 's3:*', Resource: ['', 'arn:aws:s3:::b/*']}}}}}}]}}"));
    let read = stacks.read().right();
    let key = read.graph.keys.values().next().unwrap();
    let any_of = &key.policy.known().unwrap().statements[0]
        .principals
        .as_ref()
        .unwrap()
        .any_of;
    let shown: Vec<_> = any_of
        .iter()
        .map(|one| read.symbols.shown(&one.value.text))
        .collect();
    assert_eq!(
        shown,
        [
            "arn:aws:iam::<DEV>:root",
            "<Principal>",
            "222222222222",
            "<DEV>"
        ]
    );
    let role = read.role("arn:aws:iam::111111111111:role/r");
    let resources = role.inline.known().unwrap()[0].statements[0]
        .resources
        .as_ref()
        .unwrap();
    assert!(has_symbol(&resources[0].text));
}
