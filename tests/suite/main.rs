//! The one test binary: every integration test is a module of it, so that a build links once.

mod cases;
mod catalogue;
mod deletions;
mod explain;
mod spans;
mod variations;
mod world;
