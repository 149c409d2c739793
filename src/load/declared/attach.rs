//! Which policies stacks put to which roles, users and groups, wherever each is declared.

use std::collections::BTreeMap;

use super::open::{Open, is_open};
use super::{Thing, World, policies};
use crate::graph::{Symbols, is_generated, is_symbol};
use crate::load::Warning;
use crate::source::{Made, MadeValue, Origin};

pub(super) const ROLE: &str = "AWS::IAM::Role";
pub(super) const USER: &str = "AWS::IAM::User";
pub(super) const GROUP: &str = "AWS::IAM::Group";
pub(super) const MANAGED: &str = "AWS::IAM::ManagedPolicy";

/// Resources that are one inline policy: the type, the property that names whom it is put to, and what that is.
const INLINE: &[(&str, &str, &str)] = &[
    ("AWS::IAM::Policy", "Roles", ROLE),
    ("AWS::IAM::Policy", "Users", USER),
    ("AWS::IAM::Policy", "Groups", GROUP),
    ("AWS::IAM::RolePolicy", "RoleName", ROLE),
    ("AWS::IAM::UserPolicy", "UserName", USER),
    ("AWS::IAM::GroupPolicy", "GroupName", GROUP),
    (MANAGED, "Roles", ROLE),
    (MANAGED, "Users", USER),
    (MANAGED, "Groups", GROUP),
];

/// What is put to one principal.
#[derive(Debug, Default)]
pub(super) struct Put {
    /// Inline policies, `{PolicyName, PolicyDocument}`.
    pub(super) inline: Vec<Made>,
    /// Managed policies, `{PolicyName, PolicyArn}`, and the unknown parts of inline ones.
    pub(super) attached: Vec<Made>,
}

/// All that is put to principals.
#[derive(Default)]
pub(super) struct All {
    /// By the place of the principal.
    pub(super) on: BTreeMap<usize, Put>,
    /// For roles that no stack declares `get-role-policy`'s answers, by the place of the resource that puts them there.
    pub(super) lone: BTreeMap<usize, Vec<Made>>,
}

/// Finds to whom each policy is put.
pub(super) fn collect(
    world: &World<'_>,
    symbols: &mut Symbols,
    warnings: &mut Vec<Warning>,
) -> All {
    let mut all = All::default();
    for (index, thing) in world.things.iter().enumerate() {
        if let Some((_, list)) = own_lists(&thing.declared.kind) {
            let mut open = Open {
                symbols,
                warnings,
                stack: &thing.declared.stack,
            };
            let put = all.on.entry(index).or_default();
            own(thing, list, put, &mut open);
        }
    }
    for (index, thing) in world.things.iter().enumerate() {
        let kind = thing.declared.kind.as_str();
        for (_, property, whose) in INLINE.iter().filter(|(known, ..)| *known == kind) {
            let Some(named) = thing.declared.properties.get(property) else {
                continue;
            };
            let names = match &named.value {
                MadeValue::List(items) => items.as_slice(),
                _ => std::slice::from_ref(named),
            };
            for name in names {
                let text = name.scalar().unwrap_or_default();
                if let Some(owner) = world.named(whose, &thing.declared.home, text) {
                    let mut open = Open {
                        symbols,
                        warnings,
                        stack: &thing.declared.stack,
                    };
                    let put = all.on.entry(owner).or_default();
                    hang(thing, name, put, &mut open);
                } else if *whose == ROLE {
                    if is_anything(text) {
                        warnings.push(any_role(thing, name, symbols));
                    } else {
                        let document = lone_document(thing, name, symbols, warnings);
                        all.lone.entry(index).or_default().extend(document);
                    }
                }
            }
        }
    }
    all
}

/// The property that lists the inline policies of a principal, and what AWS calls it.
pub(super) fn own_lists(kind: &str) -> Option<(&'static str, &'static str)> {
    match kind {
        ROLE => Some(("RolePolicyList", "Policies")),
        USER => Some(("UserPolicyList", "Policies")),
        GROUP => Some(("GroupPolicyList", "Policies")),
        _ => None,
    }
}

/// The policies that a principal's own declaration lists.
fn own(thing: &Thing<'_>, list: &str, put: &mut Put, open: &mut Open<'_>) {
    let properties = &thing.declared.properties;
    if let Some(inline) = properties.get(list) {
        if is_open(inline) {
            put.attach(inline);
        }
        for entry in inline.items() {
            if is_open(entry) {
                put.attach(entry);
                continue;
            }
            let name = entry.get("PolicyName");
            let name = name.map_or_else(|| Made::text("", entry.at), Clone::clone);
            if let Some(document) = entry.get("PolicyDocument") {
                put.inline(thing, &name, document, entry.at, open);
            }
        }
    }
    if let Some(managed) = properties.get("ManagedPolicyArns") {
        let items = match &managed.value {
            MadeValue::List(items) => items.as_slice(),
            _ => std::slice::from_ref(managed),
        };
        for item in items {
            let Some(text) = item.scalar() else { continue };
            if text.is_empty() {
                put.attach(&open.instead("", "ManagedPolicyArns", item));
            } else {
                put.attach(&open.copy(item));
            }
        }
    }
}

