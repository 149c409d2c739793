//! The accounts, what is in them, and who needs what of whom → a picture: a table of formats of its own, and their model.
//!
//! In: what the principals need ([`Needs`]) and what a check found ([`check::Result`]). Out: a [`Picture`], and its bytes, one
//! renderer per row of [`PICTURE_FORMATS`]. Knows neither files nor places in them, and decides nothing: an arrow says what
//! the lines say that it stands for.

mod alike;
mod build;
mod dot;
mod found;
mod layout;
mod line;
mod mermaid;
mod resource;
mod svg;
mod words;

use std::io;

use crate::check::needs::{Standing, Unknown};
use crate::check::{self, Affected};
use crate::rules::Certainty;

pub use build::picture;
pub use svg::{STYLE as PICTURE_STYLE, fragment as picture_fragment};

/// One output format of pictures.
#[derive(Debug)]
pub struct PictureFormat {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, in one line.
    pub help: &'static str,
    /// Writes all of it.
    pub render: fn(&Picture, &check::Result, &mut dyn io::Write) -> io::Result<()>,
}

/// Every output format of pictures, the default first.
pub const PICTURE_FORMATS: &[PictureFormat] = &[
    PictureFormat {
        name: "mermaid",
        help: "for comments and pages: a Mermaid flowchart, as GitHub and GitLab show it",
        render: mermaid::render,
    },
    PictureFormat {
        name: "dot",
        help: "for Graphviz and whatever reads its language",
        render: dot::render,
    },
    PictureFormat {
        name: "svg",
        help: "for browsers: a drawing of its own, with the reasons as tooltips",
        render: svg::render,
    },
];

/// The format of that name.
pub fn picture_format(name: &str) -> Option<&'static PictureFormat> {
    PICTURE_FORMATS.iter().find(|format| format.name == name)
}

/// What is drawn, in a fixed order that is the same in every format.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// The boxes: accounts in the order in which the pipelines come to them, what is in no known account last.
    pub accounts: Vec<Account>,
    /// What is in them; those of one account need not follow each other.
    pub nodes: Vec<Node>,
    /// Who needs something of whom; at most one of each kind between the same two.
    pub arrows: Vec<Arrow>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `b1`, `b2` …
    pub id: String,
    /// Its number, or how that is called where it is not known; `None` for what is in no known account.
    pub account: Option<String>,
    /// What people read.
    pub title: String,
    /// The titles of all that it stands for, where these are several that are alike; `account` is the first one's.
    pub members: Vec<String>,
}

/// One thing, or several that are alike.
#[derive(Debug, Clone)]
pub struct Node {
    /// `n1`, `n2` …
    pub id: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its short name.
    pub label: String,
    /// What it is to the pipeline, or where it stands in it: `CodeBuild service role`, `Build › Compile`; may be empty.
    pub detail: String,
    /// Its ARN, or the pattern that it is known by; a service's name; of several alike the first one's.
    pub name: String,
    /// The box that it is in, as an index into [`Picture::accounts`].
    pub account: usize,
    /// Of an action: its pipeline, as an index into [`Picture::nodes`].
    pub pipeline: Option<usize>,
    /// The names of all that it stands for, where these are several.
    pub members: Vec<String>,
    /// What is remarkable about it, as clauses.
    pub remarks: Vec<String>,
    /// Findings about the thing itself, which no arrow shows, as indices into [`check::Result::findings`].
    pub findings: Vec<usize>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// A pipeline.
    Pipeline,
    /// An action of one, or a rule of a stage's condition.
    Action,
    /// A role.
    Role,
    /// A service of AWS, as itself.
    Service,
    /// A bucket with all that is in it.
    Bucket,
    /// A KMS key.
    Key,
    /// Anything else that something is needed of.
    Resource,
}

/// An arrow.
#[derive(Debug, Clone)]
pub struct Arrow {
    /// `a1`, `a2` …
    pub id: String,
    /// Who needs, as an index into [`Picture::nodes`].
    pub from: usize,
    /// Of whom.
    pub to: usize,
    /// What it means.
    pub kind: ArrowKind,
    /// The worst of its lines.
    pub mark: Mark,
    /// What it stands for; none where nothing is known of how a role is taken up, and then it is undecided.
    pub lines: Vec<Line>,
    /// Findings that its lines are the subject of, as indices into [`check::Result::findings`].
    pub findings: Vec<usize>,
    /// The actions that need any of it, in the order of the pipelines.
    pub affects: Vec<Affected>,
}

