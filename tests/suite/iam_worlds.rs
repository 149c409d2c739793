//! Made-up requests and policies for the laws.

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
pub(crate) struct World {
    pub(crate) request: Request,
    pub(crate) identity: Vec<Statement>,
    pub(crate) resource: Option<Vec<Statement>>,
    pub(crate) resource_account: Option<String>,
    pub(crate) boundary: Option<Vec<Statement>>,
    pub(crate) session: Option<Vec<Statement>>,
    pub(crate) scps: Option<Vec<Vec<Statement>>>,
    pub(crate) rcps: Option<Vec<Vec<Statement>>>,
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

pub(crate) fn short(statement: &Statement) -> String {
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

pub(crate) fn policy(statements: &[Statement]) -> Policy {
    Policy {
        name: None,
        origin: Origin::NOWHERE,
        version: Version::V2012,
        statements: statements.to_vec(),
    }
}

pub(crate) fn layer(policies: &[Policy]) -> Layer<PolicySet<'_>> {
    match policies {
        [] => Layer::Absent,
        some => Layer::Known(PolicySet {
            policies: some.iter().collect(),
            unseen: Vec::new(),
        }),
    }
}

impl World {
    pub(crate) fn verdict(&self) -> Verdict {
        self.decide(&self.request).0
    }

    pub(crate) fn decide(&self, request: &Request) -> (Verdict, Vec<Missing>) {
        let decision = self.with_layers(|layers| decide(request, layers));
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

    pub(crate) fn with_layers<T>(&self, then: impl FnOnce(&Layers<'_>) -> T) -> T {
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
            restricts_public: false,
            boundary: layer(&boundary),
            session: layer(&session),
            scps: known(&scps),
            rcps: known(&rcps),
        };
        then(&layers)
    }

    pub(crate) fn statements(&mut self) -> Vec<&mut Vec<Statement>> {
        let mut all = vec![&mut self.identity];
        all.extend(self.resource.as_mut());
        all.extend(self.boundary.as_mut());
        all.extend(self.session.as_mut());
        all.extend(self.scps.iter_mut().flatten());
        all.extend(self.rcps.iter_mut().flatten());
        all
    }
}

pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/Build";
pub(crate) const KEYS: &[&str] = &["aws:PrincipalTag/x", "aws:PrincipalTag/y", "aws:TagKeys"];
pub(crate) const VALUES: &[&str] = &["a", "b", "ab", ""];

/// Short names of few characters, so that patterns meet often.
pub(crate) fn tail(
    alphabet: &'static [&'static str],
    most: usize,
) -> impl Strategy<Value = String> {
    prop::collection::vec(select(alphabet), 0..=most).prop_map(|parts| parts.concat())
}

pub(crate) fn resource() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just("*".to_owned()),
        6 => tail(&["a", "b", "*", "?", "${aws:PrincipalTag/x}"], 3).prop_map(|t| format!("arn:aws:s3:::{t}")),
    ]
}

pub(crate) fn condition() -> impl Strategy<Value = Condition> {
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

pub(crate) fn principals() -> impl Strategy<Value = Principals> {
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

pub(crate) fn statement(effect: impl Strategy<Value = Effect>) -> impl Strategy<Value = Statement> {
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

pub(crate) fn any_statement() -> impl Strategy<Value = Statement> {
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    statement(effect)
}

pub(crate) fn value() -> impl Strategy<Value = Option<ContextValue>> {
    let values = prop::collection::vec(select(VALUES), 1..3);
    prop_oneof![
        1 => Just(None),
        2 => values.prop_map(|values| Some(ContextValue::Known(values.into_iter().map(str::to_owned).collect()))),
        1 => Just(Some(ContextValue::Like("a*".to_owned()))),
        1 => Just(Some(ContextValue::Perhaps("a".to_owned()))),
        2 => Just(Some(ContextValue::Unknown)),
    ]
}

pub(crate) fn context() -> impl Strategy<Value = Context> {
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

pub(crate) fn request() -> impl Strategy<Value = Request> {
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

pub(crate) fn world() -> impl Strategy<Value = World> {
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
pub(crate) fn pattern_world() -> impl Strategy<Value = World> {
    (world(), tail(&["a", "b", "*", "?"], 3)).prop_map(|(mut world, tail)| {
        world.request.resource = format!("arn:aws:s3:::{tail}");
        world.request.resource_is_pattern = true;
        world
    })
}

pub(crate) fn pattern_or_one() -> impl Strategy<Value = World> {
    prop_oneof![world(), pattern_world()]
}

/// An S3 world in which only identity policies speak, of one statement per pattern.
pub(crate) fn simple(pattern: &str, statements: Vec<(Effect, Vec<String>)>) -> World {
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
