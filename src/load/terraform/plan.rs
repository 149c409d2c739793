//! A plan or a state as it is written: the instances of resources in it, and the configuration that they come from.
//!
//! Format: <https://developer.hashicorp.com/terraform/internals/json-format>

use std::collections::BTreeMap;

use super::address;
pub(super) use super::instance::Instance;
use crate::source::{Kind, Node, Origin, Sources};

/// A plan or a state.
pub(super) struct Plan<'a> {
    /// The file.
    pub(super) file: &'a str,
    /// The document.
    pub(super) root: Origin,
    /// What there is once the plan is applied.
    pub(super) instances: Vec<Instance<'a>>,
    /// What the plan takes away: type and values.
    pub(super) removed: Vec<(&'a str, Node<'a>)>,
    /// Whether it is a state, which tells nothing of the configuration.
    pub(super) is_state: bool,
    /// `provider_config` of the configuration.
    pub(super) providers: Option<Node<'a>>,
    /// Values of the root module's variables.
    pub(super) variables: Option<Node<'a>>,
    by_address: BTreeMap<String, usize>,
    by_name: BTreeMap<&'a str, Vec<usize>>,
    modules: BTreeMap<String, Node<'a>>,
    resources: BTreeMap<String, Node<'a>>,
}

/// What a document is, if it is a plan or a state.
pub(in crate::load) fn recognise(document: Node<'_>) -> Option<&'static str> {
    let has = |key: &str| {
        document
            .get(key)
            .is_some_and(|node| node.kind() == Kind::Map)
    };
    document.get("format_version")?.scalar()?;
    let changes = document.get("resource_changes");
    if has("planned_values") || changes.is_some_and(|node| node.kind() == Kind::List) {
        Some("Terraform plan")
    } else if has("values") || document.get("terraform_version").is_some() {
        Some("Terraform state")
    } else {
        None
    }
}

/// Modules nest, and so may not go deeper than anybody writes them.
const DEEPEST: usize = 32;

impl<'a> Plan<'a> {
    /// Takes a document apart.
    pub(super) fn of(sources: &'a Sources, file: &'a str, root: Origin) -> Self {
        let node = sources.node(root);
        let configuration = node.get("configuration");
        let mut plan = Self {
            file,
            root,
            instances: Vec::new(),
            removed: Vec::new(),
            is_state: recognise(node) == Some("Terraform state"),
            providers: configuration.and_then(|node| node.get("provider_config")),
            variables: node.get("variables"),
            by_address: BTreeMap::new(),
            by_name: BTreeMap::new(),
            modules: BTreeMap::new(),
            resources: BTreeMap::new(),
        };
        if let Some(module) = configuration.and_then(|node| node.get("root_module")) {
            plan.configure(module, String::new(), 0);
        }
        let changes = node.get("resource_changes");
        for change in changes.map(Node::items).unwrap_or_default() {
            plan.add_change(change);
        }
        for (values, data_only) in [
            (node.get("values"), false),
            (node.get("planned_values"), false),
            (
                node.get("prior_state").and_then(|node| node.get("values")),
                true,
            ),
        ] {
            if let Some(module) = values.and_then(|node| node.get("root_module")) {
                plan.add_module(module, "", data_only, 0);
            }
        }
        for (at, instance) in plan.instances.iter().enumerate() {
            if instance.managed {
                for name in instance.names() {
                    plan.by_name.entry(name).or_default().push(at);
                }
            }
        }
        plan
    }

    /// The resources that others name so.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Instance<'a>> {
        let found = self.by_name.get(name).into_iter().flatten();
        found.filter_map(|at| self.instances.get(*at))
    }

    /// The instance of this address.
    pub(super) fn instance(&self, address: &str) -> Option<&Instance<'a>> {
        self.instances.get(*self.by_address.get(address)?)
    }

    /// All instances of a resource, by its address without the last index.
    pub(super) fn instances_of(&self, address: &str) -> Vec<&Instance<'a>> {
        let from = self.by_address.range(address.to_owned()..);
        from.take_while(|(known, _)| known.starts_with(address))
            .filter(|(known, _)| {
                let rest = known.strip_prefix(address).unwrap_or_default();
                rest.is_empty() || rest.starts_with('[')
            })
            .filter_map(|(_, at)| self.instances.get(*at))
            .collect()
    }

    /// A module of the configuration, by its address.
    pub(super) fn module(&self, module: &str) -> Option<Node<'a>> {
        self.modules.get(&address::plain(module)).copied()
    }

    fn configure(&mut self, module: Node<'a>, path: String, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let resources = module.get("resources").map(Node::items);
        for resource in resources.unwrap_or_default() {
            if let Some(own) = resource.get("address").and_then(Node::as_str) {
                let address = address::inside(&path, own);
                self.resources.insert(address, resource);
            }
        }
        let calls = module.get("module_calls").map(Node::entries);
        for (name, _, call) in calls.unwrap_or_default() {
            if let Some(inner) = call.get("module") {
                let path = address::inside(&path, &format!("module.{name}"));
                self.configure(inner, path, depth + 1);
            }
        }
        self.modules.insert(path, module);
    }

    fn add_change(&mut self, resource: Node<'a>) {
        let text = |key: &str| resource.get(key).and_then(Node::as_str);
        let Some(change) = resource.get("change") else {
            return;
        };
        // What is left of a replacement that failed: it goes.
        if resource.get("deposed").is_some() {
            return;
        }
        let actions = change.get("actions").map(Node::items).unwrap_or_default();
        let actions: Vec<&str> = actions.into_iter().filter_map(Node::as_str).collect();
        let values = match actions.as_slice() {
            ["delete"] => {
                if let (Some(kind), Some(before)) = (text("type"), change.get("before")) {
                    self.removed.push((kind, before));
                }
                return;
            }
            // Terraform lets go of it; it stays.
            ["forget"] => change.get("before"),
            _ => change.get("after"),
        };
        let module = text("module_address").unwrap_or_default();
        self.add(resource, module, |instance| {
            instance.values = values.filter(|node| node.kind() == Kind::Map);
            instance.unknown = change.get("after_unknown");
            instance.sensitive = change.get("after_sensitive");
        });
    }

    fn add_module(&mut self, module: Node<'a>, path: &str, data_only: bool, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let resources = module.get("resources").map(Node::items);
        for resource in resources.unwrap_or_default() {
            let is_data = resource.get("mode").and_then(Node::as_str) == Some("data");
            if is_data || !data_only {
                self.add(resource, path, |instance| {
                    instance.values = resource.get("values");
                    instance.sensitive = resource.get("sensitive_values");
                });
            }
        }
        let children = module.get("child_modules").map(Node::items);
        for child in children.unwrap_or_default() {
            let path = child.get("address").and_then(Node::as_str);
            self.add_module(child, path.unwrap_or_default(), data_only, depth + 1);
        }
    }

    fn add(&mut self, resource: Node<'a>, module: &str, fill: impl FnOnce(&mut Instance<'a>)) {
        let text = |key: &str| resource.get(key).and_then(Node::as_str);
        let (Some(address), Some(kind)) = (text("address"), text("type")) else {
            return;
        };
        if let Some(known) = self.by_address.get(address) {
            // A change that tells no values, as tools cut plans down.
            let known = self.instances.get_mut(*known);
            if let Some(known) = known.filter(|known| known.values.is_none()) {
                let mut more = known.clone();
                fill(&mut more);
                known.values = more.values;
            }
            return;
        }
        let index = match resource.get("index") {
            Some(index) if index.kind() == Kind::Number => {
                format!("[{}]", index.scalar().unwrap_or_default())
            }
            _ => {
                let last = address::segments(address).pop().unwrap_or_default();
                address::cut(last).1.to_owned()
            }
        };
        let configured = self.resources.get(&address::plain(address)).copied();
        let depends_on = resource.get("depends_on").map(Node::items);
        let mut instance = Instance {
            address: address.to_owned(),
            module: module.to_owned(),
            kind: kind.to_owned(),
            managed: text("mode").is_none_or(|mode| mode == "managed"),
            index,
            values: None,
            unknown: None,
            sensitive: None,
            expressions: configured.and_then(|node| node.get("expressions")),
            provider: configured
                .and_then(|node| node.get("provider_config_key"))
                .and_then(Node::as_str),
            depends_on: depends_on
                .unwrap_or_default()
                .into_iter()
                .filter_map(Node::as_str)
                .collect(),
            node: resource,
        };
        fill(&mut instance);
        self.by_address
            .insert(instance.address.clone(), self.instances.len());
        self.instances.push(instance);
    }
}
