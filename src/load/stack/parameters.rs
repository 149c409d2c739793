//! Files with values for parameters, in the forms that the AWS CLI, SAM and CodePipeline read.
//!
//! In: a file that `--stack` or the configuration file names. Out: values with their places, and what the file tells of the
//! stack itself. No form of them can be told from any other map, so a file is one of parameters because somebody says so.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Supplied, sam};
use crate::load::fault::Fault;
use crate::load::{LoadError, StackInput, files};
use crate::source::{Kind, Node, Origin, Sources};

/// What a file tells about a stack.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// Values by parameter, in the order in which later ones win.
    pub(super) values: Vec<(String, Supplied)>,
    /// Parameters that keep the value they have had, which no file tells.
    pub(super) previous: Vec<(String, Origin)>,
    /// The stack's name.
    pub(super) stack: Option<String>,
    /// Its Region.
    pub(super) region: Option<String>,
}

/// What is wrong with a node of a file.
#[derive(Debug)]
pub(super) struct Place {
    origin: Origin,
    message: String,
}

impl Place {
    /// Something wrong with this node.
    pub(super) fn at(node: Node<'_>, message: impl Into<String>) -> Self {
        Self {
            origin: node.origin(),
            message: message.into(),
        }
    }
}

/// Whether a document among the files of a folder is plainly one of parameters, which nobody needs to hear of.
pub(in crate::load) fn recognise(document: Node<'_>) -> bool {
    let wrapped = || {
        let known = |(key, _, _): &(&str, Origin, Node<'_>)| {
            ["Parameters", "Tags", "StackPolicy"].contains(key)
        };
        let parameters = document.get("Parameters");
        parameters.is_some_and(|parameters| parameters.kind() == Kind::Map)
            && document.entries().iter().all(known)
    };
    document.get("ParameterKey").is_some() || wrapped() || sam::recognise(document)
}

/// Whether a text that is no JSON and no YAML is SAM's configuration.
pub(in crate::load) fn is_sam_configuration(path: &Path, bytes: &[u8]) -> bool {
    let mut sources = Sources::new();
    is_toml(path)
        && sources.add_toml("", bytes).is_ok_and(|source| {
            let roots = sources.roots(source);
            roots.iter().any(|root| sam::recognise(*root))
        })
}

/// The files that stacks take their parameters from, however they are named.
pub(in crate::load) fn named(stacks: &[&StackInput]) -> BTreeSet<PathBuf> {
    let files = stacks.iter().flat_map(|stack| &stack.parameter_files);
    files
        .filter_map(|file| fs::canonicalize(with_environment(file).0).ok())
        .collect()
}

fn is_toml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
}

/// The file, and the environment behind a colon: `samconfig.toml:prod`.
pub(super) fn with_environment(path: &Path) -> (PathBuf, Option<String>) {
    if !path.exists()
        && let Some((file, environment)) = path.to_string_lossy().rsplit_once(':')
        && !environment.is_empty()
        && !environment.contains(['/', '\\'])
        && file.len() > 1
    {
        return (PathBuf::from(file), Some(environment.to_owned()));
    }
    (path.to_owned(), None)
}

/// Reads a file.
pub(super) fn read(
    sources: &mut Sources,
    path: &Path,
    environment: Option<&str>,
) -> Result<Given, LoadError> {
    let name = files::name_of(path);
    let bytes = fs::read(path).map_err(|error| files::unreadable(&name, &error))?;
    let parsed = if is_toml(path) {
        sources.add_toml(&name, &bytes)
    } else {
        sources.add(&name, &bytes)
    };
    let source = parsed.map_err(|error| LoadError::syntax(&name, error))?;
    let document = sources.roots(source).first().map(|root| root.origin());
    let document = document.unwrap_or(Origin::NOWHERE);
    read_document(sources.node(document), environment).map_err(|Place { origin, message }| {
        let help = Some(
            "expected what `aws cloudformation deploy --parameter-overrides file://…` or `create-stack --parameters \
             file://…` reads, a template configuration of CodePipeline, or a `samconfig.toml`"
                .to_owned(),
        );
        let fault = Fault {
            origin,
            message,
            help,
        };
        LoadError::fault(sources, fault)
    })
}

