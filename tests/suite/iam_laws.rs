//! Laws that hold for every request and all policies, tried on made-up ones.

#![cfg(test)]

use pipeline_preflight::graph::{
    Condition, Effect, Policy, Principal, PrincipalKind, Principals, Statement, Version, Written,
};
use pipeline_preflight::iam::{
    Caller, Context, ContextValue, Layer, Layers, Missing, PolicySet, Request, Verdict, decide,
};
use pipeline_preflight::source::Origin;
use proptest::prelude::*;
use proptest::sample::select;

use crate::iam::written;

/// Everything a decision is made of, owned.
#[derive(Clone)]
struct World {
    request: Request,
    identity: Vec<Statement>,
    resource: Option<Vec<Statement>>,
    resource_account: Option<String>,
    boundary: Option<Vec<Statement>>,
    session: Option<Vec<Statement>>,
    scps: Option<Vec<Vec<Statement>>>,
    rcps: Option<Vec<Vec<Statement>>>,
}

/// As short as it can be read: what is derived fills pages.
impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let set = |statements: &Vec<Statement>| statements.iter().map(short).collect::<Vec<_>>();
        writeln!(f, "{:?}\n owner {:?}", self.request, self.resource_account)?;
        writeln!(f, " identity {:?}", set(&self.identity))?;
        writeln!(f, " resource {:?}", self.resource.as_ref().map(set))?;
        writeln!(f, " boundary {:?}", self.boundary.as_ref().map(set))?;
        writeln!(f, " session {:?}", self.session.as_ref().map(set))?;
        for (name, levels) in [("scps", &self.scps), ("rcps", &self.rcps)] {
            let levels: Vec<_> = levels.iter().flatten().map(set).collect();
            writeln!(f, " {name} {levels:?}")?;
        }
        Ok(())
    }
}

fn short(statement: &Statement) -> String {
    let texts = |all: &[Written]| {
        all.iter()
            .map(|w| w.text.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let not = |not: bool| if not { "not " } else { "" };
    let principals = statement.principals.iter().map(|p| {
        let all: Vec<_> = p.any_of.iter().map(|p| p.value.text.as_str()).collect();
        format!("{}{}", not(p.not), all.join(" "))
    });
    let conditions = statement.conditions.iter().map(|c| {
        let (operator, key) = (&c.operator.text, &c.key.text);
        format!("{operator} {key} {}", texts(&c.values))
    });
    format!(
        "{:?} <{}> {}{} | {}{} | {:?}",
        statement.effect,
        principals.collect::<String>(),
        not(statement.not_action),
        texts(&statement.actions),
        not(statement.not_resource),
        texts(statement.resources.as_deref().unwrap_or_default()),
        conditions.collect::<Vec<_>>()
    )
}

fn policy(statements: &[Statement]) -> Policy {
    Policy {
        name: None,
        origin: Origin::NOWHERE,
        version: Version::V2012,
        statements: statements.to_vec(),
    }
}

fn layer(policies: &[Policy]) -> Layer<PolicySet<'_>> {
    match policies {
        [] => Layer::Absent,
        some => Layer::Known(PolicySet {
            policies: some.iter().collect(),
            unseen: Vec::new(),
        }),
    }
}

impl World {
    fn verdict(&self) -> Verdict {
        self.decide(&self.request).0
    }

    fn decide(&self, request: &Request) -> (Verdict, Vec<Missing>) {
        let one = |s: &Option<Vec<Statement>>| s.iter().map(|s| policy(s)).collect::<Vec<_>>();
        let many = |levels: &Option<Vec<Vec<Statement>>>| {
            let levels = levels.iter().flatten();
            levels.map(|level| policy(level)).collect::<Vec<_>>()
        };
        let identity = [policy(&self.identity)];
        let (resource, boundary, session) =
            (one(&self.resource), one(&self.boundary), one(&self.session));
        let (scps, rcps) = (many(&self.scps), many(&self.rcps));
        fn known(policies: &[Policy]) -> Layer<Vec<PolicySet<'_>>> {
            let level = |policy| PolicySet {
                policies: vec![policy],
                unseen: Vec::new(),
            };
            Layer::Known(policies.iter().map(level).collect())
        }
        let layers = Layers {
            identity: layer(&identity),
            resource: layer(&resource),
            resource_account: self.resource_account.clone(),
            boundary: layer(&boundary),
            session: layer(&session),
            scps: known(&scps),
            rcps: known(&rcps),
        };
        let decision = decide(request, &layers);
        let denied = matches!(
            decision.verdict,
            Verdict::ExplicitDeny | Verdict::ImplicitDeny
        );
        assert_eq!(denied, !decision.withheld.is_empty(), "{decision:?}");
        assert_eq!(
            decision.verdict == Verdict::Unknown,
            !decision.missing.is_empty(),
            "{decision:?}"
        );
        (decision.verdict, decision.missing)
    }

    fn statements(&mut self) -> Vec<&mut Vec<Statement>> {
        let mut all = vec![&mut self.identity];
        all.extend(self.resource.as_mut());
        all.extend(self.boundary.as_mut());
        all.extend(self.session.as_mut());
        all.extend(self.scps.iter_mut().flatten());
        all.extend(self.rcps.iter_mut().flatten());
        all
    }
}

