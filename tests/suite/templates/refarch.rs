//! AWS's reference architecture, as its templates are: every grant of it is needed, or the list says why not.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use pipeline_preflight::check::{Decided, Finding, ReportLayer};
use pipeline_preflight::rules::Severity;
use serde::Deserialize;

use super::corpus::{CORPUS, configuration};
use super::{Config, Run};

const SYSTEM: &str = "awslabs__aws-refarch-cross-account-pipeline";

/// One grant to take away from the text of a template.
struct Deletion {
    /// What the list calls it: `ToolsAcct/pre-reqs.yaml KMSKey 1 Action kms:Encrypt`.
    name: String,
    layer: ReportLayer,
    /// The template without it.
    text: String,
}

/// The items of the list below a line, each as a range of lines.
fn items(lines: &[&str], below: usize) -> Vec<Range<usize>> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let own = depth(lines[below]);
    let mut items: Vec<Range<usize>> = Vec::new();
    let mut dash = None;
    for (number, line) in lines.iter().enumerate().skip(below + 1) {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let begins = text == "-" || text.starts_with("- ");
        let at = depth(line);
        if at < own || (at == own && !begins) {
            break;
        }
        match dash {
            None if begins => dash = Some(at),
            None => return Vec::new(),
            Some(dash) if at < dash => break,
            Some(_) => {}
        }
        if begins && dash == Some(at) {
            items.push(number..number + 1);
        } else if let Some(last) = items.last_mut() {
            last.end = number + 1;
        }
    }
    items
}

fn without(lines: &[&str], key: usize, all: &[Range<usize>], gone: &Range<usize>) -> String {
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        if gone.contains(&number) {
            continue;
        }
        text.push_str(line);
        if number == key && all.len() == 1 {
            text.push_str(" []");
        }
        text.push('\n');
    }
    text
}

fn deletions(template: &str, text: &str) -> Vec<Deletion> {
    let lines: Vec<&str> = text.lines().collect();
    let mut deletions = Vec::new();
    let (mut resource, mut layer) = (String::new(), ReportLayer::Identity);
    for (number, line) in lines.iter().enumerate() {
        if line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':') {
            resource = line.trim().trim_end_matches(':').to_owned();
        }
        match line.trim() {
            "AssumeRolePolicyDocument:" => layer = ReportLayer::Trust,
            "KeyPolicy:" => layer = ReportLayer::KeyPolicy,
            "PolicyDocument:" if resource == "S3BucketPolicy" => layer = ReportLayer::BucketPolicy,
            "PolicyDocument:" => layer = ReportLayer::Identity,
            _ => {}
        }
        if line.trim() != "Statement:" {
            continue;
        }
        let statements = items(&lines, number);
        for (index, statement) in statements.iter().enumerate() {
            let name = format!("{template} {resource} {} {index}", layer.name());
            deletions.push(Deletion {
                name: name.clone(),
                layer,
                text: without(&lines, number, &statements, statement),
            });
            for key in statement.clone() {
                let word = lines[key].trim();
                if !["Action:", "Resource:", "AWS:", "Service:"].contains(&word) {
                    continue;
                }
                let values = items(&lines, key);
                if values.len() < 2 {
                    continue;
                }
                for value in &values {
                    let written: Vec<&str> = lines[value.clone()]
                        .iter()
                        .map(|line| line.split(" #").next().unwrap().trim())
                        .collect();
                    deletions.push(Deletion {
                        name: format!("{name} {word} {}", written.join(" ")),
                        layer,
                        text: without(&lines, key, &values, value),
                    });
                }
            }
        }
    }
    deletions
}

/// A grant that this pipeline does without, or that is missed elsewhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Spare {
    /// As [`Deletion::name`] has it, or a whole statement with all that is in it.
    grant: String,
    /// The layer at which it is missed instead.
    found_at: Option<String>,
    because: String,
}

fn spare() -> Vec<Spare> {
    let text = std::fs::read_to_string("tests/fixtures/refarch-deletions.yaml").unwrap();
    serde_yaml::from_str(&text).unwrap()
}

fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for template in templates(&configuration(SYSTEM)) {
        let to = folder.path().join(&template);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(Path::new(CORPUS).join(SYSTEM).join(&template), to).unwrap();
    }
    folder
}

fn templates(config: &Config) -> BTreeSet<String> {
    let stacks = config.stacks.iter();
    stacks.map(|stack| stack.template.clone()).collect()
}

/// What is missed; what nobody knows is not.
fn missed(run: &Run) -> impl Iterator<Item = &Finding> {
    let findings = run.result.findings.iter();
    findings.filter(|finding| finding.decision == Decided::Denied)
}

#[test]
fn every_grant_that_is_needed_is_missed() {
    let config = configuration(SYSTEM);
    let folder = copy();
    let before = config.check(folder.path()).unwrap();
    let known: BTreeSet<String> = missed(&before).map(|one| before.line(one)).collect();
    let list = spare();
    let mut used = BTreeSet::new();
    let mut faults = Vec::new();
    let mut counts = [0; 4];
    for template in templates(&config) {
        let path = folder.path().join(&template);
        let text = std::fs::read_to_string(&path).unwrap();
        for deletion in deletions(&template, &text) {
            let name = &deletion.name;
            std::fs::write(&path, &deletion.text).unwrap();
            let found = config.check(folder.path());
            let after = found.unwrap_or_else(|errors| panic!("{name}: {errors:#?}"));
            let new = missed(&after).filter(|one| !known.contains(&after.line(one)));
            let new: Vec<&Finding> = new.collect();
            let lines: Vec<String> = new.iter().map(|one| after.line(one)).collect();
            let listed = list
                .iter()
                .position(|one| *name == one.grant || name.starts_with(&format!("{} ", one.grant)));
            used.extend(listed);
            let expected = match listed.map(|index| &list[index]) {
                None => Some(deletion.layer.name()),
                Some(spare) => spare.found_at.as_deref(),
            };
            let right = match expected {
                None => new.is_empty(),
                Some(layer) => new.iter().any(|one| one.layer.name() == layer),
            };
            if !right {
                faults.push(format!("{name}: expected {expected:?}, found {lines:#?}"));
            }
            let elsewhere = new
                .iter()
                .find(|one| one.severity == Severity::Error && Some(one.layer.name()) != expected);
            if let Some(other) = elsewhere {
                faults.push(format!("{name}: is blamed on {}", after.line(other)));
            }
            match new.iter().map(|one| one.severity).max() {
                Some(Severity::Error) => counts[0] += 1,
                Some(Severity::Warning) => counts[1] += 1,
                Some(Severity::Note) => counts[2] += 1,
                None => counts[3] += 1,
            }
        }
        std::fs::write(&path, &text).unwrap();
    }
    for (index, one) in list.iter().enumerate() {
        assert!(!one.because.is_empty(), "{}", one.grant);
        if !used.contains(&index) {
            faults.push(format!("{}: there is no such grant", one.grant));
        }
    }
    println!(
        "{} deletions are errors, {} warnings, {} notes; {} grants are not needed",
        counts[0], counts[1], counts[2], counts[3]
    );
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}
