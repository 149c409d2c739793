//! `# pipeline-preflight: ignore[rule] reason` in YAML.

use jiff::civil::Date;

use super::{Ignore, Said, SaidBy, day, is_rule_pattern, without_effect};
use crate::load::Warning;
use crate::source::{Comment, SourceId, Sources};

/// What a comment for this program begins with.
const WORD: &str = "pipeline-preflight";

/// How such a comment is written.
const SYNTAX: &str = "write `# pipeline-preflight: ignore[RULE] reason`, or `ignore[RULE, RULE until 2026-12-31] reason`, at the \
                      end of the line that it is about, or on a line before";

/// What the comments of a text say.
pub(super) fn read(sources: &mut Sources, source: SourceId) -> (Vec<Ignore>, Vec<Warning>) {
    let (mut ignores, mut warnings) = (Vec::new(), Vec::new());
    let comments = match sources.comments(source, WORD) {
        Ok(comments) => comments,
        Err(error) => {
            warnings.push(Warning {
                message: format!(
                    "the comments of `{}` cannot be read: {error}",
                    sources.name(source)
                ),
                help: Some("put what they ignore into `pipeline-preflight.yaml`".to_owned()),
                origins: Vec::new(),
            });
            return (ignores, warnings);
        }
    };
    for Comment {
        text,
        origin,
        about,
    } in comments
    {
        match said(&text) {
            None => {}
            Some(Ok(_)) if about.is_empty() => {
                let what = "nothing begins on the line of this comment, or behind it";
                warnings.push(without_effect(what, SYNTAX, origin));
            }
            Some(Ok(all)) => ignores.extend(
                all.into_iter()
                    .map(|said| said.ignore(SaidBy::Comment, about.clone(), origin)),
            ),
            Some(Err(what)) => warnings.push(without_effect(&what, SYNTAX, origin)),
        }
    }
    (ignores, warnings)
}

/// What a comment says, rule by rule, or what is wrong with it; `None` for one that is not for this program.
fn said(text: &str) -> Option<Result<Vec<Said>, String>> {
    let text = text.trim_start_matches(['#', ' ', '\t']);
    let means_it = text.contains("ignore[");
    let Some(behind) = text.strip_prefix(WORD) else {
        let what = "a comment that ignores begins with `pipeline-preflight:`";
        return means_it.then(|| Err(what.to_owned()));
    };
    match behind.trim_start().strip_prefix(':') {
        Some(order) => Some(ordered(order.trim())),
        None if means_it => Some(Err(format!("a `:` is missing behind `{WORD}`"))),
        None => None,
    }
}

fn ordered(order: &str) -> Result<Vec<Said>, String> {
    let list = order.strip_prefix("ignore").map(str::trim_start);
    let Some(list) = list.and_then(|behind| behind.strip_prefix('[')) else {
        let word = order.split([' ', '\t', '[']).next().unwrap_or_default();
        return Err(match word {
            "ignore" | "" => "the comment names no rule".to_owned(),
            word => format!("`{word}` is not known in a comment: only `ignore[RULE]` is"),
        });
    };
    let Some((list, reason)) = list.split_once(']') else {
        return Err("a `]` is missing behind the rule".to_owned());
    };
    let reason = reason.trim_start_matches([':', '-', ' ', '\t']).trim();
    let (rules, expires) = match list.split_once(" until ") {
        None => (list, None),
        Some((rules, until)) => (rules, Some(expiry(until.trim())?)),
    };
    let rules: Vec<&str> = rules.split(',').map(str::trim).collect();
    if let Some(wrong) = rules.iter().find(|rule| !is_rule_pattern(rule)) {
        return Err(match *wrong {
            "" => "the comment names no rule".to_owned(),
            wrong => format!("`{wrong}` is no rule's id"),
        });
    }
    if reason.is_empty() {
        return Err("the comment gives no reason".to_owned());
    }
    let said = rules.into_iter().map(|rule| Said {
        rule: rule.to_owned(),
        reason: reason.to_owned(),
        expires,
    });
    Ok(said.collect())
}

