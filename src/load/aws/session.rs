//! Sessions: one for each account that somebody gave access to, with clients that only read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::result::SdkError;
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::call::is_throttle;
use super::calls::GET_CALLER_IDENTITY;
use super::guard::Guard;
use super::memo::Memo;
use super::open;
use super::reach::{Door, LiveError, Reach};
use super::tally::Tally;
use super::trouble::{self, Way};

/// Calls under way at the same time: IAM throttles by account.
const AT_ONCE: usize = 12;

/// Access to one account.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// Twelve digits, as AWS tells them.
    pub(super) account: String,
    /// The ARN of whoever calls.
    pub(super) caller: String,
    /// How it is reached.
    pub(super) way: Way,
    config: SdkConfig,
    pub(super) turns: Arc<Semaphore>,
    pub(super) tally: Arc<Mutex<Tally>>,
    stopped: Arc<Mutex<Option<LiveError>>>,
}

/// A client of a service in a Region: `client!(session, aws_sdk_kms, region)`.
macro_rules! client {
    // What stands in for AWS rarely knows each bucket as a host of its own.
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
    ($session:expr, aws_sdk_s3, $region:expr) => {
        aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from($session.config())
                .region(aws_config::Region::new($region.to_owned()))
                .force_path_style($session.has_own_s3())
                .interceptor($session.guard())
                .build(),
        )
    };
    ($session:expr, $service:ident, $region:expr) => {
        $service::Client::from_conf(
            $service::config::Builder::from($session.config())
                .region(aws_config::Region::new($region.to_owned()))
                .interceptor($session.guard())
                .build(),
        )
    };
}
pub(super) use client;

impl Session {
    /// What every client is made from.
    pub(super) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// What stands before every client.
    pub(super) fn guard(&self) -> Guard {
        Guard {
            tally: Arc::clone(&self.tally),
            connector: Arc::default(),
        }
    }

    /// Where calls to a service go, when somebody says so: `--endpoint-url`, then the service's variable, then that of all.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
    fn endpoint(&self, service: &str) -> Option<String> {
        let told = self.config.endpoint_url().map(str::to_owned);
        if self.config.get_origin("endpoint_url").is_client_config() {
            return told;
        }
        let variable = |name: &str| std::env::var(name).ok();
        variable(&format!("AWS_ENDPOINT_URL_{service}"))
            .or(told)
            .or_else(|| variable("AWS_ENDPOINT_URL"))
    }

    /// Whether something else stands in for S3.
    #[allow(dead_code, reason = "only clients of S3 ask")]
    pub(super) fn has_own_s3(&self) -> bool {
        self.endpoint("S3").is_some_and(|url| !is_of_aws(&url))
    }

    /// The Region that calls go to where nothing tells another.
    pub(super) fn region(&self) -> &str {
        self.config
            .region()
            .map_or("us-east-1", |region| region.as_ref())
    }

    /// Lets the run end after what is under way.
    pub(super) fn stop(&self, error: LiveError) {
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        stopped.get_or_insert(error);
    }
}

/// Whether a URL leads to AWS itself, by its public names or those of a private endpoint.
/// <https://docs.aws.amazon.com/general/latest/gr/rande.html>
fn is_of_aws(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    [
        ".amazonaws.com",
        ".amazonaws.com.cn",
        ".api.aws",
        ".amazonaws.eu",
    ]
    .iter()
    .any(|end| host.ends_with(end))
}

/// All sessions of a run.
#[derive(Debug)]
pub(super) struct Sessions {
    /// The account that the run begins with.
    pub(super) first: String,
    /// What is asked for once, whoever needs it.
    pub(super) memo: Memo,
    by_account: BTreeMap<String, Session>,
    stopped: Arc<Mutex<Option<LiveError>>>,
}

impl Sessions {
    /// Opens the first account, then all others that somebody gave access to at once, and sees that each is the one it is said to be.
    pub(super) async fn open(reach: &Reach, tally: &Arc<Mutex<Tally>>) -> Result<Self, LiveError> {
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let stopped = Arc::default();
        let session = |account: &str, config, way| Session {
            account: account.to_owned(),
            caller: String::new(),
            way,
            config,
            turns: Arc::clone(&turns),
            tally: Arc::clone(tally),
            stopped: Arc::clone(&stopped),
        };
        let (config, way) = open::first(reach).await?;
        let first = session("", config, way).identified().await?;
        let others = reach.accounts.iter().map(|(account, door)| {
            let (first, session) = (&first, &session);
            async move {
                let config = match door {
                    Door::Profile(name) => open::by_profile(reach, name, &first.config).await?,
                    Door::Role { arn, external_id } => {
                        open::by_role(arn, external_id.as_deref(), &first.config).await
                    }
                };
                let opened = session(account, config, way_of(door, first))
                    .identified()
                    .await?;
                opened.of_account(account)
            }
        });
        let opened: Result<Vec<Session>, LiveError> = join_all(others).await.into_iter().collect();
        let others = opened?.into_iter();
        let mut by_account: BTreeMap<String, Session> = others
            .map(|session| (session.account.clone(), session))
            .collect();
        let account = first.account.clone();
        by_account.entry(account.clone()).or_insert(first);
        Ok(Self {
            first: account,
            memo: Memo::default(),
            by_account,
            stopped,
        })
    }

