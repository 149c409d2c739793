//! The table of everything that is ever called: reads only.
//!
//! A test compares it with the code of this room, and [`super::Live`] refuses to send what is not in it.

/// One operation of AWS.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    /// The operation's name in the API: `GetBucketEncryption`.
    pub operation: &'static str,
    /// The IAM permission that it needs: `s3:GetEncryptionConfiguration`.
    pub permission: &'static str,
    /// Error codes by which AWS says that there is no such thing.
    pub absent: &'static [&'static str],
    /// Where the permission is needed.
    pub where_needed: WhereNeeded,
}

/// In which accounts a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhereNeeded {
    /// Nowhere: AWS lets everybody make it.
    Nowhere,
    /// In the account of the pipelines.
    Pipeline,
    /// In every account.
    Everywhere,
    /// In the organization's management account, or one that it delegates to.
    Management,
}

macro_rules! calls {
    ($($name:ident = $operation:literal $permission:literal [$($absent:literal)*] $where:ident;)*) => {
        $(
            #[doc = concat!("`", $operation, "`")]
            pub const $name: &Call = &Call {
                operation: $operation,
                permission: $permission,
                absent: &[$($absent),*],
                where_needed: WhereNeeded::$where,
            };
        )*
        /// All of them.
        pub const CALLS: &[&Call] = &[$($name),*];
    };
}

