//! Keys and values as JSON and YAML write them, in documents inside strings too, without parsing: a text must be masked
//! even where it is malformed. Where it cannot tell, it hides more rather than less.

use std::ops::Range;

use crate::load::secret::{is_environment, is_secret, normal, refers};

/// How far around its value a variable's type is looked for; one further away stays unseen, and its value hidden.
const VARIABLE_BYTES: usize = 1024;

/// The values of secret keys in a text, in order and apart from each other.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    Scan::new(text).secrets()
}

/// One pass over a text.
struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// Where the environment being read lies.
    environment: Range<usize>,
    /// Where the map of variables being read ends.
    variables_end: usize,
}

/// A value behind a key, without its quotes.
enum Value {
    /// A quoted string.
    Quoted(Range<usize>),
    /// A list or map in brackets, by where it starts: to look for its end costs time, and few need it.
    Bracketed(usize),
    /// Everything else: one literal, or the lines of a YAML value.
    Open(Range<usize>),
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            environment: 0..0,
            variables_end: 0,
        }
    }

    /// Ranges to hide, in order and apart from each other.
    fn secrets(mut self) -> Vec<Range<usize>> {
        let mut secrets = Vec::new();
        let mut at = 0;
        while at < self.bytes.len() {
            if !self.word_starts(at) {
                at += 1;
                continue;
            }
            let end = self.skip(at, word);
            let key = normal(self.text.get(at..end).unwrap_or_default());
            at = match self.key_end(at, end) {
                Some(colon) if self.is_secret(&key, at) => {
                    let value = self.value(at, colon);
                    let kept = key == "value" && self.is_reference(at, &value);
                    match value {
                        Value::Bracketed(_) => colon,
                        Value::Quoted(range) | Value::Open(range) => {
                            let next = range.end.max(colon);
                            if !kept && !range.is_empty() {
                                secrets.push(range);
                            }
                            next
                        }
                    }
                }
                Some(colon) => {
                    if let Some(whole) = self.enter(&key, at, colon) {
                        let next = whole.end.max(colon);
                        secrets.push(whole);
                        next
                    } else {
                        colon
                    }
                }
                None => end,
            };
        }
        secrets
    }

    /// Notes that an environment begins here; gives its whole range when it is written in a way that keys cannot be found in.
    fn enter(&mut self, key: &str, at: usize, colon: usize) -> Option<Range<usize>> {
        let inside = at < self.environment.end;
        if inside && key == "variables" && at >= self.variables_end {
            self.variables_end = self.range(&self.value(at, colon)).end;
        }
        if inside || !is_environment(key) {
            return None;
        }
        let value = self.value(at, colon);
        self.environment = self.range(&value);
        // `\u0022` is a quote to a JSON reader and none to this pass.
        match value {
            Value::Quoted(range)
                if self
                    .text
                    .get(range.clone())
                    .is_some_and(|inner| inner.contains("\\u00")) =>
            {
                Some(range)
            }
            _ => None,
        }
    }

    fn is_secret(&self, key: &str, at: usize) -> bool {
        at < self.variables_end || (key == "value" && at < self.environment.end) || is_secret(key)
    }

    /// Whether the variable's object says by its `type` that the value is only a name.
    fn is_reference(&self, key: usize, value: &Value) -> bool {
        let Value::Quoted(value) = value else {
            return false;
        };
        let from = self
            .text
            .ceil_char_boundary(key.saturating_sub(VARIABLE_BYTES))
            .max(self.environment.start);
        let to = self
            .text
            .floor_char_boundary(value.end + VARIABLE_BYTES)
            .min(self.environment.end);
        let before = self.text.get(from..key).unwrap_or_default();
        let opened = before
            .rfind(['{', '}', '['])
            .filter(|&at| before.get(at..).is_some_and(|rest| rest.starts_with('{')));
        let after = self.text.get(value.end..to).unwrap_or_default();
        let (Some(opened), Some(closed)) = (opened, after.find('}')) else {
            return false;
        };
        self.has_reference_type(from + opened..key)
            || self.has_reference_type(value.end..value.end + closed)
    }

    fn has_reference_type(&self, range: Range<usize>) -> bool {
        let part = self.text.get(range.clone()).unwrap_or_default();
        part.match_indices("type").any(|(found, name)| {
            let at = range.start + found;
            let end = at + name.len();
            let Some(colon) = self.key_end(at, end).filter(|_| self.word_starts(at)) else {
                return false;
            };
            match self.value(at, colon) {
                Value::Quoted(value) => self.text.get(value).is_some_and(refers),
                Value::Bracketed(_) | Value::Open(_) => false,
            }
        })
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn before(&self, at: usize) -> Option<u8> {
        at.checked_sub(1).and_then(|at| self.byte(at))
    }

    fn word_starts(&self, at: usize) -> bool {
        self.byte(at).is_some_and(word) && !self.before(at).is_some_and(word)
    }

    /// The first position from `at` on whose byte does not fit.
    fn skip(&self, at: usize, fits: impl Fn(u8) -> bool) -> usize {
        let mut at = at;
        while self.byte(at).is_some_and(&fits) {
            at += 1;
        }
        at
    }

    /// Just behind the colon of a key whose word is `at..end`; `None` when the word is no key.
    fn key_end(&self, at: usize, end: usize) -> Option<usize> {
        let mut next = self.skip(end, |byte| byte == b'\\');
        let quoted = matches!(self.before(at), Some(b'"' | b'\''));
        if matches!(self.byte(next), Some(b'"' | b'\'')) {
            next += 1;
        } else if quoted || next > end {
            return None;
        }
        let colon = self.skip(next, blank);
        if self.byte(colon) != Some(b':') {
            return None;
        }
        // Without quotes it is YAML, where `a:b` is one text.
        let spaced = self
            .byte(colon + 1)
            .is_none_or(|byte| byte.is_ascii_whitespace());
        (quoted || spaced).then_some(colon + 1)
    }

    /// The value of the key that starts at `key`, looked for from behind its colon.
    fn value(&self, key: usize, colon: usize) -> Value {
        let at = self.skip_blanks(colon);
        let quote = self.skip(at, |byte| byte == b'\\');
        match self.byte(quote) {
            Some(b'"') => Value::Quoted(self.double_quoted(quote, quote - at)),
            Some(b'\'') if quote == at => Value::Quoted(self.single_quoted(quote)),
            Some(b'{' | b'[') if quote == at => Value::Bracketed(at),
            _ => Value::Open(self.open(key, colon)),
        }
    }

    /// From a value's first byte to its last, without quotes.
    fn range(&self, value: &Value) -> Range<usize> {
        match value {
            Value::Quoted(range) | Value::Open(range) => range.clone(),
            Value::Bracketed(start) => self.bracketed(*start),
        }
    }

    /// Skips blanks and line feeds, also the escaped ones of a document inside a string.
    fn skip_blanks(&self, at: usize) -> usize {
        let mut at = self.skip(at, |byte| byte.is_ascii_whitespace());
        loop {
            let letter = self.skip(at, |byte| byte == b'\\');
            if letter == at || !matches!(self.byte(letter), Some(b'n' | b'r' | b't')) {
                return at;
            }
            at = self.skip(letter + 1, |byte| byte.is_ascii_whitespace());
        }
    }

    /// Inside of the string whose opening quote at `quote` has `escapes` backslashes before it.
    ///
    /// In a document inside a string each further level doubles the backslashes, so the count before a quote tells
    /// whether it ends this string, belongs to it, or already ends the string around it.
    fn double_quoted(&self, quote: usize, escapes: usize) -> Range<usize> {
        let start = quote + 1;
        let mut run = 0;
        let mut at = start;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'\\' => run += 1,
                b'"' if run < escapes => return start..at - run,
                b'"' if ((run - escapes) / (escapes + 1)).is_multiple_of(2) => {
                    return start..at - escapes;
                }
                _ => run = 0,
            }
            at += 1;
        }
        start..at
    }

    /// Inside of a YAML string in single quotes, where two of them stand for one.
    fn single_quoted(&self, quote: usize) -> Range<usize> {
        let start = quote + 1;
        let mut at = start;
        while let Some(byte) = self.byte(at) {
            if byte == b'\'' {
                if self.byte(at + 1) != Some(b'\'') {
                    break;
                }
                at += 1;
            }
            at += 1;
        }
        start..at
    }

    /// A list or map up to the bracket that closes it.
    fn bracketed(&self, start: usize) -> Range<usize> {
        let mut depth = 0_usize;
        let mut escapes = 0;
        let mut token = b'[';
        let mut at = start;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'"' => at = self.double_quoted(at, escapes).end + escapes,
                b'\'' if matches!(token, b'[' | b'{' | b',' | b':') => {
                    at = self.single_quoted(at).end;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            escapes = if byte == b'\\' { escapes + 1 } else { 0 };
            if !blank(byte) && byte != b'\n' && byte != b'\r' {
                token = byte;
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        start..at.min(self.bytes.len())
    }

    /// A value without quotes: a JSON literal, or the rest of the line and the lines that YAML adds to it by indenting them.
    fn open(&self, key: usize, colon: usize) -> Range<usize> {
        let start = self.skip(colon, blank);
        let literal = self.skip(start, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
        });
        let is_literal = self
            .text
            .get(start..literal)
            .is_some_and(|text| serde_json::from_str::<serde_json::Value>(text).is_ok());
        if is_literal && matches!(self.byte(literal), Some(b',' | b'}' | b']' | b'\\')) {
            return start..literal;
        }
        let line = self
            .text
            .get(..key)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |feed| feed + 1);
        let mut column = key - line;
        if matches!(self.before(key), Some(b'"' | b'\'')) {
            column -= 1;
        }
        let mut end = self.skip(start, |byte| byte != b'\n' && byte != b'\r');
        let empty = end == start || self.byte(start) == Some(b'#');
        let mut next = end;
        while next < self.bytes.len() {
            let begin = self.skip(next, |byte| byte == b'\r');
            let begin = if self.byte(begin) == Some(b'\n') {
                begin + 1
            } else {
                begin
            };
            let inside = self.skip(begin, blank);
            let stop = self.skip(inside, |byte| byte != b'\n' && byte != b'\r');
            let item = empty && inside - begin == column && self.byte(inside) == Some(b'-');
            if stop > inside {
                if inside - begin <= column && !item {
                    break;
                }
                end = stop;
            }
            next = stop.max(next + 1);
        }
        start..end
    }
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