/// How much a verdict lets through.
fn goodness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allowed => 2,
        Verdict::Unknown => 1,
        Verdict::ImplicitDeny | Verdict::ExplicitDeny => 0,
    }
}

const ROLE: &str = "arn:aws:iam::111111111111:role/Build";
const KEYS: &[&str] = &["aws:PrincipalTag/x", "aws:PrincipalTag/y", "aws:TagKeys"];
const VALUES: &[&str] = &["a", "b", "ab", ""];

/// Short names of few characters, so that patterns meet often.
fn tail(alphabet: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(select(alphabet), 0..=most).prop_map(|parts| parts.concat())
}

fn resource() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just("*".to_owned()),
        6 => tail(&["a", "b", "*", "?", "${aws:PrincipalTag/x}"], 3).prop_map(|t| format!("arn:aws:s3:::{t}")),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let operator = select(
        &[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIfExists",
            "StringNotEqualsIfExists",
            "StringEqualsIgnoreCase",
            "NumericLessThan",
            "Bool",
            "ArnLike",
            "ArnNotLike",
            "NotIpAddress",
            "Null",
            "ForAllValues:StringLike",
            "ForAnyValue:StringNotEquals",
        ][..],
    );
    let value = select(
        &[
            "a",
            "b",
            "a*",
            "*",
            "true",
            "${aws:PrincipalTag/y}",
            "${aws:PrincipalTag/y, 'a'}",
        ][..],
    );
    let values = prop::collection::vec(value, 1..3);
    (operator, select(KEYS), values).prop_map(|(operator, key, values)| Condition {
        operator: written(operator),
        key: written(key),
        values: values.into_iter().map(written).collect(),
    })
}

fn principals() -> impl Strategy<Value = Principals> {
    let one = select(
        &[
            (PrincipalKind::Aws, "*"),
            (PrincipalKind::Aws, ROLE),
            (
                PrincipalKind::Aws,
                "arn:aws:sts::111111111111:assumed-role/Build/one",
            ),
            (PrincipalKind::Aws, "111111111111"),
            (PrincipalKind::Aws, "arn:aws:iam::222222222222:root"),
            (PrincipalKind::Service, "events.amazonaws.com"),
            (PrincipalKind::CanonicalUser, "ab12"),
        ][..],
    );
    (prop::bool::weighted(0.1), prop::collection::vec(one, 1..3)).prop_map(|(not, some)| {
        Principals {
            not,
            origin: Origin::NOWHERE,
            any_of: some
                .into_iter()
                .map(|(kind, text)| Principal {
                    kind,
                    value: written(text),
                })
                .collect(),
        }
    })
}

fn statement(effect: impl Strategy<Value = Effect>) -> impl Strategy<Value = Statement> {
    let action = select(
        &[
            "*",
            "s3:*",
            "s3:Get*",
            "s3:PutObject",
            "kms:*",
            "sts:AssumeRole",
        ][..],
    );
    (
        effect,
        principals(),
        (
            prop::bool::weighted(0.1),
            prop::collection::vec(action, 1..3),
        ),
        (
            prop::bool::weighted(0.2),
            prop::collection::vec(resource(), 1..4),
        ),
        prop::collection::vec(condition(), 0..2),
    )
        .prop_map(
            |(effect, principals, (not_action, actions), (not_resource, resources), conditions)| {
                Statement {
                    sid: None,
                    origin: Origin::NOWHERE,
                    effect,
                    principals: Some(principals),
                    not_action,
                    actions: actions.into_iter().map(written).collect(),
                    not_resource,
                    resources: Some(resources.iter().map(|text| written(text)).collect()),
                    conditions,
                }
            },
        )
}

