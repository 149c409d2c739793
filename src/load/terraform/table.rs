//! The table of `rules/terraform.yaml`: what Terraform's resource types are to CloudFormation.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

const TABLE: &str = include_str!("../../../rules/terraform.yaml");

/// One resource type of the provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Type {
    /// As Terraform calls it.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// As CloudFormation calls it; none for what is only part of another resource.
    #[serde(rename = "is")]
    pub(super) cloudformation: Option<String>,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by tests only"))]
    documentation: String,
    /// Whether nothing has an ARN that begins with its own.
    #[serde(default)]
    pub(super) whole: bool,
    #[serde(default)]
    attributes: BTreeMap<String, Made>,
    #[serde(default)]
    rename: BTreeMap<String, Option<String>>,
    #[serde(default)]
    one: Vec<String>,
    #[serde(default)]
    verbatim: Vec<String>,
    #[serde(default)]
    each: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) json: Vec<String>,
    #[serde(default)]
    references: BTreeMap<String, String>,
    #[serde(default)]
    documents: Vec<String>,
    /// The resource that it belongs to.
    pub(super) of: Option<Belongs>,
    /// What it is there.
    pub(super) into: Option<Part>,
    /// An argument that is a resource of its own to CloudFormation.
    pub(super) split: Option<Split>,
}

/// What an attribute is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Made {
    /// The resource's name.
    Name,
    /// Its ARN.
    Arn,
    /// What AWS makes up.
    Generated,
}

/// The resource that another one belongs to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Belongs {
    /// The argument that names it.
    pub(super) argument: String,
    /// Its types.
    pub(super) types: Vec<String>,
    /// What the argument says when it is left out.
    pub(super) default: Option<String>,
    /// An argument that has to say the same in both.
    pub(super) beside: Option<String>,
}

/// What a resource is in another one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    /// The property of the other one.
    pub(super) property: String,
    /// The one argument that counts; else all do.
    pub(super) take: Option<String>,
    /// Whether it is one of several.
    #[serde(default)]
    pub(super) several: bool,
    /// What stands for it where the other one is not among the inputs.
    pub(super) otherwise: Option<Otherwise>,
}

/// A resource that stands for one that is not among the inputs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Otherwise {
    /// Its type as CloudFormation calls it.
    #[serde(rename = "is")]
    pub(super) cloudformation: String,
    /// The property that names it.
    pub(super) name: String,
}

/// An argument that CloudFormation declares as a resource of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Split {
    /// The argument.
    pub(super) argument: String,
    /// The type of that resource.
    #[serde(rename = "is")]
    pub(super) cloudformation: String,
    /// Its property that holds the value.
    pub(super) value: String,
    /// Its property that names the resource.
    pub(super) name: String,
    /// Whether by its ARN.
    #[serde(default)]
    pub(super) arn: bool,
    /// Whether in a list.
    #[serde(default)]
    pub(super) several: bool,
    /// The Terraform type that wins over the argument.
    pub(super) unless: String,
}

/// What an argument takes over from another resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Takes<'t> {
    /// The type of that resource, where the argument alone does not tell.
    pub(super) kind: Option<&'t str>,
    /// The attribute; `any` for the one that is written, `beginning` for an ARN that something may follow.
    pub(super) attribute: &'t str,
}

/// What becomes of an argument.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Property<'t> {
    /// It is no property.
    None,
    /// The property of this path.
    Path(std::borrow::Cow<'t, str>),
}

/// The type of this name, if the table has it.
pub(super) fn of(kind: &str) -> Option<&'static Type> {
    all().iter().find(|known| known.kind == kind)
}

fn all() -> &'static [Type] {
    static TYPES: OnceLock<Vec<Type>> = OnceLock::new();
    // The table is part of the program, and a test reads it.
    TYPES.get_or_init(|| serde_yaml::from_str(TABLE).unwrap_or_default())
}

/// What the provider adds to each resource, and no property says.
const BESIDE: &[&str] = &["id", "arn", "tags_all", "timeouts", "region"];

impl Type {
    /// What the argument of this path becomes.
    pub(super) fn property(&self, path: &str) -> Property<'_> {
        match self.rename.get(path) {
            Some(None) => return Property::None,
            Some(Some(property)) => return Property::Path(property.as_str().into()),
            None => {}
        }
        if BESIDE.contains(&path) {
            return Property::None;
        }
        let last = path.rsplit('.').next().unwrap_or(path);
        Property::Path(pascal(last).into())
    }

    /// The argument behind a property of the resource itself.
    pub(super) fn argument(&self, property: &str) -> String {
        let renamed = self
            .rename
            .iter()
            .find(|(_, target)| target.as_deref() == Some(property));
        renamed.map_or_else(|| snake(property), |(argument, _)| argument.clone())
    }

    /// What an attribute is made of, besides the arguments that it repeats.
    pub(super) fn attribute(&self, name: &str) -> Option<Made> {
        let made = self.attributes.get(name).copied();
        made.or_else(|| (name == "arn").then_some(Made::Arn))
    }

    /// Whether Terraform lists a block that can only stand once.
    pub(super) fn is_one(&self, path: &str) -> bool {
        self.one.iter().any(|known| known == path)
    }

    /// Whether the keys of a map are the user's own.
    pub(super) fn is_verbatim(&self, path: &str) -> bool {
        self.verbatim.iter().any(|known| known == path)
    }

    /// The member that each text of a list becomes.
    pub(super) fn member(&self, path: &str) -> Option<&str> {
        self.each.get(path).map(String::as_str)
    }

    /// What an argument takes over from another resource as a whole.
    pub(super) fn reference(&self, path: &str) -> Option<Takes<'_>> {
        let text = self.references.get(path)?;
        Some(match text.split_once('.') {
            Some((kind, attribute)) => Takes {
                kind: Some(kind),
                attribute,
            },
            None => Takes {
                kind: None,
                attribute: text,
            },
        })
    }

    /// Whether an argument holds a policy document.
    pub(super) fn is_document(&self, path: &str) -> bool {
        self.documents.iter().any(|known| known == path)
    }
}

/// `role_arn` → `RoleArn`.
pub(super) fn pascal(name: &str) -> String {
    let mut made = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut letters = word.chars();
        made.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        made.push_str(letters.as_str());
    }
    made
}

/// `RoleArn` → `role_arn`.
fn snake(name: &str) -> String {
    let mut made = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !made.is_empty() {
            made.push('_');
        }
        made.push(letter.to_ascii_lowercase());
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read() {
        let types: Vec<Type> = serde_yaml::from_str(TABLE).unwrap();
        assert!(!types.is_empty());
        for known in &types {
            let page = known.kind.strip_prefix("aws_").unwrap();
            let is_data = known.cloudformation.is_none() && known.into.is_none();
            let folder = if is_data { "data-sources" } else { "resources" };
            let address = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs";
            assert_eq!(known.documentation, format!("{address}/{folder}/{page}"));
            assert_eq!(is_data, known.kind == "aws_iam_policy_document");
            assert!(known.into.is_none() || known.of.is_some());
            for other in known.of.iter().flat_map(|of| &of.types) {
                assert!(of(other).is_some(), "{other} is not in the table");
            }
        }
    }

    #[test]
    fn names_go_there_and_back() {
        for (argument, property) in [("role_arn", "RoleArn"), ("name", "Name")] {
            assert_eq!(pascal(argument), property);
            assert_eq!(snake(property), argument);
        }
        let role = of("aws_iam_role").unwrap();
        assert_eq!(role.argument("RoleName"), "name");
        assert_eq!(role.argument("Path"), "path");
    }
}
