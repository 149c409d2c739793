//! What the path of a snapshot's file says: account, Region, service and name, which responses leave out.

use std::path::Path;

/// A file's path, cut behind the last segment of twelve digits.
#[derive(Debug, Clone, Default)]
pub(super) struct Hint {
    /// The twelve digits.
    pub(super) account: Option<String>,
    /// The segments behind the account, the last one without its extension; empty without an account.
    pub(super) behind: Vec<String>,
    /// The file's name without its extension.
    pub(super) stem: String,
    /// Whether there is no file: a template declares it.
    pub(super) declared: bool,
}

/// Services that have a folder under a Region, whose name therefore tells that the folder above is one.
const REGIONAL: &[&str] = &[
    "cloudformation",
    "codebuild",
    "codedeploy",
    "codepipeline",
    "connections",
    "ecr",
    "ecs",
    "events",
    "kms",
    "lambda",
    "sns",
    "states",
];

impl Hint {
    /// Reads a path; one that has no account in it is tried as an absolute path, so that `check .` inside an
    /// account's folder works; folders above may have twelve digits for reasons of their own, so there the rest has to fit.
    pub(super) fn of(path: &Path) -> Self {
        let hint = Self::cut(path);
        if hint.account.is_some() {
            return hint;
        }
        match std::path::absolute(path).map(|absolute| Self::cut(&absolute)) {
            Ok(absolute) if absolute.fits() => absolute,
            _ => hint,
        }
    }

    fn fits(&self) -> bool {
        let first = self.behind.first().map(String::as_str);
        self.region().is_some()
            || matches!(
                first,
                Some("authorization-details" | "iam" | "organizations" | "s3")
            )
    }

    fn cut(path: &Path) -> Self {
        let mut segments: Vec<String> = path
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        let stem = segments
            .pop()
            .map(|file| without_extension(&file).to_owned())
            .unwrap_or_default();
        let account = segments.iter().rposition(|segment| is_account(segment));
        let mut behind = account.map_or_else(Vec::new, |at| segments.split_off(at));
        let account = (!behind.is_empty()).then(|| behind.remove(0));
        if account.is_some() {
            behind.push(stem.clone());
        }
        Self {
            account,
            behind,
            stem,
            declared: false,
        }
    }

    /// Of what a template declares: what a snapshot's path would say: `["eu-west-1", "codebuild", "build"]` in an account.
    pub(super) fn told(account: &str, behind: &[&str]) -> Self {
        Self {
            account: Some(account.to_owned()),
            behind: behind.iter().map(|&segment| segment.to_owned()).collect(),
            stem: behind.last().copied().unwrap_or_default().to_owned(),
            declared: true,
        }
    }

    /// The segments behind the account.
    pub(super) fn segments(&self) -> Vec<&str> {
        self.behind.iter().map(String::as_str).collect()
    }

    /// The Region's folder, where the service's folder follows.
    pub(super) fn region(&self) -> Option<&str> {
        match self.segments().as_slice() {
            [region, service, ..] if REGIONAL.contains(service) => Some(region),
            _ => None,
        }
    }

    /// The Region's folder of anything else than AWS's answers: `<account>/eu-west-1/tools.yaml`.
    pub(super) fn folder_of_region(&self) -> Option<&str> {
        match self.segments().as_slice() {
            [region, _, ..] if is_region(region) => Some(region),
            _ => None,
        }
    }

    /// The bucket, of `s3/<bucket>.json`.
    pub(super) fn bucket(&self) -> Option<&str> {
        match self.segments().as_slice() {
            ["s3", _] => Some(&self.stem),
            _ => None,
        }
    }

    /// The key id, of `<region>/kms/<key-id>.json`.
    pub(super) fn key(&self) -> Option<&str> {
        match self.segments().as_slice() {
            [_, "kms", _] => Some(&self.stem),
            _ => None,
        }
    }
}

/// Whether a text is an account number.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text has the form of a Region's name; which ones there are changes.
pub fn is_region(text: &str) -> bool {
    let letters =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.rsplit_once('-').is_some_and(|(place, number)| {
        digits(number) && place.contains('-') && place.split('-').all(letters)
    })
}

/// The partition a Region belongs to.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub(super) fn partition_of(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// Names of buckets and stacks may hold dots: only the endings of the formats are cut off.
fn without_extension(file: &str) -> &str {
    [".json", ".yaml", ".yml"]
        .iter()
        .find_map(|extension| file.strip_suffix(extension))
        .unwrap_or(file)
}
