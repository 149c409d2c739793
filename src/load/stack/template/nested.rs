//! Nested stacks: a resource whose template lies among the inputs is worked out with the parameters that it is given.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html>

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::Evaluation;
use super::index::{Entry, Slot};
use super::scope::Scope;
use super::shape::plain_text;
use crate::graph::has_symbol;
use crate::load::declared::types;
use crate::load::stack::{Home, Stack, Template};
use crate::source::{Made, Node, Origin};

/// Stacks may be nested this deep.
const DEEPEST: usize = 16;

/// So many stacks may be nested in all.
const MOST: usize = 500;

/// The templates among the inputs, by their paths.
type Templates = BTreeMap<PathBuf, Template>;

impl<'s> Evaluation<'s> {
    /// Opens the stacks that are nested in others; gives those that stand for themselves, by their number.
    pub(super) fn open_nested(&mut self, stacks: &[Stack]) -> Vec<usize> {
        let templates: Templates = stacks
            .iter()
            .map(|stack| (whole_path(&stack.template.path), stack.template.clone()))
            .collect();
        let mut below: BTreeMap<Origin, BTreeSet<Origin>> = BTreeMap::new();
        for (at, stack) in stacks.iter().enumerate() {
            let children = self.child_templates(at, &templates);
            let children = children.into_iter().map(|(_, template)| template.root);
            below
                .entry(stack.template.root)
                .or_default()
                .extend(children);
        }
        let given = standing_alone(stacks, &below);
        for (at, live) in self.stacks.iter_mut().enumerate() {
            live.dropped = !given.contains(&at);
        }
        let mut open: Vec<(usize, usize)> = given.iter().map(|at| (*at, 0)).collect();
        let mut next = 0;
        while let Some((at, depth)) = open.get(next).copied() {
            next += 1;
            for (resource, template) in self.child_templates(at, &templates) {
                if depth >= DEEPEST || self.stacks.len() >= stacks.len() + MOST {
                    let message = "stacks are nested too deep or too often; the rest is left out";
                    self.warn(message.to_owned(), None, vec![template.root]);
                    break;
                }
                if let Some(child) = self.open_child(at, resource, template) {
                    open.push((child, depth + 1));
                }
            }
        }
        given
    }

