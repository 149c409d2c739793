//! From AWS's error texts, and from ids as people type them, to the rules that are meant.

use pipeline_preflight::rules::FindingRule;
use pipeline_preflight::rules::explain::{Likeness, by_error_text, nearest_ids, page};
use proptest::prelude::{ProptestConfig, any, proptest};

use super::findings::rules;

fn ids(rules: &[FindingRule]) -> Vec<&str> {
    rules.iter().map(|rule| rule.id.as_str()).collect()
}

fn found<'a>(rules: &'a [FindingRule], text: &str) -> Vec<(&'a str, Likeness)> {
    by_error_text(rules.iter(), text)
        .into_iter()
        .map(|found| (found.rule.id.as_str(), found.likeness))
        .collect()
}

/// Texts as people pasted them; the rule behind each must be among the answers.
#[test]
fn error_texts_of_aws_lead_to_their_rules() {
    let rules = rules();
    let table = [
        // trust and AssumeRole
        (
            "InvalidStructureException: CodePipeline is not authorized to perform AssumeRole on role \
             arn:aws:iam::111111111111:role/shop-pipeline",
            "pipeline-role-trust-missing",
        ),
        (
            "arn:aws:iam::111111111111:role/PipelineRole is not authorized to perform AssumeRole on role \
             arn:aws:iam::222222222222:role/deploy",
            "trust-missing",
        ),
        (
            "An error occurred (InvalidStructureException) when calling the UpdatePipeline operation: \
             arn:aws:iam::111111111111:role/service-role/AWSCodePipelineServiceRole-eu-west-1-shop is not authorized to \
             perform AssumeRole on role arn:aws:iam::222222222222:role/codeDeployRoleForECS",
            "assume-role-missing",
        ),
        (
            "arn:aws:iam::111111111111:role/CodePipeline is not authorized to perform AssumeRole on role \
             arn:aws:iam::222222222222:role/deploy",
            "trust-missing",
        ),
        (
            "User: arn:aws:sts::111111111111:assumed-role/build/AWSCodeBuild-1 is not authorized to perform: \
             sts:AssumeRole on resource: arn:aws:iam::222222222222:role/read-only",
            "trust-missing",
        ),
        (
            "User: arn:aws:iam::111111111111:user/x is not authorized to perform: sts:AssumeRole because no role trust \
             policy allows the sts:AssumeRole action",
            "trust-missing",
        ),
        (
            "CodeBuild is not authorized to perform: sts:AssumeRole on service role",
            "service-trust-missing",
        ),
        (
            "Action execution failed: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; \
             Request ID: 0A1B2C3D4E5F)",
            "deleted-principal",
        ),
        (
            "Invalid principal in policy (Service: Amazon S3; Status Code: 400; Error Code: MalformedPolicy; Request ID: 1)",
            "role-missing",
        ),
        (
            "Policy contains a statement with one or more invalid principals. (Service: Kms; Status Code: 400; Error \
             Code: MalformedPolicyDocumentException)",
            "role-missing",
        ),
        // PassRole
        (
            "Cross-account pass role is not allowed (Service: AmazonCloudFormation; Status Code: 403; Error Code: \
             AccessDenied; Request ID: 7f0c7a60-0000-0000-0000-000000000000)",
            "passed-role-in-other-account",
        ),
        (
            "An error occurred (AccessDenied) when calling the CreateProject operation: User: \
             arn:aws:sts::111111111111:assumed-role/make/x is not authorized to perform: iam:PassRole on resource: \
             arn:aws:iam::111111111111:role/CodeBuildExec because no identity-based policy allows the iam:PassRole action",
            "pass-role-missing",
        ),
        (
            "User: arn:aws:iam::111111111111:user/ann is not authorized to perform: iam:PassRole",
            "pass-role-missing",
        ),
        (
            "The provided role does not have sufficient permissions to access ECS",
            "pass-role-missing",
        ),
        (
            "The provided role does not have sufficient permissions to access ECS",
            "permission-missing",
        ),
        (
            "\"code\": \"PermissionError\", \"message\": \"The provided role does not have sufficient permissions to \
             access CodeDeploy\"",
            "permission-missing",
        ),
        (
            "\"code\": \"PermissionError\", \"message\": \"The provided role does not have sufficient permissions to \
             access CodeDeploy\"",
            "pass-role-missing",
        ),
        // CloudFormation
        (
            "Your access has been denied by S3, please make sure your request credentials have permission to GetObject \
             for shop-artifacts/shop/Build/a.zip. S3 Error Code: AccessDenied. S3 Error Message: Access Denied (Service: \
             AWSLambdaInternal; Status Code: 403; Error Code: AccessDeniedException)",
            "artifact-permission-missing",
        ),
        (
            "Your access has been denied by S3, please make sure your request credentials have permission to GetObject \
             for shop-artifacts/shop/Build/a.zip. S3 Error Code: AccessDenied.",
            "bucket-policy-missing",
        ),
        (
            "User: arn:aws:sts::222222222222:assumed-role/deploy/x is not authorized to perform: \
             cloudformation:CreateChangeSet on resource: \
             arn:aws:cloudformation:eu-west-1:aws:transform/Serverless-2016-10-31",
            "permission-missing",
        ),
        (
            "API: iam:CreateRole User: arn:aws:sts::222222222222:assumed-role/exec/AWSCloudFormation is not authorized \
             to perform: iam:CreateRole on resource: arn:aws:iam::222222222222:role/x",
            "permission-missing",
        ),
        (
            "please make sure your request credentials have permission to GetObject for \
             stackset-app-pipelinebuiltartifactbuc-1/a.zip",
            "bucket-policy-missing",
        ),
        (
            "x is not authorized to perform: cloudformation:GetTemplate on resource: \
             arn:aws:cloudformation:eu-west-1:222222222222:stack/x/*",
            "permission-missing",
        ),
        (
            "Configuration Property RoleArn should not be empty in current ActionMode",
            "configuration-missing",
        ),
        // KMS
        (
            "AccessDenied: Access Denied status code: 403, request id: 1, host id: 2 for primary source and source \
             version arn:aws:s3:::shop-artifacts/shop/Source/a.zip",
            "artifact-key-default",
        ),
        (
            "Artifact Bucket must have a KMS Key to add cross-account action 'Deploy' (pipeline account: \
             '111111111111', action account: '222222222222')",
            "artifact-key-default",
        ),
        (
            "Replication of artifact 'Build' failed: Failed replicating artifact from shop-a in eu-west-1 to shop-b in \
             us-east-1: Check source and destination artifact buckets exist and arn:aws:iam::111111111111:role/p has \
             permission to access it.",
            "key-policy-missing",
        ),
        (
            "User: arn:aws:sts::222222222222:assumed-role/StagingDeployRole/1 is not authorized to perform: kms:Decrypt \
             on resource: arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "key-policy-missing",
        ),
        (
            "User: arn:aws:sts::222222222222:assumed-role/StagingDeployRole/1 is not authorized to perform: kms:Decrypt \
             on resource: arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "key-permission-missing",
        ),
        (
            "is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:111111111111:key/1 because no \
             resource-based policy allows the kms:Decrypt action",
            "key-policy-missing",
        ),
        // artifact bucket and S3
        (
            "The service role or action role doesn’t have the permissions required to access the Amazon S3 bucket named \
             shop-artifacts. Update the IAM role permissions, and then try again. Error: Amazon S3:AccessDenied:Access \
             Denied (Service: Amazon S3; Status Code: 403)",
            "bucket-policy-missing",
        ),
        (
            "error while downloading key shop/SourceOutp/AbCdEf.zip, error: AccessDenied: not authorized to perform \
             s3:GetObject",
            "artifact-permission-missing",
        ),
        (
            "vpc.prepare failed: Access Denied (S3)",
            "bucket-policy-missing",
        ),
        (
            "The provided role does not have permissions to perform this action. Underlying error: Access Denied \
             (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)",
            "artifact-permission-missing",
        ),
        (
            "You do not have sufficient permissions to call s3.putObject for the deployment bucket",
            "permission-missing",
        ),
        (
            "You do not have sufficient permissions to call s3.putObject for the deployment bucket",
            "resource-policy-missing",
        ),
        (
            "x/assumed-role/stacksets-exec-1/x is not authorized to perform: cloudformation:CreateStack",
            "permission-missing",
        ),
        (
            "The bucket named site is not located in the `us-west-2` AWS region",
            "bucket-in-other-region",
        ),
        (
            "The deployment S3 bucket you chose (site) is in an AWS Region different from the action Region.",
            "bucket-in-other-region",
        ),
        ("InternalError, code JobFailed", "bucket-in-other-region"),
        (
            "An error occurred while validating the artifact bucket 'shop': No bucket with the name shop was found. \
             Choose a valid artifact bucket in 'eu-west-1', or create one",
            "bucket-in-other-region",
        ),
        (
            "Unable to access the artifact with Amazon S3 object key 'shop/Build/a' located in the Amazon S3 artifact \
             bucket 'shop-artifacts'. The provided role does not have sufficient permissions.",
            "artifact-permission-missing",
        ),
        // Regions
        (
            "Your pipeline contains actions in more than one region. Use 'pipeline.artifactStores' instead of \
             'pipeline.artifactStore'",
            "region-without-artifact-store",
        ),
        (
            "User: arn:aws:sts::111111111111:assumed-role/p/1 is not authorized to perform: codecommit:GetBranch on \
             resource: arn:aws:codecommit:eu-west-1:111111111111:MyRepository",
            "cross-region-source",
        ),
        // CodeBuild, sources, deployments
        (
            "Error calling startBuild: User: arn:aws:sts::111111111111:assumed-role/p/1 is not authorized to perform: \
             codebuild:StartBuild on resource: arn:aws:codebuild:eu-west-1:111111111111:project/x because no \
             identity-based policy allows the codebuild:StartBuild action (Service: AWSCodeBuild; Status Code: 400)",
            "permission-missing",
        ),
        (
            "CLIENT_ERROR: authorization failed for primary source and source version 0123456789abcdef",
            "permission-missing",
        ),
        (
            "x is not authorized to perform: ssm:GetParameter on resource: \
             arn:aws:ssm:eu-west-1:222222222222:parameter/cdk-bootstrap/hnb659fds/version",
            "permission-missing",
        ),
        (
            "Could not access the CodeCommit repository shop. Make sure that the pipeline IAM role has sufficient \
             permissions to access the repository.",
            "permission-missing",
        ),
        (
            "Unable to use Connection: arn:aws:codestar-connections:eu-west-1:111111111111:connection/1. The provided \
             role does not have sufficient permissions.",
            "permission-missing",
        ),
        (
            "Action github with owner ThirdParty contains roleArn. Role ARN is not supported for actions with owner \
             other than 'AWS'",
            "role-on-foreign-owner-action",
        ),
        (
            "not authorized to perform: states:DescribeExecution on resource: \
             arn:aws:states:eu-west-1:111111111111:execution:machine:name",
            "permission-missing",
        ),
        (
            "Deployment failed. The provided role does not have sufficient permissions: Service:AmazonElasticLoadBalancing",
            "permission-missing",
        ),
        (
            "Add the sns:Publish permission to the role's policy",
            "resource-policy-missing",
        ),
        // guard rails
        (
            "User: x is not authorized to perform: codebuild:CreateProject on resource: \
             arn:aws:codebuild:eu-west-1:111111111111:project/x with an explicit deny in a service control policy",
            "explicit-deny",
        ),
        (
            "with an explicit deny in a resource control policy",
            "explicit-deny",
        ),
        (
            "arn:aws:sts::222222222222:assumed-role/cdk-hnb659fds-cfn-exec-role-222222222222-eu-west-1/AWSCloudFormation \
             is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::222222222222:role/x because no \
             permissions boundary allows the iam:CreateRole action",
            "boundary-missing",
        ),
        (
            "User: x is not authorized to perform: s3:PutObject because no service control policy allows the \
             s3:PutObject action",
            "scp-missing",
        ),
        (
            "User: x is not authorized to perform: s3:PutObject because no session policy allows the s3:PutObject action",
            "session-policy-missing",
        ),
        (
            "Partition \"aws\" is not valid for resource \"arn:aws:kms:*:111111111111:*\"",
            "partition-mismatch",
        ),
        // CDK
        (
            "Could not assume role in target account using current credentials (which are for account 111111111111) \
             User: x is not authorized. Please make sure that this role exists in the account. If it doesn't exist, \
             (re)-bootstrap the environment with the right '--trust', using the latest version of the CDK CLI.",
            "trust-missing",
        ),
        (
            "Missing credentials in config, if using AWS_CONFIG_FILE, set AWS_SDK_LOAD_CONFIG=1",
            "permission-missing",
        ),
    ];
    for (text, id) in table {
        let found = found(rules, text);
        let (_, likeness) = found
            .iter()
            .find(|(found, _)| *found == id)
            .unwrap_or_else(|| panic!("{text}\nexpected {id} in {found:?}"));
        assert_eq!(*likeness, Likeness::Exact, "{text}");
    }
}

