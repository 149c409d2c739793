//! `Fn::ForEach`: members of maps, once for each value of a list.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html>

use std::borrow::Cow;
use std::rc::Rc;

use super::Evaluation;
use super::call::Entries;
use super::index::Bound;
use super::scope::Scope;
use super::shape::plain_text;
use super::value::BYTES_OF_A_NODE;
use crate::graph::is_symbol;
use crate::source::{Made, MadeValue, Node, Origin};

/// How the key of a loop begins; its own name follows.
pub(super) const KEY: &str = "Fn::ForEach::";

/// An entry of a map as a loop makes it: its name, the place of its key, its value, and the loop's variables.
pub(super) type Looped<'s> = (String, Origin, Node<'s>, Rc<Bound>);

impl<'s> Evaluation<'s> {
    /// Adds the members that a loop makes inside a value.
    pub(super) fn loop_members(
        &mut self,
        body: Node<'s>,
        scope: Scope<'_>,
        members: &mut Vec<(String, Origin, Made)>,
    ) {
        for (output, bound) in self.runs(body, scope) {
            let scope = Scope {
                bound: &bound,
                ..scope.through(output)
            };
            if !self.enter(output, scope) {
                break;
            }
            let more = self.members(output, &output.entries(), scope);
            self.depth -= 1;
            members.extend(more);
        }
    }

    /// The entries of a map, those of loops included.
    pub(super) fn looped(&mut self, entries: &Entries<'s>, scope: Scope<'_>) -> Vec<Looped<'s>> {
        let mut made = Vec::with_capacity(entries.len());
        let outer = Rc::new(scope.bound.to_vec());
        for (key, key_at, value) in entries {
            if !key.starts_with(KEY) {
                let name = substituted(key, scope.bound).into_owned();
                made.push((name, *key_at, *value, Rc::clone(&outer)));
                continue;
            }
            for (output, bound) in self.runs(*value, scope) {
                let scope = Scope {
                    bound: &bound,
                    ..scope
                };
                if !self.enter(output, scope) {
                    break;
                }
                let more = self.looped(&output.entries(), scope);
                self.depth -= 1;
                made.extend(more);
            }
        }
        made
    }

    /// What a loop runs over: its output, with the variables of each run.
    fn runs(&mut self, body: Node<'s>, scope: Scope<'_>) -> Vec<(Node<'s>, Vec<(String, String)>)> {
        let parts = body.items();
        let [variables, collection, output] = parts.as_slice() else {
            return self.no_loop(body, scope);
        };
        let Some(name) = variables.scalar() else {
            return self.no_loop(body, scope);
        };
        let Some(Made {
            value: MadeValue::List(items),
            ..
        }) = self.value(*collection, scope)
        else {
            return self.no_loop(body, scope);
        };
        let mut runs = Vec::new();
        for item in items {
            let Some(text) = plain_text(&item) else {
                return self.no_loop(body, scope);
            };
            // What all runs keep of the variables is more than the nodes they make, if values are long.
            let kept: usize = scope.bound.iter().map(|(_, value)| value.len()).sum();
            if !self.charge(1 + (kept + text.len()) / BYTES_OF_A_NODE, scope) {
                break;
            }
            let mut bound = scope.bound.to_vec();
            bound.push((name.to_owned(), text));
            runs.push((*output, bound));
        }
        runs
    }

    fn no_loop<T>(&mut self, body: Node<'s>, scope: Scope<'_>) -> Vec<T> {
        let message = format!(
            "what `Fn::ForEach` in `{}` runs over is not known; what it would make is left out",
            self.title(scope.stack)
        );
        self.warn(message, None, vec![body.origin()]);
        Vec::new()
    }
}

/// A text with the variables of loops put in: `${Name}` as it is, `&{Name}` without what is neither letter nor digit.
pub(super) fn substituted<'t>(text: &'t str, bound: &[(String, String)]) -> Cow<'t, str> {
    if bound.is_empty() || !text.contains("{") {
        return Cow::Borrowed(text);
    }
    let mut text = Cow::Borrowed(text);
    for (name, value) in bound.iter().rev() {
        let plain = format!("${{{name}}}");
        if text.contains(&plain) {
            text = Cow::Owned(text.replace(&plain, value));
        }
        let bare = format!("&{{{name}}}");
        if text.contains(&bare) {
            let kept = |c: &char| c.is_ascii_alphanumeric() || is_symbol(*c);
            let value: String = value.chars().filter(kept).collect();
            text = Cow::Owned(text.replace(&bare, &value));
        }
    }
    text
}
