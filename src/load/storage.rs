//! Buckets and keys of a snapshot.
//!
//! Shapes: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>,
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>,
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html>

use super::hint::{Hint, partition_of};
use super::policy::Attached;
use super::reader::Reading;
use crate::graph::{
    Arn, Bucket, Condition, Effect, Fact, Key, Policy, Principal, PrincipalKind, Principals,
    Statement, Value, Written, has_symbol,
};
use crate::source::{Kind, Node, Origin};

/// By its place in a snapshot, by members that only buckets have, or as `get-bucket-policy` whose policy names a bucket.
pub(super) fn is_bucket(node: Node<'_>, hint: &Hint) -> bool {
    let has = |key| node.get(key).is_some();
    let described = [
        "LocationConstraint",
        "ServerSideEncryptionConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
    ]
    .iter()
    .any(|key| has(key));
    // Functions and topics have policies that name buckets too, but lie under a Region.
    let named = (has("Name") && has("Policy") && !has("Arn")) || is_bucket_policy(node);
    hint.bucket().is_some() || described || (named && hint.region().is_none())
}

fn is_bucket_policy(node: Node<'_>) -> bool {
    let only = node.entries().len() == 1;
    only && node
        .get("Policy")
        .is_some_and(|policy| match policy.kind() {
            Kind::String => policy
                .as_str()
                .is_some_and(|text| text.contains(":s3:::") || text.contains("%3As3%3A%3A%3A")),
            Kind::Map => policy
                .get("Statement")
                .is_some_and(|statements| names_bucket(statements)),
            _ => false,
        })
}

fn names_bucket(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::List => node.items().into_iter().any(names_bucket),
        Kind::Map => ["Resource", "NotResource"]
            .iter()
            .filter_map(|key| node.get(key))
            .any(names_bucket),
        _ => node.as_str().is_some_and(|text| text.contains(":s3:::")),
    }
}

/// Reads a bucket.
pub(super) fn read_bucket(reading: &mut Reading<'_>, document: Origin) {
    let policy = reading.policy_member(document, "Policy", Attached::Resource);
    let alone = is_bucket_policy(reading.node(document));
    let name = reading
        .text(document, "Name")
        .map(|name| name.text)
        .or_else(|| reading.hint.bucket().map(ToOwned::to_owned))
        .or_else(|| policy.known().filter(|_| alone).and_then(bucket_of))
        .unwrap_or_else(|| reading.hint.stem.clone());
    let encryption = match nested(reading, document, "ServerSideEncryptionConfiguration") {
        Fact::Known(outer) => match reading.list(outer, "Rules").unwrap_or_default().first() {
            Some(rule) => truth(reading, *rule, "BucketKeyEnabled"),
            None => Fact::Known(false),
        },
        Fact::Absent => Fact::Absent,
        Fact::Unseen => Fact::Unseen,
    };
    let public = match nested(reading, document, "PublicAccessBlockConfiguration") {
        Fact::Known(block) => truth(reading, block, "RestrictPublicBuckets"),
        Fact::Absent => Fact::Absent,
        Fact::Unseen => Fact::Unseen,
    };
    let bucket = Bucket {
        name,
        origin: document,
        account: reading
            .hint
            .bucket()
            .and(reading.hint.account.as_ref())
            .cloned(),
        region: region(reading, document),
        policy,
        bucket_key: encryption,
        restrict_public: public,
    };
    reading.facts.add_bucket(bucket);
}

/// `null` is `us-east-1`, and `EU` an old name of `eu-west-1`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
fn region(reading: &Reading<'_>, document: Origin) -> Fact<String> {
    let Some(node) = reading.node(document).get("LocationConstraint") else {
        return Fact::Unseen;
    };
    Fact::Known(
        match node.scalar() {
            None | Some("") => "us-east-1",
            Some("EU") => "eu-west-1",
            Some(region) => region,
        }
        .to_owned(),
    )
}

/// A configuration: unseen when the member is missing, absent when it is `null`.
fn nested(reading: &Reading<'_>, document: Origin, key: &str) -> Fact<Origin> {
    match reading.node(document).get(key) {
        None => Fact::Unseen,
        Some(node) if node.kind() == Kind::Map => Fact::Known(node.origin()),
        Some(node) if node.scalar().is_some_and(has_symbol) => Fact::Unseen,
        Some(_) => Fact::Absent,
    }
}

/// A member that is not true where it is not written, and not known where a template leaves it open.
fn truth(reading: &Reading<'_>, map: Origin, key: &str) -> Fact<bool> {
    match reading.text(map, key) {
        Some(value) if has_symbol(&value.text) => Fact::Unseen,
        Some(value) => Fact::Known(value.text.eq_ignore_ascii_case("true")),
        None => Fact::Known(false),
    }
}

/// A bucket's policy may name no other bucket, so the first one it names is its own.
fn bucket_of(policy: &Policy) -> Option<String> {
    policy
        .statements
        .iter()
        .flat_map(|statement| statement.resources.iter().flatten())
        .filter_map(|resource| Arn::parse(&resource.text))
        .filter(|arn| arn.service == "s3")
        .find_map(|arn| {
            let bucket = arn.resource.split('/').next()?;
            (!bucket.contains(['*', '?', '$'])).then(|| bucket.to_owned())
        })
}

/// By its metadata or by its place in a snapshot.
pub(super) fn is_key(node: Node<'_>, hint: &Hint) -> bool {
    hint.key().is_some()
        || node
            .get("KeyMetadata")
            .is_some_and(|metadata| metadata.get("Arn").is_some())
}

