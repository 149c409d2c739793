//! Where a value is being worked out: in which stack, inside which loops, behind which alias, on which path.

use std::fmt::Write as _;

use crate::source::{Made, MadeValue, Node, Origin};

/// The surroundings of a node.
#[derive(Clone, Copy)]
pub(super) struct Scope<'e> {
    /// The stack, by its number.
    pub(super) stack: usize,
    /// The variables of the loops around it.
    pub(super) bound: &'e [(String, String)],
    /// The alias that it stands behind.
    pub(super) alias: Option<Origin>,
    /// The way from the resource's properties.
    pub(super) path: Option<&'e Step<'e>>,
    /// The resource that is being declared; `None` while a value is only asked for.
    pub(super) resource: Option<Reading<'e>>,
}

/// The resource that a value belongs to.
#[derive(Clone, Copy)]
pub(super) struct Reading<'e> {
    /// Its logical id.
    pub(super) logical_id: &'e str,
    /// Its type.
    pub(super) kind: &'e str,
}

/// One step of a path, with those before it.
#[derive(Clone, Copy)]
pub(super) struct Step<'e> {
    /// The steps before.
    pub(super) before: Option<&'e Self>,
    /// Where to.
    pub(super) to: To<'e>,
}

/// Where a step leads.
#[derive(Clone, Copy)]
pub(super) enum To<'e> {
    Member(&'e str),
    Item(usize),
}

/// What a made value speaks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// What findings underline.
    pub(super) at: Origin,
    /// Where the value is written, if elsewhere.
    pub(super) also: Option<Origin>,
}

impl<'e> Scope<'e> {
    /// The outermost surroundings in a stack.
    pub(super) fn of(stack: usize) -> Self {
        Self {
            stack,
            bound: &[],
            alias: None,
            path: None,
            resource: None,
        }
    }

    /// The surroundings of what a node holds: behind an alias, if it is one.
    pub(super) fn through(self, node: Node<'_>) -> Self {
        if self.alias.is_none() && node.aliased().is_some() {
            return Self {
                alias: Some(node.origin()),
                ..self
            };
        }
        self
    }

    /// The surroundings one step further in.
    pub(super) fn inside<'i>(self, step: &'i Step<'i>) -> Scope<'i>
    where
        'e: 'i,
    {
        Scope {
            path: Some(step),
            ..self
        }
    }

    /// What a node made in these surroundings speaks for.
    pub(super) fn place(self, node: Node<'_>) -> Place {
        match self.alias {
            Some(alias) => Place {
                at: alias,
                also: Some(node.aliased().unwrap_or_else(|| node.origin())),
            },
            None => Place {
                at: node.origin(),
                also: None,
            },
        }
    }

    /// The value of a loop's variable.
    pub(super) fn variable(self, name: &str) -> Option<&'e str> {
        let is_it = |(known, _): &&(String, String)| known == name;
        let found = self.bound.iter().rev().find(is_it);
        found.map(|(_, value)| value.as_str())
    }

    /// The path as people read it: `Stages[1].Actions[0].RoleArn`.
    pub(super) fn path(self) -> String {
        let mut steps = Vec::new();
        let mut next = self.path;
        while let Some(step) = next {
            steps.push(step.to);
            next = step.before;
        }
        let mut path = String::new();
        for step in steps.into_iter().rev() {
            match step {
                To::Member(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
                To::Item(at) => {
                    let written = write!(path, "[{at}]");
                    debug_assert!(written.is_ok(), "writing into a string does not fail");
                }
            }
        }
        path
    }
}

impl Place {
    /// The node of the template that the value is written by.
    pub(super) fn also_written(self) -> Origin {
        self.also.unwrap_or(self.at)
    }

    /// A text here.
    pub(super) fn text(self, text: impl Into<String>) -> Made {
        self.made(MadeValue::Text(text.into()))
    }

    /// A value here.
    pub(super) fn made(self, value: MadeValue) -> Made {
        Made {
            value,
            at: self.at,
            also: self.also,
        }
    }

    /// The same place of a value that is written elsewhere, unless an alias already says where.
    pub(super) fn from(self, also: Option<Origin>) -> Self {
        Self {
            also: self.also.or(also),
            ..self
        }
    }
}
