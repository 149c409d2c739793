//! What the principals need and what was found → nodes and arrows, each once, in the order in which the pipelines come to them.

use std::collections::BTreeMap;

use super::alike::drawn_once;
use super::found::attach;
use super::line::{Trusts, line, remarks};
use super::resource::{Thing, thing};
use super::{Account, Arrow, ArrowKind, Line, Mark, Node, NodeKind, Picture};
use crate::check::needs::{Kind, Need, Needs, Principal};
use crate::check::{self, Affected, Checked};
use crate::graph::Arn;

/// The service that starts pipelines; what it needs of a pipeline's role is shown as the pipeline's own.
const CODEPIPELINE: &str = "codepipeline.amazonaws.com";

/// Draws what a check found. Where its result lists no needs there are only the pipelines.
pub fn picture(result: &check::Result, needs: &Needs) -> Picture {
    let mut builder = Builder::default();
    for checked in &result.checked {
        builder.pipeline(checked);
    }
    for principal in &needs.principals {
        builder.principal(principal, None);
    }
    for (index, principal) in needs.unnamed.iter().enumerate() {
        builder.principal(principal, Some(index));
    }
    let trusts = Trusts::of(needs);
    for principal in &needs.principals {
        builder.lines(principal, None, result);
    }
    for (index, principal) in needs.unnamed.iter().enumerate() {
        builder.lines(principal, Some(index), result);
        builder.takers(principal, index);
    }
    for checked in &result.checked {
        builder.acting(checked, &trusts, needs);
    }
    let mut picture = builder.close();
    attach(&mut picture, result);
    drawn_once(picture, result)
}

/// What nodes are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    /// By its ARN, or what stands for it.
    Named(String),
    /// A service in an account, or any resource of a service there.
    In(Option<String>, String),
    /// An action of a pipeline.
    Step(Affected),
    /// A role that no input names.
    Unnamed(usize),
}

#[derive(Debug, Default)]
struct Builder {
    nodes: Vec<Node>,
    /// Whose each node is.
    owners: Vec<Option<String>>,
    known: BTreeMap<Identity, usize>,
    arrows: Vec<Arrow>,
    drawn: BTreeMap<(usize, usize, ArrowKind), usize>,
}

impl Builder {
    /// The node of an identity, made where there is none; its index.
    fn node(
        &mut self,
        identity: Identity,
        owner: Option<String>,
        make: impl FnOnce() -> Node,
    ) -> usize {
        if let Some(&known) = self.known.get(&identity) {
            if let Some(slot) = self.owners.get_mut(known)
                && slot.is_none()
            {
                *slot = owner;
            }
            return known;
        }
        let index = self.nodes.len();
        self.nodes.push(make());
        self.owners.push(owner);
        self.known.insert(identity, index);
        index
    }

    fn pipeline(&mut self, checked: &Checked) {
        let owner = account_in(&checked.pipeline);
        let pipeline = self.node(
            Identity::Named(checked.pipeline.clone()),
            owner.clone(),
            || {
                node(
                    NodeKind::Pipeline,
                    &checked.name,
                    "pipeline",
                    &checked.pipeline,
                )
            },
        );
        for step in &checked.steps {
            let affected = Affected {
                pipeline: checked.pipeline.clone(),
                stage: step.stage.clone(),
                action: step.action.clone(),
            };
            let name = format!("{} › {}", step.stage, step.action);
            // Of `Deploy/AWS/CloudFormation/1` it is the provider that people know an action by.
            let detail = match step.kind.split('/').nth(2) {
                Some(provider) if !provider.is_empty() => format!("{}, {provider}", step.stage),
                _ => step.stage.clone(),
            };
            self.node(Identity::Step(affected), owner.clone(), || Node {
                pipeline: Some(pipeline),
                remarks: vec![step.kind.clone()],
                ..node(NodeKind::Action, &step.action, &detail, &name)
            });
        }
    }

