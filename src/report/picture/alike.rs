//! A large picture → a smaller one: what is alike and has neighbours that are alike is drawn once.
//!
//! Two nodes stay apart as soon as anything would be seen of the difference: another mark of an arrow, another finding, a neighbour
//! that stays apart itself; and as long as there is room for it, another stage or another account.

use std::collections::{BTreeMap, BTreeSet};

use super::{Account, Arrow, ArrowKind, Mark, Node, NodeKind, Picture};
use crate::check;
use crate::report::words::count;

/// Nodes that a picture may have before those that are alike are drawn as one.
const CROWD: usize = 60;

/// What tells nodes apart that are alike otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Apart {
    /// Their accounts, and of actions their stages.
    Stages,
    /// Their accounts.
    Accounts,
    /// Neither: accounts that are alike are one box.
    Nothing,
}

/// The picture, with what is alike drawn once where it is large: step by step, as far as there is need.
pub(super) fn drawn_once(mut picture: Picture, result: &check::Result) -> Picture {
    for apart in [Apart::Stages, Apart::Accounts, Apart::Nothing] {
        if picture.nodes.len() <= CROWD {
            break;
        }
        let own: Vec<usize> = (0..picture.accounts.len()).collect();
        let (classes, accounts) = match apart {
            Apart::Stages | Apart::Accounts => (classes(&picture, result, apart, &own), own),
            Apart::Nothing => across(&picture, result),
        };
        picture = merged(picture, &classes, &accounts);
    }
    picture
}

/// The classes of nodes and those of accounts, where accounts are alike that hold as many of the same classes.
fn across(picture: &Picture, result: &check::Result) -> (Vec<usize>, Vec<usize>) {
    let mut accounts: Vec<usize> = numbered(picture.accounts.iter().map(|account| {
        // What is in no known account may be in several.
        account.account.is_some()
    }));
    loop {
        let nodes = classes(picture, result, Apart::Nothing, &accounts);
        let mut holds: Vec<Vec<usize>> = vec![Vec::new(); accounts.len()];
        for (node, class) in picture.nodes.iter().zip(&nodes) {
            if let Some(holds) = holds.get_mut(node.account) {
                holds.push(*class);
            }
        }
        for holds in &mut holds {
            holds.sort_unstable();
        }
        let known = different(&accounts);
        let finer = numbered(holds.into_iter().zip(accounts));
        // Each round but the last tells at least one more account apart.
        if different(&finer) == known {
            return (nodes, finer);
        }
        accounts = finer;
    }
}

/// What is seen of a node by itself.
type Look = (
    NodeKind,
    usize,
    String,
    Option<usize>,
    Vec<String>,
    BTreeSet<String>,
);

/// What is seen around it: whether an arrow leaves it, of which kind, how it is marked, and the class of the other end.
type Around = BTreeSet<(bool, ArrowKind, Mark, usize)>;

/// The class of each node; nodes of one class are alike.
fn classes(
    picture: &Picture,
    result: &check::Result,
    apart: Apart,
    accounts: &[usize],
) -> Vec<usize> {
    let look = |node: &Node| -> Look {
        let rules = node
            .findings
            .iter()
            .filter_map(|&it| result.findings.get(it));
        let detail = match node.kind {
            NodeKind::Action if apart > Apart::Stages => String::new(),
            _ => node.detail.clone(),
        };
        // What kind of action it is does not tell it apart: a stage that builds and deploys by one role is one thing to that role.
        let remarks = match node.kind {
            NodeKind::Action => Vec::new(),
            _ => node.remarks.clone(),
        };
        let rules = rules.map(|finding| finding.rule.clone()).collect();
        (
            node.kind,
            accounts.get(node.account).copied().unwrap_or_default(),
            detail,
            node.pipeline,
            remarks,
            rules,
        )
    };
    let looks: Vec<Look> = picture.nodes.iter().map(look).collect();
    let mut classes = numbered(looks.iter().map(|look| (look, 0)));
    let mut known = different(&classes);
    // Each round but the last tells at least one more node apart.
    for _ in 0..picture.nodes.len() {
        let class = |node: usize| classes.get(node).copied().unwrap_or_default();
        let mut around: Vec<Around> = vec![Around::new(); picture.nodes.len()];
        for arrow in &picture.arrows {
            if let Some(around) = around.get_mut(arrow.from) {
                around.insert((true, arrow.kind, arrow.mark, class(arrow.to)));
            }
            if let Some(around) = around.get_mut(arrow.to) {
                around.insert((false, arrow.kind, arrow.mark, class(arrow.from)));
            }
        }
        let own = classes.clone();
        classes = numbered(around.into_iter().zip(own));
        let now = different(&classes);
        if now == known {
            break;
        }
        known = now;
    }
    classes
}

