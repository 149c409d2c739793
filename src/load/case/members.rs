//! What only cases ask of a map: that it has no other members, and that each is of one type.

use crate::graph::Written;
use crate::load::LoadError;
use crate::load::fault::{Fault, nearest};
use crate::load::hint::is_account;
use crate::load::policy::texts;
use crate::load::reader::Reading;
use crate::source::Origin;

impl Reading<'_> {
    /// Names every member that is not known.
    pub(super) fn only(&mut self, map: Origin, known: &[&str], of: &str) {
        let unknown: Vec<(String, Origin)> = self
            .node(map)
            .entries()
            .into_iter()
            .filter(|(name, _, _)| !known.contains(name))
            .map(|(name, key, _)| (name.to_owned(), key))
            .collect();
        for (name, key) in unknown {
            self.fail_with(
                key,
                format!("unknown member `{name}` in {of}"),
                nearest(&name, known),
            );
        }
    }

    /// A member that is `true`; `false` when it is left out.
    pub(super) fn flag(&mut self, map: Origin, key: &str) -> bool {
        let Some(origin) = self.member(map, key) else {
            return false;
        };
        let value = self.node(origin).as_bool();
        if value.is_none() {
            self.fail(origin, format!("expected `{key}` to be `true` or `false`"));
        }
        value.unwrap_or(false)
    }

    /// A member that is a string; `None` when it is left out.
    pub(super) fn string(&mut self, map: Origin, key: &str) -> Option<String> {
        let origin = self.member(map, key)?;
        let text = self.node(origin).scalar().map(ToOwned::to_owned);
        if text.is_none() {
            self.fail(origin, format!("expected `{key}` to be a string"));
        }
        text
    }

    pub(super) fn account(&mut self, map: Origin, key: &str) -> Option<String> {
        let text = self.string(map, key)?;
        if !is_account(&text) {
            let origin = self.member(map, key)?;
            self.fail(
                origin,
                format!("`{text}` is no account: expected twelve digits"),
            );
        }
        Some(text)
    }

    /// A member that is a string or a list of them; `None` when it is left out.
    pub(super) fn strings(&mut self, map: Origin, key: &str) -> Option<Vec<Written>> {
        let origin = self.member(map, key)?;
        Some(self.texts(origin, "a string"))
    }

    pub(super) fn texts(&mut self, origin: Origin, expected: &str) -> Vec<Written> {
        match texts(self.sources.node(origin), expected) {
            Ok(texts) => texts,
            Err(fault) => {
                self.errors.push(LoadError::fault(self.sources, fault));
                Vec::new()
            }
        }
    }

    pub(super) fn fail_with(&mut self, origin: Origin, message: String, help: Option<String>) {
        let fault = Fault {
            origin,
            message,
            help,
        };
        self.errors.push(LoadError::fault(self.sources, fault));
    }
}
