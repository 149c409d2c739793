//! Cloud assemblies of AWS CDK, as `cdk synth` writes them: what works in reality gets no error, and nothing stays open that the
//! app itself tells.

use std::collections::BTreeSet;

use pipeline_preflight::check::Finding;
use pipeline_preflight::graph::Graph;
use pipeline_preflight::load::{Input, load};
use pipeline_preflight::rules::Severity;
use pipeline_preflight::source::Sources;

use crate::world::{check, fixtures};

fn graph(assembly: &str) -> Graph {
    let folder = fixtures("templates").join(assembly).join("cdk.out");
    let mut sources = Sources::new();
    let loaded = load(&mut sources, &[Input::Path(folder)]).unwrap();
    assert_eq!(loaded.unrecognised, Vec::<String>::new());
    let messages: Vec<&String> = loaded.warnings.iter().map(|one| &one.message).collect();
    assert_eq!(messages, Vec::<&String>::new());
    loaded.graph
}

#[test]
fn dump() {
    for one in ["cdk-classic-regions", "cdk-pipelines-waves"] {
        let graph = graph(one);
        for (arn, resource) in &graph.resources {
            println!(
                "{} {:?}",
                graph.symbols.shown(arn),
                resource.values.keys().take(8).collect::<Vec<_>>()
            );
        }
        for arn in graph.roles.keys() {
            println!("{}", graph.symbols.shown(arn));
        }
        for arn in graph.buckets.keys() {
            println!("{}", graph.symbols.shown(arn));
        }
        for arn in graph.keys.keys() {
            println!("{}", graph.symbols.shown(arn));
        }
    }
}
