//! Texts and places: the traps of JSON and YAML one by one, each with its message, and the laws of the span tree.

#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test states its expectation by panicking, in its helpers too"
)]

use std::fmt::Write as _;

use pipeline_preflight::source::{Format, Kind, Node, Origin, Place, SourceId, Sources};

fn parsed(text: &str) -> (Sources, SourceId) {
    let mut sources = Sources::new();
    let id = sources.add("input", text.as_bytes()).unwrap();
    (sources, id)
}

fn refused(bytes: impl AsRef<[u8]>) -> String {
    Sources::new()
        .add("input", bytes.as_ref())
        .unwrap_err()
        .message
}

/// Follows a path of keys and indices from the first root.
fn at<'a>(sources: &'a Sources, id: SourceId, path: &[&str]) -> Node<'a> {
    path.iter().fold(sources.roots(id)[0], |node, step| {
        match step.parse::<usize>() {
            Ok(index) => node.items()[index],
            Err(_) => node.get(step).unwrap(),
        }
    })
}

fn under<'a>(sources: &'a Sources, node: Node<'_>) -> &'a str {
    &sources.text(node.origin().source())[sources.place(node.origin()).span]
}

fn start(place: &Place) -> (usize, usize) {
    (place.start.line, place.start.column)
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

#[test]
fn json_places() {
    let (sources, id) =
        parsed("{\"Ä\": 1,\n  \"Statement\": [{\"Action\": \"s3:*\"}, {\"a.b\": true}]\n}");
    assert_eq!(sources.format(id), Format::Json);
    let action = at(&sources, id, &["Statement", "0", "Action"]);
    let place = sources.place(action.origin());
    assert_eq!(place.path, "Statement[0].Action");
    assert_eq!((start(&place), place.end.column), ((2, 28), 34));
    assert_eq!(under(&sources, action), "\"s3:*\"");
    let key = sources.place(action.key_origin().unwrap());
    assert_eq!(
        (start(&key), key.path.as_str()),
        ((2, 18), "Statement[0].Action")
    );
    assert_eq!(
        start(&sources.place(at(&sources, id, &["Ä"]).origin())),
        (1, 7)
    );
    let odd = at(&sources, id, &["Statement", "1", "a.b"]);
    assert_eq!(sources.place(odd.origin()).path, "Statement[1][\"a.b\"]");
    assert_eq!(odd.parent().unwrap().kind(), Kind::Map);
}

#[test]
fn nowhere_is_somewhere() {
    let mut sources = Sources::new();
    let place = sources.place(Origin::NOWHERE);
    assert_eq!(
        (place.name.as_str(), start(&place), place.span),
        ("", (1, 1), 0..0)
    );
    let node = sources.node(Origin::NOWHERE);
    assert_eq!(
        (node.kind(), node.items().len(), node.entries().len()),
        (Kind::Null, 0, 0)
    );
    assert!(node.get("a").is_none() && node.key_origin().is_none() && node.tag().is_none());
    let source = Origin::NOWHERE.source();
    assert_eq!(
        (
            sources.name(source),
            sources.text(source),
            sources.roots(source).len()
        ),
        ("", "", 0)
    );
    assert_eq!(sources.format(source), Format::Json);
    assert!(sources.nested_of(Origin::NOWHERE).is_none());
    assert_eq!(
        sources.add_nested(Origin::NOWHERE).unwrap_err().message,
        "line 1, column 1: in the JSON text inside this string: expected a string"
    );
}

#[test]
fn account_ids_and_yaml_1_1_words_stay_text() {
    let (sources, id) = parsed(
        "zero: 012345678901\nplain: 123456789012\ndate: 2012-10-17\nyes: yes\non: on\nexp: 1e3\noctal: 0o17\nversion: 1.10\ntrue: True\nnull: ~\nquoted: '5'\nstr: !!str 5\nint: !!int '5'\n",
    );
    assert_eq!(sources.format(id), Format::Yaml);
    let kinds = |key: &str| {
        let node = at(&sources, id, &[key]);
        (node.kind(), node.scalar())
    };
    assert_eq!(kinds("zero"), (Kind::String, Some("012345678901")));
    assert_eq!(kinds("plain"), (Kind::Number, Some("123456789012")));
    assert_eq!(kinds("date"), (Kind::String, Some("2012-10-17")));
    assert_eq!(kinds("yes"), (Kind::String, Some("yes")));
    assert_eq!(kinds("on"), (Kind::String, Some("on")));
    assert_eq!(kinds("exp"), (Kind::Number, Some("1e3")));
    assert_eq!(kinds("octal"), (Kind::Number, Some("0o17")));
    assert_eq!(kinds("version"), (Kind::Number, Some("1.10")));
    assert_eq!(kinds("true"), (Kind::Bool, Some("True")));
    assert_eq!(kinds("null"), (Kind::Null, None));
    assert_eq!(kinds("quoted"), (Kind::String, Some("5")));
    assert_eq!(kinds("str"), (Kind::String, Some("5")));
    // A number is read from under its span, and the quotes are part of that.
    assert_eq!(kinds("int"), (Kind::String, Some("5")));
    let (sources, id) = parsed("{\"n\": 1.10e+2, \"big\": 123456789012345678901234567890}");
    assert_eq!(at(&sources, id, &["n"]).scalar(), Some("1.10e+2"));
    assert_eq!(
        at(&sources, id, &["big"]).scalar(),
        Some("123456789012345678901234567890")
    );
}

#[test]
fn tags_are_kept() {
    let (sources, id) = parsed(
        "a: !Sub '${x}'\nb: !Join ['', [!GetAtt r.Arn, '/*']]\nc: !If {x: 1}\nd: !Ref 5\ne: !GetAZs\n",
    );
    let tag = |path: &[&str]| at(&sources, id, path).tag().unwrap();
    assert_eq!(tag(&["a"]), "!Sub");
    assert_eq!(tag(&["b"]), "!Join");
    assert_eq!(tag(&["b", "1", "0"]), "!GetAtt");
    assert_eq!(at(&sources, id, &["b", "1", "0"]).as_str(), Some("r.Arn"));
    assert_eq!(tag(&["c"]), "!If");
    assert_eq!(
        (tag(&["d"]), at(&sources, id, &["d"]).as_str()),
        ("!Ref", Some("5"))
    );
    assert_eq!(
        (tag(&["e"]), at(&sources, id, &["e"]).as_str()),
        ("!GetAZs", Some(""))
    );
    assert_eq!(sources.roots(id)[0].tag(), None);
}

#[test]
fn aliases_have_their_own_place_and_the_value_of_their_anchor() {
    let (sources, id) = parsed("a: &x {k: v}\nb: *x\n");
    let alias = at(&sources, id, &["b"]);
    assert_eq!((alias.kind(), under(&sources, alias)), (Kind::Map, "*x"));
    let inner = alias.get("k").unwrap();
    assert_eq!(sources.place(inner.origin()).path, "a.k");
    assert_eq!(sources.place(alias.origin()).path, "b");
}

#[test]
fn merge_keys_are_merged() {
    let (sources, id) = parsed(
        "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc:\n  z: 3\n  <<: [*a, *b]\n  w: 3\nd:\n  <<: *a\ne: {'<<': 1}\n",
    );
    let entries = |key: &str| {
        let entries = at(&sources, id, &[key]).entries().into_iter();
        let entries: Vec<String> = entries
            .map(|(key, _, value)| format!("{key}{}", value.scalar().unwrap()))
            .collect();
        entries.join(" ")
    };
    assert_eq!(entries("c"), "z3 x1 y1 w3");
    assert_eq!(entries("d"), "x1 y1");
    assert_eq!(entries("e"), "<<1");
    assert_eq!(at(&sources, id, &["c", "x"]).scalar(), Some("1"));
    assert_eq!(
        refused("a:\n  <<: 5\n"),
        "line 2, column 7: expected a map or a list of maps after the merge key `<<`"
    );
}

#[test]
fn endless_and_exploding_aliases() {
    assert_eq!(
        refused("a: &a [1, *a]"),
        "line 1, column 11: the alias `*a` stands inside of what it stands for"
    );
    assert_eq!(
        refused("a: &a {<<: *a}"),
        "line 1, column 12: the alias `*a` stands inside of what it stands for"
    );
    assert_eq!(
        refused("a: *b"),
        "line 1, column 4: the alias names an anchor that does not stand before it"
    );
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let alias = format!("*a{}", level - 1);
        writeln!(bomb, "a{level}: &a{level} [{}]", vec![alias; 10].join(", ")).unwrap();
    }
    assert_eq!(
        refused(&bomb),
        "line 6, column 55: the aliases stand for more than 1000000 nodes in total"
    );
    let mut chain = "a0: &a0 {k: v}\n".to_owned();
    for level in 1..2000 {
        writeln!(
            chain,
            "a{level}: &a{level} {{<<: *a{}, k{level}: v}}",
            level - 1
        )
        .unwrap();
    }
    assert_eq!(
        refused(&chain),
        "line 256, column 18: nested more than 256 levels deep"
    );
}

