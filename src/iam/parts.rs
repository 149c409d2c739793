//! An ARN taken apart where it stands: decisions are made by the million, and an owned [`Arn`](crate::graph::Arn) is five texts.

/// The parts of `arn:partition:service:region:account:resource`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) partition: &'a str,
    pub(super) service: &'a str,
    pub(super) account: &'a str,
    pub(super) resource: &'a str,
}

impl<'a> Parts<'a> {
    /// As [`Arn::parse`](crate::graph::Arn::parse): `None` when a part is missing.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let (partition, service) = (parts.next()?, parts.next()?);
        let (_region, account) = (parts.next()?, parts.next()?);
        let resource = parts.next().filter(|resource| !resource.is_empty())?;
        Some(Self {
            partition,
            service,
            account,
            resource,
        })
    }

    /// The name behind the last slash.
    pub(super) fn name(&self) -> &'a str {
        self.resource.rsplit('/').next().unwrap_or(self.resource)
    }
}
