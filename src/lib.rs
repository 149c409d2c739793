//! Finds what a cross-account AWS CodePipeline lacks in permissions, before it runs.
//!
//! The rooms are the journey of a file, and each knows only the rooms before it:
//!
//! ```text
//! source → load → graph → rules → iam → check → authorize → report
//! ```
//!
//! * [`source`] keeps every text and can say where each value stands.
//! * [`load`] recognises inputs and turns them into facts.
//! * [`graph`] holds the facts: what exists, what does not, and what nobody has seen.
//! * [`rules`] is the catalogue from `rules/*.yaml`: what each action needs.
//! * [`iam`] decides a request as AWS would, as a pure function.
//! * [`check`] puts requirements before the engine and groups what fails into findings.
//! * [`authorize`] puts given requests before the engine: unit tests for policies.
//! * [`report`] writes findings for people and for machines.
//!
//! [`cli`] puts them together for the command line.

#![forbid(unsafe_code)]

pub mod authorize;
pub mod check;
pub mod cli;
pub mod graph;
pub mod iam;
pub mod load;
pub mod report;
pub mod rules;
pub mod source;
