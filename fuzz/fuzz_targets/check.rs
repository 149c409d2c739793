//! A snapshot of several files → a whole run and both reports.
//!
//! The files stand one after the other, each behind a line `=== path`.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use pipeline_preflight::check::{self, Options};
use pipeline_preflight::load;
use pipeline_preflight::report::{FORMATS, Rendering, Style};
use pipeline_preflight::rules::Catalogue;
use pipeline_preflight::source::Sources;
use pipeline_preflight_fuzz::{input, mutate};

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the built-in rules"));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let inputs: Vec<_> = text
        .split("=== ")
        .filter_map(|part| part.split_once('\n'))
        .map(|(path, content)| input(path, content.as_bytes()))
        .collect();
    let mut sources = Sources::new();
    let Ok(loaded) = load::load(&mut sources, &inputs) else {
        return;
    };
    let result = check::run(&loaded.graph, &CATALOGUE, &Options::default());
    let again = check::run(&loaded.graph, &CATALOGUE, &Options::default());
    for width in [20, 100] {
        let render = |result| {
            let rendering = Rendering {
                result,
                sources: &sources,
                style: Style::plain(width),
            };
            let mut bytes = Vec::new();
            for format in FORMATS {
                (format.render)(&rendering, &mut bytes).expect("writing into memory");
            }
            bytes
        };
        assert_eq!(render(&result), render(&again), "twice the same");
    }
});
