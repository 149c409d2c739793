//! `samconfig.toml`: what `sam deploy` is told about a stack.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html>

use super::Supplied;
use super::parameters::{Given, Place, value};
use crate::source::{Kind, Node, Origin};

/// The environment that counts when none is named.
const DEFAULT: &str = "default";

/// The commands whose parameters describe what is deployed, in the order in which later ones win.
const COMMANDS: [&str; 2] = ["global", "deploy"];

/// Whether a document is SAM's configuration: a version, and environments with parameters of commands.
pub(super) fn recognise(document: Node<'_>) -> bool {
    let has_parameters = |command: &(&str, Origin, Node<'_>)| {
        let parameters = command.2.get("parameters");
        parameters.is_some_and(|parameters| parameters.kind() == Kind::Map)
    };
    let environments = document.entries();
    let mut commands = environments
        .iter()
        .flat_map(|(_, _, environment)| environment.entries());
    document.get("version").is_some() && commands.any(|command| has_parameters(&command))
}

/// Reads the environment of this name.
pub(super) fn read(document: Node<'_>, name: Option<&str>) -> Result<Given, Place> {
    let name = name.unwrap_or(DEFAULT);
    let Some(environment) = document.get(name) else {
        let known: Vec<String> = document
            .entries()
            .iter()
            .filter(|(_, _, environment)| environment.kind() == Kind::Map)
            .map(|(name, _, _)| format!("`{name}`"))
            .collect();
        let message = format!(
            "there is no environment `{name}`: expected one of {}",
            known.join(", ")
        );
        return Err(Place::at(document, message));
    };
    let mut given = Given::default();
    let parameters = COMMANDS
        .iter()
        .filter_map(|command| environment.get(command)?.get("parameters"));
    for parameters in parameters {
        let text = |key: &str| parameters.get(key).and_then(Node::scalar);
        given.stack = text("stack_name").map(str::to_owned).or(given.stack);
        given.region = text("region").map(str::to_owned).or(given.region);
        let Some(overrides) = parameters.get("parameter_overrides") else {
            continue;
        };
        given.values.extend(read_overrides(overrides)?);
    }
    Ok(given)
}

fn read_overrides(overrides: Node<'_>) -> Result<Vec<(String, Supplied)>, Place> {
    match overrides.kind() {
        Kind::Map => {
            let members = overrides.entries();
            let values = members
                .into_iter()
                .map(|(name, _, node)| Ok((name.to_owned(), value(node)?)));
            values.collect()
        }
        Kind::List => {
            let mut values = Vec::new();
            for item in overrides.items() {
                values.extend(read_overrides(item)?);
            }
            Ok(values)
        }
        _ => {
            let origin = overrides.origin();
            let text = overrides.scalar().unwrap_or_default();
            let values = words(text).into_iter().map(|word| {
                let (name, value) = pair(&word)?;
                Some((name, Supplied { value, origin }))
            });
            let values: Option<Vec<_>> = values.collect();
            values.ok_or_else(|| {
                Place::at(
                    overrides,
                    "expected `NAME=VALUE`, several with blanks between them",
                )
            })
        }
    }
}

/// `Name=Value`, or `ParameterKey=Name,ParameterValue=Value`.
pub(super) fn pair(word: &str) -> Option<(String, String)> {
    let long = word
        .strip_prefix("ParameterKey=")
        .and_then(|rest| rest.split_once(",ParameterValue="));
    let (name, value) = long.or_else(|| word.split_once('='))?;
    (!name.is_empty()).then(|| (name.to_owned(), value.to_owned()))
}

/// The words of a text as a shell parts them: at blanks outside of quotes, a backslash taking what follows as it is.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', None | Some('"')) => {
                let next = characters.next().unwrap_or('\\');
                word.get_or_insert_default().push(next);
            }
            ('"' | '\'', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (_, Some(open)) if open == character => quote = None,
            (_, None) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::{pair, words};

    #[test]
    fn overrides_are_parted_as_a_shell_would() {
        let table = [
            ("A=1 B=2", vec!["A=1", "B=2"]),
            ("  A=\"two words\"\n\tB='x y'", vec!["A=two words", "B=x y"]),
            (r#"A="say \"hi\"" B=a\ b"#, vec![r#"A=say "hi""#, "B=a b"]),
            ("A=\"\"", vec!["A="]),
            ("A=b\\", vec!["A=b\\"]),
            ("", vec![]),
        ];
        for (text, expected) in table {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn a_pair_has_a_name() {
        let owned = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(pair("A=b=c"), owned("A", "b=c"));
        assert_eq!(pair("ParameterKey=A,ParameterValue=b,c"), owned("A", "b,c"));
        assert_eq!(pair("A="), owned("A", ""));
        assert_eq!(pair("A"), None);
        assert_eq!(pair("=a"), None);
    }
}
