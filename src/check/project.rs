//! Artifacts under another key than the store's: CodeBuild encrypts its output with the key of the project.
//!
//! <https://github.com/aws/aws-cdk/issues/4033>, <https://github.com/aws/aws-cdk/issues/4182>

use super::decision::{Docket, grants};
use super::finding::Label;
use super::structure::{Breach, Walk};
use super::undecided::gap_of_fact;
use crate::graph::{Action, Arn, Resource, account_in, may_be_equal};
use crate::iam::Verdict;
use crate::rules::{Certainty, Party, Purpose, Requirement, Store, Target, customer_key, store_in};
use crate::source::Origin;

/// The key of a project that names none.
/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html>
const DEFAULT_KEY: &str = "alias/aws/s3";

/// Checks that whoever reads an artifact of a build can decrypt what the project encrypted.
pub(super) fn key(
    walk: &mut Walk<'_>,
    maker: &Action,
    indices: (usize, usize),
    reader: &Action,
    needed: &[Requirement],
) {
    let Some(project) = project(walk, maker) else {
        return;
    };
    let Some(arn) = Arn::parse(&project.arn) else {
        return;
    };
    let Some(store) = store_in(walk.graph, walk.pipeline, Some(&arn.region)) else {
        return;
    };
    let Some(Ok(expected)) = customer_key(walk.graph, walk.pipeline, &store) else {
        return;
    };
    let written = project.values.get("encryptionKey");
    let own = written.map_or(DEFAULT_KEY, |key| key.text.as_str());
    let view = Store {
        key_id: Some(own),
        ..store.clone()
    };
    let actual = customer_key(walk.graph, walk.pipeline, &view);
    if may_be_equal(own, &expected)
        || matches!(&actual, Some(Ok(actual)) if may_be_equal(actual, &expected))
    {
        return;
    }
    let reads = |requirement: &&Requirement| {
        requirement.site.action == Some(indices)
            && requirement.purpose == Purpose::ArtifactKey
            && requirement.operation == "kms:Decrypt"
            && requirement.certainty == Certainty::Necessary
            && requirement.target.arn == expected
    };
    for requirement in needed.iter().filter(reads) {
        let Party::Role(role) = &requirement.caller else {
            continue;
        };
        let readable = match &actual {
            // AWS's own key admits every caller of its account through S3, and nobody else.
            None => account_in(&role.arn).is_none_or(|own| may_be_equal(own, &arn.account)),
            Some(Err(missing)) => {
                walk.gaps
                    .push(gap_of_fact(walk.graph, requirement, missing.clone()));
                continue;
            }
            Some(Ok(actual)) => {
                let requirement = with_key(requirement, actual);
                let (graph, catalogue) = (walk.graph, walk.catalogue);
                let grants = grants(graph);
                let decided = Docket::new(graph, catalogue, &grants).decide(requirement);
                walk.gaps.extend(decided.gaps);
                matches!(decided.verdict, Verdict::Allowed | Verdict::Unknown)
            }
        };
        if !readable {
            let origin = written.map_or(project.origin, |key| key.origin);
            let breach = breach(walk, (project, own, origin), &role.arn, indices, reader);
            walk.breaches.push(breach);
        }
    }
}

/// The project that makes an action's output, when it is a build whose project is among the facts.
fn project<'g>(walk: &Walk<'g>, maker: &Action) -> Option<&'g Resource> {
    if maker.type_id.provider != "CodeBuild" {
        return None;
    }
    let name = &maker.configuration.get("ProjectName")?.text;
    let account = maker
        .role_arn
        .as_ref()
        .and_then(|role| account_in(&role.text))
        .unwrap_or(&walk.pipeline.account);
    let own_region = maker.region.as_ref().map(|region| &region.text);
    let region = own_region.or(walk.home.as_ref())?;
    let partition = &walk.pipeline.partition;
    let arn = format!("arn:{partition}:codebuild:{region}:{account}:project/{name}");
    walk.graph.resource(&arn).known().copied()
}

fn with_key(requirement: &Requirement, key: &str) -> Requirement {
    Requirement {
        target: Target {
            arn: key.to_owned(),
            account: account_in(key).map(str::to_owned),
            ..requirement.target.clone()
        },
        ..requirement.clone()
    }
}

fn breach(
    walk: &Walk<'_>,
    (project, key, origin): (&Resource, &str, Origin),
    principal: &str,
    indices: (usize, usize),
    reader: &Action,
) -> Breach {
    let label = |origin, text: &str| Label {
        origin,
        text: text.to_owned(),
    };
    Breach {
        rule: "project-key-differs",
        principal: principal.to_owned(),
        resource: project.arn.clone(),
        operations: vec!["kms:Decrypt".to_owned()],
        detail: format!("`{key}`"),
        certainty: Certainty::Necessary,
        site: walk.site(Some(indices), reader.name.origin),
        labels: vec![
            label(origin, "the key of the build's output"),
            label(reader.name.origin, "what the build puts out is read here"),
        ],
    }
}
