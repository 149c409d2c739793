//! What the pages say is so: their commands run and print what is shown, their links lead somewhere, their flags exist.
//!
//! In: README.md, rules/README.md and what people wrote under docs/. What is generated (docs/rules, docs/providers, docs/failures.md,
//! docs/corpus.md) is compared with its sources elsewhere, and only linked to here.

mod flags;
mod links;
mod page;
mod run;
mod shown;
mod words;

use std::path::Path;

use page::Page;
use walkdir::WalkDir;

/// Pages that are made by a test, from data.
const GENERATED: &[&str] = &[
    "docs/rules/",
    "docs/providers/",
    "docs/failures.md",
    "docs/corpus.md",
];

/// Pages that are linked to and still being written.
const TO_COME: &[&str] = &[
    "docs/graph.md",
    "docs/configuration.md",
    "docs/ignoring.md",
    "docs/comparing.md",
    "docs/ci.md",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages that people wrote.
fn pages() -> Vec<Page> {
    let mut pages = vec![
        Page::read(root(), "README.md"),
        Page::read(root(), "rules/README.md"),
    ];
    let names = names_under("docs").into_iter();
    let written = names.filter(|name| !GENERATED.iter().any(|made| name.starts_with(made)));
    pages.extend(written.map(|name| Page::read(root(), &name)));
    assert!(pages.len() > 10, "{}", pages.len());
    pages
}

/// All pages in a folder, by their names from the root.
fn names_under(folder: &str) -> Vec<String> {
    let walk = WalkDir::new(root().join(folder)).sort_by_file_name();
    let files = walk.into_iter().map(|entry| entry.unwrap().into_path());
    let pages = files.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let names = pages.map(|path| path.strip_prefix(root()).unwrap().to_owned());
    names
        .map(|name| name.to_str().unwrap().replace('\\', "/"))
        .collect()
}
