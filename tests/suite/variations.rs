//! Every rule has a failing and a passing case: `tests/fixtures/variations/<rule>.yaml` tells which small change to a fixed
//! system, which has no findings, brings exactly which findings about.

use std::collections::{BTreeMap, BTreeSet};

use pipeline_preflight::check::Finding;
use pipeline_preflight::rules::{Catalogue, Severity};
use serde::Deserialize;
use serde_json::Value;

use crate::world::{World, cases, check, document, encode_like, fixtures};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variation {
    /// What is changed, for people.
    title: String,
    /// The fixed system it starts from.
    base: String,
    /// Who updates the pipeline.
    caller: Option<String>,
    edits: Vec<Edit>,
    /// `<severity> <rule> <layer>`, sorted; nothing else may be found.
    expect: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    /// The file in the snapshot folder; it is removed when nothing else is said.
    file: String,
    /// JSON pointer; behind `!` it goes on inside a policy document, however that is encoded.
    at: Option<String>,
    /// The new value; `null` is a value. Without it the member or element goes.
    #[serde(default, deserialize_with = "some")]
    set: Option<Value>,
    /// A value to add to the list there.
    append: Option<Value>,
}

/// Tells `set: null` from no `set`.
fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn variations() -> BTreeMap<String, Vec<Variation>> {
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

fn apply(world: &mut World, edit: &Edit) {
    let Some(at) = &edit.at else {
        match &edit.set {
            Some(value) => {
                world.files.insert(edit.file.clone(), value.clone());
                world.write(&edit.file);
            }
            None => world.remove(&edit.file),
        }
        return;
    };
    let file = world
        .files
        .get_mut(&edit.file)
        .unwrap_or_else(|| panic!("no file {}", edit.file));
    match at.split_once('!') {
        None => change(file, at, edit),
        Some((outer, inner)) => {
            let slot = file
                .pointer_mut(outer)
                .unwrap_or_else(|| panic!("nothing at {outer}"));
            let mut policy = document(slot).unwrap_or_else(|| panic!("no policy at {outer}"));
            change(&mut policy, inner, edit);
            *slot = encode_like(&slot.clone(), &policy);
        }
    }
    world.write(&edit.file);
}

fn change(value: &mut Value, pointer: &str, edit: &Edit) {
    if let Some(item) = &edit.append {
        let list = value.pointer_mut(pointer).and_then(Value::as_array_mut);
        list.unwrap_or_else(|| panic!("no list at {pointer}"))
            .push(item.clone());
        return;
    }
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let last = last.replace("~1", "/").replace("~0", "~");
    match value
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("nothing at {parent}"))
    {
        Value::Object(members) => match &edit.set {
            Some(new) => {
                members.insert(last, new.clone());
            }
            None => assert!(members.remove(&last).is_some(), "nothing at {pointer}"),
        },
        Value::Array(items) => {
            let index: usize = last.parse().unwrap();
            match &edit.set {
                Some(new) => items[index] = new.clone(),
                None => {
                    items.remove(index);
                }
            }
        }
        other => panic!("{parent} is {other}"),
    }
}

fn line(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    format!("{severity} {} {}", finding.rule, finding.layer.name())
}

#[test]
fn each_variation_brings_about_what_it_says_and_nothing_else() {
    let mut faults = Vec::new();
    let mut count = 0;
    for (rule, list) in variations() {
        for variation in list {
            count += 1;
            let mut world = World::of_case(&variation.base);
            for edit in &variation.edits {
                apply(&mut world, edit);
            }
            let result = world.check_as(variation.caller.as_deref());
            let mut found: Vec<String> = result.findings.iter().map(line).collect();
            found.sort();
            let mut expected = variation.expect.clone();
            expected.sort();
            if found != expected {
                let messages: Vec<&str> = result
                    .findings
                    .iter()
                    .map(|finding| finding.message.as_str())
                    .collect();
                faults.push(format!(
                    "{rule}: {}\n  expected {expected:?}\n  found    {found:?}\n  {}",
                    variation.title,
                    messages.join("\n  ")
                ));
            }
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
const ONLY_EXPLAINED: [&str; 3] = ["rcp-missing", "role-unnamed", "session-policy-missing"];

#[test]
fn every_rule_is_brought_about_by_some_case() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut raised: BTreeSet<String> = BTreeSet::new();
    for list in variations().values() {
        for expected in list.iter().flat_map(|variation| &variation.expect) {
            raised.extend(expected.split(' ').nth(1).map(str::to_owned));
        }
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
