//! Texts with holes: `arn:${partition}:codebuild:${region}:${account}:project/${configuration.ProjectName}`.
//!
//! Parsed once into parts; which variables exist and what they stand for is decided by whoever fills them in.

use std::fmt;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that stays as it is.
    Text(String),
    /// A hole.
    Variable(Variable),
}

/// A hole: `${name}`, `${name.member}`, `${configuration.Key|default}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable {
    /// What stands before the first dot: `configuration`, `project`, `region`.
    pub name: String,
    /// All behind the first dot: `ProjectName`, `ecsServices[0].clusterName`.
    pub member: Option<String>,
    /// The text to use where the configuration lacks the key; only configuration keys have one.
    pub default: Option<String>,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A hole without its end.
    #[error("`${{{0}` is never closed with a brace")]
    Unclosed(String),
    /// A hole whose name is none.
    #[error(
        "`${{{0}}}` is no variable: it is a name of letters, digits and hyphens, then members after dots"
    )]
    Name(String),
    /// A default for something that is not a configuration key.
    #[error("`${{{0}}}` has a default, which only a configuration key can have")]
    Default(String),
}

impl Template {
    /// Reads a template; text without `${` is one too.
    ///
    /// # Errors
    /// A hole that is not closed, has no proper name, or has a default without being a configuration key.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (inside, after) = behind
                .split_once('}')
                .ok_or_else(|| TemplateError::Unclosed(behind.to_owned()))?;
            parts.push(Part::Variable(Variable::parse(inside)?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The pieces in their order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The holes in their order.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(variable),
            Part::Text(_) => None,
        })
    }
}

impl Variable {
    fn parse(inside: &str) -> Result<Self, TemplateError> {
        let (path, default) = match inside.split_once('|') {
            Some((path, default)) => (path, Some(default.to_owned())),
            None => (inside, None),
        };
        let (name, member) = match path.split_once('.') {
            Some((name, member)) => (name, Some(member)),
            None => (path, None),
        };
        if !is_name(name) || member.is_some_and(|member| !is_path(member)) {
            return Err(TemplateError::Name(inside.to_owned()));
        }
        if default.is_some() && (name != "configuration" || member.is_none()) {
            return Err(TemplateError::Default(inside.to_owned()));
        }
        Ok(Self {
            name: name.to_owned(),
            member: member.map(str::to_owned),
            default,
        })
    }
}

/// The variable as it is written, without `${` and `}`.
impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(member) = &self.member {
            write!(f, ".{member}")?;
        }
        if let Some(default) = &self.default {
            write!(f, "|{default}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Variable(variable) => write!(f, "${{{variable}}}"),
        })
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Members are named as AWS names them, with indices as the graph writes them: `ecsServices[0].serviceName`.
fn is_path(text: &str) -> bool {
    text.split('.').all(|segment| {
        !segment.is_empty()
            && segment
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '[' | ']'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str, member: Option<&str>, default: Option<&str>) -> Part {
        Part::Variable(Variable {
            name: name.to_owned(),
            member: member.map(str::to_owned),
            default: default.map(str::to_owned),
        })
    }

    #[test]
    fn splits_text_and_holes() {
        let template = Template::parse("a/${region}:${configuration.ImageTag|latest}${x-y.b[0].c}");
        let expected = [
            Part::Text("a/".to_owned()),
            variable("region", None, None),
            Part::Text(":".to_owned()),
            variable("configuration", Some("ImageTag"), Some("latest")),
            variable("x-y", Some("b[0].c"), None),
        ];
        assert_eq!(template.unwrap().parts(), expected);
    }

    #[test]
    fn writes_what_it_read() {
        for text in [
            "",
            "*",
            "$5 {a}",
            "${a}",
            "${configuration.A|b.c|d}/${e.F.g}",
        ] {
            assert_eq!(Template::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_empty_default_is_a_default() {
        let template = Template::parse("${configuration.A|}").unwrap();
        assert_eq!(
            template.parts(),
            [variable("configuration", Some("A"), Some(""))]
        );
    }

    #[test]
    fn refuses_what_is_no_hole() {
        let unclosed = Template::parse("a${b").unwrap_err();
        assert_eq!(unclosed.to_string(), "`${b` is never closed with a brace");
        for text in [
            "${}",
            "${.a}",
            "${a.}",
            "${a..b}",
            "${A}",
            "${a b}",
            "${a.${b}}",
        ] {
            assert!(
                matches!(Template::parse(text), Err(TemplateError::Name(_))),
                "{text}"
            );
        }
        for text in ["${region|x}", "${configuration|x}", "${project.arn|x}"] {
            assert!(
                matches!(Template::parse(text), Err(TemplateError::Default(_))),
                "{text}"
            );
        }
    }
}
