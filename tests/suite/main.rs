//! The one test binary: every integration test is a module of it, so that a build links once.

mod cases;
mod catalogue;
mod cli;
mod deletions;
mod explain;
mod findings;
mod iam;
mod iam_laws;
mod iam_trace;
mod iam_worlds;
mod load;
mod report;
mod span_laws;
mod spans;
mod variations;
mod world;