    /// The node of somebody who calls; a service has one in every account that it does something in.
    fn principal(&mut self, principal: &Principal, unnamed: Option<usize>) -> Option<usize> {
        let identity = match unnamed {
            Some(index) => Identity::Unnamed(index),
            None if is_service(principal) => return None,
            None => Identity::Named(principal.name.clone()),
        };
        let arn = Arn::parse(&principal.name);
        let is_role = unnamed.is_some()
            || arn
                .as_ref()
                .is_some_and(|arn| arn.resource.starts_with("role/"));
        let label = match &arn {
            Some(arn) if is_role => arn.name().to_owned(),
            Some(arn) => arn.resource.clone(),
            None => principal.name.clone(),
        };
        let owner = account_in(&principal.name);
        let kind = if is_role {
            NodeKind::Role
        } else {
            NodeKind::Resource
        };
        let titles = principal.titles.join(", ");
        let detail = match unnamed {
            Some(_) => "no input names it".to_owned(),
            None => titles,
        };
        let index = self.node(identity, owner, || {
            node(kind, &label, &detail, &principal.name)
        });
        // A role that a pipeline names is there before it is known what it needs.
        if let Some(node) = self.nodes.get_mut(index)
            && node.remarks.is_empty()
        {
            node.remarks = remarks(principal);
        }
        Some(index)
    }

    fn lines(&mut self, principal: &Principal, unnamed: Option<usize>, result: &check::Result) {
        for need in &principal.needs {
            let to = self.target(need);
            // That a pipeline's role may be taken up is shown with the pipeline.
            if principal.name == CODEPIPELINE
                && need.affects.iter().all(|affected| {
                    let mut checked = result.checked.iter();
                    checked.any(|it| it.pipeline == affected.pipeline && it.role == need.resource)
                })
            {
                continue;
            }
            let from = match self.principal(principal, unnamed) {
                Some(from) => from,
                None => {
                    let owner = self.owners.get(to).cloned().flatten();
                    let identity = Identity::In(owner.clone(), principal.name.clone());
                    self.node(identity, owner, || {
                        node(
                            NodeKind::Service,
                            &principal.name,
                            "service",
                            &principal.name,
                        )
                    })
                }
            };
            let takes_up = principal.kind == Kind::Service
                && need.operations.iter().any(|it| it == "sts:AssumeRole");
            let kind = if takes_up {
                ArrowKind::ActsAs
            } else {
                ArrowKind::Needs
            };
            self.arrow(from, to, kind, vec![line(principal, need)]);
        }
    }

    /// Who takes up a role that no input names: nothing is decided about that.
    fn takers(&mut self, principal: &Principal, index: usize) {
        let Some(&to) = self.known.get(&Identity::Unnamed(index)) else {
            return;
        };
        for taker in &principal.assumed_by {
            let known = self.known.get(&Identity::Named(taker.clone())).copied();
            let from = known.unwrap_or_else(|| {
                let identity = Identity::In(None, taker.clone());
                self.node(identity, None, || {
                    node(NodeKind::Service, taker, "service", taker)
                })
            });
            let line = Line {
                principal: taker.clone(),
                resource: principal.name.clone(),
                operations: vec!["sts:AssumeRole".to_owned()],
                mark: Mark::Undecided,
                why: "to take up the role".to_owned(),
                certainty: "needed",
                granted_by: Some("the trust policy".to_owned()),
                lacking: None,
                remarks: Vec::new(),
                unknown: principal.unknown.clone(),
                affects: Vec::new(),
            };
            self.arrow(from, to, ArrowKind::ActsAs, vec![line]);
        }
    }

    /// The pipeline and its actions, each with the role that acts for it.
    fn acting(&mut self, checked: &Checked, trusts: &Trusts<'_>, needs: &Needs) {
        let whole = Affected {
            pipeline: checked.pipeline.clone(),
            stage: String::new(),
            action: String::new(),
        };
        let pipeline = Identity::Named(checked.pipeline.clone());
        let own = self.known.get(&pipeline).copied();
        if let Some(from) = own {
            let lines = trusts.lines(&checked.role, &whole);
            if let Some(to) = self.role(&checked.role) {
                self.arrow(from, to, ArrowKind::ActsAs, lines);
            }
        }
        for step in &checked.steps {
            let affected = Affected {
                pipeline: checked.pipeline.clone(),
                stage: step.stage.clone(),
                action: step.action.clone(),
            };
            let Some(&from) = self.known.get(&Identity::Step(affected.clone())) else {
                continue;
            };
            // What acts as the pipeline's role acts as soon as the pipeline does.
            let taken = if step.role == checked.role {
                &whole
            } else {
                &affected
            };
            let lines = trusts.lines(&step.role, taken);
            let acts = step.role != checked.role
                || needs.principals.iter().any(|principal| {
                    let mut lines = principal.needs.iter();
                    principal.name == step.role && lines.any(|it| it.affects.contains(&affected))
                });
            // An approval that tells nobody does nothing, as nobody.
            if acts && let Some(to) = self.role(&step.role) {
                self.arrow(from, to, ArrowKind::ActsAs, lines);
            }
        }
    }

