//! The part of CBOR that JSON values need: <https://www.rfc-editor.org/rfc/rfc8949>

use serde_json::{Map, Value};

/// A tree as bytes.
pub(super) fn written(tree: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(tree, &mut bytes);
    bytes
}

fn write(tree: &Value, bytes: &mut Vec<u8>) {
    match tree {
        Value::Null => bytes.push(0xf6),
        Value::Bool(false) => bytes.push(0xf4),
        Value::Bool(true) => bytes.push(0xf5),
        Value::Number(number) => head(0, number.as_u64().unwrap(), bytes),
        Value::String(text) => {
            head(3, text.len() as u64, bytes);
            bytes.extend(text.as_bytes());
        }
        Value::Array(items) => {
            head(4, items.len() as u64, bytes);
            items.iter().for_each(|item| write(item, bytes));
        }
        Value::Object(members) => {
            head(5, members.len() as u64, bytes);
            for (key, value) in members {
                write(&Value::from(key.as_str()), bytes);
                write(value, bytes);
            }
        }
    }
}

fn head(major: u8, count: u64, bytes: &mut Vec<u8>) {
    let major = major << 5;
    if count < 24 {
        bytes.push(major | count as u8);
    } else {
        bytes.push(major | 27);
        bytes.extend(count.to_be_bytes());
    }
}

/// Bytes as a tree; `None` for anything that JSON does not have.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let mut rest = bytes;
    let tree = value(&mut rest)?;
    rest.is_empty().then_some(tree)
}

fn value(rest: &mut &[u8]) -> Option<Value> {
    let (&first, after) = rest.split_first()?;
    let (major, low) = (first >> 5, first & 31);
    *rest = after;
    if major == 7 {
        return match low {
            20 => Some(false.into()),
            21 => Some(true.into()),
            22 => Some(Value::Null),
            _ => None,
        };
    }
    let endless = low == 31;
    let count = if endless { u64::MAX } else { count(low, rest)? };
    let ended = |rest: &mut &[u8]| {
        let end = endless && rest.first() == Some(&0xff);
        if end {
            *rest = &rest[1..];
        }
        end
    };
    match major {
        0 if !endless => Some(count.into()),
        3 if !endless => text(count, rest).map(Value::from),
        4 => {
            let mut items = Vec::new();
            while (items.len() as u64) < count && !ended(rest) {
                items.push(value(rest)?);
            }
            Some(items.into())
        }
        5 => {
            let mut members = Map::new();
            let mut read = 0;
            while read < count && !ended(rest) {
                let Value::String(key) = value(rest)? else {
                    return None;
                };
                members.insert(key, value(rest)?);
                read += 1;
            }
            Some(members.into())
        }
        _ => None,
    }
}

fn count(low: u8, rest: &mut &[u8]) -> Option<u64> {
    let size = match low {
        0..24 => return Some(low.into()),
        24..28 => 1 << (low - 24),
        _ => return None,
    };
    let (bytes, after) = rest.split_at_checked(size)?;
    *rest = after;
    Some(
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    )
}

fn text(count: u64, rest: &mut &[u8]) -> Option<String> {
    let (bytes, after) = rest.split_at_checked(usize::try_from(count).ok()?)?;
    *rest = after;
    String::from_utf8(bytes.to_vec()).ok()
}
