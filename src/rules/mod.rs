//! `rules/*.yaml` → the typed catalogue, embedded into the binary.
//!
//! In: the YAML files, and an action of the graph. Out: what the action needs. Decides nothing.

mod choose;
pub mod explain;
mod finding;
mod provider;

pub use choose::rule_for;
pub use finding::{Covered, FindingRule, Outcome, Purpose, Severity};
pub use provider::{
    ActionType, ArtifactUse, Certainty, Configuration, Covers, NamedResource, NamedRole,
    PipelineRules, Producer, Provider, RequiredKey, RequirementRule, When,
};
