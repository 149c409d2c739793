//! What every principal must be able to do, before or beside any policy: what somebody needs who writes the roles.
//!
//! In: the graph and the catalogue. Out: [`Needs`], grouped by principal and then by resource; each line says which policies
//! have to grant it, and what those among the inputs make of it. Knows neither files nor formats, and no finding: what no
//! policy could allow is only remarked on here.

mod collect;
mod lines;
mod sides;

use std::collections::BTreeMap;

pub use collect::needs;

use super::finding::{Affected, ReportLayer};
use crate::rules::{Certainty, Covers, Evidence};

/// Everything that the pipelines need.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// Counts.
    pub summary: Counts,
    /// Those who call and whom an input names: pipeline roles, action roles, roles behind actions, services.
    pub principals: Vec<Principal>,
    /// Roles that no input names, with what would tell.
    pub unnamed: Vec<Principal>,
    /// Actions of kinds that the catalogue does not contain: what they need of their service is not in here.
    pub unchecked: Vec<Unchecked>,
}

/// Counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pipelines looked at.
    pub pipelines: usize,
    /// Their actions.
    pub actions: usize,
    /// Lines of all principals.
    pub requirements: usize,
    /// Lines that the given policies allow.
    pub allowed: usize,
    /// Lines that they do not allow.
    pub missing: usize,
    /// Lines that they leave open.
    pub undecided: usize,
}

/// One that calls.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Its ARN, the service's name, or what people call a role that no input names.
    pub name: String,
    /// What it is to the pipelines; of several the first.
    pub kind: Kind,
    /// What people call it: `pipeline role`, `CodeBuild service role`.
    pub titles: Vec<String>,
    /// Whether its policies are among the inputs.
    pub policies: Policies,
    /// Managed policies of AWS's own that no input holds, each with the day of the version that stood in for it.
    pub assumed: Vec<(String, String)>,
    /// Who takes up the role, as its trust policy has to name them.
    pub assumed_by: Vec<String>,
    /// Of a role that no input names: the facts that would tell, each with the export that supplies it.
    pub unknown: Vec<Unknown>,
    /// What it needs; lines of one resource follow each other.
    pub needs: Vec<Need>,
}

/// What a principal is to a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The service role.
    PipelineRole,
    /// A role of an action's own.
    ActionRole,
    /// A role that is passed on, or that belongs to what an action uses.
    RoleBehind,
    /// A service, as itself.
    Service,
}

/// Whether a principal's policies are among the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policies {
    /// They are; of a service, which has none, always.
    Given,
    /// They are not, so that its lines are not marked.
    NotGiven,
    /// The complete export of its account does not contain the role.
    NoSuchRole,
}

/// A fact that no input tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// What it is.
    pub what: String,
    /// What supplies it.
    pub supply: String,
}

/// One line: operations on one resource that are needed for the same reason.
#[derive(Debug, Clone)]
pub struct Need {
    /// An ARN, a pattern, or `*`.
    pub resource: String,
    /// The resource's owner, where that is known.
    pub account: Option<String>,
    /// What a pattern stands for.
    pub covers: Covers,
    /// IAM actions, sorted.
    pub operations: Vec<String>,
    /// Whether one of the operations is enough.
    pub one_is_enough: bool,
    /// Other principals of which one is enough in this one's place.
    pub or_for: Vec<String>,
    /// Context keys that the call is known to carry, with their values; `*` stands for what is not known.
    pub context: BTreeMap<String, String>,
    /// How certain it is.
    pub certainty: Certainty,
    /// What proves it.
    pub evidence: Evidence,
    /// What for, as clauses that begin with `to`.
    pub why: Vec<String>,
    /// Where that is documented.
    pub documentation: Vec<String>,
    /// The policies that have to grant it; none where no policy can.
    pub grants: Vec<Grant>,
    /// What else it takes, or why nothing helps, as a clause.
    pub remark: Option<String>,
    /// What the given policies make of it; `None` where the principal's are not given.
    pub standing: Option<Standing>,
    /// Where it is missing: the layers that withhold it.
    pub lacking: Vec<ReportLayer>,
    /// Facts without which the resource cannot be named more narrowly, or without which nothing is decided.
    pub unknown: Vec<Unknown>,
    /// The actions that need it.
    pub affects: Vec<Affected>,
}

/// What given policies make of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// AWS would allow it.
    Allowed,
    /// A fact is missing.
    Undecided,
    /// AWS would deny it.
    Missing,
}

/// A policy that has to grant something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// Of which kind it is.
    pub layer: ReportLayer,
    /// What people call it: `identity policy`, `repository policy`.
    pub policy: &'static str,
    /// Whose it is: the ARN of the role, the bucket, the key.
    pub of: String,
    /// In which account, where that is known.
    pub account: Option<String>,
    /// When it need not, or how it may, as a clause.
    pub proviso: Option<&'static str>,
}

/// An action of a kind that the catalogue does not contain.
#[derive(Debug, Clone)]
pub struct Unchecked {
    /// The action.
    pub action: Affected,
    /// Its type: `Deploy/Custom/Rollout/1`.
    pub kind: String,
}

impl Kind {
    /// The name in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Self::PipelineRole => "pipeline-role",
            Self::ActionRole => "action-role",
            Self::RoleBehind => "role-behind",
            Self::Service => "service",
        }
    }
}

impl Standing {
    /// What people and programs read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Undecided => "undecided",
            Self::Missing => "missing",
        }
    }
}
