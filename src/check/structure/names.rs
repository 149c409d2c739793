//! How things may be called, and which of them need names of their own.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html>

use std::collections::BTreeMap;

use super::{Refusal, Walk, label};
use crate::graph::{Text, has_symbol};

/// What a name may be made of beside letters and digits, and how long it may be.
struct Form {
    marks: &'static str,
    longest: usize,
}

/// Pipelines, stages, actions and rules.
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html>
const THING: Form = Form {
    marks: ".@-_",
    longest: 100,
};
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_OutputArtifact.html>
const ARTIFACT: Form = Form {
    marks: "-_",
    longest: 100,
};
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html>
const NAMESPACE: Form = Form {
    marks: "@-_",
    longest: 100,
};
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineVariableDeclaration.html>
const VARIABLE: Form = Form {
    marks: "@-_",
    longest: 128,
};

/// How much of a text is shown.
const SHOWN: usize = 100;

pub(super) fn check(walk: &mut Walk<'_>) {
    let pipeline = walk.pipeline;
    walk.name(None, "pipeline", &pipeline.name, &THING);
    for variable in &pipeline.variables {
        walk.name(None, "variable", &variable.name, &VARIABLE);
    }
    for stage in &pipeline.stages {
        walk.name(None, "stage", &stage.name, &THING);
    }
    let steps = walk.steps();
    for (indices, step) in &steps {
        let at = Some(*indices);
        let noun = match step.type_id.category.as_str() {
            "Rule" => "rule",
            _ => "action",
        };
        walk.name(at, noun, &step.name, &THING);
        for artifact in step.inputs.iter().chain(&step.outputs) {
            walk.name(at, "artifact", artifact, &ARTIFACT);
        }
        if let Some(namespace) = &step.namespace {
            walk.name(at, "namespace", namespace, &NAMESPACE);
        }
    }

    let stages = pipeline.stages.iter().map(|stage| (None, &stage.name));
    walk.twice("stage", stages);
    let variables = &pipeline.variables;
    walk.twice(
        "variable",
        variables.iter().map(|variable| (None, &variable.name)),
    );
    for (index, stage) in pipeline.stages.iter().enumerate() {
        let actions = stage.actions.iter().enumerate();
        let names = actions.map(|(action, one)| (Some((index, action)), &one.name));
        walk.twice("action", names);
    }
    let outputs = steps.iter().flat_map(|(indices, step)| {
        let outputs = step.outputs.iter();
        outputs.map(|output| (Some(*indices), output))
    });
    walk.twice("output artifact", outputs);
    let namespaces = steps.iter().filter_map(|(indices, step)| {
        let namespace = step.namespace.as_ref()?;
        Some((Some(*indices), namespace))
    });
    walk.twice("namespace", namespaces);
}

impl Walk<'_> {
    fn name(&mut self, at: Option<(usize, usize)>, noun: &str, name: &Text, form: &Form) {
        if has_symbol(&name.text) {
            return;
        }
        let length = name.text.chars().count();
        let text = if length > form.longest {
            format!("{length} characters, where AWS takes {}", form.longest)
        } else if is_of(&name.text, form.marks) {
            return;
        } else {
            let marks: Vec<String> = form.marks.chars().map(|mark| format!("`{mark}`")).collect();
            format!("only letters, digits and {}", marks.join(" "))
        };
        let refusal = Refusal {
            rule: "name-not-allowed",
            resource: in_brief(&name.text),
            detail: format!("the name of the {noun} `{}`", in_brief(&name.text)),
            labels: vec![label(name.origin, text)],
        };
        self.refuse(at, refusal);
    }

    /// Names of which each may be there once.
    fn twice<'t>(
        &mut self,
        noun: &str,
        names: impl Iterator<Item = (Option<(usize, usize)>, &'t Text)>,
    ) {
        let mut first: BTreeMap<&str, &Text> = BTreeMap::new();
        let mut again = Vec::new();
        for (at, name) in names {
            match first.get(name.text.as_str()) {
                Some(first) => again.push((at, name, *first)),
                None => {
                    first.insert(&name.text, name);
                }
            }
        }
        for (at, name, first) in again {
            let refusal = Refusal {
                rule: "name-twice",
                resource: in_brief(&name.text),
                detail: format!("the {noun} `{}`", in_brief(&name.text)),
                labels: vec![
                    label(name.origin, "the same name again"),
                    label(first.origin, "the first of this name"),
                ],
            };
            self.refuse(at, refusal);
        }
    }
}

/// Whether a text is made of letters, digits and these marks.
pub(super) fn is_of(text: &str, marks: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || marks.contains(letter))
}

/// The beginning of a text that somebody else wrote.
pub(super) fn in_brief(text: &str) -> String {
    let mut brief: String = text.chars().take(SHOWN).collect();
    if brief.len() < text.len() {
        brief.push('…');
    }
    brief
}
