//! Laws of texts with unresolved parts: what is certain of them stays so, whatever the parts turn out to be.

#![cfg(test)]

use std::collections::BTreeMap;

use pipeline_preflight::graph::{
    Effect, PrincipalKind, Principals, Statement, has_symbol, is_generated,
};
use pipeline_preflight::iam::{
    Caller, Compiled, Context, ContextValue, Missing, Request, Verdict, trace,
};
use pipeline_preflight::source::Origin;
use proptest::prelude::*;
use proptest::sample::select;

use crate::iam::written;
use crate::iam_worlds::{KEYS, ROLE, World, pattern_or_one, simple};

/// Part of a text, of requests and policies: stands for something without wildcards and colons.
const PARTS: [char; 2] = ['\u{F0000}', '\u{F0001}'];
/// A whole text, of requests and policies.
const WHOLE: char = '\u{F0002}';
/// Any part of a policy's text, which may have wildcards.
const WILD: char = '\u{F0003}';
/// What AWS makes up.
const MADE: [char; 2] = ['\u{100000}', '\u{100001}'];

type Values = BTreeMap<char, String>;

fn values() -> impl Strategy<Value = Values> {
    let part = || {
        select(
            &[
                "",
                "a",
                "b",
                "ab",
                "zz",
                "Build",
                "s3",
                "GetObject",
                "111111111111",
                "222222222222",
            ][..],
        )
    };
    let whole = select(
        &[
            "a",
            "arn:aws:s3:::a",
            "arn:aws:s3:::ab",
            ROLE,
            "arn:aws:iam::222222222222:role/Build",
            "arn:aws:iam::111111111111:user/ana",
            "arn:aws:iam::111111111111:root",
            "arn:aws:sts::111111111111:assumed-role/Build/one",
            "111111111111",
            "222222222222",
            "events.amazonaws.com",
            "s3:GetObject",
        ][..],
    );
    let wild = select(
        &[
            "",
            "a",
            "*",
            "?",
            "a*",
            "arn:aws:s3:::*",
            "s3:*",
            "kms:Decrypt",
        ][..],
    );
    let made = select(&[("x7K2", "q9Z1"), ("b0", "x7K2")][..]);
    (part(), part(), whole, wild, made).prop_map(|(one, other, whole, wild, (made, more))| {
        let all = PARTS.into_iter().chain([WHOLE, WILD]).chain(MADE);
        let texts = [one, other, whole, wild, made, more];
        all.zip(texts.map(str::to_owned)).collect()
    })
}

fn put_in(values: &Values, text: &mut String) {
    if has_symbol(text) {
        let value = |one: char| values.get(&one).cloned().unwrap_or_else(|| one.to_string());
        *text = text.chars().map(value).collect();
    }
}

/// Puts unresolved values into texts, as a list of numbers tells: which text, which part of it, which value.
struct Weaver<'n> {
    numbers: std::slice::Iter<'n, u16>,
}

impl Weaver<'_> {
    fn number(&mut self) -> usize {
        self.numbers.next().copied().map_or(usize::MAX, usize::from)
    }

    fn text(&mut self, text: &mut String, of_policy: bool) {
        let number = self.number();
        // Most texts stay as they are.
        if number == usize::MAX || !number.is_multiple_of(3) {
            return;
        }
        let number = number / 3;
        let (kind, at, length) = (number % 7, number / 7 % 40, number / 280 % 4);
        let symbol = match kind {
            0 | 1 => PARTS[0],
            2 => PARTS[1],
            3 => {
                *text = WHOLE.to_string();
                return;
            }
            4 if of_policy => WILD,
            4 => PARTS[1],
            5 => MADE[0],
            _ => MADE[1],
        };
        // A value stands behind the last colon, or is an account.
        let start = match text.find("111111111111").or(text.find("222222222222")) {
            Some(account) if at.is_multiple_of(2) => {
                text.replace_range(account..account + 12, &symbol.to_string());
                return;
            }
            _ => text.rfind(':').map_or(0, |at| at + 1),
        };
        // Text between braces is a variable.
        if text.contains("${") {
            text.insert(start, symbol);
            return;
        }
        let tail = text.split_off(start);
        let at = at % (tail.len() + 1);
        let end = (at + length).min(tail.len());
        text.push_str(&tail[..at]);
        text.push(symbol);
        text.push_str(&tail[end..]);
    }

    fn statement(&mut self, statement: &mut Statement) {
        for action in &mut statement.actions {
            if self.number().is_multiple_of(4) {
                self.text(&mut action.text, true);
            }
        }
        for resource in statement.resources.iter_mut().flatten() {
            self.text(&mut resource.text, true);
        }
        for principal in statement
            .principals
            .iter_mut()
            .flat_map(|all| &mut all.any_of)
        {
            self.text(&mut principal.value.text, true);
        }
        for condition in &mut statement.conditions {
            if self.number().is_multiple_of(12) {
                condition.key.text = format!("aws:PrincipalTag/{}", PARTS[0]);
            }
            for value in &mut condition.values {
                self.text(&mut value.text, true);
            }
        }
    }
}

