//! What templates leave out under the given parameters, as far as pipelines hang on it: one note for each condition of a stack.
//!
//! Many systems are deployed in two steps, the cross-account part off at first; whoever checks the first step alone has to know.

use super::finding::{Decided, Finding, Label, ReportLayer};
use super::text;
use crate::graph::{Graph, SwitchedOff};
use crate::rules::{Catalogue, Severity};

/// Things left out that one message names; the rest is counted.
const NAMED: usize = 4;

/// Places that one note shows.
const SHOWN: usize = 3;

/// The types that a pipeline's permissions hang on, what people call one, and the properties that matter where it is not the
/// resource itself that is left out; all of them for types without any.
const MATTERS: &[(&str, &str, &[&str])] = &[
    (
        "AWS::CodePipeline::Pipeline",
        "pipeline",
        &[
            "RoleArn",
            "ArtifactStore",
            "ArtifactStores",
            "EncryptionKey",
        ],
    ),
    ("AWS::IAM::Role", "role", &[]),
    ("AWS::IAM::Policy", "policy", &[]),
    ("AWS::IAM::RolePolicy", "policy", &[]),
    ("AWS::IAM::ManagedPolicy", "managed policy", &[]),
    ("AWS::KMS::Key", "key", &["KeyPolicy"]),
    ("AWS::S3::Bucket", "bucket", &["BucketName"]),
    ("AWS::S3::BucketPolicy", "bucket policy", &[]),
];

/// Lists of a pipeline of which an item may be left out as a whole.
const ITEMS: &[&str] = &["Stages", "Actions"];

/// Properties that no permission hangs on, whatever has them.
const IDLE: &[&str] = &["Tags", "Description"];

/// The notes.
pub(super) fn findings(graph: &Graph, catalogue: &Catalogue) -> Vec<Finding> {
    let Some(rule) = catalogue.findings.get("switched-off") else {
        return Vec::new();
    };
    let mut groups: Vec<Vec<(&SwitchedOff, String)>> = Vec::new();
    for off in &graph.switched_off {
        let Some(name) = name(off) else { continue };
        let same = |group: &&mut Vec<(&SwitchedOff, String)>| {
            group.first().is_some_and(|(first, _)| {
                (&first.stack, &first.condition) == (&off.stack, &off.condition)
            })
        };
        match groups.iter_mut().find(same) {
            Some(group) if group.iter().any(|(_, known)| *known == name) => {}
            Some(group) => group.push((off, name)),
            None => groups.push(vec![(off, name)]),
        }
    }
    let finding = |group: &Vec<(&SwitchedOff, String)>| {
        let (first, _) = group.first()?;
        let names: Vec<&str> = group.iter().map(|(_, name)| name.as_str()).collect();
        let principals = vec![first.stack.clone()];
        let resources = group.iter().map(|(off, _)| match &off.property {
            Some(property) => format!("{}.{property}", off.logical_id),
            None => off.logical_id.clone(),
        });
        let resources: Vec<String> = resources.collect();
        let words = text::Words {
            principals: &principals,
            operations: &[],
            resources: &resources,
            affects: &[],
            layer: ReportLayer::Structure,
            why: &why(first),
            missing: &help(first, names.len()),
            detail: &format!("{} left out", listed(&names)),
        };
        let mut labels: Vec<Label> = Vec::new();
        for (off, _) in group {
            if labels.len() < SHOWN && labels.iter().all(|label| label.origin != off.origin) {
                labels.push(Label {
                    origin: off.origin,
                    text: format!("left out, because `{}` is false", off.condition),
                });
            }
        }
        Some(words.finding(
            rule,
            rule.severity.min(Severity::Note),
            Decided::Structure,
            labels,
        ))
    };
    groups.iter().filter_map(finding).collect()
}

/// What is left out, as people call it; `None` for what no permission hangs on.
fn name(off: &SwitchedOff) -> Option<String> {
    let (_, noun, properties) = MATTERS.iter().find(|(kind, ..)| *kind == off.kind)?;
    let thing = format!("the {noun} `{}`", off.logical_id);
    let Some(property) = &off.property else {
        return Some(thing);
    };
    let steps = property.split('.').map(|step| match step.split_once('[') {
        Some((name, _)) => name,
        None => step,
    });
    let steps: Vec<&str> = steps.collect();
    let has = |names: &[&str]| steps.iter().any(|step| names.contains(step));
    let is_item = steps.last().is_some_and(|last| ITEMS.contains(last));
    let weighs = !has(IDLE) && (properties.is_empty() || has(properties) || is_item);
    weighs.then(|| format!("`{property}` of {thing}"))
}

