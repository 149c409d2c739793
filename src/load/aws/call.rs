//! One call: its turn, its count, and what its error means.

use std::error::Error;
use std::future::Future;
use std::sync::PoisonError;
use std::time::Instant;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;

use super::body::Body;
use super::calls::{Call, GET_CALLER_IDENTITY};
use super::session::Session;
use super::tally::Event;
use super::trouble::{self, EXPIRED, SIGNATURE, UNKNOWN};
use crate::graph::RefusalKind;
use crate::load::Refused;

/// Codes by which AWS tells to slow down.
/// <https://docs.aws.amazon.com/general/latest/gr/api-retries.html>
pub(super) const THROTTLES: &[&str] = &[
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// Whether a code tells to slow down.
pub(super) fn is_throttle(code: &str) -> bool {
    THROTTLES.contains(&code)
}

impl Session {
    /// Makes a call about `subject`.
    pub(super) async fn call<O, E, F>(
        &self,
        call: &'static Call,
        subject: &str,
        sent: F,
    ) -> Result<O, Refused>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let answer = self.counted(call, subject, sent).await;
        answer.map_err(|error| self.refused(call, subject, &error))
    }

    /// Makes a call when it is its turn, and counts it.
    pub(super) async fn counted<O, E, F>(
        &self,
        call: &'static Call,
        subject: &str,
        sent: F,
    ) -> Result<O, SdkError<E, HttpResponse>>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let _turn = self.turns.acquire().await;
        {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            tally.calls += 1;
            // Who calls in the first place is counted for the account that is answered.
            if call != GET_CALLER_IDENTITY {
                *tally.by_account.entry(self.account.clone()).or_default() += 1;
            }
        }
        let begun = Instant::now();
        let answer = sent.await;
        let error = answer.as_ref().err();
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.ended += 1;
        tally.refused +=
            usize::from(error.is_some_and(|error| kind(call, error) != RefusalKind::Absent));
        tally.events.push(Event {
            account: self.account.clone(),
            operation: call.permission,
            subject: subject.to_owned(),
            code: error.map(code),
            took: begun.elapsed(),
        });
        answer
    }

    /// Makes a call whose answer is JSON on the wire, and gives all of that.
    pub(super) async fn json<O, E, F>(
        &self,
        call: &'static Call,
        subject: &str,
        send: impl FnOnce(Body) -> F,
    ) -> Result<Value, Refused>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let body = Body::default();
        self.call(call, subject, send(body.clone())).await?;
        Ok(body.json())
    }

    fn refused<E>(
        &self,
        call: &'static Call,
        subject: &str,
        error: &SdkError<E, HttpResponse>,
    ) -> Refused
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let told = trouble::told(error);
        let code = code(error);
        if let Some(error) = trouble::not_loaded(&self.way, error) {
            self.stop(error);
        } else if EXPIRED.contains(&code.as_str()) {
            self.stop(trouble::expired(&self.way, &self.account, &told, &code));
        }
        Refused {
            operation: call.permission,
            subject: subject.to_owned(),
            kind: kind(call, error),
            code,
            message: told,
        }
    }
}

/// AWS's code, or what stands in for one.
fn code<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match (error.code(), error.raw_response()) {
        (Some(code), _) => code.to_owned(),
        (None, Some(answer)) => format!("HTTP {}", answer.status().as_u16()),
        (None, None) => "no answer".to_owned(),
    }
}

fn kind<E>(call: &Call, error: &SdkError<E, HttpResponse>) -> RefusalKind
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let code = error.code().unwrap_or_default();
    let status = error.raw_response().map(|raw| raw.status().as_u16());
    let denied = [
        "AccessDenied",
        "NotAuthorized",
        "UnauthorizedOperation",
        "AuthorizationError",
    ];
    // Who is told that the credentials are no good is not told that a permission is missing, whatever the status.
    let no_good = [EXPIRED, UNKNOWN, SIGNATURE].concat().contains(&code);
    match status {
        _ if call.absent.contains(&code) => RefusalKind::Absent,
        _ if denied.iter().any(|word| code.contains(word)) => RefusalKind::Denied,
        // A service may answer with a body that is not its protocol's: the status tells all the same.
        Some(401 | 403) if !no_good && !is_throttle(code) => RefusalKind::Denied,
        _ => RefusalKind::Failed,
    }
}
