//! Dynamic references: `{{resolve:ssm:/path}}` inside a text stands for a value that is kept elsewhere.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>

use super::Evaluation;
use super::scope::{Place, Scope};
use super::value::LONGEST;
use crate::graph::Symbol;

const BEGIN: &str = "{{resolve:";
const END: &str = "}}";

impl Evaluation<'_> {
    /// A text with its dynamic references resolved.
    pub(super) fn dereferenced(&mut self, text: String, place: Place, scope: Scope<'_>) -> String {
        if !text.contains(BEGIN) {
            return text;
        }
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, (inside, behind))) = rest
            .split_once(BEGIN)
            .and_then(|(before, behind)| Some((before, behind.split_once(END)?)))
        {
            resolved.push_str(before);
            let value = match inside.split_once(':') {
                Some(("ssm", parameter)) => self.stored(parameter, place, scope),
                Some((service, what)) => self.secret(service, what, place, scope),
                None => self.secret(inside, "", place, scope),
            };
            resolved.push_str(&value);
            rest = behind;
            if resolved.len() > LONGEST {
                return self.too_long(place, scope);
            }
        }
        resolved.push_str(rest);
        resolved
    }

    fn secret(&mut self, service: &str, what: &str, place: Place, scope: Scope<'_>) -> String {
        let (account, region) = self.whereabouts(scope);
        let shown = self.symbols.shown(what).into_owned();
        self.unknown(&format!("{service} {account} {region} {what}"), || Symbol {
            name: format!("{service}:{shown}"),
            what: format!("the value of `{service}` that `{shown}` stands for"),
            supply: String::new(),
            origin: place.at,
        })
    }

    /// The account and the Region of a stack: what is kept under the same name elsewhere is something else.
    pub(super) fn whereabouts(&self, scope: Scope<'_>) -> (String, String) {
        let live = self.stacks.get(scope.stack);
        live.map(|live| {
            (
                live.stack.home.account.clone(),
                live.stack.home.region.clone(),
            )
        })
        .unwrap_or_default()
    }
}
