//! Inputs → graph: every reader, every refusal with its text, and what happens to a fact that comes twice.

use std::fs;
use std::path::{Path, PathBuf};

use pipeline_preflight::graph::{
    AttachedPolicy, Effect, Fact, Pipeline, Policy, PrincipalKind, Version,
};
use pipeline_preflight::load::{Input, LoadError, Loaded, load, policy};
use pipeline_preflight::source::Sources;
use tempfile::TempDir;

const PIPELINE: &str = r#"{"pipeline": {
  "name": "shop", "roleArn": "arn:aws:iam::111111111111:role/Pipe",
  "artifactStore": {"type": "S3", "location": "shop-artifacts"},
  "stages": [{"name": "Source", "actions": [{"name": "Get",
    "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"}}]}]}}"#;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/Pipe"},"Action":"sts:AssumeRole"}]}"#;

/// Every text under a name, which also serves as its path in a snapshot.
fn texts(texts: &[(&str, &str)]) -> Vec<Input> {
    texts
        .iter()
        .map(|(name, text)| Input::Stdin {
            bytes: text.as_bytes().to_vec(),
            name: (*name).to_owned(),
        })
        .collect()
}

/// Loads texts beside a good pipeline.
fn read(others: &[(&str, &str)]) -> Loaded {
    let mut all = vec![("shop.json", PIPELINE)];
    all.extend(others);
    load(&mut Sources::new(), &texts(&all)).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn refused(others: &[(&str, &str)]) -> Vec<LoadError> {
    load(&mut Sources::new(), &texts(others)).expect_err("refused")
}

fn messages(errors: &[LoadError]) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

fn warnings(loaded: &Loaded) -> Vec<&str> {
    loaded
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect()
}

fn pipeline(text: &str) -> Pipeline {
    let mut loaded = load(&mut Sources::new(), &texts(&[("p", text)])).expect("read");
    loaded.graph.pipelines.remove(0)
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().expect("folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(path, bytes).expect("file");
    }
    folder
}

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(path)
}

fn load_paths(paths: &[PathBuf]) -> Result<Loaded, Vec<LoadError>> {
    let inputs: Vec<Input> = paths.iter().cloned().map(Input::Path).collect();
    load(&mut Sources::new(), &inputs)
}

/// A policy as text without places, to compare what it says.
fn said(policy: &Policy) -> String {
    let mut lines = format!("{:?} {:?}", policy.name, policy.version);
    for statement in &policy.statements {
        lines += &format!("\n{:?} {:?}", statement.sid, statement.effect);
        if let Some(principals) = &statement.principals {
            for principal in &principals.any_of {
                lines += &format!(" {:?} {}", principal.kind, principal.value.text);
            }
        }
        for action in &statement.actions {
            lines += &format!(" {} {}", statement.not_action, action.text);
        }
        for resource in statement.resources.iter().flatten() {
            lines += &format!(" {} {}", statement.not_resource, resource.text);
        }
        for condition in &statement.conditions {
            let values: Vec<&str> = condition.values.iter().map(|v| v.text.as_str()).collect();
            lines += &format!(
                " {} {} {values:?}",
                condition.operator.text, condition.key.text
            );
        }
    }
    lines
}

fn read_policy(text: &str) -> Result<Policy, LoadError> {
    let mut sources = Sources::new();
    let source = sources.add("policy.json", text.as_bytes()).expect("syntax");
    let root = sources.roots(source)[0].origin();
    policy::read(&mut sources, root, None)
}

fn refused_policy(text: &str) -> String {
    let error = read_policy(text).expect_err("refused");
    match &error.help {
        Some(help) => format!("{error} ({help})"),
        None => error.to_string(),
    }
}

// Policies