fn each_text(world: &mut World, mut with: impl FnMut(&mut String, bool)) {
    let request = &mut world.request;
    with(&mut request.resource, false);
    if let Caller::Role { arn, .. } | Caller::User(arn) = &mut request.caller {
        with(arn, false);
    }
    let mut context = Context::default();
    for key in KEYS {
        let Some(mut value) = request.context.get(key).cloned() else {
            continue;
        };
        match &mut value {
            ContextValue::Known(all) => all.iter_mut().for_each(|one| with(one, false)),
            ContextValue::Like(one) | ContextValue::Perhaps(one) => with(one, false),
            ContextValue::Unknown => {}
        }
        context.set(key, value);
    }
    request.context = context;
    if let Some(owner) = &mut world.resource_account {
        with(owner, false);
    }
}

/// A world with unresolved values.
fn symbolic() -> impl Strategy<Value = World> {
    (pattern_or_one(), prop::collection::vec(any::<u16>(), 0..64)).prop_map(
        |(mut world, numbers)| {
            let mut weaver = Weaver {
                numbers: numbers.iter(),
            };
            each_text(&mut world, |text, of_policy| weaver.text(text, of_policy));
            for set in world.statements() {
                set.iter_mut().for_each(|one| weaver.statement(one));
            }
            world
        },
    )
}

