//! Laws that hold for every request and all policies, tried on made-up ones.

#![cfg(test)]

use pipeline_preflight::graph::{Condition, Effect, Statement};
use pipeline_preflight::iam::{Caller, ContextValue, Missing, Request, Verdict};
use proptest::prelude::*;

use crate::iam::written;
use crate::iam_worlds::{KEYS, pattern_or_one, pattern_world, simple, statement, tail};

/// How much a verdict lets through.
fn goodness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allowed => 2,
        Verdict::Unknown => 1,
        Verdict::ImplicitDeny | Verdict::ExplicitDeny => 0,
    }
}

/// The plain meaning of `*` and `?`, to compare with.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|at| glob(rest, &text[at..])),
        ([b'?', rest @ ..], [_, tail @ ..]) => glob(rest, tail),
        ([own, rest @ ..], [first, tail @ ..]) => own == first && glob(rest, tail),
        _ => false,
    }
}

/// Every text of `a`, `b` and `z` up to a length.
fn texts(most: u32) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..most {
        last = last
            .iter()
            .flat_map(|text| ["a", "b", "z"].map(|end| format!("{text}{end}")))
            .collect();
        all.extend(last.clone());
    }
    all
}

proptest! {
    // A failing case prints itself; seeds in files would only tie the suite to one order of generators.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_deny_more_never_grants(world in pattern_or_one(), deny in statement(Just(Effect::Deny)), at in any::<prop::sample::Index>()) {
        let before = goodness(world.verdict());
        let mut more = world;
        let mut sets = more.statements();
        at.get_mut(&mut sets).push(deny);
        prop_assert!(goodness(more.verdict()) <= before);
    }

    #[test]
    fn an_allow_more_never_takes_away(world in pattern_or_one(), allow in statement(Just(Effect::Allow)), at in any::<prop::sample::Index>()) {
        let before = goodness(world.verdict());
        let mut more = world;
        let mut sets = more.statements();
        at.get_mut(&mut sets).push(allow);
        prop_assert!(goodness(more.verdict()) >= before);
    }

    #[test]
    fn an_allow_less_never_grants(world in pattern_or_one()) {
        let before = goodness(world.verdict());
        for index in 0..world.clone().statements().len() {
            let mut less = world.clone();
            let mut sets = less.statements();
            if let Some(at) = sets[index].iter().position(|s| s.effect == Effect::Allow) {
                sets[index].remove(at);
            }
            prop_assert!(goodness(less.verdict()) <= before);
        }
    }

    #[test]
    fn order_does_not_matter(world in pattern_or_one()) {
        let mut turned = world.clone();
        for set in turned.statements() {
            set.reverse();
            for statement in set {
                statement.actions.reverse();
                statement.resources.iter_mut().for_each(|r| r.reverse());
                statement.conditions.reverse();
                statement.principals.iter_mut().for_each(|p| p.any_of.reverse());
            }
        }
        prop_assert_eq!(world.decide(&world.request), turned.decide(&turned.request));
    }

    #[test]
    fn a_list_is_the_same_as_one_statement_each(world in pattern_or_one()) {
        let mut split = world.clone();
        for set in split.statements() {
            *set = set.iter().flat_map(single).collect();
        }
        // Only the verdict: of facts that several statements share, one more may be named than would settle it.
        prop_assert_eq!(world.verdict(), split.verdict());
    }

    #[test]
    fn what_is_certain_stays_certain(world in pattern_or_one()) {
        let (verdict, missing) = world.decide(&world.request);
        for (request, settled) in completions(&world.request, &missing) {
            let (completed, _) = world.decide(&request);
            match verdict {
                Verdict::Allowed | Verdict::ExplicitDeny => prop_assert_eq!(completed, verdict),
                // A Deny that only may apply does not change that nothing is granted.
                Verdict::ImplicitDeny => prop_assert_eq!(goodness(completed), 0),
                Verdict::Unknown => {
                    prop_assert!(!settled || completed != Verdict::Unknown, "{:?}", request);
                }
            }
        }
    }

    #[test]
    fn a_pattern_is_no_better_than_its_members(world in pattern_world()) {
        let worst = goodness(world.verdict());
        let pattern = world.request.resource.clone();
        for text in texts(4) {
            let member = format!("arn:aws:s3:::{text}");
            if glob(pattern.as_bytes(), member.as_bytes()) {
                let mut request = world.request.clone();
                request.resource = member;
                request.resource_is_pattern = false;
                prop_assert!(worst <= goodness(world.decide(&request).0), "{}", request.resource);
            }
        }
    }

    #[test]
    fn patterns_cover_and_overlap_as_their_members_do(
        asked in tail(&["a", "b", "*", "?"], 4),
        allowed in prop::collection::vec(tail(&["a", "b", "*", "?"], 4), 1..4),
        denied in tail(&["a", "b", "*", "?"], 4),
    ) {
        let members: Vec<_> = texts(7).into_iter().filter(|t| glob(asked.as_bytes(), t.as_bytes())).collect();
        let within = |pattern: &String, text: &String| glob(pattern.as_bytes(), text.as_bytes());
        let covered = members.iter().all(|text| allowed.iter().any(|pattern| within(pattern, text)));
        let hit = members.iter().any(|text| within(&denied, text));

        let world = simple(&asked, vec![(Effect::Allow, allowed)]);
        let expected = if covered { Verdict::Allowed } else { Verdict::ImplicitDeny };
        prop_assert_eq!(world.verdict(), expected);

        let world = simple(&asked, vec![(Effect::Allow, vec!["*".to_owned()]), (Effect::Deny, vec![denied])]);
        let expected = if hit { Verdict::ExplicitDeny } else { Verdict::Allowed };
        prop_assert_eq!(world.verdict(), expected);
    }

    #[test]
    fn nothing_written_breaks_it(texts in prop::collection::vec(any::<String>(), 8), pattern in any::<bool>()) {
        let mut world = simple("", vec![(Effect::Allow, vec![texts[0].clone()]), (Effect::Deny, vec![texts[1].clone()])]);
        world.request.resource_is_pattern = pattern;
        world.request.resource = texts[2].clone();
        world.request.action = texts[3].clone();
        world.request.caller = Caller::Role { arn: texts[4].clone(), session: None };
        world.request.context.set(&texts[5], ContextValue::Like(texts[6].clone()));
        world.identity[0].actions[0] = written("*");
        world.identity[0].resources = Some(vec![written(&texts[0]), written(&format!("a:b:c:d:e:${{{}", texts[5])), written("*")]);
        for operator in ["StringLike", "ArnNotLike", "NumericLessThan", "DateLessThan", "Bool", "IpAddress", "BinaryEquals", texts[7].as_str()] {
            world.identity[0].conditions = vec![Condition {
                operator: written(operator),
                key: written(&texts[5]),
                values: vec![written(&texts[6]), written(&format!("${{{}}}", texts[5]))],
            }];
            world.resource_account = None;
            world.verdict();
        }
    }
}

