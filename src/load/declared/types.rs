//! What a declared resource is called: its name, its ARN and its attributes, by the table of `rules/resources.yaml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::recipe::{Hanging, Recipe};
use crate::graph::{Symbol, Symbols, is_generated};
use crate::load::stack::Home;
use crate::source::Origin;

const TABLE: &str = include_str!("../../../rules/resources.yaml");

/// One type of resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Type {
    /// As CloudFormation calls it.
    #[serde(rename = "type")]
    pub(in crate::load) kind: String,
    /// Where the facts come from.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by tests only"))]
    documentation: String,
    /// The property that holds the name.
    pub(in crate::load) name: Option<String>,
    #[serde(default)]
    generated: Generated,
    longest: Option<usize>,
    /// What `Ref` gives where that is not the name.
    #[serde(rename = "ref")]
    pub(super) reference: Option<String>,
    arn: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    /// What AWS answers about it.
    pub(super) answer: Option<Recipe>,
    /// What it hangs on.
    #[serde(rename = "hangs-on")]
    pub(super) hangs_on: Option<Hanging>,
}

/// What AWS makes up for a resource without a name.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Generated {
    #[default]
    Stack,
    Lower,
    Logical,
    Id,
}

/// What a declared resource is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::load) struct Identity {
    /// Its name.
    pub(in crate::load) name: String,
    /// What `Ref` gives.
    pub(in crate::load) reference: String,
    /// Its ARN.
    pub(in crate::load) arn: Option<String>,
}

/// One resource to be named: its home, its logical id, and where it is declared.
pub(in crate::load) struct Named<'a> {
    /// Where it lives.
    pub(in crate::load) home: &'a Home,
    /// Its logical id.
    pub(in crate::load) logical_id: &'a str,
    /// Where it is declared.
    pub(in crate::load) origin: Origin,
}

/// The type of this name, if the table has it.
pub(in crate::load) fn of(kind: &str) -> Option<&'static Type> {
    static BY_KIND: OnceLock<BTreeMap<&str, &Type>> = OnceLock::new();
    let by_kind = BY_KIND.get_or_init(|| {
        let types = all().iter();
        types.map(|known| (known.kind.as_str(), known)).collect()
    });
    by_kind.get(kind).copied()
}

/// All types of the table.
pub(in crate::load) fn all() -> &'static [Type] {
    static TYPES: OnceLock<Vec<Type>> = OnceLock::new();
    // The table is part of the program, and a test reads it.
    TYPES.get_or_init(|| serde_yaml::from_str(TABLE).unwrap_or_default())
}

/// What stands before a property of which only the last part counts.
const LAST: &str = "last ";

/// What stands for the whole name of a resource, where it would not say whose name it is otherwise.
const WHOLE: &str = "name";

/// The symbol of a value that AWS makes up for a resource: the same for the same resource and attribute.
pub(in crate::load) fn generated(
    symbols: &mut Symbols,
    named: &Named<'_>,
    attribute: &str,
) -> String {
    let (stack, id) = (&named.home.stack, named.logical_id);
    let (account, region) = (&named.home.account, &named.home.region);
    let key = format!("{account} {region} {stack} {id} {attribute}");
    let symbol = symbols.generated(&key, || Symbol {
        name: match attribute {
            "" => "generated".to_owned(),
            WHOLE => id.to_owned(),
            attribute => format!("{id}.{attribute}"),
        },
        what: format!("what AWS makes up for `{id}`"),
        supply: String::new(),
        origin: named.origin,
    });
    symbol.to_string()
}

impl Type {
    /// The properties that its names hang on, or one of its attributes.
    pub(in crate::load) fn wanted(&self, attribute: Option<&str>) -> Vec<&str> {
        const KNOWN: [&str; 8] = [
            "partition",
            "region",
            "account",
            "stack",
            "name",
            "ref",
            "arn",
            "generated",
        ];
        let templates = match attribute {
            Some(attribute) => vec![self.attributes.get(attribute)],
            None => vec![self.arn.as_ref(), self.reference.as_ref()],
        };
        let mut wanted: Vec<&str> = match attribute {
            Some(_) => Vec::new(),
            None => self.name.as_deref().into_iter().collect(),
        };
        for template in templates.into_iter().flatten() {
            let inside = template.split('{').skip(1);
            let inside = inside.filter_map(|rest| rest.split(['|', '}']).next());
            let inside = inside.map(|what| what.strip_prefix(LAST).unwrap_or(what));
            wanted.extend(inside.filter(|what| !KNOWN.contains(what)));
        }
        wanted
    }