/// What an arrow means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArrowKind {
    /// The one takes up the other, which is a role, and acts as it.
    ActsAs,
    /// The one, which is a principal, has to be allowed something on the other.
    Needs,
}

/// What the given policies make of an arrow, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// AWS would allow it.
    Allowed,
    /// AWS would deny what is needed in some configurations only, or is no more than advised.
    Doubtful,
    /// A fact is missing.
    Undecided,
    /// AWS would deny it, and the run needs it.
    Denied,
}

/// One line of what a principal needs.
#[derive(Debug, Clone)]
pub struct Line {
    /// Who has to be allowed it.
    pub principal: String,
    /// An ARN, a pattern, or `*`.
    pub resource: String,
    /// IAM actions, sorted.
    pub operations: Vec<String>,
    /// What the given policies make of it.
    pub mark: Mark,
    /// What for, as a clause that begins with `to`.
    pub why: String,
    /// `needed`, `advised` …
    pub certainty: &'static str,
    /// The policies that have to grant it, as a clause.
    pub granted_by: Option<String>,
    /// What withholds it, as a clause.
    pub lacking: Option<String>,
    /// What else there is to say, as clauses: other calls that are enough, what the call carries.
    pub remarks: Vec<String>,
    /// Facts that would tell.
    pub unknown: Vec<Unknown>,
    /// The actions that need it.
    pub affects: Vec<Affected>,
}

impl NodeKind {
    /// The name that styles and programs go by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::Action => "action",
            Self::Role => "role",
            Self::Service => "service",
            Self::Bucket => "bucket",
            Self::Key => "key",
            Self::Resource => "resource",
        }
    }
}

impl ArrowKind {
    /// The name that styles and programs go by.
    pub fn name(self) -> &'static str {
        match self {
            Self::ActsAs => "acts-as",
            Self::Needs => "needs",
        }
    }
}

impl Mark {
    /// The name that styles and programs go by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Doubtful => "doubtful",
            Self::Undecided => "undecided",
            Self::Denied => "denied",
        }
    }

    /// What stands for it where colours do not show.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Allowed => "",
            Self::Doubtful => "!",
            Self::Undecided => "?",
            Self::Denied => "✕",
        }
    }

    fn of(standing: Option<Standing>, certainty: Certainty) -> Self {
        match standing {
            Some(Standing::Allowed) => Self::Allowed,
            Some(Standing::Missing) if certainty == Certainty::Necessary => Self::Denied,
            Some(Standing::Missing) => Self::Doubtful,
            Some(Standing::Undecided) | None => Self::Undecided,
        }
    }
}

impl Picture {
    /// The arrows that start or end at a node.
    pub fn arrows_at(&self, node: usize) -> impl Iterator<Item = (usize, &Arrow)> {
        let arrows = self.arrows.iter().enumerate();
        arrows.filter(move |(_, arrow)| arrow.from == node || arrow.to == node)
    }
}

impl Arrow {
    /// What stands beside it: the operations where they are few, else how many of them are withheld.
    pub fn label(&self) -> String {
        let of = |counts: &dyn Fn(Mark) -> bool| {
            let lines = self.lines.iter();
            let lines = lines.filter(|line| counts(line.mark));
            let mut operations: Vec<&str> = lines
                .flat_map(|line| line.operations.iter().map(String::as_str))
                .collect();
            operations.sort_unstable();
            operations.dedup();
            operations
        };
        let all = of(&|_| true);
        let worst = match self.mark {
            Mark::Denied | Mark::Doubtful => {
                of(&|mark| matches!(mark, Mark::Denied | Mark::Doubtful))
            }
            worst => of(&|mark| mark == worst),
        };
        let name = match self.mark {
            Mark::Doubtful => Mark::Denied.name(),
            mark => mark.name(),
        };
        match (self.mark, worst.as_slice()) {
            (_, []) => String::new(),
            (_, [one]) if all.len() == 1 => (*one).to_owned(),
            (Mark::Allowed, _) => format!("{} operations", all.len()),
            (_, [one]) => format!("{one} {name}"),
            (_, worst) if worst.len() == all.len() => format!("all {} {name}", all.len()),
            (_, worst) => format!("{} of {} {name}", worst.len(), all.len()),
        }
    }
}
