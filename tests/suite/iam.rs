//! The decision vectors of `fixtures/iam`, and what a decision says beside its verdict.

#![cfg(test)]

use std::collections::BTreeSet;
use std::path::Path;

use pipeline_preflight::graph::{
    Condition, Effect, Policy, Principal, PrincipalKind, Principals, Statement, Version, Written,
};
use pipeline_preflight::iam::{
    Caller, Context, ContextValue, Decision, Layer, LayerName, Layers, Missing, PolicySet, Request,
    Verdict, decide,
};
use pipeline_preflight::source::Origin;
use serde_json::Value;

/// A text that stands nowhere.
pub(crate) fn written(text: &str) -> Written {
    Written {
        text: text.to_owned(),
        origin: Origin::NOWHERE,
    }
}

fn list(value: &Value) -> Vec<Written> {
    match value {
        Value::Array(items) => items.iter().flat_map(list).collect(),
        Value::String(text) => vec![written(text)],
        other => vec![written(&other.to_string())],
    }
}

/// A policy from its JSON.
pub(crate) fn policy(json: &Value) -> Policy {
    let statements = match &json["Statement"] {
        Value::Array(items) => items.iter().map(statement).collect(),
        one => vec![statement(one)],
    };
    Policy {
        name: None,
        origin: Origin::NOWHERE,
        version: match json["Version"].as_str() {
            Some("2012-10-17") => Version::V2012,
            _ => Version::V2008,
        },
        statements,
    }
}

fn statement(json: &Value) -> Statement {
    let pick = |name: &str, twin: &str| match (json.get(name), json.get(twin)) {
        (Some(value), None) => Some((value, false)),
        (None, Some(value)) => Some((value, true)),
        (None, None) => None,
        _ => panic!("{name} and {twin} in {json}"),
    };
    let (actions, not_action) = pick("Action", "NotAction").expect("an action");
    let resources = pick("Resource", "NotResource");
    let conditions = json.get("Condition").and_then(Value::as_object);
    let conditions = conditions
        .into_iter()
        .flatten()
        .flat_map(|(operator, keys)| {
            let keys = keys.as_object().expect("keys");
            keys.iter().map(move |(key, values)| Condition {
                operator: written(operator),
                key: written(key),
                values: list(values),
            })
        });
    Statement {
        sid: json["Sid"].as_str().map(str::to_owned),
        origin: Origin::NOWHERE,
        effect: match json["Effect"].as_str() {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            other => panic!("effect {other:?}"),
        },
        principals: pick("Principal", "NotPrincipal").map(|(value, not)| principals(value, not)),
        not_action,
        actions: list(actions),
        not_resource: resources.is_some_and(|(_, not)| not),
        resources: resources.map(|(value, _)| list(value)),
        conditions: conditions.collect(),
    }
}

fn principals(json: &Value, not: bool) -> Principals {
    let any_of = match json {
        Value::String(text) => vec![Principal {
            kind: PrincipalKind::Aws,
            value: written(text),
        }],
        Value::Object(map) => map
            .iter()
            .flat_map(|(kind, values)| {
                let kind = match kind.as_str() {
                    "AWS" => PrincipalKind::Aws,
                    "Service" => PrincipalKind::Service,
                    "Federated" => PrincipalKind::Federated,
                    "CanonicalUser" => PrincipalKind::CanonicalUser,
                    other => panic!("principal {other}"),
                };
                list(values)
                    .into_iter()
                    .map(move |value| Principal { kind, value })
            })
            .collect(),
        other => panic!("principal {other}"),
    };
    Principals {
        not,
        origin: Origin::NOWHERE,
        any_of,
    }
}

/// The policies of a case; [`Layers`] borrows from it.
pub(crate) struct Documents {
    identity: Layer<Vec<Policy>>,
    resource: Layer<Vec<Policy>>,
    resource_account: Option<String>,
    boundary: Layer<Vec<Policy>>,
    session: Layer<Vec<Policy>>,
    scps: Layer<Vec<Vec<Policy>>>,
    rcps: Layer<Vec<Vec<Policy>>>,
}

