use serde_json::{Value, json};

use super::*;

/// What no answer holds any more when it is stored.
const TOKEN: &str = "s3cr3t";

/// Masks an answer and holds it against the members that must have stayed.
fn check(mask: fn(&mut Value), mut answer: Value, stays: &[(&str, &str)]) -> Value {
    mask(&mut answer);
    let text = answer.to_string();
    assert!(!text.contains(TOKEN), "{text}");
    for (path, expected) in stays {
        let found = answer.pointer(path).and_then(Value::as_str);
        assert_eq!(found, Some(*expected), "{path} of {text}");
    }
    answer
}

#[test]
fn a_pipeline_keeps_its_references_and_no_secret() {
    let variables = json!([
        { "name": "TOKEN", "value": "s3cr3t", "type": "PLAINTEXT" },
        { "name": "NO_TYPE", "value": "s3cr3t" },
        { "name": "NUMBER", "value": 12345 },
        { "name": "COMMIT", "value": "#{Source.CommitId}", "type": "PLAINTEXT" },
        { "name": "MIXED", "value": "s3cr3t-#{Source.CommitId}-s3cr3t", "type": "PLAINTEXT" },
        { "name": "ROLE", "value": "arn:aws:iam::222222222222:role/Deploy", "type": "PLAINTEXT" },
        { "name": "ACCOUNT", "value": "222222222222" },
        { "name": "REGION", "value": "eu-west-1" },
        { "name": "KEPT", "value": "/app/key", "type": "PARAMETER_STORE" },
        { "name": "ALSO", "value": "app/db:password", "type": "SECRETS_MANAGER" }
    ]);
    let answer = json!({
        "pipeline": {
            "name": "app",
            "variables": [
                { "name": "Token", "defaultValue": "s3cr3t" },
                { "name": "Stage", "defaultValue": "prod" }
            ],
            "stages": [{
                "name": "Source",
                "beforeEntry": { "conditions": [{ "rules": [{
                    "configuration": { "ApiKey": "s3cr3t", "ProjectName": "guard" },
                    "commands": ["login --token s3cr3t"]
                }] }] },
                "actions": [
                    { "name": "GitHub", "configuration": {
                        "OAuthToken": "s3cr3t", "Owner": "example-org",
                        "Hook": "https://user:s3cr3t@example.org/hook?token=s3cr3t"
                    } },
                    { "name": "Alexa", "configuration": { "ClientId": "amzn1", "ClientSecret": "s3cr3t", "RefreshToken": "s3cr3t" } },
                    { "name": "Build", "configuration": {
                        "ProjectName": "build",
                        "EnvironmentVariables": variables.to_string(),
                        "BuildspecOverride": "version: 0.2\nenv:\n  variables:\n    A: s3cr3t\nphases:\n  build:\n    commands: [make]\n"
                    } },
                    { "name": "Broken", "configuration": { "EnvironmentVariables": "[{s3cr3t" } },
                    { "name": "Deploy", "configuration": {
                        "ParameterOverrides": "{\"DbPassword\": \"s3cr3t\", \"Size\": \"2\", \"Image\": {\"Fn::GetParam\": [\"Out\", \"i.json\", \"Uri\"]}}",
                        "UserParameters": "{\"url\": \"https://example.org/?key=s3cr3t\"}",
                        "RoleArn": "arn:aws:iam::222222222222:role/Run"
                    } },
                    { "name": "Commands",
                      "commands": [
                          "export API_TOKEN=s3cr3t",
                          "export DB_PASSWORD=\"s3cr3t and s3cr3t\" && make",
                          "deploy --password s3cr3t --api-key='s3cr3t'",
                          "aws sts assume-role --role-arn arn:aws:iam::222222222222:role/Deploy --role-session-name x",
                          "export TOKEN=$(aws secretsmanager get-secret-value --secret-id app)",
                          "aws ecr get-login-password | docker login --username AWS --password-stdin"
                      ],
                      "environmentVariables": [
                          { "name": "A", "value": "s3cr3t" },
                          { "name": "B", "value": "app/db", "type": "SECRETS_MANAGER" }
                      ] }
                ]
            }]
        },
        "metadata": { "pipelineArn": "arn:aws:codepipeline:eu-west-1:111111111111:app" }
    });
    let actions = "/pipeline/stages/0/actions";
    let at = |rest: &str| format!("{actions}/{rest}");
    let masked = check(
        pipeline,
        answer,
        &[
            ("/pipeline/variables/0/defaultValue", "****"),
            ("/pipeline/variables/1/defaultValue", "prod"),
            (
                "/pipeline/stages/0/beforeEntry/conditions/0/rules/0/configuration/ProjectName",
                "guard",
            ),
            (
                "/pipeline/stages/0/beforeEntry/conditions/0/rules/0/commands/0",
                "login --token ****",
            ),
            (&at("0/configuration/OAuthToken"), "****"),
            (&at("0/configuration/Owner"), "example-org"),
            (
                &at("0/configuration/Hook"),
                "https://****@example.org/hook?****",
            ),
            (&at("1/configuration/ClientId"), "amzn1"),
            (
                &at("2/configuration/BuildspecOverride"),
                "version: 0.2\nenv:\n  variables:\n    A: \"****\"\nphases:\n  build:\n    commands: [make]\n",
            ),
            (&at("3/configuration/EnvironmentVariables"), "****"),
            (
                &at("4/configuration/ParameterOverrides"),
                r#"{"DbPassword":"****","Size":"2","Image":{"Fn::GetParam":["Out","i.json","Uri"]}}"#,
            ),
            (
                &at("4/configuration/UserParameters"),
                r#"{"url":"https://example.org/?****"}"#,
            ),
            (
                &at("4/configuration/RoleArn"),
                "arn:aws:iam::222222222222:role/Run",
            ),
            (&at("5/commands/0"), "export API_TOKEN=****"),
            (&at("5/commands/1"), "export DB_PASSWORD=**** && make"),
            (&at("5/commands/2"), "deploy --password **** --api-key=****"),
            (
                &at("5/commands/3"),
                "aws sts assume-role --role-arn arn:aws:iam::222222222222:role/Deploy --role-session-name x",
            ),
            (
                &at("5/commands/4"),
                "export TOKEN=$(aws secretsmanager get-secret-value --secret-id app)",
            ),
            (
                &at("5/commands/5"),
                "aws ecr get-login-password | docker login --username AWS --password-stdin",
            ),
            (&at("5/environmentVariables/0/name"), "A"),
            (&at("5/environmentVariables/0/value"), "****"),
            (&at("5/environmentVariables/1/value"), "app/db"),
        ],
    );
    let kept = masked.pointer(&at("2/configuration/EnvironmentVariables"));
    let kept: Value = serde_json::from_str(kept.and_then(Value::as_str).unwrap()).unwrap();
    let values = kept.as_array().unwrap().iter();
    let values: Vec<&str> = values.map(|one| one["value"].as_str().unwrap()).collect();
    assert_eq!(
        values,
        [
            "****",
            "****",
            "****",
            "#{Source.CommitId}",
            "****#{Source.CommitId}****",
            "arn:aws:iam::222222222222:role/Deploy",
            "222222222222",
            "eu-west-1",
            "/app/key",
            "app/db:password"
        ]
    );
}

