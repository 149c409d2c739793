//! Requirements → decisions → findings, grouped by root cause.

mod finding;

pub use finding::{Affected, Decided, Finding, Label, ReportLayer, Result, Suggestion, Summary};
