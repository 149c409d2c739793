//! Parameters and pseudo parameters.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>

use std::collections::BTreeSet;

use super::Evaluation;
use super::index::Slot;
use super::scope::{Place, Scope};
use super::shape::plain_text;
use crate::graph::{Symbol, has_symbol};
use crate::load::declared::types;
use crate::load::fault::nearest;
use crate::source::{Made, MadeValue, Node, Origin};

/// A parameter of a stack, taken to have another value.
pub(super) struct Overriding {
    pub(super) stack: usize,
    pub(super) name: String,
    pub(super) value: String,
}

/// The type of a parameter whose value is the name of a parameter of Parameter Store.
const STORED: &str = "AWS::SSM::Parameter::Value<";

impl<'s> Evaluation<'s> {
    /// The value of a parameter; its `also` is where it is written.
    pub(super) fn parameter(&mut self, name: &str, stack: usize) -> Option<Made> {
        let live = self.stacks.get_mut(stack)?;
        let node = *live.parameters.get(name)?;
        let secret = node.get("NoEcho").and_then(Node::scalar);
        let secret = secret.is_some_and(|said| said.eq_ignore_ascii_case("true"));
        let revealed = secret && self.revealing > 0;
        if !revealed {
            match live.memo.parameters.get(name) {
                Some(Slot::Done(made)) => return Some(made.clone()),
                Some(Slot::Working) => return Some(self.open_parameter(name, node, stack)),
                None => {}
            }
            let working = Slot::Working;
            live.memo.parameters.insert(name.to_owned(), working);
        }
        let made = if secret && !revealed {
            self.secret_parameter(name, node, stack)
        } else {
            self.parameter_value(name, node, stack)
        };
        if !revealed && let Some(live) = self.stacks.get_mut(stack) {
            let done = Slot::Done(made.clone());
            live.memo.parameters.insert(name.to_owned(), done);
        }
        Some(made)
    }

    fn parameter_value(&mut self, name: &str, node: Node<'s>, stack: usize) -> Made {
        let kind = node.get("Type").and_then(Node::scalar).unwrap_or_default();
        let Some(given) = self.given(name, node, stack) else {
            return self.open_parameter(name, node, stack);
        };
        let Some(text) = plain_text(&given) else {
            return self.open_parameter(name, node, stack);
        };
        if let MadeValue::List(_) = given.value {
            return given;
        }
        let place = Place {
            at: given.at,
            also: given.also,
        };
        if kind.starts_with(STORED) {
            let is_list = kind.contains("List<") || kind.contains("CommaDelimitedList");
            return self.stored_parameter(&text, is_list, place, stack);
        }
        if kind != "CommaDelimitedList" && !kind.starts_with("List<") {
            return self.text(text, place, Scope::of(stack));
        }
        // A whole list that is not known.
        if has_symbol(&text) && text.chars().count() == 1 {
            return place.text(text);
        }
        listed(&text, place)
    }

    /// What the parameter store holds under the name that is the parameter's value.
    fn stored_parameter(&mut self, path: &str, is_list: bool, place: Place, stack: usize) -> Made {
        let value = self.stored(path, place, Scope::of(stack));
        if is_list && !has_symbol(&value) {
            return listed(&value, place);
        }
        place.text(value)
    }

    /// The value that a parameter is given, by whoever has the last word.
    fn given(&mut self, name: &str, node: Node<'s>, stack: usize) -> Option<Made> {
        if let Some(overriding) = &self.overriding
            && overriding.stack == stack
            && overriding.name == name
        {
            return Some(Made::text(overriding.value.clone(), node.origin()));
        }
        if let Some(value) = self.assumed(name, stack) {
            let made = Made::text(value, node.origin());
            return Some(self.output_told(made, stack));
        }
        let live = self.stacks.get(stack)?;
        if let Some((parent, entry)) = live.parent.clone() {
            let given = entry
                .properties
                .and_then(|properties| properties.get("Parameters"))
                .and_then(|parameters| parameters.get(name));
            let scope = Scope {
                bound: &entry.bound,
                ..Scope::of(parent)
            };
            if let Some(made) = given.and_then(|given| self.value(given, scope)) {
                let also = made.also.or(Some(made.at));
                return Some(Made { also, ..made });
            }
        } else if let Some(supplied) = live.stack.parameters.get(name) {
            let also = (supplied.origin != Origin::NOWHERE).then_some(supplied.origin);
            let made = Made {
                also,
                ..Made::text(supplied.value.clone(), node.origin())
            };
            return Some(self.output_told(made, stack));
        }
        let default = node.get("Default").filter(|default| !default.is_null())?;
        let made = self.sources.copy(default.origin());
        let text = plain_text(&made)?;
        Some(Made {
            also: Some(default.origin()),
            ..Made::text(text, node.origin())
        })
    }