/// Numbers for keys, in the order in which they first come.
fn numbered<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<usize> {
    let mut numbers: BTreeMap<K, usize> = BTreeMap::new();
    let mut classes = Vec::new();
    for key in keys {
        let next = numbers.len();
        classes.push(*numbers.entry(key).or_insert(next));
    }
    classes
}

fn different(classes: &[usize]) -> usize {
    classes.iter().collect::<BTreeSet<_>>().len()
}

/// One node for each class and one box for each of accounts, in the order of the first of each.
fn merged(picture: Picture, classes: &[usize], of_accounts: &[usize]) -> Picture {
    let Picture {
        accounts,
        nodes,
        arrows,
    } = picture;
    let class = |node: usize| classes.get(node).copied().unwrap_or_default();
    let mut groups: Vec<Vec<Node>> = vec![Vec::new(); different(classes)];
    for (index, node) in nodes.into_iter().enumerate() {
        if let Some(group) = groups.get_mut(class(index)) {
            group.push(Node {
                pipeline: node.pipeline.map(class),
                account: of_accounts.get(node.account).copied().unwrap_or_default(),
                ..node
            });
        }
    }
    let mut merged: Vec<Arrow> = Vec::new();
    let mut drawn: BTreeMap<(usize, usize, ArrowKind), usize> = BTreeMap::new();
    for arrow in arrows {
        let (from, to) = (class(arrow.from), class(arrow.to));
        let next = merged.len();
        let index = *drawn.entry((from, to, arrow.kind)).or_insert(next);
        match merged.get_mut(index) {
            None => merged.push(Arrow {
                id: format!("a{}", next + 1),
                from,
                to,
                ..arrow
            }),
            Some(known) => {
                known.mark = known.mark.max(arrow.mark);
                known.lines.extend(arrow.lines);
                known.affects.extend(arrow.affects);
                known.findings.extend(arrow.findings);
            }
        }
    }
    for arrow in &mut merged {
        let mut seen = BTreeSet::new();
        arrow
            .affects
            .retain(|affected| seen.insert(affected.clone()));
        arrow.findings.sort_unstable();
        arrow.findings.dedup();
    }
    let mut boxes: Vec<Vec<Account>> = vec![Vec::new(); different(of_accounts)];
    for (account, class) in accounts.into_iter().zip(of_accounts) {
        if let Some(group) = boxes.get_mut(*class) {
            group.push(account);
        }
    }
    let boxes = boxes.into_iter().enumerate();
    let nodes = groups.into_iter().enumerate();
    Picture {
        accounts: boxes.map(|(index, group)| one_box(index, group)).collect(),
        nodes: nodes.map(|(index, group)| one(index, group)).collect(),
        arrows: merged,
    }
}

/// The box that stands for a group.
fn one_box(index: usize, group: Vec<Account>) -> Account {
    let members: Vec<String> = group
        .iter()
        .flat_map(|account| match account.members.as_slice() {
            [] => vec![account.title.clone()],
            several => several.to_vec(),
        })
        .collect();
    let is_alone = group.len() == 1;
    let mut group = group.into_iter();
    let first = group.next();
    let id = format!("b{}", index + 1);
    match first {
        Some(first) if is_alone => Account { id, ..first },
        _ => Account {
            id,
            account: first.and_then(|first| first.account),
            title: format!("{} that are alike", count(members.len(), "account")),
            members,
        },
    }
}

/// The node that stands for a group.
fn one(index: usize, group: Vec<Node>) -> Node {
    let names = |node: &Node| match node.members.as_slice() {
        [] => vec![node.name.clone()],
        several => several.to_vec(),
    };
    let members: Vec<String> = group.iter().flat_map(names).collect();
    // Of actions it begins with the stage: `Deploy, CloudFormation`.
    let stage = |node: &Node| match node.detail.rsplit_once(", ") {
        Some((stage, _)) if node.kind == NodeKind::Action => stage.to_owned(),
        _ => node.detail.clone(),
    };
    let details: BTreeSet<String> = group.iter().map(stage).collect();
    let detail = match details.len() {
        0 | 1 => None,
        several => Some(count(several, "stage")),
    };
    let is_first_time = group.iter().all(|node| node.members.is_empty());
    let labels: BTreeSet<String> = group.iter().map(|node| node.label.clone()).collect();
    let findings: BTreeSet<usize> = group
        .iter()
        .flat_map(|node| node.findings.iter().copied())
        .collect();
    let is_alone = group.len() == 1;
    let mut group = group.into_iter();
    let mut node = group.next().unwrap_or_else(Node::nothing);
    node.id = format!("n{}", index + 1);
    node.findings = findings.into_iter().collect();
    if is_alone {
        return node;
    }
    if let Some(detail) = detail {
        node.detail = detail;
    }
    node.label = match labels.len() {
        1 if is_first_time => format!("{} × {}", members.len(), node.label),
        _ => count(members.len(), node.kind.name()),
    };
    if node.kind == NodeKind::Action {
        node.remarks.clear();
    }
    node.members = members;
    node
}