#[test]
fn depth_is_limited_not_the_stack() {
    for open in ["[", "{\"a\":", "[{\"a\":"] {
        let levels = 10_000 / open.len();
        let message = refused(open.repeat(levels));
        assert!(
            message.ends_with("nested more than 256 levels deep"),
            "{message}"
        );
    }
    let (fits, too_deep) = (
        "[".repeat(256) + &"]".repeat(256),
        "[".repeat(257) + &"]".repeat(257),
    );
    let (sources, id) = parsed(&fits);
    assert_eq!(reachable(&sources, id).len(), 256);
    assert_eq!(
        refused(&too_deep),
        "line 1, column 257: nested more than 256 levels deep"
    );
    let objects = "{\"a\":".repeat(256) + "1" + &"}".repeat(256);
    parsed(&objects);
    assert!(
        refused(format!("a: {}", "[".repeat(10_000))).ends_with("nested more than 256 levels deep")
    );
    let mut block = String::new();
    for level in 0..5000 {
        writeln!(block, "{}a:", " ".repeat(level)).unwrap();
    }
    assert!(refused(&block).ends_with("nested more than 256 levels deep"));
    assert!(refused("- ".repeat(10_000)).ends_with("nested more than 256 levels deep"));
}

#[test]
fn duplicate_keys() {
    let cases = [
        (
            "{\"Version\": 1,\n \"Version\": 2}",
            "line 2, column 2: the key `Version` stands twice in one map, first on line 1",
        ),
        (
            "{\"ab\": 1, \"a\\u0062\": 2}",
            "line 1, column 11: the key `ab` stands twice in one map, first on line 1",
        ),
        (
            "a: 1\nb: 2\n'a': 3\n",
            "line 3, column 1: the key `a` stands twice in one map, first on line 1",
        ),
        (
            "x:\n  <<: {}\n  <<: {}\n",
            "line 3, column 3: the key `<<` stands twice in one map, first on line 2",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(refused(text), message);
    }
    let many: String = (0..100).map(|number| format!("k{number}: 1\n")).collect();
    parsed(&many);
    assert_eq!(
        refused(format!("{many}k8: 1\n")),
        "line 101, column 1: the key `k8` stands twice in one map, first on line 9"
    );
}

#[test]
fn what_json_expects() {
    let value = "expected a value: an object, a list, a string in double quotes, a number, `true`, `false` or `null`";
    let cases = [
        ("{\"a\" 1}", "line 1, column 6: expected `:` after the key, found `1`".to_owned()),
        ("{\"a\": 1\n \"b\": 2}", "line 2, column 2: expected `,` between two values, found `\"`".to_owned()),
        ("{'a': 1}", "line 1, column 2: expected a string in double quotes, found `'`".to_owned()),
        ("{a: 1}", "line 1, column 2: expected a key in double quotes, found `a`".to_owned()),
        ("{\"a\": True}", format!("line 1, column 7: {value}, found `True`")),
        ("{\"a\": }", format!("line 1, column 7: {value}, found `}}`")),
        ("[1}", format!("line 1, column 3: {value}, found `}}`")),
        ("{\"a\": 1]", "line 1, column 8: expected `,`, `}` or a key in double quotes, found `]`".to_owned()),
        ("{\"a\": [1, 2", "line 1, column 7: the list that begins here has no closing `]`".to_owned()),
        ("{\"a\": 1", "line 1, column 1: the object that begins here has no closing `}`".to_owned()),
        ("{\"a\": \"b\n}", "line 1, column 9: expected `\"` before the end of the line (a line break in a string is written `\\n`)".to_owned()),
        ("{\"a\": \"b", "line 1, column 7: the string that begins here has no closing `\"`".to_owned()),
        ("{\"a\": \"\t\"}", "line 1, column 8: expected the escape `\\u0009`, found that control character itself".to_owned()),
        ("{\"a\":\u{a0}1}", "line 1, column 6: expected a value, `,` or a bracket, found the character U+00A0".to_owned()),
        ("{\"a\": 01}", "line 1, column 8: expected `,` between two values, found `1`".to_owned()),
        ("{\"a\": 1.}", "line 1, column 7: expected digits on both sides of the decimal point".to_owned()),
        ("{\"a\": \"\\x41\"}", "line 1, column 8: expected one of the escapes `\\\"` `\\\\` `\\/` `\\b` `\\f` `\\n` `\\r` `\\t` `\\u`, found `\\` before `x41`".to_owned()),
        ("{\"a\": 1} x", "line 1, column 10: expected the end of the text, found `x`".to_owned()),
        ("{\"a\": 1}, {}", "line 1, column 9: expected the end of the text, found `,`".to_owned()),
        ("{\"a\": 1 /* b", "line 1, column 9: the comment that begins here has no `*/`".to_owned()),
        ("{\"a\" 1, \"b\": \"\n", "line 1, column 6: expected `:` after the key, found `1`".to_owned()),
    ];
    for (text, message) in cases {
        assert_eq!(refused(text), message, "{text}");
    }
}

#[test]
fn surrogates() {
    let (sources, id) = parsed("{\"a\": \"\\ud83d\\ude00\"}");
    assert_eq!(at(&sources, id, &["a"]).as_str(), Some("😀"));
    let (sources, id) = parsed("a: \"\\ud83d\\ude00\"");
    assert_eq!(at(&sources, id, &["a"]).as_str(), Some("😀"));
    let message = "line 1, column 8: expected two `\\u` escapes that form one character (a surrogate pair), found one alone";
    for lone in ["\\ud83d", "\\ude00", "\\ud83d\\ud83d", "\\ud83dx"] {
        assert_eq!(refused(format!("{{\"a\": \"{lone}\"}}")), message);
    }
}

#[test]
fn encodings_and_line_ends() {
    let text = "{\"ä\": [\r\n  \"😀\", 1]}\r\n";
    let little: Vec<u8> = [0xFEFF]
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let big: Vec<u8> = [0xFEFF]
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_be_bytes)
        .collect();
    for bytes in [
        text.as_bytes().to_vec(),
        format!("\u{feff}{text}").into_bytes(),
        little,
        big,
    ] {
        let mut sources = Sources::new();
        let id = sources.add("input", &bytes).unwrap();
        assert_eq!(sources.text(id), text);
        let number = sources.place(at(&sources, id, &["ä", "1"]).origin());
        assert_eq!(start(&number), (2, 8));
    }
    let (sources, id) = parsed("\u{feff}a: b c\r\nd:\r\n- e\r\n");
    assert_eq!(at(&sources, id, &["a"]).as_str(), Some("b c"));
    let item = at(&sources, id, &["d", "0"]);
    assert_eq!(
        (item.as_str(), start(&sources.place(item.origin()))),
        (Some("e"), (3, 3))
    );
}

