//! What organizations impose on accounts.

use super::super::session::Sessions;
use crate::load::SnapshotFile;

/// Reads the policies above an account, root first.
pub(super) async fn policies(sessions: &Sessions, account: &str) -> Vec<SnapshotFile> {
    let _ = (sessions, account);
    Vec::new()
}
