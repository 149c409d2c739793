//! Buckets: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>

mod described;
mod hints;

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::Client;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;

use super::super::calls::{
    Call, GET_BUCKET_ENCRYPTION, GET_BUCKET_LOCATION, GET_BUCKET_OWNERSHIP_CONTROLS,
    GET_BUCKET_POLICY, GET_PUBLIC_ACCESS_BLOCK,
};
use super::super::session::{Session, Sessions};
use super::Gathered;
use super::iam::document;
use crate::graph::{Graph, RefusalKind};
use crate::load::{Refused, SnapshotFile};

/// Reads a bucket. Its name tells neither owner nor Region: the graph may, and AWS tells the rest.
pub(super) async fn bucket(sessions: &Sessions, name: &str, graph: &Graph) -> Vec<SnapshotFile> {
    // The partition is not told; lookups take the usual one as well.
    let subject = format!("arn:aws:s3:::{name}");
    let hints = hints::of(graph, name);
    let mut denied: Option<(Asked<'_>, Refused)> = None;
    for asked in candidates(sessions, name, &subject, &hints) {
        let mut asked = asked;
        match asked.location().await {
            Ok(location) => return vec![asked.file(Ok(location)).await],
            // Names of buckets are unique in the whole partition, so nobody else has it either.
            Err(refused) if refused.kind == RefusalKind::Absent => {
                return vec![asked.refused(vec![refused])];
            }
            Err(refused) => {
                denied.get_or_insert((asked, refused));
            }
        }
    }
    let Some((mut asked, refused)) = denied else {
        return Vec::new();
    };
    // Whoever owns it may still be able to read what matters most.
    match asked.policy().await {
        Ok(_) => vec![asked.file(Err(refused)).await],
        Err(other) => vec![asked.refused(vec![refused, other])],
    }
}

/// In whose name it may be asked for: of the accounts that the graph takes for the owner, then of all others.
fn candidates<'a>(
    sessions: &'a Sessions,
    bucket: &'a str,
    subject: &'a str,
    hints: &[hints::Hint],
) -> Vec<Asked<'a>> {
    let mut all: Vec<Asked<'a>> = Vec::new();
    let hinted = hints.iter().filter_map(|hint| sessions.of(&hint.account));
    for session in hinted.chain(sessions.all()) {
        if all
            .iter()
            .any(|known| known.session.account == session.account)
        {
            continue;
        }
        let of_account = hints.iter().filter(|hint| hint.account == session.account);
        // The pipeline demands its store in a Region, whosever the bucket is.
        let mut regions = of_account
            .chain(hints)
            .filter_map(|hint| hint.region.as_deref());
        all.push(Asked {
            session,
            bucket,
            subject,
            region: regions
                .next()
                .unwrap_or_else(|| session.region())
                .to_owned(),
        });
    }
    all
}

/// A bucket, and who asks for it where.
struct Asked<'a> {
    session: &'a Session,
    bucket: &'a str,
    subject: &'a str,
    region: String,
}

/// A policy as it came. It is the whole body of its answer, and so is whatever a proxy sends instead.
fn policy(text: Option<&str>, subject: &str) -> Result<Value, Refused> {
    match text.map(document) {
        Some(Value::String(_)) => Err(Refused {
            operation: GET_BUCKET_POLICY.permission,
            subject: subject.to_owned(),
            kind: RefusalKind::Failed,
            code: "HTTP 200".to_owned(),
            message: "the answer is no policy".to_owned(),
        }),
        policy => Ok(policy.into()),
    }
}

