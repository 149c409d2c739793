//! `check --live` against a small AWS of our own on loopback.
//!
//! It serves accounts as AWS documents its APIs, from a snapshot folder or the fixtures of the cases, and is written from the
//! API references alone: what the tool reads is checked by something that knows nothing of how the tool reads it.

mod call;
mod calls;
mod cbor;
mod cloud;
mod compared;
mod descriptions;
mod estate;
mod faults;
mod folder;
mod http;
mod iam;
mod kms;
mod manner;
mod organizations;
mod runs;
mod s3;
mod same;
mod secrets;
mod silent;
mod sts;
mod topics;
mod xml;
