//! The one test binary: every integration test is a module of it, so that a build links once.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking, and what it counted by printing"
)]

mod access;
mod actions;
mod authorize;
mod calls;
mod cases;
mod catalogue;
mod cdk;
mod cli;
mod comparing;
mod configuration;
mod coverage;
mod deletions;
mod docs;
mod edits;
mod explain;
mod failures;
mod findings;
mod folder;
mod formats;
mod house;
mod iam;
mod iam_costs;
mod iam_laws;
mod iam_limits;
mod iam_mutants;
mod iam_speed;
mod iam_symbols;
mod iam_trace;
mod iam_worlds;
mod ignores;
mod integrations;
#[cfg(feature = "live")]
mod live;
mod load;
mod pages;
mod peers;
mod permissions;
mod picture;
mod real;
mod refusals;
mod report;
mod requirements;
mod safety;
mod shell;
mod span_laws;
mod spans;
mod stacks;
mod structure;
mod symbols;
mod template_secrets;
mod templates;
mod variations;
mod wants;
mod world;