fn read_document(document: Node<'_>, environment: Option<&str>) -> Result<Given, Place> {
    if sam::recognise(document) {
        return sam::read(document, environment);
    }
    if let Some(environment) = environment {
        let message =
            format!("only a `samconfig.toml` has environments, and `{environment}` is one");
        return Err(Place::at(document, message));
    }
    let mut given = Given::default();
    let inner = document.get("Parameters");
    let inner = inner.filter(|inner| matches!(inner.kind(), Kind::Map | Kind::List));
    if inner.is_some() {
        let name = document.get("StackName").and_then(Node::scalar);
        given.stack = name.map(str::to_owned);
    }
    let parameters = inner.unwrap_or(document);
    match parameters.kind() {
        Kind::Map => {
            for (name, _, node) in parameters.entries() {
                given.values.push((name.to_owned(), value(node)?));
            }
        }
        Kind::List => {
            for item in parameters.items() {
                read_item(item, &mut given)?;
            }
        }
        _ => {
            let message = "expected parameters: a map of values, or a list";
            return Err(Place::at(parameters, message));
        }
    }
    Ok(given)
}

fn read_item(item: Node<'_>, given: &mut Given) -> Result<(), Place> {
    if let Some((name, text)) = item.as_str().and_then(sam::pair) {
        let origin = item.origin();
        given.values.push((
            name,
            Supplied {
                value: text,
                origin,
            },
        ));
        return Ok(());
    }
    let Some(name) = item.get("ParameterKey").and_then(Node::scalar) else {
        let message = "expected a map with `ParameterKey` and `ParameterValue`, or `NAME=VALUE`";
        return Err(Place::at(item, message));
    };
    match (item.get("ParameterValue"), item.get("UsePreviousValue")) {
        (Some(node), _) => given.values.push((name.to_owned(), value(node)?)),
        (None, Some(previous)) if previous.scalar() == Some("true") => {
            given.previous.push((name.to_owned(), item.origin()));
        }
        _ => return Err(Place::at(item, "expected a `ParameterValue`")),
    }
    Ok(())
}

