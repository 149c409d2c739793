//! Whole systems in which texts are not resolved: nothing that hangs on them is an error, and none leaves the program as it is
//! kept inside.

#![cfg(test)]

use std::collections::BTreeSet;

use pipeline_preflight::check::{Decided, Finding};
use pipeline_preflight::rules::Severity;
use serde_json::Value;

use crate::world::{World, cases, settled};

const SYMBOL: &str = "\u{F0000}";

/// Texts of a system that a template could take from a parameter: accounts, Regions, names, ids, ARNs as a whole.
fn atoms(world: &World) -> BTreeSet<String> {
    let mut atoms = BTreeSet::new();
    for text in world.files.values().flat_map(texts) {
        let Some(resource) = text
            .strip_prefix("arn:")
            .and_then(|rest| rest.splitn(5, ':').nth(4))
        else {
            continue;
        };
        if text.contains(['*', '?']) {
            continue;
        }
        let mut segments = text.split(':');
        atoms.extend(segments.nth(3).map(str::to_owned));
        atoms.extend(segments.next().map(str::to_owned));
        atoms.extend(resource.rsplit(['/', ':']).next().map(str::to_owned));
        atoms.insert(text.to_owned());
    }
    atoms.retain(|atom| atom.len() > 3 && atom != "root");
    atoms
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Puts a symbol in the place of a text, wherever it stands; tells whether it does.
fn open(value: &mut Value, atom: &str, symbol: &str) -> bool {
    match value {
        Value::String(text) => {
            let found = text.contains(atom);
            if found {
                *text = text.replace(atom, symbol);
            }
            found
        }
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |found, one| open(one, atom, symbol) | found),
        Value::Object(members) => members
            .values_mut()
            .fold(false, |found, one| open(one, atom, symbol) | found),
        _ => false,
    }
}

fn errors(findings: &[Finding]) -> BTreeSet<String> {
    let errors = findings
        .iter()
        .filter(|one| one.severity == Severity::Error);
    errors.map(|one| one.rule.clone()).collect()
}

#[test]
fn nothing_that_hangs_on_a_value_is_an_error() {
    let mut faults = Vec::new();
    let every = std::env::var("SYMBOLS_EVERY").map_or(97_usize, |every| every.parse().unwrap());
    let mut unread = Vec::new();
    let mut count = 0_usize;
    for case in cases() {
        let base = World::of_case(&case);
        let before = base.check();
        let known = errors(&before.findings);
        for atom in atoms(&base) {
            for file in base.files.keys() {
                let mut changed = base.files[file].clone();
                if !open(&mut changed, &atom, SYMBOL) {
                    continue;
                }
                count += 1;
                // All of them take minutes.
                if !count.is_multiple_of(every) {
                    continue;
                }
                let mut world = World::of_case(&case);
                world.files.insert(file.clone(), changed);
                world.write(file);
                let Some(result) = world.check_if_read() else {
                    unread.push(format!("{case} {file} {atom}"));
                    continue;
                };
                for finding in &result.findings {
                    let text = format!("{finding:?}");
                    assert!(!text.contains(r"\u{f0000}"), "{text}");
                }
                for finding in settled(&result.findings) {
                    let says = finding.decision != Decided::Undecided
                        && finding.severity == Severity::Error
                        && !known.contains(&finding.rule);
                    if says {
                        faults.push(format!(
                            "{case} {file} {atom}: {} {}",
                            finding.rule, finding.message
                        ));
                    }
                }
            }
        }
    }
    println!(
        "{count} systems, {} unread\n{}",
        unread.len(),
        unread.join("\n")
    );
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}
