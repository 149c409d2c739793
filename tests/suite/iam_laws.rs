//! Laws that hold for every request and all policies, tried on made-up ones.

#![cfg(test)]

use pipeline_preflight::graph::{
    Condition, Effect, Policy, Principal, PrincipalKind, Principals, Statement, Version, Written,
};
use pipeline_preflight::iam::{
    Caller, Context, ContextValue, Layer, Missing, Request, Verdict, decide,
};
use pipeline_preflight::source::Origin;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::iam::{policy, written};
use crate::iam_worlds::{
    KEYS, any_statement, pattern_or_one, pattern_world, simple, statement, tail,
};

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
    fn a_deny_that_applies_wins(world in pattern_or_one(), at in any::<prop::sample::Index>(), star in any::<bool>()) {
        let mut denied = world;
        // Only levels and layers that bind the caller have a say.
        let account = !matches!(denied.request.caller, Caller::Service(_) | Caller::Anonymous);
        let everything = Statement {
            principals: Some(everybody()),
            not_action: false,
            actions: vec![written(if star { "*" } else { "S3:*" })],
            not_resource: false,
            resources: Some(vec![written("*")]),
            conditions: Vec::new(),
            ..simple("", vec![(Effect::Deny, Vec::new())]).identity.remove(0)
        };
        denied.request.action = "s3:GetObject".to_owned();
        let mut layers: Vec<&mut Vec<Statement>> = Vec::new();
        if account {
            layers.push(&mut denied.identity);
            layers.extend(denied.boundary.as_mut());
            layers.extend(denied.session.as_mut());
            layers.extend(denied.scps.iter_mut().flatten());
        }
        layers.extend(denied.resource.as_mut());
        layers.extend(denied.rcps.iter_mut().flatten());
        prop_assume!(!layers.is_empty());
        at.get_mut(&mut layers).push(everything);
        prop_assert_eq!(denied.verdict(), Verdict::ExplicitDeny);
    }

    #[test]
    fn one_alone_and_a_list_of_one_are_read_alike(statement in any_statement()) {
        let (mut bare, mut listed) = (printed(&statement, true), printed(&statement, false));
        let bare = policy(&json!({"Version": "2012-10-17", "Statement": bare.take()}));
        let listed = policy(&json!({"Version": "2012-10-17", "Statement": [listed.take()]}));
        prop_assert_eq!(nowhere(&bare), nowhere(&listed));
    }

    #[test]
    fn what_is_printed_is_read_again(statements in prop::collection::vec(any_statement(), 1..4), bare in any::<bool>(), old in any::<bool>()) {
        let version = if old { "2008-10-17" } else { "2012-10-17" };
        let all: Vec<Value> = statements.iter().map(|one| printed(one, bare)).collect();
        let read = policy(&json!({"Version": version, "Statement": all}));
        prop_assert_eq!(read.version == Version::V2008, old);
        let mut expected: Vec<Statement> = statements.iter().map(gathered).collect();
        prop_assert_eq!(&nowhere(&read), &expected);
        // And once more, from what was read.
        let again: Vec<Value> = read.statements.iter().map(|one| printed(one, !bare)).collect();
        let again = policy(&json!({"Statement": again}));
        expected = nowhere(&again);
        prop_assert_eq!(nowhere(&read), expected);
    }

    #[test]
    fn a_wider_requirement_is_never_better(world in pattern_world(), at in any::<prop::sample::Index>(), mark in any::<bool>()) {
        let narrow = goodness(world.verdict());
        let mut wider = world;
        let tail = wider.request.resource.strip_prefix("arn:aws:s3:::").unwrap().to_owned();
        // A character becomes any one, or any number of them; a star more between two takes in what was there.
        let (cut, end) = (at.index(tail.len() + 1), tail.len());
        let (before, behind) = tail.split_at(cut);
        let wild = match behind.chars().next() {
            Some(first) if mark && first != '*' => format!("{before}?{}", &behind[1..]),
            Some(_) => format!("{before}*{}", &behind[1..]),
            None => format!("{}*", &tail[..end]),
        };
        wider.request.resource = format!("arn:aws:s3:::{wild}");
        prop_assert!(goodness(wider.verdict()) <= narrow, "{}", wider.request.resource);
    }

    #[test]
    fn a_pattern_is_as_its_worst_member(world in pattern_world()) {
        // Where nothing is unknown, and every member a policy could tell from others is short.
        let mut world = world;
        world.request.context = Context::default();
        if let Caller::Role { session, .. } = &mut world.request.caller {
            *session = Some("one".to_owned());
        }
        world.resource_account.get_or_insert_with(|| "111111111111".to_owned());
        let verdict = world.verdict();
        prop_assume!(verdict != Verdict::Unknown);
        let pattern = world.request.resource.clone();
        let members = texts(5).into_iter().map(|text| format!("arn:aws:s3:::{text}"));
        let worst = members
            .filter(|member| glob(pattern.as_bytes(), member.as_bytes()))
            .map(|member| {
                let mut request = world.request.clone();
                request.resource = member;
                request.resource_is_pattern = false;
                world.decide(&request).0
            })
            .max_by_key(|verdict| match verdict {
                Verdict::Allowed => 0,
                Verdict::Unknown => 1,
                Verdict::ImplicitDeny => 2,
                Verdict::ExplicitDeny => 3,
            });
        // A member that tells may be longer than those tried: then the pattern is worse, never better.
        let worst = worst.unwrap();
        prop_assert!(goodness(verdict) <= goodness(worst));
        let short = world.clone().statements().into_iter().flatten().all(|s| {
            s.resources.iter().flatten().all(|one| one.text.len() <= "arn:aws:s3:::".len() + 2)
        });
        if short && pattern.len() <= "arn:aws:s3:::".len() + 2 {
            prop_assert_eq!(verdict, worst);
        }
    }

    #[test]
    fn a_layer_that_is_seen_decides_as_the_unknown_foretold(world in pattern_or_one(), at in 0..6_usize) {
        let (unseen, seen) = world.with_layers(|layers| {
            let seen = decide(&world.request, layers);
            let mut layers = layers.clone();
            match at {
                0 => layers.identity = Layer::Unknown,
                1 => layers.resource = Layer::Unknown,
                2 => layers.boundary = Layer::Unknown,
                3 => layers.session = Layer::Unknown,
                4 => layers.scps = Layer::Unknown,
                _ => layers.rcps = Layer::Unknown,
            }
            (decide(&world.request, &layers), seen.verdict)
        });
        match unseen.verdict {
            // Certain without the layer is certain with it.
            Verdict::Allowed | Verdict::ExplicitDeny => prop_assert_eq!(seen, unseen.verdict),
            Verdict::ImplicitDeny => prop_assert_eq!(goodness(seen), 0),
            // What only the unseen layer leaves open names it.
            Verdict::Unknown => {
                let named = unseen.missing.iter().any(|one| matches!(one, Missing::Layer(_)));
                prop_assert!(named || seen == Verdict::Unknown, "{:?}", unseen.missing);
            }
        }
    }

    #[test]
    fn no_fact_settles_to_what_an_unknown_did_not_foretell(world in pattern_or_one()) {
        // One key after the other is settled: what is decided on the way is never taken back.
        let mut decided: Option<Verdict> = None;
        let mut request = world.request.clone();
        for key in KEYS {
            let (verdict, _) = world.decide(&request);
            if let Some(before) = decided {
                prop_assert!(verdict == before || (before == Verdict::ImplicitDeny && verdict == Verdict::ExplicitDeny));
            }
            if verdict != Verdict::Unknown {
                decided = Some(verdict);
            }
            if let Some(ContextValue::Unknown | ContextValue::Perhaps(_)) = request.context.get(key) {
                request.context.set(key, ContextValue::Known(vec!["a".to_owned()]));
            }
        }
        let (last, _) = world.decide(&request);
        if let Some(before) = decided {
            prop_assert!(last == before || (before == Verdict::ImplicitDeny && last == Verdict::ExplicitDeny));
        }
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

fn everybody() -> Principals {
    Principals {
        not: false,
        origin: Origin::NOWHERE,
        any_of: vec![Principal {
            kind: PrincipalKind::Aws,
            value: written("*"),
        }],
    }
}

/// A statement as JSON, a list of one `bare` or as a list.
fn printed(statement: &Statement, bare: bool) -> Value {
    let list = |all: &[Written]| match all {
        [one] if bare => json!(one.text),
        all => all.iter().map(|one| json!(one.text)).collect(),
    };
    let not = |not: bool, name: &str| {
        if not {
            format!("Not{name}")
        } else {
            name.to_owned()
        }
    };
    let mut printed = json!({"Effect": match statement.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    }});
    printed[not(statement.not_action, "Action")] = list(&statement.actions);
    if let Some(resources) = &statement.resources {
        printed[not(statement.not_resource, "Resource")] = list(resources);
    }
    if let Some(principals) = &statement.principals {
        let mut kinds = serde_json::Map::new();
        for kind in KINDS {
            let own = principals.any_of.iter().filter(|one| one.kind == kind.0);
            let own: Vec<Written> = own.map(|one| one.value.clone()).collect();
            if !own.is_empty() {
                kinds.insert(kind.1.to_owned(), list(&own));
            }
        }
        printed[not(principals.not, "Principal")] = Value::Object(kinds);
    }
    for condition in &statement.conditions {
        printed["Condition"][&condition.operator.text][&condition.key.text] =
            list(&condition.values);
    }
    printed
}

