//! What an action needs, filled in: no templates left, no decision made.

use std::collections::{BTreeMap, BTreeSet};

use super::{Certainty, Covers, Evidence, Purpose};
use crate::graph::{Arn, Graph, account_in, is_generated, symbols_in};
use crate::source::Origin;

/// One authorization that must succeed.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// What it is for.
    pub purpose: Purpose,
    /// Who calls.
    pub caller: Party,
    /// `service:Action`
    pub operation: String,
    /// On what.
    pub target: Target,
    /// Context keys beyond those of every call; `None` means that the key may have any value or be absent. A key that
    /// ends with `*` stands for every key it begins.
    pub context: BTreeMap<String, Option<String>>,
    /// How certain it is.
    pub certainty: Certainty,
    /// The requirements of which one is enough.
    pub alternatives: Option<Alternatives>,
    /// The Region whose endpoint is called, when it is known.
    pub region: Option<String>,
    /// What the permission is for: `to start the build`.
    pub why: String,
    /// What proves it.
    pub evidence: Evidence,
    /// Where that is documented.
    pub documentation: Vec<String>,
    /// Which action needs it.
    pub site: Site,
    /// The unresolved values on which it hangs whether it is needed at all.
    pub doubt: BTreeSet<char>,
}

/// Membership in a group of requirements of which one is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternatives {
    /// The group's number within its pipeline.
    pub group: usize,
    /// Whether the lack of the others is still worth a warning once one is granted.
    pub others_matter: bool,
}

/// Who calls.
#[derive(Debug, Clone)]
pub enum Party {
    /// A role.
    Role(NamedParty),
    /// An IAM user, or the root user of an account.
    User(NamedParty),
    /// An account in whose name a service calls, without a role.
    Account(NamedParty),
    /// An AWS service as itself.
    Service(String),
    /// A role that cannot be named from the facts at hand.
    Unknown {
        /// What people call it.
        title: String,
        /// What would tell.
        missing: Vec<MissingFact>,
    },
}

impl Party {
    /// What reports call it: an ARN, a service's name, or what people call a role that nobody can name.
    pub fn name(&self) -> &str {
        match self {
            Self::Role(named) | Self::User(named) | Self::Account(named) => &named.arn,
            Self::Service(service) => service,
            Self::Unknown { title, .. } => title,
        }
    }

    /// The same, written here where it is written nowhere else: a caller that nobody has seen.
    pub(super) fn at(&self, place: Origin) -> Self {
        let mut party = self.clone();
        if let Self::Role(named) | Self::User(named) | Self::Account(named) = &mut party
            && named.origin == Origin::NOWHERE
        {
            named.origin = place;
        }
        party
    }

    /// The account of a caller that can be named.
    pub fn account(&self) -> Option<String> {
        match self {
            Self::Role(named) | Self::User(named) | Self::Account(named) => {
                account_in(&named.arn).map(str::to_owned)
            }
            Self::Service(_) | Self::Unknown { .. } => None,
        }
    }
}

/// A caller by its ARN.
#[derive(Debug, Clone)]
pub struct NamedParty {
    /// Its ARN.
    pub arn: String,
    /// What people call it: `action role`, `CodeBuild project role`.
    pub title: String,
    /// Where it is named.
    pub origin: Origin,
}

/// The resource of a requirement.
#[derive(Debug, Clone)]
pub struct Target {
    /// What people call a role that is assumed or passed on; `None` for everything else.
    pub title: Option<String>,
    /// An ARN, a pattern with `*`, or `*` for an action without resource types.
    pub arn: String,
    /// Whether it stands for many ARNs.
    pub is_pattern: bool,
    /// What the pattern stands for.
    pub covers: Covers,
    /// The owner; `None` when not known.
    pub account: Option<String>,
    /// The facts without which the pattern cannot be made narrower.
    pub missing: Vec<MissingFact>,
}

/// A fact that is not among the inputs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingFact {
    /// The rule that speaks of it.
    pub rule: &'static str,
    /// What it is: ``the CodeBuild project `app` in account `111111111111` ``.
    pub what: String,
    /// What it is about: the ARN or name of the thing not seen.
    pub subject: String,
    /// The export that supplies it, and the file it belongs in.
    pub supply: String,
    /// What AWS tells it by.
    pub told_by: ToldBy,
}

/// What AWS tells a missing fact by; nothing of it where AWS does not know it either.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToldBy {
    /// What AWS is asked about: an ARN, or the digits of an account where it is the account's organization.
    pub thing: String,
    /// The permissions of the calls that tell it; any about the thing where none is named.
    pub permissions: &'static [&'static str],
    /// The accounts in which it is asked.
    pub accounts: Vec<String>,
}

impl ToldBy {
    /// Any call about the thing of this ARN, in the account that owns it.
    pub fn about(arn: &str) -> Self {
        let account = Arn::parse(arn).map(|arn| arn.account);
        Self {
            thing: arn.to_owned(),
            permissions: &[],
            accounts: account.into_iter().collect(),
        }
    }

    /// The same by some calls only.
    pub fn by(self, permissions: &'static [&'static str]) -> Self {
        Self {
            permissions,
            ..self
        }
    }
}

/// Which pipeline, stage and action a requirement comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// Index of the pipeline in the graph.
    pub pipeline: usize,
    /// Indices of the stage and of the action or rule in it (`Stage::step`); `None` when the whole pipeline is concerned.
    pub action: Option<(usize, usize)>,
    /// The place in the pipeline to show.
    pub origin: Origin,
}

impl MissingFact {
    /// An unresolved value.
    pub fn unresolved(graph: &Graph, symbol: char) -> Self {
        let known = graph.symbols.get(symbol);
        let supply = known.map(|known| known.supply.as_str());
        let what = known.map(|known| known.what.as_str());
        Self {
            rule: "template-value-unknown",
            what: what.unwrap_or("an unresolved value").to_owned(),
            subject: symbol.to_string(),
            supply: supply
                .filter(|supply| !supply.is_empty())
                .unwrap_or(
                    "only the deployed stack knows it: add an export of its account to the inputs",
                )
                .to_owned(),
            told_by: ToldBy::default(),
        }
    }

    /// The unresolved values for which a thing of this name waits: none where all that is open is what AWS makes up.
    pub fn unresolved_in<'t>(graph: &'t Graph, name: &'t str) -> impl Iterator<Item = Self> + 't {
        let open: BTreeSet<char> = symbols_in(name).filter(|one| !is_generated(*one)).collect();
        open.into_iter()
            .map(|symbol| Self::unresolved(graph, symbol))
    }
}
