//! Values that a template does not tell: each is one character from the planes for private use, equal to itself everywhere.
//!
//! A text with an unresolved part holds that character where the part stands: `arn:aws:iam::<char>:role/Deploy`. So two texts
//! that hang on the same parameter are the same text, and whatever compares texts exactly needs to know nothing of symbols.
//! Whoever matches patterns has to: an unknown value may be any text, a generated one any text that nobody chose.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::source::Origin;

/// Values that might be anything, another value of the inputs included: parameters, imports, attributes.
const UNKNOWN: std::ops::RangeInclusive<u32> = 0xF_0000..=0xF_FFFD;

/// Values that AWS makes up: parts of physical names, ids. No two are the same, and nobody writes one down by chance.
const GENERATED: std::ops::RangeInclusive<u32> = 0x10_0000..=0x10_FFFD;

/// All unresolved values of a run.
#[derive(Debug, Default)]
pub struct Symbols {
    unknown: Vec<Symbol>,
    generated: Vec<Symbol>,
    by_key: BTreeMap<String, char>,
}

/// One unresolved value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// What it is called where it is printed: `ProdAccount` is printed as `<ProdAccount>`.
    pub name: String,
    /// What it is, for sentences: ``the parameter `ProdAccount` of `tools.yaml` ``.
    pub what: String,
    /// What a user does to supply it: ``add `--assume ProdAccount=VALUE` ``. Empty for what only AWS knows.
    pub supply: String,
    /// Where it is declared.
    pub origin: Origin,
}

impl Symbols {
    /// The symbol of an unknown value; the same key always gives the same.
    pub fn unknown(&mut self, key: &str, symbol: impl FnOnce() -> Symbol) -> char {
        intern(
            &mut self.by_key,
            &mut self.unknown,
            *UNKNOWN.start(),
            key,
            symbol,
        )
    }

    /// The symbol of a value that AWS makes up.
    pub fn generated(&mut self, key: &str, symbol: impl FnOnce() -> Symbol) -> char {
        intern(
            &mut self.by_key,
            &mut self.generated,
            *GENERATED.start(),
            key,
            symbol,
        )
    }

    /// What a symbol stands for.
    pub fn get(&self, symbol: char) -> Option<&Symbol> {
        let code = u32::from(symbol);
        let (all, first) = if is_generated(symbol) {
            (&self.generated, *GENERATED.start())
        } else {
            (&self.unknown, *UNKNOWN.start())
        };
        all.get(code.checked_sub(first)? as usize)
    }

    /// A text as people read it: `arn:aws:iam::<ProdAccount>:role/Deploy`.
    pub fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !has_symbol(text) {
            return Cow::Borrowed(text);
        }
        let mut shown = String::with_capacity(text.len() + 16);
        for character in text.chars() {
            if is_symbol(character) {
                let name = self
                    .get(character)
                    .map_or("unknown", |symbol| symbol.name.as_str());
                shown.push('<');
                shown.push_str(name);
                shown.push('>');
            } else {
                shown.push(character);
            }
        }
        Cow::Owned(shown)
    }
}

/// How many values one plane has room for; all further ones share the last, which then is equal to nothing.
const MOST: usize = 0xFFFD;

fn intern(
    by_key: &mut BTreeMap<String, char>,
    all: &mut Vec<Symbol>,
    first: u32,
    key: &str,
    symbol: impl FnOnce() -> Symbol,
) -> char {
    if let Some(known) = by_key.get(key) {
        return *known;
    }
    if all.len() < MOST {
        all.push(symbol());
    }
    let last = u32::try_from(all.len().saturating_sub(1)).unwrap_or(0);
    let made = char::from_u32(first + last).unwrap_or(char::REPLACEMENT_CHARACTER);
    by_key.insert(key.to_owned(), made);
    made
}

/// Whether a character stands for an unresolved value.
pub fn is_symbol(character: char) -> bool {
    let code = u32::from(character);
    UNKNOWN.contains(&code) || GENERATED.contains(&code)
}

/// Whether a symbol stands for a value that AWS makes up.
pub fn is_generated(character: char) -> bool {
    GENERATED.contains(&u32::from(character))
}

/// Whether a symbol stands for a value that might be anything, a whole ARN included; what AWS makes up is a name or an id.
pub fn is_unknown(character: char) -> bool {
    UNKNOWN.contains(&u32::from(character))
}

/// Whether a text holds an unresolved value.
pub fn has_symbol(text: &str) -> bool {
    // Asked of every text that is decided about, and nearly all of them are ASCII.
    !text.is_ascii() && text.chars().any(is_symbol)
}

/// The unresolved values in a text, in their order.
pub fn symbols_in(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|character| is_symbol(*character))
}

/// The account in an ARN. Of an ARN that is not known at all it is as unknown as the ARN, and the same for the same ARN.
pub fn account_in(arn: &str) -> Option<&str> {
    let mut segments = arn.splitn(6, ':').skip(4);
    if let (true, Some(account), Some(_)) =
        (arn.starts_with("arn:"), segments.next(), segments.next())
    {
        return Some(account);
    }
    let (at, symbol) = arn
        .char_indices()
        .find(|(_, character)| is_symbol(*character))?;
    arn.get(at..at + symbol.len_utf8())
}

