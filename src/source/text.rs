//! One text: decoding its bytes, and turning byte offsets into lines and columns.

use std::sync::OnceLock;

use super::Position;
use super::fault::Fault;

/// Larger files are refused: offsets are kept in 32 bits and a parse needs several times the size of the text.
const MOST_BYTES: usize = 512 * 1024 * 1024;

/// Distance of the places at which the characters before them are counted beforehand.
const STRIDE: usize = 1024;

/// A decoded text and its line table.
#[derive(Debug, Default)]
pub(super) struct Text {
    content: String,
    table: OnceLock<Table>,
}

/// Built on the first question for a position: most texts are never asked for one.
#[derive(Debug, Default)]
struct Table {
    /// Where each line starts.
    lines: Vec<u32>,
    /// How many characters precede each multiple of [`STRIDE`]; a minified file is one line of megabytes, so
    /// counting from its start for each column would cost a pass over the whole text.
    characters: Vec<u32>,
}

impl Text {
    pub(super) fn new(content: String) -> Self {
        Self {
            content,
            table: OnceLock::new(),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.content
    }

    /// Line and column of a byte offset; offsets behind the end count as the end.
    pub(super) fn position(&self, offset: usize) -> Position {
        let bytes = self.content.as_bytes();
        let offset = offset.min(bytes.len());
        let table = self.table.get_or_init(|| Table::of(bytes));
        let line = table
            .lines
            .partition_point(|start| *start as usize <= offset);
        let start = table
            .lines
            .get(line.saturating_sub(1))
            .map_or(0, |start| *start as usize);
        Position {
            line,
            column: table.characters_before(bytes, offset) - table.characters_before(bytes, start)
                + 1,
        }
    }
}

impl Table {
    fn of(bytes: &[u8]) -> Self {
        let mut lines = vec![0];
        let mut characters = Vec::with_capacity(bytes.len() / STRIDE + 1);
        let mut count = 0;
        for (number, block) in bytes.chunks(STRIDE).enumerate() {
            characters.push(count);
            count += counted(block);
            for (at, byte) in block.iter().enumerate() {
                if *byte == b'\n' {
                    lines.push(offset32(number * STRIDE + at + 1));
                }
            }
        }
        characters.push(count);
        Self { lines, characters }
    }

    fn characters_before(&self, bytes: &[u8], offset: usize) -> usize {
        let block = offset / STRIDE;
        let before = self
            .characters
            .get(block)
            .map_or(0, |count| *count as usize);
        let rest = bytes.get(block * STRIDE..offset).map_or(0, counted);
        before + rest as usize
    }
}

/// Characters that begin in a piece of UTF-8.
fn counted(bytes: &[u8]) -> u32 {
    offset32(bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count())
}

/// Offsets fit because larger texts are refused.
pub(super) fn offset32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// The text in some bytes, without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<String, Fault> {
    if bytes.len() > MOST_BYTES {
        return Err(Fault::whole(format!(
            "the file is larger than {} MiB",
            MOST_BYTES / 1024 / 1024
        )));
    }
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        rest => utf8(rest),
    }
}

/// The text in some bytes that are no input, in whichever of the encodings that inputs may have.
///
/// # Errors
/// What is no text.
pub fn decoded(bytes: &[u8]) -> Result<String, String> {
    decode(bytes).map_err(|fault| match fault {
        Fault::Whole(message) | Fault::At { message, .. } => message,
        Fault::Twice { key, .. } => format!("the key `{key}` stands twice in one map"),
    })
}

fn utf8(bytes: &[u8]) -> Result<String, Fault> {
    match std::str::from_utf8(bytes) {
        Ok(content) => Ok(content.to_owned()),
        Err(error) => {
            let at = error.valid_up_to();
            let byte = bytes.get(at).copied().unwrap_or_default();
            Err(Fault::whole(format!(
                "not a text: byte {at} (0x{byte:02x}) is not valid UTF-8"
            )))
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Fault> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let content: Result<String, _> =
        char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    match content {
        Ok(content) if rest.is_empty() => Ok(content),
        _ => Err(Fault::whole(
            "not a text: it begins as UTF-16 but is not valid UTF-16",
        )),
    }
}
