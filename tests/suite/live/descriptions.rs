//! Services that describe a thing in JSON, member by member as a snapshot holds it.

use serde_json::{Map, Value, json};

use super::call::{Call, Failure, Outcome, Said};
use super::cloud::{Inside, not_found, unknown};
use super::estate::{document, list, text as member};

pub(super) fn outcome(cloud: &Inside, call: &Call) -> Outcome {
    match call.name().as_str() {
        "codepipeline:GetPipeline" => pipeline(cloud, call),
        "codepipeline:ListPipelines" => pipelines(cloud, call),
        "codebuild:BatchGetProjects" => projects(cloud, call),
        "codedeploy:GetDeploymentGroup" => group(cloud, call),
        "codedeploy:GetApplication" => application(cloud, call),
        "ecs:DescribeServices" => services(cloud, call),
        "ecs:DescribeTaskDefinition" => task_definition(cloud, call),
        "ecr:DescribeRepositories" => repositories(cloud, call),
        "ecr:GetRepositoryPolicy" => repository_policy(cloud, call),
        "lambda:GetFunctionConfiguration" => function(cloud, call, "Configuration"),
        "lambda:GetPolicy" => function(cloud, call, "Policy"),
        "states:DescribeStateMachine" => machine(cloud, call),
        "secretsmanager:DescribeSecret" => {
            secret(cloud, call, &["ARN", "Name", "KmsKeyId", "Tags"])
        }
        "secretsmanager:GetResourcePolicy" => {
            secret(cloud, call, &["ARN", "Name", "ResourcePolicy"])
        }
        "codeconnections:GetConnection" | "codestar-connections:GetConnection" => {
            connection(cloud, call)
        }
        "events:DescribeRule" => rule(cloud, call),
        "events:ListTargetsByRule" => targets(cloud, call),
        "events:ListRuleNamesByTarget" => rules_by_target(cloud, call),
        "events:ListEventBuses" => buses(cloud, call),
        "events:DescribeEventBus" => bus(cloud, call),
        _ => unknown(call),
    }
}

fn tree(tree: Value) -> Outcome {
    Ok(Said::Tree(tree))
}

fn gone(code: &str) -> impl FnOnce() -> Failure {
    let code = code.to_owned();
    move || not_found(400, &code, "There is no such thing.")
}

/// Some of a description's members.
fn members(of: &Value, names: &[&str]) -> Map<String, Value> {
    let all = of.as_object().unwrap().iter();
    let all = all.filter(|(name, _)| names.contains(&name.as_str()));
    all.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn paged(cloud: &Inside, call: &Call, names: [&str; 2], items: &[Value]) -> Outcome {
    let [list, token] = names;
    let (page, next) = cloud.page(items, call.text(token));
    let mut answer = Map::new();
    answer.insert(list.to_owned(), page.into());
    answer.extend(next.map(|next| (token.to_owned(), next.into())));
    tree(answer.into())
}

/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipeline.html>
fn pipeline(cloud: &Inside, call: &Call) -> Outcome {
    let name = call.text("name");
    let mut all = cloud.here(call, "codepipeline");
    let found = all.find(|one| member(inner(one, "pipeline"), "name") == Some(name));
    let found = found.ok_or_else(gone("PipelineNotFoundException"))?;
    let arn = format!(
        "arn:aws:codepipeline:{}:{}:{name}",
        call.region, call.account
    );
    tree(json!({ "pipeline": inner(found, "pipeline"), "metadata": { "pipelineArn": arn } }))
}

fn pipelines(cloud: &Inside, call: &Call) -> Outcome {
    let all = cloud.here(call, "codepipeline");
    let all = all.map(|one| json!({ "name": inner(one, "pipeline")["name"], "version": 1 }));
    paged(
        cloud,
        call,
        ["pipelines", "nextToken"],
        &all.collect::<Vec<_>>(),
    )
}

/// What a wrapper holds, or the bare thing.
fn inner<'a>(value: &'a Value, wrapper: &str) -> &'a Value {
    value.get(wrapper).unwrap_or(value)
}

/// By names or ARNs: <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html>
fn projects(cloud: &Inside, call: &Call) -> Outcome {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for name in list(&call.input, "names") {
        let mut all = cloud.here(call, "codebuild");
        match all.find(|one| one["name"] == *name || one["arn"] == *name) {
            Some(project) => found.push(whole(project)),
            None => missing.push(name.clone()),
        }
    }
    tree(json!({ "projects": found, "projectsNotFound": missing }))
}

/// A project as AWS tells it: no environment is without an image and a size, whatever a case leaves out.
/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html>
fn whole(project: &Value) -> Value {
    let mut project = project.clone();
    if let Some(environment) = project["environment"].as_object_mut() {
        let mut fill = |name: &str, value: &str| {
            environment.entry(name).or_insert_with(|| value.into());
        };
        fill("image", "aws/codebuild/standard:7.0");
        fill("computeType", "BUILD_GENERAL1_SMALL");
    }
    project
}

