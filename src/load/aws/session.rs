//! Sessions: one for each account that somebody gave access to, with clients that only read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use tokio::sync::Semaphore;

use super::calls::GET_CALLER_IDENTITY;
use super::guard::Guard;
use super::memo::Memo;
use super::reach::{Door, LiveError, Reach};
use super::tally::Tally;

/// Calls under way at the same time: IAM throttles by account.
const AT_ONCE: usize = 12;

/// Access to one account.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// Twelve digits, as AWS tells them.
    pub(super) account: String,
    /// The ARN of whoever calls.
    pub(super) caller: String,
    config: SdkConfig,
    pub(super) turns: Arc<Semaphore>,
    pub(super) tally: Arc<Mutex<Tally>>,
    stopped: Arc<Mutex<Option<LiveError>>>,
}

/// A client of a service in a Region: `client!(session, aws_sdk_kms, region)`.
macro_rules! client {
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
        }
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
    /// Opens the first account and all others that somebody gave access to, and sees that each is the one it is said to be.
    pub(super) async fn open(reach: &Reach, tally: &Arc<Mutex<Tally>>) -> Result<Self, LiveError> {
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let stopped = Arc::default();
        let session = |config| Session {
            account: String::new(),
            caller: String::new(),
            config,
            turns: Arc::clone(&turns),
            tally: Arc::clone(tally),
            stopped: Arc::clone(&stopped),
        };
        let config = load(reach, reach.profile.as_deref()).await;
        if config.region().is_none() {
            return Err(LiveError::new(
                "nothing says which Region the pipelines are in",
                "give `--region`, or set `AWS_REGION` or the profile's `region`",
            ));
        }
        let first = session(config).identified().await?;
        let mut by_account = BTreeMap::new();
        for (account, door) in &reach.accounts {
            let config = match door {
                Door::Profile(profile) => load(reach, Some(profile)).await,
                Door::Role { arn, external_id } => {
                    let mut role = AssumeRoleProvider::builder(arn)
                        .session_name("pipeline-preflight")
                        .configure(&first.config);
                    if let Some(id) = external_id {
                        role = role.external_id(id);
                    }
                    let role = role.build().await;
                    let config = first.config.to_builder();
                    let role = aws_sdk_sts::config::SharedCredentialsProvider::new(role);
                    config.credentials_provider(role).build()
                }
            };
            let opened = session(config).identified().await?;
            if opened.account != *account {
                return Err(LiveError::new(
                    format!(
                        "the access given for account {account} leads to account {} ({})",
                        opened.account, opened.caller
                    ),
                    "correct `--account`, or the profile or role that it names",
                ));
            }
            by_account.insert(account.clone(), opened);
        }
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

impl Session {
    /// Asks who calls.
    async fn identified(mut self) -> Result<Self, LiveError> {
        let region = self.region().to_owned();
        let client = client!(self, aws_sdk_sts, region);
        let sent = client.get_caller_identity().send();
        match self.call(GET_CALLER_IDENTITY, "", sent).await {
            Ok(identity) => {
                self.account = identity.account().unwrap_or_default().to_owned();
                self.caller = identity.arn().unwrap_or_default().to_owned();
                Ok(self)
            }
            Err(refused) => Err(LiveError::new(
                format!(
                    "AWS does not tell who calls: {} ({})",
                    refused.message, refused.code
                ),
                "see that `aws sts get-caller-identity` works with the same profile and environment",
            )),
        }
    }
}

async fn load(reach: &Reach, profile: Option<&str>) -> SdkConfig {
    let mut loader: ConfigLoader = aws_config::defaults(BehaviorVersion::v2026_01_12());
    if let Some(region) = &reach.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    if let Some(url) = &reach.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(20))
        .operation_timeout(Duration::from_secs(60));
    let config = loader.timeout_config(timeouts.build()).load().await;
    // How often is the user's choice, by `AWS_MAX_ATTEMPTS` or the profile; how fast is not.
    let attempts = config.retry_config().map_or(3, RetryConfig::max_attempts);
    let retries = RetryConfig::adaptive().with_max_attempts(attempts);
    config.to_builder().retry_config(retries).build()
}
