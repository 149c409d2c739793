//! What is said when AWS cannot be asked: one sentence about what is wrong, one about what to do.
//!
//! The SDK's own texts are chains of causes, and its debug form holds requests and their headers: neither is for people.

use std::error::Error;
use std::fmt;

use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::reach::LiveError;

/// Codes by which AWS says that credentials were good once.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>
pub(super) const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "RequestExpired"];

/// Codes by which AWS says that it does not know the credentials. It says so too in a Region that is not enabled for the account:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html>
pub(super) const UNKNOWN: &[&str] = &[
    "AuthFailure",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "UnrecognizedClientException",
];

/// Codes by which AWS says that a request is not signed as it should be.
pub(super) const SIGNATURE: &[&str] = &[
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// What the SDK says where no source had anything to offer, and where one had and failed: its types are not to be had by others.
const NOT_LOADED: &str = "the credential provider was not enabled";
const NOT_LOADABLE: &[&str] = &[
    "an error occurred while loading an access token",
    "an error occurred while loading credentials",
    "credentials provider timed out",
    "identity resolver timed out",
    "the credentials provider was not properly configured",
    "unexpected credentials error",
];

/// How an account is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// By the SDK's default chain.
    Default,
    /// By a profile.
    Profile(String),
    /// By a role that is assumed, by its ARN.
    Role {
        arn: String,
        /// The ARN of who assumes it.
        by: String,
    },
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default credentials"),
            Self::Profile(profile) => write!(f, "the credentials of the profile `{profile}`"),
            Self::Role { arn, .. } => write!(f, "the session of the role `{arn}`"),
        }
    }
}

impl Way {
    fn renew(&self) -> String {
        match self {
            Self::Profile(profile) => {
                format!(
                    "renew them, for instance with `aws sso login --profile {profile}`, and run again"
                )
            }
            Self::Default => {
                "renew them, for instance with `aws sso login`, and run again".to_owned()
            }
            Self::Role { .. } => "run again; a session of a role lasts an hour at least".to_owned(),
        }
    }
}

/// That nothing tells any credentials.
pub(super) fn no_credentials(way: &Way) -> LiveError {
    match way {
        Way::Profile(profile) => LiveError::new(
            format!("the profile `{profile}` tells no credentials"),
            "give it keys, `sso_session`, `role_arn` or `credential_process`, or name another profile",
        ),
        Way::Default | Way::Role { .. } => LiveError::new(
            "there are no AWS credentials",
            "name a profile with `--profile`, set `AWS_PROFILE`, or set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`",
        ),
    }
}

/// That credentials were good and are so no longer.
pub(super) fn expired(way: &Way, account: &str, told: &str, code: &str) -> LiveError {
    let of = match account {
        "" => String::new(),
        account => format!(" for account {account}"),
    };
    let message = format!("{way}{of} have expired: {told} ({code})");
    let message = match way {
        Way::Role { .. } => message.replacen(" have ", " has ", 1),
        _ => message,
    };
    LiveError::new(message, way.renew())
}

