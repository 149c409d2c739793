//! Any bytes → texts, policies and facts: whatever comes in is read or refused, and told where.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use pipeline_preflight::load::{self, policy};
use pipeline_preflight::report::{mask, printable, wrap};
use pipeline_preflight::source::{Node, Sources};
use pipeline_preflight_fuzz::{input, mutate};

/// Paths of a snapshot, because some answers of AWS are told by their path only.
const PATHS: &[&str] = &[
    "any.json",
    "111111111111/authorization-details.json",
    "111111111111/organizations.json",
    "111111111111/s3/store.json",
    "111111111111/iam/policies/Some.json",
    "111111111111/eu-west-1/kms/key.json",
    "111111111111/eu-west-1/codepipeline/shop.json",
    "111111111111/eu-west-1/codebuild/build.json",
    "111111111111/eu-west-1/codedeploy/app/group.json",
    "111111111111/eu-west-1/ecs/cluster/service.json",
    "111111111111/eu-west-1/ecs/task-definitions/task.json",
    "111111111111/eu-west-1/ecr/images.json",
    "111111111111/eu-west-1/lambda/function.json",
    "111111111111/eu-west-1/sns/topic.json",
    "111111111111/eu-west-1/states/machine.json",
    "111111111111/eu-west-1/events/rule.json",
    "111111111111/eu-west-1/connections/some.json",
    "111111111111/eu-west-1/cloudformation/stack.json",
];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});

fuzz_target!(|data: &[u8]| {
    let mut sources = Sources::new();
    if let Ok(source) = sources.add("any.json", data) {
        let roots: Vec<_> = sources
            .roots(source)
            .into_iter()
            .map(Node::origin)
            .collect();
        for root in roots {
            let place = sources.place(root);
            assert!(sources.text(source).get(place.span).is_some());
            // Read twice: a document inside a string is parsed once.
            let first = policy::read(&mut sources, root, None);
            assert_eq!(first, policy::read(&mut sources, root, None));
            for statement in first.iter().flat_map(|policy| &policy.statements) {
                let place = sources.place(statement.origin);
                assert!(sources.text(source).get(place.span).is_some());
            }
        }
    }
    let path = PATHS[data.len() % PATHS.len()];
    let mut sources = Sources::new();
    if let Ok(loaded) = load::load(&mut sources, &[input(path, data)]) {
        for origin in loaded.warnings.iter().flat_map(|warning| &warning.origins) {
            sources.place(*origin);
        }
    }
    let mut sources = Sources::new();
    let _ = load::case::cases(&mut sources, &[input(path, data)]);
    if let Ok(text) = std::str::from_utf8(data) {
        let masked = mask(text);
        wrap(&printable(&masked), 80);
    }
});
