//! Texts that nobody here reads, but of which it is plain what they are and what makes an input of them.

use std::path::Path;

use super::Warning;
use crate::source::{SourceId, Sources};

/// What to do about Terraform's source.
pub(super) const TERRAFORM: &str = "Terraform's source is not read, its plan is: \
    `terraform plan -out plan && terraform show -json plan > plan.json`";

/// What to do with values for parameters.
pub(super) const PARAMETERS: &str =
    "it holds values for the parameters of a template: `--stack TEMPLATE,parameters=FILE`";

/// What to do about text with places to be filled in.
const RENDER: &str = "it is a template of another tool (Jinja, cookiecutter, Go): fill it in first, and give the outcome";

/// What to do about a text that cannot be read, where that is plain.
pub(super) fn advice(path: &Path, bytes: &[u8]) -> Option<String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.ends_with(".tf") || name.ends_with(".tf.json") {
        return Some(TERRAFORM.to_owned());
    }
    let text = std::str::from_utf8(bytes).ok()?;
    first_place(text).map(|_| RENDER.to_owned())
}

/// A warning about a template that another tool was to fill in, and that happens to be YAML all the same.
pub(super) fn templated(sources: &Sources, source: SourceId) -> Option<Warning> {
    let place = first_place(sources.text(source))?;
    let root = sources.roots(source).first()?.origin();
    Some(Warning {
        message: format!(
            "`{}` has places that another tool was to fill in, such as `{place}`; they are taken as they stand",
            sources.name(source)
        ),
        help: Some(RENDER.to_owned()),
        origins: vec![root],
    })
}

/// The first `{% … %}`, or `{{ name }}`. CloudFormation's own `{{resolve:…}}` is none, nor are the doubled braces of code
/// within a template: a name, with dots and filters at most, has to stand between them.
fn first_place(text: &str) -> Option<&str> {
    text.match_indices('{').find_map(|(at, _)| {
        let rest = text.get(at..)?;
        let (close, plain) = match rest.get(..2)? {
            "{%" => ("%}", false),
            "{{" => ("}}", true),
            _ => return None,
        };
        let line = rest.lines().next()?;
        let end = line.find(close)?;
        let inside = line.get(2..end)?.trim_matches(['-', ' ']);
        let letter = |letter: char| letter.is_alphanumeric() || "_.|- ".contains(letter);
        let named =
            inside.starts_with(|first: char| first.is_alphabetic() || ".$_".contains(first));
        (named && (!plain || inside.chars().skip(1).all(letter)))
            .then(|| line.get(..end + 2))
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::first_place;

    #[test]
    fn places_to_be_filled_in_are_told_from_braces() {
        for (text, place) in [
            (
                "RoleName: {{ cookiecutter.name }}",
                Some("{{ cookiecutter.name }}"),
            ),
            ("a\n{%- if x %}\n", Some("{%- if x %}")),
            ("x: {{.Values.account}}", Some("{{.Values.account}}")),
            ("x: '{{name|lower}}'", Some("{{name|lower}}")),
            ("x: '{{resolve:ssm:/a/b}}'", None),
            ("x: {{a: 1}}", None),
            ("print('{{}}'.format(1))", None),
            ("x: {a: {b: c}}", None),
            ("{{ name\n}}", None),
            ("{", None),
        ] {
            assert_eq!(first_place(text), place, "{text}");
        }
    }
}
