//! Names that AWS made up, told elsewhere: a bucket or key is declared in one stack, and handed to another as a literal.
//!
//! Most systems pass the ARN of the key and the name of the bucket on by copy and paste, so the parameter holds what the
//! other template cannot foretell. A literal is taken for a declared thing where nothing else can be meant: it has the name
//! that CloudFormation makes up (`STACK-LogicalId-RANDOM`), or it is the one key named of an account and Region in which
//! just one is declared. That is told, since it is no more than likely.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html>

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{Arn, has_symbol, is_generated};
use crate::load::Warning;
use crate::load::stack::Declared;
use crate::source::{Made, MadeValue, Origin};

/// What a text names, if it names a thing of one type.
type Reads = fn(&str) -> Option<Named<'_>>;

/// Types whose names are handed on: each tells what a text has to be to name one.
const NAMED: &[(&str, Reads)] = &[
    ("AWS::S3::Bucket", bucket),
    ("AWS::IAM::Role", role),
    ("AWS::KMS::Key", key),
];

/// How many characters AWS adds to a name.
const RANDOM: std::ops::RangeInclusive<usize> = 11..=14;

/// A random part that stands for any.
const EXAMPLE: &str = "0123456789AB";

/// What a text names.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named<'t> {
    /// What has to be equal: the account, the Region, and all of the name before its random part.
    fixed: String,
    /// The random part.
    random: &'t str,
}

/// The declared things, with the names that other stacks tell of them.
pub(super) fn settle<'d>(
    declared: &'d [Declared],
    warnings: &mut Vec<Warning>,
) -> Cow<'d, [Declared]> {
    let open = made_up(declared);
    if open.is_empty() {
        return Cow::Borrowed(declared);
    }
    let mut told: BTreeMap<char, BTreeMap<&str, Origin>> = BTreeMap::new();
    let mut others: BTreeSet<(char, &str)> = BTreeSet::new();
    for one in declared {
        each_text(&one.properties, &mut |text, at| {
            for (kind, read) in NAMED {
                let Some(named) = read(text) else { continue };
                if let Some(Some(thing)) = open.get(&(kind, named.fixed)) {
                    // A stack has no need to be told of its own things.
                    if thing.declared.stack == one.stack && thing.declared.home == one.home {
                        others.insert((thing.symbol, named.random));
                    }
                    told.entry(thing.symbol)
                        .or_default()
                        .entry(named.random)
                        .or_insert(at);
                }
            }
        });
    }
    let things = open.values().flatten();
    let by_symbol: BTreeMap<char, &Thing<'_>> = things.map(|thing| (thing.symbol, thing)).collect();
    let mut known: BTreeMap<char, String> = BTreeMap::new();
    for (symbol, randoms) in told {
        let mut randoms = randoms.into_iter();
        let (Some((random, at)), None) = (randoms.next(), randoms.next()) else {
            continue;
        };
        let Some(thing) = by_symbol.get(&symbol) else {
            continue;
        };
        if others.contains(&(symbol, random)) {
            continue;
        }
        warnings.push(Warning {
            message: format!(
                "`{}` of `{}` is taken to be `{}`, the only name among the inputs that fits it",
                thing.declared.logical_id,
                thing.declared.stack,
                thing.text.replace(symbol, random)
            ),
            help: None,
            origins: vec![thing.declared.name_origin, at],
        });
        known.insert(symbol, random.to_owned());
    }
    if known.is_empty() {
        return Cow::Borrowed(declared);
    }
    let mut settled = declared.to_vec();
    for one in &mut settled {
        fill(&mut one.physical, &known);
        one.arn.iter_mut().for_each(|arn| fill(arn, &known));
        fill_all(&mut one.properties, &known);
    }
    Cow::Owned(settled)
}

/// A declared thing whose name AWS makes up.
struct Thing<'d> {
    declared: &'d Declared,
    text: String,
    symbol: char,
}

