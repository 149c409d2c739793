//! Cloud assemblies of AWS CDK, as `cdk synth` writes them: what works in reality gets no error, and nothing stays open that the
//! app itself tells.

use std::fs;
use std::path::PathBuf;

use pipeline_preflight::graph::Graph;
use pipeline_preflight::load::{Input, StackInput, load};
use pipeline_preflight::rules::Severity;
use pipeline_preflight::source::Sources;
use serde_json::Value;

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

/// The errors of an assembly of which one template lacks a statement.
fn errors_without(name: &str, template: &str, resource: &str, statement: usize) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let from = assembly(name);
    for entry in walkdir::WalkDir::new(&from) {
        let entry = entry.unwrap();
        let to = folder
            .path()
            .join(entry.path().strip_prefix(&from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    let file = folder.path().join(template);
    let mut document: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let properties = &mut document["Resources"][resource]["Properties"];
    let mut policy = ["PolicyDocument", "KeyPolicy"].into_iter();
    let policy = policy.find(|key| properties.get(key).is_some()).unwrap();
    let statements = properties[policy]["Statement"].as_array_mut().unwrap();
    statements.remove(statement);
    fs::write(&file, format!("{document:#}")).unwrap();
    let (result, _) = check(folder.path());
    let errors = result.findings.into_iter();
    let errors = errors.filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.rule).collect()
}

#[test]
fn a_grant_that_is_taken_from_an_app_that_works_is_missed() {
    const DELIVERY: &str = "ShopDelivery.template.json";
    const REPLICA: &str = "cross-region-stack-111111111111_us-west-2.template.json";
    const SUPPORT: &str = "cross-account-support-stack-333333333333.template.json";
    const TARGET: &str = "ShopSite.template.json";
    const TOOLS: &str = "ShopPipeline.template.json";
    const PIPELINE: &str = "DeliveryPipelineRoleDefaultPolicy2579E1A4";
    const BUCKET: &str = "DeliveryPipelineArtifactsBucketPolicy70EDA9F7";
    const KEY: &str = "DeliveryPipelineArtifactsBucketEncryptionKey57F6FB5C";
    const BUILDS: &str = "DeliveryCodeBuildActionRoleDefaultPolicy660DB9FE";
    const OTHER_BUCKET: &str = "CrossRegionCodePipelineReplicationBucketPolicyB7BA2BCA";
    const OTHER_KEY: &str = "CrossRegionCodePipelineReplicationBucketEncryptionKey70216490";
    const SERVICE: &str = "ShopPipeline448D79D6ProdServiceActionRoleDefaultPolicyBB3D40A1";
    const ALARMS: &str = "ShopPipeline448D79D6ProdAlarmsActionRoleDefaultPolicy5C2C4662";
    const SITE: &str = "ShopPipeline448D79D6TestSiteActionRoleDefaultPolicy1E09F898";
    const IMAGE: &str = "PipelineBuildImageCodePipelineActionRoleDefaultPolicy9275A5AC";
    for (name, template, resource, statement, rule) in [
        (WAVES, DELIVERY, PIPELINE, 4, "assume-role-missing"),
        (WAVES, DELIVERY, BUCKET, 1, "bucket-policy-missing"),
        (WAVES, DELIVERY, KEY, 1, "key-policy-missing"),
        (WAVES, DELIVERY, BUILDS, 2, "permission-missing"),
        (WAVES, REPLICA, OTHER_BUCKET, 1, "bucket-policy-missing"),
        (WAVES, REPLICA, OTHER_KEY, 2, "key-policy-missing"),
        (REGIONS, SUPPORT, SERVICE, 1, "pass-role-missing"),
        (REGIONS, SUPPORT, SERVICE, 2, "artifact-permission-missing"),
        (REGIONS, SUPPORT, ALARMS, 0, "pass-role-missing"),
        (REGIONS, TARGET, SITE, 2, "key-permission-missing"),
        // The project's name comes out of the nested stack.
        (REGIONS, TOOLS, IMAGE, 0, "permission-missing"),
    ] {
        let errors = errors_without(name, template, resource, statement);
        assert_eq!(errors, [rule], "{resource} {statement}");
    }
}
