//! Policy variables: `${key}`, `${key, 'default'}`, `${*}`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use std::collections::BTreeSet;

use super::pattern::{Pattern, Token, token};
use super::symbol::{missing, open_in};
use super::{Context, ContextValue, Missing};
use crate::graph::{Version, has_symbol, is_symbol};

/// How long a text may become by what is put in, twice the longest ARN. A few thousand variables with one long value would
/// otherwise make a text of hundreds of megabytes.
const LONGEST: usize = 4096;

/// A written text with its variables filled in as far as the context tells.
#[derive(Debug, Clone)]
pub(super) struct Expansion {
    pieces: Vec<Piece>,
    /// How long the values are that were put in.
    put_in: usize,
    /// The keys whose values are not known: the patterns made of it are then too wide, never too narrow.
    pub(super) open: BTreeSet<Missing>,
    /// A variable has no value: the text equals nothing.
    pub(super) void: bool,
}

#[derive(Debug, Clone)]
enum Piece {
    /// Text of the policy, whose wildcards count.
    Written(String),
    /// A value put in: its wildcards are plain characters.
    Value(String),
    /// A value of which only this pattern is known.
    Like(String),
}

/// Fills in the variables of a text. Under `2008-10-17` there are none.
pub(super) fn expand(text: &str, version: Version, context: &Context) -> Expansion {
    let mut expansion = Expansion {
        pieces: Vec::new(),
        put_in: 0,
        open: BTreeSet::new(),
        void: false,
    };
    let mut rest = text;
    while version == Version::V2012
        && let Some((before, behind)) = rest.split_once("${")
        && let Some((name, after)) = behind.split_once('}')
    {
        expansion.push(Piece::Written(before.to_owned()));
        expansion.variable(name, context);
        rest = after;
    }
    expansion.push(Piece::Written(rest.to_owned()));
    expansion
}

/// Whether what [`expand`] makes of a text may depend on the context.
pub(super) fn has_variables(text: &str, version: Version) -> bool {
    version == Version::V2012 && text.contains("${")
}

/// As [`expand`], but of a `Resource`, where variables work only behind the fifth colon.
pub(super) fn expand_resource(text: &str, version: Version, context: &Context) -> Expansion {
    if text == "*" {
        return expand(text, Version::V2008, context);
    }
    let fifth = text.match_indices(':').nth(4).map(|(at, _)| at + 1);
    // An unresolved value may be the beginning of an ARN.
    let fifth = fifth.or_else(|| {
        let symbolic = version == Version::V2012 && has_symbol(text);
        let (at, symbol) = text
            .char_indices()
            .find(|(_, one)| symbolic && is_symbol(*one))?;
        Some(at + symbol.len_utf8())
    });
    let (head, tail) = fifth
        .and_then(|at| text.split_at_checked(at))
        .unwrap_or((text, ""));
    let mut expansion = expand(tail, version, context);
    expansion.pieces.insert(0, Piece::Written(head.to_owned()));
    expansion
}

impl Expansion {
    fn push(&mut self, piece: Piece) {
        self.pieces.push(piece);
    }

