//! Every other resource of a snapshot, by one table: where its file lies, what its ARN is, and where its content stands.

use std::collections::BTreeMap;

use super::buildspec;
use super::hint::{Hint, partition_of};
use super::policy::Attached;
use super::reader::Reading;
use crate::graph::{Arn, Fact, Resource, Value, Written};
use crate::source::{Kind, Node, Origin};

/// One kind of resource.
struct Shape {
    /// What people call it.
    kind: &'static str,
    /// Where its file lies under the account; `{name...}` takes all segments that are left.
    path: &'static str,
    /// Its ARN, from what the path says.
    arn: &'static str,
    /// The member of the description that holds its ARN, which wins over the path's; empty where AWS returns none.
    arn_member: &'static str,
    /// Members that AWS wraps the description in: one description, or a list of them.
    wrappers: &'static [&'static str],
    /// What the paths of the description's values begin with, for a wrapper that counts as part of the description.
    prefix: &'static str,
    /// The member that holds its resource policy, beside the description or in it; `None` where the service has no such policies.
    policy: Option<&'static str>,
    /// Whether AWS's description always holds that policy, so that one without has none.
    policy_told: bool,
}

/// Services of an ARN that stand for each other: a connection's prefix tells only when it was created.
///
/// Source: <https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html>
const RENAMED: &[(&str, &str)] = &[("codeconnections", "codestar-connections")];

/// Whether a service has resource policies that matter to pipelines:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>
const SHAPES: &[Shape] = &[
    Shape {
        kind: "CodeBuild project",
        path: "{region}/codebuild/{name}",
        arn: "arn:{partition}:codebuild:{region}:{account}:project/{name}",
        arn_member: "arn",
        wrappers: &["project", "projects"],
        prefix: "",
        policy: None,
        policy_told: false,
    },
    Shape {
        kind: "CodeDeploy deployment group",
        path: "{region}/codedeploy/{application}/{group}",
        arn: "arn:{partition}:codedeploy:{region}:{account}:deploymentgroup:{application}/{group}",
        arn_member: "",
        wrappers: &["deploymentGroupInfo"],
        prefix: "",
        policy: None,
        policy_told: false,
    },
    Shape {
        kind: "ECS task definition",
        path: "{region}/ecs/task-definitions/{family}",
        arn: "arn:{partition}:ecs:{region}:{account}:task-definition/{family}",
        arn_member: "taskDefinitionArn",
        wrappers: &["taskDefinition"],
        prefix: "",
        policy: None,
        policy_told: false,
    },
    Shape {
        kind: "ECS service",
        path: "{region}/ecs/{cluster}/{service}",
        arn: "arn:{partition}:ecs:{region}:{account}:service/{cluster}/{service}",
        arn_member: "serviceArn",
        wrappers: &["service", "services"],
        prefix: "",
        policy: None,
        policy_told: false,
    },
    Shape {
        kind: "ECR repository",
        path: "{region}/ecr/{name...}",
        arn: "arn:{partition}:ecr:{region}:{account}:repository/{name}",
        arn_member: "repositoryArn",
        wrappers: &["repository", "repositories"],
        prefix: "",
        policy: Some("policyText"),
        policy_told: false,
    },
    Shape {
        kind: "Lambda function",
        path: "{region}/lambda/{name}",
        arn: "arn:{partition}:lambda:{region}:{account}:function:{name}",
        arn_member: "FunctionArn",
        wrappers: &["Configuration"],
        prefix: "Configuration.",
        policy: Some("Policy"),
        policy_told: false,
    },
    Shape {
        kind: "event rule",
        path: "{region}/events/rules/{name}",
        arn: "arn:{partition}:events:{region}:{account}:rule/{name}",
        arn_member: "Arn",
        wrappers: &[],
        prefix: "",
        policy: None,
        policy_told: false,
    },
    Shape {
        kind: "event bus",
        path: "{region}/events/buses/{name}",
        arn: "arn:{partition}:events:{region}:{account}:event-bus/{name}",
        arn_member: "Arn",
        wrappers: &[],
        prefix: "",
        policy: Some("Policy"),
        // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html
        policy_told: true,
    },
    Shape {
        kind: "SNS topic",
        path: "{region}/sns/{name}",
        arn: "arn:{partition}:sns:{region}:{account}:{name}",
        arn_member: "TopicArn",
        wrappers: &["Attributes"],
        prefix: "",
        policy: Some("Policy"),
        policy_told: false,
    },
    Shape {
        kind: "CloudFormation stack",
        path: "{region}/cloudformation/{name}",
        arn: "arn:{partition}:cloudformation:{region}:{account}:stack/{name}",
        arn_member: "StackId",
        wrappers: &["Stacks"],
        prefix: "",
        policy: None,
        policy_told: false,
    },
    Shape {
        kind: "state machine",
        path: "{region}/states/{name}",
        arn: "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
        arn_member: "stateMachineArn",
        wrappers: &[],
        prefix: "",
        policy: None,
        policy_told: false,
    },
    // The path has the secret's name, the ARN six characters more, so that only the member tells it.
    Shape {
        kind: "secret",
        path: "{region}/secretsmanager/{name...}",
        arn: "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}",
        arn_member: "ARN",
        wrappers: &[],
        prefix: "",
        policy: Some("ResourcePolicy"),
        policy_told: false,
    },
    Shape {
        kind: "connection",
        path: "{region}/connections/{id}",
        arn: "arn:{partition}:codestar-connections:{region}:{account}:connection/{id}",
        arn_member: "ConnectionArn",
        wrappers: &["Connection"],
        prefix: "",
        policy: None,
        policy_told: false,
    },
];

