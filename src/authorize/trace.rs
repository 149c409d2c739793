//! What every layer and every statement says to a case, in lines for people.

use super::because::near;
use super::statements::Statements;
use super::{convert, missing_name};
use crate::graph::Effect;
use crate::iam::{
    Bearing, Decision, Heard, LayerName, Missing, NearMiss, Said, Standing, Verdict, WithheldBy,
    trace, words,
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
            Standing::NotAsked if !needed => {
                not_asked.push(name);
                continue;
            }
            Standing::Absent if !needed => {
                absent.push(name);
                continue;
            }
            _ => {}
        }
        let levels = heard.iter().filter(|other| other.layer == layer.layer);
        let level = match levels.count() {
            1 => String::new(),
            count => format!(", level {} of {count}", layer.level + 1),
        };
        let word = word(layer, decision, statements);
        let decides = match decides(layer, decision, word) {
            true => " (decides)",
            false => "",
        };
        lines.push(format!("{name}{level}: {}{decides}", word.text()));
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
            lines.push(format!("{what} {}", either(&names)));
        }
    }
    lines
}

/// `a`, `a or b`, `a, b or c`.
fn either(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => names.concat(),
    }
}

/// What a layer says as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Missing,
    Unseen,
    UnseenAndNeeded,
    Denies,
    MayDeny,
    AllowsPart,
    CannotAllow,
    LacksAllow,
    Allows,
    MayAllow,
    Nothing,
}

impl Word {
    const fn text(self) -> &'static str {
        match self {
            Self::Missing => "there is none, and it is needed",
            Self::Unseen => "not known",
            Self::UnseenAndNeeded => "not known, and it matters",
            Self::Denies => "denies",
            Self::MayDeny => "may deny",
            Self::AllowsPart => "allows a part only",
            Self::CannotAllow => "cannot allow callers of another account",
            Self::LacksAllow => "lacks an Allow",
            Self::Allows => "allows",
            Self::MayAllow => "may allow",
            Self::Nothing => "says nothing",
        }
    }
}

/// Whether the decision hangs on this layer; of several levels only on those that withhold.
fn decides(heard: &Heard, decision: &Decision, word: Word) -> bool {
    decision.deciding.contains(&heard.layer)
        && match decision.verdict {
            Verdict::ExplicitDeny => word == Word::Denies,
            Verdict::ImplicitDeny => lacks(heard, decision).is_some(),
            Verdict::Unknown => !matches!(word, Word::Allows | Word::Nothing),
            Verdict::Allowed => true,
        }
}

fn word(heard: &Heard, decision: &Decision, statements: &Statements<'_>) -> Word {
    let lacks = lacks(heard, decision);
    match heard.standing {
        Standing::Absent | Standing::NotAsked => {
            return match lacks {
                Some(WithheldBy::Impossible | WithheldBy::Restricted(_)) => Word::CannotAllow,
                _ => Word::Missing,
            };
        }
        Standing::Unknown => {
            return match decision.missing.contains(&Missing::Layer(heard.layer)) {
                true => Word::UnseenAndNeeded,
                false => Word::Unseen,
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
    match lacks {
        _ if bears(Effect::Deny, applies) => Word::Denies,
        _ if decision.verdict == Verdict::Unknown && bears(Effect::Deny, perhaps) => Word::MayDeny,
        Some(WithheldBy::PartialAllow) => Word::AllowsPart,
        Some(WithheldBy::Impossible | WithheldBy::Restricted(_)) => Word::CannotAllow,
        Some(_) => Word::LacksAllow,
        None if bears(Effect::Allow, applies) => Word::Allows,
        None if bears(Effect::Allow, perhaps) => Word::MayAllow,
        None => Word::Nothing,
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