    fn role(&mut self, arn: &str) -> Option<usize> {
        if arn.is_empty() {
            return None;
        }
        let Thing {
            kind,
            name,
            label,
            detail,
        } = thing(arn, "sts:AssumeRole");
        let identity = Identity::Named(arn.to_owned());
        Some(self.node(identity, account_in(arn), || {
            node(kind, &label, &detail, &name)
        }))
    }

    fn target(&mut self, need: &Need) -> usize {
        let operation = need.operations.first().map_or("", String::as_str);
        let thing = thing(&need.resource, operation);
        let owner = need.account.clone().or_else(|| account_in(&need.resource));
        let identity = if need.resource == "*" {
            Identity::In(owner.clone(), thing.label.clone())
        } else {
            Identity::Named(thing.name.clone())
        };
        self.node(identity, owner, || {
            node(thing.kind, &thing.label, &thing.detail, &thing.name)
        })
    }

    /// Adds lines to the arrow between two nodes.
    fn arrow(&mut self, from: usize, to: usize, kind: ArrowKind, lines: Vec<Line>) {
        let next = self.arrows.len();
        let index = *self.drawn.entry((from, to, kind)).or_insert(next);
        if index == next {
            self.arrows.push(Arrow {
                id: String::new(),
                from,
                to,
                kind,
                // Where no line says so it is not known whether a role can be taken up.
                mark: match lines.as_slice() {
                    [] => Mark::Undecided,
                    _ => Mark::Allowed,
                },
                lines: Vec::new(),
                findings: Vec::new(),
                affects: Vec::new(),
            });
        }
        if let Some(arrow) = self.arrows.get_mut(index) {
            arrow.add(lines);
        }
    }

    fn close(self) -> Picture {
        let Self {
            mut nodes,
            owners,
            mut arrows,
            ..
        } = self;
        let mut accounts: Vec<Option<String>> = Vec::new();
        for owner in owners.iter().filter(|owner| owner.is_some()) {
            if !accounts.contains(owner) {
                accounts.push(owner.clone());
            }
        }
        if owners.contains(&None) {
            accounts.push(None);
        }
        for (node, owner) in nodes.iter_mut().zip(&owners) {
            let position = accounts.iter().position(|account| account == owner);
            node.account = position.unwrap_or_default();
        }
        for (index, node) in nodes.iter_mut().enumerate() {
            node.id = format!("n{}", index + 1);
        }
        for (index, arrow) in arrows.iter_mut().enumerate() {
            arrow.id = format!("a{}", index + 1);
        }
        let accounts = accounts.into_iter().enumerate();
        Picture {
            accounts: accounts
                .map(|(index, account)| Account {
                    id: format!("b{}", index + 1),
                    title: account.as_ref().map_or_else(
                        || "account not known".to_owned(),
                        |account| format!("account {account}"),
                    ),
                    account,
                    members: Vec::new(),
                })
                .collect(),
            nodes,
            arrows,
        }
    }
}

impl Arrow {
    /// Adds lines, and what follows from them.
    fn add(&mut self, lines: Vec<Line>) {
        for line in lines {
            self.mark = self.mark.max(line.mark);
            for affected in &line.affects {
                if !self.affects.contains(affected) {
                    self.affects.push(affected.clone());
                }
            }
            self.lines.push(line);
        }
    }
}

impl Node {
    /// A node of which nothing is known.
    pub(super) fn nothing() -> Self {
        node(NodeKind::Resource, "", "", "")
    }
}

fn node(kind: NodeKind, label: &str, detail: &str, name: &str) -> Node {
    Node {
        id: String::new(),
        kind,
        label: label.to_owned(),
        detail: detail.to_owned(),
        name: name.to_owned(),
        account: 0,
        pipeline: None,
        members: Vec::new(),
        remarks: Vec::new(),
        findings: Vec::new(),
    }
}

fn is_service(principal: &Principal) -> bool {
    principal.kind == Kind::Service && Arn::parse(&principal.name).is_none()
}

fn account_in(arn: &str) -> Option<String> {
    let account = Arn::parse(arn)?.account;
    (!account.is_empty()).then_some(account)
}
