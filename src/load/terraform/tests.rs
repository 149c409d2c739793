//! What plans come to, by the fixtures that the whole tool is tested with.

use super::*;
use crate::graph::{has_symbol, is_generated, symbols_in};

struct Read {
    sources: Sources,
    symbols: Symbols,
    declared: Vec<Declared>,
    warnings: Vec<Warning>,
}

fn read(text: &str, settings: &Settings) -> Read {
    let mut sources = Sources::new();
    let mut symbols = Symbols::default();
    let source = sources.add("plan.json", text.as_bytes()).unwrap();
    let root = sources.roots(source).first().unwrap().origin();
    assert!(recognise(sources.node(root)).is_some());
    let input = Input {
        file: "plan.json".to_owned(),
        root,
    };
    let (declared, warnings) = declared(&mut sources, &mut symbols, &[input], settings);
    Read {
        sources,
        symbols,
        declared,
        warnings,
    }
}

fn shop(file: &str) -> Read {
    let path = format!("tests/fixtures/templates/terraform-shop/{file}.json");
    read(
        &std::fs::read_to_string(path).unwrap(),
        &Settings::default(),
    )
}

fn show(made: &Made, symbols: &Symbols) -> String {
    match &made.value {
        MadeValue::Null => "null".to_owned(),
        MadeValue::List(items) => {
            let items: Vec<String> = items.iter().map(|item| show(item, symbols)).collect();
            format!("[{}]", items.join(", "))
        }
        MadeValue::Map(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, _, value)| format!("{key}: {}", show(value, symbols)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        _ => symbols.shown(made.scalar().unwrap()).into_owned(),
    }
}

#[test]
fn dump() {
    for file in ["named", "unknown", "applied", "state"] {
        let read = shop(&format!("fixed/{file}"));
        for one in &read.declared {
            eprintln!(
                "{file} {} {} {}\n   {} {:?}\n   {}",
                one.kind,
                one.logical_id,
                read.symbols.shown(&format!(
                    "{:?}",
                    (&one.home.account, &one.home.region, &one.home.partition)
                )),
                read.symbols.shown(&one.physical),
                one.arn
                    .as_deref()
                    .map(|arn| read.symbols.shown(arn).into_owned()),
                show(&one.properties, &read.symbols)
            );
        }
        for warning in &read.warnings {
            eprintln!("{file} WARNING {}", warning.message);
        }
    }
}
