//! A stack, its template indexed by name, and what of it has been worked out.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::Evaluation;
use super::conditions::Verdict;
use super::names::Known;
use super::scope::{Reading, Scope};
use crate::load::stack::Stack;
use crate::source::{Kind, Made, Node, Origin};

/// The variables of the loops around something.
pub(super) type Bound = Vec<(String, String)>;

/// Something that is worked out once.
#[derive(Debug, Clone)]
pub(super) enum Slot<T> {
    /// It is being worked out: who asks for it now goes round in circles.
    Working,
    /// What it comes to.
    Done(T),
}

/// A resource or an output.
#[derive(Clone)]
pub(super) struct Entry<'s> {
    /// Its logical id.
    pub(super) name: Rc<str>,
    /// Where that stands.
    pub(super) key: Origin,
    /// The whole.
    pub(super) node: Node<'s>,
    /// The type of a resource.
    pub(super) kind: &'s str,
    /// The properties of a resource.
    pub(super) properties: Option<Node<'s>>,
    /// The name of its condition.
    pub(super) condition: Option<Node<'s>>,
    /// The variables of the loops around it.
    pub(super) bound: Rc<Bound>,
}

impl Entry<'_> {
    /// What is being read when its properties are.
    pub(super) fn reading(&self) -> Reading<'_> {
        Reading {
            logical_id: &self.name,
            kind: self.kind,
        }
    }
}

/// What has been worked out of a stack.
#[derive(Default)]
pub(super) struct Memo {
    pub(super) parameters: HashMap<String, Slot<Made>>,
    pub(super) conditions: HashMap<String, Slot<Verdict>>,
    pub(super) identities: HashMap<Rc<str>, Slot<Rc<Known>>>,
    pub(super) attributes: HashMap<(Rc<str>, String), Slot<Option<String>>>,
    pub(super) outputs: HashMap<String, Slot<Option<Made>>>,
    /// The parameters that a condition hangs on, with their values.
    pub(super) parameters_of: HashMap<String, Vec<(String, String)>>,
    /// What would turn a condition on, or off.
    pub(super) turned: HashMap<(String, bool), Option<(String, String)>>,
}

/// The rows of `Mappings`.
pub(super) type Mapping<'s> = HashMap<&'s str, HashMap<&'s str, Node<'s>>>;

