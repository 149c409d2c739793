//! Values of parameters that nobody may read: kept out of every excerpt, in the template and in files with parameters.

use std::collections::BTreeSet;

use super::Stack;
use crate::load::Input;
use crate::load::files::gather;
use crate::source::{Node, Origin, Sources};

/// What a parameter's name ends in that holds a secret, whether its template says `NoEcho` or not.
const NAMES: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "privatekey",
    "apikey",
];

/// Hides the defaults of secret parameters, the values they may have, and the values that stacks are given for them.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
pub(in crate::load) fn hide(sources: &mut Sources, stacks: &[Stack]) {
    let mut secret: Vec<Origin> = Vec::new();
    for stack in stacks {
        let template = sources.node(stack.template.root);
        let Some(parameters) = template.get("Parameters") else {
            continue;
        };
        for (name, _, parameter) in parameters.entries() {
            if is_no_echo(parameter) || named_like_one(name) {
                let members = ["Default", "AllowedValues"];
                let told = members.into_iter().filter_map(|key| parameter.get(key));
                secret.extend(told.map(Node::origin));
                let given = stack.parameters.get(name).map(|given| given.origin);
                secret.extend(given.filter(|origin| *origin != Origin::NOWHERE));
            }
        }
    }
    for origin in secret {
        sources.hide(origin);
    }
}

fn is_no_echo(parameter: Node<'_>) -> bool {
    let no_echo = parameter.get("NoEcho").and_then(Node::scalar);
    no_echo.is_some_and(|said| said.eq_ignore_ascii_case("true"))
}

/// Names of values that are not to be shown, among those that somebody gives for templates.
#[derive(Debug)]
pub struct Secrets {
    /// Parameters that a template says not to show.
    hidden: BTreeSet<String>,
    /// Some template cannot be read: any value may be one.
    all: bool,
}

impl Secrets {
    /// Those of the templates among some inputs.
    pub fn of(inputs: &[Input]) -> Self {
        let (texts, errors) = gather(inputs, None);
        let mut secrets = Self {
            hidden: BTreeSet::new(),
            all: !errors.is_empty(),
        };
        for text in texts {
            match text.read() {
                Ok(Some(bytes)) if may_say_so(&bytes) => secrets.add(&bytes),
                Ok(_) => {}
                Err(_) => secrets.all = true,
            }
        }
        secrets
    }

    fn add(&mut self, bytes: &[u8]) {
        let mut sources = Sources::new();
        let Ok(read) = sources.add_lenient("", bytes) else {
            self.all = true;
            return;
        };
        let roots = sources.roots(read);
        let parameters = roots.iter().filter_map(|root| root.get("Parameters"));
        let parameters = parameters.flat_map(Node::entries);
        let hidden = parameters.filter(|(_, _, parameter)| is_no_echo(*parameter));
        let hidden = hidden.map(|(name, ..)| name.to_owned());
        self.hidden.extend(hidden);
    }

    /// Whether the value of a name is not to be shown: a parameter, that of one stack, or what else `--assume` names.
    pub fn hide(&self, name: &str) -> bool {
        let own = name.rsplit(['.', ':', '/']).next().unwrap_or(name);
        self.all || self.hidden.contains(own) || named_like_one(own)
    }
}

/// Whether `NoEcho` may stand in some bytes; those of UTF-16 are not looked through.
fn may_say_so(bytes: &[u8]) -> bool {
    let word = b"NoEcho";
    bytes.windows(word.len()).any(|part| part == word)
        || bytes.starts_with(&[0xFF, 0xFE])
        || bytes.starts_with(&[0xFE, 0xFF])
}

/// Whether a name is one that secrets have.
pub(in crate::load) fn named_like_one(name: &str) -> bool {
    let name = name.replace(['_', '-'], "").to_ascii_lowercase();
    NAMES.iter().any(|ending| name.ends_with(ending))
}
