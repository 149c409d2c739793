//! The functions on lists: joined, split, one picked, counted.

use super::Evaluation;
use super::call::Call;
use super::scope::{Place, Scope};
use super::shape::plain_text;
use super::value::LONGEST;
use crate::graph::{has_symbol, is_generated, symbols_in};
use crate::source::{Made, MadeValue};

impl<'s> Evaluation<'s> {
    pub(super) fn join(&mut self, call: &Call<'s>, place: Place, scope: Scope<'_>) -> Made {
        let arguments = call.arguments();
        let [delimiter, items] = arguments.as_slice() else {
            return self.misused(call, place, scope);
        };
        let delimiter = self.scalar(*delimiter, scope).unwrap_or_default();
        let Some(items) = self.value(*items, scope) else {
            return place.text("");
        };
        let MadeValue::List(list) = &items.value else {
            return match items.scalar() {
                Some(text) if has_symbol(text) => {
                    let given = format!("{delimiter} {text}");
                    self.hanging(call, &given, place, scope)
                }
                _ => self.misused(call, place, scope),
            };
        };
        let mut joined = String::new();
        let mut also = None;
        for (at, item) in list.iter().enumerate() {
            let Some(text) = plain_text(item) else {
                return self.misused(call, place, scope);
            };
            if at > 0 {
                joined.push_str(&delimiter);
            }
            joined.push_str(&text);
            also = also.or(item.also);
            if joined.len() > LONGEST {
                break;
            }
        }
        self.built(joined, place.from(also.or(items.also)), scope)
    }

    pub(super) fn split(&mut self, call: &Call<'s>, place: Place, scope: Scope<'_>) -> Made {
        let arguments = call.arguments();
        let [delimiter, text] = arguments.as_slice() else {
            return self.misused(call, place, scope);
        };
        let delimiter = self.scalar(*delimiter, scope).unwrap_or_default();
        let made = self.value(*text, scope);
        let Some((text, also)) = made.and_then(|made| Some((plain_text(&made)?, made.also))) else {
            return self.misused(call, place, scope);
        };
        if delimiter.is_empty() {
            return self.misused(call, place, scope);
        }
        if !self.can_be_split(&text, &delimiter, scope) {
            let given = format!("{delimiter} {text}");
            return self.hanging(call, &given, place, scope);
        }
        let place = place.from(also);
        let pieces = text.split(delimiter.as_str());
        let pieces: Vec<Made> = pieces.map(|piece| place.text(piece)).collect();
        if !self.charge(pieces.len(), scope) {
            return self.beyond(place, scope);
        }
        place.made(MadeValue::List(pieces))
    }

    /// Whether none of the unresolved parts of a text can hold the delimiter: those of homes and made-up names hold neither
    /// colons nor slashes.
    fn can_be_split(&self, text: &str, delimiter: &str, scope: Scope<'_>) -> bool {
        if !has_symbol(text) {
            return true;
        }
        let home = self.stacks.get(scope.stack).map(|live| &live.stack.home);
        let harmless = !delimiter.contains(|c: char| c.is_alphanumeric() || c == '-');
        harmless
            && symbols_in(text).all(|symbol| {
                is_generated(symbol)
                    || home.is_some_and(|home| {
                        let parts = [&home.account, &home.region, &home.stack];
                        parts.iter().any(|part| part.contains(symbol))
                    })
            })
    }

    pub(super) fn select(
        &mut self,
        call: &Call<'s>,
        place: Place,
        scope: Scope<'_>,
    ) -> Option<Made> {
        let arguments = call.arguments();
        let [index, items] = arguments.as_slice() else {
            return Some(self.misused(call, place, scope));
        };
        let index = self.scalar(*index, scope).unwrap_or_default();
        let items = self.value(*items, scope)?;
        if let Some(text) = items.scalar()
            && has_symbol(text)
        {
            let given = format!("{index} {text}");
            return Some(self.hanging(call, &given, place, scope));
        }
        if has_symbol(&index) {
            return Some(self.hanging(call, &index, place, scope));
        }
        let MadeValue::List(list) = items.value else {
            return Some(self.misused(call, place, scope));
        };
        let at = index.trim().parse::<usize>().ok();
        match at.and_then(|at| list.into_iter().nth(at)) {
            Some(item) => Some(Made {
                at: place.at,
                also: place.also.or(item.also),
                ..item
            }),
            None => {
                let message = format!(
                    "`Fn::Select` in `{}` asks for item `{index}` of a list that does not have it",
                    self.title(scope.stack)
                );
                self.warn(message, None, vec![call.node.origin()]);
                Some(self.opaque("Fn::Select", place, scope))
            }
        }
    }

    pub(super) fn length(&mut self, call: &Call<'s>, place: Place, scope: Scope<'_>) -> Made {
        let made = self.argument(call, scope);
        match made.as_ref().map(|made| (&made.value, made.scalar())) {
            Some((MadeValue::List(items), _)) => {
                place.made(MadeValue::Number(items.len().to_string()))
            }
            Some((_, Some(text))) if has_symbol(text) => self.hanging(call, text, place, scope),
            _ => self.misused(call, place, scope),
        }
    }
}
