//! One call: its turn, its count, and what its error means.

use std::error::Error;
use std::future::Future;
use std::sync::PoisonError;
use std::time::Instant;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;

use super::body::Body;
use super::calls::Call;
use super::reach::LiveError;
use super::session::Session;
use super::tally::Event;
use crate::graph::RefusalKind;
use crate::load::Refused;

/// Codes by which AWS says that the credentials themselves are no good, so that no other call will be answered either.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>
const NO_CREDENTIALS: &[&str] = &[
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

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
        let _turn = self.turns.acquire().await;
        {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            tally.calls += 1;
            *tally.by_account.entry(self.account.clone()).or_default() += 1;
        }
        let begun = Instant::now();
        let answer = sent.await;
        let answer = answer.map_err(|error| self.refused(call, subject, &error));
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.ended += 1;
        let refused = answer.as_ref().err();
        tally.refused += usize::from(refused.is_some_and(|one| one.kind != RefusalKind::Absent));
        tally.events.push(Event {
            account: self.account.clone(),
            operation: call.permission,
            subject: subject.to_owned(),
            code: refused.map(|refused| refused.code.clone()),
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
        let status = error.raw_response().map(|raw| raw.status().as_u16());
        let code = error.code().unwrap_or_default().to_owned();
        let denied = [
            "AccessDenied",
            "NotAuthorized",
            "UnauthorizedOperation",
            "AuthorizationError",
        ];
        let kind = match status {
            _ if call.absent.contains(&code.as_str()) => RefusalKind::Absent,
            _ if denied.iter().any(|word| code.contains(word)) => RefusalKind::Denied,
            // A service may answer with a body that is not its protocol's: the status tells all the same.
            Some(401 | 403) if !NO_CREDENTIALS.contains(&code.as_str()) => RefusalKind::Denied,
            _ => RefusalKind::Failed,
        };
        let told = match error.message() {
            Some(message) => message.to_owned(),
            None => DisplayErrorContext(error).to_string(),
        };
        if NO_CREDENTIALS.contains(&code.as_str()) {
            self.stop(LiveError::new(
                format!(
                    "AWS does not accept the credentials for account {}: {told} ({code})",
                    self.account
                ),
                "renew them, for instance with `aws sso login`, and run again",
            ));
        }
        let code = match (code.is_empty(), status) {
            (false, _) => code,
            (true, Some(status)) => format!("HTTP {status}"),
            (true, None) => "no answer".to_owned(),
        };
        Refused {
            operation: call.permission,
            subject: subject.to_owned(),
            kind,
            code,
            message: told,
        }
    }
}
