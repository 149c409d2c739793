"""What is in the world: two accounts with ten pipelines, seven of them broken in one way each, and an organization over them."""
import io
import json
import zipfile

CI, TARGET, MANAGEMENT = "111111111111", "222222222222", "333333333333"
REGION = "us-east-1"
BUCKET = f"ci-artifacts-{CI}-{REGION}"
BUCKET_WITHOUT_POLICY = f"ci-artifacts-nopolicy-{CI}"
BUCKET_SOURCE = f"ci-source-{CI}"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(sid, action, resource=None, effect="Allow", **members):
    resource = {} if resource is None else {"Resource": resource}
    return {"Sid": sid, "Effect": effect, "Action": action, **resource, **members}


def trust(principal, **members):
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **members})


def service(name):
    return trust({"Service": f"{name}.amazonaws.com"})


def role(account, name):
    return f"arn:aws:iam::{account}:role/{name}"


def root(account):
    return {"AWS": f"arn:aws:iam::{account}:root"}


class Account:
    """One account's clients, as its role `engineer`: the emulator lets everybody in, whether or not there is such a role."""

    def __init__(self, endpoint, number):
        import boto3  # only whoever seeds needs it

        self.number, self.endpoint, self.made = number, endpoint, {}
        anyone = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        sts = boto3.client("sts", region_name=REGION, endpoint_url=endpoint, **anyone)
        answer = sts.assume_role(RoleArn=role(number, "engineer"), RoleSessionName="engineer")["Credentials"]
        self.keys = {"aws_access_key_id": answer["AccessKeyId"], "aws_secret_access_key": answer["SecretAccessKey"],
                     "aws_session_token": answer["SessionToken"]}
        self.session = boto3.Session(region_name=REGION, **self.keys)

    def __getattr__(self, name):
        return self.made.setdefault(name, self.session.client(name, endpoint_url=self.endpoint))

    def role(self, name, trusted, policies=None, attached=()):
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)
        for policy, text in (policies or {}).items():
            self.iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=text)
        for arn in attached:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=arn)


KEY_USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
OBJECTS_READ = ["s3:GetObject", "s3:GetObjectVersion"]
READS = ["iam:Get*", "iam:List*"]


def artifacts(bucket, key, write=True):
    return [statement("ArtifactObjects", OBJECTS_READ + (["s3:PutObject", "s3:PutObjectAcl"] if write else []),
                      f"arn:aws:s3:::{bucket}/*"),
            statement("ArtifactBucket", ["s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation",
                                         "s3:ListBucket"], f"arn:aws:s3:::{bucket}"),
            statement("ArtifactKey", KEY_USE, key)]