/// What a document describes: by the ARN in it, else by its place in a snapshot.
pub(super) fn recognise(document: Node<'_>, hint: &Hint) -> Option<&'static str> {
    shape_of(document, hint).map(|shape| shape.kind)
}

fn shape_of(document: Node<'_>, hint: &Hint) -> Option<&'static Shape> {
    let by_content = SHAPES.iter().find(|shape| {
        shape
            .descriptions(document)
            .into_iter()
            .any(|description| shape.arn_in(description).is_some())
    });
    by_content.or_else(|| {
        SHAPES
            .iter()
            .find(|shape| shape.arn_by_path(hint).is_some() && !document.entries().is_empty())
    })
}

/// Reads one description, or a list of them.
pub(super) fn read(reading: &mut Reading<'_>, document: Origin) {
    let Some(shape) = shape_of(reading.node(document), reading.hint) else {
        return;
    };
    let descriptions: Vec<Origin> = shape
        .descriptions(reading.node(document))
        .into_iter()
        .map(Node::origin)
        .collect();
    let alone = descriptions.len() == 1;
    for description in descriptions {
        let stated = shape
            .arn_in(reading.node(description))
            .map(|arn| in_cluster(arn, reading.node(description)).to_string());
        let by_path = || {
            alone
                .then(|| shape.arn_by_path(reading.hint))
                .flatten()
                .filter(|_| !shape.has_other_arn(reading.node(description)))
        };
        let Some(arn) = stated.or_else(by_path) else {
            let message = format!(
                "the {} has no usable `{}`: expected an ARN like `{}`",
                shape.kind, shape.arn_member, shape.arn
            );
            reading.fail(description, message);
            continue;
        };
        let mut values = BTreeMap::new();
        collect(
            reading.node(description),
            shape.prefix.trim_end_matches('.'),
            &mut values,
        );
        if alone && description != document {
            for (key, _, value) in reading.node(document).entries() {
                if !shape.wrappers.contains(&key) {
                    collect(value, key, &mut values);
                }
            }
        }
        let policy = match shape.policy {
            None => Fact::Absent,
            // A file that was written by hand, and states no ARN, is no answer of AWS's.
            Some(member)
                if shape.policy_told
                    && shape.arn_in(reading.node(description)).is_some()
                    && reading.node(description).get(member).is_none() =>
            {
                Fact::Absent
            }
            Some(member) => {
                let beside = alone && reading.node(document).get(member).is_some();
                let holder = if beside { document } else { description };
                reading.policy_member(holder, member, Attached::Resource)
            }
        };
        for path in BUILDSPECS {
            if let Some(text) = values.get(*path) {
                let text = Written {
                    text: text.text.clone(),
                    origin: text.origin,
                };
                buildspec::read_inline(reading, &text);
            }
        }
        reading.facts.add_resource(Resource {
            arn,
            origin: description,
            values,
            policy,
        });
    }
}

/// The ARN of a service with its cluster, which those of services from before 2018 leave out, and policies and lookups do not:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html>
fn in_cluster(mut arn: Arn, description: Node<'_>) -> Arn {
    let short = (arn.service == "ecs")
        .then(|| arn.resource.strip_prefix("service/"))
        .flatten()
        .filter(|name| !name.contains('/'));
    let cluster = description.get("clusterArn").and_then(Node::as_str);
    let cluster = cluster.and_then(|cluster| cluster.rsplit_once(":cluster/"));
    if let (Some(name), Some((_, cluster))) = (short, cluster) {
        arn.resource = format!("service/{cluster}/{name}");
    }
    arn
}

impl Shape {
    /// The descriptions in a document: under one of AWS's wrappers, else the document itself.
    fn descriptions<'a>(&self, document: Node<'a>) -> Vec<Node<'a>> {
        for wrapper in self.wrappers {
            match document.get(wrapper) {
                Some(inner) if inner.kind() == Kind::Map => return vec![inner],
                Some(inner) if inner.kind() == Kind::List => {
                    let items = inner.items();
                    if !items.is_empty() && items.iter().all(|item| item.kind() == Kind::Map) {
                        return items;
                    }
                }
                _ => {}
            }
        }
        vec![document]
    }

    /// The ARN that a description states, when it is one of this shape.
    fn arn_in(&self, description: Node<'_>) -> Option<Arn> {
        let arn = Arn::parse(description.get(self.arn_member)?.as_str()?)?;
        let like = Arn::parse(self.arn)?;
        let service = RENAMED
            .iter()
            .find(|(new, _)| *new == arn.service)
            .map_or(arn.service.as_str(), |(_, old)| old);
        let fixed = like.resource.split('{').next().unwrap_or_default();
        (service == like.service && arn.resource.starts_with(fixed)).then_some(arn)
    }

    /// Whether a description states an ARN that is none of this shape, so that the path must not speak for it.
    fn has_other_arn(&self, description: Node<'_>) -> bool {
        description.get(self.arn_member).is_some() && self.arn_in(description).is_none()
    }

    /// The ARN that a file's place tells.
    fn arn_by_path(&self, hint: &Hint) -> Option<String> {
        let account = hint.account.as_deref()?;
        let mut taken: Vec<(&str, String)> = vec![("account", account.to_owned())];
        let mut segments = hint.segments().into_iter();
        for pattern in self.path.split('/') {
            let name = pattern
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            match name {
                None if segments.next() == Some(pattern) => {}
                None => return None,
                Some(name) => match name.strip_suffix("...") {
                    None => taken.push((name, segments.next()?.to_owned())),
                    Some(name) => {
                        let rest: Vec<&str> = segments.by_ref().collect();
                        if rest.is_empty() {
                            return None;
                        }
                        taken.push((name, rest.join("/")));
                    }
                },
            }
        }
        if segments.next().is_some() {
            return None;
        }
        let region = hint.region()?;
        taken.push(("partition", partition_of(region).to_owned()));
        let arn = taken
            .iter()
            .fold(self.arn.to_owned(), |arn, (name, value)| {
                arn.replace(&format!("{{{name}}}"), value)
            });
        Some(arn)
    }
}

/// Where a description may hold a buildspec.
const BUILDSPECS: &[&str] = &["source.buildspec"];

/// More values, or longer paths, than any description has: a few lines of YAML can stand for a million of them.
const MOST_VALUES: usize = 100_000;
const LONGEST_PATH: usize = 1_000;

/// Every scalar by its dotted path, `[i]` for the items of lists.
fn collect(node: Node<'_>, path: &str, values: &mut BTreeMap<String, Value>) {
    if values.len() >= MOST_VALUES || path.len() > LONGEST_PATH {
        return;
    }
    match node.kind() {
        Kind::Map => {
            for (key, _, value) in node.entries() {
                if path.is_empty() {
                    collect(value, key, values);
                } else {
                    collect(value, &format!("{path}.{key}"), values);
                }
            }
        }
        Kind::List => {
            for (index, item) in node.items().into_iter().enumerate() {
                collect(item, &format!("{path}[{index}]"), values);
            }
        }
        Kind::Null => {}
        Kind::Bool | Kind::Number | Kind::String => {
            if let Some(text) = node.scalar() {
                values.entry(path.to_owned()).or_insert_with(|| Value {
                    text: text.to_owned(),
                    origin: node.origin(),
                });
            }
        }
    }
}