/// Whether two texts may be the same once their unresolved values are known: an unknown one may be any text, one that AWS makes
/// up any text without another of its kind. What stands as a segment of an ARN is taken to be one.
pub fn may_be_equal(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    if differ_before_symbols(one.as_bytes(), other.as_bytes())
        || (!has_symbol(one) && !has_symbol(other))
    {
        return false;
    }
    let segments = |text: &str| text.starts_with("arn:").then(|| text.matches(':').count());
    match (segments(one), segments(other)) {
        (Some(5..), Some(5..)) => {
            let mut pairs = one.splitn(6, ':').zip(other.splitn(6, ':'));
            pairs.all(|(one, other)| one == other || may_be_one(one, other))
        }
        _ => may_be_one(one, other),
    }
}

/// Whether two texts differ where neither has had an unresolved value yet: of many names nearly all do.
fn differ_before_symbols(one: &[u8], other: &[u8]) -> bool {
    for (a, b) in one.iter().zip(other) {
        // With this byte a symbol may begin, and with none below.
        if *a >= SYMBOL || *b >= SYMBOL {
            return false;
        }
        if a != b {
            return true;
        }
    }
    false
}

/// The first byte, in UTF-8, of the planes that symbols are from.
const SYMBOL: u8 = 0xF3;

fn may_be_one(one: &str, other: &str) -> bool {
    // What both begin or end with is the same whatever stands in it.
    let alike = |(a, b): &(char, char)| a == b;
    let heads = one.chars().zip(other.chars()).take_while(alike);
    let head: usize = heads.map(|(character, _)| character.len_utf8()).sum();
    let (one, other) = (
        one.get(head..).unwrap_or_default(),
        other.get(head..).unwrap_or_default(),
    );
    let ends = one.chars().rev().zip(other.chars().rev()).take_while(alike);
    let end: usize = ends.map(|(character, _)| character.len_utf8()).sum();
    let (one, other) = (
        one.get(..one.len() - end).unwrap_or_default(),
        other.get(..other.len() - end).unwrap_or_default(),
    );
    let generates = |text: &str| text.chars().any(is_generated);
    let told_apart = generates(one) && generates(other);
    let open = |character: char| is_symbol(character) && !(told_apart && is_generated(character));
    let one: Vec<&str> = one.split(open).collect();
    let other: Vec<&str> = other.split(open).collect();
    match (one.as_slice(), other.as_slice()) {
        ([text], pieces) | (pieces, [text]) => hold(pieces, text),
        ([head, .., end], [other_head, .., other_end]) => {
            let heads = head.starts_with(other_head) || other_head.starts_with(head);
            heads && (end.ends_with(other_end) || other_end.ends_with(end))
        }
        _ => false,
    }
}

/// Whether a text holds pieces in their order, the first at its beginning and the last at its end.
fn hold(pieces: &[&str], text: &str) -> bool {
    let [first, between @ .., last] = pieces else {
        return pieces.first().is_some_and(|only| *only == text);
    };
    let mut rest = text.strip_prefix(first);
    for piece in between {
        rest = rest
            .and_then(|rest| rest.split_once(piece))
            .map(|(_, behind)| behind);
    }
    rest.is_some_and(|rest| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::may_be_equal;

    #[test]
    fn texts_may_be_equal_once_their_values_are_known() {
        let (a, b, g, h) = ('\u{F0000}', '\u{F0001}', '\u{100000}', '\u{100001}');
        for (one, other, expected) in [
            ("a".to_owned(), "a".to_owned(), true),
            ("a".to_owned(), "b".to_owned(), false),
            (format!("x{a}y"), format!("x{a}y"), true),
            (format!("x{a}y"), format!("x{a}z"), false),
            (format!("x{a}y"), format!("x{b}y"), true),
            (format!("x{a}y"), "x1y".to_owned(), true),
            (format!("x{a}y"), "xy".to_owned(), true),
            (format!("xa{a}ay"), "xay".to_owned(), false),
            (format!("x{a}y"), "x1z".to_owned(), false),
            (format!("x{a}-{b}y"), "x1-2y".to_owned(), true),
            (format!("x{a}-{b}y"), "x12y".to_owned(), false),
            (a.to_string(), "arn:aws:s3:::b".to_owned(), true),
            (format!("s-{g}"), format!("s-{h}"), false),
            (format!("s-{g}"), "s-X1".to_owned(), true),
            (format!("s-{g}"), format!("s-{a}"), true),
            (format!("{a}x{b}"), format!("y{a}"), true),
            (format!("{a}x"), format!("y{b}z"), false),
        ] {
            assert_eq!(may_be_equal(&one, &other), expected, "{one:?} {other:?}");
            assert_eq!(may_be_equal(&other, &one), expected, "{other:?} {one:?}");
        }
    }
}
