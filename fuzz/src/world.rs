//! A request with policies in every layer, made of bytes and written as policy texts.

use pipeline_preflight::graph::Policy;
use pipeline_preflight::iam::{
    Caller, Context, ContextValue, Layer, Layers, PolicySet, Request, Verdict,
};
use pipeline_preflight::load::policy;
use pipeline_preflight::source::Sources;
use serde_json::{Value, json};

use crate::Bytes;

const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "kms:Decrypt",
    "kms:DescribeKey",
    "sts:AssumeRole",
    "sts:TagSession",
    "iam:PassRole",
    "codebuild:StartBuild",
    "codebuild:BatchGetBuilds",
    "lambda:InvokeFunction",
    "ecs:RunTask",
    "odd",
];
const ACTION_PATTERNS: &[&str] = &[
    "*",
    "s3:*",
    "s3:Get*",
    "*:*",
    "?3:*Object",
    "kms:*",
    "sts:Assume*",
    "iam:PassRole",
    "codebuild:*",
    "*e*t*",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::store",
    "arn:aws:s3:::store/*",
    "arn:aws:s3:::store/a/b.zip",
    "arn:aws:s3:::*/b*",
    "arn:aws:kms:eu-west-1:222222222222:key/k-1",
    "arn:aws:kms:*:222222222222:key/*",
    "arn:aws:kms:eu-west-1:222222222222:alias/a",
    "arn:aws:iam::222222222222:role/Deploy",
    "arn:aws:iam::*:role/*",
    "arn:*:iam::111111111111:role/Caller",
    "arn:aws:codebuild:eu-west-1:111111111111:project/p",
    "arn:aws:lambda:*:function:f",
    "arn:aws:*:*:*:*",
    "arn:aws:s3:::${aws:PrincipalTag/team}/*",
    "arn:aws:s3:::store/${*}",
    "arn:aws:s3:::store/${aws:username, 'me'}",
    "?",
    "arn:aws:s3:::*?*?*",
];
const PRINCIPALS: &[&str] = &[
    "*",
    "111111111111",
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::111111111111:role/Caller",
    "arn:aws:sts::111111111111:assumed-role/Caller/run",
    "arn:aws:iam::111111111111:user/u",
    "AROAEXAMPLEID",
    "222222222222",
    "arn:aws:iam::222222222222:root",
];
const KEYS: &[&str] = &[
    "aws:PrincipalOrgID",
    "aws:SourceArn",
    "aws:PrincipalTag/team",
    "aws:username",
    "aws:TagKeys",
    "aws:SourceIp",
    "aws:CurrentTime",
    "aws:SecureTransport",
    "s3:prefix",
    "kms:ViaService",
    "sts:ExternalId",
    "aws:PrincipalArn",
];
const VALUES: &[&str] = &[
    "o-1",
    "true",
    "false",
    "1",
    "2.5",
    "1e400",
    "-0",
    "10.0.0.1",
    "10.0.0.0/8",
    "2001:db8::/32",
    "2025-01-01T00:00:00Z",
    "1735689600",
    "9999999999999999999",
    "arn:aws:iam::111111111111:role/Caller",
    "arn:aws:*:*:*:*",
    "team",
    "TEAM",
    "t*m",
    "${aws:username}",
    "aGk=",
    "",
];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericLessThan",
    "DateEquals",
    "DateLessThan",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnLike",
    "ArnNotEquals",
    "Null",
];
/// Pieces of made-up patterns, chosen so that they meet each other.
const PIECES: &[&str] = &[
    "*",
    "?",
    ":",
    "/",
    "a",
    "b",
    "arn:aws:s3:::",
    "${aws:PrincipalTag/team}",
    "${?}",
    "é",
    "\u{1f600}",
    "store",
];

/// A request with its layers; `None` is a layer that is absent, an empty text one that nobody has seen.
#[derive(Debug)]
pub struct World {
    /// What is asked.
    pub request: Request,
    single: [Option<Vec<Policy>>; 4],
    levels: [Option<Vec<Vec<Policy>>>; 2],
    unknown: [bool; 6],
    unseen: bool,
    resource_account: Option<String>,
}

impl World {
    /// Makes one.
    pub fn of(bytes: &mut Bytes<'_>) -> Self {
        let request = request(bytes);
        let unknown = std::array::from_fn(|_| bytes.rarely(8));
        let mut set = |principals: bool| -> Option<Vec<Policy>> {
            let count = bytes.below(4).checked_sub(1)?;
            Some(
                (0..=count / 2)
                    .filter_map(|_| policy(bytes, principals))
                    .collect(),
            )
        };
        let single = [set(false), set(true), set(false), set(false)];
        let mut levels = |principals| -> Option<Vec<Vec<Policy>>> {
            let count = bytes.below(4).checked_sub(1)?;
            Some(
                (0..=count)
                    .map(|_| policy(bytes, principals).into_iter().collect())
                    .collect(),
            )
        };
        let levels = [levels(false), levels(true)];
        Self {
            request,
            single,
            levels,
            unknown,
            unseen: bytes.rarely(8),
            resource_account: match bytes.below(3) {
                0 => None,
                1 => Some("111111111111".to_owned()),
                _ => Some("222222222222".to_owned()),
            },
        }
    }

