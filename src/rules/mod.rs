//! `rules/*.yaml` → the typed catalogue, embedded into the binary.
//!
//! In: the YAML files, and an action of the graph. Out: what the action needs. Decides nothing.
//! What the files may say is told in `rules/README.md`; a file that says anything else is refused as a whole.

mod actions;
mod artifacts;
mod bounds;
mod catalogue;
mod choose;
mod commands;
mod each;
mod event;
mod expand;
pub mod explain;
mod finding;
mod locate;
mod operator;
mod page;
mod provider;
mod provider_page;
mod requirement;
#[cfg(test)]
mod schema;
mod scope;
mod sheet;
mod shell;
mod state;
mod target;
mod template;
mod trigger;
mod validate;
mod variables;
mod when;

pub(crate) use actions::actions;
pub use artifacts::store_in;
pub use bounds::{Outside, outside};
pub use catalogue::{Catalogue, CatalogueError, RuleFault};
pub use choose::rule_for;
pub use commands::{CommandRule, CommandRules, CommandUse};
pub use event::{EventRule, EventTarget, Taken};
pub use expand::{missing_of, requirements};
pub use finding::{Covered, FindingRule, Outcome, Purpose, Severity};
pub use operator::{operator, operator_requirements};
pub use provider::{
    ActionType, ArtifactUse, Bound, Certainty, Configuration, Consumers, Count, Covers, Each,
    Evidence, Links, NamedResource, NamedRole, PipelineRules, PipelineType, Producer, Provider,
    RequiredKey, RequirementRule, Same, Starts, UnknownRole, When,
};
pub use requirement::{
    Alternatives, MissingFact, NamedParty, Party, Requirement, Site, Target, ToldBy,
};
pub use state::{Unusable, unusable};
pub use template::{Part, Template, TemplateError, Variable};
pub use trigger::{EventSource, Obstacle, Trigger, event_sources, triggers};
pub use variables::{Store, customer_key, home_region};
