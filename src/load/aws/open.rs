//! Where credentials and the Region come from: the SDK's own chain and environment, with two narrower doors.
//!
//! A profile that is named is the only source of credentials then: the SDK's chain would take keys of the environment before it, and
//! instance metadata after it. Metadata is asked only where nothing else can tell, for credentials as for the Region.

use std::env;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::identity::IdentityCache;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::ProvideRegion as _;
use aws_config::profile::{
    ProfileFileCredentialsProvider, ProfileFileLoadError, ProfileFileRegionProvider, ProfileSet,
    load as load_profiles,
};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::identity::SharedIdentityCache;

use super::policy::session_policy;
use super::reach::{LiveError, Reach};
use super::trouble::{self, Way};
use crate::load::fault::nearest;

/// What the session of an assumed role is called in CloudTrail.
const SESSION_NAME: &str = "pipeline-preflight";

/// How often a call is made at most, when nobody says: more often than the SDK does, because many of them are made at once.
const ATTEMPTS: u32 = 5;

/// Members of a profile that lead to credentials.
const LEADS: &[&str] = &[
    "aws_access_key_id",
    "credential_process",
    "credential_source",
    "role_arn",
    "sso_account_id",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];

/// Variables that lead to credentials, beside a profile.
const VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// What the clients of the first account are made from, and by which way that is.
pub(super) async fn first(reach: &Reach) -> Result<(SdkConfig, Way), LiveError> {
    let keys = is_set("AWS_ACCESS_KEY_ID");
    // Keys of the environment go before the profile that the environment names, so its files need not be there.
    let profiles = match &reach.profile {
        None if keys => read(None).await.ok(),
        named => Some(profiles(named.as_deref()).await?),
    };
    let mut profile = reach.profile.clone();
    let told = !keys && is_set("AWS_PROFILE");
    if let Some(profiles) = profiles.as_ref().filter(|_| told) {
        // One that leads somewhere counts as if it were named here: what is wrong with it is told, and nothing else is tried.
        let selected = profiles.selected_profile();
        let leads = leads(profiles).then(|| selected.to_owned());
        profile = profile.or(leads);
    }
    let region = region(reach, profile.as_deref(), profiles.as_ref()).await?;
    let retries = retries(profiles.as_ref())?;
    let config = load(reach, profile.as_deref(), region, retries, None).await;
    Ok((config, profile.map_or(Way::Default, Way::Profile)))
}

/// What the clients of another account are made from, by one of its profiles; its calls go to the same Region.
pub(super) async fn by_profile(
    reach: &Reach,
    profile: &str,
    first: &SdkConfig,
) -> Result<SdkConfig, LiveError> {
    let retries = retries(Some(&profiles(Some(profile)).await?))?;
    let region = first.region().cloned();
    let region = region.unwrap_or_else(|| Region::from_static("us-east-1"));
    Ok(load(reach, Some(profile), region, retries, Some(first)).await)
}

/// What the clients of another account are made from, by one of its roles.
pub(super) async fn by_role(arn: &str, external_id: Option<&str>, first: &SdkConfig) -> SdkConfig {
    let mut role = AssumeRoleProvider::builder(arn)
        .session_name(SESSION_NAME)
        .policy(session_policy())
        .configure(first);
    if let Some(id) = external_id {
        role = role.external_id(id);
    }
    let role = SharedCredentialsProvider::new(role.build().await);
    let config = first.to_builder().credentials_provider(role);
    config.identity_cache(cache()).build()
}

async fn load(
    reach: &Reach,
    profile: Option<&str>,
    region: Region,
    retries: RetryConfig,
    first: Option<&SdkConfig>,
) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12()).region(region.clone());
    if let Some(profile) = profile {
        let config = ProviderConfig::without_region().with_region(Some(region));
        let credentials = ProfileFileCredentialsProvider::builder()
            .profile_name(profile)
            .configure(&config);
        loader = loader
            .profile_name(profile)
            .credentials_provider(credentials.build());
    }
    if let Some(url) = &reach.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(client) = first.and_then(SdkConfig::http_client) {
        loader = loader.http_client(client);
    }
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(20))
        .operation_timeout(Duration::from_secs(60));
    let loader = loader
        .timeout_config(timeouts.build())
        .retry_config(retries)
        .identity_cache(cache());
    loader.load().await
}

