//! The stations of a run, each on its own: a pipeline of three stages with two account exports of fifty roles each.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark says what it takes for granted by panicking"
)]

use std::path::Path;

use divan::{Bencher, black_box};
use pipeline_preflight::check::{self, Options};
use pipeline_preflight::graph::Graph;
use pipeline_preflight::load::{self, Input};
use pipeline_preflight::rules::Catalogue;
use pipeline_preflight::source::Sources;
use serde_json::{Value, json};

fn main() {
    divan::main();
}

/// The fixed CodeDeploy system, its account exports filled up to fifty roles with policies of five statements.
fn world() -> tempfile::TempDir {
    let from =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cases/codedeploy-ecs/fixed");
    let folder = tempfile::tempdir().expect("a folder");
    for entry in walkdir::WalkDir::new(&from) {
        let entry = entry.expect("a readable fixture");
        let to = folder
            .path()
            .join(entry.path().strip_prefix(&from).expect("inside"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(to).expect("a folder");
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).expect("a text");
        let text = if entry.file_name() == "authorization-details.json" {
            filled_up(&text)
        } else {
            text
        };
        std::fs::write(to, text).expect("written");
    }
    folder
}

fn filled_up(export: &str) -> String {
    let mut export: Value = serde_json::from_str(export).expect("JSON");
    let roles = export["RoleDetailList"].as_array_mut().expect("roles");
    let model = roles[0].clone();
    let account = model["Arn"]
        .as_str()
        .expect("an ARN")
        .split(':')
        .nth(4)
        .expect("an account")
        .to_owned();
    for index in roles.len()..50 {
        let mut role = model.clone();
        role["RoleName"] = json!(format!("Other{index}"));
        role["Arn"] = json!(format!("arn:aws:iam::{account}:role/Other{index}"));
        let statements: Vec<Value> = (0..5)
            .map(|n| json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": format!("arn:aws:s3:::bucket-{index}-{n}/*")}))
            .collect();
        role["RolePolicyList"] = json!([{"PolicyName": "P", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}]);
        roles.push(role);
    }
    serde_json::to_string_pretty(&export).expect("JSON")
}

fn loaded(folder: &Path) -> Graph {
    let mut sources = Sources::new();
    load::load(&mut sources, &[Input::Path(folder.to_owned())])
        .expect("a good world")
        .graph
}

/// Texts to trees.
#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let folder = world();
    let texts: Vec<Vec<u8>> = walkdir::WalkDir::new(folder.path())
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("readable"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| std::fs::read(entry.path()).expect("readable"))
        .collect();
    bencher.bench_local(|| {
        let mut sources = Sources::new();
        for text in &texts {
            sources.add("a", black_box(text)).expect("JSON");
        }
        sources
    });
}

/// Files to graph, parsing included.
#[divan::bench]
fn build(bencher: Bencher<'_, '_>) {
    let folder = world();
    bencher.bench_local(|| loaded(black_box(folder.path())));
}

/// The rule files to the catalogue.
#[divan::bench]
fn catalogue() -> Catalogue {
    Catalogue::builtin().expect("sound rules")
}

/// Graph and catalogue to findings.
#[divan::bench]
fn check(bencher: Bencher<'_, '_>) {
    let folder = world();
    let (graph, catalogue) = (
        loaded(folder.path()),
        Catalogue::builtin().expect("sound rules"),
    );
    bencher.bench_local(|| check::run(black_box(&graph), &catalogue, &Options::default()));
}

/// The same for a pipeline of 453 actions: its deployment a hundred and fifty times in turn with its sources.
#[divan::bench(sample_count = 20)]
fn check_large(bencher: Bencher<'_, '_>) {
    let folder = world();
    let pipeline = folder
        .path()
        .join("111111111111/eu-west-1/codepipeline/storefront-release.json");
    let text = std::fs::read_to_string(&pipeline).expect("a text");
    let mut tree: Value = serde_json::from_str(&text).expect("JSON");
    let stages = tree["pipeline"]["stages"].as_array_mut().expect("stages");
    let model = stages.clone();
    for round in 0..150 {
        for stage in &model {
            let mut stage = stage.clone();
            let name = stage["name"].as_str().expect("a name");
            stage["name"] = json!(format!("{name}{round}"));
            stages.push(stage);
        }
    }
    std::fs::write(&pipeline, tree.to_string()).expect("written");
    let (graph, catalogue) = (
        loaded(folder.path()),
        Catalogue::builtin().expect("sound rules"),
    );
    let result = check::run(&graph, &catalogue, &Options::default());
    assert_eq!(result.summary.actions, 453);
    bencher.bench_local(|| check::run(black_box(&graph), &catalogue, &Options::default()));
}