/// Why credentials cannot be loaded, where an error says that.
pub(super) fn not_loaded(way: &Way, error: &(dyn Error + 'static)) -> Option<LiveError> {
    let chain = || causes(error);
    if let Some(refused) = chain().find_map(|cause| cause.downcast_ref::<AssumeRoleError>()) {
        return Some(not_assumed(way, refused));
    }
    let told: Vec<String> = chain().map(ToString::to_string).collect();
    if let Some(from) = told.iter().rposition(|text| text == NOT_LOADED) {
        let mut error = no_credentials(way);
        // A profile may lead on to another one; a chain of sources only tells what each of them would have taken.
        if let (Way::Profile(_), Some(why)) = (way, told.get(from + 1)) {
            error.message = format!("{}: {}", error.message, clean(why));
        }
        return Some(error);
    }
    let failed = |text: &String| NOT_LOADABLE.iter().any(|known| text.starts_with(known));
    let from = told.iter().rposition(failed)?;
    let why = told.get(from + 1..).unwrap_or_default();
    let why = if why.is_empty() {
        clean(told.get(from).map_or("", String::as_str))
    } else {
        clean(&why.join(": "))
    };
    let message = match way {
        Way::Role { arn, .. } => format!("the role `{arn}` cannot be assumed: {why}"),
        _ => format!("{way} cannot be loaded: {why}"),
    };
    let help = match way {
        Way::Profile(profile) => format!(
            "see that `aws sts get-caller-identity --profile {profile}` works; `aws sso login --profile {profile}` renews a \
             session of SSO"
        ),
        _ => "see that `aws sts get-caller-identity` works in the same environment".to_owned(),
    };
    Some(LiveError::new(message, help))
}

fn not_assumed(way: &Way, refused: &AssumeRoleError) -> LiveError {
    let code = refused.code().unwrap_or("no code");
    let told = clean(refused.message().unwrap_or("AWS does not say why"));
    match way {
        Way::Role { arn, by } => LiveError::new(
            format!("the role `{arn}` cannot be assumed: {told} ({code})"),
            format!(
                "its trust policy must let `{by}` in, with the `external-id` that it demands, and the policies of that one must \
                 allow `sts:AssumeRole` on it"
            ),
        ),
        // The SDK assumes the role that a profile names.
        _ => LiveError::new(
            format!("{way} cannot be loaded, because its role cannot be assumed: {told} ({code})"),
            "correct `role_arn`, `external_id` or `source_profile` of the profile, or the role's trust policy",
        ),
    }
}

/// Why AWS does not tell who calls.
pub(super) fn not_identified<E>(
    way: &Way,
    region: &str,
    endpoint: Option<&str>,
    error: &SdkError<E, HttpResponse>,
) -> LiveError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if let Some(error) = not_loaded(way, error) {
        return error;
    }
    let code = error.code().unwrap_or_default();
    let told = told(error);
    if EXPIRED.contains(&code) {
        return expired(way, "", &told, code);
    }
    if UNKNOWN.contains(&code) {
        return LiveError::new(
            format!("AWS does not know {way}: {told} ({code})"),
            format!(
                "correct or renew them; AWS says so as well where the Region `{region}` is not enabled for the account"
            ),
        );
    }
    if SIGNATURE.contains(&code) {
        return LiveError::new(
            format!("AWS does not accept what is signed with {way}: {told} ({code})"),
            "see that the secret access key is the one of the access key, whole, and that this machine's clock is right",
        );
    }
    let place = match endpoint {
        Some(url) => format!("`{url}`"),
        None => format!("AWS STS in the Region `{region}`"),
    };
    let causes: Vec<String> = causes(error).map(ToString::to_string).collect();
    let said = |part: &str| causes.iter().any(|cause| cause.contains(part));
    if said("must be a valid host label") {
        return LiveError::new(
            format!("`{region}` is no Region"),
            "correct `--region`, `AWS_REGION`, or the profile's `region`",
        );
    }
    if said("must contain scheme") {
        return LiveError::new(
            format!("{place} is no URL"),
            "correct `AWS_ENDPOINT_URL`: it begins with `http://` or `https://`",
        );
    }
    if said("dns error") {
        let help = match endpoint {
            Some(_) => "correct `--endpoint-url`, or `AWS_ENDPOINT_URL`".to_owned(),
            None => format!(
                "see that there is a Region `{region}`, and that this machine reaches the internet"
            ),
        };
        return LiveError::new(
            format!("the name of {place} cannot be resolved: {told}"),
            help,
        );
    }
    match error {
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => LiveError::new(
            format!("{place} cannot be reached: {told}"),
            match endpoint {
                Some(_) => {
                    "see that something listens there, or correct `--endpoint-url` or `AWS_ENDPOINT_URL`"
                }
                None => "see that this machine reaches the internet; `HTTPS_PROXY` names a proxy",
            },
        ),
        _ => {
            let code = match (code, error.raw_response()) {
                ("", Some(answer)) => format!(" (HTTP {})", answer.status().as_u16()),
                ("", None) => String::new(),
                (code, _) => format!(" ({code})"),
            };
            LiveError::new(
                format!("{place} does not tell who calls: {told}{code}"),
                "see that `aws sts get-caller-identity` works with the same profile and environment",
            )
        }
    }
}

/// What an error says, for people.
pub(super) fn told<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let code = error.code().unwrap_or_default();
    if let Some(message) = error.message().filter(|message| !message.is_empty()) {
        // Behind its first sentence AWS quotes the signed headers, the session token among them.
        let first = message
            .split(". ")
            .next()
            .filter(|_| SIGNATURE.contains(&code));
        return clean(first.unwrap_or(message));
    }
    match error {
        SdkError::ServiceError(_) if !code.is_empty() => "AWS does not say why".to_owned(),
        SdkError::ServiceError(_) | SdkError::ResponseError(_) => {
            "the answer is none that AWS gives".to_owned()
        }
        _ => root(error),
    }
}

/// The innermost cause of an error.
pub(super) fn root(error: &(dyn Error + 'static)) -> String {
    let last = causes(error).last().map(ToString::to_string);
    let last = last.unwrap_or_default();
    // The standard library puts the number of an error behind what it says.
    let said = last.split_once(" (os error ").map(|(said, _)| said);
    clean(said.unwrap_or(&last))
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'e (dyn Error + 'static)| {
        (*cause).source()
    })
}

/// A text on one line, without what could be a key or a token.
pub(super) fn clean(text: &str) -> String {
    let words = text.split_whitespace().map(|word| match is_secret(word) {
        true => "****",
        false => word,
    });
    let words: Vec<&str> = words.collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

/// Access key ids, and what is as long and as mixed as secret keys and session tokens are.
fn is_secret(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '+' | '=');
    let id = ["AKIA", "ASIA"].iter().any(|begin| word.starts_with(begin))
        && word.len() >= 16
        && word.chars().all(|c| c.is_ascii_alphanumeric());
    let mixed = word.chars().any(|c| c.is_ascii_digit())
        && word.chars().any(|c| c.is_ascii_lowercase())
        && word.chars().any(|c| c.is_ascii_uppercase());
    id || word.len() >= 40 && mixed && word.chars().all(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_tokens_are_not_told() {
        // The examples of https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds.html
        assert_eq!(
            clean(
                "the key AKIAIOSFODNN7EXAMPLE,\n with `wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`."
            ),
            "the key **** with ****"
        );
        let told = "User: arn:aws:sts::111111111111:assumed-role/OrganizationAccountAccessRole2024/Session is not authorized";
        assert_eq!(clean(told), told);
    }
}