#[test]
fn three_encodings_of_a_policy_say_the_same() {
    let document = r#"{"Version":"2012-10-17","Statement":{"Sid":"","Effect":"Deny","NotPrincipal":{"AWS":["111111111111"],"Service":"a.amazonaws.com"},"NotAction":"s3:*","NotResource":["arn:aws:s3:::b"],"Condition":{"Bool":{"aws:SecureTransport":false},"NumericLessThan":{"s3:max-keys":10}}}}"#;
    let text = serde_json::to_string(document).expect("string");
    let encoded = document
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect::<String>();
    let object = said(&read_policy(document).expect("object"));
    assert_eq!(object, said(&read_policy(&text).expect("string")));
    assert_eq!(
        object,
        said(&read_policy(&format!("\"{encoded}\"")).expect("encoded"))
    );
    assert_eq!(
        object,
        "None V2012\nSome(\"\") Deny Aws 111111111111 Service a.amazonaws.com true s3:* true arn:aws:s3:::b \
         Bool aws:SecureTransport [\"false\"] NumericLessThan s3:max-keys [\"10\"]"
    );
}

#[test]
fn the_star_is_everybody_and_no_version_is_2008() {
    let policy =
        read_policy(r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":["a:B","a:C"]}]}"#)
            .expect("read");
    assert_eq!(policy.version, Version::V2008);
    let statement = &policy.statements[0];
    assert_eq!(statement.effect, Effect::Allow);
    assert_eq!(statement.resources, None);
    let principals = statement.principals.as_ref().expect("principals");
    assert_eq!(principals.any_of[0].kind, PrincipalKind::Aws);
    assert_eq!(principals.any_of[0].value.text, "*");
}

#[test]
fn odd_but_stored_policies_are_read() {
    for statement in [
        r#""Action":"*","Resource":"**""#,
        r#""Action":[],"Resource":[]"#,
        r#""Action":"s3:*","Resource":"arn:aws:s3*""#,
        r#""Action":"s3:*","Resource":"arn:${Part}:s3:::b","Condition":{}"#,
        r#""Action":"s3:*","Resource":"*","Condition":{"ForAllValues:StringLikeIfExists":{"aws:TagKeys":[]},"NullIfExists":{"a:b":"true"}}"#,
        r#""Action":"s3:*","Resource":"b/*","Principal":{"AWS":[]}"#,
    ] {
        let text = format!(r#"{{"Id":"x","Statement":{{"Effect":"Allow",{statement}}}}}"#);
        read_policy(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn what_aws_would_not_store_is_refused() {
    let cases = [
        (
            r#""Effect":"allow","Action":"*","Resource":"*""#,
            r#""allow""#,
            "`Effect` is `allow`: expected `Allow` or `Deny`",
        ),
        (
            r#""Action":"*","Resource":"*""#,
            r#"{"Action""#,
            "the statement has no `Effect`: expected `Allow` or `Deny`",
        ),
        (
            r#""Effect":"Deny","Resource":"*""#,
            r#"{"Effect""#,
            "the statement has no `Action`: expected `Action` or `NotAction`",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","NotAction":"a:C","Resource":"*""#,
            r#""a:C""#,
            "the statement has both `Action` and `NotAction`: expected one of them",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Resources":"*""#,
            r#""*""#,
            "unknown element `Resources` in a statement (did you mean `Resource`?)",
        ),
        (
            r#""Effect":"Deny","Action":"a:B""#,
            r#"{"Effect""#,
            "the statement names neither a `Principal` nor a `Resource`",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Resource":["*","my-bucket/*"]"#,
            r#""my-bucket"#,
            "the resource `my-bucket/*` is no ARN: expected `*` or `arn:partition:service:region:account:resource`",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Resource":"arn:aws:s3:b""#,
            r#""arn:aws:s3:b"#,
            "the resource `arn:aws:s3:b` is no ARN: expected `*` or `arn:partition:service:region:account:resource`",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Resource":"*","Condition":{"stringEquals":{"a:b":"c"}}"#,
            r#""stringEquals""#,
            "unknown condition operator `stringEquals` (did you mean `StringEquals`?)",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Resource":"*","Condition":{"Bool":{"a:b":{}}}"#,
            r#"{}"#,
            "expected a condition value, written as a string",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Principal":"arn:aws:iam::111111111111:root""#,
            r#""arn:aws:iam"#,
            "the principal is `arn:aws:iam::111111111111:root`: expected `*` or an object such as `{\"AWS\": \"arn:…\"}`",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Principal":{"Aws":"*"}"#,
            r#""*"}"#,
            "unknown kind of principal `Aws` (did you mean `AWS`?)",
        ),
    ];
    for (statement, at, expected) in cases {
        let text = format!(r#"{{"Statement":{{{statement}}}}}"#);
        let column = text.find(at).expect("place") + 1;
        let expected = format!("policy.json:1:{column}: {expected}");
        assert_eq!(refused_policy(&text), expected, "{text}");
    }
    assert_eq!(
        refused_policy(r#"{"Version":"2012-10-18","Statement":[]}"#),
        "policy.json:1:12: `Version` is `2012-10-18`: expected `2012-10-17` or `2008-10-17`"
    );
    assert_eq!(
        refused_policy(r#"{"Version":"2012-10-17"}"#),
        "policy.json:1:1: the policy document has no `Statement`"
    );
    assert_eq!(
        refused_policy("[]"),
        "policy.json:1:1: expected a policy document, an object with `Statement`"
    );
}

#[test]
fn an_error_inside_a_string_stands_at_its_place_in_the_file() {
    assert_eq!(
        refused_policy(r#""{\"Statement\": [{\"Effect\": \"Maybe\"}]}""#),
        "policy.json:1:32: `Effect` is `Maybe`: expected `Allow` or `Deny`"
    );
}

// Pipelines

#[test]
fn a_yaml_pipeline_keeps_its_scalars_as_texts() {
    let pipeline = pipeline(
        "name: shop\nroleArn: arn:aws:iam::111111111111:role/service-role/Pipe\nartifactStores:\n  eu-west-1: {type: S3, location: store}\n\
         stages:\n- name: Build\n  actions:\n  - name: Build\n    runOrder: 2\n    actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: 1}\n    \
         configuration: {BatchEnabled: true, Retries: 007, Empty: '', Nothing: }\n    inputArtifacts: [{name: In}]\n    outputArtifacts: []\n    region: us-east-1\n",
    );
    assert_eq!(pipeline.account, "111111111111");
    assert_eq!(pipeline.region.as_deref(), Some("eu-west-1"));
    let action = &pipeline.stages[0].actions[0];
    assert_eq!(action.type_id.to_string(), "Build/AWS/CodeBuild/1");
    assert_eq!(action.run_order, 2);
    let value = |key: &str| action.configuration[key].text.as_str();
    assert_eq!(
        [
            value("BatchEnabled"),
            value("Retries"),
            value("Empty"),
            value("Nothing")
        ],
        ["true", "007", "", ""]
    );
    assert_eq!(action.inputs[0].text, "In");
    assert_eq!(
        action.region.as_ref().map(|r| r.text.as_str()),
        Some("us-east-1")
    );
    assert!(action.outputs.is_empty() && action.role_arn.is_none());
}

#[test]
fn the_region_comes_from_the_surest_source() {
    assert_eq!(pipeline(PIPELINE).region, None);
    assert_eq!(pipeline(PIPELINE).stages[0].actions[0].run_order, 1);
    let keyed = PIPELINE.replace(
        r#""location": "shop-artifacts""#,
        r#""location": "shop-artifacts", "encryptionKey": {"type": "KMS", "id": "arn:aws:kms:eu-west-3:111111111111:key/k"}"#,
    );
    assert_eq!(pipeline(&keyed).region.as_deref(), Some("eu-west-3"));
    let in_snapshot = load(
        &mut Sources::new(),
        &texts(&[("x/111111111111/eu-west-2/codepipeline/shop.json", &keyed)]),
    )
    .expect("read");
    assert_eq!(
        in_snapshot.graph.pipelines[0].region.as_deref(),
        Some("eu-west-2")
    );
    let described = keyed.trim_end().trim_end_matches('}').to_owned()
        + r#"}, "metadata": {"pipelineArn": "arn:aws:codepipeline:eu-north-1:111111111111:shop"}}"#;
    assert_eq!(pipeline(&described).region.as_deref(), Some("eu-north-1"));
}

#[test]
fn everything_wrong_with_a_pipeline_is_named_at_once() {
    let errors = refused(&[(
        "p.json",
        r#"{"roleArn": "arn:aws:iam::1111:role/Pipe",
"artifactStore": {"type": "S3"},
"stages": [{"actions": []},
{"name": "Two", "actions": [{"name": "A"},
{"actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild"}, "runOrder": "soon", "roleArn": "Pipe"},
{"name": "B", "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": 1}, "configuration": {"E": []}, "inputArtifacts": [{}]}
]}]}"#,
    )]);
    assert_eq!(
        messages(&errors),
        [
            "p.json:1:1: the pipeline has no `name`: expected a name",
            "p.json:1:13: `roleArn` is `arn:aws:iam::1111:role/Pipe`: expected `arn:aws:iam::<account>:role/<name>`",
            "p.json:2:18: the artifact store has no `location`: expected the name of a bucket",
            "p.json:3:12: the stage has no `name`: expected a name",
            "p.json:3:24: the stage has no actions: expected `actions`, a list of at least one",
            "p.json:4:29: action `A` has no `actionTypeId`: expected an object with `category`, `owner`, `provider` and `version`",
            "p.json:5:1: the action has no `name`: expected a name",
            "p.json:5:18: `actionTypeId` of the action has no `version`: expected a text",
            "p.json:5:113: `roleArn` is `Pipe`: expected `arn:aws:iam::<account>:role/<name>`",
            "p.json:5:94: `runOrder` is `soon`: expected a number from 1 to 999",
            "p.json:6:132: `E` in the configuration of action `B` is an object or a list: expected a text, with JSON written inside it",
            "p.json:6:156: an entry of `inputArtifacts` of action `B` has no `name`: expected a name",
        ]
    );
    let empty = r#"{"name": "p", "roleArn": "arn:aws:iam::111111111111:role/P", "stages": []}"#;
    assert_eq!(
        messages(&refused(&[("e", empty)])),
        ["e:1:72: the pipeline has no stages: expected `stages`, a list of at least two"]
    );
}

#[test]
fn files_of_other_tools_are_no_pipelines() {
    let folder = folder(&[
        ("shop.json", PIPELINE.as_bytes()),
        (
            "azure-pipelines.yml",
            b"name: x\nstages:\n- stage: Build\n  jobs: []\n",
        ),
        ("drone.yaml", b"pipeline:\n  build:\n    image: rust\n"),
        ("README.md", b"[![badge](x)](y)\n# Title: [\n"),
        ("Cargo.toml", b"[package]\nname = \"x\"\n"),
        ("photo.png", &[0x89, 0x50, 0, 0, 1]),
        (".hidden.json", b"{"),
        (".git/config.json", b"{"),
    ]);
    let loaded = load_paths(&[folder.path().to_owned()]).expect("read");
    let names: Vec<&str> = loaded
        .unrecognised
        .iter()
        .filter_map(|name| name.rsplit('/').next())
        .collect();
    assert_eq!(
        names,
        [
            "Cargo.toml",
            "README.md",
            "azure-pipelines.yml",
            "drone.yaml",
            "photo.png"
        ]
    );
    assert_eq!(loaded.recognised.len(), 1);
}

#[test]
fn comments_are_read_and_warned_about() {
    let loaded = read(&[("noted.json", &format!("// note\n{PIPELINE}"))]);
    assert_eq!(
        warnings(&loaded),
        [
            "`noted.json` is not strict JSON: AWS will not accept the comments or trailing commas in it"
        ]
    );
    assert_eq!(loaded.graph.pipelines.len(), 1);
}

#[test]
fn utf_16_is_read() {
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(PIPELINE.encode_utf16().flat_map(u16::to_le_bytes));
    let folder = folder(&[("shop", &bytes)]);
    for path in [folder.path().to_owned(), folder.path().join("shop")] {
        let loaded = load_paths(&[path]).expect("read");
        assert_eq!(loaded.graph.pipelines[0].name.text, "shop");
    }
}

// IAM

fn export(roles: &str, end: &str) -> String {
    format!(
        r#"{{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [{roles}], "Policies": []{end}}}"#
    )
}

fn role(name: &str, more: &str) -> String {
    format!(
        r#"{{"RoleName": "{name}", "RoleId": "AROA{name}", "Arn": "arn:aws:iam::222222222222:role/x/{name}", "AssumeRolePolicyDocument": {TRUST}{more}}}"#
    )
}

const LISTS: &str = r#", "RolePolicyList": [], "AttachedManagedPolicies": [{"PolicyName": "P", "PolicyArn": "arn:aws:iam::222222222222:policy/P"}]"#;

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
        &format!(r#""RolePolicyList": [{}]"#, lone),
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

// Buckets, keys, other resources

#[test]
fn a_bucket_distinguishes_none_from_not_said() {
    let loaded = read(&[
        (
            "111111111111/s3/my.store.json",
            r#"{"LocationConstraint": null, "Policy": null, "ServerSideEncryptionConfiguration": {"Rules": [{"BucketKeyEnabled": true}]}, "PublicAccessBlockConfiguration": {"RestrictPublicBuckets": true}}"#,
        ),
        ("111111111111/s3/silent.json", r#"{"Name": "named"}"#),
        (
            "bucket.json",
            r#"{"Policy": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::lone/*\"}]}"}"#,
        ),
    ]);
    let buckets = &loaded.graph.buckets;
    let store = &buckets["my.store"];
    assert_eq!(store.account.as_deref(), Some("111111111111"));
    assert_eq!(store.region, Fact::Known("us-east-1".to_owned()));
    assert_eq!(store.policy, Fact::Absent);
    assert_eq!(store.bucket_key, Fact::Known(true));
    assert_eq!(store.restrict_public, Fact::Known(true));
    let named = &buckets["named"];
    assert!(named.region.is_unseen() && named.policy.is_unseen() && named.bucket_key.is_unseen());
    assert!(buckets["lone"].policy.known().is_some());
    assert_eq!(buckets["lone"].account, None);
}

#[test]
fn a_key_has_policy_grants_and_aliases() {
    let text = r#"{"KeyMetadata": {"Arn": "arn:aws:kms:eu-west-1:111111111111:key/k", "KeyManager": "CUSTOMER", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeyState": "Enabled"},
      "Policy": null, "Aliases": [{"AliasName": "alias/a"}, "alias/b"],
      "Grants": [{"GrantId": "g", "GranteePrincipal": "arn:aws:iam::222222222222:role/A", "Operations": ["Decrypt", "DescribeKey"], "Constraints": {"EncryptionContextEquals": {"app": "x"}}},
                 {"GranteePrincipal": "rds.amazonaws.com", "Operations": ["Encrypt"]}]}"#;
    let loaded = read(&[
        ("key.json", text),
        (
            "111111111111/cn-north-1/kms/id.json",
            r#"{"PolicyName": "default"}"#,
        ),
    ]);
    let key = &loaded.graph.keys["arn:aws:kms:eu-west-1:111111111111:key/k"];
    assert_eq!(key.policy, Fact::Absent);
    assert_eq!(
        key.aliases,
        Fact::Known(vec!["alias/a".to_owned(), "alias/b".to_owned()])
    );
    assert_eq!(key.state.as_ref().map(|s| s.text.as_str()), Some("Enabled"));
    let grants = Policy {
        name: None,
        origin: key.origin,
        version: Version::V2012,
        statements: key.grants.clone(),
    };
    assert_eq!(
        said(&grants),
        "None V2012\nSome(\"g\") Allow Aws arn:aws:iam::222222222222:role/A false kms:DescribeKey\n\
         Some(\"g\") Allow Aws arn:aws:iam::222222222222:role/A false kms:Decrypt StringEquals kms:EncryptionContext:app [\"x\"] ForAllValues:StringEquals kms:EncryptionContextKeys [\"app\"]\n\
         None Allow Service rds.amazonaws.com false kms:Encrypt"
    );
    let other = &loaded.graph.keys["arn:aws-cn:kms:cn-north-1:111111111111:key/id"];
    assert!(other.policy.is_unseen() && other.aliases.is_unseen());
}

#[test]
fn every_resource_of_a_snapshot_gets_its_arn() {
    let policy = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "a:B"}}"#;
    let cases: &[(&str, String, &str, &str)] = &[
        ("codebuild/p.json", r#"{"project": {"serviceRole": "R", "artifacts": {"type": "CODEPIPELINE"}}}"#.into(), "codebuild:eu-west-1:111111111111:project/p", "artifacts.type"),
        ("codedeploy/app/group.json", r#"{"deploymentGroupInfo": {"ecsServices": [{"serviceName": "s"}]}, "computePlatform": "ECS"}"#.into(), "codedeploy:eu-west-1:111111111111:deploymentgroup:app/group", "ecsServices[0].serviceName"),
        ("codedeploy/app/two.json", r#"{"deploymentGroupInfo": {"a": 1}, "computePlatform": "ECS"}"#.into(), "codedeploy:eu-west-1:111111111111:deploymentgroup:app/two", "computePlatform"),
        ("ecs/c/s.json", r#"{"taskDefinition": "T"}"#.into(), "ecs:eu-west-1:111111111111:service/c/s", "taskDefinition"),
        ("ecs/task-definitions/f.json", r#"{"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:eu-west-1:111111111111:task-definition/f:3", "taskRoleArn": "R"}}"#.into(), "ecs:eu-west-1:111111111111:task-definition/f:3", "taskRoleArn"),
        ("ecr/team/app.json", format!(r#"{{"repository": {{"repositoryName": "team/app"}}, "policyText": {policy}}}"#), "ecr:eu-west-1:111111111111:repository/team/app", "repositoryName"),
        ("lambda/f.json", r#"{"Configuration": {"Role": "R"}, "Policy": null}"#.into(), "lambda:eu-west-1:111111111111:function:f", "Configuration.Role"),
        ("lambda/bare.json", r#"{"FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:other", "Role": "R"}"#.into(), "lambda:eu-west-1:111111111111:function:other", "Configuration.Role"),
        ("events/rules/r.json", r#"{"Targets": [{"RoleArn": "R"}]}"#.into(), "events:eu-west-1:111111111111:rule/r", "Targets[0].RoleArn"),
        ("events/buses/b.json", format!(r#"{{"Name": "b", "Policy": {policy}}}"#), "events:eu-west-1:111111111111:event-bus/b", "Name"),
        ("sns/t.json", r#"{"Attributes": {"KmsMasterKeyId": "k"}}"#.into(), "sns:eu-west-1:111111111111:t", "KmsMasterKeyId"),
        ("cloudformation/s.json", r#"{"StackId": "arn:aws:cloudformation:eu-west-1:111111111111:stack/s/uuid", "RoleARN": "R"}"#.into(), "cloudformation:eu-west-1:111111111111:stack/s/uuid", "RoleARN"),
        ("states/m.json", r#"{"type": "EXPRESS"}"#.into(), "states:eu-west-1:111111111111:stateMachine:m", "type"),
        ("connections/c.json", r#"{"Connection": {"ConnectionArn": "arn:aws:codeconnections:eu-west-1:111111111111:connection/c", "ConnectionStatus": "AVAILABLE"}}"#.into(), "codeconnections:eu-west-1:111111111111:connection/c", "ConnectionStatus"),
    ];
    for (path, text, arn, value) in cases {
        let path = format!("/builds/999999999999/x/111111111111/eu-west-1/{path}");
        let loaded = read(&[(&path, text)]);
        let resource = loaded
            .graph
            .resources
            .get(&format!("arn:aws:{arn}"))
            .unwrap_or_else(|| panic!("{path}: {:?}", loaded.graph.resources.keys()));
        assert!(
            resource.values.contains_key(*value),
            "{path}: {:?}",
            resource.values.keys()
        );
        let expected = match path.rsplit('/').nth(1) {
            Some("team" | "buses") => resource.policy.known().is_some(),
            Some("sns") => resource.policy.is_unseen(),
            _ if path.ends_with("bare.json") => resource.policy.is_unseen(),
            _ => resource.policy == Fact::Absent,
        };
        assert!(expected, "{path}: {:?}", resource.policy);
    }
}

#[test]
fn a_resource_outside_a_snapshot_is_told_by_its_arn() {
    let answer = r#"{"projects": [{"arn": "arn:aws:codebuild:eu-west-1:111111111111:project/a"}, {"arn": "arn:aws:codebuild:eu-west-1:111111111111:project/b"}], "projectsNotFound": []}"#;
    let loaded = read(&[("answer.json", answer)]);
    assert_eq!(loaded.graph.resources.len(), 2);
    assert_eq!(loaded.recognised[1].kind, "CodeBuild project");
}

// Inputs as a whole

#[test]
fn every_bad_input_is_named_in_one_run() {
    let folder = folder(&[
        ("a/broken.json", b"{\"a\": "),
        ("a/open", b"{\"a\": "),
        ("b.json", PIPELINE.as_bytes()),
    ]);
    let at = |name: &str| folder.path().join(name);
    let errors = load_paths(&[at("missing.json"), folder.path().to_owned()]).expect_err("refused");
    let ends: Vec<String> = errors
        .iter()
        .map(|error| error.file.rsplit('/').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(ends, ["missing.json", "broken.json", "open"]);
    assert_eq!(errors[0].message, "no such file or folder");
    assert!(errors[1].position.is_some());
}

#[test]
fn a_named_file_has_to_be_recognised() {
    let errors = refused(&[("x.json", r#"{"hello": "world"}"#), ("p", PIPELINE)]);
    assert_eq!(
        messages(&errors),
        ["x.json: not recognised as anything that can be checked"]
    );
    let folder = folder(&[
        ("x.json", b"{\"hello\": 1}"),
        ("p.json", PIPELINE.as_bytes()),
    ]);
    let named = load_paths(&[folder.path().join("x.json"), folder.path().to_owned()]);
    assert_eq!(named.expect_err("refused").len(), 1);
    let loaded = load_paths(&[folder.path().join("p.json"), folder.path().to_owned()]);
    assert_eq!(loaded.expect("read").recognised.len(), 1);
}

#[test]
fn without_a_pipeline_there_is_nothing_to_check() {
    assert_eq!(
        messages(&refused(&[])),
        ["no input: expected files or folders with at least one pipeline"]
    );
    let bucket = r#"{"LocationConstraint": null}"#;
    assert_eq!(
        messages(&refused(&[
            ("1", &role("A", "")),
            ("2", &role("B", "")),
            ("111111111111/s3/b.json", bucket)
        ])),
        ["no pipeline among the inputs: recognised 1 bucket and 2 roles instead"]
    );
    let errors = load_paths(&[fixture("bad/nothing-recognisable")]).expect_err("refused");
    assert_eq!(
        messages(&errors),
        ["no pipeline among the inputs: nothing was recognised in 2 files"]
    );
}

// Fixtures

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(path)
        .expect("folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn every_case_is_read_without_remark() {
    let cases: Vec<PathBuf> = folders(&fixture("cases"))
        .iter()
        .flat_map(|system| folders(system))
        .collect();
    assert!(cases.len() > 10);
    for case in cases {
        let loaded =
            load_paths(std::slice::from_ref(&case)).unwrap_or_else(|e| panic!("{case:?}: {e:#?}"));
        assert_eq!(warnings(&loaded), [""; 0], "{case:?}");
        assert_eq!(loaded.unrecognised, [""; 0], "{case:?}");
        assert_eq!(loaded.graph.pipelines.len(), 1, "{case:?}");
        assert!(loaded.graph.pipelines[0].region.is_some(), "{case:?}");
    }
}

#[test]
fn all_formats_say_the_same() {
    let pipelines = fs::read_dir(fixture("formats/pipeline")).expect("folder");
    let paths: Vec<PathBuf> = pipelines
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    let loaded = load_paths(&paths).expect("read");
    assert_eq!(loaded.graph.pipelines.len(), 1);
    assert!(
        warnings(&loaded)
            .iter()
            .all(|text| text.contains("not strict JSON")),
        "{:?}",
        warnings(&loaded)
    );
    let mut exports = folders(&fixture("formats/account"));
    assert_eq!(exports.len(), 3);
    exports.extend(paths.first().cloned());
    let loaded = load_paths(&exports).expect("read");
    assert!(loaded.graph.accounts.values().all(|a| a.roles_complete));
}

#[test]
fn damaged_files_are_refused_and_none_panics() {
    let good = fixture("formats/pipeline/get-pipeline.json");
    for entry in fs::read_dir(fixture("bad")).expect("folder") {
        let path = entry.expect("entry").path();
        let result = load_paths(&[good.clone(), path.clone()]);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match name.as_ref() {
            "nothing-recognisable" => assert_eq!(result.expect("read").unrecognised.len(), 2),
            "truncated-export" => {
                let loaded = result.expect("read");
                assert!(loaded.graph.accounts.values().all(|a| !a.roles_complete));
            }
            _ => {
                let errors = result.expect_err(&name);
                assert!(errors.iter().all(|e| e.file.ends_with(name.as_ref())));
            }
        }
    }
}
