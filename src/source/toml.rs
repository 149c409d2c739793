//! The TOML front end: `toml_edit`'s tables become the same tree as JSON. Only files that are known to be TOML come here.

use toml_edit::{Document, Item, Key, Table, TableLike, Value};

use super::build::Builder;
use super::fault::Fault;
use super::tree::{Content, NONE, Tree, Written};

/// Parses one document.
pub(super) fn parse(text: &str) -> Result<Tree, Fault> {
    let document = Document::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        Fault::at(at, error.message().replace('\n', ", "))
    })?;
    let mut reader = Reader {
        text,
        builder: Builder::new(text),
        last: 0,
    };
    reader.table(document.as_table())?;
    Ok(reader.builder.finish())
}

struct Reader<'t> {
    text: &'t str,
    builder: Builder<'t>,
    /// Where the last key or value ended: what has no place of its own stands there.
    last: usize,
}

impl Reader<'_> {
    fn table(&mut self, table: &Table) -> Result<(), Fault> {
        let start = table.span().map_or(self.last, |span| span.start);
        self.members(start, None, table)
    }

    fn members(
        &mut self,
        start: usize,
        end: Option<usize>,
        table: &dyn TableLike,
    ) -> Result<(), Fault> {
        self.builder.begin(start, true, NONE)?;
        for (name, item) in table.iter() {
            self.key(name, table.key(name))?;
            self.item(item)?;
        }
        self.builder.end(end).map(|_| ())
    }

    fn key(&mut self, name: &str, key: Option<&Key>) -> Result<(), Fault> {
        let span = key.and_then(Key::span);
        self.string(name, span)
    }

    fn item(&mut self, item: &Item) -> Result<(), Fault> {
        match item {
            Item::None => {
                let at = self.last;
                self.builder.scalar(at, at, NONE, Content::Null).map(|_| ())
            }
            Item::Value(value) => self.value(value),
            Item::Table(table) => self.table(table),
            Item::ArrayOfTables(tables) => {
                let start = tables.span().map_or(self.last, |span| span.start);
                self.builder.begin(start, false, NONE)?;
                for table in tables {
                    self.table(table)?;
                }
                self.builder.end(None).map(|_| ())
            }
        }
    }

    fn value(&mut self, value: &Value) -> Result<(), Fault> {
        let span = value.span().unwrap_or(self.last..self.last);
        let content = match value {
            Value::String(text) => return self.string(text.value(), Some(span)),
            Value::Integer(_) | Value::Float(_) => Content::Number,
            Value::Boolean(value) => Content::Bool(*value.value()),
            Value::Datetime(_) => Content::String(Written::Plain),
            Value::Array(items) => {
                self.builder.begin(span.start, false, NONE)?;
                for item in items {
                    self.value(item)?;
                }
                self.last = span.end;
                return self.builder.end(Some(span.end)).map(|_| ());
            }
            Value::InlineTable(table) => {
                return self.members(span.start, Some(span.end), table);
            }
        };
        self.last = span.end;
        self.builder
            .scalar(span.start, span.end, NONE, content)
            .map(|_| ())
    }

    fn string(&mut self, decoded: &str, span: Option<std::ops::Range<usize>>) -> Result<(), Fault> {
        let span = span.unwrap_or(self.last..self.last);
        let under = self.text.get(span.clone()).unwrap_or_default();
        let quoted = under.get(1..under.len().saturating_sub(1));
        let written = if under == decoded {
            Written::Plain
        } else if quoted == Some(decoded) {
            Written::Quoted
        } else {
            self.builder.keep(decoded)
        };
        self.last = span.end;
        let content = Content::String(written);
        self.builder
            .scalar(span.start, span.end, NONE, content)
            .map(|_| ())
    }
}