/// A stack that is being worked out.
pub(super) struct Live<'s> {
    pub(super) stack: Stack,
    /// What keys of symbols call it.
    pub(super) label: String,
    /// Of a nested stack: the stack around it, and the resource there that says what its parameters are.
    pub(super) parent: Option<(usize, Entry<'s>)>,
    pub(super) parameters: HashMap<&'s str, Node<'s>>,
    /// Names of parameters in their order.
    pub(super) parameter_names: Vec<&'s str>,
    pub(super) mappings: HashMap<&'s str, Mapping<'s>>,
    pub(super) conditions: HashMap<String, (Node<'s>, Rc<Bound>)>,
    pub(super) resources: Vec<Entry<'s>>,
    pub(super) resource_by_name: HashMap<Rc<str>, usize>,
    pub(super) outputs: Vec<Entry<'s>>,
    pub(super) output_by_name: HashMap<Rc<str>, usize>,
    /// Whether SAM makes resources of it that it does not show.
    pub(super) serverless: bool,
    /// What SAM puts into all resources of a type.
    pub(super) globals: Option<Node<'s>>,
    /// Nested stacks by their logical id, in the order of the template.
    pub(super) children: BTreeMap<usize, usize>,
    /// Whether it only stands nested in another one, and not for itself.
    pub(super) dropped: bool,
    pub(super) memo: Memo,
    /// How many values were made.
    pub(super) made: usize,
    /// How many may at most be written.
    pub(super) written: usize,
}

impl<'s> Evaluation<'s> {
    /// Indexes all stacks and those nested in them; gives those that stand for themselves.
    pub(super) fn open(&mut self, stacks: &[Stack]) -> Vec<usize> {
        let mut titles: BTreeMap<&str, usize> = BTreeMap::new();
        for stack in stacks {
            *titles.entry(stack.title.as_str()).or_default() += 1;
        }
        for stack in stacks {
            let label = if titles.get(stack.title.as_str()) == Some(&1) {
                stack.title.clone()
            } else {
                let home = &stack.home;
                format!(
                    "{} {} {} {}",
                    stack.title, home.account, home.region, home.stack
                )
            };
            self.open_stack(stack.clone(), label, None);
        }
        self.open_nested(stacks)
    }

    /// Indexes one stack.
    pub(super) fn open_stack(
        &mut self,
        stack: Stack,
        label: String,
        parent: Option<(usize, Entry<'s>)>,
    ) -> usize {
        let at = self.stacks.len();
        let root = self.sources.node(stack.template.root);
        let map = |key: &str| {
            let node = root.get(key).filter(|node| node.kind() == Kind::Map);
            node.map(Node::entries).unwrap_or_default()
        };
        let parameters = map("Parameters");
        let mappings = map("Mappings").into_iter().map(|(name, _, rows)| {
            let rows = rows.entries().into_iter();
            let rows = rows.map(|(row, _, cells)| {
                let cells = cells.entries().into_iter();
                (row, cells.map(|(cell, _, value)| (cell, value)).collect())
            });
            (name, rows.collect())
        });
        let written = self.sources.text(stack.template.root.source()).len();
        let transforms = root.get("Transform");
        let is_serverless = |node: Node<'_>| {
            node.scalar()
                .is_some_and(|name| name.starts_with("AWS::Serverless"))
        };
        self.stacks.push(Live {
            label,
            parent,
            parameter_names: parameters.iter().map(|(name, _, _)| *name).collect(),
            parameters: parameters
                .iter()
                .map(|(name, _, node)| (*name, *node))
                .collect(),
            mappings: mappings.collect(),
            conditions: HashMap::new(),
            resources: Vec::new(),
            resource_by_name: HashMap::new(),
            outputs: Vec::new(),
            output_by_name: HashMap::new(),
            serverless: transforms.is_some_and(|node| {
                is_serverless(node) || node.items().into_iter().any(is_serverless)
            }),
            globals: root.get("Globals"),
            children: BTreeMap::new(),
            dropped: false,
            memo: Memo::default(),
            made: 0,
            written,
            stack,
        });
        self.warn_of_macros(at, transforms);
        let scope = Scope::of(at);
        let conditions = self.looped(&map("Conditions"), scope);
        let conditions = conditions.into_iter();
        let conditions = conditions.map(|(name, _, node, bound)| (name, (node, bound)));
        let conditions = conditions.collect();
        let resources = self.looped(&map("Resources"), scope);
        let resources: Vec<Entry<'s>> = resources
            .into_iter()
            .filter_map(|(name, key, node, bound)| self.resource_entry(at, name, key, node, bound))
            .collect();
        let outputs = self.looped(&map("Outputs"), scope);
        let outputs: Vec<Entry<'s>> = outputs
            .into_iter()
            .map(|(name, key, node, bound)| Entry {
                name: name.into(),
                key,
                node,
                kind: "",
                properties: None,
                condition: node.get("Condition"),
                bound,
            })
            .collect();
        if let Some(live) = self.stacks.get_mut(at) {
            live.conditions = conditions;
            live.resource_by_name = by_name(&resources);
            live.resources = resources;
            live.output_by_name = by_name(&outputs);
            live.outputs = outputs;
        }
        at
    }

    /// An entry of `Resources`, if it is a resource.
    fn resource_entry(
        &mut self,
        stack: usize,
        name: String,
        key: Origin,
        node: Node<'s>,
        bound: Rc<Bound>,
    ) -> Option<Entry<'s>> {
        let kind = node.get("Type").and_then(Node::as_str);
        let Some(kind) = kind.filter(|kind| !kind.is_empty()) else {
            let title = self.title(stack);
            let message = if name == "Fn::Transform" {
                format!("`Fn::Transform` puts resources into `{title}` that nobody sees")
            } else {
                format!("`{name}` under `Resources` of `{title}` is no resource, and left out")
            };
            self.warn(message, None, vec![key]);
            return None;
        };
        let properties = node
            .get("Properties")
            .filter(|properties| !properties.is_null());
        Some(Entry {
            name: name.into(),
            key,
            node,
            kind,
            properties,
            condition: node.get("Condition"),
            bound,
        })
    }

    fn warn_of_macros(&mut self, stack: usize, transforms: Option<Node<'s>>) {
        /// Those whose work is done here, or touches nothing that is checked.
        const KNOWN: [&str; 5] = [
            "AWS::Serverless",
            "AWS::LanguageExtensions",
            "AWS::CodeDeployBlueGreen",
            "AWS::SecretsManager",
            "AWS::ServiceCatalog",
        ];
        let Some(transforms) = transforms else {
            return;
        };
        let mut all = transforms.items();
        if all.is_empty() {
            all.push(transforms);
        }
        for transform in all {
            let name = transform
                .scalar()
                .or_else(|| transform.get("Name").and_then(Node::scalar))
                .unwrap_or_default();
            if name.is_empty() || KNOWN.iter().any(|known| name.starts_with(known)) {
                continue;
            }
            let message = format!(
                "what the macro `{name}` does to `{}` is not known; the template is read as it is written",
                self.title(stack)
            );
            self.warn(message, None, vec![transform.origin()]);
        }
    }
}

fn by_name(entries: &[Entry<'_>]) -> HashMap<Rc<str>, usize> {
    let entries = entries.iter().enumerate();
    entries
        .map(|(at, entry)| (Rc::clone(&entry.name), at))
        .collect()
}
