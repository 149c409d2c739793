//! The functions that make values of values.

use super::Evaluation;
use super::call::Call;
use super::scope::{Place, Scope};
use super::shape::{json, plain_text, relocated};
use super::statements::Chosen;
use crate::graph::{Symbol, has_symbol, symbols_in};
use crate::source::{Made, MadeValue, Node};

impl<'s> Evaluation<'s> {
    /// What a function comes to; `None` for `AWS::NoValue`.
    pub(super) fn call(&mut self, call: &Call<'s>, scope: Scope<'_>) -> Option<Made> {
        let place = scope.place(call.node);
        match call.name {
            "Ref" => self.reference(call, place, scope),
            "GetAtt" => self.get_att(call, place, scope),
            "Sub" => Some(self.sub(call, place, scope)),
            "If" => match self.choose(call, scope) {
                Chosen::One(one) => one,
                Chosen::Many(several) => Some(place.made(MadeValue::List(several))),
            },
            "Join" => Some(self.join(call, place, scope)),
            "Split" => Some(self.split(call, place, scope)),
            "Select" => self.select(call, place, scope),
            "FindInMap" => self.find_in_map(call, place, scope),
            "ImportValue" => Some(self.import(call, place, scope)),
            "Length" => Some(self.length(call, place, scope)),
            "ToJsonString" => Some(self.json_string(call, place, scope)),
            // Nothing that is encoded carries a permission, and text can be read.
            "Base64" => self.argument(call, scope).map(|made| Made {
                at: place.at,
                ..made
            }),
            "GetAZs" => Some(self.zones(call, place, scope)),
            "Cidr" => Some(self.opaque("Fn::Cidr", place, scope)),
            "Transform" => {
                self.warn_of_macro(call.argument, scope);
                Some(self.opaque("Fn::Transform", place, scope))
            }
            "Equals" | "And" | "Or" | "Not" | "Condition" => {
                let verdict = self.truth(call.node, scope);
                match verdict.truth {
                    Some(truth) => Some(place.text(if truth { "true" } else { "false" })),
                    None => Some(self.opaque(&call.shown(), place, scope)),
                }
            }
            unknown => {
                let shown = format!("Fn::{}", beginning(unknown));
                let message = format!(
                    "the function `{shown}` of `{}` is not known; what it comes to is left open",
                    self.title(scope.stack)
                );
                self.warn_once(message, None, call.node.origin());
                Some(self.opaque(&shown, place, scope))
            }
        }
    }

    /// A function with arguments that it cannot have.
    pub(super) fn misused(&mut self, call: &Call<'s>, place: Place, scope: Scope<'_>) -> Made {
        let message = format!(
            "`{}` in `{}` is given what it cannot be given; what it comes to is left open",
            call.shown(),
            self.title(scope.stack)
        );
        self.warn(message, None, vec![call.node.origin()]);
        self.opaque(&call.shown(), place, scope)
    }

    /// Names a macro whose work nobody sees.
    pub(super) fn warn_of_macro(&mut self, argument: Node<'s>, scope: Scope<'_>) {
        let name = argument.get("Name").and_then(Node::scalar);
        let message = format!(
            "what the macro `{}` does to `{}` is not known; what it makes is left open",
            name.unwrap_or("Fn::Transform"),
            self.title(scope.stack)
        );
        self.warn_once(message, None, argument.origin());
    }

    /// A function that hangs on unknown values: the same values give the same symbol, called after what is not known.
    pub(super) fn hanging(
        &mut self,
        call: &Call<'s>,
        given: &str,
        place: Place,
        scope: Scope<'_>,
    ) -> Made {
        let mut because: Vec<char> = Vec::new();
        for symbol in symbols_in(given) {
            let behind = self.behind.get(&symbol).cloned();
            let behind = behind.unwrap_or_else(|| vec![symbol]);
            let new = behind.into_iter().filter(|one| !because.contains(one));
            because.extend(new.collect::<Vec<_>>());
        }
        let supply = self.supply(&because);
        let known: Vec<_> = because
            .iter()
            .filter_map(|one| self.symbols.get(*one))
            .collect();
        let names: Vec<&str> = known.iter().map(|symbol| symbol.name.as_str()).collect();
        let whats: Vec<&str> = known.iter().map(|symbol| symbol.what.as_str()).collect();
        let shown = call.shown();
        let name = format!("{shown} of {}", names.join(", "));
        let what = format!("what `{shown}` makes of {}", whats.join(" and "));
        let key = format!("{shown} {} {given}", self.label(scope.stack));
        let symbol = self.symbols.unknown(&key, || Symbol {
            name,
            what,
            supply,
            origin: place.at,
        });
        self.behind.insert(symbol, because);
        place.text(symbol)
    }