#[test]
fn a_secret_of_a_provider_is_one_by_its_name() {
    let mut found = Vec::new();
    for file in std::fs::read_dir("rules/providers").unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let lines = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("secret: ["));
        for line in lines {
            let names = line.trim_end_matches(']').split(',');
            found.extend(names.map(|name| name.trim().to_owned()));
        }
    }
    assert!(found.len() >= 3, "{found:?}");
    for name in found {
        assert!(is_secret(&name), "{name}");
    }
}

#[test]
fn a_project_keeps_what_its_roles_and_commands_tell() {
    let answer = json!({
        "arn": "arn:aws:codebuild:eu-west-1:111111111111:project/build",
        "serviceRole": "arn:aws:iam::111111111111:role/Build",
        "encryptionKey": "arn:aws:kms:eu-west-1:111111111111:alias/aws/s3",
        "source": {
            "type": "GITHUB",
            "location": "https://s3cr3t@github.com/example-org/app.git",
            "auth": { "type": "SECRETS_MANAGER", "resource": "arn:aws:secretsmanager:eu-west-1:111111111111:secret:git-AbCdEf" },
            "buildspec": "version: 0.2\nenv:\n  variables:\n    PLAIN: s3cr3t\n    QUOTED: 's3cr3t'\n    BLOCK: |\n      s3cr3t\n      more s3cr3t\n    ROLE: arn:aws:iam::222222222222:role/Deploy\n  secrets-manager:\n    DB: app/db:password\nphases:\n  build:\n    commands:\n      - export TOKEN=s3cr3t\n      - aws cloudformation deploy --role-arn $ROLE\n"
        },
        "secondarySources": [{ "sourceIdentifier": "two", "buildspec": "{\"version\": 0.2, \"env\": {\"variables\": {\"A\": \"s3cr3t\"}}}" }],
        "environment": {
            "image": "111111111111.dkr.ecr.eu-west-1.amazonaws.com/build:1",
            "imagePullCredentialsType": "SERVICE_ROLE",
            "registryCredential": { "credential": "arn:aws:secretsmanager:eu-west-1:111111111111:secret:hub", "credentialProvider": "SECRETS_MANAGER" },
            "environmentVariables": [
                { "name": "PLAIN", "value": "s3cr3t", "type": "PLAINTEXT" },
                { "name": "PARAMETER", "value": "/app/key", "type": "PARAMETER_STORE" }
            ]
        },
        "vpcConfig": { "vpcId": "vpc-1", "subnets": ["subnet-1"] },
        "logsConfig": { "cloudWatchLogs": { "status": "ENABLED", "groupName": "builds" } },
        "webhook": { "payloadUrl": "https://codebuild.eu-west-1.amazonaws.com/webhooks?t=s3cr3t&v=1", "secret": "s3cr3t" },
        "badge": { "badgeRequestUrl": "https://codebuild.eu-west-1.amazonaws.com/badges?uuid=s3cr3t" }
    });
    check(
        project,
        answer,
        &[
            ("/serviceRole", "arn:aws:iam::111111111111:role/Build"),
            (
                "/encryptionKey",
                "arn:aws:kms:eu-west-1:111111111111:alias/aws/s3",
            ),
            (
                "/source/location",
                "https://****@github.com/example-org/app.git",
            ),
            (
                "/source/auth/resource",
                "arn:aws:secretsmanager:eu-west-1:111111111111:secret:git-AbCdEf",
            ),
            (
                "/source/buildspec",
                "version: 0.2\nenv:\n  variables:\n    PLAIN: \"****\"\n    QUOTED: \"****\"\n    BLOCK: |\n      \"****\"\n    ROLE: arn:aws:iam::222222222222:role/Deploy\n  secrets-manager:\n    DB: app/db:password\nphases:\n  build:\n    commands:\n      - export TOKEN=****\n      - aws cloudformation deploy --role-arn $ROLE\n",
            ),
            (
                "/secondarySources/0/buildspec",
                r#"{"version": 0.2, "env": {"variables": {"A": "****"}}}"#,
            ),
            (
                "/environment/image",
                "111111111111.dkr.ecr.eu-west-1.amazonaws.com/build:1",
            ),
            ("/environment/imagePullCredentialsType", "SERVICE_ROLE"),
            (
                "/environment/registryCredential/credential",
                "arn:aws:secretsmanager:eu-west-1:111111111111:secret:hub",
            ),
            ("/environment/environmentVariables/0/name", "PLAIN"),
            ("/environment/environmentVariables/0/value", "****"),
            ("/environment/environmentVariables/1/value", "/app/key"),
            ("/vpcConfig/subnets/0", "subnet-1"),
            ("/logsConfig/cloudWatchLogs/groupName", "builds"),
            ("/webhook/secret", "****"),
        ],
    );
}

