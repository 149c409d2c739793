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

/// Whether a text holds an unresolved value.
pub fn has_symbol(text: &str) -> bool {
    // Both planes, and nothing below them, begin with these bytes in UTF-8.
    text.bytes().any(|byte| byte >= 0xF3) && text.chars().any(is_symbol)
}

/// The unresolved values in a text, in their order.
pub fn symbols_in(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|character| is_symbol(*character))
}