    fn find_in_map(&mut self, call: &Call<'s>, place: Place, scope: Scope<'_>) -> Option<Made> {
        let arguments = call.arguments();
        let [map, top, second, rest @ ..] = arguments.as_slice() else {
            return Some(self.misused(call, place, scope));
        };
        let map = self.scalar(*map, scope).unwrap_or_default();
        let top = self.scalar(*top, scope).unwrap_or_default();
        let second = self.scalar(*second, scope).unwrap_or_default();
        let given = format!("{map} {top} {second}");
        if has_symbol(&given) {
            return Some(self.hanging(call, &given, place, scope));
        }
        let found = self
            .stacks
            .get(scope.stack)
            .and_then(|live| {
                live.mappings
                    .get(map.as_str())?
                    .get(top.as_str())?
                    .get(second.as_str())
            })
            .copied();
        if let Some(node) = found {
            let made = self.value(node, Scope::of(scope.stack))?;
            let also = made.also.or(Some(made.at));
            return Some(relocated(made, place.from(also)));
        }
        if let Some(default) = rest.first().and_then(|rest| rest.get("DefaultValue")) {
            let made = self.value(default, scope)?;
            return Some(Made {
                at: place.at,
                ..made
            });
        }
        let message = format!(
            "`Mappings` of `{}` has no `{}`",
            self.title(scope.stack),
            given.replace(' ', ".")
        );
        self.warn(message, None, vec![call.node.origin()]);
        Some(self.opaque("Fn::FindInMap", place, scope))
    }

    fn json_string(&mut self, call: &Call<'s>, place: Place, scope: Scope<'_>) -> Made {
        let made = self.argument(call, scope);
        match made {
            Some(made) => {
                let text = json(&made).to_string();
                self.built(text, place, scope)
            }
            None => self.misused(call, place, scope),
        }
    }

    fn zones(&mut self, call: &Call<'s>, place: Place, scope: Scope<'_>) -> Made {
        let region = self.argument(call, scope);
        let region = region.as_ref().and_then(Made::scalar).unwrap_or_default();
        let home = self.stacks.get(scope.stack).map(|live| &live.stack.home);
        let region = match (region, home) {
            ("", Some(home)) => home.region.clone(),
            (region, _) => region.to_owned(),
        };
        let account = home.map(|home| home.account.clone()).unwrap_or_default();
        let shown = self.symbols.shown(&region).into_owned();
        let text = self.unknown(&format!("zones {account} {region}"), || Symbol {
            name: format!("zones of {shown}"),
            what: format!("the Availability Zones of `{shown}`"),
            supply: String::new(),
            origin: place.at,
        });
        place.text(text)
    }

    /// The text that an argument comes to.
    pub(super) fn scalar(&mut self, node: Node<'s>, scope: Scope<'_>) -> Option<String> {
        let made = self.value(node, scope)?;
        plain_text(&made)
    }

    /// What a user does to supply what is missing.
    pub(super) fn supply(&self, because: &[char]) -> String {
        let mut supplies: Vec<&str> = Vec::new();
        for symbol in because {
            let supply = self
                .symbols
                .get(*symbol)
                .map(|symbol| symbol.supply.as_str());
            if let Some(supply) = supply.filter(|supply| !supply.is_empty())
                && !supplies.contains(&supply)
            {
                supplies.push(supply);
            }
        }
        supplies.join(", and ")
    }
}

/// What an unknown function is called begins so. All of it is not told: `!abc` without quotes may be a password.
fn beginning(name: &str) -> String {
    const LONGEST: usize = 6;
    let mut letters = name.chars();
    let begin: String = letters.by_ref().take(LONGEST).collect();
    match letters.next() {
        Some(_) => begin + "…",
        None => begin,
    }
}
