//! What manifests say of their stacks.

use super::*;
use crate::graph::has_symbol;
use crate::load::stack::{Stack, stacks};

const MANIFEST: &str = r#"{
  "version": "36.0.0",
  "artifacts": {
    "Tools.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Tools.assets.json"}},
    "Tools": {
      "type": "aws:cloudformation:stack", "environment": "aws://111111111111/eu-west-1",
      "properties": {"templateFile": "Tools.template.json", "parameters": {"Branch": "main"}}
    },
    "support": {
      "type": "aws:cloudformation:stack", "environment": "aws://222222222222/cn-north-1",
      "properties": {"templateFile": "support.template.json", "stackName": "Tools-support-222222222222"}
    },
    "Anywhere": {
      "type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region",
      "properties": {"templateFile": "Anywhere.template.json"}
    },
    "Elsewhere": {
      "type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-west-1",
      "properties": {"templateFile": "./nested/../Elsewhere.template.json"}
    }
  }
}"#;

/// A manifest and templates beside it, read.
struct Given {
    sources: Sources,
    templates: Vec<Template>,
    read: Assemblies,
    errors: Vec<LoadError>,
}

/// A manifest in `app/cdk.out`, and templates of these names beside it.
fn given(named: bool, names: &[&str]) -> Given {
    let mut sources = Sources::new();
    let mut keep = |name: &str, text: &str| {
        let source = sources.add(name, text.as_bytes()).unwrap();
        sources.roots(source)[0].origin()
    };
    let manifest = Manifest {
        path: PathBuf::from("app/cdk.out/manifest.json"),
        file: "app/cdk.out/manifest.json".to_owned(),
        root: keep("app/cdk.out/manifest.json", MANIFEST),
        named,
    };
    let template = |name: &&str| Template {
        path: PathBuf::from(format!("./app/cdk.out/{name}")),
        file: format!("app/cdk.out/{name}"),
        root: keep(name, r#"{"Parameters": {"Branch": {"Type": "String"}}}"#),
    };
    let templates: Vec<Template> = names.iter().map(template).collect();
    let mut errors = Vec::new();
    assert!(recognise(sources.node(manifest.root)));
    let read = read(&sources, &[manifest], &templates, &mut errors);
    Given {
        sources,
        templates,
        read,
        errors,
    }
}

impl Given {
    fn stacks(&mut self, inputs: &[&StackInput]) -> Vec<Stack> {
        let stacks = stacks(
            &mut self.sources,
            &mut Symbols::default(),
            &self.templates,
            &self.read,
            inputs,
            &mut self.errors,
        );
        assert!(self.errors.is_empty());
        stacks
    }
}

const ALL: [&str; 4] = [
    "Tools.template.json",
    "support.template.json",
    "Anywhere.template.json",
    "Elsewhere.template.json",
];

#[test]
fn a_manifest_says_where_its_stacks_live() {
    let mut given = given(false, &ALL);
    assert!(given.read.warnings.is_empty());
    let stacks = given.stacks(&[]);
    let [tools, support, anywhere, elsewhere] = stacks.as_slice() else {
        panic!("four stacks, not {}", stacks.len());
    };
    assert_eq!(tools.title, "Tools");
    assert_eq!(tools.home.account, "111111111111");
    assert_eq!(tools.home.region, "eu-west-1");
    assert_eq!(tools.home.partition, "aws");
    assert_eq!(tools.parameters["Branch"].value, "main");
    assert_eq!(support.home.stack, "Tools-support-222222222222");
    assert_eq!(support.home.partition, "aws-cn");
    assert!(has_symbol(&anywhere.home.region));
    assert_eq!(elsewhere.home.region, "eu-west-1");
    // Both go to whatever account the credentials are of.
    assert!(has_symbol(&anywhere.home.account));
    assert_eq!(anywhere.home.account, elsewhere.home.account);
}

#[test]
fn what_is_said_of_a_template_goes_before_its_manifest() {
    let input = StackInput {
        template: PathBuf::from("./app/cdk.out/Anywhere.template.json"),
        account: Some("333333333333".to_owned()),
        ..StackInput::default()
    };
    let stacks = given(false, &ALL).stacks(&[&input]);
    assert_eq!(stacks[2].home.account, "333333333333");
    assert_eq!(stacks[2].title, "Anywhere");
    assert!(has_symbol(&stacks[2].home.region));
}

#[test]
fn templates_that_are_not_there_are_named() {
    let names = ["Tools.template.json", "ToolsInner1A2B.nested.template.json"];
    let mut given = given(false, &names);
    let stacks = given.stacks(&[]);
    // What is nested in another one has no home until that one lends it its own.
    assert_eq!(stacks.len(), 2);
    assert_eq!(stacks[0].home.account, "111111111111");
    assert!(has_symbol(&stacks[1].home.account));
    let missing = |file: &str| {
        let is_it = |warning: &&Warning| warning.message.contains(&format!("`{file}`"));
        given.read.warnings.iter().filter(is_it).count()
    };
    assert_eq!(missing("support.template.json"), 1);
    assert_eq!(missing("Tools.template.json"), 0);
}

#[test]
fn a_manifest_alone_asks_for_its_folder() {
    let Given { read, errors, .. } = given(true, &[]);
    assert!(read.warnings.is_empty());
    assert_eq!(errors.len(), 1);
    let help = errors[0].help.as_deref().unwrap_or_default();
    assert!(help.ends_with("`app/cdk.out`"), "{help}");
}

#[test]
fn other_manifests_are_none() {
    for text in [
        r#"{"version": "1.0", "artifacts": {"app": {"type": "zip"}}}"#,
        r#"{"version": 3, "name": "web app", "icons": []}"#,
        r#"{"version": "1.0", "artifacts": []}"#,
        r#"{"artifacts": {"Tree": {"type": "cdk:tree"}}}"#,
    ] {
        let mut sources = Sources::new();
        let source = sources.add("manifest.json", text.as_bytes()).unwrap();
        assert!(!recognise(sources.roots(source)[0]), "{text}");
    }
}
