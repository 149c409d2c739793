//! A case as it was read → what the engine is asked.

use crate::graph::{Fact, Policy};
use crate::iam::{Caller, Context, ContextValue, Layer, Layers, PolicySet, Request};
use crate::load::case::{Case, Who};

/// The request of a case.
pub fn request(case: &Case) -> Request {
    let asked = &case.request;
    let mut context = Context::default();
    for (key, values) in &asked.context {
        context.set(key, ContextValue::Known(values.clone()));
    }
    for (key, value) in &asked.perhaps {
        context.set(key, ContextValue::Perhaps(value.clone()));
    }
    for key in &asked.unknown {
        context.set(key, ContextValue::Unknown);
    }
    Request {
        caller: match asked.principal.clone() {
            Who::Role { arn, session } => Caller::Role { arn, session },
            Who::User(arn) => Caller::User(arn),
            Who::FederatedUser(arn) => Caller::FederatedUser(arn),
            Who::Root(arn) => Caller::Root(arn),
            Who::Service(name) => Caller::Service(name),
            Who::Anonymous => Caller::Anonymous,
        },
        action: asked.action.clone(),
        resource: asked.resource.clone(),
        resource_is_pattern: asked.resource_is_pattern,
        context,
        caller_in_management_account: asked.principal_in_management_account,
        resource_in_management_account: asked.resource_in_management_account,
        caller_is_service_linked_role: asked.principal_is_service_linked_role,
    }
}

/// The policies of a case.
pub fn layers(case: &Case) -> Layers<'_> {
    let policies = &case.policies;
    Layers {
        identity: layer(&policies.identity, |documents| set(documents)),
        resource: layer(&policies.resource, one),
        resource_account: policies.resource_account.clone(),
        restricts_public: policies.restrict_public_buckets,
        boundary: layer(&policies.boundary, one),
        session: layer(&policies.session, one),
        scps: layer(&policies.scps, |levels| {
            levels.iter().map(|l| set(l)).collect()
        }),
        rcps: layer(&policies.rcps, |levels| {
            levels.iter().map(|l| set(l)).collect()
        }),
    }
}

fn layer<'c, T, U>(fact: &'c Fact<T>, make: impl FnOnce(&'c T) -> U) -> Layer<U> {
    match fact {
        Fact::Absent => Layer::Absent,
        Fact::Unseen => Layer::Unknown,
        Fact::Known(value) => Layer::Known(make(value)),
    }
}

fn set(policies: &[Policy]) -> PolicySet<'_> {
    PolicySet {
        policies: policies.iter().collect(),
        unseen: Vec::new(),
    }
}

fn one(policy: &Policy) -> PolicySet<'_> {
    set(std::slice::from_ref(policy))
}
