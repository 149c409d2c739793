//! Comments and metadata of templates: which findings each place covers.

use std::fs;
use std::path::Path;

use pipeline_preflight::load::{Input, Settings, StackInput};

use super::{Checked, lines, suppressed};

const TEMPLATES: &str = "tests/fixtures/templates/readme";

/// The shop of the guide, with another template for the account of the pipeline.
fn shop(folder: &Path, tools: &str) -> Checked {
    let template = folder.join("tools.yaml");
    fs::write(&template, tools).unwrap();
    let stack = |template, account: &str, name: &str, value: &str| {
        Input::Stack(StackInput {
            template,
            account: Some(account.to_owned()),
            region: Some("eu-west-1".to_owned()),
            parameters: [(name.to_owned(), value.to_owned())].into(),
            ..StackInput::default()
        })
    };
    let prod = Path::new(TEMPLATES).join("prod.yaml");
    let inputs = [
        stack(template, "111111111111", "ProdAccount", "222222222222"),
        stack(prod, "222222222222", "ToolsAccount", "111111111111"),
    ];
    Checked::of(&inputs, &Settings::default())
}

fn tools() -> String {
    fs::read_to_string(Path::new(TEMPLATES).join("tools.yaml")).unwrap()
}

/// What becomes of the one error.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Ignored,
    /// It counts, and a warning says that the entry covers nothing.
    Unused,
    /// It counts, and it is said on standard error what is wrong with the entry.
    Malformed,
}

fn fate(folder: &Path, template: &str) -> Fate {
    let shop = shop(folder, template);
    let result = shop.with(&shop.loaded.ignores);
    let left = lines(&result.findings);
    let error = "error bucket-policy-missing: Deploy".to_owned();
    let ignored = suppressed(&result).contains(&error);
    assert_ne!(ignored, left.contains(&error), "{template}");
    let said = |severity: &str| left.contains(&format!("{severity} ignore-unused: "));
    match (ignored, said("warning"), said("note")) {
        (true, false, false) => Fate::Ignored,
        (false, true, false) => Fate::Unused,
        (false, false, false) if shop.loaded.warnings.len() == 1 => Fate::Malformed,
        other => panic!(
            "{other:?} {left:#?} {:#?}\n{template}",
            shop.loaded.warnings
        ),
    }
}

const COMMENT: &str =
    "# pipeline-preflight: ignore[bucket-policy-missing] the role is renamed next week";

/// A line, and what a comment at its end, or alone before it, does.
const LINES: &[(&str, Fate)] = &[
    // The policy that lacks a statement: the resource, and every step to the principal that is written wrong.
    ("  ArtifactsPolicy:", Fate::Ignored),
    (
        "            Principal: { AWS: !Sub \"arn:aws:iam::${ProdAccount}:role/ShopDeployRole\" }",
        Fate::Ignored,
    ),
    // The bucket is another resource, and so is everything beside.
    ("  Artifacts:", Fate::Unused),
    ("  Key:", Fate::Unused),
    ("      Bucket: !Ref Artifacts", Fate::Unused),
    (
        "            Action: [s3:GetObject*, s3:GetBucket*]",
        Fate::Unused,
    ),
    ("  PipelineRole:", Fate::Unused),
    // The action that breaks, and what it stands in.
    ("            - Name: Deploy", Fate::Ignored),
    ("        - Name: Prod", Fate::Ignored),
    ("      Stages:", Fate::Ignored),
    ("  Pipeline:", Fate::Ignored),
    ("Resources:", Fate::Ignored),
    // Another action, and a part of the action that the finding does not point at.
    ("            - Name: Checkout", Fate::Unused),
    ("        - Name: Source", Fate::Unused),
    ("                StackName: shop", Fate::Unused),
    ("      Name: shop", Fate::Unused),
];

#[test]
fn a_comment_covers_what_begins_on_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let tools = tools();
    for (line, expected) in LINES {
        let found = format!("\n{line}\n");
        assert_eq!(tools.matches(&found).count(), 1, "{line}");
        let behind = tools.replace(&found, &format!("\n{line}   {COMMENT}\n"));
        assert_eq!(fate(folder.path(), &behind), *expected, "{line}");
        let before = tools.replace(&found, &format!("\n {COMMENT}\n\n# more\n{line}\n"));
        assert_eq!(fate(folder.path(), &before), *expected, "before {line}");
    }
    // The other end of a line, and of a file.
    let carriage = tools.replace('\n', "\r\n");
    let carriage = carriage.replace(
        "  ArtifactsPolicy:",
        &format!("  ArtifactsPolicy: {COMMENT}"),
    );
    assert_eq!(fate(folder.path(), &carriage), Fate::Ignored);
    assert_eq!(
        fate(folder.path(), &format!("{tools}{COMMENT}\n")),
        Fate::Malformed
    );
}

