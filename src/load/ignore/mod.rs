//! What people say of findings in the inputs and beside them: that they know of them, and why they leave it so.
//!
//! In: texts that a reader recognised. Out: [`Ignore`]s of comments and of the metadata of templates' resources, and a warning
//! for each that says too little. Which rules there are is not known here; whoever matches them tells of unknown ones.

mod comment;
mod metadata;

use jiff::civil::Date;

use super::{Loaded, Warning};
use crate::source::{Node, Origin, SourceId, Sources};

/// Findings that are to be ignored. What is `None` is not looked at; all else has to agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// The rule's id; `*` stands for any characters in this and in all other patterns.
    pub rule: String,
    /// The pipeline's name or ARN.
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
    /// Only findings that are about one of these nodes, with all below; any when empty.
    pub within: Vec<Origin>,
    /// Why; never empty.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Who says so.
    pub said_by: SaidBy,
    /// Where it is written.
    pub origin: Origin,
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

impl SaidBy {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Comment => "comment",
            Self::Metadata => "metadata",
        }
    }
}

/// What an entry says, whoever says it.
struct Said {
    rule: String,
    reason: String,
    expires: Option<Date>,
}

impl Said {
    fn ignore(self, said_by: SaidBy, within: Vec<Origin>, origin: Origin) -> Ignore {
        Ignore {
            rule: self.rule,
            pipeline: None,
            stage: None,
            action: None,
            principal: None,
            operation: None,
            resource: None,
            within,
            reason: self.reason,
            expires: self.expires,
            said_by,
            origin,
        }
    }
}

/// A day as `2026-12-31`, and in no other way of writing that a date may have.
pub fn day(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}

/// What a rule's id, or a pattern of ids, consists of.
fn is_rule_pattern(text: &str) -> bool {
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'*');
    !text.is_empty() && text.bytes().all(fits)
}

/// Where an entry of the configuration file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The entry.
    pub entry: Origin,
    /// The rule that it names.
    pub rule: Origin,
}

/// Adds a configuration file's text and tells where the entries of its list `ignore` stand, in their order. Nothing else in it
/// is ever shown: values of parameters stand there too.
pub fn written(sources: &mut Sources, name: &str, bytes: &[u8]) -> Vec<Written> {
    let Ok(source) = sources.add(name, bytes) else {
        // Whoever read the file's words has told what is wrong with it.
        return Vec::new();
    };
    let roots = sources.roots(source);
    let members: Vec<_> = roots.iter().flat_map(|root| root.entries()).collect();
    let mut all = Vec::new();
    let mut others = Vec::new();
    for (key, _, value) in members {
        if key == "ignore" {
            all.extend(value.items().into_iter().map(|entry| {
                let rule = entry.get("rule").map_or(entry.origin(), Node::origin);
                let entry = entry.origin();
                Written { entry, rule }
            }));
        } else {
            others.push(value.origin());
        }
    }
    others.into_iter().for_each(|value| sources.hide(value));
    all
}

/// Reads what a text says of findings.
pub(super) fn read(sources: &mut Sources, source: SourceId, loaded: &mut Loaded) {
    let (ignores, warnings) = comment::read(sources, source);
    loaded.ignores.extend(ignores);
    loaded.warnings.extend(warnings);
    let (ignores, warnings) = metadata::read(sources, source);
    loaded.ignores.extend(ignores);
    loaded.warnings.extend(warnings);
}

/// A warning that something says too little to count.
fn without_effect(what: &str, help: &str, origin: Origin) -> Warning {
    Warning {
        message: format!("{what}; it ignores nothing"),
        help: Some(help.to_owned()),
        origins: vec![origin],
    }
}
