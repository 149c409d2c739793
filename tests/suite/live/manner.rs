//! How the accounts behave: what they refuse, how slow they are, how much they say at once.

use std::time::Duration;

use super::call::{Call, Failure, Wire};

/// How calls are answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Manner {
    /// How long each answer takes.
    pub(super) latency: Duration,
    /// Items of a page; 0 stands for all.
    pub(super) page: usize,
    /// Whether there are pages without items, before, between and after the others.
    pub(super) empty_pages: bool,
    /// After how many calls credentials have expired.
    pub(super) expires_after: Option<usize>,
    /// An account to which the management account of the organization leaves its policies.
    pub(super) delegate: Option<String>,
    /// What goes wrong, by `service:Operation`; `*` is all but what a run begins with. The first that fits counts.
    pub(super) troubles: Vec<(String, Trouble)>,
}

/// What goes wrong with an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Whoever asks may not.
    Denied,
    /// Too many calls: so many answers of each operation, and then all is well.
    Throttled(usize),
    /// The service is out of order: so many answers of each operation, and then all is well.
    Broken(usize),
    /// What comes back is no answer of the service.
    Garbage,
}

/// Without an end.
pub(super) const ALWAYS: usize = usize::MAX;

impl Manner {
    /// Everything as it should be, but for one thing.
    pub(super) fn with(operation: &str, trouble: Trouble) -> Self {
        Self {
            troubles: vec![(operation.to_owned(), trouble)],
            ..Self::default()
        }
    }

    pub(super) fn trouble(&self, call: &Call) -> Option<Trouble> {
        let name = call.name();
        let begins = call.service == "sts";
        let mut troubles = self.troubles.iter();
        troubles
            .find(|(pattern, _)| *pattern == name || pattern == "*" && !begins)
            .map(|(_, trouble)| *trouble)
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
pub(super) fn denied(call: &Call) -> Failure {
    let (permission, caller) = (call.permission(), call.caller());
    let subject = match call.subject.as_str() {
        "" => "*",
        subject => subject,
    };
    let message = format!(
        "User: {caller} is not authorized to perform: {permission} on resource: {subject} because no identity-based policy \
         allows the {permission} action"
    );
    match (call.wire, call.service.as_str()) {
        (_, "sns") => Failure::new(403, "AuthorizationError", message),
        (Wire::Query | Wire::RestXml, _) => Failure::new(403, "AccessDenied", message),
        (Wire::RestJson, _) => Failure::new(403, "AccessDeniedException", message),
        (Wire::Json | Wire::Cbor, _) => Failure::new(400, "AccessDeniedException", message),
    }
}

/// Each service has its own way to say it: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
pub(super) fn throttled(call: &Call) -> Failure {
    let (status, code) = match call.service.as_str() {
        "s3" => (503, "SlowDown"),
        "sns" => (429, "Throttled"),
        "lambda" => (429, "TooManyRequestsException"),
        "organizations" => (400, "TooManyRequestsException"),
        _ if call.wire == Wire::Query => (400, "Throttling"),
        _ => (400, "ThrottlingException"),
    };
    Failure::new(status, code, "Rate exceeded")
}

pub(super) fn broken(call: &Call) -> Failure {
    let code = match call.wire {
        Wire::Query | Wire::RestXml => "InternalError",
        Wire::Json | Wire::RestJson | Wire::Cbor => "InternalServerException",
    };
    Failure::new(
        500,
        code,
        "We encountered an internal error. Please try again.",
    )
}

pub(super) fn expired(call: &Call) -> Failure {
    let message = "The security token included in the request is expired";
    match call.wire {
        Wire::Query => Failure::new(403, "ExpiredToken", message),
        Wire::RestXml => Failure::new(400, "ExpiredToken", message),
        Wire::Json | Wire::RestJson | Wire::Cbor => {
            Failure::new(400, "ExpiredTokenException", message)
        }
    }
}