impl Documents {
    /// The documents of a case.
    pub(crate) fn of(case: &Value) -> Self {
        let set = |name: &str| match &case[name] {
            Value::Null => Layer::Absent,
            Value::String(_) => Layer::Unknown,
            Value::Array(items) => Layer::Known(items.iter().map(policy).collect()),
            one => Layer::Known(vec![policy(one)]),
        };
        let levels = |name: &str| match &case[name] {
            Value::Null => Layer::Absent,
            Value::String(_) => Layer::Unknown,
            levels => {
                let levels = levels.as_array().expect("levels");
                let level = |level: &Value| {
                    level
                        .as_array()
                        .expect("policies")
                        .iter()
                        .map(policy)
                        .collect()
                };
                Layer::Known(levels.iter().map(level).collect())
            }
        };
        Self {
            identity: set("identityPolicies"),
            resource: set("resourcePolicy"),
            resource_account: case["resourceAccount"].as_str().map(str::to_owned),
            boundary: set("boundary"),
            session: set("sessionPolicy"),
            scps: levels("scps"),
            rcps: levels("rcps"),
        }
    }

    /// The layers that borrow from these documents.
    pub(crate) fn layers(&self) -> Layers<'_> {
        fn set(policies: &[Policy]) -> PolicySet<'_> {
            PolicySet {
                policies: policies.iter().collect(),
                unseen: Vec::new(),
            }
        }
        fn one(layer: &Layer<Vec<Policy>>) -> Layer<PolicySet<'_>> {
            match layer {
                Layer::Absent => Layer::Absent,
                Layer::Unknown => Layer::Unknown,
                Layer::Known(policies) => Layer::Known(set(policies)),
            }
        }
        fn many(layer: &Layer<Vec<Vec<Policy>>>) -> Layer<Vec<PolicySet<'_>>> {
            match layer {
                Layer::Absent => Layer::Absent,
                Layer::Unknown => Layer::Unknown,
                Layer::Known(levels) => Layer::Known(levels.iter().map(|l| set(l)).collect()),
            }
        }
        Layers {
            identity: one(&self.identity),
            resource: one(&self.resource),
            resource_account: self.resource_account.clone(),
            boundary: one(&self.boundary),
            session: one(&self.session),
            scps: many(&self.scps),
            rcps: many(&self.rcps),
        }
    }
}

/// Who a case's principal is.
pub(crate) fn caller(text: &str) -> Caller {
    if text == "anonymous" {
        return Caller::Anonymous;
    }
    let Some(rest) = text.strip_prefix("arn:") else {
        return Caller::Service(text.to_owned());
    };
    let parts: Vec<_> = rest.splitn(5, ':').collect();
    let [partition, service, _, account, resource] = parts[..] else {
        panic!("{text}")
    };
    match (service, resource.split_once('/')) {
        ("sts", Some(("assumed-role", session))) => {
            let (role, session) = session.split_once('/').expect("a session");
            Caller::Role {
                arn: format!("arn:{partition}:iam::{account}:role/{role}"),
                session: Some(session.to_owned()),
            }
        }
        ("sts", Some(("federated-user", _))) => Caller::FederatedUser(text.to_owned()),
        ("iam", Some(("role", _))) => Caller::Role {
            arn: text.to_owned(),
            session: None,
        },
        ("iam", Some(("user", _))) => Caller::User(text.to_owned()),
        ("iam", None) if resource == "root" => Caller::Root(text.to_owned()),
        _ => panic!("{text}"),
    }
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        Value::Null => Vec::new(),
        one => vec![text(one)],
    }
}

/// The request of a case.
pub(crate) fn request(case: &Value) -> Request {
    let json = &case["request"];
    let mut context = Context::default();
    for (key, values) in json["context"].as_object().into_iter().flatten() {
        context.set(key, ContextValue::Known(texts(values)));
    }
    for key in texts(&json["unknown"]) {
        context.set(&key, ContextValue::Unknown);
    }
    let flag = |name: &str| json[name].as_bool().unwrap_or(false);
    Request {
        caller: caller(json["principal"].as_str().expect("principal")),
        action: json["action"].as_str().expect("action").to_owned(),
        resource: json["resource"].as_str().expect("resource").to_owned(),
        resource_is_pattern: flag("resourceIsPattern"),
        context,
        caller_in_management_account: flag("principalInManagementAccount"),
        resource_in_management_account: flag("resourceInManagementAccount"),
        caller_is_service_linked_role: flag("principalIsServiceLinkedRole"),
    }
}