fn expiry(until: &str) -> Result<Date, String> {
    day(until).ok_or_else(|| format!("`{until}` is no day such as `2026-12-31`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Expected =
        Result<(&'static [&'static str], Option<&'static str>, &'static str), &'static str>;

    #[test]
    fn comments_are_read_or_told_what_they_lack() {
        let table: &[(&str, Option<Expected>)] = &[
            (
                "pipeline-preflight: ignore[trust-missing] known",
                Some(Ok((&["trust-missing"], None, "known"))),
            ),
            (
                "pipeline-preflight : ignore [a-b,c-*]: all of them",
                Some(Ok((&["a-b", "c-*"], None, "all of them"))),
            ),
            (
                "# pipeline-preflight:ignore[a until 2026-12-31] soon",
                Some(Ok((&["a"], Some("2026-12-31"), "soon"))),
            ),
            (
                "pipeline-preflight: ignore[a, b until 2027-01-31] [x] - y",
                Some(Ok((&["a", "b"], Some("2027-01-31"), "[x] - y"))),
            ),
            ("a comment like others", None),
            ("pipeline-preflight finds nothing here", None),
            ("checked by pipeline-preflight: see the log", None),
            (
                "pipeline-preflight: ignore[a]",
                Some(Err("the comment gives no reason")),
            ),
            (
                "pipeline-preflight: ignore[a] - ",
                Some(Err("the comment gives no reason")),
            ),
            (
                "pipeline-preflight: ignore[] x",
                Some(Err("the comment names no rule")),
            ),
            (
                "pipeline-preflight: ignore[a,] x",
                Some(Err("the comment names no rule")),
            ),
            (
                "pipeline-preflight: ignore all of it",
                Some(Err("the comment names no rule")),
            ),
            (
                "pipeline-preflight:",
                Some(Err("the comment names no rule")),
            ),
            (
                "pipeline-preflight: ignore[a x",
                Some(Err("a `]` is missing behind the rule")),
            ),
            (
                "pipeline-preflight: ignore[Trust missing] x",
                Some(Err("`Trust missing` is no rule's id")),
            ),
            (
                "pipeline-preflight: ignore[a until June] x",
                Some(Err("`June` is no day such as `2026-12-31`")),
            ),
            (
                "pipeline-preflight: ignore[a until 20261231] x",
                Some(Err("`20261231` is no day such as `2026-12-31`")),
            ),
            (
                "pipeline-preflight: ignore[a until 2026-02-30] x",
                Some(Err("`2026-02-30` is no day such as `2026-12-31`")),
            ),
            (
                "pipeline-preflight: skip[a] x",
                Some(Err(
                    "`skip` is not known in a comment: only `ignore[RULE]` is",
                )),
            ),
            (
                "pipeline-preflight ignore[a] x",
                Some(Err("a `:` is missing behind `pipeline-preflight`")),
            ),
            (
                "see #12, pipeline-preflight: ignore[a] x",
                Some(Err(
                    "a comment that ignores begins with `pipeline-preflight:`",
                )),
            ),
        ];
        for (text, expected) in table {
            let found = said(text).map(|said| {
                said.map(|all| {
                    let rules: Vec<String> = all.iter().map(|one| one.rule.clone()).collect();
                    let until = all[0].expires.map(|day| day.to_string());
                    (rules, until, all[0].reason.clone())
                })
            });
            let expected = expected.as_ref().map(|said| match said {
                Ok((rules, until, reason)) => Ok((
                    rules.iter().map(|&rule| rule.to_owned()).collect(),
                    until.map(str::to_owned),
                    (*reason).to_owned(),
                )),
                Err(what) => Err((*what).to_owned()),
            });
            assert_eq!(found, expected, "{text}");
        }
    }
}