#[test]
fn comments_are_taken_at_their_word() {
    let folder = tempfile::tempdir().unwrap();
    let tools = tools();
    let at = |order: &str| {
        tools.replace(
            "  ArtifactsPolicy:",
            &format!("  ArtifactsPolicy: # {order}"),
        )
    };
    for (order, expected) in [
        ("pipeline-preflight: ignore[bucket-*] x", Fate::Ignored),
        (
            "pipeline-preflight: ignore[scp-missing, bucket-policy-missing] x",
            Fate::Ignored,
        ),
        (
            "pipeline-preflight: ignore[bucket-policy-missing until 2027-01-31] x",
            Fate::Ignored,
        ),
        (
            "pipeline-preflight: ignore[bucket-policy-mising] x",
            Fate::Unused,
        ),
        (
            "pipeline-preflight: ignore[bucket-policy-missing]",
            Fate::Malformed,
        ),
        (
            "pipeline-preflight: ignore bucket-policy-missing",
            Fate::Malformed,
        ),
        (
            "pipeline-preflight: skip[bucket-policy-missing] x",
            Fate::Malformed,
        ),
    ] {
        if order.contains("scp-missing") {
            // Of two rules the one that covers nothing is told.
            let shop = shop(folder.path(), &at(order));
            let result = shop.with(&shop.loaded.ignores);
            assert_eq!(suppressed(&result).len(), 1);
            assert!(lines(&result.findings).contains("warning ignore-unused: "));
            continue;
        }
        assert_eq!(fate(folder.path(), &at(order)), expected, "{order}");
    }
    let expired = shop(
        folder.path(),
        &at("pipeline-preflight: ignore[bucket-policy-missing until 2026-01-31] x"),
    );
    let result = expired.with(&expired.loaded.ignores);
    assert!(result.suppressed.is_empty());
    assert!(lines(&result.findings).contains("warning ignore-expired: Deploy"));
}

/// What stands in a description, or in a block of text, is no comment.
#[test]
fn texts_that_read_like_comments_ignore_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let tools = tools();
    for text in [
        format!("    Metadata:\n      Note: |\n        {COMMENT}\n"),
        format!("    Metadata:\n      Note: '{COMMENT}'\n"),
        format!("    Metadata:\n      Note: \"x\n        {COMMENT}\"\n"),
    ] {
        let template = tools.replace(
            "  ArtifactsPolicy:\n",
            &format!("  ArtifactsPolicy:\n{text}"),
        );
        let shop = shop(folder.path(), &template);
        assert_eq!(shop.loaded.ignores, []);
        assert_eq!(shop.loaded.warnings, []);
    }
}

#[test]
fn metadata_covers_its_resource() {
    let folder = tempfile::tempdir().unwrap();
    let tools = tools();
    let entry = "{rule: bucket-policy-missing, reason: renamed next week}";
    let at = |resource: &str, metadata: &str| {
        let line = format!("\n  {resource}:\n");
        assert_eq!(tools.matches(&line).count(), 1);
        tools.replace(
            &line,
            &format!("{line}    Metadata: {{pipeline-preflight: {metadata}}}\n"),
        )
    };
    for (resource, metadata, expected) in [
        (
            "ArtifactsPolicy",
            format!("{{ignore: [{entry}]}}"),
            Fate::Ignored,
        ),
        ("Pipeline", format!("{{ignore: [{entry}]}}"), Fate::Ignored),
        ("Artifacts", format!("{{ignore: [{entry}]}}"), Fate::Unused),
        (
            "ArtifactsPolicy",
            "{ignore: [{rule: '*', reason: x, expires: 2026-12-31}]}".to_owned(),
            Fate::Ignored,
        ),
        (
            "ArtifactsPolicy",
            "{ignore: [{rule: bucket-policy, reason: x}]}".to_owned(),
            Fate::Unused,
        ),
        (
            "ArtifactsPolicy",
            format!("{{ignore: {entry}}}"),
            Fate::Malformed,
        ),
        (
            "ArtifactsPolicy",
            format!("{{ignores: [{entry}]}}"),
            Fate::Malformed,
        ),
        ("ArtifactsPolicy", format!("[{entry}]"), Fate::Malformed),
        (
            "ArtifactsPolicy",
            "{ignore: [bucket-policy-missing]}".to_owned(),
            Fate::Malformed,
        ),
        (
            "ArtifactsPolicy",
            "{ignore: [{rule: bucket-policy-missing}]}".to_owned(),
            Fate::Malformed,
        ),
        (
            "ArtifactsPolicy",
            "{ignore: [{rule: bucket-policy-missing, reason: ' '}]}".to_owned(),
            Fate::Malformed,
        ),
        (
            "ArtifactsPolicy",
            "{ignore: [{rule: bucket-policy-missing, reason: !Ref Key}]}".to_owned(),
            Fate::Malformed,
        ),
        (
            "ArtifactsPolicy",
            "{ignore: [{reason: x}]}".to_owned(),
            Fate::Malformed,
        ),
        (
            "ArtifactsPolicy",
            "{ignore: [{rule: bucket-policy-missing, reason: x, until: 2026-12-31}]}".to_owned(),
            Fate::Malformed,
        ),
        (
            "ArtifactsPolicy",
            "{ignore: [{rule: bucket-policy-missing, reason: x, expires: soon}]}".to_owned(),
            Fate::Malformed,
        ),
    ] {
        assert_eq!(
            fate(folder.path(), &at(resource, &metadata)),
            expected,
            "{resource} {metadata}"
        );
    }
}

