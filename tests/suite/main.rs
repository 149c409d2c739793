//! The one test binary: every integration test is a module of it, so that a build links once.

mod iam;
mod iam_laws;
mod iam_trace;
mod iam_worlds;