fn groups<'a>(cloud: &'a Inside, call: &'a Call) -> Result<Vec<&'a Value>, Failure> {
    let application = call.text("applicationName");
    let all = cloud.here(call, "codedeploy");
    let all = all.map(|one| inner(one, "deploymentGroupInfo"));
    let own: Vec<&Value> = all
        .filter(|one| member(one, "applicationName") == Some(application))
        .collect();
    match own.is_empty() {
        true => Err(gone("ApplicationDoesNotExistException")()),
        false => Ok(own),
    }
}

/// <https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeploymentGroup.html>
fn group(cloud: &Inside, call: &Call) -> Outcome {
    let name = call.text("deploymentGroupName");
    let mut own = groups(cloud, call)?.into_iter();
    let found = own.find(|one| member(one, "deploymentGroupName") == Some(name));
    let found = found.ok_or_else(gone("DeploymentGroupDoesNotExistException"))?;
    tree(json!({ "deploymentGroupInfo": found }))
}

fn application(cloud: &Inside, call: &Call) -> Outcome {
    let own = groups(cloud, call)?;
    let mut platforms = own.iter().filter_map(|one| member(one, "computePlatform"));
    let platform = platforms.next().unwrap_or("Server");
    let name = call.text("applicationName");
    tree(json!({ "application": { "applicationName": name, "computePlatform": platform } }))
}

/// Things that are not there come as `failures`, and a service under its short or long name.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>
fn services(cloud: &Inside, call: &Call) -> Outcome {
    let cluster = call.text("cluster").rsplit('/').next().unwrap();
    let own: Vec<&Value> = cloud
        .here(call, "ecs")
        .filter(|one| {
            let arn = member(one, "clusterArn").unwrap_or_default();
            one.get("serviceName").is_some() && arn.rsplit('/').next() == Some(cluster)
        })
        .collect();
    if own.is_empty() {
        return Err(not_found(
            400,
            "ClusterNotFoundException",
            "Cluster not found.",
        ));
    }
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for wanted in list(&call.input, "services") {
        let short = wanted.as_str().unwrap().rsplit('/').next().unwrap();
        match own
            .iter()
            .find(|one| member(one, "serviceName") == Some(short))
        {
            Some(service) => found.push((*service).clone()),
            None => failures.push(json!({ "arn": wanted, "reason": "MISSING" })),
        }
    }
    tree(json!({ "services": found, "failures": failures }))
}

/// By ARN, `family:revision`, or the family for its newest revision.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html>
fn task_definition(cloud: &Inside, call: &Call) -> Outcome {
    let wanted = call.text("taskDefinition");
    let wanted = wanted.rsplit('/').next().unwrap();
    let mut all = cloud.here(call, "ecs/task-definitions");
    let found = all.find(|one| {
        let one = inner(one, "taskDefinition");
        let arn = member(one, "taskDefinitionArn").unwrap_or_default();
        member(one, "family") == Some(wanted) || arn.rsplit('/').next() == Some(wanted)
    });
    let missing = || {
        not_found(
            400,
            "ClientException",
            "Unable to describe task definition.",
        )
    };
    let found = inner(found.ok_or_else(missing)?, "taskDefinition");
    tree(json!({ "taskDefinition": found }))
}