/// A finding that only mentions a place is not about it: the other stack's role is admitted nowhere, and only the place that
/// lacks the statement can say that this is meant.
#[test]
fn a_finding_without_actions_is_covered_where_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let tools = tools();
    let order = "# pipeline-preflight: ignore[organization-policies-unseen] nobody may export them";
    for (line, covered) in [
        ("  Pipeline:", true),
        ("      Name: shop", true),
        ("  Key:", false),
    ] {
        let found = format!("\n{line}\n");
        let template = tools.replace(&found, &format!("\n{line} {order}\n"));
        let shop = shop(folder.path(), &template);
        let result = shop.with(&shop.loaded.ignores);
        let lines = suppressed(&result);
        assert_eq!(
            lines.contains("note organization-policies-unseen: "),
            covered,
            "{line}"
        );
    }
}

/// Under other parameters there is something for the entry to cover.
#[test]
fn what_a_condition_leaves_out_was_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let role = |condition: &str, order: (&str, &str)| {
        format!(
            "Conditions:\n  Never: !Equals [a, b]\n  Always: !Equals [a, a]\nResources:\n  Old:{}\n    Type: AWS::IAM::Role\n    \
             Condition: {condition}\n    Properties:\n      RoleName: Old{}\n      AssumeRolePolicyDocument: {{Version: 2012-10-17, \
             Statement: []}}\n",
            order.0, order.1
        )
    };
    let comment = " # pipeline-preflight: ignore[trust-missing] x";
    let tools = tools();
    for (condition, order, unused) in [
        ("Never", (comment, ""), false),
        ("Never", ("", comment), false),
        ("Always", (comment, ""), true),
        ("Always", ("", comment), true),
    ] {
        let template = tools.replace("Resources:\n", &role(condition, order));
        let shop = shop(folder.path(), &template);
        assert_eq!(shop.loaded.ignores.len(), 1);
        let result = shop.with(&shop.loaded.ignores);
        let said = lines(&result.findings).contains("warning ignore-unused: ");
        assert_eq!(said, unused, "{condition} {order:?}");
    }
}

/// What a CDK app writes into the metadata of its resources stands in its cloud assembly.
#[test]
fn metadata_counts_in_a_cloud_assembly() {
    let model = Path::new("tests/fixtures/templates/cdk-pipelines-waves/cdk.out");
    let folder = tempfile::tempdir().unwrap();
    for entry in walkdir::WalkDir::new(model) {
        let entry = entry.unwrap();
        let to = folder
            .path()
            .join(entry.path().strip_prefix(model).unwrap());
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(to).unwrap(),
            false => fs::copy(entry.path(), to).map(|_| ()).unwrap(),
        }
    }
    let before = Checked::of(
        &[Input::Path(folder.path().to_owned())],
        &Settings::default(),
    );
    let finding = "permission-missing";
    let of = |result: &pipeline_preflight::check::Result| {
        let findings = result.findings.iter();
        findings.filter(|one| one.rule == finding).count()
    };
    assert_eq!(of(&before.result()), 1);
    let file = folder.path().join("ShopDelivery.template.json");
    let mut template: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    // Whichever resource it is about.
    for resource in template["Resources"].as_object_mut().unwrap().values_mut() {
        resource["Metadata"]["pipeline-preflight"] =
            serde_json::json!({"ignore": [{"rule": finding, "reason": "granted by hand"}]});
    }
    fs::write(&file, template.to_string()).unwrap();
    let after = Checked::of(
        &[Input::Path(folder.path().to_owned())],
        &Settings::default(),
    );
    let result = after.with(&after.loaded.ignores);
    assert_eq!(of(&result), 0);
    assert_eq!(result.suppressed.len(), 1);
    assert_eq!(result.suppressed[0].suppression.by.name(), "metadata");
}