    /// The nested stacks of a stack whose templates are among the inputs: the resource, by its number, and its template.
    fn child_templates(&mut self, stack: usize, templates: &Templates) -> Vec<(usize, Template)> {
        let Some(live) = self.stacks.get(stack) else {
            return Vec::new();
        };
        let path = live.stack.template.path.clone();
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let nested: Vec<(usize, Entry<'s>)> = live
            .resources
            .iter()
            .enumerate()
            .filter(|(_, entry)| is_nested(entry.kind))
            .map(|(at, entry)| (at, entry.clone()))
            .collect();
        let mut found = Vec::new();
        for (at, entry) in nested {
            let Some(location) = self.location(stack, &entry) else {
                continue;
            };
            let title = self.title(stack);
            let name = &entry.name;
            if location.contains("://") || has_symbol(&location) {
                let message = format!(
                    "the nested stack `{name}` of `{title}` is not looked into: its template is no local file"
                );
                let help = "name a local file in it, as templates do before they are packaged, and add that file";
                self.warn(message, Some(help.to_owned()), vec![entry.key]);
                continue;
            }
            let path = plain_path(&folder.join(&location));
            if let Some(template) = templates.get(&whole_path(&path)) {
                found.push((at, template.clone()));
                continue;
            }
            let message = format!(
                "the nested stack `{name}` of `{title}` is not looked into: its template is not among the inputs"
            );
            let help = format!("add `{}`", path.display());
            self.warn(message, Some(help), vec![entry.key]);
        }
        found
    }

    /// Where the template of a nested stack is. An application of the Serverless Application Repository has none.
    fn location(&mut self, stack: usize, entry: &Entry<'s>) -> Option<String> {
        // CDK puts a URL that is only known at deployment into the property, and the file here.
        let asset = entry
            .node
            .get("Metadata")
            .and_then(|metadata| metadata.get("aws:asset:path"));
        if let Some(path) = asset.and_then(Node::scalar) {
            return Some(path.to_owned());
        }
        let properties = entry.properties?;
        let node = properties
            .get("TemplateURL")
            .or_else(|| properties.get("Location"))?;
        let scope = Scope {
            bound: &entry.bound,
            ..Scope::of(stack)
        };
        let made = self.value(node, scope)?;
        made.scalar().map(ToOwned::to_owned)
    }

    fn open_child(&mut self, parent: usize, resource: usize, template: Template) -> Option<usize> {
        let live = self.stacks.get(parent)?;
        let entry = live.resources.get(resource)?.clone();
        let home = live.stack.home.clone();
        let title = format!("{}.{}", live.stack.title, entry.name);
        let label = format!("{}.{}", live.label, entry.name);
        let named = types::Named {
            home: &home,
            logical_id: &entry.name,
            origin: entry.node.origin(),
        };
        let random = types::generated(self.symbols, &named, "");
        let stack = Stack {
            title,
            template,
            home: Home {
                stack: format!("{}-{}-{random}", home.stack, entry.name),
                ..home
            },
            parameters: BTreeMap::new(),
        };
        let child = self.open_stack(stack, label, Some((parent, entry)));
        self.stacks
            .get_mut(parent)?
            .children
            .insert(resource, child);
        Some(child)
    }

    /// Whether a nested stack is there, as far as the condition of its resource tells.
    pub(super) fn is_there(&mut self, child: usize) -> bool {
        let Some((parent, entry)) = self.stacks.get(child).and_then(|live| live.parent.clone())
        else {
            return true;
        };
        !self.is_left_out(parent, &entry)
    }

    /// An output of a nested stack that is looked into.
    pub(super) fn nested_output(&mut self, stack: usize, id: &str, output: &str) -> Option<Made> {
        let live = self.stacks.get(stack)?;
        let resource = live.resource_by_name.get(id)?;
        let child = *live.children.get(resource)?;
        self.output(child, output)
    }

    /// An output of a stack; `None` when it is not there, or hangs on itself.
    pub(super) fn output(&mut self, stack: usize, name: &str) -> Option<Made> {
        let live = self.stacks.get_mut(stack)?;
        match live.memo.outputs.get(name) {
            Some(Slot::Done(made)) => return made.clone(),
            Some(Slot::Working) => {
                let message = format!(
                    "the output `{name}` of `{}` hangs on itself",
                    live.stack.title
                );
                let root = live.stack.template.root;
                self.warn(message, None, vec![root]);
                return None;
            }
            None => {}
        }
        let entry = live.outputs.get(*live.output_by_name.get(name)?)?.clone();
        live.memo.outputs.insert(name.to_owned(), Slot::Working);
        let scope = Scope {
            bound: &entry.bound,
            ..Scope::of(stack)
        };
        let value = entry.node.get("Value");
        let revealing = std::mem::take(&mut self.revealing);
        let made = value.and_then(|value| self.value(value, scope));
        // An output is a text; CloudFormation refuses anything else.
        let made = made.filter(|made| plain_text(made).is_some());
        self.revealing = revealing;
        if let Some(live) = self.stacks.get_mut(stack) {
            let done = Slot::Done(made.clone());
            live.memo.outputs.insert(name.to_owned(), done);
        }
        made
    }
}

/// The files that a template nests, as far as they are written out: what is put together is found once it is worked out.
pub(in crate::load) fn nested_files(template: Node<'_>, path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let location = |resource: Node<'_>| {
        let kind = resource.get("Type").and_then(Node::as_str)?;
        let written = |of: &str, member: &str| resource.get(of)?.get(member);
        let location = written("Metadata", "aws:asset:path")
            .or_else(|| written("Properties", "TemplateURL"))
            .or_else(|| written("Properties", "Location"))
            .filter(|_| is_nested(kind))?;
        let text = location.as_str().filter(|_| location.tag().is_none())?;
        (!text.contains("://")).then(|| plain_path(&folder.join(text)))
    };
    let resources = template.get("Resources").map(Node::entries);
    let resources = resources.unwrap_or_default().into_iter();
    resources
        .filter_map(|(_, _, resource)| location(resource))
        .collect()
}

fn is_nested(kind: &str) -> bool {
    matches!(
        kind,
        "AWS::CloudFormation::Stack" | "AWS::Serverless::Application"
    )
}

/// The stacks that stand for themselves: those with a home, and those that no other one nests.
fn standing_alone(stacks: &[Stack], below: &BTreeMap<Origin, BTreeSet<Origin>>) -> Vec<usize> {
    let nested: BTreeSet<Origin> = below.values().flatten().copied().collect();
    let alone =
        |stack: &Stack| !has_symbol(&stack.home.account) || !nested.contains(&stack.template.root);
    let mut given: Vec<usize> = Vec::new();
    let mut reached = BTreeSet::new();
    for (at, stack) in stacks.iter().enumerate() {
        if alone(stack) {
            given.push(at);
            reach(stack.template.root, below, &mut reached);
        }
    }
    // Templates that nest each other in a circle: one of them has to be first.
    for (at, stack) in stacks.iter().enumerate() {
        if !reached.contains(&stack.template.root) {
            given.push(at);
            reach(stack.template.root, below, &mut reached);
        }
    }
    given.sort_unstable();
    given
}

fn reach(root: Origin, below: &BTreeMap<Origin, BTreeSet<Origin>>, reached: &mut BTreeSet<Origin>) {
    let mut open = vec![root];
    while let Some(root) = open.pop() {
        if reached.insert(root) {
            open.extend(below.get(&root).into_iter().flatten().copied());
        }
    }
}

/// The path from the root of the file system: one input may be named by it, another from the working folder.
fn whole_path(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path);
    plain_path(&whole.unwrap_or_else(|_| path.to_owned()))
}

/// A path without detours, without asking the file system.
fn plain_path(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                let back = matches!(plain.components().next_back(), Some(Component::Normal(_)));
                if back {
                    plain.pop();
                } else {
                    plain.push("..");
                }
            }
            other => plain.push(other),
        }
    }
    plain
}
