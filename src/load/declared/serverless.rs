//! What the serverless transform makes of one resource: a function or state machine without a role gets one.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html>

use super::policies;
use super::types::{self, Named};
use crate::graph::{Symbol, Symbols};
use crate::load::stack::Declared;
use crate::source::{Made, MadeValue, Origin};

const ROLE: &str = "AWS::IAM::Role";

/// Types that get a role: the type, who takes it up, and the policy that the role always has.
const WITH_ROLE: &[(&str, &str, Option<&str>)] = &[
    (
        "AWS::Serverless::Function",
        "lambda.amazonaws.com",
        Some("service-role/AWSLambdaBasicExecutionRole"),
    ),
    (
        "AWS::Serverless::StateMachine",
        "states.amazonaws.com",
        None,
    ),
];

/// Policies of AWS that do not lie at the root, which SAM takes by their name alone.
const BY_NAME: &[&str] = &[
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaRole",
    "AWSCodeDeployRole",
    "AWSCodeDeployRoleForLambda",
];

/// The logical id of the role that a resource gets; `None` when it gets none.
pub(in crate::load) fn implied_role(
    kind: &str,
    logical_id: &str,
    properties: &Made,
) -> Option<String> {
    let gets = WITH_ROLE.iter().any(|(known, ..)| *known == kind);
    (gets && properties.get("Role").is_none()).then(|| format!("{logical_id}Role"))
}

/// The resource with its role, and the role; `None` when there is nothing to make of it.
pub(super) fn expand(declared: &Declared, symbols: &mut Symbols) -> Option<Vec<Declared>> {
    let logical_id = implied_role(&declared.kind, &declared.logical_id, &declared.properties)?;
    let (_, service, always) = WITH_ROLE
        .iter()
        .find(|(known, ..)| *known == declared.kind)?;
    let at = declared.origin;
    let properties = role_properties(declared, service, *always, symbols);
    let kind = types::of(ROLE)?;
    let named = Named {
        home: &declared.home,
        logical_id: &logical_id,
        origin: declared.name_origin,
    };
    let property = |name: &str| super::property(&properties, name);
    let known = kind.identity(&named, symbols, &property);
    let arn = known.arn.unwrap_or_default();
    let mut with_role = declared.clone();
    if let MadeValue::Map(members) = &mut with_role.properties.value {
        let role = Made::text(arn.clone(), declared.name_origin);
        members.push(("Role".to_owned(), at, role));
    }
    let role = Declared {
        kind: ROLE.to_owned(),
        logical_id,
        physical: known.name,
        arn: Some(arn),
        properties,
        ..declared.clone()
    };
    Some(vec![with_role, role])
}

fn role_properties(
    declared: &Declared,
    service: &str,
    always: Option<&str>,
    symbols: &mut Symbols,
) -> Made {
    let at = declared.origin;
    let properties = &declared.properties;
    let text = |text: &str| Made::text(text, at);
    let trust = properties.get("AssumeRolePolicyDocument").cloned();
    let trust = trust.unwrap_or_else(|| {
        let statement = vec![
            ("Effect", text("Allow")),
            ("Principal", Made::map(vec![("Service", text(service))], at)),
            ("Action", text("sts:AssumeRole")),
        ];
        policies::of_statements(vec![Made::map(statement, at)], at)
    });
    let partition = &declared.home.partition;
    let managed = |name: &str| format!("arn:{partition}:iam::aws:policy/{name}");
    let mut attached: Vec<Made> = always
        .into_iter()
        .map(|name| text(&managed(name)))
        .collect();
    if always.is_some() && properties.get("VpcConfig").is_some() {
        attached.push(text(&managed(
            "service-role/AWSLambdaVPCAccessExecutionRole",
        )));
    }
    let mut inline = Vec::new();
    let listed = properties.get("Policies");
    let items = match listed.map(|listed| (&listed.value, listed)) {
        Some((MadeValue::List(items), _)) => items.as_slice(),
        Some((_, one)) => std::slice::from_ref(one),
        None => &[],
    };
    for (index, item) in items.iter().enumerate() {
        match (item.scalar(), item.get("Statement")) {
            (Some(name), _) => attached.push(Made {
                value: MadeValue::Text(policy_arn(name, &managed)),
                at: item.at,
                also: item.also,
            }),
            (None, Some(_)) => inline.push(entry(
                &format!("{}RolePolicy{index}", declared.logical_id),
                item.clone(),
            )),
            (None, None) => {
                for (name, place, arguments) in item.members() {
                    match template(name, arguments, *place) {
                        Some(document) => inline.push(entry(
                            &format!("{}RolePolicy{index}", declared.logical_id),
                            document,
                        )),
                        None => attached.push(unknown(declared, name, *place, symbols)),
                    }
                }
            }
        }
    }
    let mut members = vec![
        ("AssumeRolePolicyDocument", trust),
        ("ManagedPolicyArns", Made::list(attached, at)),
        ("Policies", Made::list(inline, at)),
    ];
    for (property, member) in [
        ("PermissionsBoundary", "PermissionsBoundary"),
        ("RolePath", "Path"),
    ] {
        if let Some(value) = properties.get(property) {
            members.push((member, value.clone()));
        }
    }
    Made::map(members, at)
}

fn entry(name: &str, document: Made) -> Made {
    let at = document.at;
    let members = vec![
        ("PolicyName", Made::text(name, at)),
        ("PolicyDocument", document),
    ];
    Made::map(members, at)
}

/// SAM takes the names of AWS's managed policies as well as ARNs.
fn policy_arn(name: &str, managed: &dyn Fn(&str) -> String) -> String {
    if name.starts_with("arn:") || crate::graph::has_symbol(name) {
        return name.to_owned();
    }
    if BY_NAME.contains(&name) {
        return managed(&format!("service-role/{name}"));
    }
    managed(name)
}

/// The policy templates that matter to pipelines; of every other nobody here knows what it grants.
///
/// Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html>
fn template(name: &str, _arguments: &Made, at: Origin) -> Option<Made> {
    let actions: &[&str] = match name {
        "CodePipelineLambdaExecutionPolicy" => &[
            "codepipeline:PutJobSuccessResult",
            "codepipeline:PutJobFailureResult",
        ],
        _ => return None,
    };
    let text = |text: &str| Made::text(text, at);
    let actions = actions.iter().map(|action| text(action)).collect();
    let statement = Made::map(
        vec![
            ("Effect", text("Allow")),
            ("Action", Made::list(actions, at)),
            ("Resource", text("*")),
        ],
        at,
    );
    Some(policies::of_statements(vec![statement], at))
}

fn unknown(declared: &Declared, name: &str, place: Origin, symbols: &mut Symbols) -> Made {
    let key = format!(
        "policy template {} {} {name}",
        declared.stack, declared.logical_id
    );
    let symbol = symbols.unknown(&key, || Symbol {
        name: name.to_owned(),
        what: format!(
            "what the policy template `{name}` of `{}` grants",
            declared.logical_id
        ),
        supply: "write the policy out in the template".to_owned(),
        origin: place,
    });
    Made::text(symbol.to_string(), place)
}
