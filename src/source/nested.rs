//! Documents inside strings: the decoded text, and the way from its offsets back to those of the text around it.
//!
//! AWS hands policies out as objects, as JSON strings and percent-encoded
//! (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>: RFC 3986, so `+` is a plus).

use std::ops::Range;

use super::text::offset32;

/// Translates offsets of a decoded text to offsets of the text it was decoded from.
#[derive(Debug, Default)]
pub(super) struct Map {
    pieces: Vec<Piece>,
    /// Decoded and raw offset behind the last piece.
    end: (u32, u32),
}

/// A stretch of both texts; pieces follow each other without gaps in the decoded text.
#[derive(Debug, Clone, Copy)]
struct Piece {
    decoded: u32,
    raw: u32,
    raw_end: u32,
    /// Whether both texts are the same here, byte by byte; otherwise the piece is only found as a whole.
    same: bool,
}

impl Map {
    /// The decoded text can only be found as a whole.
    pub(super) fn whole(decoded: usize, raw: Range<usize>) -> Self {
        let mut map = Self::default();
        map.push(decoded, raw, false);
        map
    }

    /// Adds a piece behind the last one.
    fn push(&mut self, decoded: usize, raw: Range<usize>, same: bool) {
        let (start, end) = (offset32(raw.start), offset32(raw.end));
        let begin = self.end.0;
        self.end = (begin + offset32(decoded), end);
        if decoded == 0 {
            return;
        }
        match self.pieces.last_mut() {
            Some(last) if same && last.same && last.raw_end == start => last.raw_end = end,
            _ => self.pieces.push(Piece {
                decoded: begin,
                raw: start,
                raw_end: end,
                same,
            }),
        }
    }

    fn piece(&self, decoded: u32) -> Option<&Piece> {
        let behind = self
            .pieces
            .partition_point(|piece| piece.decoded <= decoded);
        self.pieces.get(behind.checked_sub(1)?)
    }

    /// Where the character at a decoded offset begins.
    fn start(&self, decoded: u32) -> u32 {
        if decoded >= self.end.0 {
            return self.end.1;
        }
        self.piece(decoded).map_or(self.end.1, |piece| {
            let inside = if piece.same {
                decoded - piece.decoded
            } else {
                0
            };
            piece.raw + inside
        })
    }

    /// Where the character before a decoded offset ends.
    fn end(&self, decoded: u32) -> u32 {
        let Some(last) = decoded.checked_sub(1) else {
            return self.start(0);
        };
        if last >= self.end.0 {
            return self.end.1;
        }
        self.piece(last).map_or(self.end.1, |piece| {
            if piece.same {
                piece.raw + (decoded - piece.decoded)
            } else {
                piece.raw_end
            }
        })
    }

    /// The raw range of a decoded one.
    pub(super) fn outward(&self, range: Range<usize>) -> Range<usize> {
        let start = self.start(offset32(range.start)) as usize;
        if range.is_empty() {
            return start..start;
        }
        start..(self.end(offset32(range.end)) as usize).max(start)
    }
}

/// The map of a string that stands at `base` as `raw` and means `decoded`.
pub(super) fn of_string(raw: &str, base: usize, decoded: &str) -> Map {
    let inner = raw.len().checked_sub(1).and_then(|last| raw.get(1..last));
    let exact = match (raw.as_bytes().first(), inner) {
        (Some(b'"'), Some(inner)) => quoted(inner, base + 1, decoded, true),
        (Some(b'\''), Some(inner)) => quoted(inner, base + 1, decoded, false),
        _ => None,
    };
    // The span of a block scalar begins at its text, which may itself begin with a quote.
    let exact = exact.or_else(|| words(raw, base, decoded));
    exact.unwrap_or_else(|| Map::whole(decoded.len(), base..base + raw.len()))
}

fn character(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// Quoted strings of JSON and YAML: escapes and folded lines are pieces, all else is the same in both texts.
fn quoted(raw: &str, base: usize, decoded: &str, backslash: bool) -> Option<Map> {
    let mut map = Map::default();
    let (mut at, mut to) = (0, 0);
    while let Some(next) = character(raw, at) {
        let blanks = blanks(raw, at);
        let breaks = raw.get(at..at + blanks)?.matches('\n').count();
        let (raw_length, length) = if breaks > 0 {
            (blanks, breaks.saturating_sub(1).max(1))
        } else if backslash && next == '\\' {
            match character(raw, at + 1)? {
                '\n' | '\r' => (1 + self::blanks(raw, at + 1), 0),
                letter => {
                    let character = character(decoded, to)?;
                    (escape_length(letter, character), character.len_utf8())
                }
            }
        } else if !backslash && next == '\'' {
            (2, 1)
        } else {
            let same = next.len_utf8();
            (decoded.get(to..)?.starts_with(next)).then_some(())?;
            map.push(same, base + at..base + at + same, true);
            (at, to) = (at + same, to + same);
            continue;
        };
        map.push(length, base + at..base + at + raw_length, false);
        (at, to) = (at + raw_length, to + length);
    }
    (to == decoded.len() && at == raw.len()).then_some(map)
}

/// Bytes of an escape that stands for `character`.
fn escape_length(letter: char, character: char) -> usize {
    match letter {
        'x' => 4,
        'U' => 10,
        // Beyond the basic plane JSON writes two escapes.
        'u' if u32::from(character) > 0xFFFF => 12,
        'u' => 6,
        letter => 1 + letter.len_utf8(),
    }
}

/// The length of the blanks at an offset.
fn blanks(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len()
}

/// Plain and block scalars: the words are the same in both texts, whatever folding did to the blanks between.
fn words(raw: &str, base: usize, decoded: &str) -> Option<Map> {
    let mut map = Map::default();
    let (mut at, mut to) = (0, 0);
    while at < raw.len() || to < decoded.len() {
        let (outer, inner) = (blanks(raw, at), blanks(decoded, to));
        let same = raw.get(at..at + outer) == decoded.get(to..to + inner);
        map.push(inner, base + at..base + at + outer, same);
        (at, to) = (at + outer, to + inner);
        let Some(next) = character(decoded, to) else {
            break;
        };
        (character(raw, at) == Some(next)).then_some(())?;
        let length = next.len_utf8();
        map.push(length, base + at..base + at + length, true);
        (at, to) = (at + length, to + length);
    }
    (to == decoded.len() && raw.get(at..).is_some_and(|rest| rest.trim().is_empty())).then_some(map)
}

/// The JSON text behind a percent-encoded one; `None` if it is not one.
pub(super) fn percent_decoded(text: &str) -> Option<(String, Map)> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut map = Map::default();
    let mut rest = text.as_bytes();
    let mut at = 0;
    while let [first, behind @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => digit(*high).zip(digit(*low)),
            _ => None,
        };
        let (length, byte) = match escaped {
            Some((high, low)) => (3, high * 16 + low),
            None => (1, *first),
        };
        map.push(1, at..at + length, length == 1);
        bytes.push(byte);
        at += length;
        rest = if length == 1 { behind } else { rest.get(3..)? };
    }
    let decoded = String::from_utf8(bytes).ok()?;
    Some((decoded, map))
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}
