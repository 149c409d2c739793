//! Folders of AWS CDK: what is read of them, and what is passed over in silence.

use super::*;

const MANIFEST: &[u8] = br#"{"version": "36.0.0", "artifacts": {
  "Tools": {"type": "aws:cloudformation:stack", "environment": "aws://111111111111/eu-west-1",
            "properties": {"templateFile": "Tools.template.json"}},
  "assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}}}"#;

const NESTED: &[u8] = br#"{"version": "36.0.0", "artifacts": {
  "Prod": {"type": "aws:cloudformation:stack", "environment": "aws://333333333333/us-east-1",
           "properties": {"templateFile": "Prod.template.json", "stackName": "Prod-App"}}}}"#;

const TEMPLATE: &[u8] = br#"{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}"#;

#[test]
fn assets_of_an_assembly_are_passed_over() {
    // Broken on purpose: whoever reads one of them says so.
    let broken = b"{\"dependencies\": {" as &[u8];
    let files = [
        ("cdk.out/manifest.json", MANIFEST),
        ("cdk.out/Tools.template.json", TEMPLATE),
        ("cdk.out/Tools.assets.json", broken),
        ("cdk.out/Tools.metadata.json", broken),
        ("cdk.out/tree.json", broken),
        ("cdk.out/cdk.out", broken),
        ("cdk.out/asset.1a2b/package.json", broken),
        ("cdk.out/asset.1a2b/node_modules/x/manifest.json", broken),
        ("cdk.out/asset.3c4d.json", broken),
        ("cdk.out/assembly-Prod/manifest.json", NESTED),
        ("cdk.out/assembly-Prod/Prod.template.json", TEMPLATE),
        ("cdk.out/assembly-Prod/asset.5e6f/index.json", broken),
        ("pipeline.json", PIPELINE.as_bytes()),
    ];
    let folder = folder(&files);
    let loaded = load_paths(&[folder.path().to_owned()]).unwrap();
    assert_eq!(loaded.unrecognised, Vec::<String>::new());
    assert_eq!(warnings(&loaded), Vec::<&str>::new());
    let count = |kind: &str| {
        let of_kind = loaded.recognised.iter().filter(|one| one.kind == kind);
        of_kind.count()
    };
    assert_eq!(count("CDK manifest"), 2);
    assert_eq!(count("CloudFormation template"), 2);
}

#[test]
fn outside_of_an_assembly_the_same_names_are_read() {
    let files = [
        (
            "site/manifest.json",
            br#"{"version": 3, "icons": []}"# as &[u8],
        ),
        ("site/asset.1a2b/pipeline.json", PIPELINE.as_bytes()),
        ("site/tree.json", b"{}"),
    ];
    let folder = folder(&files);
    let loaded = load_paths(&[folder.path().to_owned()]).unwrap();
    assert_eq!(loaded.graph.pipelines.len(), 1);
    assert_eq!(loaded.unrecognised.len(), 2);
}

#[test]
fn a_manifest_is_no_input_without_its_folder() {
    let folder = folder(&[("cdk.out/manifest.json", MANIFEST)]);
    let manifest = folder.path().join("cdk.out/manifest.json");
    let errors = load_paths(&[manifest]).unwrap_err();
    let help = errors[0].help.clone().unwrap_or_default();
    let name = folder.path().join("cdk.out");
    assert!(
        help.contains(&*name.to_string_lossy().replace('\\', "/")),
        "{help}"
    );
}
