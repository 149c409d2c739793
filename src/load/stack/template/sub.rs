//! `Fn::Sub`: a text with `${Name}`, `${Id.Attribute}` and `${!Literal}` in it, and values of its own for some names.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html>

use super::Evaluation;
use super::call::Call;
use super::each;
use super::scope::{Place, Scope};
use super::shape::plain_text;
use super::value::LONGEST;
use crate::source::{Kind, Made, Node};

/// No name of a parameter, resource or attribute is longer.
const LONGEST_NAME: usize = 1024;

/// A part of the text.
enum Piece<'t> {
    Text(&'t str),
    /// `${!this}` stands for `${this}`.
    Escaped(&'t str),
    Variable(&'t str),
}

impl<'s> Evaluation<'s> {
    pub(super) fn sub(&mut self, call: &Call<'s>, place: Place, scope: Scope<'_>) -> Made {
        let (text, own) = match call.argument.kind() {
            Kind::List => match call.arguments().as_slice() {
                [text, own] => (text.scalar(), Some(*own)),
                [text] => (text.scalar(), None),
                _ => (None, None),
            },
            _ => (call.argument.scalar(), None),
        };
        let Some(text) = text else {
            return self.misused(call, place, scope);
        };
        let text = each::substituted(text, scope.bound);
        let mut filled = String::with_capacity(text.len() + 32);
        let mut also = None;
        for piece in Pieces(&text) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Escaped(name) => {
                    filled.push_str("${");
                    filled.push_str(name);
                    filled.push('}');
                }
                Piece::Variable(name) => {
                    let Some(value) = self.variable(name, own, place, scope) else {
                        continue;
                    };
                    let Some(text) = plain_text(&value) else {
                        return self.misused(call, place, scope);
                    };
                    filled.push_str(&text);
                    also = also.or(value.also);
                    if filled.len() > LONGEST {
                        break;
                    }
                }
            }
        }
        self.built(filled, place.from(also), scope)
    }

    fn variable(
        &mut self,
        name: &str,
        own: Option<Node<'s>>,
        place: Place,
        scope: Scope<'_>,
    ) -> Option<Made> {
        if let Some(value) = own.and_then(|own| own.get(name)) {
            return self.value(value, scope);
        }
        // Behind an alias `also` is the definition; what a parameter comes from is told all the same.
        let bare = Place {
            also: None,
            ..place
        };
        match name.split_once('.') {
            Some((id, attribute)) => Some(self.attribute(id, attribute, bare, scope)),
            None => self.refer(name, bare, scope),
        }
    }
}

/// Cuts a text into pieces.
struct Pieces<'t>(&'t str);

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        let text = self.0;
        if text.is_empty() {
            return None;
        }
        let mut from = 0;
        while let Some((start, inside, behind)) = placeholder(text, from) {
            if start > 0 && is_name(inside) {
                let (before, rest) = text.split_at_checked(start)?;
                self.0 = rest;
                return Some(Piece::Text(before));
            }
            if is_name(inside) {
                self.0 = behind;
                let inside = inside.trim();
                return Some(match inside.strip_prefix('!') {
                    Some(literal) => Piece::Escaped(literal),
                    None => Piece::Variable(inside),
                });
            }
            from = start + 2;
        }
        self.0 = "";
        Some(Piece::Text(text))
    }
}

/// The next `${…}`: where it starts, what stands inside, and what comes behind.
fn placeholder(text: &str, from: usize) -> Option<(usize, &str, &str)> {
    let start = from + text.get(from..)?.find("${")?;
    let rest = text.get(start + 2..)?;
    let end = rest
        .bytes()
        .take(LONGEST_NAME)
        .position(|byte| byte == b'}')?;
    Some((start, rest.get(..end)?, rest.get(end + 1..)?))
}

/// Whether a placeholder can be one: anything else, such as the `${#x[@]}` of a shell, is text.
fn is_name(inside: &str) -> bool {
    let name = inside.trim();
    if name.starts_with('!') {
        return true;
    }
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '-');
    !name.is_empty() && name.chars().all(usual)
}

/// The names that a text asks for.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    Pieces(text).filter_map(|piece| match piece {
        Piece::Variable(name) => Some(name),
        Piece::Text(_) | Piece::Escaped(_) => None,
    })
}
