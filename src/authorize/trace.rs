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
    for layer in &heard {
        let levels = heard.iter().filter(|other| other.layer == layer.layer);
        let level = match levels.count() {
            1 => String::new(),
            count => format!(", level {} of {count}", layer.level + 1),
        };
        lines.push(format!(
            "{}{level}: {}{}",
            words::policy_name(layer.layer),
            summary(layer, decision, statements),
            match decision.deciding.contains(&layer.layer) {
                true => " (decides)",
                false => "",
            }
        ));
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
    lines
}

/// What a layer says as a whole.
fn summary(heard: &Heard, decision: &Decision, statements: &Statements<'_>) -> &'static str {
    let missing = decision.missing.iter();
    match heard.standing {
        Standing::Absent if lacks(heard, decision).is_some() => return "none, and it is needed",
        Standing::Absent => return "none",
        Standing::NotAsked => return "has no say here",
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
        return "denies";
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
        "allows"
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
        "{}: {effect}, {} of {}: {bearing}",
        statements.place(said.statement),
        statements.short(layer, said.statement),
        statements.policy(layer, said.statement),
    ))
}
