//! A first pass over JSON text: where each document ends, and what the grammar's parser lets through.
//!
//! `jsonc-parser` takes one document at a time, any Unicode blank between tokens and control characters within
//! strings; none of it is JSON. It also recurses, so the depth is looked at before it is handed anything.

use std::ops::Range;

use super::fault::{Fault, found};
use super::tree::DEEPEST;

/// What the first pass found.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// One range per document; the last one is cut off where the fault is.
    pub(super) documents: Vec<Range<usize>>,
    /// Whether the last document is cut off.
    pub(super) cut: bool,
    /// The first fault, unless the grammar has an earlier one.
    pub(super) fault: Option<Fault>,
    /// Whether comments stand outside the documents.
    pub(super) comments: bool,
}

/// Finds the documents.
pub(super) fn outline(text: &str) -> Outline {
    let mut outline = Outline::default();
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut start = 0;
    let mut at = 0;
    let fault = loop {
        let Some(byte) = bytes.get(at) else {
            break None;
        };
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {}
            b'/' if matches!(bytes.get(at + 1), Some(b'/' | b'*')) => {
                match comment_end(bytes, at) {
                    Some(end) => {
                        outline.comments |= depth == 0;
                        at = end;
                        continue;
                    }
                    None => break Some(Fault::at(at, "the comment that begins here has no `*/`")),
                }
            }
            b'{' | b'[' => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
                if depth > DEEPEST {
                    break Some(Fault::too_deep(at));
                }
            }
            _ if depth == 0 => {
                let expected = if outline.documents.is_empty() {
                    "`{` or `[`"
                } else {
                    "the end of the text"
                };
                let found = found(text, at);
                break Some(Fault::at(at, format!("expected {expected}, found {found}")));
            }
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    outline.documents.push(start..at + 1);
                }
            }
            b'"' => match string_end(text, at) {
                Ok(end) => {
                    at = end;
                    continue;
                }
                Err(fault) => break Some(fault),
            },
            0x80.. | ..b' ' | 0x7F => {
                break Some(Fault::at(
                    at,
                    format!(
                        "expected a value, `,` or a bracket, found {}",
                        found(text, at)
                    ),
                ));
            }
            _ => {}
        }
        at += 1;
    };
    if depth > 0 {
        outline.documents.push(start..at);
        outline.cut = fault.is_some();
    }
    outline.fault = fault;
    outline
}

/// The offset behind a comment; `None` if a block comment does not end.
fn comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at + 2..)?;
    if bytes.get(at + 1) == Some(&b'/') {
        let line = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        return Some(line.map_or(bytes.len(), |line| at + 2 + line));
    }
    let end = rest.windows(2).position(|pair| pair == b"*/")?;
    Some(at + 2 + end + 2)
}

/// The offset behind a string.
fn string_end(text: &str, start: usize) -> Result<usize, Fault> {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            None => {
                return Err(Fault::at(
                    start,
                    "the string that begins here has no closing `\"`",
                ));
            }
            Some(b'"') => return Ok(at + 1),
            // The escaped character may be a control character, which no escape allows: the grammar says so.
            Some(b'\\') => at += 2,
            Some(b'\n' | b'\r') => {
                return Err(Fault::at(
                    at,
                    "expected `\"` before the end of the line (a line break in a string is written `\\n`)",
                ));
            }
            Some(control @ ..b' ') => {
                return Err(Fault::at(
                    at,
                    format!(
                        "expected the escape `\\u{control:04x}`, found that control character itself"
                    ),
                ));
            }
            Some(_) => at += 1,
        }
    }
}