/// A statement of lists as statements of one action and one resource each, where that means the same.
fn single(statement: &Statement) -> Vec<Statement> {
    let mut all = vec![statement.clone()];
    if !statement.not_action {
        let parts = |s: Statement| {
            let actions = s.actions.clone();
            actions.into_iter().map(move |action| Statement {
                actions: vec![action],
                ..s.clone()
            })
        };
        all = all.into_iter().flat_map(parts).collect();
    }
    if !statement.not_resource {
        let parts = |s: Statement| {
            let resources = s.resources.clone().unwrap_or_default();
            resources.into_iter().map(move |one| Statement {
                resources: Some(vec![one]),
                ..s.clone()
            })
        };
        all = all.into_iter().flat_map(parts).collect();
    }
    all
}

/// Requests in which the unknown keys have values; the flag tells whether every missing fact is settled.
fn completions(request: &Request, missing: &[Missing]) -> Vec<(Request, bool)> {
    let mut all = vec![(request.clone(), true)];
    for key in KEYS {
        let values: Vec<Option<&[&str]>> = match request.context.get(key) {
            Some(ContextValue::Unknown) => {
                let list: &[&str] = if *key == "aws:TagKeys" {
                    &["zz", "a"]
                } else {
                    &["zz"]
                };
                vec![
                    None,
                    Some(&["a"]),
                    Some(&["b"]),
                    Some(list),
                    Some(&["true"]),
                ]
            }
            Some(ContextValue::Perhaps(_)) => vec![None, Some(&["a"])],
            Some(ContextValue::Like(_)) => vec![Some(&["a"]), Some(&["ab"])],
            _ => continue,
        };
        all = all
            .into_iter()
            .flat_map(|(request, _)| {
                values.iter().map(move |value| {
                    let mut request = request.clone();
                    let value = value.unwrap_or_default().iter().map(|v| (*v).to_owned());
                    request
                        .context
                        .set(key, ContextValue::Known(value.collect()));
                    (request, true)
                })
            })
            .collect();
    }
    let settled = missing
        .iter()
        .all(|fact| matches!(fact, Missing::Context(_)));
    all.into_iter()
        .map(|(request, _)| (request, settled))
        .collect()
}