    /// Its layers.
    pub fn layers(&self) -> Layers<'_> {
        let [identity, resource, boundary, session] = std::array::from_fn(|at| {
            let unseen = self.unseen && at == 0;
            match &self.single[at] {
                _ if self.unknown[at] => Layer::Unknown,
                None => Layer::Absent,
                Some(policies) => Layer::Known(PolicySet {
                    policies: policies.iter().collect(),
                    unseen: unseen.then(|| "Unseen".to_owned()).into_iter().collect(),
                }),
            }
        });
        let [scps, rcps] = std::array::from_fn(|at| match &self.levels[at] {
            _ if self.unknown[at + 4] => Layer::Unknown,
            None => Layer::Absent,
            Some(levels) => Layer::Known(
                levels
                    .iter()
                    .map(|level| PolicySet {
                        policies: level.iter().collect(),
                        unseen: Vec::new(),
                    })
                    .collect(),
            ),
        });
        Layers {
            identity,
            resource,
            resource_account: self.resource_account.clone(),
            restricts_public: false,
            boundary,
            session,
            scps,
            rcps,
        }
    }
}

fn request(bytes: &mut Bytes<'_>) -> Request {
    let caller = match bytes.below(7) {
        0 | 1 => Caller::Role {
            arn: "arn:aws:iam::111111111111:role/Caller".to_owned(),
            session: (!bytes.rarely(3)).then(|| "run".to_owned()),
        },
        2 => Caller::User("arn:aws:iam::111111111111:user/u".to_owned()),
        3 => Caller::FederatedUser("arn:aws:sts::111111111111:federated-user/f".to_owned()),
        4 => Caller::Root("arn:aws:iam::111111111111:root".to_owned()),
        5 => Caller::Service("codepipeline.amazonaws.com".to_owned()),
        _ => Caller::Anonymous,
    };
    let mut context = Context::default();
    for _ in 0..bytes.below(5) {
        let key = bytes.one_of(KEYS);
        let value = match bytes.below(5) {
            0 => ContextValue::Unknown,
            1 => ContextValue::Like(made_up(bytes, VALUES)),
            2 => ContextValue::Known(vec![made_up(bytes, VALUES), made_up(bytes, VALUES)]),
            _ => ContextValue::Known(vec![made_up(bytes, VALUES)]),
        };
        context.set(key, value);
    }
    if bytes.rarely(4) {
        context.set_unknown_prefix("aws:PrincipalTag/");
    }
    let flags = bytes.byte();
    Request {
        caller,
        action: bytes.one_of(ACTIONS).to_owned(),
        resource: made_up(bytes, RESOURCES),
        resource_is_pattern: bytes.below(2) == 1,
        context,
        caller_in_management_account: flags & 7 == 1,
        resource_in_management_account: flags & 7 == 2,
        caller_is_service_linked_role: flags & 7 == 3,
    }
}

/// One of these, or one of new pieces.
fn made_up(bytes: &mut Bytes<'_>, known: &[&str]) -> String {
    let choice = bytes.below(known.len() + 8);
    match known.get(choice) {
        Some(known) => (*known).to_owned(),
        None => (0..bytes.below(12)).map(|_| bytes.one_of(PIECES)).collect(),
    }
}

fn policy(bytes: &mut Bytes<'_>, principals: bool) -> Option<Policy> {
    let statements: Vec<Value> = (0..=bytes.below(4))
        .map(|_| statement(bytes, principals))
        .collect();
    let version = if bytes.rarely(4) {
        "2008-10-17"
    } else {
        "2012-10-17"
    };
    read_policy(&json!({"Version": version, "Statement": statements}))
}

fn statement(bytes: &mut Bytes<'_>, principals: bool) -> Value {
    let mut statement = serde_json::Map::new();
    let mut put = |key: &str, value| statement.insert(key.to_owned(), value);
    put(
        "Effect",
        json!(if bytes.rarely(3) { "Deny" } else { "Allow" }),
    );
    let not = |bytes: &mut Bytes<'_>, name: &str| match bytes.rarely(5) {
        true => format!("Not{name}"),
        false => name.to_owned(),
    };
    put(&not(bytes, "Action"), json!(bytes.one_of(ACTION_PATTERNS)));
    let resources: Vec<String> = (0..=bytes.below(4))
        .map(|_| made_up(bytes, RESOURCES))
        .collect();
    if !(principals && bytes.rarely(3)) {
        put(&not(bytes, "Resource"), json!(resources));
    }
    if principals {
        let principal = match bytes.below(4) {
            0 => json!("*"),
            1 => json!({"Service": "codepipeline.amazonaws.com"}),
            _ => json!({"AWS": [bytes.one_of(PRINCIPALS), bytes.one_of(PRINCIPALS)]}),
        };
        put(&not(bytes, "Principal"), principal);
    }
    let mut conditions = serde_json::Map::new();
    for _ in 0..bytes.below(4) / 2 {
        let over = ["", "", "ForAllValues:", "ForAnyValue:"][bytes.below(4)];
        let end = if bytes.rarely(4) { "IfExists" } else { "" };
        let operator = format!("{over}{}{end}", bytes.one_of(OPERATORS));
        let values: Vec<String> = (0..=bytes.below(3))
            .map(|_| made_up(bytes, VALUES))
            .collect();
        conditions.insert(operator, json!({bytes.one_of(KEYS): values}));
    }
    if !conditions.is_empty() {
        put("Condition", Value::Object(conditions));
    }
    Value::Object(statement)
}

/// Reads a policy as the loader does; `None` when it is refused.
pub fn read_policy(document: &Value) -> Option<Policy> {
    let mut sources = Sources::new();
    let source = sources
        .add("policy.json", document.to_string().as_bytes())
        .ok()?;
    let root = sources.roots(source).first()?.origin();
    policy::read(&mut sources, root, None).ok()
}

/// A policy that leaves nothing.
pub fn deny_everything() -> Policy {
    read_policy(&json!({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}))
        .expect("a policy that AWS takes")
}

/// How much a verdict lets through.
pub fn goodness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allowed => 2,
        Verdict::Unknown => 1,
        Verdict::ImplicitDeny | Verdict::ExplicitDeny => 0,
    }
}
