//! Only reads are ever called: the table of calls, the code that calls, and AWS's own list of actions agree.

use std::collections::BTreeSet;
use std::fs;

use pipeline_preflight::load::aws::calls::CALLS;
use serde_json::Value;

fn table() -> BTreeSet<&'static str> {
    CALLS.iter().map(|call| call.operation).collect()
}

/// The code that asks AWS, without its tests, comments and line breaks.
fn code() -> Vec<(String, String)> {
    let files = walkdir::WalkDir::new("src/load/aws").sort_by_file_name();
    let files = files.into_iter().map(|entry| entry.unwrap().into_path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            let lines = text.lines().map(str::trim);
            let lines: String = lines.filter(|line| !line.starts_with("//")).collect();
            (path.display().to_string(), lines)
        })
        .collect()
}

/// The operation that a method of a client stands for: `get_role` is `GetRole`.
fn operation(method: &str) -> String {
    let words = method
        .split('_')
        .map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

/// The methods of clients that are called: `client.get_role()…`.
fn methods(code: &str) -> impl Iterator<Item = &str> {
    code.split("client.").skip(1).map(|behind| {
        let end = behind.find(|c: char| !c.is_ascii_lowercase() && c != '_');
        &behind[..end.unwrap_or(behind.len())]
    })
}

#[test]
fn every_operation_that_is_called_is_in_the_table() {
    let known = table();
    for (file, code) in code() {
        for method in methods(&code) {
            let operation = operation(method);
            assert!(known.contains(operation.as_str()), "{file}: {operation}");
        }
        // What is sent is what a client was just asked for, so that nothing is sent in a way that this test does not see.
        let mut rest = code.as_str();
        while let Some((before, behind)) = rest.split_once(".send()") {
            let begin = before
                .rfind("client.")
                .unwrap_or_else(|| panic!("{file}: {before}"));
            assert!(
                !before[begin..].contains(';'),
                "{file}: {}",
                &before[begin..]
            );
            rest = behind;
        }
        for other in [
            ".send_with(",
            ".into_paginator(",
            ".presigned(",
            "::orchestrator::invoke",
        ] {
            assert!(!code.contains(other), "{file}: {other}");
        }
    }
}

#[test]
#[ignore = "until the stores and the services are read"]
fn every_operation_of_the_table_is_called() {
    let code = code();
    let called = code.iter().flat_map(|(_, code)| methods(code));
    let called: BTreeSet<String> = called.map(operation).collect();
    let known = table();
    let idle: Vec<&&str> = known
        .iter()
        .filter(|name| !called.contains(**name))
        .collect();
    assert!(idle.is_empty(), "in the table and never called: {idle:?}");
}

#[test]
fn every_call_is_a_read_by_its_name() {
    for call in CALLS {
        let reads = ["Get", "List", "Describe", "BatchGet"];
        assert!(
            reads.iter().any(|begin| call.operation.starts_with(begin)),
            "{}",
            call.operation
        );
        // Reads by their names that hand out what opens doors, or what the tool has no business with.
        let never = [
            "Secret",
            "Session",
            "Federation",
            "Token",
            "Object",
            "Login",
            "Parameters",
            "Password",
        ];
        let secret = never.iter().any(|word| call.operation.contains(word));
        assert!(
            !secret || call.operation == "DescribeSecret",
            "{}",
            call.operation
        );
    }
}

#[test]
fn every_permission_is_an_action_of_aws() {
    let text = fs::read_to_string("rules/actions.json").unwrap();
    let table: Value = serde_json::from_str(&text).unwrap();
    for call in CALLS {
        let (service, name) = call.permission.split_once(':').unwrap();
        let actions = table[service]["actions"].as_object();
        let actions =
            actions.unwrap_or_else(|| panic!("no service `{service}` in the table of actions"));
        let names = actions
            .values()
            .flat_map(|names| names.as_str().unwrap().split(' '));
        assert!(
            names.into_iter().any(|known| known == name),
            "{}",
            call.permission
        );
    }
}
