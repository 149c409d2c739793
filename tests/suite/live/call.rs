//! A request understood: who asks which service for what; and what can be said instead of an answer.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::cbor;
use super::http::{Answer, Request, decoded, form};
use super::xml;

/// How a service speaks. <https://smithy.io/2.0/aws/protocols/index.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// Form in, XML out.
    Query,
    /// S3.
    RestXml,
    /// Lambda.
    RestJson,
    /// `X-Amz-Target`, with the version in the content type.
    Json,
    /// Smithy's RPC v2.
    Cbor,
}

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) wire: Wire,
    /// As it is signed: `states`.
    pub(super) service: String,
    pub(super) region: String,
    /// The account of whoever calls.
    pub(super) account: String,
    pub(super) operation: String,
    pub(super) input: Value,
    /// What it is about, in a word for the log.
    pub(super) subject: String,
}

/// What is said instead of an answer.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Failure {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            headers: Vec::new(),
        }
    }
}

/// What a service says.
pub(super) enum Said {
    /// The inside of the result's element; for S3 the whole document.
    Xml(String),
    /// A document of its own kind: a bucket's policy.
    Text(String),
    Tree(Value),
}

pub(super) type Outcome = Result<Said, Failure>;

impl Call {
    /// Understands a request; a text says what is wrong with it.
    pub(super) fn of(request: &Request) -> Result<Self, String> {
        let authorization = request.header("authorization").ok_or("not signed")?;
        let (key, region, service) = scope(authorization).ok_or("no credential scope")?;
        let (wire, operation, input) = decode(request, service)?;
        let account = account_of(key).ok_or("no key of ours")?;
        let subject = subject(&input);
        Ok(Self {
            wire,
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            operation,
            input,
            subject,
        })
    }

    /// `s3:GetBucketPolicy`: service as it is signed, and operation.
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// The permission that the call needs, which for few differs from the operation.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>
    pub(super) fn permission(&self) -> String {
        match self.operation.as_str() {
            "GetBucketEncryption" => "s3:GetEncryptionConfiguration".to_owned(),
            "GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock".to_owned(),
            "HeadBucket" => "s3:ListBucket".to_owned(),
            _ => self.name(),
        }
    }

    pub(super) fn text(&self, member: &str) -> &str {
        self.input[member].as_str().unwrap_or_default()
    }

    /// Whoever calls.
    pub(super) fn caller(&self) -> String {
        format!("arn:aws:sts::{}:assumed-role/Reader/session", self.account)
    }

    /// An answer as the service writes it.
    pub(super) fn answer(&self, outcome: Outcome) -> Answer {
        match (self.wire, outcome) {
            (_, Err(failure)) => self.failed(&failure),
            (Wire::Query, Ok(Said::Xml(inside))) => {
                let result = xml::element(&format!("{}Result", self.operation), &inside);
                let metadata = xml::text("RequestId", REQUEST);
                let metadata = xml::element("ResponseMetadata", &metadata);
                let name = format!("{}Response", self.operation);
                let document = xml::element(&name, &format!("{result}{metadata}"));
                Answer::new(200, "text/xml", document)
            }
            (Wire::RestXml, Ok(Said::Xml(document))) => {
                let document = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{document}");
                Answer::new(200, "application/xml", document)
            }
            (Wire::Json, Ok(Said::Tree(mut tree))) => {
                with_seconds(&mut tree);
                Answer::new(200, "application/x-amz-json-1.1", tree.to_string())
            }
            (Wire::RestJson, Ok(Said::Tree(tree))) => {
                Answer::new(200, "application/json", tree.to_string())
            }
            (Wire::Cbor, Ok(Said::Tree(tree))) => {
                Answer::new(200, "application/cbor", cbor::written(&tree))
                    .header("smithy-protocol", "rpc-v2-cbor")
            }
            (_, Ok(Said::Text(text))) => Answer::new(200, "application/json", text),
            _ => panic!("{} does not speak like that", self.service),
        }
        .header("x-amzn-requestid", REQUEST)
    }

