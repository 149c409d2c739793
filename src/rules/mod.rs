//! `rules/*.yaml` → the typed catalogue, embedded into the binary.
//!
//! In: the YAML files, and an action of the graph. Out: what the action needs. Decides nothing.
//! What the files may say is told in `rules/README.md`; a file that says anything else is refused as a whole.

mod catalogue;
mod expand;
mod finding;
mod provider;
mod requirement;
mod scope;
mod template;
mod validate;

pub use catalogue::{Catalogue, CatalogueError, RuleFault};
pub use expand::{missing_of, requirements, store_in};
pub use finding::{Covered, FindingRule, Outcome, Purpose, Severity};
pub use provider::{
    ActionType, ArtifactUse, Certainty, Configuration, Covers, NamedResource, NamedRole, PipelineRules, Producer,
    Provider, RequiredKey, RequirementRule, When,
};
pub use requirement::{Alternatives, MissingFact, NamedParty, Party, Requirement, Site, Target};
pub use scope::{Store, customer_key, home_region};
pub use template::{Part, Template, TemplateError, Variable};
/// stub
pub fn rule_for<'a>(f: impl Iterator<Item = &'a FindingRule>, _p: Purpose, _l: &str, _o: Outcome) -> Option<&'a FindingRule> { f.into_iter().next() }