/// ``the parameter `A` is `false` ``
fn why(off: &SwitchedOff) -> String {
    let given: Vec<String> = off
        .parameters
        .iter()
        .map(|(name, value)| match value.as_str() {
            "" => format!("`{name}` is empty"),
            value => format!("`{name}` is `{value}`"),
        })
        .collect();
    match given.as_slice() {
        [] => format!("the condition `{}` is false", off.condition),
        given => given.join(" and "),
    }
}

fn help(off: &SwitchedOff, count: usize) -> String {
    let (it, is) = match count {
        1 => ("it", "it is"),
        _ => ("them", "they are"),
    };
    match (&off.turned_on_by, off.parameters.as_slice()) {
        (Some((name, value)), _) => {
            format!("check again with `--assume {name}={value}`, which checks the stack with {it}")
        }
        (None, []) => format!("no parameter turns the condition `{}` on", off.condition),
        (None, parameters) => {
            let names: Vec<String> = parameters.iter().map(|(name, _)| name.clone()).collect();
            format!(
                "if {is} to be checked, give other values of {}, with `--assume NAME=VALUE`",
                text::join(&names)
            )
        }
    }
}

/// `a is`, `a and b are`, `a, b, c, d and 2 more are`
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("{one} is"),
        [first @ .., last] if names.len() <= NAMED + 1 => {
            format!("{} and {last} are", first.join(", "))
        }
        _ => {
            let shown: Vec<&str> = names.iter().take(NAMED).copied().collect();
            format!("{} and {} more are", shown.join(", "), names.len() - NAMED)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;

    fn off(kind: &str, id: &str, property: Option<&str>, condition: &str) -> SwitchedOff {
        SwitchedOff {
            stack: "tools.yaml".to_owned(),
            logical_id: id.to_owned(),
            kind: kind.to_owned(),
            property: property.map(str::to_owned),
            condition: condition.to_owned(),
            parameters: vec![("CrossAccountCondition".to_owned(), "false".to_owned())],
            turned_on_by: Some(("CrossAccountCondition".to_owned(), "true".to_owned())),
            origin: Origin::NOWHERE,
        }
    }

    #[test]
    fn one_note_for_each_condition_says_what_is_left_out() {
        let catalogue = Catalogue::builtin().unwrap();
        let pipeline = "AWS::CodePipeline::Pipeline";
        let mut graph = Graph::default();
        graph.switched_off = vec![
            off("AWS::S3::BucketPolicy", "Policy", None, "AddPolicies"),
            off(
                pipeline,
                "Pipeline",
                Some("Stages[1].Actions[0].RoleArn"),
                "AddPolicies",
            ),
            off("AWS::IAM::Role", "Other", None, "IsProd"),
            off("AWS::SNS::Subscription", "Mail", None, "HasMail"),
            off(pipeline, "Pipeline", Some("Tags"), "HasTags"),
            off(
                pipeline,
                "Pipeline",
                Some("Stages[0].Actions[0].Configuration.Branch"),
                "HasBranch",
            ),
            off(pipeline, "Pipeline", Some("Stages[2]"), "HasProd"),
            off("AWS::KMS::Key", "Key", Some("EnableKeyRotation"), "Rotates"),
        ];
        let found = findings(&graph, &catalogue);
        let messages: Vec<&str> = found
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(
            messages,
            [
                "in `tools.yaml`, `CrossAccountCondition` is `false`: the bucket policy `Policy` and `Stages[1].Actions[0].RoleArn` of the pipeline `Pipeline` are left out",
                "in `tools.yaml`, `CrossAccountCondition` is `false`: the role `Other` is left out",
                "in `tools.yaml`, `CrossAccountCondition` is `false`: `Stages[2]` of the pipeline `Pipeline` is left out",
            ]
        );
        assert_eq!(
            found[0].help,
            "check again with `--assume CrossAccountCondition=true`, which checks the stack with them"
        );
        assert_eq!(
            found[0].resources,
            ["Policy", "Pipeline.Stages[1].Actions[0].RoleArn"]
        );
    }
}