/// A pattern that no text reaches first would be dead weight: each leads to its own rule among the best.
#[test]
fn every_pattern_leads_to_its_own_rule() {
    let rules = rules();
    for rule in rules {
        for pattern in &rule.errors {
            let text = pattern.replace('*', "x");
            let found = by_error_text(rules.iter(), &text);
            let own = found.iter().find(|found| found.rule.id == rule.id).unwrap();
            assert_eq!(own.likeness, Likeness::Exact, "{pattern}");
        }
    }
}

#[test]
fn fragments_and_variations_are_found() {
    let rules = rules();
    let found_ids = |text| -> Vec<(&str, Likeness)> { found(rules, text) };
    assert_eq!(
        found_ids("cross-account  PASS role")[0],
        ("passed-role-in-other-account", Likeness::Exact)
    );
    assert_eq!(
        found_ids(
            "`<pipeline role> is not authorized to perform AssumeRole on role <action role>`"
        )[0],
        ("assume-role-missing", Likeness::Exact)
    );
    assert_eq!(
        found_ids("Artifact Bucket should have a KMS Key for cross-account actions")[0],
        ("artifact-key-default", Likeness::Similar)
    );
    for nothing in [
        "",
        "*",
        "access",
        "***",
        "the build has failed for unknown reasons",
        "é…",
    ] {
        assert_eq!(found_ids(nothing), [], "{nothing}");
    }
}

