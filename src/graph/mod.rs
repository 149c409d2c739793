//! What exists and how it is connected: pure data, by ARN, each fact with the [`Origin`] it was read at.
//!
//! In: facts from `load`. Out: lookups for `rules` and `check`. Knows neither files nor rules.
//! What nobody has seen is [`Fact::Unseen`], never an empty value: an unseen policy may allow or deny anything.

mod account;
mod arn;
mod asked;
mod buildspec;
mod lookup;
mod pipeline;
mod policy;
mod refusal;
mod resource;
mod role;
mod symbol;

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Origin;

pub use account::{Account, Organization};
pub use arn::Arn;
pub use asked::Want;
pub use buildspec::Buildspec;
pub use pipeline::{
    Action, ActionTypeId, ArtifactStore, EncryptionKey, Gate, GatePosition, Item, Pipeline, Stage,
    StageCondition, Text, Trigger, Variable,
};
pub(crate) use policy::{CONDITION_IF_EXISTS, CONDITION_OPERATORS, CONDITION_SET_PREFIXES};
pub use policy::{
    Condition, ConditionValue, Effect, Policy, Principal, PrincipalKind, Principals, Statement,
    Version, Written,
};
pub use refusal::{Refusal, RefusalKind};
pub use resource::{Bucket, Key, Resource, Value};
pub use role::{AttachedPolicy, Group, ManagedPolicy, Role, StandIn, User};
pub use symbol::{
    Symbol, Symbols, account_in, has_symbol, is_generated, is_symbol, is_unknown, may_be_equal,
    symbols_in,
};

/// Something that is known, known not to be, or not among the inputs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fact<T> {
    /// Read from an input.
    Known(T),
    /// An input says that there is none.
    Absent,
    /// No input says anything about it.
    #[default]
    Unseen,
}

impl<T> Fact<T> {
    /// The value, when it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unseen => None,
        }
    }

    /// The same fact about something made of its value.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(make(value)),
            Self::Absent => Fact::Absent,
            Self::Unseen => Fact::Unseen,
        }
    }

    /// Whether no input says anything about it.
    pub fn is_unseen(&self) -> bool {
        matches!(self, Self::Unseen)
    }
}

/// All facts of a run.
#[derive(Debug, Default)]
pub struct Graph {
    /// Accounts by their twelve digits.
    pub accounts: BTreeMap<String, Account>,
    /// Roles by ARN.
    pub roles: BTreeMap<String, Role>,
    /// IAM users by ARN.
    pub users: BTreeMap<String, User>,
    /// IAM groups by ARN.
    pub groups: BTreeMap<String, Group>,
    /// Managed policies by ARN, AWS's own included.
    pub policies: BTreeMap<String, ManagedPolicy>,
    /// Buckets by name.
    pub buckets: BTreeMap<String, Bucket>,
    /// KMS keys by ARN.
    pub keys: BTreeMap<String, Key>,
    /// Everything else by ARN: build projects, deployment groups, services, functions, topics, repositories.
    pub resources: BTreeMap<String, Resource>,
    /// Inline policies read one by one, by the ARN of a role whose [`Role::inline`] is unseen: it may have more of them.
    pub lone_inline_policies: BTreeMap<String, Vec<Policy>>,
    /// Buildspecs written inside other facts, by the place of the text that holds them.
    pub inline_buildspecs: BTreeMap<Origin, Buildspec>,
    /// Buildspecs that are files of their own, by the file's name.
    pub buildspec_files: BTreeMap<String, Buildspec>,
    /// Pipelines in the order they were read.
    pub pipelines: Vec<Pipeline>,
    /// What the templates among the inputs leave open.
    pub symbols: Symbols,
    /// Buckets and repositories that stand in for what no input holds, by ARN; of roles [`Role::assumed`] tells.
    pub stand_ins: BTreeMap<String, StandIn>,
    /// What templates hold back until a parameter switches it on, in the order they were read.
    pub switched_off: Vec<SwitchedOff>,
    /// Accounts, Regions and targets of which the inputs hold every event rule.
    pub event_targets: BTreeSet<(String, String, String)>,
    /// What AWS did not describe, by the ARN that was asked about.
    pub refusals: BTreeMap<String, Vec<Refusal>>,
    /// Which of the names above have unresolved parts.
    open_names: lookup::OpenNames,
    /// What was looked for and is not known.
    asked: asked::Asked,
}

/// A part of a template that is left out under the parameters given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchedOff {
    /// The template, or the stack by its name.
    pub stack: String,
    /// The logical id of the resource.
    pub logical_id: String,
    /// Its type: `AWS::S3::BucketPolicy`.
    pub kind: String,
    /// The property that is left out, by its path, where the resource itself is not: `Stages[1].Actions[0].RoleArn`.
    pub property: Option<String>,
    /// The name of the condition that is false.
    pub condition: String,
    /// The parameters that it hangs on, each with the value it has.
    pub parameters: Vec<(String, String)>,
    /// Parameter values under which the condition holds, when one change is enough and can be told: `CrossAccountCondition=true`.
    pub turned_on_by: Option<(String, String)>,
    /// Where the condition is asked.
    pub origin: Origin,
}