impl Asked<'_> {
    /// Every request names the account of whoever asks as the owner, so that an answer proves whose it is: to another account's
    /// bucket AWS answers 403, even where a bucket policy lets that account read.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html>
    fn owner(&self) -> &str {
        &self.session.account
    }

    async fn location(&mut self) -> Result<Value, Refused> {
        let (bucket, owner) = (self.bucket, self.session.account.as_str());
        let answer = self.ask(GET_BUCKET_LOCATION, |client| {
            let call = client.get_bucket_location().bucket(bucket);
            call.expected_bucket_owner(owner).send()
        });
        let answer = answer.await?;
        let told = answer.location_constraint().map(|region| region.as_str());
        let told = told.filter(|region| !region.is_empty());
        described::region(told).clone_into(&mut self.region);
        Ok(told.into())
    }

    async fn policy(&mut self) -> Result<Value, Refused> {
        let (bucket, owner) = (self.bucket, self.session.account.as_str());
        let answer = self.ask(GET_BUCKET_POLICY, |client| {
            let call = client.get_bucket_policy().bucket(bucket);
            call.expected_bucket_owner(owner).send()
        });
        let policy = answer.await;
        or_none(policy.and_then(|answer| self::policy(answer.policy(), self.subject)))
    }

    /// Makes a call, and once more in the bucket's own Region where AWS says that it is another.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>
    async fn ask<T, E, F>(
        &mut self,
        call: &'static Call,
        send: impl Fn(Client) -> F,
    ) -> Result<T, Refused>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let told = Mutex::default();
        let ask = async |region: &str| {
            let sent = send(client(self.session, region));
            let sent = async {
                let answer = sent.await;
                if let Err(error) = &answer {
                    let response = error.raw_response();
                    *told.lock().unwrap_or_else(PoisonError::into_inner) =
                        response.and_then(region_of);
                }
                answer
            };
            self.session.call(call, self.subject, sent).await
        };
        let answer = ask(&self.region).await;
        let told_region = told.lock().unwrap_or_else(PoisonError::into_inner).take();
        match told_region.filter(|region| *region != self.region) {
            Some(region) if answer.is_err() => {
                let answer = ask(&region).await;
                self.region = region;
                answer
            }
            _ => answer,
        }
    }

    /// All that is read of a bucket whose owner and Region are known.
    async fn file(self, location: Result<Value, Refused>) -> SnapshotFile {
        let client = client(self.session, &self.region);
        let (bucket, owner) = (self.bucket, self.owner());
        let policy = {
            let call = client.get_bucket_policy().bucket(bucket);
            let sent = call.expected_bucket_owner(owner).send();
            self.session.call(GET_BUCKET_POLICY, self.subject, sent)
        };
        let encryption = {
            let call = client.get_bucket_encryption().bucket(bucket);
            let sent = call.expected_bucket_owner(owner).send();
            self.session.call(GET_BUCKET_ENCRYPTION, self.subject, sent)
        };
        let ownership = {
            let call = client.get_bucket_ownership_controls().bucket(bucket);
            let sent = call.expected_bucket_owner(owner).send();
            self.session
                .call(GET_BUCKET_OWNERSHIP_CONTROLS, self.subject, sent)
        };
        let block = {
            let call = client.get_public_access_block().bucket(bucket);
            let sent = call.expected_bucket_owner(owner).send();
            self.session
                .call(GET_PUBLIC_ACCESS_BLOCK, self.subject, sent)
        };
        let (policy, encryption, ownership, block) =
            futures_util::join!(policy, encryption, ownership, block);
        let mut gathered = Gathered::default();
        gathered.put("Name", Ok(bucket.into()));
        gathered.put("LocationConstraint", location);
        let policy = policy.and_then(|answer| self::policy(answer.policy(), self.subject));
        gathered.put_part("Policy", or_none(policy));
        let encryption = encryption.map(|answer| {
            let told = answer.server_side_encryption_configuration();
            told.map(described::encryption).into()
        });
        gathered.put_part("ServerSideEncryptionConfiguration", or_none(encryption));
        let ownership =
            ownership.map(|answer| answer.ownership_controls().map(described::ownership).into());
        gathered.put_part("OwnershipControls", or_none(ownership));
        let block = block.map(|answer| {
            let told = answer.public_access_block_configuration();
            told.map(described::public_access_block).into()
        });
        gathered.put_part("PublicAccessBlockConfiguration", or_none(block));
        gathered.file(&[owner, "s3", bucket], self.subject)
    }

    fn refused(&self, refused: Vec<Refused>) -> SnapshotFile {
        let gathered = Gathered {
            refused,
            ..Gathered::default()
        };
        gathered.file(&[self.owner(), "s3", self.bucket], self.subject)
    }
}

/// What is not set is answered with an error: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
fn or_none(answer: Result<Value, Refused>) -> Result<Value, Refused> {
    match answer {
        Err(refused) if refused.kind == RefusalKind::Absent && refused.code != "NoSuchBucket" => {
            Ok(Value::Null)
        }
        answer => answer,
    }
}

fn client(session: &Session, region: &str) -> Client {
    let config = aws_sdk_s3::config::Builder::from(session.config())
        .region(aws_config::Region::new(region.to_owned()))
        // Behind any other endpoint than AWS's own nobody has to answer to a bucket's name as a host.
        .force_path_style(session.config().endpoint_url().is_some())
        .interceptor(session.guard());
    Client::from_conf(config.build())
}

/// The Region that AWS sends whoever asked in another one to.
fn region_of(response: &HttpResponse) -> Option<String> {
    let told = response.headers().get("x-amz-bucket-region");
    let body = || std::str::from_utf8(response.body().bytes()?).ok();
    let told = told.or_else(|| described::between(body()?, "<Region>", "</Region>"));
    told.filter(|region| crate::load::is_region(region))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[test]
    fn whoever_asks_in_the_wrong_region_is_told_the_right_one()
    -> Result<(), Box<dyn std::error::Error>> {
        let body =
            "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>";
        let answer = |body: &'static str| -> Result<HttpResponse, Box<dyn std::error::Error>> {
            Ok(HttpResponse::new(
                StatusCode::try_from(400)?,
                SdkBody::from(body),
            ))
        };
        assert_eq!(region_of(&answer(body)?).as_deref(), Some("eu-west-1"));
        let mut moved = answer("")?;
        moved
            .headers_mut()
            .insert("x-amz-bucket-region", "eu-central-1");
        assert_eq!(region_of(&moved).as_deref(), Some("eu-central-1"));
        assert_eq!(
            region_of(&answer("<Error><Region>somewhere</Region></Error>")?),
            None
        );
        assert_eq!(region_of(&answer("")?), None);
        Ok(())
    }

    #[test]
    fn what_is_not_set_is_none_and_a_missing_bucket_is_not() {
        let refused = |kind, code: &str| Refused {
            operation: "s3:GetBucketPolicy",
            subject: String::new(),
            kind,
            code: code.to_owned(),
            message: String::new(),
        };
        let absent = |code| or_none(Err(refused(RefusalKind::Absent, code)));
        assert_eq!(absent("NoSuchBucketPolicy"), Ok(Value::Null));
        assert!(absent("NoSuchBucket").is_err());
        assert!(or_none(Err(refused(RefusalKind::Denied, "AccessDenied"))).is_err());
    }
}
