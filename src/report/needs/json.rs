//! `--format json`, schema version 1.
//!
//! The structs here are the contract: members may be added, never renamed or removed, whatever happens to the types of `check`.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::super::Style;
use super::super::text::write_json;
use crate::check::Affected;
use crate::check::needs::{Grant, Need, Needs, Policies, Principal, Unchecked, Unknown};
use crate::graph::Arn;
use crate::rules::{Certainty, Covers};

/// What [`Document::schema_version`] says.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct Document<'a> {
    schema_version: u32,
    summary: Summary,
    principals: Vec<One<'a>>,
    unnamed_roles: Vec<One<'a>>,
    not_checked: Vec<NotChecked<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    pipelines: usize,
    actions: usize,
    principals: usize,
    requirements: usize,
    allowed: usize,
    missing: usize,
    undecided: usize,
    unmarked: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct One<'a> {
    principal: &'a str,
    #[cfg_attr(test, schemars(extend("enum" = ["pipeline-role", "action-role", "role-behind", "service"])))]
    kind: &'static str,
    titles: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[cfg_attr(test, schemars(extend("enum" = ["given", "not-given", "no-such-role"])))]
    policies: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assumed_policies: Vec<Assumed<'a>>,
    assumed_by: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<Fact<'a>>,
    requirements: Vec<Line<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Assumed<'a> {
    policy: &'a str,
    as_of: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Line<'a> {
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[cfg_attr(test, schemars(extend("enum" = ["every", "one-unknown", "at-least-one"])))]
    covers: &'static str,
    operations: &'a [String],
    one_is_enough: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    or_for: &'a [String],
    context: &'a BTreeMap<String, String>,
    #[cfg_attr(test, schemars(extend("enum" = ["necessary", "conditional", "advised"])))]
    certainty: &'static str,
    #[cfg_attr(test, schemars(extend("enum" = ["documented", "recorded", "reported", "inferred", "unverified"])))]
    evidence: &'static str,
    why: &'a [String],
    documentation: &'a [String],
    granted_by: Vec<Policy<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(extend("enum" = ["allowed", "undecided", "missing"])))]
    decision: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    withheld_by: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<Fact<'a>>,
    needed_by: Vec<Action<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Policy<'a> {
    layer: &'static str,
    policy: &'static str,
    of: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proviso: Option<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Fact<'a> {
    what: &'a str,
    supply: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Action<'a> {
    pipeline: &'a str,
    stage: &'a str,
    action: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NotChecked<'a> {
    #[serde(flatten)]
    action: Action<'a>,
    action_type: &'a str,
}

/// Writes one pretty-printed document with a final line feed.
pub(super) fn render(needs: &Needs, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let counts = needs.summary;
    let document = Document {
        schema_version: SCHEMA_VERSION,
        summary: Summary {
            pipelines: counts.pipelines,
            actions: counts.actions,
            principals: needs.principals.len() + needs.unnamed.len(),
            requirements: counts.requirements,
            allowed: counts.allowed,
            missing: counts.missing,
            undecided: counts.undecided,
            unmarked: counts.requirements - counts.allowed - counts.missing - counts.undecided,
        },
        principals: needs.principals.iter().map(One::of).collect(),
        unnamed_roles: needs.unnamed.iter().map(One::of).collect(),
        not_checked: needs.unchecked.iter().map(NotChecked::of).collect(),
    };
    write_json(&document, out)
}

impl<'a> One<'a> {
    fn of(principal: &'a Principal) -> Self {
        Self {
            principal: &principal.name,
            kind: principal.kind.name(),
            titles: &principal.titles,
            account: Arn::parse(&principal.name).map(|arn| arn.account),
            policies: match principal.policies {
                Policies::Given => "given",
                Policies::NotGiven => "not-given",
                Policies::NoSuchRole => "no-such-role",
            },
            assumed_policies: principal.assumed.iter().map(Assumed::of).collect(),
            assumed_by: &principal.assumed_by,
            unknown: principal.unknown.iter().map(Fact::of).collect(),
            requirements: principal.needs.iter().map(Line::of).collect(),
        }
    }
}

impl<'a> Line<'a> {
    fn of(need: &'a Need) -> Self {
        Self {
            resource: &need.resource,
            account: need.account.as_deref(),
            covers: match need.covers {
                Covers::Every => "every",
                Covers::OneUnknown => "one-unknown",
                Covers::AtLeastOne => "at-least-one",
            },
            operations: &need.operations,
            one_is_enough: need.one_is_enough,
            or_for: &need.or_for,
            context: &need.context,
            certainty: match need.certainty {
                Certainty::Necessary => "necessary",
                Certainty::Conditional => "conditional",
                Certainty::Advised => "advised",
            },
            evidence: need.evidence.name(),
            why: &need.why,
            documentation: &need.documentation,
            granted_by: need.grants.iter().map(Policy::of).collect(),
            remark: need.remark.as_deref(),
            decision: need.standing.map(|standing| standing.name()),
            withheld_by: need.lacking.iter().map(|layer| layer.name()).collect(),
            unknown: need.unknown.iter().map(Fact::of).collect(),
            needed_by: need.affects.iter().map(Action::of).collect(),
        }
    }
}

impl<'a> Assumed<'a> {
    fn of((policy, as_of): &'a (String, String)) -> Self {
        Self { policy, as_of }
    }
}

impl<'a> Policy<'a> {
    fn of(grant: &'a Grant) -> Self {
        Self {
            layer: grant.layer.name(),
            policy: grant.policy,
            of: &grant.of,
            account: grant.account.as_deref(),
            proviso: grant.proviso,
        }
    }
}

impl<'a> Fact<'a> {
    fn of(unknown: &'a Unknown) -> Self {
        Self {
            what: &unknown.what,
            supply: &unknown.supply,
        }
    }
}

impl<'a> Action<'a> {
    fn of(affected: &'a Affected) -> Self {
        Self {
            pipeline: &affected.pipeline,
            stage: &affected.stage,
            action: &affected.action,
        }
    }
}

impl<'a> NotChecked<'a> {
    fn of(unchecked: &'a Unchecked) -> Self {
        Self {
            action: Action::of(&unchecked.action),
            action_type: &unchecked.kind,
        }
    }
}