#[test]
fn guesses_never_stand_beside_answers() {
    let rules = rules();
    for rule in rules {
        for pattern in &rule.errors {
            let found = found(rules, pattern);
            assert!(
                found
                    .iter()
                    .all(|(_, likeness)| *likeness == Likeness::Exact),
                "{pattern}: {found:?}"
            );
        }
    }
}

#[test]
fn misspelt_ids_find_their_neighbours() {
    let rules = rules();
    let near = |text| nearest_ids(ids(rules), text);
    assert_eq!(near("trust_missing")[0], "trust-missing");
    assert_eq!(near("key-policy-mising")[0], "key-policy-missing");
    assert_eq!(near("Bucket Policy Missing")[0], "bucket-policy-missing");
    assert_eq!(near("external-id"), ["trust-external-id"]);
    assert!(near("quite something else").is_empty());
    assert!(near("").is_empty());
    assert!(near("missing").len() <= 3);
}

#[test]
fn pages_fit_the_terminal() {
    for rule in rules() {
        let page = page(rule);
        for line in page.lines() {
            assert!(
                line.chars().count() <= 100 || line.trim().starts_with("https://"),
                "{}: {line}",
                rule.id
            );
            assert_eq!(line.trim_end(), line, "{}", rule.id);
        }
        assert!(page.starts_with(&rule.id) && page.ends_with('\n'));
        let (_, mending) = page.split_once("how to mend it").unwrap();
        let (mending, _) = mending.split_once("\n\n").unwrap();
        assert!(!mending.contains('{'), "{page}");
        assert_eq!(page.contains("what AWS says"), !rule.errors.is_empty());
    }
}