calls! {
    // <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>: no permissions are required.
    GET_CALLER_IDENTITY = "GetCallerIdentity" "sts:GetCallerIdentity" [] Nowhere;
    GET_PIPELINE = "GetPipeline" "codepipeline:GetPipeline" ["PipelineNotFoundException"] Pipeline;
    LIST_PIPELINES = "ListPipelines" "codepipeline:ListPipelines" [] Pipeline;
    GET_ROLE = "GetRole" "iam:GetRole" ["NoSuchEntity"] Everywhere;
    LIST_ROLE_POLICIES = "ListRolePolicies" "iam:ListRolePolicies" ["NoSuchEntity"] Everywhere;
    GET_ROLE_POLICY = "GetRolePolicy" "iam:GetRolePolicy" ["NoSuchEntity"] Everywhere;
    LIST_ATTACHED_ROLE_POLICIES = "ListAttachedRolePolicies" "iam:ListAttachedRolePolicies" ["NoSuchEntity"] Everywhere;
    GET_POLICY = "GetPolicy" "iam:GetPolicy" ["NoSuchEntity"] Everywhere;
    GET_POLICY_VERSION = "GetPolicyVersion" "iam:GetPolicyVersion" ["NoSuchEntity"] Everywhere;
    GET_BUCKET_POLICY = "GetBucketPolicy" "s3:GetBucketPolicy"
        ["NoSuchBucket" "NoSuchBucketPolicy"] Everywhere;
    GET_BUCKET_LOCATION = "GetBucketLocation" "s3:GetBucketLocation" ["NoSuchBucket"] Everywhere;
    GET_BUCKET_ENCRYPTION = "GetBucketEncryption" "s3:GetEncryptionConfiguration"
        ["NoSuchBucket" "ServerSideEncryptionConfigurationNotFoundError"] Everywhere;
    GET_BUCKET_OWNERSHIP_CONTROLS = "GetBucketOwnershipControls" "s3:GetBucketOwnershipControls"
        ["NoSuchBucket" "OwnershipControlsNotFoundError"] Everywhere;
    GET_PUBLIC_ACCESS_BLOCK = "GetPublicAccessBlock" "s3:GetBucketPublicAccessBlock"
        ["NoSuchBucket" "NoSuchPublicAccessBlockConfiguration"] Everywhere;
    DESCRIBE_KEY = "DescribeKey" "kms:DescribeKey" ["NotFoundException"] Everywhere;
    GET_KEY_POLICY = "GetKeyPolicy" "kms:GetKeyPolicy" ["NotFoundException"] Everywhere;
    LIST_GRANTS = "ListGrants" "kms:ListGrants" ["NotFoundException"] Everywhere;
    LIST_ALIASES = "ListAliases" "kms:ListAliases" ["NotFoundException"] Everywhere;
    BATCH_GET_PROJECTS = "BatchGetProjects" "codebuild:BatchGetProjects" [] Everywhere;
    GET_DEPLOYMENT_GROUP = "GetDeploymentGroup" "codedeploy:GetDeploymentGroup"
        ["ApplicationDoesNotExistException" "DeploymentGroupDoesNotExistException"] Everywhere;
    GET_APPLICATION = "GetApplication" "codedeploy:GetApplication" ["ApplicationDoesNotExistException"] Everywhere;
    DESCRIBE_SERVICES = "DescribeServices" "ecs:DescribeServices" ["ClusterNotFoundException"] Everywhere;
    DESCRIBE_TASK_DEFINITION = "DescribeTaskDefinition" "ecs:DescribeTaskDefinition" [] Everywhere;
    DESCRIBE_REPOSITORIES = "DescribeRepositories" "ecr:DescribeRepositories" ["RepositoryNotFoundException"] Everywhere;
    GET_REPOSITORY_POLICY = "GetRepositoryPolicy" "ecr:GetRepositoryPolicy" ["RepositoryNotFoundException" "RepositoryPolicyNotFoundException"] Everywhere;
    GET_FUNCTION_CONFIGURATION = "GetFunctionConfiguration" "lambda:GetFunctionConfiguration" ["ResourceNotFoundException"] Everywhere;
    GET_FUNCTION_POLICY = "GetPolicy" "lambda:GetPolicy" ["ResourceNotFoundException"] Everywhere;
    DESCRIBE_RULE = "DescribeRule" "events:DescribeRule" ["ResourceNotFoundException"] Everywhere;
    LIST_TARGETS_BY_RULE = "ListTargetsByRule" "events:ListTargetsByRule" ["ResourceNotFoundException"] Everywhere;
    LIST_RULE_NAMES_BY_TARGET = "ListRuleNamesByTarget" "events:ListRuleNamesByTarget" ["ResourceNotFoundException"] Everywhere;
    LIST_EVENT_BUSES = "ListEventBuses" "events:ListEventBuses" [] Everywhere;
    DESCRIBE_EVENT_BUS = "DescribeEventBus" "events:DescribeEventBus" ["ResourceNotFoundException"] Everywhere;
    GET_TOPIC_ATTRIBUTES = "GetTopicAttributes" "sns:GetTopicAttributes" ["NotFound" "NotFoundException"] Everywhere;
    DESCRIBE_STACKS = "DescribeStacks" "cloudformation:DescribeStacks" ["ValidationError"] Everywhere;
    DESCRIBE_STATE_MACHINE = "DescribeStateMachine" "states:DescribeStateMachine" ["StateMachineDoesNotExist"] Everywhere;
    GET_CONNECTION = "GetConnection" "codeconnections:GetConnection" ["ResourceNotFoundException"] Everywhere;
    // The action's prefix must be that of the connection's ARN: <https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html>
    GET_CODESTAR_CONNECTION = "GetConnection" "codestar-connections:GetConnection" ["ResourceNotFoundException"] Everywhere;
    DESCRIBE_SECRET = "DescribeSecret" "secretsmanager:DescribeSecret" ["ResourceNotFoundException"] Everywhere;
    GET_RESOURCE_POLICY = "GetResourcePolicy" "secretsmanager:GetResourcePolicy" ["ResourceNotFoundException"] Everywhere;
    GET_USER = "GetUser" "iam:GetUser" ["NoSuchEntity"] Everywhere;
    LIST_USER_POLICIES = "ListUserPolicies" "iam:ListUserPolicies" ["NoSuchEntity"] Everywhere;
    GET_USER_POLICY = "GetUserPolicy" "iam:GetUserPolicy" ["NoSuchEntity"] Everywhere;
    LIST_ATTACHED_USER_POLICIES = "ListAttachedUserPolicies" "iam:ListAttachedUserPolicies" ["NoSuchEntity"] Everywhere;
    LIST_GROUPS_FOR_USER = "ListGroupsForUser" "iam:ListGroupsForUser" ["NoSuchEntity"] Everywhere;
    GET_GROUP = "GetGroup" "iam:GetGroup" ["NoSuchEntity"] Everywhere;
    LIST_GROUP_POLICIES = "ListGroupPolicies" "iam:ListGroupPolicies" ["NoSuchEntity"] Everywhere;
    GET_GROUP_POLICY = "GetGroupPolicy" "iam:GetGroupPolicy" ["NoSuchEntity"] Everywhere;
    LIST_ATTACHED_GROUP_POLICIES = "ListAttachedGroupPolicies" "iam:ListAttachedGroupPolicies" ["NoSuchEntity"] Everywhere;
    DESCRIBE_ORGANIZATION = "DescribeOrganization" "organizations:DescribeOrganization" ["AWSOrganizationsNotInUseException"] Everywhere;
    LIST_PARENTS = "ListParents" "organizations:ListParents"
        ["ChildNotFoundException" "AWSOrganizationsNotInUseException"] Management;
    LIST_POLICIES_FOR_TARGET = "ListPoliciesForTarget" "organizations:ListPoliciesForTarget"
        ["TargetNotFoundException" "AWSOrganizationsNotInUseException"] Management;
    DESCRIBE_POLICY = "DescribePolicy" "organizations:DescribePolicy" ["PolicyNotFoundException"] Management;
}
