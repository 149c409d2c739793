//! `permissions`: what the tool itself has to be allowed, from the table of its calls.

use std::collections::BTreeMap;

use serde_json::json;

use super::output::write_out;
use super::{Exit, ListFormat, Streams, Voice};
use crate::load::aws::{Whose, permissions};

/// What of AWS's managed policies covers all of it, and what nearly does, as of the versions named.
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ReadOnlyAccess.html>
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/SecurityAudit.html>
const MANAGED: &str = "\
AWS's managed policy `ReadOnlyAccess` (v190, 2026-09-24) allows all of it, and to read data besides.
`SecurityAudit` (v94, 2026-09-30) allows all but the two `GetConnection`.

A role that `--account ID=role:ARN` names takes `sts:AssumeRole` on it besides, and a trust policy
that allows it. `--for` with `--format json` prints each list as a policy document.
";

/// Prints the policy for one account, or tells all of them.
pub(super) fn run(
    whose: Option<Whose>,
    format: ListFormat,
    voice: Voice,
    streams: &mut Streams<'_>,
) -> Exit {
    let text = match (format, whose) {
        (ListFormat::Json, whose) => document(whose.unwrap_or(Whose::Pipeline)),
        (ListFormat::Human, Some(whose)) => list(whose),
        (ListFormat::Human, None) => {
            let fewer = permissions(Whose::Other);
            let mut lacking = permissions(Whose::Pipeline);
            lacking.retain(|permission| !fewer.contains(permission));
            let mut text = format!(
                "{}\n{}  the same without {}\n\n{}\n",
                list(Whose::Pipeline),
                title(Whose::Other),
                lacking.join(", "),
                list(Whose::Management),
            );
            text.push_str(MANAGED);
            text
        }
    };
    write_out(streams, text.as_bytes(), Exit::Clean, voice)
}

/// A policy document as IAM takes it.
fn document(whose: Whose) -> String {
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "PipelinePreflight",
            "Effect": "Allow",
            "Action": permissions(whose),
            "Resource": "*",
        }],
    });
    format!("{document:#}\n")
}

/// The permissions by their services.
fn list(whose: Whose) -> String {
    let mut services: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for permission in permissions(whose) {
        if let Some((service, name)) = permission.split_once(':') {
            services.entry(service).or_default().push(name);
        }
    }
    let wide = services.keys().map(|service| service.len()).max();
    let wide = wide.unwrap_or_default();
    let mut text = title(whose).to_owned();
    for (service, names) in services {
        let mut line = format!("  {service:wide$}");
        for (place, name) in names.iter().enumerate() {
            let comma = if place + 1 < names.len() { "," } else { "" };
            if line.chars().count() + name.len() + 2 > 100 {
                text.push_str(line.trim_end());
                text.push('\n');
                line = format!("  {:wide$}", "");
            }
            line.push_str(&format!(" {name}{comma}"));
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn title(whose: Whose) -> &'static str {
    match whose {
        Whose::Pipeline => "in the account of the pipelines\n",
        Whose::Other => "in every other account that they reach into\n",
        Whose::Management => {
            "in the organization's management account, or one that may read its policies\n"
        }
    }
}
