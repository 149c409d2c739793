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
            false => {
                let name = operation.unwrap_or_default();
                Err(format!("`{name}` is no call that is meant to be made").into())
            }
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
    let said = |code: &str| body.windows(code.len()).any(|part| part == code.as_bytes());
    status >= 400 && (header.is_some_and(is_throttle) || THROTTLES.iter().any(|code| said(code)))
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::config::{BehaviorVersion, Credentials, Region};
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::display::DisplayErrorContext;

    use super::*;

    #[test]
    fn what_is_no_read_of_the_table_is_never_sent() {
        let tally = Arc::new(Mutex::new(Tally::default()));
        let guard = Guard {
            tally: Arc::clone(&tally),
            connector: Arc::default(),
        };
        let config = aws_sdk_iam::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(Credentials::new("a", "b", None, None, "test"))
            // Nothing listens at the discard port: what was sent all the same would be told as that.
            .endpoint_url("http://127.0.0.1:9")
            .interceptor(guard);
        let client = aws_sdk_iam::Client::from_conf(config.build());
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(async {
            let written = client.delete_role().role_name("x").send().await;
            let read = client.list_users().send().await;
            let refused = [
                DisplayErrorContext(written.unwrap_err()).to_string(),
                DisplayErrorContext(read.unwrap_err()).to_string(),
            ];
            for (refused, name) in refused.iter().zip(["DeleteRole", "ListUsers"]) {
                let told = format!("`{name}` is no call that is meant to be made");
                assert!(refused.contains(&told), "{refused}");
            }
        });
        let tally = tally.lock().unwrap();
        assert_eq!((tally.attempts, tally.throttled), (0, 0));
    }

    #[test]
    fn answers_that_slow_down_are_told_by_status_and_by_code() {
        let answer = |status: u16, body: &str| {
            let status = StatusCode::try_from(status).unwrap();
            HttpResponse::new(status, SdkBody::from(body))
        };
        assert!(slows_down(&answer(429, "")));
        assert!(slows_down(&answer(503, "")));
        assert!(slows_down(&answer(
            400,
            r#"{"__type":"ThrottlingException"}"#
        )));
        assert!(slows_down(&answer(
            400,
            "<Error><Code>Throttling</Code></Error>"
        )));
        assert!(!slows_down(&answer(
            400,
            r#"{"__type":"ValidationException"}"#
        )));
        assert!(!slows_down(&answer(500, "")));
        // A description may hold any word.
        assert!(!slows_down(&answer(200, r#"{"name":"Throttling"}"#)));
        let mut told = answer(400, "{}");
        let code = "ThrottlingException:http://internal.amazon.com/";
        told.headers_mut().insert("x-amzn-errortype", code);
        assert!(slows_down(&told));
    }
}
