//! Deployment groups.

use super::super::session::Session;
use crate::graph::Arn;
use crate::load::SnapshotFile;

/// Reads a deployment group with its application.
pub(super) async fn group(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let _ = (session, arn);
    Vec::new()
}
