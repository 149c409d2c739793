//! Values of parameters that nobody may read: kept out of every excerpt, in the template and in files with parameters.

use super::Stack;
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
            let no_echo = parameter.get("NoEcho").and_then(Node::scalar);
            let no_echo = no_echo.is_some_and(|said| said.eq_ignore_ascii_case("true"));
            if no_echo || named_like_one(name) {
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

/// Whether a name is one that secrets have.
pub(in crate::load) fn named_like_one(name: &str) -> bool {
    let name = name.replace(['_', '-'], "").to_ascii_lowercase();
    NAMES.iter().any(|ending| name.ends_with(ending))
}
