//! Policy documents of the data source `aws_iam_policy_document`, which a plan tells as text only once all in them is known.
//!
//! Its arguments: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>

use super::attribute::Attributes;
use super::plan::Instance;
use super::table;
use crate::graph::has_symbol;
use crate::source::{Made, MadeValue, Origin};

/// The members of a map that is being made.
type Members = Vec<(String, Origin, Made)>;

/// Documents that are put together of others deeper than this go round in a circle.
const DEEPEST: usize = 16;

impl<'a> Attributes<'_, 'a> {
    /// The document behind an attribute of a data source; `None` when it is no such document, or cannot be told.
    pub(super) fn document(
        &mut self,
        instance: &Instance<'a>,
        attribute: &str,
        at: Origin,
    ) -> Option<Made> {
        if !matches!(attribute, "json" | "minified_json") {
            return None;
        }
        if let Some(text) = instance.known(attribute) {
            let node = instance.values.and_then(|all| all.get(attribute));
            return Some(Made {
                value: MadeValue::Text(text.to_owned()),
                at: node.map_or(at, |node| node.origin()),
                also: None,
            });
        }
        if instance.kind != "aws_iam_policy_document" || self.documents >= DEEPEST {
            return None;
        }
        self.documents += 1;
        let made = self.rebuilt(instance);
        self.documents -= 1;
        made
    }

    fn rebuilt(&mut self, instance: &Instance<'a>) -> Option<Made> {
        let arguments = self.arguments(instance, table::of(&instance.kind));
        let mut statements = Vec::new();
        let old = arguments.get("source_json");
        for source in old
            .into_iter()
            .chain(listed(&arguments, "source_policy_documents")?)
        {
            self.add_all(source, &mut statements)?;
        }
        for statement in listed(&arguments, "statement")? {
            if !is_whole(statement) {
                return None;
            }
            add(made(statement), &mut statements);
        }
        let old = arguments.get("override_json");
        for source in old
            .into_iter()
            .chain(listed(&arguments, "override_policy_documents")?)
        {
            self.add_all(source, &mut statements)?;
        }
        let version = arguments.get("version").and_then(Made::scalar);
        if version.is_some_and(has_symbol) {
            return None;
        }
        let version = version.unwrap_or("2012-10-17").to_owned();
        let at = arguments.at;
        Some(Made::map(
            vec![
                ("Version", Made::text(version, at)),
                ("Statement", Made::list(statements, at)),
            ],
            at,
        ))
    }

    /// Adds the statements of another document; `None` when they cannot be told.
    fn add_all(&self, document: &Made, statements: &mut Vec<Made>) -> Option<()> {
        let text = match &document.value {
            MadeValue::Map(_) => document.clone(),
            MadeValue::Text(text) if text.is_empty() => return Some(()),
            MadeValue::Text(_) => {
                let nested = self.sources.nested_of(document.at)?;
                let root = self.sources.roots(nested).first()?.origin();
                self.sources.copy(root)
            }
            _ => return None,
        };
        let found = text.get("Statement")?;
        match &found.value {
            MadeValue::List(items) => items.iter().for_each(|item| add(item.clone(), statements)),
            MadeValue::Map(_) => add(found.clone(), statements),
            _ => return None,
        }
        Some(())
    }
}

/// Whether all that makes the shape of a statement is known; what it is about need not be.
fn is_whole(statement: &Made) -> bool {
    let known = |block: &Made, names: &[&str]| {
        let texts = names.iter().filter_map(|name| block.get(name)?.scalar());
        !matches!(block.value, MadeValue::Text(_)) && !texts.into_iter().any(has_symbol)
    };
    let blocks = |name: &str| statement.get(name).map(Made::items).unwrap_or_default();
    let principals = blocks("principals").iter().chain(blocks("not_principals"));
    known(statement, &["effect"])
        && principals.into_iter().all(|block| known(block, &["type"]))
        && blocks("condition")
            .iter()
            .all(|block| known(block, &["test", "variable"]))
}

/// The items of a list argument: none when it is not there, `None` when nobody knows them.
fn listed<'m>(arguments: &'m Made, name: &str) -> Option<&'m [Made]> {
    match arguments.get(name).map(|made| &made.value) {
        None | Some(MadeValue::Null) => Some(&[]),
        Some(MadeValue::List(items)) => Some(items),
        Some(_) => None,
    }
}