fn layer(name: LayerName) -> &'static str {
    match name {
        LayerName::Identity => "identity",
        LayerName::Trust => "trust",
        LayerName::KeyPolicy => "key-policy",
        LayerName::Resource => "resource",
        LayerName::Boundary => "boundary",
        LayerName::Scp => "scp",
        LayerName::Rcp => "rcp",
        LayerName::Session => "session",
    }
}

fn missing(fact: &Missing) -> String {
    match fact {
        Missing::Context(key) => format!("context:{key}"),
        Missing::Layer(name) => format!(
            "policy:{}",
            match name {
                LayerName::Identity => "identityPolicies",
                LayerName::Trust | LayerName::KeyPolicy | LayerName::Resource => "resourcePolicy",
                LayerName::Boundary => "boundary",
                LayerName::Scp => "scps",
                LayerName::Rcp => "rcps",
                LayerName::Session => "sessionPolicy",
            }
        ),
        Missing::Document(name, document) => format!("document:{}:{document}", layer(*name)),
        Missing::SessionName => "principal:session-name".to_owned(),
        Missing::CanonicalUser => "principal:canonical-user".to_owned(),
        Missing::ResourceAccount => "resource-account".to_owned(),
    }
}

fn deciding(decision: &Decision) -> BTreeSet<String> {
    let names = decision.deciding.iter().map(|name| layer(*name).to_owned());
    names.collect()
}

/// What differs between a decision and what its case expects.
fn complaints(case: &Value) -> Vec<String> {
    let (mut request, documents) = (request(case), Documents::of(case));
    let decision = decide(&request, &documents.layers());
    let mut complaints = Vec::new();
    let expected = case["expected"].as_str().expect("expected");
    let verdict = format!("{:?}", decision.verdict);
    if verdict != expected {
        complaints.push(format!("is {verdict}, expected {expected}"));
        return complaints;
    }
    let wanted: BTreeSet<_> = texts(&case["deciding"]).into_iter().collect();
    let decided = deciding(&decision);
    let any_is_right = decision.verdict == Verdict::ImplicitDeny && case["deciding"].is_array();
    if decided != wanted && !(any_is_right && !decided.is_empty() && decided.is_subset(&wanted)) {
        complaints.push(format!("decided by {decided:?}, expected {wanted:?}"));
    }
    let wanted: BTreeSet<_> = texts(&case["missing"]).into_iter().collect();
    let lacked: BTreeSet<_> = decision.missing.iter().map(missing).collect();
    if lacked != wanted {
        complaints.push(format!("missing {lacked:?}, expected {wanted:?}"));
    }
    let denied = matches!(
        decision.verdict,
        Verdict::ExplicitDeny | Verdict::ImplicitDeny
    );
    if decision.withheld.is_empty() == denied {
        complaints.push(format!("withheld {:?}", decision.withheld));
    }
    let unknown = texts(&case["request"]["unknown"]);
    for resolution in case["resolutions"].as_array().into_iter().flatten() {
        for key in &unknown {
            request
                .context
                .set(key, ContextValue::Known(texts(&resolution["context"][key])));
        }
        let verdict = format!("{:?}", decide(&request, &documents.layers()).verdict);
        if verdict != resolution["expected"].as_str().expect("expected") {
            complaints.push(format!("is {verdict} after {resolution}"));
        }
    }
    complaints
}

#[test]
fn every_vector_is_decided_as_aws_would() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/iam");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("fixtures")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    let (mut ran, mut failed) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("text");
        let cases: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        let name = file
            .file_name()
            .expect("name")
            .to_string_lossy()
            .into_owned();
        println!("{name}: {} cases", cases.len());
        for case in &cases {
            ran += 1;
            for complaint in complaints(case) {
                failed.push(format!("{name} {}: {complaint}", case["id"]));
            }
        }
    }
    println!("{ran} cases in all");
    assert!(
        failed.is_empty(),
        "{} of {ran}:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(ran >= 401, "vectors were lost: {ran}");
}
