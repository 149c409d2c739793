//! The one door through which texts leave: unresolved values are characters of their own inside, and `<Name>` outside.
//!
//! Every member is named here, so that none can be added that is forgotten.

use std::collections::BTreeMap;

use serde_json::Value;

use super::finding::{Affected, Finding, Label, Suggestion};
use super::needs::{Grant, Need, Needs, Principal, Unchecked, Unknown};
use crate::graph::{Symbols, has_symbol};

/// Something with texts in it for people.
pub(super) trait Shown {
    fn show(&mut self, symbols: &Symbols);
}

impl Shown for String {
    fn show(&mut self, symbols: &Symbols) {
        if has_symbol(self) {
            *self = symbols.shown(self).into_owned();
        }
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn show(&mut self, symbols: &Symbols) {
        self.iter_mut().for_each(|one| one.show(symbols));
    }
}

impl<T: Shown> Shown for Option<T> {
    fn show(&mut self, symbols: &Symbols) {
        self.iter_mut().for_each(|one| one.show(symbols));
    }
}

impl<A: Shown, B: Shown> Shown for (A, B) {
    fn show(&mut self, symbols: &Symbols) {
        self.0.show(symbols);
        self.1.show(symbols);
    }
}

impl Shown for BTreeMap<String, String> {
    fn show(&mut self, symbols: &Symbols) {
        let shown = std::mem::take(self).into_iter().map(|mut member| {
            member.show(symbols);
            member
        });
        *self = shown.collect();
    }
}

impl Shown for Value {
    fn show(&mut self, symbols: &Symbols) {
        match self {
            Self::String(text) => text.show(symbols),
            Self::Array(items) => items.show(symbols),
            Self::Object(members) => {
                let shown = std::mem::take(members)
                    .into_iter()
                    .map(|(mut name, mut value)| {
                        name.show(symbols);
                        value.show(symbols);
                        (name, value)
                    });
                *members = shown.collect();
            }
            Self::Null | Self::Bool(_) | Self::Number(_) => {}
        }
    }
}

impl Shown for Affected {
    fn show(&mut self, symbols: &Symbols) {
        let Self {
            pipeline,
            stage,
            action,
        } = self;
        for text in [pipeline, stage, action] {
            text.show(symbols);
        }
    }
}

impl Shown for Label {
    fn show(&mut self, symbols: &Symbols) {
        let Self { origin: _, text } = self;
        text.show(symbols);
    }
}

impl Shown for Suggestion {
    fn show(&mut self, symbols: &Symbols) {
        let Self { add_to, statement } = self;
        add_to.show(symbols);
        statement.show(symbols);
    }
}

impl Shown for Finding {
    fn show(&mut self, symbols: &Symbols) {
        let Self {
            rule: _,
            severity: _,
            decision: _,
            layer: _,
            principals,
            operations,
            resources,
            message,
            help,
            documentation: _,
            affects,
            missing,
            labels,
            suggestion,
        } = self;
        for texts in [principals, operations, resources, missing] {
            texts.show(symbols);
        }
        message.show(symbols);
        help.show(symbols);
        affects.show(symbols);
        labels.show(symbols);
        suggestion.show(symbols);
    }
}

impl Shown for Unknown {
    fn show(&mut self, symbols: &Symbols) {
        let Self { what, supply } = self;
        what.show(symbols);
        supply.show(symbols);
    }
}

impl Shown for Grant {
    fn show(&mut self, symbols: &Symbols) {
        let Self {
            layer: _,
            policy: _,
            of,
            account,
            proviso: _,
        } = self;
        of.show(symbols);
        account.show(symbols);
    }
}

impl Shown for Need {
    fn show(&mut self, symbols: &Symbols) {
        let Self {
            resource,
            account,
            covers: _,
            operations,
            one_is_enough: _,
            or_for,
            context,
            certainty: _,
            evidence: _,
            why,
            documentation: _,
            grants,
            remark,
            standing: _,
            lacking: _,
            unknown,
            affects,
        } = self;
        resource.show(symbols);
        account.show(symbols);
        for texts in [operations, or_for, why] {
            texts.show(symbols);
        }
        context.show(symbols);
        grants.show(symbols);
        remark.show(symbols);
        unknown.show(symbols);
        affects.show(symbols);
    }
}

impl Shown for Principal {
    fn show(&mut self, symbols: &Symbols) {
        let Self {
            name,
            kind: _,
            titles,
            policies: _,
            assumed,
            assumed_by,
            unknown,
            needs,
        } = self;
        name.show(symbols);
        titles.show(symbols);
        assumed.show(symbols);
        assumed_by.show(symbols);
        unknown.show(symbols);
        needs.show(symbols);
    }
}

impl Shown for Unchecked {
    fn show(&mut self, symbols: &Symbols) {
        let Self { action, kind } = self;
        action.show(symbols);
        kind.show(symbols);
    }
}

impl Shown for Needs {
    fn show(&mut self, symbols: &Symbols) {
        let Self {
            summary: _,
            principals,
            unnamed,
            unchecked,
        } = self;
        principals.show(symbols);
        unnamed.show(symbols);
        unchecked.show(symbols);
    }
}