#[test]
fn a_page_reads_from_the_fault_to_the_links() {
    let rules = rules();
    let rule = rules
        .iter()
        .find(|rule| rule.id == "passed-role-in-other-account")
        .unwrap();
    insta::assert_snapshot!(page(rule), @r#"
    passed-role-in-other-account (error)
      a role of another account is to be passed

    why it breaks
      `iam:PassRole` works inside one account only, and no policy can change that. In a cross-account
      deployment both roles must belong to the target account: the action's role, which the pipeline's
      role assumes, and the role that it hands on, for example the execution role in CloudFormation's
      `RoleArn`. They are two different settings, and both are needed.

    what AWS says
      - Cross-account pass role is not allowed

    how to mend it
      give the action a `roleArn` in the account of the resource, so that a role of that account passes
      it; or name a role of the acting account instead

    broken
      // without `roleArn` the pipeline's role acts, in 111111111111
      {
        "name": "Deploy",
        "configuration": {"RoleArn": "arn:aws:iam::222222222222:role/CloudFormationExecution"}
      }

    fixed
      {
        "name": "Deploy",
        "roleArn": "arn:aws:iam::222222222222:role/Deploy",
        "configuration": {"RoleArn": "arn:aws:iam::222222222222:role/CloudFormationExecution"}
      }

    how it counts
      `check` ends with exit code 1, whatever `--fail-on` says. Where the permission is needed in some
      configurations only, it is a warning, and where it is merely advised, a note.

    documentation
      https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
      https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html
      https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html
    "#);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_typed_or_pasted_panics(text in any::<String>(), near in "[*<>.:a-zé' -]{0,60}") {
        for text in [text, near] {
            by_error_text(rules().iter(), &text);
            nearest_ids(ids(rules()), &text);
        }
    }
}
