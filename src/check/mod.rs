//! Requirements → decisions → findings, grouped by root cause.

mod finding;
mod run;

pub use finding::{Affected, Decided, Finding, Label, ReportLayer, Result, Suggestion, Summary};
pub use run::{Options, run};