    fn failed(&self, failure: &Failure) -> Answer {
        let (status, code, message) = (failure.status, &failure.code, &failure.message);
        let told = xml::text("Code", code) + &xml::text("Message", message);
        let mut answer = match self.wire {
            // <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>
            Wire::Query => {
                let sender = if status < 500 { "Sender" } else { "Receiver" };
                let error = xml::element("Error", &(xml::text("Type", sender) + &told));
                let id = xml::text("RequestId", REQUEST);
                Answer::new(
                    status,
                    "text/xml",
                    xml::element("ErrorResponse", &(error + &id)),
                )
            }
            // <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses>
            Wire::RestXml => {
                let bucket = xml::text("BucketName", self.text("Bucket"));
                let id = xml::text("RequestId", REQUEST);
                let error = xml::element("Error", &(told + &bucket + &id));
                Answer::new(status, "application/xml", error)
            }
            // <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization>
            Wire::Json => {
                let tree = serde_json::json!({ "__type": code, "message": message });
                Answer::new(status, "application/x-amz-json-1.1", tree.to_string())
            }
            Wire::RestJson => {
                let tree = serde_json::json!({ "Type": "User", "Message": message });
                Answer::new(status, "application/json", tree.to_string())
                    .header("x-amzn-errortype", code)
            }
            Wire::Cbor => {
                let name = format!("com.amazonaws.{}#{code}", self.service);
                let tree = serde_json::json!({ "__type": name, "message": message });
                Answer::new(status, "application/cbor", cbor::written(&tree))
                    .header("smithy-protocol", "rpc-v2-cbor")
            }
        };
        answer.headers.extend(failure.headers.iter().cloned());
        answer
    }
}

/// Times are seconds on the wire, which the AWS CLI writes as texts.
/// <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#shape-serialization>
fn with_seconds(tree: &mut Value) {
    match tree {
        Value::Array(items) => items.iter_mut().for_each(with_seconds),
        Value::Object(members) => members.values_mut().for_each(with_seconds),
        Value::String(text) if text.parse::<Timestamp>().is_ok() => {
            let time: Timestamp = text.parse().unwrap();
            *tree = time.as_second().into();
        }
        _ => {}
    }
}

const REQUEST: &str = "00000000-0000-4000-8000-000000000000";

/// Key, Region and service of `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
fn scope(authorization: &str) -> Option<(&str, &str, &str)> {
    let (_, credential) = authorization.split_once("Credential=")?;
    let mut words = credential.split(',').next()?.split('/');
    let (key, _date) = (words.next()?, words.next()?);
    Some((key, words.next()?, words.next()?))
}

/// Keys of ours are four letters and the account.
pub(super) fn key_of(account: &str) -> String {
    format!("ASIA{account}")
}

fn account_of(key: &str) -> Option<&str> {
    key.get(4..16)
}