    /// Access to an account, where somebody gave it.
    pub(super) fn of(&self, account: &str) -> Option<&Session> {
        self.by_account.get(account)
    }

    /// All of them, the first account's first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Session> {
        let others = self.by_account.iter();
        let others = others.filter(|(account, _)| **account != self.first);
        self.of(&self.first)
            .into_iter()
            .chain(others.map(|(_, session)| session))
    }

    /// Why the run cannot go on, when it cannot.
    pub(super) fn stopped(&self) -> Option<LiveError> {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        stopped.clone()
    }
}

fn way_of(door: &Door, first: &Session) -> Way {
    match door {
        Door::Profile(name) => Way::Profile(name.clone()),
        Door::Role { arn, .. } => Way::Role {
            arn: arn.clone(),
            by: first.caller.clone(),
        },
    }
}

impl Session {
    /// Asks who calls: once at first, so that a run that cannot reach AWS ends at once, and again only where there was an answer
    /// that tells to come back.
    async fn identified(mut self) -> Result<Self, LiveError> {
        let connector = Arc::default();
        let mut calls = 1;
        let mut answer = self.identity(RetryConfig::disabled(), &connector).await;
        if answer.as_ref().is_err_and(may_pass) {
            let patient = self.config.retry_config().cloned();
            let patient = patient.unwrap_or_else(RetryConfig::standard);
            answer = self.identity(patient, &connector).await;
            calls += 1;
        }
        // One pool of connections for all clients of the run: each would make its own.
        let own = connector.get();
        if let Some(own) = own.filter(|_| self.config.http_client().is_none()) {
            let config = self.config.to_builder().http_client(own.clone());
            self.config = config.build();
        }
        let endpoint = self.endpoint("STS");
        let identity = answer.map_err(|error| {
            trouble::not_identified(&self.way, self.region(), endpoint.as_deref(), &error)
        })?;
        self.account = identity.account().unwrap_or_default().to_owned();
        {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            *tally.by_account.entry(self.account.clone()).or_default() += calls;
        }
        self.caller = identity.arn().unwrap_or_default().to_owned();
        if self.account.is_empty() {
            let message = "what answers in the place of AWS STS does not tell whose account it is";
            return Err(LiveError::new(
                message,
                "correct `--endpoint-url` or `AWS_ENDPOINT_URL`",
            ));
        }
        Ok(self)
    }

    async fn identity(
        &self,
        retries: RetryConfig,
        connector: &Arc<OnceLock<SharedHttpClient>>,
    ) -> Result<GetCallerIdentityOutput, IdentityError> {
        let config = aws_sdk_sts::config::Builder::from(&self.config)
            .retry_config(retries)
            .interceptor(Guard {
                tally: Arc::clone(&self.tally),
                connector: Arc::clone(connector),
            });
        let client = aws_sdk_sts::Client::from_conf(config.build());
        self.counted(GET_CALLER_IDENTITY, "", client.get_caller_identity().send())
            .await
    }

    /// The session, when it is of the account that it was given for.
    fn of_account(self, account: &str) -> Result<Self, LiveError> {
        if self.account == account {
            return Ok(self);
        }
        Err(LiveError::new(
            format!(
                "the access given for account {account} leads to account {} (`{}`)",
                self.account, self.caller
            ),
            "correct `--account` or `accounts`, or the profile that it names",
        ))
    }
}

type IdentityError = SdkError<
    aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError,
    aws_smithy_runtime_api::client::orchestrator::HttpResponse,
>;

/// Whether asking again may help: AWS answered, and is busy.
fn may_pass(error: &IdentityError) -> bool {
    use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    status.is_some_and(|status| status >= 500 || status == 429)
        || error.code().is_some_and(is_throttle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_endpoints_are_of_aws() {
        for url in [
            "https://sts.eu-west-1.amazonaws.com",
            "https://bucket.vpce-0a1b-2c3d.s3.eu-west-1.vpce.amazonaws.com/",
            "https://s3.cn-north-1.amazonaws.com.cn:443",
            "https://s3.dualstack.eu-west-1.api.aws",
        ] {
            assert!(is_of_aws(url), "{url}");
        }
        for url in [
            "http://moto:5000",
            "http://127.0.0.1:9/amazonaws.com",
            "http://amazonaws.com.example",
        ] {
            assert!(!is_of_aws(url), "{url}");
        }
    }
}
