//! Cloud assemblies of AWS CDK, as `cdk synth` writes them: what works in reality gets no error, and nothing stays open that the
//! app itself tells.

use std::path::PathBuf;

use pipeline_preflight::graph::Graph;
use pipeline_preflight::load::{Input, StackInput, load};
use pipeline_preflight::rules::Severity;
use pipeline_preflight::source::Sources;

use crate::world::{check, fixtures};

const WAVES: &str = "cdk-pipelines-waves";
const REGIONS: &str = "cdk-classic-regions";

fn assembly(name: &str) -> PathBuf {
    fixtures("templates").join(name).join("cdk.out")
}

fn graph(inputs: &[Input]) -> Graph {
    let mut sources = Sources::new();
    let loaded = load(&mut sources, inputs).unwrap();
    assert_eq!(loaded.unrecognised, Vec::<String>::new());
    let messages: Vec<&String> = loaded.warnings.iter().map(|one| &one.message).collect();
    assert_eq!(messages, Vec::<&String>::new());
    loaded.graph
}

/// Both apps are as the CDK guide has them, so nothing in them fails; `codeconnections:UseConnection`, which CDK does not grant
/// for connections of the new name, is a warning, as the older name of the permission is enough for those who have worked so far.
#[test]
fn apps_that_work_get_no_error_and_nothing_stays_open() {
    for name in [WAVES, REGIONS] {
        let (result, _) = check(&assembly(name));
        assert_eq!(result.summary.pipelines, 1, "{name}");
        assert_eq!(result.summary.undecided, 0, "{name}");
        let loud: Vec<(&str, &[String])> = result
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Note)
            .map(|finding| (finding.rule.as_str(), finding.operations.as_slice()))
            .collect();
        let connection = ["codeconnections:UseConnection".to_owned()];
        assert_eq!(
            loud,
            [("permission-missing", connection.as_slice())],
            "{name}"
        );
    }
}

#[test]
fn the_roles_of_the_bootstrap_stack_are_told_of_once_for_each_account() {
    let (result, _) = check(&assembly(WAVES));
    let told: Vec<&[String]> = result
        .findings
        .iter()
        .filter(|finding| finding.rule == "bootstrap-role-assumed")
        .map(|finding| finding.resources.as_slice())
        .collect();
    let roles = |account: &str, region: &str| {
        ["cfn-exec", "deploy"].map(|role| {
            format!("arn:aws:iam::{account}:role/cdk-acme1-{role}-role-{account}-{region}")
        })
    };
    let test = roles("222222222222", "eu-central-1");
    let prod = roles("333333333333", "us-west-2");
    assert_eq!(told, [test.as_slice(), prod.as_slice()]);
}

#[test]
fn stacks_live_where_the_manifest_says() {
    let graph = graph(&[Input::Path(assembly(REGIONS))]);
    let pipeline = &graph.pipelines[0];
    assert_eq!(pipeline.account, "111111111111");
    assert_eq!(pipeline.region.as_deref(), Some("eu-central-1"));
    let site = &graph.buckets["acme-shop-site-test"];
    assert_eq!(site.account.as_deref(), Some("222222222222"));
    let service = "arn:aws:ecs:us-west-2:333333333333:service/shop/web";
    assert!(graph.resources.contains_key(service));
    // The project is in a nested stack, which lives where its parent does.
    let project =
        |arn: &String| arn.starts_with("arn:aws:codebuild:eu-central-1:111111111111:project/");
    assert_eq!(graph.resources.keys().filter(|arn| project(arn)).count(), 1);
    // Roles of the support stacks are those that the pipeline names.
    for action in pipeline.stages.iter().flat_map(|stage| &stage.actions) {
        let role = action.role_arn.as_ref().unwrap();
        assert!(
            graph.roles.contains_key(&role.text),
            "{}",
            graph.symbols.shown(&role.text)
        );
    }
}

#[test]
fn a_stack_of_a_stage_can_be_said_to_live_elsewhere() {
    let template = assembly(WAVES).join("assembly-Prod/ProdShop82526E42.template.json");
    let stack = StackInput {
        template,
        account: Some("111111111111".to_owned()),
        ..StackInput::default()
    };
    let graph = graph(&[Input::Path(assembly(WAVES)), Input::Stack(stack)]);
    let lives = |account: &str| {
        let arn = format!("arn:aws:sns:us-west-2:{account}:Prod-Shop-Orders");
        graph.resources.keys().any(|known| known.starts_with(&arn))
    };
    assert!(lives("111111111111") && !lives("333333333333"));
}
