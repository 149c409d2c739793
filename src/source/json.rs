//! The JSON front end: the grammar is `jsonc-parser`'s, the rules around it are ours.

use jsonc_parser::ast::{ObjectPropName, StringLit, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, ParseStringErrorKind, parse_to_ast};

use super::Format;
use super::build::Builder;
use super::fault::{Fault, found};
use super::scan::outline;
use super::tree::{Content, NONE, Tree, Written};

/// Whether a text is to be read as JSON: it begins with a bracket, after comments at most.
pub(super) fn looks_like_json(text: &str) -> bool {
    let mut rest = text.trim_start();
    loop {
        let behind = if let Some(comment) = rest.strip_prefix("//") {
            comment.split_once(['\n', '\r']).map(|(_, behind)| behind)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map(|(_, behind)| behind)
        } else {
            return rest.starts_with(['{', '[']);
        };
        match behind {
            Some(behind) => rest = behind.trim_start(),
            None => return false,
        }
    }
}

/// Parses one or several documents.
pub(super) fn parse(text: &str, lenient: bool) -> Result<(Tree, Format), Fault> {
    let outline = outline(text);
    let mut builder = Builder::lenient(text, lenient);
    let mut format = if outline.comments {
        Format::JsonWithComments
    } else {
        Format::Json
    };
    let last = outline.documents.len().saturating_sub(1);
    for (number, range) in outline.documents.iter().enumerate() {
        let cut = outline.cut && number == last;
        let document = text.get(range.clone()).unwrap_or_default();
        let value = match one(document, false) {
            Ok(value) => value,
            Err(_) => match one(document, true) {
                Ok(value) => {
                    format = Format::JsonWithComments;
                    value
                }
                Err(error) if cut && is_end(&error, document) => break,
                Err(error) => return Err(explain(text, range.start, &error)),
            },
        };
        if let Some(value) = value {
            convert(&mut builder, range.start, value)?;
        }
    }
    match outline.fault {
        Some(fault) => Err(fault),
        None => Ok((builder.finish(), format)),
    }
}

fn one(document: &str, loose: bool) -> Result<Option<Value<'_>>, ParseError> {
    let options = ParseOptions {
        allow_comments: loose,
        allow_loose_object_property_names: false,
        allow_trailing_commas: loose,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    parse_to_ast(document, &CollectOptions::default(), &options).map(|result| result.value)
}

/// Recursion is bounded by the depth that the outline allows.
fn convert(builder: &mut Builder<'_>, base: usize, value: Value<'_>) -> Result<(), Fault> {
    let (start, end) = (base + value.start(), base + value.end());
    match value {
        Value::NullKeyword(_) => builder.scalar(start, end, NONE, Content::Null)?,
        Value::BooleanLit(value) => builder.scalar(start, end, NONE, Content::Bool(value.value))?,
        Value::NumberLit(_) => builder.scalar(start, end, NONE, Content::Number)?,
        Value::StringLit(literal) => string(builder, base, literal)?,
        Value::Array(array) => {
            builder.begin(start, false, NONE)?;
            for element in array.elements {
                convert(builder, base, element)?;
            }
            builder.end(Some(end))?.0
        }
        Value::Object(object) => {
            builder.begin(start, true, NONE)?;
            for property in object.properties {
                if let ObjectPropName::String(name) = property.name {
                    string(builder, base, name)?;
                    convert(builder, base, property.value)?;
                }
            }
            builder.end(Some(end))?.0
        }
    };
    Ok(())
}

fn string(builder: &mut Builder<'_>, base: usize, literal: StringLit<'_>) -> Result<u32, Fault> {
    let written = match literal.value {
        std::borrow::Cow::Borrowed(_) => Written::Quoted,
        std::borrow::Cow::Owned(decoded) => builder.keep(decoded),
    };
    let (start, end) = (base + literal.range.start, base + literal.range.end);
    builder.scalar(start, end, NONE, Content::String(written))
}