#[test]
fn what_is_no_text() {
    for empty in ["", " \n\t", "\u{feff}", "# only a comment\n", "---\n"] {
        assert_eq!(
            refused(empty),
            "the text is empty: expected JSON or YAML",
            "{empty:?}"
        );
    }
    assert_eq!(
        refused(b"\x89PNG\r\n"),
        "not a text: byte 0 (0x89) is not valid UTF-8"
    );
    assert_eq!(
        refused(b"{\n\0}"),
        "line 2, column 1: not a text: found a NUL byte"
    );
    assert_eq!(
        refused(b"\xff\xfe{"),
        "not a text: it begins as UTF-16 but is not valid UTF-16"
    );
    assert_eq!(
        refused(vec![0; 512 * 1024 * 1024 + 1]),
        "the file is larger than 512 MiB"
    );
}

#[test]
fn comments_and_trailing_commas() {
    for text in [
        "{\"a\": 1,}",
        "{\"a\": [1, 2,] // b\n}",
        "// c\n/* d */ {\"a\": 1}",
        "{\"a\": 1}\n// e",
    ] {
        let (sources, id) = parsed(text);
        assert_eq!(sources.format(id), Format::JsonWithComments, "{text}");
        assert_eq!(sources.roots(id)[0].entries().len(), 1);
    }
    assert_eq!(
        parsed("{\"a\": \"// no comment\"}")
            .0
            .roots(parsed("{}").1)
            .len(),
        1
    );
    assert_eq!(
        refused("{,}"),
        "line 1, column 2: expected `,`, `}` or a key in double quotes, found `,`"
    );
}

