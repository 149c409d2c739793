//! The last door before the network: only what is in the table of calls passes, and every request is counted.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::call::{THROTTLES, is_throttle};
use super::calls::CALLS;
use super::tally::Tally;

/// Stands before every client.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    pub(super) tally: Arc<Mutex<Tally>>,
    /// What the client connects with, once it has begun a call.
    pub(super) connector: Arc<OnceLock<SharedHttpClient>>,
}

#[dyn_dispatch_hint]
impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "Guard"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(client) = components.http_client() {
            self.connector.get_or_init(|| client);
        }
        let operation = settings.load::<Metadata>().map(Metadata::name);
        let known = CALLS.iter().any(|call| Some(call.operation) == operation);
        match known {
            true => Ok(()),
            false => Err(format!("{operation:?} is no read that is meant to be made").into()),
        }
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.attempts += 1;
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().is_some_and(slows_down) {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            tally.throttled += 1;
        }
        Ok(())
    }
}

/// Whether an answer tells to slow down: by its status, or by its code, which services of JSON and of XML send with status 400.
/// <https://docs.aws.amazon.com/general/latest/gr/api-retries.html>
fn slows_down(answer: &HttpResponse) -> bool {
    let status = answer.status().as_u16();
    if matches!(status, 429 | 503) {
        return true;
    }
    let header = answer.headers().get("x-amzn-errortype");
    let header = header.and_then(|value| value.split(':').next());
    let body = answer.body().bytes().unwrap_or_default();
    // In all protocols the code stands in the body as it is, in CBOR too.
    let said = |code: &&str| body.windows(code.len()).any(|part| part == code.as_bytes());
    status >= 400 && (header.is_some_and(is_throttle) || THROTTLES.iter().any(|code| said(&code)))
}
