//! The shape of `rules/findings/*.yaml`: what people read about each rule.

use serde::Deserialize;

/// One rule's file; the file's name is the rule's id.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FindingRule {
    /// The rule's id, filled in from the file's name.
    #[serde(skip)]
    pub id: String,
    /// The fault in a few words, without a full stop.
    pub title: String,
    /// What a finding of this rule weighs when the requirement behind it is necessary.
    pub severity: Severity,
    /// Which decisions it speaks of; empty for rules that `check` raises by id.
    #[serde(default)]
    pub covers: Vec<Covered>,
    /// One sentence. Placeholders: `{principal} {operations} {resource} {pipeline} {stage} {action} {layer} {why} {missing} {detail}`.
    pub message: String,
    /// What to do, in a sentence or two; same placeholders.
    pub help: String,
    /// Why it breaks, in a few sentences.
    pub why: String,
    /// AWS's pages.
    pub documentation: Vec<String>,
    /// Error texts of AWS that it stands behind; `*` stands for what varies.
    #[serde(default)]
    pub errors: Vec<String>,
    /// A short excerpt that has the fault: JSON, with a comment before it that says where it stands, or shell lines after `$`.
    #[serde(default)]
    pub broken: Option<String>,
    /// The same without the fault, or what supplies a missing fact.
    #[serde(default)]
    pub fixed: Option<String>,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Undecided, or good advice.
    Note,
    /// It may fail.
    Warning,
    /// The run will fail.
    Error,
}

impl Severity {
    /// The name in rule files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A kind of decision: what was asked for, and which layer withheld it how.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Covered {
    /// What was asked for; any when empty.
    #[serde(default)]
    pub purpose: Vec<Purpose>,
    /// At which layer; any when empty. Names as in the JSON report.
    #[serde(default)]
    pub layer: Vec<String>,
    /// How; any when empty.
    #[serde(default)]
    pub outcome: Vec<Outcome>,
}

/// What a requirement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// CodePipeline assumes the pipeline's service role.
    AssumePipelineRole,
    /// The service role assumes an action role.
    AssumeActionRole,
    /// A service assumes a role behind an action.
    AssumeServiceRole,
    /// A role is passed to a service.
    PassRole,
    /// A command of a build passes a role to a service.
    PassRoleInBuild,
    /// A command of a build assumes a role.
    AssumeRoleInBuild,
    /// A role reads or writes artifact objects.
    Artifact,
    /// A role uses the artifact store's key.
    ArtifactKey,
    /// An event rule starts the pipeline, or sends events on their way to it.
    Start,
    /// Anything else a provider needs.
    ServiceCall,
}

/// How a layer withholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A statement denies.
    Denied,
    /// Nothing allows it.
    NotGranted,
    /// Only a part is allowed.
    Partial,
    /// A fact is missing.
    Undecided,
}
