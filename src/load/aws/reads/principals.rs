//! Users and groups, which matter where `--caller` names a user.

use super::super::session::Session;
use crate::load::SnapshotFile;

/// Reads a user with its policies and the names of its groups.
pub(super) async fn user(session: &Session, arn: &str) -> Vec<SnapshotFile> {
    let _ = (session, arn);
    Vec::new()
}

/// Reads a group with its policies.
pub(super) async fn group(session: &Session, name: &str) -> Vec<SnapshotFile> {
    let _ = (session, name);
    Vec::new()
}