    /// What a resource of this type is called; `property` gives the text of a property, which may hold symbols.
    pub(in crate::load) fn identity(
        &self,
        named: &Named<'_>,
        symbols: &mut Symbols,
        property: &dyn Fn(&str) -> Option<String>,
    ) -> Identity {
        let written = self.name.as_deref().and_then(property);
        let name = written
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| self.made_up(named, symbols));
        self.called(name, named, symbols, property)
    }

    /// The same for one whose name is known.
    pub(in crate::load) fn called(
        &self,
        name: String,
        named: &Named<'_>,
        symbols: &mut Symbols,
        property: &dyn Fn(&str) -> Option<String>,
    ) -> Identity {
        let mut known = Identity {
            reference: name.clone(),
            name,
            arn: None,
        };
        if let Some(arn) = &self.arn {
            known.arn = Some(fill(arn, &known, named, symbols, property));
        }
        if let Some(reference) = &self.reference {
            known.reference = fill(reference, &known, named, symbols, property);
        }
        known
    }

    /// What `Fn::GetAtt` gives; `None` for an attribute that the table does not have.
    pub(in crate::load) fn attribute(
        &self,
        attribute: &str,
        known: &Identity,
        named: &Named<'_>,
        symbols: &mut Symbols,
        property: &dyn Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let template = self.attributes.get(attribute)?;
        if template == "{generated}" {
            return Some(generated(symbols, named, attribute));
        }
        Some(fill(template, known, named, symbols, property))
    }

    /// `STACK-LogicalId-RANDOM`, as far as it can be foretold: what is too long is cut in a way that is not documented.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html>
    fn made_up(&self, named: &Named<'_>, symbols: &mut Symbols) -> String {
        const RANDOM: usize = 13;
        let name = match self.generated {
            Generated::Id => return generated(symbols, named, WHOLE),
            Generated::Stack => format!("{}-{}-", named.home.stack, named.logical_id),
            Generated::Lower => {
                format!("{}-{}-", named.home.stack, named.logical_id).to_lowercase()
            }
            Generated::Logical => format!("{}-", named.logical_id),
        };
        // The name of a nested stack has such a part itself.
        let length = |c| if is_generated(c) { RANDOM } else { 1 };
        let longest = self.longest.unwrap_or(usize::MAX);
        if name.chars().map(length).sum::<usize>() + RANDOM > longest {
            return generated(symbols, named, WHOLE);
        }
        let random = generated(symbols, named, "");
        format!("{name}{random}")
    }
}

/// Fills the braces of a template.
pub(super) fn fill(
    template: &str,
    known: &Identity,
    named: &Named<'_>,
    symbols: &mut Symbols,
    property: &dyn Fn(&str) -> Option<String>,
) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, (inside, behind))) = rest
        .split_once('{')
        .and_then(|(before, behind)| Some((before, behind.split_once('}')?)))
    {
        filled.push_str(before);
        rest = behind;
        let (what, default) = match inside.split_once('|') {
            Some((what, default)) => (what, Some(default)),
            None => (inside, None),
        };
        match what {
            "partition" => filled.push_str(&named.home.partition),
            "region" => filled.push_str(&named.home.region),
            "account" => filled.push_str(&named.home.account),
            "stack" => filled.push_str(&named.home.stack),
            "name" => filled.push_str(&known.name),
            "ref" => filled.push_str(&known.reference),
            "arn" => filled.push_str(known.arn.as_deref().unwrap_or_default()),
            "generated" => filled.push_str(&generated(symbols, named, "id")),
            property_name => match (text_of(property_name, property), default) {
                (Some(text), _) => filled.push_str(&text),
                (None, Some(default)) => filled.push_str(default),
                (None, None) => filled.push_str(&generated(symbols, named, property_name)),
            },
        }
    }
    filled.push_str(rest);
    filled
}

/// The text of a property; of one with `last` before it what stands behind the last colon or slash.
fn text_of(what: &str, property: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let Some(name) = what.strip_prefix(LAST) else {
        return property(what);
    };
    let text = property(name)?;
    let last = text.rsplit([':', '/']).next().unwrap_or_default();
    Some(last.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read() {
        let types: Vec<Type> = serde_yaml::from_str(TABLE).unwrap();
        for known in &types {
            assert!(
                known
                    .documentation
                    .starts_with("https://docs.aws.amazon.com/")
            );
            assert!(of(&known.kind).is_some());
        }
    }
}