fn repository<'a>(cloud: &'a Inside, call: &Call, name: &str) -> Result<&'a Value, Failure> {
    let mut all = cloud.here(call, "ecr");
    let found = all.find(|one| member(&one["repository"], "repositoryName") == Some(name));
    let message = format!("The repository with name '{name}' does not exist in the registry");
    found.ok_or_else(|| not_found(400, "RepositoryNotFoundException", message))
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html>
fn repositories(cloud: &Inside, call: &Call) -> Outcome {
    let names = list(&call.input, "repositoryNames").iter();
    let found: Result<Vec<Value>, Failure> = names
        .map(|name| Ok(repository(cloud, call, name.as_str().unwrap())?["repository"].clone()))
        .collect();
    // Repositories that are named do not come in pages.
    tree(json!({ "repositories": found? }))
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetRepositoryPolicy.html>
fn repository_policy(cloud: &Inside, call: &Call) -> Outcome {
    let name = call.text("repositoryName");
    let policy = document(&repository(cloud, call, name)?["policyText"]);
    let policy = policy.ok_or_else(gone("RepositoryPolicyNotFoundException"))?;
    tree(json!({ "registryId": call.account, "repositoryName": name, "policyText": policy }))
}

/// By name or ARN: <https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html>
fn function(cloud: &Inside, call: &Call, part: &str) -> Outcome {
    let wanted = call.text("FunctionName");
    let missing = || {
        not_found(
            404,
            "ResourceNotFoundException",
            format!("Function not found: {wanted}"),
        )
    };
    let mut all = cloud.here(call, "lambda");
    let found = all.find(|one| {
        let one = inner(one, "Configuration");
        let arn = member(one, "FunctionArn").unwrap_or_default();
        member(one, "FunctionName") == Some(wanted) || arn == wanted
    });
    let found = found.ok_or_else(missing)?;
    match part {
        "Configuration" => tree(inner(found, part).clone()),
        _ => {
            let no_policy = || {
                not_found(
                    404,
                    "ResourceNotFoundException",
                    "The resource you requested does not exist.",
                )
            };
            let policy = document(&found["Policy"]).ok_or_else(no_policy)?;
            tree(json!({ "Policy": policy, "RevisionId": "1" }))
        }
    }
}

fn machine(cloud: &Inside, call: &Call) -> Outcome {
    let wanted = call.text("stateMachineArn");
    let mut all = cloud.here(call, "states");
    let found = all.find(|one| member(one, "stateMachineArn") == Some(wanted));
    tree(found.ok_or_else(gone("StateMachineDoesNotExist"))?.clone())
}

/// By name, ARN, or the ARN without the six letters that Secrets Manager adds, unless what is left ends like a whole ARN.
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html>
fn secret(cloud: &Inside, call: &Call, parts: &[&str]) -> Outcome {
    let wanted = call.text("SecretId");
    let mut all = cloud.here(call, "secretsmanager");
    let found = all.find(|one| {
        let arn = member(one, "ARN").unwrap_or_default();
        let short = arn.rsplit_once('-').map(|(short, _)| short);
        let looks_whole = wanted
            .rsplit_once('-')
            .is_some_and(|(_, end)| end.len() == 6);
        arn == wanted
            || !looks_whole && short == Some(wanted)
            || member(one, "Name") == Some(wanted)
    });
    let mut found = members(found.ok_or_else(gone("ResourceNotFoundException"))?, parts);
    // Where there is no policy, the member is not there.
    match found.get("ResourcePolicy").and_then(document) {
        Some(policy) => found.insert("ResourcePolicy".to_owned(), policy.into()),
        None => found.remove("ResourcePolicy"),
    };
    tree(found.into())
}

fn connection(cloud: &Inside, call: &Call) -> Outcome {
    let wanted = call.text("ConnectionArn");
    let mut all = cloud.here(call, "connections");
    let found = all.find(|one| member(inner(one, "Connection"), "ConnectionArn") == Some(wanted));
    let found = inner(
        found.ok_or_else(gone("ResourceNotFoundException"))?,
        "Connection",
    );
    tree(json!({ "Connection": found }))
}

/// The name of a bus in a member that may hold its ARN, or nothing for the default bus.
fn bus_name(text: Option<&str>) -> &str {
    text.and_then(|text| text.rsplit('/').next())
        .unwrap_or("default")
}

fn rules<'a>(cloud: &'a Inside, call: &'a Call) -> impl Iterator<Item = &'a Value> {
    let bus = bus_name(member(&call.input, "EventBusName"));
    let all = cloud.here(call, "events/rules");
    all.filter(move |rule| bus_name(member(rule, "EventBusName")) == bus)
}

fn rule_named<'a>(cloud: &'a Inside, call: &'a Call, name: &str) -> Result<&'a Value, Failure> {
    let found = rules(cloud, call).find(|rule| member(rule, "Name") == Some(name));
    found.ok_or_else(gone("ResourceNotFoundException"))
}

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html>
fn rule(cloud: &Inside, call: &Call) -> Outcome {
    let mut rule = rule_named(cloud, call, call.text("Name"))?
        .as_object()
        .unwrap()
        .clone();
    rule.remove("Targets");
    tree(rule.into())
}

fn targets(cloud: &Inside, call: &Call) -> Outcome {
    let rule = rule_named(cloud, call, call.text("Rule"))?;
    paged(cloud, call, ["Targets", "NextToken"], list(rule, "Targets"))
}

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html>
fn rules_by_target(cloud: &Inside, call: &Call) -> Outcome {
    let target = call.text("TargetArn");
    let own = rules(cloud, call);
    let own = own.filter(|rule| {
        let mut targets = list(rule, "Targets").iter();
        targets.any(|one| member(one, "Arn") == Some(target))
    });
    let names: Vec<Value> = own.map(|rule| rule["Name"].clone()).collect();
    paged(cloud, call, ["RuleNames", "NextToken"], &names)
}

fn all_buses(cloud: &Inside, call: &Call) -> Vec<Value> {
    let mut all: Vec<Value> = cloud.here(call, "events/buses").cloned().collect();
    // Every account has the default bus of each Region.
    if !all.iter().any(|bus| bus["Name"] == "default") {
        let arn = format!(
            "arn:aws:events:{}:{}:event-bus/default",
            call.region, call.account
        );
        all.push(json!({ "Name": "default", "Arn": arn }));
    }
    for bus in &mut all {
        match document(&bus["Policy"]) {
            Some(policy) => bus["Policy"] = policy.into(),
            None => drop(bus.as_object_mut().unwrap().remove("Policy")),
        }
    }
    all
}

fn buses(cloud: &Inside, call: &Call) -> Outcome {
    let all = all_buses(cloud, call);
    paged(cloud, call, ["EventBuses", "NextToken"], &all)
}

fn bus(cloud: &Inside, call: &Call) -> Outcome {
    let name = bus_name(member(&call.input, "Name"));
    let mut all = all_buses(cloud, call).into_iter();
    let found = all.find(|bus| member(bus, "Name") == Some(name));
    tree(found.ok_or_else(gone("ResourceNotFoundException"))?)
}