/// Adds a statement in place of one with the same id.
fn add(statement: Made, statements: &mut Vec<Made>) {
    let id = |statement: &Made| {
        let id = statement.get("Sid").and_then(Made::scalar);
        id.filter(|id| !id.is_empty()).map(str::to_owned)
    };
    let same = id(&statement).and_then(|own| {
        statements
            .iter_mut()
            .find(|other| id(other).as_ref() == Some(&own))
    });
    match same {
        Some(other) => *other = statement,
        None => statements.push(statement),
    }
}

/// A statement of the data source as AWS writes it.
fn made(statement: &Made) -> Made {
    let at = statement.at;
    let mut members: Vec<(&str, Made)> = Vec::new();
    let mut push = |key, made: Option<Made>| members.extend(made.map(|made| (key, made)));
    let own = |name: &str| statement.get(name).filter(|made| !is_empty(made));
    push("Sid", own("sid").cloned());
    let effect = own("effect").cloned();
    push(
        "Effect",
        Some(effect.unwrap_or_else(|| Made::text("Allow", at))),
    );
    push("Action", own("actions").cloned());
    push("NotAction", own("not_actions").cloned());
    push("Resource", own("resources").map(with_variables));
    push("NotResource", own("not_resources").map(with_variables));
    push("Principal", own("principals").map(principals));
    push("NotPrincipal", own("not_principals").map(principals));
    push("Condition", own("condition").map(conditions));
    Made::map(members, at)
}

fn is_empty(made: &Made) -> bool {
    match &made.value {
        MadeValue::Null => true,
        MadeValue::Text(text) => text.is_empty(),
        MadeValue::List(items) => items.is_empty(),
        _ => false,
    }
}

/// `&{aws:username}` stands for `${aws:username}`, which Terraform would fill in itself.
fn with_variables(made: &Made) -> Made {
    let value = match &made.value {
        MadeValue::Text(text) => MadeValue::Text(text.replace("&{", "${")),
        MadeValue::List(items) => MadeValue::List(items.iter().map(with_variables).collect()),
        other => other.clone(),
    };
    Made {
        value,
        at: made.at,
        also: made.also,
    }
}

/// Blocks of a type and identifiers; all identifiers of one type stand together.
fn principals(blocks: &Made) -> Made {
    let at = blocks.at;
    let text = |block: &Made, name: &str| block.get(name).and_then(Made::scalar).map(str::to_owned);
    if matches!(blocks.value, MadeValue::Text(_)) {
        return blocks.clone();
    }
    let mut members = Members::new();
    for block in blocks.items() {
        let kind = text(block, "type").unwrap_or_default();
        let Some(identifiers) = block.get("identifiers").map(with_variables) else {
            continue;
        };
        // Of this type there is one identifier only, and the provider writes the bare star.
        if kind == "*" {
            return Made::text("*", identifiers.at);
        }
        join(&mut members, kind, block.at, identifiers);
    }
    Made {
        value: MadeValue::Map(members),
        at,
        also: None,
    }
}

/// Blocks of a test, a variable and values.
fn conditions(blocks: &Made) -> Made {
    let at = blocks.at;
    if matches!(blocks.value, MadeValue::Text(_)) {
        return blocks.clone();
    }
    let text = |block: &Made, name: &str| block.get(name).and_then(Made::scalar).map(str::to_owned);
    let mut tests: Vec<(String, Origin, Members)> = Vec::new();
    for block in blocks.items() {
        let (Some(test), Some(variable)) = (text(block, "test"), text(block, "variable")) else {
            continue;
        };
        let values = block.get("values").map(with_variables);
        let values = values.unwrap_or_else(|| Made::list(Vec::new(), block.at));
        match tests.iter_mut().find(|(known, _, _)| *known == test) {
            Some((_, _, variables)) => join(variables, variable, block.at, values),
            None => tests.push((test, block.at, vec![(variable, block.at, values)])),
        }
    }
    let members = tests.into_iter().map(|(test, place, variables)| {
        let inner = Made {
            value: MadeValue::Map(variables),
            at: place,
            also: None,
        };
        (test, place, inner)
    });
    Made {
        value: MadeValue::Map(members.collect()),
        at,
        also: None,
    }
}

/// Puts values under a key, behind those that stand there.
fn join(members: &mut Members, key: String, place: Origin, values: Made) {
    let known = members.iter_mut().find(|(known, _, _)| *known == key);
    match known {
        Some((_, _, known)) => match (&mut known.value, values.value) {
            (MadeValue::List(known), MadeValue::List(more)) => known.extend(more),
            (_, value) => known.value = value,
        },
        None => members.push((key, place, values)),
    }
}