/// A value as CloudFormation takes it: numbers and booleans as written, lists joined by commas.
pub(super) fn value(node: Node<'_>) -> Result<Supplied, Place> {
    let text = match node.kind() {
        Kind::List => {
            let items = node.items();
            let texts: Option<Vec<&str>> = items.iter().map(|item| item.scalar()).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => node.scalar().map(str::to_owned),
    };
    match text {
        Some(value) => Ok(Supplied {
            value,
            origin: node.origin(),
        }),
        None => Err(Place::at(
            node,
            "expected a text, a number, a boolean or a list of them",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(name: &str, text: &str, environment: Option<&str>) -> Result<Given, Place> {
        let mut sources = Sources::new();
        let source = match name.ends_with(".toml") {
            true => sources.add_toml(name, text.as_bytes()),
            false => sources.add(name, text.as_bytes()),
        };
        let document = sources.roots(source.unwrap())[0];
        read_document(document, environment)
    }

    fn values(given: &Given) -> Vec<(&str, &str)> {
        let values = given.values.iter();
        values
            .map(|(name, supplied)| (name.as_str(), supplied.value.as_str()))
            .collect()
    }

    /// The forms as the documentation of each tool shows them, all with the same values.
    #[test]
    fn every_form_says_the_same() {
        for (name, text) in [
            (
                "aws.json",
                r#"[{"ParameterKey": "Account", "ParameterValue": "012345678901"},
                    {"ParameterKey": "On", "ParameterValue": "true"},
                    {"ParameterKey": "Subnets", "ParameterValue": "a,b"}]"#,
            ),
            (
                "aws.yaml",
                "- ParameterKey: Account\n  ParameterValue: 012345678901\n- ParameterKey: On\n  ParameterValue: true\n\
                 - ParameterKey: Subnets\n  ParameterValue: [a, b]\n",
            ),
            (
                "map.json",
                r#"{"Account": "012345678901", "On": true, "Subnets": ["a", "b"]}"#,
            ),
            (
                "map.yaml",
                "Account: 012345678901\nOn: true\nSubnets: a,b\n",
            ),
            (
                "codepipeline.json",
                r#"{"Parameters": {"Account": "012345678901", "On": "true", "Subnets": "a,b"}, "Tags": {"x": "y"}, "StackPolicy": {}}"#,
            ),
            (
                "rain.yaml",
                "Parameters:\n  Account: '012345678901'\n  On: true\n  Subnets: a,b\nTags:\n  x: y\n",
            ),
            (
                "pairs.json",
                r#"["Account=012345678901", "On=true", "Subnets=a,b"]"#,
            ),
            (
                "long.json",
                r#"["ParameterKey=Account,ParameterValue=012345678901", "On=true", "Subnets=a,b"]"#,
            ),
            (
                "samconfig.toml",
                "version = 0.1\n[default.deploy.parameters]\nparameter_overrides = \"Account=012345678901 On=\\\"true\\\" Subnets=a,b\"\n",
            ),
            (
                "list.toml",
                "version = 0.1\n[default.deploy.parameters]\nparameter_overrides = ['Account=012345678901', \"On=true\", \"Subnets=a,b\"]\n",
            ),
            (
                "map.toml",
                "version = 0.1\n[default.deploy.parameters.parameter_overrides]\nAccount = \"012345678901\"\nOn = true\nSubnets = [\"a\", \"b\"]\n",
            ),
            (
                "samconfig.yaml",
                "version: 0.1\ndefault:\n  deploy:\n    parameters:\n      parameter_overrides:\n        - Account=012345678901\n        - On=true Subnets=a,b\n",
            ),
        ] {
            let given = read_text(name, text, None).unwrap();
            let expected = [
                ("Account", "012345678901"),
                ("On", "true"),
                ("Subnets", "a,b"),
            ];
            assert_eq!(values(&given), expected, "{name}");
        }
    }

    #[test]
    fn values_have_their_places() {
        let mut sources = Sources::new();
        let text = "version = 0.1\n\n[prod.deploy.parameters]\nstack_name = \"tools\"\nregion = 'eu-west-1'\n\
                    parameter_overrides = { Account = \"111111111111\" }\n";
        let source = sources.add_toml("samconfig.toml", text.as_bytes()).unwrap();
        let given = read_document(sources.roots(source)[0], Some("prod")).unwrap();
        assert_eq!(given.stack.as_deref(), Some("tools"));
        assert_eq!(given.region.as_deref(), Some("eu-west-1"));
        let place = sources.place(given.values[0].1.origin);
        assert_eq!((place.start.line, place.start.column), (6, 35));
        assert_eq!(text.get(place.span), Some("\"111111111111\""));
        assert_eq!(
            place.path,
            "prod.deploy.parameters.parameter_overrides.Account"
        );
    }

    #[test]
    fn of_a_sam_configuration_one_environment_counts_and_what_deploy_says() {
        let text = "version = 0.1\n[default.global.parameters]\nstack_name = \"shop\"\nparameter_overrides = \"A=1 B=1\"\n\
                    [default.deploy.parameters]\nparameter_overrides = \"B=2\"\n\
                    [default.build.parameters]\nparameter_overrides = \"C=3\"\n[prod.deploy.parameters]\nregion = \"eu-west-1\"\n";
        let given = read_text("samconfig.toml", text, None).unwrap();
        assert_eq!(values(&given), [("A", "1"), ("B", "1"), ("B", "2")]);
        assert_eq!(given.stack.as_deref(), Some("shop"));
        let given = read_text("samconfig.toml", text, Some("prod")).unwrap();
        assert_eq!(values(&given), []);
        let error = read_text("samconfig.toml", text, Some("test")).unwrap_err();
        let message = "there is no environment `test`: expected one of `default`, `prod`";
        assert_eq!(error.message, message);
    }

    #[test]
    fn a_value_that_stays_is_not_the_default() {
        let text = r#"[{"ParameterKey": "A", "UsePreviousValue": true}, {"ParameterKey": "B", "ParameterValue": ""}]"#;
        let given = read_text("aws.json", text, None).unwrap();
        assert_eq!(values(&given), [("B", "")]);
        assert_eq!(given.previous[0].0, "A");
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for (text, message) in [
            (
                r#"{"A": {"Fn::GetArtifactAtt": ["a", "b"]}}"#,
                "expected a text, a number, a boolean or a list of them",
            ),
            (
                r#"{"A": null}"#,
                "expected a text, a number, a boolean or a list of them",
            ),
            (r#"[{"ParameterKey": "A"}]"#, "expected a `ParameterValue`"),
            (
                r#"[{"A": "b"}]"#,
                "expected a map with `ParameterKey` and `ParameterValue`, or `NAME=VALUE`",
            ),
            (
                r#"["A"]"#,
                "expected a map with `ParameterKey` and `ParameterValue`, or `NAME=VALUE`",
            ),
            (
                "just text",
                "expected parameters: a map of values, or a list",
            ),
        ] {
            assert_eq!(
                read_text("x", text, None).unwrap_err().message,
                message,
                "{text}"
            );
        }
        let error = read_text("x.json", r#"{"A": "b"}"#, Some("prod")).unwrap_err();
        assert!(
            error
                .message
                .contains("only a `samconfig.toml` has environments")
        );
    }
}
