//! Requirements → decisions → findings, grouped by root cause.
//!
//! In: the graph and the catalogue. Out: a [`Result`] with its [`Finding`]s. Knows neither files nor formats; the law
//! of IAM is `iam`'s, the knowledge of providers is `rules`'. What stands here is what every pipeline needs beyond its
//! providers: who calls with which context, which layers apply, and what no policy could allow. [`needs`] lists the
//! requirements themselves, before or beside any policy.

mod assumed;
mod bootstrap;
mod context;
mod decision;
mod deleted;
mod finding;
mod fingerprint;
mod flow;
mod group;
mod layers;
mod lint;
pub mod needs;
mod project;
mod refused;
mod run;
mod shown;
mod store;
mod structure;
mod suggest;
mod switched_off;
mod text;
pub mod triage;
mod trigger;
mod undecided;
mod unseen;

pub use finding::{
    Affected, Change, Changes, Checked, Comparison, Decided, Finding, Label, ReportLayer, Result,
    Step, Suggestion, Summary, Suppressed, SuppressedBy, Suppression,
};
pub use fingerprint::fingerprints;
pub use run::{Options, run};
