//! The laws of the span tree, over generated texts.

#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test states its expectation by panicking, in its helpers too"
)]

use pipeline_preflight::source::{Format, Kind, Node, SourceId, Sources, SyntaxError};
use proptest::prelude::*;
use serde_json::Value;

/// What a generated document means.
fn documents() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z ]{0,8}",
        "[\\PC\"\\\\/\n\r\t'#:&*!%-]{0,8}",
        "(😀|ä|\u{2028}|\u{1}|\u{7f}|\u{85}){0,4}",
        Just("012345678901".to_owned()),
        Just("yes".to_owned()),
        Just("null".to_owned()),
        Just("<<".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (-1000..1000).prop_map(|number| Value::from(f64::from(number) / 8.0)),
        text.clone().prop_map(Value::from),
    ];
    let inner = leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    });
    prop_oneof![
        prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
        prop::collection::vec(("[a-zA-Z:\"\\\\]{1,5}", inner), 0..5)
            .prop_map(|entries| Value::Object(entries.into_iter().collect())),
    ]
}

/// Choices of a writer that could write the same in many ways.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}

fn json_string(text: &str, dice: &mut Dice) -> String {
    let mut written = "\"".to_owned();
    for character in text.chars() {
        // YAML takes no delete character, JSON does.
        let must = character < ' ' || matches!(character, '"' | '\\' | '\u{7f}');
        if !must && dice.below(5) > 0 {
            written.push(character);
        } else if matches!(character, '"' | '\\' | '/') && dice.below(2) == 0 {
            written.extend(['\\', character]);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                written += &if dice.below(2) == 0 {
                    format!("\\u{unit:04x}")
                } else {
                    format!("\\u{unit:04X}")
                };
            }
        }
    }
    written + "\""
}

fn json(value: &Value, dice: &mut Dice) -> String {
    let blank = |dice: &mut Dice| dice.pick(&["", "", "", " ", "\n", "\t", "\r\n  "]);
    let mut written = blank(dice).to_owned();
    match value {
        Value::String(text) => written += &json_string(text, dice),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| json(item, dice)).collect();
            written += &format!("[{}{}]", items.join(","), blank(dice));
        }
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, item)| {
                    format!(
                        "{}{}{}:{}",
                        blank(dice),
                        json_string(key, dice),
                        blank(dice),
                        json(item, dice)
                    )
                })
                .collect();
            written += &format!("{{{}{}}}", entries.join(","), blank(dice));
        }
        scalar => written += &scalar.to_string(),
    }
    written + blank(dice)
}

fn yaml_string(text: &str, dice: &mut Dice) -> String {
    let easy = |character: char| character.is_ascii_alphabetic();
    let printable = text.chars().all(|character| {
        matches!(character, ' '..='~' | '\u{a1}'..='\u{d7ff}')
            && !matches!(character, '\u{2028}' | '\u{2029}')
    });
    let word = matches!(text, "null" | "true" | "false" | "Null" | "True" | "False");
    match dice.below(3) {
        0 if !text.is_empty() && text.chars().all(easy) && !word => text.to_owned(),
        1 if printable => format!("'{}'", text.replace('\'', "''")),
        _ => json_string(text, &mut Dice(dice.0)),
    }
}

/// A value in YAML; blocks are written at `indent`, everything within a flow stays flow.
fn yaml(value: &Value, indent: usize, flow: bool, dice: &mut Dice) -> String {
    let pad = " ".repeat(indent);
    let flow = flow || dice.below(4) == 0;
    match value {
        Value::Null => dice.pick(&["~", "null"]).to_owned(),
        Value::String(text) => yaml_string(text, dice),
        Value::Array(items) if flow || items.is_empty() => {
            let items: Vec<String> = items
                .iter()
                .map(|item| yaml(item, indent, true, dice))
                .collect();
            format!("[{}]", items.join(dice.pick(&[", ", " ,  "])))
        }
        Value::Object(entries) if flow || entries.is_empty() => {
            let entries = entries.iter().map(|(key, item)| {
                format!(
                    "{}: {}",
                    yaml_string(key, dice),
                    yaml(item, indent, true, dice)
                )
            });
            let entries: Vec<String> = entries.collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| {
                format!(
                    "\n{pad}- {}{}",
                    yaml(item, indent + 2, false, dice),
                    dice.pick(&["", " # c", "\n"])
                )
            });
            items.collect()
        }
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, item)| {
                let tag = if item.is_string() {
                    dice.pick(&["", "", "!Sub "])
                } else {
                    ""
                };
                format!(
                    "\n{pad}{}: {tag}{}",
                    yaml_string(key, dice),
                    yaml(item, indent + 2, false, dice)
                )
            });
            entries.collect()
        }
        scalar => scalar.to_string(),
    }
}

