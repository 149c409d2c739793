//! Build projects.

use super::super::session::Session;
use crate::graph::Arn;
use crate::load::SnapshotFile;

/// Reads a project.
pub(super) async fn project(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let _ = (session, arn);
    Vec::new()
}
