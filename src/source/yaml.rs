//! The YAML front end: `granit-parser`'s events become the same tree as JSON.
//!
//! Scalars are resolved here, by the core schema of YAML 1.2 (<https://yaml.org/spec/1.2.2/#103-core-schema>) with
//! one exception: digits with a leading zero stay a string, because they are account ids and not numbers.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{
    ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, StructureStyle, Tag, options,
};

use super::build::{Builder, Extent};
use super::fault::Fault;
use super::tree::{Content, DEEPEST, NONE, Tree, Written};

/// Parses one or several documents.
pub(super) fn parse(text: &str, lenient: bool) -> Result<Tree, Fault> {
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut reader = Reader {
        text,
        builder: Builder::lenient(text, lenient),
        anchors: BTreeMap::new(),
        open: Vec::new(),
        last: 0,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| explain(text, &error))?;
        reader.take(event, &span)?;
    }
    Ok(reader.builder.finish())
}

/// The comments of a text that has been parsed: where each stands, `#` and all, and what it says.
pub(super) fn comments(text: &str) -> Result<Vec<(Range<usize>, String)>, Fault> {
    let options = options! {
        emit_comments: true,
        // They are kept in memory anyway.
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut comments = Vec::new();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| explain(text, &error))?;
        if let Event::Comment(said, _) = event
            && let Some(range) = span.byte_range()
        {
            comments.push((range, said.into_owned()));
        }
    }
    Ok(comments)
}

struct Reader<'t> {
    text: &'t str,
    builder: Builder<'t>,
    /// What each finished anchor is; one that is missing here is still open, so an alias to it would be endless.
    anchors: BTreeMap<usize, (u32, Extent)>,
    /// Anchor and notation of each open list or map.
    open: Vec<(usize, StructureStyle)>,
    /// Where the last event ended, should one come without a place.
    last: usize,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Fault> {
        let range = span.byte_range().unwrap_or(self.last..self.last);
        let (start, end) = (range.start, range.end.max(range.start));
        self.last = end;
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                self.scalar(start, end, value, style, anchor, tag)?;
            }
            Event::Alias(anchor) => {
                let Some((target, extent)) = self.anchors.get(&anchor).copied() else {
                    let name = self.text.get(start..end).unwrap_or_default();
                    return Err(Fault::at(
                        start,
                        format!("the alias `{name}` stands inside of what it stands for"),
                    ));
                };
                self.builder.alias(start, end, target, extent)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.begin(start, false, style, anchor, tag)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.begin(start, true, style, anchor, tag)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (anchor, style) = self.open.pop().unwrap_or((0, StructureStyle::Block));
                // The end of a block is only noticed at the next token, behind blank lines and comments.
                let end = (style == StructureStyle::Flow).then_some(end);
                let (slot, extent) = self.builder.end(end)?;
                if anchor != 0 {
                    self.anchors.insert(anchor, (slot, extent));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(
        &mut self,
        start: usize,
        map: bool,
        style: StructureStyle,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
    ) -> Result<(), Fault> {
        let tag = self.tag(tag.as_deref());
        self.builder.begin(start, map, tag)?;
        self.open.push((anchor, style));
        Ok(())
    }

    fn scalar(
        &mut self,
        start: usize,
        end: usize,
        value: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
    ) -> Result<(), Fault> {
        let plain = style == ScalarStyle::Plain;
        let kind = kind(&value, plain, tag.as_deref());
        let mut under = self.text.get(start..end).unwrap_or_default();
        let mut end = end;
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            // A block reaches to the next token, over blank lines that nobody would underline.
            under = under.trim_end();
            end = start + under.len();
        }
        // Numbers and booleans are read from under their span, so they must stand there as they are.
        let content = match kind {
            Some(content) if under == value || content == Content::Null => content,
            _ => Content::String(self.written(under, value.as_ref())),
        };
        let tagged = self.tag(tag.as_deref());
        let slot = self.builder.scalar(start, end, tagged, content)?;
        if plain && tagged == NONE && value == "<<" {
            self.builder.mark_merge(slot);
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (slot, Extent::SCALAR));
        }
        Ok(())
    }

    fn written(&mut self, under: &str, value: &str) -> Written {
        let inner = under
            .len()
            .checked_sub(1)
            .and_then(|last| under.get(1..last));
        if under == value {
            Written::Plain
        } else if under.starts_with(['"', '\'']) && inner == Some(value) {
            Written::Quoted
        } else {
            self.builder.keep(value)
        }
    }

    fn tag(&mut self, tag: Option<&Tag>) -> u32 {
        tag.map_or(NONE, |tag| self.builder.tag(tag.original()))
    }
}

/// What a scalar is; `None` for a string.
fn kind(value: &str, plain: bool, tag: Option<&Tag>) -> Option<Content> {
    match tag {
        None if plain => core_schema(value),
        None => None,
        Some(tag) => match tag.core_suffix()? {
            "null" => Some(Content::Null),
            "bool" | "int" | "float" => core_schema(value),
            _ => None,
        },
    }
}

fn core_schema(value: &str) -> Option<Content> {
    match value {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Content::Null),
        "true" | "True" | "TRUE" => return Some(Content::Bool(true)),
        "false" | "False" | "FALSE" => return Some(Content::Bool(false)),
        _ => {}
    }
    is_number(value).then_some(Content::Number)
}

fn is_number(value: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(hexadecimal) = value.strip_prefix("0x") {
        return !hexadecimal.is_empty() && hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if let Some(octal) = value.strip_prefix("0o") {
        return !octal.is_empty() && octal.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    if matches!(value, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    if exponent.is_some_and(|exponent| exponent.is_empty() || !digits(exponent)) {
        return false;
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let zero_led = whole.len() > 1 && whole.starts_with('0') && whole.len() == unsigned.len();
    !zero_led && digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

fn explain(text: &str, error: &ScanError) -> Fault {
    let at = error.marker().byte_offset().unwrap_or(text.len());
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => Fault::too_deep(at),
        ErrorKind::UnknownAnchor => Fault::at(
            at,
            "the alias names an anchor that does not stand before it",
        ),
        _ => Fault::at(at, format!("no valid YAML: {}", error.info())),
    }
}