fn meaning(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool => node.as_bool().into(),
        Kind::Number => serde_json::from_str(node.scalar().unwrap()).unwrap(),
        Kind::String => node.as_str().into(),
        Kind::List => node.items().into_iter().map(meaning).collect(),
        Kind::Map => node
            .entries()
            .into_iter()
            .map(|(key, _, inner)| (key.to_owned(), meaning(inner)))
            .collect(),
    }
}

/// All nodes that a reader can reach, roots first.
fn reachable<'a>(sources: &'a Sources, id: SourceId) -> Vec<Node<'a>> {
    let mut nodes = sources.roots(id);
    let mut next = 0;
    while let Some(node) = nodes.get(next).copied() {
        nodes.extend(node.items());
        nodes.extend(node.entries().into_iter().map(|(_, _, value)| value));
        next += 1;
    }
    nodes
}

/// The text under a node in the outermost text.
fn under<'a>(sources: &'a Sources, node: Node<'_>) -> &'a str {
    &sources.text(node.origin().source())[sources.place(node.origin()).span]
}

fn read(text: &str) -> Result<(Sources, SourceId), SyntaxError> {
    let mut sources = Sources::new();
    let id = sources.add("input", text.as_bytes())?;
    Ok((sources, id))
}

/// Whether a text is JSON to us and to `serde_json`: one or several lists or objects. Nothing is said where the two
/// mean to differ: `serde_json` lets duplicate keys pass, and refuses numbers that no machine number can hold.
fn verdicts(text: &str) -> Option<(bool, bool)> {
    let ours = match read(text) {
        Ok((sources, id)) => sources.format(id) == Format::Json,
        Err(error) if error.message.contains("stands twice") => return None,
        Err(_) => false,
    };
    let values: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text)
        .into_iter()
        .collect();
    match values {
        Ok(values) => {
            let containers = values
                .iter()
                .all(|value| value.is_array() || value.is_object());
            Some((ours, !values.is_empty() && containers))
        }
        Err(error) if error.to_string().contains("number out of range") => None,
        Err(_) => Some((ours, false)),
    }
}

