//! AWS's decision as a pure function: request + layers → decision with its trace.
//!
//! In: a [`Request`] and the policies of each layer, [`Layers`]. Out: a [`Decision`].
//! Knows nothing of pipelines, files or AWS calls; of `graph` only how a policy and an ARN are written.
//!
//! Order and combination: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>

mod action;
mod automaton;
mod case;
mod combine;
mod compare;
mod compiled;
mod condition;
mod decision;
mod effort;
mod judge;
mod layer;
mod layers;
mod named;
mod near;
mod operator;
mod parts;
mod pattern;
mod principal;
mod public;
mod request;
mod ruling;
mod services;
mod statement;
mod symbol;
mod trace;
mod tri;
mod variables;
pub(crate) mod words;

use crate::graph::{Condition, Version};

pub use compiled::{Compiled, Library};
pub use decision::{
    Decision, LayerName, Mismatch, Missing, NearMiss, Verdict, Withheld, WithheldBy,
};
pub use effort::counted;
pub use layers::{Layer, Layers, PolicySet};
pub use request::{Caller, Context, ContextValue, Request};
pub use trace::{Bearing, Heard, Said, Standing};

/// Decides one request as AWS would; for many by the same layers see [`Compiled`].
pub fn decide(request: &Request, layers: &Layers<'_>) -> Decision {
    Compiled::narrowed(layers, &request.action).decide(request)
}

/// Whether an action's name certainly matches a pattern of a policy.
pub(crate) fn names_action(pattern: &str, action: &str) -> bool {
    action::action_matches(pattern, action) == action::Fits::Yes
}

/// Whether a `Resource` without variables could match one of the ARNs that a second pattern stands for.
pub(crate) fn may_cover(written: &str, arns: &str) -> bool {
    let context = Context::default();
    let read = |text| variables::expand_resource(text, Version::V2008, &context);
    let (arns, written) = (read(arns).arn(false), read(written).arn(true));
    match arns.is_symbolic() || written.is_symbolic() {
        true => {
            symbol::meet(&arns, &written)
                != symbol::Meeting::Certain(Some(pattern::Relation::Apart))
        }
        false => arns.relation_to(&written) != pattern::Relation::Apart,
    }
}

/// Whether a condition key holds a list.
pub(crate) fn is_multivalued(key: &str) -> bool {
    variables::multivalued(key)
}

/// Whether a condition certainly fails for a call that does not carry its key.
pub(crate) fn needs_key(written: &Condition, version: Version) -> bool {
    let test = condition::Test::of(written, version);
    test.holds::<()>(&Context::default(), LayerName::Identity)
        .is_no()
}

/// What every layer and every statement says to a request, whatever comes of it.
pub fn trace(request: &Request, layers: &Layers<'_>) -> Vec<Heard> {
    trace::trace(request, layers)
}