/// The world once its values are known.
fn known(world: &World, values: &Values) -> World {
    let mut world = world.clone();
    each_text(&mut world, |text, _| put_in(values, text));
    for statement in world.statements().into_iter().flatten() {
        let principals = statement
            .principals
            .iter_mut()
            .flat_map(|all| &mut all.any_of);
        let texts = principals.map(|one| &mut one.value);
        let texts = texts.chain(statement.resources.iter_mut().flatten());
        let texts = texts.chain(&mut statement.actions);
        let conditions = statement.conditions.iter_mut();
        let texts =
            texts.chain(conditions.flat_map(|one| one.values.iter_mut().chain([&mut one.key])));
        texts.for_each(|one| put_in(values, &mut one.text));
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_value_takes_back_what_is_certain(world in symbolic(), values in values()) {
        let (verdict, missing) = world.decide(&world.request);
        let known = known(&world, &values);
        let (decided, _) = known.decide(&known.request);
        match verdict {
            Verdict::Allowed | Verdict::ExplicitDeny => prop_assert_eq!(decided, verdict, "{:?} {:?}", values, known),
            Verdict::ImplicitDeny => {
                let denied = matches!(decided, Verdict::ImplicitDeny | Verdict::ExplicitDeny);
                prop_assert!(denied, "{:?} {:?} {:?}", decided, values, known);
            }
            Verdict::Unknown => {
                // What only values leave open names one.
                let named = missing.iter().any(|one| matches!(one, Missing::Symbol(_)));
                prop_assert!(named || decided == Verdict::Unknown, "{:?} {:?} {:?}", missing, values, known);
            }
        }
        // What AWS makes up is named only where nobody could supply anything.
        let named: Vec<char> = missing.iter().filter_map(|one| match one {
            Missing::Symbol(symbol) => Some(*symbol),
            _ => None,
        }).collect();
        prop_assert!(named.iter().all(|one| values.contains_key(one)));
        world.with_layers(|layers| {
            prop_assert_eq!(Compiled::new(layers).verdict(&world.request), verdict);
            prop_assert_eq!(Compiled::new(layers).decide(&world.request).verdict, verdict);
            trace(&world.request, layers);
            Ok(())
        })?;
    }
}

/// One Allow or Deny with one resource, asked of one resource.
fn one(effect: Effect, written: &str, asked: &str) -> (Verdict, Vec<Missing>) {
    let mut world = simple("", Vec::new());
    let mut of = |effect, tail: &str| {
        let mut own = simple("", vec![(effect, vec![String::new()])])
            .identity
            .remove(0);
        own.resources = Some(vec![crate::iam::written(tail)]);
        world.identity.push(own);
    };
    if effect == Effect::Deny {
        of(Effect::Allow, "*");
    }
    of(effect, written);
    world.request.resource = asked.to_owned();
    world.request.resource_is_pattern = asked.ends_with('*');
    world.decide(&world.request)
}

#[test]
fn a_value_is_equal_to_itself() {
    let [a, b] = PARTS;
    let open = |symbols: &[char]| {
        let facts = symbols.iter().map(|one| Missing::Symbol(*one));
        (Verdict::Unknown, facts.collect::<Vec<_>>())
    };
    let allowed = || (Verdict::Allowed, Vec::new());
    let denied = || (Verdict::ImplicitDeny, Vec::new());
    let bucket = |name: &dyn std::fmt::Display, key: &str| format!("arn:aws:s3:::{name}/{key}");
    for (written, asked, expected) in [
        (bucket(&a, "*"), bucket(&a, "app/*"), allowed()),
        (bucket(&a, "app/*"), bucket(&a, "app/*"), allowed()),
        (bucket(&a, "app/*"), bucket(&a, "other/*"), denied()),
        (bucket(&a, "app/x*"), bucket(&a, "app/*"), denied()),
        (bucket(&a, "*"), bucket(&b, "app/*"), open(&[a, b])),
        (bucket(&a, "*"), bucket(&"tools", "app/*"), open(&[a])),
        (bucket(&"tools", "*"), bucket(&a, "app/*"), open(&[a])),
        (format!("{a}/*"), bucket(&"tools", "app/*"), open(&[a])),
        (format!("{a}/*"), format!("{a}/app/*"), allowed()),
        ("*".to_owned(), bucket(&a, "app/*"), allowed()),
        ("arn:aws:s3:::*".to_owned(), bucket(&a, "app/*"), allowed()),
        (
            "arn:aws:s3:::????/app/*".to_owned(),
            bucket(&a, "app/*"),
            open(&[a]),
        ),
        (format!("arn:aws:kms:::{a}"), bucket(&a, "app/*"), denied()),
        (a.to_string(), bucket(&MADE[0], "app/*"), open(&[a])),
        (bucket(&MADE[0], "*"), bucket(&MADE[0], "app/*"), allowed()),
        (bucket(&MADE[0], "*"), bucket(&MADE[1], "app/*"), denied()),
        (
            bucket(&MADE[0], "*"),
            bucket(&"x", "app/*"),
            open(&[MADE[0]]),
        ),
    ] {
        assert_eq!(
            one(Effect::Allow, &written, &asked),
            expected,
            "{written:?} {asked:?}"
        );
        let deny = match expected.0 {
            Verdict::Unknown => expected,
            // What is asked for may be denied in part.
            _ if expected == denied() && !written.ends_with("app/x*") => allowed(),
            _ => (Verdict::ExplicitDeny, Vec::new()),
        };
        assert_eq!(
            one(Effect::Deny, &written, &asked),
            deny,
            "{written:?} {asked:?}"
        );
    }
}

/// Whom a bucket policy lets in, of a request from another account.
fn admitted(
    kind: PrincipalKind,
    named: &str,
    caller: Caller,
    owner: &str,
) -> (Verdict, Vec<Missing>) {
    let mut world = simple("a", vec![(Effect::Allow, vec!["*".to_owned()])]);
    let mut own = world.identity[0].clone();
    own.principals = Some(Principals {
        not: false,
        origin: Origin::NOWHERE,
        any_of: vec![pipeline_preflight::graph::Principal {
            kind,
            value: written(named),
        }],
    });
    world.resource = Some(vec![own]);
    world.request = Request {
        caller,
        resource_is_pattern: false,
        ..world.request
    };
    world.resource_account = Some(owner.to_owned());
    world.decide(&world.request)
}

#[test]
fn principals_may_be_named_by_values() {
    let [a, b] = PARTS;
    let role = |arn: &str| Caller::Role {
        arn: arn.to_owned(),
        session: None,
    };
    let open = |symbols: &[char]| {
        let facts = symbols.iter().map(|one| Missing::Symbol(*one));
        (Verdict::Unknown, facts.collect::<Vec<_>>())
    };
    let allowed = || (Verdict::Allowed, Vec::new());
    let denied = || (Verdict::ImplicitDeny, Vec::new());
    let of_a = format!("arn:aws:iam::{a}:role/Build");
    let aws = PrincipalKind::Aws;
    let other = "222222222222";
    for (kind, named, caller, owner, expected) in [
        (aws, of_a.clone(), role(ROLE), other, open(&[a])),
        (
            aws,
            ROLE.to_owned(),
            role(&of_a),
            "333333333333",
            open(&[a]),
        ),
        (
            aws,
            format!("arn:aws:iam::{a}:role/Other"),
            role(ROLE),
            other,
            denied(),
        ),
        (aws, a.to_string(), role(ROLE), other, open(&[a])),
        (
            aws,
            format!("arn:aws:iam::{a}:root"),
            role(ROLE),
            other,
            open(&[a]),
        ),
        (
            aws,
            format!("arn:aws:iam::{a}:root"),
            role(&of_a),
            "111111111111",
            allowed(),
        ),
        (aws, a.to_string(), role(&of_a), "111111111111", allowed()),
        (
            aws,
            format!("arn:aws:iam::{b}:root"),
            role(&of_a),
            "333333333333",
            open(&[a, b]),
        ),
        (
            aws,
            format!("arn:aws:sts::{a}:assumed-role/Build/x"),
            role(ROLE),
            other,
            open(&[a]),
        ),
        (
            aws,
            format!("arn:aws:sts::{a}:assumed-role/Other/x"),
            role(ROLE),
            other,
            denied(),
        ),
        (
            aws,
            format!("arn:aws:iam::{a}:user/x"),
            role(ROLE),
            other,
            denied(),
        ),
        (
            PrincipalKind::Service,
            format!("events.{a}"),
            Caller::Service("events.amazonaws.com".to_owned()),
            other,
            open(&[a]),
        ),
        (
            PrincipalKind::Service,
            format!("sns.{a}"),
            Caller::Service("events.amazonaws.com".to_owned()),
            other,
            denied(),
        ),
        (
            PrincipalKind::Service,
            format!("codedeploy.{a}.amazonaws.com"),
            Caller::Service("codedeploy.amazonaws.com".to_owned()),
            other,
            open(&[a]),
        ),
    ] {
        // A Region that nobody knows either is named as well.
        let (verdict, mut missing) = admitted(kind, &named, caller.clone(), owner);
        missing.retain(|one| matches!(one, Missing::Symbol(_)));
        let wanted = match named.starts_with("codedeploy") {
            true => (Verdict::Unknown, Vec::new()),
            false => expected,
        };
        assert_eq!((verdict, missing), wanted, "{named:?} {caller:?}");
    }
    // A role whose account is not known may be of the same account, where its own policies are enough.
    let (verdict, missing) = admitted(PrincipalKind::Service, "x", role(&of_a), "111111111111");
    assert_eq!((verdict, missing), open(&[a]));
    assert!(!is_generated(a));
}
