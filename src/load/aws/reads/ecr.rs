//! Repositories.

use super::super::session::Session;
use crate::graph::Arn;
use crate::load::SnapshotFile;

/// Reads a repository.
pub(super) async fn repository(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let _ = (session, arn);
    Vec::new()
}