    /// What `--assume` says of a parameter: `Name` of any stack, `STACK.Name` of one; the later one counts.
    fn assumed(&self, name: &str, stack: usize) -> Option<String> {
        let live = self.stacks.get(stack)?;
        let file = &live.stack.template.path;
        let known = [
            live.stack.title.as_str(),
            live.stack.home.stack.as_str(),
            live.stack.template.file.as_str(),
            file.file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default(),
            file.file_stem()
                .and_then(|name| name.to_str())
                .unwrap_or_default(),
        ];
        let is_it = |written: &str| {
            written == name
                || written
                    .strip_suffix(name)
                    .and_then(|rest| rest.strip_suffix('.'))
                    .is_some_and(|of| known.contains(&of))
        };
        let mut assumed = self.settings.assumed.iter().rev();
        let found = assumed.find(|(written, _)| is_it(written));
        found.map(|(_, value)| value.clone())
    }

    /// A parameter that nobody gave a value.
    fn open_parameter(&mut self, name: &str, node: Node<'s>, stack: usize) -> Made {
        let title = self.title(stack);
        let key = format!("parameter {} {name}", self.label(stack));
        let text = self.unknown(&key, || Symbol {
            name: name.to_owned(),
            what: format!("the parameter `{name}` of `{title}`"),
            supply: format!("add `--assume {name}=VALUE`, or a parameters file to `--stack`"),
            origin: node.origin(),
        });
        Made::text(text, node.origin())
    }

    /// A parameter whose value must not be shown.
    fn secret_parameter(&mut self, name: &str, node: Node<'s>, stack: usize) -> Made {
        let title = self.title(stack);
        let key = format!("parameter {} {name}", self.label(stack));
        let text = self.unknown(&key, || Symbol {
            name: name.to_owned(),
            what: format!("the secret parameter `{name}` of `{title}`"),
            supply: String::new(),
            origin: node.origin(),
        });
        Made::text(text, node.origin())
    }

    /// A pseudo parameter.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html>
    pub(super) fn pseudo(&mut self, name: &str, place: Place, scope: Scope<'_>) -> Pseudo {
        let Some(live) = self.stacks.get(scope.stack) else {
            return Pseudo::None;
        };
        let home = live.stack.home.clone();
        let root = live.stack.template.root;
        let text = match name {
            "AWS::NoValue" => return Pseudo::NoValue,
            "AWS::AccountId" => home.account,
            "AWS::Region" => home.region,
            "AWS::Partition" => home.partition,
            "AWS::URLSuffix" if home.partition == "aws-cn" => "amazonaws.com.cn".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => home.stack,
            "AWS::StackId" => {
                let named = types::Named {
                    home: &home,
                    logical_id: "AWS::StackId",
                    origin: root,
                };
                let id = types::generated(self.symbols, &named, "id");
                format!(
                    "arn:{}:cloudformation:{}:{}:stack/{}/{id}",
                    home.partition, home.region, home.account, home.stack
                )
            }
            "AWS::NotificationARNs" => {
                let key = format!("notifications {}", self.label(scope.stack));
                let title = self.title(scope.stack);
                self.unknown(&key, || Symbol {
                    name: "AWS::NotificationARNs".to_owned(),
                    what: format!("the notification topics of the stack of `{title}`"),
                    supply: String::new(),
                    origin: root,
                })
            }
            _ => return Pseudo::None,
        };
        Pseudo::Value(place.text(text))
    }

    /// Names assumptions about parameters that no template has.
    pub(super) fn check_assumed(&mut self) {
        let known: BTreeSet<&str> = self
            .stacks
            .iter()
            .flat_map(|live| live.parameter_names.iter().copied())
            .collect();
        let known: Vec<&str> = known.into_iter().collect();
        if self.stacks.is_empty() {
            return;
        }
        for (name, _) in &self.settings.assumed {
            let bare = name.rsplit('.').next().unwrap_or_default();
            let is_path = name.starts_with("ssm:") || name.starts_with("import:");
            if is_path || known.contains(&bare) {
                continue;
            }
            let message = format!("`{name}` is assumed, but no template has that parameter");
            let help = nearest(bare, &known);
            self.warn(message, help, Vec::new());
        }
    }
}

/// What a pseudo parameter comes to.
pub(super) enum Pseudo {
    Value(Made),
    NoValue,
    /// There is none of that name.
    None,
}

/// A list that is written with commas; each member is trimmed.
fn listed(text: &str, place: Place) -> Made {
    let items = text.split(',').map(|item| place.text(item.trim()));
    place.made(MadeValue::List(items.collect()))
}