    fn variable(&mut self, inside: &str, context: &Context) {
        if matches!(inside, "*" | "?" | "$") {
            self.push(Piece::Value(inside.to_owned()));
            return;
        }
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => (key.trim(), unquote(default.trim())),
            None => (inside, None),
        };
        // Which key is meant is open.
        let symbols = open_in([key]);
        if !symbols.is_empty() {
            self.open.extend(missing(&symbols));
            self.push(Piece::Like("*".to_owned()));
            return;
        }
        // Keys with several values never resolve, and their default is not used either.
        if multivalued(key) {
            self.void = true;
            return;
        }
        match context.get(key) {
            Some(ContextValue::Known(values)) => match values.as_slice() {
                [value] => self.value(key, value),
                [] => self.absent(default),
                _ => self.void = true,
            },
            Some(ContextValue::Like(pattern)) if !pattern.contains(['*', '?']) => {
                self.value(key, pattern);
            }
            Some(ContextValue::Like(pattern)) if self.has_room_for(pattern) => {
                self.open.insert(Missing::Context(key.to_owned()));
                self.push(Piece::Like(pattern.clone()));
            }
            Some(ContextValue::Like(_) | ContextValue::Perhaps(_) | ContextValue::Unknown) => {
                self.anything(key);
            }
            None => self.absent(default),
        }
    }

    fn value(&mut self, key: &str, value: &str) {
        if self.has_room_for(value) {
            self.push(Piece::Value(value.to_owned()));
        } else {
            self.anything(key);
        }
    }

    fn has_room_for(&mut self, value: &str) -> bool {
        self.put_in += value.len();
        self.put_in <= LONGEST
    }

    fn anything(&mut self, key: &str) {
        self.open.insert(Missing::Context(key.to_owned()));
        self.push(Piece::Like("*".to_owned()));
    }

    fn absent(&mut self, default: Option<&str>) {
        match default {
            Some(default) => self.push(Piece::Value(default.to_owned())),
            None => self.void = true,
        }
    }

    /// The text, when all of it is known.
    pub(super) fn text(&self) -> Option<String> {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Written(text) | Piece::Value(text) => Some(text.as_str()),
                Piece::Like(_) => None,
            })
            .collect()
    }

    /// Every character as it is; in lower case where `folded`.
    pub(super) fn literal(&self, folded: bool) -> Pattern {
        match self.text() {
            Some(text) if folded => Pattern::literal(&text.to_lowercase()),
            Some(text) => Pattern::literal(&text),
            None if folded => Pattern::glob("*"),
            None => self.tokens(false, |_| true),
        }
    }

    /// `*` and `?` over the whole text.
    pub(super) fn glob(&self) -> Pattern {
        self.tokens(true, |_| true)
    }

    /// An ARN: in its five leading segments a wildcard stays inside its segment. `fixed_service` makes wildcards in the
    /// service segment plain characters, as in a `Resource`; there a `*` that ends the Region's or the account's segment may
    /// run on over colons, so `arn:aws:lambda:*:function:build` leaves out the account and still fits.
    /// A text of fewer segments is one pattern over everything.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
    pub(super) fn arn(&self, fixed_service: bool) -> Pattern {
        let colons = |piece: &Piece| match piece {
            Piece::Written(text) | Piece::Value(text) => text.matches(':').count(),
            Piece::Like(_) => 0,
        };
        if self.pieces.iter().map(colons).sum::<usize>() < 5 {
            return self.glob();
        }
        let mut pattern = self.tokens(true, |segment| segment >= 5);
        if fixed_service {
            pattern.let_region_and_account_spill();
        }
        if fixed_service && let Some(text) = self.text() {
            let service = text.split(':').nth(2).unwrap_or_default();
            if service.contains(['*', '?']) {
                pattern = Pattern::literal(&text);
            }
        }
        pattern
    }

    fn tokens(&self, wildcards: bool, colon: fn(usize) -> bool) -> Pattern {
        let mut tokens = Vec::new();
        let mut segment = 0;
        for piece in &self.pieces {
            let (text, wild) = match piece {
                Piece::Written(text) => (text, wildcards),
                Piece::Value(text) => (text, false),
                // Nothing is known of where its colons are, so its wildcards may run over them.
                Piece::Like(text) => {
                    tokens.extend(text.encode_utf16().map(|unit| token(unit, true)));
                    continue;
                }
            };
            for unit in text.encode_utf16() {
                tokens.push(if wild {
                    token(unit, colon(segment))
                } else {
                    Token::Unit(unit)
                });
                segment += usize::from(unit == u16::from(b':'));
            }
        }
        Pattern::new(tokens)
    }
}

fn unquote(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.strip_suffix('\'')
}

/// Whether a key holds a list, which changes what plain operators and variables make of it.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
pub(super) fn multivalued(key: &str) -> bool {
    const KEYS: &[&str] = &[
        "aws:CalledVia",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceNamesList",
        "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths",
        "aws:TagKeys",
        "cloudformation:ResourceTypes",
        "cloudformation:TargetRegion",
        "kms:EncryptionContextKeys",
        "kms:GrantOperations",
        "kms:ResourceAliases",
        "s3:InventoryAccessibleOptionalFields",
        "s3:RequestObjectTagKeys",
        "sts:IdentityTokenAudience",
        "sts:RequestContextProviders",
        "sts:TransitiveTagKeys",
    ];
    KEYS.iter().any(|name| name.eq_ignore_ascii_case(key))
}

/// The pattern of a `Resource` without variables.
#[cfg(test)]
pub(super) fn written_arn(text: &str) -> Pattern {
    expand_resource(text, Version::V2008, &Context::default()).arn(true)
}