/// Puts a policy that is a resource of its own to a declared principal.
fn hang(thing: &Thing<'_>, owner: &Made, put: &mut Put, open: &mut Open<'_>) {
    let declared = &*thing.declared;
    if declared.kind == MANAGED {
        if let Some(arn) = &thing.known.arn {
            let arn = Made {
                value: MadeValue::Text(arn.clone()),
                at: owner.at,
                also: Some(declared.name_origin),
            };
            put.attach(&arn);
        }
        return;
    }
    if let Some(document) = declared.properties.get("PolicyDocument") {
        let name = policy_name(thing);
        put.inline(thing, &name, document, declared.origin, open);
    }
}

fn policy_name(thing: &Thing<'_>) -> Made {
    let name = thing.declared.properties.get("PolicyName");
    name.map_or_else(
        || Made::text(thing.known.name.clone(), thing.declared.name_origin),
        Clone::clone,
    )
}

impl Put {
    /// An unknown policy is one more that is attached, and whose document nobody has seen.
    fn attach(&mut self, arn: &Made) {
        let text = arn.scalar().unwrap_or_default();
        let known = self
            .attached
            .iter()
            .any(|other| other.get("PolicyArn").and_then(Made::scalar) == Some(text));
        if !known {
            let name = text.rsplit('/').next().unwrap_or_default().to_owned();
            self.attached.push(Made::map(
                vec![
                    ("PolicyName", Made::text(name, arn.at)),
                    ("PolicyArn", arn.clone()),
                ],
                arn.at,
            ));
        }
    }

    fn inline(
        &mut self,
        thing: &Thing<'_>,
        name: &Made,
        document: &Made,
        at: Origin,
        open: &mut Open<'_>,
    ) {
        let read = policies::identity(document, open);
        for unknown in &read.unknown {
            self.attach(unknown);
        }
        let Some(document) = read.document else {
            return;
        };
        let text = name.scalar().unwrap_or_default();
        let same = |other: &&mut Made| other.get("PolicyName").and_then(Made::scalar) == Some(text);
        let entry = Made::map(
            vec![("PolicyName", name.clone()), ("PolicyDocument", document)],
            at,
        );
        match self.inline.iter_mut().find(same) {
            // Policies without a name are no two of the same name.
            Some(earlier) if !text.is_empty() => {
                open.warnings.push(Warning {
                    message: format!(
                        "two inline policies of the name `{text}` are put to the same {}; the later one counts",
                        if thing.declared.kind == USER { "user" } else { "role" }
                    ),
                    help: Some("give each a name of its own".to_owned()),
                    origins: vec![entry.at, earlier.at],
                });
                *earlier = entry;
            }
            _ => self.inline.push(entry),
        }
    }
}

/// Whether a text is one unknown value alone, which may name anything.
fn is_anything(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    first.is_some_and(|first| is_symbol(first) && !is_generated(first))
        && characters.next().is_none()
}

fn any_role(thing: &Thing<'_>, name: &Made, symbols: &Symbols) -> Warning {
    let text = name.scalar().unwrap_or_default();
    let symbol = text.chars().next().and_then(|symbol| symbols.get(symbol));
    Warning {
        message: format!(
            "policy `{}` is put to the roles that {} names, and nobody knows which they are: no role gets it",
            thing.declared.logical_id,
            symbol.map_or("a value", |symbol| symbol.what.as_str()),
        ),
        help: symbol
            .map(|symbol| symbol.supply.clone())
            .filter(|supply| !supply.is_empty()),
        origins: vec![name.at, thing.declared.name_origin],
    }
}

fn lone_document(
    thing: &Thing<'_>,
    role: &Made,
    symbols: &mut Symbols,
    warnings: &mut Vec<Warning>,
) -> Option<Made> {
    let declared = &*thing.declared;
    let mut open = Open {
        symbols,
        warnings,
        stack: &declared.stack,
    };
    let document = declared.properties.get("PolicyDocument")?;
    let document = policies::identity(document, &mut open).document?;
    let name = if declared.kind == MANAGED {
        Made::text(thing.known.name.clone(), declared.name_origin)
    } else {
        policy_name(thing)
    };
    let members = vec![
        ("RoleName", role.clone()),
        ("PolicyName", name),
        ("PolicyDocument", document),
    ];
    Some(Made::map(members, declared.origin))
}