const KINDS: [(PrincipalKind, &str); 4] = [
    (PrincipalKind::Aws, "AWS"),
    (PrincipalKind::Service, "Service"),
    (PrincipalKind::Federated, "Federated"),
    (PrincipalKind::CanonicalUser, "CanonicalUser"),
];

/// A statement as its print orders it: principals by their kind.
fn gathered(statement: &Statement) -> Statement {
    let mut statement = statement.clone();
    if let Some(principals) = &mut statement.principals {
        let place = |one: &Principal| KINDS.iter().position(|kind| kind.0 == one.kind);
        principals.any_of.sort_by_key(place);
    }
    statement
}

/// The statements of a policy without their places.
fn nowhere(policy: &Policy) -> Vec<Statement> {
    let plain =
        |all: &mut Vec<Written>| all.iter_mut().for_each(|one| one.origin = Origin::NOWHERE);
    let strip = |statement: &Statement| {
        let mut statement = statement.clone();
        statement.origin = Origin::NOWHERE;
        plain(&mut statement.actions);
        statement.resources.iter_mut().for_each(plain);
        if let Some(principals) = &mut statement.principals {
            principals.origin = Origin::NOWHERE;
            for one in &mut principals.any_of {
                one.value.origin = Origin::NOWHERE;
            }
        }
        for condition in &mut statement.conditions {
            condition.operator.origin = Origin::NOWHERE;
            condition.key.origin = Origin::NOWHERE;
            plain(&mut condition.values);
        }
        statement
    };
    policy.statements.iter().map(strip).collect()
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