fn decode(request: &Request, service: &str) -> Result<(Wire, String, Value), String> {
    if let Some(target) = request.header("x-amz-target") {
        let (prefix, operation) = target.rsplit_once('.').ok_or("bad target")?;
        // The services of the targets, and what they are signed as.
        let (expected, version) = match service {
            "codebuild" => ("CodeBuild_20161006", "1.1"),
            "codedeploy" => ("CodeDeploy_20141006", "1.1"),
            "codepipeline" => ("CodePipeline_20150709", "1.1"),
            "ecr" => ("AmazonEC2ContainerRegistry_V20150921", "1.1"),
            "ecs" => ("AmazonEC2ContainerServiceV20141113", "1.1"),
            "events" => ("AWSEvents", "1.1"),
            "kms" => ("TrentService", "1.1"),
            "organizations" => ("AWSOrganizationsV20161128", "1.1"),
            "secretsmanager" => ("secretsmanager", "1.1"),
            "states" => ("AWSStepFunctions", "1.0"),
            "codestar-connections" => ("CodeStar_connections_20191201", "1.0"),
            other => return Err(format!("{other} has no targets")),
        };
        let kind = format!("application/x-amz-json-{version}");
        if prefix != expected || request.header("content-type") != Some(&kind) {
            return Err(format!("{service} does not know {target} as {kind}"));
        }
        let input = serde_json::from_slice(&request.body).map_err(|error| error.to_string())?;
        return Ok((Wire::Json, operation.to_owned(), input));
    }
    if request.header("smithy-protocol") == Some("rpc-v2-cbor") {
        let operation = request.path.rsplit('/').next().unwrap().to_owned();
        let input = cbor::read(&request.body).ok_or("no CBOR")?;
        return Ok((Wire::Cbor, operation, input));
    }
    let segments: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
    let has = |key: &str| request.query.contains_key(key);
    match (service, &segments[..]) {
        ("lambda", ["2015-03-31", "functions", name, what]) => {
            let operation = match *what {
                "configuration" => "GetFunctionConfiguration",
                "policy" => "GetPolicy",
                other => return Err(format!("lambda has no {other}")),
            };
            let mut input = Map::new();
            input.insert("FunctionName".to_owned(), decoded(name).into());
            input.extend(
                request
                    .query
                    .iter()
                    .map(|(key, value)| (key.clone(), value.as_str().into())),
            );
            Ok((Wire::RestJson, operation.to_owned(), input.into()))
        }
        ("s3", [bucket, rest @ ..]) if !bucket.is_empty() && rest.concat().is_empty() => {
            let operation = match request.method.as_str() {
                "HEAD" => "HeadBucket",
                "GET" if has("policy") => "GetBucketPolicy",
                "GET" if has("location") => "GetBucketLocation",
                "GET" if has("encryption") => "GetBucketEncryption",
                "GET" if has("ownershipControls") => "GetBucketOwnershipControls",
                "GET" if has("publicAccessBlock") => "GetPublicAccessBlock",
                "GET" if has("versioning") => "GetBucketVersioning",
                _ => {
                    return Err(format!(
                        "{} {:?} is no read of S3",
                        request.method, request.query
                    ));
                }
            };
            let mut input = Map::new();
            input.insert("Bucket".to_owned(), decoded(bucket).into());
            if let Some(owner) = request.header("x-amz-expected-bucket-owner") {
                input.insert("ExpectedBucketOwner".to_owned(), owner.into());
            }
            Ok((Wire::RestXml, operation.to_owned(), input.into()))
        }
        _ if request.method == "POST" => {
            let body = std::str::from_utf8(&request.body).map_err(|error| error.to_string())?;
            let mut input: BTreeMap<String, String> = form(body);
            let operation = input.remove("Action").ok_or("no action")?;
            let version = input.remove("Version").unwrap_or_default();
            let expected = match service {
                "iam" => "2010-05-08",
                "sts" => "2011-06-15",
                "sns" => "2010-03-31",
                "cloudformation" => "2010-05-15",
                other => return Err(format!("{other} has no query API")),
            };
            if version != expected {
                return Err(format!("{service} has no version {version}"));
            }
            let input = input.into_iter().map(|(key, value)| (key, value.into()));
            Ok((Wire::Query, operation, Value::Object(input.collect())))
        }
        _ => Err(format!(
            "{} {} is nothing that {service} has",
            request.method, request.path
        )),
    }
}

/// All that is named, without how much of it is wanted.
fn subject(input: &Value) -> String {
    let paging = [
        "Marker",
        "NextToken",
        "nextToken",
        "MaxItems",
        "Limit",
        "limit",
        "MaxResults",
        "maxResults",
        "RoleSessionName",
        "Policy",
        "DurationSeconds",
        "include",
        "PolicyName_",
    ];
    let members = input.as_object().into_iter().flatten();
    let members = members.filter(|(key, _)| !paging.contains(&key.as_str()));
    let texts = members.map(|(_, value)| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            items.join(",")
        }
        other => other.to_string(),
    });
    texts.collect::<Vec<_>>().join(" ")
}
