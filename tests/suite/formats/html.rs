//! Reads a page as a browser does, as far as these pages go, and strictly: every element closed, nothing but what is expected.

use std::collections::BTreeMap;

use pipeline_preflight::check::{
    Change, Changes, Comparison, Suppressed, SuppressedBy, Suppression,
};

use super::{WORLDS, checked, written};

/// Elements without an end.
const VOID: [&str; 3] = ["meta", "input", "br"];
/// Elements of a drawing, which end themselves.
const DRAWN: [&str; 2] = ["rect", "path"];
/// Elements whose text is no markup.
const RAW: [&str; 2] = ["style", "script"];
/// Elements that stand in a line of text.
const INLINE: [&str; 12] = [
    "a", "b", "code", "span", "mark", "br", "label", "option", "optgroup", "select", "input",
    "button",
];

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// The start of an element.
    Start(String, BTreeMap<String, String>),
    /// Its end; of a void element, too.
    End(String),
    /// What stands between.
    Text(String),
}

/// The pieces of a page; panics at whatever a browser would have to guess at.
pub(super) fn tokens(page: &str) -> Vec<Token> {
    let mut rest = page.strip_prefix("<!doctype html>\n").expect("a doctype");
    let mut tokens = Vec::new();
    let mut open: Vec<String> = Vec::new();
    while !rest.is_empty() {
        if let Some(name) = open.last().filter(|name| RAW.contains(&name.as_str())) {
            let end = rest.find(&format!("</{name}>")).expect("an end");
            tokens.push(Token::Text(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        let Some(behind) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            tokens.push(Token::Text(decoded(&rest[..end])));
            rest = &rest[end..];
            continue;
        };
        if let Some(behind) = behind.strip_prefix('/') {
            let (name, behind) = behind.split_once('>').expect("an end");
            assert_eq!(
                open.pop().as_deref(),
                Some(name),
                "closed before {behind:.200}"
            );
            tokens.push(Token::End(name.to_owned()));
            rest = behind;
            continue;
        }
        let (name, attributes, behind) = tag(behind);
        tokens.push(Token::Start(name.clone(), attributes));
        if VOID.contains(&name.as_str()) || DRAWN.contains(&name.as_str()) {
            tokens.push(Token::End(name));
        } else {
            open.push(name);
        }
        rest = behind;
    }
    assert!(open.is_empty(), "left open: {open:?}");
    tokens
}

/// The name and the attributes of a tag, and what stands behind it.
fn tag(text: &str) -> (String, BTreeMap<String, String>, &str) {
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let split = |text: &'_ str| {
        text.find(|character| !is_name(character))
            .expect("an end of a name")
    };
    let (name, mut rest) = text.split_at(split(text));
    assert!(!name.is_empty(), "no element begins with {text:.80}");
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if let Some(behind) = rest.strip_prefix('>') {
            return (name.to_owned(), attributes, behind);
        }
        if let Some(behind) = rest.strip_prefix("/>") {
            assert!(DRAWN.contains(&name), "{name} cannot end itself");
            return (name.to_owned(), attributes, behind);
        }
        let (key, behind) = rest.split_at(split(rest));
        assert!(!key.is_empty(), "no attribute begins with {rest:.80}");
        let value = match behind.strip_prefix("=\"") {
            Some(behind) => {
                let (value, behind) = behind.split_once('"').expect("a quote");
                rest = behind;
                decoded(value)
            }
            None => {
                rest = behind;
                String::new()
            }
        };
        assert!(
            attributes.insert(key.to_owned(), value).is_none(),
            "{key} twice"
        );
    }
}

