//! Names of what is secret, as services and people write them.

/// What the name of a secret ends in, lower case without `_` and `-`: `OAuthToken`, `DbPassword`, `SecretString`.
const SECRETS: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "privatekey",
    "apikey",
    "apikeyvalue",
    "accesskey",
    "accountkey",
    "secretkey",
    "secretstring",
    "connectionstring",
];

/// Keys that hold a list of variables with `name` and `value`, or a map of them under `Variables`: `environment_variable` is
/// Terraform's, `env` that of a buildspec.
const ENVIRONMENTS: &[&str] = &[
    "environmentvariables",
    "environmentvariable",
    "environment",
    "env",
];

/// Types of build variables whose value only names where the secret is kept.
const REFERENCES: &[&str] = &["PARAMETER_STORE", "SECRETS_MANAGER"];

/// Whether a key, as [`normal`] gives it, is that of a secret.
pub(crate) fn is_secret(key: &str) -> bool {
    SECRETS.iter().any(|end| key.ends_with(end))
}

/// Whether a key, as [`normal`] gives it, is that of variables for a process.
pub(crate) fn is_environment(key: &str) -> bool {
    ENVIRONMENTS.contains(&key)
}

/// Whether a variable of this type only names where its value is kept.
pub(crate) fn refers(kind: &str) -> bool {
    REFERENCES.contains(&kind)
}

/// A key without what spelling varies in.
pub(crate) fn normal(key: &str) -> String {
    key.chars()
        .filter(|character| !matches!(character, '_' | '-'))
        .map(|character| character.to_ascii_lowercase())
        .collect()
}