def stores(ci):
    """Buckets and keys; the ARNs of the keys by the names of their aliases."""
    keys = {}
    for alias, foreign in (("artifacts", [TARGET]), ("artifacts-closed", [])):
        policy = [statement("Root", "kms:*", "*", Principal=root(CI))]
        policy += [statement("TargetUse", KEY_USE, "*", Principal=root(other)) for other in foreign]
        made = ci.kms.create_key(Policy=document(*policy), Description=f"pipeline {alias}")["KeyMetadata"]
        ci.kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=made["KeyId"])
        keys[alias] = made["Arn"]
    closed = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keys["artifacts"]}
    for name in (BUCKET, BUCKET_WITHOUT_POLICY, BUCKET_SOURCE):
        ci.s3.create_bucket(Bucket=name)
        ci.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        ci.s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=closed)
        if name != BUCKET_SOURCE:
            ci.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": by_key, "BucketKeyEnabled": True}]})
    ci.s3.put_bucket_ownership_controls(
        Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    bucket = f"arn:aws:s3:::{BUCKET}"
    ci.s3.put_bucket_policy(Bucket=BUCKET, Policy=document(
        statement("DenyPlainText", "s3:*", [bucket, f"{bucket}/*"], "Deny", Principal="*",
                  Condition={"Bool": {"aws:SecureTransport": "false"}}),
        statement("TargetObjects", OBJECTS_READ + ["s3:PutObject"], f"{bucket}/*", Principal=root(TARGET)),
        statement("TargetBucket", ["s3:GetBucketVersioning", "s3:ListBucket"], bucket, Principal=root(TARGET))))
    return keys


def ci_account(ci, keys, filler):
    """Roles and what actions name in the account of the pipelines."""
    source = statement("SourceRead", OBJECTS_READ + ["s3:GetBucketVersioning"],
                       [f"arn:aws:s3:::{BUCKET_SOURCE}", f"arn:aws:s3:::{BUCKET_SOURCE}/*"])
    build = statement("Build", ["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
                      f"arn:aws:codebuild:{REGION}:{CI}:project/app-build")
    own = artifacts(BUCKET, keys["artifacts"]) + [
        statement("ClosedKey", ["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"], keys["artifacts-closed"]),
        statement("OtherBucket", OBJECTS_READ + ["s3:PutObject"], f"arn:aws:s3:::{BUCKET_WITHOUT_POLICY}/*"),
        source, build]
    # May pass a role that lives in another account, which never works, and may assume nothing.
    ci.role("pipeline-service-broken", service("codepipeline"), {"pipeline": document(
        *own,
        statement("Stacks", ["cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:DescribeStacks"],
                  f"arn:aws:cloudformation:{REGION}:{TARGET}:stack/app/*"),
        statement("PassForeign", "iam:PassRole", role(TARGET, "cloudformation-role")))})
    # What lets it assume the roles of the target account is in the second version of a managed policy, which is the default.
    assume = ci.iam.create_policy(PolicyName="pipeline-assume-targets", PolicyDocument=document(
        statement("Old", "sts:AssumeRole", role(TARGET, "nothing-here"))))["Policy"]["Arn"]
    ci.iam.create_policy_version(PolicyArn=assume, SetAsDefault=True, PolicyDocument=document(
        statement("AssumeTargets", "sts:AssumeRole", [role(TARGET, name) for name in (
            "cross-account-deploy-role", "ecs-deploy-broken", "ecs-deploy-fixed")])))
    ci.role("pipeline-service-fixed", service("codepipeline"), {"pipeline": document(*own)}, [assume])
    ci.role("codebuild-service", service("codebuild"), {"build": document(
        *artifacts(BUCKET, keys["artifacts"]),
        statement("Logs", ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "*"))})
    ci.role("events-start-pipeline", service("events"), {"start": document(
        statement("Start", "codepipeline:StartPipelineExecution", f"arn:aws:codepipeline:{REGION}:{CI}:*"))})
    ci.role("engineer", trust(root(CI)), {"all": document(statement("All", "*", "*"))})
    # Reads pipelines and roles, neither keys nor buckets. The emulator takes a trust policy by the letter: it has to name the session.
    engineer = f"arn:aws:sts::{CI}:assumed-role/engineer/engineer"
    ci.role("auditor-blind", trust({"AWS": [root(CI)["AWS"], engineer]}), {"read": document(
        statement("Read", ["codepipeline:Get*", "codepipeline:List*", *READS], "*"))})
    for number in range(filler):
        ci.role(f"filler-{number:04d}", service("lambda"), {"read": document(
            statement("Read", "s3:GetObject", f"arn:aws:s3:::filler-{number:04d}/*"))})
    # The emulator insists on the two locations; CodeBuild needs none for CODEPIPELINE.
    ci.codebuild.create_project(
        name="app-build", source={"type": "CODEPIPELINE", "location": "unused", "buildspec": "version: 0.2\n"},
        artifacts={"type": "CODEPIPELINE", "location": "unused"},
        serviceRole=role(CI, "codebuild-service"), encryptionKey=keys["artifacts"],
        environment={"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "BUILD_GENERAL1_SMALL"})
    ci.ecr.create_repository(repositoryName="app")
    ci.ecr.set_repository_policy(repositoryName="app", policyText=document(
        statement("TargetPull", ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                  Principal=root(TARGET))))


def target_account(target, keys):
    """Roles and what actions name in the account that is deployed to."""
    from_ci = trust({"AWS": role(CI, "pipeline-service-fixed")})
    own = artifacts(BUCKET, keys["artifacts"]) + [
        statement("OtherArtifacts", OBJECTS_READ, f"arn:aws:s3:::{BUCKET_WITHOUT_POLICY}/*"),
        statement("OtherKey", ["kms:Decrypt", "kms:DescribeKey"], keys["artifacts-closed"])]
    target.role("cloudformation-role", service("cloudformation"), {"stack": document(
        statement("Stack", ["s3:*", "lambda:*"], "*"), *artifacts(BUCKET, keys["artifacts"], write=False))})
    target.role("cross-account-deploy-role", from_ci, {"deploy": document(
        *own,
        statement("Stacks", [f"cloudformation:{name}" for name in (
            "CreateStack", "UpdateStack", "DeleteStack", "DescribeStacks", "DescribeStackEvents", "DescribeStackResources",
            "GetTemplate")], f"arn:aws:cloudformation:{REGION}:{TARGET}:stack/app/*"),
        statement("Pass", "iam:PassRole", role(TARGET, "cloudformation-role"),
                  Condition={"StringEqualsIfExists": {"iam:PassedToService": "cloudformation.amazonaws.com"}}))})
    deployment = [
        statement("Deployment", ["codedeploy:CreateDeployment", "codedeploy:GetDeployment"],
                  f"arn:aws:codedeploy:{REGION}:{TARGET}:deploymentgroup:app/app-dg"),
        statement("Application", ["codedeploy:GetApplication", "codedeploy:GetApplicationRevision",
                                  "codedeploy:RegisterApplicationRevision"],
                  f"arn:aws:codedeploy:{REGION}:{TARGET}:application:app"),
        statement("DeploymentConfig", "codedeploy:GetDeploymentConfig",
                  f"arn:aws:codedeploy:{REGION}:{TARGET}:deploymentconfig:*")]
    tasks = [role(TARGET, "app-task"), role(TARGET, "app-task-execution")]

    def pass_tasks(operator):
        return statement("PassTaskRoles", "iam:PassRole", tasks,
                         Condition={operator: {"iam:PassedToService": "ecs-tasks.amazonaws.com"}})

    target.role("ecs-deploy-broken", from_ci, {"deploy": document(*own, *deployment)})
    target.role("ecs-deploy-fixed", from_ci, {"deploy": document(
        *own, *deployment, statement("Register", "ecs:RegisterTaskDefinition", "*"), pass_tasks("StringEquals"))})
    target.role("app-task", service("ecs-tasks"))
    target.role("app-task-execution", service("ecs-tasks"), {"pull": document(
        statement("Token", "ecr:GetAuthorizationToken", "*"),
        statement("Pull", ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                  f"arn:aws:ecr:{REGION}:{CI}:repository/app"))})
    target.role("codedeploy-ecs", service("codedeploy"), {"blue-green": document(
        *artifacts(BUCKET, keys["artifacts"], write=False),
        statement("Ecs", [
            "ecs:DescribeServices", "ecs:CreateTaskSet", "ecs:UpdateServicePrimaryTaskSet", "ecs:DeleteTaskSet",
            "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:ModifyListener", "elasticloadbalancing:DescribeRules", "elasticloadbalancing:ModifyRule",
            "cloudwatch:DescribeAlarms", "lambda:InvokeFunction", "sns:Publish"], "*"),
        pass_tasks("StringLike"))})
    target.role("lambda-exec", service("lambda"))
    target.role("auditor", trust(root(CI)), {"read": document(statement("Read", [
        *READS, "ecs:Describe*", "codedeploy:Get*", "cloudformation:Describe*", "lambda:Get*", "sns:Get*"], "*"))})

    target.ecs.create_cluster(clusterName="app")
    definition = target.ecs.register_task_definition(
        family="app", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        taskRoleArn=tasks[0], executionRoleArn=tasks[1],
        containerDefinitions=[{"name": "app", "image": f"{CI}.dkr.ecr.{REGION}.amazonaws.com/app:1"}])
    target.ecs.create_service(
        cluster="app", serviceName="app", desiredCount=1, deploymentController={"type": "CODE_DEPLOY"},
        taskDefinition=definition["taskDefinition"]["taskDefinitionArn"])
    target.codedeploy.create_application(applicationName="app", computePlatform="ECS")
    target.codedeploy.create_deployment_group(
        applicationName="app", deploymentGroupName="app-dg", serviceRoleArn=role(TARGET, "codedeploy-ecs"),
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
        ecsServices=[{"serviceName": "app", "clusterName": "app"}],
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"})
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return None\n")
    getattr(target, "lambda").create_function(
        FunctionName="hook", Runtime="python3.12", Role=role(TARGET, "lambda-exec"), Handler="index.handler",
        Code={"ZipFile": code.getvalue()})
    target.cloudformation.create_stack(
        StackName="app", RoleARN=role(TARGET, "cloudformation-role"), TemplateBody=json.dumps({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "app"}}}}))


def action(name, category, provider, configuration, acting=None, **members):
    action = {"name": name, "runOrder": 1, "configuration": configuration,
              "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
              "inputArtifacts": [{"name": "SourceOut"}], "outputArtifacts": [], **members}
    return {**action, "roleArn": acting} if acting else action


def stack(acting=None):
    return action("DeployCfn", "Deploy", "CloudFormation", {
        "ActionMode": "CREATE_UPDATE", "StackName": "app", "Capabilities": "CAPABILITY_NAMED_IAM",
        "TemplatePath": "SourceOut::template.yaml", "RoleArn": role(TARGET, "cloudformation-role")}, acting, region=REGION)


def containers(acting):
    return action("DeployEcs", "Deploy", "CodeDeployToECS", {
        "ApplicationName": "app", "DeploymentGroupName": "app-dg", "TaskDefinitionTemplateArtifact": "SourceOut",
        "TaskDefinitionTemplatePath": "taskdef.json", "AppSpecTemplateArtifact": "SourceOut",
        "AppSpecTemplatePath": "appspec.yaml"}, acting, region=REGION)


def build():
    return action("Build", "Build", "CodeBuild", {"ProjectName": "app-build"}, outputArtifacts=[{"name": "BuildOut"}])


def pipelines(ci, keys):
    """The ten pipelines; the name of each with what is wrong with it."""
    source = action("Source", "Source", "S3", {
        "S3Bucket": BUCKET_SOURCE, "S3ObjectKey": "app.zip", "PollForSourceChanges": "false"},
        inputArtifacts=[], outputArtifacts=[{"name": "SourceOut"}])
    open_key, closed_key = keys["artifacts"], keys["artifacts-closed"]
    deploy = stack(role(TARGET, "cross-account-deploy-role"))
    wrong = {}
    for name, service_role, bucket, key, last, why in (
        ("cfn-broken", "pipeline-service-broken", BUCKET, open_key, stack(),
         "configuration.RoleArn is in the target account, and the action has no roleArn"),
        ("cfn-fixed", "pipeline-service-fixed", BUCKET, open_key, deploy, None),
        ("ecs-broken", "pipeline-service-fixed", BUCKET, open_key, containers(role(TARGET, "ecs-deploy-broken")),
         "the action's role may neither register task definitions nor pass their roles"),
        ("ecs-fixed", "pipeline-service-fixed", BUCKET, open_key, containers(role(TARGET, "ecs-deploy-fixed")), None),
        ("key-broken", "pipeline-service-fixed", BUCKET, closed_key, deploy,
         "the artifact key's policy admits its own account only"),
        ("nokey-broken", "pipeline-service-fixed", BUCKET, None, deploy,
         "no encryptionKey, and AWS's own key opens for no other account"),
        ("alias-broken", "pipeline-service-fixed", BUCKET, "alias/artifacts", deploy,
         "encryptionKey is an alias, which is looked up in the account of whoever uses it"),
        ("bucket-broken", "pipeline-service-fixed", BUCKET_WITHOUT_POLICY, open_key, deploy,
         "the artifact bucket has no policy"),
        ("trust-broken", "pipeline-service-broken", BUCKET, open_key, deploy,
         "the pipeline's role is not trusted by the action's role, and may not assume it"),
        ("build-ok", "pipeline-service-fixed", BUCKET, open_key, build(), None),
    ):
        store = {"type": "S3", "location": bucket}
        if key:
            store["encryptionKey"] = {"id": key, "type": "KMS"}
        stage = "Build" if last["name"] == "Build" else "Deploy"
        ci.codepipeline.create_pipeline(pipeline={
            "name": name, "roleArn": role(CI, service_role), "artifactStore": store, "executionMode": "QUEUED",
            "pipelineType": "V2", "stages": [{"name": "Source", "actions": [source]}, {"name": stage, "actions": [last]}]})
        wrong[name] = why
    ci.events.put_rule(Name="start-cfn-fixed", EventPattern=json.dumps({"source": ["aws.s3"]}))
    ci.events.put_targets(Rule="start-cfn-fixed", Targets=[{
        "Id": "1", "Arn": f"arn:aws:codepipeline:{REGION}:{CI}:cfn-fixed", "RoleArn": role(CI, "events-start-pipeline")}])
    return wrong


def seed(endpoint, filler=0):
    """Fills the emulator; gives what whoever tests has to know."""
    ci, target = Account(endpoint, CI), Account(endpoint, TARGET)
    keys = stores(ci)
    ci_account(ci, keys, filler)
    target_account(target, keys)
    return {"endpoint": endpoint, "region": REGION, "ci": CI, "target": TARGET, "keys": keys,
            "buckets": [BUCKET, BUCKET_WITHOUT_POLICY, BUCKET_SOURCE], "projects": ["app-build"],
            "pipelines": pipelines(ci, keys), "credentials": ci.keys}