/// Text without character references.
fn decoded(text: &str) -> String {
    assert!(!text.contains(['<', '>', '"']), "{text}");
    let mut decoded = String::new();
    for (number, piece) in text.split('&').enumerate() {
        if number == 0 {
            decoded.push_str(piece);
            continue;
        }
        let (reference, behind) = piece.split_once(';').expect("a character reference");
        let named = [
            ("amp", '&'),
            ("lt", '<'),
            ("gt", '>'),
            ("quot", '"'),
            ("apos", '\''),
        ];
        let named = named.into_iter().find(|(name, _)| *name == reference);
        let code = reference
            .strip_prefix('#')
            .and_then(|code| code.parse().ok());
        let character = named.map(|(_, character)| character);
        let character = character.or_else(|| code.and_then(char::from_u32));
        decoded.push(character.expect("a character"));
        decoded.push_str(behind);
    }
    decoded
}

/// A page for people who read a snapshot: a line for each element that begins one, with its attributes, and no style, script or
/// drawing.
pub(super) fn outline(page: &str) -> String {
    let mut lines = String::new();
    let (mut skipped, mut drawn) = (false, false);
    for token in tokens(page) {
        match token {
            Token::Start(name, _) if drawn || name == "svg" => drawn = true,
            Token::End(name) if drawn => drawn = name != "svg",
            Token::Text(_) if drawn => {}
            Token::Start(name, attributes) => {
                skipped = RAW.contains(&name.as_str());
                if INLINE.contains(&name.as_str()) {
                    let mark = attributes.get("href").map(|to| format!("<{to}>"));
                    lines.push_str(&mark.unwrap_or_default());
                    continue;
                }
                lines.push_str(&format!("\n{name}"));
                for (key, value) in attributes
                    .iter()
                    .filter(|(_, value)| !value.starts_with("default-src"))
                {
                    lines.push_str(&format!(" {key}={value}"));
                }
                lines.push_str(": ");
            }
            Token::Text(text) if !skipped => lines.push_str(&text),
            Token::Text(_) => {}
            Token::End(name) => skipped &= !RAW.contains(&name.as_str()),
        }
    }
    let lines = lines
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

#[test]
fn what_was_set_aside_and_what_has_changed_is_told() {
    let (mut result, sources) = checked(WORLDS[0].1);
    let fixed = result.findings.remove(0);
    let aside = result.findings.remove(0);
    let rules = [fixed.rule.clone(), aside.rule.clone()];
    result.summary.errors = result.findings.len();
    result.comparison = Some(Comparison {
        against: "main".to_owned(),
        changes: vec![
            Change::New,
            Change::Unchanged,
            Change::Unchanged,
            Change::Unchanged,
        ],
        fixed: vec![fixed],
        counts: Changes {
            new: 1,
            fixed: 1,
            unchanged: 3,
        },
    });
    result.suppressed = vec![Suppressed {
        finding: aside,
        number: 1,
        suppression: Suppression {
            by: SuppressedBy::Configuration,
            reason: Some("<b>next</b> quarter".to_owned()),
            expires: Some("2026-12-31".to_owned()),
            origin: None,
        },
    }];
    let page = outline(&written("html", &result, &sources));
    for told in [
        "p class=also: compared with main: 1 new, 3 unchanged, 1 fixed",
        "p class=also: 1 finding is set aside and not counted",
        "p class=why: Set aside by the configuration: <b>next</b> quarter, until 2026-12-31",
    ] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    let (_, behind) = page.split_once("h2 id=h-fixed: ").unwrap();
    let (of_fixed, of_aside) = behind.split_once("h2 id=h-aside: ").unwrap();
    assert!(of_fixed.contains(&rules[0]) && of_aside.contains(&rules[1]));
    let badges = |wanted: &str| page.lines().filter(|line| line.trim() == wanted).count();
    assert_eq!((badges("new"), badges("unchanged")), (1, 3), "{page}");
}

/// What does not count, or is below the severity asked for, is not said to be fine.
#[test]
fn an_action_whose_findings_are_not_shown_is_not_said_to_lack_nothing() {
    let (mut result, sources) = checked(WORLDS[0].1);
    result.findings.clear();
    let page = outline(&written("html", &result, &sources));
    assert!(page.contains("summary: – Build set aside"), "{page}");
    assert!(page.contains("summary: ✓ Source nothing missing"), "{page}");
}