/// Whether an error says no more than that the text ends too early, because it was cut off.
fn is_end(error: &ParseError, document: &str) -> bool {
    match error.kind() {
        ParseErrorKind::UnterminatedArray
        | ParseErrorKind::UnterminatedObject
        | ParseErrorKind::UnterminatedCommentBlock
        | ParseErrorKind::String(ParseStringErrorKind::UnterminatedStringLiteral) => true,
        _ => error.range().start >= document.len(),
    }
}

fn explain(text: &str, base: usize, error: &ParseError) -> Fault {
    use ParseErrorKind as Kind;
    let at = base + error.range().start;
    let here = found(text, at);
    let message = match error.kind() {
        Kind::ExpectedComma => {
            let blanks = text.get(at..).map_or(0, |rest| rest.len() - rest.trim_start().len());
            let next = at + blanks;
            return Fault::at(
                next,
                format!("expected `,` between two values, found {}", found(text, next)),
            );
        }
        Kind::ExpectedColonAfterObjectKey => format!("expected `:` after the key, found {here}"),
        Kind::ExpectedObjectValue => format!("expected a value after `:`, found {here}"),
        Kind::ExpectedStringObjectProperty => format!("expected a key in double quotes, found {here}"),
        Kind::UnexpectedTokenInObject => format!("expected `,`, `}}` or a key in double quotes, found {here}"),
        Kind::UnexpectedCloseBrace
        | Kind::UnexpectedCloseBracket
        | Kind::UnexpectedColon
        | Kind::UnexpectedComma
        | Kind::UnexpectedToken
        | Kind::UnexpectedWord => {
            format!("expected a value: an object, a list, a string in double quotes, a number, `true`, `false` or `null`, found {here}")
        }
        Kind::UnterminatedArray => "the list that begins here has no closing `]`".to_owned(),
        Kind::UnterminatedObject => "the object that begins here has no closing `}`".to_owned(),
        Kind::UnterminatedCommentBlock => "the comment that begins here has no `*/`".to_owned(),
        Kind::SingleQuotedStringsNotAllowed => "expected a string in double quotes, found `'`".to_owned(),
        Kind::ExpectedDigit
        | Kind::ExpectedDigitFollowingNegativeSign
        | Kind::ExpectedPlusMinusOrDigitInNumberLiteral => format!("expected a digit, found {here}"),
        Kind::HexadecimalNumbersNotAllowed => "expected a decimal number, found a hexadecimal one".to_owned(),
        Kind::UnaryPlusNumbersNotAllowed => "expected a number without `+` before it".to_owned(),
        Kind::BareDecimalPointNumbersNotAllowed => "expected digits on both sides of the decimal point".to_owned(),
        Kind::NonFiniteNumbersNotAllowed => "expected a number with digits".to_owned(),
        Kind::NestingDepthExceeded => return Fault::too_deep(at),
        Kind::MultipleRootJsonValues => format!("expected the end of the text, found {here}"),
        Kind::CommentsNotAllowed => "expected a value, found a comment".to_owned(),
        Kind::TrailingCommasNotAllowed => "expected no `,` behind the last value".to_owned(),
        Kind::String(kind) => match kind {
            ParseStringErrorKind::ExpectedFourHexDigits | ParseStringErrorKind::ExpectedTwoHexDigits => {
                "expected four hexadecimal digits after `\\u`".to_owned()
            }
            ParseStringErrorKind::InvalidUnicodeEscapeSequence(_) => {
                "expected two `\\u` escapes that form one character (a surrogate pair), found one alone".to_owned()
            }
            ParseStringErrorKind::UnterminatedStringLiteral => {
                "the string that begins here has no closing `\"`".to_owned()
            }
            ParseStringErrorKind::InvalidEscape
            | ParseStringErrorKind::InvalidEscapeInSingleQuoteString
            | ParseStringErrorKind::InvalidEscapeInDoubleQuoteString => format!(
                "expected one of the escapes `\\\"` `\\\\` `\\/` `\\b` `\\f` `\\n` `\\r` `\\t` `\\u`, found `\\` before {}",
                found(text, at + 1)
            ),
        },
    };
    Fault::at(at, message)
}
