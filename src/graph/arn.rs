//! Amazon Resource Names.

use std::fmt;

/// An ARN in its six parts.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// `iam`, `s3`, `kms` …
    pub service: String,
    /// Region, empty for global services.
    pub region: String,
    /// Twelve digits, empty for S3 buckets, `aws` for AWS's own policies.
    pub account: String,
    /// All behind the fifth colon.
    pub resource: String,
}

impl Arn {
    /// Reads `arn:partition:service:region:account:resource`; `None` when a part is missing.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        let mut next = || parts.next().map(str::to_owned);
        let (partition, service, region, account) = (next()?, next()?, next()?, next()?);
        let resource = next().filter(|resource| !resource.is_empty())?;
        Some(Self {
            partition,
            service,
            region,
            account,
            resource,
        })
    }

    /// The name behind the last slash: of `role/service-role/Deploy` it is `Deploy`.
    pub fn name(&self) -> &str {
        self.resource.rsplit('/').next().unwrap_or(&self.resource)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            service,
            region,
            account,
            resource,
        } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}
