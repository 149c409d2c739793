//! Lines for people: how wide they are, where they break, and what in them could fool a terminal.

use std::borrow::Cow;
use std::io;

use serde::Serialize;

/// Columns that a character takes in a terminal, near enough to break lines by.
pub(super) fn columns_of(character: char) -> usize {
    match u32::from(character) {
        0x0300..=0x036F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// Columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// Breaks a text into lines of at most `width` columns, at blanks only: an ARN cut in two can be neither found nor copied.
/// For the same reason nothing between backticks is broken, be it a command of several words.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in words(paragraph) {
            let wide = columns(word);
            if used > 0 && used + 1 + wide > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += wide;
        }
        lines.push(line);
    }
    lines
}

/// The words of a paragraph; blanks between backticks do not part words.
fn words(paragraph: &str) -> impl Iterator<Item = &str> {
    let closed = paragraph.matches('`').count().is_multiple_of(2);
    let mut quoted = false;
    paragraph
        .split(move |character: char| {
            quoted ^= closed && character == '`';
            !quoted && character.is_whitespace()
        })
        .filter(|word| !word.is_empty())
}

/// Replaces what a terminal would obey instead of show, byte for byte: control characters and the marks that turn the
/// direction of writing around (<https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings>). Line feeds stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text
        .chars()
        .all(|character| substitute(character).is_none())
    {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        match substitute(character) {
            Some(substitute) => clean.push_str(substitute),
            None => clean.push(character),
        }
    }
    Cow::Owned(clean)
}

/// Writes a pretty-printed JSON document with a final line feed. In it, too, nothing is left that a terminal obeys: JSON
/// escapes only the first 32 characters by itself. To whoever parses it, nothing has changed.
pub(super) fn write_json(document: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = inert_json(&serde_json::to_string_pretty(document)?);
    text.push('\n');
    out.write_all(text.as_bytes())
}

/// A JSON document in which nothing is left that a terminal obeys; to whoever parses it, nothing has changed.
pub fn inert_json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        // All of them stand inside strings, where any character may be written as an escape; all are of the basic plane.
        match substitute(character) {
            Some(_) => escaped.push_str(&format!("\\u{:04x}", u32::from(character))),
            None => escaped.push(character),
        }
    }
    escaped
}

/// What stands for a character that must not reach a terminal; always as many bytes as the character has.
fn substitute(character: char) -> Option<&'static str> {
    match character {
        '\n' => None,
        '\t' | '\r' => Some(" "),
        '\0'..='\x1f' | '\x7f' => Some("?"),
        '\u{80}'..='\u{9f}' => Some("??"),
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some("\u{fffd}")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_never_inside_a_word() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(
            wrap("see arn:aws:iam::111111111111:role/Deploy there", 10),
            ["see", "arn:aws:iam::111111111111:role/Deploy", "there"]
        );
        assert_eq!(
            wrap("run `aws iam get-role` first", 10),
            ["run", "`aws iam get-role`", "first"]
        );
        assert_eq!(wrap("a ` b c", 3), ["a `", "b c"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("a\nb", 10), ["a", "b"]);
    }

    #[test]
    fn json_is_the_same_and_quiet() {
        let text = "a\u{1b}[31m\tb\u{9b}\u{7f}c\u{202e}d\nünï\\ \u{2066}\"";
        let mut bytes = Vec::new();
        write_json(&vec![text], &mut bytes).unwrap();
        let written = String::from_utf8(bytes).unwrap();
        assert_eq!(printable(&written), written);
        let read: Vec<String> = serde_json::from_str(&written).unwrap();
        assert_eq!(read, [text]);
    }

    #[test]
    fn a_terminal_gets_no_orders_and_every_byte_keeps_its_place() {
        let text = "a\u{1b}[31mb\tc\u{9b}d\u{202e}e\nf\u{7f}";
        let clean = printable(text);
        assert_eq!(clean, "a?[31mb c??d\u{fffd}e\nf?");
        assert_eq!(clean.len(), text.len());
        assert!(matches!(printable("plain ünïcode"), Cow::Borrowed(_)));
    }
}
