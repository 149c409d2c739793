//! What every principal needs → bytes: a table of formats of its own, and the words that they share.
//!
//! In: [`Needs`], which holds no source text, only names that the rule files may build resources and conditions from; a
//! secret configuration value is none of them. Out: bytes, one renderer per row of [`NEEDS_FORMATS`].

mod human;
pub(super) mod json;
mod markdown;

use std::io;

use super::Style;
use crate::check::ReportLayer;
use crate::check::needs::{Counts, Grant, Need, Needs, Policies, Principal};
use crate::graph::Arn;
use crate::rules::{Certainty, Evidence};

/// One output format of requirements.
#[derive(Debug)]
pub struct NeedsFormat {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, in one line.
    pub help: &'static str,
    /// Writes all of it.
    pub render: fn(&Needs, Style, &mut dyn io::Write) -> io::Result<()>,
}

/// Every output format of requirements, the default first.
pub const NEEDS_FORMATS: &[NeedsFormat] = &[
    NeedsFormat {
        name: "human",
        help: "for people: principal by principal, resource by resource",
        render: human::render,
    },
    NeedsFormat {
        name: "json",
        help: "for programs: one JSON document, schema version 1",
        render: json::render,
    },
    NeedsFormat {
        name: "markdown",
        help: "for a page or a pull request: a table for each principal",
        render: markdown::render,
    },
    NeedsFormat {
        name: "csv",
        help: "for spreadsheets: a line for each operation, with its decision",
        render: super::csv::render_needs,
    },
];

/// The format of that name.
pub fn needs_format(name: &str) -> Option<&'static NeedsFormat> {
    NEEDS_FORMATS.iter().find(|format| format.name == name)
}

/// Actions that are named in a line; the rest is counted.
const NAMED_ACTIONS: usize = 3;

/// How certain a line is, as the beginning of a sentence.
pub(super) fn certainty(need: &Need) -> &'static str {
    match need.certainty {
        Certainty::Necessary => "needed",
        Certainty::Conditional => "needed in some configurations",
        Certainty::Advised => "advised",
    }
}

/// `to read the source object, and to hand it over`
pub(super) fn why(need: &Need) -> String {
    let why = need.why.join(", and ");
    match need.evidence {
        Evidence::Unverified => format!("{why} (believed, and no source was found)"),
        _ => why,
    }
}

/// What the call carries, for whoever binds a statement to it.
pub(super) fn conditions(need: &Need) -> Option<String> {
    let pairs = need.context.iter();
    let pairs: Vec<String> = pairs
        .map(|(key, value)| format!("`{key}` = `{value}`"))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join(", "))
}

/// The policies that have to grant a line, as one clause; none where no policy can.
pub(super) fn granted_by(need: &Need, principal: &Principal) -> Option<String> {
    let clauses = need
        .grants
        .iter()
        .map(|grant| clause(grant, need, principal));
    let clauses: Vec<String> = clauses.collect();
    (!clauses.is_empty()).then(|| clauses.join(", and "))
}

fn clause(grant: &Grant, need: &Need, principal: &Principal) -> String {
    let mut text = format!("the {}", grant.policy);
    let is_own = grant.layer == ReportLayer::Identity || grant.of == need.resource;
    if !is_own {
        let name = grant.of.rsplit(":::").next().unwrap_or(&grant.of);
        text.push_str(&format!(" of `{name}`"));
    }
    let own = Arn::parse(&principal.name).map(|arn| arn.account);
    if let Some(account) = &grant.account
        && own.is_some_and(|own| own != *account)
    {
        text.push_str(&format!(" in account {account}"));
    }
    if let Some(proviso) = grant.proviso {
        text.push_str(&format!(" ({proviso})"));
    }
    text
}

