//! What a case expects of its decision.

use std::collections::BTreeMap;

use super::request::context;
use crate::graph::Written;
use crate::load::fault::nearest;
use crate::load::reader::Reading;
use crate::source::{Kind, Node, Origin};

/// What a case expects; what it leaves out is not compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// `Allowed`, `ExplicitDeny`, `ImplicitDeny` or `Unknown`.
    pub decision: Option<String>,
    /// The layers that decide.
    pub deciding: Option<Vec<String>>,
    /// The facts that are missing.
    pub missing: Option<Vec<String>>,
    /// Context that settles the case, each with the decision then.
    pub resolutions: Vec<Resolution>,
}

/// Context that settles an undecided case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The keys that are there; unknown keys that are left out are absent.
    pub context: BTreeMap<String, Vec<String>>,
    /// The decision then.
    pub decision: String,
    /// The resolution.
    pub origin: Origin,
}

impl Expected {
    /// Whether anything is expected at all.
    pub fn is_something(&self) -> bool {
        *self != Self::default()
    }
}

const DECISIONS: &[&str] = &["Allowed", "ExplicitDeny", "ImplicitDeny", "Unknown"];

const LAYERS: &[&str] = &[
    "identity",
    "resource",
    "trust",
    "key-policy",
    "boundary",
    "session",
    "scp",
    "rcp",
];

/// Facts without a name of their own; `context:` stands before the name of a key.
const FACTS: &[&str] = &[
    "policy:identityPolicies",
    "policy:resourcePolicy",
    "policy:boundary",
    "policy:sessionPolicy",
    "policy:scps",
    "policy:rcps",
    "principal:session-name",
    "principal:canonical-user",
    "resource-account",
];

pub(super) fn read(reading: &mut Reading<'_>, case: Origin) -> Expected {
    let deciding = words(
        reading,
        case,
        "deciding",
        |text| LAYERS.contains(&text),
        LAYERS,
    );
    let missing = words(
        reading,
        case,
        "missing",
        |text| text.starts_with("context:") || FACTS.contains(&text),
        FACTS,
    );
    Expected {
        decision: decision(reading, case),
        deciding,
        missing,
        resolutions: resolutions(reading, case),
    }
}

fn decision(reading: &mut Reading<'_>, map: Origin) -> Option<String> {
    let written = words(
        reading,
        map,
        "expected",
        |text| DECISIONS.contains(&text),
        DECISIONS,
    )?;
    match <[String; 1]>::try_from(written) {
        Ok([one]) => Some(one),
        Err(_) => {
            let origin = reading.member(map, "expected")?;
            reading.fail(
                origin,
                format!("expected one of `{}`", DECISIONS.join("`, `")),
            );
            None
        }
    }
}

/// A member that is one of the known words, or a list of them.
fn words(
    reading: &mut Reading<'_>,
    map: Origin,
    key: &str,
    is_known: fn(&str) -> bool,
    known: &[&str],
) -> Option<Vec<String>> {
    let written = reading.strings(map, key)?;
    for Written { text, origin } in &written {
        if !is_known(text) {
            reading.fail_with(
                *origin,
                format!("`{text}` is nothing that `{key}` can be"),
                nearest(text, known),
            );
        }
    }
    Some(written.into_iter().map(|written| written.text).collect())
}

fn resolutions(reading: &mut Reading<'_>, case: Origin) -> Vec<Resolution> {
    let Some(list) = reading.member(case, "resolutions") else {
        return Vec::new();
    };
    if reading.node(list).kind() != Kind::List {
        reading.fail(
            list,
            "expected a list of objects with `context` and `expected`",
        );
        return Vec::new();
    }
    let items: Vec<Origin> = reading
        .node(list)
        .items()
        .into_iter()
        .map(Node::origin)
        .collect();
    let mut resolutions = Vec::new();
    for origin in items {
        reading.only(origin, &["context", "expected"], "a resolution");
        let context = context(reading, origin, "context");
        match decision(reading, origin) {
            Some(decision) => resolutions.push(Resolution {
                context,
                decision,
                origin,
            }),
            None => reading.fail(origin, "the resolution has no `expected`"),
        }
    }
    resolutions
}
