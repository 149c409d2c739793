//! What a person reads: one root cause, every action that it breaks, where it is in the source, how to mend it.

use super::needs::Needs;
use crate::rules::{FindingRule, Severity};
use crate::source::Origin;

/// What a run of `check` found.
#[derive(Debug, Default)]
pub struct Result {
    /// Counts.
    pub summary: Summary,
    /// Findings: errors first, then as they stand in the pipelines.
    pub findings: Vec<Finding>,
    /// Every pipeline that was checked, whatever came of it.
    pub checked: Vec<Checked>,
    /// The rules that it was checked by, in the order of their ids.
    pub rules: Vec<FindingRule>,
    /// What the principals need, where a report lists that; filled in by whoever asks for one.
    pub needs: Option<Needs>,
    /// Findings that do not count, in the same order, because somebody said so.
    pub suppressed: Vec<Suppressed>,
    /// How the findings compare with those of another state of the inputs, where that is asked for.
    pub comparison: Option<Comparison>,
}

/// A finding that does not count.
#[derive(Debug, Clone)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// Who says so.
    pub suppression: Suppression,
    /// Its number among the findings of the run that are equal by their fingerprints, from 1: [`Result::numbers`] gives it. The
    /// fingerprint stays what it was when the finding counted.
    pub number: usize,
}

/// Why a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Who says so.
    pub by: SuppressedBy,
    /// Why; a baseline has none.
    pub reason: Option<String>,
    /// The last day on which it does not count, as `2026-12-31`.
    pub expires: Option<String>,
    /// Where that is written; a baseline has no place for each.
    pub origin: Option<Origin>,
}

/// Who says that a finding does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressedBy {
    /// An entry of the configuration file.
    Configuration,
    /// A comment beside the place.
    Comment,
    /// The metadata of a template's resource.
    Metadata,
    /// A baseline.
    Baseline,
}

/// How findings compare with those of another state of the inputs.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The other state, as it was named.
    pub against: String,
    /// Of each of the result's findings, in their order.
    pub changes: Vec<Change>,
    /// What the other state has and this one has not; without places, for its texts are not at hand.
    pub fixed: Vec<Finding>,
    /// How many there are of each, those counted that are not shown.
    pub counts: Changes,
}

/// How many findings a change brings, mends and leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// They were not there.
    pub new: usize,
    /// They were there and are no more.
    pub fixed: usize,
    /// They were there.
    pub unchanged: usize,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    New,
    /// It was there.
    Unchanged,
}

/// A pipeline that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its ARN.
    pub pipeline: String,
    /// Its name.
    pub name: String,
    /// The ARN of its service role.
    pub role: String,
    /// Where it is written.
    pub origin: Origin,
    /// Its actions, those of the rules of a stage's conditions behind the stage's own.
    pub steps: Vec<Step>,
}

/// An action that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its stage.
    pub stage: String,
    /// Its name.
    pub action: String,
    /// What it does: `Deploy/AWS/CloudFormation/1`.
    pub kind: String,
    /// The ARN of the role that acts for it: its own, or else the pipeline's.
    pub role: String,
    /// Where it is written.
    pub origin: Origin,
}

/// Counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Pipelines checked.
    pub pipelines: usize,
    /// Their actions.
    pub actions: usize,
    /// Requirements derived from them.
    pub requirements: usize,
    /// Requirements that AWS would allow.
    pub allowed: usize,
    /// Requirements that AWS would deny.
    pub denied: usize,
    /// Requirements that the facts at hand do not decide.
    pub undecided: usize,
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Findings of severity note.
    pub notes: usize,
    /// Files inside the folders given that nothing recognised; filled in by whoever loaded them.
    pub unrecognised: usize,
}

/// How a finding came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decided {
    /// AWS would deny it.
    Denied,
    /// A fact is missing.
    Undecided,
    /// No policy could ever allow it; at the layer of a policy: the policy itself is at fault, whatever is asked of it.
    Structure,
}

/// Where a permission is granted or withheld, as the JSON report names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportLayer {
    /// `identity`
    Identity,
    /// `trust`
    Trust,
    /// `bucket-policy`
    BucketPolicy,
    /// `key-policy`
    KeyPolicy,
    /// `resource-policy`
    ResourcePolicy,
    /// `boundary`
    Boundary,
    /// `scp`
    Scp,
    /// `rcp`
    Rcp,
    /// `session`
    Session,
    /// `structure`
    Structure,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// What it weighs.
    pub severity: Severity,
    /// How it came about.
    pub decision: Decided,
    /// At which layer.
    pub layer: ReportLayer,
    /// Who lacks it: ARNs or service principals; never empty.
    pub principals: Vec<String>,
    /// What they lack.
    pub operations: Vec<String>,
    /// On what: ARNs or patterns; never empty.
    pub resources: Vec<String>,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: String,
    /// AWS's pages.
    pub documentation: Vec<String>,
    /// Every action that it breaks.
    pub affects: Vec<Affected>,
    /// When undecided: which fact is missing, and the export that supplies it.
    pub missing: Vec<String>,
    /// Where it is in the source, the line to blame first.
    pub labels: Vec<Label>,
    /// The smallest change that mends it, where a policy statement does.
    pub suggestion: Option<Suggestion>,
}

/// A place with a remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub origin: Origin,
    /// The remark.
    pub text: String,
}

/// An action that a finding breaks. `stage` and `action` are empty when the whole pipeline is concerned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Affected {
    /// The pipeline's ARN.
    pub pipeline: String,
    /// The stage.
    pub stage: String,
    /// The action.
    pub action: String,
}

/// A statement to add to a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// To which policy, in words: `the key policy of arn:…`.
    pub add_to: String,
    /// The statement.
    pub statement: serde_json::Value,
}

impl Decided {
    /// The name in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Undecided => "undecided",
            Self::Structure => "structure",
        }
    }
}

impl SuppressedBy {
    /// The name in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Comment => "comment",
            Self::Metadata => "metadata",
            Self::Baseline => "baseline",
        }
    }
}

impl Change {
    /// The name in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
        }
    }
}

impl ReportLayer {
    /// The name in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Trust => "trust",
            Self::BucketPolicy => "bucket-policy",
            Self::KeyPolicy => "key-policy",
            Self::ResourcePolicy => "resource-policy",
            Self::Boundary => "boundary",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Session => "session",
            Self::Structure => "structure",
        }
    }
}
