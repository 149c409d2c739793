//! Any text as a template of two accounts → a whole run and every report.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use pipeline_preflight::check::{self, Options};
use pipeline_preflight::load::{self, Settings};
use pipeline_preflight::report::{FORMATS, Rendering, Style};
use pipeline_preflight::rules::Catalogue;
use pipeline_preflight::source::Sources;
use pipeline_preflight_fuzz::{input, mutate};

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the built-in rules"));

/// A pipeline, so that a run goes on to the end whatever the template holds.
const PIPELINE: &str = include_str!(
    "../../tests/fixtures/cases/cfn-cross-account/fixed/111111111111/us-east-1/codepipeline/shop-infrastructure.json"
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});

fuzz_target!(|data: &[u8]| {
    let inputs = [
        input("template.yaml", data),
        input(
            "111111111111/us-east-1/codepipeline/shop-infrastructure.json",
            PIPELINE.as_bytes(),
        ),
    ];
    let run = || {
        let mut sources = Sources::new();
        let settings = Settings {
            assumed: vec![("Environment".to_owned(), "prod".to_owned())],
            ..Settings::default()
        };
        let Ok(loaded) = load::load_with(&mut sources, &inputs, &settings) else {
            return Vec::new();
        };
        let result = check::run(&loaded.graph, &CATALOGUE, &Options::default());
        let rendering = Rendering {
            result: &result,
            sources: &sources,
            style: Style::plain(100),
        };
        let mut bytes = Vec::new();
        for format in FORMATS {
            (format.render)(&rendering, &mut bytes).expect("writing into memory");
        }
        bytes
    };
    assert_eq!(run(), run(), "twice the same");
});