/// What the given policies lack, as a clause.
pub(super) fn lacking(need: &Need) -> Option<String> {
    let layers = need.lacking.iter().map(|layer| match layer {
        ReportLayer::Structure => "no policy can allow it",
        ReportLayer::Identity => "the identity policies",
        ReportLayer::Trust => "the trust policy",
        ReportLayer::BucketPolicy => "the bucket policy",
        ReportLayer::KeyPolicy => "the key policy",
        ReportLayer::ResourcePolicy => "the resource policy",
        ReportLayer::Boundary => "the permissions boundary",
        ReportLayer::Scp => "a service control policy",
        ReportLayer::Rcp => "a resource control policy",
        ReportLayer::Session => "the session policy",
    });
    let layers: Vec<&str> = layers.collect();
    match layers.as_slice() {
        [] => None,
        ["no policy can allow it"] => Some("no policy can allow it".to_owned()),
        layers => Some(format!("withheld by {}", layers.join(" and "))),
    }
}

/// `one of the operations is enough`, or whose call may stand for this one.
pub(super) fn alternatives(need: &Need) -> Option<String> {
    if need.one_is_enough {
        return Some("one of these operations is enough".to_owned());
    }
    let others: Vec<String> = need.or_for.iter().map(|name| format!("`{name}`")).collect();
    (!others.is_empty()).then(|| format!("or for {} instead; one is enough", others.join(" or ")))
}

/// Who takes the role up.
pub(super) fn assumed_by(principal: &Principal) -> Option<String> {
    let callers = principal.assumed_by.iter();
    let callers: Vec<String> = callers.map(|caller| format!("`{caller}`")).collect();
    (!callers.is_empty()).then(|| format!("assumed by {}", callers.join(", ")))
}

/// What is remarkable about a principal's policies.
pub(super) fn policies(principal: &Principal) -> Option<String> {
    let remark = match principal.policies {
        Policies::Given if !principal.assumed.is_empty() => {
            let assumed = principal.assumed.iter();
            let assumed: Vec<String> = assumed
                .map(|(policy, day)| format!("with `{policy}` as AWS had it on {day}"))
                .collect();
            return Some(assumed.join(", "));
        }
        Policies::Given => return None,
        Policies::NotGiven if principal.unknown.is_empty() => "its policies were not given",
        Policies::NotGiven => return None,
        Policies::NoSuchRole => "the export of its account does not contain this role",
    };
    Some(remark.to_owned())
}

/// The actions of a line: `Source › App`, with the pipeline's name before it where there are several.
pub(super) fn affected(need: &Need, arrow: &str, needs: &Needs) -> Vec<String> {
    let several = needs.summary.pipelines > 1;
    let mut names: Vec<String> = need
        .affects
        .iter()
        .take(NAMED_ACTIONS)
        .map(|affected| {
            let pipeline = affected.pipeline.rsplit(':').next().unwrap_or_default();
            if affected.stage.is_empty() {
                pipeline.to_owned()
            } else {
                let action = format!("{}{arrow}{}", affected.stage, affected.action);
                if several {
                    format!("{pipeline}{arrow}{action}")
                } else {
                    action
                }
            }
        })
        .collect();
    if need.affects.len() > NAMED_ACTIONS {
        names.push(format!("{} more", need.affects.len() - NAMED_ACTIONS));
    }
    names
}

/// What no line says, because no policy that grants can help.
pub(super) const GUARD_RAILS: &str = "permissions boundaries, service control policies and resource control policies above these roles \
     must leave all of it allowed";

/// The closing line.
pub(super) fn summary(counts: Counts, needs: &Needs) -> String {
    let count = |number: usize, name: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {name}{plural}")
    };
    let marked = counts.allowed + counts.missing + counts.undecided;
    let mut text = format!(
        "{}, {}: {} for {}",
        count(counts.pipelines, "pipeline"),
        count(counts.actions, "action"),
        count(counts.requirements, "requirement"),
        count(needs.principals.len() + needs.unnamed.len(), "principal"),
    );
    if marked > 0 {
        text.push_str(&format!(
            ": {} allowed, {} missing, {} undecided",
            counts.allowed, counts.missing, counts.undecided
        ));
        let unmarked = counts.requirements - marked;
        if unmarked > 0 {
            text.push_str(&format!(
                ", {unmarked} of principals whose policies were not given"
            ));
        }
    }
    text
}