#[test]
fn several_documents() {
    let (sources, id) = parsed("{\"a\": \"}{\"}\n{\"a\": 2}[3]\n");
    let roots = sources.roots(id);
    assert_eq!((roots.len(), sources.format(id)), (3, Format::Json));
    let second = roots[1].get("a").unwrap();
    assert_eq!(
        (
            start(&sources.place(second.origin())),
            under(&sources, second)
        ),
        ((2, 7), "2")
    );
    let (sources, id) = parsed("a: 1\n---\na: 2\n...\n---\n[a]\n");
    assert_eq!(sources.roots(id).len(), 3);
    assert_eq!(sources.roots(id)[1].get("a").unwrap().scalar(), Some("2"));
    assert_eq!(
        refused("{\"a\": 1}\n{\"a\": 1, \"a\": 2}"),
        "line 2, column 10: the key `a` stands twice in one map, first on line 2"
    );
}

#[test]
fn block_ends_with_its_last_value() {
    let (sources, id) = parsed("a:\n  b: 1 # c\n\n# d\n\ne: |\n  f\n\ng: h\n");
    assert_eq!(under(&sources, at(&sources, id, &["a"])), "b: 1");
    assert_eq!(under(&sources, at(&sources, id, &["e"])), "f");
}

#[test]
fn keys_are_plain() {
    assert_eq!(
        refused("? [a]\n: b\n"),
        "line 1, column 3: expected a plain key, found a list or map used as a key"
    );
    assert_eq!(
        refused("a: &a [b]\n*a : c\n"),
        "line 2, column 1: expected a plain key, found a list or map used as a key"
    );
    let (sources, id) = parsed("a: &a b\n*a : c\n5: d\n");
    assert_eq!(at(&sources, id, &["b"]).as_str(), Some("c"));
    assert_eq!(sources.roots(id)[0].get("5").unwrap().as_str(), Some("d"));
}

