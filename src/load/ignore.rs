//! What people say of findings in the inputs and beside them: that they know of them, and why they leave it so.

use jiff::civil::Date;

use crate::source::Origin;

/// Findings that are to be ignored. What is `None` is not looked at; all else has to agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// The rule's id; `*` stands for any characters in this and in all other patterns.
    pub rule: String,
    /// The pipeline's name.
    pub pipeline: Option<String>,
    /// The stage's name.
    pub stage: Option<String>,
    /// The action's name.
    pub action: Option<String>,
    /// An ARN or a service.
    pub principal: Option<String>,
    /// `service:Action`
    pub operation: Option<String>,
    /// An ARN.
    pub resource: Option<String>,
    /// Only findings that point into this place.
    pub within: Option<Within>,
    /// Why; never empty.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Who says so.
    pub said_by: SaidBy,
    /// Where it is written.
    pub origin: Origin,
}

/// A place in an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// A node and all below it.
    Node(Origin),
}

/// Where an entry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaidBy {
    /// In the configuration file.
    Configuration,
    /// In a comment of a template.
    Comment,
    /// In the metadata of a template's resource.
    Metadata,
}