/// Reads a key.
pub(super) fn read_key(reading: &mut Reading<'_>, document: Origin) {
    let metadata = reading.member(document, "KeyMetadata").unwrap_or(document);
    let Some(arn) = reading
        .text(metadata, "Arn")
        .map(|arn| arn.text)
        .or_else(|| arn_by_path(reading.hint))
    else {
        reading.fail(
            metadata,
            "the key has no `Arn`: expected `arn:aws:kms:<region>:<account>:key/<id>`",
        );
        return;
    };
    let value = |key| {
        let written = reading.text(metadata, key)?;
        Some(Value {
            text: written.text,
            origin: written.origin,
        })
    };
    let spec = value("KeySpec").or_else(|| value("CustomerMasterKeySpec"));
    let state = value("KeyState");
    let manager = value("KeyManager").map(|manager| manager.text);
    let grants = match reading.list(document, "Grants") {
        Some(list) => Fact::Known(
            list.into_iter()
                .flat_map(|grant| read_grant(reading, grant))
                .collect(),
        ),
        None => Fact::Unseen,
    };
    let key = Key {
        arn,
        origin: document,
        policy: reading.policy_member(document, "Policy", Attached::Resource),
        grants,
        aliases: aliases(reading, document),
        manager,
        spec,
        state,
    };
    reading.facts.add_key(key);
}

fn arn_by_path(hint: &Hint) -> Option<String> {
    let (account, region, id) = (hint.account.as_ref()?, hint.region()?, hint.key()?);
    let partition = partition_of(region);
    Some(format!("arn:{partition}:kms:{region}:{account}:key/{id}"))
}

/// `list-aliases` entries, or bare names.
fn aliases(reading: &Reading<'_>, document: Origin) -> Fact<Vec<String>> {
    match reading.node(document).get("Aliases") {
        None => Fact::Unseen,
        Some(list) if list.kind() == Kind::List => Fact::Known(
            list.items()
                .into_iter()
                .filter_map(|alias| alias.get("AliasName").unwrap_or(alias).scalar())
                .map(ToOwned::to_owned)
                .collect(),
        ),
        Some(_) => Fact::Absent,
    }
}

/// Operations that a grant's constraints do not bind.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html>
const UNCONSTRAINED: &[&str] = &["DescribeKey", "RetireGrant"];

/// A grant as Allow statements for its grantee: one under its constraints, one for the operations that they do not bind.
fn read_grant(reading: &Reading<'_>, grant: Origin) -> Vec<Statement> {
    let Some(grantee) = reading.text(grant, "GranteePrincipal") else {
        return Vec::new();
    };
    let operations: Vec<Written> = reading
        .list(grant, "Operations")
        .unwrap_or_default()
        .into_iter()
        .filter_map(|operation| {
            let operation = reading.node(operation);
            Some(Written {
                text: format!("kms:{}", operation.scalar()?),
                origin: operation.origin(),
            })
        })
        .collect();
    let constraints = constraints(reading, grant);
    let (free, bound): (Vec<_>, Vec<_>) = operations.into_iter().partition(|operation| {
        constraints.is_empty()
            || UNCONSTRAINED
                .iter()
                .any(|name| operation.text.strip_prefix("kms:") == Some(name))
    });
    let kind = if grantee.text.ends_with(".amazonaws.com") && !grantee.text.starts_with("arn:") {
        PrincipalKind::Service
    } else {
        PrincipalKind::Aws
    };
    let name = reading
        .text(grant, "Name")
        .filter(|name| !name.text.is_empty())
        .or_else(|| reading.text(grant, "GrantId"))
        .map(|name| name.text);
    [(free, Vec::new()), (bound, constraints)]
        .into_iter()
        .filter(|(actions, _)| !actions.is_empty())
        .map(|(actions, conditions)| Statement {
            sid: name.clone(),
            origin: grant,
            effect: Effect::Allow,
            principals: Some(Principals {
                not: false,
                origin: grantee.origin,
                any_of: vec![Principal {
                    kind,
                    value: grantee.clone(),
                }],
            }),
            not_action: false,
            actions,
            not_resource: false,
            resources: None,
            conditions,
        })
        .collect()
}

/// Every pair has to be in the request's context; `EncryptionContextEquals` allows no key besides.
fn constraints(reading: &Reading<'_>, grant: Origin) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let Some(constraints) = reading.member(grant, "Constraints") else {
        return conditions;
    };
    for (name, exact) in [
        ("EncryptionContextSubset", false),
        ("EncryptionContextEquals", true),
    ] {
        let Some(pairs) = reading.member(constraints, name) else {
            continue;
        };
        let mut keys = Vec::new();
        for (key, origin, value) in reading.node(pairs).entries() {
            let written = |text: &str, origin| Written {
                text: text.to_owned(),
                origin,
            };
            keys.push(written(key, origin));
            conditions.push(Condition {
                operator: written("StringEquals", pairs),
                key: written(&format!("kms:EncryptionContext:{key}"), origin),
                values: vec![written(value.scalar().unwrap_or_default(), value.origin())],
            });
        }
        if exact {
            conditions.push(Condition {
                operator: Written {
                    text: "ForAllValues:StringEquals".to_owned(),
                    origin: pairs,
                },
                key: Written {
                    text: "kms:EncryptionContextKeys".to_owned(),
                    origin: pairs,
                },
                values: keys,
            });
        }
    }
    conditions
}