/// How often a call is made: as the environment or the profile says.
///
/// The SDK's mode `adaptive` is only for who asks for it: in a run this short it knows no rate that went well, so one answer that tells
/// to slow down brings the calls of that service down to one in two seconds.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
fn retries(profiles: Option<&ProfileSet>) -> Result<RetryConfig, LiveError> {
    let told = |variable: &str, key: &str| {
        let told = env::var(variable)
            .ok()
            .map(|text| (variable.to_owned(), text));
        let profile = profiles.and_then(|all| all.get_profile(all.selected_profile()));
        told.or_else(|| {
            let text = profile?.get(key)?.to_owned();
            Some((format!("{key}` of the profile `{}", profile?.name()), text))
        })
    };
    let retries = match told("AWS_RETRY_MODE", "retry_mode") {
        Some((_, mode)) if mode.eq_ignore_ascii_case("adaptive") => RetryConfig::adaptive(),
        _ => RetryConfig::standard(),
    };
    let attempts = match told("AWS_MAX_ATTEMPTS", "max_attempts") {
        None => ATTEMPTS,
        // The SDK panics at what is no such number.
        Some((place, text)) => match text.trim().parse() {
            Ok(attempts @ 1..) => attempts,
            _ => {
                return Err(LiveError::new(
                    format!("`{place}` is `{}`", trouble::clean(&text)),
                    "it says how often a call is made at most: a number from 1 on",
                ));
            }
        },
    };
    Ok(retries.with_max_attempts(attempts))
}

/// Keeps credentials until they expire. A `credential_process` may ask its user something, for which the SDK's 5 seconds are short.
fn cache() -> SharedIdentityCache {
    let cache = IdentityCache::lazy().load_timeout(Duration::from_secs(60));
    cache.build()
}

async fn read(named: Option<&str>) -> Result<ProfileSet, ProfileFileLoadError> {
    let (system, variables, paths) = Default::default();
    let named = named.map(|name| name.to_owned().into());
    load_profiles(&system, &variables, &paths, named).await
}

/// The AWS configuration files, in which a profile that somebody named must be.
async fn profiles(named: Option<&str>) -> Result<ProfileSet, LiveError> {
    let files = read(named).await;
    let files = files.map_err(|error| {
        LiveError::new(
            format!(
                "the AWS configuration files cannot be read: {}",
                trouble::root(&error)
            ),
            "correct the file, or name others with `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`",
        )
    })?;
    let selected = files.selected_profile();
    let told = named.is_some() || is_set("AWS_PROFILE");
    if !told || files.get_profile(selected).is_some() {
        return Ok(files);
    }
    let mut known: Vec<&str> = files.profiles().collect();
    known.sort_unstable();
    let help = match known.is_empty() {
        true => "they hold no profile at all: `aws configure sso` makes one, and `AWS_CONFIG_FILE` names another file".to_owned(),
        false => nearest(selected, &known).unwrap_or_default(),
    };
    let message = format!("the AWS configuration files hold no profile `{selected}`");
    Err(LiveError::new(message, help))
}

/// The Region of the pipelines.
async fn region(
    reach: &Reach,
    profile: Option<&str>,
    profiles: Option<&ProfileSet>,
) -> Result<Region, LiveError> {
    if let Some(region) = &reach.region {
        return Ok(Region::new(region.clone()));
    }
    if let Some(region) = EnvironmentVariableRegionProvider::new().region().await {
        return Ok(region);
    }
    let mut by_profile = ProfileFileRegionProvider::builder();
    if let Some(profile) = profile {
        by_profile = by_profile.profile_name(profile);
    }
    if let Some(region) = by_profile.build().region().await {
        return Ok(region);
    }
    if profile.is_none() && profiles.is_some_and(only_metadata_is_left) {
        // Who has no credentials either is told of these first.
        let region = ImdsRegionProvider::builder().build().region().await;
        return region.ok_or_else(|| trouble::no_credentials(&Way::Default));
    }
    Err(LiveError::new(
        "nothing says which Region the pipelines are in",
        "give `--region`, or set `AWS_REGION` or the profile's `region`",
    ))
}

/// Whether neither the environment nor the profile leads to credentials.
fn only_metadata_is_left(profiles: &ProfileSet) -> bool {
    !VARIABLES.iter().any(|name| is_set(name)) && !leads(profiles)
}

/// Whether the profile that counts leads to credentials.
fn leads(profiles: &ProfileSet) -> bool {
    let profile = profiles.get_profile(profiles.selected_profile());
    profile.is_some_and(|profile| LEADS.iter().any(|name| profile.get(name).is_some()))
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.to_string_lossy().trim().is_empty())
}
