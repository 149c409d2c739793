//! Links between the files of the repository lead somewhere, and every page can be found from docs/README.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::page::Page;
use super::{GENERATED, TO_COME, names_under, pages, root};

#[test]
fn every_link_leads_somewhere() {
    let mut names = vec!["README.md".to_owned(), "CHANGELOG.md".to_owned()];
    for folder in ["rules", "docs", "tests/moto", "tests/differential"] {
        names.extend(names_under(folder));
    }
    let fixtures = names_under("tests/fixtures").into_iter();
    names
        .extend(fixtures.filter(|name| name.ends_with("/README.md") && !name.contains("/corpus/")));
    let pages = names
        .iter()
        .map(|name| (name.clone(), Page::read(root(), name)));
    let pages: BTreeMap<String, Page> = pages.collect();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in pages.values() {
        for link in page.links() {
            let elsewhere = ["https://", "http://", "mailto:"];
            if elsewhere.iter().any(|scheme| link.starts_with(scheme)) {
                continue;
            }
            seen += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => page.name.clone(),
                file => beside(&page.name, file),
            };
            if !root().join(&target).exists() {
                if !TO_COME.contains(&target.as_str()) {
                    wrong.push(format!("{}: {link}: no such file", page.name));
                }
            } else if !anchor.is_empty() {
                let anchors = pages.get(&target).map(Page::anchors).unwrap_or_default();
                if !anchors.contains(anchor) {
                    wrong.push(format!("{}: {link}: no such heading", page.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "{seen}");
}

#[test]
fn every_page_is_linked_from_the_list_of_pages() {
    let list = Page::read(root(), "docs/README.md");
    let linked: BTreeSet<String> = list
        .links()
        .iter()
        .map(|link| beside(&list.name, link.split('#').next().unwrap_or_default()))
        .collect();
    let mut wanted: BTreeSet<String> = pages().into_iter().map(|page| page.name).collect();
    wanted.remove("docs/README.md");
    for made in GENERATED {
        let page = if made.ends_with('/') { "README.md" } else { "" };
        wanted.insert(format!("{made}{page}"));
    }
    let missing: Vec<_> = wanted.difference(&linked).collect();
    assert!(missing.is_empty(), "docs/README.md lacks {missing:?}");
}

/// The file that a link of a page means, by its name from the root.
fn beside(page: &str, link: &str) -> String {
    let mut path = PathBuf::from(page);
    path.pop();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path.to_str().unwrap().replace('\\', "/")
}
