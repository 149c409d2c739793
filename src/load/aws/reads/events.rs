//! Event rules and buses.

use super::super::session::Session;
use crate::graph::Arn;
use crate::load::SnapshotFile;

/// Reads the rules of a Region that have a target, on whatever bus they listen.
pub(super) async fn rules(session: &Session, region: &str, target: &str) -> Vec<SnapshotFile> {
    let _ = (session, region, target);
    Vec::new()
}

/// Reads a bus.
pub(super) async fn bus(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let _ = (session, arn);
    Vec::new()
}
