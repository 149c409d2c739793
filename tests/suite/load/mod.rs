//! Inputs → graph: every reader, every refusal with its text, and what happens to a fact that comes twice.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test states its expectation by panicking, and so do the functions it is made of"
)]

mod cdk;
mod iam;
mod inputs;
mod pipelines;
mod policies;
mod resources;

use std::fs;
use std::path::{Path, PathBuf};

use pipeline_preflight::graph::{
    AttachedPolicy, Effect, Fact, Pipeline, Policy, PrincipalKind, Version,
};
use pipeline_preflight::load::{Input, LoadError, Loaded, load, policy};
use pipeline_preflight::source::Sources;
use tempfile::TempDir;

const PIPELINE: &str = r#"{"pipeline": {
  "name": "shop", "roleArn": "arn:aws:iam::111111111111:role/Pipe",
  "artifactStore": {"type": "S3", "location": "shop-artifacts"},
  "stages": [{"name": "Source", "actions": [{"name": "Get",
    "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"}}]}]}}"#;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/Pipe"},"Action":"sts:AssumeRole"}]}"#;

/// Every text under a name, which also serves as its path in a snapshot.
fn texts(texts: &[(&str, &str)]) -> Vec<Input> {
    texts
        .iter()
        .map(|(name, text)| Input::Stdin {
            bytes: text.as_bytes().to_vec(),
            name: (*name).to_owned(),
        })
        .collect()
}

/// Loads texts beside a good pipeline.
fn read(others: &[(&str, &str)]) -> Loaded {
    let mut all = vec![("shop.json", PIPELINE)];
    all.extend(others);
    load(&mut Sources::new(), &texts(&all)).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn refused(others: &[(&str, &str)]) -> Vec<LoadError> {
    load(&mut Sources::new(), &texts(others)).expect_err("refused")
}

fn messages(errors: &[LoadError]) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

fn warnings(loaded: &Loaded) -> Vec<&str> {
    loaded
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect()
}

fn pipeline(text: &str) -> Pipeline {
    let mut loaded = load(&mut Sources::new(), &texts(&[("p", text)])).expect("read");
    loaded.graph.pipelines.remove(0)
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().expect("folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(path, bytes).expect("file");
    }
    folder
}

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(path)
}

fn load_paths(paths: &[PathBuf]) -> Result<Loaded, Vec<LoadError>> {
    let inputs: Vec<Input> = paths.iter().cloned().map(Input::Path).collect();
    load(&mut Sources::new(), &inputs)
}

/// A policy as text without places, to compare what it says.
fn said(policy: &Policy) -> String {
    let mut lines = format!("{:?} {:?}", policy.name, policy.version);
    for statement in &policy.statements {
        lines += &format!("\n{:?} {:?}", statement.sid, statement.effect);
        if let Some(principals) = &statement.principals {
            for principal in &principals.any_of {
                lines += &format!(" {:?} {}", principal.kind, principal.value.text);
            }
        }
        for action in &statement.actions {
            lines += &format!(" {} {}", statement.not_action, action.text);
        }
        for resource in statement.resources.iter().flatten() {
            lines += &format!(" {} {}", statement.not_resource, resource.text);
        }
        for condition in &statement.conditions {
            let values: Vec<&str> = condition.values.iter().map(|v| v.text.as_str()).collect();
            lines += &format!(
                " {} {} {values:?}",
                condition.operator.text, condition.key.text
            );
        }
    }
    lines
}

fn read_policy(text: &str) -> Result<Policy, LoadError> {
    let mut sources = Sources::new();
    let source = sources.add("policy.json", text.as_bytes()).expect("syntax");
    let root = sources.roots(source)[0].origin();
    policy::read(&mut sources, root, None)
}

fn refused_policy(text: &str) -> String {
    let error = read_policy(text).expect_err("refused");
    match &error.help {
        Some(help) => format!("{error} ({help})"),
        None => error.to_string(),
    }
}

/// An account export with these roles and members.
fn export(roles: &str, end: &str) -> String {
    format!(
        r#"{{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [{roles}], "Policies": []{end}}}"#
    )
}

/// A role of account 222222222222 with more members.
fn role(name: &str, more: &str) -> String {
    format!(
        r#"{{"RoleName": "{name}", "RoleId": "AROA{name}", "Arn": "arn:aws:iam::222222222222:role/x/{name}", "AssumeRolePolicyDocument": {TRUST}{more}}}"#
    )
}

/// What an export tells of a role and `get-role` does not.
const LISTS: &str = r#", "RolePolicyList": [], "AttachedManagedPolicies": [{"PolicyName": "P", "PolicyArn": "arn:aws:iam::222222222222:policy/P"}]"#;