/// The nested document under `path`.
fn nested(sources: &mut Sources, id: SourceId, path: &[&str]) -> SourceId {
    let origin = at(sources, id, path).origin();
    sources.add_nested(origin).unwrap()
}

#[test]
fn documents_inside_strings() {
    let raw = r#"{"Policy": "{\"Statement\": [\n {\"S\\u0069d\": \"\ud83d\ude00\", \"In\": \"[\\\"x\\\"]\"}]}"}"#;
    let (mut sources, id) = parsed(raw);
    let policy = nested(&mut sources, id, &["Policy"]);
    assert_eq!(policy, nested(&mut sources, id, &["Policy"]));
    assert_eq!(
        sources.nested_of(at(&sources, id, &["Policy"]).origin()),
        Some(policy)
    );
    assert_eq!((sources.name(policy), sources.text(policy)), ("input", raw));
    let sid = at(&sources, policy, &["Statement", "0", "Sid"]);
    let place = sources.place(sid.origin());
    assert_eq!(
        (sid.as_str(), place.path.as_str()),
        (Some("😀"), "Policy.Statement[0].Sid")
    );
    assert_eq!(&raw[place.span], r#"\"\ud83d\ude00\""#);
    let inner = nested(&mut sources, policy, &["Statement", "0", "In"]);
    let place = sources.place(at(&sources, inner, &["0"]).origin());
    assert_eq!(
        (&raw[place.span.clone()], place.path.as_str()),
        (r#"\\\"x\\\""#, "Policy.Statement[0].In[0]")
    );
    assert_eq!(place.name, "input");
}

#[test]
fn percent_encoded_documents() {
    let raw = r#"{"D": "%7B%22Action%22%3A%20%22s3%3A%2A%22%2C%22%C3%84%22:1%7D", "E": "%20%5B%5D", "F": "%7b%7D"}"#;
    let (mut sources, id) = parsed(raw);
    let document = nested(&mut sources, id, &["D"]);
    let action = at(&sources, document, &["Action"]);
    assert_eq!(
        (action.as_str(), under(&sources, action)),
        (Some("s3:*"), "%22s3%3A%2A%22")
    );
    assert_eq!(under(&sources, at(&sources, document, &["Ä"])), "1");
    nested(&mut sources, id, &["E"]);
    nested(&mut sources, id, &["F"]);
}

#[test]
fn documents_inside_yaml_strings() {
    let text = "single: '{\"a\": \"it''s\",\n  \"b\": 1}'\ndouble: \"{\\\"a\\\": \\\n  \\\"it's\\\"\n\n  , \\\"b\\\": 1}\"\nliteral: |\n  {\n    \"a\": \"it's\",\n    \"b\": 1\n  }\nfolded: >-\n  {\"a\":\n  \"it's\",\n\n    \"b\": 1}\nalias: &x '{\"a\": \"it''s\", \"b\": 1}'\n";
    let (mut sources, id) = parsed(text);
    let written = [
        ("single", "\"it''s\""),
        ("double", "\\\"it's\\\""),
        ("literal", "\"it's\""),
        ("folded", "\"it's\""),
        ("alias", "\"it''s\""),
    ];
    for (key, written) in written {
        let document = nested(&mut sources, id, &[key]);
        let (a, b) = (
            at(&sources, document, &["a"]),
            at(&sources, document, &["b"]),
        );
        assert_eq!((a.as_str(), b.scalar()), (Some("it's"), Some("1")), "{key}");
        assert_eq!(
            (under(&sources, a), under(&sources, b)),
            (written, "1"),
            "{key}"
        );
        assert_eq!(sources.place(a.origin()).path, format!("{key}.a"));
    }
}

#[test]
fn faults_inside_strings_stand_in_the_outermost_text() {
    let fault = |text: &str, path: &[&str]| {
        let (mut sources, id) = parsed(text);
        let origin = at(&sources, id, path).origin();
        sources.add_nested(origin).unwrap_err().message
    };
    assert_eq!(
        fault("{\n\"P\": \"{\\\"a\\\" 1}\"}", &["P"]),
        "line 2, column 14: in the JSON text inside this string: expected `:` after the key, found `1`"
    );
    assert_eq!(
        fault("{\"P\": \"%7B%22a%22%3A1%2C%22a%22%3A2%7D\"}", &["P"]),
        "line 1, column 25: the key `a` stands twice in one map, first on line 1"
    );
    assert_eq!(
        fault("{\"P\": \"arn:aws:s3:::b\"}", &["P"]),
        "line 1, column 8: in the JSON text inside this string: expected `{` or `[`, found `arn`"
    );
    assert_eq!(
        fault("{\"P\": \" \"}", &["P"]),
        "line 1, column 8: in the JSON text inside this string: the string is empty: expected JSON text"
    );
    assert_eq!(
        fault("{\"P\": [1]}", &["P"]),
        "line 1, column 7: in the JSON text inside this string: expected a string"
    );
    assert_eq!(
        fault("{\"P\": \"{} {}\"}", &["P"]),
        "line 1, column 11: in the JSON text inside this string: expected the end of the string, found a second document"
    );
}