fn any_statement() -> impl Strategy<Value = Statement> {
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    statement(effect)
}

fn value() -> impl Strategy<Value = Option<ContextValue>> {
    let values = prop::collection::vec(select(VALUES), 1..3);
    prop_oneof![
        1 => Just(None),
        2 => values.prop_map(|values| Some(ContextValue::Known(values.into_iter().map(str::to_owned).collect()))),
        1 => Just(Some(ContextValue::Like("a*".to_owned()))),
        2 => Just(Some(ContextValue::Unknown)),
    ]
}

fn context() -> impl Strategy<Value = Context> {
    prop::collection::vec(value(), KEYS.len()).prop_map(|values| {
        let mut context = Context::default();
        for (key, value) in KEYS.iter().zip(values) {
            if let Some(value) = value {
                context.set(key, value);
            }
        }
        context
    })
}

fn request() -> impl Strategy<Value = Request> {
    let caller = select(vec![
        Caller::Role {
            arn: ROLE.to_owned(),
            session: Some("one".to_owned()),
        },
        Caller::Role {
            arn: ROLE.to_owned(),
            session: None,
        },
        Caller::User("arn:aws:iam::111111111111:user/ana".to_owned()),
        Caller::Service("events.amazonaws.com".to_owned()),
        Caller::Anonymous,
    ]);
    let action = select(
        &[
            "s3:GetObject",
            "s3:PutObject",
            "kms:Decrypt",
            "sts:AssumeRole",
        ][..],
    );
    (caller, action, tail(&["a", "b", "z"], 3), context()).prop_map(
        |(caller, action, tail, context)| Request {
            caller,
            action: action.to_owned(),
            resource: format!("arn:aws:s3:::{tail}"),
            resource_is_pattern: false,
            context,
            caller_in_management_account: false,
            resource_in_management_account: false,
            caller_is_service_linked_role: false,
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    let some = || prop::collection::vec(any_statement(), 0..4);
    let perhaps = || prop::option::weighted(0.3, prop::collection::vec(any_statement(), 1..4));
    let levels = || {
        prop::option::weighted(
            0.2,
            prop::collection::vec(prop::collection::vec(any_statement(), 1..3), 1..3),
        )
    };
    let owner = prop_oneof![
        3 => Just(Some("111111111111")),
        2 => Just(Some("222222222222")),
        1 => Just(None),
    ];
    (
        request(),
        some(),
        prop::option::weighted(0.7, some()),
        owner,
        (perhaps(), perhaps()),
        (levels(), levels()),
    )
        .prop_map(
            |(request, identity, resource, owner, (boundary, session), (scps, rcps))| World {
                request,
                identity,
                resource,
                resource_account: owner.map(str::to_owned),
                boundary,
                session,
                scps,
                rcps,
            },
        )
}

/// A world whose request is for a pattern.
fn pattern_world() -> impl Strategy<Value = World> {
    (world(), tail(&["a", "b", "*", "?"], 3)).prop_map(|(mut world, tail)| {
        world.request.resource = format!("arn:aws:s3:::{tail}");
        world.request.resource_is_pattern = true;
        world
    })
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

/// An S3 world in which only identity policies speak, of one statement per pattern.
fn simple(pattern: &str, statements: Vec<(Effect, Vec<String>)>) -> World {
    let statement = |(effect, tails): (Effect, Vec<String>)| Statement {
        sid: None,
        origin: Origin::NOWHERE,
        effect,
        principals: None,
        not_action: false,
        actions: vec![written("s3:GetObject")],
        not_resource: false,
        resources: Some(
            tails
                .iter()
                .map(|t| written(&format!("arn:aws:s3:::{t}")))
                .collect(),
        ),
        conditions: Vec::new(),
    };
    World {
        request: Request {
            caller: Caller::Role {
                arn: ROLE.to_owned(),
                session: None,
            },
            action: "s3:GetObject".to_owned(),
            resource: format!("arn:aws:s3:::{pattern}"),
            resource_is_pattern: true,
            context: Context::default(),
            caller_in_management_account: false,
            resource_in_management_account: false,
            caller_is_service_linked_role: false,
        },
        identity: statements.into_iter().map(statement).collect(),
        resource: None,
        resource_account: Some("111111111111".to_owned()),
        boundary: None,
        session: None,
        scps: None,
        rcps: None,
    }
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

fn pattern_or_one() -> impl Strategy<Value = World> {
    prop_oneof![world(), pattern_world()]
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