type MadeUp<'d> = BTreeMap<(&'static &'static str, String), Option<Thing<'d>>>;

/// By type and fixed part; `None` where two have the same.
fn made_up(declared: &[Declared]) -> MadeUp<'_> {
    let mut open = MadeUp::new();
    let mut seen = BTreeSet::new();
    for one in declared {
        let Some((kind, read)) = NAMED.iter().find(|(kind, _)| *kind == one.kind) else {
            continue;
        };
        let text = one.arn.clone().unwrap_or_default();
        let mut symbols = text
            .chars()
            .filter(|character| has_symbol(&character.to_string()));
        let (Some(symbol), None) = (symbols.next(), symbols.next()) else {
            continue;
        };
        if !is_generated(symbol) {
            continue;
        }
        // Any random part tells what is fixed.
        let example = text.replace(symbol, EXAMPLE);
        let Some(named) = read(&example) else {
            continue;
        };
        if !seen.insert((kind, text.clone())) {
            continue;
        }
        let thing = Thing {
            declared: one,
            text,
            symbol,
        };
        open.entry((kind, named.fixed))
            .and_modify(|known| *known = None)
            .or_insert(Some(thing));
    }
    open
}

/// `STACK-LogicalId-` and the random part.
fn split(name: &str) -> Option<(&str, &str)> {
    let at = name.rfind('-')? + 1;
    let (fixed, random) = name.split_at_checked(at)?;
    // A word of people's has no digit in it, one of twelve random characters hardly ever none.
    let is_random = RANDOM.contains(&random.len())
        && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && random.bytes().any(|byte| byte.is_ascii_digit());
    is_random.then_some((fixed, random))
}

/// A bucket's name, or the ARN of it or of what is in it.
fn bucket(text: &str) -> Option<Named<'_>> {
    let name = match text.split_once(":s3:::") {
        Some((_, rest)) => rest.split('/').next()?,
        None => text,
    };
    let (fixed, random) = split(name)?;
    Some(Named {
        fixed: fixed.to_owned(),
        random,
    })
}

fn role(text: &str) -> Option<Named<'_>> {
    let rest = text.strip_prefix("arn:")?;
    let (before, name) = rest.split_once(":role/")?;
    let (fixed, random) = split(name)?;
    Some(Named {
        fixed: format!("{before} {fixed}"),
        random,
    })
}

fn key(text: &str) -> Option<Named<'_>> {
    let (_, id) = text.split_once(":key/")?;
    let arn = Arn::parse(text).filter(|arn| arn.service == "kms")?;
    let right =
        id.len() >= EXAMPLE.len() && !id.contains(['*', '?', '$', '/']) && !has_symbol(text);
    right.then(|| Named {
        fixed: format!("{} {}", arn.account, arn.region),
        random: id,
    })
}

fn each_text<'m>(made: &'m Made, visit: &mut dyn FnMut(&'m str, Origin)) {
    match &made.value {
        MadeValue::Text(text) => visit(text, made.at),
        MadeValue::List(items) => items.iter().for_each(|item| each_text(item, visit)),
        MadeValue::Map(members) => {
            for (_, _, value) in members {
                each_text(value, visit);
            }
        }
        _ => {}
    }
}

fn fill(text: &mut String, known: &BTreeMap<char, String>) {
    if !has_symbol(text) {
        return;
    }
    let mut filled = String::with_capacity(text.len() + 32);
    for character in text.chars() {
        match known.get(&character) {
            Some(told) => filled.push_str(told),
            None => filled.push(character),
        }
    }
    *text = filled;
}

fn fill_all(made: &mut Made, known: &BTreeMap<char, String>) {
    match &mut made.value {
        MadeValue::Text(text) => fill(text, known),
        MadeValue::List(items) => items.iter_mut().for_each(|item| fill_all(item, known)),
        MadeValue::Map(members) => {
            for (_, _, value) in members {
                fill_all(value, known);
            }
        }
        _ => {}
    }
}
