//! Every rule has a failing and a passing case: `tests/fixtures/variations/<rule>.yaml` tells which small change to a fixed
//! system, which has no findings, brings exactly which findings about.

use std::collections::{BTreeMap, BTreeSet};

use pipeline_preflight::rules::Catalogue;

use crate::edits::Variation;
use crate::world::{cases, check, fixtures};

pub(crate) fn variations() -> BTreeMap<String, Vec<Variation>> {
    let mut variations = BTreeMap::new();
    for entry in walkdir::WalkDir::new(fixtures("variations")).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let list = serde_yaml::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", entry.path().display()));
            variations.insert(
                entry
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
                list,
            );
        }
    }
    variations
}

#[test]
fn each_variation_brings_about_what_it_says_and_nothing_else() {
    let mut faults = Vec::new();
    let mut count = 0;
    for (rule, list) in variations() {
        for variation in list {
            count += 1;
            faults.extend(variation.fault().map(|fault| format!("{rule}: {fault}")));
        }
    }
    println!("{count} variations");
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Rules that stand for what the engine can answer and AWS can print, but no input can bring about: nobody can export the
/// policy of a session, and the resource control policy that allows everything cannot be detached.
const ONLY_EXPLAINED: [&str; 2] = ["rcp-missing", "session-policy-missing"];

#[test]
fn every_rule_is_brought_about_by_some_case() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut raised: BTreeSet<String> = BTreeSet::new();
    for list in variations().values() {
        raised.extend(list.iter().flat_map(Variation::rules).map(str::to_owned));
    }
    for case in cases() {
        let (result, _) = check(&fixtures("cases").join(case));
        raised.extend(result.findings.into_iter().map(|finding| finding.rule));
    }
    let unproven: Vec<&String> = catalogue
        .findings
        .keys()
        .filter(|id| !raised.contains(*id) && !ONLY_EXPLAINED.contains(&id.as_str()))
        .collect();
    assert!(unproven.is_empty(), "no case brings about {unproven:?}");
    assert!(ONLY_EXPLAINED.iter().all(|id| !raised.contains(*id)));
    let unknown: Vec<&String> = raised
        .iter()
        .filter(|id| !catalogue.findings.contains_key(*id))
        .collect();
    assert!(unknown.is_empty(), "no such rules: {unknown:?}");
}
