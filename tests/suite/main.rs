//! The one test binary: every integration test is a module of it, so that a build links once.

mod catalogue;
mod cli;
mod explain;
mod findings;
mod load;
mod report;
mod span_laws;
mod spans;
