//! Small changes to a system, and what has to be found after them: shared by the rules' variations and the recorded failures.

use std::collections::BTreeSet;

use pipeline_preflight::check::Finding;
use pipeline_preflight::rules::Severity;
use serde::Deserialize;
use serde_json::Value;

use crate::world::{World, document, encode_like};

/// A system, changed, and everything that must be found in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variation {
    /// What is changed, for people.
    pub(crate) title: String,
    /// The system it starts from, a folder of `tests/fixtures/cases`; without one, from nothing.
    pub(crate) base: Option<String>,
    /// Who creates and updates the pipeline.
    pub(crate) caller: Option<String>,
    #[serde(default)]
    pub(crate) edits: Vec<Edit>,
    /// Nothing else may be found than what the base has already.
    pub(crate) expect: Vec<Expected>,
}

/// One finding that must be there.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Expected {
    /// `<severity> <rule> <layer>`
    Line(String),
    /// The finding in full.
    Finding(ExpectedFinding),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExpectedFinding {
    rule: String,
    layer: String,
    severity: String,
    principal: OneOrMany,
    #[serde(default)]
    operations: Vec<String>,
    resource: OneOrMany,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
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

impl Variation {
    /// The system before the change.
    fn before(&self) -> World {
        match &self.base {
            Some(base) => World::of_case(base),
            None => World::empty(),
        }
    }

    /// The system after it.
    pub(crate) fn world(&self) -> World {
        let mut world = self.before();
        for edit in &self.edits {
            apply(&mut world, edit);
        }
        world
    }

    /// What is found otherwise than expected; nothing when all is as it should be.
    pub(crate) fn fault(&self) -> Option<String> {
        let mut world = self.before();
        let known: Vec<Finding> = match &self.base {
            Some(base) if base.ends_with("/working") => {
                world.check_as(self.caller.as_deref()).findings
            }
            _ => Vec::new(),
        };
        for edit in &self.edits {
            apply(&mut world, edit);
        }
        let result = world.check_as(self.caller.as_deref());
        let before: BTreeSet<String> = known.iter().map(full).collect();
        let mut found: Vec<&Finding> = result
            .findings
            .iter()
            .filter(|finding| !before.contains(&full(finding)))
            .collect();
        let mut lacking = Vec::new();
        // What is told in full goes first, so that no line takes its finding away.
        let (told, lines): (Vec<&Expected>, Vec<&Expected>) = self
            .expect
            .iter()
            .partition(|expected| matches!(expected, Expected::Finding(_)));
        for expected in told.into_iter().chain(lines) {
            match found.iter().position(|finding| expected.is(finding)) {
                Some(index) => {
                    found.remove(index);
                }
                None => lacking.push(format!("lacks {}", expected.text())),
            }
        }
        let surplus = found
            .iter()
            .map(|finding| format!("finds {}: {}", full(finding), finding.message));
        let faults: Vec<String> = lacking.into_iter().chain(surplus).collect();
        (!faults.is_empty()).then(|| format!("{}\n  {}", self.title, faults.join("\n  ")))
    }

    /// The rules that have to be found.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &str> {
        self.expect.iter().filter_map(Expected::rule)
    }
}

impl Expected {
    fn is(&self, finding: &Finding) -> bool {
        let found = match self {
            Self::Line(_) => line(finding),
            Self::Finding(_) => full(finding),
        };
        found == self.text()
    }

    fn text(&self) -> String {
        match self {
            Self::Line(line) => line.clone(),
            Self::Finding(finding) => finding.text(),
        }
    }

    /// The rule's id.
    fn rule(&self) -> Option<&str> {
        match self {
            Self::Line(line) => line.split(' ').nth(1),
            Self::Finding(finding) => Some(&finding.rule),
        }
    }
}

impl ExpectedFinding {
    fn text(&self) -> String {
        full_text(
            &format!("{} {} {}", self.severity, self.rule, self.layer),
            self.principal.list(),
            &self.operations,
            self.resource.list(),
        )
    }
}

impl OneOrMany {
    fn list(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
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

fn full(finding: &Finding) -> String {
    full_text(
        &line(finding),
        &finding.principals,
        &finding.operations,
        &finding.resources,
    )
}

/// One line for a finding in full; the order inside its lists is not the tests' concern.
fn full_text(
    head: &str,
    principals: &[String],
    operations: &[String],
    resources: &[String],
) -> String {
    let sorted = |list: &[String]| {
        let sorted: BTreeSet<&str> = list.iter().map(String::as_str).collect();
        sorted.into_iter().collect::<Vec<_>>().join(", ")
    };
    format!(
        "{head} | {} | {} | {}",
        sorted(principals),
        sorted(operations),
        sorted(resources)
    )
}