#[test]
fn a_buildspec_that_nobody_can_read_is_kept_from_everybody() {
    for (text, expected) in [
        ("ci/buildspec.yml", "ci/buildspec.yml"),
        (
            "arn:aws:s3:::bucket/buildspec.yml",
            "arn:aws:s3:::bucket/buildspec.yml",
        ),
        ("{\"env\": {\"variables\": {\"A\": \"s3cr3t\"", "****"),
        ("env:\n  variables:\n    A: [s3cr3t\n", "****"),
        (
            "env:\n  variables: &all\n    A: &a s3cr3t\n    B: *a\n",
            "env:\n  variables: &all\n    A: &a \"****\"\n    B: \"****\"\n",
        ),
        (
            "env:\n  variables:\n    A: {nested: s3cr3t}\n    B:\n",
            "env:\n  variables:\n    A: \"****\"\n    B:\n",
        ),
        ("version: 0.2\n", "version: 0.2\n"),
    ] {
        let masked = buildspec(text);
        assert!(!masked.contains(TOKEN), "{text} became {masked}");
        assert_eq!(masked, expected);
    }
}

#[test]
fn a_function_keeps_its_role() {
    let answer = json!({
        "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:hook",
        "Role": "arn:aws:iam::111111111111:role/Hook",
        "Environment": { "Variables": { "TOKEN": "s3cr3t", "ROLE": "s3cr3t" } },
        "ImageConfigResponse": { "ImageConfig": { "EntryPoint": ["/run", "--key=s3cr3t"], "Command": ["--token", "s3cr3t"] } }
    });
    check(
        function,
        answer,
        &[
            ("/Role", "arn:aws:iam::111111111111:role/Hook"),
            (
                "/FunctionArn",
                "arn:aws:lambda:eu-west-1:111111111111:function:hook",
            ),
            ("/Environment/Variables/TOKEN", "****"),
        ],
    );
}

