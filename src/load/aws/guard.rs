//! The last door before the network: only what is in the table of calls passes, and every request is counted.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::calls::CALLS;
use super::tally::Tally;

/// Stands before every client.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    pub(super) tally: Arc<Mutex<Tally>>,
}

#[dyn_dispatch_hint]
impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "Guard"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
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
        let status = context
            .response()
            .map(|response| response.status().as_u16());
        if matches!(status, Some(429 | 503)) {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            tally.throttled += 1;
        }
        Ok(())
    }
}
