//! Unit tests for policies: a case → the decision, why it came out so, and whether that was expected.
//!
//! In: a [`Case`] as it was read, and the [`Sources`] that its places point into. Out: an [`Answer`], and on demand the
//! [`trace`] behind it. Knows nothing of pipelines or of the catalogue; the law of IAM is `iam`'s.

mod because;
mod compare;
mod convert;
mod statements;
mod trace;

use crate::iam::{Decision, LayerName, Missing, Verdict, decide};
use crate::load::case::Case;
use crate::source::Sources;
use statements::Statements;

pub use convert::{layers, request};

/// What comes out for a case.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The decision.
    pub decision: Decision,
    /// Why, in one sentence.
    pub because: String,
    /// What is not as the case expects, each in one clause; `None` when the case expects nothing.
    pub differences: Option<Vec<String>>,
}

/// Decides a case, and compares the decision with what the case expects.
pub fn answer(case: &Case, sources: &Sources) -> Answer {
    let request = request(case);
    let layers = layers(case);
    let decision = decide(&request, &layers);
    let differences = case
        .expected
        .is_something()
        .then(|| compare::differences(case, &request, &layers, &decision));
    let because = because::because(case, &request, &layers, &decision, sources);
    Answer {
        decision,
        because,
        differences,
    }
}

/// What every layer and statement says to a case, line by line.
pub fn trace(case: &Case, answer: &Answer, sources: &Sources) -> Vec<String> {
    trace::lines(case, &answer.decision, &Statements::of(case, sources))
}

/// A verdict as cases write it.
pub const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "Allowed",
        Verdict::ExplicitDeny => "ExplicitDeny",
        Verdict::ImplicitDeny => "ImplicitDeny",
        Verdict::Unknown => "Unknown",
    }
}

/// A layer as cases write it.
pub const fn layer_name(layer: LayerName) -> &'static str {
    match layer {
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

/// A missing fact as cases write it.
pub fn missing_name(missing: &Missing) -> String {
    match missing {
        Missing::Context(key) => format!("context:{key}"),
        Missing::Layer(layer) => {
            let member = match layer {
                LayerName::Identity => "identityPolicies",
                LayerName::Trust | LayerName::KeyPolicy | LayerName::Resource => "resourcePolicy",
                LayerName::Boundary => "boundary",
                LayerName::Scp => "scps",
                LayerName::Rcp => "rcps",
                LayerName::Session => "sessionPolicy",
            };
            format!("policy:{member}")
        }
        Missing::Document(layer, document) => format!("document:{}:{document}", layer_name(*layer)),
        Missing::SessionName => "principal:session-name".to_owned(),
        Missing::CanonicalUser => "principal:canonical-user".to_owned(),
        Missing::ResourceAccount => "resource-account".to_owned(),
        Missing::Symbol(_) => "unresolved-value".to_owned(),
    }
}
