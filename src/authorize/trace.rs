//! What every layer and every statement says to a case, in lines for people.

use super::because::near;
use super::statements::Statements;
use super::{convert, missing_name};
use crate::graph::Effect;
use crate::iam::{
    Bearing, Decision, Heard, LayerName, NearMiss, Said, Standing, Verdict, WithheldBy, trace,
    words,
};
use crate::load::case::Case;

/// One line for each layer, and below it one for each statement that has to do with the request.
pub(super) fn lines(case: &Case, decision: &Decision, statements: &Statements<'_>) -> Vec<String> {
    let request = convert::request(case);
    let heard = trace(&request, &convert::layers(case));
    let mut lines = Vec::new();
    let (mut absent, mut not_asked) = (Vec::new(), Vec::new());
    for layer in &heard {
        let name = words::policy_name(layer.layer);
        let needed = lacks(layer, decision).is_some();
        match layer.standing {
            Standing::NotAsked => {
                not_asked.push(name);
                continue;
            }
            Standing::Absent if !needed => {
                absent.push(name);
                continue;
            }
            Standing::Absent | Standing::Known | Standing::Unknown => {}
        }
        let levels = heard.iter().filter(|other| other.layer == layer.layer);
        let level = match levels.count() {
            1 => String::new(),
            count => format!(", level {} of {count}", layer.level + 1),
        };
        let summary = summary(layer, decision, statements);
        let decides = match decides(layer, decision, summary) {
            true => " (decides)",
            false => "",
        };
        lines.push(format!("{name}{level}: {summary}{decides}"));
        let mut apart = 0;
        for said in &layer.statements {
            match line(layer.layer, said, statements, case) {
                Some(line) => lines.push(format!("  {line}")),
                None => apart += 1,
            }
        }
        match apart {
            0 => {}
            1 => lines.push("  1 statement is about something else".to_owned()),
            _ => lines.push(format!("  {apart} statements are about something else")),
        }
    }
    for (what, names) in [("there is no", absent), ("not asked here:", not_asked)] {
        if !names.is_empty() {
            lines.push(format!("{what} {}", names.join(", ")));
        }
    }
    lines
}

/// Whether the decision hangs on this layer; of several levels only on those that withhold.
fn decides(heard: &Heard, decision: &Decision, summary: &str) -> bool {
    decision.deciding.contains(&heard.layer)
        && match decision.verdict {
            Verdict::ExplicitDeny => summary == DENIES,
            Verdict::ImplicitDeny => lacks(heard, decision).is_some(),
            Verdict::Unknown => summary != ALLOWS,
            Verdict::Allowed => true,
        }
}

const ALLOWS: &str = "allows";
const DENIES: &str = "denies";

/// What a layer says as a whole.
fn summary(heard: &Heard, decision: &Decision, statements: &Statements<'_>) -> &'static str {
    let missing = decision.missing.iter();
    match heard.standing {
        Standing::Absent => return "there is none, and it is needed",
        Standing::NotAsked => return "not asked here",
        Standing::Unknown => {
            let mut missing = missing.map(missing_name);
            let own = missing_name(&crate::iam::Missing::Layer(heard.layer));
            return match missing.any(|name| name == own) {
                true => "not known, and it matters",
                false => "not known",
            };
        }
        Standing::Known => {}
    }
    let bears = |effect: Effect, fits: fn(&Bearing) -> bool| {
        heard.statements.iter().any(|said| {
            let of = statements.statement(heard.layer, said.statement);
            of.is_some_and(|statement| statement.effect == effect) && fits(&said.bearing)
        })
    };
    let applies = |bearing: &Bearing| matches!(bearing, Bearing::Applies | Bearing::Partly);
    let perhaps = |bearing: &Bearing| matches!(bearing, Bearing::Perhaps(_));
    if bears(Effect::Deny, applies) {
        return DENIES;
    }
    if decision.verdict == Verdict::Unknown && bears(Effect::Deny, perhaps) {
        return "may deny";
    }
    match lacks(heard, decision) {
        Some(WithheldBy::PartialAllow) => return "allows a part only",
        Some(WithheldBy::Impossible) => return "cannot allow callers of another account",
        Some(_) => return "lacks an Allow",
        None => {}
    }
    if bears(Effect::Allow, applies) {
        ALLOWS
    } else if bears(Effect::Allow, perhaps) {
        "may allow"
    } else {
        "says nothing"
    }
}

fn lacks(heard: &Heard, decision: &Decision) -> Option<WithheldBy> {
    let mut withheld = decision.withheld.iter();
    let own = withheld.find(|withheld| {
        withheld.layer == heard.layer
            && withheld.level == heard.level
            && !matches!(withheld.by, WithheldBy::Deny(_))
    })?;
    Some(own.by)
}

/// `` cases.json:14 Allow, statement `Read`: applies ``; `None` for what speaks of something else.
fn line(layer: LayerName, said: &Said, statements: &Statements<'_>, case: &Case) -> Option<String> {
    let effect = match statements.statement(layer, said.statement)?.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    let bearing = match &said.bearing {
        Bearing::Applies => "applies".to_owned(),
        Bearing::Partly => format!("applies to some of `{}`", case.request.resource),
        Bearing::Perhaps(facts) if facts.is_empty() => {
            "too intricate to be compared with the resource".to_owned()
        }
        Bearing::Perhaps(facts) => {
            let facts: Vec<String> = facts.iter().map(missing_name).collect();
            format!("may apply, which hangs on `{}`", facts.join("` and `"))
        }
        Bearing::Near(failed) => {
            let miss = NearMiss {
                statement: said.statement,
                failed: failed.clone(),
            };
            format!("does not fit: {}", near(&miss, layer, statements, case))
        }
        Bearing::Apart => return None,
    };
    Some(format!(
        "{}: {effect}, {}: {bearing}",
        statements.place(said.statement),
        statements.within(layer, said.statement),
    ))
}