/// Reads everything there is to be read, nested documents included.
fn exercise(bytes: &[u8]) {
    let mut sources = Sources::new();
    let Ok(id) = sources.add("input", bytes) else {
        return;
    };
    let mut todo = vec![id];
    while let Some(id) = todo.pop() {
        let origins: Vec<_> = reachable(&sources, id)
            .into_iter()
            .map(Node::origin)
            .collect();
        for origin in origins {
            let place = sources.place(origin);
            assert!(sources.text(id).get(place.span).is_some());
            assert!(place.start <= place.end);
            let node = sources.node(origin);
            let _ = (
                node.tag(),
                node.scalar(),
                node.key_origin().map(|key| sources.place(key)),
            );
            if node.kind() == Kind::String
                && sources.nested_of(origin).is_none()
                && let Ok(nested) = sources.add_nested(origin)
            {
                todo.push(nested);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_under_a_span_is_the_value(document in documents(), seed in 1_u64..) {
        let text = json(&document, &mut Dice(seed));
        let (sources, id) = read(&text).unwrap();
        prop_assert_eq!(sources.format(id), Format::Json);
        prop_assert_eq!(&meaning(sources.roots(id)[0]), &document);
        for node in reachable(&sources, id) {
            let alone: Value = serde_json::from_str(under(&sources, node)).unwrap();
            prop_assert_eq!(alone, meaning(node));
            if let Some(key) = node.key_origin() {
                let key: String = serde_json::from_str(&text[sources.place(key).span]).unwrap();
                prop_assert!(node.parent().unwrap().get(&key).is_some());
            }
        }
    }

    #[test]
    fn yaml_under_a_span_is_the_value(document in documents(), seed in 1_u64..) {
        let text = format!("root: {}\n", yaml(&document, 2, false, &mut Dice(seed)));
        let (sources, id) = read(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        let root = sources.roots(id)[0].get("root").unwrap();
        prop_assert_eq!(&meaning(root), &document, "{}", text);
        for node in reachable(&sources, id) {
            let under = under(&sources, node);
            let block = matches!(node.kind(), Kind::List | Kind::Map) && !under.starts_with(['[', '{']);
            if !block {
                let tag = node.tag().unwrap_or_default();
                let (alone, root) = read(&format!("k: {tag} {under}")).unwrap();
                prop_assert_eq!(meaning(alone.roots(root)[0].get("k").unwrap()), meaning(node));
            }
        }
    }

    #[test]
    fn nested_under_a_span_is_the_value(document in documents(), seed in 1_u64.., percent in any::<bool>()) {
        let dice = &mut Dice(seed);
        let inner = json(&document, dice);
        let escaped = if percent {
            percent_encoding::utf8_percent_encode(&inner, percent_encoding::NON_ALPHANUMERIC).to_string()
        } else {
            inner.clone()
        };
        let middle = format!("[ {} ]", json_string(&escaped, dice));
        let text = format!("{{\"a\": {}}}", json_string(&middle, dice));
        let (mut sources, id) = read(&text).unwrap();
        let a = sources.roots(id)[0].get("a").unwrap().origin();
        let middle = sources.add_nested(a).unwrap();
        let string = sources.roots(middle)[0].items()[0].origin();
        let nested = sources.add_nested(string).unwrap();
        prop_assert_eq!(&meaning(sources.roots(nested)[0]), &document);
        for node in reachable(&sources, nested) {
            let once: String = serde_json::from_str(&format!("\"{}\"", under(&sources, node))).unwrap();
            let twice: String = serde_json::from_str(&format!("\"{once}\"")).unwrap();
            let decoded = if percent {
                percent_encoding::percent_decode_str(&twice).decode_utf8().unwrap().into_owned()
            } else {
                twice
            };
            let alone: Value = serde_json::from_str(&decoded).unwrap();
            prop_assert_eq!(alone, meaning(node));
            prop_assert!(sources.place(node.origin()).path.starts_with("a[0]"));
        }
    }

    #[test]
    fn nested_in_yaml_under_a_span_is_the_value(document in documents(), seed in 1_u64.., style in 0..2) {
        let inner = serde_json::to_string_pretty(&document).unwrap().replace('\u{7f}', "\\u007f");
        let text = if style == 0 {
            format!("a: |-\n  {}\n", inner.replace('\n', "\n  "))
        } else {
            format!("a: {}\n", json_string(&inner, &mut Dice(seed)))
        };
        let (mut sources, id) = read(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        let a = sources.roots(id)[0].get("a").unwrap().origin();
        let nested = sources.add_nested(a).unwrap();
        prop_assert_eq!(&meaning(sources.roots(nested)[0]), &document);
        for node in reachable(&sources, nested) {
            let under = under(&sources, node);
            let decoded = if style == 0 { under.to_owned() } else { serde_json::from_str(&format!("\"{under}\"")).unwrap() };
            let alone: Value = serde_json::from_str(&decoded).unwrap();
            prop_assert_eq!(alone, meaning(node));
        }
    }

    #[test]
    fn broken_json_is_refused_as_serde_json_does(
        document in documents(),
        seed in 1_u64..,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3, "[\\[\\]{}:,\"\\\\ \n\u{1}\u{a0}\u{c}u0-9eE.+\\-tfn/'x]"), 0..3),
    ) {
        let mut text: Vec<char> = json(&document, &mut Dice(seed)).chars().collect();
        for (at, edit, new) in edits {
            let at = at.index(text.len() + 1);
            let new = new.chars().next().unwrap();
            match edit {
                0 => text.insert(at, new),
                1 if at < text.len() => text[at] = new,
                _ if at < text.len() => drop(text.remove(at)),
                _ => {}
            }
        }
        let text: String = text.into_iter().collect();
        if text.trim_start().starts_with(['{', '[']) && let Some((ours, theirs)) = verdicts(&text) {
            prop_assert_eq!(ours, theirs, "{}", text);
        }
    }

    #[test]
    fn scrap_is_refused_as_serde_json_does(text in "[\\[{]([\\[\\]{}:,\"\\\\ 0-9]|true|null|-|\\.|e|\"a\":|\"b\"|\\\\u|d83d|//|/\\*){0,12}[\\]}]?") {
        if let Some((ours, theirs)) = verdicts(&text) {
            prop_assert_eq!(ours, theirs, "{}", text);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        exercise(&bytes);
    }

    #[test]
    fn no_text_panics(text in "([a-z:&*!|>'\"#%@`{}\\[\\],?\\-. \n\t\r\\\\~<0-9]|<<: |\\*a|&a |- |: |\n  |---\n|😀|\u{feff}|\u{85}){0,40}") {
        exercise(text.as_bytes());
    }

    #[test]
    fn no_nested_text_panics(text in "[\\[{][\\PC\n\\\\\"%]{0,20}", seed in 1_u64..) {
        let quoted = json_string(&text, &mut Dice(seed));
        exercise(format!("[{quoted}]").as_bytes());
        exercise(format!("- {quoted}\n- '{}'\n- |\n  {}\n- >\n  {}", text.replace('\'', "''"), text.replace('\n', "\n  "), text.replace('\n', "\n   ")).as_bytes());
    }
}