#[test]
fn a_task_keeps_its_images_secrets_and_logs() {
    let answer = json!({
        "family": "app",
        "taskRoleArn": "arn:aws:iam::222222222222:role/Task",
        "executionRoleArn": "arn:aws:iam::222222222222:role/Execution",
        "containerDefinitions": [{
            "image": "111111111111.dkr.ecr.eu-west-1.amazonaws.com/app:1",
            "environment": [{ "name": "TOKEN", "value": "s3cr3t" }],
            "environmentFiles": [{ "type": "s3", "value": "arn:aws:s3:::bucket/app.env" }],
            "secrets": [{ "name": "DB", "valueFrom": "arn:aws:ssm:eu-west-1:222222222222:parameter/db" }],
            "repositoryCredentials": { "credentialsParameter": "arn:aws:secretsmanager:eu-west-1:222222222222:secret:hub" },
            "entryPoint": ["sh", "-c", "TOKEN=s3cr3t exec serve"],
            "command": ["serve", "--key=s3cr3t"],
            "healthCheck": { "command": ["CMD-SHELL", "curl -H s3cr3t localhost"] },
            "dockerLabels": { "auth": "s3cr3t" },
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": { "awslogs-group": "app", "awslogs-region": "eu-west-1", "mode": "non-blocking", "splunk-token": "s3cr3t", "Header": "s3cr3t" },
                "secretOptions": [{ "name": "token", "valueFrom": "arn:aws:ssm:eu-west-1:222222222222:parameter/log" }]
            }
        }],
        "volumes": [{ "dockerVolumeConfiguration": { "driverOpts": { "o": "password=s3cr3t" } } }]
    });
    let at = |rest: &str| format!("/containerDefinitions/0/{rest}");
    check(
        containers,
        answer,
        &[
            ("/taskRoleArn", "arn:aws:iam::222222222222:role/Task"),
            (
                "/executionRoleArn",
                "arn:aws:iam::222222222222:role/Execution",
            ),
            (
                &at("image"),
                "111111111111.dkr.ecr.eu-west-1.amazonaws.com/app:1",
            ),
            (&at("environment/0/name"), "TOKEN"),
            (&at("environment/0/value"), "****"),
            (
                &at("environmentFiles/0/value"),
                "arn:aws:s3:::bucket/app.env",
            ),
            (
                &at("secrets/0/valueFrom"),
                "arn:aws:ssm:eu-west-1:222222222222:parameter/db",
            ),
            (
                &at("repositoryCredentials/credentialsParameter"),
                "arn:aws:secretsmanager:eu-west-1:222222222222:secret:hub",
            ),
            (&at("logConfiguration/logDriver"), "awslogs"),
            (&at("logConfiguration/options/awslogs-group"), "app"),
            (&at("logConfiguration/options/awslogs-region"), "eu-west-1"),
            (
                &at("logConfiguration/secretOptions/0/valueFrom"),
                "arn:aws:ssm:eu-west-1:222222222222:parameter/log",
            ),
        ],
    );
}

#[test]
fn a_rule_keeps_whom_it_calls() {
    let answer = json!([{
        "Id": "1",
        "Arn": "arn:aws:codepipeline:eu-west-1:111111111111:app",
        "RoleArn": "arn:aws:iam::111111111111:role/Start",
        "Input": "{\"token\": \"s3cr3t\"}",
        "InputTransformer": { "InputPathsMap": { "id": "$.detail.id" }, "InputTemplate": "s3cr3t <id>" },
        "HttpParameters": { "HeaderParameters": { "Authorization": "s3cr3t" }, "QueryStringParameters": { "key": "s3cr3t" } }
    }]);
    check(
        targets,
        answer,
        &[
            ("/0/Arn", "arn:aws:codepipeline:eu-west-1:111111111111:app"),
            ("/0/RoleArn", "arn:aws:iam::111111111111:role/Start"),
        ],
    );
}
